"""Rickets painted on a real normal film, so that severity is known on real texture.

Two painters of different mechanism. ``density`` takes mineral away: the film is blended towards what lies
beyond the bone wherever a ragged end no longer reaches, and the film's own grain is put back. ``retreat``
moves what is there: several copies of the film, each pressed back along the shaft to another ragged end, are
averaged. The second is for testing only and must never be used in training.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.margins import GRID, V_LIMIT, V_SAMPLES, Shape, View3D, draw_margin
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.painting_layers import (
    Patch,
    cut_out,
    moved,
    repainted,
    splay_at,
    splayed,
    widen,
    with_grain,
)
from rickets_rx.phantom.truth import film_severity, signs_of
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis

TYPICAL_WIDTH_MM = 17.0
"""What a film without spacing is taken for, so that roughness has a scale (the radius of a
three-year-old)."""


DEEP = 0.7
"""Widths behind the old margin within which the bone is pressed together (ours)."""


SHARPEST = 1.2
"""Width of the sharpest fall of density that is painted, px (ours)."""


class Painter(StrEnum):
    DENSITY = "density"
    RETREAT = "retreat"


@dataclass(frozen=True, eq=False)
class PaintedFilm:
    """A painted film and what is true of the painted bone.

    Parameters
    ----------
    radiograph : Radiograph
    corner1, corner2 : (x, y)
        Where the corners now lie (splaying moves them apart).
    margin : ndarray of shape (n, 2)
        The given margin moved to where half of the bone's density is left, pixels, from corner1's side on.
    cupping : float
        Depth below the chord, fractions of the new width, of the line at which the middle one of the ragged
        ends lies, smoothed: not of ``margin``, which lucency and softness draw further back.
    severity, grade, grade_shifted : float
        By the truth rule of the phantoms.
    """

    radiograph: Radiograph
    corner1: tuple[float, float]
    corner2: tuple[float, float]
    margin: npt.NDArray[np.float64]
    disease: Disease
    cupping: float
    severity: float
    grade: float
    grade_shifted: float


def paint(
    radiograph: Radiograph,
    metaphysis: Metaphysis,
    severity: float,
    seed: int,
    *,
    painter: Painter | str = Painter.DENSITY,
) -> PaintedFilm:
    """Change a normal bone end as active rickets of a severity does.

    Parameters
    ----------
    metaphysis : Metaphysis
        Of a normal bone; frame and margin are used.
    severity : float
        0-1, of the disease knobs; the visible severity is in the answer.

    Raises
    ------
    ValueError
        For a severity outside 0-1.
    """
    if not 0 <= severity <= 1:
        raise ValueError(f"severity lies within 0-1, not {severity}")
    rng = np.random.default_rng((seed, 31))
    disease = Disease.active(severity, rng)
    # More would push the end into the neighbouring bone.
    disease = replace(disease, splay=min(disease.splay, 0.12))
    spacing = radiograph.spacing.mm
    width_mm = metaphysis.frame.width * spacing if spacing else TYPICAL_WIDTH_MM
    patch = cut_out(radiograph.pixels, metaphysis)
    ends, softness = _retreats(disease, width_mm, patch, rng)
    changed = _without_zone(patch, disease)
    if Painter(painter) is Painter.DENSITY:
        changed = _thin(changed, patch, ends, softness)
        line = half_left(ends, disease.lucency, _as_sharp_as(patch, softness))
    else:
        changed = np.mean([_pull_back(changed, patch, end) for end in ends], axis=0).astype(np.float32)
        line = half_left(ends, disease.lucency, None)
    layers = widen(repainted(patch, changed), patch, disease.gap_extra / width_mm)
    pixels = radiograph.pixels.copy()
    pixels[patch.window] = with_grain(splayed(layers, patch, disease.splay), patch, rng)
    return _answer(radiograph, patch, pixels, disease, ends, line)


def _as_sharp_as(patch: Patch, softness: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """How softly ends are painted, widths: no sharper than `SHARPEST` on the film."""
    return np.maximum(softness, SHARPEST / patch.frame.width)


def half_left(
    ends: npt.NDArray[np.float64], lucency: float, softness: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.float64]:
    """Where the last half of the bone's density is left, widths beyond the old margin, at every column.

    Of a bone of one density with a sharp end, painted in numbers as the film is.

    Parameters
    ----------
    ends : ndarray of shape (layers, n)
        Where each layer ends, widths beyond the old margin, at most 0.
    lucency : float
        Share of density taken off the end, 0-1.
    softness : ndarray of shape (n,), optional
        How softly density ends; None where the end is pressed back instead.
    """
    at = np.arange(-0.65, 0.0, 0.002)
    if softness is not None:
        keep = np.mean([np.clip((end - at[:, None]) / softness + 0.5, 0, 1) for end in ends], axis=0)
        left = keep * (1 - lucency * _strip(-at))[:, None]
    else:
        pressed = [(at[:, None] + DEEP) * DEEP / np.maximum(DEEP + end, 0.1) - DEEP for end in ends]
        left = np.mean([(p <= 0) * (1 - lucency * _strip(-p)) for p in pressed], axis=0)
    last = len(at) - 1 - np.argmax(left[::-1] >= 0.5, axis=0)
    return np.asarray(at[last])


def _strip(depth: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How much of the lucency is there at a depth (widths) behind the old margin, 0-1."""
    return np.asarray(np.exp(-((np.maximum(depth, 0) / 0.13) ** 1.5)))


def _retreats(
    disease: Disease, width_mm: float, patch: Patch, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How far each depth layer's end moves (widths, mostly negative) and how softly it ends, over
    ``GRID``."""
    flat = Shape(width_mm, 0.5 * width_mm, 3 * width_mm, dome=0.0)
    drawn = draw_margin(flat, disease, View3D(), width_mm, rng)
    # Cupping first takes the margin's own convexity away.
    convex = np.maximum(patch.margin, 0) * min(1.0, disease.cup / 0.12)
    return np.minimum(drawn.ends / width_mm - convex, 0), drawn.softness / width_mm


def _without_zone(patch: Patch, disease: Disease) -> FloatArray:
    """The end without its white line, and with the lucent strip that takes its place."""
    level = np.median(patch.strip(-0.30, -0.14), axis=0)
    inner = patch.across(ndimage.gaussian_filter1d(level, 12, mode="nearest"))
    depth = np.maximum(-patch.beyond, 0)
    lost = 1 - (1 - disease.zone_loss) * (1 - disease.zone_gaps)
    line = np.maximum(patch.low - inner, 0) * np.exp(-((depth / 0.09) ** 2)) * patch.before_plate
    out = patch.low - lost * line
    strip_lost = disease.lucency * _strip(depth) * patch.before_plate
    return (out - strip_lost * np.maximum(out - patch.bare, 0)).astype(np.float32)


def _thin(
    film: FloatArray, patch: Patch, ends: npt.NDArray[np.float64], softness: npt.NDArray[np.float64]
) -> FloatArray:
    """Bone blended towards what lies there without it wherever its ragged end no longer reaches."""
    soft = _as_sharp_as(patch, patch.across(softness))

    def left(at: FloatArray | float) -> FloatArray:
        every = [np.clip((patch.across(layer) - at) / soft + 0.5, 0, 1) for layer in ends]
        return np.asarray(np.mean(every, axis=0), np.float32)

    # Beyond the margin nothing changes where the end has not moved.
    gone = np.clip(1 - 2 * left(0.0), 0, 1)
    lost = (1 - left(patch.beyond)) * (1 - (1 - gone) * np.clip(patch.beyond / 0.015, 0, 1))
    return (film + (patch.bare - film) * lost * patch.before_plate).astype(np.float32)


def _pull_back(film: FloatArray, patch: Patch, end: npt.NDArray[np.float64]) -> FloatArray:
    """The film with its margin pulled back to one ragged end: the bone pressed together, the margin moved as
    sharp as it is, and what lies beyond bone in the room that is left.

    Nothing is stretched into that room: the skirt of the old margin, or an epiphysis close to it, would stay
    there as a line, which is a sign of healing.
    """
    retreat = np.maximum(-patch.across(end), 1e-4) * patch.side
    pixel = 1 / patch.frame.width
    at, past = patch.beyond, patch.beyond + retreat
    pressed = -DEEP + (at + DEEP) * DEEP / np.maximum(DEEP - retreat, 0.1)
    source = np.where(past > 0, past, np.where(at > -DEEP, pressed, at))
    pulled = moved(film, patch, along=np.where(past < 2 * pixel, source - at, 0).astype(np.float32))
    room = np.clip(past / pixel - 1, 0, 1) * np.clip(retreat / pixel, 0, 1) * patch.before_plate
    return (pulled + np.minimum(patch.bare - pulled, 0) * room).astype(np.float32)


def _answer(
    radiograph: Radiograph, patch: Patch, pixels: FloatArray, disease: Disease, ends: npt.NDArray[np.float64],
    line: npt.NDArray[np.float64],
) -> PaintedFilm:  # fmt: skip
    """The painted film with its truth."""
    new = patch.margin + np.median(ends, axis=0)
    central = np.abs(GRID) <= 0.8
    smooth = cv2.GaussianBlur(new.reshape(1, -1), (0, 0), 0.075 * V_SAMPLES / V_LIMIT)[0]
    wide = 1 + disease.splay
    cupping = float(np.max(-smooth[central])) / wide
    rough = float(np.sqrt(np.mean((new - smooth)[central] ** 2))) / wide
    value, grade, shifted = film_severity(signs_of(disease, cupping, rough))
    frame = patch.frame
    height, inside = patch.margin + line, np.abs(GRID) <= 1
    apart = 1 + splay_at(disease.splay, height)
    corners = [tuple(float(c) for c in frame.to_pixels(side * wide, 0.0)) for side in (-1, 1)]
    sha256 = hashlib.sha256(pixels.astype("<f4").tobytes()).hexdigest()
    notes = (*radiograph.notes, "rickets painted on a normal film")
    painted = replace(radiograph, pixels=pixels, sha256=sha256, notes=notes)
    return PaintedFilm(
        painted,
        (corners[0][0], corners[0][1]),
        (corners[1][0], corners[1][1]),
        frame.to_pixels((GRID * apart)[inside], height[inside]),
        disease,
        cupping,
        value,
        grade,
        shifted,
    )
