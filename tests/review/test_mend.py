"""Corrections: what is measured follows the corners and margins that a reader gives."""

import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_bone import DrawnBone, arc
from review.drawn_folder import place, wrist

from rickets_rx.errors import UsageError
from rickets_rx.radiograph import Radiograph
from rickets_rx.review import correct, mend
from rickets_rx.review.words import ReadStatus
from rickets_rx.score import score_bone
from rickets_rx.vocabulary import Bone, Flag, Side

CUP = -0.15  # sagitta of a/second.png, MW


def test_moved_corners_are_taken_exactly(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    before = mend.metaphysis_of(session, radius)
    corner1 = (before.corner1[0] - 6.0, before.corner1[1] + 2.0)
    mend.drag_corners(session, radius, corner1, before.corner2)
    after = mend.metaphysis_of(session, radius)
    assert after.corner1 == pytest.approx(corner1, abs=1e-3) and after.corner2 == before.corner2
    old, new = mend.side_by_side(session, radius)
    assert new["width_px"] == pytest.approx(np.hypot(206.0, 2.0), abs=1e-2) and old["width_px"] == 200.0
    session.grade(radius, new["grade"])
    assert session.status(radius) is ReadStatus.CORRECTED


def test_cupping_is_measured_between_the_reader_s_corners():
    """On a straight bone with a parabolic cup of 0.15 MW the chord, and with it the cup, is known by hand.

    Corners 0.2 half widths further in (x = 0.4 MW) lie deeper in the cup, at h = -0.15 (1 - 0.64) = -0.054,
    so that the cup over their chord is 0.096 MW, of a width of 0.8 MW: 0.12.
    """
    drawn = DrawnBone(margin=arc(CUP), blur=0.6)
    film, bone = drawn.film(), drawn.metaphysis()
    whole = score_bone(film, bone).features["cupping"].value
    corners = drawn.frame.to_pixels([-0.8, 0.8], [CUP * 0.36] * 2)
    moved = correct.move_corners(film, bone, tuple(corners[0]), tuple(corners[1]))
    cupping = score_bone(film, moved).features["cupping"].value
    # Waves shorter than 0.15 MW are smoothed away, which takes a little of both tips.
    assert whole == pytest.approx(0.15, abs=0.01) and cupping == pytest.approx(0.12, abs=0.01)


@pytest.mark.parametrize("sagitta", [-0.15, -0.05, 0.0, 0.1])
def test_drawn_margin_is_what_is_measured(sagitta):
    """A reader draws another margin than the film's: cupping is that of her line, -sagitta by construction.

    Of a convex line the least height within the central 80 % counts: sagitta x (1 - 0.64).
    """
    drawn = DrawnBone(margin=arc(0.02))
    film = drawn.film()
    x = np.linspace(-0.5, 0.5, 60)
    points = drawn.frame.to_pixels(2 * x, sagitta * (1 - 4 * x**2))
    bone = correct.draw_margin(film, drawn.metaphysis(), points[::-1])
    wanted = -sagitta if sagitta <= 0 else -sagitta * 0.36
    assert score_bone(film, bone).features["cupping"].value == pytest.approx(wanted, abs=0.01)


def test_brushed_mask_gives_the_border_of_the_paint(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    film = session.radiograph()
    frame = mend.metaphysis_of(session, radius).frame
    x = np.linspace(-0.5, 0.5, 80)
    top = frame.to_pixels(2 * x, -0.1 * (1 - 4 * x**2))
    bottom = frame.to_pixels([1.0, -1.0], [-0.6, -0.6])
    mask = np.zeros(film.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(np.vstack([top, bottom])).astype(np.int32)], 11)
    mend.brush_mask(session, radius, mask)
    assert session.film().row(radius)["cupping"] == pytest.approx(0.1, abs=0.012)


def test_a_drawn_part_replaces_its_part_of_the_margin_only():
    """A line at -0.2 over v from -0.3 to 0.3, drawn backwards on a level margin: 0.2 there, 0 elsewhere."""
    drawn = DrawnBone(margin=arc(0.0))
    before = drawn.metaphysis()
    v = np.linspace(0.3, -0.3, 40)
    bone = correct.draw_margin(drawn.film(), before, drawn.frame.to_pixels(v, np.full(40, -0.2)))
    line = drawn.frame.from_pixels(bone.margin)
    assert np.interp([-0.25, 0.0, 0.25], line[:, 0], line[:, 1]) == pytest.approx(-0.2, abs=1e-6)
    old = drawn.frame.from_pixels(before.margin)
    far = [-0.9, -0.6, -0.4, 0.4, 0.6, 0.9]
    assert np.interp(far, line[:, 0], line[:, 1]) == pytest.approx(
        np.interp(far, old[:, 0], old[:, 1]), abs=1e-3
    )
    with pytest.raises(UsageError, match="at least a sixth"):
        correct.draw_margin(drawn.film(), before, drawn.frame.to_pixels([-0.1, 0.1], [-0.2, -0.2]))


def test_drawn_margin_survives_a_later_corner(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    frame = mend.metaphysis_of(session, radius).frame
    x = np.linspace(-0.5, 0.5, 60)
    mend.redraw_margin(session, radius, frame.to_pixels(2 * x, -0.2 * (1 - 4 * x**2)))
    corner1 = frame.to_pixels(-1.04, 0.0)
    mend.drag_corners(session, radius, tuple(corner1), frame.corner2)
    assert session.film().row(radius)["cupping"] == pytest.approx(0.2, abs=0.015)


def test_neighbour_keeps_its_row_to_the_digit(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    ulna = place(source, "a/first.png", Bone.ULNA)
    before = session.film().row(ulna)
    bone = mend.metaphysis_of(session, radius)
    mend.drag_corners(session, radius, (bone.corner1[0] - 3, bone.corner1[1]), bone.corner2)
    after = session.film().row(ulna)
    if after["grade"] == before["grade"]:
        assert after == before
    assert session.film().corrected >= {(1, "radius")}


def test_refused_bone_is_added_by_its_corners(sit, source):
    session, ulna = sit(), place(source, "b/third.png", Bone.ULNA)
    with pytest.raises(UsageError, match="add it by its corners"):
        mend.metaphysis_of(session, ulna)
    truth = wrist(0.05)[1].frame
    corners = tuple(truth.corner1), tuple(truth.corner2)
    mend.add_bone(session, ulna, *corners, shaft=tuple(truth.to_pixels(0.0, -0.7)))
    row = session.film(ulna.image_sha256).row(ulna)
    assert row["status"] == "scored" and row["width_px"] == pytest.approx(120.0, abs=0.01)
    assert row["cupping"] == pytest.approx(-0.05 * 0.36, abs=0.02)
    session.undo()
    assert session.film(ulna.image_sha256).row(ulna)["status"] == "refused"


def test_exchanged_bones_swap_names_corners_and_nothing_else(sit, source):
    session = sit()
    radius, ulna = place(source, "a/first.png"), place(source, "a/first.png", Bone.ULNA)
    was = {at.bone: mend.metaphysis_of(session, at) for at in (radius, ulna)}
    mend.change_bone(session, radius, Bone.ULNA)
    now = {at.bone: mend.metaphysis_of(session, at) for at in (radius, ulna)}
    assert (
        now[Bone.ULNA].corner1 == was[Bone.RADIUS].corner2
        and now[Bone.RADIUS].corner2 == was[Bone.ULNA].corner1
    )
    assert [joint.instance.index for joint in session.film().score().joints] == [1]
    old, new = (mend.side_by_side(session, at)[i] for i, at in ((0, radius), (1, ulna)))
    assert new["cupping"] == pytest.approx(old["cupping"], abs=1e-4)
    with pytest.raises(UsageError, match="another bone of the wrist"):
        mend.change_bone(session, radius, Bone.HUMERUS)


def test_side_goes_into_every_row_of_the_joint(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    mend.change_side(session, radius, Side.RIGHT, "marker read on the film")
    assert {row["side"] for row in session.film().rows} == {"right"}
    mend.change_side(session, radius, None)
    assert {row["side"] for row in session.film().rows} == {None}


def test_removed_bone_needs_a_reason(sit, source):
    session, ulna = sit(), place(source, "a/first.png", Bone.ULNA)
    with pytest.raises(UsageError, match="reason"):
        mend.remove_bone(session, ulna, "")
    mend.remove_bone(session, ulna, "a label, no bone")
    assert session.film().row(ulna) is None


def test_override_stands_on_top_of_what_is_measured(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    session.override(radius, 1.5, "frayed at full size")
    bone = mend.metaphysis_of(session, radius)
    mend.drag_corners(session, radius, (bone.corner1[0] - 2, bone.corner1[1]), bone.corner2)
    row = session.film().row(radius)
    assert (row["grade"], row["grade_low"], row["grade_high"]) == (1.5, 1.0, 2.0)
    session.undo()
    session.undo()
    assert session.film().row(radius) == source.film(radius.image_sha256).scores[0]


def test_blinded_reader_mends_nothing_before_reading(sit, source):
    session, radius = sit(blinded=True), place(source, "a/first.png")
    with pytest.raises(UsageError, match="hidden"):
        mend.drag_corners(session, radius, (50, 50), (90, 90))


@pytest.mark.parametrize(
    ("corner1", "corner2", "said"),
    [((-5, 100), (200, 100), "off the film"), ((100, 100), (110, 100), "less than 24 pixels")],
)
def test_impossible_corners_are_refused_in_words(sit, source, corner1, corner2, said):
    session, radius = sit(), place(source, "a/first.png")
    with pytest.raises(UsageError, match=said):
        mend.drag_corners(session, radius, corner1, corner2)
    with pytest.raises(UsageError, match="across the bone"):
        mend.redraw_margin(session, radius, [[100.0, 180.0], [120.0, 180.0]])
    assert session.film().corrected == frozenset()


def test_dissolved_margin_is_no_longer_so_once_a_reader_drew_it():
    drawn = DrawnBone(margin=arc(-0.1))
    bone = replace(drawn.metaphysis(), flags=(Flag.MARGIN_DISSOLVED,))
    assert Flag.MARGIN_DISSOLVED not in correct.draw_margin(drawn.film(), bone, bone.margin).flags


def test_dragging_follows_within_a_tenth_of_a_second_on_two_megapixels():
    drawn = DrawnBone(
        margin=arc(-0.1), width=140.0, flare=0.15, centre=(236.0, 236.0), shape=(474, 474), blur=0.7
    )
    large = cv2.resize(drawn.film().pixels, None, fx=3, fy=3)
    noise = np.random.default_rng(3).normal(0, 15, large.shape).astype(np.float32)
    film = Radiograph(large + noise, "0" * 64, "two megapixels")
    drawn = DrawnBone(margin=arc(-0.1), width=420.0, flare=0.15, centre=(709.0, 709.0))
    bone = drawn.metaphysis()
    times = []
    for step in range(5):
        began = time.process_time()
        moved = correct.move_corners(film, bone, (bone.corner1[0] - 4 - step, bone.corner1[1]), bone.corner2)
        score_bone(film, moved)
        times.append(time.process_time() - began)
    assert min(times) < 0.1, f"{sorted(round(1000 * t) for t in times)} ms of processor time"


@pytest.mark.parametrize("step", ["far corner", "added bone"])
def test_a_bone_traced_anew_follows_within_a_tenth_of_a_second_on_two_megapixels(step):
    """The longest ways: a corner moved by 0.3 MW, and a bone given by its corners alone."""
    drawn = DrawnBone(
        margin=arc(-0.1), width=140.0, flare=0.15, centre=(236.0, 236.0), shape=(474, 474), blur=0.7
    )
    large = cv2.resize(drawn.film().pixels, None, fx=3, fy=3)
    noise = np.random.default_rng(3).normal(0, 15, large.shape).astype(np.float32)
    film = Radiograph(large + noise, "0" * 64, "two megapixels")
    bone = DrawnBone(margin=arc(-0.1), width=420.0, flare=0.15, centre=(709.0, 709.0)).metaphysis()
    shaft = tuple(bone.frame.to_pixels(0.0, -0.8).ravel())
    times = []
    for _ in range(5):
        began = time.process_time()
        if step == "far corner":
            corner1 = (bone.corner1[0] + 0.3 * bone.frame.width, bone.corner1[1])
            made = correct.move_corners(film, bone, corner1, bone.corner2)
        else:
            made = correct.add_bone(film, Bone.RADIUS, bone.corner1, bone.corner2, shaft=shaft)
        score_bone(film, made)
        times.append(time.process_time() - began)
    assert min(times) < 0.1, f"{sorted(round(1000 * t) for t in times)} ms of processor time"
