"""The five rays of the hand: metacarpals, phalanges with their epiphyses, and the flesh round them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.limb import Capsule
from rickets_rx.phantom.place import Matrix, Placement, Sheet
from rickets_rx.phantom.small_bones import Look, ossicle, tube

Solids = list[tuple[Sheet, Placement]]
Point = tuple[float, float]

# x of base (MW) and y as share of the wrist's height, direction (degrees, + to the ulnar side), length and
# width over those of the third metacarpal
METACARPALS: dict[int, tuple[float, float, float, float, float]] = {
    1: (0.78, 0.68, -48.0, 0.68, 1.15),
    2: (0.24, 1.02, -9.0, 1.05, 1.05),
    3: (-0.12, 1.03, -1.0, 1.0, 1.0),
    4: (-0.44, 1.0, 7.0, 0.89, 0.85),
    5: (-0.74, 0.93, 16.0, 0.82, 0.9),
}
# Lengths of the phalanges over that of the third metacarpal, from the base of the finger.
PHALANGES: dict[int, tuple[float, ...]] = {
    1: (0.50, 0.36),
    2: (0.60, 0.36, 0.26),
    3: (0.67, 0.43, 0.28),
    4: (0.62, 0.41, 0.28),
    5: (0.49, 0.30, 0.25),
}
# Waist, base and head of metacarpal, proximal, middle and distal phalanx over the metacarpal's width at 1.
WAIST = (0.88, 0.92, 0.78, 0.50)
BASE = (1.62, 1.62, 1.38, 1.12)
HEAD = (1.62, 1.12, 1.00, 0.66)


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
    angle = direction * (spec.squeeze if thumb else spec.spread) + lean + rng.normal(0, 1.5)
    if thumb:
        angle += rng.uniform(-12, 18)
    full, thick = spec.child.size("metacarpal"), spec.child.size("metacarpal_width") * width_share
    at = np.array([spec.squeeze * x * spec.unit, y * spec.height + rng.normal(0, 0.02) * spec.unit])
    path, solids = [at], []
    for index, share in enumerate((length_share, *(PHALANGES[number] if spec.fingers else ()))):
        kind = min(index + (1 if thumb and index == 2 else 0), 3)
        length = full * share * float(np.exp(rng.normal(0, 0.02)))
        if index:
            angle += rng.normal(0, 2.0) + (0.15 * direction * spec.spread if index == 1 and not thumb else 0)
        axis = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
        space = _joint_space(spec, index)
        centre = path[-1] + axis * (space / 2 + length / 2)
        waist, base, head = (thick * widths[kind] * rng.uniform(0.94, 1.06) for widths in (WAIST, BASE, HEAD))
        # Small children's shafts are plump: their waist is less than half as pronounced.
        plump = float(np.interp(spec.child.age, (0.5, 5), (0.5, 1.0)))
        base, head = waist + plump * (base - waist), waist + plump * (head - waist)
        solids += _bone(rng.spawn(1)[0], spec, (waist, base, head), length, centre, float(angle))
        at_head = index == 0 and not thumb
        solids += _cap(
            rng.spawn(1)[0],
            spec,
            at_head,
            index == 0,
            (length, head if at_head else base),
            (centre, axis, angle),
        )
        path.append(path[-1] + axis * (space + length))
    return solids, [(float(p[0]), float(p[1])) for p in path]


def _joint_space(spec: RaySpec, index: int) -> float:
    young = 1.25 - 0.03 * min(spec.child.age, 16)
    space = (0.10 if index == 0 else 0.055) * spec.child.size("metacarpal") * young
    return float(space + (0.4 * spec.worst.gap_extra if index == 0 else 0))


def _bone(
    rng: np.random.Generator,
    spec: RaySpec,
    widths: tuple[float, float, float],
    length: float,
    centre: npt.NDArray[np.float64],
    angle: float,
) -> Solids:
    look = Look(0.4, 0.8 * spec.worst.osteopenia, spec.worst.coarse)
    frayed = float(np.clip(spec.worst.fray_depth / 1.5, 0, 0.9))
    seed = int(rng.integers(1 << 30))
    sheet = tube(length, widths, pitch=spec.pitch, look=look, seed=seed, frayed=frayed)
    return [(sheet, Placement((float(centre[0]), float(centre[1])), angle))]


def _cap(
    rng: np.random.Generator,
    spec: RaySpec,
    at_head: bool,
    metacarpal: bool,
    size: tuple[float, float],
    frame: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float],
) -> Solids:
    """The epiphysis of a metacarpal (head; base of the first) or phalanx (base)."""
    grown = spec.child.maturity(("metacarpal" if at_head else "thumb") if metacarpal else "phalanx")
    if grown <= 0:
        return []
    length, end = size
    centre, axis, angle = frame
    across = end * float(np.clip(0.35 + 1.3 * grown, 0.35, 0.98))
    tall = across * (0.50 if at_head else 0.27) * (1.2 - 0.3 * grown)
    # The plate narrows with age and is nearly shut at fifteen.
    gap = float(np.interp(spec.child.age, (2, 10, 15.5), (0.6, 0.4, -0.3)))
    away = (length / 2 + gap + tall / 2) * (1 if at_head else -1)
    look = Look(0.22, 0.8 * spec.worst.epiphysis_fade, spec.worst.coarse)
    seed = int(rng.integers(1 << 30))
    sheet = ossicle(across / 2, tall / 2, 0.6 * across, pitch=spec.pitch, look=look, seed=seed, lobes=0.06)
    at = centre + axis * away
    return [(sheet, Placement((float(at[0]), float(at[1])), float(angle)))]


def flesh(
    rng: np.random.Generator,
    spec: RaySpec,
    apart: float,
    length: float,
    joints: list[list[Point]],
    turn: Matrix,
) -> tuple[Capsule, ...]:
    """Skin and flesh of forearm, wrist, palm and digits.

    Parameters
    ----------
    apart : float
        From the radius's to the ulna's axis, mm.
    length : float
        Modelled forearm, mm.
    turn : 3 x 3
        How the hand is turned at the wrist.
    """
    plump = float(np.interp(spec.child.age, (0, 1, 3, 8, 16), (1.22, 1.2, 1.08, 1.0, 0.98)))
    beside = float(np.interp(spec.child.age, (0, 2, 5, 9, 16), (0.55, 0.47, 0.36, 0.28, 0.26)))
    plump *= float(np.exp(rng.normal(0, 0.06)))
    # Skin lies 0.4-0.5 widths beside either bone on normal films of any age.
    unit, middle = spec.unit, -apart / 2 + 0.08 * spec.unit
    wrist = (apart / 2 + (0.42 + beside * plump) * unit) * (1 + spec.worst.swelling)
    arm = wrist * float(rng.uniform(1.08, 1.25))

    def at(p: Point) -> Point:
        moved = turn[:2, :2] @ (np.asarray(p) - turn[:2, 2]) + turn[:2, 2]
        return float(moved[0]), float(moved[1])

    elbow_side, low, mid = (middle, -length), (middle, -1.8 * unit), (middle * 0.9, -0.1 * unit)
    palm = at((-0.15 * unit, 0.8 * spec.height))
    parts = [
        Capsule(elbow_side, low, arm * 1.15, arm, 0.70),
        Capsule(low, mid, arm, wrist, 0.70),
        Capsule(mid, palm, wrist, 1.22 * wrist, 0.68),
        Capsule(
            at((0.25 * unit, 0.35 * spec.height)), at(joints[0][1]), 0.62 * unit * plump, 0.5 * unit, 0.75
        ),
        Capsule(
            at((-0.65 * unit, 0.5 * spec.height)), at(joints[4][1]), 0.6 * unit * plump, 0.42 * unit, 0.75
        ),
        *_folds(rng, spec, at, wrist),
    ]
    thick = spec.child.size("metacarpal_width") * plump
    turned = [[at(p) for p in path] for path in joints]
    return tuple(parts + _digits(turned, thick, at((0.2 * unit, 0.55 * spec.height))))


def _folds(
    rng: np.random.Generator, spec: RaySpec, at: Callable[[Point], Point], wrist: float
) -> list[Capsule]:
    """The heel of the hand lying over the wrist, and the creases of a plump arm."""
    unit, height = spec.unit, spec.height
    deep = float(np.interp(spec.child.age, (0.5, 3, 10), (0.10, 0.07, 0.03))) * float(rng.uniform(0.3, 1.6))
    y, half = float(rng.uniform(0.72, 0.95)) * height, float(rng.uniform(0.42, 0.6)) * height
    left, right = (float(rng.uniform(low, high)) * unit for low, high in ((-0.8, -0.5), (0.2, 0.6)))
    return [Capsule(at((left, y)), at((right, y)), half, half * float(rng.uniform(0.8, 1.2)), deep, pad=True)]


def _digits(joints: list[list[Point]], thick: float, root: Point) -> list[Capsule]:
    parts = []
    for number, path in enumerate(joints, start=1):
        thumb = number == 1
        start = root if thumb else path[0]
        parts.append(Capsule(start, path[1], 1.85 * thick, 1.5 * thick, 0.8))
        for index in range(1, len(path) - 1):
            tip = index == len(path) - 2
            first = thick * (1.36 - 0.12 * index) * (1.1 if thumb else 1.0)
            last = thick * (1.26 - 0.14 * index - (0.08 if tip else 0)) * (1.08 if thumb else 1.0)
            parts.append(Capsule(path[index], path[index + 1], first, last, 0.9))
    # The web between thumb and index finger, and the ball of the thumb.
    thumb_head, index_path = joints[0][1], joints[1]
    for share, width in ((0.25, 1.6), (0.45, 1.3), (0.62, 1.0)):
        on_index = _between(index_path[0], index_path[1], share)
        parts.append(
            Capsule(_between(root, thumb_head, 0.2 + share), on_index, width * thick, width * thick, 0.75)
        )
    return parts


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
