"""Joint faces of the carpals, the hook of the hamate, and thin strands: places, ages, freezes."""

import numpy as np
import pytest

from rickets_rx.phantom.facets import OUTER, Facet, draw_facets, face_lines, hook, inset
from rickets_rx.phantom.noise import strand_tile
from rickets_rx.phantom.ray_shapes import _domed, _waisted

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


def test_a_ripe_head_is_a_dome_on_a_square_foot_with_its_joint_face_where_it_was():
    dome = CIRCLE + np.array([0.0, 30.0])
    young, ripe = _domed(dome, 5.0), _domed(dome, 10.0)
    assert young == pytest.approx(dome)
    assert ripe[:, 1].max() == pytest.approx(35.0) and ripe[:, 1].min() == pytest.approx(24.7)
    # At 45 degrees the joint's half of a circle stays one; on the foot's a half width of 5 / sqrt 2 grows by
    # sqrt 2 ** 0.3 and stands out by another 0.02.
    assert ripe[6, 0] == pytest.approx(5 / np.sqrt(2))
    assert ripe[42, 0] == pytest.approx(5 / np.sqrt(2) * np.sqrt(2) ** 0.3 * 1.02)


def test_a_phalanx_without_a_waist_gets_one_and_keeps_its_ends():
    s = np.linspace(0, 20, 23)
    right = np.stack([np.full(23, 4.0), s], axis=1)
    left = np.stack([np.full(23, -4.0), s[::-1]], axis=1)
    straight = np.vstack([[[0.0, 0.0]], right, [[0.0, 20.0]], left])
    made = _waisted(straight)
    at_base, at_waist = (np.abs(made[1:24, 0])[np.argmin(np.abs(s - where))] for where in (2.0, 12.0))
    assert at_base == 4.0 and at_waist < 4.0 / 1.1
    assert made[:, 1] == pytest.approx(straight[:, 1])
