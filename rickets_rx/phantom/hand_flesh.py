"""Skin and flesh of forearm, wrist, palm and digits, with the folds that lie over the bones."""

from collections.abc import Callable

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
    plump *= float(np.exp(rng.normal(0, 0.07)))

    def at(p: Point) -> Point:
        moved = turn[:2, :2] @ (np.asarray(p) - turn[:2, 2]) + turn[:2, 2]
        return float(moved[0]), float(moved[1])

    # Skin lies 0.3-0.5 widths beside either bone on normal films of any age.
    unit, middle = spec.unit, -apart / 2 + 0.08 * spec.unit
    wrist = (apart / 2 + (0.42 + beside * plump) * unit) * (1 + spec.worst.swelling)
    arm = wrist * float(rng.uniform(1.02, 1.25))
    elbow_side, low, mid = (middle, -length), (middle, -1.8 * unit), (middle * 0.9, -0.1 * unit)
    forearm = [
        Capsule(elbow_side, low, arm * float(rng.uniform(1.02, 1.18)), arm, 0.70),
        Capsule(low, mid, arm, wrist, 0.70),
    ]
    moved = [[at(p) for p in path] for path in joints]
    palm = _palm(spec, at, (mid, wrist), moved, plump)
    thick = spec.child.size("metacarpal_width") * plump
    digits = _digits(rng, moved, thick, at((0.45 * unit, 0.62 * spec.height)))
    return (*forearm, *palm, *_folds(rng, spec, at, moved), *digits)


def _palm(
    spec: RaySpec, at: Mover, wrist: tuple[Point, float], joints: list[list[Point]], plump: float
) -> list[Capsule]:
    """One broad pad from the wrist to the knuckles, as wide as the metacarpals stand."""
    unit, height = spec.unit, spec.height
    mid, half = wrist
    carpus = at((-0.18 * unit, 0.75 * height))
    knuckles = _between(joints[1][1], joints[4][1], 0.5)
    broad = 0.5 * float(np.hypot(*np.subtract(joints[1][1], joints[4][1]))) + 0.25 * unit
    parts = [
        Capsule(mid, carpus, half, 1.12 * half, 0.66),
        Capsule(carpus, _between(carpus, knuckles, 0.8), 1.05 * half, broad * plump, 0.56),
    ]
    for number in (2, 3, 4, 5):
        path = joints[number - 1]
        root = _between(carpus, path[0], 0.55)
        wide = (0.50 if number in (2, 5) else 0.55) * unit * plump
        parts.append(Capsule(root, path[1], 1.25 * wide, 0.85 * wide, 0.95))
    thumb = joints[0]
    parts.append(
        Capsule(at((0.3 * unit, 0.35 * height)), thumb[1], 0.62 * unit * plump, 0.5 * unit * plump, 0.7)
    )
    # The first web, from the thumb's metacarpal to the index's.
    index = joints[1]
    for share, width in ((0.25, 0.52), (0.5, 0.46), (0.72, 0.36)):
        on_thumb, on_index = _between(thumb[0], thumb[1], share), _between(index[0], index[1], share * 0.85)
        parts.append(Capsule(on_thumb, on_index, width * unit * plump, width * unit * plump, 0.6))
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
        float(rng.uniform(0.03, 0.16)), pad=True,
    )  # fmt: skip
    return [heel, ball]


def _digits(rng: np.random.Generator, joints: list[list[Point]], thick: float, root: Point) -> list[Capsule]:
    """Fingers with their knuckles a little wider, rounded tips beyond the bone, and webs between them."""
    parts = []
    for number, path in enumerate(joints, start=1):
        thumb = number == 1
        own = thick * (1.02 if thumb else 0.9 if number == 5 else 1.0) * float(rng.uniform(0.95, 1.05))
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
