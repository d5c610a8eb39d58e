"""Gap: thickness of the physis between margin and epiphysis."""

import numpy as np
import numpy.typing as npt

from rickets_rx.features.common import COARSEST, EvenMargin, even_margin, references
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import FloatImage, Radiograph
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace_filter import blurred
from rickets_rx.segment.trace_path import shortest_path

FloatArray = npt.NDArray[np.float64]

NARROWEST = 0.5  # width of an epiphysis (MW) below which it is a nucleus and no physis is bounded (contract)
TOO_SMALL = "epiphysis_too_small"
NOT_FOUND = "epiphysis_not_found"

# Lengths in MW, all ours.
HALF_WIDTH, STEP = 0.45, 0.01  # where the epiphysis' near face is looked for across the bone
BEHIND, BEYOND, FINE = 0.1, 0.6, 0.005  # and along it, from the smoothed margin
ALONG, ACROSS, EDGE = 0.03, 0.006, 0.01  # smoothing along the face and across it; scale of its rise
INSET = 0.03  # the face lies at least this far before the epiphysis' far edge
PLATEAU = 0.06  # stretch beyond the face that holds the epiphysis' own density
FAINTEST = 0.12  # rise, share of the metaphysis over soft tissue, below which there is no face
OVERLAPS = 0.02  # an outline that begins this near, with no face, lies over the margin: gap 0
LEAST_SEEN = 0.25  # share of the columns that must show a face
NEXT = (0.01, 0.05)  # stretch behind the margin whose median is the density of bone there
PLATE = 0.03  # stretch behind the epiphysis' face whose median is its density
NARROW = (0.05, 0.10)  # gaps up to which missing bone counts as much as distance, and from which not at all
STIFFNESS = 6.0  # cost of 1 MW of face running along u


@register(gap=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Gap from margin to epiphysis along u, MW; overlap counts as 0, which is not closure.

    The median distance; below 0.10 MW, to a face that the network saw, up to half of it is the bone that is
    missing between the two (`NARROW`).

    Null with the reason of the missing epiphysis, or ``epiphysis_too_small`` where it is narrower than 0.5
    MW. Measured to the near face of the epiphysis: as the margin's network saw it where it was sure, else as
    the rise of density shows it, else to the outline.
    """
    if bone.near_face is not None:
        return {"gap": FeatureValue(_of_seen_face(radiograph, bone, bone.near_face))}
    if bone.epiphysis is None:
        return {"gap": FeatureValue(None, bone.epiphysis_reason or NOT_FOUND)}
    outline = bone.frame.from_pixels(bone.epiphysis)
    if np.ptp(outline[:, 0]) / 2 < NARROWEST:
        return {"gap": FeatureValue(None, TOO_SMALL)}
    margin = even_margin(bone)
    traced = _to_face(radiograph, bone, outline, margin)
    distance = to_outline(outline, margin) if traced is None else traced
    seen = np.isfinite(distance)
    if not seen.any():
        return {"gap": FeatureValue(None, NOT_FOUND)}
    return {"gap": FeatureValue(float(np.median(np.maximum(distance[seen], 0.0))))}


def _of_seen_face(radiograph: Radiograph, bone: Metaphysis, near_face: FloatArray) -> float:
    """Median distance from the smoothed margin to the near face as it was seen, MW; 0 where they overlap.

    A narrow physis is as wide as the blur of its edges, and reading them errs by that. So up to `NARROW` the
    mean of the distance and of what bone is missing there is taken, from there on the distance alone.
    """
    margin = even_margin(bone)
    v, u = bone.frame.from_pixels(near_face).T
    h = np.interp(v / 2, margin.x, margin.smooth(COARSEST))
    distance = float(np.median(np.maximum(u - h, 0.0)))
    share = 0.5 * np.clip((NARROW[1] - distance) / (NARROW[1] - NARROW[0]), 0.0, 1.0)
    scale = references(radiograph, bone) if share > 0 and distance > 0 else None
    if scale is None:
        return distance
    depth = np.arange(-NEXT[1], max(float((u - h).max()), 0.0) + NEXT[1], FINE)
    missing = missing_bone(_columns(radiograph.pixels, bone.frame, v / 2, h, depth), depth, u - h, scale.soft)
    return distance if missing is None else float((1 - share) * distance + share * missing)


def missing_bone(density: FloatImage, depth: FloatArray, face: FloatArray, soft: float) -> float | None:
    """Median width of physis without any bone that would leave as much density out as the real one does, MW.

    Blur moves density from bone into the physis between, and takes none away: between two bones of one
    density D the integral of (D - density) / (D - soft tissue) is the gap, however blurred the film is. D is
    that next to the margin up to the darkest place, and that of the epiphysis beyond it (ours).

    Parameters
    ----------
    density : ndarray of shape (columns, d)
        NaN off the film.
    depth : ndarray of shape (d,)
        MW from the margin, `FINE` apart.
    face : ndarray of shape (columns,)
        Depth at which the epiphysis begins.
    soft : float
        Density of soft tissue.

    Returns
    -------
    float, optional
        None where under a quarter of the columns lie on the film and are denser than soft tissue.
    """
    known = np.isfinite(density).all(axis=1)
    if not known.any():
        return None
    seen, face = np.asarray(density[known], np.float32), face[known, None]
    within = (depth > -NEXT[0]) & (depth < np.maximum(face, 0.0))
    darkest = np.where(within, blurred(seen, 1.5, 1.0), np.inf).argmin(axis=1)
    before = np.median(seen[:, depth < -NEXT[0]], axis=1)
    after = np.nanmedian(np.where((depth > face) & (depth < face + PLATE), seen, np.nan), axis=1)
    dense = np.minimum(before, after) > soft
    if dense.sum() < LEAST_SEEN * len(density):
        return None
    level = np.where(np.arange(len(depth)) < darkest[:, None], before[:, None], after[:, None])[dense]
    left_out = np.where(within[dense], (level - seen[dense]) / (level - soft), 0.0).sum(axis=1)
    return max(float(np.median(left_out)) * FINE, 0.0)


def to_outline(outline: FloatArray, margin: EvenMargin) -> FloatArray:
    """Distance (MW) from the margin to an outline (k, 2) in (v, u), NaN where there is none beyond it."""
    return near_edge(outline, 2 * margin.x) - margin.h


def _to_face(
    radiograph: Radiograph, bone: Metaphysis, outline: FloatArray, margin: EvenMargin
) -> FloatArray | None:
    """Distance of the near face in every column, NaN where none is seen; None where too little is.

    An island's outline may take in part of the physis, or only part of the epiphysis; the rise of density
    beyond the physis is seen even so.
    """
    scale = references(radiograph, bone)
    if scale is None:
        return None
    x = np.arange(-HALF_WIDTH, HALF_WIDTH + STEP / 2, STEP)
    smooth = np.interp(x, margin.x, margin.smooth(COARSEST))
    depth = np.arange(-BEHIND, BEYOND, FINE)
    density = _columns(radiograph.pixels, bone.frame, x, smooth, depth)
    near, far = near_edge(outline, 2 * x) - smooth, -near_edge(outline * [1, -1], 2 * x) - smooth
    seen = np.isfinite(far) & np.isfinite(density).all(axis=1)
    contrast = float(np.nanmedian(density[:, depth < -OVERLAPS])) - scale.soft
    if contrast <= 0 or not seen.any():
        return None
    calm = blurred(np.nan_to_num(density), ALONG / STEP, ACROSS / FINE)
    face = _face(calm, depth, np.where(seen, far - INSET, BEYOND), contrast, scale.soft)
    face = np.where(np.isnan(face) & (near <= OVERLAPS), 0.0, face)
    # The face is counted from the margin itself, where that is not the smoothed one.
    distance = np.where(seen, face + smooth - np.interp(x, margin.x, margin.h), np.nan)
    return distance if np.isfinite(distance).mean() >= LEAST_SEEN else None


def _columns(
    pixels: FloatImage, frame: BoneFrame, x: FloatArray, start: FloatArray, depth: FloatArray
) -> FloatImage:
    """Columns of the film along u, shape (x, depth), each counted from ``start``."""
    return sample_at(pixels, frame.to_pixels(2 * x[:, None], start[:, None] + depth))


def _face(calm: FloatImage, depth: FloatArray, limit: FloatArray, contrast: float, soft: float) -> FloatArray:
    """Depth at which each column rises through half of the epiphysis; NaN where it hardly rises.

    Half of its density over what lies before it. The blur of both edges fills a narrow physis, so that is
    taken midway between the lowest density seen there and the soft tissue beside the bone (ours).
    """
    rise = np.gradient(blurred(calm, 0.0, EDGE / FINE), axis=1) * (2 * EDGE / FINE) / contrast
    cost = -np.clip(rise, -0.1, 0.4) / 0.4 + 0.1 * (depth / 0.3) ** 2
    cost[(depth > limit[:, None]) | (depth < 0)] = 1.0
    zero, at = int(np.searchsorted(depth, 0.0)), np.arange(len(depth))
    path = np.maximum(shortest_path(cost.astype(np.float32), 3, stiffness=STIFFNESS * FINE), zero)[:, None]
    before = np.where((at >= zero) & (at <= path), calm, np.inf)
    lowest, valley = before.argmin(axis=1)[:, None], before.min(axis=1)
    top = np.where((at >= path) & (at < path + round(PLATEAU / FINE)), calm, -np.inf).max(axis=1)
    half = (top + (valley + soft) / 2) / 2
    passed = (calm >= half[:, None]) & (at >= lowest)
    index = passed.argmax(axis=1)
    rows = np.arange(len(calm))
    here, last = calm[rows, index], calm[rows, np.maximum(index - 1, 0)]
    share = np.where(here > last, (here - half) / np.where(here > last, here - last, 1.0), 0.0)
    face = depth[index] - FINE * np.clip(share, 0.0, 1.0) * (index > lowest[:, 0])
    return np.where((top - valley >= FAINTEST * contrast) & passed.any(axis=1), face, np.nan)
