"""Shapes of the hand's bones: outlines as measured, epiphyses that come in order and sit on their shafts."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.phantom.anatomy import Child, draw_child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.growth_caps import cap_of, years_since
from rickets_rx.phantom.hand_profiles import STATIONS, own, profile
from rickets_rx.phantom.limb import limb_tissue
from rickets_rx.phantom.place import Pose
from rickets_rx.phantom.rays import Hand, RaySpec, Segment, rays, shaft_of
from rickets_rx.phantom.small_bones import Look
from rickets_rx.phantom.tubular import MINERAL, End, Tubular, solid
from rickets_rx.vocabulary import Bone, Side

FINGERS = (2, 3, 4, 5)
HAND = Hand(lean=0.0, alike=0.0, clear=1.0, joint=1.0, wall=1.0)


def spec_of(child: Child, spread: float = 1.0) -> RaySpec:
    unit = child.width_of(Bone.RADIUS)
    return RaySpec(child, unit, child.size("wrist_height") * unit, Disease(), spread, 1.0, 0.3, True)


def shaft(seed: int, age: float, ray: int, kind: int) -> Tubular:
    rng = np.random.default_rng(seed)
    outline = own(profile(ray, kind, age), rng, 0.0)
    child = draw_child(rng, age)
    length = 0.87 * child.size("metacarpal") * outline.length
    return shaft_of(rng, spec_of(child), Segment(ray, kind, length, outline), HAND)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    age=st.floats(0.5, 15.0),
    ray=st.sampled_from(FINGERS),
    kind=st.sampled_from([1, 2, 3]),
)
def test_phalanges_are_wider_at_their_base_than_behind_their_head(seed, age, ray, kind):
    bone = shaft(seed, age, ray, kind)
    width = bone.left + bone.right
    assert width[0] > np.median(width[6:10])
    assert (bone.left > 0).all() and (bone.right > 0).all()


@pytest.mark.parametrize("ray", FINGERS)
@pytest.mark.parametrize("age", [3.0, 8.0, 12.0])
def test_metacarpals_have_a_waist(ray, age):
    width = profile(ray, 0, age).width
    waist = width[3:10].min()
    assert waist < width[:2].mean() and waist < width[-2:].mean()


def test_lengths_agree_with_published_proportions():
    # Buryanov and Kotiuk 2010 (Int J Morphol 28:755), adults: metacarpal 64.6, phalanges 44.6, 26.3, 17.4 mm.
    paths = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        paths.append(rays(rng, spec_of(draw_child(rng, 14.5)))[1][2])
    steps = np.array([[np.hypot(*np.subtract(b, a)) for a, b in pairwise(path)] for path in paths])
    shares = np.median(steps[:, 1:] / steps[:, :1], axis=0)
    assert shares == pytest.approx(np.array([44.6, 26.3, 17.4]) / 64.6, rel=0.15)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), age=st.floats(0.3, 15.0))
def test_centres_appear_from_the_root_of_a_finger_to_its_tip_and_last_in_the_little_one(seed, age):
    child = draw_child(np.random.default_rng(seed), age)
    for ray in FINGERS:
        assert years_since(child, ray, 1) > years_since(child, ray, 2)
    for kind in (1, 2, 3):
        since = [years_since(child, ray, kind) for ray in FINGERS]
        assert min(since) == since[-1]


@pytest.mark.parametrize(("age", "there"), [(0.3, 0), (9.0, 19)])
def test_no_hand_has_epiphyses_at_four_months_and_all_have_them_at_nine_years(age, there):
    child = Child(age, {})
    rng = np.random.default_rng(3)
    found = 0
    for ray in (1, *FINGERS):
        for kind in (0, 1, 3) if ray == 1 else (0, 1, 2, 3):
            found += cap_of(rng, child, ray, kind, shaft(1, age, ray, kind)).bone is not None
    assert found == there


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_caps_widen_until_they_cover_their_shaft(kind):
    bone = shaft(1, 8.0, 3, kind)
    end = -1 if kind == 0 else 0
    wide = bone.left[end] + bone.right[end]
    shares = []
    for age in (2.6, 4.0, 6.0, 9.0, 12.0):
        made = [cap_of(np.random.default_rng(s), Child(age, {}), 3, kind, bone).bone for s in range(20)]
        shares.append(np.mean([(cap.left + cap.right).max() / wide for cap in made if cap is not None]))
    assert all(a < b + 0.02 for a, b in pairwise(shares))
    assert shares[0] < 0.8 and 0.9 < shares[-1] < 1.2


def test_a_metacarpal_head_is_a_dome_with_a_flat_foot():
    child = Child(10.0, {})
    for seed in range(20):
        cap = cap_of(np.random.default_rng(seed), child, 3, 0, shaft(seed, 10.0, 3, 0)).bone
        assert cap is not None
        half, middle = cap.sides(np.array([0.0]))
        u = np.linspace(-0.85, 0.85, 41)
        foot, dome = cap.ends(middle[0] + u * half[0])
        width = 2 * half[0]
        assert np.ptp(foot) < 0.2 * width
        assert dome[20] - min(dome[0], dome[-1]) > 0.1 * width
        assert dome.argmax() not in (0, 40)


def test_a_solid_rod_holds_its_mineral():
    # A wall as thick as the rod: 2 x 5 mm wide, 0.75 as deep, so 7.5 mm of bone in the middle.
    side = np.full(13, 5.0)
    rod = Tubular(40.0, side, side, End(0.0, fall=0.1), End(0.0, fall=0.1), depth=0.75, cortex=0.5)
    sheet = solid(rod, pitch=0.25, look=Look(0.24), seed=1)
    row, column = round((0 - sheet.s0) / 0.25), round((0 - sheet.x0) / 0.25)
    assert sheet.values[row, column] == pytest.approx(MINERAL * 0.85 * 7.5, rel=0.03)
    # At 3 of 5 mm from the middle an ellipse is 0.8 as deep; beyond its side there is nothing.
    assert sheet.values[row, column + 12] == pytest.approx(MINERAL * 0.85 * 6.0, rel=0.03)
    assert sheet.values[row, column + 21] == 0


def test_rickets_wears_down_the_growing_end():
    bone = shaft(2, 2.5, 3, 0)
    healthy, worn = (
        solid(bone, pitch=0.2, look=Look(0.24), seed=5, frayed=(0.0, f)).values for f in (0.0, 0.8)
    )
    rows = len(healthy)
    lost = 1 - worn.sum(axis=1) / np.maximum(healthy.sum(axis=1), 1e-6)
    near_head = slice(rows - round(2.0 / 0.2), rows - round(1.0 / 0.2))
    assert lost[near_head].mean() > 0.3
    assert lost[rows // 2] < 0.02


def test_no_two_rays_are_cut_from_one_template():
    rng = np.random.default_rng(4)
    shapes = [own(profile(ray, 1, 8.0), rng, 0.0) for ray in FINGERS]
    for a, b in pairwise(shapes):
        assert np.abs(a.width / a.width.mean() - b.width / b.width.mean()).max() > 0.02
    assert len(STATIONS) == len(shapes[0].left)


def test_skin_is_one_sheet_at_the_knuckles_and_air_parts_the_spread_fingers():
    from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb

    rng = np.random.default_rng(9)
    child = draw_child(rng, 8.0)
    limb = wrist_limb(
        np.random.default_rng(1), child, {}, side=Side.LEFT, posture=Posture(spread=1.5), pitch=0.3
    )
    pose = Pose(0.5, 0.0, False, (160.0, 360.0))
    tissue = limb_tissue(limb, pose, (420, 320))
    _, joints = rays(np.random.default_rng(0), spec_of(child, 1.5))
    unit = child.width_of(Bone.RADIUS)
    across = np.arange(-1.1, 0.6, 0.02) * unit

    def line(y: float) -> np.ndarray:
        return tissue[round(360 - y / 0.5), np.round(160 + across / 0.5).astype(int)]

    palm, tips = (
        line(np.mean([path[0][1] for path in joints[1:]]) + 0.9 * unit),
        line(joints[2][2][1] + 0.3 * unit),
    )
    assert palm.min() > 5.0
    assert tips.min() < 0.5 and tips.max() > 5.0
