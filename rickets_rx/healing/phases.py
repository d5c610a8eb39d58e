"""phases.csv: one row per patient and phase, every figure with its interval, count and reason."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.healing.course import Course, Phase
from rickets_rx.healing.film_errors import change_between
from rickets_rx.healing.result import PHASE_FIGURES, PHASES_COLUMNS_HEAD, PHASES_COLUMNS_TAIL, Figure
from rickets_rx.healing.series import area_above, share_in_range, slope

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
# A film stands for the state at a day when taken at most so long before or after it (ours): nothing shows on
# film within a week of a change of therapy.
BEFORE_DAYS, AFTER_DAYS = 28, 7
SLOPES = {"slope_ln_alp": "ALP", "slope_ln_pth": "PTH", "slope_ca": "Ca", "slope_p": "P"}


def phases_table(courses: Mapping[str, Course], rng: np.random.Generator) -> "pd.DataFrame":
    """One row per patient and phase, in order."""
    import pandas as pd

    rows = [_row(course, phase, rng) for course in courses.values() for phase in course.phases]
    figures = [f"{name}{part}" for name in PHASE_FIGURES for part in ("", "_low", "_high", "_n", "_reason")]
    return pd.DataFrame(rows, columns=[*PHASES_COLUMNS_HEAD, *figures, *PHASES_COLUMNS_TAIL])


def _row(course: Course, phase: Phase, rng: np.random.Generator) -> Row:
    figures, ends = phase_figures(course, phase, rng)
    row: Row = {
        "patient_id": course.patient_id,
        "phase": phase.name,
        "start_day": int(phase.start[0]),
        "start_low": int(phase.start.min()),
        "start_high": int(phase.start.max()),
        "end_day": int(phase.end[0]),
        "end_low": int(phase.end.min()),
        "end_high": int(phase.end.max()),
        "days": int(phase.end[0] - phase.start[0]),
    }
    for name in PHASE_FIGURES:
        figure = figures[name]
        row |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
        row |= {f"{name}_n": figure.n, f"{name}_reason": figure.reason}
    start, end = ends
    row |= {
        "bone_followed": (start or end or {}).get("bone", ""),
        "side_followed": (start or end or {}).get("side", ""),
    }
    row |= {
        "activity_start": (start or {}).get("activity", ""),
        "activity_end": (end or {}).get("activity", ""),
    }
    set_aside = sum(bool(r["near_infusion"]) for r in course.labs if r["visit"] in phase.visits and r["used"])
    note = f"{set_aside} values near an infusion are set aside from slopes" if set_aside else ""
    return row | {"note": note}


def phase_figures(
    course: Course, phase: Phase, rng: np.random.Generator
) -> tuple[dict[str, Figure], tuple[Row | None, Row | None]]:
    """Figures of one phase, and the film rows at its start and end that they rest on."""
    figures, ends = _film_figures(course, phase)
    for analyte, name in (
        ("ALP", "slope_ln_alp"),
        ("PTH", "slope_ln_pth"),
        ("Ca", "slope_ca"),
        ("P", "slope_p"),
    ):
        calm = course.series(analyte, visits=phase.visits, calm=True)
        figures[name] = slope(calm, rng, log=name.startswith("slope_ln"))
    for analyte in ("Ca", "P", "ALP", "PTH"):
        series = course.series(analyte, visits=phase.visits)
        figures[f"share_in_range_{analyte.lower()}"] = share_in_range(series)
        if analyte in ("ALP", "PTH"):
            figures[f"auc_{analyte.lower()}_above_uln"] = area_above(series, series.high)
    return figures, ends


def _film_figures(course: Course, phase: Phase) -> tuple[dict[str, Figure], tuple[Row | None, Row | None]]:
    start, end, reason = films_at_ends(course, phase)
    figures = {}
    for when, film in (("start", start), ("end", end)):
        figures[f"grade_{when}"] = _level(film, "grade", reason)
        figures[f"severity_{when}"] = _level(film, "severity", reason)
    if start is None or end is None:
        figures["severity_change"] = Figure(
            None, n=int(start is not None) + int(end is not None), reason=reason
        )
    else:
        figures["severity_change"] = change_between(start, end)
    return figures, (start, end)


def _level(film: Row | None, name: str, reason: str) -> Figure:
    if film is None:
        return Figure(None, reason=reason)
    return Figure(float(film[name]), float(film[f"{name}_low"]), float(film[f"{name}_high"]), 1)


def films_at_ends(course: Course, phase: Phase) -> tuple[Row | None, Row | None, str]:
    """Film rows of one bone and side at the start and at the end of a phase, and why one is missing.

    The bone followed is graded at both ends; of several, the one worst at the start. Without such a pair, the
    worst bone of the end that has a film.
    """
    usable = [row for row in course.films if row["status"] == "scored" and row["counts"]]
    if not usable:
        return None, None, _why_no_film(course.films)
    starts = _films_near(usable, int(phase.start[0]))
    ends = _films_near(usable, int(phase.end[0])) if phase.end[0] > phase.start[0] else {}
    pairs = [key for key in starts if key in ends and starts[key]["day"] < ends[key]["day"] and key[1]]
    if pairs:
        key = max(pairs, key=lambda k: (starts[k]["severity"], k[0] == "radius"))
        return starts[key], ends[key], ""
    reason = "no_film_at_both_ends"
    if set(starts) & set(ends) and not any(side for _, side in set(starts) & set(ends)):
        reason = "side_not_known"
    return _worst(starts), None if starts else _worst(ends), reason


def _why_no_film(films: list[Row]) -> str:
    if not films:
        return "no_film"
    if all(row["synthetic"] for row in films):
        return "synthetic_films_only"
    return "no_graded_film"


def _films_near(films: list[Row], day: int) -> dict[tuple[str, str], Row]:
    """The film nearest to a day, per bone and side, within the window."""
    near = [row for row in films if day - BEFORE_DAYS <= row["day"] <= day + AFTER_DAYS]
    near.sort(key=lambda row: -abs(row["day"] - day))
    return {(row["bone"], row["side"]): row for row in near}


def _worst(films: dict[tuple[str, str], Row]) -> Row | None:
    return max(films.values(), key=lambda row: row["severity"], default=None)
