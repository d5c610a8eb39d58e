"""Named definitions of "healed", each with the analytes and sites it rests on, null with a reason.

`DEFINITIONS` lists them. None is a clinical end point of this package.
"""

from dataclasses import dataclass
from typing import Any

from rickets_rx.healing.course import Course
from rickets_rx.healing.normalisation import RANGES, considered, run_around

Row = dict[str, Any]


@dataclass(frozen=True)
class Definition:
    """What a word means here."""

    name: str
    words: str
    analytes: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    source: str = "ours"


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "radiographic_wrist",
        "last film of a wrist: radius and ulna both graded 0.5 or less and neither active",
        sites=("radius", "ulna"),
    ),
    Definition(
        "biochemical",
        "last values of Ca, ALP and PTH not near an infusion, all within the printed range",
        analytes=("Ca", "ALP", "PTH"),
    ),
    Definition(
        "biochemical_with_p",
        "last values of Ca, P, ALP and PTH not near an infusion, all within the printed range",
        analytes=("Ca", "P", "ALP", "PTH"),
    ),
    Definition(
        "trial_2014",
        "total rickets severity score (wrist and knee) 1.5 or less and ALP 350 U/L or less",
        analytes=("ALP",),
        sites=("radius", "ulna", "femur", "tibia"),
        source="Thacher 2014, Arch Dis Child 99:807",
    ),
)


def healed(course: Course) -> dict[str, dict[str, Any]]:
    """Every definition for one patient: value (True, False or None), day, values used, reason."""
    verdicts = {
        "radiographic_wrist": _wrist(course),
        "biochemical": _biochemical(course, DEFINITIONS[1].analytes),
        "biochemical_with_p": _biochemical(course, DEFINITIONS[2].analytes),
        "trial_2014": _verdict(None, reason="needs_the_knee"),
    }
    return {
        item.name: verdicts[item.name]
        | {"words": item.words, "analytes": item.analytes, "sites": item.sites, "source": item.source}
        for item in DEFINITIONS
    }


def _verdict(
    value: bool | None, *, day: int | None = None, reason: str = "", n: int = 0, used: Any = None
) -> dict[str, Any]:
    return {"value": value, "day": day, "n": n, "used": used or {}, "reason": reason, "ranges": {}}


def _biochemical(course: Course, analytes: tuple[str, ...]) -> dict[str, Any]:
    """All of the analytes normal at the last visit that has every one of them.

    The answer is that of the printed ranges; where no visit has one for each, the last that the ranges by
    age judge is taken. ``ranges`` tells for each kind of range whether all are normal at that visit, and
    whether each is confirmed (normal in a run of 28 days or more, as for normalisation).
    """
    printed, age = (_last_visit(course, analytes, kind) for kind in RANGES)
    last = printed or age
    if last is None:
        return _verdict(None, reason="no_visit_with_all_analytes")
    ranges = {kind: _by_range(course, last, kind) for kind in RANGES}
    day = next(iter(last.values()))["day"]
    used = {name: flag for name, flag in ranges["printed"]["used"].items() if flag is not None}
    value = ranges["printed"]["value"]
    reason = "no_range" if value is None else ""
    return _verdict(value, day=day, n=len(analytes), used=used, reason=reason) | {"ranges": ranges}


def _last_visit(course: Course, analytes: tuple[str, ...], kind: str) -> dict[str, Row] | None:
    """Values of the last visit that has every analyte, judged by this kind of range; None without one."""
    visits: dict[str, dict[str, Row]] = {}
    for analyte in analytes:
        for row in considered(course, analyte, kind):
            visits.setdefault(row["visit"], {})[analyte] = row
    complete = [rows for rows in visits.values() if len(rows) == len(analytes)]
    return max(complete, key=lambda rows: next(iter(rows.values()))["day"], default=None)


def _by_range(course: Course, last: dict[str, Row], kind: str) -> dict[str, Any]:
    """One visit against one kind of range: value, confirmed (None unless all are normal), flags."""
    used = {name: row[RANGES[kind]] or None for name, row in last.items()}
    value = False if {"low", "high"} & set(used.values()) else None if None in used.values() else True
    confirmed = None
    if value:
        confirmed = all(run_around(considered(course, name, kind), row, kind) for name, row in last.items())
    return {"value": value, "confirmed": confirmed, "used": used}


def _wrist(course: Course) -> dict[str, Any]:
    films = [row for row in course.films if row["joint"] == "wrist" and row["status"] == "scored"]
    if not films:
        return _verdict(None, reason="no_graded_wrist_film")
    films = [row for row in films if row["counts"]]
    if not films:
        return _verdict(None, reason="synthetic_films_only")
    day = max(row["day"] for row in films)
    last: dict[Any, dict[str, Row]] = {}
    for row in films:
        if row["day"] == day:
            last.setdefault((row["file"], row.get("instance")), {})[row["bone"]] = row
    whole = [bones for bones in last.values() if {"radius", "ulna"} <= set(bones)]
    if not whole:
        return _verdict(None, day=day, reason="radius_and_ulna_not_both_graded")
    rows = [row for bones in whole for row in bones.values()]
    value = all(float(row["grade"]) <= 0.5 and row["activity"] != "active" for row in rows)
    used = {f"{row['side']} {row['bone']}".strip(): float(row["grade"]) for row in rows}
    return _verdict(value, day=day, n=len(rows), used=used)
