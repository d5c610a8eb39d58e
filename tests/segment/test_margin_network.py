"""The picture, the answers and the use of the margin's network."""

import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.margin import Margin
from rickets_rx.segment.margin_crop import COLUMNS, DISTAL, PITCH, ROWS, places, seen
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace import face_of, trace
from rickets_rx.segment.trace_learned import Sight, _heights, _place, joined, look
from rickets_rx.vocabulary import Bone, Status

FRAME = BoneFrame((50.0, 80.0), (150.0, 80.0), (0.0, -1.0))
"""100 px wide, distal up."""


def test_the_picture_is_centred_on_the_chord_and_reaches_0_45_beyond_it():
    v, u = places(ROWS, COLUMNS, PITCH, DISTAL)
    assert v[0] == -v[-1] == -47.5 / 32
    assert u[0] == 0.45 - 1 / 128
    assert u[-1] == pytest.approx(0.45 - 1 + 1 / 128)


@pytest.mark.parametrize("width", [40.0, 100.0, 300.0])
def test_the_picture_shows_what_lies_at_its_places(width):
    """A film whose grey is 2 x + y: bilinear sampling and softening leave a plane as it is."""
    yy, xx = np.mgrid[:700, :800].astype(np.float32)
    frame = BoneFrame((400 - width / 2, 350.0), (400 + width / 2, 350.0), (0.0, -1.0))
    v, u = places(ROWS, COLUMNS, PITCH, DISTAL)
    expected = 2 * (400 + v[None, :] * width / 2) + 350 - u[:, None] * width
    assert np.abs(seen(2 * xx + yy, frame, v, u) - expected).max() < 0.02


def test_what_lies_off_the_film_is_as_dark_as_its_darkest_twentieth():
    film = np.tile(np.linspace(100, 200, 101, dtype=np.float32), (101, 1))
    picture = seen(film, FRAME, *places(ROWS, COLUMNS, PITCH, DISTAL))
    assert np.isfinite(picture).all()
    assert picture[0, -1] == pytest.approx(np.percentile(picture[:, :60], 5), abs=8)


def test_height_and_spread_of_a_column_are_those_of_its_distribution():
    rows = np.arange(ROWS)[:, None]
    at, sd = np.array([20.3, 41.8]), 1.1
    share = np.exp(-0.5 * ((rows - at) / sd) ** 2)
    height, spread = _heights(share / share.sum(0))
    assert height == pytest.approx(0.45 - (at + 0.5) / 64, abs=1e-4)
    assert spread == pytest.approx(np.full(2, sd / 64), rel=1e-3)


def test_an_answer_in_two_places_is_the_likelier_one_with_a_wide_spread():
    share = np.zeros((ROWS, 1))
    share[10], share[50] = 0.6, 0.4
    height, spread = _heights(share)
    assert height[0] == pytest.approx(0.45 - 10.5 / 64)
    assert spread[0] == pytest.approx(np.sqrt(0.4 * 40**2) / 64)


def test_a_corner_lies_at_the_middle_of_its_cell():
    share = np.zeros((32, 48))
    share[14, 8] = 0.9
    share[30, 40] = 0.1
    (v, u), certain = _place(share)
    # Cell 8 holds columns 16 and 17 of 96, cell 14 rows 28 and 29 of 64.
    assert v == pytest.approx(2 / 64 * (16.5 - 47.5))
    assert u == pytest.approx(0.45 - 29 / 64)
    assert certain == pytest.approx(0.9)


def sight(corner1=(50.0, 80.0), height=0.1, spread=0.015, certain=1.0, face=0.3, face_spread=0.02):
    """Said of a bone 100 px wide: an arc of this height over the chord, an epiphysis from ``face`` on."""
    v = np.linspace(-1.4, 1.4, 48)
    course = height * np.clip(1 - v**2, 0, None)
    corners = np.array([corner1, (150.0, 80.0)])
    told = np.full(48, face), np.zeros(48) + face_spread
    return Sight(FRAME, v, course, np.full(48, spread), *told, corners, np.full(2, certain))


@pytest.mark.parametrize(
    ("moved", "share"), [(2.0, 0.0), (3.5, 0.0), (4.5, 0.5), (5.5, 1.0), (12.0, 1.0)]
)  # fmt: skip
def test_a_traced_corner_of_a_convex_end_stands_unless_the_network_sees_it_elsewhere(moved, share):
    said = sight(corner1=(50.0 - moved, 80.0), height=0.3)
    corner1 = joined(FRAME, said, Bone.RADIUS).corner1
    assert corner1 == pytest.approx((50.0 - share * moved, 80.0))


# The seen corner lies 2 px out, so that the bone is 102 px wide and its central 80 % begin at x = 58.2, where
# an arc over x = 50 to 150 has 0.30 of its height: 0.059 and 0.010 widths. The cup is 0.049 deep.
@pytest.mark.parametrize(("height", "share"), [(0.2, 0.0), (0.034, 0.5), (-0.05, 1.0)])
def test_the_flatter_the_end_the_more_counts_the_corner_that_the_network_sees(height, share):
    said = sight(corner1=(48.0, 80.0), height=height)
    x, y = joined(FRAME, said, Bone.RADIUS).corner1
    assert y == 80.0
    assert (50 - x) / 2 == pytest.approx(share, abs=0.06)


def test_at_the_elbow_the_network_sets_the_corners():
    said = sight(corner1=(50.0, 78.0))
    assert joined(FRAME, said, Bone.HUMERUS).corner1 == (50.0, 78.0)


@pytest.mark.parametrize(
    ("certain", "spread", "sure"), [(1.0, 0.015, True), (0.4, 0.015, False), (1.0, 0.08, False)]
)
def test_the_network_is_not_believed_where_it_sees_several_margins(certain, spread, sure):
    assert sight(certain=certain, spread=spread).sure is sure


def test_the_near_face_is_given_where_it_is_sure_over_half_of_the_width():
    """Columns lie 2.8 / 47 half widths apart: 34 of them are within +-1; 17 on one side are half of 34."""
    v = np.linspace(-1.4, 1.4, 48)
    whole = sight().near_face()
    assert FRAME.from_pixels(whole)[:, 0] == pytest.approx(v[np.abs(v) < 1])
    assert FRAME.from_pixels(whole)[:, 1] == pytest.approx(0.3)
    half = sight(face_spread=np.where(v < 0.07, 0.02, 0.1)).near_face()
    assert FRAME.from_pixels(half)[:, 0].max() < 0.07
    assert sight(face_spread=np.where(v < -0.1, 0.02, 0.1)).near_face() is None


def test_no_face_is_believed_on_the_humerus_or_where_nothing_is():
    assert face_of(Bone.RADIUS, sight()) == pytest.approx(sight().near_face())
    assert face_of(Bone.HUMERUS, sight()) is None and face_of(Bone.RADIUS, None) is None


def box(low):
    """A closed outline from ``low`` to 0.5 widths over the middle of the chord."""
    return FRAME.to_pixels(np.array([-0.7, -0.7, 0.7, 0.7]), np.array([low, 0.5, 0.5, low]))


@pytest.mark.parametrize(
    ("low", "spread", "beyond"), [(0.1, 0.02, True), (0.25, 0.02, False), (0.1, 0.1, False)]
)
def test_an_island_that_begins_far_before_the_epiphysis_is_none_where_that_is_sure(low, spread, beyond):
    assert sight(face_spread=spread).begins_beyond(box(low)) is beyond


def test_of_two_margins_the_one_nearer_to_the_course_is_told():
    v = np.linspace(-1, 1, 21)
    low, high = (Margin(v, h, h, np.ones(21, bool), np.ones(21), True) for h in (0 * v, 0 * v + 0.3))
    assert sight().nearer(FRAME, low, high)
    assert not sight().nearer(FRAME, high, low)


@pytest.mark.parametrize("seed", [474_000_000, 474_000_001, 474_000_002])
def test_the_ends_of_severe_phantoms_are_found_where_they_are(seed):
    """Corners proposed 4 % of the width off; the outline alone loses the thin rims of such ends."""
    film = phantom.sample("wrist", seed, severity=(0.9, 1.0), size_px=(400, 500))
    radiograph, off = film.radiograph(), np.array([[0.03, -0.03], [-0.02, -0.03]])
    traced = 0
    for true in (b for joint in film.joints for b in joint.bones if b.status is Status.SCORED):
        corners = np.array([true.corner1, true.corner2])
        one, other = (tuple(map(float, c)) for c in corners + true.width * off)
        found = trace(radiograph, BoneCandidate(true.bone, one, other, true.distal, 1.0))
        if isinstance(found, Metaphysis):
            traced += 1
            apart = np.hypot(*(np.array([found.corner1, found.corner2]) - corners).T) / true.width
            assert apart.max() < 0.08
            # Single teeth of a frayed end are as high as 0.1 widths; its course is not that far off.
            assert np.median(np.abs(heights(true, found.margin) - heights(true, true.margin))) < 0.05
    assert traced


def test_tracing_by_edges_alone_never_asks_the_network(monkeypatch):
    """What the network is taught on real films must not be its own answer."""

    def asked(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("rickets_rx.segment.trace.look", asked)
    film = phantom.sample("wrist", 474_000_010, severity=(0.0, 0.0), rachitic=0.0, size_px=(500, 600))
    true = next(b for joint in film.joints for b in joint.bones if b.status is Status.SCORED)
    candidate = BoneCandidate(true.bone, true.corner1, true.corner2, true.distal, 1.0)
    with pytest.raises(AssertionError, match="was asked"):
        trace(film.radiograph(), candidate)
    found = trace(film.radiograph(), candidate, learned=False)
    assert isinstance(found, Metaphysis) and found.near_face is None


def heights(true, margin):
    """A margin over the true chord at 69 places of the central 85 % of the width."""
    vu = BoneFrame(true.corner1, true.corner2, true.distal).from_pixels(margin)
    order = np.argsort(vu[:, 0], kind="stable")
    return np.interp(np.linspace(-0.85, 0.85, 69), vu[order, 0], vu[order, 1])


def test_the_network_sees_the_margin_of_a_phantom_to_a_hundredth():
    film = phantom.sample("wrist", 474_000_010, severity=(0.0, 0.0), rachitic=0.0, size_px=(500, 600))
    true = next(b for joint in film.joints for b in joint.bones if b.status is Status.SCORED)
    frame = BoneFrame(true.corner1, true.corner2, true.distal)
    said = look(film.radiograph().pixels, frame)
    vu = frame.from_pixels(true.margin)
    order = np.argsort(vu[:, 0])
    inside = np.abs(said.v) < 0.85
    errors = said.margin[inside] - np.interp(said.v[inside], vu[order, 0], vu[order, 1])
    assert np.median(np.abs(errors)) < 0.01
    assert np.abs(frame.from_pixels(said.corners) - [[-1, 0], [1, 0]]).max() < 0.08
