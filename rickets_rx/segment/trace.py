"""From approximate corners to the geometry of one bone end, or the reason why there is none."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rickets_rx.errors import Refusal
from rickets_rx.radiograph import FloatImage, Radiograph
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.cortex import corners_of, lean_of, sides_of, spur_length
from rickets_rx.segment.epiphysis import NOT_OSSIFIED, far_edge, find_epiphysis, is_zone_line
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.margin import Margin, find_margin
from rickets_rx.segment.metaphysis import Metaphysis, RefusedBone
from rickets_rx.segment.trace_outline import Outline, trace_outline
from rickets_rx.vocabulary import Flag, RefusalReason

# All ours.
FEWEST_PIXELS = 24.0  # MW below which no edge can be told
LOW_RESOLUTION = 100.0  # MW below which fraying cannot be told
PASSES = 3  # frames re-centred on the corners just found
SETTLED = 0.005  # MW: corners that move less are settled
FIRST_LEANS: tuple[float, ...] = (0.0, -0.2, 0.2)  # directions of the shaft tried first, MW per MW
LARGEST_MOVE = 0.3  # MW: a corner further from its candidate is another edge
LARGEST_RESCALE = 1.35
CONVEX = 0.025  # MW: a margin that rises higher over its chord has no rim to look for
RIM_DIRECTION = 12  # points of the outline (0.15 MW) that give the direction of a rim
DISSOLVED_BELOW = 0.4  # share of the margin with an edge
CLEAR_SIDE = 0.2  # fall across a side cortex, share of contrast

Pair = tuple[float, float]


def trace(radiograph: Radiograph, candidate: BoneCandidate) -> Metaphysis | RefusedBone:
    """Trace one bone end.

    Parameters
    ----------
    radiograph : Radiograph
    candidate : BoneCandidate
        Corners off by up to about a tenth of the width, some degrees, a tenth in scale.

    Returns
    -------
    Metaphysis or RefusedBone
        Refused with ``too_few_pixels`` (MW under 24 px), ``cut_off`` (a corner or the margin off the film),
        ``overlapped`` (a side without an edge because bone lies beyond it), ``closed_physis`` (no edge at the
        margin because bone goes on beyond it) or ``ambiguous`` (what was found is not what was proposed).
    """
    if candidate.corner1 == candidate.corner2:
        return _refused(candidate, RefusalReason.AMBIGUOUS, "both corners of the place are one point")
    frame = BoneFrame(candidate.corner1, candidate.corner2, candidate.distal)
    if frame.width < FEWEST_PIXELS:
        return _too_few(candidate, frame.width)
    if off := _off_film(radiograph.shape, (candidate.corner1, candidate.corner2)):
        return _refused(candidate, RefusalReason.CUT_OFF, off)
    proposed, leans = frame, FIRST_LEANS
    for _ in range(PASSES):
        outline = trace_outline(radiograph.pixels, frame, candidate.bone, leans)
        ends = corners_of(outline.points, frame, proposed)
        if ends is None:
            return _refused(candidate, RefusalReason.AMBIGUOUS, "no bone end at the place proposed")
        first, second = ends
        found = BoneFrame(_pair(outline.points[first]), _pair(outline.points[second]), _pair(frame.axis))
        leans = (lean_of(outline.points[outline.on_film], found),)
        moved = max(_distance(found.corner1, frame.corner1), _distance(found.corner2, frame.corner2))
        frame = found
        if moved < SETTLED * frame.width:
            break
    frame, margin = _with_rim(radiograph.pixels, frame, outline, (first, second))
    refusal = _refusal(radiograph, candidate, frame, outline, (first, second), margin)
    if refusal is not None:
        return RefusedBone(candidate.bone, refusal, frame.corner1, frame.corner2, candidate.confidence)
    return _metaphysis(radiograph, candidate, frame, outline, (first, second), margin)


def _with_rim(
    pixels: FloatImage, frame: BoneFrame, outline: Outline, ends: tuple[int, int]
) -> tuple[BoneFrame, Margin]:
    """The margin; on an end that is not convex the corners first go out to the rim of the cup."""
    start = outline.points[ends[0] : ends[1] + 1]
    margin = find_margin(pixels, frame, start, contrast=outline.contrast)
    if float(np.median(margin.h[np.abs(margin.v) < 0.5])) > CONVEX:
        return frame, margin
    corners = []
    for side in sides_of(outline.points, outline.on_film, frame, ends):
        reach = spur_length(pixels, side, frame)
        ahead = side[0] - side[min(len(side) - 1, RIM_DIRECTION)]
        corners.append(side[0] + reach * frame.width * ahead / max(float(np.hypot(*ahead)), 1e-9))
    longer = BoneFrame(_pair(corners[0]), _pair(corners[1]), _pair(frame.axis))
    start = np.concatenate([corners[:1], start, corners[1:]])
    return longer, find_margin(pixels, longer, start, contrast=outline.contrast)


def _metaphysis(
    radiograph: Radiograph,
    candidate: BoneCandidate,
    frame: BoneFrame,
    outline: Outline,
    ends: tuple[int, int],
    margin: Margin,
) -> Metaphysis:
    """Put the pieces together, in pixels."""
    epiphysis, reason = find_epiphysis(radiograph.pixels, frame, margin, contrast=outline.contrast)
    line = epiphysis is not None and is_zone_line(frame.from_pixels(epiphysis))
    if line and epiphysis is not None:
        margin = find_margin(
            radiograph.pixels, frame, far_edge(epiphysis, frame), contrast=outline.contrast, past_gaps=True
        )
        epiphysis, reason = find_epiphysis(radiograph.pixels, frame, margin, contrast=outline.contrast)
    left, right = sides_of(outline.points, outline.on_film, frame, ends)
    return Metaphysis(
        bone=candidate.bone,
        frame=frame,
        margin=frame.to_pixels(margin.v, margin.h),
        envelope=frame.to_pixels(margin.v, margin.outer),
        clean=margin.clean,
        confidence=_confidence(candidate, outline, ends),
        shaft_left=left,
        shaft_right=right,
        epiphysis=epiphysis,
        epiphysis_reason=reason,
        flags=_flags(frame, margin, reason) + ((Flag.DENSE_ZONE,) if line else ()),
    )


def _refusal(
    radiograph: Radiograph,
    candidate: BoneCandidate,
    frame: BoneFrame,
    outline: Outline,
    ends: tuple[int, int],
    margin: Margin,
) -> Refusal | None:
    """Why this bone cannot be scored, None when it can."""
    if frame.width < FEWEST_PIXELS:
        return _few(frame.width)
    if off := _off_film(radiograph.shape, (frame.corner1, frame.corner2)):
        return Refusal(RefusalReason.CUT_OFF, off)
    if not margin.on_film:
        return Refusal(RefusalReason.CUT_OFF, "the margin leaves the film")
    given = BoneFrame(candidate.corner1, candidate.corner2, candidate.distal)
    moved = (
        max(_distance(frame.corner1, given.corner1), _distance(frame.corner2, given.corner2)) / given.width
    )
    scale = frame.width / given.width
    if moved > LARGEST_MOVE or not 1 / LARGEST_RESCALE < scale < LARGEST_RESCALE:
        return Refusal(
            RefusalReason.AMBIGUOUS, f"no bone end at the place proposed (corners {moved:.2f} MW away)"
        )
    sides = [
        _side_step(outline, frame, slice(0, ends[0])),
        _side_step(outline, frame, slice(ends[1] + 1, None)),
    ]
    if min(sides) < CLEAR_SIDE / 2:
        return Refusal(RefusalReason.OVERLAPPED, "one side of the shaft has no edge against its surroundings")
    return None


def _side_step(outline: Outline, frame: BoneFrame, part: slice) -> float:
    """Median fall across one side cortex near the end (within 0.5 MW); 1 where too little of it is seen."""
    u = frame.from_pixels(outline.points[part])[:, 1]
    near = (u > -0.5) & (u < -0.03) & outline.on_film[part]
    return float(np.median(outline.step[part][near])) if near.sum() >= 3 else 1.0


def _confidence(candidate: BoneCandidate, outline: Outline, ends: tuple[int, int]) -> float:
    """The candidate's, lowered by up to half where the sides near the end show no edge (ours)."""
    clear = np.concatenate([outline.step[: ends[0]], outline.step[ends[1] + 1 :]]) >= CLEAR_SIDE
    return float(candidate.confidence * (0.5 + 0.5 * (clear.mean() if clear.size else 0.0)))


def _flags(frame: BoneFrame, margin: Margin, epiphysis_reason: str | None) -> tuple[Flag, ...]:
    flags = []
    if margin.clean.mean() < DISSOLVED_BELOW:
        flags.append(Flag.MARGIN_DISSOLVED)
    if frame.width < LOW_RESOLUTION:
        flags.append(Flag.LOW_RESOLUTION)
    if epiphysis_reason == NOT_OSSIFIED:
        flags.append(Flag.NO_EPIPHYSIS)
    return tuple(flags)


def _off_film(shape: tuple[int, int], corners: Sequence[Pair]) -> str:
    """A sentence when a corner lies off the film or on its border, else empty."""
    rows, columns = shape
    off = any(not (1 <= x <= columns - 2 and 1 <= y <= rows - 2) for x, y in corners)
    return "a corner of the metaphysis lies off the film" if off else ""


def _few(width: float) -> Refusal:
    return Refusal(
        RefusalReason.TOO_FEW_PIXELS, f"the metaphysis is {width:.0f} px wide, under {FEWEST_PIXELS:.0f}"
    )


def _too_few(candidate: BoneCandidate, width: float) -> RefusedBone:
    return RefusedBone(
        candidate.bone, _few(width), candidate.corner1, candidate.corner2, candidate.confidence
    )


def _refused(candidate: BoneCandidate, reason: RefusalReason, detail: str) -> RefusedBone:
    refusal = Refusal(reason, detail)
    return RefusedBone(candidate.bone, refusal, candidate.corner1, candidate.corner2, candidate.confidence)


def _pair(point: npt.NDArray[np.float64]) -> Pair:
    return float(point[0]), float(point[1])


def _distance(a: Pair, b: Pair) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))
