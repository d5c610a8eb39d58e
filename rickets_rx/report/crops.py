"""One bone end, upright: plain, annotated, and in words."""

import cv2
import numpy as np

from rickets_rx.radiograph import Radiograph
from rickets_rx.report.bones import ToCanvas, details, draw_bone, title
from rickets_rx.report.canvas import RGB, Canvas, Points, text_size, wrap
from rickets_rx.report.palette import GREY, INK, MARGIN, REFUSED, WHITE, Colour
from rickets_rx.score import BoneScore
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.metaphysis import RefusedBone

# What a crop shows, in metaphyseal widths: enough shaft to judge splaying, and the whole epiphysis.
HALF_ACROSS, PROXIMAL, DISTAL = 0.95, 1.15, 0.65


def crop_row(
    radiograph: Radiograph, bone: BoneScore | RefusedBone, width: int, *, activity: bool = True
) -> RGB | None:
    """Plain crop, annotated crop and text side by side; None where the corners are not known.

    Parameters
    ----------
    radiograph : Radiograph
    bone : BoneScore or RefusedBone
    width : int
        Columns of the row; each crop takes three tenths of it.
    """
    frame = frame_of(bone)
    if frame is None:
        return None
    across = int(width * 0.31)
    plain, to_canvas = upright(radiograph, frame, across)
    annotated = Canvas(plain.copy())
    draw_bone(annotated, bone, to_canvas)
    words = _text_panel(bone, radiograph.spacing.mm, width - 2 * across - 4, title(bone, activity=activity))
    high = max(plain.shape[0], words.shape[0]) + 4
    row = np.full((high, width, 3), INK, np.uint8)
    for left, part in ((0, plain), (across + 2, annotated.rgb), (2 * across + 4, words)):
        row[: part.shape[0], left : left + part.shape[1]] = part
    return row


def frame_of(bone: BoneScore | RefusedBone) -> BoneFrame | None:
    """The bone's frame. A refused bone has no axis: it is shown with the film's upper side up."""
    if isinstance(bone, BoneScore):
        return bone.metaphysis.frame
    if bone.corner1 is None or bone.corner2 is None or bone.corner1 == bone.corner2:
        return None
    return BoneFrame(bone.corner1, bone.corner2, (0.0, -1.0))


def upright(radiograph: Radiograph, frame: BoneFrame, columns: int) -> tuple[RGB, ToCanvas]:
    """The film around one bone end turned so that distal is up, never mirrored.

    Parameters
    ----------
    radiograph : Radiograph
    frame : BoneFrame
    columns : int
        Width of the crop, which spans 1.9 metaphyseal widths; it is 1.8 widths high.

    Returns
    -------
    ndarray of shape (rows, columns, 3), uint8
        Black off the film.
    to_canvas : callable
        Film pixels to pixels of the crop.
    """
    scale = columns / (2 * HALF_ACROSS)
    rows = round((PROXIMAL + DISTAL) * scale)
    # Right on the crop is distal turned by a quarter clockwise as seen on the film.
    right = np.array([-frame.axis[1], frame.axis[0]])
    matrix = np.stack([right, -frame.axis]) * (scale / frame.width)
    centre = np.array([HALF_ACROSS, DISTAL]) * scale - 0.5

    def to_canvas(points: Points) -> Points:
        return np.asarray((np.asarray(points, float) - frame.origin) @ matrix.T + centre)

    xy = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).astype(float)
    film = _softened(radiograph.shown().astype(np.float32), frame.width / scale)
    seen = sample_at(film, (xy - centre) @ np.linalg.inv(matrix).T + frame.origin)
    grey = np.nan_to_num(seen, nan=0.0).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), to_canvas


def _softened(film: np.ndarray, shrink: float) -> np.ndarray:
    """Blur that keeps a film which is shown ``shrink`` times smaller free of false patterns."""
    return film if shrink <= 1.2 else cv2.GaussianBlur(film, (0, 0), 0.45 * shrink)


def _text_panel(bone: BoneScore | RefusedBone, spacing_mm: float | None, width: int, heading: str) -> RGB:
    """Heading, measures, flags and findings as a picture as high as the words need."""
    colour = REFUSED if isinstance(bone, RefusedBone) else MARGIN
    paragraphs = [(heading, 16, colour, True)]
    paragraphs += [(line, 13, WHITE, False) for line in details(bone, spacing_mm)]
    if isinstance(bone, BoneScore):
        paragraphs += [(f"· {finding}", 13, GREY, False) for finding in bone.grade.findings]
    lines: list[tuple[int, str, int, Colour, bool]] = []
    y = 10
    for text, size, ink, bold in paragraphs:
        for line in wrap(text, (width - 24) * (0.87 if bold else 1), size):
            lines.append((y, line, size, ink, bold))
            y += text_size(line, size)[1]
        y += 4
    canvas = Canvas(np.full((y + 4, width, 3), INK, np.uint8))
    for top, line, size, ink, bold in lines:
        canvas.text(12, top, line, ink, size=size, bold=bold)
    return canvas.rgb
