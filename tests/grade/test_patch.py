"""The patch of a bone end: which way up it is, what it spans, what stands for the part off the film."""

import numpy as np
import pytest

from rickets_rx.grade.examples import KEPT_SIDE, ROOM, middle
from rickets_rx.grade.patch import (
    ACROSS,
    DISTAL,
    PROXIMAL,
    SHAFT_DISTAL,
    SHAFT_PROXIMAL,
    SHAFT_SIDES,
    SIDE,
    network_input,
    raw_patch,
    shaft_patch,
)
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame


def film(pixels: np.ndarray) -> Radiograph:
    return Radiograph(np.asarray(pixels, np.float32), "0" * 64, "film.png")


@pytest.mark.parametrize("corners", [((160.0, 200.0), (240.0, 200.0)), ((240.0, 200.0), (160.0, 200.0))])
def test_distal_is_up_and_corner1_left(corners: tuple[tuple[float, float], tuple[float, float]]) -> None:
    # Greys tell the place. MW is 80 px, distal is up on the film.
    y, x = np.mgrid[0:400, 0:400]
    frame = BoneFrame(*corners, (0.0, -1.0))
    columns, rows = raw_patch(film(x), frame), raw_patch(film(y), frame)
    assert rows.shape == (SIDE, SIDE)
    # Middles of the first and last cells: half a cell (1.2 and 1.6 MW over 96) inside the spans.
    assert rows[0, 50] == pytest.approx(200 - 80 * (DISTAL - 1.2 / 96 / 2), abs=1)
    assert rows[-1, 50] == pytest.approx(200 + 80 * (PROXIMAL - 1.2 / 96 / 2), abs=1)
    left = 200 + (corners[0][0] - 200) / 40 * 80 * (ACROSS / 2 - 1.6 / 96 / 2)
    assert columns[40, 0] == pytest.approx(left, abs=1)


def test_a_kept_patch_holds_the_patch_in_its_middle() -> None:
    rng = np.random.default_rng(0)
    noise = film(rng.normal(0, 1, (300, 300)))
    frame = BoneFrame((120.0, 160.0), (176.0, 150.0), (0.0, -1.0))
    kept = raw_patch(noise, frame, side=KEPT_SIDE, room=ROOM)
    assert middle(kept.astype(np.float16)) == pytest.approx(raw_patch(noise, frame), abs=2e-3)


def test_what_lies_off_the_film_is_dark_and_finite() -> None:
    y, _ = np.mgrid[0:100, 0:200]
    patch = raw_patch(film(y + 5.0), BoneFrame((60.0, 80.0), (140.0, 80.0), (0.0, -1.0)))
    assert np.isfinite(patch).all()
    # The shaft leaves the film 20 px behind the chord: those rows hold one low grey of the rest.
    assert len(np.unique(patch[-30:])) == 1
    assert patch[-1, 0] < np.median(patch[:40])


def test_the_network_sees_no_gain_and_no_offset() -> None:
    patch = np.random.default_rng(1).normal(0, 1, (SIDE, SIDE)).astype(np.float32)
    assert network_input(3 * patch + 7) == pytest.approx(network_input(patch), abs=1e-3)


def test_the_patch_with_the_shaft_spans_what_it_says() -> None:
    y, x = np.mgrid[0:500, 0:400]
    frame = BoneFrame((160.0, 200.0), (240.0, 200.0), (0.0, -1.0))
    rows, columns = shaft_patch(film(y), frame), shaft_patch(film(x), frame)
    assert rows.shape == SHAFT_SIDES
    # Cells of 2.4 / 96 = 1.6 / 64 = 0.025 widths, 2 px: middles half a cell inside the spans.
    assert rows[[0, -1], 30] == pytest.approx(
        [200 - 80 * SHAFT_DISTAL + 1, 200 + 80 * SHAFT_PROXIMAL - 1], abs=1
    )
    assert columns[40, [0, -1]] == pytest.approx(
        [200 - 80 * ACROSS / 2 + 1, 200 + 80 * ACROSS / 2 - 1], abs=1
    )
