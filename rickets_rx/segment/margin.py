"""The margin of a metaphysis: h(v), the 50 % line, column by column in the bone's own frame."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_opening, gaussian_filter1d, grey_closing

from rickets_rx.quantiles import medians
from rickets_rx.radiograph import FloatImage
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.trace_filter import blurred
from rickets_rx.segment.trace_path import GAP, Reach, half_crossings, shortest_path, valley_depth

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

# Lengths in MW, all ours.
REACH = 0.16  # how far the margin may lie from the outline's first tracing of it
LEAVES, PARTS = 0.08, 0.04  # scale of leaving that tracing, and of a zone line that stands apart
INSIDE = 0.12  # bone behind the margin that a gap is told against
BLUR = 0.008  # smoothing across the margin for its 50 % level
FINE, COARSE = 0.01, 0.035  # scales of its fall of density
EDGE_INNER = 0.12  # bone taken as "its density"
SHARPEN = 0.04  # how far the 50 % level may lie from the steepest fall
EDGE_OUTER = 0.10  # how far beyond the edge the physis is looked for
STIFFNESS = 5.0  # cost of 1 MW of margin running along u
CLEAR_STEP = 0.25  # fall across the margin, share of the bone's contrast, below which there is no edge
SHORTEST_RUN = 0.08  # an edge shorter than this between stretches without one is none
OUTER_LEVEL = 0.25  # density still called bone when the envelope is drawn
ENVELOPE_GAP = 0.06  # the envelope leaves the margin for faint bone only this far out
COMB = 0.15  # widest gap between the teeth of a comb that the envelope bridges
COMB_DEPTH = 0.03  # and the shallowest
STRAYS = 0.06  # MW: an edge further beyond where the search saw a hardly seen margin is another bone's
FADES = 0.2  # MW along the margin over which an edge tells of the stretch beside it
SURE, SURE_WITHIN = 0.7, (0.01, 0.03)  # how closely a line seen by the network is kept: times its spread, MW
WHOLE = (0.15, 0.45)  # behind the margin the bone is whole, also where disease thinned its end
NEXT = 0.7  # share of the bone next to the margin in "its density", the rest is that of the whole bone
AVERAGED = 0.02  # length along the margin over which grain is averaged where the margin is one smooth line
SMOOTH = (0.015, 0.017)  # the network's spread up to which it is one, and from which it may be a comb
NEARBY = 0.03  # length along the margin over which that spread is averaged
TREND, MEET = 0.1, 0.5  # length and share of the way by which edges give in to the network's course
COLUMNS_END = 0.95  # columns nearer to the corners than this run along the side cortex


@dataclass(frozen=True, eq=False)
class Margin:
    """The margin in the bone's frame, corner to corner.

    Parameters
    ----------
    v, h : ndarray of shape (n,)
        Half widths, ascending from -1 to 1; widths, positive distally. ``h`` is 0 at both corners.
    outer : ndarray of shape (n,)
        Envelope, at least ``h``.
    clean : ndarray of shape (n,), bool
        False where no edge was found and ``h`` is bridged.
    step : ndarray of shape (n,)
        Fall across the margin over the bone's contrast.
    on_film : bool
    """

    v: FloatArray
    h: FloatArray
    outer: FloatArray
    clean: BoolArray
    step: FloatArray
    on_film: bool


def find_margin(
    pixels: FloatImage, frame: BoneFrame, outline: FloatArray, *, contrast: float, past_gaps: bool = False,
    spread: FloatArray | None = None,
) -> Margin:  # fmt: skip
    """Find the 50 % line between the corners of ``frame``.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    frame : BoneFrame
        Refined corners.
    outline : ndarray of shape (n, 2)
        The traced outline between the corners, pixels: the search stays within ``REACH`` of it.
    contrast : float
        Bone minus soft tissue, units of the film.
    past_gaps : bool
        The margin may lie beyond a gap in the bone (a zone that stands apart from its metaphysis).
    spread : ndarray of shape (n,), optional
        Standard deviation of every point of ``outline``, widths, where it is not a first tracing but what the
        margin's network saw: the search is held to it as closely as that was sure, and stretches without edge
        lie on it.
    """
    unit = max(0.5, 0.005 * frame.width) / frame.width
    v = np.linspace(-COLUMNS_END, COLUMNS_END, max(9, round(2 * COLUMNS_END / (2 * unit)) | 1))
    rough = frame.from_pixels(outline)
    start = along(rough[:, 0], rough[:, 1], v)
    told = None if spread is None else along(rough[:, 0], spread, v)
    sure = None if told is None else np.clip(SURE * told, *SURE_WITHIN)
    steps = np.arange(-round((REACH + INSIDE) / unit), round((REACH + EDGE_OUTER) / unit) + 1)
    offsets = np.asarray(steps * unit, np.float64)
    raw = _columns(pixels, frame, v, start, offsets)
    seen = np.isfinite(raw)
    image = raw if seen.all() else np.where(seen, raw, np.nanmin(raw) if seen.any() else np.float32(0))
    share = np.asarray(image / contrast, np.float32)
    away = _away(offsets, PARTS if past_gaps else LEAVES if sure is None else sure[:, None])
    path = shortest_path(_cost(share, unit, away, past_gaps), 4, stiffness=STIFFNESS * unit)
    whole = None if told is None else _whole(pixels, frame, v, start + offsets[path])
    calm = blurred(image, 0.5, max(0.6, BLUR / unit))
    index, step = _edges(calm, path, unit, contrast=contrast, whole=whole)
    if told is not None:
        even = blurred(image, max(0.5, AVERAGED / unit), max(0.6, BLUR / unit))
        line = _edges(even, path, unit, contrast=contrast, whole=whole)
        index, step = _even_where_smooth((index, step), line, told, unit)
    step = step / contrast
    h = start + offsets[0] + index * unit
    on_film = seen[np.arange(len(path)), path]
    clean = _runs((step >= CLEAR_STEP) & on_film, round(SHORTEST_RUN / (2 * unit)))
    h = _bridged(v, h, clean) if sure is None else _met(v, np.where(clean, h, start), start, clean)
    far = _envelope(calm, path, h, offsets[0] + start, unit)
    return _with_corners(v, h, far, clean, step, bool(on_film.all()))


def guided(margin: Margin, middle: float) -> Margin:
    """A margin with little edge of its own, drawn where the search saw it.

    Where the epiphysis lies over the margin, or disease took it away, the few edges found may be the
    epiphysis' own. The search has seen the whole end and errs by about 0.013 MW (docs/segmentation.md): a
    parabola through the corners and its middle says where to expect the margin, edges within `STRAYS` of it
    (or proximal: cups) are kept, and the stretches without one lie on it, shifted as the nearest edge is.

    Parameters
    ----------
    margin : Margin
    middle : float
        Height of the margin above the chord's middle as the search saw it, MW.
    """
    expected = middle * (1 - margin.v**2)
    clean = margin.clean & (margin.h - expected <= STRAYS)
    shift = np.zeros_like(expected)
    if clean.any():
        apart = np.abs(margin.v[:, None] - margin.v[None, clean]) / 2
        nearest = apart.argmin(axis=1)
        shift = (margin.h - expected)[clean][nearest] * np.exp(-((apart.min(axis=1) / FADES) ** 2))
    h = np.where(clean, margin.h, expected + shift)
    h[[0, -1]] = 0.0
    return replace(margin, h=h, outer=np.where(clean, margin.outer, h), clean=clean)


def _columns(
    pixels: FloatImage, frame: BoneFrame, v: FloatArray, start: FloatArray, offsets: FloatArray
) -> FloatImage:
    """Columns of the film along u, shape (v, offsets), each counted from ``start``."""
    xy = frame.to_pixels(v[:, None], start[:, None] + offsets[None, :])
    return sample_at(pixels, xy)


def _whole(pixels: FloatImage, frame: BoneFrame, v: FloatArray, h: FloatArray) -> FloatArray:
    """Density of every column where the bone is whole; NaN where that is off the film.

    Disease thins the last tenth of the bone: half of *its* density lies further out than half of the bone's.
    """
    depth = np.arange(*WHOLE, 0.02)
    behind = sample_at(pixels, frame.to_pixels(v[:, None], h[:, None] - depth[None, :]))
    return np.median(behind, axis=1).astype(np.float64)


def _met(v: FloatArray, h: FloatArray, course: FloatArray, clean: BoolArray) -> FloatArray:
    """Edges moved half of the way to the course, all that is longer than `TREND`; their teeth stay.

    Edges and course err by as much and not alike (docs/segmentation.md). What lies further apart is no error
    but another line, and counts no more than the widest spread.
    """
    apart = np.clip(course - h, -SURE_WITHIN[1], SURE_WITHIN[1])
    away = gaussian_filter1d(apart, TREND / ((v[1] - v[0]) / 2), mode="nearest")
    return np.where(clean, h + MEET * away, h)


def along(at: FloatArray, values: FloatArray, v: FloatArray) -> FloatArray:
    """A rough margin, or what is known along it, as a function of v."""
    order = np.argsort(at, kind="stable")
    return np.interp(v, at[order], values[order])


def _away(offsets: FloatArray, scale: FloatArray | float) -> FloatImage:
    """Cost of leaving the rough margin: free within ``scale`` of it, dear beyond, dearer past ``REACH``."""
    return np.asarray(0.1 * (offsets / scale) ** 2 + (np.abs(offsets) > REACH), np.float32)


def _edges(
    calm: FloatImage, path: IntArray, unit: float, *, contrast: float, whole: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Where every column falls through its 50 % line next to the path, and by how much.

    Beyond a narrow physis, or one that both its edges fill with their blur, lies the epiphysis, and the fall
    behind its face is deeper than that of the margin. So where the line has been seen (``whole`` is known) no
    column is followed past a rise of `GAP`; a first tracing may lie on the wrong side of it.
    """
    rise = np.inf if whole is None else GAP * contrast
    reach = Reach(max(2, round(EDGE_INNER / unit)), max(2, round(EDGE_OUTER / unit)), 0.5)
    index, step = half_crossings(calm, path, reach, whole=whole, own=NEXT, rise=rise)
    return np.clip(index, path - SHARPEN / unit, path + SHARPEN / unit), step


def _even_where_smooth(
    single: tuple[FloatArray, FloatArray], even: tuple[FloatArray, FloatArray], told: FloatArray, unit: float
) -> tuple[FloatArray, FloatArray]:
    """Edges of single columns where the margin may be a comb, averaged ones where the network sees one line.

    Its spread tells them apart: 0.0144 MW on normal phantoms, 0.0163 on normal real bones (medians), 0.020 on
    frayed phantoms (docs/segmentation.md). On a smooth margin single columns add but the film's grain.
    """
    calm = gaussian_filter1d(told, NEARBY / unit, mode="nearest")
    share = np.clip((calm - SMOOTH[0]) / (SMOOTH[1] - SMOOTH[0]), 0, 1)
    return share * single[0] + (1 - share) * even[0], share * single[1] + (1 - share) * even[1]


def _cost(image: FloatImage, unit: float, away: FloatImage, past_gaps: bool) -> FloatImage:
    """Low where density falls distally, before any gap, and where ``away`` is low; finite.

    The fall is read at a fine and a coarse scale: on a blurred end the fine one alone follows noise.
    """
    falls = []
    for scale in (FINE, COARSE):
        sigma = max(0.7, scale / unit)
        calm = blurred(image, sigma / 4, sigma)
        falls.append(np.clip(-np.gradient(calm, axis=1) * sigma, -0.2, 0.4) / 0.4)
    if past_gaps:
        return -0.5 * (falls[0] + falls[1]) + away
    gap = np.clip((valley_depth(blurred(image, 0.5, max(0.6, FINE / unit))) - GAP) / 0.3, 0, 1)
    return -0.5 * (falls[0] + falls[1]) + 0.8 * gap + away


def _runs(clean: BoolArray, shortest: int) -> BoolArray:
    """Runs of True shorter than ``shortest`` samples removed."""
    return np.asarray(binary_opening(clean, np.ones(max(1, shortest), np.bool_)))


def _bridged(v: FloatArray, h: FloatArray, clean: BoolArray) -> FloatArray:
    """Straight lines over the stretches without an edge (level with the nearest edge at the ends)."""
    if clean.all() or not clean.any():
        return h
    return np.where(clean, h, np.interp(v, v[clean], h[clean]))


def _envelope(calm: FloatImage, path: IntArray, h: FloatArray, zero: FloatArray, unit: float) -> FloatArray:
    """Outer limit of bone density: bridged over the gaps of a comb, and out to a quarter of the fall."""
    closed = grey_closing(h, size=(max(3, round(COMB / unit / 2) | 1),))
    window = np.arange(-round(EDGE_INNER / unit), round(EDGE_OUTER / unit) + 1)
    index = np.clip(path[:, None] + window, 0, calm.shape[1] - 1)
    near = np.take_along_axis(blurred(calm, 0.02 / unit, 0.0), index, axis=1)
    bone, beyond = medians(near[:, window <= 0]), near[:, window >= 0].min(axis=1)
    dim = near[:, window >= 0] <= (beyond + OUTER_LEVEL * np.maximum(bone - beyond, 0))[:, None]
    out = zero + (path + dim.argmax(axis=1)) * unit
    far = np.where(closed - h > COMB_DEPTH, closed, h)
    return np.maximum(far, np.where(out - h > ENVELOPE_GAP, out, h))


def _with_corners(
    v: FloatArray, h: FloatArray, far: FloatArray, clean: BoolArray, step: FloatArray, on_film: bool
) -> Margin:
    """Add the corners themselves as end points."""
    return Margin(
        v=np.concatenate([[-1.0], v, [1.0]]),
        h=np.concatenate([[0.0], h, [0.0]]),
        outer=np.concatenate([[0.0], far, [0.0]]),
        clean=np.concatenate([clean[:1], clean, clean[-1:]]),
        step=np.concatenate([step[:1], step, step[-1:]]),
        on_film=on_film,
    )
