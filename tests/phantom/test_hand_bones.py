"""Shapes of the hand's bones: outlines read off films, centres in their order, solids."""

from dataclasses import replace
from itertools import combinations, pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.phantom.anatomy import Child, draw_child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.growth_caps import against, onset, size_since, years_since
from rickets_rx.phantom.hand_atlas import Hand, draw_hand, films, length, scattered, shaft_name
from rickets_rx.phantom.limb import limb_tissue
from rickets_rx.phantom.outline_build import Build, Grain, _granules
from rickets_rx.phantom.outline_field import laid_out
from rickets_rx.phantom.outline_solid import WALL, solid
from rickets_rx.phantom.place import Pose
from rickets_rx.phantom.ray_shapes import Segment, draw_build, segment_of
from rickets_rx.phantom.rays import RaySpec, rays, stood, turned_clear
from rickets_rx.phantom.small_bones import SPONGY, Look
from rickets_rx.phantom.traced_plate import ACROSS, TracedPlate, faces_of
from rickets_rx.vocabulary import Bone, Side

FINGERS = (2, 3, 4, 5)
EVEN = Grain(clear=0.0)


def spec_of(child: Child, spread: float = 1.0) -> RaySpec:
    unit = child.width_of(Bone.RADIUS)
    return RaySpec(child, unit, child.size("wrist_height") * unit, Disease(), spread, 1.0, 0.3, True)


def segment(seed: int, age: float, ray: int, kind: int) -> Segment:
    child = Child(age, {})
    rng = np.random.default_rng(seed)
    return segment_of(rng, child, draw_build(rng, child), (ray, kind))


def width_at(outline: np.ndarray, s: float) -> float:
    """Full width of a closed outline at s, from where its edges cross that height."""
    a, b = outline, np.roll(outline, -1, axis=0)
    cross = (a[:, 1] - s) * (b[:, 1] - s) < 0
    x = a[cross, 0] + (s - a[cross, 1]) / (b[cross, 1] - a[cross, 1]) * (b[cross, 0] - a[cross, 0])
    return float(np.ptp(x))


def area(outline: np.ndarray) -> float:
    x, y = outline.T
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2


def placed(bone, scale: float = 100.0) -> np.ndarray:
    t = np.radians(bone.degrees)
    turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    return scale * (bone.points @ turn + bone.place)


def shared(a: np.ndarray, b: np.ndarray) -> float:
    """Common area of two outlines over the smaller one's."""
    masks = []
    for points in (a, b):
        mask = np.zeros((600, 700), np.uint8)
        cv2.fillPoly(mask, [np.round(points + np.array([350, 60])).astype(np.int32)], 1)
        masks.append(mask)
    return float((masks[0] & masks[1]).sum() / min(mask.sum() for mask in masks))


def test_outlines_of_the_atlas_run_once_round_their_bone_from_base_to_head():
    assert len(films()) >= 9
    for film in films():
        for name, bone in film.bones.items():
            assert bone.points.shape == (48, 2)
            assert area(bone.points) > 0, name
            if name == shaft_name(name) and name[-1] in "12345":
                # Base and head lie on the shaft's axis.
                assert abs(bone.points[[0, 24], 0]).max() < 0.12 * length(bone), (film.age, name)
                assert bone.points[24, 1] > 0.9 * np.ptp(bone.points[:, 1])


@pytest.mark.parametrize("seed", range(4))
def test_a_hand_of_a_films_age_mixes_outlines_of_about_that_age(seed):
    for age in (2.0, 5.0, 10.0):
        hand = draw_hand(np.random.default_rng(seed), age)
        assert sum(share for _, share in hand.lenders) == pytest.approx(1)
        assert sum(share * film.age for film, share in hand.lenders) == pytest.approx(age, abs=2.6)


def test_phalanges_lie_between_two_films_and_the_palm_is_that_of_one():
    hand = replace(draw_hand(np.random.default_rng(5), 10.0), warp=np.zeros((1, 5)))
    (one, share), (two, _) = hand.lenders
    mixed = share * one.bones["proximal_3"].points + (1 - share) * two.bones["proximal_3"].points
    metacarpals = [length(film.bones["metacarpal_3"]) for film in (one, two, hand.frame)]
    # Fingers keep their proportion to the metacarpals of their own films.
    scale = metacarpals[2] / (share * metacarpals[0] + (1 - share) * metacarpals[1])
    assert hand.bone("proximal_3").points == pytest.approx(scale * mixed, abs=1e-9)
    for name in ("capitate", "scaphoid", "metacarpal_3"):
        assert hand.bone(name).points == pytest.approx(hand.frame.bones[name].points, abs=1e-9)
        assert hand.bone(name).place == pytest.approx(hand.frame.bones[name].place, abs=1e-9)


def test_a_carpal_that_the_frame_lacks_stands_as_far_from_its_capitate_as_on_another_film():
    frame = films()[3]
    assert "lunate" not in frame.bones
    hand = Hand(((frame, 1.0),), frame, np.zeros((1, 5)))
    anchor = ("capitate", "hamate", "metacarpal_2", "metacarpal_3", "metacarpal_4")
    giver = min(
        (f for f in films() if "lunate" in f.bones), key=lambda f: abs(f.carpal_age - frame.carpal_age)
    )
    off = [np.subtract(frame.bones[a].place, giver.bones[a].place) for a in anchor]
    assert hand.bone("lunate").place == pytest.approx(giver.bones["lunate"].place + np.mean(off, axis=0))


def test_films_are_ranked_by_how_far_their_carpus_has_ripened():
    late = ("triquetrum", "lunate", "scaphoid", "trapezium", "trapezoid")
    shares = [
        sum(area(f.bones[n].points) for n in late if n in f.bones) / area(f.bones["capitate"].points)
        for f in films()
    ]
    for (one, a), (two, b) in combinations(list(zip(films(), shares, strict=True)), 2):
        assert one.carpal_age == two.carpal_age or (one.carpal_age < two.carpal_age) == (a < b) or a == b
    assert sorted(f.carpal_age for f in films()) == [f.age for f in films()]


def test_no_two_hands_are_alike():
    capitates = [draw_hand(np.random.default_rng(s), 9.0).bone("capitate").points for s in range(6)]
    for a, b in combinations(capitates, 2):
        assert np.hypot(*(a - b).T).max() > 0.01


@pytest.mark.parametrize("age", [3.0, 5.0, 7.0, 9.0, 11.0, 13.0])
def test_carpals_stand_beside_one_another(age):
    apart = ("capitate", "hamate", "triquetrum", "lunate", "scaphoid")
    shares = []
    for seed in range(6):
        hand = draw_hand(np.random.default_rng(seed), age)
        shapes = [placed(hand.bone(name)) for name in apart]
        shares += [shared(a, b) for a, b in combinations(shapes, 2)]
    assert np.median(shares) == 0
    assert np.quantile(shares, 0.9) < 0.2


@pytest.mark.parametrize("age", [8.0, 10.0, 12.0])
def test_bases_of_the_fingers_metacarpals_stand_together(age):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        child = Child(age, {})
        build, spec = draw_build(rng, child), spec_of(child)
        lines = []
        for ray in FINGERS:
            bone = build.mix.bone(f"metacarpal_{ray}")
            lines.append(placed(bone) / 100 * build.mm)
            assert np.allclose(stood(spec, build.mm, bone.place), bone.place * build.mm)
        for a, b in pairwise(lines):
            near = min(np.hypot(*(a - p).T).min() for p in b)
            assert near < 2.5


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    age=st.floats(0.5, 15.0),
    ray=st.sampled_from(FINGERS),
    kind=st.sampled_from([1, 2, 3]),
)
def test_phalanges_are_wider_at_their_base_than_at_their_waist(seed, age, ray, kind):
    bone = segment(seed, age, ray, kind).shaft
    low, span = bone[:, 1].min(), np.ptp(bone[:, 1])
    waist = min(width_at(bone, low + t * span) for t in np.linspace(0.45, 0.75, 7))
    assert width_at(bone, low + 0.12 * span) > 1.05 * waist > 0


@pytest.mark.parametrize("ray", FINGERS)
@pytest.mark.parametrize("age", [3.0, 8.0, 12.0])
def test_metacarpals_have_a_waist(ray, age):
    bone = segment(1, age, ray, 0).shaft
    low, span = bone[:, 1].min(), np.ptp(bone[:, 1])
    waist = min(width_at(bone, low + t * span) for t in np.linspace(0.25, 0.8, 12))
    assert waist < width_at(bone, low + 0.1 * span) and waist < width_at(bone, low + 0.92 * span)


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
    found = 0
    for ray in (1, *FINGERS):
        for kind in (0, 1, 3) if ray == 1 else (0, 1, 2, 3):
            found += segment(3, age, ray, kind).since > 0
    assert found == there


def test_centres_grow_from_a_quarter_to_their_full_size():
    # 1 - exp(-1) of the remaining three quarters after 1.9 years.
    assert size_since(0.0) == pytest.approx(0.25)
    assert size_since(1.9) == pytest.approx(0.25 + 0.75 * (1 - np.exp(-1)))
    assert against(3.0, 3.0) == 1
    assert against(0.5, 4.0) < 0.6 < against(3.0, 4.0) < 1 < against(4.0, 2.0)
    assert onset(3, 1) == pytest.approx(1.5 * 0.85)


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_caps_widen_until_they_cover_their_shaft(kind):
    shares = []
    for age in (2.6, 4.0, 6.0, 9.0, 12.0):
        own = []
        for seed in range(20):
            bone = segment(seed, age, 3, kind)
            low, span = bone.shaft[:, 1].min(), np.ptp(bone.shaft[:, 1])
            near = bone.shaft[:, 1] - low > 0.85 * span if kind == 0 else bone.shaft[:, 1] - low < 0.15 * span
            own.append(np.ptp(bone.cap[:, 0]) / np.ptp(bone.shaft[near, 0]))
        shares.append(np.mean(own))
    assert shares[0] < 0.8 and 0.85 < shares[-1] < 1.25
    assert shares[0] < shares[2] < shares[-1] + 0.05


def test_a_metacarpal_head_is_a_dome_on_a_flatter_foot_beyond_its_shaft():
    for seed in range(20):
        bone = segment(seed, 10.0, 3, 0)
        cap, top = bone.cap, bone.shaft[:, 1].max()
        width = np.ptp(cap[:, 0])
        assert cap[:, 1].mean() > top - 0.1 * width
        inner = np.abs(cap[:, 0] - cap[:, 0].mean()) < 0.4 * width
        upper = cap[:, 1] > (cap[:, 1].min() + cap[:, 1].max()) / 2
        assert np.ptp(cap[inner & ~upper, 1]) < 0.35 * width
        corner = np.abs(cap[:, 0] - cap[:, 0].mean()) > 0.42 * width
        assert cap[:, 1].max() - np.median(cap[corner, 1]) > 0.15 * width


def bar(half: float, long: float) -> np.ndarray:
    side = np.linspace(0, long, 25)
    return np.vstack(
        [
            np.stack([np.full(25, half), side], axis=1),
            np.stack([np.full(25, -half), side[::-1]], axis=1),
        ]
    )


def test_a_solid_rod_holds_its_mineral():
    # Walls thicker than the rod: 2 x 5 mm wide, 0.75 as deep, so 7.5 mm of bone in the middle.
    rod = Build(depth=0.75, wall=12.0, edge=(1.0, 1.0, 1.0))
    sheet = solid(bar(5.0, 40.0), rod, pitch=0.25, look=Look(), grain=EVEN, seed=1)
    row = round((20 - sheet.s0) / 0.25)

    def at(x: float) -> float:
        return float(sheet.values[row, round((x - sheet.x0) / 0.25)])

    assert at(0.0) == pytest.approx(WALL * 7.5, rel=0.04)
    # At 3 of 5 mm from the middle an ellipse is 0.8 as deep; beyond its side there is nothing.
    assert at(3.0) == pytest.approx(WALL * 6.0, rel=0.04)
    assert at(5.4) == 0


def test_the_inside_of_a_block_is_spongiosa_between_two_shells():
    # A disc of 6 mm radius, 12 mm deep: 12 - 2 x 0.2 mm of spongiosa (it is domed to 0.82 at its rim).
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    disc = 6.0 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    block = Build(depth=1.0, rim=0.2, edge=(0.4, 0.4, 0.4), fill=(1.5, 1.5, 1.5))
    none = solid(disc, block, pitch=0.2, look=Look(), grain=EVEN, seed=3).values
    middle = np.s_[len(none) // 2 - 2 : len(none) // 2 + 3, none.shape[1] // 2 - 2 : none.shape[1] // 2 + 3]
    spongy = 12.0 * 1.5 * SPONGY
    # The shell of two times 0.07-0.36 mm adds at most 0.72 of cortical bone.
    assert spongy * 0.9 < none[middle].mean() < spongy + 0.72
    row, column = (n // 2 for n in none.shape)
    inner = np.s_[row - 10 : row + 11, column - 10 : column + 11]
    held, clear = [], []
    for seed in range(12):
        even, fine = (
            solid(disc, block, pitch=0.2, look=Look(), grain=grain, seed=seed).values
            for grain in (EVEN, Grain(0.4))
        )
        net = _granules(laid_out(disc, 0.2), block, 9, seed)[inner].ravel()
        clear.append(np.polyfit(net, (fine - even)[inner].ravel(), 1)[0])
        held.append(fine.sum() / even.sum())
    # The net stands out by 0.4 of the density; the middle 4 mm are 0.95 as deep as the middle.
    assert np.mean(clear) == pytest.approx(0.4 * 0.95 * spongy, rel=0.1)
    # A piece of the net is denser or poorer by chance; on the whole it takes and adds nothing.
    assert np.mean(held) == pytest.approx(1.0, abs=0.03)


def test_rickets_wears_down_the_growing_end():
    bone = segment(2, 2.5, 3, 0).shaft
    healthy, worn = (
        solid(bone, Build(wall=1.0), pitch=0.2, look=Look(), grain=EVEN, seed=5, frayed=(0.0, f)).values
        for f in (0.0, 0.8)
    )
    rows = len(healthy)
    lost = 1 - worn.sum(axis=1) / np.maximum(healthy.sum(axis=1), 1e-6)
    near_head = slice(rows - round(2.0 / 0.2), rows - round(1.0 / 0.2))
    assert lost[near_head].mean() > 0.3
    assert lost[rows // 2] < 0.02


def test_scattered_outlines_keep_their_size():
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    areas = [area(scattered(ring, np.random.default_rng(s), 0.02)) for s in range(200)]
    # The circle's own 48-gon has 24 sin(2 pi / 48).
    assert np.mean(areas) == pytest.approx(24 * np.sin(2 * np.pi / 48), rel=0.02)
    assert 0.01 < np.std(areas) / np.mean(areas) < 0.1


def test_no_two_rays_are_cut_from_one_template():
    shapes = [segment(4, 8.0, ray, 1).shaft for ray in FINGERS]
    for a, b in pairwise(shapes):
        assert np.abs(a / np.ptp(a[:, 1]) - b / np.ptp(b[:, 1])).max() > 0.01


def test_faces_of_a_wedge_are_its_thickness():
    # Proximal face level, distal face rising from 2 to 6 over a width of 10.
    wedge = np.array([[-5.0, 0.0], [5.0, 0.0], [5.0, 6.0], [-5.0, 2.0]])
    dense = np.vstack([a + np.linspace(0, 1, 40, endpoint=False)[:, None] * (b - a) for a, b in
                       zip(wedge, np.roll(wedge, -1, axis=0), strict=True)])  # fmt: skip
    lift, tall = faces_of(dense)
    inner = np.abs(ACROSS) < 0.9
    assert lift[inner] == pytest.approx(0, abs=0.02)
    assert tall[inner] == pytest.approx((4 + 2 * ACROSS)[inner], abs=0.1)


def test_the_epiphysis_of_the_radius_has_its_styloid_on_the_side_of_the_thumb():
    for film in films():
        if film.age >= 5:
            _, tall = faces_of(film.bones["radius_epiphysis"].points)
            assert tall[45:57].mean() > 1.15 * tall[4:16].mean(), film.age


def test_a_traced_plate_stands_on_its_floor():
    floor = np.stack([np.linspace(-20, 20, 61), np.full(61, 1.5)], axis=1)
    plate = TracedPlate(
        width=20.0, height=6.0, depth=12.0, centre=0.0, floor=floor, lift=np.zeros(61), tall=4 + 2 * ACROSS
    )
    outline = plate.outline()
    middle, half = plate.body(np.array([-5.0, 5.0]))
    assert outline[:, 1].min() == pytest.approx(1.5)
    assert outline[:, 0].min() == pytest.approx(-10) and outline[:, 0].max() == pytest.approx(10)
    assert middle == pytest.approx([3.0, 4.0]) and half == pytest.approx([1.5, 2.5])


def test_the_far_lip_of_an_overhanging_plate_lies_below_its_near_one():
    floor = np.stack([np.linspace(-20, 20, 61), np.full(61, 1.5)], axis=1)
    plate = TracedPlate(
        width=20.0, height=6.0, depth=12.0, centre=0.0, floor=floor, lift=np.zeros(61), tall=np.full(61, 6.0),
        hang=np.where(ACROSS < 0, 2.0, 0.0),
    )  # fmt: skip
    near, far = (plate.outline(far=which) for which in (False, True))
    # 0.35 of the 2 mm up, 0.45 of them down, where it hangs; on the floor at 1.5 mm elsewhere.
    for outline, lowest in ((near, 2.2), (far, 0.6)):
        under = outline[:37]
        assert np.interp(-5.0, *under.T) == pytest.approx(lowest)
        assert np.interp(5.0, *under.T) == pytest.approx(1.5)


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


def test_waves_of_the_hand_move_shafts_and_bend_only_their_bases():
    hand = draw_hand(np.random.default_rng(2), 10.0)
    still = replace(hand, warp=np.zeros((1, 5)))
    for ray in FINGERS:
        moved, kept = (one.bone(f"metacarpal_{ray}") for one in (hand, still))
        far = kept.points[:, 1] > 0.4 * length(kept)
        assert far.sum() > 20
        assert moved.points[far] == pytest.approx(kept.points[far], abs=1e-9)
        # At the base itself every point goes as the waves go there, as its neighbours do.
        low = kept.points[:, 1] <= 0
        there = placed(kept, 1.0)[low]
        assert placed(moved, 1.0)[low] == pytest.approx(there + hand.moved(there), abs=1e-9)
        assert np.hypot(*(moved.place - kept.place)) > 1e-4


@pytest.mark.parametrize(("age", "widest"), [(5.0, 0.9), (12.0, 0.1)])
def test_heads_close_in_on_their_shafts_until_they_overlap_the_neck(age, widest):
    gaps = []
    for seed in range(15):
        bone = segment(seed, age, 3, 0)
        middle, half = bone.cap[:, 0].mean(), 0.35 * np.ptp(bone.cap[:, 0])
        near = [points[np.abs(points[:, 0] - middle) < half, 1] for points in (bone.cap, bone.shaft)]
        gaps.append(near[0].min() - near[1].max())
    # Drawn 0.2 mm apart at five years and 0.56 mm into the neck at twelve, give or take 0.15 mm, unless the
    # films have them closer.
    assert np.quantile(gaps, 0.9) < widest


def test_the_white_line_of_an_epiphysis_lies_within_its_outline_and_off_its_proximal_face():
    floor = np.stack([np.linspace(-20, 20, 61), np.full(61, 1.5)], axis=1)
    plate = TracedPlate(
        width=20.0, height=7.0, depth=12.0, centre=0.0, floor=floor, lift=np.zeros(61), tall=np.full(61, 7.0)
    )
    sheet = plate.map(pitch=0.2, look=Look(), seed=4)
    line = plate._lip(sheet, np.random.default_rng(1))
    s = sheet.s0 + 0.2 * np.arange(len(line))
    assert line.max() > 0.2
    # Its course runs between 0.3 half thicknesses under the middle (1.5 + 3.5 mm) and 0.8 above it.
    across = line.max(axis=1)
    inside = (s > 5.0 - 0.3 * 3.5 - 1.0) & (s < 5.0 + 0.8 * 3.5 + 1.0)
    assert across[~inside].max() < 0.01


def test_a_thumb_is_turned_until_it_lies_clear_of_the_index_finger():
    # A bone of 20 mm that begins 10 mm beside a line: sin(a) <= (10 - 8) / 20 holds from 5.7 degrees down.
    bone, line = np.array([[0.0, 0.0], [0.0, 20.0]]), np.array([[0.0, -50.0], [0.0, 10.0], [0.0, 90.0]])
    place = np.array([10.0, 0.0])
    assert turned_clear(bone, (place, 20.0), line, 8.0) == 5.0
    assert turned_clear(bone, (place, 3.0), line, 8.0) == 3.0
    assert turned_clear(bone, (place, 3.0), line, 50.0) == -78.0
    # Beyond the line's end the way to its end counts: the tip at (10, 20) is 10 mm off sideways, 14 in all.
    assert turned_clear(bone, (place, 0.0), line[:2], 14.0) == 0.0


def test_no_thumb_lies_across_the_index_finger(monkeypatch):
    # Where bones lie does not depend on what they are made of.
    monkeypatch.setattr("rickets_rx.phantom.rays.solid", lambda *_, **__: None)
    spec = spec_of(Child(2.0, {}))
    for seed in range(60):
        _, joints = rays(np.random.default_rng(seed), spec)
        foot, way = np.array(joints[1][:-1])[:, None], np.diff(joints[1], axis=0)[:, None]
        for (a, b), clear in zip(pairwise(np.array(joints[0])), (0.4, 0.6, 0.6), strict=True):
            away = a + np.linspace(0.55, 0.9, 8)[:, None] * (b - a) - foot
            share = np.clip((away * way).sum(axis=-1) / (way * way).sum(axis=-1), 0, 1)
            off = away - share[..., None] * way
            assert np.hypot(off[..., 0], off[..., 1]).min() > clear * spec.unit, seed
