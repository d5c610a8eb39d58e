"""What is known of each film beside its readings: patient, family, day, age and anything a subgroup needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.machine_scores import MachineScores
from rickets_rx.errors import InputError
from rickets_rx.io.csv_text import csv_plain, read_table

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class FilmFacts:
    """Facts of one film; None or empty where unknown.

    Parameters
    ----------
    extra : mapping
        Further columns of films.csv (device, site, ...), as text.
    """

    patient: str = ""
    family: str = ""
    day: int | None = None
    age_years: float | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lab:
    """One laboratory value in the unit of `healing.analytes`."""

    patient: str
    day: int
    analyte: str
    value: float


def film_facts(images: Iterable[str], design: StudyDesign, scores: MachineScores) -> dict[str, FilmFacts]:
    """Facts of the films of a study, from films.csv, scores.csv and patients.csv, in this order of trust.

    Raises
    ------
    InputError
        For a films.csv that cannot be used.
    """
    told = {} if design.films is None else read_films(design.films)
    scored, patients = scores.films(), _patients(design)
    return {image: _facts(told.get(image, {}), scored.get(image, {}), patients) for image in images}


def _facts(told: Mapping[str, str], scored: Mapping[str, Any], patients: Mapping[str, Any]) -> FilmFacts:
    patient = told.get("patient_id") or str(scored.get("patient_id") or "")
    known = patients.get(patient, {})
    day_text = told.get("day") or scored.get("day")
    day = None if day_text in (None, "") else int(float(day_text))
    age = _age(told.get("age_years"), known.get("age_days_at_day0"), day)
    own = {"image_sha256", "patient_id", "family_id", "day", "age_years"}
    extra = {name: text for name, text in told.items() if name not in own and text}
    family = told.get("family_id") or known.get("family_id") or ""
    return FilmFacts(patient, family, day, age, extra)


def _age(told: str | None, at_day0: int | None, day: int | None) -> float | None:
    if told:
        return float(told)
    return None if at_day0 is None or day is None else (at_day0 + day) / DAYS_PER_YEAR


def read_films(path: Path) -> dict[str, dict[str, str]]:
    """films.csv: ``image_sha256`` and any facts, one row per film.

    Raises
    ------
    InputError
    """
    table = read_table(path)
    if "image_sha256" not in table.columns:
        raise InputError(path.name, "column image_sha256", "is missing", "Name each film by its SHA-256")
    films: dict[str, dict[str, str]] = {}
    for line, cells in table.rows:
        for column in ("day", "age_years"):
            _check_number(path.name, line, column, cells.get(column, ""))
        image = cells["image_sha256"].lower()
        if image in films:
            raise InputError(path.name, f"row {line}", "lists a film again", "Give one row per film")
        films[image] = {name: csv_plain(text) for name, text in cells.items()}
    return films


def _check_number(file: str, line: int, column: str, text: str) -> None:
    try:
        float(text or 0)
    except ValueError:
        problem = f"{text!r} is not a number"
        raise InputError(file, f"row {line}, column {column}", problem, "Give a number or nothing") from None


def _patients(design: StudyDesign) -> dict[str, dict[str, Any]]:
    if design.case_folder is None:
        return {}
    import pandas as pd

    from rickets_rx.io.case_folder import read_case_folder

    found = {}
    for row in read_case_folder(design.case_folder).patients.to_dict("records"):
        age = row["age_days_at_day0"]
        found[str(row["patient_id"])] = {
            "family_id": str(row["family_id"] or ""),
            "age_days_at_day0": None if pd.isna(age) else int(age),
        }
    return found


def read_labs(design: StudyDesign, analytes: Iterable[str] = ("ALP", "PTH")) -> tuple[Lab, ...]:
    """Laboratory values of the case folder, in own units; values of source ``text`` stay out."""
    if design.case_folder is None:
        return ()
    from rickets_rx.healing.analytes import find_analyte, unit_factor
    from rickets_rx.io.case_folder import read_case_folder

    wanted, labs = set(analytes), []
    for row in read_case_folder(design.case_folder).labs.to_dict("records"):
        analyte = find_analyte(str(row["analyte"]), str(row["loinc"] or ""))
        # What the text of a report says beside its table is not a second measurement.
        if analyte is None or analyte.name not in wanted or row["source"] == "text":
            continue
        value = float(row["value"]) * unit_factor(str(row["unit"]), analyte)
        labs.append(Lab(str(row["patient_id"]), int(row["day"]), analyte.name, value))
    return tuple(labs)


def age_band(age: float | None, lower_ends: tuple[float, ...]) -> str:
    """The band of an age, e.g. ``1-<2 y``; empty where unknown or below the first.

    Examples
    --------
    >>> age_band(1.5, (0, 1, 2)), age_band(7, (0, 1, 2)), age_band(None, (0, 1))
    ('1-<2 y', '>=2 y', '')
    """
    if age is None or not lower_ends or age < lower_ends[0]:
        return ""
    for low, high in pairwise(lower_ends):
        if age < high:
            return f"{low:g}-<{high:g} y"
    return f">={lower_ends[-1]:g} y"


def cluster_names(facts: Iterable[FilmFacts], wanted: str) -> tuple[list[str] | None, str]:
    """Family (or patient) of each film, and which of the two; None where any film has no patient.

    A patient without a family is a family of her own.
    """
    known = list(facts)
    if not known or any(not fact.patient for fact in known):
        return None, ""
    families = wanted != "patient" and (wanted == "family" or any(fact.family for fact in known))
    if not families:
        return [fact.patient for fact in known], "patient"
    return [f"family {fact.family}" if fact.family else f"patient {fact.patient}" for fact in known], "family"
