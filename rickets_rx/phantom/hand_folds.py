"""What lies over the bones of a hand with an edge of its own: pads, muscles, and lines of the skin."""

from itertools import pairwise

import numpy as np

from rickets_rx.phantom.hand_build import Arm, Build, between
from rickets_rx.phantom.hand_webs import webs
from rickets_rx.phantom.limb import Capsule
from rickets_rx.phantom.rays import Point


def folds(rng: np.random.Generator, build: Build) -> list[Capsule]:
    """What lies over the bones with an edge of its own: the heel of the hand, the muscles between thumb and
    index finger, and with fingers what their webs and nails show."""
    out = [*_heel(rng, build), _belly(rng, build)]
    if build.spec.fingers:
        out += [_nail(rng.spawn(1)[0], build, ray) for ray in (2, 3, 4, 5)]
        out += webs(rng.spawn(1)[0], build)
    return out


def _heel(rng: np.random.Generator, build: Build) -> list[Capsule]:
    """The balls of little finger and thumb end over the wrist in round edges that fade into the palm; in
    toddlers a crease runs along them."""
    unit, height, age = build.unit, build.spec.height, build.spec.child.age
    deep = float(np.interp(age, (0.5, 3, 10), (0.14, 0.12, 0.055))) * float(rng.uniform(0.4, 1.6))
    out = []
    foot = float(rng.uniform(0.12, 0.4)) * height
    for middle, way, drop in ((-0.72, -0.35, 0.0), (0.6, 0.5, float(rng.uniform(0.0, 0.3)))):
        half = float(rng.uniform(0.75, 1.05)) * unit
        x, y = (middle + float(rng.normal(0, 0.12))) * unit, foot + drop * unit + half
        ends = build.at((x, y)), build.at((x + way * unit, y + 0.9 * height))
        own = deep * float(rng.uniform(0.6, 1.1))
        out.append(Capsule(*ends, half, 0.8 * half, own, pad=True, flat=2.5, end_depth=0.0))
    fold = float(np.interp(age, (1.5, 4.5), (1.0, 0.0))) * float(rng.uniform(0.3, 1.2))
    if fold > 0.15:
        t = np.linspace(-1, 1, 9)
        across, up = (-0.35 + 1.4 * t) * unit, foot - (0.06 - 0.22 * t**2) * unit
        half = 0.045 * unit
        points = [build.at((float(a), float(b))) for a, b in zip(across, up, strict=True)]
        out += chained(points, half, -0.9 * fold)
    return out


def _belly(rng: np.random.Generator, build: Build) -> Capsule:
    """The muscles between thumb and index finger: films show their round far border within the web, from the
    neck of the second metacarpal to the thumb's first joint."""
    unit = build.unit
    near = 0.5 * (build.beside(2, 0, 0.15, 0.0) + build.beside(1, 0, 0.3, 0.0))
    edge = 0.5 * (build.beside(2, 0, 0.88, 0.42 * unit) + build.beside(1, 0, 1.0, -0.5 * unit))
    half = float(np.clip(0.42 * np.hypot(*(build.beside(2, 0, 0.6, 0.0) - build.beside(1, 0, 0.9, 0.0))),
                         0.35 * unit, 0.75 * unit))  # fmt: skip
    # A thin flap of skin is left before it, and it fades into the palm.
    heading = (edge - near) / max(float(np.hypot(*(edge - near))), 1e-6)
    far = edge - (half + float(rng.uniform(0.2, 0.45)) * unit) * heading
    near = far - 1.2 * unit * heading
    return Capsule(
        (float(near[0]), float(near[1])), (float(far[0]), float(far[1])), 0.9 * half, half, 0.0, pad=True,
        flat=float(rng.uniform(2.2, 3.6)), end_depth=float(rng.uniform(0.06, 0.17)),
    )  # fmt: skip


def _nail(rng: np.random.Generator, build: Build, ray: int) -> Capsule:
    """A nail: a shallow plate over the tip, whose sides films show as two faint lines (ours)."""
    last = len(build.joints[ray - 1]) - 2
    half = build.half(2, ray)
    a, b = (build.beside(ray, last, t, 0.1 * half * float(rng.normal())) for t in (0.62, 0.95))
    wide, deep = float(rng.uniform(0.6, 0.72)) * half, float(rng.uniform(0.02, 0.07))
    return Capsule((float(a[0]), float(a[1])), (float(b[0]), float(b[1])), wide, wide, deep, pad=True,
                   flat=5.0, end_depth=deep)  # fmt: skip


def muscles(rng: np.random.Generator, arm: Arm, unit: float) -> list[Capsule]:
    """Muscle within its coat of fat: a fainter edge that runs along the forearm and narrows to tendons."""
    out = []
    low, high = (
        np.array([(a + b) / 2, y])
        for a, b, y in zip(arm.ulnar[[0, -1]], arm.radial[[0, -1]], arm.y[[0, -1]], strict=True)
    )
    high[1] += 0.5 * unit
    for number in range(int(rng.integers(2, 5))):
        # The first is the whole of the muscle, whose sides films show within the fat.
        whole = number == 0
        off = float(rng.uniform(-0.1, 0.1) if whole else rng.uniform(-0.3, 0.3)) * float(arm.half[0])
        share = float(rng.uniform(0.68, 0.9) if whole else rng.uniform(0.4, 0.75))
        start, end = (float(low[0]) + off, float(low[1])), (float(high[0]) + 0.6 * off, float(high[1]))
        deep = float(rng.uniform(0.08, 0.2) if whole else rng.uniform(0.02, 0.09))
        slim = (0.85 if whole else 0.5) * share * float(arm.half[-1])
        flat = 4.0 if whole else 2.6
        out.append(
            Capsule(start, end, share * float(arm.half[0]), slim, deep, pad=True, flat=flat, end_depth=0.0)
        )
    return out


def creases(rng: np.random.Generator, build: Build, arm: Arm) -> list[Capsule]:
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
        far = between(index[0], index[1], float(rng.uniform(0.4, 0.9)))
        web = between(
            between(thumb[0], thumb[1], float(rng.uniform(0.5, 1.0))), far, float(rng.uniform(0.3, 0.6))
        )
        out += _line(rng, unit, _arc(between(web, thumb[1], float(rng.uniform(0.2, 0.6))), web, far))
    if rng.random() < 0.5:
        ends = [between(ray[0], ray[1], float(rng.uniform(0.6, 0.85))) for ray in (index, little)]
        sag = between(between(ends[0], ends[1], 0.5), index[0], float(rng.uniform(-0.1, 0.15)))
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
    return chained(points, half, deep)


def chained(points: list[Point], half: float, deep: float) -> list[Capsule]:
    """Pads along points that do not add up where they meet."""
    return [
        Capsule(a, b, half, half, deep, pad=True, joined=i > 0) for i, (a, b) in enumerate(pairwise(points))
    ]
