"""Anatomy of a left wrist and hand seen from its back: where every bone stands, by age (x to the thumb, y
distal).

The unit of every position is the width of the healthy distal radius (MW); proportions are read from normal
films of 0.5-15 years and are ours. (0, 0) is the middle of the radius's chord.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.bone_end import Shape, View3D, grow
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.limb import Capsule, Epiphysis, GradedBone, Limb
from rickets_rx.phantom.measure import survey
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.small_bones import Look, Plate, ossicle, tube
from rickets_rx.vocabulary import Bone, Joint, Side

# name: x, y as share of the wrist's height, adult half width and half height (MW), lean in degrees
CARPALS: dict[str, tuple[float, float, float, float, float]] = {
    "capitate": (-0.18, 0.66, 0.215, 0.33, 0.0),
    "hamate": (-0.56, 0.66, 0.20, 0.27, -12.0),
    "triquetrum": (-0.80, 0.38, 0.16, 0.19, -35.0),
    "lunate": (-0.38, 0.30, 0.20, 0.185, 5.0),
    "scaphoid": (0.12, 0.40, 0.17, 0.27, -30.0),
    "trapezium": (0.47, 0.66, 0.19, 0.20, -25.0),
    "trapezoid": (0.19, 0.76, 0.14, 0.17, -10.0),
    "pisiform": (-0.84, 0.36, 0.10, 0.13, 0.0),
}
# x of base, y share of the wrist's height, direction (degrees, + to the ulnar side), length and width over
# MC3
METACARPALS: dict[int, tuple[float, float, float, float, float]] = {
    1: (0.70, 0.72, -38.0, 0.68, 1.15),
    2: (0.24, 1.02, -9.0, 1.05, 1.05),
    3: (-0.12, 1.03, -1.0, 1.0, 1.0),
    4: (-0.44, 1.0, 7.0, 0.89, 0.85),
    5: (-0.74, 0.93, 16.0, 0.82, 0.9),
}
PHALANGES: dict[int, tuple[float, ...]] = {
    1: (0.50, 0.36), 2: (0.60, 0.36, 0.26), 3: (0.67, 0.43, 0.28), 4: (0.62, 0.41, 0.28), 5: (0.49, 0.30,
    0.25),
}  # fmt: skip


@dataclass(frozen=True)
class Posture:
    """How the hand lies: degrees. ``deviation`` to the ulnar side, ``spread`` of the fingers (share).

    ``squeeze`` is how far sideways distances are foreshortened: 1 frontal, 0 lateral.
    """

    deviation: float = 0.0
    spread: float = 1.0
    squeeze: float = 1.0
    view: View3D = field(default_factory=View3D)


def draw_shape(rng: np.random.Generator, child: Child, bone: Bone, length: float) -> Shape:
    """A healthy outline of one wrist bone; its scatter between children is ours, seen on normal films."""
    width, shaft = child.width_of(bone), child.shaft_of(bone)
    radius = bone is Bone.RADIUS
    near, far = (0.55, 0.75) if radius else (0.5, 0.5)
    spread = np.exp(rng.normal(0, 0.22, 2))
    return Shape(
        width=width,
        shaft=min(shaft, 0.8 * width),
        length=length,
        flare=(near * float(spread[0]), far * float(spread[1])),
        flare_power=float(rng.uniform(1.3, 2.1)),
        collar=float(rng.uniform(0.8, 2.6)),
        dome=float(np.clip(rng.normal(0.09 if radius else 0.10, 0.035), 0.01, 0.2)),
        dome_power=float(rng.uniform(2.2, 5.0)),
        skew=float(rng.normal(0, 0.02)),
        depth=float(rng.uniform(0.62, 0.8) if radius else rng.uniform(0.75, 0.95)),
        bow=float(rng.uniform(-0.01, 0.035) if radius else rng.uniform(-0.03, 0.01)) * length,
        cortex=child.size("cortex"),
    )


def draw_plate(
    rng: np.random.Generator, child: Child, bone: Bone, end_width: float, margin: np.ndarray, extra: float
) -> Plate | None:
    """The epiphysis of a wrist bone at this age, None before it ossifies."""
    grown = child.maturity(bone.value)
    if grown <= 0:
        return None
    healthy = child.width_of(bone)
    share = child.size(f"{bone.value}_epiphysis_share")
    since = grown / 0.6
    width = healthy * (share if bone is Bone.RADIUS else max(share, min(1.0, 0.25 + 0.75 * since)))
    width *= float(np.clip(0.5 + 2.5 * grown, 0.5, 1.0))
    height = child.size(f"{bone.value}_epiphysis_length") * float(np.clip(0.6 + 2.0 * grown, 0.6, 1.0))
    if bone is Bone.ULNA:
        height = min(height, 0.62 * width)
    disc = float(np.clip((width / healthy - 0.3) / 0.4, 0, 1))
    centre = (0.06 if bone is Bone.RADIUS else 0.03) * healthy * (1 - disc) + rng.normal(0, 0.02) * healthy
    gap = child.size("gap") + 1.2 * (1 - disc) + extra
    x = margin[:, 0]
    # The plate's own floor follows the healthy sweep of the margin, not its teeth.
    height_at = np.polyval(np.polyfit(x, margin[:, 1], 2), x)
    floor = np.stack([x, disc * height_at + (1 - disc) * height_at.max() + gap], axis=1)
    wide = np.linspace(-1.2 * healthy, 1.2 * healthy, 61)
    floor = np.stack([wide, np.interp(wide, floor[:, 0], floor[:, 1])], axis=1)
    lean = 0.75 if bone is Bone.RADIUS else -0.3
    return Plate(
        width=width,
        height=height,
        depth=min(0.75 * width, 0.8 * healthy),
        centre=float(centre),
        floor=floor,
        wedge=float(np.clip(lean * disc + rng.normal(0, 0.12), -0.9, 0.95)),
        square=float(2.0 + 0.9 * disc + rng.uniform(-0.1, 0.4)),
    )


def graded_bone(
    rng: np.random.Generator, child: Child, bone: Bone, disease: Disease, placement: Placement, view: View3D,
    length: float, pitch: float,
) -> GradedBone:  # fmt: skip
    """A wrist bone with its epiphysis, drawn."""
    end = grow(draw_shape(rng, child, bone, length), disease, view, rng)
    late = replace(child, lead=child.lead * (1 - 0.25 * disease.epiphysis_fade))
    found = survey(end)
    plate = draw_plate(rng, late, bone, end.width, found.margin, disease.gap_extra)
    if plate is None:
        return GradedBone(bone, end, placement, None, found)
    look = Look(0.38, disease.epiphysis_fade, disease.coarse)
    sheet = plate.map(pitch=pitch, look=look, seed=int(rng.integers(1 << 30)))
    return GradedBone(bone, end, placement, Epiphysis(plate, sheet), found)


def wrist_limb(
    rng: np.random.Generator, child: Child, disease: dict[Bone, Disease], *, side: Side, posture: Posture,
    pitch: float, forearm: float = 3.6, fingers: bool = True,
) -> Limb:  # fmt: skip
    """One wrist with its hand as solids.

    Parameters
    ----------
    pitch : float
        Film pixel, mm: how finely maps are made.
    forearm : float
        How much forearm is modelled, MW.
    fingers : bool
        False leaves out what lies beyond the metacarpal heads.
    """
    unit = child.width_of(Bone.RADIUS)
    ulna_width = child.width_of(Bone.ULNA)
    length = forearm * unit
    healthy = Disease()
    view = posture.view
    turn = np.radians(view.turn)
    space = 0.16 * unit + rng.normal(0, 0.03) * unit + 0.04 * unit
    apart = (0.5 * unit + 0.5 * ulna_width + space) * np.cos(turn) * posture.squeeze
    variance = rng.normal(-0.04, 0.07) * unit + unit * 0.35 * np.sin(turn) * 0.2
    # The shafts run apart a little going up the arm, so that they do not cross within the film.
    tilt_radius = float(np.clip(rng.normal(1.5, 1.5), -1.0, 5.0))
    tilt_ulna = float(np.clip(rng.normal(-0.5, 1.5), -4.0, 1.5))
    radius = graded_bone(
        rng, child, Bone.RADIUS, disease.get(Bone.RADIUS, healthy), Placement((0, 0), float(tilt_radius)),
        view,
        length, pitch,
    )  # fmt: skip
    ulna = graded_bone(
        rng, child, Bone.ULNA, disease.get(Bone.ULNA, healthy),
        Placement((float(-apart), float(variance)), float(tilt_ulna)), view, length, pitch,
    )  # fmt: skip
    worst = max(disease.values(), key=lambda d: d.osteopenia + d.fray_depth, default=healthy)
    height = child.size("wrist_height") * unit + 0.8 * worst.gap_extra
    hand_turn = Placement((0.0, 0.15 * height), -posture.deviation).matrix()
    others = _carpals(rng, child, unit, height, worst, pitch, posture.squeeze)
    rays, tips = _rays(rng, child, unit, height, worst, posture, pitch, fingers)
    others += rays
    moved = tuple((sheet, _turned(place, hand_turn)) for sheet, place in others)
    soft = _soft(rng, child, unit, height, apart, length, worst, tips, hand_turn, fingers)
    lows = np.array([c.start for c in soft] + [c.end for c in soft])
    pad = max(c.end_half for c in soft)
    extent = (
        float(lows[:, 0].min() - pad),
        -length,
        float(lows[:, 0].max() + pad),
        float(lows[:, 1].max() + 0.3 * unit),
    )
    return Limb(Joint.WRIST, side, (radius, ulna), moved, soft, unit, extent)


def _turned(place: Placement, turn: np.ndarray) -> Placement:
    """A placement turned with the hand about the wrist's middle (the turn's origin)."""
    rest = np.array([place.origin[0] - turn[0, 2], place.origin[1] - turn[1, 2]])
    moved = turn[:2, :2] @ rest + turn[:2, 2]
    degrees = float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0])))
    return Placement((float(moved[0]), float(moved[1])), place.axis + degrees, place.flip)


def _carpals(
    rng: np.random.Generator,
    child: Child,
    unit: float,
    height: float,
    worst: Disease,
    pitch: float,
    squeeze: float,
) -> list[tuple[Sheet, Placement]]:
    look = Look(0.32, 0.6 * worst.epiphysis_fade, worst.coarse)
    out = []
    for name, (x, y, half_width, half_height, lean) in CARPALS.items():
        late = replace(child, lead=child.lead * (1 - 0.2 * worst.epiphysis_fade))
        grown = late.maturity(name)
        if grown <= 0:
            continue
        size = 0.32 + 0.82 * grown
        # Young centres are round; with age each takes its own form.
        round_half = float(np.sqrt(half_width * half_height))
        a = unit * size * (round_half + (half_width - round_half) * grown)
        b = unit * size * (round_half + (half_height - round_half) * grown)
        b *= child.size("wrist_height") / 1.34 if grown > 0.6 else 1.0
        sheet = ossicle(
            a, b, 0.9 * unit * size * 0.55, pitch=pitch, look=look, seed=int(rng.integers(1 << 30)),
            lobes=0.05 + 0.13 * grown,
        )  # fmt: skip
        jitter = rng.normal(0, 0.025, 2) * unit
        place = Placement(
            (squeeze * x * unit + jitter[0], y * height + jitter[1]), lean * grown + float(rng.normal(0, 8))
        )
        out.append((sheet, place))
    return out


def _rays(
    rng: np.random.Generator, child: Child, unit: float, height: float, worst: Disease, posture: Posture,
    pitch: float, fingers: bool,
) -> tuple[list[tuple[Sheet, Placement]], list[list[tuple[float, float]]]]:  # fmt: skip
    """Metacarpals and phalanges, and for each ray its joints from base to tip (mm)."""
    bones: list[tuple[Sheet, Placement]] = []
    joints: list[list[tuple[float, float]]] = []
    full, thick = child.size("metacarpal"), child.size("metacarpal_width")
    look = Look(0.4, 0.8 * worst.osteopenia, worst.coarse)
    frayed = float(np.clip(worst.fray_depth / 1.5, 0, 0.9))
    lean = rng.normal(0, 2.0)
    for ray, (x, y, direction, length_share, width_share) in METACARPALS.items():
        angle = direction * (posture.spread if ray > 1 else 1.0) + lean + rng.normal(0, 1.5)
        if ray == 1:
            angle += rng.uniform(-14, 16)
        start = np.array([posture.squeeze * x * unit, y * height + rng.normal(0, 0.02) * unit])
        path = [start]
        shares = (1.0, *(PHALANGES[ray] if fingers else ()))
        for index, share in enumerate(shares):
            length = full * (length_share if index == 0 else share) * np.exp(rng.normal(0, 0.02))
            if index > 0:
                angle += rng.normal(0, 2.0) + (
                    1.5 * direction / 10 * posture.spread if index == 1 and ray > 1 else 0
                )
            axis = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
            space = (0.10 if index == 0 else 0.055) * full * (
                1.25 - 0.03 * min(child.age, 16)
            ) + 0.4 * worst.gap_extra * (index == 0)
            middle = thick * width_share * (1.0, 1.0, 0.85, 0.6)[min(index, 3)]
            if ray == 1 and index == 2:
                middle *= 0.8
            centre = path[-1] + axis * (space / 2 + length / 2)
            base, head = (
                middle * rng.uniform(1.25, 1.45),
                middle * rng.uniform(1.25, 1.45) * (1.05 if index == 0 else 0.8),
            )
            bones.append(
                (tube(length, middle, base, head, pitch=pitch, look=look, seed=int(rng.integers(1 << 30)),
                frayed=frayed),
                 Placement((float(centre[0]), float(centre[1])), float(angle)))
            )  # fmt: skip
            bones += _cap(rng, child, ray, index, centre, axis, float(angle), length, base, head, look, pitch)
            path.append(path[-1] + axis * (space + length))
        joints.append([(float(p[0]), float(p[1])) for p in path])
    return bones, joints


def _cap(rng, child, ray, index, centre, axis, angle, length, base, head, look, pitch):  # type: ignore[no-untyped-def]
    """The epiphysis of a metacarpal (head; base of the first) or phalanx (base)."""
    grown = child.maturity("metacarpal" if index == 0 else "phalanx")
    if grown <= 0:
        return []
    at_head = index == 0 and ray != 1
    across = (head if at_head else base) * float(np.clip(0.35 + 1.3 * grown, 0.35, 0.98))
    tall = across * (0.55 if at_head else 0.30) * (1.2 - 0.3 * grown)
    gap = 0.02 * length + 0.35
    away = (length / 2 + gap + tall / 2) * (1 if at_head else -1)
    sheet = ossicle(
        across / 2,
        tall / 2,
        0.75 * across,
        pitch=pitch,
        look=look,
        seed=int(rng.integers(1 << 30)),
        lobes=0.06,
    )
    at = centre + axis * away
    return [(sheet, Placement((float(at[0]), float(at[1])), angle))]


def _soft(
    rng: np.random.Generator, child: Child, unit: float, height: float, apart: float, length: float, worst:
    Disease, rays: list[list[tuple[float, float]]], turn: np.ndarray, fingers: bool,
) -> tuple[Capsule, ...]:  # fmt: skip
    """Skin and flesh: forearm, wrist, palm, digits."""
    chubby = float(np.interp(child.age, (0, 1, 3, 8, 16), (1.22, 1.2, 1.05, 0.96, 0.95))) * float(
        np.exp(rng.normal(0, 0.06))
    )
    swell = 1 + worst.swelling
    middle = -apart / 2
    wrist_half = (apart / 2 + 0.62 * unit) * chubby * swell
    forearm_half = wrist_half * float(rng.uniform(1.1, 1.3))
    points = np.array([[middle, -length], [middle, -1.6 * unit], [middle * 0.9, -0.1 * unit]])
    parts = [
        Capsule(tuple(points[0]), tuple(points[1]), forearm_half * 1.12, forearm_half, 0.72),
        Capsule(tuple(points[1]), tuple(points[2]), forearm_half, wrist_half, 0.66),
    ]
    at = lambda p: tuple(float(c) for c in turn[:2, :2] @ (np.asarray(p) - turn[:2, 2]) + turn[:2, 2])  # noqa: E731
    parts.append(
        Capsule(tuple(points[2]), at((-0.15 * unit, 0.8 * height)), wrist_half, 1.18 * wrist_half, 0.5)
    )
    thick = child.size("metacarpal_width") * chubby
    for ray, path in enumerate(rays, start=1):
        palm_half = thick * (1.55 if ray > 1 else 1.5)
        root = path[0] if ray > 1 else (0.2 * unit, 0.55 * height)
        parts.append(Capsule(at(root), at(path[1]), palm_half * 1.15, palm_half, 0.8))
        for index in range(1, len(path) - 1):
            tip = index == len(path) - 2
            a, b = thick * (1.32 - 0.13 * index), thick * (1.2 - 0.15 * index - (0.1 if tip else 0))
            if ray == 1:
                a, b = a * 1.1, b * 1.05
            parts.append(Capsule(at(path[index]), at(path[index + 1]), a, b, 0.9))
    return tuple(parts)
