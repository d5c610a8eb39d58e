"""Epiphyses of metacarpals and phalanges: when they appear, and the form that they take."""

from dataclasses import dataclass

import numpy as np

from rickets_rx.phantom.anatomy import ONSET, Child
from rickets_rx.phantom.tubular import End, Tubular

LATER = ((1.0, 0.92, 0.95, 1.0, 1.1), (1.15, 0.9, 0.85, 0.88, 1.1), (0.0, 1.25, 1.15, 1.15, 1.5),
         (0.85, 1.35, 1.2, 1.2, 1.5))  # fmt: skip
"""When a centre appears over the age of its group (a name of ``ONSET``), by kind and ray: proximal before
middle and distal ones, the little finger last, the thumb's tip early (order of Greulich and Pyle; factors
ours)."""


@dataclass(frozen=True, eq=False)
class Cap:
    """An epiphysis, None before it ossifies, and the room that it will fill along the bone, mm."""

    room: float
    bone: Tubular | None


def years_since(child: Child, ray: int, kind: int) -> float:
    """Years of skeletal age since the centre appeared; below 0 before."""
    thumb = ray == 1 and kind < 3
    name = "thumb" if thumb else "metacarpal" if kind == 0 else "phalanx"
    onset = ONSET[name] * child.factors.get("onset_" + name, 1.0) * LATER[kind][ray - 1]
    return child.age * child.lead - onset


def cap_of(rng: np.random.Generator, child: Child, ray: int, kind: int, shaft: Tubular) -> Cap:
    """The epiphysis of one bone, shaped to the shaft that it caps.

    Parameters
    ----------
    ray : int
        1 the thumb to 5 the little finger.
    kind : int
        0 metacarpal, 1 proximal, 2 middle, 3 distal phalanx.
    shaft : Tubular
        The shaft, mm; finger metacarpals are capped at their head, all others at their base.
    """
    since = years_since(child, ray, kind) + float(rng.normal(0, 0.12))
    at_head = kind == 0 and ray != 1
    end = -1 if at_head else 0
    wide = float(shaft.left[end] + shaft.right[end])
    tall = (
        wide
        * float(np.interp(child.age, (2, 5, 8, 12), _height(kind, at_head)))
        * float(rng.uniform(0.92, 1.08))
    )
    if since <= 0:
        return Cap(tall, None)
    ripe = float(np.clip(since / (4.5 if at_head else 3.4), 0, 1))
    # Heads reach the rim of their shaft late.
    late = 0.10 * float(np.clip((since - 6) / 4, 0, 1)) if at_head else 0.0
    width = wide * (0.30 + late + (0.56 if at_head else 0.76) * ripe**0.75) * float(rng.uniform(0.96, 1.04))
    height = tall * float(np.clip(0.42 + 0.62 * ripe, 0, 1.0))
    face = shaft.head if at_head else shaft.base
    # The two sides of a growth plate run alike.
    wave = (-face.wave[0] * wide / width, face.wave[1])
    bone = _head(rng, width, height, ripe, wave) if at_head else _disc(rng, width, height, ripe, kind, wave)
    # It sits over the middle of the end, a little to one side.
    middle = float(shaft.right[end] - shaft.left[end]) / 2 + float(rng.normal(0, 0.025)) * wide
    moved = Tubular(
        bone.length,
        bone.left - middle,
        bone.right + middle,
        bone.base,
        bone.head,
        bone.depth,
        cortex=0.0,
        clear=shaft.clear,
    )
    return Cap(tall, moved)


def _height(kind: int, at_head: bool) -> tuple[float, float, float, float]:
    """Full height over the width of the shaft's end at 2, 5, 8 and 12 years, read from five films."""
    if at_head:
        return (0.66, 0.72, 0.77, 0.83)
    return (
        (0.27, 0.28, 0.30, 0.31),
        (0.20, 0.22, 0.26, 0.30),
        (0.18, 0.20, 0.23, 0.26),
        (0.2, 0.22, 0.24, 0.27),
    )[kind]


def _head(
    rng: np.random.Generator, width: float, height: float, ripe: float, wave: tuple[float, float]
) -> Tubular:
    """A metacarpal's head: a dome on a flat foot, round like a pea when young."""
    # Widest a third of the way up, as the condyles flare.
    shape = np.array([0.95, 1.0, 1.02, 1.0, 0.97, 0.94]) * width / 2
    left, right = (shape * (1 + rng.normal(0, 0.025, len(shape))) for _ in (0, 1))
    low = height / width
    foot = End(
        0.40 * low * (1 - ripe) + 0.04, 2.2 + 2.5 * ripe, float(rng.normal(0, 0.02)), 0,
        float(rng.normal(0, 0.02)), 0.12, wave,
    )  # fmt: skip
    top = End(
        low * (0.45 - 0.13 * ripe), 2.1 + 1.2 * ripe * float(rng.uniform(0.6, 1.3)), 0, 0,
        float(rng.normal(0, 0.06)), 0.45, (0.012, float(rng.uniform(0, 6.28))),
    )  # fmt: skip
    return Tubular(height, left, right, foot, top, depth=0.72, cortex=0.0)


def _disc(
    rng: np.random.Generator, width: float, height: float, ripe: float, kind: int, wave: tuple[float, float]
) -> Tubular:
    """A disc at the base of a bone: a lens when young, later dished to the joint and thicker at its sides."""
    low = height / width
    shape = np.array([0.97, 1.0, 0.98]) * width / 2
    dish = low * ripe * float(rng.uniform(0.18, 0.34)) * (0.3 if kind == 0 else 1.0)
    # The saddle of the middle and distal joints: two dishes and a ridge between them.
    ridge = -0.35 * dish if kind in (2, 3) else 0.0
    phase = float(rng.uniform(0, 6.28))
    joint = End(
        0.5 * low * (1 - ripe) + 0.30 * low, 2.2 + 5 * ripe, dish, ridge, float(rng.normal(0, 0.025)), 0.10,
        (0.05 * min(low, 0.25), phase),
    )  # fmt: skip
    shaftward = End(
        0.5 * low * (1 - ripe) + 0.22 * low, 2.2 + 4 * ripe, float(rng.normal(0, 0.06)) * low, 0,
        float(rng.normal(0, 0.025)), 0.10, wave,
    )  # fmt: skip
    return Tubular(height, shape, shape.copy(), joint, shaftward, depth=0.8, cortex=0.0)
