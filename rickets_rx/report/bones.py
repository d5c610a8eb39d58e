"""Draws one bone end on a canvas, whatever the canvas shows: the whole film or an upright crop."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np

from rickets_rx.report.canvas import Canvas, Points
from rickets_rx.report.marks import Mark, cupping_mark, envelope_differs, gap_mark
from rickets_rx.report.palette import CHORD, CORTEX, ENVELOPE, EPIPHYSIS, MARGIN, MEASURE, REFUSED, Colour
from rickets_rx.report.words import ACTIVITY_WORDS, BONE_WORDS, FLAG_WORDS, REASON_WORDS, grade_words, number
from rickets_rx.score import BoneScore
from rickets_rx.segment.metaphysis import Metaphysis, RefusedBone

ToCanvas = Callable[[Points], Points]
"""Film pixels of shape (n, 2) to canvas pixels of the same shape."""


def draw_bone(canvas: Canvas, bone: BoneScore | RefusedBone, to_canvas: ToCanvas) -> None:
    """Draw what was found of one bone: all lines of a scored one, the corners of a refused one."""
    if isinstance(bone, RefusedBone):
        _draw_refused(canvas, bone, to_canvas)
        return
    metaphysis = bone.metaphysis
    for cortex in (metaphysis.shaft_left, metaphysis.shaft_right):
        if len(cortex) > 1:
            canvas.line(to_canvas(cortex), CORTEX)
    corners = np.array([metaphysis.corner1, metaphysis.corner2])
    canvas.line(to_canvas(corners), CHORD)
    if metaphysis.epiphysis is not None:
        canvas.line(to_canvas(metaphysis.epiphysis), EPIPHYSIS, closed=True)
    if envelope_differs(metaphysis):
        canvas.line(to_canvas(metaphysis.envelope), ENVELOPE)
    _draw_margin(canvas, metaphysis, to_canvas)
    for mark in marks_of(bone):
        _draw_mark(canvas, to_canvas(mark.ends))
    _draw_corners(canvas, to_canvas(corners), CHORD)


def marks_of(bone: BoneScore) -> list[Mark]:
    """The lengths that can be shown on this bone."""
    found = (cupping_mark(bone.metaphysis, bone.features), gap_mark(bone.metaphysis, bone.features))
    return [mark for mark in found if mark is not None]


def _draw_margin(canvas: Canvas, metaphysis: Metaphysis, to_canvas: ToCanvas) -> None:
    """Full line where a clear edge was found, dashes where the curve is bridged."""
    points = to_canvas(metaphysis.margin)
    sure = np.asarray(metaphysis.clean, bool)
    for start, stop in _runs(sure):
        # A run reaches to its neighbour's first point, so that no piece of the curve is missing.
        part = points[start : stop + 1]
        if len(part) > 1:
            canvas.line(part, MARGIN) if sure[start] else canvas.dashed(part, MARGIN, dash=3.5)


def _runs(values: np.ndarray) -> Iterable[tuple[int, int]]:
    """Start and stop of each run of equal values."""
    edges = np.flatnonzero(np.diff(values.astype(int))) + 1
    bounds = [0, *edges.tolist(), len(values)]
    return list(pairwise(bounds))


def _draw_mark(canvas: Canvas, ends: Points, serif: float = 4.0) -> None:
    """A measured length: a line with a short bar across each end."""
    canvas.line(ends, MEASURE)
    along = ends[1] - ends[0]
    length = float(np.hypot(*along))
    if length < 1:
        return
    across = np.array([-along[1], along[0]]) / length * serif
    for end in ends:
        canvas.line(np.stack([end - across, end + across]), MEASURE)


def _draw_corners(canvas: Canvas, corners: Points, colour: Colour) -> None:
    for corner in corners:
        canvas.ring(corner, 4.0, colour)


def _draw_refused(canvas: Canvas, bone: RefusedBone, to_canvas: ToCanvas) -> None:
    if bone.corner1 is None or bone.corner2 is None:
        return
    corners = to_canvas(np.array([bone.corner1, bone.corner2], float))
    canvas.dashed(corners, REFUSED)
    _draw_corners(canvas, corners, REFUSED)


def title(bone: BoneScore | RefusedBone, *, activity: bool = True) -> str:
    """``Radius  1.5 (1–2)  active``, or ``Ulna  not scored``.

    ``activity=False`` leaves the last word out: in a course it is read from all films of the bone, and the
    word that one film alone allows would contradict it.
    """
    if isinstance(bone, RefusedBone):
        return f"{BONE_WORDS[bone.bone]}  not scored"
    words = f"{BONE_WORDS[bone.metaphysis.bone]}  {grade_words(bone.grade)}"
    return f"{words}  {ACTIVITY_WORDS[bone.grade.activity]}" if activity else words


def details(bone: BoneScore | RefusedBone, spacing_mm: float | None) -> list[str]:
    """What stands under the title: marked lengths and flags, or why a bone is not scored."""
    if isinstance(bone, RefusedBone):
        words = REASON_WORDS[bone.refusal.reason]
        return [f"{words}: {bone.refusal.detail}" if bone.refusal.detail else words]
    lines = [
        f"{mark.name} {length_words(mark.value, bone.metaphysis.frame.width, spacing_mm)}"
        for mark in marks_of(bone)
    ]
    flags = dict.fromkeys((*bone.grade.flags, *bone.metaphysis.flags))
    return [*lines, *(FLAG_WORDS[flag] for flag in flags)]


def length_words(share: float, width_px: float, spacing_mm: float | None) -> str:
    """A length as fraction of MW, and in mm where the film has a spacing."""
    if spacing_mm is None:
        return f"{number(share, 2)} MW"
    return f"{number(share, 2)} MW, {number(share * width_px * spacing_mm, 2)} mm"
