"""Figures over all patients: time to normalisation, and change on film against change in blood.

Intervals are 90 % percentiles of a bootstrap by family (all members of a family together); nothing is given
for fewer than 10 families (ours).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.healing.attribution import film_pairs
from rickets_rx.healing.course import Course
from rickets_rx.healing.result import Figure, records
from rickets_rx.healing.series import INTERVAL
from rickets_rx.healing.turnbull import NEVER, ROUNDS, turnbull

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
Statistic = Callable[[list[Row], int], float | None]
"""Rows and the most steps an iteration may take."""
LEAST_FAMILIES = 10
RESAMPLES, RESAMPLE_ROUNDS = 200, 200  # few steps suffice for an interval (ours)
NEAR_FILM_DAYS = 28  # a value stands for the day of a film within so many days (ours)


def cohort_figures(
    courses: Mapping[str, Course],
    families: Mapping[str, str],
    normalisation: "pd.DataFrame",
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Every cohort figure as `Figure.as_dict`, with the number of families.

    Parameters
    ----------
    courses : dict of patient to Course
    families : dict of patient to family; a patient without one is a family of its own.
    normalisation : DataFrame
        normalisation.csv; only the printed range is used.
    """
    known = {patient: families.get(patient) or f"patient {patient}" for patient in courses}
    figures: dict[str, Any] = {"families": len(set(known.values())), "patients": len(known)}
    times = time_rows(courses, normalisation)
    for analyte in sorted({row["analyte"] for row in times}):
        rows = [row for row in times if row["analyte"] == analyte]
        figures[f"median_days_to_normal_{analyte}"] = _by_family(rows, known, _median_days, rng).as_dict()
    for analyte in ("ALP", "PTH"):
        rows = change_rows(courses, analyte)
        name = f"rank_correlation_severity_ln_{analyte.lower()}"
        figures[name] = _by_family(rows, known, _rank_correlation, rng, missing="no_spread").as_dict()
    return figures


def time_rows(courses: Mapping[str, Course], normalisation: "pd.DataFrame") -> list[Row]:
    """(left, right] days to confirmed normalisation per patient and analyte that was abnormal at entry."""
    rows = []
    for row in records(normalisation):
        if row["range"] != "printed" or row["normal_at_entry"] != 0:
            continue
        mine = [r["day"] for r in courses[row["patient_id"]].labs if r["analyte"] == row["analyte"]]
        seen = row["confirmed"] == 1
        # A last value that is normal but unconfirmed leaves open when, after the last abnormal one.
        left = max(mine) if row["last_abnormal_day"] is None else row["last_abnormal_day"]
        right = row["first_normal_day"] if seen else NEVER
        if left < right:
            rows.append(
                {"patient_id": row["patient_id"], "analyte": row["analyte"], "left": left, "right": right}
            )
    return rows


def change_rows(courses: Mapping[str, Course], analyte: str) -> list[Row]:
    """Per patient: change of severity from first to last film of a bone, and of the logarithm in blood."""
    rows = []
    for patient, course in courses.items():
        usable = [r for r in course.films if r["status"] == "scored" and r["counts"] and r["side"]]
        by_bone: dict[tuple[str, str], list[Row]] = {}
        for before, after in film_pairs(usable):
            by_bone.setdefault((before["bone"], before["side"]), []).extend((before, after))
        changes = []
        for films in by_bone.values():
            first, last = films[0], films[-1]
            start, end = (_near(course, analyte, film["day"]) for film in (first, last))
            if start and end:
                changes.append((last["severity"] - first["severity"], np.log(end) - np.log(start)))
        if changes:
            film, blood = np.mean(changes, axis=0)
            rows.append({"patient_id": patient, "film": float(film), "blood": float(blood)})
    return rows


def _near(course: Course, analyte: str, day: int) -> float | None:
    rows = [r for r in course.labs if r["analyte"] == analyte and r["used"] and not r["near_infusion"]]
    near = [r for r in rows if abs(r["day"] - day) <= NEAR_FILM_DAYS and r["value"] > 0]
    return min(near, key=lambda r: abs(r["day"] - day))["value"] if near else None


def _by_family(
    rows: list[Row],
    families: Mapping[str, str],
    statistic: Statistic,
    rng: np.random.Generator,
    *,
    missing: str = "not_reached",
) -> Figure:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(families[row["patient_id"]], []).append(row)
    if len(groups) < LEAST_FAMILIES:
        return Figure(None, n=len(rows), reason=f"fewer_than_{LEAST_FAMILIES}_families")
    value = statistic(rows, ROUNDS)
    if value is None:
        return Figure(None, n=len(rows), reason=missing)
    names = list(groups)
    drawn = []
    for _ in range(RESAMPLES):
        picked = rng.integers(len(names), size=len(names))
        again = statistic([row for i in picked for row in groups[names[i]]], RESAMPLE_ROUNDS)
        if again is not None:
            drawn.append(again)
    if len(drawn) < RESAMPLES * 0.95:
        return Figure(value, n=len(rows), reason="interval_not_carried_by_resamples")
    low, high = np.percentile(drawn, INTERVAL)
    return Figure(value, float(low), float(high), len(rows))


def _median_days(rows: list[Row], rounds: int) -> float | None:
    """Middle of the interval in which Turnbull's estimate reaches one half."""
    spans = [[row[end] for row in rows] for end in ("left", "right")]
    found = turnbull(spans[0], spans[1], rounds=rounds).quantile(0.5)
    return None if found is None else (found[0] + found[1]) / 2


def _rank_correlation(rows: list[Row], _rounds: int) -> float | None:
    """Spearman's rank correlation of change on film and in blood."""
    import pandas as pd

    ranks = pd.DataFrame(rows, columns=["film", "blood"]).rank().to_numpy()
    if bool((ranks.std(axis=0) == 0).any()):
        return None
    return float(np.corrcoef(ranks.T)[0, 1])
