"""Small DICOM and raster films for the tests, synthesised, never stored."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CR = "1.2.840.10008.5.1.4.1.1.1"
DX = "1.2.840.10008.5.1.4.1.1.1.1"
SC = "1.2.840.10008.5.1.4.1.1.7"


def ramp(bits: int = 12, shape: tuple[int, int] = (40, 32)) -> np.ndarray:
    """A smooth picture that uses most of the range, uint8 or uint16."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    values = (0.5 + 0.3 * np.sin(y / 9) + 0.15 * np.cos(x / 7)) * (2**bits - 1)
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def dataset(pixels: np.ndarray, *, bits: int = 12, sop_class: str = CR, **attributes: Any) -> Dataset:
    """A computed radiograph in explicit little endian; ``None`` takes an attribute out again."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = sop_class
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["test"])
    ds.Modality = "CR"
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.SamplesPerPixel = 1 if pixels.ndim == 2 else pixels.shape[2]
    ds.PhotometricInterpretation = "MONOCHROME2"
    if pixels.ndim == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = pixels.dtype.itemsize * 8, bits, bits - 1
    ds.PixelRepresentation = int(np.issubdtype(pixels.dtype, np.signedinteger))
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def save(ds: Dataset, path: Path) -> Path:
    """Write a data set as a DICOM Part 10 file."""
    ds.save_as(path, enforce_file_format=True)
    return path


def transcode(source: Path, target: Path, syntax: str) -> Path:
    """Write a film again in a transfer syntax that GDCM encodes, by the name of its constant."""
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(target))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return target


def raster_bytes(pixels: np.ndarray, kind: str, **options: Any) -> bytes:
    """A picture encoded by Pillow."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def forearm(shape: tuple[int, int] = (360, 240), *, seed: int = 0) -> np.ndarray:
    """Two bright bones in softer tissue that widens downwards, on a dark field without grain, uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]

    def rod(centre: np.ndarray, half_width: np.ndarray) -> np.ndarray:
        return np.sqrt(np.clip(1 - ((x - centre) / half_width) ** 2, 0, None))

    tissue = rod(0.5 + 0.05 * y, 0.22 + 0.1 * y)
    bones = rod(0.4 + 0.02 * y, 0.07 - 0.02 * y) + rod(0.6 + 0.08 * y, 0.06 - 0.01 * y)
    grain = 1 + 0.05 * rng.normal(size=shape)
    return np.clip(15 + 90 * tissue * grain + 110 * bones * grain, 0, 255).astype(np.uint8)
