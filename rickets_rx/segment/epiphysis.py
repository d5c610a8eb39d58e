"""The epiphysis: the bright island just distal of the margin, where it is ossified."""

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.radiograph import FloatImage
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.margin import Margin
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.trace_filter import blurred
from rickets_rx.segment.trace_outline import Search, edge_in_strip, strip_offsets
from rickets_rx.segment.trace_strip import normals_of, resampled, sample_strip, smoothed
from rickets_rx.vocabulary import Bone

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Lengths in MW, all ours.
HALF_WIDTH = 0.75  # window to either side of the axis
REACH = 0.85  # and distally
SEED = (0.03, 0.33)  # an epiphysis begins within this distance of the margin; carpals begin further out
TOP = 0.6  # it ends before this distance
OPENING = 0.55  # background: wider than an epiphysis is thick
LINE_WIDTH, LINE_THICKNESS = 0.75, 0.12  # a zone that stands apart
LINE_STRAYS = 0.1  # variation of its distance from the margin, 10th to 90th percentile
LINE_LEAVES = 0.35  # and the share of its density over flesh that may be left behind it
CALM = 0.015  # smoothing before anything is looked for
NECKS = (0.05, 0.12)  # openings that cut an island from its neighbours; what the first removes is none
FAINTEST = 0.18  # density over soft tissue, share of the metaphysis', below which nothing is ossified
FAINTEST_OVER = 0.12  # the same of a traced island over its surroundings
SOLID = 0.8  # share of its hull that a faint island fills
CERTAIN = 0.45  # and above which something is ossified, whether or not its outline is found
RING = 8  # hundredths of MW: surroundings that an epiphysis is held against
SMALLEST = 0.006  # area, MW squared
LEVELS = (0.35, 0.45, 0.55, 0.65, 0.75)
AROUND = Search(inside=0.12, outside=0.16, blur=0.015, along=0.02, prior=0.14, stiffness=2.0, smooth=0.03)
CLOSER = Search(inside=0.06, outside=0.06, blur=0.01, along=0.01, prior=0.1, stiffness=2.0, smooth=0.02)

NOT_OSSIFIED, NOT_FOUND, OFF_FILM = "epiphysis_not_ossified", "epiphysis_not_found", "off_film"


def find_epiphysis(
    pixels: FloatImage, frame: BoneFrame, margin: Margin, *, contrast: float, bone: Bone
) -> tuple[FloatArray | None, str | None]:
    """Outline of the epiphysis in pixels, or None and why.

    Density over the local background (a grey opening wider than an epiphysis is thick) is thresholded, the
    level raised until the island stands alone, and the edge of bone then traced around the island's hull.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    frame : BoneFrame
    margin : Margin
    contrast : float
        Bone minus soft tissue, units of the film.
    bone : Bone
        Of the humerus the lateral half only: the ulna lies over the other.

    Returns
    -------
    outline : ndarray of shape (k, 2), optional
        Closed, without repeated end point.
    reason : str, optional
        ``epiphysis_not_ossified``, ``epiphysis_not_found`` (something is there but does not stand alone) or
        ``off_film``.
    """
    unit = max(0.5, 0.008 * frame.width) / frame.width
    x = np.arange(-HALF_WIDTH, HALF_WIDTH + unit / 2, unit)
    u = np.arange(-0.1, REACH + unit / 2, unit)
    raw = frame.sample(pixels, 2 * x, u)
    h = np.interp(2 * x, margin.v, margin.outer)
    distance = u[:, None] - h[None, :]
    medial = 0.0 if bone is Bone.HUMERUS else -0.5
    seed = (distance > SEED[0]) & (distance < SEED[1]) & ((x > medial) & (x < 0.5))[None, :]
    if not np.isfinite(raw[seed]).mean() > 0.8:
        return None, OFF_FILM
    # What an island may not reach: the sides of the window, and on the humerus the ulna's side.
    fence = np.zeros(raw.shape, bool)
    fence[:, [0, -1]] = True
    fence[:, x < medial - 0.25] = True
    fence |= distance > TOP
    image = np.where(np.isfinite(raw), raw, np.nanmin(raw))
    density = _over_background(image, distance, unit) / np.float32(contrast)
    peak = float(np.percentile(density[seed], 97))
    if peak < FAINTEST:
        return None, NOT_OSSIFIED
    island = _island(density * (distance > 0.01), seed, fence, peak, unit)
    if island is None:
        return None, NOT_FOUND
    contour = max(cv2.findContours(island, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
    hull = cv2.convexHull(contour)[:, 0, :].astype(float)
    start = frame.to_pixels(2 * (x[0] + hull[:, 0] * unit), u[0] + hull[:, 1] * unit)
    outline = _traced(pixels, frame, start, contrast)
    over = _over_surroundings(pixels, frame, outline, margin) / contrast
    if over < (FAINTEST_OVER if _solidity(outline) > SOLID else CERTAIN / 2):
        return None, NOT_OSSIFIED if peak < CERTAIN else NOT_FOUND
    return _outside(outline, frame, margin), None


def is_zone_line(
    pixels: FloatImage, frame: BoneFrame, island: FloatArray, margin: Margin, *, flesh: float
) -> bool:
    """Whether an island is a zone of calcification that stands apart from its metaphysis, not an epiphysis.

    Such a line spans the bone (0.75 MW), is thin (at most 0.12 MW), runs along the margin (its distance
    varies by no more than 0.1 MW), and flesh follows it: else it is a rim of an epiphysis. All ours.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    frame : BoneFrame
    island : ndarray of shape (k, 2)
        Closed outline without repeated end point, pixels.
    margin : Margin
        As found without the island.
    flesh : float
        Density of soft tissue beside the bone, units of the film.
    """
    outline = frame.from_pixels(island)
    if np.ptp(outline[:, 0]) / 2 < LINE_WIDTH:
        return False
    v = np.linspace(-0.6, 0.6, 25)
    near, far = near_edge(outline, v), -near_edge(outline * [1, -1], v)
    if not np.isfinite(near).all() or np.median(far - near) > LINE_THICKNESS:
        return False
    apart = np.percentile((near + far) / 2 - np.interp(v, margin.v, margin.h), (10, 90))
    if np.ptp(apart) > LINE_STRAYS:
        return False
    inside = sample_at(pixels, frame.to_pixels(v, (near + far) / 2))
    behind = sample_at(pixels, frame.to_pixels(v[:, None], far[:, None] + np.arange(0.03, 0.125, 0.015)))
    left = np.median(np.median(behind, axis=1) - flesh)
    return bool(left < LINE_LEAVES * np.median(inside - flesh))


def far_edge(outline: FloatArray, frame: BoneFrame) -> FloatArray:
    """The distal edge of an island between the corners, pixels, shape (n, 2)."""
    v = np.linspace(-0.9, 0.9, 73)
    u = -near_edge(frame.from_pixels(outline) * [1, -1], v)
    return frame.to_pixels(v[np.isfinite(u)], u[np.isfinite(u)])


def _traced(pixels: FloatImage, frame: BoneFrame, hull: FloatArray, contrast: float) -> FloatArray:
    """The closed edge of bone around a hull, pixels: two passes, each unrolled twice so that it closes."""
    around = hull
    for search in (AROUND, CLOSER):
        loop = resampled(np.concatenate([around, around[:1]]), 0.0125 * frame.width)[:-1]
        count = len(loop)
        order = np.arange(-count // 2, count + count // 2) % count
        base = smoothed(loop[order], search.smooth / 0.0125)
        away = base - loop.mean(axis=0)
        normals = normals_of(base, outside=away[len(base) // 2])
        strip = sample_strip(pixels, base, normals, strip_offsets(frame.width, search))
        index, _, _ = edge_in_strip(strip, search, width=frame.width, contrast=contrast)
        middle = slice(count - count // 2, 2 * count - count // 2)
        around = strip.points(index)[middle]
    return around


def _over_surroundings(pixels: FloatImage, frame: BoneFrame, outline: FloatArray, margin: Margin) -> float:
    """Mean density inside a closed outline minus that of the ring around it, distal of the margin.

    Means, because the steepest path through mere noise shows a fall as well.
    """
    unit = 0.01
    x = np.arange(-HALF_WIDTH, HALF_WIDTH, unit)
    u = np.arange(-0.1, REACH, unit)
    vu = frame.from_pixels(outline)
    corners = np.stack([(vu[:, 0] / 2 - x[0]) / unit, (vu[:, 1] - u[0]) / unit], axis=1)
    inside = cv2.fillPoly(np.zeros((len(u), len(x)), np.uint8), [np.round(corners).astype(np.int32)], 1)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RING + 1, 2 * RING + 1))
    gap = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    ring = (cv2.dilate(inside, disk) > 0) & (cv2.dilate(inside, gap) == 0)
    beyond = u[:, None] > np.interp(2 * x, margin.v, margin.outer)[None, :] + 0.03
    image = frame.sample(pixels, 2 * x, u)
    seen = beyond & np.isfinite(image)
    if not (seen & ring).any() or not (seen & (inside > 0)).any():
        return 0.0
    return float(image[seen & (inside > 0)].mean() - image[seen & ring].mean())


def _solidity(outline: FloatArray) -> float:
    """Share of its own convex hull that an outline fills; paths through noise are ragged."""
    points = outline.astype(np.float32)
    return float(cv2.contourArea(points) / max(cv2.contourArea(cv2.convexHull(points)), 1e-9))


def _outside(outline: FloatArray, frame: BoneFrame, margin: Margin) -> FloatArray:
    """The outline kept distal of the margin: where both overlap on the film the epiphysis starts there."""
    vu = frame.from_pixels(outline)
    return frame.to_pixels(vu[:, 0], np.maximum(vu[:, 1], np.interp(vu[:, 0], margin.v, margin.h)))


def _over_background(image: FloatImage, distance: FloatArray, unit: float) -> FloatImage:
    """Density over soft tissue, distal of the margin; 0 on the metaphysis."""
    calm = blurred(image, max(0.6, CALM / unit), max(0.6, CALM / unit))
    beyond = distance > 0.01
    # The metaphysis must not count as background nor as island: give it the lowest value beyond it.
    open_ground = np.where(beyond, calm, np.percentile(calm[beyond], 5)).astype(np.float32)
    size = round(OPENING / unit) | 1
    kernel = np.ones((size, size), np.uint8)
    ground = cv2.morphologyEx(calm, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
    ground = np.minimum(ground, cv2.blur(ground, (size, size)))
    return np.asarray(np.where(beyond, open_ground - ground, 0.0), np.float32)


def _island(
    density: FloatImage, seed: BoolArray, fence: BoolArray, peak: float, unit: float
) -> npt.NDArray[np.uint8] | None:
    """The component that begins at the seed zone and stands alone, at the first level at which it does."""
    for level in LEVELS:
        bright = (density > level * peak).astype(np.uint8)
        for neck in NECKS:
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, round(neck / unit) | 1),) * 2)
            island = _alone(np.asarray(cv2.morphologyEx(bright, cv2.MORPH_OPEN, kernel)), seed, fence, unit)
            if island is not None:
                return island
    return None


def _alone(
    bright: npt.NDArray[np.generic], seed: BoolArray, fence: BoolArray, unit: float
) -> npt.NDArray[np.uint8] | None:
    """The component with most of the seed zone, None where it is small or reaches the fence."""
    count, labels = cv2.connectedComponents(np.asarray(bright, np.uint8), connectivity=4)
    sizes = np.bincount(labels[seed], minlength=count)
    sizes[0] = 0
    best = int(np.argmax(sizes))
    part = labels == best
    if sizes[best] * unit**2 < SMALLEST or (part & fence).any():
        return None
    return part.astype(np.uint8) if sizes[best] > 0.4 * part.sum() else None
