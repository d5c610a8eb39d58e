from pathlib import Path

import cv2
import numpy as np
import pytest
from dicom_maker import forearm, ramp, raster_bytes

from rickets_rx.io.read import read_radiograph
from rickets_rx.radiograph import PolaritySource, Radiograph
from rickets_rx.vocabulary import SpacingSource


def read(data: bytes, folder: Path, name: str = "film.png") -> Radiograph:
    path = folder / name
    path.write_bytes(data)
    return read_radiograph(path, invert=False)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("TIFF", {"compression": "packbits"}),
    ],
)
def test_lossless_greys_come_through(tmp_path: Path, bits: int, kind: str, options: dict[str, str]) -> None:
    film = read(raster_bytes(ramp(bits), kind, **options), tmp_path)
    assert np.array_equal(film.pixels, ramp(bits))
    assert film.low_bits == (bits == 8)
    assert film.spacing.source is SpacingSource.NONE


def test_big_endian_tiff(tmp_path: Path) -> None:
    import tifffile

    path = tmp_path / "film.tif"
    tifffile.imwrite(path, ramp(16), byteorder=">")
    assert np.array_equal(read_radiograph(path, invert=False).pixels, ramp(16))


def test_float_tiff(tmp_path: Path) -> None:
    import tifffile

    path = tmp_path / "film.tif"
    tifffile.imwrite(path, ramp(12).astype(np.float32) / 4095)
    assert np.allclose(read_radiograph(path, invert=False).pixels, ramp(12) / 4095, atol=1e-7)


def test_jpeg_stays_close_and_says_it_is_lossy(tmp_path: Path) -> None:
    film = read(raster_bytes(ramp(8), "JPEG", quality=95), tmp_path, "film.jpg")
    assert np.abs(film.pixels - ramp(8)).max() <= 3
    assert film.notes == ("lossy compression: JPEG",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colour_is_weighed_by_luma(tmp_path: Path, dtype: type) -> None:
    top = np.iinfo(dtype).max
    blue_green_red = np.zeros((3, 30, 3), dtype)
    for row in range(3):
        blue_green_red[row, ::2, row] = top
    done, data = cv2.imencode(".png", blue_green_red)
    film = read(data.tobytes(), tmp_path)
    assert done
    # ITU-R BT.601: red 0.299, green 0.587, blue 0.114.
    assert film.pixels[:, 0] == pytest.approx(np.array([0.114, 0.587, 0.299]) * top, rel=1e-5)
    assert "colour turned to grey" in film.notes


def test_equal_channels_are_exactly_grey(tmp_path: Path) -> None:
    done, data = cv2.imencode(".png", np.dstack([ramp(16)] * 3))
    film = read(data.tobytes(), tmp_path)
    assert done
    assert np.array_equal(film.pixels, ramp(16))
    assert film.notes == ()


def test_palette(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.fromarray(np.arange(4, dtype=np.uint8).reshape(2, 2), "P")
    picture.putpalette([0, 0, 0, 50, 50, 50, 100, 100, 100, 200, 200, 200])
    picture.save(tmp_path / "film.png")
    assert np.array_equal(read_radiograph(tmp_path / "film.png", invert=False).pixels, [[0, 50], [100, 200]])


def test_opaque_alpha_changes_nothing(tmp_path: Path) -> None:
    grey = ramp(8)
    rgba = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    assert np.array_equal(read(raster_bytes(rgba, "PNG"), tmp_path).pixels, grey)


def test_transparency_is_filled_with_the_grey_beside_it(tmp_path: Path) -> None:
    grey, alpha = np.full((40, 40), 200, np.uint8), np.full((40, 40), 255, np.uint8)
    grey[:, 10:20] = 60
    alpha[:, :10] = 0
    grey[:, :10] = 255  # what stands under full transparency means nothing
    alpha[0, 20] = 51
    film = read(raster_bytes(np.dstack([grey, alpha]), "PNG"), tmp_path)
    # The rim of 2 pixels beside the transparent ones is 60, but for four corner pixels.
    assert (film.pixels[:, :10] == 60).all()
    assert np.array_equal(film.pixels[1:, 10:], grey[1:, 10:])
    assert film.pixels[0, 20] == pytest.approx(0.2 * 200 + 0.8 * 60)
    assert "transparent" in film.notes[0]


def test_dpi_and_orientation_are_noted_and_not_used(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[274] = 6  # turn by a quarter
    data = raster_bytes(ramp(8), "JPEG", dpi=(300, 300), exif=exif)
    film = read(data, tmp_path, "film.jpg")
    assert film.shape == ramp(8).shape
    assert film.spacing.mm is None
    assert any("dpi" in note for note in film.notes)
    assert any("orientation" in note for note in film.notes)


def test_orientation_of_a_tiff_is_not_applied(tmp_path: Path) -> None:
    film = read(raster_bytes(ramp(16), "TIFF", tiffinfo={274: 3}), tmp_path, "film.tif")
    assert np.array_equal(film.pixels, ramp(16))


def test_content_decides_and_a_wrong_extension_is_noted(tmp_path: Path) -> None:
    film = read(raster_bytes(ramp(16), "PNG"), tmp_path, "film.dcm")
    assert np.array_equal(film.pixels, ramp(16))
    assert film.notes == ("the name ends in .dcm but the content is PNG",)


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    import hashlib

    data = raster_bytes(ramp(8), "PNG")
    film = read(data, tmp_path)
    assert film.sha256 == hashlib.sha256(data).hexdigest()
    assert film.name == "film.png"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("inverted", [False, True])
def test_polarity_of_a_drawn_forearm(tmp_path: Path, dtype: type, inverted: bool) -> None:
    top = np.iinfo(dtype).max
    upright = (forearm().astype(np.uint32) * (top // 255)).astype(dtype)
    path = tmp_path / "film.png"
    path.write_bytes(raster_bytes(top - upright if inverted else upright, "PNG"))
    film = read_radiograph(path)
    assert np.array_equal(film.pixels, upright)
    assert film.polarity.inverted is inverted
    assert film.polarity.dense_bright is not inverted
    assert film.polarity.source is PolaritySource.PICTURE


def test_the_user_overrules_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(raster_bytes(forearm(), "PNG"))
    film = read_radiograph(path, invert=True)
    assert np.array_equal(film.pixels, 255 - forearm().astype(np.float32))
    assert film.polarity.source is PolaritySource.USER


def test_pixels_that_are_given_away_are_taken_and_others_are_copied() -> None:
    mine = np.ones((40, 50), np.float32)
    copied = Radiograph(mine, "0" * 64, "x")
    mine[0, 0] = 7
    assert copied.pixels[0, 0] == 1 and not copied.pixels.flags.writeable
    view = mine[:]
    view.setflags(write=False)
    assert not np.shares_memory(Radiograph(view, "0" * 64, "x").pixels, mine)
    mine.setflags(write=False)
    assert Radiograph(mine, "0" * 64, "x").pixels is mine
