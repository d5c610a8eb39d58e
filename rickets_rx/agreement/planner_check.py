"""Simulated studies of a planned size, and the words in which `rickets-rx plan` says what it found.

Severities of the bones of one child are correlated, and so are a reader's errors on them. The width that a
study reaches is 2 x 1.96 times the spread of its estimate over simulated studies. The model is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rickets_rx.agreement.bland_altman import Z95
from rickets_rx.agreement.icc import icc_statistic
from rickets_rx.agreement.kappa import THACHER_BONE_LABELS, Weighting, pairwise_kappa_statistic
from rickets_rx.agreement.planner import (
    Plan,
    icc_units,
    kappa_units,
    label_cuts,
    latent_correlation,
    latent_table,
    plan,
)
from rickets_rx.agreement.statistic import FloatArray

# Bones of one wrist are mostly ill together, and what misleads a reader at one bone of a film (its exposure,
# her mood) partly does so at the next. Both ours: nobody has published either.
WITHIN_CHILD = 0.7
ERRORS_WITHIN_CHILD = 0.3


@dataclass(frozen=True)
class Question:
    """What a study should be able to say.

    Parameters
    ----------
    expected : float
        Weighted kappa or ICC(2,1) that is hoped for.
    width : float
        Full width of its 95 % interval.
    readers, per_child : int
        Readers of each bone; bones of each child.
    correlation : float
        Of what the bones of one child add to the statistic, 0-1.
    shares : tuple of float, or None
        Of the five grades, for kappa; None asks for an ICC.
    weighting : Weighting
    """

    expected: float
    width: float
    readers: int = 3
    per_child: int = 2
    correlation: float = 0.5
    shares: tuple[float, ...] | None = None
    weighting: Weighting = Weighting.QUADRATIC


def answer(asked: Question) -> Plan:
    """Children for the question: kappa of one pair of readers, or the ICC of all.

    Raises
    ------
    ValueError
        For a question without an answer.
    """
    if asked.shares is None:
        units = icc_units(asked.expected, raters=asked.readers, width=asked.width)
    else:
        table = latent_table(asked.expected, asked.shares, weighting=asked.weighting)
        units = kappa_units(table, width=asked.width, weighting=asked.weighting)
    return plan(units, per_child=asked.per_child, correlation=asked.correlation)


def reached_width(
    asked: Question, children: int, *, readers: int | None = None, repeats: int = 400, seed: int = 0
) -> float:
    """Width that studies of so many children reach in simulation.

    Parameters
    ----------
    readers : int, optional
        Instead of those of the question; kappa is the mean over all pairs.
    repeats : int
        Simulated studies; the width is known to about 1 / sqrt(2 repeats) of itself.
    """
    rng = np.random.default_rng([seed, children])
    size = children, asked.per_child, readers or asked.readers
    share = asked.expected
    if asked.shares is not None:
        share = latent_correlation(asked.expected, asked.shares, weighting=asked.weighting)
    found = [_estimate(asked, _seen(rng, size, share)) for _ in range(repeats)]
    return 2 * Z95 * float(np.nanstd(found, ddof=1))


def _seen(rng: np.random.Generator, size: tuple[int, int, int], share: float) -> FloatArray:
    """What readers see of each bone: its severity, ``share`` of the variance, and their errors.

    Returns
    -------
    float array of shape (children x bones, readers)
        Standard normal in every column.
    """
    children, bones, readers = size

    def mixed(within: float, columns: int) -> FloatArray:
        child, bone = rng.normal(size=(children, 1, columns)), rng.normal(size=(children, bones, columns))
        return np.asarray(np.sqrt(within) * child + np.sqrt(1 - within) * bone)

    seen = np.sqrt(share) * mixed(WITHIN_CHILD, 1) + np.sqrt(1 - share) * mixed(ERRORS_WITHIN_CHILD, readers)
    return np.asarray(seen.reshape(-1, readers))


def _estimate(asked: Question, seen: FloatArray) -> float:
    if asked.shares is None:
        return icc_statistic(seen).value()
    return pairwise_kappa_statistic(_labels(seen, asked.shares), weighting=asked.weighting).value()


def _labels(seen: FloatArray, shares: Sequence[float]) -> FloatArray:
    return np.array(THACHER_BONE_LABELS)[np.searchsorted(label_cuts(shares), seen)]


def plan_lines(asked: Question, *, repeats: int = 0, seed: int = 0) -> list[str]:
    """The answer in words; with ``repeats`` also what simulated studies of that size reach."""
    found = answer(asked)
    name = f"{asked.weighting} weighted kappa" if asked.shares else "ICC(2,1)"
    of_whom = "one pair of readers" if asked.shares else f"{asked.readers} readers"
    lines = [
        f"{name} of {asked.expected:g}, {of_whom}, 95 % interval {asked.width:g} wide:",
        f"  {found.units} bones if they were independent; x {found.inflation:.2f} for {found.per_child} "
        f"bones of a child that add to it with a correlation of {asked.correlation:g}",
        f"  {found.children} children with {found.per_child} bones each, all read by every reader",
    ]
    if repeats:
        lines += _simulated_lines(asked, found.children, repeats, seed)
    return lines


def _simulated_lines(asked: Question, children: int, repeats: int, seed: int) -> list[str]:
    crews = (2, asked.readers) if asked.shares else (asked.readers,)
    lines = [
        f"  in {repeats} simulated studies of that size (seed {seed}; severities within a child correlated "
        f"by {WITHIN_CHILD:g}, a reader's errors by {ERRORS_WITHIN_CHILD:g}):"
    ]
    for crew in dict.fromkeys(crews):
        width = reached_width(asked, children, readers=crew, repeats=repeats, seed=seed)
        lines.append(f"    {crew} readers: an interval {width:.3f} wide")
    return lines
