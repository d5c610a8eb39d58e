"""Skin and flesh of forearm, wrist, palm and digits."""

import numpy as np

from rickets_rx.phantom.hand_build import Arm, Array, Skeleton, between, draw_arm, round_bones
from rickets_rx.phantom.hand_folds import creases, fat_planes, folds, muscles, palm_planes, wrist_folds
from rickets_rx.phantom.limb import Capsule
from rickets_rx.phantom.place import Matrix
from rickets_rx.phantom.rays import Point, RaySpec
from rickets_rx.phantom.skin import Roots, Skin, smooth_closed, tube

THICK = (2.1, 1.9, 1.75)
"""Thickness of a digit over half its width, by phalanx; the grey of flesh then agrees with films."""
COVER = 0.1
"""Least flesh beside a shaft, MW (ours)."""
TIP = 0.17
"""Flesh beyond the end of the bone, MW (0.15-0.24 on films)."""


def flesh(
    rng: np.random.Generator,
    spec: RaySpec,
    apart: float,
    length: float,
    joints: list[list[Point]],
    turn: Matrix,
    outer: tuple[Array, Array],
    oblique: float,
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
    outer : (n, 2), (n, 2)
        Outer edges of the ulna's and of the radius's shaft, going distally, mm: the skin runs round them.

    oblique : float
        Degrees by which the thumb is turned about its axis; 90 shows it from the side.

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
    hand = Skeleton(spec, [[at(p) for p in path] for path in joints], plump * float(np.exp(own)), at)
    arm = round_bones(draw_arm(rng, spec, apart, length, own), outer, COVER * spec.unit)
    palm = smooth_closed(_palm(rng, hand, arm))
    drawn = [_digit(rng, hand, ray, oblique) for ray in range(1, 6)] if spec.fingers else []
    digits = [outline for outline, _ in drawn]
    half = float(np.mean([hand.half(0, ray) for ray in (2, 3, 4, 5)]))
    fingers = tuple(root for _, root in drawn if root is not None)
    roots = Roots(fingers, 0.97 * THICK[0] * half, half) if drawn else None
    flesh_at = _depths(rng, hand, arm)
    skin = Skin((palm, *digits), *flesh_at, spec.unit, float(rng.uniform(2.6, 3.2)), roots)
    pads = (*folds(rng, hand), *muscles(rng, arm, spec.unit), *creases(rng, hand, arm))
    pads += (*fat_planes(rng.spawn(1)[0], arm, spec.unit, age), *wrist_folds(rng.spawn(1)[0], hand, arm))
    pads += tuple(palm_planes(rng.spawn(1)[0], hand))
    return (*_rough(hand, arm), *pads), skin


def _palm(rng: np.random.Generator, hand: Skeleton, arm: Arm) -> Array:
    """Corners of the curve round forearm, palm and first web, from the elbow's side up the little finger's
    side and back down the thumb's; offsets from the bones (MW) are read from normal films."""
    wide = hand.unit * hand.plump
    young = float(np.interp(hand.spec.child.age, (1, 4.5, 8, 12), (0.18, 0.05, 0.06, 0.03)))
    more = float(rng.normal(0, 0.03))
    points = [*np.stack([arm.ulnar, arm.y], axis=1)]
    inward = np.array([0.03, 0.0]) * hand.unit
    points.append(0.5 * (points[-1] + hand.beside(5, 0, 0.02, -0.71 * wide)) + inward)
    # The ball of the little finger stands out most beside the base of its metacarpal.
    points += [
        hand.beside(5, 0, t, -(off + young + more) * wide)
        for t, off in ((0.02, 0.71), (0.32, 0.64), (0.62, 0.53), (0.86, 0.47))
    ]
    first = len(arm.y) - 2
    points[first : first + 4] = filled(np.array(points[first - 1 : first + 5]))
    points += _web_row(rng, hand) if hand.spec.fingers else [np.array(p[1]) for p in hand.joints[:0:-1]]
    points += _first_web(rng, hand)
    if hand.spec.fingers:
        points += [hand.beside(1, bone, t, 0.98 * hand.half(0, 1)) for bone, t in ((1, 0.4), (0, 0.9))]
    points += [
        hand.beside(1, 0, t, (off + 0.8 * young + more) * wide)
        for t, off in ((0.62, 0.42), (0.35, 0.43), (0.05, 0.45))
    ]
    end = np.array([arm.radial[-1], arm.y[-1]])
    points.append(0.5 * (points[-1] + end) - 1.5 * inward)
    points += [*np.stack([arm.radial, arm.y], axis=1)[::-1]]
    return np.array(points)


def filled(points: Array, most: float = 0.38, rounds: int = 12) -> Array:
    """Corners of a side of the skin, walked with the flesh to the right, whose hollow turns are no sharper
    than ``most`` radians (ours; films of bent wrists have a long hollow, no dent).

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        The first and the last stay.

    Returns
    -------
    ndarray of shape (n - 2, 2)
        All but the first and the last; those of a sharp hollow moved towards the line between neighbours.
    """
    out = np.array(points, float)
    for _ in range(rounds):
        for i in range(1, len(out) - 1):
            (a, b), (c, d) = out[i] - out[i - 1], out[i + 1] - out[i]
            turn = float(np.arctan2(a * d - b * c, a * c + b * d))
            if turn > most:
                out[i] += 0.5 * (1 - most / turn) * (0.5 * (out[i - 1] + out[i + 1]) - out[i])
    return out[1:-1]


def _web_row(rng: np.random.Generator, hand: Skeleton) -> list[Array]:
    """From the outer root of the little finger over the webs (at a quarter of the proximal phalanges on
    films) to the outer root of the index finger."""
    out = [hand.beside(5, 1, t, -off * hand.half(0, 5)) for t, off in ((0.32, 1.0), (0.5, 0.8))]
    for ray in (5, 4, 3):
        # The web lies as far out as the shorter finger's quarter and the longer one's fifth.
        near = hand.beside(ray, 1, float(rng.uniform(0.24, 0.32)), 0.6 * hand.half(0, ray))
        far = hand.beside(ray - 1, 1, float(rng.uniform(0.14, 0.24)), -0.6 * hand.half(0, ray - 1))
        out += [hand.beside(ray, 1, 0.25, 0.0), 0.5 * (near + far)]
    return [
        *out,
        hand.beside(2, 1, 0.25, 0.0),
        hand.beside(2, 1, 0.5, 0.8 * hand.half(0, 2)),
        hand.beside(2, 1, 0.34, 1.0 * hand.half(0, 2)),
    ]


def _first_web(rng: np.random.Generator, hand: Skeleton) -> list[Array]:
    """From the index finger down its metacarpal to the web, which begins beside the thumb's first phalanx."""
    wide, finger = hand.unit * hand.plump, hand.spec.fingers
    knuckle = hand.beside(2, 0, 0.88, float(rng.uniform(0.42, 0.47)) * wide)
    if finger:
        web = hand.beside(1, 1, float(rng.uniform(0.0, 0.22)), -float(rng.uniform(0.46, 0.56)) * wide)
    else:
        web = hand.beside(1, 0, 1.0, -0.5 * wide)
    between = 0.5 * (knuckle + web)
    inner = 0.5 * (hand.beside(2, 0, 0.55, 0.42 * wide) + hand.beside(1, 0, 0.8, -0.3 * wide))
    sag = float(rng.uniform(0.1, 0.4))
    foot = hand.beside(1, 0, 1.0, 0.0)
    low = between + sag * (inner - between)
    # Films show a corner at the thumb, where folds gather, and none at the index finger.
    return [knuckle, low, web + 0.25 * (low - web), web, web + 0.2 * (foot - web), foot]


def _digit(rng: np.random.Generator, hand: Skeleton, ray: int, oblique: float) -> tuple[Array, Array | None]:
    """The outline of a digit, a little thicker at its joints, tapering, uneven on either side; and that of
    a finger's root as far as beyond the web."""
    path = hand.joints[ray - 1]
    last = len(path) - 2
    own = float(np.exp(rng.normal(0, 0.03)))
    swell = float(rng.uniform(1.0, 1.05))
    # Films: from the tip 0.86, 0.88, 0.88, 0.89 of the finger's median width as far as the middle phalanx,
    # 1 from its base on, 1.1 at the root. Thumbs are drawn apart.
    knuckle, waists, root_half = (swell, (0.97, 0.97, 0.97), 1.03) if ray == 1 else (
        1 + 2.6 * (swell - 1.0), (0.965, 0.94, 1.06), 1.09
    )  # fmt: skip
    root = hand.half(0, ray) * own
    stations: list[tuple[Point, float]] = [
        (between(path[0], path[1], 0.6), 0.5 * root), (path[1], (1.0 if ray == 1 else 1.15) * root),
    ]  # fmt: skip
    for index in range(1, last + 1):
        here = hand.half(2 if index == last else index - 1, ray) * own
        after = hand.half(2 if index + 1 >= last else index, ray) * own
        a, b = path[index], path[index + 1]
        wide = root_half if index == 1 else 1.0
        waist = waists[2 if index == last else index - 1]
        for share, half in ((0.3, wide * here), (0.62, waist * here), (0.85, 0.5 * (here + after))):
            if index < last or share < 0.8:
                stations.append((between(a, b, share), half))
        stations.append(
            (b, (0.9 if ray == 1 else 1.06) * here if index == last else 0.5 * (here + after) * knuckle)
        )
    places, halves = zip(*stations, strict=True)
    uneven = 1 + 0.034 * rng.normal(0, 1, (len(halves), 2))
    shift = rng.normal(0, 0.03)
    wide = np.array(halves)[:, None] * uneven * np.array([1 + shift, 1 - shift])
    beyond = TIP * hand.unit * float(rng.uniform(0.85, 1.2))
    if ray == 1:
        return tube(places, wide * in_profile(len(wide), oblique), beyond), None
    return tube(places, wide, beyond), tube(places[:4], 0.94 * wide[:4], 0.01 * hand.unit)


def in_profile(stations: int, oblique: float) -> Array:
    """Share of the half width of a thumb turned by ``oblique`` degrees, on the side of its pad and of its
    back, at stations of `_digit` from the root to the end of the bone; shape (stations, 2).

    From the side the pad bulges over the middle of the last bone, the back is straight, and both draw in to a
    blunt point at the nail (shares ours, after six films).
    """
    at, last = np.arange(stations), stations - 1.0 - np.array([3, 2, 1, 0])
    pad = np.interp(at, last, (0.97, 1.0, 1.1, 0.78))
    back = np.interp(at, last, (1.0, 0.86, 0.8, 0.5))
    side = float(np.sin(np.radians(oblique)))
    return np.asarray(1 + side * (np.stack([pad, back], axis=1) - 1))


def _depths(rng: np.random.Generator, hand: Skeleton, arm: Arm) -> tuple[Array, Array, Array, Array]:
    """Where the flesh is how thick, and how far from the skin it gets so, and how thick its coat of fat is:
    places, depths, reaches and coats, mm.

    Depths in MW were set so that the grey of the flesh agrees with films (ours).
    """
    unit, age, wide = hand.unit, hand.spec.child.age, hand.unit * hand.plump
    rows: list[tuple[Array, float, float]] = []
    level = float(np.interp(age, (1, 4, 8), (1.92, 1.68, 1.5))) * float(np.exp(rng.normal(0, 0.06)))
    rise = float(rng.uniform(0.07, 0.2))
    for x0, x1, y in zip(arm.ulnar, arm.radial, arm.y, strict=True):
        deep = level * (1 + rise * max(-y / unit - 0.5, 0)) * unit
        rows += [(np.array([x, y]), deep, 0.42 * (x1 - x0)) for x in np.linspace(x0, x1, 5)[1:-1]]
    carpus = np.array(hand.at((-0.2 * unit, 0.8 * hand.spec.height)))
    rows.append((carpus, 1.6 * wide, 0.85 * unit))
    belly = 0.62 * float(np.exp(rng.normal(0, 0.05)))
    for ray in (2, 3, 4, 5):
        rows += [
            (hand.beside(ray, 0, t, 0.0), deep * belly * wide, reach * unit)
            for t, deep, reach in ((0.0, 2.05, 0.72), (0.3, 1.82, 0.58), (0.65, 1.64, 0.52), (1.0, 1.5, 0.5))
        ]
    rows.append((hand.beside(5, 0, 0.2, -0.3 * wide), 1.48 * wide, 0.9 * unit))
    for t, deep in ((0.25, 2.1), (0.6, 1.7), (0.9, 1.2)):
        middle = 0.5 * (hand.beside(1, 0, t, 0.0) + hand.beside(2, 0, t, 0.0))
        rows.append((middle, 0.66 * deep * wide, 0.64 * unit))
    rows += [(hand.beside(1, 0, t, 0.0), 0.72 * deep * wide, reach * unit)
             for t, deep, reach in ((0.0, 2.1, 0.8), (0.5, 1.85, 0.62), (1.0, 1.4, 0.5))]  # fmt: skip
    if hand.spec.fingers:
        rows += _finger_depths(rng, hand)
    places, depth, reach = zip(*rows, strict=True)
    coats = _coats(rng.spawn(1)[0], hand, np.array(reach), 3 * len(arm.y))
    return np.array(places), np.array(depth), np.array(reach), coats


def _coats(rng: np.random.Generator, hand: Skeleton, reach: Array, arm: int) -> Array:
    """Thickness of skin and fat, mm: beside the forearm's muscles (the first ``arm`` places, ulnar, middle
    and radial in turn) and, as a share of the way in, elsewhere, more in fingers (ours, after films)."""
    young = float(np.interp(hand.spec.child.age, (1, 4), (1.25, 1.0)))
    sides = rng.uniform(0.02, 0.2, 3) * young
    waves = 1 + 0.16 * rng.normal(0, 1, (arm // 3, 3))
    own = (sides * waves).ravel() * hand.unit
    share = np.where(reach[arm:] < 0.42 * hand.unit * hand.plump, 0.16, 0.08)
    return np.r_[np.minimum(own, 0.6 * reach[:arm]), share * reach[arm:]]


def _finger_depths(rng: np.random.Generator, hand: Skeleton) -> list[tuple[Array, float, float]]:
    """The same along the digits and at the webs, which are thin."""
    rows = []
    for ray in range(1, 6):
        last = len(hand.joints[ray - 1]) - 2
        for index in range(1, last + 1):
            place = 2 if index == last else index - 1
            half = hand.half(place, ray)
            deep = THICK[place] * half * float(np.exp(rng.normal(0, 0.03)))
            rows += [(hand.beside(ray, index, t, 0.0), deep, half) for t in (0.25, 0.5, 0.75, 1.0)]
    thin = float(rng.uniform(0.48, 0.78)) * hand.unit
    for ray in (2, 3, 4):
        web = 0.5 * (hand.beside(ray, 1, 0.15, 0.0) + hand.beside(ray + 1, 1, 0.15, 0.0))
        rows.append((web, thin, 0.12 * hand.unit))
    return rows


def _rough(hand: Skeleton, arm: Arm) -> list[Capsule]:
    """Forearm, root of the hand and digits as capsules."""
    low, high = (
        float(np.mean(pair)) for pair in ((arm.ulnar[0], arm.radial[0]), (arm.ulnar[-1], arm.radial[-1]))
    )
    ends = (low, float(arm.y[0])), (high, float(arm.y[-1]))
    half = (float(arm.half[0]), float(arm.half[-1]))
    out = [Capsule(*ends, *half, 0.8)]
    knuckles = between(hand.joints[1][1], hand.joints[4][1], 0.5)
    broad = 0.5 * float(np.hypot(*np.subtract(hand.joints[1][1], hand.joints[4][1])))
    out.append(Capsule(ends[1], between(ends[1], knuckles, 0.7), half[1], broad, 0.6))
    for ray, path in enumerate(hand.joints, start=1):
        for index in range(len(path) - 1):
            place = 0 if index < 2 else 2 if index == len(path) - 2 else 1
            half_width = hand.half(place, ray)
            out.append(Capsule(path[index], path[index + 1], half_width, half_width, 0.6))
    return out
