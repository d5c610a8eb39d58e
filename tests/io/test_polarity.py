"""Polarity told from the picture, on every real film at hand and its negative."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from dicom_maker import forearm
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.io.polarity import bone_is_bright
from rickets_rx.io.read import read_radiograph


def test_every_real_raster_film_and_its_negative(shared: Path) -> None:
    """All raster films there show bone bright; framed, infant, lateral and cast ones among them."""
    films = sorted((shared / "radiographs").glob("*/*.png"))
    assert len(films) == 164
    wrong = []
    for path in films:
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        grey = pixels.astype(np.float32)
        top = float(np.iinfo(pixels.dtype).max)
        votes = bone_is_bright(grey), bone_is_bright(top - grey)
        if not (votes[0].sure and votes[0].evidence > 0 and votes[1].sure and votes[1].evidence < 0):
            wrong.append((path.name, votes))
    assert wrong == []


def test_it_agrees_with_the_header_of_a_real_dicom_film(shared: Path) -> None:
    film = read_radiograph(shared / "radiographs" / "dicom" / "ankle_rle.dcm")
    assert bone_is_bright(film.pixels).evidence > 0
    assert bone_is_bright(1023 - film.pixels).evidence < 0


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    gain=st.floats(0.2, 50),
    offset=st.floats(-1000, 1000),
    quarter=st.integers(0, 3),
    frame=st.sampled_from([None, 0.0, 255.0]),
)
def test_gain_offset_turns_and_frames_do_not_matter(
    seed: int, gain: float, offset: float, quarter: int, frame: float | None
) -> None:
    film = forearm(seed=seed).astype(np.float32)
    if frame is not None:
        film = np.pad(film, 40, constant_values=frame)
    film = np.ascontiguousarray(np.rot90(film, quarter)) * np.float32(gain) + np.float32(offset)
    assert bone_is_bright(film).evidence > 0
    assert bone_is_bright(-film).evidence == pytest.approx(-bone_is_bright(film).evidence, abs=0.02)
    assert bone_is_bright(-film).evidence < 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (40, 4000), (400, 400)])
def test_nothing_to_see_is_unsure(shape: tuple[int, int]) -> None:
    vote = bone_is_bright(np.zeros(shape, np.float32))
    assert (vote.evidence, vote.sure) == (0.0, False)


def test_an_unsure_film_is_taken_as_bright_and_says_so(tmp_path: Path) -> None:
    tiny = np.arange(64, dtype=np.uint8).reshape(8, 8)
    cv2.imwrite(str(tmp_path / "film.png"), tiny)
    film = read_radiograph(tmp_path / "film.png")
    assert np.array_equal(film.pixels, tiny)
    assert film.notes == ("polarity unclear from the picture: bright bone assumed",)
