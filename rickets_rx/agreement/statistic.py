"""One form for every statistic: a function of how often each unit is counted.

A unit is one bone on one film (or one pair of films). Counting every unit once gives the estimate, counting
by drawn patients gives a bootstrap draw, counting one patient zero times gives the jackknife. Statistics over
the same units share the same draws, which is what makes a difference paired.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Statistic:
    """A statistic of units counted with weights.

    Parameters
    ----------
    used : bool array of shape (units,)
        Units that carry data for it; the others never enter.
    of_weights : callable
        float array (draws, units), counts >= 0, to float array (draws,); NaN where it is undefined.
    is_proportion : bool
        A share 0-1, which gets an exact bound where every unit agrees.
    """

    used: BoolArray
    of_weights: Callable[[FloatArray], FloatArray]
    is_proportion: bool = False

    def value(self) -> float:
        """The estimate: every unit counted once. NaN where it is undefined."""
        return float(self.of_weights(np.ones((1, self.used.size)))[0])


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Quotient that is NaN, without a warning, where the denominator is 0 or not finite."""
    # Sums of drawn units leave crumbs of about 1e-15 where the exact denominator is 0.
    safe = np.isfinite(denominator) & (np.abs(denominator) > 1e-12)
    return np.where(safe, numerator / np.where(safe, denominator, 1.0), np.nan)


def additive(
    sums: FloatArray,
    used: BoolArray,
    value: Callable[[FloatArray], FloatArray],
    *,
    is_proportion: bool = False,
) -> Statistic:
    """Statistic of sums over units, such as the cells of a confusion matrix.

    Parameters
    ----------
    sums : float array of shape (units, p)
        What each unit adds; rows outside ``used`` are ignored, NaN included.
    used : bool array of shape (units,)
    value : callable
        float array (draws, p) of totals to float array (draws,).
    """
    # A NaN times a weight of 0 would still be NaN.
    clean = np.where(used[:, None], sums, 0.0)
    return Statistic(used, lambda weights: value(weights @ clean), is_proportion)


def proportion(hits: BoolArray, used: BoolArray) -> Statistic:
    """Share of the used units that are hits."""
    sums = np.column_stack([hits.astype(float), np.ones(hits.size)])
    return additive(sums, used, lambda total: ratio(total[:, 0], total[:, 1]), is_proportion=True)


def mean(values: FloatArray) -> Statistic:
    """Mean of a value over the units that have one (NaN is missing)."""
    used = np.isfinite(values)
    sums = np.column_stack([np.where(used, values, 0.0), np.ones(values.size)])
    return additive(sums, used, lambda total: ratio(total[:, 0], total[:, 1]))


def difference(first: Statistic, second: Statistic) -> Statistic:
    """First minus second on the same draws (paired)."""
    return Statistic(
        first.used | second.used,
        lambda weights: first.of_weights(weights) - second.of_weights(weights),
    )


def mean_of(parts: Sequence[Statistic]) -> Statistic:
    """Plain mean of several statistics on the same draws; undefined where one of them is.

    Raises
    ------
    ValueError
        Without any part.
    """
    if not parts:
        raise ValueError("a mean of statistics needs at least one")
    used = np.logical_or.reduce([part.used for part in parts])

    def of_weights(weights: FloatArray) -> FloatArray:
        total: FloatArray = np.sum([part.of_weights(weights) for part in parts], axis=0)
        return total / len(parts)

    return Statistic(used, of_weights)


def restricted(statistic: Statistic, kept: BoolArray) -> Statistic:
    """The same statistic over a subgroup of its units."""
    return Statistic(
        statistic.used & kept,
        lambda weights: statistic.of_weights(weights * kept),
        statistic.is_proportion,
    )
