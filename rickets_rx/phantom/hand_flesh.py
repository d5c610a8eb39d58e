"""Skin and flesh of forearm, wrist, palm and digits, with the folds that lie over the bones."""

from collections.abc import Callable
from dataclasses import dataclass
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
    # The hand has a stream of its own; as many draws as it once took are skipped, so that a seed keeps its
    # forearm.
    hand = rng.spawn(1)[0]
    rng.random(5 + (3 if spec.fingers else 0))
    palm = _palm(spec, at, (mid, wrist, flatter), moved, plump)
    skin = Skin(spec, plump**0.7, moved)
    parts = [*palm, *_rays(hand, skin), *_thenar(hand, skin, at((0.3 * unit, 0.35 * spec.height)))]
    if spec.fingers:
        parts += [*_digits(hand, skin), *_webs(hand, skin)]
    top = [*_folds(rng, spec, at, moved), *_muscles(rng, (elbow_side, mid), (arm, wrist))]
    return (*forearm, *parts, *top, *_creases(rng, spec, at, moved))


@dataclass(frozen=True)
class Skin:
    """What the flesh of a hand follows: its joints (mm, ray by ray, base to tip) and how plump it is."""

    spec: RaySpec
    plump: float
    joints: list[list[Point]]

    def half(self, place: int, ray: int) -> float:
        """Half the width of a digit over its proximal (0), middle (1) or distal phalanx (2), mm."""
        share = float(np.interp(self.spec.child.age, GIRTH_AGES, GIRTH[place]))
        return share * self.spec.unit * self.plump * OF_RAY[ray - 1]


GIRTH_AGES = (1.2, 5.0, 8.0, 11.0, 13.0)
GIRTH = (
    (0.43, 0.40, 0.40, 0.37, 0.36),
    (0.40, 0.355, 0.345, 0.32, 0.30),
    (0.345, 0.305, 0.30, 0.275, 0.25),
)
"""Half the width of the middle finger over each phalanx, in MW, read from five films."""
OF_RAY = (1.08, 0.97, 1.0, 0.93, 0.82)
THICK = (2.45, 2.15, 1.9)
"""Thickness of a digit over half its width, by phalanx; the grey of flesh then agrees with films."""
TIP = 0.19
"""Flesh beyond the end of the bone, MW (0.15-0.24 on films)."""


def _part(
    ends: tuple[Point, Point], halves: tuple[float, float], thick: tuple[float, float], flat: float = 2.0
) -> Capsule:
    """A capsule whose thickness (mm) at either end is given instead of its proportion."""
    depth = thick[0] / (2 * halves[0])
    return Capsule(*ends, *halves, depth, flat=flat, end_depth=thick[1] / (2 * halves[1]))


def _palm(
    spec: RaySpec, at: Mover, wrist: tuple[Point, float, float], joints: list[list[Point]], plump: float
) -> list[Capsule]:
    """The root of the hand, up to the middle of the metacarpals."""
    unit, height = spec.unit, spec.height
    mid, half, flatter = wrist
    carpus = at((-0.18 * unit, 0.75 * height))
    knuckles = _between(joints[1][1], joints[4][1], 0.5)
    broad = 0.5 * float(np.hypot(*np.subtract(joints[1][1], joints[4][1])))
    # It tapers as if it went on to 1.1 of the wrist's height, but ends below the metacarpals.
    share = 0.45
    end = _between(mid, at((-0.18 * unit, 1.1 * height)), share)
    root = Capsule(
        mid,
        end,
        half,
        (1 + 0.15 * share) * half,
        1.1 * flatter,
        flat=2.2,
        end_depth=(1.1 - 0.24 * share) * flatter,
    )
    middle = Capsule(
        carpus, _between(carpus, knuckles, 0.3), 1.0 * half, 0.8 * broad * plump, 0.45 * flatter, flat=2.3,
        end_depth=0.45 * flatter,
    )  # fmt: skip
    return [root, middle]


def _rays(rng: np.random.Generator, skin: Skin) -> list[Capsule]:
    """Flesh along the metacarpals that runs out over the roots of the fingers, without an edge."""
    unit, parts = skin.spec.unit, []
    wide = unit * skin.plump
    for ray in (2, 3, 4, 5):
        path = skin.joints[ray - 1]
        near_by = [other for other in (ray - 1, ray + 1) if 2 <= other <= 5]
        apart = min(float(np.hypot(*np.subtract(path[1], skin.joints[other - 1][1]))) for other in near_by)
        outer = {2: (0.50, 0.45), 5: (0.47, 0.40)}.get(ray, (0.52, 0.48))
        halves = (outer[0] * wide, max(outer[1] * wide, 0.62 * apart))
        thick = (float(rng.uniform(1.9, 2.1)) * wide, float(rng.uniform(1.38, 1.52)) * wide)
        near, neck = _between(path[0], path[1], 0.06), _between(path[0], path[1], 0.80)
        parts.append(_part((near, neck), halves, thick))
        if len(path) > 2:
            root = _between(path[1], path[2], float(rng.uniform(0.28, 0.4)))
            finger = skin.half(0, ray)
            parts.append(_part((neck, root), (halves[1], 1.02 * finger), (thick[1], 1.6 * finger)))
    # The ball of the little finger, along the outer border.
    little = skin.joints[4]
    side = np.array([little[1][1] - little[0][1], little[0][0] - little[1][0]])
    out = -0.16 * wide * side / np.hypot(*side)
    heel = (float(little[0][0] + out[0]), float(little[0][1] + out[1] - 0.6 * unit))
    far = _between(little[0], little[1], 0.7)
    parts.append(_part((heel, (far[0] + float(out[0]), far[1] + float(out[1]))), (0.50 * wide, 0.38 * wide),
                       (1.3 * wide, 1.1 * wide)))  # fmt: skip
    return parts


def _thenar(rng: np.random.Generator, skin: Skin, heel: Point) -> list[Capsule]:
    """The ball of the thumb and the first web, thick at the thumb's root and thin at its rim."""
    wide = skin.spec.unit * skin.plump
    thumb, index = skin.joints[0], skin.joints[1]
    knuckle = skin.half(0, 1) * 1.12
    parts = [
        _part(
            (heel, _between(thumb[0], thumb[1], 0.35)), (0.60 * wide, 0.56 * wide), (1.0 * wide, 1.35 * wide)
        ),
        _part(
            (_between(thumb[0], thumb[1], 0.2), thumb[1]), (0.54 * wide, knuckle), (1.3 * wide, 1.9 * knuckle)
        ),
    ]
    reach = float(rng.uniform(0.92, 1.04))
    for share, half, thick in ((0.15, 0.42, 1.55), (0.34, 0.44, 1.5), (0.53, 0.42, 1.35), (0.72, 0.38, 1.1),
                               (0.90, 0.30, 0.85)):  # fmt: skip
        first = _between(thumb[0], thumb[1], min(share * reach, 1.0))
        last = _between(index[0], index[1], min(share * reach, 0.95))
        # The rim hangs through between thumb and hand.
        sag = _between(_between(first, last, 0.5), _between(thumb[0], index[0], 0.5), 0.12 * share)
        size, flesh = half * wide, thick * wide
        parts.append(_part((first, sag), (1.1 * size, 0.9 * size), (flesh, 0.95 * flesh), 1.7))
        parts.append(_part((sag, last), (0.9 * size, 1.1 * size), (0.95 * flesh, flesh), 1.7))
    return parts


def _digits(rng: np.random.Generator, skin: Skin) -> list[Capsule]:
    """Fingers that taper, a little thicker at the joints; pulps lie more to one side."""
    parts = []
    for ray, path in enumerate(skin.joints, start=1):
        own = float(np.exp(rng.normal(0, 0.03)))
        last = len(path) - 2
        swell = float(rng.uniform(1.0, 1.06))
        for index in range(1, last + 1):
            place = 2 if index == last else index - 1
            near = skin.half(place, ray) * own * (swell if index > 1 else 1.1)
            here = skin.half(place, ray) * own * 0.97
            full = THICK[place]
            start, end = path[index], path[index + 1]
            side = 0.05 * skin.half(2, ray) * rng.normal(0, 1, 2)
            waist = _between(start, end, 0.5)
            waist = (waist[0] + float(side[0]), waist[1])
            parts.append(_part((start, waist), (near, here), (1.04 * full * near, full * here), 2.4))
            if index == last:
                round_half = here * float(rng.uniform(0.86, 0.94))
                far = float(np.hypot(*np.subtract(end, waist)))
                tip = _between(waist, end, 1 + (TIP * skin.spec.unit - round_half) / max(far, 1e-6))
                tip = (tip[0] + float(side[1]), tip[1])
                parts.append(
                    _part((waist, tip), (here, round_half), (full * here, 0.95 * full * round_half), 2.2)
                )
            else:
                after = skin.half(2 if index + 1 == last else index, ray) * own * swell
                parts.append(
                    _part(
                        (waist, end),
                        (here, after),
                        (full * here, THICK[2 if index + 1 == last else index] * after),
                        2.4,
                    )
                )
    return parts


def _webs(rng: np.random.Generator, skin: Skin) -> list[Capsule]:
    """Skin from finger to finger, a thin rim that hangs through between them."""
    parts = []
    for ray in (2, 3, 4):
        a, b = skin.joints[ray - 1], skin.joints[ray]
        share = float(rng.uniform(0.12, 0.2))
        near, far = _between(a[1], a[2], share), _between(b[1], b[2], share + (0.12 if ray == 4 else 0))
        gap = float(np.hypot(*np.subtract(near, far)))
        sag = _between(_between(near, far, 0.5), _between(a[0], b[0], 0.5), 0.05)
        half = (0.13 + 0.05 * skin.plump) * skin.spec.unit
        thick = float(rng.uniform(0.5, 0.6)) * skin.spec.unit
        side = min(half + 0.1 * gap, 0.3 * skin.spec.unit)
        parts.append(_part((near, sag), (side, half), (1.1 * thick, thick)))
        parts.append(_part((sag, far), (half, side), (thick, 1.1 * thick)))
        # Between the knuckles.
        root = _between(_between(a[0], a[1], 0.9), _between(b[0], b[1], 0.9), 0.5)
        parts.append(_part((root, sag), (0.34 * skin.spec.unit, half), (1.5 * thick, thick)))
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
        float(rng.uniform(0.06, 0.34)), pad=True, flat=1.2,
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


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
