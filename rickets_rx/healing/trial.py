"""Simulated courses with known truth through the whole pipeline: films drawn, scored, joined, attributed.

``python -m rickets_rx.healing.trial --courses 300 --seed 5 --out trial.json``. What is drawn, what counts as
truth and what was found: docs/healing.md; the figures are in `trial_figures`.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.healing.change import change_index
from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import HealingResult, records
from rickets_rx.vocabulary import Joint, Side

if TYPE_CHECKING:
    from rickets_rx.healing.trial_figures import Outcome
    from rickets_rx.io.case_folder import CaseFolder
    from rickets_rx.phantom.courses import Course, CourseFilm, Phase
    from rickets_rx.phantom.film import PhantomBone

Row = dict[str, Any]
NAMES = ("A", "B", "C")
PATIENT, SIDE = "p", Side.LEFT
KINDS = {"one_phase": 0.45, "null": 0.35, "relapse": 0.1, "mixed": 0.1}
MISSING = 0.12  # chance that the film of a change of therapy was not taken
TRUTH_PX = 200  # films that are only asked for their truth
DRAWS = 300
SHARES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8)  # values of `series.SHARED` that --fit tries


@dataclass(frozen=True)
class Plan:
    """What one child goes through.

    Parameters
    ----------
    phases : tuple of Phase
    film_days : dict of boundary to day
        Boundary 0 is the start of the first phase, 3 the end of the last; films not taken are left out.
    age : float
        Years on day 0.
    severity : float
        On day 0, 0-1.
    """

    seed: int
    kind: str
    phases: tuple["Phase", ...]
    film_days: dict[int, int]
    age: float
    severity: float


def draw_plan(seed: int, number: int) -> Plan:
    """Course ``number`` of a trial: three phases of 45-75 days, a film within -7 to 3 days of each change.

    ``one_phase``: one phase makes 0.6-1.0 of the way, the others nothing; ``relapse``: what follows the
    healing phase undoes it; ``mixed``: any rates; ``null``: no phase heals, in a third of them the bone gets
    slowly worse. Every course has a carry-over of 0, 2 or 4 weeks.
    """
    from rickets_rx.phantom.courses import Phase

    rng = np.random.default_rng((seed, number, 41))
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    lengths = rng.integers(45, 76, 3)
    bounds = [0, *(int(day) for day in np.cumsum(lengths))]
    lag = int(rng.choice([0, 14, 28]))
    rates = _rates(rng, kind, lengths)
    phases = tuple(
        Phase(name, start, end, rate, lag)
        for name, (start, end), rate in zip(NAMES, pairwise(bounds), rates, strict=True)
    )
    days = {k: max(0, day + int(rng.integers(-7, 4))) if k else 0 for k, day in enumerate(bounds)}
    taken = [k for k in days if rng.random() >= MISSING]
    kept = taken if len(taken) >= 2 else list(days)
    age, severity = float(rng.uniform(0.7, 4.0)), float(rng.uniform(0.55, 0.85))
    return Plan(10_000_000 * (seed + 1) + number, kind, phases, {k: days[k] for k in kept}, age, severity)


def _rates(rng: np.random.Generator, kind: str, lengths: np.ndarray[Any, Any]) -> list[float]:
    """Healing stage per 30 days of each phase."""
    if kind == "null":
        return [float(rng.choice([0.0, 0.0, -0.01]))] * 3
    if kind == "mixed":
        return [float(rate) for rate in rng.uniform(0, 0.4, 3)]
    best = int(rng.integers(2 if kind == "relapse" else 3))
    rates = [0.0, 0.0, 0.0]
    rates[best] = float(rng.uniform(0.6, 1.0) * 30 / lengths[best])
    if kind == "relapse":
        rates[best + 1 :] = [-0.15] * (2 - best)
    return rates


def true_rates(plan: Plan) -> dict[str, float]:
    """Severity per 30 days, mean of radius and ulna, while each phase held sway; below 0 it heals."""
    from rickets_rx.phantom.courses import course, sway
    from rickets_rx.phantom.hand_anatomy import Posture

    last = max(plan.film_days.values())
    spans = {p.name: (start, min(end, last)) for p, start, end in sway(plan.phases) if start < last}
    days = sorted({day for span in spans.values() for day in span})
    seen = course(
        plan.seed, plan.phases, days, age=plan.age, severity=plan.severity, size_px=TRUTH_PX,
        posture=Posture(),
    )  # fmt: skip
    level = {f.day: float(np.mean([b.severity for b in f.film.joints[0].bones])) for f in seen.films}
    return {
        name: (level[end] - level[start]) / max(end - start, 1) * 30 for name, (start, end) in spans.items()
    }


def run_course(plan: Plan, *, size_px: int = 900) -> "Outcome":
    """Draw the films of a plan, score them, heal the case, and hold what came out against the truth."""
    from rickets_rx.healing.trial_figures import Outcome
    from rickets_rx.phantom.courses import course

    drawn = course(
        plan.seed, plan.phases, list(plan.film_days.values()), age=plan.age, severity=plan.severity,
        size_px=size_px,
    )  # fmt: skip
    ids = dict(zip([f"f{k}" for k in plan.film_days], drawn.films, strict=True))
    scores = [row for name, film in ids.items() for row in _scored(name, film)]
    result = _heal(drawn, ids, scores)
    attribution = result.figures[PATIENT]["attribution"]
    return Outcome(
        kind=plan.kind,
        true_rates=true_rates(plan),
        tellable=drawn.tellable,
        named=attribution["value"],
        reasons=tuple(attribution["reasons"]),
        films=len(ids),
        bones_scored=sum(row["status"] == "scored" for row in scores),
        changes=tuple(_changes(result, ids)),
        indices=tuple(_indices(result, ids)),
        levels=tuple(_levels(result, ids)),
    )


def _scored(name: str, film: "CourseFilm") -> list[Row]:
    """Rows of scores.csv of one film; none where the film is refused."""
    from rickets_rx.io.results import FilmRequest, film_rows
    from rickets_rx.score import score_radiograph

    request = FilmRequest(Path(f"{name}.png"), f"{name}.png", PATIENT, film.day, Joint.WRIST, SIDE)
    radiograph = film.film.radiograph(f"{name}.png")
    return [dict(row) for row in film_rows(request, radiograph, score_radiograph(radiograph), 0.0).scores]


def _heal(drawn: "Course", ids: dict[str, "CourseFilm"], scores: list[Row]) -> HealingResult:
    import pandas as pd

    table = pd.DataFrame(scores) if scores else None
    return heal(_case(drawn, ids), table, draws=DRAWS, seed=drawn.seed, include_synthetic=True)


def _case(drawn: "Course", ids: dict[str, "CourseFilm"]) -> "CaseFolder":
    """The course as a case folder in memory."""
    from rickets_rx.io.case_folder import TABLES, CaseFolder, frame_of

    who = {"patient_id": PATIENT}
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    rows["patients"] = [who]
    for phase in drawn.phases:
        course = {"phase": phase.name, "drug": phase.name, "start_day": phase.start, "end_day": phase.end}
        rows["therapy"].append(who | course)
    for name, film in ids.items():
        seen = {"file": f"{name}.png", "day": film.day, "joint": Joint.WRIST, "side": SIDE, "synthetic": True}
        rows["radiographs"].append(who | {"film_id": name} | seen)
    for lab in drawn.labs:
        value = {"analyte": lab.analyte, "value": lab.value, "unit": lab.unit, "source": "table"}
        rows["labs"].append(who | {"visit": str(lab.day), "day": lab.day} | value)
    frames = {n: frame_of([row.model_validate(r) for r in rows[n]], row) for n, row in TABLES.items()}
    return CaseFolder(path=Path(), notes=(), **frames)


def _truth(ids: dict[str, "CourseFilm"], film: str, bone: str) -> "PhantomBone":
    return next(b for b in ids[film].film.joints[0].bones if b.bone == bone)


def _changes(result: HealingResult, ids: dict[str, "CourseFilm"]) -> list[tuple[float, float, float, float]]:
    """(value, low, high, truth) of every phase with a change; only one film lies near each boundary."""
    found = []
    for k, row in enumerate(records(result.phases)):
        if row["severity_change"] is not None:
            before, after = (_truth(ids, f"f{i}", row["bone_followed"]).severity for i in (k, k + 1))
            figure = (row[f"severity_change{part}"] for part in ("", "_low", "_high"))
            found.append((*figure, after - before))
    return found


def _indices(result: HealingResult, ids: dict[str, "CourseFilm"]) -> list[tuple[int, int]]:
    """(of the program, of the truth) of every pair of films of one bone, by one fixed mapping."""
    before: dict[str, str] = {}
    found = []
    for row in sorted(records(result.films), key=lambda r: r["day"]):
        if row["status"] != "scored":
            continue
        bone, film = row["bone"], row["film_id"]
        if row["change_index"] is not None:
            truth = change_index(_truth_row(ids, before[bone], bone), _truth_row(ids, film, bone)).value
            if truth is not None:
                found.append((int(row["change_index"]), truth))
        before[bone] = film
    return found


def _levels(result: HealingResult, ids: dict[str, "CourseFilm"]) -> list[tuple[Any, ...]]:
    """(bone, day, severity, low, high, truth) of every scored bone."""
    found = []
    for row in records(result.films):
        if row["status"] == "scored":
            level = (row[f"severity{part}"] for part in ("", "_low", "_high"))
            truth = _truth(ids, row["film_id"], row["bone"]).severity
            found.append((str(row["bone"]), int(row["day"]), *level, truth))
    return found


def _truth_row(ids: dict[str, "CourseFilm"], film: str, bone: str) -> Row:
    true = _truth(ids, film, bone)
    return {"grade": true.grade, "activity": true.activity, "side": SIDE, "bone": bone, **true.features}


def main() -> None:
    """Command line of the trial."""
    import argparse
    import json
    import sys
    import time

    from rickets_rx.healing.trial_figures import coverage_by_sharing, figures
    from rickets_rx.healing.write import write_json

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--courses", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=900, help="longer side of the films, pixels")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no course after so long")
    parser.add_argument("--fit", action="store_true", help="also try values of series.SHARED")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    start, outcomes = time.monotonic(), []
    for number in range(asked.courses):
        if time.monotonic() - start > 60 * asked.minutes:
            break
        outcomes.append(run_course(draw_plan(asked.seed, number), size_px=asked.size))
        if number % 10 == 9 or number == asked.courses - 1:
            _write(asked, outcomes, figures(outcomes), write_json)
    found = _write(asked, outcomes, figures(outcomes), write_json)
    sys.stdout.write(json.dumps(found["figures"], indent=1) + "\n")
    if asked.fit:
        sys.stdout.write(json.dumps(coverage_by_sharing(outcomes, SHARES), indent=1) + "\n")


def _write(asked: Any, outcomes: list["Outcome"], found: Row, write: Any) -> Row:
    """The trial as far as it has come."""
    from dataclasses import asdict

    run = {"asked": asked.courses, "run": len(outcomes), "seed": asked.seed, "size_px": asked.size}
    content: Row = {"trial": run, "figures": found, "courses": [asdict(one) for one in outcomes]}
    write(content, asked.out)
    return content


if __name__ == "__main__":
    main()
