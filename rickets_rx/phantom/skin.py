"""The skin of a limb as one smooth outline, and how thick the flesh within it is."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.place import Pose, apply

Points = npt.NDArray[np.float64]
ROUNDING = 0.06
"""Skin follows its drawn parts within this share of the unit, so that where they meet there is a web and no
corner (ours)."""
DRAWN_WIDER = 0.7
"""Pixels by which OpenCV's antialiased filling oversteps an outline (measured)."""
CORE = 0.34
"""Share of the flesh in the middle that muscles and sinews add to a coat of skin and fat; set so that grey
by depth below the skin agrees with films (ours; fat attenuates 0.72 of muscle at 30 keV, NIST XCOM)."""
CORE_FLAT = 1.2
"""Exponent of the core's rounding: it rises almost evenly towards the middle (ours, after films)."""
TABLE = 2048
"""Entries of the table of a rounded section."""
COARSE = 12
"""Film pixels between two values of the slowly varying depth."""


@dataclass(frozen=True, eq=False)
class Skin:
    """What a hand and forearm fill.

    Parameters
    ----------
    parts : tuple of ndarray, shape (n, 2)
        Closed outlines, mm of the limb; the skin runs round all of them together.
    places : ndarray of shape (k, 2)
        Points within, mm, at which the flesh is known.
    depth : ndarray of shape (k,)
        Thickness of the flesh there, far from the skin's edge, mm.
    reach : ndarray of shape (k,)
        How far from its edge the flesh is that thick, mm: half of a finger's width.
    coat : ndarray of shape (k,)
        How deep below its edge fat ends and muscle begins, mm.
    unit : float
        Yardstick, mm.
    flat : float
        Exponent of the rounding: 2 an ellipse, more a flatter back.
    """

    parts: tuple[Points, ...]
    places: Points
    depth: npt.NDArray[np.float64]
    reach: npt.NDArray[np.float64]
    coat: npt.NDArray[np.float64]
    unit: float
    flat: float = 3.0
    roots: "Roots | None" = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x_low, y_low, x_high, y_high, mm."""
        points = np.concatenate(self.parts)
        low, high = points.min(0), points.max(0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@dataclass(frozen=True, eq=False)
class Roots:
    """Where fingers go on into the hand, thicker than the webs between them.

    Parameters
    ----------
    parts : tuple of ndarray, shape (n, 2)
        Closed outlines, mm of the limb.
    depth, reach : float
        Thickness in their middle, and how far from their edge they are that thick, mm.
    """

    parts: tuple[Points, ...]
    depth: float
    reach: float


def smooth_closed(points: npt.ArrayLike, rounds: int = 4) -> Points:
    """A closed curve without corners: corner cutting (Chaikin 1974), a quadratic B-spline in the limit.

    Parameters
    ----------
    points : array of shape (n, 2)

    Returns
    -------
    ndarray of shape (n * 2**rounds, 2)
    """
    out = np.asarray(points, float)
    for _ in range(rounds):
        after = np.roll(out, -1, axis=0)
        out = np.stack([0.75 * out + 0.25 * after, 0.25 * out + 0.75 * after], axis=1).reshape(-1, 2)
    return out


def tube(axis: npt.ArrayLike, halves: npt.ArrayLike, tip: float, count: int = 48) -> Points:
    """The outline of a finger: half widths along a bent axis, with a round end.

    Parameters
    ----------
    axis : array of shape (n, 2)
        From root to the end of the bone, mm.
    halves : array of shape (n, 2)
        Half widths to the left and right of it there, mm.
    tip : float
        How far flesh goes on beyond the axis, mm.

    Returns
    -------
    ndarray of shape (2 * count, 2)
    """
    line, wide = np.asarray(axis, float), np.asarray(halves, float)
    end = line[-1] + tip * (line[-1] - line[-2]) / np.hypot(*(line[-1] - line[-2]))
    line, wide = np.vstack([line, end]), np.vstack([wide, wide[-1]])
    way = np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    # Steps become finer towards the end, where the outline turns.
    s = way[-1] * np.sin(np.linspace(0, np.pi / 2, count))
    values = np.stack([np.interp(s, way, column) for column in (*line.T, *wide.T)], axis=1)
    for _ in range(6):
        values[1:-1] = 0.25 * values[:-2] + 0.5 * values[1:-1] + 0.25 * values[2:]
    along = np.gradient(values[:, :2], axis=0)
    along /= np.hypot(*along.T)[:, None] + 1e-9
    left = np.stack([-along[:, 1], along[:, 0]], axis=1)
    pulp = 1.08 * float(wide[-1].mean())
    off = np.clip((s - (way[-1] - pulp)) / pulp, 0, 1)
    round_off = np.sqrt(np.maximum(1 - off**2.3, 0))[:, None]
    sides = [values[:, :2] + sign * left * values[:, [k]] * round_off for sign, k in ((1, 2), (-1, 3))]
    return np.concatenate([sides[0], sides[1][::-1]])


def flesh_map(skin: Skin, pose: Pose, shape: tuple[int, int]) -> FloatArray:
    """Soft tissue along the beam, mm of muscle, shape (rows, columns), float32; 0 outside the skin.

    The whole and the core within its coat are rounded each for itself: steeply at the skin, then slowly.
    """
    inside = _depth_below_skin(skin, pose, shape)
    if touching(skin.parts[1:], 3 * ROUNDING * skin.unit):
        _part(inside, skin, pose)
    inside *= np.float32(pose.spacing_mm)
    depth, reach, coat = _slow(skin, pose, shape)
    whole = rounded(inside / reach, skin.flat)
    muscle = rounded((inside - coat) / (reach - coat), CORE_FLAT)
    flesh = depth * (np.float32(1 - CORE) * whole + np.float32(CORE) * muscle)
    if skin.roots is not None:
        _raise(flesh, skin.roots, pose, skin.flat)
    # A pixel at the edge sees the mean over its face.
    return np.asarray(cv2.GaussianBlur(flesh, (3, 3), 0.6), dtype=np.float32)


def _raise(flesh: FloatArray, roots: Roots, pose: Pose, flat: float) -> None:
    """The flesh, in place, as thick as the roots of the fingers where these are the thicker."""
    parts = [apply(pose.matrix(), part) for part in roots.parts]
    points = np.concatenate(parts)
    low = np.maximum(np.floor(points.min(0)) - 1, 0).astype(int)
    high = np.minimum(np.ceil(points.max(0)) + 2, flesh.shape[::-1]).astype(int)
    if (low >= high).any():
        return
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    for part in parts:
        cv2.fillPoly(mask, [np.round((part - low) * 16).astype(np.int32)], 1, shift=4)
    inside = np.maximum(cv2.distanceTransform(mask, cv2.DIST_L2, 5) - 0.5, 0) * np.float32(pose.spacing_mm)
    tubes = np.float32(roots.depth) * rounded(inside / np.float32(roots.reach), flat)
    window = flesh[low[1] : high[1], low[0] : high[0]]
    np.maximum(window, tubes, out=window)


def rounded(share: FloatArray, flat: float) -> FloatArray:
    """Thickness over that in the middle, 0-1, ``share`` of the way in from the edge (0-1, clipped).

    A table over the root of the share, since powers of every pixel are slow and thickness rises like a root.
    """
    x = cv2.sqrt(np.clip(share, 0, 1, dtype=np.float32)) * np.float32(TABLE - 1)
    row = _rounding(flat)
    return np.asarray(cv2.remap(row, x, np.zeros_like(x), cv2.INTER_LINEAR), dtype=np.float32)


@lru_cache(maxsize=64)
def _rounding(flat: float) -> FloatArray:
    """The table of `rounded`, shape (1, TABLE)."""
    root = np.linspace(0, 1, TABLE)
    table = (1 - (1 - root**2) ** flat) ** (1 / flat)
    return np.asarray(table.astype(np.float32)[None, :])


def _depth_below_skin(skin: Skin, pose: Pose, shape: tuple[int, int]) -> FloatArray:
    """Distance from the skin, film pixels, to a fraction of a pixel; 0 outside."""
    sigma = ROUNDING * skin.unit / pose.spacing_mm
    edge = int(4 * sigma) + 2
    mask = np.zeros((shape[0] + 2 * edge, shape[1] + 2 * edge), np.uint8)
    to_film = pose.matrix()
    for part in skin.parts:
        film = np.round((apply(to_film, part) + edge) * 16).astype(np.int32)
        cv2.fillPoly(mask, [film], 255, lineType=cv2.LINE_AA, shift=4)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(sigma, 0.5))
    # Near a straight edge the blurred mask is a normal distribution of the distance, here by its logistic
    # likeness (Bowling et al. 2009: argument 1.702).
    near = np.clip(soft, 0.02, 0.98)
    close = (max(sigma, 0.5) / 1.702) * np.log(near / (1 - near)) - np.float32(DRAWN_WIDER)
    # Whole pixels to the nearest one outside, and from that one's middle back to the skin.
    away, nearest = cv2.distanceTransformWithLabels(
        (close > 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    back = np.zeros(int(nearest.max()) + 1, np.float32)
    outside = close <= 0
    back[nearest[outside]] = np.maximum(close[outside], -1)
    # The blurred mask is the smoother of the two, but knows only what lies near the skin.
    share = np.clip(away / max(sigma, 0.5) - 0.8, 0, 1)
    distance = np.where(outside, 0, np.maximum(close + share * (away + back[nearest] - close), 0))
    inner = distance[edge : edge + shape[0], edge : edge + shape[1]]
    return np.ascontiguousarray(inner, dtype=np.float32)


def touching(digits: tuple[Points, ...], near: float) -> bool:
    """Whether neighbours among closed outlines from the thumb on, halfway along and further, come nearer to
    one another than ``near``, mm."""
    ends = [outline[len(outline) // 4 : -(len(outline) // 4)] for outline in digits[1:]]
    for one, other in pairwise(ends):
        if np.hypot(*(one[:, None] - other[None, :]).transpose(2, 0, 1)).min() < near:
            return True
    return False


def _part(inside: FloatArray, skin: Skin, pose: Pose) -> None:
    """Depth below the skin, film pixels, in place: outside the palm each finger has its own skin, also where
    it lies at another."""
    to_film = pose.matrix()
    parts = [np.round(apply(to_film, part) * 16).astype(np.int32) for part in skin.parts]
    own = np.zeros(inside.shape, np.uint8)
    for part in parts[1:]:
        cv2.fillPoly(own, [part], 1, shift=4)
    for part in parts[1:]:
        cv2.polylines(own, [part], True, 0, 1, cv2.LINE_8, 4)
    palm = np.zeros(inside.shape, np.uint8)
    cv2.fillPoly(palm, [parts[0]], 1, shift=4)
    away = np.asarray(cv2.distanceTransform(np.maximum(own, palm), cv2.DIST_L2, 5), np.float32)
    # Whole pixels to a line one pixel wide.
    np.copyto(inside, np.minimum(inside, away + np.float32(0.3)), where=palm == 0)


def _slow(skin: Skin, pose: Pose, shape: tuple[int, int]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Depth, reach and coat (mm) over the film, weighted by the inverse fourth power of distance (Shepard
    1968)."""
    rows, columns = (n // COARSE + 3 for n in shape)
    places = apply(pose.matrix(), skin.places)
    x = (np.arange(columns, dtype=np.float32) - 1) * COARSE
    y = (np.arange(rows, dtype=np.float32) - 1) * COARSE
    unit = skin.unit / pose.spacing_mm
    away = ((x[None, :, None] - places[:, 0].astype(np.float32)) / unit) ** 2 + (
        (y[:, None, None] - places[:, 1].astype(np.float32)) / unit
    ) ** 2
    weight = 1 / (away + np.float32(0.02)) ** 2
    values = np.stack([skin.depth, skin.reach, skin.coat], axis=1).astype(np.float32)
    coarse = (weight @ values) / weight.sum(axis=2)[..., None]
    grid = np.array([[COARSE, 0, -COARSE], [0, COARSE, -COARSE]], float)
    size = (shape[1], shape[0])
    fine = cv2.warpAffine(coarse, grid, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    depth, reach, coat = (np.asarray(layer, np.float32) for layer in cv2.split(fine))
    return depth, reach, coat
