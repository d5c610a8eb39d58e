"""The outline of a bone end: up one side of the shaft, across the margin, down the other side.

One curve rather than three edges, because rounded and collared ends have no point where the side stops being
a side. A template laid through the approximate corners is unrolled into a strip; the cheapest path through
the strip is the outline; the template is then replaced by the smoothed path and the search narrowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.quantiles import medians, quantile_of_sorted
from rickets_rx.radiograph import FloatImage
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.trace_filter import blurred
from rickets_rx.segment.trace_path import GAP, Reach, half_crossings, shortest_path, valley_depth
from rickets_rx.segment.trace_strip import Strip, normals_of, resampled, sample_strip, smoothed
from rickets_rx.vocabulary import Bone

FloatArray = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]

# Half the width of the bone (MW) at distances u (MW) proximal of the margin: rough, the search is wide
# (ours).
_SIDES: dict[Bone, tuple[tuple[float, float], ...]] = {
    Bone.RADIUS: ((0.34, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
    Bone.ULNA: ((0.34, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
    Bone.HUMERUS: ((0.2, -1.1), (0.24, -0.6), (0.38, -0.25), (0.5, 0.0)),
    Bone.RADIUS_PROXIMAL: ((0.36, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
    Bone.ULNA_PROXIMAL: ((0.36, -1.1), (0.38, -0.6), (0.44, -0.25), (0.5, 0.0)),
}


# Most that the contrast of a strip exceeds that within its profiles: 3.1 and 1.7 on real films, 4.5-9 where a
# field's border crosses the strip (ours).
WIDE_SPREAD, NARROW_SPREAD = 3.2, 1.75
# Quantiles of a strip that stand for flesh and for bone (ours).
SPREAD = (0.2, 0.85)
# How far inside an edge density is asked for, MW, and the share of the outline that is not shaft (ours).
SKIN, SIDE_SHARE = 0.04, 0.45


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
    """One pass: how far to look to either side, and what to hold against a path (all lengths in MW, ours).

    ``shaft`` says that the strip begins and ends along the sides of a shaft.
    """

    inside: float
    outside: float
    blur: float
    along: float
    prior: float
    stiffness: float
    smooth: float
    shaft: bool = False


WIDE = Search(
    inside=0.28, outside=0.22, blur=0.02, along=0.03, prior=0.16, stiffness=2.0, smooth=0.06, shaft=True
)
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


def trace_outline(pixels: FloatImage, frame: BoneFrame, bone: Bone, leans: Sequence[float]) -> Outline:
    """Trace the outline of the bone end that the frame's corners roughly bound.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    frame : BoneFrame
        Corners may be off by about a tenth of the width and some degrees.
    bone : Bone
    leans : sequence of float
        Directions of the shaft to try; the one along which most edge is found is taken.

    Returns
    -------
    Outline
    """
    tries = [_one_pass(pixels, frame, template(frame, bone, lean), WIDE) for lean in leans]
    # All in units of one contrast, else a strip full of air would count for more.
    outline = max(tries, key=lambda t: _edge_found(t.step * t.contrast / tries[0].contrast))
    step = float(np.hypot(*np.diff(outline.points, axis=0).T).mean())
    smooth = WIDE.smooth * frame.width / step
    return _one_pass(pixels, frame, smoothed(resampled(outline.points, 0.0125 * frame.width), smooth), NARROW)


def _edge_found(step: FloatArray) -> float:
    """Mean fall across an outline, a strong edge counting no more than a clear one."""
    return float(np.minimum(step, 0.6).mean())


def _one_pass(pixels: FloatImage, frame: BoneFrame, base: FloatArray, search: Search) -> Outline:
    width = frame.width
    normals = normals_of(base, outside=frame.axis)
    strip = sample_strip(pixels, base, normals, strip_offsets(width, search))
    contrast = contrast_of(strip.values, WIDE_SPREAD if search.shaft else NARROW_SPREAD)
    index, step, path = edge_in_strip(strip, search, width=width, contrast=contrast)
    on_film = strip.on_film[np.arange(len(path)), path]
    return Outline(strip.points(index), step, on_film, contrast)


def strip_offsets(width: float, search: Search) -> FloatArray:
    """Offsets across a strip, pixels: steps of 0.5 px or 0.005 MW, whichever is longer (ours)."""
    unit = max(0.5, 0.005 * width)
    steps = np.arange(-round(search.inside * width / unit), round(search.outside * width / unit) + 1)
    return np.asarray(steps * unit, np.float64)


def edge_in_strip(
    strip: Strip, search: Search, *, width: float, contrast: float
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
    """The bone's outer edge along a strip.

    Parameters
    ----------
    strip : Strip
    search : Search
    width : float
        MW, pixels.
    contrast : float
        Bone minus soft tissue, units of the film.

    Returns
    -------
    index : ndarray of shape (n,)
        Fractional offset index of the 50 % level.
    step : ndarray of shape (n,)
        Fall across the edge over ``contrast``.
    path : ndarray of shape (n,), intp
        The steepest-fall path that the 50 % level was looked for around.
    """
    unit = float(strip.offsets[1] - strip.offsets[0])
    path = shortest_path(_cost(strip, contrast, width, search), 3, stiffness=search.stiffness * unit / width)
    calm = blurred(strip.values, 1.0, 0.5 * search.blur * width / unit)
    reach = max(2, round(0.06 * width / unit))
    index, step = half_crossings(calm, path, Reach(reach, reach, 0.8))
    return np.clip(index, path - reach / 2, path + reach / 2), step / contrast, path


def contrast_of(values: npt.NDArray[np.floating], most: float = np.inf) -> float:
    """Bone minus soft tissue in a strip: the 85th minus the 20th percentile, never 0 (ours).

    At most ``most`` times what the same is within single profiles (their median): where the edge of the film
    or of its field crosses the strip, its white or black is no bone and no tissue.
    """
    low, high = (float(quantile_of_sorted(np.sort(values, axis=None), share)) for share in SPREAD)
    rows = np.sort(values, axis=1)
    within = float(medians(quantile_of_sorted(rows, SPREAD[1]) - quantile_of_sorted(rows, SPREAD[0])))
    return float(max(min(high - low, most * within), 1e-6 * max(1.0, abs(float(high)))))


def _cost(strip: Strip, contrast: float, width: float, search: Search) -> Picture:
    """Low where density falls outwards, before any gap, near the template."""
    unit = float(strip.offsets[1] - strip.offsets[0])
    along = float(np.hypot(*np.diff(strip.base, axis=0).T).mean())
    calm = blurred(strip.values, search.along * width / along, search.blur * width / unit)
    calm = calm / np.float32(contrast)
    # Fall per blur length: an ideal step gives about 0.4, whatever the blur.
    fall = np.clip(-np.gradient(calm, axis=1) * search.blur * width / unit, -0.2, 0.4) / 0.4
    gap = np.clip((valley_depth(calm) - GAP) / 0.3, 0, 1)
    if search.shaft:
        gap = np.maximum(gap, _sunk(calm, strip.offsets / width))
    away = (0.15 * (strip.offsets / width / search.prior) ** 2).astype(np.float32)
    cost = 0.8 * gap - fall + away
    cost[~strip.on_film] = 0.5
    return np.asarray(cost, np.float32)


def _sunk(calm: Picture, t: FloatArray) -> Picture:
    """How far density just inside each place has sunk from bone to flesh, 0-1; 0 along the margin.

    An edge that begins from flesh is the skin's or a shadow's. At the margin a lucent zone may be as faint.
    """
    bone = float(medians(calm[:, (t < -0.04) & (t > -0.15)].ravel()))
    flesh = float(medians(medians(calm[:, (t > 0.05) & (t < 0.15)])))
    inner = max(1, int(np.searchsorted(t, t[0] + SKIN)))
    share = (bone - calm) * np.float32(1 / max(bone - flesh, 1e-3))
    share = np.clip((share - 0.85) / 0.3, 0, 1)
    share[np.abs(np.linspace(-1, 1, len(calm))) <= SIDE_SHARE] = 0.0
    sunk = np.repeat(share[:, :1], share.shape[1], axis=1)
    sunk[:, inner:] = share[:, :-inner]
    return sunk
