"""Where the limb lies on the film and what else a real film carries: collimation, markers, edges, head
room."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.limb import Limb
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.place import Pose, apply, rotation


@dataclass(frozen=True)
class Layout:
    """What part of the limb the film shows, and how.

    Parameters
    ----------
    behind : float
        Where the field ends proximally, in widths of the leading bone behind its margin.
    beyond : float
        Where it ends distally, in the same widths; None shows the whole hand.
    beside : float
        Room left and right of the limb, in the same widths.
    above : float
        Room beyond the fingertips of a whole hand, in the same widths.
    angle : float
        Degrees the limb is turned on the film, counter-clockwise.
    mirror : bool
        The picture is turned over (which no reader can tell from its shape).
    collimated : float
        0: the beam fills the film; else how far (in widths) the film goes on beyond the field.
    frame : str
        What lies outside the field: "dark", "bright" or "blank" (grey).
    marker : str
        Letters of the lead marker, "" for none.
    marker_within : float
        Share of the film's width, from the left, in which the marker lies.
    aside : float
        How far the film reaches further on the side of the little finger, and less far on the other, in the
        same widths.
    trimmed : bool
        A turned film ends where the middle of the forearm leaves the field, not where its corner does.
    """

    behind: float = 2.0
    beyond: float | None = 2.6
    beside: float = 0.5
    above: float = 0.4
    angle: float = 0.0
    mirror: bool = False
    collimated: float = 0.0
    frame: str = "dark"
    marker: str = ""
    marker_within: float = 1.0
    aside: float = 0.0
    trimmed: bool = False


def field_box(limb: Limb, layout: Layout) -> tuple[float, float, float, float]:
    """The field in the limb's mm: x_low, y_low, x_high, y_high."""
    x_low, y_low, x_high, y_high = limb.extent
    unit = limb.unit
    low = max(-layout.behind * unit, y_low + 0.3 * unit)
    if layout.beyond is None:
        left, right = (layout.beside + way * layout.aside for way in (1, -1))
        return x_low - left * unit, low, x_high + right * unit, y_high + layout.above * unit
    # A part of the limb: as wide as what lies within the shown stretch.
    high = layout.beyond * unit
    spans = []
    for c in limb.soft:
        for t in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = c.start[0] + t * (c.end[0] - c.start[0])
            y = c.start[1] + t * (c.end[1] - c.start[1])
            half = c.start_half + t * (c.end_half - c.start_half)
            if low - half < y < high:
                spans.append((x - half, x + half))
    if not spans:
        spans = [(x_low, x_high)]
    pad = layout.beside * unit
    return min(s[0] for s in spans) - pad, low, max(s[1] for s in spans) + pad, high


def lay_out(
    limb: Limb, layout: Layout, spacing_mm: float | None, size_px: int | None
) -> tuple[Pose, tuple[int, int], npt.NDArray[np.float64]]:
    """The pose of a limb on a film of the right size.

    Parameters
    ----------
    spacing_mm, size_px : optional
        Pixel pitch, or the longer side of the film; one of them.

    Returns
    -------
    pose : Pose
    shape : (rows, columns)
    field : ndarray of shape (4, 2)
        Corners of the collimated field, film pixels.
    """
    box = field_box(limb, layout)
    corners = np.array([(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])])
    mirror = (limb.side.value == "right") != layout.mirror
    turn = rotation(layout.angle) @ np.diag([-1.0 if mirror else 1.0, 1.0])
    turned = corners @ turn.T
    low, high = turned.min(0), turned.max(0)
    if layout.trimmed:
        low[1] = max(low[1], float((turn @ [0.0, box[1]])[1]))
    margin = layout.collimated * limb.unit
    low, high = low - margin, high + margin
    extent = high - low
    if spacing_mm is None:
        spacing_mm = float(extent.max()) / ((size_px or 512) - 1)
    columns, rows = (round(e / spacing_mm) + 1 for e in extent)
    anchor = (float(-low[0] / spacing_mm), float(high[1] / spacing_mm))
    pose = Pose(spacing_mm, layout.angle, mirror, anchor)
    return pose, (rows, columns), apply(pose.matrix(), corners)


def beam_field(shape: tuple[int, int], corners: npt.NDArray[np.float64], spacing_mm: float) -> FloatArray:
    """Share of the beam that passes the collimator, 0-1, with a penumbra of 0.4 mm."""
    # OpenCV smooths the sides of a polygon in 8 bits only; a dark frame would show their steps.
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    field = mask.astype(np.float32) / np.float32(255)
    return np.maximum(cv2.GaussianBlur(field, (0, 0), max(0.4 / spacing_mm, 0.5)), 2e-3)


def draw_frame(film: FloatArray, field: FloatArray, frame: str, rng: np.random.Generator) -> FloatArray:
    """What lies outside the collimated field on the processed film.

    A dark frame is a shutter that the processor sets just within the field: the penumbra, bright as it got
    less light, is hidden with the rest.
    """
    level = {"dark": 0.0, "bright": float(rng.uniform(0.85, 1.0)), "blank": float(rng.uniform(0.1, 0.6))}[
        frame
    ]
    low, high = (0.9, 0.99) if frame == "dark" else (0.3, 0.7)
    inside = np.clip((field - low) / (high - low), 0, 1)
    return (film * inside + level * (1 - inside)).astype(np.float32)
