"""Anatomy of a left wrist and hand seen from its back: where every bone stands, by age (x to the thumb, y
distal).

The unit of every position is the width of the healthy distal radius (MW); proportions are read from normal
films of 0.5-15 years and are ours. (0, 0) is the middle of the radius's chord.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.bone_end import BoneEnd, grow
from rickets_rx.phantom.carpus import carpals
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.epiphyses import capped
from rickets_rx.phantom.hand_atlas import scattered
from rickets_rx.phantom.hand_flesh import flesh
from rickets_rx.phantom.limb import GradedBone, Limb
from rickets_rx.phantom.margins import GRID, Shape, View3D, overhang_at
from rickets_rx.phantom.measure import survey
from rickets_rx.phantom.place import Placement, apply
from rickets_rx.phantom.ray_shapes import HandBuild, draw_build
from rickets_rx.phantom.rays import RaySpec, rays, stood
from rickets_rx.phantom.small_bones import Look
from rickets_rx.phantom.traced_plate import ACROSS, TracedPlate, faces_of, lip_at
from rickets_rx.vocabulary import Bone, Joint, Side

SPACE = (0.04, 0.025)
"""Mean and scatter of the space between epiphysis and carpus, widths, from the films of the atlas."""
SMEAR = 0.5
"""Share of the way between its front and back by which an epiphysis is blurred: faces are rims (ours)."""


@dataclass(frozen=True)
class Posture:
    """How the hand lies: degrees. ``deviation`` to the side of the thumb, ``spread`` of the fingers (share).

    ``squeeze`` is how far sideways distances are foreshortened: 1 frontal, 0 lateral.
    """

    deviation: float = 0.0
    spread: float = 1.0
    squeeze: float = 1.0
    view: View3D = field(default_factory=View3D)


FLARE_AGES, RADIUS_FLARE = (1.5, 4.5, 8.0, 12.0), (0.29, 0.33, 0.38, 0.46)
"""Years, and widths behind the collar over which the radius's flare falls to half on normal films."""
BAND_AGES, RADIUS_BAND = (1.0, 4.0, 8.0, 11.0, 14.0), (0.15, 0.15, 0.14, 0.12, 0.09)
"""Years, and extra density behind the radius's margin that brings its grey to that of normal films (ours)."""
SHORT = {Bone.RADIUS: (-0.32, 0.10), Bone.ULNA: (0.1, 0.15)}
"""How much lower the far joint face of an epiphysis gets per half width going to corner2, share of its
thickness, mean and scatter: low at the radius's ulnar side, high at its styloid (ours, after films)."""


def draw_shape(rng: np.random.Generator, child: Child, bone: Bone, length: float) -> Shape:
    """A healthy outline of one wrist bone; its scatter between children is ours, seen on normal films.

    The course of both sides over 2.4 widths, the dense band and the walls were read along 87 normal bone ends
    of films of 0.5-14 years.
    """
    width, shaft = child.width_of(bone), child.shaft_of(bone)
    radius = bone is Bone.RADIUS
    flare = float(np.interp(child.age, FLARE_AGES, RADIUS_FLARE)) if radius else 0.32
    spread = flare * np.exp(rng.normal(0, 0.13, 2))
    # The shaft of the radius bends to the ulna, that of the ulna leans away from the radius.
    bend, lean = (rng.normal(-0.019, 0.010), rng.normal(0, 0.05)) if radius else (
        rng.normal(-0.002, 0.005), rng.normal(-0.23, 0.09)
    )  # fmt: skip
    band = float(np.interp(child.age, BAND_AGES, RADIUS_BAND)) if radius else 0.05
    return Shape(
        width=width,
        shaft=min(0.98 * shaft if radius else shaft, 0.8 * width),
        length=length,
        flare=(float(spread[0]), float(spread[1])),
        flare_power=float(rng.uniform(0.88, 1.05) if radius else rng.uniform(1.15, 1.4)),
        fading=True,
        lean=float(lean),
        collar=width * float(rng.uniform(0.03, 0.085)),
        dome=float(np.clip(rng.normal(0.055 if radius else 0.06, 0.03), 0.005, 0.15)),
        dome_power=float(rng.uniform(1.9, 3.6)),
        skew=float(rng.normal(-0.03 if radius else 0.0, 0.02)),
        shoulder=float(rng.uniform(0.025, 0.06)),
        wave=float(np.interp(child.age, (5.0, 13.0), (0.005, 0.009))) if radius else 0.009,
        ripple=0.007,
        overhang=_overhang(rng, child) if radius else 0.0,
        depth=float(rng.uniform(0.62, 0.8) if radius else rng.uniform(0.75, 0.95)),
        bow=float(bend) * length**2 / width,
        cortex=child.size("cortex") * (1.2 if radius else 0.9),
        # The side that the membrane between both bones holds is the stouter.
        walls=(1.15, 0.95) if radius else (1.05, 1.0),
        round_depth=float(rng.uniform(0.4, 1.6)),
        uneven_rims=float(rng.uniform(-0.9, 0.9)),
        zone=float(np.interp(child.age, (2.0, 9.0), (0.225, 0.29) if radius else (0.18, 0.225))),
        # Infants' spongiosa is fine and even.
        strands=float(np.interp(child.age, (1.0, 4.5), (0.55, 1.0))),
        band=band * float(np.exp(rng.normal(0, 0.18))),
        band_deep=0.155 * float(np.exp(rng.normal(0, 0.2))),
    )


def _overhang(rng: np.random.Generator, child: Child) -> float:
    """How far front and back of the plate part at the ulnar half of the radius, widths.

    On a third to a half of normal films of 6-13 years the epiphysis lies over the metaphysis there by
    0.05-0.15 widths; in small children hardly ever (ours, by eye).
    """
    ripe = child.skeletal_age
    mean, scatter = (float(np.interp(ripe, (3.0, 6.5), ends)) for ends in ((0.0, 0.09), (0.02, 0.07)))
    return float(np.clip(rng.normal(mean, scatter), 0.0, 0.2))


def draw_plate(
    rng: np.random.Generator, child: Child, bone: Bone, end: BoneEnd, margin: np.ndarray, hand: HandBuild
) -> TracedPlate | None:
    """The epiphysis of a wrist bone at this age, None before it ossifies.

    Its width and mean thickness follow the curves of `Child`, its form the films that the hand mixes; its
    proximal face follows the sweep and the waves of the ``end``'s ``margin`` at the drawn gap.
    """
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
    floor, waves = _floor(rng, child, bone, end, margin, disc)
    points = scattered(hand.mix.bone(f"{bone.value}_epiphysis").points, rng, 0.02)
    # A small early centre is round.
    turn = np.arctan2(*((points - points.mean(axis=0)) / np.ptp(points, axis=0)).T[::-1])
    oval = points.mean(axis=0) + 0.5 * np.ptp(points, axis=0) * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = disc**0.5 * points + (1 - disc**0.5) * oval
    lift, tall = faces_of(points)
    wider = width / float(np.ptp(points[:, 0]))
    thicker = height / float(tall[np.abs(ACROSS) < 0.8].mean())
    return TracedPlate(
        width=width,
        height=height,
        depth=min(0.75 * width, 0.8 * healthy),
        centre=float(centre),
        floor=floor,
        # The underside of a small early centre is round.
        lift=lift * min(wider, thicker) + 0.5 * (1 - disc) * height * (1 - np.sqrt(1 - ACROSS**2)),
        # Its joint face does not follow the plate's waves.
        tall=np.maximum(
            tall * thicker - np.interp(centre + ACROSS * width / 2, floor[:, 0], waves), 0.3 * tall * thicker
        ),
        grain=hand.grain,
        short=(float(disc * rng.uniform(0.25, 0.48)), float(disc * rng.normal(*SHORT[bone]))),
        hang=disc
        * end.width
        * overhang_at(end.shape, (2 * centre + ACROSS * width) / end.width)
        * lip_at(ACROSS),
    )


def _floor(
    rng: np.random.Generator, child: Child, bone: Bone, end: BoneEnd, margin: np.ndarray, disc: float
) -> tuple[np.ndarray, np.ndarray]:
    """The sweep that a plate's proximal face stands on, (x, s) in mm, shape (61, 2), and its waves, (61,).

    ``disc`` is 0 for a round nucleus, 1 for a plate that follows the margin.
    """
    gap = child.size("gap") * (1.0 if bone is Bone.RADIUS else 1.1) * _left_open(rng, child)
    gap += 0.9 * (1 - disc)
    x = margin[:, 0]
    # The plate's own floor follows the healthy sweep of the margin and its slow waves, not its teeth.
    v = 2 * x / end.width
    waves = np.interp(v, GRID, end.margin.wave)
    inner = np.abs(v) < 0.84
    height_at = np.polyval(np.polyfit(x[inner], (margin[:, 1] - waves)[inner], 2), x)
    # An epiphysis dips into a cup only a little; the plate between them is what is wide there.
    height_at = np.where(height_at < 0, 0.35 * height_at, height_at)
    # Its face and the margin are not parallel: the plate is narrower at one side and undulates.
    uneven = rng.normal(0, 0.35) * v + rng.normal(0, 0.25) * np.sin(4.0 * v + rng.uniform(0, 6.3))
    between = gap * (1 + disc * np.clip(uneven, -0.8, 0.8)) + end.disease.gap_extra
    waves = disc * waves
    floor = np.stack([x, disc * height_at + (1 - disc) * height_at.max() + waves + between], axis=1)
    wide = np.linspace(-1.2 * child.width_of(bone), 1.2 * child.width_of(bone), 61)
    floor = np.stack([wide, np.interp(wide, floor[:, 0], floor[:, 1])], axis=1)
    return floor, np.interp(wide, x, waves)


def _left_open(rng: np.random.Generator, child: Child) -> float:
    """Share of a plate's gap that is left: from 11 years on some are nearly closed (ours)."""
    late = float(np.clip((child.skeletal_age - 11.0) / 2.5, 0, 1))
    return 1 - late * float(rng.uniform(0.0, 0.95))


def graded_bone(
    rng: np.random.Generator, child: Child, bone: Bone, disease: Disease, placement: Placement, view: View3D,
    length: float, pitch: float, hand: HandBuild,
) -> GradedBone:  # fmt: skip
    """A wrist bone with its epiphysis, drawn."""
    end = grow(draw_shape(rng.spawn(1)[0], child, bone, length), disease, view, rng.spawn(1)[0])
    late = replace(child, lead=child.lead * (1 - 0.25 * disease.epiphysis_fade))
    found = survey(end)
    plate = draw_plate(rng.spawn(1)[0], late, bone, end, found.margin, hand)
    if plate is None:
        return GradedBone(bone, end, placement, None, found)
    look = Look(fade=disease.epiphysis_fade, coarse=disease.coarse)
    seed = int(rng.integers(1 << 30))
    # Its front and back lips hang as far down as those of the metaphysis under it.
    lips = (
        0.6
        * end.shape.round_depth
        * (end.shape.dome + end.shape.shoulder)
        * end.width
        * float(np.clip(plate.width / end.width, 0, 1))
    )
    lips += 2 * end.shape.ripple * end.width
    plate, smear = plate.leaning(0.5 * plate.depth * abs(float(np.tan(np.radians(view.tilt)))))
    smear = SMEAR * (smear + lips)
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
    streams = rng.spawn(6)
    build = draw_build(streams[5], child)
    tilt_radius = float(np.clip(rng.normal(1.5, 1.5), -1.0, 5.0))
    tilt_ulna = float(np.clip(rng.normal(-2.0, 1.6), -5.5, 1.5))
    radius = graded_bone(
        streams[0], child, Bone.RADIUS, disease.get(Bone.RADIUS, healthy), Placement((0, 0), tilt_radius),
        view, length, pitch, build,
    )  # fmt: skip
    ulna = graded_bone(
        streams[1], child, Bone.ULNA, disease.get(Bone.ULNA, healthy),
        Placement((float(-apart), float(variance)), tilt_ulna), view, length, pitch, build,
    )  # fmt: skip
    worst = max(disease.values(), key=lambda d: d.osteopenia + d.fray_depth, default=healthy)
    height = child.size("wrist_height") * unit + 0.8 * worst.gap_extra
    hand_turn = Placement((0.0, 0.15 * height), -posture.deviation).matrix()
    spec = RaySpec(child, unit, height, worst, posture.spread, posture.squeeze, pitch, fingers)
    spec = replace(spec, lift=_clear_of(streams[5], radius, spec, build, hand_turn))
    others = carpals(streams[2], spec, build)
    solids, joints = rays(streams[3], spec, build)
    moved = tuple((sheet, _turned(place, hand_turn)) for sheet, place in others + solids)
    outer = _outer(ulna, 0, length), _outer(radius, 1, length)
    soft, skin = flesh(streams[4], spec, apart, length, joints, hand_turn, outer, build.oblique)
    low_x, _, high_x, high_y = skin.box
    extent = (low_x - 0.5 * unit, -length, high_x + 0.5 * unit, high_y)
    return Limb(Joint.WRIST, side, (radius, ulna), moved, soft, unit, extent, skin)


def _outer(bone: GradedBone, side: int, length: float) -> npt.NDArray[np.float64]:
    """The edge of a shaft on one side (0 ulnar, 1 radial), going distally, the limb's mm; shape (n, 2)."""
    along = np.linspace(-length, 0, 16)
    points = np.stack([bone.end.edges(along)[side], along], axis=1)
    return np.asarray(apply(bone.placement.matrix(), points), dtype=float)


def _turned(place: Placement, turn: np.ndarray) -> Placement:
    """A placement turned with the hand about the wrist's middle (the turn's origin)."""
    rest = np.array([place.origin[0] - turn[0, 2], place.origin[1] - turn[1, 2]])
    moved = turn[:2, :2] @ rest + turn[:2, 2]
    degrees = float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0])))
    return Placement((float(moved[0]), float(moved[1])), place.axis + degrees, place.flip)


def _clear_of(
    rng: np.random.Generator, radius: GradedBone, spec: RaySpec, build: HandBuild, turn: np.ndarray
) -> float:
    """How far the hand is moved on so that lunate and scaphoid stand over the epiphysis as on films, mm.

    Where both are ripe the nearer one lies 0.04 widths off it (0-0.11 on seven films of 7-11 years); a small
    child's wide space stays, only overlap is undone. ``turn`` is the hand's on the forearm, shape (3, 3).
    """
    space = spec.unit * float(np.clip(rng.normal(*SPACE), 0.0, 0.12))
    if radius.epiphysis is None:
        return 0.0
    cap = radius.epiphysis.plate.outline()
    cap = cap[cap[:, 1] >= radius.epiphysis.plate.body(cap[:, 0])[0]]
    order = np.argsort(cap[:, 0])
    outlines = [build.mix.bone(name) for name in ("lunate", "scaphoid")]

    def lacking(lift: float) -> float:
        """By how much the nearer one is still too near, mm."""
        short = []
        for bone in outlines:
            lying = bone.points * build.mm + stood(replace(spec, lift=lift), build.mm, bone.place)
            x, y = turn[:2, :2] @ (lying.T - turn[:2, 2:]) + turn[:2, 2:]
            # A rim beside a point counts too.
            beside = x + np.array([[-0.03], [0.0], [0.03]]) * spec.unit
            top = np.interp(beside, cap[order, 0], cap[order, 1], left=-np.inf, right=-np.inf).max(axis=0)
            short.append(float((top + space - y).max()))
        return max(short)

    ripe = spec.child.skeletal_age
    low = -float(np.interp(ripe, (5.5, 8.0), (0.0, 0.3))) * spec.unit
    lift = 0.0
    for _ in range(3):  # a bent hand moves along its own axis, so that other points become the nearest
        lift = float(np.clip(lift + lacking(lift), low, 0.3 * spec.unit))
    return lift
