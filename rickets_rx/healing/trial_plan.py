"""What the children of a trial go through, and what is true of them: phases, films and rates of severity."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.healing.course import Course as HealingCourse
from rickets_rx.healing.course import Phase
from rickets_rx.healing.days import Days
from rickets_rx.healing.delays import FLAT, LAG_WEIGHTS, LAGS
from rickets_rx.healing.exposure import exposure
from rickets_rx.healing.rates import Readings, believe, see
from rickets_rx.score import SUMMED_BONES
from rickets_rx.vocabulary import Joint

if TYPE_CHECKING:
    from rickets_rx.phantom.courses import Course, CourseFilm
    from rickets_rx.phantom.courses import Phase as TruePhase

NAMES = ("A", "B", "C")
KINDS = {"one_phase": 0.45, "null": 0.35, "relapse": 0.1, "mixed": 0.1}
MISSING = 0.12  # chance that the film of a change of therapy was not taken
EXACT_SD = 0.005  # error of a severity read without error
EXACT_LEAD = 0.05  # severity per 30 days by which a phase is ahead then, and error of a rate that is told
TRUTH_PX = 200  # films that are only asked for their truth


@dataclass(frozen=True)
class Plan:
    """What one child goes through.

    Parameters
    ----------
    phases : tuple of phantom.courses.Phase
    film_days : dict of boundary to day
        Boundary 0 is the start of the first phase, 3 the end of the last; films not taken are left out.
    age : float
        Years on day 0.
    severity : float
        On day 0, 0-1.
    joint : Joint
        What is filmed.
    """

    seed: int
    kind: str
    phases: tuple["TruePhase", ...]
    film_days: dict[int, int]
    age: float
    severity: float
    joint: Joint = Joint.WRIST


def draw_plan(seed: int, number: int, *, joint: Joint = Joint.WRIST) -> Plan:
    """Course ``number`` of a trial: three phases of 45-75 days, a film within -7 to 3 days of each change.

    ``one_phase``: one phase makes 0.6-1.0 of the way, the others nothing; ``relapse``: what follows the
    healing phase undoes it; ``mixed``: any rates; ``null``: no phase heals, in a third of them the bone gets
    slowly worse. Every course has a carry-over of 0, 2 or 4 weeks.
    """
    from rickets_rx.phantom.courses import Phase as TruePhase

    rng = np.random.default_rng((seed, number, 41))
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    lengths = rng.integers(45, 76, 3)
    bounds = [0, *(int(day) for day in np.cumsum(lengths))]
    lag = int(rng.choice([0, 14, 28]))
    rates = _rates(rng, kind, lengths)
    phases = tuple(
        TruePhase(name, start, end, rate, lag)
        for name, (start, end), rate in zip(NAMES, pairwise(bounds), rates, strict=True)
    )
    days = {k: max(0, day + int(rng.integers(-7, 4))) if k else 0 for k, day in enumerate(bounds)}
    taken = [k for k in days if rng.random() >= MISSING]
    kept = taken if len(taken) >= 2 else list(days)
    age, severity = float(rng.uniform(0.7, 4.0)), float(rng.uniform(0.55, 0.85))
    child = 10_000_000 * (seed + 1) + number
    return Plan(child, kind, phases, {k: days[k] for k in kept}, age, severity, joint)


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
    """Severity per 30 days, mean of the bones that can be graded, in each phase's sway; below 0 it heals."""
    from rickets_rx.phantom.courses import course, sway
    from rickets_rx.phantom.hand_anatomy import Posture

    still: dict[str, Any] = {"posture": Posture()} if plan.joint is Joint.WRIST else {}
    last = max(plan.film_days.values())
    spans = {p.name: (start, min(end, last)) for p, start, end in sway(plan.phases) if start < last}
    days = sorted({day for span in spans.values() for day in span})
    seen = course(
        plan.seed, plan.phases, days, joint=plan.joint, age=plan.age, severity=plan.severity,
        size_px=TRUTH_PX, **still,
    )  # fmt: skip
    level = {f.day: _mean_severity(f) for f in seen.films}
    return {
        name: (level[end] - level[start]) / max(end - start, 1) * 30 for name, (start, end) in spans.items()
    }


def _mean_severity(film: "CourseFilm") -> float:
    """Over the bones that a film of this joint can show (an elbow's ulna lies behind its radius)."""
    bones = [
        bone for bone in film.film.joints[0].bones if bone.bone in SUMMED_BONES[film.film.joints[0].joint]
    ]
    return float(np.mean([bone.severity for bone in bones]))


def films_of(plan: Plan, *, size_px: int = 900) -> "Course":
    """The films and blood of a plan."""
    from rickets_rx.phantom.courses import course

    days = list(plan.film_days.values())
    return course(
        plan.seed, plan.phases, days, joint=plan.joint, age=plan.age, severity=plan.severity, size_px=size_px
    )


def told_at_any_delay(plan: Plan, drawn: "Course") -> bool:
    """Whether these films, read without any error, give one and the same phase as fastest at every delay.

    From the truth alone: a least-squares rate for each phase from the true severities, for phases delayed by
    0, 2 and 4 weeks; every rate must be told, and the fastest be ahead of each other one by 0.05 (ours).
    """
    best = {_fastest(plan, drawn, lag) for lag, weight in zip(LAGS, LAG_WEIGHTS, strict=True) if weight}
    return len(best) == 1 and None not in best


def _fastest(plan: Plan, drawn: "Course", lag: int) -> str | None:
    """The phase ahead at one delay, None where films leave it open."""
    phases = [
        Phase(p.name, np.array([p.start]), np.array([p.end]), ())
        for p in plan.phases
        if p.start + lag < max(plan.film_days.values())
    ]
    names = [phase.name for phase in phases]
    days = np.array([[film.day] for film in drawn.films], dtype=float)
    spent = exposure(HealingCourse("", Days({}, {}, 1), [], [], phases), days, names, lag)
    level = np.array([_mean_severity(film) for film in drawn.films])
    films = np.arange(len(level))
    exact = Readings(level, EXACT_SD**2 * np.eye(len(level)), films, np.zeros_like(films))
    found = believe(see(exact, spent), FLAT)
    rates, told = found.mean[0], found.errors[0] < EXACT_LEAD
    if len(rates) < 2 or not told.all():
        return None
    order = rates.argsort()
    return names[order[0]] if rates[order[1]] - rates[order[0]] >= EXACT_LEAD else None
