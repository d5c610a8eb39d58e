"""The carpus: joint faces where a neighbour stands, shared depth where bones cross, centres of one age."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rickets_rx.phantom.anatomy import ONSET, Child, draw_child
from rickets_rx.phantom.carpus import BEARINGS, _Carpal, _yield_to, joints_of
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.facets import far_half, sharing
from rickets_rx.phantom.hand_anatomy import _clear_of, graded_bone
from rickets_rx.phantom.hand_atlas import draw_hand
from rickets_rx.phantom.margins import View3D
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.ray_shapes import draw_build
from rickets_rx.phantom.rays import RaySpec, stood
from rickets_rx.vocabulary import Bone

TURN = np.linspace(0, 2 * np.pi, 96, endpoint=False)
CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)
STRAIGHT = np.eye(3)


@pytest.fixture(scope="module")
def outlines():
    script = Path(__file__).parents[2] / "benchmarks" / "phantom_outlines.py"
    spec = importlib.util.spec_from_file_location("phantom_outlines", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def at_bearing(joints: tuple[float, ...], degrees: float) -> float:
    return float(np.interp(np.radians(degrees), BEARINGS, joints))


@pytest.mark.parametrize(("space", "share"), [(1.0, 1.0), (2.2, 0.5), (4.0, 0.0)])
def test_a_side_is_a_joint_face_where_a_neighbour_stands_near(space, share):
    # A face counts wholly within 0.06 widths of 20 mm = 1.2 mm, not at all from 3.2 mm.
    bone, other = 5 * CIRCLE, 5 * CIRCLE + np.array([10 + space, 0.0])
    joints = joints_of(bone, [other], 20.0)
    assert at_bearing(joints, 0) == pytest.approx(share, abs=0.03)
    assert at_bearing(joints, 90) == at_bearing(joints, -135) == 0
    assert joints_of(bone, [], 20.0) == (0.0,) * len(BEARINGS)


def test_bones_that_cross_share_the_depth_by_the_ways_from_their_edges():
    own, over = np.array([[2.0, 1.0, 0.0, 3.0]], np.float32), np.array([[0.0, 1.0, 2.0, 1.0]], np.float32)
    assert sharing(own, over, 0.2)[0] == pytest.approx([1.0, 0.6, 0.2, 0.8])


def test_a_bone_yields_within_the_other_only_and_most_at_its_own_edge():
    sheet = Sheet(np.ones((121, 121), np.float32), -6.0, -6.0, 0.1)
    bone = _Carpal("trapezoid", 5 * CIRCLE, np.array([30.0, 40.0]))
    _yield_to(sheet, bone, [(5 * CIRCLE + np.array([36.0, 40.0]), 0.2), (CIRCLE + 90.0, 0.2)])
    row = sheet.values[60]
    # The other reaches from x = 1 on; half-way between the edges (x = 3) both ways are 2 mm.
    assert row[:68] == pytest.approx(np.ones(68))
    assert row[90] == pytest.approx(0.2 + 0.8 * 0.5, abs=0.03)
    assert row[108] == pytest.approx(0.2 + 0.8 * 0.2 / 4.0, abs=0.04)
    assert sheet.values[5] == pytest.approx(np.ones(121))


def test_outlines_lose_ticks_and_keep_size(outlines):
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    oval = np.stack([3 * np.cos(turn) + 1, 2 * np.sin(turn)], axis=1)
    ticked = oval + 0.2 * np.stack([np.cos(11 * turn), np.zeros(48)], axis=1)
    assert outlines.smoothed(ticked) == pytest.approx(oval, abs=1e-9)


def test_deep_hollows_keep_two_fifths_of_their_excess(outlines):
    square = np.array([[0, 0], [10, 0], [10, 10], [5, 6], [0, 10]], float)
    # The dent lies 4 under the hull; 1 stays, and 0.4 of the other 3.
    assert outlines.filled(square, 1.0)[3] == pytest.approx([5, 10 - 1 - 0.4 * 3], abs=0.05)
    assert outlines.filled(square, 4.5) == pytest.approx(square, abs=1e-6)


def test_front_and_back_of_a_carpal_part_with_age():
    apart = [
        np.mean(
            [
                np.hypot(*(far_half(np.random.default_rng(n), CIRCLE, age) - CIRCLE).T).mean()
                for n in range(40)
            ]
        )
        for age in (3.0, 9.0)
    ]
    assert apart[1] == pytest.approx(4 * apart[0], rel=0.1) and 0.04 < apart[1] < 0.12


def test_the_centres_of_one_hand_are_of_one_age():
    children = [draw_child(np.random.default_rng(n), 7.0) for n in range(400)]
    for name, years in ONSET.items():
        own = np.array([years * child.factors["onset_" + name] for child in children])
        assert own.std() < 0.4 and np.median(own) == pytest.approx(years, abs=0.08)
    ready = [replace(child, lead=7.3 / 7.0) for child in children]
    # Ulna and scaphoid, a year apart on average, differ by 3.5 deviations of their difference at 7.3 years.
    assert np.mean([child.maturity("ulna") > 0 and child.maturity("scaphoid") > 0 for child in ready]) > 0.99


def test_the_epiphyses_of_the_forearm_follow_the_skeletal_age():
    ahead = Child(7.0, {}, lead=10.0 / 7.0)
    assert ahead.size("ulna_epiphysis_share") == Child(10.0, {}).size("ulna_epiphysis_share") == 1.0
    assert ahead.size("radius_width") == Child(7.0, {}).size("radius_width")


@pytest.mark.parametrize("age", [8.0, 10.0, 12.0])
def test_capitate_and_hamate_stand_as_close_as_on_films(age):
    for seed in range(8):
        hand = draw_hand(np.random.default_rng(seed), age)
        one, two = (b.points + b.place for b in (hand.bone("capitate"), hand.bone("hamate")))
        assert min(np.hypot(*(one - p).T).min() for p in two) < 0.1


@pytest.mark.parametrize("deviation", [0.0, 20.0])
def test_lunate_or_scaphoid_stands_just_over_the_epiphysis_of_an_older_child(deviation):
    spaces = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        child = Child(11.0, {})
        unit, build = child.width_of(Bone.RADIUS), draw_build(rng, child)
        radius = graded_bone(
            rng, child, Bone.RADIUS, Disease(), Placement((0, 0), 0.0), View3D(), 60.0, 0.3, build
        )
        spec = RaySpec(child, unit, 1.7 * unit, Disease(), 1.0, 1.0, 0.3, True)
        turn = Placement((0.0, 5.0), deviation).matrix()
        spec = replace(spec, lift=_clear_of(rng, radius, spec, build, turn))
        plate = radius.epiphysis.plate.outline()
        nearest = np.inf
        for name in ("lunate", "scaphoid"):
            bone = build.mix.bone(name)
            lying = bone.points * build.mm + stood(spec, build.mm, bone.place) - (0.0, 5.0)
            lying = lying @ turn[:2, :2].T + (0.0, 5.0)
            for x, y in lying:
                near = np.abs(plate[:, 0] - x) < 0.05 * unit
                if near.any():
                    nearest = min(nearest, y - plate[near, 1].max())
        spaces.append(nearest / unit)
    # Drawn about 0.04 widths, 0 to 0.12.
    assert min(spaces) > -0.03 and max(spaces) < 0.15
    assert 0.01 < np.median(spaces) < 0.09
