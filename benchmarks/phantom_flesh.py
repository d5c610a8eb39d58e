"""Skin, flesh and ground of real films and of phantoms, read by the same code.

    python benchmarks/phantom_flesh.py REAL_FOLDER [SEED]

REAL_FOLDER holds films, ``landmarks.json`` (corners of the distal radius) and ``manifest.csv``. For every
landmarked hand the skin is found by a threshold; its two sides are read along lines across the forearm's own
axis, grey (air 0, radius 1) against the depth below the skin, and grain in three bands of a few pixels.
Every second film gets a phantom in its place in the population. Prints medians, real / phantom.
"""

import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from phantom_blind import frontal_films, grey8, template

from rickets_rx.phantom.population import like

PLACES = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0])
"""Along the forearm, in widths of the radius from the middle of its margin, distal positive."""
DEPTHS = np.arange(0.0, 0.33, 0.03)
AGES = ((0.0, 3.0), (3.0, 6.0), (6.0, 9.5), (9.5, 16.0))
FOUND_AT = 0.10
"""Share of the way from air to bone at which the skin is taken to begin (ours)."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What one film says: sides of the skin at `PLACES` (widths), grey at `DEPTHS`, grain and ground."""

    age: float
    sides: np.ndarray
    grey: dict[str, np.ndarray]
    grain: np.ndarray
    air: float
    contrast: float
    uneven: float


def skin_of(grey: np.ndarray, at: np.ndarray, width: float) -> tuple[np.ndarray, float, float]:
    """The limb's mask, and the grey of air and of the radius round ``at``."""
    calm = cv2.GaussianBlur(grey, (0, 0), max(0.02 * width, 0.8))
    x, y = (int(v) for v in at)
    near = max(int(0.2 * width), 1)
    bone = float(np.median(calm[max(y - near, 0) : y + near, max(x - near, 0) : x + near]))
    edge = int(0.04 * min(grey.shape))
    rims = (calm[2 * edge : -2 * edge, edge : 2 * edge], calm[2 * edge : -2 * edge, -2 * edge : -edge])
    air = float(np.median(np.concatenate([rim.ravel() for rim in rims])))
    _, parts = cv2.connectedComponents((calm > air + FOUND_AT * (bone - air)).astype(np.uint8))
    here = parts[min(max(y, 0), grey.shape[0] - 1), min(max(x, 0), grey.shape[1] - 1)]
    return (parts == here).astype(np.uint8), air, bone


def sides_of(
    mask: np.ndarray, middle: np.ndarray, frame: np.ndarray, width: float, at: np.ndarray
) -> np.ndarray:
    """Ulnar and radial side of the skin (widths) at places ``at``; NaN where it leaves the film."""
    t = np.arange(-3.2, 3.2, 0.02)
    out = np.full((len(at), 2), np.nan)
    for row, place in enumerate(at):
        points = np.round(middle + width * (place * frame[1] + t[:, None] * frame[0])).astype(int)
        inside = ((points >= 0) & (points < mask.shape[::-1])).all(axis=1)
        full = np.zeros(len(t), bool)
        full[inside] = mask[points[inside, 1], points[inside, 0]] > 0
        start = int(np.searchsorted(t, -0.3))
        if not full[start]:
            continue
        low = start - int(np.argmin(full[start::-1])) if not full[: start + 1].all() else -1
        high = start + int(np.argmin(full[start:])) if not full[start:].all() else len(t)
        if low >= 0 and inside[low]:
            out[row, 0] = t[low]
        if high < len(t) and inside[high]:
            out[row, 1] = t[high]
    return out


def read(grey: np.ndarray, ulnar: np.ndarray, radial: np.ndarray, distal: np.ndarray, age: float) -> Reading:
    """One film with the corners of its radius and the way the fingers point."""
    width, middle = float(np.hypot(*(radial - ulnar))), (ulnar + radial) / 2
    across = (radial - ulnar) / width
    along = np.array([across[1], -across[0]])
    along = along if along @ distal > 0 else -along
    mask, air, bone = skin_of(grey, middle - 0.4 * width * along, width)
    near = np.arange(-1.6, -0.3, 0.1)
    for _ in range(2):
        mids = sides_of(mask, middle, np.stack([across, along]), width, near).mean(axis=1)
        seen = np.isfinite(mids)
        if seen.sum() > 4:
            along = along + np.polyfit(near[seen], mids[seen], 1)[0] * across
            along /= np.hypot(*along)
            across = np.array([-along[1], along[0]]) * np.sign(np.dot([-along[1], along[0]], across))
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5) / width
    level = (grey - air) / (bone - air)
    y, x = np.indices(grey.shape)
    up = ((x - middle[0]) * along[0] + (y - middle[1]) * along[1]) / width
    size = max(int(0.56 * width) * 2 + 1, 3)
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    zones = {
        "fingers": (mask > 0) & (thick == 0) & (up > 3.2),
        "palm": (thick > 0) & (up > 0.3) & (up < 3.5),
        "forearm": (thick > 0) & (up < -0.25),
    }
    return Reading(
        age,
        sides_of(mask, middle, np.stack([across, along]), width, PLACES),
        {name: by_depth(level, depth, zone) for name, zone in zones.items()},
        *ground_of(grey, mask, depth, width, (air, bone)),
    )


def by_depth(level: np.ndarray, depth: np.ndarray, zone: np.ndarray) -> np.ndarray:
    """Median grey at `DEPTHS` below the skin within a zone."""
    rings = [zone & (depth >= low) & (depth < low + 0.03) & (depth > 0) for low in DEPTHS]
    return np.array([np.median(level[ring]) if ring.sum() > 10 else np.nan for ring in rings])


def ground_of(
    grey: np.ndarray, mask: np.ndarray, depth: np.ndarray, width: float, levels: tuple[float, float]
) -> tuple[np.ndarray, float, float, float]:
    """Grain of air and of flesh in three bands each, air, contrast, unevenness of the air, of 255."""
    air, bone = levels
    away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) / width
    empty = (away > 0.4) & (grey < air + 0.15 * (bone - air)) & (grey > 1)
    flesh = (depth > 0.12) & (depth < 0.22)
    blurred = [grey] + [cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in (0.8, 1.6, 3.2)]
    bands = [a - b for a, b in pairwise(blurred)]
    grain = [
        1.48 * np.median(np.abs(b[z])) if z.sum() > 50 else np.nan for z in (empty, flesh) for b in bands
    ]
    uneven = float(np.ptp(np.percentile(grey[empty], (5, 95)))) if empty.sum() > 50 else np.nan
    return np.array(grain), air, bone - air, uneven


def both(folder: Path, seed: int) -> tuple[list[Reading], list[Reading]]:
    """Readings of the landmarked hands, and of a phantom for every second."""
    pool = {path.stem: (path, row) for path, row in frontal_films(folder) if "hand" in row["body_part"]}
    marks = json.loads((folder / "landmarks.json").read_text())
    rng = np.random.default_rng(seed)
    real, made = [], []
    for name in sorted(set(marks) & set(pool)):
        points, (path, row) = marks[name], pool[name]
        if not points.get("ru") or not points.get("rr"):
            continue
        place = template(path, row, rng)
        corners = [np.array(points[key], float) for key in ("ru", "rr")]
        real.append(read(grey8(path).astype(np.float32), *corners, np.array([0.0, -1.0]), place.age))
        if len(real) % 2:
            film = like(place, int(rng.integers(1 << 30)))
            radius, ulna = film.joints[0].bones
            ends = sorted(
                (radius.corner1, radius.corner2), key=lambda p: np.hypot(*np.subtract(p, ulna.corner1))
            )
            pixels = np.round(film.pixels * 255).astype(np.float32)
            made.append(read(pixels, *(np.array(p) for p in ends), np.array(radius.distal), place.age))
    return real, made


def report(real: list[Reading], made: list[Reading]) -> str:
    """Medians of films / of phantoms."""
    lines = []
    for low, high in AGES:
        groups = [[r for r in readings if low <= r.age < high] for readings in (real, made)]
        if not all(groups):
            continue
        lines.append(f"{low:g}-{high:g} years, {len(groups[0])} films, {len(groups[1])} phantoms")
        sides = [np.nanmedian([r.sides for r in group], axis=0) for group in groups]
        for place, a, b in zip(PLACES, *sides, strict=True):
            lines.append(f"  at {place:4.1f}: ulnar {a[0]:.2f} / {b[0]:.2f}, radial {a[1]:.2f} / {b[1]:.2f}")
    for zone in ("fingers", "palm", "forearm"):
        a, b = (np.nanmedian([r.grey[zone] for r in readings], axis=0) for readings in (real, made))
        lines += [f"grey of {zone} by depth: " + " ".join(f"{v:.2f}" for v in a)]
        lines += [" " * (len(zone) + 15) + " / " + " ".join(f"{v:.2f}" for v in b)]
    for name, values in (("grain of air, flesh", "grain"), ("air", "air"), ("contrast", "contrast"),
                         ("unevenness of air", "uneven")):  # fmt: skip
        a, b = (np.atleast_1d(np.nanmedian([getattr(r, values) for r in rs], axis=0)) for rs in (real, made))
        lines.append(f"{name}: {' '.join(f'{v:.2f}' for v in a)} / {' '.join(f'{v:.2f}' for v in b)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    cv2.setNumThreads(1)
    sys.stdout.write(report(*both(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
