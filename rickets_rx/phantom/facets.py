"""Joint faces of the carpals: white lines within the faint silhouette, where a face is seen edge-on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Map = npt.NDArray[np.float32]

RIPE = (4.5, 8.5)
"""Skeletal age over which carpals get faces, years (ours, from films of the atlas)."""
OUTER = 0.45
"""Share of a face's inset by which the bone's far half ends sooner; its line lies deeper (ours)."""
HOOK = (8.5, 11.0)
"""Skeletal age over which the hook of the hamate shows, years (ours)."""


@dataclass(frozen=True)
class Facet:
    """A face: ``angle`` of its middle and ``half`` of its extent from the bone's middle (degrees, 0 to the
    thumb, 90 distal), ``inset`` of its line behind the silhouette (mm), ``strength`` (mm of cortex)."""

    angle: float
    half: float
    inset: float
    strength: float

    def share(self, turn: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """1 in the middle of the face, 0 beyond its ends, by angle (radians)."""
        off = np.abs(np.mod(turn - np.radians(self.angle) + np.pi, 2 * np.pi) - np.pi)
        return np.clip((np.radians(self.half) - off) / 0.45 + 0.5, 0, 1)


FACES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "capitate": ((0, 26, 0.9, 0.6), (275, 40, 0.8, 0.8), (90, 30, 0.8, 0.6), (180, 30, 0.4, 0.5)),
    "hamate": ((215, 40, 0.8, 0.8), (0, 35, 0.6, 0.8), (80, 30, 0.9, 0.6)),
    "triquetrum": ((40, 42, 0.8, 0.9), (330, 28, 0.4, 0.6)),
    "lunate": ((80, 55, 1.2, 1.4), (195, 30, 0.6, 0.8), (272, 50, 0.5, 0.6)),
    "scaphoid": ((165, 50, 0.5, 1.5), (250, 35, 0.7, 0.6), (60, 30, 0.8, 0.6)),
    "trapezium": ((25, 42, 1.0, 1.2), (205, 35, 0.5, 0.6)),
    "trapezoid": ((90, 42, 0.7, 0.9), (180, 38, 0.6, 0.8), (280, 30, 0.5, 0.6)),
}
"""(angle, half, inset, strength) of each bone's faces in a child of eleven years: which ones show is what
those who set the outlines wrote down; the numbers are ours."""


def draw_facets(rng: np.random.Generator, name: str, age: float, unit: float) -> tuple[Facet, ...]:
    """The faces of one child's carpal at a skeletal age (years); ``unit`` is the radius's width, mm."""
    ripe = float(np.clip((age - RIPE[0]) / (RIPE[1] - RIPE[0]), 0, 1))
    out = []
    for angle, half, inset, strength in FACES.get(name, ()):
        turn, wide, deep, clear = rng.normal(0, 1, 4)
        seen = rng.random() < min(0.9, 0.6 * strength)
        if ripe > 0 and seen:
            out.append(
                Facet(
                    angle + 9 * turn,
                    half * float(np.exp(0.18 * wide)),
                    1.25 * inset * ripe * unit / 23 * float(np.exp(0.35 * deep)),
                    0.75 * strength * ripe**0.5 * float(np.exp(0.3 * clear)),
                )
            )
    return tuple(out)


def inset(points: FloatArray, facets: tuple[Facet, ...]) -> FloatArray:
    """A closed outline (n, 2) whose faces are drawn in towards the bone's middle, `OUTER` of the way to their
    line."""
    middle = points.mean(axis=0)
    away = points - middle
    reach = np.hypot(*away.T)
    depth = np.zeros(len(points))
    for facet in facets:
        depth = np.maximum(depth, OUTER * facet.inset * facet.share(np.arctan2(away[:, 1], away[:, 0])))
    return np.asarray(middle + away * (1 - np.minimum(depth / reach, 0.4))[:, None])


def far_half(rng: np.random.Generator, points: FloatArray, age: float) -> FloatArray:
    """The outline of a carpal's far half: shifted, turned and a little smaller, so that the contours of front
    and back cross as two smooth lines; apart by more the riper the bone (skeletal age, years; ours)."""
    middle = points.mean(axis=0)
    ripe = float(np.interp(age, (3.0, 9.0), (0.25, 1.0)))
    size = float(np.hypot(*(points - middle).T).mean())
    turn = np.radians(ripe * rng.normal(0, 4.0))
    c, s = np.cos(turn), np.sin(turn)
    bearing, off = rng.uniform(0, 2 * np.pi), ripe * rng.uniform(0.06, 0.14) * size
    away = (points - middle) * (1 - ripe * rng.uniform(0.0, 0.04, 2))
    shift = off * np.array([np.cos(bearing), np.sin(bearing)])
    return np.asarray(middle + away @ np.array([[c, s], [-s, c]]) + shift)


def sharing(own: Map, over: Map, kept: float) -> Map:
    """What a bone keeps of its mineral under another, 0-1, from the ways in from both outlines (mm).

    All where the other begins, ``kept`` at its own edge, and between them by the ways.
    """
    share = own / np.maximum(own + over, np.float32(1e-6))
    less = np.float32(kept) + np.float32(1 - kept) * share
    return np.asarray(np.where(over > 0, less, np.float32(1)), dtype=np.float32)


def face_lines(inside: Map, x: Map, s: Map, facets: tuple[Facet, ...]) -> Map:
    """White lines of the faces, mm of cortical equivalent, from the way in from their outline (mm).

    Each is sharp towards the joint and fades into the bone over half a millimetre.
    """
    full = inside > 0
    weight = full.astype(np.float32)
    total = max(float(weight.sum()), 1.0)
    mx, ms = float((weight * x[None, :]).sum()) / total, float((weight * s[:, None]).sum()) / total
    turn = np.arctan2(s[:, None] - np.float32(ms), x[None, :] - np.float32(mx))
    out = np.zeros_like(inside)
    for facet in facets:
        share = np.float32(facet.strength) * facet.share(turn).astype(np.float32)
        way = inside - np.float32((1 - OUTER) * facet.inset)
        line = np.clip(way / np.float32(0.14) + 1, 0, 1) * np.exp(
            -np.square(np.maximum(way, 0) / np.float32(0.28))
        )
        out = np.maximum(out, share * line)
    return np.asarray(out * full, dtype=np.float32)


def hook(rng: np.random.Generator, x: Map, s: Map, age: float, unit: float) -> Map:
    """The hook of the hamate seen from its end: an open bright ring, mm of cortex."""
    ripe = float(np.clip((age - HOOK[0]) / (HOOK[1] - HOOK[0]), 0, 1))
    at = unit * rng.normal((-0.04, 0.05), 0.015)
    wide, tall = unit * rng.uniform((0.055, 0.075), (0.08, 0.11))
    opens, strength = rng.normal(-0.5, 0.5), ripe * rng.uniform(0.25, 0.6)
    u, v = (x[None, :] - at[0]) / wide, (s[:, None] - at[1]) / tall
    turn = np.mod(np.arctan2(v, u) - opens, 2 * np.pi)
    arc = np.clip(np.minimum(turn, 2 * np.pi - turn) / 0.5 - 1.0, 0, 1)
    ring = np.exp(-np.square((np.hypot(u, v) - 1) * (0.5 * (wide + tall)) / 0.32))
    return np.asarray(strength * (arc * ring + 0.25 * (np.hypot(u, v) < 1)), dtype=np.float32)
