"""Anatomy of a left wrist and hand seen from its back: where every bone stands, by age (x to the thumb, y
distal).

The unit of every position is the width of the healthy distal radius (MW); proportions are read from normal
films of 0.5-15 years and are ours. (0, 0) is the middle of the radius's chord.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.bone_end import grow
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.epiphyses import capped
from rickets_rx.phantom.hand_flesh import flesh
from rickets_rx.phantom.limb import GradedBone, Limb
from rickets_rx.phantom.margins import Shape, View3D
from rickets_rx.phantom.measure import survey
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.rays import RaySpec, rays
from rickets_rx.phantom.small_bones import Form, Look, Plate, ossicle
from rickets_rx.vocabulary import Bone, Joint, Side


@dataclass(frozen=True)
class Carpal:
    """One carpal bone.

    ``young`` and ``old`` are its middle at 7 and 13 years (x in MW, y as share of the wrist's height),
    ``half`` its adult half width and height (MW), ``lean`` degrees, ``form`` the faceted outline of its last
    years within -1..1 (x to the thumb, y distal), empty where it stays round.
    """

    young: tuple[float, float]
    old: tuple[float, float]
    half: tuple[float, float]
    lean: float = 0.0
    form: Form = ()


CARPALS: dict[str, Carpal] = {
    "capitate": Carpal((-0.17, 0.64), (-0.16, 0.635), (0.215, 0.35), 0.0, (
        (-0.75, 1), (0.6, 1), (0.95, 0.6), (0.6, 0.1), (0.75, -0.4), (0.45, -0.9), (0, -1), (-0.5, -0.9),
        (-0.8, -0.35), (-0.65, 0.2), (-1, 0.6))),
    "hamate": Carpal((-0.67, 0.71), (-0.62, 0.68), (0.245, 0.28), 0.0, (
        (-0.9, 0.9), (0.7, 1), (1, 0.5), (0.8, -0.3), (0.55, -1), (0.2, -0.85), (-0.3, -0.3), (-1, 0.3))),
    "triquetrum": Carpal((-0.84, 0.46), (-0.88, 0.48), (0.18, 0.21), -15.0, (
        (-1, 0.1), (-0.5, 0.9), (0.3, 1), (0.9, 0.3), (1, -0.5), (0.4, -1), (-0.4, -0.8))),
    "lunate": Carpal((-0.43, 0.31), (-0.42, 0.34), (0.21, 0.175), 5.0, (
        (-0.9, -0.1), (-0.5, 0.75), (0, 0.6), (0.6, 1), (1, 0.2), (0.8, -0.7), (0, -1), (-0.75, -0.75))),
    "scaphoid": Carpal((0.25, 0.43), (0.17, 0.46), (0.19, 0.27), -30.0, (
        (-0.6, -0.9), (0.2, -1), (0.9, -0.5), (0.75, 0), (1, 0.5), (0.6, 1), (-0.3, 0.95), (-0.8, 0.5),
        (-0.75, 0), (-1, -0.5))),
    "trapezium": Carpal((0.53, 0.67), (0.60, 0.71), (0.215, 0.205), -15.0, (
        (-1, 0.2), (-0.5, 0.9), (0.1, 0.7), (0.6, 1), (1, 0.4), (0.5, -0.7), (-0.2, -1), (-0.8, -0.6))),
    "trapezoid": Carpal((0.30, 0.76), (0.29, 0.76), (0.17, 0.19), -8.0, (
        (-0.8, 1), (0.9, 0.8), (1, 0.2), (0.4, -1), (-0.6, -0.8), (-1, 0.1))),
    "pisiform": Carpal((-0.86, 0.50), (-0.90, 0.43), (0.11, 0.13)),
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
        round_depth=float(rng.uniform(0.4, 1.6)),
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
    height = (
        (1 - 0.2 * grown)
        * child.size(f"{bone.value}_epiphysis_length")
        * float(np.clip(0.6 + 2.0 * grown, 0.6, 1.0))
    )
    if bone is Bone.ULNA:
        height = min(height, 0.62 * width)
    disc = float(np.clip((width / healthy - 0.3) / 0.4, 0, 1))
    centre = (0.06 if bone is Bone.RADIUS else 0.03) * healthy * (1 - disc) + rng.normal(0, 0.02) * healthy
    gap = child.size("gap") * (1.0 if bone is Bone.RADIUS else 1.5) + 0.9 * (1 - disc) + extra
    x = margin[:, 0]
    # The plate's own floor follows the healthy sweep of the margin, not its teeth.
    height_at = np.polyval(np.polyfit(x, margin[:, 1], 2), x)
    # An epiphysis dips into a cup only a little; the plate between them is what is wide there.
    height_at = np.where(height_at < 0, 0.35 * height_at, height_at)
    floor = np.stack([x, disc * height_at + (1 - disc) * height_at.max() + gap], axis=1)
    wide = np.linspace(-1.2 * healthy, 1.2 * healthy, 61)
    floor = np.stack([wide, np.interp(wide, floor[:, 0], floor[:, 1])], axis=1)
    lean = 0.85 if bone is Bone.RADIUS else -0.3
    return Plate(
        width=width,
        height=height,
        depth=min(0.75 * width, 0.8 * healthy),
        centre=float(centre),
        floor=floor,
        wedge=float(np.clip(lean * disc + rng.normal(0, 0.12), -0.9, 0.95)),
        square=float(2.0 + 1.5 * disc + rng.uniform(-0.1, 0.6)),
    )


def graded_bone(
    rng: np.random.Generator, child: Child, bone: Bone, disease: Disease, placement: Placement, view: View3D,
    length: float, pitch: float,
) -> GradedBone:  # fmt: skip
    """A wrist bone with its epiphysis, drawn."""
    end = grow(draw_shape(rng.spawn(1)[0], child, bone, length), disease, view, rng.spawn(1)[0])
    late = replace(child, lead=child.lead * (1 - 0.25 * disease.epiphysis_fade))
    found = survey(end)
    plate = draw_plate(rng.spawn(1)[0], late, bone, end.width, found.margin, disease.gap_extra)
    if plate is None:
        return GradedBone(bone, end, placement, None, found)
    look = Look(0.26, disease.epiphysis_fade, disease.coarse)
    seed = int(rng.integers(1 << 30))
    # Its front and back lips hang as far down as those of the metaphysis under it.
    lips = (
        0.6
        * end.shape.round_depth
        * end.shape.dome
        * end.width
        * float(np.clip(plate.width / end.width, 0, 1))
    )
    smear = 0.5 * plate.depth * abs(float(np.tan(np.radians(view.tilt)))) + lips
    epiphysis = capped(plate, look=look, seed=seed, pitch=pitch, smear=smear)
    return GradedBone(bone, end, placement, epiphysis, found)


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
        rng.spawn(1)[0], child, Bone.RADIUS, disease.get(Bone.RADIUS, healthy), Placement((0, 0),
        float(tilt_radius)),
        view,
        length, pitch,
    )  # fmt: skip
    ulna = graded_bone(
        rng.spawn(1)[0], child, Bone.ULNA, disease.get(Bone.ULNA, healthy),
        Placement((float(-apart), float(variance)), float(tilt_ulna)), view, length, pitch,
    )  # fmt: skip
    worst = max(disease.values(), key=lambda d: d.osteopenia + d.fray_depth, default=healthy)
    height = child.size("wrist_height") * unit + 0.8 * worst.gap_extra
    hand_turn = Placement((0.0, 0.15 * height), -posture.deviation).matrix()
    others = _carpals(rng.spawn(1)[0], child, unit, height, worst, pitch, posture.squeeze)
    spec = RaySpec(child, unit, height, worst, posture.spread, posture.squeeze, pitch, fingers)
    solids, joints = rays(rng.spawn(1)[0], spec)
    moved = tuple((sheet, _turned(place, hand_turn)) for sheet, place in others + solids)
    soft, skin = flesh(rng.spawn(1)[0], spec, apart, length, joints, hand_turn)
    low_x, _, high_x, high_y = skin.box
    extent = (low_x - 0.5 * unit, -length, high_x + 0.5 * unit, high_y)
    return Limb(Joint.WRIST, side, (radius, ulna), moved, soft, unit, extent, skin)


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
    look = Look(0.30, 0.6 * worst.epiphysis_fade, worst.coarse)
    # One carpus ripens together: its bones keep half of their own scatter.
    factors = {
        name: value**0.5 if name.startswith("onset_") else value for name, value in child.factors.items()
    }
    late = replace(child, factors=factors, lead=child.lead**0.5 * (1 - 0.2 * worst.epiphysis_fade))
    aged = float(np.clip((late.age * late.lead - 7) / 6, 0, 1))
    out = []
    streams = rng.spawn(len(CARPALS))
    for own, (name, bone) in zip(streams, CARPALS.items(), strict=True):
        grown = late.maturity(name)
        if grown <= 0:
            continue
        x, y = np.multiply(1 - aged, bone.young) + np.multiply(aged, bone.old)
        size = 0.40 + 0.93 * grown**0.8 + 0.20 * aged
        # Young centres are round; with age each takes its own form.
        round_half = float(np.sqrt(bone.half[0] * bone.half[1]))
        a, b = (unit * size * (round_half + (half - round_half) * grown) for half in bone.half)
        faceted = float(np.clip((grown - 0.28) / 0.45, 0, 1))
        own_look = replace(look, shell=0.18) if name == "pisiform" else look
        sheet = ossicle(
            a, b, 2.7 * float(np.sqrt(a * b)), pitch=pitch, look=own_look, seed=int(own.integers(1 << 30)),
            lobes=0.045, form=(bone.form, faceted) if bone.form else None, double=0.04 + 0.05 * faceted,
        )  # fmt: skip
        jitter = own.normal(0, 0.025, 2) * unit
        y_mm = float(y * height + jitter[1])
        if name in ("lunate", "scaphoid"):
            # Cartilage keeps them off the radius's epiphysis.
            y_mm = max(
                y_mm, child.size("gap") + child.size("radius_epiphysis_length") + 0.03 * unit + 0.95 * b
            )
        place = Placement(
            (float(squeeze * x * unit + jitter[0]), y_mm),
            bone.lean * grown + float(own.normal(0, 7)),
        )
        out.append((sheet, place))
    return out
