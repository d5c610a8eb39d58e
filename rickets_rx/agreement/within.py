"""Shares of readings that lie close together, and plain differences between readers."""

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic, mean, proportion

_ROUNDING = 1e-9


def within_statistic(first: FloatArray, second: FloatArray, distance: float = 0.5) -> Statistic:
    """Share of units whose two readings are at most ``distance`` grades apart; NaN is missing.

    Examples
    --------
    >>> within_statistic(np.array([0, 1, 2.0]), np.array([0.5, 1, 0.5])).value()
    0.6666666666666666
    """
    apart = np.abs(np.asarray(first, dtype=float) - np.asarray(second, dtype=float))
    used = np.isfinite(apart)
    return proportion(np.where(used, apart, np.inf) <= distance + _ROUNDING, used)


def bias_statistic(first: FloatArray, second: FloatArray) -> Statistic:
    """Mean of first minus second over units that both graded.

    Examples
    --------
    >>> bias_statistic(np.array([1, 2, np.nan]), np.array([0.5, 2, 0])).value()
    0.25
    """
    return mean(np.asarray(first, dtype=float) - np.asarray(second, dtype=float))


def reader_bias_statistic(ratings: FloatArray, reader: int) -> Statistic:
    """Mean of one reader minus the mean of the other readers of the same unit.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN is a missing reading.
    reader : int
        Column.

    Examples
    --------
    1 less the mean of 0.5 and 1, and 2 less 1.5: (0.25 + 0.5) / 2.

    >>> reader_bias_statistic(np.array([[1, 0.5, 1], [2, 1.5, np.nan]]), 0).value()
    0.375
    """
    others = np.delete(np.asarray(ratings, dtype=float), reader, axis=1)
    count = np.isfinite(others).sum(axis=1)
    average = np.where(count > 0, np.nansum(others, axis=1) / np.maximum(count, 1), np.nan)
    return bias_statistic(ratings[:, reader], average)
