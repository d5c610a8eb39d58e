"""The five rays of the hand: metacarpals and phalanges with their epiphyses, as films show them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.growth_caps import onset, years_since
from rickets_rx.phantom.hand_atlas import Hand, draw_hand, length, scattered
from rickets_rx.phantom.outline_solid import Build, Grain, solid
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.small_bones import Look

FloatArray = npt.NDArray[np.float64]
Solids = list[tuple[Sheet, Placement]]
Point = tuple[float, float]

RAYS = (1, 2, 3, 4, 5)
KINDS = ("metacarpal", "proximal", "middle", "distal")
SHORT = 0.87
"""Shaft of the third metacarpal over the curve of its length, from five films (ours)."""
ABDUCTION = {1: 2.0, 2: -6.0, 3: 0.0, 4: 4.0, 5: 12.0}
"""How far a finger leaves its metacarpal's line in a hand spread wide, degrees."""
DEPTH = (0.88, 0.68, 0.64, 0.62)
"""Extent along the beam over the width: metacarpal, proximal, middle, distal phalanx; the thumb, which lies
on its side, has `_THUMB` of it (ours)."""
_THUMB = (0.65, 0.85, 1.0, 1.0)
WALL = (0.15, 0.14, 0.14, 0.15)
"""Each wall at its thickest over the waist's width; set beside films (ours)."""
FILL = ((1.45, 0.5, 1.45), (1.5, 1.0, 1.9), (1.3, 0.7, 1.7), (1.3, 0.5, 1.0))
"""Spongiosa of base, middle and head over that of a carpal, by kind;
set by profiles across bones of films (ours)."""

DENSE = (1.0, 0.93, 0.72, 0.52)
"""Mineral by kind over that of a metacarpal; set by the contrast of films (ours)."""
CLEAR = (1.0, 0.85, 1.1, 1.5)
"""How far struts stand out by kind, over what the hand has; set by the texture of films (ours)."""


@dataclass(frozen=True)
class RaySpec:
    """What all rays of one hand share."""

    child: Child
    unit: float
    height: float
    worst: Disease
    spread: float
    squeeze: float
    pitch: float
    fingers: bool
    lift: float = 0.0
    """How much further from the radius the hand begins than films have it, mm."""


@dataclass(frozen=True, eq=False)
class HandBuild:
    """What one hand's bones have in common: their mixture of films and how many mm a width of it
    is, how far it leans, its joints' width, the
    strength of its walls, its spongiosa, and how far its fingers lie flat (cosine)."""

    mix: Hand
    mm: float
    lean: float
    joint: float
    wall: float
    grain: Grain
    flat: float = 1.0


@dataclass(frozen=True, eq=False)
class Segment:
    """One bone of a ray: ``kind`` 0 metacarpal to 3 distal phalanx; its shaft's outline and that of its
    epiphysis (also before it ossifies) in mm, in the frame of the shaft."""

    ray: int
    kind: int
    shaft: FloatArray
    cap: FloatArray
    since: float

    @property
    def name(self) -> str:
        """Its name in the atlas."""
        return f"{KINDS[self.kind]}_{self.ray}"

    @property
    def cap_at_head(self) -> bool:
        """The metacarpals of the fingers grow at their head, all other bones at their base."""
        return self.kind == 0 and self.ray != 1


def draw_build(rng: np.random.Generator, child: Child) -> HandBuild:
    """What a child's hand bones have in common."""
    mix = draw_hand(rng, child.age * child.lead)
    return HandBuild(
        mix=mix,
        mm=SHORT * child.size("metacarpal") / length(mix.bone("metacarpal_3")),
        lean=float(rng.normal(0, 2.0)),
        joint=float(np.exp(rng.normal(0, 0.2))),
        wall=float(np.exp(rng.normal(0, 0.13))),
        grain=draw_grain(rng, child.age),
        flat=float(np.cos(np.radians(rng.normal(0, 9)))),
    )


def draw_grain(rng: np.random.Generator, age: float) -> Grain:
    """A hand's spongiosa: few coarse struts in small children, a fine dense net later (set beside films)."""
    apart = float(np.interp(age, (2, 4, 7, 10, 13), (10.5, 9.8, 7.3, 5.8, 5.2))) * float(
        np.exp(rng.normal(0, 0.17))
    )
    clear = float(np.interp(age, (2, 6, 12), (0.50, 0.46, 0.42))) * float(np.exp(rng.normal(0, 0.13)))
    return Grain(clear, round(float(np.clip(apart, 4, 14))))


def rays(
    rng: np.random.Generator, spec: RaySpec, build: HandBuild | None = None
) -> tuple[Solids, list[list[Point]]]:
    """Bones of all rays, and for each ray its joints from base to tip (mm)."""
    build = build or draw_build(rng.spawn(1)[0], spec.child)
    bones: Solids = []
    joints = []
    for number in RAYS:
        solids, path = _ray(rng.spawn(1)[0], spec, build, number)
        bones += solids
        joints.append(path)
    return bones + _sesamoid(rng.spawn(1)[0], spec, build, joints[0]), joints


def stood(spec: RaySpec, mm: float, place: FloatArray) -> FloatArray:
    """A place of the atlas (widths, ``mm`` long) in the child's limb, mm."""
    tall = spec.child.factors.get("wrist_height", 1.0)
    return np.array(
        [
            spec.squeeze * place[0] * mm,
            place[1] * (0.5 + 0.5 * tall) * mm + 0.8 * spec.worst.gap_extra + spec.lift,
        ]
    )


def _ray(
    rng: np.random.Generator, spec: RaySpec, build: HandBuild, number: int
) -> tuple[Solids, list[Point]]:
    thumb = number == 1
    root = build.mix.bone(f"metacarpal_{number}")
    angle = root.degrees * (spec.squeeze if thumb else 0.92 + 0.12 * min(spec.spread, 1.3)) + build.lean
    angle += float(np.clip(rng.normal(0, 7), -14, 14)) if thumb else float(rng.normal(0, 0.8))
    at = stood(spec, build.mm, root.place)
    path, solids = [at], []
    # A finger that is not flat on the cassette is foreshortened, and its joints overlap.
    flat = build.flat * float(np.cos(np.radians(np.clip(rng.normal(0, 6), -9, 9))))
    curl = float(rng.normal(0, 1.6)) - (0.8 if number == 2 else -0.8 if number == 5 else 0)
    kinds = (0, 1, 3) if thumb else (0, 1, 2, 3)
    for index, kind in enumerate(kinds if spec.fingers else (0,)):
        if index:
            away = ABDUCTION[number] * spec.spread if index == 1 else -curl
            angle = float(np.clip(angle + away + rng.normal(0, 6.0 if thumb else 1.6), -78, 78))
        segment = segment_of(rng.spawn(1)[0], spec, build, (number, kind), flat if index else 1.0)
        made, reach = _segment(rng.spawn(1)[0], spec, build, segment, (path[-1], angle))
        solids += made
        path.append(reach)
    return solids, [(float(p[0]), float(p[1])) for p in path]


def segment_of(
    rng: np.random.Generator, spec: RaySpec, build: HandBuild, which: tuple[int, int], flat: float = 1.0
) -> Segment:
    """The outlines of one bone (ray, kind) of a child, foreshortened by ``flat``."""
    ray, kind = which
    child, mix = spec.child, build.mix
    shaft = mix.bone(f"{KINDS[kind]}_{ray}")
    name = f"metacarpal_head_{ray}" if kind == 0 and ray > 1 else f"{KINDS[kind]}_epiphysis_{ray}"
    name = "metacarpal_1_epiphysis" if kind == 0 and ray == 1 else name
    since = years_since(child, ray, kind) + float(rng.normal(0, 0.12))
    cap = mix.bone(name, (since, onset(ray, kind)) if since > 0 else None)
    wide = float(np.exp(rng.normal(0, 0.03)))
    long = flat * float(np.exp(np.clip(rng.normal(0, 0.012), -0.02, 0.02)))
    scale = build.mm * np.array([wide, long])
    points, bow = shaft.points * scale, rng.normal(0, 0.006)
    reach = length(shaft) * scale[1]
    points[:, 0] += bow * reach * np.sin(np.pi * np.clip(points[:, 1] / reach, 0, 1))
    top = np.array([0.0, reach]) if kind == 0 and ray > 1 else np.zeros(2)
    tall = build.mm * np.array([wide, 1.0])
    points = _tipped(rng, scattered(points, rng, 0.007), kind, child.age)
    cap_points = scattered(cap.points * tall, rng, 0.02) + top
    return Segment(ray, kind, points, _seated(rng, points, cap_points, child.age), since)


def _tipped(rng: np.random.Generator, points: FloatArray, kind: int, age: float) -> FloatArray:
    """A shaft with what walks of 48 steps smooth away at its head: the groove between condyles of proximal
    and middle phalanges, the ragged tuft of distal ones (depths ours)."""
    if kind == 0:
        return points
    out = points.copy()
    head = np.clip((points[:, 1] / points[:, 1].max() - 0.8) / 0.15, 0, 1)
    wide = float(np.ptp(points[head > 0, 0]))
    grown = float(np.interp(age, (3, 9), (0.2, 1.0)))
    if kind == 3:
        out += (grown * 0.035 * wide * head)[:, None] * rng.normal(0, 1, points.shape)
        return out
    middle = float(points[head > 0, 0].mean())
    groove = np.exp(-(((points[:, 0] - middle) / (0.2 * wide)) ** 2))
    out[:, 1] -= grown * float(rng.uniform(0.02, 0.06)) * wide * head * groove
    return out


def _seated(rng: np.random.Generator, shaft: FloatArray, cap: FloatArray, age: float) -> FloatArray:
    """An epiphysis moved along its shaft until the plate between them is as wide as on films: a ripe head
    overlaps the neck, a disc lies close (ours, mm)."""
    at_head = cap[:, 1].mean() > 0.5 * shaft[:, 1].max()
    sign = 1.0 if at_head else -1.0
    end, face = shaft[:, 1] * sign, cap[:, 1] * sign
    middle, half = float(cap[:, 0].mean()), 0.35 * float(np.ptp(cap[:, 0]))
    near = np.abs(cap[:, 0] - middle) < half
    under = np.abs(shaft[:, 0] - middle) < half
    if not near.any() or not under.any():
        return cap
    gap = float(np.min(face[near]) - np.max(end[under]))
    ages, wide = (
        ((2, 5, 9, 13), (0.7, 0.2, -0.45, -0.6)) if at_head else ((2, 5, 9, 13), (0.5, 0.25, 0.1, 0.0))
    )
    target = float(np.interp(age, ages, wide) + rng.normal(0, 0.15))
    return np.asarray(cap + np.array([0.0, sign * min(0.0, target - gap)]))


def _segment(
    rng: np.random.Generator,
    spec: RaySpec,
    build: HandBuild,
    segment: Segment,
    place: tuple[FloatArray, float],
) -> tuple[Solids, FloatArray]:
    """The solids of a bone that begins at ``place`` (point, direction), and where the next one begins."""
    start, angle = place
    axis = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    # Rickets widens the plate; towards its end it shuts.
    apart = (0.5 if segment.cap_at_head else 0.2) * spec.worst.gap_extra
    apart -= float(np.interp(spec.child.age, (13, 14.5, 15.5), (0.0, 0.35, 1.0)))
    cap = segment.cap + np.array([0.0, apart if segment.cap_at_head else -apart])
    # A metacarpal's place is that of its shaft; a phalanx begins at its joint.
    origin = start if segment.kind == 0 else start + axis * max(0.0, -float(cap[:, 1].min()))
    solids = [(_shaft(rng, spec, build, segment), _at(origin, angle))]
    if segment.since > 0:
        grain = replace(build.grain, clear=(1.05 if segment.cap_at_head else 0.8) * build.grain.clear)
        faded = Look(0.22, 0.8 * spec.worst.epiphysis_fade, spec.worst.coarse)
        seed = int(rng.integers(1 << 30))
        tall = float(np.ptp(cap[:, 1]))
        back = far_side(rng, cap, (0.07 * tall, 0.07 * tall), 0.5)
        made = cap_build(rng, segment)
        sheet = solid(cap, made, pitch=spec.pitch, look=faded, grain=grain, seed=seed, back=back)
        solids.append((sheet, _at(origin, angle)))
    space = (0.95, 0.8, 0.7, 0.0)[segment.kind] * build.joint * float(rng.uniform(0.7, 1.2))
    after = max(float(segment.shaft[:, 1].max()), float(cap[:, 1].max()) if segment.cap_at_head else 0.0)
    return solids, origin + axis * (after + space)


def _shaft(rng: np.random.Generator, spec: RaySpec, build: HandBuild, segment: Segment) -> Sheet:
    """The shaft of a bone, its growing end frayed as the wrist is."""
    worn = float(np.clip(spec.worst.fray_depth / 1.5, 0, 0.9))
    grown = float(np.interp(spec.child.age, (1, 6), (0.5, 1.0)))
    joint, plate = (0.5 if segment.kind == 0 else 0.25) * grown, 0.32 * grown
    back = far_side(rng, segment.shaft, (joint, plate) if segment.cap_at_head else (plate, joint))
    return solid(
        segment.shaft,
        shaft_build(rng, spec.child, build, segment),
        pitch=spec.pitch,
        look=Look(0.24, 0.8 * spec.worst.osteopenia, spec.worst.coarse),
        grain=replace(build.grain, clear=CLEAR[segment.kind] * build.grain.clear),
        seed=int(rng.integers(1 << 30)),
        frayed=(0.3 * worn, worn) if segment.cap_at_head else (worn, 0.3 * worn),
        back=back,
    )


def _at(point: FloatArray, angle: float) -> Placement:
    return Placement((float(point[0]), float(point[1])), angle)


def shaft_build(rng: np.random.Generator, child: Child, build: HandBuild, segment: Segment) -> Build:
    """How a shaft is built: thick walls at its waist, its growing end cut sharp, spongiosa at its ends."""
    kind, points = segment.kind, segment.shaft
    near = np.abs(points[:, 1] - 0.5 * points[:, 1].max()) < 0.12 * np.ptp(points[:, 1])
    waist = float(np.ptp(points[near, 0])) if near.any() else float(np.ptp(points[:, 0]))
    bands: tuple[tuple[float, float], ...] = ()
    if rng.random() < 0.3:
        far = float(points[:, 1].max())
        bands = tuple(
            (far - at if segment.cap_at_head else at, float(rng.uniform(0.15, 0.45)))
            for at in rng.uniform(1.2, 4.0, int(rng.integers(1, 3)))
        )
    zone = float(rng.uniform(0.28, 0.60))
    return Build(
        depth=DEPTH[kind] * (_THUMB[kind] if segment.ray == 1 else 1.0) * float(rng.uniform(0.93, 1.07)),
        wall=WALL[kind]
        * (0.8 if segment.ray == 1 else 1.0)
        * waist
        * build.wall
        * float(np.interp(child.age, (1, 6), (0.8, 1.0))),
        wall_at=float(rng.uniform(0.42, 0.54)),
        edge=(0.85, 0.85, 0.2) if segment.cap_at_head else (0.2, 0.85, 0.65 if kind == 3 else 0.28),
        rims=(0.9, 0.6, 1.4) if segment.cap_at_head else (1.4, 0.6, (0.65, 1.1, 1.1, 0.2)[kind]),
        fill=FILL[kind],
        dense=DENSE[kind],
        zones=(0.0, zone) if segment.cap_at_head else (zone, 0.0),
        bands=bands,
    )


def cap_build(rng: np.random.Generator, segment: Segment) -> Build:
    """How an epiphysis is built: a disc as deep as it is wide, or a dome."""
    points = segment.cap
    across, tall = float(np.ptp(points[:, 0])), float(np.ptp(points[:, 1]))
    # Young heads are dense for their size.
    young = float(np.interp(segment.since, (1, 5), (1.8, 1.25)))
    return Build(
        depth=0.7 * across / max(min(tall, across), 1e-6),
        rim=float(rng.uniform(0.22, 0.32)),
        rims=(0.9, 0.8, 1.1) if segment.cap_at_head else (1.25, 0.7, 0.9),
        edge=(0.6, 0.6, 0.6),
        fill=(young, young, young) if segment.cap_at_head else (1.45, 1.45, 1.45),
    )


def far_side(
    rng: np.random.Generator, points: FloatArray, ends: tuple[float, float], free: float = 0.2
) -> FloatArray:
    """The outline of a bone's far half: its ends lie off those of the near half by about ``ends``
    (base, head; mm), in a course of their own (ours).

    ``free`` is the share of its length over which an end runs out into the sides, which both halves share.
    """
    x, s = points.T
    t = (s - s.min()) / np.ptp(s)
    u = 2 * (x - x.min()) / np.ptp(x) - 1
    moved = s.copy()
    for near, size in ((1 - t, ends[0]), (t, ends[1])):
        phase, lean = rng.uniform(0, 6.283), rng.normal(0, 0.5)
        off = rng.choice((-1, 1)) * rng.uniform(0.5, 1.3)
        course = size * (off + lean * u + 0.35 * np.sin(3.3 * u + phase) + 0.2 * np.sin(7.1 * u + 2 * phase))
        moved += course * np.clip((near - 1 + free) / (0.6 * free), 0, 1)
    return np.stack([x, moved], axis=1)


def _sesamoid(rng: np.random.Generator, spec: RaySpec, build: HandBuild, thumb: list[Point]) -> Solids:
    """The seed bone at the thumb's knuckle, which ossifies at about 11-13 years (Greulich and Pyle)."""
    age = spec.child.age * spec.child.lead
    if age < 11.5 + rng.normal(0, 0.8):
        return []
    size = spec.unit * 0.06 * float(np.clip(0.5 + 0.3 * (age - 11.5), 0.5, 1.3))
    (x0, y0), (x1, y1) = thumb[0], thumb[1]
    along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    away = np.array([-along[1], along[0]])
    at = np.array([x1, y1]) + spec.unit * (away * rng.uniform(0.18, 0.3) - along * rng.uniform(0, 0.14))
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    oval = scattered(size * np.stack([np.cos(turn), 1.25 * np.sin(turn)], axis=1), rng, 0.05)
    grain = replace(build.grain, clear=0.6 * build.grain.clear)
    sheet = solid(
        oval, Build(depth=0.9), pitch=spec.pitch, look=Look(), grain=grain, seed=int(rng.integers(1 << 30))
    )
    return [(sheet, _at(at, float(rng.normal(0, 40))))]
