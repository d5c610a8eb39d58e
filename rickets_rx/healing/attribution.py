"""During which phase of therapy healing was seen, by all films, whatever the delay between therapy and bone.

All films of one joint are read together (`rates`), once for each delay between therapy and bone. Delays are
weighed by how well they fit the films; a phase is named only where a film sets it apart, it is ahead of every
other over all delays and scenarios of days, and it heals at all. "During" is not "because of".
"""

from itertools import pairwise
from typing import Any

import numpy as np

from rickets_rx.healing.course import Course
from rickets_rx.healing.delays import AHEAD, LAGS, Reading, read_phases
from rickets_rx.vocabulary import Joint

Row = dict[str, Any]
WORDS = {
    "no_film": "there is no graded film",
    "synthetic_films_only": "all films are synthetic",
    "no_phase": "no therapy phase is known",
    "one_phase_only": "there is one phase only",
    "no_separating_film": "no films separate the phases",
    "no_phase_clearly_ahead": "no phase is clearly ahead of the others",
    "depends_on_the_delay": "which phase is ahead depends on the delay between therapy and bone",
    "another_phase_at_8_weeks": "with a delay of 8 weeks another phase is ahead",
    "fixed_order": "the phases come in one fixed order",
    "concurrent_therapy": "several drugs run at the same time",
    "one_family": "all patients are of one family",
    "values_shared_with_a_relative": "laboratory values are shared with a relative",
}


def attribute(course: Course, rng: np.random.Generator, *, cautions: list[str]) -> dict[str, Any]:
    """Rates per phase and delay, and the phase named, if any.

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
        ``value`` (the phase, or None with ``reasons``), ``cautions``, ``n`` pairs of films, ``rates`` by
        delay and phase, ``chances`` (probability of each phase that it healed fastest, and healed at all),
        ``delays`` (weight of each delay once the films are seen), ``named_from`` (least chance that names).
    """
    films = films_read(course.films)
    phases = [phase.name for phase in course.phases if (phase.end > phase.start).all()]
    pairs = len(film_pairs(films))
    found = read_phases(course, films, phases, rng) if pairs and phases else None
    reasons = _reasons(course, phases, found)
    phase = None if reasons or found is None else found.best
    if phase and found is not None and found.ahead[LAGS[-1]] not in (None, phase):
        cautions = [*cautions, "another_phase_at_8_weeks"]
    shown = [] if phase else [*reasons, *cautions]
    return {
        "value": phase,
        "reason": "; ".join(WORDS.get(code, code) for code in shown),
        "reasons": shown,
        "cautions": cautions,
        "n": pairs,
        "rates": {} if found is None else _shown(found),
        "chances": {} if found is None else found.chances,
        "named_from": AHEAD,
        "delays": {} if found is None else {str(lag): share for lag, share in found.delays.items()},
    }


def _shown(found: Reading) -> dict[str, Any]:
    return {
        str(lag): {name: figure.as_dict() for name, figure in by_phase.items()}
        for lag, by_phase in found.rates.items()
    }


def _reasons(course: Course, phases: list[str], found: Reading | None) -> list[str]:
    """Why no phase is named; empty where one is."""
    reasons = []
    if not course.films:
        reasons.append("no_film")
    elif not any(row["counts"] for row in course.films):
        reasons.append("synthetic_films_only")
    if not phases:
        reasons.append("no_phase")
    elif len(phases) < 2:
        reasons.append("one_phase_only")
    if found is None or not found.told[found.best]:
        reasons.append("no_separating_film")
    elif found.chances[found.best] < AHEAD:
        apart = {found.ahead[lag] for lag in LAGS[:-1]} - {None}
        reasons.append("depends_on_the_delay" if apart else "no_phase_clearly_ahead")
    return reasons


def films_read(films: list[Row]) -> list[Row]:
    """Scored films of a known side that may count: wrists where one bone of them has two, else elbows.

    Wrist and elbow grades are not one scale and are never read together.
    """
    usable = [row for row in films if row["status"] == "scored" and row["counts"] and row["side"]]
    by_joint = {joint: [row for row in usable if row["joint"] == joint] for joint in Joint}
    return by_joint[Joint.WRIST] if film_pairs(by_joint[Joint.WRIST]) else by_joint[Joint.ELBOW]


def film_pairs(films: list[Row]) -> list[tuple[Row, Row]]:
    """Consecutive films of one bone and side, by central day."""
    series: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(films, key=lambda r: r["day"]):
        series.setdefault((row["bone"], row["side"]), []).append(row)
    pairs = [(a, b) for rows in series.values() for a, b in pairwise(rows)]
    return [(a, b) for a, b in pairs if a["day"] < b["day"]]
