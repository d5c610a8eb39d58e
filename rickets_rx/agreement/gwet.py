"""Gwet's AC2 for any number of readers, robust where most bones are normal.

Gwet 2008 (AC1) and Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., chapters 2-5 (weights, missing
readings, variance). A unit graded by one reader only adds to the marginals and not to the agreement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rickets_rx.agreement.kappa import THACHER_BONE_LABELS, Weighting, agreement_weights, label_codes
from rickets_rx.agreement.statistic import FloatArray, Statistic, additive, ratio


@dataclass(frozen=True)
class Ac2:
    """AC2 with its large-sample standard error for independent units (readers fixed).

    Parameters
    ----------
    value, standard_error : float
    observed, expected : float
        Weighted agreement seen and by chance, 0-1.
    units : int
        Units with at least one reading.
    """

    value: float
    standard_error: float
    observed: float
    expected: float
    units: int


@dataclass(frozen=True)
class _Parts:
    """Per unit: readings, weighted agreement among them (0 where fewer than two), shares of each label."""

    readings: FloatArray
    agreement: FloatArray
    shares: FloatArray


def _parts(ratings: FloatArray, labels: Sequence[float], weights: FloatArray) -> _Parts:
    codes = label_codes(ratings, labels)
    counts = np.stack([(codes == rank).sum(axis=1) for rank in range(len(labels))], axis=1).astype(float)
    readings = counts.sum(axis=1)
    pairs = (counts * (counts @ weights - 1.0)).sum(axis=1)
    agreement = np.where(readings >= 2, pairs / np.maximum(readings * (readings - 1), 1.0), 0.0)
    return _Parts(readings, agreement, counts / np.maximum(readings, 1.0)[:, None])


def ac2_statistic(
    ratings: FloatArray,
    *,
    labels: Sequence[float] = THACHER_BONE_LABELS,
    weighting: Weighting = Weighting.QUADRATIC,
) -> Statistic:
    """AC2 in the form that is resampled.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN is a missing reading.
    """
    weights, k = agreement_weights(len(labels), weighting), len(labels)
    parts = _parts(np.asarray(ratings, dtype=float), labels, weights)
    used, paired = parts.readings >= 1, parts.readings >= 2
    sums = np.column_stack([used, paired, parts.agreement, parts.shares])
    chance = weights.sum() / (k * (k - 1))

    def value(total: FloatArray) -> FloatArray:
        observed = ratio(total[:, 2], total[:, 1])
        shares = ratio(total[:, 3:], total[:, :1])
        expected = chance * (shares * (1 - shares)).sum(axis=1)
        return ratio(observed - expected, 1 - expected)

    return additive(sums, used, value)


def gwet_ac2(
    ratings: FloatArray,
    *,
    labels: Sequence[float] = THACHER_BONE_LABELS,
    weighting: Weighting = Weighting.QUADRATIC,
) -> Ac2:
    """AC2 (AC1 with identity weights): (p_a - p_e) / (1 - p_e).

    p_a is the mean over units of the weighted agreement of their pairs of readings, p_e = sum of all weights
    / (q (q - 1)) x sum over labels of pi (1 - pi), pi the mean share of a label.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN is a missing reading.

    Raises
    ------
    ValueError
        When no unit has two readings.

    Examples
    --------
    Two readers, four units, three of them agreed on 0 and one apart by one of two labels: p_a = 3/4,
    pi = 7/8 and 1/8, p_e = 7/32, AC1 = (24 - 7) / (32 - 7) = 0.68.

    >>> table = np.array([[0, 0], [0, 0], [0, 0], [0, 1]], dtype=float)
    >>> round(gwet_ac2(table, labels=(0, 1), weighting=Weighting.IDENTITY).value, 2)
    0.68
    """
    weights, q = agreement_weights(len(labels), weighting), len(labels)
    parts = _parts(np.asarray(ratings, dtype=float), labels, weights)
    kept = parts.readings >= 1
    readings, agreement, shares = parts.readings[kept], parts.agreement[kept], parts.shares[kept]
    paired = readings >= 2
    if not paired.any():
        raise ValueError("no unit was graded by two readers")
    units, marginal, chance = len(readings), shares.mean(axis=0), weights.sum() / (q * (q - 1))
    observed, expected = float(agreement[paired].mean()), float(chance * np.sum(marginal * (1 - marginal)))
    value = (observed - expected) / (1 - expected)
    error = _standard_error(value, expected, chance * (shares @ (1 - marginal)), agreement, paired)
    return Ac2(value, error, observed, expected, units)


def _standard_error(
    value: float, expected: float, unit_expected: FloatArray, agreement: FloatArray, paired: np.ndarray
) -> float:
    """Linearised variance over units (Gwet 2014, eq. 5.3.7 with missing readings as in section 2.7)."""
    units = len(agreement)
    if units < 2:
        return float("nan")
    scale = units / paired.sum()
    per_unit = scale * (agreement - expected * paired) / (1 - expected)
    per_unit = per_unit - 2 * (1 - value) * (unit_expected - expected) / (1 - expected)
    return float(np.sqrt(np.sum((per_unit - value) ** 2) / (units * (units - 1))))
