"""Shortest paths and half-density crossings in a strip of profiles: the numerics under every traced edge."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def shortest_path(cost: FloatArray, max_step: int, *, stiffness: float) -> IntArray:
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
    steps = sorted(range(-max_step, max_step + 1), key=lambda s: (abs(s), s))
    came = np.zeros((rows, columns), np.intp)
    total = cost[0].copy()
    for row in range(1, rows):
        best = total.copy()
        origin = np.zeros(columns, np.intp)
        for step in steps[1:]:
            shifted = np.full(columns, np.inf)
            if step > 0:
                shifted[step:] = total[:-step]
            else:
                shifted[:step] = total[-step:]
            shifted += stiffness * abs(step)
            better = shifted < best
            best[better] = shifted[better]
            origin[better] = step
        came[row] = origin
        total = best + cost[row]
    path = np.empty(rows, np.intp)
    path[-1] = int(np.argmin(total))
    for row in range(rows - 1, 0, -1):
        path[row - 1] = path[row] - came[row, path[row]]
    return path


def valley_depth(profiles: FloatArray) -> FloatArray:
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
    depth = np.zeros_like(profiles)
    highest = profiles[:, 0].copy()
    bottom = highest.copy()
    deepest = np.zeros(len(profiles))
    gap = np.zeros(len(profiles))
    for i in range(profiles.shape[1]):
        now = profiles[:, i]
        highest = np.maximum(highest, now)
        lower = highest - now > deepest
        deepest = np.where(lower, highest - now, deepest)
        bottom = np.where(lower, now, bottom)
        gap = np.maximum(gap, np.minimum(deepest, now - bottom))
        depth[:, i] = gap
    return depth


def half_crossing(profile: FloatArray, near: int, *, inner: int, outer: int) -> tuple[float, float]:
    """Sub-sample position where a profile falls through half of the step around ``near``.

    Bone is the 80th percentile of the ``inner`` samples up to ``near``; what lies beyond is the lowest of the
    ``outer`` samples from ``near`` on, so that a thin physis counts and not the epiphysis behind it (ours).

    Parameters
    ----------
    profile : ndarray of shape (m,)
        Density going outwards from the bone.
    near : int
        Index close to the edge.
    inner, outer : int
        Samples looked at on either side.

    Returns
    -------
    position : float
        Fractional index of the falling crossing nearest to ``near``; ``near`` where there is none.
    step : float
        Bone minus beyond, in the units of the profile; at least 0.
    """
    low, high = max(0, near - inner), min(len(profile), near + outer + 1)
    bone = float(np.percentile(profile[low : near + 1], 80))
    beyond = float(profile[near:high].min())
    if bone <= beyond:
        return float(near), 0.0
    above = profile[low:high] - (bone + beyond) / 2
    falls = np.nonzero((above[:-1] > 0) & (above[1:] <= 0))[0]
    if falls.size == 0:
        return float(near), bone - beyond
    places = low + falls + above[falls] / (above[falls] - above[falls + 1])
    return float(places[np.argmin(np.abs(places - near))]), bone - beyond
