"""Interval-censored time to an event by Turnbull's estimate (J R Stat Soc B 1976;38:290)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
NEVER = np.inf
ROUNDS, TOLERANCE = 1000, 1e-6  # of the self-consistency steps (ours)


@dataclass(frozen=True, eq=False)
class Turnbull:
    """Probability mass on the innermost intervals.

    Parameters
    ----------
    left, right : ndarray of shape (k,)
        Mass lies somewhere in (left, right]; the last right may be infinite: never seen.
    mass : ndarray of shape (k,)
        Sums to 1.
    n : int
    """

    left: FloatArray
    right: FloatArray
    mass: FloatArray
    n: int

    def quantile(self, share: float) -> tuple[float, float] | None:
        """The interval in which the share is reached; None where it is not reached within the record."""
        reached = np.flatnonzero(np.cumsum(self.mass) >= share - 1e-9)
        if not len(reached) or np.isinf(self.right[reached[0]]):
            return None
        return float(self.left[reached[0]]), float(self.right[reached[0]])


def turnbull(left: npt.ArrayLike, right: npt.ArrayLike, *, rounds: int = ROUNDS) -> Turnbull:
    """Estimate from intervals (left, right]: the event of each subject fell after left and by right.

    Parameters
    ----------
    left, right : array_like of shape (n,)
        ``right`` is infinite (`NEVER`) for an event not seen by ``left``; left < right, n at least 1.
    rounds : int
        Most steps of the iteration; fewer are enough for a resample of a bootstrap.

    Raises
    ------
    ValueError
        For an empty or reversed interval, or no subject.
    """
    a, b = np.asarray(left, float), np.asarray(right, float)
    if not len(a) or bool((a >= b).any()):
        raise ValueError("every subject needs an interval whose left end lies before its right end")
    spans, counts = np.unique(np.stack([a, b], axis=1), axis=0, return_counts=True)
    lows, highs = _innermost(a, b)
    inside = ((lows >= spans[:, :1]) & (highs <= spans[:, 1:])).astype(float)
    weight = counts / len(a)
    mass = np.full(len(lows), 1 / len(lows))
    for _ in range(rounds):
        step = mass * (inside.T @ (weight / (inside @ mass)))
        moved = float(np.abs(step - mass).max())
        mass = step
        if moved < TOLERANCE:
            break
    return Turnbull(lows, highs, mass, len(a))


def _innermost(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Intervals that begin with a left end and end with the right end that follows it directly."""
    # At one place right ends come first: (0, 5] and (5, 9] do not meet.
    ends = sorted([(x, 1) for x in set(a.tolist())] + [(x, 0) for x in set(b.tolist())])
    pairs = [(p[0], q[0]) for p, q in pairwise(ends) if p[1] == 1 and q[1] == 0]
    return np.array([p for p, _ in pairs]), np.array([q for _, q in pairs])
