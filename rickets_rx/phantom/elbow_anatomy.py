"""Anatomy of a left elbow in AP, seen from in front of the film: x lateral, y towards the hand, (0, 0) in the
middle of the distal humerus's chord. The unit is the width of the distal humerus. Proportions are ours,
after the ages and the few widths of the domain notes.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.bone_end import grow
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.epiphyses import capped
from rickets_rx.phantom.limb import Capsule, GradedBone, Limb
from rickets_rx.phantom.margins import Shape, View3D
from rickets_rx.phantom.measure import Survey, survey
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.small_bones import Disc, Look, ossicle
from rickets_rx.vocabulary import Bone, Joint, Side

# name: x, y and half width, half height of the adult centre, in humeral widths
CENTRES: dict[str, tuple[float, float, float, float]] = {
    "trochlea": (-0.17, 0.16, 0.15, 0.12),
    "medial_epicondyle": (-0.52, -0.05, 0.07, 0.12),
    "lateral_epicondyle": (0.50, 0.04, 0.045, 0.11),
    "olecranon": (-0.16, -0.20, 0.15, 0.10),
}


@dataclass(frozen=True)
class ElbowPosture:
    """Carrying angle (degrees, forearm to the lateral side), and how the beam meets the bones."""

    carrying: float = 8.0
    view: View3D = field(default_factory=View3D)


def slow(disease: Disease) -> Disease:
    """Disease at an elbow: a fifth of the bone's growth happens there, so ends cup and splay half as far
    (ours)."""
    return replace(disease, cup=0.5 * disease.cup, splay=0.5 * disease.splay)


def humerus_shape(rng: np.random.Generator, child: Child, length: float) -> Shape:
    """The distal humerus: a flat triangle of two columns round the fossa."""
    width = child.width_of(Bone.HUMERUS)
    spread = np.exp(rng.normal(0, 0.12, 2))
    return Shape(
        width=width,
        shaft=child.shaft_of(Bone.HUMERUS),
        length=length,
        flare=(0.40 * float(spread[0]), 0.36 * float(spread[1])),
        flare_power=float(rng.uniform(2.0, 2.7)),
        collar=float(rng.uniform(0.5, 1.5)),
        dome=float(np.clip(rng.normal(0.10, 0.03), 0.02, 0.2)),
        dome_power=float(rng.uniform(2.0, 3.2)),
        skew=float(rng.normal(0.02, 0.02)),
        depth=float(rng.uniform(0.30, 0.38)),
        bow=float(rng.normal(0, 0.01)) * length,
        cortex=1.1 * child.size("cortex"),
        fossa=float(rng.uniform(0.45, 0.75)),
    )


def forearm_shape(rng: np.random.Generator, child: Child, bone: Bone, length: float) -> Shape:
    """The neck of the radius, or the proximal ulna."""
    radius = bone is Bone.RADIUS_PROXIMAL
    width = child.width_of(bone)
    spread = np.exp(rng.normal(0, 0.15, 2))
    return Shape(
        width=width,
        shaft=min(child.shaft_of(bone), 0.9 * width),
        length=length,
        flare=(0.35 * float(spread[0]), 0.35 * float(spread[1])) if radius else (0.9, 0.8),
        flare_power=float(rng.uniform(1.6, 2.6)),
        collar=float(rng.uniform(0.4, 1.4)),
        dome=float(np.clip(rng.normal(0.08, 0.03), 0.01, 0.16)),
        dome_power=float(rng.uniform(2.2, 4.0)),
        skew=float(rng.normal(0, 0.02)),
        depth=0.9 if radius else 0.8,
        bow=float(rng.normal(0, 0.008)) * length,
        cortex=child.size("cortex"),
    )


def elbow_limb(
    rng: np.random.Generator, child: Child, disease: dict[Bone, Disease], *, side: Side, posture:
    ElbowPosture, pitch: float, upper: float = 2.6, forearm: float = 2.6,
) -> Limb:  # fmt: skip
    """One elbow as solids; ``upper`` and ``forearm`` say how much is modelled, humeral widths."""
    unit = child.width_of(Bone.HUMERUS)
    healthy = Disease()
    worst = max(disease.values(), key=lambda d: d.osteopenia + d.fray_depth, default=healthy)
    shape = humerus_shape(rng.spawn(1)[0], child, upper * unit)
    end = grow(shape, slow(disease.get(Bone.HUMERUS, healthy)), posture.view, rng.spawn(1)[0])
    found = survey(end)
    look = Look(0.26, worst.epiphysis_fade, worst.coarse)
    capitellum = _capitellum(rng.spawn(1)[0], child, found, worst)
    cap = None
    if capitellum is not None:
        cap = capped(capitellum, look=look, seed=int(rng.spawn(1)[0].integers(1 << 30)), pitch=pitch)
    humerus = GradedBone(Bone.HUMERUS, end, Placement((0, 0), float(rng.normal(0, 2))), cap, found)
    grown = child.maturity("capitellum")
    apart = (0.40 + 0.10 * grown + 0.04 * rng.normal()) * unit + worst.gap_extra
    radius = _forearm_bone(
        rng.spawn(1)[0], child, Bone.RADIUS_PROXIMAL, disease, ((0.25 + 0.01 * rng.normal()) * unit,
        apart), posture,
        pitch,
        forearm * unit,
    )  # fmt: skip
    deep = (0.05 - 0.30 * float(np.clip(child.age / 9, 0, 1)) + 0.02 * rng.normal()) * unit
    ulna = _forearm_bone(
        rng.spawn(1)[0], child, Bone.ULNA_PROXIMAL, disease, ((-0.17 + 0.01 * rng.normal()) * unit, deep),
        posture, pitch,
        forearm * unit,
    )  # fmt: skip
    others = _centres(rng.spawn(1)[0], child, unit, look, pitch)
    soft = _soft(rng.spawn(1)[0], child, unit, posture, upper, forearm, worst)
    half = max(c.start_half for c in soft) + 0.2 * unit
    extent = (-half, -upper * unit, half, (forearm + 0.1) * unit)
    return Limb(Joint.ELBOW, side, (humerus, radius, ulna), tuple(others), soft, unit, extent)


def _capitellum(rng: np.random.Generator, child: Child, found: Survey, worst: Disease) -> Disc | None:
    late = replace(child, lead=child.lead * (1 - 0.25 * worst.epiphysis_fade))
    grown = late.maturity("capitellum")
    if grown <= 0:
        return None
    width = found.end.shape.width
    size = (0.12 + 0.32 * grown) * width
    centre = (0.235 + 0.01 * rng.normal()) * width
    wide = np.linspace(-width, width, 41)
    base = float(np.interp(centre, found.margin[:, 0], found.margin[:, 1]))
    # The lateral margin slopes proximally towards the corner, and the centre follows it.
    floor = base - 0.25 * (wide - centre) * grown + 0.05 * width * (1.4 - grown) + worst.gap_extra
    return Disc(
        width=size, height=0.82 * size, depth=0.8 * size, centre=float(centre),
        floor=np.stack([wide, floor], 1), wedge=float(rng.normal(-0.15, 0.1)),
        square=float(rng.uniform(2.0, 2.4)),
    )  # fmt: skip


def _radial_head(rng: np.random.Generator, child: Child, found: Survey, disease: Disease) -> Disc | None:
    grown = child.maturity("radial_head")
    if grown <= 0:
        return None
    width = found.end.shape.width
    size = width * float(np.clip(0.4 + 1.2 * grown, 0.4, 1.08))
    wide = np.linspace(-width, width, 41)
    floor = np.full_like(wide, float(found.margin[:, 1].max()) + child.size("gap") + disease.gap_extra)
    return Disc(
        width=size, height=size * (0.22 + 0.14 * grown), depth=0.85 * size, centre=0.0,
        floor=np.stack([wide, floor], 1), wedge=float(rng.normal(0, 0.1)), square=float(rng.uniform(2.2,
        3.0)),
    )  # fmt: skip


def _forearm_bone(
    rng: np.random.Generator, child: Child, bone: Bone, disease: dict[Bone, Disease], at: tuple[float, float],
    posture: ElbowPosture, pitch: float, length: float,
) -> GradedBone:  # fmt: skip
    own = slow(disease.get(bone, Disease()))
    end = grow(forearm_shape(rng.spawn(1)[0], child, bone, length), own, posture.view, rng.spawn(1)[0])
    found = survey(end)
    # The bone end looks towards the arm: its s axis runs back, its x stays lateral.
    lean = -posture.carrying + (-2.0 if bone is Bone.RADIUS_PROXIMAL else 2.0) + rng.normal(0, 1.5)
    placement = Placement(at, 180.0 + float(lean), flip=True)
    plate = _radial_head(rng.spawn(1)[0], child, found, own) if bone is Bone.RADIUS_PROXIMAL else None
    cap = None
    if plate is not None:
        look = Look(0.26, own.epiphysis_fade, own.coarse)
        cap = capped(plate, look=look, seed=int(rng.spawn(1)[0].integers(1 << 30)), pitch=pitch)
    return GradedBone(bone, end, placement, cap, found, overlapped=bone is Bone.ULNA_PROXIMAL)


def _centres(
    rng: np.random.Generator, child: Child, unit: float, look: Look, pitch: float
) -> list[tuple[Sheet, Placement]]:
    out = []
    for name, (x, y, half_width, half_height) in CENTRES.items():
        grown = child.maturity(name)
        if grown <= 0:
            continue
        size = unit * (0.35 + 0.65 * grown)
        sheet = ossicle(
            half_width * size, half_height * size, 0.8 * half_width * size, pitch=pitch, look=look,
            seed=int(rng.integers(1 << 30)), lobes=0.12,
        )  # fmt: skip
        out.append((sheet, Placement((x * unit, y * unit), float(rng.normal(0, 8)))))
    return out


def _soft(
    rng: np.random.Generator, child: Child, unit: float, posture: ElbowPosture, upper: float, forearm: float,
    worst: Disease,
) -> tuple[Capsule, ...]:  # fmt: skip
    chubby = float(np.interp(child.age, (0, 1, 3, 8, 16), (1.15, 1.12, 1.0, 0.9, 0.88))) * float(
        np.exp(rng.normal(0, 0.08))
    )
    swell = 1 + worst.swelling
    turn = np.radians(posture.carrying)
    elbow = 0.86 * unit * chubby * swell
    arm = elbow * float(rng.uniform(0.92, 1.12))
    lower = elbow * float(rng.uniform(0.98, 1.15))
    far: npt.NDArray[np.float64] = np.array([np.sin(turn), np.cos(turn)]) * forearm * unit
    middle = far * 0.3
    return (
        Capsule((0, -(upper + 0.4) * unit), (0, 0), arm, elbow, 0.72),
        Capsule((0, 0), (float(middle[0]), float(middle[1])), elbow, lower, 0.72),
        Capsule(
            (float(middle[0]), float(middle[1])),
            (float(far[0] * 1.2), float(far[1] * 1.2)),
            lower,
            0.85 * lower,
            0.72,
        ),
    )
