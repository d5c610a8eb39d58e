"""Inputs made to break a reader, each with the words that its refusal must hold (None: it must be read)."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

NOISE = np.random.default_rng(11).integers(200, 60_000, (70, 90), dtype=np.uint16)


def encoded(suffix: str, pixels: np.ndarray = NOISE) -> bytes:
    done, data = cv2.imencode(suffix, pixels if suffix != ".jpg" else (pixels >> 8).astype(np.uint8))
    assert done
    return data.tobytes()


def dicom(**changes: object) -> Dataset:
    """A small computed radiograph; changes are set without validation."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = ComputedRadiographyImageStorage, "1.2.3"
    dataset.Modality, dataset.PhotometricInterpretation = "CR", "MONOCHROME2"
    dataset.SamplesPerPixel, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 1, 16, 16, 15
    dataset.PixelRepresentation, (dataset.Rows, dataset.Columns) = 0, NOISE.shape
    dataset.PixelData = NOISE.tobytes()
    with pydicom.config.disable_value_validation():
        for keyword, value in changes.items():
            setattr(dataset, keyword, value)
    return dataset


def dicom_bytes(dataset: Dataset) -> bytes:
    stream = pydicom.filebase.DicomBytesIO()
    with pydicom.config.disable_value_validation():
        pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return bytes(stream.getvalue())


def compressed(syntax: str) -> bytes:
    dataset = dicom()
    dataset.compress(syntax)
    return dicom_bytes(dataset)


def flipped(data: bytes, start: float = 0.3) -> bytes:
    """Every 37th byte from ``start`` on turned over."""
    broken = bytearray(data)
    for i in range(int(len(data) * start), len(data), 37):
        broken[i] ^= 0xFF
    return bytes(broken)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, body: bytes, *extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def zeros_deflated(megabytes: int, wbits: int) -> bytes:
    """A deflate stream of many zeros: blocks after a full flush stand alone and can be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = packer.compress(bytes(16_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (megabytes // 16) + packer.flush()


def deflated_bomb() -> bytes:
    dataset = dicom()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    whole = dicom_bytes(dataset)
    small = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = len(whole) - len(_deflated_body(whole))
    return whole[:end] + small.compress(b"") + zeros_deflated(1600, -15)


def _deflated_body(whole: bytes) -> bytes:
    length = struct.unpack("<I", whole[140:144])[0]
    return whole[144 + length :]


def nested(depth: int) -> bytes:
    """Sequences of undefined length in sequences, deeper than any parser likes to call itself."""
    whole = dicom_bytes(dicom())
    where = whole.index(b"\xe0\x7f\x10\x00")
    endless = b"\xff\xff\xff\xff"
    opening = b"\x40\x00\x75\x02SQ\0\0" + endless + b"\xfe\xff\x00\xe0" + endless
    closing = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return whole[:where] + opening * depth + closing * depth + whole[where:]


def claimed_length() -> bytes:
    """A text element that claims to be four gigabytes long."""
    head = dicom_bytes(dicom(PatientComments="X" * 8))
    where = head.index(b"LT", 132)
    return head[: where + 2] + b"\xff\xfe" + head[where + 4 :]


def tiff_float(value: float) -> bytes:
    pixels = NOISE.astype(np.float32)
    pixels[3, 4] = value
    return encoded(".tiff", pixels)


def tiff_endless() -> bytes:
    """A TIFF whose directory points to itself."""
    entry = struct.pack("<HHII", 256, 3, 1, 90)
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


def enormous_jpeg() -> bytes:
    """A JPEG whose frame header says 30 000 x 30 000."""
    data = bytearray(encoded(".jpg"))
    size = data.index(b"\xff\xc0") + 5
    data[size : size + 4] = struct.pack(">HH", 30_000, 30_000)
    return bytes(data)


def enormous_tiff() -> bytes:
    """A TIFF whose directory says 30 000 x 30 000 (tags 256 and 257)."""
    data = bytearray(encoded(".tiff"))
    directory = struct.unpack_from("<I", data, 4)[0]
    for i in range(struct.unpack_from("<H", data, directory)[0]):
        entry = directory + 2 + 12 * i
        if struct.unpack_from("<H", data, entry)[0] in (256, 257):
            struct.pack_into("<HII", data, entry + 2, 4, 1, 30_000)
    return bytes(data)


def broken(make: Callable[[], bytes]) -> dict[str, bytes]:
    data = make()
    return {
        "cut_early": data[:40],
        "cut_in_half": data[: len(data) // 2],
        "cut_late": data[:-7],
        "flipped": flipped(data),
        "flipped_from_the_start": flipped(data, 0.01),
    }


FORMATS: dict[str, Callable[[], bytes]] = {
    "png": lambda: encoded(".png"),
    "tiff": lambda: encoded(".tiff"),
    "jpg": lambda: encoded(".jpg"),
    "dcm": lambda: dicom_bytes(dicom()),
    "rle.dcm": lambda: compressed(RLELossless),
    "jls.dcm": lambda: compressed(JPEGLSLossless),
    "j2k.dcm": lambda: compressed(JPEG2000Lossless),
}

#: Each made file, and words of its refusal.
MADE: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "empty.png": (lambda: b"", "is empty"),
    "zip.png": (lambda: b"PK\x03\x04" + bytes(500), "ZIP archive"),
    "text.dcm": (lambda: b"this is no film at all\n" * 20, "not a format that is read"),
    "constant.png": (lambda: encoded(".png", np.full((50, 60), 7, np.uint8)), "every pixel is equal"),
    "one_pixel.png": (lambda: encoded(".png", np.full((1, 1), 7, np.uint8)), "every pixel is equal"),
    "two_pixels.png": (lambda: encoded(".png", np.array([[7, 9]], np.uint8)), None),
    "nan.tiff": (lambda: tiff_float(np.nan), "not finite"),
    "infinite.tiff": (lambda: tiff_float(np.inf), "not finite"),
    "endless.tiff": (tiff_endless, "TIFF"),
    "enormous.png": (lambda: png(30_000, 30_000, zlib.compress(b"")), "larger than a radiograph"),
    "enormous.jpg": (enormous_jpeg, "larger than a radiograph"),
    "enormous.tiff": (enormous_tiff, "larger than a radiograph"),
    "wide.png": (lambda: png(2**31 - 1, 2, zlib.compress(b"")), "larger than a radiograph"),
    "bomb.png": (lambda: png(60, 50, zeros_deflated(1600, 15)), "every pixel is equal"),
    "text_bomb.png": (
        lambda: png(
            60, 50, zlib.compress(bytes(61 * 50)), chunk(b"zTXt", b"a\0\0" + zeros_deflated(1600, 15))
        ),
        "PNG",
    ),
    "bomb.dcm": (deflated_bomb, "unfolds beyond"),
    "enormous.dcm": (lambda: dicom_bytes(dicom(Rows=30_000, Columns=30_000)), "larger than a radiograph"),
    "no_rows.dcm": (lambda: dicom_bytes(dicom(Rows=0)), "Rows"),
    "more_pixels_than_bytes.dcm": (lambda: dicom_bytes(dicom(Rows=5000)), "PixelData"),
    "frames.dcm": (lambda: dicom_bytes(dicom(NumberOfFrames="99999")), "frames in one file"),
    "ct.dcm": (lambda: dicom_bytes(dicom(Modality="CT")), "no projection radiograph"),
    "odd_bits.dcm": (lambda: dicom_bytes(dicom(BitsStored=99)), "BitsStored"),
    "no_slope.dcm": (lambda: dicom_bytes(dicom(RescaleSlope="0", RescaleIntercept="0")), "RescaleSlope"),
    "nested.dcm": (lambda: nested(20), None),
    "nested_deep.dcm": (lambda: nested(400), ""),
    "nested_deeper.dcm": (lambda: nested(20_000), "DICOM"),
    "claimed_length.dcm": (claimed_length, ""),
    "huge_header.dcm": (lambda: dicom_bytes(dicom(PatientComments="X" * 20_000_000)), None),
    "really_a_png.dcm": (lambda: encoded(".png"), None),
    "really_a_dicom.jpg": (lambda: dicom_bytes(dicom()), None),
    "good.png": (lambda: encoded(".png", NOISE[::-1]), None),
}


def write_all(folder: Path) -> dict[str, str | None]:
    """Write every hostile file; returns the words expected of each (None: read, "": either)."""
    folder.mkdir(parents=True, exist_ok=True)
    expected: dict[str, str | None] = {}
    for name, (make, words) in MADE.items():
        (folder / name).write_bytes(make())
        expected[name] = words
    for suffix, whole in FORMATS.items():
        for how, data in broken(whole).items():
            (folder / f"{how}.{suffix}").write_bytes(data)
            expected[f"{how}.{suffix}"] = ""
    return expected
