"""The phase during which healing was seen: rate of severity change per 30 days and phase, or why none.

Model (ours): between two films of one bone and side, severity changes by the sum over phases of rate x time
in that phase, the phases shifted by a lag; films err with their stated intervals, those of one bone partly in
common (`series.SHARED`). Rates come from weighted least squares over all bones of a patient, once per day
scenario and with films redrawn from their intervals, so that intervals carry both. "During" is not "because
of": phases come in a fixed order and drugs overlap. "Seen during" is lag 0: a phase is named where films
separate the phases and it heals faster than every other in at least 95 % of draws, unless a lag of 2 or 4
weeks clearly names another one. Another phase at 8 weeks is told as a caution. Otherwise the answer is
"cannot tell".
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.course import Course
from rickets_rx.healing.phases import severity_of
from rickets_rx.healing.series import DAYS_PER_MONTH, SHARED, figure_of, normals, two_piece

FloatArray = npt.NDArray[np.float64]
Row = dict[str, Any]
LAGS = (0, 14, 28, 56)  # days: 0, 2, 4 and 8 weeks
LATE = 56  # healing begins to show after 2-4 weeks (domain knowledge); a phase at this lag only warns
AHEAD = 0.95  # share of draws in which a phase must heal fastest (ours)
LEAST_RATE = 0.05  # severity per 30 days by which it must heal at all (ours)
WORDS = {
    "no_film": "there is no graded film",
    "synthetic_films_only": "all films are synthetic",
    "no_phase": "no therapy phase is known",
    "one_phase_only": "there is one phase only",
    "no_separating_film": "no films separate the phases",
    "no_phase_clearly_ahead": "no phase is clearly ahead of the others",
    "another_phase_at_another_lag": "with a delay of 2 or 4 weeks another phase is ahead",
    "another_phase_at_8_weeks": "with a delay of 8 weeks another phase is ahead",
    "fixed_order": "the phases come in one fixed order",
    "concurrent_therapy": "several drugs run at the same time",
    "one_family": "all patients are of one family",
    "values_shared_with_a_relative": "laboratory values are shared with a relative",
}
CONDITION = 20.0  # largest condition number of the design that counts as separated (ours)


def attribute(course: Course, rng: np.random.Generator, *, cautions: list[str]) -> dict[str, Any]:
    """Rates per phase and lag, and the phase named, if any.

    Parameters
    ----------
    course : Course
    rng : Generator
    cautions : list of str
        What weakens any such reading for this patient (`heal` gives ``fixed_order``, ``concurrent_therapy``,
        ``one_family``, ``values_shared_with_a_relative``); listed with the reasons where nothing is named.

    Returns
    -------
    dict
        ``value`` (the phase, or None with ``reasons``), ``cautions``, ``n`` film pairs, ``rates`` by lag and
        phase.
    """
    usable = [row for row in course.films if row["status"] == "scored" and row["counts"] and row["side"]]
    pairs = film_pairs(usable)
    phases = [phase.name for phase in course.phases if (phase.end > phase.start).all()]
    solved = {lag: rates_at(course, pairs, phases, lag, rng) for lag in LAGS} if pairs and phases else {}
    ahead = {lag: _ahead(phases, drawn) for lag, drawn in solved.items() if drawn is not None}
    reasons = _reasons(course, phases, ahead)
    rates = {str(lag): _figures(phases, drawn, len(pairs)) for lag, drawn in solved.items()}
    phase = None if reasons else ahead[0]
    if phase and ahead.get(LATE) not in (None, phase):
        cautions = [*cautions, "another_phase_at_8_weeks"]
    shown = [] if phase else [*reasons, *cautions]
    return {
        "value": phase,
        "reason": "; ".join(WORDS.get(code, code) for code in shown),
        "reasons": shown,
        "cautions": cautions,
        "n": len(pairs),
        "rates": rates,
    }


def _reasons(course: Course, phases: list[str], ahead: dict[int, str | None]) -> list[str]:
    """Why no phase is named; empty where one is ahead at lag 0 and no other at the lags before `LATE`."""
    reasons = []
    if not course.films:
        reasons.append("no_film")
    elif not any(row["counts"] for row in course.films):
        reasons.append("synthetic_films_only")
    if not phases:
        reasons.append("no_phase")
    elif len(phases) < 2:
        reasons.append("one_phase_only")
    early = {phase for lag, phase in ahead.items() if lag < LATE and phase is not None}
    if 0 not in ahead:
        reasons.append("no_separating_film")
    elif ahead[0] is None:
        reasons.append("no_phase_clearly_ahead")
    elif len(early) > 1:
        reasons.append("another_phase_at_another_lag")
    return reasons


def film_pairs(films: list[Row]) -> list[tuple[Row, Row]]:
    """Consecutive films of one bone and side, by central day."""
    series: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(films, key=lambda r: r["day"]):
        series.setdefault((row["bone"], row["side"]), []).append(row)
    pairs = [(a, b) for rows in series.values() for a, b in pairwise(rows)]
    return [(a, b) for a, b in pairs if a["day"] < b["day"]]


def rates_at(
    course: Course, pairs: list[tuple[Row, Row]], phases: list[str], lag: int, rng: np.random.Generator
) -> FloatArray | None:
    """Draws of every phase's rate, severity per 30 days, shape (draws, phases); None if not separated."""
    draws = course.days.draws
    design = _exposure(course, pairs, phases, lag)
    if len(pairs) < len(phases) or np.linalg.matrix_rank(design[:, :, 0]) < len(phases):
        return None
    if np.linalg.cond(design[:, :, 0]) > CONDITION:
        return None
    own = {(row["bone"], row["side"]): normals(draws, rng) for row, _ in pairs}
    levels = {
        id(row): two_piece(severity_of(row), rng, draws, shared=own[row["bone"], row["side"]])
        for row in {id(row): row for pair in pairs for row in pair}.values()
    }
    change = np.stack([levels[id(b)] - levels[id(a)] for a, b in pairs])
    change[:, 0] = [float(b["severity"]) - float(a["severity"]) for a, b in pairs]
    weight = 1 / np.array([_variance_of_change(a, b) for a, b in pairs])
    normal = np.einsum("ipd,i,iqd->dpq", design, weight, design)
    right = np.einsum("ipd,i,id->dp", design, weight, change)
    solvable = np.linalg.matrix_rank(normal, hermitian=True) == len(phases)
    # A scenario whose days put no film between two phases says nothing about their rates: left out.
    return np.asarray(np.linalg.solve(normal[solvable], right[solvable][..., None])[..., 0])


def _variance_of_change(before: Row, after: Row) -> float:
    """Variance of the change between two films of one bone, their errors correlated by `SHARED`."""
    a, b = _spread(before), _spread(after)
    return a * a + b * b - 2 * SHARED * a * b


def _spread(row: Row) -> float:
    """Standard deviation of a severity from its 90 % interval, at least that of a width of 0.05 (ours)."""
    _, low, high = severity_of(row)
    return max(high - low, 0.05) / (2 * 1.6448536269514722)


def _exposure(course: Course, pairs: list[tuple[Row, Row]], phases: list[str], lag: int) -> FloatArray:
    """30-day units that each pair of films spent in each phase, shape (pairs, phases, draws)."""
    spans = {phase.name: (phase.start + lag, phase.end + lag) for phase in course.phases}
    last = phases[-1]
    design = np.zeros((len(pairs), len(phases), course.days.draws))
    for i, (before, after) in enumerate(pairs):
        start = course.days.of(f"film:{before['film_id']}")
        end = course.days.of(f"film:{after['film_id']}")
        for j, name in enumerate(phases):
            left, right = spans[name]
            right = np.maximum(right, end) if name == last else right
            left = np.minimum(left, start) if j == 0 else left
            design[i, j] = np.clip(np.minimum(end, right) - np.maximum(start, left), 0, None) / DAYS_PER_MONTH
    return design


def _figures(phases: list[str], drawn: FloatArray | None, n: int) -> dict[str, Any]:
    if drawn is None:
        missing = {"value": None, "low": None, "high": None, "n": n, "reason": "no_separating_film"}
        return {name: dict(missing) for name in phases}
    return {name: figure_of(drawn[:, j], n).as_dict() for j, name in enumerate(phases)}


def _ahead(phases: list[str], drawn: FloatArray | None) -> str | None:
    """The phase that heals fastest (most negative rate) in nearly all draws, and heals at all."""
    if drawn is None:
        return None
    fastest = drawn.argmin(axis=1)
    shares = np.bincount(fastest, minlength=len(phases)) / len(fastest)
    best = int(shares.argmax())
    if shares[best] < AHEAD or np.percentile(drawn[:, best], 95) > -LEAST_RATE:
        return None
    return phases[best]
