"""How often a phase is named, at every bar, in courses that cost no pixels: true courses, errors of a trial.

    python -m rickets_rx.healing.trial --courses 180 --seed 41 --out w.json
    python benchmarks/healing_naming.py w.json --courses 1600

Each course is planned as in `rickets_rx.healing.trial` and its true severities are those of the phantom. A
film gets the errors and the activity of both bones of one film of the trial, drawn among those most like it
in stage of healing and in both true severities, so that errors far off, and both bones wrong at once, come as
often as they do. What films of one bone share is lost: errors of a change are a little too large.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rickets_rx.healing.attribution import attribute
from rickets_rx.healing.course import Course, Phase
from rickets_rx.healing.days import Days
from rickets_rx.healing.fit_errors import Level
from rickets_rx.healing.trial import SIDE
from rickets_rx.healing.trial_figures import Outcome
from rickets_rx.healing.trial_plan import TRUTH_PX, Plan, draw_plan, films_of, told_at_any_delay, true_rates
from rickets_rx.phantom.courses import Course as TrueCourse
from rickets_rx.phantom.courses import CourseFilm
from rickets_rx.vocabulary import Joint

BARS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
NEIGHBOURS = 12  # films among which one is drawn (ours)
ALIKE = 0.08  # stage or severity that makes films as unlike as one step of the other (ours)
UNHEALED = -1.5  # where films before any healing stand on the axis of stages, in such steps (ours)
Row = dict[str, Any]


class Errors:
    """Films of a trial by their truth: what was read on both bones.

    Parameters
    ----------
    trial : path of the JSON of `rickets_rx.healing.trial`
    """

    def __init__(self, trial: Path) -> None:
        courses = json.loads(trial.read_text(encoding="utf-8"))["courses"]
        self.films = [
            film for course in courses for film in _films([Level(*row) for row in course["levels"]])
        ]
        self.bones = sorted({level.bone for film in self.films for level in film})
        self.films = [film for film in self.films if len(film) == len(self.bones)]
        self.places = np.array(
            [_place(film[0].stage, [level.truth for level in film]) for film in self.films]
        )

    def draw(self, film: CourseFilm, rng: np.random.Generator) -> list[tuple[str, float, str]]:
        """(bone, severity read, activity) of a film."""
        truth = {str(bone.bone): bone.severity for bone in film.film.joints[0].bones}
        place = _place(film.stage, [truth[bone] for bone in self.bones])
        near = ((self.places - place) ** 2).sum(axis=1).argsort()[:NEIGHBOURS]
        drawn = self.films[int(rng.choice(near))]
        return [(x.bone, float(np.clip(truth[x.bone] + x.error, 0, 1)), x.activity) for x in drawn]


def _films(levels: Sequence[Level]) -> list[list[Level]]:
    days = sorted({level.day for level in levels})
    return [sorted((x for x in levels if x.day == day), key=lambda x: x.bone) for day in days]


def _place(stage: float, truth: Sequence[float]) -> np.ndarray[Any, Any]:
    # Beyond a stage of 0.8 films look alike.
    return np.array([min(stage, 0.8) / ALIKE if stage > 0 else UNHEALED, *(t / ALIKE for t in truth)])


def outcome(plan: Plan, drawn: TrueCourse, errors: Errors, rng: np.random.Generator) -> Outcome:
    """What is named from one draw of errors."""
    rows: list[Row] = [
        {"film_id": f"f{k}", "day": film.day, "bone": bone, "side": SIDE, "joint": plan.joint, "flags": "",
         "status": "scored", "counts": True, "severity": severity, "activity": activity}
        for k, film in zip(plan.film_days, drawn.films, strict=True)
        for bone, severity, activity in errors.draw(film, rng)
    ]  # fmt: skip
    found = attribute(_course(plan, rows), rng, cautions=[])
    return Outcome(
        kind=plan.kind, true_rates=true_rates(plan), tellable=drawn.tellable,
        at_any_delay=told_at_any_delay(plan, drawn), named=found["value"], reasons=tuple(found["reasons"]),
        films=len(drawn.films), bones_scored=len(rows), chances=found["chances"], changes=(), indices=(),
    )  # fmt: skip


def _course(plan: Plan, rows: list[Row]) -> Course:
    """The course as `heal` would see it: the last phase ends with the last film."""
    last = max(plan.film_days.values())
    phases = [p for p in plan.phases if p.start < last]
    ends = [*(p.start for p in phases[1:]), last]
    spans = [
        Phase(p.name, np.array([p.start]), np.array([end]), ()) for p, end in zip(phases, ends, strict=True)
    ]
    days = {f"film:f{k}": np.array([day]) for k, day in plan.film_days.items()}
    return Course("p", Days({}, days, 1), [], rows, spans)


def by_bar(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Shares named rightly and wrongly were a phase named from each bar on."""
    groups = {
        "clear, films can tell": [o for o in outcomes if o.truth == "clear" and o.tellable],
        "clear": [o for o in outcomes if o.truth == "clear"],
        "null": [o for o in outcomes if o.truth == "null"],
        "between": [o for o in outcomes if o.truth == "between"],
    }
    return {
        f"{name} (n = {len(group)}), from {bar:g}": _right_and_wrong(group, bar)
        for name, group in groups.items() if group for bar in BARS
    }  # fmt: skip


def _right_and_wrong(group: Sequence[Outcome], bar: float) -> str:
    tops = [max(o.chances, key=lambda name: o.chances[name]) if o.chances else "" for o in group]
    named = [
        top if top and o.chances[top] >= bar and "no_separating_film" not in o.reasons else ""
        for o, top in zip(group, tops, strict=True)
    ]
    right = np.mean([name == o.best for o, name in zip(group, named, strict=True)])
    wrong = np.mean([bool(name) and name != o.best for o, name in zip(group, named, strict=True)])
    return f"{100 * right:.1f} % rightly, {100 * wrong:.1f} % wrongly"


def main(trial: Path, courses: Annotated[int, typer.Option(min=1)] = 400, seed: int = 90) -> None:
    """Plan courses, draw the errors of their films, and print what is named."""
    errors, rng = Errors(trial), np.random.default_rng(seed)
    joint = Joint(json.loads(trial.read_text(encoding="utf-8"))["trial"]["joint"])
    outcomes = []
    for number in range(courses):
        plan = draw_plan(seed, number, joint=joint)
        outcomes.append(outcome(plan, films_of(plan, size_px=TRUTH_PX), errors, rng))
    for name, words in by_bar(outcomes).items():
        typer.echo(f"{name}: {words}")


if __name__ == "__main__":
    typer.run(main)
