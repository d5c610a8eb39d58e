"""A phantom as a DICOM CR film, marked SYNTHETIC wherever a reader looks."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.vocabulary import Joint

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

BITS = 12


def write_dicom(film: PhantomFilm, path: Path, *, monochrome1: bool = False) -> None:
    """Write one film as Computed Radiography Image Storage, 12 bit, uncompressed.

    Parameters
    ----------
    monochrome1 : bool
        Store it with low values white, as many plates are read.
    """
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

    roots = ["rickets-rx phantom", str(film.seed), path.stem]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[*roots, "instance"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID = generate_uid(entropy_srcs=[*roots, "study"])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=[*roots, "series"])
    ds.PatientName, ds.PatientID = "SYNTHETIC^PHANTOM", f"SYNTHETIC-{film.seed}"
    ds.PatientBirthDate = ds.PatientSex = ds.StudyDate = ds.StudyTime = ds.AccessionNumber = ""
    ds.PatientAge = (
        f"{int(film.age_years):03d}Y" if film.age_years >= 2 else f"{int(film.age_years * 12):03d}M"
    )
    ds.ReferringPhysicianName = ds.StudyID = ""
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "CR", 1, 1
    ds.SeriesDescription = "SYNTHETIC phantom, not a patient"
    ds.ImageComments = "SYNTHETIC phantom, not a patient"
    ds.ImageType = ["DERIVED", "SECONDARY", "SYNTHETIC"]
    ds.Manufacturer, ds.ManufacturerModelName = "rickets-rx", "SYNTHETIC phantom"
    ds.BurnedInAnnotation = "NO"
    joint = film.joints[0].joint if film.joints else None
    ds.BodyPartExamined = {Joint.WRIST: "WRIST", Joint.ELBOW: "ELBOW", None: ""}[joint]
    ds.ViewPosition = "AP" if joint is Joint.ELBOW else "PA"
    sides = {j.side.value[0].upper() for j in film.joints}
    ds.ImageLaterality = sides.pop() if len(sides) == 1 else "B" if sides else ""
    ds.ImagerPixelSpacing = [round(film.spacing_mm, 5)] * 2
    _pixels(ds, film, monochrome1)
    ds.save_as(path, enforce_file_format=True)


def _pixels(ds: "FileDataset", film: PhantomFilm, monochrome1: bool) -> None:
    grey = np.round(film.pixels * (2**BITS - 1)).astype("<u2")
    if monochrome1:
        grey = (2**BITS - 1) - grey
    ds.PhotometricInterpretation = "MONOCHROME1" if monochrome1 else "MONOCHROME2"
    ds.PresentationLUTShape = "INVERSE" if monochrome1 else "IDENTITY"
    ds.SamplesPerPixel, ds.PixelRepresentation = 1, 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, BITS, BITS - 1
    ds.Rows, ds.Columns = grey.shape
    ds.WindowCenter, ds.WindowWidth = 2 ** (BITS - 1), 2**BITS
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "US"
    ds.PixelData = grey.astype("<u2").tobytes()
