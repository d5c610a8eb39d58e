"""From approximate corners to the geometry of one bone end, or the reason why there is none."""

from dataclasses import replace

import numpy as np

from rickets_rx.errors import Refusal
from rickets_rx.radiograph import FloatImage, Radiograph
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.cortex import corners_of, lean_of, sides_of, spur_length
from rickets_rx.segment.epiphysis import NOT_FOUND, NOT_OSSIFIED, far_edge, find_epiphysis, is_zone_line
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.margin import Margin, find_margin, guided
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.metaphysis import Metaphysis, Points, RefusedBone
from rickets_rx.segment.trace_learned import Sight, joined, look
from rickets_rx.segment.trace_outline import trace_outline
from rickets_rx.segment.trace_refusal import CLEAR_SIDE, TracedEnd, flesh_beside, refusal_before, refusal_of
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Flag, Joint, RefusalReason

# All ours.
LOW_RESOLUTION = 100.0  # MW in pixels below which fraying cannot be told
PASSES = 3  # frames re-centred on the corners just found
SETTLED = 0.005  # MW: corners that move less are settled
FIRST_LEANS: tuple[float, ...] = (0.0, -0.2, 0.2)  # directions of the shaft tried first, MW per MW
CONVEX = 0.025  # MW: a margin that rises higher over its chord has no rim to look for
RIM_DIRECTION = 12  # points of the outline (0.15 MW) that give the direction of a rim
DISSOLVED_BELOW = 0.4  # share of the margin with an edge, or hidden, under which it is dissolved
HIDDEN_WITHIN = 0.05  # MW: where an epiphysis begins this near, no edge means not seen rather than dissolved
FARTHEST = 0.10  # MW: corners that the outline carries further than this are held where they were proposed

CERTAIN = 0.9  # share of the network's answers near a corner from which a side need not be seen (ours)
# Over the medial half of the humerus lies the ulna: what looks like an epiphysis' edge there may be its own.
FACELESS = (Bone.HUMERUS,)

Pair = tuple[float, float]


def trace(
    radiograph: Radiograph, candidate: BoneCandidate, *, learned: bool = True
) -> Metaphysis | RefusedBone:
    """Trace one bone end.

    Parameters
    ----------
    radiograph : Radiograph
    candidate : BoneCandidate
        Corners off by up to about a tenth of the width, some degrees, a tenth in scale.
    learned : bool
        False traces by edges alone, without the margin's network: what that network may be taught.

    Returns
    -------
    Metaphysis or RefusedBone
        Refused with ``too_few_pixels`` (MW under 24 px), ``cut_off`` (a corner or the margin off the film),
        ``overlapped`` (a side of the shaft without an edge), ``closed_physis`` (no edge at the margin because
        bone goes on beyond it) or ``ambiguous`` (what was found is not what was proposed).
    """
    early = refusal_before(radiograph, candidate)
    if early is not None:
        return _refused(candidate, early)
    proposed = BoneFrame(candidate.corner1, candidate.corner2, candidate.distal)
    sight = look(radiograph.pixels, proposed) if learned else None
    sure = sight if sight is not None and sight.sure else None
    end = _settle(radiograph.pixels, candidate, _first(candidate, proposed, sure))
    if end is None:
        return _refused(candidate, Refusal(RefusalReason.AMBIGUOUS, "no bone end at the place proposed"))
    if sure is not None:
        end, margin = _as_seen(radiograph.pixels, candidate, end, sure)
    else:
        end, margin = _held(radiograph.pixels, proposed, *_with_rim(radiograph.pixels, end))
    # Only at the elbow do bones lie side by side; at the wrist a hidden side stays a reason to refuse.
    elbow = JOINT_OF_BONE[candidate.bone] is Joint.ELBOW
    seen = elbow and sight is not None and float(sight.certain.min()) >= CERTAIN
    refusal = refusal_of(radiograph, proposed, end, margin, seen=seen)
    if refusal is not None:
        frame = end.frame
        return RefusedBone(candidate.bone, refusal, frame.corner1, frame.corner2, candidate.confidence)
    if sure is None and candidate.margin_mid is not None and margin.clean.mean() < DISSOLVED_BELOW:
        margin = guided(margin, float(end.frame.from_pixels(candidate.margin_mid)[1]))
    return _metaphysis(radiograph, candidate, end, margin, sure)


def _first(candidate: BoneCandidate, proposed: BoneFrame, sure: Sight | None) -> BoneFrame:
    """Where tracing begins: at the wrist from the search's corners, at the elbow from the network's."""
    elbow = JOINT_OF_BONE[candidate.bone] is Joint.ELBOW
    return sure.bone() if elbow and sure is not None else proposed


def _as_seen(
    pixels: FloatImage, candidate: BoneCandidate, end: TracedEnd, sight: Sight
) -> tuple[TracedEnd, Margin]:
    """The end with its corners as outline and network have them together, and the margin along its course."""
    frame = joined(end.frame, sight, candidate.bone)
    course, spread = sight.course()
    margin = find_margin(pixels, frame, course, contrast=end.outline.contrast, spread=spread)
    return replace(end, frame=frame), margin


def _settle(pixels: FloatImage, candidate: BoneCandidate, proposed: BoneFrame) -> TracedEnd | None:
    """Outline and corners, the frame re-centred until they rest; None where no corner is met."""
    frame, leans, end = proposed, FIRST_LEANS, None
    for _ in range(PASSES):
        outline = trace_outline(pixels, frame, candidate.bone, leans)
        shown = outline.points[outline.on_film]
        ends = corners_of(outline.points, frame, proposed, lean=lean_of(shown, frame))
        if ends is None:
            break
        first, second = (_pair(outline.points[i]) for i in ends)
        found = BoneFrame(first, second, _pair(frame.axis))
        moved = max(_distance(found.corner1, frame.corner1), _distance(found.corner2, frame.corner2))
        frame, leans, end = found, (lean_of(shown, found),), TracedEnd(found, outline, ends)
        if moved < SETTLED * frame.width:
            break
    return end


def _with_rim(pixels: FloatImage, end: TracedEnd) -> tuple[TracedEnd, Margin]:
    """The margin; on an end that is not convex the corners first go out to the rim of the cup."""
    frame, outline = end.frame, end.outline
    start = outline.points[end.ends[0] : end.ends[1] + 1]
    margin = find_margin(pixels, frame, start, contrast=outline.contrast)
    if float(np.median(margin.h[np.abs(margin.v) < 0.5])) > CONVEX:
        return end, margin
    corners = []
    for side in sides_of(outline.points, outline.on_film, frame, end.ends):
        ahead = side[0] - side[min(len(side) - 1, RIM_DIRECTION)]
        reach = spur_length(pixels, side, frame) * frame.width
        corners.append(side[0] + reach * ahead / max(float(np.hypot(*ahead)), 1e-9))
    longer = BoneFrame(_pair(corners[0]), _pair(corners[1]), _pair(frame.axis))
    start = np.concatenate([corners[:1], start, corners[1:]])
    margin = find_margin(pixels, longer, start, contrast=outline.contrast)
    return replace(end, frame=longer), margin


def _held(
    pixels: FloatImage, proposed: BoneFrame, end: TracedEnd, margin: Margin
) -> tuple[TracedEnd, Margin]:
    """The end with corners put back that went too far, and its margin found anew between them.

    A proposed corner errs by about 3 % of the width; where an outline that does not see the whole margin
    parts from the proposal by much more, it was
    the outline that lost the bone (an epiphysis over the margin, a frayed rim, a field edge), on phantoms
    and on real films alike (docs/segmentation.md).
    """
    frame, limit = end.frame, FARTHEST * proposed.width
    pairs = ((frame.corner1, proposed.corner1), (frame.corner2, proposed.corner2))
    first, second = (old if _distance(new, old) > limit else new for new, old in pairs)
    if (first, second) == (frame.corner1, frame.corner2) or margin.clean.all():
        return end, margin
    held = BoneFrame(first, second, _pair(frame.axis))
    between = end.outline.points[end.ends[0] : end.ends[1] + 1]
    inside = between[np.abs(held.from_pixels(between)[:, 0]) < 1]
    start = np.concatenate([[first], inside, [second]])
    return replace(end, frame=held), find_margin(pixels, held, start, contrast=end.outline.contrast)


def _metaphysis(
    radiograph: Radiograph, candidate: BoneCandidate, end: TracedEnd, margin: Margin, sight: Sight | None
) -> Metaphysis:
    """Put the pieces together, in pixels; ``sight`` is what the network saw, where it is believed."""
    frame, pixels = end.frame, radiograph.pixels
    contrast, name = end.outline.contrast, candidate.bone
    epiphysis, reason = island_of(pixels, frame, margin, sight, contrast=contrast, bone=name)
    line = _zone_line(pixels, end, epiphysis, margin)
    if line is not None and (sight is None or sight.nearer(frame, line, margin)):
        margin = line
        epiphysis, reason = island_of(pixels, frame, margin, sight, contrast=contrast, bone=name)
    else:
        line = None
    flags = (Flag.DENSE_ZONE,) if line is not None else ()
    left, right = sides_of(end.outline.points, end.outline.on_film, frame, end.ends)
    return Metaphysis(
        bone=name,
        frame=frame,
        margin=frame.to_pixels(margin.v, margin.h),
        envelope=frame.to_pixels(margin.v, margin.outer),
        clean=margin.clean,
        confidence=_confidence(candidate, end),
        shaft_left=_from_corner(frame.corner1, left),
        shaft_right=_from_corner(frame.corner2, right),
        epiphysis=epiphysis,
        epiphysis_reason=reason,
        flags=_flags(frame, margin, epiphysis, reason) + flags,
        near_face=face_of(name, sight),
    )


def face_of(bone: Bone, sight: Sight | None) -> Points | None:
    """The epiphysis' near edge as the network is sure of it, pixels, shape (k, 2); None on the humerus."""
    return None if sight is None or bone in FACELESS else sight.near_face()


def island_of(
    pixels: FloatImage, frame: BoneFrame, margin: Margin, sight: Sight | None, *, contrast: float, bone: Bone
) -> tuple[Points | None, str | None]:
    """The outline of the epiphysis, pixels, or why there is none.

    There is none where the network is sure that it begins further out than an island does, and one whose near
    edge it is sure of has ossified.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns)
    frame : BoneFrame
    margin : Margin
    sight : Sight, optional
        What the network saw, where it is believed.
    contrast : float
        Bone minus flesh.
    bone : Bone
    """
    outline, reason = find_epiphysis(pixels, frame, margin, contrast=contrast, bone=bone)
    if outline is not None and sight is not None and sight.begins_beyond(outline):
        return None, NOT_FOUND
    if reason == NOT_OSSIFIED and face_of(bone, sight) is not None:
        return None, NOT_FOUND
    return outline, reason


def _zone_line(pixels: FloatImage, end: TracedEnd, island: Points | None, margin: Margin) -> Margin | None:
    """The margin where the island is a zone that stands apart from its metaphysis; None where it is none."""
    flesh = flesh_beside(pixels, end)
    if island is None or flesh is None or not is_zone_line(pixels, end.frame, island, margin, flesh=flesh):
        return None
    line = far_edge(island, end.frame)
    return find_margin(pixels, end.frame, line, contrast=end.outline.contrast, past_gaps=True)


def _confidence(candidate: BoneCandidate, end: TracedEnd) -> float:
    """The candidate's, lowered by up to half where the sides near the end show no edge (ours)."""
    clear = (
        np.concatenate([end.outline.step[: end.ends[0]], end.outline.step[end.ends[1] + 1 :]]) >= CLEAR_SIDE
    )
    return float(candidate.confidence * (0.5 + 0.5 * (clear.mean() if clear.size else 0.0)))


def _flags(
    frame: BoneFrame, margin: Margin, epiphysis: Points | None, epiphysis_reason: str | None
) -> tuple[Flag, ...]:
    flags = []
    if margin.clean.mean() < DISSOLVED_BELOW:
        # Both say that little edge was found; only one of them says that there is none.
        unseen = hidden_share(frame, margin, epiphysis)
        seen = margin.clean.mean() + unseen >= DISSOLVED_BELOW
        flags.append(Flag.LOW_CONFIDENCE if seen else Flag.MARGIN_DISSOLVED)
    if frame.width < LOW_RESOLUTION:
        flags.append(Flag.LOW_RESOLUTION)
    if epiphysis_reason == NOT_OSSIFIED:
        flags.append(Flag.NO_EPIPHYSIS)
    return tuple(flags)


def hidden_share(frame: BoneFrame, margin: Margin, epiphysis: Points | None) -> float:
    """Share 0-1 of the margin that has no edge of its own because the epiphysis lies on or against it.

    There density does not fall beyond the margin whatever its state: the older child's narrow physis, a
    tilted view, an impacted fracture. A rachitic physis is wide, so a dissolved margin has no epiphysis
    within `HIDDEN_WITHIN` of it.

    Parameters
    ----------
    frame : BoneFrame
    margin : Margin
    epiphysis : ndarray of shape (k, 2), optional
        Closed outline without repeated end point, pixels.
    """
    if epiphysis is None:
        return 0.0
    near = near_edge(frame.from_pixels(epiphysis), margin.v)
    against = np.nan_to_num(near - margin.h, nan=np.inf) < HIDDEN_WITHIN
    return float((against & ~margin.clean).mean())


def _refused(candidate: BoneCandidate, refusal: Refusal) -> RefusedBone:
    return RefusedBone(candidate.bone, refusal, candidate.corner1, candidate.corner2, candidate.confidence)


def _from_corner(corner: Pair, side: np.ndarray) -> np.ndarray:
    """A side cortex that begins at its corner, also where that is the tip of a rim."""
    return side if np.allclose(side[0], corner) else np.concatenate([[corner], side])


def _pair(point: np.ndarray) -> Pair:
    return float(point[0]), float(point[1])


def _distance(a: Pair, b: Pair) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))
