"""What the machine saw, drawn on the film, so that a radiologist can check it at a glance."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.errors import Refusal
from rickets_rx.radiograph import Radiograph
from rickets_rx.report.bones import ToCanvas, details, draw_bone, title
from rickets_rx.report.canvas import RGB, Box, Canvas, Points, save_png, text_size, wrap
from rickets_rx.report.crops import crop_row, frame_of
from rickets_rx.report.heat import MEANING, rests_on_network, tint
from rickets_rx.report.labels import Label, draw_label, place, wrapped
from rickets_rx.report.palette import CHORD, GREY, INK, LINE_MEANING, MARGIN, ORANGE, REFUSED, WHITE, Colour
from rickets_rx.report.words import REASON_WORDS, SYNTHETIC
from rickets_rx.score import BoneScore, FilmScore
from rickets_rx.segment.metaphysis import RefusedBone

__all__ = ["draw_crops", "draw_joint", "draw_overlay", "save_png"]

AnyBone = BoneScore | RefusedBone
_LABEL_WIDTH = 190
# Bold letters are wider than the plain ones that lines are measured with (DejaVu Sans: about 13 %).
_BOLD = 0.87


def draw_overlay(
    radiograph: Radiograph,
    film_score: FilmScore,
    *,
    width: int = 900,
    synthetic: bool = False,
    activity: bool = True,
) -> RGB:
    """Draw corners, chord, margin, epiphysis, cortices, measures, grades and refusals on the film.

    Parameters
    ----------
    radiograph : Radiograph
    film_score : FilmScore
    width : int
        Columns of the picture, at least 300; the film is scaled to it and keeps its shape.
    synthetic : bool
        Say at the foot that the film is not the patient's.
    activity : bool
        Whether labels tell the activity, which is that of this film alone.

    Returns
    -------
    ndarray of shape (rows, width, 3), uint8
        RGB. Below the film stands a foot with the meaning of the lines, research use only.
    """
    canvas, to_canvas = _film_canvas(radiograph.shown(), max(width, 300))
    bones = [bone for joint in film_score.joints for bone in joint.bones]
    dark_film = Canvas(canvas.rgb.copy())
    for bone in bones:
        if isinstance(bone, BoneScore):
            tint(canvas, radiograph, bone, to_canvas)
        draw_bone(canvas, bone, to_canvas)
    labels = [_label(canvas, bone, radiograph.spacing.mm, to_canvas, activity) for bone in bones]
    for label, box in zip(labels, place(dark_film, labels, []), strict=True):
        draw_label(canvas, label, box)
    if film_score.refusal is not None:
        _draw_banner(canvas, *_refusal_words(film_score.refusal))
    elif not bones:
        _draw_banner(canvas, "No joint was found on this film.")
    told = (*LINE_MEANING, *(MEANING if any(map(rests_on_network, bones)) else ()))
    return np.vstack([canvas.rgb, _foot(canvas.width, synthetic, legend=told if bones else ())])


def draw_joint(radiograph: Radiograph, film_score: FilmScore, *, width: int = 640) -> RGB:
    """The part of the film around its bone ends, lines but no words: a picture to stand beside a caption.

    Parameters
    ----------
    radiograph : Radiograph
    film_score : FilmScore
    width : int
        Columns of the picture.

    Returns
    -------
    ndarray of shape (rows, width, 3), uint8
        RGB, as on the film, neither turned nor mirrored; the whole film where no bone has a place.
    """
    bones = [bone for joint in film_score.joints for bone in joint.bones]
    part, corner = _around(radiograph, bones)
    canvas, to_canvas = _film_canvas(part, width)
    for bone in bones:
        draw_bone(canvas, bone, lambda points: to_canvas(np.asarray(points, float) - corner))
    return canvas.rgb


def _around(radiograph: Radiograph, bones: list[AnyBone]) -> tuple[npt.NDArray[np.uint8], Points]:
    """The shown film cut around all bone ends, and its upper left corner on the film, (x, y)."""
    shown = radiograph.shown()
    frames = [frame for bone in bones if (frame := frame_of(bone)) is not None]
    if not frames:
        return shown, np.zeros(2)
    points = [frame.to_pixels([-1.4, -1.4, 1.4, 1.4], [-1.3, 1.0, 1.0, -1.3]) for frame in frames]
    box = Box.around(np.vstack(points))
    left, top = max(int(box.left), 0), max(int(box.top), 0)
    cut = shown[top : max(int(box.bottom), top + 2), left : max(int(box.right), left + 2)]
    return cut, np.array([left, top], float)


def draw_crops(
    radiograph: Radiograph, film_score: FilmScore, *, width: int = 900, activity: bool = True
) -> RGB:
    """Each bone as an upright crop (distal up, turned but never mirrored), plain beside annotated.

    A third column tells the grade, the measures, and what raised the grade.

    Parameters
    ----------
    radiograph : Radiograph
    film_score : FilmScore
    width : int
        Columns of the picture, at least 600.
    activity : bool
        Whether the words tell the activity, which is that of this film alone.

    Returns
    -------
    ndarray of shape (rows, width, 3), uint8
        One row of pictures for every bone whose corners are known, then the foot.
    """
    bones = [bone for joint in film_score.joints for bone in joint.bones]
    width = max(width, 600)
    rows = [
        row for bone in bones if (row := crop_row(radiograph, bone, width, activity=activity)) is not None
    ]
    if not rows:
        empty = Canvas(np.full((60, width, 3), INK, np.uint8))
        refusal = film_score.refusal
        words = _refusal_words(refusal) if refusal is not None else ("No bone has known corners.",)
        _draw_banner(empty, *words)
        rows = [empty.rgb]
    return np.vstack([*rows, _foot(width, synthetic=False, legend=LINE_MEANING if bones else ())])


def _film_canvas(shown: npt.NDArray[np.uint8], width: int) -> tuple[Canvas, ToCanvas]:
    rows, columns = shown.shape
    scale = width / columns
    size = (width, max(round(rows * scale), 1))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grey = cv2.resize(shown, size, interpolation=kind)

    def to_canvas(points: Points) -> Points:
        # Pixel centres at integers: the film's left edge lies at -0.5 in both pictures.
        return (np.asarray(points, float) + 0.5) * scale - 0.5

    return Canvas(np.repeat(grey[..., None], 3, axis=2)), to_canvas


def _label(
    canvas: Canvas, bone: AnyBone, spacing_mm: float | None, to_canvas: ToCanvas, activity: bool
) -> Label:
    heading = title(bone, activity=activity)
    lines = wrapped(details(bone, spacing_mm), min(_LABEL_WIDTH, canvas.width * 0.4))
    frame = frame_of(bone)
    if frame is None:
        corner = np.array([[0.0, canvas.height - 1.0]])
        return Label(heading, lines, REFUSED, corner, Box(0, 0, 0, 0))
    # The end of the bone with its growth plate and epiphysis stays free of text.
    about = to_canvas(frame.to_pixels([-1.2, -1.2, 1.2, 1.2], [-0.7, 0.6, 0.6, -0.7]))
    colour = REFUSED if isinstance(bone, RefusedBone) else MARGIN
    corners = to_canvas(np.array([frame.corner1, frame.corner2]))
    return Label(heading, lines, colour, corners, Box.around(about))


def _refusal_words(refusal: Refusal) -> tuple[str, str]:
    return f"Not scored: {REASON_WORDS[refusal.reason]}", refusal.detail


def _draw_banner(canvas: Canvas, heading: str, detail: str = "", size: int = 16) -> None:
    lines = [(line, True) for line in wrap(heading, (canvas.width - 32) * _BOLD, size)]
    lines += [(line, False) for line in wrap(detail, canvas.width - 32, size)]
    height = text_size("x", size)[1]
    canvas.shade(Box(0, 0, canvas.width, 16 + height * len(lines)), opacity=0.9)
    for i, (line, bold) in enumerate(lines):
        canvas.text(16, 8 + i * height, line, ORANGE, size=size, bold=bold)


def _foot(width: int, synthetic: bool, *, legend: Sequence[tuple[str, Colour]], size: int = 12) -> RGB:
    """The strip under the film: the meaning of the lines, then research use only."""
    canvas = Canvas(np.full((200, width, 3), INK, np.uint8))
    high = text_size("x", size)[1]
    x, y = 12, 8 if legend else 8 - high
    for words, colour in legend:
        wide = text_size(words, size)[0]
        if x + 22 + wide > width - 8:
            x, y = 12, y + high
        canvas.line(np.array([[x, y + high / 2], [x + 16, y + high / 2]]), colour, thickness=2)
        canvas.text(x + 22, y, words, GREY, size=size)
        x += wide + 40
    notes = [f"{SYNTHETIC[0].upper()}{SYNTHETIC[1:]}." if synthetic else "", RESEARCH_USE_ONLY]
    for note in filter(None, notes):
        for line in wrap(note, width - 24, size):
            y += high
            canvas.text(12, y, line, WHITE if note == RESEARCH_USE_ONLY else CHORD, size=size)
    return canvas.rgb[: y + high + 8]
