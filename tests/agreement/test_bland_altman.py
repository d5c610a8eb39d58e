"""Limits of agreement against the data of Bland and Altman 1986 and against R."""

import numpy as np
import pytest

from rickets_rx.agreement.bland_altman import (
    Z95,
    limit_statistic,
    limits_of_agreement,
    smallest_real_change_statistic,
)

# Peak flow of 17 people, l/min: Wright meter (two readings) and mini meter (two readings).
WRIGHT = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427.0])
WRIGHT_AGAIN = np.array(
    [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421.0]
)
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451.0])


def test_peak_flow_as_printed():
    # The paper: mean difference -2.1, s 38.8 l/min, limits (with 2 s) -79.7 and 75.5.
    found = limits_of_agreement(WRIGHT, MINI)
    assert round(found.bias, 1) == -2.1
    assert round(found.sd, 1) == 38.8
    # The paper computed its limits from the rounded numbers.
    assert round(round(found.bias, 1) - 2 * round(found.sd, 1), 1) == -79.7
    assert round(round(found.bias, 1) + 2 * round(found.sd, 1), 1) == 75.5
    # 95 % interval of the bias as printed: -22.0 to 17.8.
    assert [round(v, 1) for v in found.bias_interval] == [-22.0, 17.8]


def test_interval_of_a_limit_is_the_papers_within_its_approximation():
    # The paper uses 2 s and sqrt(3 s^2 / n): -114.3 to -45.1 around the lower limit, half width 34.6.
    found = limits_of_agreement(WRIGHT, MINI)
    half = (found.lower_interval[1] - found.lower_interval[0]) / 2
    assert half == pytest.approx(34.6, rel=0.03)


def test_repeatability_as_printed():
    # "The coefficient of repeatability is twice this, or 43.2 l/min" (s of differences 21.6 about 0).
    found = smallest_real_change_statistic(WRIGHT, WRIGHT_AGAIN).value()
    assert found / Z95 == pytest.approx(21.6, abs=0.05)


def test_same_as_r(table, r_values):
    found = limits_of_agreement(table["a"], table["b"])
    assert found.units == 38
    assert found.bias == pytest.approx(r_values["apart.bias"], abs=1e-6)
    assert found.sd == pytest.approx(r_values["apart.sd"], abs=1e-6)
    assert found.bias_interval[0] == pytest.approx(r_values["apart.bias.low"], abs=1e-6)
    assert found.bias_interval[1] == pytest.approx(r_values["apart.bias.high"], abs=1e-6)


def test_resampled_limits_are_the_same():
    found = limits_of_agreement(WRIGHT, MINI)
    assert limit_statistic(WRIGHT, MINI, -1).value() == pytest.approx(found.lower)
    assert limit_statistic(WRIGHT, MINI, 1).value() == pytest.approx(found.upper)


def test_two_units_are_too_few():
    with pytest.raises(ValueError, match="at least three"):
        limits_of_agreement(np.array([0, 1.0]), np.array([1, 1.0]))
