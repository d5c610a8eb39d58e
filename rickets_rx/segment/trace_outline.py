"""The outline of a bone end: up one side of the shaft, across the margin, down the other side.

One curve rather than three edges, because rounded and collared ends have no point where the side stops being
a side. A template laid through the approximate corners is unrolled into a strip; the cheapest path through
the strip is the outline; the template is then replaced by the smoothed path and the search narrowed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.trace_path import Reach, half_crossings, shortest_path, valley_depth
from rickets_rx.segment.trace_strip import Strip, normals_of, resampled, sample_strip, smoothed
from rickets_rx.vocabulary import Bone

FloatArray = npt.NDArray[np.float64]

# Half the width of the bone (MW) at distances u (MW) proximal of the margin: rough, the search is wide
# (ours).
_SIDES: dict[Bone, tuple[tuple[float, float], ...]] = {
    Bone.RADIUS: ((0.34, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
    Bone.ULNA: ((0.34, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
    Bone.HUMERUS: ((0.2, -1.1), (0.24, -0.6), (0.38, -0.25), (0.5, 0.0)),
    Bone.RADIUS_PROXIMAL: ((0.36, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
    Bone.ULNA_PROXIMAL: ((0.36, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
}


@dataclass(frozen=True, eq=False)
class Outline:
    """Traced outline, from the proximal end of the corner1 side round to that of the corner2 side.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Pixels, at equal steps along the template.
    step : ndarray of shape (n,)
        Fall of density across the outline there over the bone's contrast; about 1 on a clear edge.
    on_film : ndarray of shape (n,), bool
        False where the search left the film.
    contrast : float
        Bone minus soft tissue around this end, units of the film.
    """

    points: FloatArray
    step: FloatArray
    on_film: npt.NDArray[np.bool_]
    contrast: float


@dataclass(frozen=True)
class Search:
    """One pass: how far to look to either side, and what to hold against a path (all lengths in MW, ours)."""

    inside: float
    outside: float
    blur: float
    along: float
    prior: float
    stiffness: float
    smooth: float


WIDE = Search(inside=0.28, outside=0.22, blur=0.02, along=0.03, prior=0.16, stiffness=2.0, smooth=0.06)
NARROW = Search(inside=0.12, outside=0.10, blur=0.012, along=0.012, prior=0.10, stiffness=1.0, smooth=0.03)


def template(frame: BoneFrame, bone: Bone, lean: float = 0.0) -> FloatArray:
    """A bone end of ordinary shape laid through the frame's corners, pixels, shape (n, 2).

    ``lean`` is how far the shaft goes aside, MW across per MW distally (see `cortex.lean_of`).
    """
    half = np.array(_SIDES[bone])
    x = np.concatenate([-half[:, 0], half[::-1, 0]])
    u = np.concatenate([half[:, 1], half[::-1, 1]])
    x = x + lean * u
    corners = frame.to_pixels(2 * x, u)
    step = frame.width * 0.0125
    return smoothed(resampled(corners, step), 0.04 * frame.width / step)


def trace_outline(
    pixels: npt.NDArray[np.float32], frame: BoneFrame, bone: Bone, *, lean: float = 0.0
) -> Outline:
    """Trace the outline of the bone end that the frame's corners roughly bound.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    frame : BoneFrame
        Corners may be off by about a tenth of the width and some degrees.
    bone : Bone

    Returns
    -------
    Outline
    """
    base = template(frame, bone, lean)
    for search in (WIDE, NARROW):
        outline = _one_pass(pixels, frame, base, search)
        step = float(np.hypot(*np.diff(outline.points, axis=0).T).mean())
        base = smoothed(resampled(outline.points, 0.0125 * frame.width), search.smooth * frame.width / step)
    return outline


def _one_pass(pixels: npt.NDArray[np.float32], frame: BoneFrame, base: FloatArray, search: Search) -> Outline:
    width = frame.width
    unit = max(0.5, 0.005 * width)
    offsets = np.arange(-round(search.inside * width / unit), round(search.outside * width / unit) + 1) * unit
    strip = sample_strip(pixels, base, normals_of(base, outside=frame.axis), offsets)
    contrast = contrast_of(strip.values)
    blur = search.blur * width / unit
    path = shortest_path(_cost(strip, contrast, width, search), 3, stiffness=search.stiffness * unit / width)
    calm = gaussian_filter1d(gaussian_filter1d(strip.values, 1.0, axis=0), 0.5 * blur, axis=1)
    reach = max(2, round(0.06 * width / unit))
    index, step = half_crossings(calm, path, Reach(reach, reach, 0.8))
    index = np.clip(index, path - reach / 2, path + reach / 2)
    on_film = strip.on_film[np.arange(len(path)), path]
    return Outline(strip.points(index), step / contrast, on_film, contrast)


def contrast_of(values: FloatArray) -> float:
    """Bone minus soft tissue in a strip: the 85th minus the 20th percentile, never 0 (ours)."""
    low, high = np.percentile(values, (20, 85))
    return float(max(high - low, 1e-6 * max(1.0, abs(float(high)))))


def _cost(strip: Strip, contrast: float, width: float, search: Search) -> FloatArray:
    """Low where density falls outwards, before any gap, near the template."""
    unit = float(strip.offsets[1] - strip.offsets[0])
    along = float(np.hypot(*np.diff(strip.base, axis=0).T).mean())
    calm = gaussian_filter1d(strip.values, search.along * width / along, axis=0)
    calm = gaussian_filter1d(calm, search.blur * width / unit, axis=1) / contrast
    # Fall per blur length: an ideal step gives about 0.4, whatever the blur; clipped so that the skin's edge
    # against air cannot outbid the bone's against flesh.
    fall = np.clip(-np.gradient(calm, axis=1) * search.blur * width / unit, -0.2, 0.4) / 0.4
    gap = np.clip((valley_depth(calm) - 0.06) / 0.3, 0, 1)
    away = (strip.offsets / width / search.prior) ** 2
    cost = -fall + 0.8 * gap + 0.15 * away[None, :]
    cost[~strip.on_film] = 0.5
    return np.asarray(cost)
