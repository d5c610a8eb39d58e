"""When a laboratory value became normal: interval-censored, confirmed or not, against both kinds of range.

Rule (ours): values drawn during an infusion or within 7 days after it are set aside altogether. Of the rest,
normalisation lies between the last abnormal value and the first normal value of an unbroken run of normal
values that reaches to at least 28 days after its first (confirmed). Where no run is that long, the run that
ends the record is given, unconfirmed. A run at entry normalises nothing: it only sets ``normal_at_entry``.
Limits count as normal. Abnormal values after a confirmed normalisation are a relapse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.healing.analytes import ANALYTES
from rickets_rx.healing.course import Course
from rickets_rx.healing.result import NORMALISATION_COLUMNS, Figure
from rickets_rx.healing.series import figure_of

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
CONFIRMED_AFTER_DAYS = 28  # between the first normal value and one that confirms it (ours)
RANGES = {"printed": "printed_flag", "age": "age_flag"}


@dataclass(frozen=True)
class Normalisation:
    """Indices into the values considered, and what they amount to.

    Parameters
    ----------
    normal_at_entry : bool
        The first value considered is normal.
    last_abnormal, first_normal : int or None
        Values between which it became normal; None where it never did, or was normal throughout.
    confirmed : bool or None
        None where it did not become normal.
    relapsed : bool or None
        An abnormal value after a confirmed normalisation; None where it did not become normal.
    why : str
        What to say where it did not become normal.
    """

    normal_at_entry: bool
    last_abnormal: int | None
    first_normal: int | None
    confirmed: bool | None
    relapsed: bool | None
    why: str = ""


def normalise(days: list[int], normal: list[bool]) -> Normalisation | None:
    """Apply the rule to values in day order.

    Parameters
    ----------
    days : list of int
    normal : list of bool
        Same length; values near an infusion left out beforehand.

    Returns
    -------
    Normalisation or None
        None without any value.
    """
    if not days:
        return None
    if all(normal):
        return Normalisation(True, None, None, None, None, "normal throughout")
    runs = [run for run in _runs(normal) if run[0] > 0]
    confirmed = [run for run in runs if days[run[1]] - days[run[0]] >= CONFIRMED_AFTER_DAYS]
    if confirmed:
        first, last = confirmed[0]
        return Normalisation(normal[0], first - 1, first, True, not all(normal[last:]))
    if runs and runs[-1][1] == len(normal) - 1:
        first = runs[-1][0]
        return Normalisation(normal[0], first - 1, first, False, False)
    why = "never normal"
    if runs:
        why = "normal for less than 28 days, then abnormal again"
    elif normal[0]:
        why = "normal at entry, then abnormal to the end"
    return Normalisation(normal[0], None, None, None, None, why)


def _runs(normal: list[bool]) -> list[tuple[int, int]]:
    """(first, last) of every unbroken run of normal values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(normal, int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def run_around(rows: list[Row], row: Row, kind: str) -> bool:
    """Whether the unbroken run of normal values that holds ``row`` confirms itself (28 days or more).

    Parameters
    ----------
    rows : list of dict
        Values considered of one analyte, in day order; ``row`` is one of them and normal.
    kind : str
        ``printed`` or ``age``.
    """
    at = next(i for i, other in enumerate(rows) if other is row)
    first, last = next(
        run for run in _runs([r[RANGES[kind]] == "normal" for r in rows]) if run[0] <= at <= run[1]
    )
    return int(rows[last]["day"]) - int(rows[first]["day"]) >= CONFIRMED_AFTER_DAYS


def normalisation_table(courses: Mapping[str, Course]) -> "pd.DataFrame":
    """normalisation.csv: one row per patient, analyte and kind of range that has a range at all."""
    import pandas as pd

    rows = [
        _row(course, analyte, kind)
        for course in courses.values()
        for analyte in _analytes(course)
        for kind in RANGES
        if any(row[RANGES[kind]] for row in _used(course, analyte))
    ]
    table = pd.DataFrame(rows, columns=list(NORMALISATION_COLUMNS))
    whole = ["normal_at_entry", "last_abnormal_day", "first_normal_day", "confirmed", "relapsed"]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _analytes(course: Course) -> list[str]:
    known = {row["analyte"] for row in course.labs}
    return [name for name in ANALYTES if name in known]


def _used(course: Course, analyte: str) -> list[Row]:
    rows = [row for row in course.labs if row["analyte"] == analyte and row["used"]]
    return sorted(rows, key=lambda row: row["day"])


def considered(course: Course, analyte: str, kind: str) -> list[Row]:
    """Values that count: used, with a flag of this kind of range, and not near an infusion."""
    return [row for row in _used(course, analyte) if row[RANGES[kind]] and not row["near_infusion"]]


def _row(course: Course, analyte: str, kind: str) -> Row:
    rows = considered(course, analyte, kind)
    found = normalise([row["day"] for row in rows], [row[RANGES[kind]] == "normal" for row in rows])
    result: Row = {"patient_id": course.patient_id, "analyte": analyte, "range": kind}
    if found is None:
        return result | {"note": "every value was drawn near an infusion"}
    day = [row["day"] for row in rows]
    return result | {
        "normal_at_entry": int(found.normal_at_entry),
        "last_abnormal_day": None if found.last_abnormal is None else day[found.last_abnormal],
        "first_normal_day": None if found.first_normal is None else day[found.first_normal],
        "confirmed": None if found.confirmed is None else int(found.confirmed),
        "relapsed": None if found.relapsed is None else int(found.relapsed),
        "note": _note(course, analyte, rows, found),
    }


def normalisation_days(course: Course) -> dict[str, dict[str, Any]]:
    """Day of the last abnormal and of the first normal value, with the interval over the day scenarios.

    Returns
    -------
    dict
        ``"<analyte> <range>"`` to ``last_abnormal_day`` and ``first_normal_day`` as `Figure.as_dict`.
    """
    found: dict[str, dict[str, Any]] = {}
    for analyte in _analytes(course):
        for kind in RANGES:
            rows = considered(course, analyte, kind)
            normal = normalise([r["day"] for r in rows], [r[RANGES[kind]] == "normal" for r in rows])
            if normal is not None:
                found[f"{analyte} {kind}"] = {
                    f"{name}_day": _day_figure(course, rows, getattr(normal, name), normal.why).as_dict()
                    for name in ("last_abnormal", "first_normal")
                }
    return found


def _day_figure(course: Course, rows: list[Row], index: int | None, why: str) -> Figure:
    if index is None:
        return Figure(None, n=len(rows), reason=why)
    return figure_of(course.days.of(f"visit:{rows[index]['visit']}").astype(float), len(rows))


def _note(course: Course, analyte: str, rows: list[Row], found: Normalisation) -> str:
    said = ["a single value" if len(rows) == 1 else f"{len(rows)} values"]
    aside = len(_used(course, analyte)) - len(rows)
    if aside:
        said.append(f"{aside} near an infusion or without a range set aside")
    if found.why:
        said.append(found.why)
    elif not found.confirmed:
        said.append("not confirmed by a second normal value at least 28 days later")
    for name in ("last_abnormal", "first_normal"):
        index = getattr(found, name)
        if index is not None and rows[index]["day_low"] != rows[index]["day_high"]:
            words = name.replace("_", " ")
            said.append(f"{words} day uncertain, {rows[index]['day_low']} to {rows[index]['day_high']}")
    return "; ".join(said)
