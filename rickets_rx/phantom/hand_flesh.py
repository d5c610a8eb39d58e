"""Skin and flesh of forearm, wrist, palm and digits, with the folds that lie over the bones."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.limb import Capsule
from rickets_rx.phantom.place import Matrix
from rickets_rx.phantom.rays import Point, RaySpec
from rickets_rx.phantom.skin import Skin, smooth_closed, tube
from rickets_rx.vocabulary import Bone

Mover = Callable[[Point], Point]
Array = npt.NDArray[np.float64]

# Skin beside the forearm, in widths of the radius (MW), at these places along it (MW from the middle of the
# radius's margin, distal positive): medians of 44 normal films of 0.5-14 years, read along lines across the
# axis of the forearm (the half way to the middle of the radius, then to the ulnar and to the radial side).
ARM_AGES = (1.5, 4.5, 7.75, 11.5)
ARM_PLACES = (-4.5, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.3)
ULNAR = (
    (2.0, 1.84, 1.76, 1.70, 1.68, 1.65, 1.62, 1.55),
    (1.72, 1.60, 1.56, 1.54, 1.52, 1.52, 1.53, 1.50),
    (1.80, 1.68, 1.58, 1.52, 1.47, 1.46, 1.49, 1.50),
    (1.80, 1.68, 1.56, 1.47, 1.44, 1.44, 1.44, 1.44),
)
RADIAL = (
    (1.35, 1.20, 1.06, 1.01, 0.98, 0.94, 0.93, 0.92),
    (1.05, 0.94, 0.84, 0.81, 0.81, 0.84, 0.86, 0.87),
    (1.30, 1.14, 0.95, 0.87, 0.84, 0.84, 0.84, 0.86),
    (1.35, 1.18, 1.02, 0.93, 0.84, 0.83, 0.83, 0.86),
)
GIRTH_AGES = (1.2, 5.0, 8.0, 11.0, 13.0)
GIRTH = (
    (0.43, 0.40, 0.40, 0.39, 0.385),
    (0.40, 0.355, 0.345, 0.34, 0.33),
    (0.345, 0.305, 0.30, 0.29, 0.28),
)
"""Half the width of the middle finger over each phalanx, in MW, read from five films; from nine years on
as wide as on six more."""
OF_RAY = (1.06, 0.97, 1.0, 0.93, 0.82)
THUMB_END = 1.18
"""How much wider the thumb's end is yet."""
THICK = (2.25, 2.05, 1.82)
"""Thickness of a digit over half its width, by phalanx; the grey of flesh then agrees with films."""
TIP = 0.19
"""Flesh beyond the end of the bone, MW (0.15-0.24 on films)."""


@dataclass(frozen=True)
class Build:
    """What the flesh of a hand follows.

    Parameters
    ----------
    spec : RaySpec
    joints : list of list of (x, y)
        Of each ray from base to tip, mm, as they lie.
    plump : float
        How much wider than the mean fingers and palm are.
    at : callable
        From the hand's own place to where it lies, turned at the wrist.
    """

    spec: RaySpec
    joints: list[list[Point]]
    plump: float
    at: Mover

    @property
    def unit(self) -> float:
        return self.spec.unit

    def half(self, place: int, ray: int) -> float:
        """Half the width of a digit over its proximal (0), middle (1) or distal phalanx (2), mm."""
        share = float(np.interp(self.spec.child.age, GIRTH_AGES, GIRTH[place]))
        broad = THUMB_END if (ray, place) == (1, 2) else 1.0
        return share * self.unit * self.plump * OF_RAY[ray - 1] * broad

    def beside(self, ray: int, bone: int, share: float, off: float) -> Array:
        """A point beside a bone of a ray, ``off`` mm to the side of the thumb."""
        a, b = (np.asarray(p, float) for p in self.joints[ray - 1][bone : bone + 2])
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        return np.asarray(a + share * (b - a) + off * np.array([along[1], -along[0]]))


@dataclass(frozen=True, eq=False)
class Arm:
    """The forearm's skin: ``y`` (mm, going distally), and x of its ulnar and its radial side there."""

    y: Array
    ulnar: Array
    radial: Array

    @property
    def half(self) -> Array:
        """Half its width, mm."""
        return (self.radial - self.ulnar) / 2


def flesh(
    rng: np.random.Generator,
    spec: RaySpec,
    apart: float,
    length: float,
    joints: list[list[Point]],
    turn: Matrix,
) -> tuple[tuple[Capsule, ...], Skin]:
    """Skin and flesh of forearm, wrist, palm and digits.

    Parameters
    ----------
    apart : float
        From the radius's to the ulna's axis, mm.
    length : float
        Modelled forearm, mm.
    turn : 3 x 3
        How the hand is turned at the wrist.

    Returns
    -------
    capsules : tuple of Capsule
        The forearm and the root of the hand, then the digits, as rough solids on which plaster, rings and the
        frame of a film are measured; then, as pads, what lies over the bones with an edge of its own.
    skin : Skin
    """

    def at(p: Point) -> Point:
        moved = turn[:2, :2] @ (np.asarray(p) - turn[:2, 2]) + turn[:2, 2]
        return float(moved[0]), float(moved[1])

    age = spec.child.age
    plump = float(np.interp(age, (0, 1, 3, 8, 16), (1.16, 1.14, 1.04, 1.0, 0.98)))
    own = float(rng.normal(0, 0.07))
    build = Build(spec, [[at(p) for p in path] for path in joints], plump * float(np.exp(own)), at)
    arm = _arm(rng, spec, apart, length, own)
    palm = smooth_closed(_palm(rng, build, arm))
    digits = [_digit(rng, build, ray) for ray in range(1, 6)] if spec.fingers else []
    places, depth, reach = _depths(rng, build, arm)
    skin = Skin((palm, *digits), places, depth, reach, spec.unit, float(rng.uniform(2.0, 2.4)))
    pads = (*_folds(rng, build), *_muscles(rng, arm, spec.unit), *_creases(rng, build, arm))
    return (*_rough(build, arm), *pads), skin


def _arm(rng: np.random.Generator, spec: RaySpec, apart: float, length: float, own: float) -> Arm:
    """Measured sides of the forearm, fitted to this child's two bones, slimmer or plumper and more or less
    tapered."""
    unit, age = spec.unit, spec.child.age
    places = np.linspace(-length / unit - 0.6, 0.3, 9)

    def side(table: tuple[tuple[float, ...], ...]) -> Array:
        by_age = np.array([np.interp(age, ARM_AGES, column) for column in zip(*table, strict=True)])
        return np.interp(places, ARM_PLACES, by_age)

    taper = float(rng.normal(0, 0.035))
    swell = spec.worst.swelling * (apart / unit + 1)
    more = float(np.exp(2.2 * own + rng.normal(0, 0.12)))
    # The ulna's outer side lies half its width beyond its axis; tables hold for the mean distance.
    ulna = spec.child.width_of(Bone.ULNA) / unit
    outer, mean_outer = apart / unit + ulna / 2, 1.32
    clear_ulnar = (side(ULNAR) - mean_outer) * more * float(np.exp(rng.normal(0, 0.1)))
    clear_radial = (side(RADIAL) - 0.5) * more * float(np.exp(rng.normal(0, 0.1)))
    # Plump wrists of infants are laced in by a fold.
    fold = float(np.interp(age, (1, 4), (0.07, 0.0))) * float(rng.uniform(0, 1.8)) * (places > 0.2)
    wider = swell / 2 - fold + taper * np.clip(-places - 0.5, 0, None)
    bow = float(rng.normal(0, 0.012)) * places**2
    return Arm(
        places * unit,
        (-outer - np.maximum(clear_ulnar, 0.12) - wider + bow) * unit,
        (0.5 + np.maximum(clear_radial, 0.12) + wider + bow) * unit,
    )


def _palm(rng: np.random.Generator, build: Build, arm: Arm) -> Array:
    """Corners of the curve round forearm, palm and first web, from the elbow's side up the little finger's
    side and back down the thumb's; offsets from the bones (MW) are read from normal films."""
    wide = build.unit * build.plump
    young = float(np.interp(build.spec.child.age, (1, 5, 10), (0.06, 0.03, 0.0)))
    more = float(rng.normal(0, 0.03))
    points = [*np.stack([arm.ulnar, arm.y], axis=1)]
    # The ball of the little finger stands out most beside the base of its metacarpal.
    points += [
        build.beside(5, 0, t, -(off + young + more) * wide)
        for t, off in ((-0.28, 0.62), (0.02, 0.71), (0.32, 0.64), (0.62, 0.53), (0.86, 0.47))
    ]
    points += _web_row(rng, build) if build.spec.fingers else [np.array(p[1]) for p in build.joints[:0:-1]]
    points += _first_web(rng, build)
    if build.spec.fingers:
        points += [build.beside(1, bone, t, 0.98 * build.half(0, 1)) for bone, t in ((1, 0.4), (0, 0.9))]
    points += [
        build.beside(1, 0, t, (off + 0.5 * young + more) * wide)
        for t, off in ((0.62, 0.42), (0.35, 0.43), (0.05, 0.45))
    ]
    x, y = build.at((float(arm.radial[-1]) + 0.10 * build.unit, float(arm.y[-1]) + 0.42 * build.unit))
    points.append(np.array([x, y]))
    points += [*np.stack([arm.radial, arm.y], axis=1)[::-1]]
    return np.array(points)


def _web_row(rng: np.random.Generator, build: Build) -> list[Array]:
    """From the outer root of the little finger over the webs (at a quarter of the proximal phalanges on
    films) to the outer root of the index finger."""
    out = [build.beside(5, 1, t, -off * build.half(0, 5)) for t, off in ((0.32, 1.0), (0.5, 0.8))]
    for ray in (5, 4, 3):
        # The web lies as far out as the shorter finger's quarter and the longer one's fifth.
        near = build.beside(ray, 1, float(rng.uniform(0.24, 0.32)), 0.6 * build.half(0, ray))
        far = build.beside(ray - 1, 1, float(rng.uniform(0.14, 0.24)), -0.6 * build.half(0, ray - 1))
        out += [build.beside(ray, 1, 0.25, 0.0), 0.5 * (near + far)]
    return [
        *out,
        build.beside(2, 1, 0.25, 0.0),
        build.beside(2, 1, 0.5, 0.8 * build.half(0, 2)),
        build.beside(2, 1, 0.34, 1.0 * build.half(0, 2)),
    ]


def _first_web(rng: np.random.Generator, build: Build) -> list[Array]:
    """From the index finger down its metacarpal to the web, which begins beside the thumb's first phalanx."""
    wide, finger = build.unit * build.plump, build.spec.fingers
    knuckle = build.beside(2, 0, 0.88, float(rng.uniform(0.42, 0.47)) * wide)
    if finger:
        web = build.beside(1, 1, float(rng.uniform(0.0, 0.22)), -float(rng.uniform(0.46, 0.56)) * wide)
    else:
        web = build.beside(1, 0, 1.0, -0.5 * wide)
    between = 0.5 * (knuckle + web)
    inner = 0.5 * (build.beside(2, 0, 0.55, 0.42 * wide) + build.beside(1, 0, 0.8, -0.3 * wide))
    sag = float(rng.uniform(0.1, 0.4))
    return [knuckle, between + sag * (inner - between), web, build.beside(1, 0, 1.0, 0.0)]


def _digit(rng: np.random.Generator, build: Build, ray: int) -> Array:
    """The outline of a digit: a little thicker at its joints, tapering, uneven on either side."""
    path = build.joints[ray - 1]
    last = len(path) - 2
    own = float(np.exp(rng.normal(0, 0.03)))
    swell = float(rng.uniform(1.0, 1.05))
    root = build.half(0, ray) * own
    stations: list[tuple[Point, float]] = [
        (_between(path[0], path[1], 0.6), 0.5 * root), (path[1], (1.0 if ray == 1 else 1.08) * root),
    ]  # fmt: skip
    for index in range(1, last + 1):
        here = build.half(2 if index == last else index - 1, ray) * own
        after = build.half(2 if index + 1 >= last else index, ray) * own
        a, b = path[index], path[index + 1]
        for share, half in ((0.3, 1.03 * here), (0.62, 0.97 * here), (0.85, 0.5 * (here + after))):
            if index < last or share < 0.8:
                stations.append((_between(a, b, share), half))
        stations.append((b, 0.9 * here if index == last else 0.5 * (here + after) * swell))
    places, halves = zip(*stations, strict=True)
    uneven = 1 + 0.02 * rng.normal(0, 1, (len(halves), 2))
    shift = rng.normal(0, 0.03)
    lean = np.array([1 + shift, 1 - shift])
    return tube(
        places, np.array(halves)[:, None] * uneven * lean, TIP * build.unit * float(rng.uniform(0.85, 1.2))
    )


def _depths(rng: np.random.Generator, build: Build, arm: Arm) -> tuple[Array, Array, Array]:
    """Where the flesh is how thick, and how far from the skin it gets so: places, depths and reaches, mm.

    Depths in MW were set so that the grey of the flesh agrees with films (ours).
    """
    unit, age, wide = build.unit, build.spec.child.age, build.unit * build.plump
    rows: list[tuple[Array, float, float]] = []
    level = float(np.interp(age, (1, 4, 8), (2.05, 1.78, 1.6))) * float(np.exp(rng.normal(0, 0.06)))
    rise = float(rng.uniform(0.08, 0.22))
    for x0, x1, y in zip(arm.ulnar, arm.radial, arm.y, strict=True):
        deep = level * (1 + rise * max(-y / unit - 0.5, 0)) * unit
        rows += [(np.array([x, y]), deep, 0.5 * (x1 - x0)) for x in np.linspace(x0, x1, 5)[1:-1]]
    carpus = np.array(build.at((-0.2 * unit, 0.8 * build.spec.height)))
    rows.append((carpus, 1.78 * wide, 1.05 * unit))
    belly = 0.70 * float(np.exp(rng.normal(0, 0.05)))
    for ray in (2, 3, 4, 5):
        rows += [
            (build.beside(ray, 0, t, 0.0), deep * belly * wide, reach * unit)
            for t, deep, reach in ((0.0, 2.3, 1.0), (0.3, 1.95, 0.85), (0.65, 1.65, 0.7), (1.0, 1.4, 0.6))
        ]
    rows.append((build.beside(5, 0, 0.2, -0.3 * wide), 1.48 * wide, 0.9 * unit))
    for t, deep in ((0.25, 2.1), (0.6, 1.75), (0.9, 1.4)):
        middle = 0.5 * (build.beside(1, 0, t, 0.0) + build.beside(2, 0, t, 0.0))
        rows.append((middle, 0.71 * deep * wide, 0.7 * unit))
    rows += [(build.beside(1, 0, t, 0.0), 0.72 * deep * wide, reach * unit)
             for t, deep, reach in ((0.0, 2.1, 0.8), (0.5, 1.85, 0.62), (1.0, 1.4, 0.5))]  # fmt: skip
    if build.spec.fingers:
        rows += _finger_depths(rng, build)
    places, depth, reach = zip(*rows, strict=True)
    return np.array(places), np.array(depth), np.array(reach)


def _finger_depths(rng: np.random.Generator, build: Build) -> list[tuple[Array, float, float]]:
    """The same along the digits and at the webs, which are thin."""
    rows = []
    for ray in range(1, 6):
        last = len(build.joints[ray - 1]) - 2
        for index in range(1, last + 1):
            place = 2 if index == last else index - 1
            half = build.half(place, ray)
            deep = THICK[place] * half * float(np.exp(rng.normal(0, 0.03)))
            rows += [(build.beside(ray, index, t, 0.0), deep, half) for t in (0.25, 0.5, 0.75, 1.0)]
    thin = float(rng.uniform(0.75, 0.95)) * build.unit
    for ray in (2, 3, 4):
        web = 0.5 * (build.beside(ray, 1, 0.15, 0.0) + build.beside(ray + 1, 1, 0.15, 0.0))
        rows.append((web, thin, 0.45 * build.unit))
    return rows


def _rough(build: Build, arm: Arm) -> list[Capsule]:
    """Forearm, root of the hand and digits as capsules."""
    low, high = (
        float(np.mean(pair)) for pair in ((arm.ulnar[0], arm.radial[0]), (arm.ulnar[-1], arm.radial[-1]))
    )
    ends = (low, float(arm.y[0])), (high, float(arm.y[-1]))
    half = (float(arm.half[0]), float(arm.half[-1]))
    out = [Capsule(*ends, *half, 0.8)]
    knuckles = _between(build.joints[1][1], build.joints[4][1], 0.5)
    broad = 0.5 * float(np.hypot(*np.subtract(build.joints[1][1], build.joints[4][1])))
    out.append(Capsule(ends[1], _between(ends[1], knuckles, 0.7), half[1], broad, 0.6))
    for ray, path in enumerate(build.joints, start=1):
        for index in range(len(path) - 1):
            place = 0 if index < 2 else 2 if index == len(path) - 2 else 1
            half_width = build.half(place, ray)
            out.append(Capsule(path[index], path[index + 1], half_width, half_width, 0.6))
    return out


def _folds(rng: np.random.Generator, build: Build) -> list[Capsule]:
    """What lies over the bones with an edge of its own: the heel of the hand, and between thumb and index
    finger the muscle whose round border films show within the web."""
    unit, height, age = build.unit, build.spec.height, build.spec.child.age
    deep = float(np.interp(age, (0.5, 3, 10), (0.22, 0.19, 0.08))) * float(rng.uniform(0.5, 1.6))
    # The heel's round edge lies over the wrist; it fades into the palm.
    x, half = float(rng.uniform(-0.4, 0.0)) * unit, float(rng.uniform(0.95, 1.25)) * unit
    y = float(rng.uniform(0.12, 0.35)) * height + half
    heel = Capsule(
        build.at((x, y)),
        build.at((x, y + 0.9 * height)),
        half,
        half,
        0.5 * deep,
        pad=True,
        flat=2.8,
        end_depth=0.0,
    )
    half, deep = float(rng.uniform(0.40, 0.52)) * unit, float(rng.uniform(0.16, 0.42))
    near = build.beside(2, 0, float(rng.uniform(0.25, 0.4)), 0.9 * half)
    far = build.beside(2, 0, float(rng.uniform(0.55, 0.75)), 0.8 * half)
    belly = Capsule(
        (float(near[0]), float(near[1])), (float(far[0]), float(far[1])), 1.1 * half, half,
        0.25 * deep, pad=True, flat=float(rng.uniform(2.0, 3.0)), end_depth=deep,
    )  # fmt: skip
    return [heel, belly]


def _muscles(rng: np.random.Generator, arm: Arm, unit: float) -> list[Capsule]:
    """Muscle within its coat of fat: a fainter edge that runs along the forearm and narrows to tendons."""
    out = []
    low, high = (
        np.array([(a + b) / 2, y])
        for a, b, y in zip(arm.ulnar[[0, -2]], arm.radial[[0, -2]], arm.y[[0, -2]], strict=True)
    )
    for _ in range(int(rng.integers(2, 5))):
        off = float(rng.uniform(-0.3, 0.3)) * float(arm.half[0])
        share = float(rng.uniform(0.5, 0.84))
        start, end = (float(low[0]) + off, float(low[1])), (float(high[0]) + 0.6 * off, float(high[1]))
        deep = float(rng.uniform(0.02, 0.09))
        out.append(
            Capsule(start, end, share * float(arm.half[0]), 0.5 * share * float(arm.half[-1]), deep, pad=True,
                    flat=2.6, end_depth=0.2 * deep)
        )  # fmt: skip
    return out


def _creases(rng: np.random.Generator, build: Build, arm: Arm) -> list[Capsule]:
    """Lines of the skin: across the wrist and the palm, at the ball of the thumb and over the joints."""
    unit, height, joints = build.unit, build.spec.height, build.joints
    out: list[Capsule] = []
    for _ in range(int(rng.integers(0, 3))):
        y = float(rng.uniform(-0.1, 0.5)) * height
        bend = float(rng.normal(0, 0.08)) * unit
        x = np.linspace(float(arm.ulnar[-1]), float(arm.radial[-1]), 7)
        arc = bend * np.linspace(-1, 1, 7) ** 2
        out += _line(rng, unit, [build.at((float(a), y + float(b))) for a, b in zip(x, arc, strict=True)])
    thumb, index, little = joints[0], joints[1], joints[4]
    for _ in range(int(rng.integers(1, 4))):
        far = _between(index[0], index[1], float(rng.uniform(0.4, 0.9)))
        web = _between(
            _between(thumb[0], thumb[1], float(rng.uniform(0.5, 1.0))), far, float(rng.uniform(0.3, 0.6))
        )
        out += _line(rng, unit, _arc(_between(web, thumb[1], float(rng.uniform(0.2, 0.6))), web, far))
    if rng.random() < 0.5:
        ends = [_between(ray[0], ray[1], float(rng.uniform(0.6, 0.85))) for ray in (index, little)]
        sag = _between(_between(ends[0], ends[1], 0.5), index[0], float(rng.uniform(-0.1, 0.15)))
        out += _line(rng, unit, _arc(ends[0], sag, ends[1]))
    for ray, path in enumerate(joints[1:], start=2):
        for place, joint in enumerate(path[2:-1], start=1):
            if rng.random() < 0.6:
                half = 0.8 * build.half(place, ray)
                lean = float(rng.normal(0, 0.1)) * half
                out += _line(
                    rng, unit, [(joint[0] - half, joint[1] - lean), (joint[0] + half, joint[1] + lean)]
                )
    return out


def _arc(start: Point, over: Point, end: Point, count: int = 5) -> list[Point]:
    """A parabola from start to end, drawn towards ``over`` (its control point)."""
    a, b, c = (np.asarray(p, float) for p in (start, over, end))
    return [
        (float(p[0]), float(p[1]))
        for p in ((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for t in np.linspace(0, 1, count))
    ]


def _line(rng: np.random.Generator, unit: float, points: list[Point]) -> list[Capsule]:
    """A crease along points: 0.5-1.4 mm wide and as deep."""
    half = float(rng.uniform(0.25, 0.7)) * (0.6 + 0.02 * unit)
    deep = -float(rng.uniform(0.15, 0.6))
    return [Capsule(a, b, half, half, deep, pad=True) for a, b in pairwise(points)]


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
