"""Joint faces of the carpals, the hook of the hamate, and thin strands: places, ages, freezes."""

import numpy as np
import pytest

from rickets_rx.phantom.facets import OUTER, Facet, draw_facets, face_lines, hook, inset
from rickets_rx.phantom.noise import strand_tile
from rickets_rx.phantom.ray_shapes import BALL, FOOT, _ball, _lens, _squared, _waisted

TURN = np.linspace(0, 2 * np.pi, 48, endpoint=False)
CIRCLE = 5.0 * np.stack([np.cos(TURN), np.sin(TURN)], axis=1)
DISTAL = Facet(angle=90.0, half=40.0, inset=1.0, strength=0.8)


def disc(pitch: float = 0.05) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Way in from the edge of a disc of 5 mm, and its axes."""
    axis = np.arange(-6, 6, pitch, dtype=np.float32)
    return np.maximum(5 - np.hypot(axis[None, :], axis[:, None]), 0).astype(np.float32), axis, axis


def test_a_face_draws_its_outline_in_where_it_lies_and_nowhere_else():
    radius = np.hypot(*inset(CIRCLE, (DISTAL,)).T)
    assert radius[12] == pytest.approx(5 - OUTER * 1.0)
    assert radius[[0, 24, 36]] == pytest.approx([5.0, 5.0, 5.0])


def test_the_line_of_a_face_lies_its_inset_behind_the_silhouette():
    inside, x, s = disc()
    lines = face_lines(inside, x, s, (DISTAL,))
    column = lines[:, np.argmin(np.abs(x))]
    # On a map whose edge is the far outline, the rest of the inset is left.
    assert s[column.argmax()] == pytest.approx(5 - (1 - OUTER) * 1.0, abs=0.06)
    assert column.max() == pytest.approx(0.8, rel=0.02)
    assert lines[s < 0].max() == 0


def test_small_children_have_no_faces_and_the_scaphoid_has_a_strong_one_later():
    rng = np.random.default_rng(0)
    assert draw_facets(rng, "scaphoid", 4.4, 20.0) == ()
    assert draw_facets(rng, "pisiform", 11.0, 24.0) == ()
    drawn = [draw_facets(np.random.default_rng(n), "scaphoid", 11.0, 24.0) for n in range(60)]
    strongest = [max(faces, key=lambda f: f.strength).angle for faces in drawn if faces]
    # Towards the capitate: to the little finger's side.
    assert np.median(strongest) == pytest.approx(165, abs=10)


def test_the_hook_is_an_open_ring_that_comes_with_age():
    axis = np.arange(-6, 6, 0.1, dtype=np.float32)
    young, old = (hook(np.random.default_rng(1), axis, axis, age, 24.0) for age in (8.5, 12.0))
    assert young.max() == 0
    assert 0.2 < old.max() < 0.8
    middle, ring = old[len(axis) // 2, len(axis) // 2], old.max()
    assert middle < 0.6 * ring


def test_strands_are_thinner_than_the_gaps_between_them_and_run_along():
    tile = strand_tile(8)
    assert tile.mean() == pytest.approx(0, abs=1e-4) and tile.std() == pytest.approx(1, abs=1e-4)
    assert np.median(tile) < -0.1
    assert np.abs(np.diff(tile, axis=1)).mean() > 1.3 * np.abs(np.diff(tile, axis=0)).mean()


def test_a_head_goes_towards_a_ball_on_a_flatter_foot():
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    most = np.maximum(np.abs(np.cos(turn)), np.abs(np.sin(turn)))
    square = 5 * np.stack([np.cos(turn), np.sin(turn)], axis=1) / most[:, None]
    made = _ball(square + np.array([0.0, 30.0])) - (0.0, 30.0)
    # A square's corner at 5, 5: towards the joint that of a circle lies at 5 / sqrt 2, towards the plate that
    # of a squarer curve at 5 / 2 ** (1 / FOOT), a tenth less low.
    assert made[6] == pytest.approx([5 + BALL * (5 / np.sqrt(2) - 5)] * 2)
    low = 5 / 2 ** (1 / FOOT)
    assert made[42] == pytest.approx([5 + BALL * (low - 5), -5 - BALL * (0.9 * low - 5)])
    assert made[[0, 12, 24]] == pytest.approx(square[[0, 12, 24]])
    assert made[36, 1] == pytest.approx(-5 + BALL * 0.5)


def test_a_disc_is_thinner_at_its_sides_and_keeps_its_face_to_the_shaft():
    x = np.linspace(-5, 5, 21)
    disc = np.vstack(
        [np.stack([x, np.full(21, -3.0)], axis=1), np.stack([x[::-1], np.full(21, -1.0)], axis=1)]
    )
    made = _lens(disc, 0.4)
    assert made[21:] == pytest.approx(disc[21:])
    # At its side 0.4 of 2 mm is gone, half-way an eighth of that.
    assert made[[0, 5, 10], 1] == pytest.approx([-3 + 0.8, -3 + 0.1, -3])


def test_a_round_head_of_a_phalanx_is_made_square_and_no_longer():
    s = 30 * np.sin(np.linspace(0, np.pi / 2, 23))
    half = 4 * np.cos(np.linspace(0, np.pi / 2, 23)) ** 0.3
    right = np.stack([half, s], axis=1)
    bone = np.vstack([[[0.0, 0.0]], right, [[0.0, 30.0]], right[::-1] * (-1, 1)])
    made = _squared(bone, 8.0, 1.0)
    assert made[:, 1] == pytest.approx(bone[:, 1])
    assert made[s.searchsorted(23.0)] == pytest.approx(bone[s.searchsorted(23.0)])
    # A third into the corner hardly anything is missing: 0.48 of 8 mm.
    near = np.argmin(np.abs(right[:, 1] - 30 * (0.86 + 0.14 / 3))) + 1
    assert made[near, 0] == pytest.approx(
        max(0.48 * 8 * (1 - 1 / 3**3.2) ** (1 / 3.2), bone[near, 0]), rel=0.03
    )


def test_a_phalanx_without_a_waist_gets_one_and_keeps_its_ends():
    s = np.linspace(0, 20, 23)
    right = np.stack([np.full(23, 4.0), s], axis=1)
    left = np.stack([np.full(23, -4.0), s[::-1]], axis=1)
    straight = np.vstack([[[0.0, 0.0]], right, [[0.0, 20.0]], left])
    made = _waisted(straight)
    at_base, at_waist = (np.abs(made[1:24, 0])[np.argmin(np.abs(s - where))] for where in (2.0, 12.0))
    assert at_base == 4.0 and at_waist < 4.0 / 1.1
    assert made[:, 1] == pytest.approx(straight[:, 1])
