"""Every kind of wrong film gives one clear error: which file, which field, what to do."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_maker import dataset, ramp, raster_bytes, save, transcode

from rickets_rx.errors import InputError
from rickets_rx.io.read import read_radiograph

Make = Callable[[Path], object]


def dicom(**attributes: object) -> Make:
    return lambda path: save(dataset(ramp(), **attributes), path)


def raw(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)


def png_header(columns: int, rows: int) -> bytes:
    """A PNG that claims a size and holds nothing of it."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", columns, rows, 16, 0, 0, 0, 0)
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + end


def cut_dicom(path: Path) -> None:
    save(dataset(ramp()), path)
    path.write_bytes(path.read_bytes()[:-500])


def cut_stream(path: Path) -> None:
    transcode(save(dataset(ramp()), path.with_name("plain")), path, "JPEGLSLossless")
    path.write_bytes(path.read_bytes()[:-900])


def lying_stream(path: Path) -> None:
    """A JPEG-LS stream of 30 000 x 30 000 in a film of 40 x 32."""
    transcode(save(dataset(ramp()), path.with_name("plain")), path, "JPEGLSLossless")
    size, lie = struct.pack(">HH", 40, 32), struct.pack(">HH", 30_000, 30_000)
    data = path.read_bytes()
    at = data.index(b"\xff\xf7")
    assert data[at + 5 : at + 9] == size
    path.write_bytes(data[: at + 5] + lie + data[at + 9 :])


def deflate_bomb(path: Path) -> None:
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    ds = dataset(ramp())
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    save(ds, path)
    data = path.read_bytes()
    end = 132 + 12 + struct.unpack("<I", data[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    path.write_bytes(
        data[:end] + b"".join(packer.compress(bytes(10_000_000)) for _ in range(5)) + packer.flush()
    )


def unknown_syntax(path: Path) -> None:
    save(dataset(ramp()), path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.9.9.9\0"))


def two_pages(path: Path) -> None:
    from PIL import Image

    page = Image.fromarray(ramp(8))
    page.save(path, "TIFF", save_all=True, append_images=[page])


def float_tiff(path: Path) -> None:
    import tifffile

    pixels = ramp(12).astype(np.float32)
    pixels[3, 3] = np.nan
    tifffile.imwrite(path, pixels)


def bilevel(path: Path) -> None:
    from PIL import Image

    Image.fromarray(ramp(8)).convert("1").save(path, "PNG")


ROWS = "Rows (0028,0010)"
PIXELS = "PixelData (7FE0,0010)"

WRONG: dict[str, tuple[Make, str, str]] = {
    "empty": (raw(b""), "file", "is empty"),
    "text": (raw(b"hello"), "file", "not a format that is read"),
    "zip": (raw(b"PK\x03\x04" + bytes(50)), "file", "ZIP"),
    "gzip": (raw(b"\x1f\x8b" + bytes(50)), "file", "gzip"),
    "pdf": (raw(b"%PDF-1.4"), "file", "PDF"),
    "bmp": (lambda path: path.write_bytes(raster_bytes(ramp(8), "BMP")), "file", "BMP"),
    "headerless dicom": (raw(b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100"), "file", "without file header"),
    "folder": (lambda path: path.mkdir(), "file", "is a folder"),
    "absent": (lambda path: None, "file", "does not exist"),
    "only dicom magic": (raw(bytes(128) + b"DICM"), "TransferSyntaxUID (0002,0010)", "is missing"),
    "ct": (dicom(Modality="CT"), "Modality (0008,0060)", "CT is no projection radiograph"),
    "ultrasound": (dicom(Modality="US"), "Modality (0008,0060)", "US is no projection radiograph"),
    "strange modality": (dicom(Modality="JONES"), "Modality (0008,0060)", "this modality"),
    "no pixels": (dicom(PixelData=None), PIXELS, "is missing"),
    "multi-frame": (dicom(NumberOfFrames=3), "NumberOfFrames (0028,0008)", "3 frames"),
    "no rows": (dicom(Rows=None), ROWS, "is missing"),
    "zero rows": (dicom(Rows=0), ROWS, "0 rows"),
    "huge": (dicom(Rows=30000, Columns=30000), ROWS, "30000 x 30000"),
    "long": (dicom(Rows=65535, Columns=2), ROWS, "65535 x 2"),
    "32 bit": (dicom(BitsAllocated=32), "BitsAllocated (0028,0100)", "32 bits"),
    "1 bit": (dicom(BitsAllocated=1), "BitsAllocated (0028,0100)", "1 bits"),
    "bits stored": (dicom(BitsStored=17), "BitsStored (0028,0101)", "17 of 16"),
    "high bit": (dicom(HighBit=3), "HighBit (0028,0102)", "3 with 12"),
    "samples": (dicom(SamplesPerPixel=4), "SamplesPerPixel (0028,0002)", "4 values"),
    "no photometric": (
        dicom(PhotometricInterpretation=None),
        "PhotometricInterpretation (0028,0004)",
        "missing",
    ),
    "no representation": (dicom(PixelRepresentation=None), "PixelRepresentation (0028,0103)", "missing"),
    "oblong spacing": (dicom(PixelSpacing=[0.1, 0.2]), "PixelSpacing (0028,0030)", "not square"),
    "oblong detector": (dicom(ImagerPixelSpacing=[0.2, 0.1]), "ImagerPixelSpacing (0018,1164)", "not square"),
    "oblong aspect": (dicom(PixelAspectRatio=[2, 1]), "PixelAspectRatio (0028,0034)", "not square"),
    "slope 0": (dicom(RescaleSlope=0, RescaleIntercept=0), "RescaleSlope (0028,1053)", "is 0"),
    "constant dicom": (lambda p: save(dataset(np.full((9, 9), 7, np.uint16)), p), "pixels", "equal"),
    "cut dicom": (cut_dicom, PIXELS, ""),
    "cut stream": (cut_stream, "", ""),
    "lying stream": (lying_stream, PIXELS, "30000 x 30000"),
    "deflate bomb": (deflate_bomb, "TransferSyntaxUID (0002,0010)", "unfolds beyond"),
    "unknown syntax": (unknown_syntax, "TransferSyntaxUID (0002,0010)", "private or unknown"),
    "cut png": (raw(raster_bytes(ramp(16), "PNG")[:-200]), "PNG pixels", "cannot be decoded"),
    "cut jpeg": (raw(raster_bytes(ramp(8), "JPEG")[:-60]), "JPEG pixels", "cannot be decoded"),
    "cut tiff": (raw(raster_bytes(ramp(16), "TIFF")[:900]), "TIFF", ""),
    "huge png": (raw(png_header(30000, 30000)), "PNG size", "larger than a radiograph"),
    "large png": (raw(png_header(11000, 10000)), "PNG size", "11000"),
    "empty png": (raw(png_header(0, 10)), "PNG", ""),
    "no data in png": (raw(png_header(10, 10)), "PNG pixels", "cannot be decoded"),
    "png of wrong sum": (raw(raster_bytes(ramp(16), "PNG").replace(b"IDATx", b"IDATy")), "PNG", "cannot be"),
    "two pages": (two_pages, "TIFF pages", "2 pages"),
    "nan": (float_tiff, "pixels", "not finite"),
    "bilevel": (bilevel, "PNG bit depth", "black and white"),
    "constant png": (
        raw(raster_bytes(np.full((20, 20), 9, np.uint8), "PNG")),
        "pixels",
        "every pixel is equal",
    ),
    "one pixel": (raw(raster_bytes(np.full((1, 1), 9, np.uint8), "PNG")), "pixels", "every pixel is equal"),
}


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deflate limit, lowered so that the bomb of the test stays small."""
    monkeypatch.setattr("rickets_rx.io.dicom_file.MAX_FILE_BYTES", 20_000_000)


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_film_gives_one_clear_error(tmp_path: Path, case: str) -> None:
    make, field, problem = WRONG[case]
    path = tmp_path / "film.bin"
    make(path)
    with pytest.raises(InputError) as caught:
        read_radiograph(path, name="in/film.bin")
    error = caught.value
    assert error.file == "in/film.bin"
    assert field in error.field
    assert problem in error.problem
    assert error.field and error.problem and error.mend
    assert str(error).count("\n") == 0
    assert str(tmp_path) not in str(error)


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)
    with pytest.raises(InputError, match="2000 MB"):
        read_radiograph(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes on this machine")
    os.mkfifo(tmp_path / "film.png")
    with pytest.raises(InputError, match="no regular file"):
        read_radiograph(tmp_path / "film.png")


@pytest.mark.parametrize("spacing", [0.0, -1.0, 40.0, float("nan")])
def test_a_wrong_user_spacing(tmp_path: Path, spacing: float) -> None:
    path = save(dataset(ramp()), tmp_path / "film.dcm")
    with pytest.raises(InputError, match="spacing_mm"):
        read_radiograph(path, spacing_mm=spacing)


def test_the_huge_are_refused_before_any_pixel_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*args: object, **kwargs: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("cv2.imdecode", decode)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    monkeypatch.setattr("pydicom.pixels.get_decoder", decode)
    (tmp_path / "a.png").write_bytes(png_header(11_000, 10_000))
    save(dataset(ramp(), Rows=20_000, Columns=20_000), tmp_path / "b.dcm")
    for name in ("a.png", "b.dcm"):
        with pytest.raises(InputError, match="larger than a radiograph"):
            read_radiograph(tmp_path / name)


def test_an_error_of_a_decoder_is_not_quoted() -> None:
    from rickets_rx.io.boundary import decoding

    with pytest.raises(InputError) as caught, decoding("film", "PixelData", "mend"):
        raise ValueError("Jones^Mary")
    assert "Jones" not in f"{caught.value!s} {caught.value!r}"
    assert caught.value.__suppress_context__


def test_odd_lengths_of_binary_numbers_are_an_input_error(tmp_path: Path) -> None:
    """pydicom's BytesLengthException is no ValueError; found by fuzzing."""
    path = save(dataset(ramp()), tmp_path / "film.dcm")
    data = path.read_bytes()
    # Samples per pixel (0028,0002) US of 2 bytes becomes 3 bytes long.
    at = data.index(b"\x28\x00\x02\x00US\x02\x00")
    path.write_bytes(data[:at] + b"\x28\x00\x02\x00US\x03\x00\x01\x00\x00" + data[at + 10 :])
    with pytest.raises(InputError) as caught:
        read_radiograph(path)
    assert "SamplesPerPixel (0028,0002)" in caught.value.field


def test_a_defect_of_our_own_is_not_hidden() -> None:
    from rickets_rx.io.boundary import decoding

    with pytest.raises(KeyboardInterrupt), decoding("film", "PixelData", "mend"):
        raise KeyboardInterrupt


def test_deep_nesting_is_an_input_error(tmp_path: Path) -> None:
    """Three thousand sequences inside each other, undefined length, written by hand (PS3.5 7.5)."""
    path = tmp_path / "film.dcm"
    ds = dataset(ramp())
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    head = buffer.getvalue()[: 132 + 12 + struct.unpack("<I", buffer.getvalue()[140:144])[0]]
    level = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path.write_bytes(head + level * 3000)
    with pytest.raises(InputError):
        read_radiograph(path)
