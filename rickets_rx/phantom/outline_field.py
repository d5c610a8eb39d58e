"""A closed outline on a grid: how far inside it each place lies, and how a shaft runs in it."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Map = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Field:
    """An outline on a grid: ``inside`` mm from the outline (0 beyond), and how a shaft lies in it by row."""

    x: Map
    s: Map
    inside: Map
    half: Map
    middle: Map
    t: Map
    facing: Map = field(default_factory=lambda: np.zeros((1, 1), np.float32))


def inside_of(outline: FloatArray, x0: float, s0: float, pitch: float, shape: tuple[int, int]) -> Map:
    """Distance from the outline at every place within it, mm, from a grid twice as fine."""
    fine = np.zeros((2 * shape[0], 2 * shape[1]), np.uint8)
    points = (outline - (x0 - pitch / 4, s0 - pitch / 4)) * (2 / pitch)
    cv2.fillPoly(fine, [np.round(points * 64).astype(np.int32)], 1, shift=6)
    away = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Its last bits differ from call to call; squared distances of pixels are whole numbers.
    away = np.sqrt(np.rint(away * away))
    away = cv2.resize(np.maximum(away - 0.5, 0), shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(away * np.float32(pitch / 2), dtype=np.float32)


def laid_out(outline: FloatArray, pitch: float) -> Field:
    low, high = outline.min(0) - 2 * pitch, outline.max(0) + 3 * pitch
    x = np.arange(low[0], high[0], pitch, dtype=np.float32)
    s = np.arange(low[1], high[1], pitch, dtype=np.float32)
    inside = inside_of(outline, float(x[0]), float(s[0]), pitch, (len(s), len(x)))
    full = (inside > 0).astype(np.float32)
    count = full.sum(axis=1)
    middle = (full * x[None, :]).sum(axis=1) / np.maximum(count, 1)
    kernel = max(3, 2 * round(0.06 * len(s)) + 1)
    half = np.maximum(_smooth(count * np.float32(pitch / 2), kernel), 2 * pitch)
    t = np.clip((s - outline[:, 1].min()) / np.ptp(outline[:, 1]), 0, 1).astype(np.float32)
    return Field(x, s, inside, half.astype(np.float32), _smooth(middle, kernel).astype(np.float32), t)


def _smooth(values: npt.NDArray[np.floating], kernel: int) -> npt.NDArray[np.floating]:
    """Running mean over an odd number of places."""
    first, last = np.repeat(values[:1], kernel // 2 + 1), np.repeat(values[-1:], kernel // 2)
    total = np.cumsum(np.concatenate([first, values, last]), dtype=np.float64)
    return (total[kernel:] - total[:-kernel]) / kernel


def around(lie: Field) -> list[tuple[Map, Map]]:
    """Cosine and sine of once, twice and three times the bearing of each place from the map's middle."""
    x, s = (2 * (axis - axis.mean()) / np.ptp(axis) for axis in (lie.x, lie.s))
    reach = np.maximum(np.sqrt(np.square(x)[None, :] + np.square(s)[:, None]), np.float32(1e-6))
    c, s = (x[None, :] / reach).astype(np.float32), (s[:, None] / reach).astype(np.float32)
    out = [(c, s)]
    for _ in range(2):
        ck, sk = out[-1]
        out.append((ck * c - sk * s, sk * c + ck * s))
    return out


def near(lie: Field, end: int, reach: float) -> Map:
    """1 at an end of one half of a bone, falling over ``reach`` mm inwards; 0 at the sides of the shaft."""
    full = lie.inside > 0
    # Beyond a fifth of the length nothing counts, and nothing is worked out.
    close = np.abs(lie.t - end) < 0.2
    rows = np.flatnonzero(close).astype(np.float32)[:, None]
    first = (
        np.where(full.any(axis=0), full.argmax(axis=0), 10**6)
        if end == 0
        else full.shape[0] - 1 - full[::-1].argmax(axis=0)
    )
    way = (rows - first[None, :]) * (1 if end == 0 else -1) * np.float32(lie.s[1] - lie.s[0])
    out = np.zeros_like(lie.inside)
    out[close] = np.exp(-np.square(np.maximum(way, 0) / reach))
    return out
