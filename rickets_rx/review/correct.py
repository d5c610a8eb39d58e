"""A bone end mended by hand: corners and margin are the reader's, everything else follows from the film."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.errors import UsageError
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.cortex import lean_of, sides_of
from rickets_rx.segment.epiphysis import NOT_OSSIFIED
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.margin import Margin, find_margin
from rickets_rx.segment.metaphysis import Metaphysis, Points
from rickets_rx.segment.trace import DISSOLVED_BELOW, FIRST_LEANS, LOW_RESOLUTION, face_of, island_of
from rickets_rx.segment.trace_learned import Sight, look
from rickets_rx.segment.trace_outline import contrast_of, trace_outline
from rickets_rx.segment.trace_refusal import FEWEST_PIXELS
from rickets_rx.segment.trace_strip import normals_of, resampled, sample_strip
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Flag, Joint

Pair = tuple[float, float]

# All ours, MW.
NEAR = 0.2  # corners moved less than this keep the cortices and the epiphysis that were traced
GRID = 0.01  # half widths between points of a margin that was drawn
STRIP = (-0.12, 0.10)  # around the old outline, for the contrast of bone over flesh
INNER = 0.97  # half widths between which a line is no part of the side cortices
FURTHEST = 0.6  # a margin further from the chord than this is not one of this bone
LEAST_DRAWN = 0.6  # share of the width from which a drawn line is the whole margin
LEAST_PART = 0.15  # share of the width that a line must cover to mend a part of it


def move_corners(
    radiograph: Radiograph, bone: Metaphysis, corner1: Pair, corner2: Pair, *, keep_margin: bool = False
) -> Metaphysis:
    """The bone with corners where the reader put them, exactly; the margin is found anew between them.

    Parameters
    ----------
    radiograph : Radiograph
    bone : Metaphysis
        As it was. Its cortices and epiphysis are kept while both corners move less than 0.2 MW; beyond that
        the whole end is traced anew.
    corner1, corner2 : (x, y)
        Pixels.
    keep_margin : bool
        Keep the course of the margin (one that a reader drew) and only join it to the new corners.

    Raises
    ------
    UsageError
        When a corner lies off the film or both are too near to each other.
    """
    frame = _frame(radiograph, corner1, corner2, (float(bone.frame.axis[0]), float(bone.frame.axis[1])))
    if keep_margin:
        near = _kept_sides(bone, frame)
        return _finished(radiograph, near, _as_drawn(frame, bone.margin), drawn=True)
    pairs = ((frame.corner1, bone.corner1), (frame.corner2, bone.corner2))
    moved = max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in pairs)
    if moved > NEAR * bone.frame.width or len(bone.shaft_left) < 3 or len(bone.shaft_right) < 3:
        seen = np.concatenate([bone.shaft_left, bone.shaft_right])
        return _traced(radiograph, bone.bone, frame, (lean_of(seen, frame),))
    outline = np.concatenate([[corner1], _between(bone.margin, frame), [corner2]])
    contrast = _contrast(radiograph, bone)
    margin = _margin(radiograph, frame, outline, contrast, _believed(radiograph, frame))
    return _finished(radiograph, _kept_sides(bone, frame), margin)


def draw_margin(radiograph: Radiograph, bone: Metaphysis, points: npt.ArrayLike) -> Metaphysis:
    """The bone with a margin that the reader drew; the corners stay.

    Parameters
    ----------
    points : array of shape (n, 2)
        Pixels, in either direction. Where the line folds back its outermost part counts. A line over 0.6 of
        the width or more is the whole margin, joined to the corners; a shorter one replaces its part of the
        margin and the rest stays. The edge is the reader's word: no part of it counts as bridged.

    Raises
    ------
    UsageError
        When it covers less than 0.15 of the width or strays more than 0.6 MW from the chord.
    """
    line = np.asarray(points, float)
    if _covered(bone.frame, line) < LEAST_DRAWN:
        line = _patched(bone, line)
    return _finished(radiograph, bone, _as_drawn(bone.frame, line), drawn=True)


def margin_of_mask(mask: npt.NDArray[np.generic], frame: BoneFrame) -> Points:
    """The distal border of a painted bone end, pixels, shape (n, 2).

    Parameters
    ----------
    mask : ndarray of shape (rows, columns)
        Not 0 where the reader painted shaft or metaphysis.
    frame : BoneFrame

    Raises
    ------
    UsageError
        When fewer than two columns between the corners hold paint.
    """
    v = np.linspace(-0.98, 0.98, round(1.96 / GRID) + 1)
    u = np.arange(-FURTHEST, FURTHEST, 0.004)
    painted = (np.asarray(mask) > 0).astype(np.float32)
    inside = np.nan_to_num(sample_at(painted, frame.to_pixels(v[:, None], u[None, :]))) >= 0.5
    held = inside.any(axis=1)
    if held.sum() < 2:
        raise UsageError("nothing is painted between the corners of this bone")
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return frame.to_pixels(v[held], u[last[held]] + 0.002)


def add_bone(radiograph: Radiograph, bone: Bone, corner1: Pair, corner2: Pair, *, shaft: Pair) -> Metaphysis:
    """A bone end that the search missed or refused, traced from corners that the reader put.

    Parameters
    ----------
    corner1, corner2 : (x, y)
        Ulnar (medial) corner and the other, pixels.
    shaft : (x, y)
        Any point on the shaft: it tells which way is distal.

    Raises
    ------
    UsageError
        As in `move_corners`, or when ``shaft`` lies on the line through the corners.
    """
    middle = np.add(corner1, corner2) / 2
    away = middle - np.asarray(shaft, float)
    frame = _frame(radiograph, corner1, corner2, (float(away[0]), float(away[1])))
    if abs(float(away @ frame.axis)) < 0.05 * frame.width:
        raise UsageError("put the third point on the shaft, away from the line between the corners")
    return _traced(radiograph, bone, frame, FIRST_LEANS)


def rename(bone: Metaphysis, name: Bone) -> Metaphysis:
    """The same bone end under another name of its joint.

    Radius and ulna lie on either side of the wrist, so that the ulnar corner of one is on the other's far
    side: taken for each other, their corners change places.

    Raises
    ------
    UsageError
        When the bone is of another joint.
    """
    if JOINT_OF_BONE[name] is not JOINT_OF_BONE[bone.bone]:
        raise UsageError(f"a {bone.bone} can become another bone of the {JOINT_OF_BONE[bone.bone]} only")
    if name is bone.bone or JOINT_OF_BONE[name] is not Joint.WRIST:
        return replace(bone, bone=name)
    axis = (float(bone.frame.axis[0]), float(bone.frame.axis[1]))
    return replace(
        bone,
        bone=name,
        frame=BoneFrame(bone.corner2, bone.corner1, axis),
        margin=bone.margin[::-1],
        envelope=bone.envelope[::-1],
        clean=bone.clean[::-1],
        shaft_left=bone.shaft_right,
        shaft_right=bone.shaft_left,
        near_face=None if bone.near_face is None else bone.near_face[::-1],
    )


def _frame(radiograph: Radiograph, corner1: Pair, corner2: Pair, distal: Pair) -> BoneFrame:
    rows, columns = radiograph.shape
    first, second = (float(corner1[0]), float(corner1[1])), (float(corner2[0]), float(corner2[1]))
    if not all(0 <= x <= columns - 1 and 0 <= y <= rows - 1 for x, y in (first, second)):
        raise UsageError("a corner lies off the film. Move it back, or mark the bone as cut off")
    if np.hypot(first[0] - second[0], first[1] - second[1]) < FEWEST_PIXELS:
        raise UsageError(f"the corners are less than {FEWEST_PIXELS:.0f} pixels apart: too few to measure")
    return BoneFrame(first, second, distal)


def _traced(radiograph: Radiograph, name: Bone, frame: BoneFrame, leans: Sequence[float]) -> Metaphysis:
    """A whole end: outline and sides from the film, the corners as given."""
    outline = trace_outline(radiograph.pixels, frame, name, leans)
    ends = [int(np.argmin(np.hypot(*(outline.points - c).T))) for c in (frame.corner1, frame.corner2)]
    if ends[0] >= ends[1]:
        raise UsageError("no bone end is seen between these corners. Check them, and the side of the shaft")
    inner = np.concatenate([[frame.corner1], outline.points[ends[0] + 1 : ends[1]], [frame.corner2]])
    sight = _believed(radiograph, frame)
    margin = _margin(radiograph, frame, inner, outline.contrast, sight)
    left, right = sides_of(outline.points, outline.on_film, frame, (ends[0], ends[1]))
    epiphysis, reason = island_of(
        radiograph.pixels, frame, margin, sight, contrast=outline.contrast, bone=name
    )
    start = Metaphysis(
        bone=name,
        frame=frame,
        margin=inner,
        envelope=inner,
        clean=np.ones(len(inner), bool),
        confidence=1.0,
        shaft_left=np.concatenate([[frame.corner1], left]),
        shaft_right=np.concatenate([[frame.corner2], right]),
        epiphysis=epiphysis,
        epiphysis_reason=reason,
        near_face=face_of(name, sight),
    )
    return _finished(radiograph, start, margin)


def _finished(radiograph: Radiograph, bone: Metaphysis, margin: Margin, *, drawn: bool = False) -> Metaphysis:
    """The margin laid into the bone, and the flags that follow from it; a person placed it: confidence 1."""
    frame = bone.frame
    flags: set[Flag] = set(bone.flags)
    flags -= {Flag.MARGIN_DISSOLVED, Flag.LOW_RESOLUTION, Flag.NO_EPIPHYSIS, Flag.LOW_CONFIDENCE}
    if margin.clean.mean() < DISSOLVED_BELOW and not drawn:
        flags.add(Flag.MARGIN_DISSOLVED)
    if frame.width < LOW_RESOLUTION:
        flags.add(Flag.LOW_RESOLUTION)
    if bone.epiphysis_reason == NOT_OSSIFIED:
        flags.add(Flag.NO_EPIPHYSIS)
    return replace(
        bone,
        margin=frame.to_pixels(margin.v, margin.h),
        envelope=frame.to_pixels(margin.v, margin.outer),
        clean=margin.clean,
        confidence=1.0,
        flags=tuple(sorted(flags)),
    )


def _believed(radiograph: Radiograph, frame: BoneFrame) -> Sight | None:
    """What the network sees of the end at a reader's corners; None where it is not sure."""
    sight = look(radiograph.pixels, frame)
    return sight if sight.sure else None


def _margin(
    radiograph: Radiograph, frame: BoneFrame, outline: Points, contrast: float, sight: Sight | None
) -> Margin:
    """The margin between a reader's corners as the tracing has it: along the course that the network is sure
    of; else along the outline."""
    if sight is None:
        return find_margin(radiograph.pixels, frame, outline, contrast=contrast)
    course, spread = sight.course()
    course[0], course[-1] = frame.corner1, frame.corner2
    inside = np.abs(frame.from_pixels(course)[:, 0]) < INNER
    inside[[0, -1]] = True
    return find_margin(radiograph.pixels, frame, course[inside], contrast=contrast, spread=spread[inside])


def _kept_sides(bone: Metaphysis, frame: BoneFrame) -> Metaphysis:
    """The bone in a new frame: cortices as traced, led to the new corners."""
    sides = []
    for side, corner in ((bone.shaft_left, frame.corner1), (bone.shaft_right, frame.corner2)):
        u = frame.from_pixels(side)[:, 1]
        sides.append(np.concatenate([[corner], side[u < -0.02]]))
    return replace(bone, frame=frame, shaft_left=sides[0], shaft_right=sides[1])


def _between(points: Points, frame: BoneFrame) -> Points:
    """The part of a polyline that lies between the corners, across the bone."""
    v = frame.from_pixels(points)[:, 0]
    return points[np.abs(v) < INNER]


def _covered(frame: BoneFrame, line: Points) -> float:
    """Share of the width that a line lies over."""
    return float(np.ptp(np.clip(frame.from_pixels(line)[:, 0], -1, 1)) / 2)


def _patched(bone: Metaphysis, line: Points) -> Points:
    """The margin with a drawn line in place of the part that it lies over, pixels."""
    if _covered(bone.frame, line) < LEAST_PART:
        raise UsageError("draw the margin across the bone, or at least a sixth of it")
    v = bone.frame.from_pixels(line)[:, 0]
    ordered = line if v[0] <= v[-1] else line[::-1]
    old = bone.frame.from_pixels(bone.margin)[:, 0]
    return np.concatenate([bone.margin[old < v.min()], ordered, bone.margin[old > v.max()]])


def _as_drawn(frame: BoneFrame, points: Points) -> Margin:
    """A hand-drawn line as a margin of this frame: on an even grid, from corner to corner."""
    vu = frame.from_pixels(points)
    if vu[0, 0] > vu[-1, 0]:
        vu = vu[::-1]
    inside = vu[np.abs(vu[:, 0]) < 0.995]
    if len(inside) < 2 or np.ptp(np.clip(vu[:, 0], -1, 1)) / 2 < LEAST_DRAWN:
        raise UsageError("draw the margin across the bone, from one corner to the other")
    v = np.linspace(-1, 1, round(2 / GRID) + 1)
    h = _outermost(np.concatenate([[[-1.0, 0.0]], inside, [[1.0, 0.0]]]), v)
    if np.abs(h).max() > FURTHEST:
        raise UsageError("the line lies further from the corners than a margin can: move the corners first")
    everywhere = np.ones(len(v), bool)
    return Margin(v=v, h=h, outer=h, clean=everywhere, step=np.ones(len(v)), on_film=True)


def _outermost(line: npt.NDArray[np.float64], v: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Largest u of a polyline of (v, u) at each v; level with its neighbours where it leaves a gap."""
    start, end = line[:-1], line[1:]
    low, high = np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0])
    crosses = (low <= v[:, None] + 1e-9) & (v[:, None] - 1e-9 <= high) & (high > low)
    share = (v[:, None] - start[:, 0]) / np.where(high > low, end[:, 0] - start[:, 0], 1.0)
    u = np.where(crosses, start[:, 1] + share * (end[:, 1] - start[:, 1]), -np.inf).max(axis=1)
    seen = np.isfinite(u)
    return np.asarray(np.interp(v, v[seen], u[seen]))


def _contrast(radiograph: Radiograph, bone: Metaphysis) -> float:
    """Bone minus flesh around the outline that is known, as the tracing takes it."""
    width = bone.frame.width
    outline = np.concatenate([bone.shaft_left[::-1], bone.margin, bone.shaft_right])
    base = resampled(outline, 0.02 * width)
    offsets = np.arange(STRIP[0] * width, STRIP[1] * width, max(0.5, 0.01 * width))
    normals = normals_of(base, outside=bone.frame.axis)
    return contrast_of(sample_strip(radiograph.pixels, base, normals, offsets).values)


def paint_margin(mask: npt.NDArray[np.uint8], bone: Metaphysis, label: int) -> None:
    """Lay the bone between its cortices and its margin into a mask, in place, for a brush to start from."""
    from rickets_rx.segment.masks import part_outlines
    from rickets_rx.vocabulary import Part

    for part, outline in part_outlines(bone):
        if part in (Part.SHAFT, Part.METAPHYSIS):
            cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], label)
