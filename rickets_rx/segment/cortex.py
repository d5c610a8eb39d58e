"""Corners and side cortices read off the outline of a bone end."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from rickets_rx.segment.frame import BoneFrame

FloatArray = npt.NDArray[np.float64]

# The corner is the distal end of the widest run: the point furthest out in a direction turned this much from
# straight outwards towards distal (ours).
CORNER_TURN_DEGREES = 14.0
# Where along the shaft a corner may lie, MW (ours).
CORNER_REACH = (-0.3, 0.25)


def corners_of(points: FloatArray, frame: BoneFrame) -> tuple[int, int]:
    """Indices of both corners in an outline.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Outline from the proximal end of the corner1 side to that of the corner2 side, pixels.
    frame : BoneFrame

    Returns
    -------
    first, second : int
        ``first < second``; the ends of the outline where no corner can be told.
    """
    vu = frame.from_pixels(points)
    x, u = gaussian_filter1d(vu[:, 0] / 2, 1.0), gaussian_filter1d(vu[:, 1], 1.0)
    turn = np.deg2rad(CORNER_TURN_DEGREES)
    near = (u >= CORNER_REACH[0]) & (u <= CORNER_REACH[1])
    left = np.where(near & (x < 0), -x * np.cos(turn) + u * np.sin(turn), -np.inf)
    right = np.where(near & (x >= 0), x * np.cos(turn) + u * np.sin(turn), -np.inf)
    first, second = int(np.argmax(left)), int(np.argmax(right))
    return (first, second) if first < second else (0, len(points) - 1)


def sides_of(
    points: FloatArray, on_film: npt.NDArray[np.bool_], first: int, second: int
) -> tuple[FloatArray, FloatArray]:
    """Outer cortices on the corner1 and corner2 side, each from its corner proximally to the film's end.

    Returns
    -------
    left, right : ndarray of shape (k, 2)
        At least the corner itself.
    """
    left, right = np.arange(first, -1, -1), np.arange(second, len(points))
    return points[left[: _seen(on_film[left])]], points[right[: _seen(on_film[right])]]


def _seen(on_film: npt.NDArray[np.bool_]) -> int:
    """How many points from the corner on lie on the film; at least 1."""
    off = np.nonzero(~on_film)[0]
    return max(1, int(off[0]) if off.size else len(on_film))
