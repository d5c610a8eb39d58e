"""What chance gives a film of the training stream: exposure, layout, disease."""

from dataclasses import replace

import numpy as np

from rickets_rx.phantom.disease import MIMICS, Disease
from rickets_rx.phantom.exposure import Exposure
from rickets_rx.phantom.layout import Layout
from rickets_rx.vocabulary import Bone, Side


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """An exposure as departments give them: most good, some poor."""
    return Exposure(
        photons=float(np.exp(rng.normal(np.log(7e5), 0.9))),
        scatter=float(rng.uniform(0.05, 0.3)),
        focal_blur=float(rng.uniform(0.03, 0.09)),
        detector_blur=float(rng.uniform(0.05, 0.18)),
        electronic=float(rng.uniform(0.0002, 0.0015)),
        heel=float(rng.uniform(0, 0.15)),
        heel_angle=float(rng.uniform(0, 360)),
        edge=float(rng.choice([rng.uniform(0.0, 1.1), rng.uniform(1.1, 2.2)], p=[0.85, 0.15])),
        edge_scale=float(rng.uniform(0.25, 1.8)),
        equalise=float(rng.uniform(0.1, 0.7)),
        slope=float(rng.uniform(0.8, 5.0)),
        middle=float(rng.uniform(0.35, 0.65)),
        low=float(rng.choice([rng.normal(0.02, 0.04), rng.uniform(-0.4, 0.0)], p=[0.75, 0.25])),
        high=float(rng.choice([rng.uniform(0.97, 1.0), rng.uniform(1.0, 1.45)], p=[0.35, 0.65])),
        haze=float(rng.choice([0.0, rng.uniform(0.005, 0.06), rng.uniform(0.06, 0.3)], p=[0.3, 0.5, 0.2])),
    )


def draw_layout(rng: np.random.Generator, side: Side) -> Layout:
    """Positions as films have them: whole hands most often cut short behind the wrist, wrists, forearms."""
    kind = rng.choice(["hand", "wrist", "forearm"], p=[0.45, 0.4, 0.15])
    beyond = (
        None
        if kind == "hand"
        else float(rng.uniform(1.2, 3.4))
        if kind == "wrist"
        else float(rng.uniform(0.8, 2))
    )
    behind = float(rng.uniform(0.6, 3.0)) if kind != "forearm" else float(rng.uniform(3.0, 4.5))
    turned = rng.random()
    angle = float(rng.normal(0, 12)) if turned < 0.7 else float(rng.uniform(0, 360))
    letter = side.value[0].upper()
    initials = "".join(rng.choice(list("ABCDEFGHJKLMNPRSTVW"), int(rng.integers(2, 4))))
    text = str(rng.choice(["", letter, letter + initials], p=[0.15, 0.3, 0.55]))
    return Layout(
        behind=behind,
        beyond=beyond,
        beside=float(rng.uniform(0.05, 1.2)),
        above=float(rng.uniform(0.1, 1.6)),
        angle=angle,
        mirror=bool(rng.random() < 0.08),
        collimated=float(rng.uniform(0.05, 0.6)) if rng.random() < 0.45 else 0.0,
        frame=str(rng.choice(["dark", "dark", "bright", "blank"])),
        marker=text,
    )


VARIANTS = ("dense_ends", "spur", "growth_arrest", "concave_ulna")


def draw_disease(
    rng: np.random.Generator, severity: tuple[float, float] | None = None, rachitic: float = 0.5,
    bones: tuple[Bone, ...] = (Bone.RADIUS, Bone.ULNA),
) -> dict[Bone, Disease]:  # fmt: skip
    """Disease of the two wrist bones: alike, not equal. ``severity`` fixes the range and makes all
    rachitic."""
    if severity is None and rng.random() >= rachitic:
        return _healthy(rng, bones)
    low, high = severity or (0.05, 1.0)
    worst = float(rng.uniform(low, high))
    healing = float(rng.uniform(0.1, 1.0)) if rng.random() < 0.25 else 0.0
    out = {}
    for bone in bones:
        own = float(np.clip(worst + rng.normal(0, 0.08), low, high))
        out[bone] = Disease.healing(healing, own, rng) if healing else Disease.active(own, rng)
    return out


def _healthy(rng: np.random.Generator, bones: tuple[Bone, ...]) -> dict[Bone, Disease]:
    """No rickets: mostly plain, some normal variants, few fractures and lesions."""
    chance = rng.random()
    if chance < 0.03:
        return {bones[0]: Disease.preset(str(rng.choice(MIMICS)))}
    if chance < 0.27:
        name = str(rng.choice(VARIANTS))
        variant = Disease.preset(name)
        if name == "concave_ulna":
            smooth = replace(variant, cup=float(rng.uniform(0.07, 0.15)))
            return {Bone.ULNA: smooth} if Bone.ULNA in bones else {}
        return dict.fromkeys(bones, variant)
    return {}
