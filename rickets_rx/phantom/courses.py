"""One child over time: films and laboratory values under therapy phases whose healing rates are known.

The bones grow, the disease follows the phase in force with a lag, and blood follows the disease: PTH first,
then calcium and phosphate, then ALP (domain notes, section 4). So "during which phase did it heal" has a true
answer, which may be that it did not, or that these films cannot tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.generate import elbow, wrist
from rickets_rx.vocabulary import BONES_OF_JOINT, Bone, Joint, Side

HEALED_STAGE = 0.75
"""Healing stage from which only shape is left (`Disease.healing`)."""


@dataclass(frozen=True)
class Phase:
    """A stretch of therapy, days from ``start`` (included) to ``end`` (excluded).

    Parameters
    ----------
    rate : float
        Healing stage gained in 30 days; below 0 the disease comes back, in severity a 30 days.
    lag : int
        Days after its start in which the phase before still holds sway (carry-over).
    """

    name: str
    start: int
    end: int
    rate: float
    lag: int = 14


@dataclass(frozen=True)
class LabValue:
    """One value drawn on one day."""

    day: int
    analyte: str
    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class CourseFilm:
    """One film of the course and the state behind it."""

    day: int
    film: PhantomFilm
    stage: float
    worst: float


@dataclass(frozen=True, eq=False)
class Course:
    """A child's course with its true answer.

    Parameters
    ----------
    healed_in : str or None
        Phase that carried most of the healing; None where less than a quarter of the way was made.
    tellable : bool
        Whether these films can show it: the fall of severity between films lies within one phase.
    reason : str
        Why it cannot be told, "" where it can.
    made : dict of str to float
        Healing stage gained while each phase held sway.
    """

    seed: int
    joint: Joint
    films: tuple[CourseFilm, ...]
    labs: tuple[LabValue, ...]
    phases: tuple[Phase, ...]
    healed_in: str | None
    tellable: bool
    reason: str
    made: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class State:
    """Day by day: ``stage`` of healing 0-1, ``worst`` severity reached, both of shape (days,)."""

    stage: npt.NDArray[np.float64]
    worst: npt.NDArray[np.float64]

    @property
    def activity(self) -> npt.NDArray[np.float64]:
        """What drives the blood: severity that has not healed, 0-1."""
        return np.asarray(self.worst * np.clip(1 - self.stage / HEALED_STAGE, 0, 1))


def run(phases: Sequence[Phase], severity: float, days: int) -> State:
    """The disease from day 0, at ``severity`` and not healing, through the phases."""
    stage, worst = np.zeros(days + 1), np.full(days + 1, severity)
    for day in range(1, days + 1):
        rate = _rate(phases, day - 1) / 30
        stage[day], worst[day] = stage[day - 1], worst[day - 1]
        if rate >= 0:
            stage[day] = min(1.0, stage[day - 1] + rate)
        elif stage[day - 1] > 0:
            # A relapse first undoes healing, and what is then seen is no worse than it was.
            stage[day] = max(0.0, stage[day - 1] + rate)
        else:
            worst[day] = min(1.0, worst[day - 1] - rate)
    return State(stage, worst)


def _rate(phases: Sequence[Phase], day: int) -> float:
    return next((phase.rate for phase, start, end in sway(phases) if start <= day < end), 0.0)


def sway(phases: Sequence[Phase]) -> list[tuple[Phase, int, int]]:
    """Each phase with the days (first included, last not) on which it holds sway: from its lag to the
    next's."""
    order = sorted(phases, key=lambda p: p.start)
    out = []
    for phase, after in zip(order, [*order[1:], None], strict=True):
        follows = after is not None and after.start <= phase.end
        end = after.start + after.lag if after is not None and follows else phase.end + phase.lag
        out.append((phase, phase.start + phase.lag, end))
    return out


def course(
    seed: int,
    phases: Sequence[Phase],
    film_days: Sequence[int],
    *,
    joint: Joint | str = Joint.WRIST,
    age: float = 1.5,
    severity: float = 0.9,
    lab_days: Sequence[int] | None = None,
    **taking: Any,
) -> Course:
    """One child's films and blood under therapy phases.

    Parameters
    ----------
    seed : int
        The child; its bones keep their own shape while they grow.
    film_days, lab_days : sequence of int
        Days of films and blood (default: blood on the days of films).
    age : float
        Years on day 0.
    severity : float
        Disease on day 0, 0-1.
    **taking
        As in `generate.Taking`, for every film.
    """
    joint = Joint(joint)
    last = max([*film_days, *(lab_days or film_days), 1])
    state = run(phases, severity, last)
    films = tuple(_film(seed, joint, day, age, state, number, taking) for number, day in enumerate(film_days))
    rng = np.random.default_rng((seed, 23))
    labs = tuple(value for day in (lab_days or film_days) for value in blood(rng, state, day))
    healed_in = true_phase(phases, state)
    reason = why_untellable(phases, films, state)
    made = gains(phases, state)
    return Course(seed, joint, films, labs, tuple(phases), healed_in, reason == "", reason, made)


def _film(
    seed: int, joint: Joint, day: int, age: float, state: State, number: int, taking: dict[str, Any]
) -> CourseFilm:
    stage, worst = float(state.stage[day]), float(state.worst[day])
    disease: dict[Bone, Disease] = {}
    for index, bone in enumerate(BONES_OF_JOINT[joint]):
        # The same bone is always ahead or behind in the same way.
        own = float(np.clip(worst + np.random.default_rng((seed, 29, index)).normal(0, 0.06), 0, 1))
        disease[bone] = Disease.healing(stage, own) if stage > 0 else Disease.active(own)
    fixed = {"side": Side.LEFT, **taking, "age": age + day / 365.25, "disease": disease, "chance": number}
    film = wrist(seed, **fixed) if joint is Joint.WRIST else elbow(seed, **fixed)
    return CourseFilm(day, film, stage, worst)


# analyte: unit, healthy value, change at full activity, days it runs behind the disease, relative scatter
BLOOD: dict[str, tuple[str, float, float, int, float]] = {
    "pth": ("pg/mL", 35.0, 900.0, -10, 0.15),
    "calcium": ("mg/dL", 9.7, -2.4, 5, 0.025),
    "phosphate": ("mg/dL", 4.9, -2.5, 10, 0.06),
    "alp": ("U/L", 230.0, 1500.0, 35, 0.08),
}


def blood(rng: np.random.Generator, state: State, day: int) -> list[LabValue]:
    """Values of one day; sizes and lags are ours, of the order of the seed's tables."""
    activity = state.activity
    out = []
    for analyte, (unit, healthy, change, behind, scatter) in BLOOD.items():
        at = int(np.clip(day - behind, 0, len(activity) - 1))
        level = (healthy + change * float(activity[at])) * float(np.exp(rng.normal(0, scatter)))
        out.append(LabValue(day, analyte, round(level, 1), unit))
    return out


def gains(phases: Sequence[Phase], state: State) -> dict[str, float]:
    """Healing stage gained while each phase held sway."""
    gain = np.maximum(np.diff(state.stage), 0)
    return {phase.name: float(gain[start:end].sum()) for phase, start, end in sway(phases)}


def true_phase(phases: Sequence[Phase], state: State) -> str | None:
    """The phase that made most healing; None where less than a quarter of the way was made."""
    made = gains(phases, state)
    return max(made, key=lambda name: made[name]) if made and state.stage[-1] >= 0.25 else None


def why_untellable(phases: Sequence[Phase], films: Sequence[CourseFilm], state: State) -> str:
    """Why films cannot show the phase of healing; "" where they can.

    They can where neighbouring films, at least four fifths of whose days between lie in that phase by the
    calendar, show at least half of what it made, and more than such films show of any other phase (ours).
    """
    healed_in = true_phase(phases, state)
    if healed_in is None:
        return "did_not_heal"
    if len(films) < 2:
        return "too_few_films"
    shown = {p.name: _shown(p, films) for p in phases}
    if shown[healed_in] < 0.5 * gains(phases, state)[healed_in]:
        return "no_separating_film"
    others = [value for name, value in shown.items() if name != healed_in]
    return "" if shown[healed_in] > max(others, default=0.0) else "another_phase_shows_more"


def _shown(phase: Phase, films: Sequence[CourseFilm]) -> float:
    """Healing between neighbouring films that lie within one phase by the calendar."""
    total = 0.0
    for before, after in pairwise(films):
        inside = min(after.day, phase.end) - max(before.day, phase.start)
        if inside >= 0.8 * (after.day - before.day):
            total += max(after.stage - before.stage, 0)
    return total
