"""What films show at the webs: pads across the roots of the fingers, fat between them, folds at the thumb."""

import numpy as np

from rickets_rx.phantom.hand_build import Array, Skeleton
from rickets_rx.phantom.limb import Capsule


def webs(rng: np.random.Generator, hand: Skeleton) -> list[Capsule]:
    """Pads, streaks and folds of all webs of a hand with fingers."""
    out = [_pad(rng, hand, ray) for ray in (2, 3, 4, 5)]
    out += [_streak(rng, hand, ray) for ray in (2, 3, 4)]
    return out + _thumb_folds(rng, hand)


def _between(start: Array, end: Array, halves: tuple[float, float], depths: tuple[float, float],
             flat: float = 2.0) -> Capsule:  # fmt: skip
    """A pad from one point to another, ``depths`` over its width at each."""
    return Capsule(
        (float(start[0]), float(start[1])), (float(end[0]), float(end[1])), *halves, depths[0], pad=True,
        flat=flat, end_depth=depths[1],
    )  # fmt: skip


def _pad(rng: np.random.Generator, hand: Skeleton, ray: int) -> Capsule:
    """The pad before a finger: its round far edge crosses the proximal phalanx at the level of the webs and
    its sides go on into them, a second line beside the skin's (place and depth ours, after films)."""
    half = hand.half(0, ray) * float(rng.uniform(0.92, 1.1))
    off = float(rng.normal(0, 0.1)) * half
    end = float(rng.uniform(0.26, 0.46)) - half / max(_long(hand, ray), 1e-6)
    deep = float(rng.uniform(0.06, 0.24))
    start = hand.beside(ray, 0, 0.8, 0.0)
    return _between(
        start, hand.beside(ray, 1, end, off), (1.1 * half, half), (0.0, deep), float(rng.uniform(2.2, 3.5))
    )


def _long(hand: Skeleton, ray: int) -> float:
    a, b = hand.joints[ray - 1][1:3]
    return float(np.hypot(*np.subtract(b, a)))


def _streak(rng: np.random.Generator, hand: Skeleton, ray: int) -> Capsule:
    """Fat between two knuckles: from the web a darker streak runs back between the metacarpals' heads."""
    near, far = (0.5 * (hand.beside(ray, bone, t, 0.0) + hand.beside(ray + 1, bone, t, 0.0))
                 for bone, t in ((0, 0.78), (1, 0.16)))  # fmt: skip
    half = float(rng.uniform(0.35, 0.55)) * hand.half(0, ray)
    deep = -float(rng.uniform(0.12, 0.42))
    return _between(near, far, (0.7 * half, half), (0.1 * deep, deep))


def _thumb_folds(rng: np.random.Generator, hand: Skeleton) -> list[Capsule]:
    """Folds of skin that gather at the first web and run from it into the palm."""
    half = hand.half(0, 1)
    web = 0.5 * (hand.beside(1, 1, 0.1, -0.9 * half) + hand.beside(1, 0, 1.0, -1.1 * half))
    ways = [_heading(hand.beside(2, 0, t, 0.0) - web) for t in (0.85, 0.15)]
    out = []
    # The skin of either finger goes on over the other's as a wedge that widens and fades: two crossing edges.
    for way in ways:
        across = np.array([-way[1], way[0]])
        start = web - 0.35 * half * way + float(rng.normal(0, 0.15)) * half * across
        end = start + half * (float(rng.uniform(1.6, 3.2)) * way + float(rng.normal(0, 0.25)) * across)
        wide = float(rng.uniform(0.3, 0.75)) * half
        out.append(_between(start, end, (0.12 * half, wide), (float(rng.uniform(0.2, 1.1)), 0.0), 2.2))
    for _ in range(int(rng.integers(1, 6))):
        share = float(rng.uniform(-0.2, 1.2))
        way = _heading(share * ways[0] + (1 - share) * ways[1])
        across = np.array([-way[1], way[0]])
        wide = float(rng.uniform(0.04, 0.1)) * half
        start = web + half * (float(rng.uniform(-0.4, 0.3)) * way + float(rng.normal(0, 0.25)) * across)
        end = start + float(rng.uniform(0.8, 2.6)) * half * way
        deep = float(rng.choice([-0.5, 0.45])) * float(rng.uniform(0.3, 1.0))
        out.append(_between(start, end, (wide, 1.3 * wide), (deep, 0.0)))
    return out


def _heading(along: Array) -> Array:
    return np.asarray(along / max(float(np.hypot(*along)), 1e-9))
