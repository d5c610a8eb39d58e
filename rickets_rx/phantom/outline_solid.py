"""Bones as solids round a closed outline: shell, walls and a net of spongiosa, as maps along the beam."""

from dataclasses import replace

import numpy as np

from rickets_rx.phantom.facets import face_lines
from rickets_rx.phantom.noise import band_noise
from rickets_rx.phantom.outline_build import Build, Grain, along, spongiosa
from rickets_rx.phantom.outline_field import Field, FloatArray, Map, around, inside_of, laid_out, near
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.small_bones import Look

RIM = 0.62
"""Cortical-bone equivalent of the thin shell at ends, facets and round small bones (ours)."""
WALL = 1.0
"""Cortical-bone equivalent of the walls of shafts (ours)."""

ZONE_MM = 0.4
"""Over how far a dense zone behind a growing end falls, mm (ours)."""
LOPSIDED = (0.32, 0.22, 0.16)
"""How unevenly a shell is thick round one half of a bone: of once, twice and three times round (ours)."""


def solid(
    outline: FloatArray, build: Build, *, pitch: float, look: Look, grain: Grain, seed: int,
    frayed: tuple[float, float] = (0.0, 0.0), back: FloatArray | None = None,
) -> Sheet:  # fmt: skip
    """Mineral of a bone along the beam, mm of cortical equivalent.

    Parameters
    ----------
    outline : ndarray of shape (n, 2)
        Closed, (x, s) in mm; s from base to head.
    pitch : float
        Step of the map, mm.
    seed : int
        Which piece of the texture lies in it.
    frayed : (base, head)
        How far rickets dissolves either end, 0-1.
    back : ndarray of shape (n, 2), optional
        Outline of its far half where that differs, as films show front and back of an end as two lines.
    """
    lie = laid_out(np.asarray(outline, float), pitch)
    if build.joints:
        lie = replace(lie, facing=_facing(lie, build.joints))
    rng = np.random.default_rng(seed)
    kept = 1 - 0.6 * look.fade
    wall, rim = _walls(lie, build, rng) * np.float32(kept), np.float32(build.rim * kept)
    density, streaks = spongiosa(lie, build, look, grain, seed)
    faces = [lie.inside]
    if back is not None:
        faces.append(
            inside_of(np.asarray(back, float), float(lie.x[0]), float(lie.s[0]), pitch, lie.inside.shape)
        )
    value = np.zeros_like(lie.inside)
    bearings = around(lie)
    for inside in faces:
        half = replace(lie, inside=inside)
        uneven = _uneven(lie, bearings, build, rng)
        shell = np.maximum(wall, rim * uneven)
        hard = np.float32(RIM) + np.float32(WALL - RIM) * np.clip((shell / max(rim, 1e-6) - 1) / 2, 0, 1)
        outer, inner = _layers(half, build, shell, uneven, pitch)
        filled = inner * (density + _zones(half, build, look))
        value += (1 - 0.75 * look.fade) * hard * (outer - inner) * streaks + filled
    if build.facets:
        lines = face_lines(faces[-1], lie.x, lie.s, build.facets)
        value += np.float32(len(faces) * (1 - 0.75 * look.fade)) * lines
    value *= np.float32(build.dense / len(faces))
    for end, share in enumerate(frayed):
        if share > 0:
            value = value * _dissolved(lie, end, share, rng)
    return Sheet(np.ascontiguousarray(value, dtype=np.float32), float(lie.x[0]), float(lie.s[0]), pitch)


def _layers(lie: Field, build: Build, wall: Map, uneven: Map, pitch: float) -> tuple[Map, Map]:
    """Depth of the bone and of what its shell holds, mm."""
    depth, edge = _depths(lie, build)
    if build.wall <= 0:
        # A side whose shell is thin slopes away.
        edge = edge * np.clip(np.float32(1.7) - np.float32(0.7) * uneven, 0.6, 1.6)
    outer = depth * _dome(lie.inside / edge)
    reach = np.maximum(edge - np.float32(0.6) * wall, pitch)
    if build.wall > 0:
        # The canal between the walls is clear: the inside is deep a quarter sooner (ours).
        reach = np.float32(0.75) * reach
    way: Map = np.clip((lie.inside - wall) / reach, 0, 1).astype(np.float32)
    thin = np.float32(build.through)
    # The inner face of a shaft's wall is spongy: it gives way by and by, that of a shell at once.
    inner = np.maximum(depth - thin * wall, 0) * (way * (2 - way) if build.wall > 0 else _dome(way))
    return outer, np.minimum(inner, outer)


def _dome(q: Map) -> Map:
    """Depth of an ellipse over its full depth, by the way in from its side over its half axis."""
    c = np.clip(q, 0, 1)
    return np.asarray(np.sqrt(c * (2 - c)), dtype=np.float32)


def _depths(lie: Field, build: Build) -> tuple[Map, Map]:
    """Full depth (mm) and the way in from the side over which it is gained (mm)."""
    if build.wall <= 0:
        deepest = float(lie.inside.max())
        depth = np.full((1, 1), 2 * build.depth * deepest, np.float32)
        # A block's faces are domed a little.
        steep = build.edge[1] * (1 - np.float32(0.6) * lie.facing) if build.joints else build.edge[1]
        return depth * (0.82 + 0.18 * lie.inside / deepest), np.asarray(
            np.broadcast_to(np.float32(deepest) * steep, lie.facing.shape), np.float32
        )
    # A shaft is less flattened at its waist than its outline says.
    round_half = np.float32(0.6) * lie.half + np.float32(0.4 * float(np.median(lie.half)))
    depth = np.float32(2 * build.depth) * round_half
    edge = lie.half * along(lie.t, build.edge)
    return depth[:, None], edge[:, None]


def _walls(lie: Field, build: Build, rng: np.random.Generator) -> Map:
    """Thickness of the side walls, mm: thickest at mid-shaft, each side in its own way, none at the ends."""
    if build.wall <= 0:
        return np.zeros((1, 1), np.float32)
    reach = np.where(lie.t < build.wall_at, build.wall_at, 1 - build.wall_at)
    bell = np.clip(1 - (np.abs(lie.t - build.wall_at) / (0.88 * reach)) ** 1.9, 0, 1)
    own = 1 + 0.13 * band_noise(rng, len(lie.t), 1.0, shortest=0.12, longest=1.0, rows=2)
    lean = rng.normal(0, 0.22)
    left, right = (
        build.wall * bell * np.clip(row * (1 + f * lean), 0.4, 1.6)
        for f, row in zip((-1, 1), own, strict=True)
    )
    side = np.clip((lie.x[None, :] - lie.middle[:, None]) / lie.half[:, None] * 1.5 + 0.5, 0, 1)
    return np.asarray(left[:, None] * (1 - side) + right[:, None] * side, dtype=np.float32)


def _facing(lie: Field, joints: tuple[float, ...]) -> Map:
    """How far each place looks towards a joint face, 0-1."""
    x, s = (axis - axis.mean() for axis in (lie.x, lie.s))
    turn = np.arctan2(s[:, None], x[None, :])
    return np.interp(turn, np.linspace(-np.pi, np.pi, len(joints)), joints).astype(np.float32)


def _uneven(lie: Field, bearings: list[tuple[Map, Map]], build: Build, rng: np.random.Generator) -> Map:
    """The shell's thickness round one half of the bone over its mean: thick on one side and thin on the
    other, joint faces thick, bare sides thin (shares ours)."""
    out = np.ones_like(lie.inside)
    for (c, s), spread in zip(bearings, LOPSIDED, strict=True):
        a, b = (np.float32(v) for v in rng.normal(0, spread, 2))
        out += a * c + b * s
    if build.joints:
        return np.asarray(np.clip(out, 0.1, 1.9) * (build.bare + np.float32(1.0 - build.bare) * lie.facing))
    base, sides, head = (np.float32(share) for share in build.rims)
    s = bearings[0][1]
    end = np.where(s < 0, base, head)
    return np.clip(out, 0.2, 1.9) * (sides + (end - sides) * s * s)


def _zones(lie: Field, build: Build, look: Look) -> Map | float:
    """Density of the dense zones behind the ends of one half of the bone."""
    out: Map | float = 0.0
    for end, strength in enumerate(build.zones):
        if strength > 0:
            close = near(lie, end, ZONE_MM)
            out = out + np.float32(strength * (1 - 0.7 * look.fade)) * close
    return out


def _dissolved(lie: Field, end: int, share: float, rng: np.random.Generator) -> Map:
    """What rickets leaves of an end: a ragged fringe that thins over a few millimetres."""
    span = float(np.ptp(lie.s))
    way = np.abs(lie.t - end)[:, None] * span
    depth = way / (0.32 * float(np.median(lie.half)) + 1.2 * share)
    ragged = 0.8 + 0.4 * rng.random(lie.inside.shape)
    return np.asarray(np.clip(1 - share * np.exp(-depth) * ragged, 0, 1), dtype=np.float32)
