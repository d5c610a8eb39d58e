"""The five rays of the hand: metacarpals, phalanges with their epiphyses."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.small_bones import Look, ossicle, tube

Solids = list[tuple[Sheet, Placement]]
Point = tuple[float, float]

# x of base (MW) and y as share of the wrist's height, direction (degrees, + to the ulnar side), length of the
# shaft over the third metacarpal with its head, width over that of the third
METACARPALS: dict[int, tuple[float, float, float, float, float]] = {
    1: (0.95, 0.83, -46.0, 0.63, 1.10),
    2: (0.36, 0.98, -9.0, 0.83, 1.05),
    3: (-0.09, 0.985, 1.0, 0.83, 1.0),
    4: (-0.55, 0.965, 9.0, 0.77, 0.88),
    5: (-0.92, 0.90, 20.0, 0.71, 0.92),
}
# Lengths of the phalanges over that of the third metacarpal with its head, from the base of the finger.
PHALANGES: dict[int, tuple[float, ...]] = {
    1: (0.465, 0.34),
    2: (0.57, 0.38, 0.25),
    3: (0.66, 0.44, 0.26),
    4: (0.62, 0.42, 0.26),
    5: (0.48, 0.29, 0.23),
}
# Waist, base and head of metacarpal, proximal, middle and distal phalanx over the metacarpal's width at 1.
WAIST = (0.76, 0.94, 0.86, 0.58)
BASE = (1.60, 1.56, 1.34, 1.08)
HEAD = (1.46, 1.12, 1.00, 0.74)
# How far each end is rounded, as share of its width: growth plates are flat, joints rounder.
BLUNT = ((0.26, 0.16), (0.13, 0.24), (0.13, 0.26), (0.13, 0.42))
SHORT = 0.94
"""The curve of the third metacarpal over its length on films whose wrist measures one width (ours)."""
ABDUCTION = {1: 3.0, 2: -9.0, 3: 0.0, 4: 5.0, 5: 15.0}
"""How far a finger leaves its metacarpal's line in a hand spread wide, degrees."""


@dataclass(frozen=True)
class RaySpec:
    """What all rays of one hand share."""

    child: Child
    unit: float
    height: float
    worst: Disease
    spread: float
    squeeze: float
    pitch: float
    fingers: bool


def rays(rng: np.random.Generator, spec: RaySpec) -> tuple[Solids, list[list[Point]]]:
    """Bones of all rays, and for each ray its joints from base to tip (mm)."""
    bones: Solids = []
    joints = []
    lean = float(rng.normal(0, 2.0))
    for number in METACARPALS:
        solids, path = _ray(rng.spawn(1)[0], spec, number, lean)
        bones += solids
        joints.append(path)
    return bones, joints


def _ray(rng: np.random.Generator, spec: RaySpec, number: int, lean: float) -> tuple[Solids, list[Point]]:
    x, y, direction, length_share, width_share = METACARPALS[number]
    thumb = number == 1
    angle = direction * (spec.squeeze if thumb else 0.55 + 0.45 * min(spec.spread, 1.3)) + lean
    angle += rng.uniform(-10, 14) if thumb else rng.normal(0, 1.2)
    full, thick = SHORT * spec.child.size("metacarpal"), spec.child.size("metacarpal_width") * width_share
    at = np.array([spec.squeeze * x * spec.unit, y * spec.height + rng.normal(0, 0.02) * spec.unit])
    path, solids = [at], []
    for index, share in enumerate((length_share, *(PHALANGES[number] if spec.fingers else ()))):
        kind = min(index + (1 if thumb and index == 2 else 0), 3)
        if index:
            away = ABDUCTION[number] * spec.spread * (1.0 if index == 1 else 0.06)
            angle += away + rng.normal(0, 7.0 if thumb else 2.2)
        widths = _widths(rng, spec, kind, thick)
        segment = Segment(kind, full * share * float(np.exp(rng.normal(0, 0.02))), widths, thumb)
        made, reach = _segment(rng.spawn(1)[0], spec, segment, path[-1], float(angle))
        solids += made
        path.append(reach)
    return solids, [(float(p[0]), float(p[1])) for p in path]


def _widths(rng: np.random.Generator, spec: RaySpec, kind: int, thick: float) -> tuple[float, float, float]:
    """Waist, base and head of a bone, mm; small children's shafts are plump, half as waisted."""
    plump = float(np.interp(spec.child.age, (0.5, 5), (0.55, 1.0)))
    waist, base, head = (thick * widths[kind] * rng.uniform(0.94, 1.06) for widths in (WAIST, BASE, HEAD))
    return waist, waist + plump * (base - waist), waist + plump * (head - waist)


@dataclass(frozen=True)
class Segment:
    """One bone of a ray: ``kind`` 0 metacarpal to 3 distal phalanx, length of shaft and widths, mm."""

    kind: int
    length: float
    widths: tuple[float, float, float]
    thumb: bool

    @property
    def cap_at_head(self) -> bool:
        """The metacarpals of the fingers grow at their head, all other bones at their base."""
        return self.kind == 0 and not self.thumb


def _segment(
    rng: np.random.Generator, spec: RaySpec, segment: Segment, start: npt.NDArray[np.float64], angle: float
) -> tuple[Solids, npt.NDArray[np.float64]]:
    """The solids of a bone that begins at ``start``, and where the next one begins."""
    axis = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    full = SHORT * spec.child.size("metacarpal")
    _, base, head = segment.widths
    # The plate narrows with age and is nearly shut at fifteen.
    gap = float(np.interp(spec.child.age, (1, 5, 11, 15.5), (0.9, 0.45, 0.2, -0.3)))
    gap += 0.5 * spec.worst.gap_extra if segment.cap_at_head else 0.2 * spec.worst.gap_extra
    plate = base / (1.3 * spec.child.size("metacarpal_width"))
    tall = full * (0.185 if segment.cap_at_head else 0.062 * plate)
    joint = full * (0.062 if segment.kind == 0 else 0.036) * (1.25 - 0.03 * min(spec.child.age, 16))
    before = 0.0 if segment.cap_at_head else tall + gap
    solids = _bone(rng.spawn(1)[0], spec, segment, start + axis * (before + segment.length / 2), angle)
    # The nucleus grows from the side of the shaft.
    face = segment.length + gap if segment.cap_at_head else tall
    width = head if segment.cap_at_head else base
    solids += _cap(rng.spawn(1)[0], spec, segment, (width, tall), (start + axis * face, angle))
    return solids, start + axis * (
        before + segment.length + joint + (gap + tall if segment.cap_at_head else 0)
    )


def _bone(
    rng: np.random.Generator, spec: RaySpec, segment: Segment, centre: npt.NDArray[np.float64], angle: float
) -> Solids:
    look = Look(0.4, 0.8 * spec.worst.osteopenia, spec.worst.coarse)
    frayed = float(np.clip(spec.worst.fray_depth / 1.5, 0, 0.9))
    seed = int(rng.integers(1 << 30))
    sheet = tube(
        segment.length, segment.widths, pitch=spec.pitch, look=look, seed=seed, frayed=frayed,
        blunt=BLUNT[segment.kind],
    )  # fmt: skip
    return [(sheet, Placement((float(centre[0]), float(centre[1])), angle))]


def _cap(
    rng: np.random.Generator, spec: RaySpec, segment: Segment, size: tuple[float, float],
    place: tuple[npt.NDArray[np.float64], float],
) -> Solids:  # fmt: skip
    """The epiphysis of a metacarpal (head; base of the first) or phalanx (base).

    ``size`` is its width and height when full grown, ``place`` the middle of its face to the shaft and its
    lean.
    """
    name = ("metacarpal" if segment.cap_at_head else "thumb") if segment.kind == 0 else "phalanx"
    grown = spec.child.maturity(name)
    if grown <= 0:
        return []
    width, tall = size
    face, angle = place
    # A nucleus appears as a small disc in the cartilage and widens until it covers the plate.
    share = float(np.clip(0.3 + 1.5 * grown, 0.3, 1.0))
    across = width * (0.82 if segment.cap_at_head else 1.0) * share
    high = tall * float(np.clip(0.45 + 1.2 * grown, 0.45, 1.0)) * float(rng.uniform(0.9, 1.1))
    look = Look(0.14, 0.8 * spec.worst.epiphysis_fade, spec.worst.coarse)
    sheet = ossicle(
        across / 2, high / 2, 0.72 * across, pitch=spec.pitch, look=look, seed=int(rng.integers(1 << 30)),
        lobes=0.045, square=2.4 if segment.cap_at_head else 2.2 + 0.9 * share,
    )  # fmt: skip
    away = high / 2 if segment.cap_at_head else -high / 2
    x, y = face + away * np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    return [(sheet, Placement((float(x), float(y)), angle))]
