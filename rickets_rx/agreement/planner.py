"""How many children a reader study needs for an interval of a wanted width.

ICC: Bonett 2002. Weighted kappa: the large-sample standard error of Fleiss, Cohen and Everitt 1969 over the
table that two readers of the wanted kappa would give. Several bones of a child: times 1 + (m - 1) rho.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from rickets_rx.agreement.kappa import (
    Weighting,
    agreement_weights,
    kappa_of_tables,
    kappa_standard_error,
)
from rickets_rx.agreement.statistic import FloatArray

_MOST = 1_000_000
_POINTS = 2001


@dataclass(frozen=True)
class Plan:
    """What a study needs.

    Parameters
    ----------
    units : int
        Bones that would do if they were independent.
    inflation : float
        1 + (m - 1) rho.
    children : int
        With ``per_child`` bones each.
    per_child : int
    """

    units: int
    inflation: float
    children: int
    per_child: int


def icc_units(
    expected: float, *, raters: int, width: float, level: float = 0.95, corrected: bool = True
) -> int:
    """Units for an ICC interval of full ``width`` (Bonett 2002, eq. 3 and its correction).

    n = 8 z^2 (1 - r)^2 (1 + (k - 1) r)^2 / (k (k - 1) w^2) + 1; with two raters and r >= 0.7 the formula is
    short by about 5 r, which ``corrected`` adds.

    Parameters
    ----------
    expected : float
        ICC that is hoped for, 0-1.
    raters : int
        Readings of each unit, at least 2.
    width : float
        Full width, 0-1.

    Examples
    --------
    >>> icc_units(0.85, raters=2, width=0.2, corrected=False), icc_units(0.85, raters=3, width=0.1)
    (31, 86)
    """
    if not 0 <= expected < 1 or raters < 2 or not 0 < width < 1:
        raise ValueError("needs 0 <= expected < 1, at least two raters and 0 < width < 1")
    shape = (1 - expected) ** 2 * (1 + (raters - 1) * expected) ** 2 / (raters * (raters - 1))
    units = 8 * _z(level) ** 2 * shape / width**2 + 1
    if corrected and raters == 2 and expected >= 0.7:
        units += 5 * expected
    return ceil(units - 1e-9)


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


def latent_correlation(
    kappa: float, shares: Sequence[float], *, weighting: Weighting = Weighting.QUADRATIC
) -> float:
    """Correlation of two readers' latent normals that gives the weighted kappa wanted, by bisection. Ours.

    Parameters
    ----------
    kappa : float
        Above 0, below 1.
    shares : sequence of float
        Share of each label, summing to 1, each above 0.

    Raises
    ------
    ValueError
    """
    margin = np.asarray(shares, dtype=float)
    if not 0 < kappa < 1 or np.any(margin <= 0) or abs(margin.sum() - 1) > 1e-6:
        raise ValueError("needs 0 < kappa < 1 and positive shares that sum to 1")
    cuts, weights = label_cuts(shares), agreement_weights(margin.size, weighting)

    def reached(correlation: float) -> float:
        return float(kappa_of_tables(_normal_table(cuts, correlation), weights))

    return _bisect(lambda r: reached(r) - kappa, 0.0, 1 - 1e-9)


def label_cuts(shares: Sequence[float]) -> FloatArray:
    """Where a standard normal is cut so that its labels have these shares; shape (labels - 1,)."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(np.cumsum(shares)[:-1], 0, 1)), dtype=float)


def latent_table(
    kappa: float, shares: Sequence[float], *, weighting: Weighting = Weighting.QUADRATIC
) -> FloatArray:
    """Joint shares of labels of two readers with the given margins and weighted kappa.

    Both readers cut a shared normal latent variable with noise of their own at the same places, so that
    disagreement lies near the diagonal as it does among human readers (`latent_correlation`).

    Returns
    -------
    float array of shape (k, k), summing to 1

    Raises
    ------
    ValueError
        As `latent_correlation`.

    Examples
    --------
    >>> table = latent_table(0.6, (0.5, 0.3, 0.2))
    >>> table.sum(axis=0).round(3).tolist(), round(float(kappa_of_tables(table, agreement_weights(3))), 3)
    ([0.5, 0.3, 0.2], 0.6)
    """
    return _normal_table(label_cuts(shares), latent_correlation(kappa, shares, weighting=weighting))


def _normal_table(cuts: FloatArray, correlation: float) -> FloatArray:
    """Shares of label pairs of a bivariate normal, through its common factor."""
    from scipy.special import ndtr

    z = np.linspace(-8, 8, _POINTS)
    density = np.exp(-(z**2) / 2)
    density /= density.sum()
    edges = (cuts[None, :] - np.sqrt(correlation) * z[:, None]) / np.sqrt(1 - correlation)
    below = np.column_stack([np.zeros(z.size), ndtr(edges), np.ones(z.size)])
    label = np.diff(below, axis=1)
    return np.einsum("n,ni,nj->ij", density, label, label)


def _bisect(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def kappa_width(
    table: FloatArray,
    units: int,
    *,
    weighting: Weighting = Weighting.QUADRATIC,
    level: float = 0.95,
) -> float:
    """Full width of the large-sample interval of weighted kappa for independent units.

    Parameters
    ----------
    table : float array of shape (k, k)
        Expected shares, summing to 1, as from `latent_table`.
    """
    return 2 * _z(level) * kappa_standard_error(np.asarray(table) * units, weighting)


def kappa_units(
    table: FloatArray,
    *,
    width: float,
    weighting: Weighting = Weighting.QUADRATIC,
    level: float = 0.95,
) -> int:
    """Units for a weighted-kappa interval of full ``width``; at least 2 k^2 (Cicchetti's rule of thumb).

    The width falls with the square root of the units, so one evaluation tells.
    """
    if not 0 < width < 1:
        raise ValueError("needs 0 < width < 1")
    # A table of one unit: the width falls with the root of the units.
    one = kappa_width(table, 1, weighting=weighting, level=level)
    units = ceil((one / width) ** 2 - 1e-9)
    if units > _MOST:
        raise ValueError(f"a width of {width} would take {units} units")
    return max(units, 2 * len(table) ** 2)


def plan(units: int, *, per_child: int = 1, correlation: float = 0.5) -> Plan:
    """Children for a number of independent units, when each child gives several bones.

    Parameters
    ----------
    units : int
    per_child : int
        Bones of a child.
    correlation : float
        Of what the bones of a child add to the statistic, 0-1. 0.5 is ours and cautious: readers' errors are
        less alike within a child than her grades are.

    Examples
    --------
    >>> plan(100, per_child=2, correlation=0.5)
    Plan(units=100, inflation=1.5, children=75, per_child=2)
    """
    if units < 1 or per_child < 1 or not 0 <= correlation <= 1:
        raise ValueError("needs at least one unit and bone, and a correlation of 0-1")
    inflation = 1 + (per_child - 1) * correlation
    return Plan(units, inflation, ceil(units * inflation / per_child - 1e-9), per_child)
