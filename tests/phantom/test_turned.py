"""The turned thumb, the two edges of a growth plate, and epiphyses that follow their shaft."""

import numpy as np
import pytest

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.outline_build import Build, Grain
from rickets_rx.phantom.outline_solid import solid
from rickets_rx.phantom.ray_shapes import _along_plate, _crowned, _dished, _straighter, draw_build
from rickets_rx.phantom.rays import Lip, bent_flat, far_side, plate_lip
from rickets_rx.phantom.small_bones import Look
from rickets_rx.phantom.turned import SCOOP, TAPER, WAIST, axis_and_half, depths, sides, turned, wedged


def rod(half: float, long: float) -> np.ndarray:
    """A rectangle of 48 points from the middle of its base, once round."""
    s = np.linspace(0, long, 23)
    right = np.stack([np.full(23, half), s], axis=1)
    return np.vstack([[[0.0, 0.0]], right, [[0.0, long]], right[::-1] * (-1, 1)])


def test_both_sides_of_an_outline_run_from_base_to_head():
    right, left = sides(rod(4.0, 30.0))
    assert right[:, 0].min() == 0 and left[:, 0].max() == 0
    assert (np.diff(right[:, 1]) >= 0).all() and (np.diff(left[:, 1]) >= 0).all()
    middle, half = axis_and_half(rod(4.0, 30.0) + np.array([1.5, 0.0]), np.array([5.0, 25.0]))
    assert middle == pytest.approx([1.5, 1.5]) and half == pytest.approx([4.0, 4.0])


def test_a_bone_that_is_not_turned_keeps_its_outline():
    assert turned(rod(4.0, 30.0), 1, 0.0) == pytest.approx(rod(4.0, 30.0))


@pytest.mark.parametrize("kind", [0, 1, 3])
def test_from_the_side_a_thumbs_bone_shows_its_back_straight_and_its_palm_hollow(kind):
    made = turned(rod(4.0, 30.0), kind, 90.0)
    s = np.array([6.0, 16.5, 24.0])
    middle, half = axis_and_half(made, s)
    back, palm = middle + half, middle - half
    # Both fall from 4 mm at the base by the taper; at 0.55 of the length the back is drawn in by the waist,
    # the palm's side by the scoop too.
    at_waist = 1 - TAPER[kind] * 0.55 - WAIST[kind]
    assert back[1] == pytest.approx(4 * at_waist, abs=0.05)
    assert palm[1] == pytest.approx(-4 * (at_waist - SCOOP[kind]), abs=0.05)
    bows = [abs(side[1] - np.interp(s[1], s[[0, 2]], side[[0, 2]])) for side in (back, palm)]
    assert bows[1] > 2 * bows[0]


def test_depths_of_a_straight_bone_are_alike_in_front_and_behind():
    back, palm = depths(np.linspace(0, 1, 5), 1, 0.0)
    assert back == pytest.approx(palm) and back[-1] == pytest.approx(1 - TAPER[1])


def test_a_turned_disc_is_a_wedge_with_its_face_to_the_shaft_in_place():
    disc = np.array([[-5.0, -3.0], [5.0, -3.0], [5.0, -1.0], [-5.0, -1.0]])
    made = wedged(disc, 0.4)
    assert made[2:] == pytest.approx(disc[2:])
    assert made[:2, 1] == pytest.approx([-1 - 2 * 0.6, -1 - 2 * 1.4])


def test_shaft_and_head_part_along_the_same_far_edge():
    lip = Lip(off=-0.8, lean=0.3, arc=-0.4, waves=0.0, phase=0.0)
    rng = np.random.default_rng(0)
    shaft, head = rod(4.0, 30.0), rod(4.0, 10.0) + np.array([0.0, 30.5])
    far_shaft = far_side(rng, shaft, (0.0, 0.0), lips=(None, lip))
    far_head = far_side(rng, head, (0.0, 0.0), 0.5, (lip, None))
    # In the middle both hang by off + arc; the gap of 0.5 mm between them stays.
    assert far_shaft[24, 1] == pytest.approx(30 - 1.2)
    assert far_head[0, 1] == pytest.approx(30.5 - 1.2)
    assert far_shaft[0, 1] == pytest.approx(0) and far_head[24, 1] == pytest.approx(40.5)


def test_the_far_edge_of_a_plate_hangs_further_in_older_children():
    drop = [
        np.median([plate_lip(np.random.default_rng(n), age).off for n in range(60)]) for age in (4, 8, 12)
    ]
    assert 0 > drop[0] > drop[1] > drop[2] > -2.0


def test_a_disc_follows_a_slanting_end_and_keeps_its_thickness():
    shaft = rod(5.0, 20.0)
    shaft[:, 1] += np.where(shaft[:, 1] < 10, 0.2 * shaft[:, 0], 0)
    disc = np.vstack(
        [[(x, -3.0) for x in np.linspace(-5, 5, 20)], [(x, -1.0) for x in np.linspace(5, -5, 20)]]
    )
    made = _along_plate(shaft, disc, False, 1.0)
    # The clipped ends (beyond 0.8 of the half width) stay level.
    inner = np.abs(disc[:, 0]) < 3.5
    assert (made - disc)[inner, 1] == pytest.approx(0.2 * disc[inner, 0], abs=0.25)
    assert made[39:19:-1, 1] - made[:20, 1] == pytest.approx(2.0)
    assert _along_plate(shaft, disc, False, 0.0) == pytest.approx(disc)


@pytest.mark.parametrize(("at_head", "most"), [(False, 0.2), (True, 0.12)])
def test_an_epiphysis_beside_its_shaft_is_not_torn_into_spikes(at_head, most):
    # The end falls by 6 mm over the 6 mm of its width: followed, the cap would lean by 2.4 mm to either side.
    shaft, cap = rod(3.0, 30.0), rod(3.0, 6.0) + np.array([0.0, 31.0 if at_head else -7.0])
    shaft[:, 1] += shaft[:, 0]
    bent = (_along_plate(shaft, cap, at_head, 1.0) - cap)[:, 1]
    assert np.ptp(bent) == pytest.approx(2 * most * 6, rel=0.25)
    assert np.ptp(bent) <= 2 * most * 6 + 1e-9


def test_a_ripe_disc_is_hollow_towards_the_joint_and_as_wide_as_before():
    disc = np.vstack(
        [[(x, -3.0) for x in np.linspace(-5, 5, 21)], [(x, -1.0) for x in np.linspace(5, -5, 21)]]
    )
    assert _dished(disc, 5.0) == pytest.approx(disc)
    ripe = _dished(disc, 10.0)
    assert np.ptp(ripe[:, 0]) == pytest.approx(10)
    assert ripe[10, 1] == pytest.approx(-3 + 0.04 * 2) and ripe[[0, 20], 1] == pytest.approx([-3, -3])
    assert ripe[21:, 1] == pytest.approx(-1)


def test_a_wall_gives_way_by_and_by_inside_and_stands_highest_off_the_edge():
    made = Build(depth=0.8, wall=1.6, edge=(1.0, 1.0, 1.0), fill=(1.0, 1.0, 1.0))
    sheet = solid(rod(6.0, 50.0), made, pitch=0.2, look=Look(), grain=Grain(clear=0.0), seed=3)
    row = sheet.values[round((25 - sheet.s0) / 0.2)]
    x = sheet.x0 + 0.2 * np.arange(len(row))
    wall, marrow = row[(x > -6) & (x < -3)], row[np.abs(x) < 1].mean()
    assert wall.max() > 1.15 * marrow
    # From the peak inwards no step of 0.2 mm takes more than a fifth of the way down to the marrow.
    down = row[(x > x[row[x < 0].argmax()]) & (x < -1)]
    assert (-np.diff(down)).max() < 0.2 * (wall.max() - marrow)


def test_a_bent_finger_is_shortened_more_from_joint_to_joint():
    # Half, 1.1 and 1.5 times 40 degrees; never beyond 75.
    assert bent_flat(40.0, 1) == pytest.approx(np.cos(np.radians(20)))
    assert bent_flat(40.0, 2) == pytest.approx(np.cos(np.radians(44)))
    assert bent_flat(40.0, 3) == pytest.approx(0.5)
    assert bent_flat(90.0, 3) == pytest.approx(np.cos(np.radians(75)))
    assert bent_flat(90.0, 0) == 1 == bent_flat(0.0, 3)


def test_only_infants_bend_their_fingers():
    bent = [
        [draw_build(np.random.default_rng(n), Child(age, {})).bent for n in range(40)] for age in (0.6, 2.3)
    ]
    # Half of all absolute normal deviates lie below 0.674.
    assert np.median(bent[0]) == pytest.approx(0.674 * 24, rel=0.35)
    assert max(bent[1]) == 0


def test_a_tuft_is_an_arc_over_a_neck_and_as_long_as_before():
    # A square head, 4 mm wide: its corners lie 2.7 mm from the middle of an arc of 0.48 of the width.
    tuft = _crowned(np.random.default_rng(1), rod(2.0, 20.0), 1.0)
    assert len(tuft) == 3 * 48 and tuft[:, 1].max() == pytest.approx(20.0)
    upper = tuft[tuft[:, 1] > 19.0]
    away = np.hypot(*(upper - np.array([0.0, 20.0 - 0.46 * 4])).T)
    assert np.median(away) == pytest.approx(0.48 * 4, abs=0.15)
    assert np.hypot(*(tuft - np.array([0.0, 20.0 - 0.46 * 4])).T)[tuft[:, 1] > 18.5].max() < 2.4
    assert _crowned(np.random.default_rng(1), rod(2.0, 20.0), 0.0)[::3] == pytest.approx(rod(2.0, 20.0))


def test_the_thumbs_metacarpal_keeps_a_quarter_of_its_bow_and_its_width():
    bowed = rod(4.0, 30.0)
    bowed[:, 0] += 2.0 * np.sin(np.pi * bowed[:, 1] / 30)
    middle, half = axis_and_half(_straighter(bowed), np.array([4.0, 15.0, 26.0]))
    assert half == pytest.approx([4.0, 4.0, 4.0], abs=0.02)
    # The arc is 2 (1 - sin(0.06 pi)) mm over the chord of its ends' axis.
    chord = 2 * np.sin(0.06 * np.pi)
    assert middle[1] == pytest.approx(chord + 0.25 * (2 - chord), abs=0.03)
