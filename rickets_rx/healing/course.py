"""The course of one patient over all day scenarios: visits, films, and the phases of therapy between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.days import Days, Node, draw_days
from rickets_rx.healing.labs import plain_rows
from rickets_rx.healing.series import Series

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

Row = dict[str, Any]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Phase:
    """One phase of therapy; it runs from the visit where it began to the visit where the next one began.

    Parameters
    ----------
    name : str
    start, end : ndarray of shape (draws,)
        Days; column 0 holds the central ones. ``end`` of the last phase is the last observation.
    visits : tuple of str
        Visits that describe it, in order: the one where it began (drawn under the phase before), then those
        drawn in it.
    """

    name: str
    start: IntArray
    end: IntArray
    visits: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Course:
    """One patient: scenario days, judged laboratory rows, film rows, phases."""

    patient_id: str
    days: Days
    labs: list[Row]
    films: list[Row]
    phases: list[Phase]

    def series(self, analyte: str, *, visits: tuple[str, ...] | None = None, calm: bool = False) -> Series:
        """Used values of an analyte in day order.

        Parameters
        ----------
        visits : tuple of str, optional
            Only these.
        calm : bool
            Leave out values drawn during an infusion or within 7 days after it.
        """
        rows = [
            row
            for row in self.labs
            if row["analyte"] == analyte
            and row["used"]
            and (visits is None or row["visit"] in visits)
            and not (calm and row["near_infusion"])
        ]
        rows.sort(key=lambda row: row["day"])
        days = [self.days.of(f"visit:{row['visit']}") for row in rows]
        limits = {(row["range_low"], row["range_high"]) for row in rows}
        low, high = limits.pop() if len(limits) == 1 else (None, None)
        stacked = np.array(days, dtype=float).reshape(len(rows), self.days.draws)
        return Series(np.array([row["value"] for row in rows], dtype=float), stacked, low, high)


def courses_of(
    case: "CaseFolder", labs: "pd.DataFrame", films: list[Row], *, draws: int, rng: np.random.Generator
) -> dict[str, Course]:
    """Every patient's course; patients are drawn independently, in the order of patients.csv."""
    lab_rows, film_rows = _grouped(plain_rows(labs)), _grouped(films)
    nodes = _nodes(case)
    therapy = _grouped(plain_rows(case.therapy))
    found = {}
    for patient in case.patients["patient_id"]:
        days = draw_days(nodes.get(patient, []), draws=draws, rng=rng, patient=patient)
        mine, seen = lab_rows.get(patient, []), film_rows.get(patient, [])
        phases = phases_of(days, mine, therapy.get(patient, []))
        found[patient] = Course(patient, days, mine, seen, phases)
    return found


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["patient_id"], []).append(row)
    return groups


def _nodes(case: "CaseFolder") -> dict[str, list[Node]]:
    """One node per visit and per film."""
    found: dict[tuple[str, str], Node] = {}
    for row in plain_rows(case.labs):
        found.setdefault((row["patient_id"], f"visit:{row['visit']}"), _node(f"visit:{row['visit']}", row))
    for row in plain_rows(case.radiographs):
        found[row["patient_id"], f"film:{row['film_id']}"] = _node(f"film:{row['film_id']}", row)
    nodes: dict[str, list[Node]] = {}
    for (patient, _), node in found.items():
        nodes.setdefault(patient, []).append(node)
    return nodes


def _node(key: str, row: Row) -> Node:
    anchors = row["anchor"].split("|") if row["anchor"] else []
    offsets = row["offset_days"].split("|") if row["offset_days"] else []
    readings = tuple((a.strip(), round(float(o))) for a, o in zip(anchors, offsets, strict=True))
    return Node(key, row["day"], row["day_low"], row["day_high"], readings)


def phases_of(days: Days, labs: list[Row], therapy: list[Row]) -> list[Phase]:
    """Phases in the order in which they began: from visits that name them, else from therapy.csv."""
    visits = {row["visit"]: row for row in labs}
    ordered = sorted(visits.values(), key=lambda row: row["day"])
    starts: dict[str, IntArray] = {}
    for row in ordered:
        key = days.of(f"visit:{row['visit']}")
        for name in (row["phase"], row["phase_started"]):
            if name:
                starts.setdefault(name, key)
    if not starts:
        starts = _starts_by_therapy(days, therapy)
    if not starts:
        return []
    last = _last_day(days, therapy)
    names = sorted(starts, key=lambda name: int(starts[name][0]))  # stable: the phase before comes first
    ends = [starts[name] for name in names[1:]] + [last]
    return [
        Phase(name, starts[name], np.maximum(end, starts[name]), _visits_of(name, ordered, starts[name], end))
        for name, end in zip(names, ends, strict=True)
    ]


def _starts_by_therapy(days: Days, therapy: list[Row]) -> dict[str, IntArray]:
    starts: dict[str, IntArray] = {}
    for row in sorted((r for r in therapy if r["start_day"] is not None), key=lambda r: r["start_day"]):
        if row["phase"]:
            starts.setdefault(row["phase"], days.like(row["start_day"], row["start_low"], row["start_high"]))
    return starts


def _last_day(days: Days, therapy: list[Row]) -> IntArray:
    """Last visit or film of each scenario, or the last end of therapy where there is neither."""
    if days.drawn:
        return np.max(np.stack(list(days.drawn.values())), axis=0)
    ends = [row["end_day"] or row["start_day"] or 0 for row in therapy]
    return np.full(days.draws, max(ends, default=0), dtype=np.int64)


def _visits_of(name: str, ordered: list[Row], start: IntArray, end: IntArray) -> tuple[str, ...]:
    """The visit where the phase began and those drawn in it; by central days where visits name no phase."""
    if any(row["phase"] or row["phase_started"] for row in ordered):
        began = [row["visit"] for row in ordered if row["phase_started"] == name][:1]
        return tuple(dict.fromkeys([*began, *(row["visit"] for row in ordered if row["phase"] == name)]))
    return tuple(row["visit"] for row in ordered if start[0] <= row["day"] <= end[0])


def phase_on(phases: list[Phase], day: int) -> str:
    """Phase in force on a central day; a day of change belongs to the phase before (state when observed)."""
    found = ""
    for phase in phases:
        if phase.start[0] < day or (phase.start[0] == day and not found):
            found = phase.name
    return found


def by_patient(courses: Mapping[str, Course]) -> dict[str, list[Phase]]:
    """Phases of every patient."""
    return {patient: course.phases for patient, course in courses.items()}
