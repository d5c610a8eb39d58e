"""The picture of one bone end that the margin's network sees: in the bone's own frame, distal up."""

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.segment.frame import BoneFrame, sample_at

FloatArray = npt.NDArray[np.float64]
Array = npt.NDArray[np.float32]

ROWS, COLUMNS = 64, 96
"""Rows and columns of the picture."""
PITCH = 1 / 64
"""Widths from one row or column to the next (ours): the picture spans 1.5 widths across the bone."""
DISTAL = 0.45
"""Widths that the picture reaches beyond the chord (ours); the rest, 0.55, lies behind it."""
OFF_FILM = 5.0
"""Percentile of the picture that stands for what lies off the film (ours)."""


def places(rows: int, columns: int, pitch: float, distal: float) -> tuple[FloatArray, FloatArray]:
    """v (half widths) of every column and u (widths) of every row, both of pixel centres."""
    v = np.asarray(2 * pitch * (np.arange(columns) - (columns - 1) / 2))
    u = np.asarray(distal - pitch * (np.arange(rows) + 0.5))
    return v, u


def seen(pixels: Array, frame: BoneFrame, v: FloatArray, u: FloatArray) -> Array:
    """The film at a grid of places of the frame, softened first where the film is finer than the grid.

    Parameters
    ----------
    pixels : ndarray of shape (height, width), float32
    frame : BoneFrame
    v : ndarray of shape (columns,)
        Half widths, evenly spaced.
    u : ndarray of shape (rows,)
        Widths, evenly spaced.

    Returns
    -------
    ndarray of shape (rows, columns), float32
        Finite.
    """
    xy = frame.to_pixels(v[None, :], u[:, None])
    step = float(abs(u[1] - u[0])) * frame.width
    if step > 1.2:
        pixels, xy = _softened(pixels, xy, 0.4 * step)
    picture = sample_at(pixels, xy)
    off = ~np.isfinite(picture)
    if off.any():
        picture[off] = 0.0 if off.all() else np.percentile(picture[~off], OFF_FILM)
    return picture


def _softened(pixels: Array, xy: FloatArray, sigma: float) -> tuple[Array, FloatArray]:
    """The part of the film round the points after a Gaussian blur, and the points in it."""
    reach = 3 * sigma + 2
    low = np.maximum(np.floor(xy.min(axis=(0, 1)) - reach), 0).astype(int)
    high = np.ceil(xy.max(axis=(0, 1)) + reach).astype(int) + 1
    part = np.ascontiguousarray(pixels[low[1] : max(high[1], 2), low[0] : max(high[0], 2)])
    if part.size == 0:
        return pixels, xy
    return np.asarray(cv2.GaussianBlur(part, (0, 0), sigma), np.float32), xy - low
