"""Blurs and quantiles against those of scipy and numpy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from rickets_rx.quantiles import medians, percentiles, quantile_of_sorted
from rickets_rx.segment.frame import sample_at
from rickets_rx.segment.trace_filter import blurred


@pytest.mark.parametrize("shape", [(2, 5), (9, 40), (256, 3), (1, 7)])
@pytest.mark.parametrize(("down", "across"), [(5.0, 3.0), (0.5, 0.0), (0.0, 2.0)])
def test_a_blur_is_that_of_scipy(shape, down, across):
    picture = np.random.default_rng(0).random(shape).astype(np.float32)
    assert blurred(picture, down, across) == pytest.approx(gaussian_filter(picture, (down, across)), abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.85, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_a_quantile_of_sorted_values_is_that_of_numpy(share, count):
    values = np.random.default_rng(count).normal(size=(4, count))
    found = quantile_of_sorted(np.sort(values, axis=-1), share)
    assert found == pytest.approx(np.quantile(values, share, axis=-1), abs=1e-12)


def test_medians_are_those_of_numpy():
    values = np.random.default_rng(1).normal(size=(5, 8))
    assert medians(values) == pytest.approx(np.median(values, axis=-1), abs=1e-12)


@pytest.mark.parametrize("count", [30, 4096, 36864])
def test_percentiles_of_a_picture_are_those_of_numpy_to_the_bit(count):
    for seed in range(5):
        picture = (np.random.default_rng((count, seed)).random(count) * 65535).astype(np.float32)
        assert percentiles(picture, 0.5, 99.5) == list(np.percentile(picture, (0.5, 99.5)))


@pytest.mark.parametrize("shape", [(7, 11), (40_000,), (3, 5, 4), (0, 6)])
def test_a_slope_is_sampled_as_the_slope_whatever_the_shape_of_the_list(shape):
    rows, columns = np.mgrid[:30, :40]
    film = (2.0 * columns + 3.0 * rows).astype(np.float32)
    at = np.random.default_rng(2).uniform((1, 1), (38, 28), (*shape, 2))
    # OpenCV places a point to a 32nd of a pixel.
    assert sample_at(film, at) == pytest.approx(2 * at[..., 0] + 3 * at[..., 1], abs=5 / 64 + 1e-3)


def test_points_off_the_film_have_no_value():
    film = np.ones((30, 40), np.float32)
    seen = np.isfinite(
        sample_at(film, np.array([[0.0, 0.0], [39.0, 29.0], [-0.5, 3.0], [39.5, 3.0], [3.0, 29.2]]))
    )
    assert seen.tolist() == [True, True, False, False, False]
