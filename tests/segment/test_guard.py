"""The guard over single bones: what it looks at, when it refuses, and the shipped weights."""

from pathlib import Path

import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.errors import Refusal
from rickets_rx.grade.real_bones import real_bones
from rickets_rx.phantom.artefacts import Artefacts
from rickets_rx.segment.candidate import BoneCandidate, JointCandidate
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.locate import distinct
from rickets_rx.segment.locate_guard import GUARD_KINDS, guard_patch, guard_refusals, guard_shares
from rickets_rx.segment.locate_refuse import shared_refusal
from rickets_rx.segment.locate_verify import Reading
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.segment.proposals import Pose
from rickets_rx.vocabulary import Bone, Joint, RefusalReason

UNSEEN = 71_000_000


@pytest.mark.parametrize(
    ("one", "other"), [((140.0, 100.0), (100.0, 100.0)), ((100.0, 100.0), (140.0, 100.0))]
)
def test_the_patch_is_upright_with_corner1_on_the_left(one, other):
    film = np.zeros((200, 240), np.float32)
    # A quarter of a width (40 px) distally, which is down, and a quarter of a width towards corner2.
    spot = (120 + 0.25 * (other[0] - one[0]), 110)
    film[spot[1] - 1 : spot[1] + 2, int(spot[0]) - 1 : int(spot[0]) + 2] = 1
    patch = guard_patch(film, BoneFrame(one, other, (0.0, 1.0)))
    row, column = np.unravel_index(int(patch.argmax()), patch.shape)
    # 96 px for 2 widths across, and for 1.6 widths from 0.7 beyond the chord to 0.9 behind it.
    assert column == pytest.approx(47.5 + 0.25 * 48, abs=1.5)
    assert row == pytest.approx((0.7 - 0.25) * 60 - 0.5, abs=1.5)


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ((0.90, 0.05, 0.02, 0.02, 0.01), None),
        ((0.02, 0.90, 0.05, 0.02, 0.01), RefusalReason.CAST_OR_METAL),
        ((0.02, 0.01, 0.95, 0.01, 0.01), RefusalReason.CLOSED_PHYSIS),
        ((0.01, 0.01, 0.01, 0.96, 0.01), RefusalReason.CUT_OFF),
        ((0.01, 0.01, 0.01, 0.01, 0.96), RefusalReason.AMBIGUOUS),
    ],
)
def test_a_bone_is_refused_for_what_the_guard_is_sure_of(shares, reason):
    (refusal,) = guard_refusals(np.array([shares], np.float32))
    assert (None if refusal is None else refusal.reason) is reason


@pytest.mark.parametrize(("radius", "ulna", "kept"), [(0.9, 0.3, False), (0.9, 0.1, True), (0.3, 0.3, True)])
def test_less_doubt_is_enough_beside_a_covered_bone(radius, ulna, kept):
    shares = np.array([(1 - covered, covered, 0, 0, 0) for covered in (radius, ulna)], np.float32)
    refusals = guard_refusals(shares)
    assert (refusals[0] is None) is (radius < 0.5)
    assert (refusals[1] is None) is kept


@pytest.mark.parametrize(("clear", "kept"), [(0.95, True), (0.8, False)])
def test_beside_what_is_no_bone_end_a_bone_must_be_clear(clear, kept):
    shares = np.array([(clear, 0, 0, 0, 1 - clear), (0.1, 0, 0, 0, 0.9)], np.float32)
    refusals = guard_refusals(shares)
    assert (refusals[0] is None) is kept
    assert refusals[1] is not None and refusals[1].reason is RefusalReason.AMBIGUOUS


@pytest.mark.parametrize(
    ("radius", "ulna", "kept"), [(0.75, 0.8, False), (0.01, 0.8, True), (0.01, 0.9, False)]
)
def test_one_strange_bone_must_be_stranger_than_two(radius, ulna, kept):
    shares = np.array([(1 - none, 0, 0, 0, none) for none in (radius, ulna)], np.float32)
    refusals = guard_refusals(shares)
    assert (refusals[0] is None) is (radius < 0.5)
    assert (refusals[1] is None) is kept


def reading(certainty: tuple[float, float], apart: float = -35.0) -> Reading:
    """A wrist whose radius is 40 px wide, its bones as sure as told; ``apart`` of -35 px is anatomy."""
    points = np.array(
        [(40, 50), (80, 50), (60, 46), (48 + apart, 50), (72 + apart, 50), (60 + apart, 48)], float
    )
    sure = np.repeat(np.array(certainty, np.float32), 3)
    pose = Pose(Joint.WRIST, (60.0, 50.0), (0.0, -1.0), 40.0, True)
    return Reading(pose, points, sure, np.eye(10, dtype=np.float32)[0])


@pytest.mark.parametrize(
    ("certainty", "taken"),
    [
        ((0.6, 0.6), True),  # 0.6 as a whole
        ((0.55, 0.55), False),
        ((0.25, 0.95), True),  # 0.25 ** (2/3) * 0.95 ** (1/3) = 0.39: one bone is sure
        ((0.25, 0.75), False),
        ((0.1, 0.95), False),  # 0.21
    ],
)
def test_one_sure_bone_beside_a_hidden_one_is_enough(certainty, taken):
    one = reading(certainty)
    # The bones lie as anatomy allows: (x of the second - x of the first) / width is -0.875.
    assert one.plausibility == 1
    assert bool(distinct([one])) is taken
    # 35 px on the wrong side they do not.
    assert not distinct([reading((0.25, 0.95), apart=35.0)])


def joint(*reasons: RefusalReason | None) -> JointCandidate:
    corners = {"corner1": (0.0, 0.0), "corner2": (9.0, 0.0)}
    bones = [
        BoneCandidate(bone, distal=(0.0, 1.0), confidence=1.0, **corners)
        if reason is None
        else RefusedBone(bone, Refusal(reason))
        for bone, reason in zip((Bone.RADIUS, Bone.ULNA), reasons, strict=True)
    ]
    return JointCandidate(Joint.WRIST, tuple(bones), 1.0)


CAST, CLOSED, CUT = RefusalReason.CAST_OR_METAL, RefusalReason.CLOSED_PHYSIS, RefusalReason.CUT_OFF


@pytest.mark.parametrize(
    ("joints", "reason"),
    [
        ([joint(CAST, CAST)], CAST),
        ([joint(CLOSED, CLOSED), joint(CLOSED, CLOSED)], CLOSED),
        ([joint(CAST, None)], None),
        ([joint(CAST, CLOSED)], None),
        ([joint(CUT, CUT)], None),  # a bone's own affair, and its corners are worth showing
        ([], None),
    ],
)
def test_a_film_is_refused_for_what_all_its_bones_share(joints, reason):
    refusal = shared_refusal(joints)
    assert (None if refusal is None else refusal.reason) is reason


def shares_of(film: phantom.PhantomFilm, bone: phantom.PhantomBone) -> np.ndarray:
    return guard_shares(film.pixels, [BoneFrame(bone.corner1, bone.corner2, bone.distal)])[0]


def test_the_shipped_guard_keeps_real_bones_in_full_view(shared: Path):
    """Real bones in full view, from the reader's corners."""
    bones = list(real_bones(shared / "radiographs"))[::6]
    assert len(bones) > 12
    for bone in bones:
        one, other = ((float(x), float(y)) for x, y in bone.corners)
        (refusal,) = guard_refusals(guard_shares(bone.film().pixels, [BoneFrame(one, other, bone.distal)]))
        assert refusal is None, bone.stem


def test_the_shipped_guard_tells_a_closed_plate_and_a_plate_of_steel():
    closed = [phantom.negative("closed", UNSEEN + i, size_px=450) for i in range(4)]
    seen = [int(shares_of(film, bone).argmax()) for film in closed for bone in film.joints[0].bones]
    assert np.mean([GUARD_KINDS[k] is CLOSED for k in seen]) > 0.7
    # The first child whose plate lies over a margin.
    for seed in range(UNSEEN + 9, UNSEEN + 30):
        screwed = phantom.wrist(seed, age=6.0, size_px=450, artefacts=Artefacts(metal="plate"))
        hidden = [b for b in screwed.joints[0].bones if b.reason is CAST]
        if hidden:
            break
    assert hidden
    for bone in hidden:
        assert GUARD_KINDS[int(shares_of(screwed, bone).argmax())] is CAST
    bare = phantom.wrist(seed, age=6.0, size_px=450)
    for bone in bare.joints[0].bones:
        assert shares_of(bare, bone).argmax() == 0
