"""When a bone end that was proposed cannot be scored, and why."""

from dataclasses import dataclass

import numpy as np

from rickets_rx.errors import Refusal
from rickets_rx.radiograph import FloatImage, Radiograph
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.cortex import sides_of
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.margin import Margin
from rickets_rx.segment.trace_outline import Outline
from rickets_rx.vocabulary import RefusalReason

# All ours.
FEWEST_PIXELS = 24.0  # MW below which no edge can be told
LARGEST_MOVE = 0.3  # MW: a corner further from its candidate is another edge
LARGEST_RESCALE = 1.35
CLEAR_SIDE = 0.2  # fall across a side cortex, share of contrast
FAINTEST_SIDE = 0.15  # and mean density step below which a side has no edge
STANDS_OUT = 0.45  # and of the better side, below which there is no bone
MOSTLY_SEEN = 0.5  # share of the margin with an edge that makes up for a side without one
CLOSED_SHARE = 0.1  # share of the margin with an edge below which a closed physis is asked for
CLOSED_DENSITY = 0.7  # density beyond the margin over that behind it from which bone goes on


@dataclass(frozen=True, eq=False)
class TracedEnd:
    """A bone end while it is being traced.

    Parameters
    ----------
    frame : BoneFrame
        Carries the corners.
    outline : Outline
    ends : (int, int)
        Indices of the corners in the outline.
    """

    frame: BoneFrame
    outline: Outline
    ends: tuple[int, int]


def refusal_before(radiograph: Radiograph, candidate: BoneCandidate) -> Refusal | None:
    """Why a place need not be traced at all, None when it should."""
    if candidate.corner1 == candidate.corner2:
        return Refusal(RefusalReason.AMBIGUOUS, "both corners of the place are one point")
    frame = BoneFrame(candidate.corner1, candidate.corner2, candidate.distal)
    return _bounds(radiograph.shape, frame)


def refusal_of(
    radiograph: Radiograph, proposed: BoneFrame, end: TracedEnd, margin: Margin, *, seen: bool = False
) -> Refusal | None:
    """Why a traced bone end cannot be scored, None when it can.

    ``seen`` says that the margin's network is sure of both corners: then a bone over one side of the shaft
    hides no more than that side, as long as most of the margin has its edge.
    """
    refusal = _bounds(radiograph.shape, end.frame)
    if refusal is not None:
        return refusal
    if not margin.on_film:
        return Refusal(RefusalReason.CUT_OFF, "the margin leaves the film")
    moved = _moved(end.frame, proposed)
    scale = end.frame.width / proposed.width
    if moved > LARGEST_MOVE or not 1 / LARGEST_RESCALE < scale < LARGEST_RESCALE:
        return Refusal(RefusalReason.AMBIGUOUS, f"the corners found lie {moved:.2f} MW from those proposed")
    sides = _side_steps(radiograph.pixels, end)
    if max(sides) < STANDS_OUT:
        return Refusal(RefusalReason.AMBIGUOUS, "no bone stands out at the place proposed")
    if min(sides) < FAINTEST_SIDE and not (seen and margin.clean.mean() >= MOSTLY_SEEN):
        return Refusal(RefusalReason.OVERLAPPED, "a side of the shaft has no edge against its surroundings")
    if margin.clean.mean() < CLOSED_SHARE and _bone_goes_on(radiograph.pixels, end, margin):
        return Refusal(RefusalReason.CLOSED_PHYSIS, "bone goes on beyond the margin without a gap")
    return None


def _bounds(shape: tuple[int, int], frame: BoneFrame) -> Refusal | None:
    """Too narrow, or a corner off the film or on its outermost pixels."""
    if frame.width < FEWEST_PIXELS:
        detail = f"the metaphysis is {frame.width:.0f} px wide, under {FEWEST_PIXELS:.0f}"
        return Refusal(RefusalReason.TOO_FEW_PIXELS, detail)
    rows, columns = shape
    if all(1 <= x <= columns - 2 and 1 <= y <= rows - 2 for x, y in (frame.corner1, frame.corner2)):
        return None
    return Refusal(RefusalReason.CUT_OFF, "a corner of the metaphysis lies off the film")


def _moved(frame: BoneFrame, proposed: BoneFrame) -> float:
    """The larger distance of a corner from its proposal, in proposed MW."""
    pairs = ((frame.corner1, proposed.corner1), (frame.corner2, proposed.corner2))
    return max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in pairs) / proposed.width


def _side_steps(pixels: FloatImage, end: TracedEnd) -> tuple[float, float]:
    """Bone over flesh across both side cortices within 0.5 MW of their corners, share of the contrast.

    Differences of means, because the steepest path through mere noise shows a fall as well; 1 where too
    little is seen to tell.
    """
    frame, found = end.frame, [1.0, 1.0]
    sides = sides_of(end.outline.points, end.outline.on_film, frame, end.ends)
    for i, (side, out) in enumerate(zip(sides, (-1.0, 1.0), strict=True)):
        u = frame.from_pixels(side)[:, 1]
        near = side[(u > -0.5) & (u < -0.03)]
        if len(near) < 3:
            continue
        away = out * frame.width * frame.across
        inside = sample_at(pixels, near[:, None] - np.linspace(0.02, 0.12, 6)[:, None] * away)
        outside = sample_at(pixels, near[:, None] + np.linspace(0.03, 0.09, 6)[:, None] * away)
        # The darkest line beside the cortex: a neighbour may stand close behind it.
        step = inside.mean() - outside.mean(axis=0).min()
        found[i] = float(step) / end.outline.contrast if np.isfinite(step) else 1.0
    return found[0], found[1]


def _bone_goes_on(pixels: FloatImage, end: TracedEnd, margin: Margin) -> bool:
    """Whether density beyond the margin is nearly that behind it, both over the flesh beside the shaft."""
    frame = end.frame
    v = np.linspace(-0.7, 0.7, 29)
    h = np.interp(v, margin.v, margin.h)[:, None]
    beyond = sample_at(pixels, frame.to_pixels(v[:, None], h + np.linspace(0.02, 0.12, 6)))
    behind = sample_at(pixels, frame.to_pixels(v[:, None], h - np.linspace(0.1, 0.3, 6)))
    values = [x[np.isfinite(x)] for x in (beyond, behind)]
    soft = flesh_beside(pixels, end)
    if soft is None or any(x.size == 0 for x in values):
        return False
    # The lowest density in each column beyond the margin would be the physis.
    low = float(np.median(np.nan_to_num(beyond, nan=np.inf).min(axis=1)))
    bone = float(np.median(values[1]))
    return bone > soft and (low - soft) / (bone - soft) > CLOSED_DENSITY


def flesh_beside(pixels: FloatImage, end: TracedEnd) -> float | None:
    """Median density 0.08 MW outside both side cortices, units of the film; None off the film."""
    frame, found = end.frame, []
    sides = sides_of(end.outline.points, end.outline.on_film, frame, end.ends)
    for side, out in zip(sides, (-1.0, 1.0), strict=True):
        found.append(sample_at(pixels, side + 0.08 * out * frame.width * frame.across))
    values = np.concatenate(found)
    return float(np.median(values[np.isfinite(values)])) if np.isfinite(values).any() else None
