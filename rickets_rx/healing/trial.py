"""Simulated courses with known truth through the whole pipeline: films drawn, scored, joined, attributed.

``python -m rickets_rx.healing.trial --courses 300 --seed 31 --out trial.json``. What is drawn, what counts as
truth and what was found: docs/healing.md; the figures are in `trial_figures`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rickets_rx.healing.change import change_index
from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import HealingResult, records
from rickets_rx.healing.trial_plan import Plan, draw_plan, films_of, told_at_any_delay, true_rates
from rickets_rx.vocabulary import Joint, Side

if TYPE_CHECKING:
    from rickets_rx.healing.trial_figures import Outcome
    from rickets_rx.io.case_folder import CaseFolder
    from rickets_rx.phantom.courses import Course, CourseFilm
    from rickets_rx.phantom.film import PhantomBone

Row = dict[str, Any]
PATIENT, SIDE = "p", Side.LEFT
DRAWS = 300


def scores_of(plan: Plan, drawn: "Course") -> list[Row]:
    """Rows of scores.csv of a course's films, by the pipeline as it stands."""
    return [
        row for k, film in zip(plan.film_days, drawn.films, strict=True) for row in _scored(f"f{k}", film)
    ]


def run_course(plan: Plan, *, size_px: int = 900) -> "Outcome":
    """Draw the films of a plan, score them, heal the case, and hold what came out against the truth."""
    drawn = films_of(plan, size_px=size_px)
    return judge(plan, drawn, scores_of(plan, drawn))


def judge(plan: Plan, drawn: "Course", scores: list[Row]) -> "Outcome":
    """Heal a course from its scores and hold what comes out against the truth."""
    from rickets_rx.healing.trial_figures import Outcome

    ids = dict(zip([f"f{k}" for k in plan.film_days], drawn.films, strict=True))
    result = _heal(drawn, ids, scores)
    attribution = result.figures[PATIENT]["attribution"]
    return Outcome(
        kind=plan.kind,
        true_rates=true_rates(plan),
        tellable=drawn.tellable,
        at_any_delay=told_at_any_delay(plan, drawn),
        named=attribution["value"],
        reasons=tuple(attribution["reasons"]),
        films=len(ids),
        bones_scored=sum(row["status"] == "scored" for row in scores),
        changes=tuple(_changes(result, ids)),
        indices=tuple(_indices(result, ids)),
        levels=tuple(_levels(result, ids)),
        chances=attribution["chances"],
    )


def _scored(name: str, film: "CourseFilm") -> list[Row]:
    """Rows of scores.csv of one film; none where the film is refused."""
    from rickets_rx.io.results import FilmRequest, film_rows
    from rickets_rx.score import score_radiograph

    request = FilmRequest(
        Path(f"{name}.png"), f"{name}.png", PATIENT, film.day, film.film.joints[0].joint, SIDE
    )
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
        joint = film.film.joints[0].joint
        seen = {"file": f"{name}.png", "day": film.day, "joint": joint, "side": SIDE, "synthetic": True}
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
    """(bone, day, severity, truth, flags, activity, true stage of healing) of every scored bone."""
    return [
        (
            str(row["bone"]),
            int(row["day"]),
            float(row["severity"]),
            _truth(ids, row["film_id"], row["bone"]).severity,
            str(row["flags"]),
            str(row["activity"]),
            ids[row["film_id"]].stage,
        )
        for row in records(result.films)
        if row["status"] == "scored"
    ]


def _truth_row(ids: dict[str, "CourseFilm"], film: str, bone: str) -> Row:
    true = _truth(ids, film, bone)
    return {"grade": true.grade, "activity": true.activity, "side": SIDE, "bone": bone, **true.features}


def main() -> None:
    """Command line of the trial."""
    import argparse
    import json
    import sys
    import time

    from rickets_rx.healing.trial_figures import figures
    from rickets_rx.healing.write import write_json

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--courses", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=900, help="longer side of the films, pixels")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no course after so long")
    parser.add_argument("--joint", type=Joint, default=Joint.WRIST)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    start, outcomes = time.monotonic(), []
    for number in range(asked.courses):
        if time.monotonic() - start > 60 * asked.minutes:
            break
        outcomes.append(run_course(draw_plan(asked.seed, number, joint=asked.joint), size_px=asked.size))
        if number % 10 == 9 or number == asked.courses - 1:
            _write(asked, outcomes, figures(outcomes), write_json)
    found = _write(asked, outcomes, figures(outcomes), write_json)
    sys.stdout.write(json.dumps(found["figures"], indent=1) + "\n")


def _write(asked: Any, outcomes: list["Outcome"], found: Row, write: Any) -> Row:
    """The trial as far as it has come."""
    from dataclasses import asdict

    run: Row = {"asked": asked.courses, "run": len(outcomes), "seed": asked.seed, "size_px": asked.size}
    run["joint"] = asked.joint
    content: Row = {"trial": run, "figures": found, "courses": [asdict(one) for one in outcomes]}
    write(content, asked.out)
    return content


if __name__ == "__main__":
    main()
