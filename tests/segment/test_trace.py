"""Tracing of drawn bones whose corners, margins and epiphyses are known, and of the real films."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_bone import DrawnBone, arc
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.margin import Margin, _met, _whole, guided
from rickets_rx.segment.metaphysis import Metaphysis, RefusedBone
from rickets_rx.segment.trace import _held, _settle, _with_rim, hidden_share, trace
from rickets_rx.segment.trace_outline import contrast_of
from rickets_rx.segment.trace_refusal import refusal_of
from rickets_rx.vocabulary import Bone, Flag, RefusalReason

NORMAL = DrawnBone(margin=arc(0.1), width=120.0, flare=0.25, collar=0.05, epiphysis=(0.07, 0.3, 0.8))
NORMAL_FILM = NORMAL.film()
CUPPED = DrawnBone(margin=arc(-0.12), width=120.0, flare=0.25)
CUPPED_FILM = CUPPED.film()


def place(drawn, turn=0.0, scale=1.0, shift=(0.0, 0.0), bone=Bone.RADIUS):
    """A candidate turned by degrees, scaled, and shifted by shares of the width."""
    frame = drawn.frame
    angle = np.deg2rad(turn)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = frame.origin + np.asarray(shift) * frame.width
    corners = [middle + scale * spin @ (np.asarray(c) - frame.origin) for c in (frame.corner1, frame.corner2)]
    return BoneCandidate(bone, tuple(corners[0]), tuple(corners[1]), (0.0, -1.0), 0.9)


def errors(drawn, found):
    """Distances of both corners from the truth, % of the width."""
    pairs = ((found.corner1, drawn.frame.corner1), (found.corner2, drawn.frame.corner2))
    return [100 * np.hypot(a[0] - b[0], a[1] - b[1]) / drawn.width for a, b in pairs]


@given(turn=st.floats(-5, 5), scale=st.floats(0.92, 1.08), x=st.floats(-0.05, 0.05), y=st.floats(-0.05, 0.05))
@settings(max_examples=25, deadline=None)
def test_corners_are_found_from_a_rough_place(turn, scale, x, y):
    found = trace(NORMAL_FILM, place(NORMAL, turn, scale, (x, y)))
    assert isinstance(found, Metaphysis)
    assert max(errors(NORMAL, found)) < 3.0


@pytest.mark.parametrize("whole", [True, False])
def test_a_corner_carried_far_is_held_only_where_the_margin_was_not_wholly_seen(whole):
    """Proposed 12 % of the width outside: a clean margin overrules the search, one with a hole does not."""
    pixels, start = NORMAL_FILM.pixels, place(NORMAL)
    away = tuple(float(a) for a in NORMAL.frame.to_pixels(-1.24, 0.0))
    candidate = replace(start, corner1=away)
    proposed = BoneFrame(candidate.corner1, candidate.corner2, candidate.distal)
    end, margin = _with_rim(pixels, _settle(pixels, candidate, proposed))
    assert margin.clean.all()
    clean = margin.clean.copy()
    clean[len(clean) // 2] = whole
    held, _ = _held(pixels, proposed, end, replace(margin, clean=clean))
    true = NORMAL.frame.corner1
    expected = true if whole else away
    assert np.hypot(*np.subtract(held.frame.corner1, expected)) < 0.03 * NORMAL.width
    assert np.hypot(*np.subtract(held.frame.corner2, NORMAL.frame.corner2)) < 0.03 * NORMAL.width


@pytest.mark.parametrize(("drawn", "film"), [(NORMAL, NORMAL_FILM), (CUPPED, CUPPED_FILM)])
def test_margin_is_the_fifty_percent_line(drawn, film):
    found = trace(film, place(drawn, 3.0, 1.05, (0.03, -0.03)))
    vu = drawn.frame.from_pixels(found.margin)
    inner = np.abs(vu[:, 0]) < 0.85
    assert np.abs(vu[inner, 1] - drawn.margin(vu[inner, 0] / 2)).max() < 0.02
    assert found.clean.all()
    assert np.array_equal(found.envelope, found.margin)


def test_the_whole_bone_is_read_behind_its_lucent_end():
    def lucent(depth):
        return np.where(depth < 0.12, 300.0, 1000.0)

    drawn = DrawnBone(density=lucent)
    v = np.array([-0.5, 0.0, 0.5])
    # Flesh 1000 and bone 1000; 3 widths behind the margin lies off the film.
    assert _whole(drawn.film().pixels, drawn.frame, v, np.zeros(3)) == pytest.approx(2000.0, abs=5)
    assert np.isnan(_whole(drawn.film().pixels, drawn.frame, v, np.full(3, -3.0))).all()


def test_edges_meet_the_course_half_way_and_keep_their_teeth():
    v = np.linspace(-0.95, 0.95, 381)
    teeth = 0.01 * np.sin(2 * np.pi * v / 2 / 0.02)
    clean = v < 0.9
    h = np.where(clean, teeth, 0.02)
    met = _met(v, h, np.full_like(v, 0.02), clean)
    middle = np.abs(v) < 0.05
    assert met[middle] == pytest.approx(teeth[middle] + 0.01, abs=3e-4)
    assert np.array_equal(met[~clean], h[~clean])
    # A course half a width away moves an edge no further than half of the widest spread, 0.03.
    far = _met(v, teeth, np.full_like(v, 0.5), np.ones(len(v), bool))
    assert far[middle] == pytest.approx(teeth[middle] + 0.015, abs=3e-4)


def test_cortices_are_the_edges_of_the_shaft():
    found = trace(NORMAL_FILM, place(NORMAL))
    for side, sign in ((found.shaft_left, -1), (found.shaft_right, 1)):
        vu = NORMAL.frame.from_pixels(side)
        behind = vu[:, 1] < -0.1
        truth = sign * NORMAL.half_width(vu[behind, 1])
        assert np.abs(vu[behind, 0] / 2 - truth).max() < 0.02
        assert vu[:, 1].min() < -0.95


def test_epiphysis_is_outlined_and_not_taken_for_the_margin():
    found = trace(NORMAL_FILM, place(NORMAL))
    truth = NORMAL.metaphysis().epiphysis
    masks = [
        cv2.fillPoly(np.zeros(NORMAL.shape, np.uint8), [np.round(p).astype(np.int32)], 1)
        for p in (truth, found.epiphysis)
    ]
    assert (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum() > 0.9


def test_an_end_without_epiphysis_says_so():
    found = trace(CUPPED_FILM, place(CUPPED))
    assert found.epiphysis is None
    assert found.epiphysis_reason == "epiphysis_not_ossified"
    assert Flag.NO_EPIPHYSIS in found.flags


def test_a_zone_that_stands_apart_is_the_margin():
    def line(depth):
        band = (depth < 0.06) | (depth > 0.16)
        return np.where(band, 1000.0, 250.0)

    drawn = DrawnBone(margin=arc(0.15), width=120.0, flare=0.25, density=line)
    found = trace(drawn.film(), place(drawn))
    assert Flag.DENSE_ZONE in found.flags
    assert found.epiphysis is None
    vu = found.frame.from_pixels(found.margin)
    middle = NORMAL.frame.from_pixels(found.margin[np.abs(vu[:, 0]) < 0.5])
    assert np.abs(middle[:, 1] - drawn.margin(middle[:, 0] / 2)).max() < 0.03


def margin_with(clean):
    """A straight margin of 21 points of which ``clean`` have an edge."""
    v = np.linspace(-1, 1, 21)
    flat = np.zeros(21)
    return Margin(v, flat, flat, np.asarray(clean), np.where(clean, 1.0, 0.0), True)


def box(frame, low, high):
    """An epiphysis over the corner1 half of a margin, from ``low`` to ``high`` MW beyond it."""
    return frame.to_pixels(np.array([-1.05, -1.05, 0.05, 0.05]), np.array([low, high, high, low]))


# The box covers 11 of 21 points; where every second one has an edge, 5 of those 11 have none.
@pytest.mark.parametrize(
    ("gap", "clean", "share"),
    [
        (0.02, [False] * 21, 11 / 21),
        (-0.02, [False] * 21, 11 / 21),
        (0.08, [False] * 21, 0.0),
        (0.02, [i % 2 == 0 for i in range(21)], 5 / 21),
        (0.02, [True] * 21, 0.0),
    ],
)
def test_margin_under_the_epiphysis_is_hidden(gap, clean, share):
    epiphysis = box(NORMAL.frame, gap, 0.4)
    assert hidden_share(NORMAL.frame, margin_with(clean), epiphysis) == pytest.approx(share)


def test_without_epiphysis_nothing_is_hidden():
    assert hidden_share(NORMAL.frame, margin_with([False] * 21), None) == 0.0


def without_edge(gap, thickness=0.3):
    """A bone that fades out over half its width, with or without an epiphysis ``gap`` beyond its end."""
    faded = DrawnBone(
        margin=arc(0.0),
        width=120.0,
        flare=0.25,
        density=lambda depth: 1000 * np.clip(depth / 0.8, 0, 1),
        epiphysis=None if gap is None else (gap, thickness, 1.0),
    )
    return trace(faded.film(), place(faded))


def test_a_margin_that_fades_without_an_epiphysis_at_it_is_dissolved():
    for found in (without_edge(None), without_edge(0.25)):
        assert isinstance(found, Metaphysis)
        assert Flag.MARGIN_DISSOLVED in found.flags
        assert Flag.LOW_CONFIDENCE not in found.flags


def test_tracing_twice_gives_the_same():
    first, second = (trace(NORMAL_FILM, place(NORMAL, 2.0)) for _ in range(2))
    for name in ("margin", "envelope", "shaft_left", "epiphysis"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


@pytest.mark.parametrize(("gain", "offset"), [(0.01, 0.0), (30.0, -20000.0)])
def test_exposure_does_not_move_the_trace(gain, offset):
    other = Radiograph(NORMAL_FILM.pixels * np.float32(gain) + np.float32(offset), "0" * 64, "other.png")
    moved, kept = trace(other, place(NORMAL, 3.0)), trace(NORMAL_FILM, place(NORMAL, 3.0))
    assert np.abs(moved.margin - kept.margin).max() < 0.05


def test_too_few_pixels_is_refused_with_its_corners():
    small = DrawnBone(width=20.0)
    found = trace(small.film(), place(small))
    assert isinstance(found, RefusedBone)
    assert found.refusal.reason is RefusalReason.TOO_FEW_PIXELS
    assert found.corner1 == pytest.approx(small.frame.corner1)


def test_a_bone_cut_by_the_film_is_refused():
    cut = DrawnBone(width=120.0, centre=(50.0, 180.0))
    found = trace(cut.film(), place(cut))
    assert isinstance(found, RefusedBone)
    assert found.refusal.reason is RefusalReason.CUT_OFF


def test_a_place_without_a_bone_is_refused():
    noise = np.random.default_rng(4).normal(1000, 50, NORMAL.shape).astype(np.float32)
    found = trace(Radiograph(noise, "0" * 64, "noise.png"), place(NORMAL))
    assert isinstance(found, RefusedBone)
    assert found.refusal.reason is RefusalReason.AMBIGUOUS


def test_a_bone_with_another_over_its_side_is_refused():
    # The neighbour is as dense as the bone and begins inside it.
    pixels = CUPPED_FILM.pixels.copy()
    pixels[:, 170:] = np.maximum(pixels[:, 170:], 2000)
    found = trace(Radiograph(pixels, "0" * 64, "overlapped.png"), place(CUPPED))
    assert isinstance(found, RefusedBone)
    assert found.refusal.reason is RefusalReason.OVERLAPPED


@pytest.mark.parametrize(
    ("share", "seen", "refused"), [(1.0, False, True), (1.0, True, False), (0.4, True, True)]
)
def test_a_hidden_side_is_made_up_for_by_sure_corners_and_a_margin_that_is_seen(share, seen, refused):
    pixels = CUPPED_FILM.pixels.copy()
    pixels[:, 170:] = np.maximum(pixels[:, 170:], 2000)
    film = Radiograph(pixels, "0" * 64, "overlapped.png")
    candidate = place(CUPPED)
    proposed = BoneFrame(candidate.corner1, candidate.corner2, candidate.distal)
    end = _settle(pixels, candidate, proposed)
    found = refusal_of(film, proposed, end, margin_with(np.linspace(0, 1, 21) <= share), seen=seen)
    assert (found is not None) is refused
    assert found is None or found.reason is RefusalReason.OVERLAPPED


def test_a_shaft_without_an_end_is_a_closed_physis():
    closed = DrawnBone(width=120.0, flare=0.25, margin=lambda x: np.full_like(x, 0.6))
    found = trace(closed.film(), place(closed))
    assert isinstance(found, RefusedBone)
    assert found.refusal.reason in (RefusalReason.CLOSED_PHYSIS, RefusalReason.AMBIGUOUS)


def test_one_point_is_no_bone():
    found = trace(NORMAL_FILM, BoneCandidate(Bone.ULNA, (9.0, 9.0), (9.0, 9.0), (0.0, -1.0), 0.5))
    assert isinstance(found, RefusedBone)
    assert found.refusal.reason is RefusalReason.AMBIGUOUS


def real_errors(shared, bone, names, keep):
    """Corner errors (%) before and after tracing from truth moved by seeded errors, over real films."""
    truth = json.loads((shared / "radiographs/landmarks.json").read_text())
    before, after, refused = [], [], 0
    for stem in sorted(k for k in truth if not k.startswith("_"))[::keep]:
        corners = [truth[stem].get(name) for name in names]
        if None in corners:
            continue
        path = next((shared / "radiographs").glob(f"*/{stem}.png"))
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32)
        film = Radiograph(pixels if pixels.ndim == 2 else pixels[..., :3].mean(axis=2), "0" * 64, stem)
        corners = np.asarray(corners, float)
        width = np.hypot(*(corners[1] - corners[0]))
        moved = corners + np.random.default_rng(sum(map(ord, stem))).normal(0, 0.04 * width, (2, 2))
        found = trace(film, BoneCandidate(bone, tuple(moved[0]), tuple(moved[1]), (0.0, -1.0), 0.9))
        if isinstance(found, RefusedBone):
            refused += 1
            continue
        got = np.array([found.corner1, found.corner2])
        before += list(100 * np.hypot(*(moved - corners).T) / width)
        after += list(100 * np.hypot(*(got - corners).T) / width)
    return np.array(before), np.array(after), refused


@pytest.mark.parametrize(
    ("bone", "names", "median"), [(Bone.RADIUS, ("ru", "rr"), 2.5), (Bone.ULNA, ("uu", "ur"), 3.5)]
)
def test_tracing_improves_rough_corners_on_real_films(shared, bone, names, median):
    before, after, refused = real_errors(shared, bone, names, keep=2)
    assert len(after) >= 40
    assert refused <= 1
    assert np.median(after) < min(median, np.median(before))


def test_a_hardly_seen_margin_lies_where_the_search_saw_it():
    v = np.linspace(-1, 1, 201)
    # The search saw the middle 0.05 MW distal of the chord; an epiphysis' edge was taken at 0.2 over a third
    # of the margin, and the margin's own, level with the parabola, near corner 1.
    expected = 0.05 * (1 - v**2)
    own, other = (v > -0.8) & (v < -0.6), (v > 0) & (v < 0.6)
    h = np.where(other, 0.2, np.where(own, expected, 0.12))
    margin = Margin(v, h, h + 0.1, own | other, np.ones(201), True)
    found = guided(margin, 0.05)
    assert found.clean.tolist() == own.tolist()
    assert found.h == pytest.approx(expected, abs=1e-9)
    assert found.outer[own] == pytest.approx(expected[own] + 0.1)
    assert found.outer[~own] == pytest.approx(expected[~own])


def test_an_edge_within_reach_of_the_search_is_kept_and_carries_its_surroundings():
    v = np.linspace(-1, 1, 201)
    own = np.abs(v) <= 0.2
    margin = Margin(v, np.where(own, 0.04, 0.3), np.full(201, 0.3), own, np.ones(201), True)
    found = guided(margin, 0.0)
    assert found.h[own] == pytest.approx(0.04)
    # 0.2 MW (0.4 half widths) beyond the edge's end a share 1 / e of its shift is left.
    assert found.h[160] == pytest.approx(0.04 / np.e, rel=1e-6)
    # A cup is proximal of what was expected however deep it is, and no other bone's.
    deep = Margin(v, np.where(own, -0.3, 0.0), np.zeros(201), own, np.ones(201), True)
    assert guided(deep, 0.0).clean.tolist() == own.tolist()


def test_a_white_border_beside_a_bone_is_no_part_of_its_contrast():
    # Profiles of a bone (3) that ends in flesh (2) half way; the border of the field (100) crosses a quarter.
    strip = np.tile(np.where(np.arange(40) < 20, 3.0, 2.0), (80, 1))
    assert contrast_of(strip, 1.75) == pytest.approx(1.0)
    strip[60:] = 100.0
    assert contrast_of(strip) == pytest.approx(98.0)
    assert contrast_of(strip, 1.75) == pytest.approx(1.75)
    assert contrast_of(strip, 1.0) == pytest.approx(1.0)
