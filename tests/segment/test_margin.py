"""The 50 % line around a course that the margin's network saw, on drawn bones of known margins."""

import numpy as np
import pytest
from drawn_bone import DrawnBone

from rickets_rx.segment.margin import find_margin

SMOOTH, COMBED = 0.014, 0.02  # spreads of the network on a normal and on a frayed end


def found(drawn, spread, noise=0.0):
    """Margin of a drawn bone around a course that lies on its chord; ``noise`` in shares of its density."""
    pixels = drawn.film().pixels.copy()
    pixels += 1000 * noise * np.random.default_rng(1).standard_normal(pixels.shape, np.float32)
    course = drawn.frame.to_pixels(np.linspace(-1, 1, 33), np.zeros(33))
    return find_margin(pixels, drawn.frame, course, contrast=1000.0, spread=np.full(33, spread))


def rms(margin):
    inner = np.abs(margin.v) < 0.8
    return float(np.sqrt(np.mean(margin.h[inner] ** 2)))


@pytest.mark.parametrize(("spread", "left"), [(COMBED, 0.95), (SMOOTH, 0.45)])
def test_teeth_stay_where_the_network_sees_no_single_line(spread, left):
    # Teeth of 0.02 widths, 0.1 apart. An average over a standard deviation of 0.02 leaves
    # exp(-2 (pi 0.02 / 0.1)^2) = 0.454 of them, that over half a column of 0.005 nearly all.
    comb = DrawnBone(margin=lambda x: 0.02 * np.sin(2 * np.pi * x / 0.1))
    assert rms(found(comb, spread)) == pytest.approx(left * 0.02 / np.sqrt(2), rel=0.17)


def test_grain_makes_no_teeth_on_a_smooth_margin():
    # White grain averaged over columns 0.005 apart with a standard deviation of 0.02, four columns, keeps
    # 1 / sqrt(2 sqrt(pi) 4) = 0.27 of its height; half a column alone keeps about 0.75.
    grainy = DrawnBone()
    assert rms(found(grainy, SMOOTH, 0.3)) < 0.5 * rms(found(grainy, COMBED, 0.3))


@pytest.mark.parametrize("spread", [SMOOTH, COMBED])
def test_the_line_does_not_leap_over_a_filled_physis_to_the_far_side_of_a_plate(spread):
    # A physis of 3 px that blur has half filled, then a plate 0.06 widths thick.
    drawn = DrawnBone(epiphysis=(0.015, 0.06, 0.5), blur=1.8)
    margin = found(drawn, spread)
    assert np.abs(margin.h).max() < 0.01
