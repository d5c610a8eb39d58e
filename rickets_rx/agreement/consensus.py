"""The reference grade of a unit from several readers."""

from collections.abc import Sequence

import numpy as np

from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.statistic import FloatArray

MIN_READERS = 2


def median_grade(ratings: FloatArray, labels: Sequence[float], *, least: int = MIN_READERS) -> FloatArray:
    """Median of the readings of each unit, on the labels of the scale.

    Where the median lies between two labels, the one nearer to the mean of the readings is taken. When both
    are as near, the higher grade, and of two changes the smaller one, so that rounding heals nobody (ours).
    Fewer than ``least`` readings give NaN.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN is a missing reading.

    Returns
    -------
    float array of shape (units,)

    Examples
    --------
    Medians 0.5; 0.75 with mean 1 between 0.5 and 1, so 1; one reading only.

    >>> table = np.array([[0, 0.5, 2, np.nan], [0.5, 0.5, 1, 2], [1, np.nan, np.nan, np.nan]])
    >>> median_grade(table, (0, 0.5, 1, 1.5, 2))
    array([0.5, 1. , nan])

    Two readers of change one step apart: no improvement by rounding.

    >>> median_grade(np.array([[0, 1.0], [1, 2], [-1, 0]]), range(-3, 4)).tolist()
    [0.0, 1.0, 0.0]
    """
    steps = np.asarray(labels, dtype=float)
    found = np.full(len(ratings), np.nan)
    for unit, row in enumerate(np.asarray(ratings, dtype=float)):
        given = row[np.isfinite(row)]
        if given.size >= least:
            found[unit] = _on_labels(float(np.median(given)), float(given.mean()), steps)
    return found


def _on_labels(median: float, mean: float, steps: FloatArray) -> float:
    low, high = steps[steps <= median + 1e-9].max(), steps[steps >= median - 1e-9].min()
    nearer = (mean - low) - (high - mean)
    if abs(nearer) > 1e-9:
        return float(low if nearer < 0 else high)
    change = steps.min() < 0
    return float(min(low, high, key=abs) if change else high) + 0.0


def consensus(
    ratings: FloatArray, readers: Sequence[str], design: StudyDesign, *, labels: Sequence[float]
) -> FloatArray:
    """Reference of each unit: the adjudicator's grade where there is one, else the median of the readers.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
    readers : sequence of str
        Names of the columns.
    """
    judges = [i for i, name in enumerate(readers) if name in (design.reference or readers)]
    judges = [i for i in judges if readers[i] != design.adjudicator]
    found = median_grade(ratings[:, judges], labels)
    if design.adjudicator in readers:
        last_word = ratings[:, list(readers).index(design.adjudicator)]
        found = np.where(np.isfinite(last_word), last_word, found)
    return found


def without(ratings: FloatArray, reader: int, labels: Sequence[float]) -> FloatArray:
    """Median of the other readers, for judging one reader and the machine by the same yardstick."""
    return median_grade(np.delete(ratings, reader, axis=1), labels, least=1)
