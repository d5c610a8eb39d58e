"""What lies over the bones of a hand with an edge of its own: pads, muscles, and lines of the skin."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from rickets_rx.phantom.hand_build import Arm, Array, Skeleton, between
from rickets_rx.phantom.hand_webs import webs
from rickets_rx.phantom.limb import Capsule
from rickets_rx.phantom.rays import Point


def folds(rng: np.random.Generator, hand: Skeleton) -> list[Capsule]:
    """What lies over the bones with an edge of its own: the heel of the hand, the muscles between thumb and
    index finger, and with fingers what their webs and nails show."""
    out = [*_heel(rng, hand), _belly(rng, hand)]
    if hand.spec.fingers:
        for ray in (2, 3, 4, 5):
            out += _nail(rng.spawn(1)[0], hand, ray)
        out += webs(rng.spawn(1)[0], hand)
    return out


def _heel(rng: np.random.Generator, hand: Skeleton) -> list[Capsule]:
    """The balls of little finger and thumb end over the wrist in round edges that fade into the palm; in
    toddlers a crease runs along them."""
    unit, height, age = hand.unit, hand.spec.height, hand.spec.child.age
    deep = float(np.interp(age, (0.5, 3, 10), (0.11, 0.09, 0.055))) * float(rng.uniform(0.4, 1.6))
    out = []
    foot = float(rng.uniform(0.12, 0.4)) * height
    for middle, way, drop in ((-0.72, -0.35, 0.0), (0.6, 0.5, float(rng.uniform(0.0, 0.3)))):
        half = float(rng.uniform(0.75, 1.05)) * unit
        x, y = (middle + float(rng.normal(0, 0.12))) * unit, foot + drop * unit + half
        ends = hand.at((x, y)), hand.at((x + way * unit, y + 0.9 * height))
        own = deep * float(rng.uniform(0.6, 1.1))
        out.append(Capsule(*ends, half, 0.8 * half, own, pad=True, flat=2.5, end_depth=0.0))
    fold = float(np.interp(age, (1.5, 4.5), (1.0, 0.0))) * float(rng.uniform(0.3, 1.2))
    if fold > 0.15:
        t = np.linspace(-1, 1, 9)
        across, up = (-0.35 + 1.4 * t) * unit, foot - (0.06 - 0.22 * t**2) * unit
        half = 0.045 * unit
        points = [hand.at((float(a), float(b))) for a, b in zip(across, up, strict=True)]
        out += chained(points, half, -0.9 * fold)
    return out


def _belly(rng: np.random.Generator, hand: Skeleton) -> Capsule:
    """The muscles between thumb and index finger: films show them thin out towards the web, from the neck of
    the second metacarpal to the thumb's first joint, often without any edge."""
    unit = hand.unit
    near = 0.5 * (hand.beside(2, 0, 0.15, 0.0) + hand.beside(1, 0, 0.3, 0.0))
    edge = 0.5 * (hand.beside(2, 0, 0.88, 0.42 * unit) + hand.beside(1, 0, 1.0, -0.5 * unit))
    half = float(np.clip(0.62 * np.hypot(*(hand.beside(2, 0, 0.6, 0.0) - hand.beside(1, 0, 0.9, 0.0))),
                         0.5 * unit, 1.1 * unit))  # fmt: skip
    # A thin flap of skin is left before it, and it fades into the palm.
    heading = (edge - near) / max(float(np.hypot(*(edge - near))), 1e-6)
    far = edge - (half + float(rng.uniform(0.05, 0.3)) * unit) * heading
    near = far - 1.2 * unit * heading
    # A section that rises almost evenly has hardly a rim; a quarter of the hands show no muscle at all.
    flat, deep = float(rng.uniform(1.1, 1.9)), float(rng.uniform(-0.02, 0.065))
    return Capsule(
        (float(near[0]), float(near[1])), (float(far[0]), float(far[1])), 0.9 * half, half, 0.0, pad=True,
        flat=flat, end_depth=max(deep, 0.0),
    )  # fmt: skip


def _nail(rng: np.random.Generator, hand: Skeleton, ray: int) -> list[Capsule]:
    """A nail: a shallow plate over the tip, and in half of the fingers the grooves beside it as two dark
    lines that draw together before the tip (ours, after films)."""
    last = len(hand.joints[ray - 1]) - 2
    half = hand.half(2, ray)
    aside = 0.1 * float(rng.normal())
    a, b = (hand.beside(ray, last, t, aside * half) for t in (0.62, 0.95))
    wide, deep = float(rng.uniform(0.56, 0.72)), float(rng.uniform(0.03, 0.15))
    out = [Capsule((float(a[0]), float(a[1])), (float(b[0]), float(b[1])), wide * half, wide * half, deep,
                   pad=True, flat=5.0, end_depth=deep)]  # fmt: skip
    if rng.random() < 0.5:
        return out
    for sign in (-1, 1):
        places = [(t, (aside + sign * (wide + 0.1 - draw)) * half)
                  for t, draw in ((0.35, 0.0), (0.6, -0.02), (0.85, 0.02), (1.1, 0.22))]  # fmt: skip
        groove = -float(rng.uniform(0.8, 3.0))
        points = [hand.beside(ray, last, t, off) for t, off in places]
        out += tapered([(float(p[0]), float(p[1])) for p in points], 0.06 * half, groove)
    return out


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


def fat_planes(rng: np.random.Generator, arm: Arm, unit: float, age: float) -> list[Capsule]:
    """Fat between skin and muscles and between muscles: dark streaks with soft edges along either side of the
    forearm, off its bones (number, width and depth ours, after films)."""
    out = []
    y = np.linspace(float(arm.y[0]), float(arm.y[-1]), 25)
    sides = np.interp(y, arm.y, arm.ulnar), np.interp(y, arm.y, arm.radial)
    young = float(np.interp(age, (2, 7), (1.4, 0.9)))
    for skin, inward in zip(sides, (1.0, -1.0), strict=True):
        # Beside the bones lie 0.1 to 0.45 widths of flesh (tables of `hand_build`).
        for off in np.cumsum(rng.uniform(0.06, 0.15, int(rng.integers(1, 4)))):
            low = int(rng.integers(0, 12))
            part = slice(low, low + int(rng.integers(7, 14)))
            drift = np.linspace(float(rng.normal(0, 0.03)), float(rng.normal(0, 0.03)), 25)
            wave = 0.012 * np.sin(np.linspace(0, float(rng.uniform(3, 9)), 25) + float(rng.uniform(0, 6)))
            x = skin + inward * (float(off) + drift + wave) * unit
            half, deep = float(rng.uniform(0.03, 0.08)) * unit, -float(rng.uniform(0.8, 3.0)) * young
            out += tapered(list(zip(x[part].tolist(), y[part].tolist(), strict=True)), half, deep)
    return out


def palm_planes(rng: np.random.Generator, hand: Skeleton) -> list[Capsule]:
    """Fat between the muscles of the palm, fine dark lines: between the metacarpals, across the ball of the
    thumb from the wrist to its first joint, and beside the fifth (number, width, depth ours, after films)."""
    unit, at = hand.unit, hand.beside
    ways = [
        [at(r, 0, near, 0.0), at(r + 1, 0, near, 0.0), at(r, 0, far, 0.0), at(r + 1, 0, far, 0.0)]
        for r, near, far in ((2, 0.3, 0.85), (3, 0.3, 0.8), (4, 0.3, 0.8))
    ]
    thumb = [at(3, 0, s, 0.0) for s in (0.05, 0.3)] + [at(1, 0, s, -0.4 * unit) for s in (0.85, 1.0)]
    little = [at(5, 0, s, -off * unit) for s, off in ((0.05, 0.25), (0.05, 0.6), (0.8, 0.2), (0.8, 0.45))]
    ways += [thumb] * int(rng.integers(1, 4)) + [little] * int(rng.integers(0, 3))
    out = []
    for way in ways:
        if rng.random() < 0.65:
            out += _plane(rng, unit, way)
    return out


def _plane(rng: np.random.Generator, unit: float, way: list[Array]) -> list[Capsule]:
    """A wavy dark line from somewhere between the first two points to somewhere between the last two."""
    t = np.linspace(0, 1, 9)
    start, end = (p + float(rng.uniform(0.2, 0.8)) * (q - p) for p, q in (way[:2], way[2:]))
    aside = np.array([start[1] - end[1], end[0] - start[0]]) * float(rng.normal(0, 0.07))
    wave = 0.015 * unit * np.sin(float(rng.uniform(3, 8)) * t + float(rng.uniform(0, 6)))
    line = start + t[:, None] * (end - start) + np.outer(np.sin(np.pi * t), aside) + wave[:, None]
    points = [(float(x), float(y)) for x, y in line]
    return tapered(points, float(rng.uniform(0.025, 0.06)) * unit, -float(rng.uniform(0.5, 1.9)))


def wrist_folds(rng: np.random.Generator, hand: Skeleton, arm: Arm) -> list[Capsule]:
    """The creases of the wrist: one or two arcs under the balls of thumb and little finger, in most children;
    deep and doubled in toddlers."""
    unit, age = hand.unit, hand.spec.child.age
    if rng.random() > float(np.interp(age, (2, 6, 12), (1.0, 0.85, 0.6))):
        return []
    foot = float(rng.uniform(0.12, 0.3)) * hand.spec.height
    low, high = float(arm.ulnar[-1]), float(arm.radial[-1])
    out = []
    for number in range(1 if rng.random() < 0.5 else 2):
        t = np.linspace(-1, 1, 13)
        bend, lean = float(rng.uniform(0.02, 0.12)), float(rng.normal(0, 0.05))
        wave = 0.012 * np.sin(float(rng.uniform(4, 9)) * t + float(rng.uniform(0, 6)))
        x = 0.5 * (low + high) + 0.5 * (high - low) * t
        y = foot + (0.13 * number + bend * t**2 + lean * t + wave) * unit
        first = int(rng.integers(0, 6))
        part = slice(first, first + int(rng.integers(6, 13)))
        points = [hand.at((float(a), float(b))) for a, b in zip(x[part], y[part], strict=True)]
        half = float(rng.uniform(0.014, 0.028)) * unit
        out += tapered(
            points, half, -float(np.interp(age, (2, 8), (3.4, 1.8))) * float(rng.uniform(0.4, 1.1))
        )
    return out


def creases(rng: np.random.Generator, hand: Skeleton, arm: Arm) -> list[Capsule]:
    """Lines of the skin: across the wrist and the palm, at the ball of the thumb and over the joints."""
    unit, height, joints = hand.unit, hand.spec.height, hand.joints
    out: list[Capsule] = []
    for _ in range(int(rng.integers(0, 3))):
        y = float(rng.uniform(-0.1, 0.5)) * height
        bend = float(rng.normal(0, 0.08)) * unit
        x = np.linspace(float(arm.ulnar[-1]), float(arm.radial[-1]), 7)
        arc = bend * np.linspace(-1, 1, 7) ** 2
        out += _line(rng, unit, [hand.at((float(a), y + float(b))) for a, b in zip(x, arc, strict=True)])
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
            if rng.random() < 0.5:
                out += _knuckle(rng.spawn(1)[0], hand, ray, place, joint)
    return out


def _knuckle(rng: np.random.Generator, hand: Skeleton, ray: int, place: int, joint: Point) -> list[Capsule]:
    """Folds of the skin over a joint: two or three short faint lines across the finger."""
    half, out = hand.half(place, ray), []
    a, b = (np.asarray(hand.joints[ray - 1][place + step]) for step in (0, 1))
    way = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
    across = np.array([-way[1], way[0]])
    for step in range(int(rng.integers(2, 4))):
        long = float(rng.uniform(0.35, 0.85)) * half
        middle = np.asarray(joint) + half * (0.3 * (step - 1) + float(rng.normal(0, 0.08))) * way
        middle = middle + float(rng.normal(0, 0.2)) * half * across
        bow = float(rng.normal(0, 0.12)) * half * way
        points = [middle + t * long * across + (1 - t * t) * bow for t in (-1.0, -0.3, 0.3, 1.0)]
        deep = -float(rng.uniform(0.5, 1.4))
        out += tapered(
            [(float(p[0]), float(p[1])) for p in points], float(rng.uniform(0.045, 0.09)) * half, deep
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


def tapered(points: list[Point], half: float, deep: float) -> list[Capsule]:
    """Pads along points as `chained`, ``deep`` mm in the middle, that begin and end in nothing."""
    deep = deep / (2 * half)
    share = np.sin(np.linspace(0, np.pi, len(points))) ** 0.7
    return [
        replace(line, depth=deep * float(share[i]), end_depth=deep * float(share[i + 1]))
        for i, line in enumerate(chained(points, half, deep))
    ]


def chained(points: list[Point], half: float, deep: float) -> list[Capsule]:
    """Pads along points that do not add up where they meet."""
    return [
        Capsule(a, b, half, half, deep, pad=True, joined=i > 0) for i, (a, b) in enumerate(pairwise(points))
    ]
