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
    at = (np.arange(side) + 0.5) / side * 2 - 1
    pixels, step = radiograph.pixels, 2 * half / side * frame.width
    xy = frame.to_pixels((2 * across * at)[None, :], (middle - half * at)[:, None])
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
