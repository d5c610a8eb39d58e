"""Films of the kinds that a hospital archive holds, made from one phantom wrist, for `batch_cost.py`."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

#: Name, longer side in pixels, transfer syntax (None: PNG). A wrist of the phantom is about 3 : 2.
CLASSES: tuple[tuple[str, int, UID | None], ...] = (
    ("PNG 16 bit, 0.4 megapixels", 780, None),
    ("PNG 16 bit, 2 megapixels", 1740, None),
    ("DICOM uncompressed, 4 megapixels", 2460, ExplicitVRLittleEndian),
    ("DICOM RLE, 4 megapixels", 2460, RLELossless),
    ("DICOM JPEG-LS, 4 megapixels", 2460, JPEGLSLossless),
    ("DICOM JPEG 2000, 4 megapixels", 2460, JPEG2000Lossless),
    ("DICOM uncompressed, 10 megapixels", 3890, ExplicitVRLittleEndian),
    ("DICOM JPEG-LS, 10 megapixels", 3890, JPEGLSLossless),
    ("DICOM JPEG 2000, 10 megapixels", 3890, JPEG2000Lossless),
)


def make_classes(folder: Path, seed: int = 3) -> dict[str, Path]:
    """One film of each class; their noise is that of a detector, which decides how well they compress."""
    made = {}
    for name, size_px, syntax in CLASSES:
        path = folder / (name.replace(" ", "_").replace(",", "") + (".dcm" if syntax else ".png"))
        pixels = _pixels(seed, size_px)
        if syntax is None:
            cv2.imwrite(str(path), pixels << 4)
        else:
            _dicom(pixels, syntax).save_as(path, enforce_file_format=True)
        made[name] = path
    return made


def _pixels(seed: int, size_px: int) -> npt.NDArray[np.uint16]:
    """A wrist in 12 bits with Poisson noise of about 0.5 % in the middle of the range."""
    from rickets_rx.phantom.generate import wrist

    grey = wrist(seed, size_px=min(size_px, 1600)).pixels
    scale = size_px / max(grey.shape)
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    grey = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(seed).normal(0, 1, grey.shape) * np.sqrt(np.clip(grey, 0.05, 1)) * 0.007
    return np.clip(np.round((grey + noise) * 4095), 0, 4095).astype(np.uint16)


def _dicom(pixels: npt.NDArray[np.uint16], syntax: UID) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = ComputedRadiographyImageStorage, "1.2.3.4"
    dataset.Modality, dataset.PhotometricInterpretation = "CR", "MONOCHROME2"
    dataset.SamplesPerPixel, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 1, 16, 12, 11
    dataset.PixelRepresentation, (dataset.Rows, dataset.Columns) = 0, pixels.shape
    dataset.PatientID, dataset.StudyDate = "P", "20240301"
    dataset.PixelData = pixels.tobytes()
    if syntax != ExplicitVRLittleEndian:
        dataset.compress(syntax)
    return dataset
