"""The skin: a curve without corners, tubes of stated width, flesh as thick as stated, arms as wide as
measured."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.phantom.anatomy import draw_child
from rickets_rx.phantom.artefacts import Artefacts, spoil
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.exposure import Exposure, detect
from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
from rickets_rx.phantom.hand_build import Arm, round_bones
from rickets_rx.phantom.hand_flesh import filled, in_profile
from rickets_rx.phantom.hand_folds import chained, tapered
from rickets_rx.phantom.layout import Layout, beam_field, lay_out
from rickets_rx.phantom.limb import Capsule, limb_tissue, pads_map
from rickets_rx.phantom.place import Pose, apply
from rickets_rx.phantom.skin import Roots, Skin, flesh_map, smooth_closed, touching, tube
from rickets_rx.vocabulary import Bone, Side


def area(points: np.ndarray) -> float:
    x, y = points.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))


def test_a_smoothed_square_is_a_spline_of_four_parabolas():
    # Each parabola cuts a third of the triangle between a corner and its two mid-sides: 1 - 4 * (1/8) / 3.
    curve = smooth_closed([(0, 0), (1, 0), (1, 1), (0, 1)], rounds=7)
    assert area(curve) == pytest.approx(5 / 6, abs=1e-3)
    turns = np.diff(np.unwrap(np.arctan2(*np.diff(curve, axis=0).T[::-1])))
    assert np.abs(turns).max() < 0.1


def test_a_tube_is_as_wide_and_as_long_as_stated():
    outline = tube([(0, 0), (0, 20), (0, 40)], np.full((3, 2), (4.0, 5.0)), tip=3.0)
    middle = outline[np.abs(outline[:, 1] - 20) < 4]
    assert (middle[:, 0].min(), middle[:, 0].max()) == pytest.approx((-4.0, 5.0), abs=0.05)
    assert outline[:, 1].max() == pytest.approx(43.0, abs=0.05)


def band(left: float, half: float, depth: float) -> Skin:
    """A straight band along y, from x = left to left + 2 half, with a core 4 mm below the skin."""
    part = np.array([(left, -200.0), (left + 2 * half, -200.0), (left + 2 * half, 200.0), (left, 200.0)])
    values = (np.array([value]) for value in (depth, half, 4.0))
    return Skin((part,), np.array([(left + half, 0.0)]), *values, 20.0, 2.0)


POSE = Pose(0.5, 0.0, False, (100.0, 60.0))


def test_a_band_of_flesh_is_an_ellipse_round_a_core():
    line = flesh_map(band(-20.0, 20.0, 30.0), POSE, (120, 200))[60]
    # 2 mm below the skin there is no core yet: 0.66 * 30 * sqrt(1 - 0.9^2). 10 mm below it the ellipse has
    # sqrt(1 - 0.5^2), and the core is 6 of 16 mm in: (1 - 0.625^1.2)^(1 / 1.2) = 0.496.
    expected = {18.0: 8.63, 10.0: 0.66 * 25.98 + 0.34 * 30 * 0.496, 0.0: 30.0}
    for x, thick in expected.items():
        for side in (-1, 1):
            assert line[100 + side * round(2 * x)] == pytest.approx(thick, rel=0.03)
    assert (line[np.abs((np.arange(200) - 100) * 0.5) > 20.6] == 0).all()


def test_the_skin_follows_its_outline_by_less_than_a_pixel():
    places = []
    for shift in (0.0, 0.15, 0.3):
        line = flesh_map(band(-20.0 + shift, 20.0, 30.0), POSE, (120, 200))[60]
        places.append(float(np.interp(15.0, line[55:80], np.arange(55, 80))))
    assert np.diff(places) * 0.5 == pytest.approx([0.15, 0.15], abs=0.04)


def test_a_chain_of_pads_is_no_deeper_where_they_meet():
    # A crease of 1 mm half width, half as deep as wide (1 mm), along three points.
    chain = chained([(-20.0, 0.0), (0.0, 0.0), (20.0, 5.0)], 1.0, -0.5)
    pads = pads_map(tuple(chain), POSE, (120, 200))
    assert pads[60, 100] == pytest.approx(-1.0, abs=0.01)
    assert pads.min() >= -1.001
    apart = tuple(replace(pad, joined=False) for pad in chain)
    assert pads_map(apart, POSE, (120, 200))[60, 100] == pytest.approx(-2.0, abs=0.02)


def test_a_tapered_crease_is_as_deep_as_stated_in_the_middle_and_gone_at_its_ends():
    chain = tapered([(-20.0, 0.0), (-10.0, 0.0), (0.0, 0.0), (10.0, 0.0), (20.0, 0.0)], 1.0, -1.5)
    pads = pads_map(tuple(chain), POSE, (120, 200))
    # At a quarter of the way the sine of 45 degrees to the power 0.7.
    expected = [0.0, -1.5 * np.sin(np.pi / 4) ** 0.7, -1.5]
    assert pads[60, [60, 80, 100]] == pytest.approx(expected, abs=0.01)


def test_a_sharp_hollow_is_filled_and_a_bulge_stays():
    # Up, then 0.9 rad to the left, the flesh to the right.
    side = np.array([(0.0, -20.0), (0.0, -10.0), (0.0, 0.0), (-7.83, 6.22), (-15.67, 12.43)])
    out = np.vstack([side[:1], filled(side, most=0.4), side[-1:]])
    steps = np.diff(out, axis=0)
    assert np.diff(np.arctan2(-steps[:, 0], steps[:, 1])).max() < 0.45
    # Both lie on the left of the way before: the skin went outwards.
    assert out[2, 0] < -0.5 and out[1, 0] <= 0
    bulge = side * (-1, 1)
    assert (filled(bulge) == bulge[1:-1]).all()
    gentle = np.array([(0.0, 0.0), (0.0, 10.0), (-3.0, 19.5)])
    assert (filled(gentle) == gentle[1:-1]).all()


def test_skin_runs_round_a_shaft_that_leans_out():
    y = np.array([-40.0, -20.0, 0.0])
    arm = Arm(y, np.array([-30.0, -30.0, -30.0]), np.array([20.0, 20.0, 20.0]))
    ulna, radius = np.array([(-34.0, -40.0), (-22.0, 0.0)]), np.array([(10.0, -40.0), (19.0, 0.0)])
    out = round_bones(arm, (ulna, radius), 2.0)
    # The ulna's edge lies at -34, -28 and -22, 2 mm of flesh beside it; the radius's is too far out at 0.
    assert out.ulnar.tolist() == [-36.0, -30.0, -30.0]
    assert out.radial.tolist() == [20.0, 20.0, 21.0]


def test_a_pad_rises_evenly_from_one_end_to_the_other():
    pad = Capsule((-30.0, 0.0), (30.0, 0.0), 4.0, 4.0, 0.0, pad=True, end_depth=0.25)
    pads = pads_map((pad,), POSE, (120, 200))
    # 0.25 times the width of 8 mm at the end, half of it half-way, nothing at the start.
    assert pads[60, [40, 100, 160]] == pytest.approx([0.0, 1.0, 2.0], abs=0.01)


def limb_of(seed: int, age: float, swelling: float = 0.0, deviation: float = 0.0):
    child = draw_child(np.random.default_rng(seed), age)
    ill = Disease(swelling=swelling)
    return child, wrist_limb(
        np.random.default_rng((seed, 1)), child, {Bone.RADIUS: ill}, side=Side.LEFT,
        posture=Posture(deviation=deviation), pitch=0.6,
    )  # fmt: skip


def width_at(child, limb, place: float) -> float:
    """Width of the skin across the forearm ``place`` MW from the radius's chord, in MW."""
    unit = child.width_of(Bone.RADIUS)
    line = limb_tissue(limb, Pose(0.5, 0.0, False, (150.0, 100.0)), (300, 300))[
        100 - round(place * unit / 0.5)
    ]
    return float((line > 0.3).sum() * 0.5 / unit)


@pytest.mark.parametrize(
    ("age", "measured", "scatter"), [(1.5, 2.66, 0.2), (4.5, 2.33, 0.24), (8.0, 2.29, 0.2)]
)
def test_forearms_are_as_wide_as_on_films(age, measured, scatter):
    """Medians of 44 normal films half to one width behind the margin, with the scatter between films."""
    widths = [width_at(*limb_of(seed, age), -0.75) for seed in range(24)]
    assert np.median(widths) == pytest.approx(measured, rel=0.06)
    assert 0.25 * scatter < np.std(widths) < 1.6 * scatter


def test_swelling_widens_the_wrist_and_deviation_does_not_widen_the_forearm():
    plain, swollen, bent = (
        width_at(*limb_of(3, 3.0, **how), -0.3) for how in ({}, {"swelling": 0.15}, {"deviation": -20.0})
    )
    assert swollen == pytest.approx(1.15 * plain, rel=0.05)
    assert bent == pytest.approx(plain, rel=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_only_hands_with_fingers_have_webs_and_nails(seed):
    child = draw_child(np.random.default_rng(seed), 5.0)
    pads, skins = [], []
    for fingers in (True, False):
        limb = wrist_limb(
            np.random.default_rng((seed, 1)), child, {}, side=Side.LEFT, posture=Posture(), pitch=0.6,
            fingers=fingers,
        )  # fmt: skip
        pads.append(sum(capsule.pad for capsule in limb.soft))
        skins.append(limb.skin.box[3])
    # Four nails, four pads before the fingers and the fat between three pairs of them.
    assert pads[0] >= pads[1] + 11
    assert skins[0] > 1.5 * skins[1]


@pytest.mark.parametrize("age", [0.5, 4.0, 12.0])
def test_the_skin_holds_every_bone(age):
    for seed in range(4):
        _, limb = limb_of(seed, age)
        pose, shape, _ = lay_out(limb, Layout(behind=1.5, beyond=None), 0.5, None)
        tissue = limb_tissue(limb, pose, shape)
        for sheet, place in limb.others:
            # Every part of a bone that the film could show, not its middle alone.
            along, across = np.nonzero(sheet.values > 0.05)
            points = sheet.pitch * np.stack([across, along], axis=1) + (sheet.x0, sheet.s0)
            columns, rows = np.round(apply(pose.matrix() @ place.matrix(), points)).astype(int).T
            assert (tissue[rows, columns] > 0.3).all()
        assert (tissue[:2] == 0).all() and (tissue[:, :2] == 0).all()


def test_a_trimmed_film_ends_where_the_forearm_leaves_the_field():
    _, limb = limb_of(1, 7.0)
    layout = Layout(behind=2.0, beyond=None, angle=-25.0, trimmed=True)
    pose, shape, _ = lay_out(limb, layout, 0.5, None)
    leaves = apply(pose.matrix(), [(0.0, -2.0 * limb.unit)])[0]
    assert leaves[1] == pytest.approx(shape[0] - 1, abs=1.0)
    wider, _, _ = lay_out(limb, Layout(behind=2.0, beyond=None, aside=0.5), 0.5, None)
    plain, _, _ = lay_out(limb, Layout(behind=2.0, beyond=None), 0.5, None)
    assert wider.anchor[0] - plain.anchor[0] == pytest.approx(0.5 * limb.unit / 0.5, abs=0.01)


def test_spread_grain_keeps_its_variance():
    flat = np.zeros((300, 300), np.float32)
    taken = Exposure(scatter=0.0, heel=0.0, electronic=0.0)
    films = [
        detect(flat, flat + 20, flat + 1, replace(taken, grain_blur=blur), 0.2, np.random.default_rng(5))
        for blur in (0.0, 0.8)
    ]
    assert films[1].std() == pytest.approx(films[0].std(), rel=0.04)
    across = [np.corrcoef(f[:, :-1].ravel(), f[:, 1:].ravel())[0, 1] for f in films]
    # Two Gaussians of 0.8 pixels one pixel apart overlap by exp(-1 / (4 * 0.8^2)).
    assert across[0] == pytest.approx(0.0, abs=0.02)
    assert across[1] == pytest.approx(np.exp(-1 / (4 * 0.8**2)), abs=0.05)


def test_an_uneven_ground_leaves_white_white():
    film = np.zeros((200, 160), np.float32)
    film[80:120, 60:100] = 1.0
    out = spoil(film, Artefacts(veil=0.012), np.random.default_rng(2))
    assert (out[80:120, 60:100] == 1.0).all()
    ground = out[film == 0]
    assert 0.02 < np.ptp(ground) < 0.15
    # Where air is 0.05 nothing is cut off at 0: its darkest place is darker by 0.01, of which a grey of 0.05
    # keeps 1 - 1.3 x 0.05; stripes add less than 0.002.
    air = spoil(np.where(film == 0, np.float32(0.05), film), Artefacts(veil=0.012), np.random.default_rng(2))
    assert air.min() == pytest.approx(0.05 - 0.01 * (1 - 1.3 * 0.05), abs=0.002)
    # Parts of the ground are independent and sum to the stated deviation, each within e^0.4 (one deviation).
    spread = [
        spoil(film, Artefacts(veil=0.012), np.random.default_rng(k))[film == 0].std() for k in range(24)
    ]
    assert np.median(spread) == pytest.approx(0.012, rel=0.3)


def test_a_speck_is_a_soft_grain_and_no_dash_of_full_pixels():
    film = np.full((300, 300), 0.2, np.float32)
    marks = spoil(film, Artefacts(specks=40), np.random.default_rng(3)) - film
    assert 20 < cv2.connectedComponents((np.abs(marks) > 1e-4).astype(np.uint8))[0] < 60
    # A line of one pixel blurred by 0.6 pixels keeps erf(0.5 / (0.6 sqrt 2)) = 0.60 of its grey across it.
    level = np.abs(marks)
    assert (level > 0.5 * level.max()).mean() < 0.001 and level.max() < 0.08


def test_the_sides_of_a_field_are_smooth():
    # A side that climbs one row in 20 columns: along it each row's share of the beam grows evenly.
    field = beam_field((60, 200), np.array([(0.0, 40.0), (199.0, 30.0), (199.0, 70.0), (0.0, 70.0)]), 0.8)
    edge = np.array([np.interp(0.5, field[:, x], np.arange(60)) for x in range(20, 180)])
    assert np.diff(edge) == pytest.approx(-10 / 199, abs=0.2)


def test_the_forearm_is_the_same_whatever_the_film_looks_like():
    plain, other = (
        phantom.wrist(11, age=6.0, layout=layout, size_px=300).joints[0].bones
        for layout in (
            Layout(behind=2.0, beyond=None),
            Layout(behind=2.0, beyond=None, aside=0.4, trimmed=True),
        )
    )
    for a, b in zip(plain, other, strict=True):
        assert a.features["cupping"] == b.features["cupping"] and a.grade == b.grade


def test_a_root_of_a_finger_stands_out_of_a_thinner_web():
    # Over a band 30 mm thick at the middle lies a root 8 mm to either side of x = 10, 34 mm thick.
    root = np.array([(2.0, -100.0), (18.0, -100.0), (18.0, 100.0), (2.0, 100.0)])
    skin = band(-20.0, 20.0, 30.0)
    plain = flesh_map(skin, POSE, (120, 200))[60]
    line = flesh_map(replace(skin, roots=Roots((root,), 34.0, 8.0)), POSE, (120, 200))[60]
    assert line[120] == pytest.approx(34.0, rel=0.01)
    # 2 mm from its edge an ellipse has sqrt(1 - 0.75^2) of its 34 mm, less than the band: nothing changes.
    assert line[104 + 4] == pytest.approx(plain[104 + 4]) and 34 * np.sqrt(1 - 0.75**2) < plain[104 + 4]
    assert (line >= plain - 1e-4).all() and (line[:100] == plain[:100]).all()


def test_a_thumb_from_the_side_has_its_pad_on_one_side_and_its_nail_on_the_other():
    assert in_profile(8, 0.0).tolist() == [[1.0, 1.0]] * 8
    side = in_profile(8, 90.0)
    # The pad bulges before the end, the back never does; both are narrower at the end.
    assert side[-2].tolist() == pytest.approx([1.1, 0.8])
    assert side[-1].tolist() == pytest.approx([0.78, 0.5])
    assert in_profile(8, 30.0)[-1].tolist() == pytest.approx([0.89, 0.75])


def test_fingers_that_touch_keep_their_own_skin():
    def strip(left: float, right: float, low: float = -40.0) -> np.ndarray:
        y = np.linspace(low, 40.0, 30)
        return np.concatenate(
            [np.stack([np.full(30, x), way], 1) for x, way in ((left, y), (right, y[::-1]))]
        )

    palm, thumb = strip(-20.0, 20.0, -60.0) - (0, 60), strip(-45.0, -40.0)
    fingers = strip(-16.0, 0.2), strip(-0.2, 16.0)
    assert touching((thumb, *fingers), 1.0) and not touching((thumb, fingers[0], fingers[1] + (5, 0)), 1.0)
    places = np.array([(-8.0, 0.0), (8.0, 0.0)])
    values = (np.full(2, v) for v in (16.0, 8.0, 2.0))
    skin = Skin((palm, thumb, *fingers), places, *values, 20.0, 2.0)
    across = flesh_map(skin, POSE, (120, 200))[40]
    # The middle of each finger is as thick as stated, the seam between them thinner than a third of that.
    assert across[[84, 116]] == pytest.approx(16.0, rel=0.05)
    assert across[98:103].min() < 16 / 3
