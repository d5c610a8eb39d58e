"""ROC at named cut-offs, sensitivity, specificity and rank correlation, in the form that is resampled."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic, proportion, ratio


@dataclass(frozen=True)
class RocCurve:
    """Points of a ROC curve from (0, 0) to (1, 1), thresholds falling.

    Parameters
    ----------
    false_positive, true_positive : float arrays, 0-1
    thresholds : float array
        ``score >= threshold`` is called positive; the first is infinite.
    """

    false_positive: FloatArray
    true_positive: FloatArray
    thresholds: FloatArray


def _tied_groups(values: FloatArray) -> tuple[np.ndarray, np.ndarray]:
    """Order of the values and the start of each group of ties in that order."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return order, starts


def _before_and_half(group: FloatArray) -> FloatArray:
    """Weight before each group plus half of its own."""
    return np.cumsum(group, axis=1) - group / 2


def auc_statistic(scores: FloatArray, positive: FloatArray) -> Statistic:
    """Area under the ROC curve: chance that a positive scores above a negative, ties half (Mann-Whitney).

    Parameters
    ----------
    scores : float array of shape (units,)
        NaN is missing.
    positive : float array of shape (units,)
        1 positive, 0 negative, NaN unknown.

    Examples
    --------
    Pairs (0.4 v 0.1, 0.4 v 0.4, 0.9 v 0.1, 0.9 v 0.4): 1 + 0.5 + 1 + 1 of 4.

    >>> auc_statistic(np.array([0.1, 0.4, 0.4, 0.9]), np.array([0, 0, 1, 1.0])).value()
    0.875
    """
    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=float)
    used = np.isfinite(scores) & np.isfinite(positive)
    index = np.flatnonzero(used)
    if not index.size:
        return Statistic(used, lambda weights: np.full(len(weights), np.nan))
    order, starts = _tied_groups(scores[index])
    index = index[order]
    ill = positive[index] > 0

    def of_weights(weights: FloatArray) -> FloatArray:
        ordered = weights[:, index]
        ills = np.add.reduceat(ordered * ill, starts, axis=1)
        wells = np.add.reduceat(ordered * ~ill, starts, axis=1)
        return ratio((ills * _before_and_half(wells)).sum(axis=1), ills.sum(axis=1) * wells.sum(axis=1))

    return Statistic(used, of_weights)


def roc_curve(scores: FloatArray, positive: FloatArray) -> RocCurve:
    """The empirical ROC curve, one point for each distinct score.

    Raises
    ------
    ValueError
        Without at least one positive and one negative.
    """
    used = np.isfinite(scores) & np.isfinite(positive)
    s, ill = scores[used], positive[used] > 0
    if not ill.any() or ill.all():
        raise ValueError("a ROC curve needs positives and negatives")
    cuts = np.unique(s)[::-1]
    true = np.array([0.0, *((s[ill] >= cut).mean() for cut in cuts)])
    false = np.array([0.0, *((s[~ill] >= cut).mean() for cut in cuts)])
    return RocCurve(false, true, np.array([np.inf, *cuts]))


def sensitivity_statistic(called: FloatArray, positive: FloatArray) -> Statistic:
    """Share of positives that were called; 1 yes, 0 no, NaN missing in both.

    Examples
    --------
    >>> sensitivity_statistic(np.array([1, 0, 1.0]), np.array([1, 1, 0.0])).value()
    0.5
    """
    used = np.isfinite(called) & (positive == 1)
    return proportion(called == 1, used)


def specificity_statistic(called: FloatArray, positive: FloatArray) -> Statistic:
    """Share of negatives that were not called; 1 yes, 0 no, NaN missing in both.

    Examples
    --------
    >>> specificity_statistic(np.array([1, 0, 0.0]), np.array([1, 0, 0.0])).value()
    1.0
    """
    used = np.isfinite(called) & (positive == 0)
    return proportion(called == 0, used)


def at_least(values: FloatArray, cut_off: float) -> FloatArray:
    """1 where the value reaches the cut-off, 0 below, NaN where it is missing."""
    values = np.asarray(values, dtype=float)
    return np.where(np.isfinite(values), (values >= cut_off - 1e-9).astype(float), np.nan)


def _ranks(values: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Weighted midranks of fixed values: function of weights (draws, n) to ranks (draws, n)."""
    order, starts = _tied_groups(values)
    group_of = np.empty(values.size, dtype=int)
    group_of[order] = np.repeat(np.arange(starts.size), np.diff([*starts, values.size]))

    def of_weights(weights: FloatArray) -> FloatArray:
        groups = np.add.reduceat(weights[:, order], starts, axis=1)
        return _before_and_half(groups)[:, group_of]

    return of_weights


def spearman_statistic(first: FloatArray, second: FloatArray) -> Statistic:
    """Spearman's rank correlation with midranks, in the form that is resampled; NaN is missing.

    Examples
    --------
    >>> spearman_statistic(np.array([1, 2, 3.0, 4]), np.array([1, 3, 2, 4.0])).value()
    0.8
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    used = np.isfinite(first) & np.isfinite(second)
    index = np.flatnonzero(used)
    if not index.size:
        return Statistic(used, lambda weights: np.full(len(weights), np.nan))
    rank_first, rank_second = _ranks(first[index]), _ranks(second[index])

    def of_weights(weights: FloatArray) -> FloatArray:
        w = weights[:, index]
        return _weighted_correlation(rank_first(w), rank_second(w), w)

    return Statistic(used, of_weights)


def _weighted_correlation(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    count = weights.sum(axis=1, keepdims=True)
    x = x - ratio((weights * x).sum(axis=1, keepdims=True), count)
    y = y - ratio((weights * y).sum(axis=1, keepdims=True), count)
    spread = (weights * x**2).sum(axis=1) * (weights * y**2).sum(axis=1)
    return ratio((weights * x * y).sum(axis=1), np.sqrt(np.maximum(spread, 0.0)))
