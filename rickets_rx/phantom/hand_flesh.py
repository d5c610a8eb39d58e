"""Skin and flesh of forearm, wrist, palm and digits, with the folds that lie over the bones."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from rickets_rx.phantom.limb import Capsule
from rickets_rx.phantom.place import Matrix
from rickets_rx.phantom.rays import Point, RaySpec

Mover = Callable[[Point], Point]


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
    plump *= float(np.exp(rng.normal(0.02, 0.13)))

    def at(p: Point) -> Point:
        moved = turn[:2, :2] @ (np.asarray(p) - turn[:2, 2]) + turn[:2, 2]
        return float(moved[0]), float(moved[1])

    # Skin lies 0.3-0.5 widths beside either bone on normal films of any age.
    unit, middle = spec.unit, -apart / 2 + 0.08 * spec.unit
    wrist = (apart / 2 + (0.37 + 0.97 * beside * plump) * unit) * (1 + spec.worst.swelling)
    arm = wrist * float(rng.uniform(0.80, 1.04))
    elbow_side, mid = (middle, -length), (middle * 0.9, -0.1 * unit)
    flat = float(rng.uniform(1.9, 2.6))
    # The forearm grows deeper faster than it grows wide.
    # Plump arms are wide, not as deep.
    flatter = float(np.interp(spec.child.age, (0, 2.5, 6), (0.74, 0.82, 1.0)))
    deep = flatter * float(rng.uniform(0.78, 0.93))
    thick = min(deep + flatter * float(rng.uniform(0.24, 0.44)) * length / unit, 2.2)
    forearm = [Capsule(elbow_side, mid, arm, wrist, thick, flat=flat, end_depth=deep)]
    moved = [[at(p) for p in path] for path in joints]
    palm = _palm(spec, at, (mid, wrist, flatter), moved, plump)
    finger = spec.child.size("metacarpal_width") * plump
    digits = _digits(rng, moved, finger, at((0.45 * unit, 0.62 * spec.height)))
    top = [*_folds(rng, spec, at, moved), *_muscles(rng, (elbow_side, mid), (arm, wrist))]
    return (*forearm, *palm, *digits, *top, *_creases(rng, spec, at, moved))


def _palm(
    spec: RaySpec, at: Mover, wrist: tuple[Point, float, float], joints: list[list[Point]], plump: float
) -> list[Capsule]:
    """One broad pad from the wrist to the knuckles, as wide as the metacarpals stand."""
    unit, height = spec.unit, spec.height
    mid, half, flatter = wrist
    carpus = at((-0.18 * unit, 0.75 * height))
    knuckles = _between(joints[1][1], joints[4][1], 0.5)
    broad = 0.5 * float(np.hypot(*np.subtract(joints[1][1], joints[4][1]))) + 0.25 * unit
    parts = [
        Capsule(
            mid,
            at((-0.18 * unit, 1.1 * height)),
            half,
            1.15 * half,
            1.1 * flatter,
            flat=2.2,
            end_depth=0.86 * flatter,
        ),
        Capsule(
            carpus,
            _between(carpus, knuckles, 0.66),
            1.0 * half,
            0.94 * broad * plump,
            0.45 * flatter,
            flat=2.3,
            end_depth=0.38 * flatter,
        ),
    ]
    for number in (2, 3, 4, 5):
        path = joints[number - 1]
        root = _between(carpus, path[0], 0.9)
        wide = (0.50 if number in (2, 5) else 0.55) * unit * plump
        parts.append(Capsule(root, path[1], 1.02 * wide, 0.88 * wide, 1.05, end_depth=1.4))
    thumb = joints[0]
    parts.append(
        Capsule(at((0.3 * unit, 0.35 * height)), thumb[1], 0.62 * unit * plump, 0.5 * unit * plump, 0.7)
    )
    # The first web, from the thumb's metacarpal to the index's.
    index = joints[1]
    for share, width in ((0.25, 0.52), (0.5, 0.46), (0.72, 0.36)):
        on_thumb, on_index = _between(thumb[0], thumb[1], share), _between(index[0], index[1], share * 0.85)
        parts.append(Capsule(on_thumb, on_index, width * unit * plump, width * unit * plump, 1.4))
    return parts


def _folds(rng: np.random.Generator, spec: RaySpec, at: Mover, joints: list[list[Point]]) -> list[Capsule]:
    """What lies on top with an edge of its own: the heel of the hand, the ball of the thumb, and the
    webs."""
    unit, height = spec.unit, spec.height
    deep = float(np.interp(spec.child.age, (0.5, 3, 10), (0.10, 0.07, 0.03))) * float(rng.uniform(0.3, 1.6))
    y, half = float(rng.uniform(0.72, 0.95)) * height, float(rng.uniform(0.42, 0.6)) * height
    left, right = (float(rng.uniform(low, high)) * unit for low, high in ((-0.8, -0.5), (0.2, 0.6)))
    heel = Capsule(at((left, y)), at((right, y)), half, half * float(rng.uniform(0.8, 1.2)), deep, pad=True)
    thumb, index = joints[0], joints[1]
    ball = Capsule(
        _between(thumb[0], index[0], float(rng.uniform(0.1, 0.35))),
        _between(_between(thumb[0], thumb[1], 0.8), index[1], float(rng.uniform(0.25, 0.45))),
        float(rng.uniform(0.5, 0.68)) * unit, float(rng.uniform(0.42, 0.62)) * unit,
        float(rng.uniform(0.05, 0.24)), pad=True,
    )  # fmt: skip
    return [heel, ball]


def _muscles(
    rng: np.random.Generator, axis: tuple[Point, Point], halves: tuple[float, float]
) -> list[Capsule]:
    """Muscle within its coat of fat: a fainter edge that runs along the forearm and narrows to tendons."""
    (elbow_side, mid), (arm, wrist) = axis, halves
    out = []
    for _ in range(int(rng.integers(1, 4))):
        off = float(rng.uniform(-0.25, 0.25)) * arm
        share = float(rng.uniform(0.55, 0.86))
        start, end = (elbow_side[0] + off, elbow_side[1]), (mid[0] + 0.6 * off, mid[1])
        deep = float(rng.uniform(0.01, 0.07))
        out.append(Capsule(start, end, share * arm, 0.5 * share * wrist, deep, pad=True, flat=2.6))
    return out


def _creases(rng: np.random.Generator, spec: RaySpec, at: Mover, joints: list[list[Point]]) -> list[Capsule]:
    """Lines of the skin: across the wrist and the palm, at the ball of the thumb and over the joints."""
    unit, height = spec.unit, spec.height
    out = []
    for _ in range(int(rng.integers(0, 3))):
        y = float(rng.uniform(-0.1, 0.5)) * height
        points = [at((x * unit, y + float(rng.normal(0, 0.05)) * unit)) for x in (-1.1, -0.4, 0.2, 0.7)]
        out += _line(rng, spec, points)
    thumb, index, little = joints[0], joints[1], joints[4]
    for _ in range(int(rng.integers(1, 4))):
        share = float(rng.uniform(0.5, 1.0))
        far = _between(index[0], index[1], float(rng.uniform(0.4, 0.9)))
        web = _between(_between(thumb[0], thumb[1], share), far, float(rng.uniform(0.3, 0.6)))
        out += _line(rng, spec, [_between(web, thumb[1], float(rng.uniform(0.2, 0.6))), web, far])
    if rng.random() < 0.5:
        ends = [_between(ray[0], ray[1], float(rng.uniform(0.6, 0.85))) for ray in (index, little)]
        out += _line(rng, spec, [ends[0], _between(ends[0], ends[1], 0.5), ends[1]])
    for path in joints[1:]:
        for joint in path[2:-1]:
            if rng.random() < 0.5:
                half = 0.35 * spec.child.size("metacarpal_width")
                out += _line(rng, spec, [(joint[0] - half, joint[1]), (joint[0] + half, joint[1])])
    return out


def _line(rng: np.random.Generator, spec: RaySpec, points: list[Point]) -> list[Capsule]:
    """A crease along points: 0.5-1.4 mm wide and as deep."""
    half = float(rng.uniform(0.25, 0.7)) * (0.6 + 0.02 * spec.unit)
    deep = -float(rng.uniform(0.15, 0.75))
    return [Capsule(a, b, half, half, deep, pad=True) for a, b in pairwise(points)]


def _digits(rng: np.random.Generator, joints: list[list[Point]], thick: float, root: Point) -> list[Capsule]:
    """Fingers with their knuckles a little wider, rounded tips beyond the bone, and webs between them."""
    parts = []
    for number, path in enumerate(joints, start=1):
        thumb = number == 1
        own = thick * (0.95 if thumb else 0.9 if number == 5 else 1.0) * float(rng.uniform(0.95, 1.05))
        if thumb:
            parts.append(Capsule(root, path[1], 1.6 * own, 1.4 * own, 0.85))
        for index in range(1, len(path) - 1):
            tip = index == len(path) - 2
            first, last = own * (1.34 - 0.12 * index), own * (1.20 - 0.12 * index)
            parts.append(
                Capsule(path[index], _short(path, index) if tip else path[index + 1], first, last, 0.86)
            )
            if not tip:
                knuckle = _between(path[index], path[index + 1], 0.97)
                parts.append(Capsule(knuckle, path[index + 1], 1.02 * last, 1.04 * last, 0.86))
    for near, far in ((2, 3), (3, 4), (4, 5)):
        a, b = joints[near - 1], joints[far - 1]
        if len(a) > 2:
            share = float(rng.uniform(0.08, 0.2))
            web = (_between(a[1], a[2], share), _between(b[1], b[2], share))
            parts.append(Capsule(*web, 0.85 * thick, 0.85 * thick, 0.75))
    return parts


def _short(path: list[Point], index: int) -> Point:
    """Where the middle of a finger's tip lies: a little short of its last joint's end."""
    return _between(path[index], path[index + 1], 0.92)


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
