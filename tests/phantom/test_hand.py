"""The hand: rays in their order, flesh of a stated profile, epiphyses that follow their shaft."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.phantom.anatomy import draw_child
from rickets_rx.phantom.bone_end import grow
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.epiphyses import capped
from rickets_rx.phantom.limb import Capsule, _profile, tissue_map
from rickets_rx.phantom.margins import Shape, View3D
from rickets_rx.phantom.measure import collar_length, measure, survey
from rickets_rx.phantom.noise import mesh_tile
from rickets_rx.phantom.place import Pose
from rickets_rx.phantom.rays import RaySpec, rays
from rickets_rx.phantom.small_bones import Disc, Look
from rickets_rx.vocabulary import Bone


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), age=st.floats(0.3, 15.0), spread=st.floats(0.0, 2.1))
def test_rays_stand_in_order_and_point_away_from_the_wrist(seed, age, spread):
    rng = np.random.default_rng(seed)
    child = draw_child(rng, age)
    unit = child.width_of(Bone.RADIUS)
    height = child.size("wrist_height") * unit
    _, paths = rays(rng, RaySpec(child, unit, height, Disease(), spread, 1.0, 0.3, True))
    # Thumb side to little finger, at the bases and at the knuckles.
    for joint in (0, 1):
        across = [path[joint][0] for path in paths]
        assert all(a > b for a, b in pairwise(across))
    assert [len(path) for path in paths] == [4, 5, 5, 5, 5]
    for path in paths:
        assert all(b[1] > a[1] for a, b in pairwise(path))
    # The middle finger reaches furthest from its own base.
    lengths = [np.hypot(*np.subtract(path[-1], path[0])) for path in paths]
    assert max(lengths) == lengths[2]


@pytest.mark.parametrize(("flat", "expected"), [(2.0, 0.8), (4.0, (1 - 0.6**4) ** 0.25)])
def test_a_capsule_is_as_thick_as_its_superellipse(flat, expected):
    squared = np.array([[0.0, 0.36, 1.0]], np.float32)
    assert _profile(squared, flat)[0] == pytest.approx([1.0, expected, 0.0], abs=1e-6)


def test_a_capsule_gets_deeper_towards_its_end():
    pose = Pose(0.5, 0.0, False, (100.0, 180.0))
    limb = (Capsule((0, 0), (0, 60), 20.0, 20.0, 0.5, end_depth=1.0),)
    tissue = tissue_map(limb, pose, (200, 200), 1)
    # Along the middle line: 20 mm of depth at the start, 40 mm at the end (within the unevenness of flesh).
    start, end = tissue[180 - 10, 100], tissue[180 - 110, 100]
    assert start == pytest.approx(2 * 20 * (0.5 + 0.5 * 5 / 60), rel=0.06)
    assert end == pytest.approx(2 * 20 * (0.5 + 0.5 * 55 / 60), rel=0.06)


def test_the_mesh_is_a_periodic_tile_of_unit_variance():
    tile = mesh_tile(8)
    assert tile.mean() == pytest.approx(0, abs=1e-4)
    assert tile.std() == pytest.approx(1, abs=1e-4)
    # Neighbours across the seam are as alike as neighbours inside.
    seam, inside = np.abs(tile[:, 0] - tile[:, -1]).mean(), np.abs(np.diff(tile, axis=1)).mean()
    assert seam == pytest.approx(inside, rel=0.25)


def straight_bone(collar, splay=0.0):
    """A bone without wobble whose flare falls to half 0.5 widths behind its collar, power 2."""
    shape = Shape(width=20.0, shaft=10.0, length=60.0, flare=(0.5, 0.5), flare_power=2.0, collar=collar)
    end = grow(shape, Disease(splay=splay), View3D(), np.random.default_rng(0))
    return replace(end, wobble=np.zeros_like(end.wobble))


@pytest.mark.parametrize("collar", [0.0, 1.0, 2.5])
def test_collar_ends_where_the_side_has_drawn_in_by_one_percent(collar):
    # (20 - 10) / 2 * (1 - 1 / (1 + q^2)) = 0.2 mm gives q = sqrt(0.2 / 4.8), in units of 0.5 x 20 mm.
    expected = (collar + np.sqrt(0.2 / 4.8) * 10) / 20
    assert collar_length(straight_bone(collar)) == pytest.approx(expected, abs=0.001)


def test_splaying_shortens_the_collar():
    assert collar_length(straight_bone(2.0, splay=0.25)) < collar_length(straight_bone(2.0)) - 0.02


def test_a_deep_fringe_leaves_no_collar_to_measure():
    shape = Shape(width=12.0, shaft=6.0, length=40.0)
    end = grow(shape, Disease(fray_depth=1.5, fray_extent=1.0), View3D(), np.random.default_rng(1))
    values, reasons = measure(survey(end), None, 30.0)
    assert (values["collar"], reasons["collar"]) == (None, "margin_dissolved")


def plate_at(floor):
    wide = np.linspace(-12, 12, 41)
    return Disc(
        width=16.0,
        height=5.0,
        depth=10.0,
        centre=0.0,
        floor=np.stack([wide, np.full(41, floor)], 1),
        square=3.0,
    )


@pytest.mark.parametrize("smear", [0.0, 1.5])
def test_the_face_of_an_epiphysis_moves_with_its_floor(smear):
    near, far = (
        capped(plate_at(s), look=Look(0.26), seed=3, pitch=0.2, smear=smear).face for s in (1.0, 2.7)
    )
    assert np.median(far[:, 1]) - np.median(near[:, 1]) == pytest.approx(1.7, abs=0.06)
    # Half of the mineral lies between the outline and the plate's inner half.
    assert 1.0 - 0.5 * smear < np.median(near[:, 1]) < 2.25
