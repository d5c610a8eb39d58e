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


@dataclass(eq=False)
class _Stretch:
    """A phase being put together: its name, where it began, and the visits that describe it."""

    name: str
    start: IntArray
    visits: list[str]


def phases_of(days: Days, labs: list[Row], therapy: list[Row]) -> list[Phase]:
    """Phases in the order in which they began: from visits that name them, else from therapy.csv.

    A phase that comes back after another one is a phase of its own, ``name (2)``.
    """
    ordered = sorted({row["visit"]: row for row in labs}.values(), key=lambda row: row["day"])
    stretches = _by_visits(days, ordered) or _by_therapy(days, ordered, therapy)
    if not stretches:
        return []
    ends = [*(stretch.start for stretch in stretches[1:]), _last_day(days, therapy)]
    times: dict[str, int] = {}
    phases = []
    for stretch, end in zip(stretches, ends, strict=True):
        times[stretch.name] = times.get(stretch.name, 0) + 1
        label = stretch.name if times[stretch.name] == 1 else f"{stretch.name} ({times[stretch.name]})"
        phases.append(Phase(label, stretch.start, np.maximum(end, stretch.start), tuple(stretch.visits)))
    return phases


def _by_visits(days: Days, ordered: list[Row]) -> list[_Stretch]:
    """From what each visit says of the phase in force and of the one in force from it on."""
    found: list[_Stretch] = []
    for row in ordered:
        day = days.of(f"visit:{row['visit']}")
        if row["phase"] and (not found or found[-1].name != row["phase"]):
            found.append(_Stretch(row["phase"], day, []))
        if found and row["visit"] not in found[-1].visits:
            found[-1].visits.append(row["visit"])
        started = row["phase_started"]
        if started and (not found or found[-1].name != started):
            found.append(_Stretch(started, day, [row["visit"]]))
    return found


def _by_therapy(days: Days, ordered: list[Row], therapy: list[Row]) -> list[_Stretch]:
    """From the start days of courses that name a phase; visits by their central days."""
    found: list[_Stretch] = []
    for row in sorted((r for r in therapy if r["start_day"] is not None), key=lambda r: r["start_day"]):
        if row["phase"] and (not found or found[-1].name != row["phase"]):
            start = days.like(row["start_day"], row["start_low"], row["start_high"])
            found.append(_Stretch(row["phase"], start, []))
    ends = [stretch.start[0] for stretch in found[1:]] + [np.inf]
    for stretch, last in zip(found, ends, strict=False):
        stretch.visits += [row["visit"] for row in ordered if stretch.start[0] <= row["day"] <= last]
    return found


def _last_day(days: Days, therapy: list[Row]) -> IntArray:
    """Last visit or film of each scenario, or the last end of therapy where there is neither."""
    if days.drawn:
        return np.max(np.stack(list(days.drawn.values())), axis=0)
    ends = [row["end_day"] or row["start_day"] or 0 for row in therapy]
    return np.full(days.draws, max(ends, default=0), dtype=np.int64)


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
