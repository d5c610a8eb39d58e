"""Random appearance: every way in which scanners, processing and people change the greys of the same bones.

All ranges are ours. The trial behind this found it decisive for the search on whole films.
"""

import cv2
import numpy as np

from rickets_rx.segment.network import smooth
from rickets_rx.segment.training.canvas import Array


def randomise(image: Array, rng: np.random.Generator, overlays: bool = True) -> Array:
    """A film picture with exposure, processing, sharpness and noise drawn anew.

    Parameters
    ----------
    image : ndarray of shape (size, size), float32
        Any unit, denser = higher.
    rng : Generator
    overlays : bool
        Also add collimation, sheets and markers.

    Returns
    -------
    ndarray of shape (size, size), float32
        In about 0-1.
    """
    x = _window(image, rng)
    if overlays:
        x = _sheets(x, rng)
    x = _processing(x, rng)
    x = _sharpness(x, rng)
    if overlays:
        x = _markers(_collimation(x, rng), rng)
    return _noise(x, rng)


def _window(image: Array, rng: np.random.Generator) -> Array:
    """Exposure window (a tenth of the films lose much at either end) and gamma."""
    strong = rng.random() < 0.3
    low = rng.uniform(0, 25 if strong else 3)
    high = rng.uniform(90 if strong else 98.5, 100)
    a, b = np.percentile(image, (low, high))
    x = np.clip((image - a) / max(b - a, 1e-6), 0, 1.3 if rng.random() < 0.5 else 1.0)
    return np.asarray(x ** np.exp(rng.normal(0, 0.45)), np.float32)


def _processing(x: Array, rng: np.random.Generator) -> Array:
    """Local contrast as scanners apply it, CLAHE, and uneven illumination."""
    size = x.shape[0]
    if rng.random() < 0.5:
        x = x - rng.uniform(0.2, 0.9) * smooth(x, size * rng.uniform(0.03, 0.15))
    if rng.random() < 0.25:
        low, high = float(x.min()), float(x.max())
        eight = ((x - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
        tiles = int(rng.integers(2, 9))
        x = cv2.createCLAHE(rng.uniform(1.5, 5), (tiles, tiles)).apply(eight).astype(np.float32) / 255
    if rng.random() < 0.4:
        shade = cv2.resize(
            rng.normal(0, 1, (3, 3)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
        )
        x = x * (1 + rng.uniform(0, 0.3) * shade) + rng.uniform(0, 0.15) * shade
    return x


def _sharpness(x: Array, rng: np.random.Generator) -> Array:
    """Unsharp masking, blur, and films stored at a smaller scale."""
    size = x.shape[0]
    if rng.random() < 0.4:
        x = x + rng.uniform(0.3, 2.0) * (x - cv2.GaussianBlur(x, (0, 0), rng.uniform(1, 4)))
    if rng.random() < 0.4:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.6))
    if rng.random() < 0.3:
        part = int(size * rng.uniform(0.4, 0.9))
        x = cv2.resize(cv2.resize(x, (part, part), interpolation=cv2.INTER_AREA), (size, size))
    return x


def _noise(x: Array, rng: np.random.Generator) -> Array:
    grain: Array = rng.normal(0, 1, x.shape).astype(np.float32)
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.4, 1.2)) * 2
    spread = float(x.std())
    x = x + spread * rng.uniform(0, 0.25) ** 1.5 * grain
    return np.asarray(np.round(x * 255) / 255 if rng.random() < 0.3 else x, np.float32)


def _box(rng: np.random.Generator, size: int, low: float, high: float) -> np.ndarray:
    """Corners of a slightly turned rectangle, pixels times 16."""
    centre = size * rng.uniform(0.4, 0.6, 2)
    half = size * rng.uniform(low, high, 2) / 2
    angle = rng.normal(0, 0.06)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    return np.round((corners @ turn.T + centre) * 16).astype(np.int32)


def _collimation(x: Array, rng: np.random.Generator) -> Array:
    """Frames of collimators: black, white or shaded outside a rectangle; bright bars on one side."""
    size = x.shape[0]
    if rng.random() < 0.3:
        inside = np.zeros(x.shape, np.uint8)
        cv2.fillPoly(inside, [_box(rng, size, 0.75, 1.15)], 1, cv2.LINE_AA, 4)
        outside = rng.choice([float(x.min()), float(x.max()), float(np.median(x))])
        blend = rng.uniform(0.5, 1)
        x = np.where(inside > 0, x, x * (1 - blend) + outside * blend)
    if rng.random() < 0.2:
        bar = int(size * rng.uniform(0.01, 0.06))
        x = np.rot90(x, quarter := int(rng.integers(4))).copy()
        x[:bar] = float(x.max())
        x = np.rot90(x, -quarter).copy()
    return np.asarray(x, np.float32)


def _sheets(x: Array, rng: np.random.Generator) -> Array:
    """Translucent plates over part of the film."""
    if rng.random() < 0.15:
        plate = np.zeros(x.shape, np.uint8)
        corners = _box(rng, x.shape[0], 0.3, 1.5) + np.round(rng.normal(0, 4, 2) * x.shape[0]).astype(
            np.int32
        )
        cv2.fillPoly(plate, [corners], 1, cv2.LINE_AA, 4)
        x = x + rng.uniform(0.03, 0.3) * plate
    return np.asarray(x, np.float32)


def _markers(x: Array, rng: np.random.Generator) -> Array:
    """Lead letters with or without a holder, clips and wires."""
    size, bright = x.shape[0], float(x.max())
    x = np.ascontiguousarray(x, np.float32)
    for _ in range(rng.poisson(0.8)):
        spot = np.round(rng.uniform(0.0, 0.9, 2) * size).astype(int)
        height = size * rng.uniform(0.04, 0.14)
        tile = np.zeros(x.shape, np.uint8)
        if rng.random() < 0.6:
            end = spot + np.round(height * rng.uniform(0.8, 2.0, 2)).astype(int)
            cv2.rectangle(tile, (int(spot[0]), int(spot[1])), (int(end[0]), int(end[1])), 70, -1)
        for k, letter in enumerate(rng.choice(list("LRABDEKMNST"), rng.integers(1, 4))):
            place = (int(spot[0]) + 3, int(spot[1] + height * (k + 1)))
            thick = max(1, int(height / 7))
            cv2.putText(
                tile, str(letter), place, cv2.FONT_HERSHEY_SIMPLEX, height / 26, 255, thick, cv2.LINE_AA
            )
        lead = bright * tile.astype(np.float32) / 255
        x = x + lead if rng.random() < 0.5 else np.maximum(x, lead)
    return x
