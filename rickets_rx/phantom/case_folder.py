"""Phantom courses as a case folder, so that ``rickets-rx heal`` runs on children with a known answer."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from rickets_rx.phantom.courses import Course, Phase, course
from rickets_rx.phantom.write import COLUMNS, STAMP, save_film, stamped, truth_rows
from rickets_rx.vocabulary import Joint

Row = dict[str, Any]
PHASES = ("oral", "infusion", "cinacalcet")


def draw_course(
    seed: int, *, joint: Joint | str = Joint.WRIST, age: float | None = None, **taking: Any
) -> Course:
    """A child of 0.7-4 years through three phases of 60-110 days: one heals, in one child of five none.

    Films and blood are taken at the changes of therapy; rates, lags and lengths are ours.
    """
    rng = np.random.default_rng((seed, 47))
    bounds = [0, *(int(day) for day in np.cumsum(rng.integers(60, 111, 3)))]
    best = int(rng.integers(3)) if rng.random() < 0.8 else -1
    phases = [
        Phase(
            name,
            start,
            end,
            float(rng.uniform(0.25, 0.4)) if number == best else 0.0,
            int(rng.choice([0, 14])),
        )
        for number, (name, (start, end)) in enumerate(zip(PHASES, pairwise(bounds), strict=True))
    ]
    years = float(rng.uniform(0.7, 4.0)) if age is None else age
    severity = float(rng.uniform(0.6, 0.95))
    return course(seed, phases, bounds, joint=joint, age=years, severity=severity, **taking)


def write_courses(courses: Iterable[Course], out: Path) -> Path:
    """Write courses as one case folder of the contract, a patient each, and return the folder.

    The column ``synthetic`` is 0: it marks films that stand in for a patient's own, which ``heal`` leaves out
    of its judgement, and here the whole patient is one. Every film is stamped as synthetic in its pixels.
    ``truth.csv`` beside the tables tells what each film shows, ``truth.json`` in which phase each child
    healed; ``heal`` reads neither.
    """
    from rickets_rx.io.case_folder import TABLES
    from rickets_rx.io.case_folder_rows import columns
    from rickets_rx.io.results import write_json, write_table

    tables: dict[str, list[Row]] = {name: [] for name in ("patients", "radiographs", "labs", "therapy")}
    truth: list[Row] = []
    answers: dict[str, object] = {}
    (out / "films").mkdir(parents=True, exist_ok=True)
    for one in courses:
        patient = f"phantom{one.seed}"
        tables["patients"].append(_patient(one, patient))
        tables["labs"] += _labs(one, patient)
        tables["therapy"] += [
            {"patient_id": patient, "phase": p.name, "drug": p.name, "start_day": p.start, "end_day": p.end}
            for p in one.phases
        ]
        for row, rows in _films(one, patient, out):
            tables["radiographs"].append(row)
            truth += rows
        answers[patient] = _answer(one)
    for name, rows in tables.items():
        write_table(out / f"{name}.csv", columns(TABLES[name]), rows)
    write_table(out / "truth.csv", list(COLUMNS), truth)
    write_json(out / "truth.json", answers)
    return out


def _patient(one: Course, patient: str) -> Row:
    first = one.films[0]
    born = round(first.film.age_years * 365.25 - first.day)
    return {"patient_id": patient, "age_days_at_day0": born, "diagnosis": "synthetic rickets", "notes": STAMP}


def _films(one: Course, patient: str, out: Path) -> Iterator[tuple[Row, list[Row]]]:
    """Each film written, its row of radiographs.csv and its rows of truth.csv."""
    for number, taken in enumerate(one.films, start=1):
        file = f"films/{patient}_{number}.png"
        film = stamped(taken.film)
        joint = film.joints[0]
        row = {
            "patient_id": patient, "film_id": f"{patient}_{number}", "file": file, "day": taken.day,
            "joint": joint.joint.value, "side": joint.side.value, "synthetic": 0, "note": STAMP,
        }  # fmt: skip
        yield row, list(truth_rows(film, file, save_film(film, out / file)))


def _labs(one: Course, patient: str) -> list[Row]:
    from rickets_rx.healing.analytes import find_analyte

    visits = {day: str(number) for number, day in enumerate(sorted({v.day for v in one.labs}), start=1)}
    rows = []
    for value in one.labs:
        known = find_analyte(value.analyte)
        if known is None:
            raise ValueError(f"{value.analyte} is no analyte of the package")
        in_force = [p.name for p in one.phases if p.start < value.day <= p.end]
        begins = [p.name for p in one.phases if p.start == value.day]
        rows.append({
            "patient_id": patient, "visit": visits[value.day], "day": value.day, "analyte": known.name,
            "loinc": known.loinc_mass[0] if known.loinc_mass else "", "value": value.value,
            "unit": value.unit, "context": "none", "source": "table",
            "phase": in_force[0] if in_force else "", "phase_started_at_visit": begins[0] if begins else "",
        })  # fmt: skip
    return rows


def _answer(one: Course) -> dict[str, object]:
    """What is true of a course: the phase that healed, whether films can tell, what each phase made."""
    return {
        "healed_in": one.healed_in, "tellable": one.tellable, "reason": one.reason, "seed": one.seed,
        "healing_made": {name: round(value, 4) for name, value in one.made.items()},
        "film_days": [film.day for film in one.films],
    }  # fmt: skip
