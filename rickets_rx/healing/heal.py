"""The healing report's numbers: a case folder and its scores in, every table and figure out."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx import RESEARCH_USE_ONLY, __version__
from rickets_rx.healing.attribution import LAGS, attribute
from rickets_rx.healing.cohort import cohort_figures
from rickets_rx.healing.course import Course, courses_of, phase_on
from rickets_rx.healing.films import join_films
from rickets_rx.healing.healed import DEFINITIONS, healed
from rickets_rx.healing.integrity import integrity_flags
from rickets_rx.healing.labs import AFTER_INFUSION_DAYS, COMPUTED, judge_labs, plain_rows
from rickets_rx.healing.normalisation import CONFIRMED_AFTER_DAYS, normalisation_days, normalisation_table
from rickets_rx.healing.phases import phases_table
from rickets_rx.healing.reference import REFERENCE_VERSION
from rickets_rx.healing.result import Figure, HealingResult
from rickets_rx.healing.series import area_above
from rickets_rx.healing.therapy import therapy_table
from rickets_rx.healing.timeline import timeline_table

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

DRAWS = 1000
SEED = 20170609


def heal(
    case: "CaseFolder",
    scores: "pd.DataFrame | None" = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    include_synthetic: bool = False,
) -> HealingResult:
    """Line up films, laboratory values and therapy of every patient, and compute what the data carry.

    Parameters
    ----------
    case : CaseFolder
        From `rickets_rx.io.case_folder.read_case_folder`.
    scores : DataFrame, optional
        scores.csv of the films in radiographs.csv.
    draws : int
        Day scenarios per patient, at least 1; the first is the central one.
    seed : int
        Same seed, same figures.
    include_synthetic : bool
        Let films marked synthetic enter inference. For simulation studies only: otherwise they are shown as
        illustration.

    Returns
    -------
    HealingResult

    Raises
    ------
    InputError
        When the uncertain days of a patient cannot be put in order.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    rng = np.random.default_rng(seed)
    labs = judge_labs(case)
    films, film_rows = join_films(case, scores, include_synthetic=include_synthetic)
    courses = courses_of(case, labs, film_rows, draws=draws, rng=rng)
    phases = {patient: course.phases for patient, course in courses.items()}
    films["phase"] = [phase_on(phases[row["patient_id"]], row["day"]) for row in film_rows]
    # What was computed here is no evidence of its own: it would repeat every flag of what it was made from.
    flags = integrity_flags(case, labs[labs["source"] != COMPUTED])
    normalisation = normalisation_table(courses)
    families = dict(zip(case.patients["patient_id"], case.patients["family_id"], strict=True))
    return HealingResult(
        timeline=timeline_table(case, labs, film_rows, phases),
        phases=phases_table(courses, rng),
        normalisation=normalisation,
        flags=flags,
        labs=labs,
        films=films,
        patients=case.patients,
        therapy=therapy_table(case),
        events=case.events,
        findings=case.findings,
        growth=case.growth,
        figures=_figures(case, courses, flags, rng),
        methods=_methods(case, draws, seed, include_synthetic),
        normalisation_days={patient: normalisation_days(course) for patient, course in courses.items()},
        cohort=cohort_figures(courses, families, normalisation, rng),
    )


def _figures(
    case: "CaseFolder", courses: Mapping[str, Course], flags: "pd.DataFrame", rng: np.random.Generator
) -> dict[str, dict[str, Any]]:
    cautions = _cautions(case, courses, flags)
    return {
        patient: {
            "healed": healed(course),
            "attribution": attribute(course, rng, cautions=cautions[patient]),
            "course": _whole_course(course),
        }
        for patient, course in courses.items()
    }


def _whole_course(course: Course) -> dict[str, Any]:
    """Area above the printed upper limit over the whole record."""
    figures: dict[str, Figure] = {}
    for analyte in ("ALP", "PTH"):
        series = course.series(analyte)
        figures[f"auc_{analyte.lower()}_above_uln"] = area_above(series, series.high)
    return {name: figure.as_dict() for name, figure in figures.items()}


def _cautions(
    case: "CaseFolder", courses: Mapping[str, Course], flags: "pd.DataFrame"
) -> dict[str, list[str]]:
    """What weakens any reading of which therapy healed, per patient."""
    families = dict(zip(case.patients["patient_id"], case.patients["family_id"], strict=True))
    concurrent = _with_concurrent_therapy(case)
    shared = set(flags.loc[flags["code"] == "sibling_duplicate", "patient_id"])
    one_family = len(families) > 1 and len(set(families.values())) == 1 and "" not in families.values()
    found: dict[str, list[str]] = {}
    for patient, course in courses.items():
        said = {
            "fixed_order": len(course.phases) > 1,
            "concurrent_therapy": patient in concurrent,
            "one_family": one_family,
            "values_shared_with_a_relative": patient in shared,
        }
        found[patient] = [word for word, holds in said.items() if holds]
    return found


def _with_concurrent_therapy(case: "CaseFolder") -> set[str]:
    """Patients with two different drugs running on one day."""
    spans: dict[str, list[tuple[int, int, str]]] = {}
    for row in plain_rows(case.therapy):
        if row["start_day"] is not None:
            end = 10**9 if row["end_day"] is None else row["end_day"]
            spans.setdefault(row["patient_id"], []).append((row["start_day"], end, row["drug"]))
    return {
        patient
        for patient, rows in spans.items()
        if any(a[2] != b[2] and max(a[0], b[0]) < min(a[1], b[1]) for a in rows for b in rows)
    }


def _methods(case: "CaseFolder", draws: int, seed: int, include_synthetic: bool) -> dict[str, Any]:
    return {
        "version": __version__,
        "research_use": RESEARCH_USE_ONLY,
        "draws": draws,
        "seed": seed,
        "interval": "90 %",
        "reference_intervals": REFERENCE_VERSION,
        "synthetic_films_enter_inference": include_synthetic,
        "near_infusion_days": AFTER_INFUSION_DAYS,
        "normalisation_confirmed_after_days": CONFIRMED_AFTER_DAYS,
        "lags_days": list(LAGS),
        "definitions_of_healed": {item.name: item.words for item in DEFINITIONS},
        "notes": list(case.notes),
    }


def write_healing(result: HealingResult, out_dir: Path | str) -> list[Path]:
    """Write timeline, phases, normalisation and flags.csv and healing.json, each whole or not at all.

    Returns
    -------
    list of Path
        The files written.
    """
    from rickets_rx.healing.write import write_json, write_table

    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    tables = ("timeline", "phases", "normalisation", "flags")
    written = [write_table(getattr(result, name), out / f"{name}.csv") for name in tables]
    return [*written, write_json(result.to_json(), out / "healing.json")]
