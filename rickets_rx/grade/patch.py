"""The patch of one bone end that the grading network looks at, in the bone's own frame."""

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.network import as_input

Array = npt.NDArray[np.float32]

SIDE = 96
"""Pixels on each side of the patch."""
ACROSS = 1.6
"""Widths that the patch spans across the bone, around the middle of the chord (ours)."""
PROXIMAL, DISTAL = 0.8, 0.4
"""Widths that it reaches behind and beyond the chord (ours): zone, metaphysis, plate, near edge of the
epiphysis."""
SHAFT_SIDES = (96, 64)
"""Rows and columns of the patch that shows the shaft too."""
SHAFT_PROXIMAL, SHAFT_DISTAL = 2.1, 0.3
"""Widths that it reaches behind and beyond the chord (ours)."""
OFF_FILM = 5.0
"""Percentile of the patch that stands for what lies off the film (ours)."""


def raw_patch(radiograph: Radiograph, frame: BoneFrame, *, side: int = SIDE, room: float = 0.0) -> Array:
    """The film's greys round a bone end: distal up, corner1 left.

    Parameters
    ----------
    radiograph : Radiograph
    frame : BoneFrame
    side : int
        Pixels on each side.
    room : float
        Share by which the patch reaches further on every side; training moves and turns within it.

    Returns
    -------
    ndarray of shape (side, side), float32
    """
    across = ACROSS / 2 * (1 + room)
    middle, half = (DISTAL - PROXIMAL) / 2, (DISTAL + PROXIMAL) / 2 * (1 + room)
    at = _even(side)
    return _seen(radiograph, frame, 2 * across * at, middle - half * at)


def shaft_patch(radiograph: Radiograph, frame: BoneFrame) -> Array:
    """The bone end with the shaft behind it, where fractures and lesions lie: shape `SHAFT_SIDES`, float32.

    Distal up, corner1 left, over 1.6 widths and from 0.3 widths beyond the chord to 2.1 behind it.
    """
    rows, columns = SHAFT_SIDES
    u = (SHAFT_DISTAL - SHAFT_PROXIMAL) / 2 - (SHAFT_DISTAL + SHAFT_PROXIMAL) / 2 * _even(rows)
    return _seen(radiograph, frame, ACROSS * _even(columns), u)


def _even(count: int) -> npt.NDArray[np.float64]:
    """Middles of ``count`` equal parts of -1 to 1."""
    return np.asarray((np.arange(count) + 0.5) / count * 2 - 1)


def _seen(
    radiograph: Radiograph, frame: BoneFrame, v: npt.NDArray[np.float64], u: npt.NDArray[np.float64]
) -> Array:
    """The film at a grid of places of the bone's frame, shape (len(u), len(v))."""
    pixels, step = radiograph.pixels, abs(u[1] - u[0]) * frame.width
    xy = frame.to_pixels(v[None, :], u[:, None])
    if step > 1.2:
        pixels, xy = _near(pixels, xy, 0.4 * step)
    seen = sample_at(pixels, xy).astype(np.float32)
    off = ~np.isfinite(seen)
    if off.any():
        seen[off] = 0.0 if off.all() else np.percentile(seen[~off], OFF_FILM)
    return seen


def _near(pixels: Array, xy: npt.NDArray[np.float64], sigma: float) -> tuple[Array, npt.NDArray[np.float64]]:
    """The part of the film round the points, softened so that a smaller picture holds no false pattern."""
    reach = 4 * sigma + 2
    low = np.maximum(np.floor(xy.min(axis=(0, 1)) - reach), 0).astype(int)
    high = np.ceil(xy.max(axis=(0, 1)) + reach).astype(int) + 1
    part = np.ascontiguousarray(pixels[low[1] : max(high[1], 2), low[0] : max(high[0], 2)])
    if part.size == 0:
        return pixels, xy
    return np.asarray(cv2.GaussianBlur(part, (0, 0), sigma), np.float32), xy - low


def network_input(patch: Array) -> Array:
    """A patch as the network takes it, shape (2, side, side): whole, and with local contrast evened out."""
    return as_input(patch)
