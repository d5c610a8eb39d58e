"""What else lies on real films: plaster, dust lines, exposure steps, 8-bit greys and JPEG."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from rickets_rx.phantom.limb import Capsule, tissue_map
from rickets_rx.phantom.noise import FloatArray, sample_tile, trabecular_tile
from rickets_rx.phantom.place import Pose

PLASTER = 0.42
"""Cortical-bone equivalent of wet-laid plaster of Paris with its bandage, mm per mm (ours)."""


UNEVEN = (0.33, 0.13, 0.14, 0.39, 0.01)
"""Shares of the ground's variance: tilt, bend, light round the limb, edges, clouds. Medians of 20 films: a
plane explains 0.33 of the air's variance, with light round the limb 0.45, with a bent plane 0.64; most of the
rest lies at the films' edges. Read once, by a script that was not kept; medians of shares need not add up."""
GROUND = 48
"""Columns and rows on which the slow ground is drawn."""
DARKEST = 0.01
"""How far the ground's darkest place lies below the film's own air, share of full scale (ours)."""


@dataclass(frozen=True)
class Artefacts:
    """Faults of the finished film.

    Parameters
    ----------
    jpeg : int
        JPEG quality 30-100 of an 8-bit copy; 0 for none.
    eight_bit : bool
        Greys in 256 steps, clipped at both ends.
    dust_lines : int
        Straight lines along the plate's transport, one pixel wide.
    step : float
        Grey step across the film where two exposures meet (share of full scale).
    cast_mm : float
        Thickness of a plaster cast over the shown forearm; 0 for none.
    rim : float
        How far unexposed (bright) or cut (black) edges of a scanned film reach in, share of the shorter side.
    cassette : float
        Width of the dark shadow of a cassette round a film that was scanned whole, share of the shorter side.
    grain : float
        Noise of the digitiser, share of full scale.
    splint_mm : float
        Thickness of a plaster slab under one side of the forearm and hand; 0 for none.
    metal : str
        Metal in the beam: "" none, "ring", "bracelet", "snaps" (beside or on the flesh, off the graded ends),
        "plate" (screwed on a graded bone), "wire" (through one).
    veil : float
        How uneven the ground is (standard deviation, share of full scale): scattered light, a tilted field,
        clouds, stripes of the reader.
    specks : int
        Grains of dust, hairs and scratches.
    sheet : float
        Grey of a sheet of plastic or cloth that lies across a part of the film, share of full scale.
    """

    jpeg: int = 0
    eight_bit: bool = False
    dust_lines: int = 0
    step: float = 0.0
    cast_mm: float = 0.0
    rim: float = 0.0
    cassette: float = 0.0
    grain: float = 0.0
    splint_mm: float = 0.0
    metal: str = ""
    veil: float = 0.0
    specks: int = 0
    sheet: float = 0.0


def draw_artefacts(rng: np.random.Generator) -> Artefacts:
    """Artefacts as often as films have them (ours)."""
    return Artefacts(
        jpeg=int(rng.integers(55, 97)) if rng.random() < 0.3 else 0,
        eight_bit=bool(rng.random() < 0.5),
        dust_lines=int(rng.integers(1, 4)) if rng.random() < 0.06 else 0,
        step=float(rng.normal(0, 0.12)) if rng.random() < 0.03 else 0.0,
        rim=float(rng.uniform(0.003, 0.05)) if rng.random() < 0.45 else 0.0,
        cassette=float(rng.uniform(0.03, 0.1)) if rng.random() < 0.05 else 0.0,
        metal=str(rng.choice(["ring", "bracelet", "snaps"])) if rng.random() < 0.04 else "",
        grain=float(np.exp(rng.normal(np.log(0.0015), 0.6))) if rng.random() < 0.6 else 0.0,
    )


def spoil(film: FloatArray, artefacts: Artefacts, rng: np.random.Generator) -> FloatArray:
    """The film with its faults, float32 within 0-1."""
    out = film
    if artefacts.step:
        rows = out.shape[0]
        at = int(rng.uniform(0.3, 0.8) * rows)
        ramp = np.clip((np.arange(rows) - at) / 3 + 0.5, 0, 1).astype(np.float32)[:, None]
        out = np.clip(out + np.float32(artefacts.step) * ramp * (out > 0.02), 0, 1).astype(np.float32)
    if artefacts.sheet:
        out = _sheet(out, artefacts.sheet, rng)
    if artefacts.veil:
        out = _veil(out, artefacts.veil, rng)
    if artefacts.specks:
        out = _specks(out, artefacts.specks, rng)
    for _ in range(artefacts.dust_lines):
        out = out.copy()
        column, change = int(rng.integers(out.shape[1])), float(rng.normal(0, 0.06))
        out[:, column] = np.clip(out[:, column] + change, 0, 1)
    if artefacts.cassette:
        out = _cassette(out, artefacts.cassette, rng)
    elif artefacts.rim:
        out = _rims(out, artefacts.rim, rng)
    if artefacts.grain:
        out = np.clip(out + artefacts.grain * rng.standard_normal(out.shape, dtype=np.float32), 0, 1)
    if artefacts.jpeg:
        out = _jpeg(out, artefacts.jpeg)
    elif artefacts.eight_bit:
        out = np.round(out * 255) / np.float32(255)
    return np.asarray(out, dtype=np.float32)


def _veil(film: FloatArray, veil: float, rng: np.random.Generator) -> FloatArray:
    """The film over an uneven ground: tilted, bent, brighter round the limb and towards the film's edges,
    with faint clouds and stripes."""
    rows, columns = film.shape
    y, x = (v.astype(np.float32) for v in np.mgrid[-0.5 : 0.5 : GROUND * 1j, -0.5 : 0.5 : GROUND * 1j])
    clouds = rng.standard_normal((9, 9), dtype=np.float32)
    edges = np.zeros_like(x)
    for inward in (x + 0.5, 0.5 - x, y + 0.5, 0.5 - y):
        edges += np.float32(rng.exponential()) * np.exp(-inward / np.float32(rng.uniform(0.03, 0.15)))
    glow = cv2.GaussianBlur(cv2.resize(film, (GROUND, GROUND), interpolation=cv2.INTER_AREA), (0, 0), 3.0)
    tilt, bend = rng.normal(0, 1, 2), rng.normal(0, 1, 3)
    fields = (
        np.float32(tilt[0]) * x + np.float32(tilt[1]) * y,
        np.float32(bend[0]) * x * x + np.float32(bend[1]) * y * y + np.float32(bend[2]) * x * y,
        glow,
        edges,
        cv2.resize(clouds, (GROUND, GROUND), interpolation=cv2.INTER_CUBIC),
    )
    own = np.exp(rng.normal(0, 0.4, len(fields)))
    ground = np.zeros_like(x)
    for part, share, field in zip(own, UNEVEN, fields, strict=True):
        ground += field * np.float32(veil * part * np.sqrt(share) / max(float(field.std()), 1e-6))
    ground = cv2.resize(ground - ground.min(), (columns, rows), interpolation=cv2.INTER_LINEAR)
    stripes = cv2.GaussianBlur(rng.standard_normal((rows, 1)).astype(np.float32), (1, 0), 0, sigmaY=2.5)
    ground += np.float32(0.06 * veil) * stripes - np.float32(DARKEST)
    return np.asarray(np.maximum(film + ground * np.maximum(1 - 1.3 * film, 0), 0), dtype=np.float32)


def _specks(film: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Grains of dust, hairs and scratches, mostly brighter than what they lie on, a pixel or so wide."""
    mark = np.zeros(film.shape, np.float32)
    size = np.array(film.shape[::-1])
    for _ in range(count):
        start = rng.uniform(0, size)
        long = float(np.exp(rng.normal(-0.2, 0.7)))
        heading = float(rng.uniform(0, 2 * np.pi)) + np.cumsum(rng.normal(0, 0.25, 5))
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * long / 5
        points = start + np.cumsum(steps, axis=0)
        low = np.floor(points.min(0)).astype(int) - 3
        high = np.minimum(np.ceil(points.max(0)).astype(int) + 4, size)
        low = np.maximum(low, 0)
        if (low >= high).any():
            continue
        # OpenCV draws soft lines in 8 bits only.
        own = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        cv2.polylines(own, [np.round((points - low) * 16).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
        grey = np.float32(rng.normal(0.015, 0.025) / 255)
        mark[low[1] : high[1], low[0] : high[0]] += grey * cv2.GaussianBlur(
            own.astype(np.float32), (0, 0), 0.6
        )
    return np.clip(film + mark, 0, 1).astype(np.float32)


def _sheet(film: FloatArray, grey: float, rng: np.random.Generator) -> FloatArray:
    """A sheet with a slightly denser rim that lies across a part of the film, or a sleeve at its foot."""
    rows, columns = film.shape
    long = max(film.shape)
    foot = rng.random() < 0.6
    middle = np.array(
        [
            rng.uniform(0.1, 0.9) * columns,
            rng.uniform(0.95, 1.15) * rows if foot else rng.uniform(0, 0.6) * rows,
        ]
    )
    half = (
        np.array([rng.uniform(0.15, 0.7), rng.uniform(0.06, 0.2) if foot else rng.uniform(0.1, 0.5)]) * long
    )
    angle = float(rng.normal(0, 0.25))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = middle + (np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half) @ turn.T
    points = np.round(corners * 16).astype(np.int32)
    mark = np.zeros(film.shape, np.uint8)
    cv2.fillPoly(mark, [points], 140, cv2.LINE_AA, 4)
    cv2.polylines(mark, [points], True, 252, max(1, round(long / 700)), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mark.astype(np.float32), (0, 0), 0.7) * np.float32(grey / 140)
    return np.asarray(film + soft * np.maximum(1 - film, 0), dtype=np.float32)


def _inward(shape: tuple[int, int], side: int, lean: float) -> FloatArray:
    """Pixels from one side of the film (0 top, 1 bottom, 2 left, 3 right), leaning by ``lean`` along it."""
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    columns = np.arange(shape[1], dtype=np.float32)[None, :]
    across, along = (rows, columns) if side < 2 else (columns, rows)
    far = (shape[0] if side < 2 else shape[1]) - 1
    return np.asarray((far - across if side % 2 else across) + np.float32(lean) * along, dtype=np.float32)


def _rims(film: FloatArray, rim: float, rng: np.random.Generator) -> FloatArray:
    """Edges of a scanned film: unexposed and bright with a glow, or cut and black, mostly on one side or
    two."""
    size, out = min(film.shape), film.copy()
    lean = float(rng.normal(0, 0.012))
    black = rng.random() < 0.35
    for side in range(4):
        if rng.random() < 0.65:
            continue
        reach = float(rng.uniform(0.0, 1.0)) * rim * size
        inward = _inward((film.shape[0], film.shape[1]), side, lean if side in (0, 3) else -lean) - reach
        edge = 1 / (1 + np.exp(np.clip(inward / float(rng.uniform(0.3, 0.9)), -30, 30)))
        if not black:
            glow = float(rng.uniform(0.0, 0.5)) * np.exp(
                -np.maximum(inward, 0) / (size * rng.uniform(0.004, 0.03))
            )
            out = np.clip(out + glow, 0, 1)
        level = 0.0 if black else float(rng.uniform(0.6, 1.0))
        out = out * (1 - edge) + level * edge
    return np.asarray(out, dtype=np.float32)


def _cassette(film: FloatArray, width: float, rng: np.random.Generator) -> FloatArray:
    """The film set into a dark shadow with uneven sides on a grey ground, its contrast poor."""
    size, keep = min(film.shape), np.ones_like(film)
    soft = float(rng.uniform(0.001, 0.003)) * size
    lean = float(rng.normal(0, 0.01))
    outside = np.ones_like(film)
    for side in range(4):
        inward = _inward((film.shape[0], film.shape[1]), side, lean if side in (0, 3) else -lean)
        shadow, start = (
            width * size * float(rng.uniform(0.3, 0.9)),
            width * size * float(rng.uniform(0.2, 1.2)),
        )
        keep *= 1 / (1 + np.exp(np.clip(-(inward - start - shadow) / soft, -30, 30)))
        outside *= 1 / (1 + np.exp(np.clip(-(inward - start) / soft, -30, 30)))
    pale = float(rng.uniform(0.12, 0.3)) + float(rng.uniform(0.45, 0.65)) * film
    ground = float(rng.uniform(0.05, 0.2))
    return np.asarray(pale * keep + ground * (1 - outside), dtype=np.float32)


def _jpeg(film: FloatArray, quality: int) -> FloatArray:
    """The film after an 8-bit JPEG of a quality and back."""
    _, coded = cv2.imencode(
        ".jpg", np.round(film * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.float32) / np.float32(255)


def cast_map(
    capsules: tuple[Capsule, ...], pose: Pose, shape: tuple[int, int], thickness: float, reach: int
) -> FloatArray:
    """Plaster round the first ``reach`` capsules of a limb, as mm of cortical bone, with its bandage's
    weave."""
    inner = tissue_map(capsules[:reach], pose, shape, 2)
    grown = tuple(
        replace(c, start_half=c.start_half + thickness, end_half=c.end_half + thickness)
        for c in capsules[:reach]
    )
    shell = np.maximum(tissue_map(grown, pose, shape, 2) - inner, 0) * PLASTER
    shell = cv2.resize(shell, (2 * shell.shape[1], 2 * shell.shape[0]))[: shape[0], : shape[1]]
    x, y = np.meshgrid(np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32))
    weave = sample_tile(trabecular_tile(12), x * pose.spacing_mm * 0.8, y * pose.spacing_mm * 0.8, (3.0, 7.0))
    return np.asarray(shell * np.maximum(1 + 0.16 * weave, 0.2), dtype=np.float32)
