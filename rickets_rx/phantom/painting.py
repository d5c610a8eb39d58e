"""Rickets painted on a real normal film, so that severity is known on real texture.

Two painters of different mechanism. ``density`` takes mineral away: the film is blended towards what lies
beyond the bone wherever a ragged end no longer reaches, and the film's own grain is put back. ``retreat``
moves what is there: several copies of the film, each pressed back along the shaft to another ragged end, are
averaged. The second is for testing only and must never be used in training.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.margins import V_LIMIT, V_SAMPLES, Shape, View3D, draw_margin
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.truth import film_severity, signs_of
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.metaphysis import Metaphysis

TYPICAL_WIDTH_MM = 17.0
"""What a film without spacing is taken for, so that roughness has a scale (the radius of a
three-year-old)."""


GRID = np.linspace(-V_LIMIT, V_LIMIT, V_SAMPLES)
"""Across positions of margin tables, half widths."""


RIM, FAR = 0.03, 0.9
"""Between these distances beyond the margin, widths, a film moves where the growth plate is painted wider
(ours)."""
DEEP = 0.7
"""Widths behind the old margin within which the bone is pressed together (ours)."""


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
        Depth of the new margin below the chord, fractions of the new width.
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


@dataclass(frozen=True, eq=False)
class Patch:
    """The part of a film round a bone end, in the bone's coordinates.

    ``v`` (half widths), ``u`` (widths) and ``beyond`` (widths distal of the margin) have the patch's shape;
    ``margin`` is u of the margin over ``GRID``.
    """

    window: tuple[slice, slice]
    pixels: FloatArray
    v: FloatArray
    u: FloatArray
    beyond: FloatArray
    margin: npt.NDArray[np.float64]
    frame: BoneFrame

    def across(self, table: npt.NDArray[np.float64]) -> FloatArray:
        """A table over ``GRID`` at every pixel."""
        return np.interp(self.v, GRID, table).astype(np.float32)

    def strip(self, low: FloatArray, near: float, far: float) -> npt.NDArray[np.float64]:
        """Grey at distances ``near`` to ``far`` beyond the margin (widths), shape (12, len(GRID))."""
        u = self.margin[None, :] + np.linspace(near, far, 12)[:, None]
        corner = np.array([self.window[1].start, self.window[0].start], float)
        return np.asarray(sample_at(low, self.frame.to_pixels(GRID[None, :], u) - corner), float)


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
    low = cv2.GaussianBlur(patch.pixels, (0, 0), 1.2).astype(np.float32)
    grain = patch.pixels - low
    behind = _background(low, patch)
    changed = _without_zone(low, patch, behind, disease)
    if Painter(painter) is Painter.DENSITY:
        changed = _thin(changed, patch, behind, (ends, softness))
    else:
        changed = np.mean([_pull_back(changed, patch, behind, end) for end in ends], axis=0).astype(
            np.float32
        )
    changed = _widen(changed, patch, behind, disease.gap_extra / width_mm)
    changed = _splay(changed, patch, disease.splay)
    pixels = radiograph.pixels.copy()
    pixels[patch.window] = changed + _without_ghost(grain, np.abs(changed - low))
    soft = np.maximum(softness, 1.2 / patch.frame.width) if Painter(painter) is Painter.DENSITY else None
    return _answer(radiograph, patch, pixels, disease, ends, half_left(ends, disease.lucency, soft))


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


def _without_ghost(grain: FloatArray, change: FloatArray) -> FloatArray:
    """The film's own grain, in which no line of the old bone stands where the film was changed.

    Grain is what is finer than 1.2 px, and the old outline is among it: where the change exceeds the noise,
    nothing beyond twice the noise is put back (noise by its median absolute deviation).
    """
    noise = 1.4826 * float(np.median(np.abs(grain - np.median(grain)))) + 1e-6
    kept = np.clip(1 - (change - noise) / (3 * noise), 0, 1)
    return (np.clip(grain, -2 * noise, 2 * noise) * (1 - kept) + grain * kept).astype(np.float32)


def cut_out(pixels: FloatArray, metaphysis: Metaphysis) -> Patch:
    """The film within 1.3 widths of the chord's middle, with every pixel's place in the bone's frame."""
    frame = metaphysis.frame
    reach = 1.3 * frame.width
    low = np.maximum(np.floor(frame.origin - reach), 0).astype(int)
    high = np.minimum(np.ceil(frame.origin + reach) + 1, pixels.shape[::-1]).astype(int)
    window = (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    x, y = np.meshgrid(np.arange(low[0], high[0], dtype=float), np.arange(low[1], high[1], dtype=float))
    place = frame.from_pixels(np.stack([x, y], axis=-1)).astype(np.float32)
    curve = frame.from_pixels(metaphysis.margin)
    order = np.argsort(curve[:, 0], kind="stable")
    margin = np.interp(GRID, curve[order, 0], curve[order, 1])
    v, u = np.ascontiguousarray(place[..., 0]), np.ascontiguousarray(place[..., 1])
    beyond = (u - np.interp(v, GRID, margin)).astype(np.float32)
    return Patch(window, np.ascontiguousarray(pixels[window]), v, u, beyond, margin, frame)


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


def _background(low: FloatArray, patch: Patch) -> FloatArray:
    """What lies beyond the bone, carried back over it: each line along the shaft keeps its physis's grey."""
    strip = patch.strip(low, 0.02, 0.12)
    known = np.isfinite(strip).all(axis=0)
    # The lower quarter: an epiphysis may lie in the strip, and is not what replaces bone.
    level = np.quantile(strip[:, known], 0.25, axis=0) if known.any() else np.array([np.median(low)])
    table = np.interp(GRID, GRID[known], level) if known.any() else np.full(len(GRID), level[0])
    smooth = cv2.GaussianBlur(table.reshape(1, -1), (0, 0), 10, borderType=cv2.BORDER_REPLICATE)
    return patch.across(np.asarray(smooth[0], float))


def _without_zone(low: FloatArray, patch: Patch, behind: FloatArray, disease: Disease) -> FloatArray:
    """The end without its white line, and with the lucent strip that takes its place."""
    strip = patch.strip(low, -0.30, -0.14)
    level = np.nanmedian(strip, axis=0) if np.isfinite(strip).all() else np.full(len(GRID), np.median(low))
    inner = patch.across(np.asarray(cv2.GaussianBlur(level.reshape(1, -1), (0, 0), 12)[0], float))
    depth = np.maximum(-patch.beyond, 0)
    lost = 1 - (1 - disease.zone_loss) * (1 - disease.zone_gaps)
    line = np.maximum(low - inner, 0) * np.exp(-((depth / 0.09) ** 2)) * _side(patch) * (patch.beyond < 0.03)
    out = low - lost * line
    strip_lost = disease.lucency * _strip(depth).astype(np.float32) * _side(patch) * (patch.beyond < 0.03)
    return (out - strip_lost * np.maximum(out - behind, 0)).astype(np.float32)


def _side(patch: Patch) -> FloatArray:
    """1 on the bone, falling to 0 just outside its sides."""
    return np.clip((1.1 - np.abs(patch.v)) / 0.08, 0, 1).astype(np.float32)


def _thin(
    film: FloatArray,
    patch: Patch,
    behind: FloatArray,
    end: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
) -> FloatArray:
    """Bone blended towards what lies beyond it wherever its ragged end no longer reaches."""
    ends, softness = end
    soft = np.maximum(patch.across(softness), 1.2 / patch.frame.width)
    keep = np.zeros_like(film)
    for layer in ends:
        keep += np.clip((patch.across(layer) - patch.beyond) / soft + 0.5, 0, 1)
    keep /= len(ends)
    return (film + (behind - film) * (1 - keep) * _before_plate(patch) * (film > behind)).astype(np.float32)


def _pull_back(
    film: FloatArray, patch: Patch, behind: FloatArray, end: npt.NDArray[np.float64]
) -> FloatArray:
    """The film with its margin pulled back to one ragged end: the bone pressed together, the margin moved as
    sharp as it is, and what lies beyond bone in the room that is left.

    Nothing is stretched into that room: the skirt of the old margin, or an epiphysis close to it, would stay
    there as a line, which is a sign of healing.
    """
    retreat = np.maximum(-patch.across(end), 1e-4) * _side(patch)
    pixel = 1 / patch.frame.width
    at, past = patch.beyond, patch.beyond + retreat
    pressed = -DEEP + (at + DEEP) * DEEP / np.maximum(DEEP - retreat, 0.1)
    source = np.where(past > 0, past, np.where(at > -DEEP, pressed, at))
    pulled = _moved(film, patch, along=np.where(past < 2 * pixel, source - at, 0).astype(np.float32))
    room = np.clip(past / pixel - 1, 0, 1) * np.clip(retreat / pixel, 0, 1) * _before_plate(patch)
    return (pulled + (behind - pulled) * room * (pulled > behind)).astype(np.float32)


def _before_plate(patch: Patch) -> FloatArray:
    """1 on the bone and just beyond its old margin: the physis and the epiphysis stay as they are."""
    return (_side(patch) * np.clip((0.05 - patch.beyond) / 0.02, 0, 1)).astype(np.float32)


def _widen(film: FloatArray, patch: Patch, behind: FloatArray, widening: float) -> FloatArray:
    """The growth plate wider by ``widening`` (widths): what lies beyond moves away and is pressed together,
    and plate fills the room.

    Nothing moves within ``RIM`` of the margin nor from ``FAR`` on, nor beside the bone, where its neighbour
    lies.
    """
    at = patch.beyond
    more = (max(widening, 1e-4) * np.clip((1.45 - np.abs(patch.v)) / 0.3, 0, 1)).astype(np.float32)
    pressed = RIM + (at - RIM - more) * (FAR - RIM) / (FAR - RIM - more)
    source = np.where(at < RIM + more, RIM, pressed)
    inside = (at > RIM) & (at < FAR)
    moved = _moved(film, patch, along=np.where(inside, source - at, 0).astype(np.float32))
    soft = 0.015
    plate = np.clip((at - RIM) / soft, 0, 1) * np.clip((RIM + more - at) / soft, 0, 1)
    return (moved + (behind - moved) * plate * _side(patch)).astype(np.float32)


def _splay(film: FloatArray, patch: Patch, splay: float) -> FloatArray:
    """The end drawn apart sideways, fading up the shaft; the tissue beside it is pressed together."""
    ramp = (
        splay
        * np.exp(-((np.minimum(patch.u, 0) / 0.5) ** 2))
        * np.clip(1 - np.maximum(patch.beyond, 0) / 0.1, 0, 1)
    )
    wide, limit = 1 + ramp, 1.5
    size = np.abs(patch.v)
    outside = 1 + (size - wide) * (limit - 1) / (limit - wide)
    source = np.where(size <= wide, size / wide, np.where(size < limit, outside, size)) * np.sign(patch.v)
    return _moved(film, patch, sideways=(source - patch.v).astype(np.float32))


def _moved(
    film: FloatArray, patch: Patch, along: FloatArray | None = None, sideways: FloatArray | None = None
) -> FloatArray:
    """The film sampled at places moved along the shaft (widths) or across it (half widths)."""
    y, x = np.mgrid[0 : film.shape[0], 0 : film.shape[1]].astype(np.float32)
    width = patch.frame.width
    for amount, direction, unit in (
        (along, patch.frame.axis, width),
        (sideways, patch.frame.across, width / 2),
    ):
        if amount is not None:
            x, y = x + amount * np.float32(direction[0] * unit), y + amount * np.float32(direction[1] * unit)
    moved = cv2.remap(film, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


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
    moved, inside = patch.margin + line, np.abs(GRID) <= 1
    apart = 1 + disease.splay * np.exp(-((np.minimum(moved, 0) / 0.5) ** 2))
    corners = [tuple(float(c) for c in frame.to_pixels(side * wide, 0.0)) for side in (-1, 1)]
    sha256 = hashlib.sha256(pixels.astype("<f4").tobytes()).hexdigest()
    notes = (*radiograph.notes, "rickets painted on a normal film")
    painted = replace(radiograph, pixels=pixels, sha256=sha256, notes=notes)
    return PaintedFilm(
        painted,
        (corners[0][0], corners[0][1]),
        (corners[1][0], corners[1][1]),
        frame.to_pixels((GRID * apart)[inside], moved[inside]),
        disease,
        cupping,
        value,
        grade,
        shifted,
    )
