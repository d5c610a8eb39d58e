"""The carpus: bones of one film side by side, with walls that are thick where a neighbour stands."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import ONSET
from rickets_rx.phantom.facets import HOOK, draw_facets, far_half, hook, inset, sharing
from rickets_rx.phantom.hand_atlas import CARPALS, SHAFTS, Traced, length, scattered
from rickets_rx.phantom.outline_build import Build, Grain
from rickets_rx.phantom.outline_field import inside_of
from rickets_rx.phantom.outline_solid import solid
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.ray_shapes import HandBuild
from rickets_rx.phantom.rays import RaySpec, stood
from rickets_rx.phantom.small_bones import Look

FloatArray = npt.NDArray[np.float64]

DENSE = ((2.0, 8.0), (1.2, 1.75))
"""Skeletal age, years, and mineral of a carpal over that of a metacarpal: sets its contrast to that of films
(ours)."""
FLAT = {"pisiform": 0.4, "trapezium": 0.72, "trapezoid": 0.68}
"""Extent along the beam of carpals that lie over others (ours)."""
LOAD = {"scaphoid": 55.0, "trapezium": 40.0, "trapezoid": 75.0, "triquetrum": 120.0, "hamate": 105.0}
"""Bearing along which a carpal bears its load, degrees; others 90, along the limb (ours)."""
FULL = ((7.0, 11.0), (1.0, 1.06))
"""Skeletal age, years, and size over that of the smoothed outlines, which lost their corners (ours)."""
NEAR = (0.06, 0.16)
"""How near a neighbour stands, widths, for a face to be a joint face wholly, and not at all (ours)."""
BARE = ((4.0, 8.0), (0.9, 0.45))
"""Skeletal age, years, and share of its thickness that the rim has away from joints (ours)."""
FRONT = {"pisiform": 0.8, "trapezium": 0.85, "scaphoid": 0.7, "hamate": 0.7}
"""Share of its mineral that a bone keeps at its edge where it lies over another; others `BEHIND` (ours)."""
BEHIND = 0.15
BEARINGS = np.linspace(-np.pi, np.pi, 25)
"""Bearings from a bone's middle at which joints are known, radians (0 to the thumb)."""


@dataclass(frozen=True, eq=False)
class _Carpal:
    """One bone: its outline (n, 2) round its own middle and where that stands, mm."""

    name: str
    points: FloatArray
    at: FloatArray

    @property
    def lying(self) -> FloatArray:
        """Its outline in the limb."""
        return self.points + self.at


def carpals(rng: np.random.Generator, spec: RaySpec, build: HandBuild) -> list[tuple[Sheet, Placement]]:
    """The ossified carpals, where and as the film has them that lends them."""
    child, worst = spec.child, spec.worst
    late = replace(child, lead=child.lead * (1 - 0.2 * worst.epiphysis_fade))
    ripe = late.skeletal_age
    streams = dict(zip(CARPALS, rng.spawn(len(CARPALS)), strict=True))
    row = [
        _shaped(streams[name], spec, build, name, since)
        for name in CARPALS
        if (since := ripe - ONSET[name] * child.factors.get("onset_" + name, 1.0)) > 0
    ]
    bases = [_base(spec, build, build.mix.bone(name)) for name in SHAFTS]
    out = []
    for bone in row:
        others = [other.lying for other in row if other is not bone] + bases
        sheet = _solid(streams[bone.name], spec, build, bone, others, ripe)
        kept = FRONT.get(bone.name, BEHIND)
        over = [(other.lying, kept) for other in row if other is not bone] + [(base, 0.5) for base in bases]
        _yield_to(sheet, bone, over)
        out.append((sheet, Placement((float(bone.at[0]), float(bone.at[1])), 0.0)))
    return out


def _base(spec: RaySpec, build: HandBuild, bone: Traced) -> FloatArray:
    """The base of a metacarpal in the limb, mm: a third of its shaft."""
    c, s = np.cos(np.radians(bone.degrees)), np.sin(np.radians(bone.degrees))
    points = np.minimum(bone.points, [np.inf, length(bone) / 3]) @ np.array([[c, s], [-s, c]])
    return np.asarray(points * build.mm + stood(spec, build.mm, bone.place))


def _shaped(rng: np.random.Generator, spec: RaySpec, build: HandBuild, name: str, since: float) -> _Carpal:
    """A carpal's outline and place."""
    bone = build.mix.bone(name, (since, ONSET[name]))
    at = stood(spec, build.mm, bone.place) + rng.normal(0, 0.004, 2) * spec.unit
    ripe = since + ONSET[name]
    points = bone.points * (build.mm * float(np.interp(ripe, *FULL)))
    return _Carpal(name, scattered(points, rng, 0.01), at)


def joints_of(outline: FloatArray, others: list[FloatArray], unit: float) -> tuple[float, ...]:
    """How far a bone's side is a joint face at `BEARINGS`, 0-1: whether a neighbour stands near.

    Parameters
    ----------
    outline, others : ndarrays of shape (n, 2)
        Closed outlines in one frame, mm.
    unit : float
        Width of the radius, mm.
    """
    if not others:
        return (0.0,) * len(BEARINGS)
    # Every second point: they lie less than 0.1 widths apart.
    outline, every = outline[::2], np.vstack([other[::2] for other in others])
    dx, dy = (outline[:, k, None] - every[None, :, k] for k in (0, 1))
    apart = np.sqrt((dx * dx + dy * dy).min(axis=1))
    share = np.clip((NEAR[1] - apart / unit) / (NEAR[1] - NEAR[0]), 0, 1)
    away = outline - outline.mean(axis=0)
    turn = np.arctan2(away[:, 1], away[:, 0])
    order = np.argsort(turn)
    around = np.interp(BEARINGS, turn[order], share[order], period=2 * np.pi)
    return tuple(float(v) for v in around)


def _solid(
    rng: np.random.Generator,
    spec: RaySpec,
    build: HandBuild,
    bone: _Carpal,
    others: list[FloatArray],
    ripe: float,
) -> Sheet:
    """A carpal as a map, its hook laid over it."""
    worst, points = spec.worst, bone.points
    grain = Grain(
        float(np.interp(spec.child.age, (3, 6, 10), (1.1, 1.1, 0.9))) * build.grain.clear,
        build.grain.tenths,
    )
    deep = FLAT.get(bone.name, 0.85) * float(rng.uniform(0.9, 1.1))
    # A large bone is flatter than a small one.
    deep *= min(float(0.3 * spec.unit / np.sqrt(np.prod(np.ptp(points, axis=0)))) ** 0.75, 1.4)
    rim, seed, faces = float(rng.uniform(0.18, 0.28)), int(rng.integers(1 << 30)), rng.spawn(1)[0]
    facets = draw_facets(faces, bone.name, ripe, spec.unit)
    made = Build(
        deep, rim=rim, rims=(1.0, 1.0, 1.0), edge=(0.8, 0.8, 0.8), fill=(1.25, 1.25, 1.25),
        dense=float(np.interp(ripe, *DENSE)), facets=facets,
        load=LOAD.get(bone.name, 90.0) + float(faces.normal(0, 12)),
        joints=joints_of(bone.lying, others, spec.unit), bare=float(np.interp(ripe, *BARE)),
    )  # fmt: skip
    back = inset(far_half(rng, points, ripe), facets)
    look = Look(fade=0.6 * worst.epiphysis_fade, coarse=worst.coarse)
    sheet = solid(points, made, pitch=spec.pitch, look=look, grain=grain, seed=seed, back=back)
    if bone.name == "hamate" and ripe > HOOK[0]:
        x, s = _axes(sheet)
        sheet.values[...] += hook(faces, x, s, ripe, spec.unit) * (sheet.values > 0)
    return sheet


def _axes(sheet: Sheet) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Places of a map's columns and rows, mm."""
    rows, columns = (np.arange(n, dtype=np.float32) * np.float32(sheet.pitch) for n in sheet.values.shape)
    return columns + np.float32(sheet.x0), rows + np.float32(sheet.s0)


def _yield_to(sheet: Sheet, bone: _Carpal, others: list[tuple[FloatArray, float]]) -> None:
    """Thin a bone where it lies over others (outline in the limb, mm, and the share that it keeps at its own
    edge): their joint face is oblique there, so both together are about as deep as one."""
    own, there, pitch = None, sheet.values > 0, sheet.pitch
    size = np.array(there.shape[::-1]) * pitch
    for outline, kept in others:
        # What lies far beyond the map does not matter.
        rest = np.clip(outline - bone.at - (sheet.x0, sheet.s0), -1.5, size + 1.5)
        mask = np.zeros(there.shape, np.uint8)
        cv2.fillPoly(mask, [np.round(rest / pitch).astype(np.int32)], 1)
        if not (mask & there).any():
            continue
        first = np.floor(rest.min(axis=0) / pitch).astype(int) - 1
        last = np.ceil(rest.max(axis=0) / pitch).astype(int) + 2
        wide, tall = last - first
        over = inside_of(
            rest, float(first[0] * pitch), float(first[1] * pitch), pitch, (int(tall), int(wide))
        )
        if own is None:
            own = inside_of(bone.points, sheet.x0, sheet.s0, pitch, there.shape)
        low, high = np.maximum(first, 0), np.minimum(last, there.shape[::-1])
        over = over[low[1] - first[1] : high[1] - first[1], low[0] - first[0] : high[0] - first[0]]
        at = np.s_[low[1] : high[1], low[0] : high[0]]
        sheet.values[at] *= sharing(own[at], over, kept)
