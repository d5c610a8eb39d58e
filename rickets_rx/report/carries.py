"""What a case folder's data can carry and what they cannot, said from the data themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rickets_rx.healing.cohort import LEAST_FAMILIES
from rickets_rx.healing.result import PHASE_FIGURES, HealingResult, records
from rickets_rx.report.course import Course, text
from rickets_rx.report.outcome import attribution_of

KINDS = {
    "severity_change": "change of severity",
    "slope_": "slope of a value",
    "share_in_range_": "share of time in range",
    "auc_": "area above the limit",
}
"""Figures of a phase by the start of their name, and what the head of the page calls them."""


@dataclass(frozen=True)
class Carries:
    """Two lists of sentences."""

    can: list[str]
    cannot: list[str]


def carries(result: HealingResult, courses: list[Course]) -> Carries:
    """Sentences for the head of the report."""
    can: list[str] = []
    cannot: list[str] = []
    _about_labs(courses, can)
    _about_phases(result, can, cannot)
    _about_films(courses, can, cannot)
    _about_days(courses, cannot)
    _about_families(result, cannot)
    _about_attribution(result, cannot)
    return Carries(can, cannot)


def _about_labs(courses: list[Course], can: list[str]) -> None:
    labs = sum(len(series.points) for course in courses for series in course.labs)
    if labs:
        can.append(
            f"{labs} laboratory values of {_count(len(courses), 'patient')}, each beside the therapy "
            "in force when it was drawn."
        )


def _about_phases(result: HealingResult, can: list[str], cannot: list[str]) -> None:
    """Of how many phases each kind of figure is known, and which is known of none."""
    phases = records(result.phases)
    told = {words: sum(_has(row, start) for row in phases) for start, words in KINDS.items()}
    known = ", ".join(f"{words} for {count}" for words, count in told.items() if count)
    unknown = ", ".join(words for words, count in told.items() if not count)
    if known:
        can.append(f"By phase of therapy ({len(phases)} in all): {known}.")
    if phases and unknown:
        cannot.append(f"For no phase of therapy: {unknown}; the table by phase says why.")
    if len(result.normalisation):
        can.append("Between which days each analyte became normal, and whether a second value confirmed it.")


def _has(row: Mapping[str, Any], start: str) -> bool:
    return any(name.startswith(start) and row.get(name) is not None for name in PHASE_FIGURES)


def _about_films(courses: list[Course], can: list[str], cannot: list[str]) -> None:
    films = [film for course in courses for film in course.films]
    made = sum(film.synthetic for film in films)
    if made:
        cannot.append(
            f"{made} of {_count(len(films), 'film')} {'is' if made == 1 else 'are'} synthetic and not the "
            "patient's: their grades are an illustration and enter no figure."
        )
    if len(films) > made:
        can.append(
            f"{_count(len(films) - made, 'film')} graded by the program, each grade with its interval."
        )
    if any(film.joint == "elbow" for film in films):
        cannot.append("Elbows have no published grade: theirs is exploratory and never added to a wrist's.")
    if films:
        cannot.append(
            "Without knees there is no total Rickets Severity Score; wrists give at most 4 of its 10 points."
        )
    if any(course.findings for course in courses):
        can.append("What the reports say of each film in words, also of films that are not here.")


def _about_days(courses: list[Course], cannot: list[str]) -> None:
    points = [p for course in courses for series in course.labs for p in series.points]
    unsure = sum(point.when.uncertain for point in points)
    if unsure:
        cannot.append(
            f"{unsure} of {len(points)} values fall on an uncertain day (horizontal bars); every figure is "
            "carried through scenarios of these days."
        )


def _about_families(result: HealingResult, cannot: list[str]) -> None:
    families = {text(row.get("family_id")) or text(row["patient_id"]) for row in records(result.patients)}
    if len(families) < LEAST_FAMILIES:
        cannot.append(
            f"{_count(len(families), 'family', 'families')} only: no figure over patients is given under "
            f"{LEAST_FAMILIES} families."
        )


def _about_attribution(result: HealingResult, cannot: list[str]) -> None:
    """One sentence for every reason why no phase is named, with the patients it concerns."""
    reasons: dict[str, list[str]] = {}
    for patient_id, figures in result.figures.items():
        attribution = attribution_of(figures)
        if attribution is not None and not attribution.phase and attribution.reasons:
            reasons.setdefault("; ".join(attribution.reasons), []).append(patient_id)
    for reason, patients in reasons.items():
        cannot.append(f"During which phase the bone healed cannot be told ({_named(patients)}): {reason}.")


def _named(patients: list[str], most: int = 4) -> str:
    """Patients by name, or their number where they are many."""
    return ", ".join(patients) if len(patients) <= most else f"{len(patients)} patients"


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"
