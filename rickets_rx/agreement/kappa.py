"""Weighted kappa over all labels of a scale, for two readers or all pairs of several.

Cohen 1968 (weights), Fleiss, Cohen and Everitt 1969 (standard error), Light 1971 (mean over pairs).
Labels that nobody used stay in: dropping them changes the weights.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import combinations

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic, additive, mean_of, ratio

THACHER_BONE_LABELS = (0.0, 0.5, 1.0, 1.5, 2.0)
RGIC_LABELS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)


class Weighting(StrEnum):
    """How much a disagreement counts: with its distance, its square, or all alike."""

    LINEAR = "linear"
    QUADRATIC = "quadratic"
    IDENTITY = "identity"


def agreement_weights(labels: int, weighting: Weighting = Weighting.QUADRATIC) -> FloatArray:
    """Weights of agreement, 1 on the diagonal, by rank of the label.

    Linear 1 - |i - j| / (k - 1), quadratic 1 - ((i - j) / (k - 1))^2 (Cohen 1968; Fleiss and Cohen 1973).

    Returns
    -------
    float array of shape (labels, labels)

    Examples
    --------
    >>> agreement_weights(3)[0]
    array([1.  , 0.75, 0.  ])
    """
    if labels < 2:
        raise ValueError("agreement needs at least two labels")
    rank = np.arange(labels)
    apart = np.abs(rank[:, None] - rank[None, :]) / (labels - 1)
    if weighting is Weighting.IDENTITY:
        return np.eye(labels)
    return 1.0 - (apart if weighting is Weighting.LINEAR else apart**2)


def label_codes(ratings: FloatArray | Sequence[float], labels: Sequence[float]) -> np.ndarray:
    """Rank of each rating among the labels, -1 for missing (NaN).

    Raises
    ------
    ValueError
        For a rating that is no label.
    """
    values = np.asarray(ratings, dtype=float)
    table = np.asarray(labels, dtype=float)
    codes = np.full(values.shape, -1)
    for rank, label in enumerate(table):
        codes[values == label] = rank
    strange = values[(codes < 0) & np.isfinite(values)]
    if strange.size:
        raise ValueError(f"{strange[0]:g} is none of the labels {', '.join(f'{v:g}' for v in table)}")
    return codes


def confusion(
    first: FloatArray | Sequence[float],
    second: FloatArray | Sequence[float],
    labels: Sequence[float] = THACHER_BONE_LABELS,
) -> np.ndarray:
    """Counts of label pairs, rows by the first reader; units that either did not grade stay out.

    Returns
    -------
    int array of shape (k, k)

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], labels=(0, 1))
    array([[1, 1],
           [0, 1]])
    """
    a, b = label_codes(first, labels), label_codes(second, labels)
    both = (a >= 0) & (b >= 0)
    table = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(table, (a[both], b[both]), 1)
    return table


def kappa_of_tables(tables: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted kappa of confusion matrices.

    Parameters
    ----------
    tables : float array of shape (..., k, k)
        Counts, need not be whole.
    weights : float array of shape (k, k)
        Weights of agreement.

    Returns
    -------
    float array of shape (...)
        At most 1; NaN where chance alone agrees wholly (both readers used one label only).
    """
    count = tables.sum(axis=(-2, -1))
    observed = ratio((tables * weights).sum(axis=(-2, -1)), count)
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    expected = ratio(np.einsum("...i,ij,...j->...", rows, weights, columns), count**2)
    return ratio(observed - expected, 1.0 - expected)


def kappa_statistic(
    first: FloatArray,
    second: FloatArray,
    *,
    labels: Sequence[float] = THACHER_BONE_LABELS,
    weighting: Weighting = Weighting.QUADRATIC,
) -> Statistic:
    """Weighted kappa of two readers in the form that is resampled; NaN is a missing reading."""
    k = len(labels)
    a, b = label_codes(first, labels), label_codes(second, labels)
    used = (a >= 0) & (b >= 0)
    cells = np.zeros((a.size, k * k))
    cells[np.flatnonzero(used), a[used] * k + b[used]] = 1.0
    weights = agreement_weights(k, weighting)
    return additive(cells, used, lambda total: kappa_of_tables(total.reshape(-1, k, k), weights))


def weighted_kappa(
    first: FloatArray | Sequence[float],
    second: FloatArray | Sequence[float],
    *,
    labels: Sequence[float] = THACHER_BONE_LABELS,
    weighting: Weighting = Weighting.QUADRATIC,
) -> float:
    """Weighted kappa of two readers.

    Returns
    -------
    float
        NaN where undefined.

    Examples
    --------
    Squared steps apart: seen 1 on four units, so 1/4 a unit; by chance, from the margins 2 1 1 and 1 2 1,
    20 on sixteen pairs, so 5/4. Kappa is 1 - (1/4) / (5/4).

    >>> round(weighted_kappa([0, 0, 0.5, 1], [0, 0.5, 0.5, 1]), 4)
    0.8
    """
    statistic = kappa_statistic(
        np.asarray(first, dtype=float), np.asarray(second, dtype=float), labels=labels, weighting=weighting
    )
    return statistic.value()


def pairwise_kappa_statistic(
    ratings: FloatArray,
    *,
    labels: Sequence[float] = THACHER_BONE_LABELS,
    weighting: Weighting = Weighting.QUADRATIC,
) -> Statistic:
    """Mean weighted kappa over all pairs of readers (Light 1971), each pair on the units both graded.

    Pairs without a common unit stay out; without any pair it is undefined.

    Parameters
    ----------
    ratings : float array of shape (units, readers)
        NaN where a reading is missing.

    Examples
    --------
    The first two agree wholly, the third with neither beyond chance: (1 + 0 + 0) / 3.

    >>> table = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0]], dtype=float)
    >>> round(pairwise_kappa_statistic(table, labels=(0, 1)).value(), 4)
    0.3333
    """
    pairs = [
        kappa_statistic(ratings[:, i], ratings[:, j], labels=labels, weighting=weighting)
        for i, j in combinations(range(ratings.shape[1]), 2)
    ]
    shared = [pair for pair in pairs if pair.used.any()]
    if not shared:
        nobody = np.zeros(len(ratings), dtype=bool)
        return Statistic(nobody, lambda weights: np.full(len(weights), np.nan))
    return mean_of(shared)


def kappa_standard_error(table: FloatArray | np.ndarray, weighting: Weighting = Weighting.QUADRATIC) -> float:
    """Large-sample standard error of weighted kappa for independent units (Fleiss, Cohen and Everitt 1969).

    Sum over cells of p_ij [w_ij - (w_i. + w_.j)(1 - kappa)]^2, less [kappa - p_e (1 - kappa)]^2, over
    n (1 - p_e)^2. Films of one child are not independent, so the report resamples
    instead; this serves the planner.

    Parameters
    ----------
    table : array of shape (k, k)
        Counts.

    Examples
    --------
    Two labels: kappa (0.8 - 0.5) / 0.5 = 0.6, all w_i. and w_.j 0.5. Cells: 0.8 (1 - 0.4)^2 +
    0.2 (0 - 0.4)^2 = 0.32, less (0.6 - 0.5 x 0.4)^2 = 0.16; the root of 0.16 / 100 over 0.5.

    >>> round(kappa_standard_error(np.array([[40, 10], [10, 40]])), 6)
    0.08
    """
    counts = np.asarray(table, dtype=float)
    total = counts.sum()
    share = counts / total
    weights = agreement_weights(len(counts), weighting)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    expected = float(rows @ weights @ columns)
    kappa = float(kappa_of_tables(counts, weights))
    mean_row, mean_column = weights @ columns, weights.T @ rows
    inner = weights - (mean_row[:, None] + mean_column[None, :]) * (1 - kappa)
    spread = np.sum(share * inner**2) - (kappa - expected * (1 - kappa)) ** 2
    return float(np.sqrt(max(spread, 0.0) / total) / (1 - expected))
