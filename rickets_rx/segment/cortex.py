"""Corners and side cortices read off the outline of a bone end."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from rickets_rx.radiograph import FloatImage
from rickets_rx.segment.frame import BoneFrame, sample_at

FloatArray = npt.NDArray[np.float64]

# The corner is the distal end of the widest run: the point furthest out in a direction turned this much from
# straight outwards towards distal (ours).
CORNER_TURN_DEGREES = 20.0
# Share of the shaft's lean that "outwards" follows (ours).
FOLLOW = 0.5
# How far from where it was proposed a corner may lie, MW (ours).
CORNER_REACH = 0.22
# Slope across the bone (MW across per MW along) that no shaft has, 0.3 MW or more from its corner (ours).
TURNING = 1.5
# Share of a side's usual density step that its rim still has, and the longest rim, MW (ours).
RIM, LONGEST_SPUR = 0.45, 0.3
# Where the shaft's direction is read, MW, and the steepest that is believed (ours).
SHAFT, STEEPEST = (-1.0, -0.35), 0.35


def lean_of(points: FloatArray, frame: BoneFrame) -> float:
    """How far the shaft goes aside: MW across per MW distally, from the middle between its cortices.

    0 where less than 0.3 MW of both cortices is seen; limited to 0.35 (ours).
    """
    vu = frame.from_pixels(points)
    x, u = vu[:, 0] / 2, vu[:, 1]
    levels = np.linspace(*SHAFT, 14)
    left, right = x < 0, x >= 0
    if min(left.sum(), right.sum()) < 3:
        return 0.0
    levels = levels[levels > max(u[left].min(), u[right].min())]
    if len(levels) < 7:
        return 0.0
    middle = [np.interp(levels, u[s][np.argsort(u[s])], x[s][np.argsort(u[s])]) for s in (left, right)]
    away = levels - levels.mean()
    slope = float(away @ (middle[0] + middle[1]) / 2 / (away @ away))
    return float(np.clip(slope, -STEEPEST, STEEPEST))


def corners_of(
    points: FloatArray, frame: BoneFrame, proposed: BoneFrame, *, lean: float = 0.0
) -> tuple[int, int] | None:
    """Indices of both corners in an outline.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Outline from the proximal end of the corner1 side to that of the corner2 side, pixels.
    frame : BoneFrame
        Says what is outwards and what is distal.
    proposed : BoneFrame
        Corners are looked for within `CORNER_REACH` of this frame's.

    Returns
    -------
    first, second : int
        ``first < second``; None where the outline passes neither corner proposed.
    """
    vu = frame.from_pixels(points)
    x, u = gaussian_filter1d(vu[:, 0] / 2, 1.0), gaussian_filter1d(vu[:, 1], 1.0)
    # Outwards follows the shaft in part, so that a tilted chord does not make its own side the widest.
    x, u = x - FOLLOW * lean * u, u + FOLLOW * lean * x
    turn = np.deg2rad(CORNER_TURN_DEGREES)
    found = []
    for sign, corner in ((-1.0, proposed.corner1), (1.0, proposed.corner2)):
        away = np.hypot(*(points - np.asarray(corner)).T) / proposed.width
        out = sign * x * np.cos(turn) + u * np.sin(turn)
        found.append(int(np.argmax(np.where(away <= CORNER_REACH, out, -np.inf))))
        if away.min() > CORNER_REACH:
            return None
    return (found[0], found[1]) if found[0] < found[1] else None


def sides_of(
    points: FloatArray, on_film: npt.NDArray[np.bool_], frame: BoneFrame, ends: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Outer cortices on the corner1 and corner2 side, each from its corner proximally to the film's end.

    A side also ends where it turns across the bone further than `TURNING`, as it does along the border of a
    collimated field.

    Returns
    -------
    left, right : ndarray of shape (k, 2)
        At least the corner itself.
    """
    left, right = np.arange(ends[0], -1, -1), np.arange(ends[1], len(points))
    return (
        points[left[: _length(points[left], on_film[left], frame)]],
        points[right[: _length(points[right], on_film[right], frame)]],
    )


def _length(side: FloatArray, on_film: npt.NDArray[np.bool_], frame: BoneFrame) -> int:
    """How many points from the corner on are the shaft's; at least 1."""
    if len(side) < 3:
        return len(side)
    vu = frame.from_pixels(side)
    x, u = gaussian_filter1d(vu[:, 0] / 2, 2.0), gaussian_filter1d(vu[:, 1], 2.0)
    across, along = np.abs(np.gradient(x)), -np.gradient(u)
    lost = ~on_film | ((across > TURNING * along) & (vu[:, 1] < -0.3))
    return max(1, int(np.argmax(lost))) if lost[1:].any() else len(side)


def spur_length(pixels: FloatImage, side: FloatArray, frame: BoneFrame) -> float:
    """How far the cortex goes on distally beyond a corner in its own direction, MW.

    On a cupped end the rim is thin and faint, and the outline cuts it off. The rim goes on as long as density
    just inside the prolonged cortex exceeds that just outside by `RIM` of what it does along the side, and
    that within the cup at all.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    side : ndarray of shape (k, 2)
        Side cortex from its corner proximally, pixels.
    frame : BoneFrame

    Returns
    -------
    float
        0 where the side is too short to have a direction; at most `LONGEST_SPUR`.
    """
    vu = frame.from_pixels(side)
    x, u = vu[:, 0] / 2, vu[:, 1] - vu[0, 1]
    fit = (u < -0.02) & (u > -0.15)
    if fit.sum() < 5:
        return 0.0
    away = u[fit] - u[fit].mean()
    slope = float(away @ x[fit] / (away @ away))
    start = float(x[fit].mean() - slope * u[fit].mean())
    t = np.arange(-0.15, LONGEST_SPUR + 0.005, 0.01)
    outwards = np.sign(x[0])
    inside = np.arange(0.01, 0.055, 0.01)[None, :] * -outwards
    outside = np.arange(0.04, 0.095, 0.01)[None, :] * outwards
    within_cup = np.arange(0.12, 0.185, 0.01)[None, :] * -outwards
    middle, level = (start + slope * t)[:, None], (vu[0, 1] + t)[:, None]
    within = sample_at(pixels, frame.to_pixels(2 * (middle + inside), level)).mean(axis=1)
    without = sample_at(pixels, frame.to_pixels(2 * (middle + outside), level)).mean(axis=1)
    cup = sample_at(pixels, frame.to_pixels(2 * (middle + within_cup), level)).mean(axis=1)
    # Off the film there is no density to exceed anything.
    over = gaussian_filter1d(np.nan_to_num(within - without).astype(np.float64), 1.5)
    usual = float(np.median(over[t < -0.03]))
    ridge = gaussian_filter1d(np.nan_to_num(within - cup).astype(np.float64), 1.5)
    ends = np.nonzero(((over < RIM * usual) | (ridge < 0)) & (t > 0))[0]
    length = float(t[ends[0]]) - 0.01 if ends.size else LONGEST_SPUR
    return max(0.0, length) if usual > 0 else 0.0
