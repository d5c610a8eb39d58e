"""Damaged files: whatever the damage, either a film comes out or an InputError, never anything else."""

from pathlib import Path

import numpy as np
import pytest
from dicom_maker import dataset, ramp, raster_bytes, save, transcode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rickets_rx.errors import InputError
from rickets_rx.io.read import read_radiograph

SYNTAXES = [
    "ImplicitVRLittleEndian",
    "ExplicitVRBigEndian",
    "DeflatedExplicitVRLittleEndian",
    "RLELossless",
    "JPEGLosslessProcess14_1",
    "JPEGLSLossless",
    "JPEG2000Lossless",
]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("films")
    plain = save(
        dataset(ramp(12), WindowCenter=2000, WindowWidth=500, PixelSpacing=[0.1, 0.1]), folder / "plain"
    )
    rasters = [raster_bytes(ramp(16), kind) for kind in ("PNG", "TIFF")]
    rasters += [raster_bytes(ramp(8), "JPEG"), raster_bytes(ramp(16), "TIFF", compression="tiff_lzw")]
    rasters += [raster_bytes(np.dstack([ramp(8)] * 4), "PNG")]
    coded = [transcode(plain, folder / syntax, syntax).read_bytes() for syntax in SYNTAXES]
    return [plain.read_bytes(), *coded, *rasters]


def outcome(data: bytes, folder: Path) -> bool:
    """True for a film, False for an InputError with all its parts; anything else gets through and fails."""
    path = folder / "film"
    path.write_bytes(data)
    try:
        film = read_radiograph(path)
    except InputError as error:
        assert error.file == "film"
        assert error.field and error.problem and error.mend
        return False
    assert np.isfinite(film.pixels).all()
    return True


# The same folder serves every example: each overwrites the one file in it.
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(which=st.integers(0, 12), keep=st.floats(0, 1, exclude_max=True))
def test_cut_short(films: list[bytes], tmp_path: Path, which: int, keep: float) -> None:
    data = films[which]
    outcome(data[: int(len(data) * keep)], tmp_path)


@quick
@given(
    which=st.integers(0, 12),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=12),
)
def test_flipped_bits(films: list[bytes], tmp_path: Path, which: int, flips: list[tuple[float, int]]) -> None:
    data = bytearray(films[which])
    for place, bit in flips:
        data[int(len(data) * place)] ^= 1 << bit
    outcome(bytes(data), tmp_path)


@quick
@given(
    which=st.integers(0, 12),
    place=st.floats(0, 1, exclude_max=True),
    word=st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]),
    header=st.booleans(),
)
def test_absurd_numbers(
    films: list[bytes], tmp_path: Path, which: int, place: float, word: bytes, header: bool
) -> None:
    data = bytearray(films[which])
    at = int(min(len(data), 700 if header else len(data)) * place)
    data[at : at + 4] = word
    outcome(bytes(data), tmp_path)


@quick
@given(
    data=st.binary(max_size=400),
    head=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"DICM"]),
)
def test_rubbish_behind_a_good_start(tmp_path: Path, data: bytes, head: bytes) -> None:
    prefix = bytes(128) + head if head == b"DICM" else head
    assert not outcome(prefix + data, tmp_path)


def test_undamaged_ones_are_read(films: list[bytes], tmp_path: Path) -> None:
    assert [outcome(data, tmp_path) for data in films] == [True] * 13
