"""Slopes, areas and shares against values worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.healing.series import Series, area_above, share_in_range, slope


def _series(
    days: list[float], values: list[float], low: float | None = None, high: float | None = None
) -> Series:
    return Series(np.array(values, float), np.repeat(np.array(days, float)[:, None], 400, axis=1), low, high)


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_slope_of_a_straight_line_has_no_width() -> None:
    figure = slope(_series([0, 30, 90], [1, 2, 4]), _rng())
    assert figure.value == pytest.approx(1.0)
    assert figure.low == pytest.approx(1.0)
    assert figure.n == 3


def test_slope_of_the_logarithm() -> None:
    figure = slope(_series([0, 30, 60], [100, 50, 25]), _rng(), log=True)
    assert figure.value == pytest.approx(-math.log(2))


def test_slope_interval_is_students() -> None:
    # y = 0, 2, 1 at t = 0, 1, 2 months: slope 0.5, residuals -0.5, 1, -0.5, SSE 1.5, df 1, Sxx 2,
    # se = sqrt(1.5 / 1 / 2) = 0.866; t(0.95; 1) = 6.314: 90 % interval 0.5 -+ 5.468.
    series = Series(np.array([0.0, 2.0, 1.0]), np.repeat(np.array([[0.0], [30.0], [60.0]]), 40000, axis=1))
    figure = slope(series, _rng())
    assert figure.value == pytest.approx(0.5)
    assert figure.low == pytest.approx(-4.968, abs=0.01)
    assert figure.high == pytest.approx(5.968, abs=0.01)


@pytest.mark.parametrize(
    ("days", "values", "reason"),
    [([0, 9], [1, 2], "fewer_than_3_values"), ([0, 9, 18], [1, 0, 2], "value_not_positive"),
     ([5, 5, 5], [1, 2, 3], "days_not_apart")],
)  # fmt: skip
def test_no_slope_says_why(days: list[float], values: list[float], reason: str) -> None:
    figure = slope(_series(days, values), _rng(), log=True)
    assert (figure.value, figure.reason) == (None, reason)


def test_area_with_a_crossing() -> None:
    # From 4 above to 4 below over 10 days: a triangle 4 high and 5 long = 10; then below all the way.
    assert area_above(_series([0, 10, 20], [14, 6, 8]), 10).value == pytest.approx(10.0)


def test_area_without_a_limit_or_a_second_value() -> None:
    assert area_above(_series([0, 10], [14, 6]), None).reason == "no_upper_limit"
    assert area_above(_series([0], [14]), 10).reason == "fewer_than_2_values"


def test_share_in_range() -> None:
    # 0 to 20 over 10 days passes 5..15 in half the time; then 20 days level at 20, outside: 5 of 30 days.
    assert share_in_range(_series([0, 10, 30], [0, 20, 20], 5, 15)).value == pytest.approx(5 / 30)
    # Level on the limit counts as inside.
    assert share_in_range(_series([0, 10], [15, 15], 5, 15)).value == 1.0


@given(
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 500)), min_size=2, max_size=12),
    st.floats(10, 400),
    st.floats(1, 90),
)
def test_area_and_share_agree_with_a_fine_grid(
    steps: list[tuple[int, float]], low: float, width: float
) -> None:
    days = np.cumsum([gap for gap, _ in steps]).astype(float)
    values = [value for _, value in steps]
    grid = np.linspace(days[0], days[-1], 20001)
    line = np.interp(grid, days, values)
    series = _series(list(days), values, low, low + width)
    area = area_above(series, low).value
    assert area == pytest.approx(np.trapezoid(np.maximum(line - low, 0), grid), rel=1e-2, abs=2)
    inside = (line >= low) & (line <= low + width)
    assert share_in_range(series).value == pytest.approx(inside.mean(), abs=2e-2)
