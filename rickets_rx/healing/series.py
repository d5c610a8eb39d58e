"""Figures of one analyte over time, over all day scenarios at once: slope, area above a limit, share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.result import Figure

FloatArray = npt.NDArray[np.float64]
INTERVAL = (5.0, 95.0)  # percentiles of a 90 % interval
DAYS_PER_MONTH = 30.0  # slopes are given per 30 days


@dataclass(frozen=True, eq=False)
class Series:
    """Values of one analyte in time order.

    Parameters
    ----------
    values : ndarray of shape (n,)
    days : ndarray of shape (n, draws)
        Row i holds the scenarios of value i's day; column 0 the central days.
    low, high : float, optional
        The range these values are held against.
    """

    values: FloatArray
    days: FloatArray
    low: float | None = None
    high: float | None = None

    @property
    def n(self) -> int:
        return len(self.values)


def figure_of(draws: FloatArray, n: int, *, note: str = "") -> Figure:
    """A figure from its scenarios: the central one (column 0) with the 90 % interval over all."""
    low, high = np.percentile(draws, INTERVAL)
    value = float(draws[0])
    return Figure(value, min(float(low), value), max(float(high), value), n, note)


def slope(series: Series, rng: np.random.Generator, *, log: bool = False) -> Figure:
    """Least-squares slope per 30 days, of the value or of its natural logarithm.

    The 90 % interval carries the scatter about the line (Student t with n - 2 degrees of freedom) and the
    uncertain days, one t variate per scenario.

    Returns
    -------
    Figure
        None with ``fewer_than_3_values`` (no scatter can be estimated), ``value_not_positive`` for a
        logarithm, or ``days_not_apart``.
    """
    if series.n < 3:
        return Figure(None, n=series.n, reason="fewer_than_3_values")
    if log and bool((series.values <= 0).any()):
        return Figure(None, n=series.n, reason="value_not_positive")
    y = (np.log(series.values) if log else series.values)[:, None]
    t = series.days / DAYS_PER_MONTH
    t = t - t.mean(axis=0)
    spread = (t**2).sum(axis=0)
    if bool((spread <= 0).any()):
        return Figure(None, n=series.n, reason="days_not_apart")
    slopes = (t * (y - y.mean())).sum(axis=0) / spread
    residual = y - y.mean() - slopes * t
    error = np.sqrt((residual**2).sum(axis=0) / (series.n - 2) / spread)
    drawn = slopes + error * _student(series.n - 2, slopes.size, rng)
    drawn[0] = slopes[0]
    return figure_of(drawn, series.n)


def even_shares(size: int, rng: np.random.Generator) -> FloatArray:
    """The quantiles (i + 1/2) / size in random order: as random as draws, without their sampling error."""
    return (rng.permutation(size) + 0.5) / size


def _student(degrees: int, size: int, rng: np.random.Generator) -> FloatArray:
    from scipy.special import stdtrit

    return np.asarray(stdtrit(degrees, even_shares(size, rng)), dtype=float)


def area_above(series: Series, limit: float | None) -> Figure:
    """Trapezoid of max(0, value - limit) over days, the crossing point inserted; value unit x days.

    Linear between draws, so the interval carries the uncertain days only, not what happened between draws.
    """
    if limit is None:
        return Figure(None, n=series.n, reason="no_upper_limit")
    if series.n < 2:
        return Figure(None, n=series.n, reason="fewer_than_2_values")
    above = np.maximum(series.values - limit, 0.0)
    a, b = series.values[:-1] - limit, series.values[1:] - limit
    crossing = (a > 0) != (b > 0)
    # A segment that crosses is a triangle: height the part above, base the share of the segment above.
    height = np.maximum(a, b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        triangle = height**2 / (2 * np.abs(b - a))
    mean_height = np.where(crossing, triangle, (above[:-1] + above[1:]) / 2)
    return figure_of(mean_height @ np.diff(series.days, axis=0), series.n)


def share_in_range(series: Series) -> Figure:
    """Share of the time in which the straight line between draws lies within the range, 0-1."""
    if series.low is None or series.high is None:
        return Figure(None, n=series.n, reason="no_range")
    if series.n < 2:
        return Figure(None, n=series.n, reason="fewer_than_2_values")
    steps = np.diff(series.days, axis=0)
    total = steps.sum(axis=0)
    if bool((total <= 0).any()):
        return Figure(None, n=series.n, reason="days_not_apart")
    inside = _segment_share(series.values[:-1], series.values[1:], series.low, series.high)
    return figure_of(inside @ steps / total, series.n)


def _segment_share(a: FloatArray, b: FloatArray, low: float, high: float) -> FloatArray:
    """Share of each straight segment from a to b that lies within [low, high]."""
    top, bottom = np.maximum(a, b), np.minimum(a, b)
    overlap = np.maximum(np.minimum(top, high) - np.maximum(bottom, low), 0)
    flat = (bottom >= low) & (top <= high)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(top > bottom, overlap / (top - bottom), flat.astype(float))
    return np.clip(share, 0.0, 1.0)
