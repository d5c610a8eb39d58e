"""What a trial of simulated courses shows: phases named rightly or wrongly, coverage, agreement of change.

Classes are made by the true rates of severity, not by what the plan meant: ``clear`` where one phase heals by
0.25 severity per 30 days or more than every other, ``null`` where no two phases differ by 0.05 or more,
``between`` otherwise. Shares carry Wilson's 95 % interval, kappa a bootstrap of courses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

CLEAR, NULL = 0.25, 0.05
"""Severity per 30 days."""
INDEX_LABELS = tuple(range(-3, 4))
RESAMPLES = 1000


@dataclass(frozen=True)
class Outcome:
    """One course: what was true and what was said.

    Parameters
    ----------
    true_rates : dict of phase to float
        Severity per 30 days; below 0 it heals.
    tellable : bool
        Whether its films can show the phase, by `phantom.courses.why_untellable`.
    named : str or None
    changes : tuple of (value, low, high, truth)
        Change of severity over a phase.
    indices : tuple of (of the program, of the truth)
        `change_index` of pairs of films.
    levels : tuple of (bone, day, severity, truth, flags, activity, true stage of healing)
        What `fit_errors` reads, and benchmarks/healing_naming.py.
    chances : dict of phase to float
        Of having healed fastest, by the program.
    at_any_delay : bool
        Whether its films, read without error, show one phase at every delay (`trial_plan.told_at_any_delay`).
    """

    kind: str
    true_rates: dict[str, float]
    tellable: bool
    named: str | None
    reasons: tuple[str, ...]
    films: int
    bones_scored: int
    changes: tuple[tuple[float, float, float, float], ...]
    indices: tuple[tuple[int, int], ...]
    levels: tuple[tuple[Any, ...], ...] = ()
    chances: dict[str, float] = field(default_factory=dict)
    at_any_delay: bool = True

    @property
    def best(self) -> str:
        """The phase in which severity truly fell fastest."""
        return min(self.true_rates, key=lambda name: self.true_rates[name])

    @property
    def truth(self) -> str:
        """``clear``, ``null`` or ``between``."""
        rates = sorted(self.true_rates.values())
        if len(rates) < 2 or rates[-1] - rates[0] < NULL:
            return "null"
        return "clear" if rates[1] - rates[0] >= CLEAR else "between"


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Every figure with its interval and count; a share of nothing is None."""
    by_truth = {name: [one for one in outcomes if one.truth == name] for name in ("clear", "null", "between")}
    changes = np.array([change for one in outcomes for change in one.changes]).reshape(-1, 4)
    held = (changes[:, 1] <= changes[:, 3]) & (changes[:, 3] <= changes[:, 2])
    return {
        "clear": _named(by_truth["clear"]),
        "clear_and_films_can_tell": _named([one for one in by_truth["clear"] if one.tellable]),
        "clear_and_films_can_tell_at_any_delay": _named(
            [one for one in by_truth["clear"] if one.tellable and one.at_any_delay]
        ),
        "null_named": share(sum(one.named is not None for one in by_truth["null"]), len(by_truth["null"])),
        "between": _named(by_truth["between"]),
        "coverage_of_phase_change": share(int(held.sum()), len(changes)),
        "mean_error_of_phase_change": float(np.mean(changes[:, 0] - changes[:, 3])) if len(changes) else None,
        "mean_width_of_interval": float(np.mean(changes[:, 2] - changes[:, 1])) if len(changes) else None,
        "change_index_kappa": _kappa(outcomes),
        "bones_scored": share(sum(o.bones_scored for o in outcomes), 2 * sum(o.films for o in outcomes)),
    }


def _named(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    right = sum(one.named == one.best for one in outcomes)
    named = sum(one.named is not None for one in outcomes)
    n = len(outcomes)
    return {"right": share(right, n), "another": share(named - right, n), "none": share(n - named, n)}


def share(count: int, n: int) -> dict[str, Any]:
    """A share with Wilson's 95 % interval (scipy), None of nothing."""
    from scipy.stats import binomtest

    if not n:
        return {"value": None, "low": None, "high": None, "n": 0, "reason": "no_case"}
    span = binomtest(count, n).proportion_ci(0.95, method="wilson")
    return {"value": count / n, "low": float(span.low), "high": float(span.high), "n": n, "reason": ""}


def _kappa(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Quadratic kappa of `change_index`, with a 95 % bootstrap of courses."""
    from rickets_rx.agreement.kappa import weighted_kappa

    groups = [np.array(one.indices) for one in outcomes if one.indices]
    if not groups:
        return {"value": None, "low": None, "high": None, "n": 0, "reason": "no_case"}

    def kappa(picked: Sequence[int] | np.ndarray[Any, Any]) -> float:
        pairs = np.concatenate([groups[i] for i in picked])
        return weighted_kappa(pairs[:, 0], pairs[:, 1], labels=INDEX_LABELS)

    rng = np.random.default_rng(0)
    drawn = [kappa(rng.integers(len(groups), size=len(groups))) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    n = sum(len(group) for group in groups)
    value = kappa(range(len(groups)))
    return {"value": value, "low": float(low), "high": float(high), "n": n, "reason": ""}
