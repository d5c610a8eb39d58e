"""How long each phase held sway before a film."""

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.course import Course
from rickets_rx.healing.series import DAYS_PER_MONTH

FloatArray = npt.NDArray[np.float64]
WINDOW = 30  # days before a film of which its look speaks (ours)


def exposure(course: Course, days: FloatArray, phases: list[str], lag: int) -> FloatArray:
    """30-day units spent in each phase before each film, shape (films, phases, scenarios).

    Counted from the first film; what lies before the first phase is given to it, what lies after the last to
    the last.

    Parameters
    ----------
    days : ndarray of shape (films, scenarios)
    lag : int
        Days by which the bone follows the therapy.
    """
    first = days.min(axis=0, initial=np.inf)
    return _units(course, days, phases, lag, since=np.full_like(days, -np.inf), opens=first)


def recent_exposure(course: Course, days: FloatArray, phases: list[str], lag: int) -> FloatArray:
    """30-day units of each phase in the `WINDOW` before each film, shape (films, phases, scenarios).

    What lies before the first phase counts for none: of its therapy such a film says nothing.
    """
    return _units(course, days, phases, lag, since=days - WINDOW, opens=np.inf)


def _units(
    course: Course, days: FloatArray, phases: list[str], lag: int, *, since: FloatArray,
    opens: FloatArray | float,
) -> FloatArray:  # fmt: skip
    """Time of each phase from ``since`` to ``days``; the first begins by ``opens``, the last has no end."""
    spans = {phase.name: (phase.start + lag, phase.end + lag) for phase in course.phases}
    found = np.zeros((len(days), len(phases), days.shape[1]))
    for j, name in enumerate(phases):
        left, right = spans[name]
        left = np.minimum(left, opens) if j == 0 else left
        right = np.maximum(right, days.max(axis=0, initial=-np.inf)) if j == len(phases) - 1 else right
        inside = np.minimum(days, right) - np.maximum(left, since)
        found[:, j] = np.clip(inside, 0, None) / DAYS_PER_MONTH
    return found
