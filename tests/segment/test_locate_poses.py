"""Poses, crops and inputs: geometry against values worked out by hand."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.segment.locate import merged
from rickets_rx.segment.network import CROP_SIZE, FILM_SIZE, apply_affine, around, as_input, shrink, smooth
from rickets_rx.segment.proposals import Pose, closer_views, film_views, pose_from_points
from rickets_rx.vocabulary import Joint

MIDDLE = (CROP_SIZE - 1) / 2


def test_upright_wrist_crop_by_hand() -> None:
    # A radius 64 px wide: the crop is 192 px, three widths, so one film pixel is one crop pixel.
    pose = Pose(Joint.WRIST, (200.0, 300.0), (0.0, -1.0), 64.0, turned=False)
    to_crop = pose.matrix()
    # The middle of the crop lies 0.35 widths (22.4 px) to the ulnar side of the radius.
    assert apply_affine(to_crop, np.array([200.0 - 22.4, 300.0])) == pytest.approx([MIDDLE, MIDDLE])
    # Corner 2 (thumb side) falls to the right, distal points above.
    assert apply_affine(to_crop, np.array([232.0, 300.0])) == pytest.approx([MIDDLE + 54.4, MIDDLE])
    assert apply_affine(to_crop, np.array([200.0, 290.0])) == pytest.approx([MIDDLE + 22.4, MIDDLE - 10])


def test_mirrored_pose_brings_the_other_corner_to_the_right() -> None:
    pose = Pose(Joint.WRIST, (200.0, 300.0), (0.0, -1.0), 64.0, turned=False).mirrored()
    assert pose.across == pytest.approx([-1.0, 0.0])
    assert apply_affine(pose.matrix(), np.array([168.0, 300.0])) == pytest.approx([MIDDLE + 54.4, MIDDLE])


@given(
    angle=st.floats(0, 6.28),
    width=st.floats(5, 900),
    x=st.floats(-50, 4000),
    y=st.floats(-50, 4000),
    turned=st.booleans(),
)
def test_pose_comes_back_from_its_own_points(
    angle: float, width: float, x: float, y: float, turned: bool
) -> None:
    pose = Pose(Joint.WRIST, (x, y), (float(np.cos(angle)), float(np.sin(angle))), width, turned)
    corners = [np.asarray(pose.centre) + side * pose.across * width / 2 for side in (-1, 1)]
    again = pose_from_points(Joint.WRIST, np.stack([*corners, np.asarray(pose.centre) + pose.distal]))
    assert again.turned == turned
    assert again.width == pytest.approx(width, rel=1e-6)
    assert np.asarray(again.distal) == pytest.approx(np.asarray(pose.distal), abs=1e-6)
    assert again.centre == pytest.approx(pose.centre, abs=1e-6)


def test_pose_needs_two_corners() -> None:
    with pytest.raises(ValueError, match="different points"):
        pose_from_points(Joint.WRIST, np.zeros((3, 2)))


def test_film_views_hold_the_whole_film() -> None:
    # 900 rows by 600 columns: the four corners stay within the 256 px picture in both views.
    corners = np.array([(0, 0), (599, 0), (0, 899), (599, 899)])
    for matrix in film_views((900, 600)):
        seen = apply_affine(matrix, corners)
        assert seen.min() >= -0.5 and seen.max() <= 255.5
        assert np.ptp(seen, axis=0).max() == pytest.approx(899 * 256 / 900)


def test_input_is_standardised_and_ignores_linear_exposure() -> None:
    rng = np.random.default_rng(3)
    picture = cv2.GaussianBlur(rng.normal(size=(192, 192)).astype(np.float32), (0, 0), 3)
    one, two = as_input(picture), as_input(700 * picture + 9000)
    assert one.shape == (2, 192, 192) and one.dtype == np.float32
    assert float(one[0].mean()) == pytest.approx(0, abs=1e-3)
    assert float(one[0].std()) == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(one, two, atol=2e-2)


def test_flat_picture_stays_finite() -> None:
    assert np.isfinite(as_input(np.full((256, 256), 7, np.float32))).all()


def test_wide_blur_is_close_to_the_exact_one() -> None:
    rng = np.random.default_rng(1)
    picture = cv2.GaussianBlur(rng.normal(size=(256, 256)).astype(np.float32), (0, 0), 4)
    exact = cv2.GaussianBlur(picture, (0, 0), 16)
    inside = np.s_[48:-48, 48:-48]
    assert np.abs(smooth(picture, 16) - exact)[inside].max() < 0.15 * np.ptp(exact[inside])


def test_shrink_keeps_small_films_and_fits_large_ones() -> None:
    small, scale = shrink(np.zeros((300, 200), np.float32), 1400)
    assert small.shape == (300, 200) and scale == 1
    large, scale = shrink(np.zeros((4000, 3000), np.float32), 1400)
    assert large.shape == (1400, 1050) and scale == pytest.approx(0.35)


def test_window_is_cut_at_the_edge() -> None:
    assert around(1, 9, 3, (20, 10)) == (slice(0, 5), slice(6, 10))


def test_poses_that_repeat_a_better_one_are_read_once() -> None:
    best = Pose(Joint.WRIST, (100.0, 100.0), (0.0, -1.0), 40.0, False, 0.5)
    near = replace(best, centre=(108.0, 100.0), weight=0.4)  # 0.2 widths away
    away = replace(best, centre=(112.0, 100.0), weight=0.3)  # 0.3 widths away
    large = replace(best, width=51.0, weight=0.2)
    leaning = replace(best, distal=(0.5, -0.8660254), weight=0.1)
    other = replace(best, turned=True, weight=0.05)
    elbow = replace(best, joint=Joint.ELBOW, weight=0.04)
    assert merged([near, elbow, best, away, large, leaning, other]) == [
        best, away, large, leaning, other, elbow,
    ]  # fmt: skip


def test_both_ends_of_a_long_film_are_looked_at() -> None:
    # 400 rows by 1000 columns: squares of 500 columns, from -0.5 to 499.5 and from 499.5 to 999.5.
    assert len(film_views((400, 640))) == 2  # no longer than 1.6 to 1
    _, _, left, right = film_views((400, 1000))
    zoom = FILM_SIZE / 500
    for matrix, middle in ((left, 249.5), (right, 749.5)):
        assert apply_affine(matrix, np.array([middle, 199.5])) == pytest.approx([127.5, 127.5])
        assert apply_affine(matrix, np.array([middle + 100, 199.5])) == pytest.approx(
            [127.5 + 100 * zoom, 127.5]
        )
    _, _, top, bottom = film_views((1000, 400))
    assert apply_affine(top, np.array([199.5, 249.5])) == pytest.approx([127.5, 127.5])
    assert apply_affine(bottom, np.array([199.5, 749.5])) == pytest.approx([127.5, 127.5])


def test_a_closer_look_is_also_askew() -> None:
    askew = closer_views((300, 300))[5:]
    # 10 px to the right of the middle goes 10 px towards 45, 135, 225 and 315 degrees (y down), 256 / 300.
    reach = 10 * FILM_SIZE / 300 / np.sqrt(2)
    seen = [apply_affine(matrix, np.array([159.5, 149.5])) - 127.5 for matrix in askew]
    assert np.array(seen) == pytest.approx(reach * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]))
