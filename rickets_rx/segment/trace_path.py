"""Shortest paths and half-density crossings in a strip of profiles: the numerics under every traced edge."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.quantiles import quantile_of_sorted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Profiles = npt.NDArray[np.floating]

GAP = 0.1
"""Depth of a gap, share of the bone's contrast, from which it parts two bones (ours)."""


def shortest_path(cost: Profiles, max_step: int, *, stiffness: float) -> IntArray:
    """Column per row of the cheapest path through ``cost``.

    Dynamic programming: the sum of the costs on the path plus ``stiffness * |step|`` is least; a step from
    one row to the next is at most ``max_step`` columns. Ties go to the smaller step, then to the lower
    column.

    Parameters
    ----------
    cost : ndarray of shape (n, m), finite
    max_step : int
        At least 0.
    stiffness : float
        Cost of one column of step.

    Returns
    -------
    ndarray of shape (n,), intp

    Raises
    ------
    ValueError
        When ``cost`` is empty, holds a number that is not finite, or ``max_step`` is negative.
    """
    if cost.ndim != 2 or cost.size == 0 or not np.isfinite(cost).all():
        raise ValueError("a path needs a finite cost of at least one row and one column")
    if max_step < 0:
        raise ValueError(f"max_step cannot be negative: {max_step}")
    rows, columns = cost.shape
    # Cheapest totals of every row between borders that no path can use.
    totals = np.full((rows, columns + 2 * max_step), np.inf, cost.dtype)
    inner = totals[:, max_step : max_step + columns]
    inner[0] = cost[0]
    # For each row, its totals as reached by every step, lowest column first.
    reached = list(np.lib.stride_tricks.sliding_window_view(totals, columns, axis=1))
    price = _prices(max_step, stiffness, totals)[:, None]
    choice = np.empty((2 * max_step + 1, columns), totals.dtype)
    for before, now, own in zip(reached[:-1], list(inner)[1:], list(cost)[1:], strict=True):
        np.add(before, price, out=choice)
        np.minimum.reduce(choice, 0, None, now)
        np.add(now, own, out=now)
    return _walked_back(totals, max_step, stiffness)


def _prices(max_step: int, stiffness: float, totals: Profiles) -> Profiles:
    """Price of every step, the lowest first, as precise as the totals."""
    return np.asarray(stiffness * np.abs(np.arange(-max_step, max_step + 1.0)), totals.dtype)


def _walked_back(totals: Profiles, max_step: int, stiffness: float) -> IntArray:
    """The path to the least total of the last row; of equal ones the smaller step, then the lower column."""
    steps = sorted(range(-max_step, max_step + 1), key=lambda s: (abs(s), s))
    price = _prices(max_step, stiffness, totals)
    path = np.empty(len(totals), np.intp)
    at = path[-1] = int(np.argmin(totals[-1])) - max_step
    for row in range(len(totals) - 1, 0, -1):
        reached = (totals[row - 1, at : at + len(price)] + price).tolist()
        least = min(reached)
        for step in steps:
            if reached[step + max_step] == least:
                at += step
                break
        path[row - 1] = at
    return path


def valley_depth(profiles: Profiles) -> Profiles:
    """Depth of the deepest gap already passed when walking along each profile.

    A gap is a fall from the highest value so far followed by a rise; its depth is the smaller of the two.
    Walking outwards from inside a bone it is 0 up to the bone's own edge and jumps once another bone (the
    epiphysis, the neighbour) is entered, which tells its edges from the bone's own (ours).

    Parameters
    ----------
    profiles : ndarray of shape (n, m)
        Walked along the second axis.

    Returns
    -------
    ndarray of shape (n, m)
    """
    # One step of all profiles lies side by side in memory, and nothing is allocated on the way.
    walked = np.ascontiguousarray(profiles.T)
    depth = np.zeros_like(walked)
    highest, bottom = walked[0].copy(), walked[0].copy()
    deepest, rise = np.zeros_like(highest), np.zeros_like(highest)
    for i in range(1, len(walked)):
        now = walked[i]
        np.maximum(highest, now, out=highest)
        fall = highest - now
        np.copyto(bottom, now, where=fall > deepest)
        np.maximum(deepest, fall, out=deepest)
        np.subtract(now, bottom, out=rise)
        np.minimum(deepest, rise, out=rise)
        np.maximum(depth[i - 1], rise, out=depth[i])
    return np.ascontiguousarray(depth.T)


@dataclass(frozen=True)
class Reach:
    """Samples looked at on either side of an edge, and the quantile of the inner ones that is "the bone"."""

    inner: int
    outer: int
    quantile: float


def half_crossings(
    profiles: Profiles, near: IntArray, reach: Reach, *, whole: FloatArray | None = None, own: float = 1.0,
    rise: float = np.inf,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Sub-sample positions where profiles fall through half of the step around ``near``.

    Bone is a quantile of the samples inside ``near``; what lies beyond is the lowest of the samples outside,
    so that a thin physis counts and not the epiphysis behind it (ours).

    Parameters
    ----------
    profiles : ndarray of shape (n, m)
        Density going outwards from the bone.
    near : ndarray of shape (n,), intp
        Index close to the edge in each profile.
    reach : Reach
    whole : ndarray of shape (n,), optional
        Density of the bone further inside than a profile reaches, NaN where unknown.
    own : float
        Share 0-1 of the samples next to the edge in the density whose half is crossed; the rest is ``whole``.
    rise : float
        Outside of ``near`` nothing counts from where density has risen by more than this over its lowest:
        another bone begins there. Units of the profiles.

    Returns
    -------
    position : ndarray of shape (n,)
        Fractional index of the falling crossing nearest to ``near``; ``near`` where there is none.
    step : ndarray of shape (n,)
        Bone minus beyond, in the units of the profiles; at least 0.
    """
    offsets = np.arange(-reach.inner, reach.outer + 1)
    index = np.clip(near[:, None] + offsets, 0, profiles.shape[1] - 1)
    window = np.take_along_axis(profiles, index, axis=1)
    bone = quantile_of_sorted(np.sort(window[:, : reach.inner + 1], axis=1), reach.quantile)
    outside = window[:, reach.inner :]
    past = np.maximum.accumulate(outside - np.minimum.accumulate(outside, axis=1), axis=1) > rise
    beyond = np.where(past, np.inf, outside).min(axis=1)
    dense = bone if whole is None else np.where(np.isnan(whole), bone, own * bone + (1 - own) * whole)
    above = window - ((dense + beyond) / 2)[:, None]
    first, second = above[:, :-1], above[:, 1:]
    falls = (first > 0) & (second <= 0) & (bone > beyond)[:, None]
    falls[:, reach.inner :] &= ~past[:, 1:]
    share = first / np.where(falls, first - second, 1.0)
    distance = np.where(falls, np.abs(offsets[:-1] + share), np.inf)
    best = distance.argmin(axis=1)
    rows = np.arange(len(profiles))
    position = index[rows, best] + share[rows, best]
    return np.where(falls.any(axis=1), position, near), np.maximum(bone - beyond, 0.0)
