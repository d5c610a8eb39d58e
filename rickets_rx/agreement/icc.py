"""Intraclass correlation of single readings from a two-way analysis of variance.

ICC(2,1): absolute agreement, readers a sample of readers (the primary one). ICC(3,1): consistency, which
hides a reader's bias. Shrout and Fleiss 1979; intervals of ICC(2,1) as in McGraw and Wong 1996.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic, additive, ratio


class Icc(StrEnum):
    AGREEMENT = "icc_2_1"
    CONSISTENCY = "icc_3_1"


class Missing(StrEnum):
    """What to do with units that not every reader graded."""

    RAISE = "raise"
    COMPLETE = "complete_units_only"


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance without replication.

    Parameters
    ----------
    between, readers, error : float
        Mean squares of units, readers and residual (MSB, MSJ, MSE of Shrout and Fleiss).
    units, reader_count : int
    dropped : int
        Units left out because a reading was missing.
    """

    between: float
    readers: float
    error: float
    units: int
    reader_count: int
    dropped: int = 0


@dataclass(frozen=True)
class IccResult:
    """One coefficient with its F-based interval, which takes units as independent."""

    kind: Icc
    value: float
    low: float
    high: float
    level: float
    squares: MeanSquares


def _complete(ratings: FloatArray, missing: Missing) -> np.ndarray:
    values = np.asarray(ratings, dtype=float)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError("an ICC needs a table of units by at least two readers")
    whole = np.all(np.isfinite(values), axis=1)
    if missing is Missing.RAISE and not whole.all():
        raise ValueError(
            f"{int((~whole).sum())} of {whole.size} units lack a reading; choose how to treat them"
        )
    return whole


def mean_squares(ratings: FloatArray, *, missing: Missing = Missing.RAISE) -> MeanSquares:
    """Mean squares of a table of units by readers.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN is a missing reading.
    missing : Missing

    Raises
    ------
    ValueError
        For missing readings under ``RAISE``, or fewer than two complete units.

    Examples
    --------
    Shrout and Fleiss 1979, table 2 (printed: 11.24, 32.49, 1.02).

    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> found = mean_squares(np.array(table, dtype=float))
    >>> round(found.between, 2), round(found.readers, 2), round(found.error, 2)
    (11.24, 32.49, 1.02)
    """
    whole = _complete(ratings, missing)
    values = np.asarray(ratings, dtype=float)[whole]
    units, readers = values.shape
    if units < 2:
        raise ValueError("an ICC needs at least two units that every reader graded")
    totals = _unit_sums(values - values.mean()).sum(axis=0, keepdims=True)
    between, columns, error = (float(part[0]) for part in _squares_of_sums(totals, readers))
    return MeanSquares(between, columns, error, units, readers, int((~whole).sum()))


def _unit_sums(values: FloatArray) -> FloatArray:
    """What one unit adds: a count, each reader's value, the sum of squares, the square of the sum."""
    ones = np.ones(len(values))
    return np.column_stack([ones, values, (values**2).sum(axis=1), values.sum(axis=1) ** 2])


def _squares_of_sums(total: FloatArray, readers: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """MSB, MSJ and MSE from sums over units; shapes (draws, readers + 3) to three of (draws,)."""
    units, columns = total[:, 0], total[:, 1 : readers + 1]
    squares, square_of_sums = total[:, readers + 1], total[:, readers + 2]
    mean_part = ratio(columns.sum(axis=1) ** 2, units * readers)
    between = square_of_sums / readers - mean_part
    by_reader = ratio((columns**2).sum(axis=1), units) - mean_part
    error = squares - mean_part - between - by_reader
    freedom = np.where(units > 1, units - 1, np.nan)
    return between / freedom, by_reader / (readers - 1), np.maximum(error, 0.0) / (freedom * (readers - 1))


def _coefficient(
    kind: Icc, between: FloatArray, by_reader: FloatArray, error: FloatArray, units: FloatArray, readers: int
) -> FloatArray:
    below = between + (readers - 1) * error
    if kind is Icc.AGREEMENT:
        below = below + readers * ratio(by_reader - error, units)
    return ratio(between - error, below)


def icc_statistic(ratings: FloatArray, kind: Icc = Icc.AGREEMENT) -> Statistic:
    """ICC of single readings in the form that is resampled, over units that every reader graded.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN is a missing reading.
    kind : Icc

    Examples
    --------
    Shrout and Fleiss 1979: ICC(3,1) = (11.24 - 1.02) / (11.24 + 3 x 1.02), printed 0.71.

    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(icc_statistic(np.array(table, dtype=float), Icc.CONSISTENCY).value(), 2)
    0.71
    """
    used = _complete(ratings, Missing.COMPLETE)
    values = np.where(used[:, None], np.asarray(ratings, dtype=float), 0.0)
    # Sums of squares of centred values lose no digits.
    centre = values[used].mean() if used.any() else 0.0
    readers = values.shape[1]

    def value(total: FloatArray) -> FloatArray:
        return _coefficient(kind, *_squares_of_sums(total, readers), total[:, 0], readers)

    return additive(_unit_sums(values - centre), used, value)


def icc(
    ratings: FloatArray,
    kind: Icc = Icc.AGREEMENT,
    *,
    level: float = 0.95,
    missing: Missing = Missing.RAISE,
) -> IccResult:
    """ICC of single readings with the F-based interval for independent units.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
    kind : Icc
    level : float
        Two-sided confidence.
    missing : Missing

    Raises
    ------
    ValueError
        See `mean_squares`; also when all readings are equal.

    Examples
    --------
    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(icc(np.array(table, dtype=float)).value, 2)
    0.29
    """
    found = mean_squares(ratings, missing=missing)
    between, by_reader, error, units = (
        np.array([float(part)]) for part in (found.between, found.readers, found.error, found.units)
    )
    value = float(_coefficient(kind, between, by_reader, error, units, found.reader_count)[0])
    if np.isnan(value):
        raise ValueError("all readings are equal: an ICC is undefined")
    bounds = _agreement_bounds if kind is Icc.AGREEMENT else _consistency_bounds
    low, high = bounds(found, value, level)
    return IccResult(kind, value, low, high, level, found)


def _consistency_bounds(found: MeanSquares, _: float, level: float) -> tuple[float, float]:
    """Shrout and Fleiss 1979, p. 424."""
    from scipy.special import fdtri

    n, k = found.units, found.reader_count
    if found.error == 0:
        return 1.0, 1.0
    observed, upper = found.between / found.error, (1 + level) / 2
    low = observed / fdtri(n - 1, (n - 1) * (k - 1), upper)
    high = observed * fdtri((n - 1) * (k - 1), n - 1, upper)
    return float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1))


def _agreement_bounds(found: MeanSquares, value: float, level: float) -> tuple[float, float]:
    """McGraw and Wong 1996, table 7, case 2A; degrees of freedom by Satterthwaite."""
    from scipy.special import fdtri

    n, k = found.units, found.reader_count
    if found.error == 0 and found.readers == 0:
        return 1.0, 1.0
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    mixed = a * found.readers + b * found.error
    parts = (a * found.readers) ** 2 / (k - 1) + (b * found.error) ** 2 / ((n - 1) * (k - 1))
    freedom, upper = mixed**2 / parts, (1 + level) / 2
    above, below = fdtri(n - 1, freedom, upper), fdtri(freedom, n - 1, upper)
    rest = k * found.readers + (k * n - k - n) * found.error
    low = n * (found.between - above * found.error) / (above * rest + n * found.between)
    high = n * (below * found.between - found.error) / (rest + n * below * found.between)
    return float(low), float(high)
