"""Views of a study: tables of units by readers, one for each scale, measure and way of reading.

Scales are never pooled (Thacher's wrist, the exploratory elbow, each region of change), nor are readings made
with the machine's grade in view and without, nor changes read with the order known and hidden.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import partial
from typing import Any

import numpy as np

from rickets_rx.agreement.consensus import consensus
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts, age_band, cluster_names
from rickets_rx.agreement.kappa import THACHER_BONE_LABELS
from rickets_rx.agreement.machine_scores import MachineScores
from rickets_rx.agreement.statistic import FloatArray
from rickets_rx.io.readings import Reading
from rickets_rx.score import SUMMED_BONES
from rickets_rx.vocabulary import JOINT_OF_BONE, SCALE_OF_JOINT, Bone, Status

TOTAL_LABELS = tuple(half / 2 for half in range(9))


class Measure(StrEnum):
    """What is compared: one bone, the sum of a joint's two, or a change between two films."""

    BONE = "bone"
    TOTAL = "total"
    CHANGE = "change"


class Stratum(StrEnum):
    """Whether the machine's grade was in view; a reading that does not say counts as unaided."""

    UNAIDED = "unaided"
    AIDED = "machine_seen"


class Outcome(IntEnum):
    """What became of a unit with one reader or the machine."""

    ABSENT = 0
    GRADED = 1
    REFUSED = 2


@dataclass(frozen=True, eq=False)
class Machine:
    """The machine on the units of a view; NaN where it gave no number.

    Parameters
    ----------
    grade, low, high : float arrays of shape (units,)
        On the labels of the view.
    severity : float array
        0-1 for a bone, 0-2 for a total; for a change the fall of severity, above 0 is better.
    outcome : int array of `Outcome`
    reasons : tuple of str
        Of refusals, empty elsewhere.
    """

    grade: FloatArray
    low: FloatArray
    high: FloatArray
    severity: FloatArray
    outcome: np.ndarray
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class View:
    """Units by readers on one scale.

    Parameters
    ----------
    scale, measure, stratum : str
    labels : tuple of float
    near : float
        Distance that counts as close: half a grade, one point of change.
    readers : tuple of str
    ratings, repeats : float arrays of shape (units, readers)
        First and second readings, NaN where there is none.
    outcome : int array of shape (units, readers)
        `Outcome` of the first occasion.
    reasons : mapping of reader to list of str
        Of her refusals.
    reference : float array of shape (units,)
        Consensus, NaN where there is none.
    machine : Machine
    clusters : list of str or None
    facts : mapping of name to tuple of str
        For subgroups; empty where unknown.
    patients, days : tuples
        Of each unit; empty and None where unknown.
    """

    scale: str
    measure: Measure
    stratum: str
    labels: tuple[float, ...]
    near: float
    readers: tuple[str, ...]
    ratings: FloatArray
    repeats: FloatArray
    outcome: np.ndarray
    reasons: Mapping[str, list[str]]
    reference: FloatArray
    machine: Machine
    clusters: list[str] | None
    facts: Mapping[str, tuple[str, ...]]
    patients: tuple[str, ...]
    days: tuple[int | None, ...]

    @property
    def units(self) -> int:
        return len(self.patients)


@dataclass(frozen=True)
class Kind:
    """What one view compares.

    Parameters
    ----------
    scale, measure, stratum, labels, near
        As in `View`.
    unit_of, value_of : callable
        The unit of a reading, a tuple that starts with the film's SHA-256, and what was said of it.
    """

    scale: str
    measure: Measure
    stratum: str
    labels: tuple[float, ...]
    near: float
    unit_of: Callable[[Reading], Any]
    value_of: Callable[[Reading], float | None]


@dataclass(frozen=True, eq=False)
class Said:
    """Readings of one set of units and readers: first and second grades, outcomes and reasons."""

    first: FloatArray
    second: FloatArray
    outcome: np.ndarray
    reasons: dict[str, list[str]]


def said_of(
    readings: Iterable[Reading],
    units: Mapping[Any, int],
    readers: Sequence[str],
    unit_of: Callable[[Reading], Any],
    value_of: Callable[[Reading], float | None],
) -> Said:
    """Tables of units by readers from readings, the lowest occasion first."""
    shape = (len(units), len(readers))
    first, second = np.full(shape, np.nan), np.full(shape, np.nan)
    outcome, column = np.zeros(shape, dtype=int), {name: i for i, name in enumerate(readers)}
    reasons: dict[str, list[str]] = {name: [] for name in readers}
    seen: dict[tuple[int, int], int] = {}
    # By occasion, not by place in the file: exports of a review log come in any order.
    for reading in sorted(readings, key=lambda one: one.occasion):
        cell = units[unit_of(reading)], column[reading.reader]
        seen[cell] = seen.get(cell, 0) + 1
        value = value_of(reading)
        if seen[cell] == 1:
            outcome[cell] = _outcome(reading)
            if reading.refused:
                reasons[reading.reader].append(reading.reason or "not given")
        if value is not None and seen[cell] <= 2:
            (first if seen[cell] == 1 else second)[cell] = value
    return Said(first, second, outcome, reasons)


def _outcome(reading: Reading) -> Outcome:
    if reading.refused:
        return Outcome.REFUSED
    return Outcome.ABSENT if reading.missing else Outcome.GRADED


def view_of(
    kind: Kind,
    readings: Sequence[Reading],
    facts: Mapping[str, FilmFacts],
    design: StudyDesign,
    *,
    machine_of: Callable[[Sequence[Any]], Machine],
    named_of: Callable[[Sequence[Any], FloatArray], Mapping[str, tuple[str, ...]]],
) -> View:
    """The table of units by readers of one kind of reading.

    The adjudicator makes the reference and is no column: she mostly reads what others differ on, and with
    their grades before her, so that her agreement with them says nothing.

    Parameters
    ----------
    machine_of : callable
        The machine on the given units.
    named_of : callable
        Facts for subgroups, from units and reference.
    """
    # Sorted, so that the order of files and rows changes no draw and no byte.
    keys = sorted({kind.unit_of(r) for r in readings})
    everybody = tuple(sorted({r.reader for r in readings}))
    said = said_of(readings, {key: i for i, key in enumerate(keys)}, everybody, kind.unit_of, kind.value_of)
    reference = consensus(said.first, everybody, design, labels=kind.labels)
    column = [i for i, name in enumerate(everybody) if name != design.adjudicator]
    readers = tuple(everybody[i] for i in column)
    films = [facts[key[0]] for key in keys]
    return View(
        kind.scale, kind.measure, kind.stratum, kind.labels, kind.near, readers,
        said.first[:, column], said.second[:, column], said.outcome[:, column],
        {name: said.reasons[name] for name in readers}, reference, machine_of(keys),
        cluster_names(films, design.cluster)[0], named_of(keys, reference),
        tuple(film.patient for film in films), tuple(film.day for film in films),
    )  # fmt: skip


def of_units(view: View, at: np.ndarray, *, without: Sequence[str] = (), **changes: Any) -> View:
    """A view whose units are made from some units of another, such as pairs of them.

    Parameters
    ----------
    at : int array
        The unit of ``view`` that lends each new one its patient, day, cluster and facts.
    without : sequence of str
        Facts that the new units do not have.
    **changes
        Everything else, as in `View`.
    """
    return replace(
        view,
        clusters=None if view.clusters is None else [view.clusters[i] for i in at],
        facts={name: tuple(told[i] for i in at) for name, told in view.facts.items() if name not in without},
        patients=tuple(view.patients[i] for i in at),
        days=tuple(view.days[i] for i in at),
        reasons={name: [] for name in view.readers},
        **changes,
    )


def bone_views(
    readings: Sequence[Reading],
    scores: MachineScores,
    facts: Mapping[str, FilmFacts],
    design: StudyDesign,
    stratum: Stratum = Stratum.UNAIDED,
) -> list[View]:
    """Views of graded bones: per scale the bones, and the sums of a joint."""
    graded = [r for r in readings if not r.is_change and r.bone in tuple(Bone)]
    views = []
    for joint, scale in SCALE_OF_JOINT.items():
        here = [r for r in graded if JOINT_OF_BONE[Bone(r.bone)] is joint]
        if not here:
            continue
        kind = Kind(scale, Measure.BONE, stratum, THACHER_BONE_LABELS, 0.5, _unit, lambda r: r.grade)
        bones = view_of(
            kind, here, facts, design,
            machine_of=partial(machine_on_bones, scores=scores),
            named_of=partial(_bone_facts, readings=here, scores=scores, facts=facts, design=design),
        )  # fmt: skip
        views.append(bones)
        views.append(_total_view(bones, here, SUMMED_BONES[joint]))
    return views


def _unit(reading: Reading) -> tuple[str, int, str]:
    return reading.image_sha256, reading.instance, reading.bone


def _bone_facts(
    keys: Sequence[Any],
    reference: FloatArray,
    *,
    readings: Sequence[Reading],
    scores: MachineScores,
    facts: Mapping[str, FilmFacts],
    design: StudyDesign,
) -> dict[str, tuple[str, ...]]:
    """Facts of graded bones for subgroups."""
    sides = {_unit(r): str(r.side) for r in readings if r.side is not None}
    rows = [scores.bones.get(key, {}) for key in keys]
    films = [facts[image] for image, _, _ in keys]
    named = {
        "bone": tuple(bone for _, _, bone in keys),
        "side": tuple(sides.get(k) or str(row.get("side") or "") for k, row in zip(keys, rows, strict=True)),
        "spacing_source": tuple(str(row.get("spacing_source") or "") for row in rows),
        "age_band": tuple(age_band(film.age_years, design.age_bands_years) for film in films),
        "severity": tuple(severity_group(grade) for grade in reference),
    }
    extra = sorted({name for film in films for name in film.extra} - set(named))
    return named | {name: tuple(film.extra.get(name, "") for film in films) for name in extra}


def severity_group(grade: float) -> str:
    """Named group of a reference grade (ours): none 0-0.5, moderate 1-1.5, severe 2; empty without one."""
    if np.isnan(grade):
        return ""
    if grade <= 0.5:
        return "0-0.5"
    return "1-1.5" if grade <= 1.5 else "2"


def machine_on_bones(keys: Sequence[tuple[str, int, str]], scores: MachineScores) -> Machine:
    """The machine's grades, intervals and refusals of the given bones."""
    rows = [scores.bones.get(key, {}) for key in keys]
    numbers = {name: _column(rows, name) for name in ("grade", "grade_low", "grade_high", "severity")}
    outcome, reasons = [], []
    for key, row in zip(keys, rows, strict=True):
        film_reason = scores.refused_films.get(key[0])
        refused = row.get("status") == Status.REFUSED or (not row and film_reason is not None)
        graded = row.get("grade") is not None and not refused
        outcome.append(Outcome.REFUSED if refused else Outcome.GRADED if graded else Outcome.ABSENT)
        reasons.append(str(row.get("reason") or film_reason or "not given") if refused else "")
    return Machine(
        numbers["grade"], numbers["grade_low"], numbers["grade_high"], numbers["severity"],
        np.array(outcome, dtype=int), tuple(reasons),
    )  # fmt: skip


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> FloatArray:
    values = [row.get(name) if row.get("status") == Status.SCORED else None for row in rows]
    return np.array([np.nan if value is None else float(value) for value in values])


def _total_view(bones: View, readings: Sequence[Reading], pair: tuple[Bone, Bone]) -> View:
    """Sums of the two summed bones of a joint, missing unless both are there; so is the reference."""
    keys = sorted({_unit(r) for r in readings})
    place = {key: i for i, key in enumerate(keys)}
    joints = sorted({(image, instance) for image, instance, _ in keys})
    whole = [j for j in joints if all((*j, str(bone)) in place for bone in pair)]
    a, b = (np.array([place[(*joint, str(bone))] for joint in whole], dtype=int) for bone in pair)
    first = bones.ratings[a] + bones.ratings[b]
    return of_units(
        bones, a, without=("bone", "severity"),
        measure=Measure.TOTAL, labels=TOTAL_LABELS, ratings=first,
        repeats=bones.repeats[a] + bones.repeats[b],
        outcome=_both(bones.outcome[a], bones.outcome[b], first),
        reference=bones.reference[a] + bones.reference[b],
        machine=_sum_of_machine(bones.machine, a, b),
    )  # fmt: skip


def _sum_of_machine(machine: Machine, a: np.ndarray, b: np.ndarray) -> Machine:
    graded = machine.grade[a] + machine.grade[b]
    outcome = _both(machine.outcome[a], machine.outcome[b], graded)
    reasons = tuple(machine.reasons[i] or machine.reasons[j] for i, j in zip(a, b, strict=True))
    low, high = machine.low[a] + machine.low[b], machine.high[a] + machine.high[b]
    return Machine(graded, low, high, machine.severity[a] + machine.severity[b], outcome, reasons)


def _both(first: np.ndarray, second: np.ndarray, total: FloatArray) -> np.ndarray:
    """Outcome of a sum: refused where either bone is, absent where either has no grade."""
    outcome = np.maximum(first, second)
    return np.where((outcome == Outcome.GRADED) & np.isnan(total), Outcome.ABSENT, outcome)
