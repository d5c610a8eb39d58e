"""The five rays of the hand: metacarpals and phalanges with their epiphyses, as films show them."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.hand_atlas import scattered
from rickets_rx.phantom.outline_build import Build
from rickets_rx.phantom.outline_solid import solid
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.ray_shapes import HandBuild, Segment, draw_build, segment_of
from rickets_rx.phantom.small_bones import Look

FloatArray = npt.NDArray[np.float64]
Solids = list[tuple[Sheet, Placement]]
Point = tuple[float, float]

RAYS = (1, 2, 3, 4, 5)
ABDUCTION = {1: 2.0, 2: -6.0, 3: 0.0, 4: 4.0, 5: 12.0}
"""How far a finger leaves its metacarpal's line in a hand spread wide, degrees."""
THUMB_CLEAR = {0: 0.4, 1: 0.6, 3: 0.6}
"""How near the far half of the thumb's bones, by kind, comes to the line through the index finger's joints,
widths of the radius in a frontal view: at least 0.41, 0.64 and 0.92 on the films of the atlas."""
LEAN_MOST = 78.0
"""How far a ray leans at most, degrees (ours)."""
DEPTH = (0.88, 0.68, 0.64, 0.62)
"""Extent along the beam over the width: metacarpal, proximal, middle, distal phalanx; the thumb, which lies
on its side, has `_THUMB` of it (ours)."""
_THUMB = (0.65, 0.85, 1.0, 1.0)
WALL = (0.135, 0.085, 0.085, 0.1)
"""Each wall at its thickest over the waist's width; set beside films (ours)."""
THROUGH = (0.8, 1.7, 1.7, 1.4)
"""Walls in front and behind over a side wall, by kind; set by profiles across bones of films (ours)."""
FILL = ((1.3, 1.0, 1.4), (1.3, 1.15, 1.1), (1.2, 1.15, 1.1), (1.1, 1.2, 1.4))
"""Spongiosa of base, middle and head over that of a carpal, by kind;
set by profiles across bones of films (ours)."""

DENSE = (0.93, 0.92, 0.76, 0.76)
"""Mineral by kind over that of a metacarpal; set by the contrast of films (ours)."""
CAP_DENSE = (1.3, 1.2, 1.05, 0.95)
"""As `DENSE`, of the epiphyses (ours)."""
CLEAR = (1.1, 1.15, 1.3, 1.6)
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


@dataclass(frozen=True)
class Lip:
    """How far the far edge of an end lies beyond the near one, mm: in the middle, more to one side, as an
    arc, and waves of a phase of their own."""

    off: float
    lean: float
    arc: float
    waves: float
    phase: float

    def course(self, u: FloatArray) -> FloatArray:
        """At places across the bone, -1 to 1."""
        wave = np.sin(3.3 * u + self.phase) + 0.57 * np.sin(7.1 * u + 2 * self.phase)
        return np.asarray(self.off + self.lean * u + self.arc * (1 - u**2) + self.waves * wave)


def rays(
    rng: np.random.Generator, spec: RaySpec, build: HandBuild | None = None
) -> tuple[Solids, list[list[Point]]]:
    """Bones of all rays, and for each ray its joints from base to tip (mm)."""
    build = build or draw_build(rng.spawn(1)[0], spec.child)
    thumb, *fingers = rng.spawn(len(RAYS))
    made = [_ray(stream, spec, build, number) for number, stream in zip(RAYS[1:], fingers, strict=True)]
    # The thumb lies beside the index finger, wherever that is.
    made = [_ray(thumb, spec, build, 1, beside=np.array(made[0][1])), *made]
    joints = [path for _, path in made]
    bones = [solid for solids, _ in made for solid in solids]
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
    rng: np.random.Generator, spec: RaySpec, build: HandBuild, number: int, beside: FloatArray | None = None
) -> tuple[Solids, list[Point]]:
    """The solids of a ray and its joints; the thumb keeps clear of the joints ``beside`` it, shape (n, 2)."""
    thumb = number == 1
    root = build.mix.bone(f"metacarpal_{number}")
    angle = root.degrees * (spec.squeeze if thumb else 0.92 + 0.12 * min(spec.spread, 1.3)) + build.lean
    angle += float(np.clip(rng.normal(0, 7), -14, 14)) if thumb else float(rng.normal(0, 0.8))
    at = stood(spec, build.mm, root.place)
    path, solids = [at], []
    # A finger that is not flat on the cassette is foreshortened, and its joints overlap.
    flat = build.flat * float(np.cos(np.radians(np.clip(rng.normal(0, 6), -9, 9))))
    # The middle finger is bent least.
    bent = build.bent * (1 + (0.0 if number == 3 else min(abs(float(rng.normal(0, 0.5))), 1.0)))
    curl = float(rng.normal(0, 1.6)) - (0.8 if number == 2 else -0.8 if number == 5 else 0)
    kinds = (0, 1, 3) if thumb else (0, 1, 2, 3)
    for index, kind in enumerate(kinds if spec.fingers else (0,)):
        if index:
            away = ABDUCTION[number] * spec.spread if index == 1 else -curl
            angle = float(np.clip(angle + away + rng.normal(0, 6.0 if thumb else 1.6), -LEAN_MOST, LEAN_MOST))
        short = flat * bent_flat(bent, kind) if index else 1.0
        segment = segment_of(rng.spawn(1)[0], spec.child, build, (number, kind), short)
        if beside is not None:
            clear = THUMB_CLEAR[kind] * spec.squeeze * spec.unit
            angle = turned_clear(segment.shaft, (path[-1], angle), beside, clear)
        made, reach = _segment(rng.spawn(1)[0], spec, build, segment, (path[-1], angle))
        solids += made
        path.append(reach)
    return solids, [(float(p[0]), float(p[1])) for p in path]


def turned_clear(shaft: FloatArray, place: tuple[FloatArray, float], path: FloatArray, clear: float) -> float:
    """The direction of a bone at a ``place`` (point, degrees), turned to the side of the thumb until its far
    half keeps ``clear`` (mm) of the line through the points of a path, shape (n, 2)."""
    start, angle = place
    far = shaft[shaft[:, 1] > 0.5 * shaft[:, 1].max()]
    foot, way = path[:-1, None], np.diff(path, axis=0)[:, None]
    squared = (way * way).sum(axis=-1)
    while angle > -LEAN_MOST:
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        away = start + np.stack([c * far[:, 0] - s * far[:, 1], s * far[:, 0] + c * far[:, 1]], axis=1) - foot
        share = np.clip((away * way).sum(axis=-1) / squared, 0, 1)
        if (np.square(away - share[..., None] * way).sum(axis=-1) >= clear * clear).all():
            break
        angle -= 1.0
    return max(angle, -LEAN_MOST)


def bent_flat(degrees: float, kind: int) -> float:
    """How much shorter a phalanx looks in a finger bent towards the beam: joint after joint turns it further,
    by 75 degrees at most (ours)."""
    return float(np.cos(np.radians(min((0.0, 0.5, 1.1, 1.5)[kind] * degrees, 75.0))))


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
    lip = plate_lip(rng, spec.child.age) if segment.cap_at_head else None
    solids = [(_shaft(rng, spec, build, segment, lip), _at(origin, angle))]
    if segment.since > 0:
        grain = replace(build.grain, clear=(0.8 if segment.cap_at_head else 0.55) * build.grain.clear)
        if segment.cap_at_head:
            grain = replace(grain, tenths=round(1.2 * grain.tenths))
        faded = Look(fade=0.8 * spec.worst.epiphysis_fade, coarse=spec.worst.coarse)
        seed = int(rng.integers(1 << 30))
        tall = float(np.ptp(cap[:, 1]))
        under = 0.12 if segment.ray == 1 else 0.07
        ends = (under * tall, (0.16 if segment.ray == 1 else 0.09) * tall)
        back = far_side(rng, cap, ends, 0.5, (lip, None))
        if segment.cap_at_head:
            back = _notched(rng, back, spec.child.age)
        made = cap_build(rng, segment)
        sheet = solid(cap, made, pitch=spec.pitch, look=faded, grain=grain, seed=seed, back=back)
        solids.append((sheet, _at(origin, angle)))
    space = (0.95, 0.8, 0.7, 0.0)[segment.kind] * build.joint * float(rng.uniform(0.7, 1.2))
    after = max(float(segment.shaft[:, 1].max()), float(cap[:, 1].max()) if segment.cap_at_head else 0.0)
    return solids, origin + axis * (after + space)


def _shaft(
    rng: np.random.Generator, spec: RaySpec, build: HandBuild, segment: Segment, lip: Lip | None = None
) -> Sheet:
    """The shaft of a bone, its growing end frayed as the wrist is; ``lip`` that of its plate, if drawn."""
    worn = float(np.clip(spec.worst.fray_depth / 1.5, 0, 0.9))
    grown = float(np.interp(spec.child.age, (1, 6), (0.5, 1.0)))
    clear = float(np.interp(spec.child.age, (2, 6, 10, 13), (0.6, 0.95, 1.0, 0.8)))
    joint, plate = (0.8 if segment.kind == 0 else 0.3) * grown, 0.32 * grown
    ends = (joint, plate) if segment.cap_at_head else (plate, joint)
    if segment.name == "metacarpal_1":
        # Its head, turned, shows both of its edges.
        ends = (plate, 1.8 * joint)
    back = far_side(rng, segment.shaft, ends, lips=(None, lip))
    return solid(
        segment.shaft,
        shaft_build(rng, spec.child, build, segment),
        pitch=spec.pitch,
        look=Look(fade=0.8 * spec.worst.osteopenia, coarse=spec.worst.coarse),
        grain=replace(build.grain, clear=CLEAR[segment.kind] * clear * build.grain.clear),
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
    zone = float(rng.uniform(0.22, 0.48) * np.interp(child.age, (3, 7), (0.6, 1.0)))
    based = float(np.interp(child.age, (4, 9), (0.6, 1.2)))
    return Build(
        depth=DEPTH[kind] * (_THUMB[kind] if segment.ray == 1 else 1.0) * float(rng.uniform(0.93, 1.07)),
        wall=WALL[kind]
        * (0.8 if segment.ray == 1 else 1.0)
        * waist
        * build.wall
        * float(np.interp(child.age, (1, 6), (0.8, 1.0))),
        through=THROUGH[kind],
        wall_at=float(rng.uniform(0.42, 0.54)),
        edge=(0.85, 0.85, 0.2) if segment.cap_at_head else (0.25, 1.0, 0.5 if kind == 3 else 0.35),
        rims=(based, 0.3, 1.6) if segment.cap_at_head else (1.4, 0.3, (0.65, 1.0, 1.0, 0.7)[kind]),
        fill=FILL[kind],
        # As much mineral in a shorter shadow.
        dense=DENSE[kind] / max(segment.flat, 0.5),
        cells=(0.8, 0.4) if segment.cap_at_head else (0.4, 0.65),
        net=(1.3, 0.7) if segment.cap_at_head else (0.9, 2.2),
        zones=(0.3 * zone, zone) if segment.cap_at_head else (zone, 0.0),
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
        # A thin disc has a thin shell.
        rim=float(rng.uniform(0.16, 0.26) * np.clip(tall / 3, 0.55, 1)),
        rims=(1.1, 0.8, 1.1) if segment.cap_at_head else (1.3, 0.7, 1.2),
        edge=(0.6, 0.6, 0.6),
        fill=(young, young, young) if segment.cap_at_head else (1.3, 1.3, 1.3),
        dense=CAP_DENSE[segment.kind],
        fan=segment.cap_at_head,
    )


def draw_lip(rng: np.random.Generator, size: float) -> Lip:
    """A course of about ``size`` mm, to either side (ours)."""
    phase, lean = rng.uniform(0, 6.283), rng.normal(0, 0.5)
    off = rng.choice((-1, 1)) * rng.uniform(0.5, 1.3)
    return Lip(size * float(off), size * float(lean), 0.0, 0.35 * size, float(phase))


def plate_lip(rng: np.random.Generator, age: float) -> Lip:
    """The palm's edge of the plate under a metacarpal's head. It hangs towards the base, and shaft and head
    part along it: both show it as a second arc that crosses the first (mm; ours, read from three films)."""
    size = float(np.interp(age, (4, 7, 10, 13), (0.3, 1.1, 1.4, 1.4)))
    off, arc, lean = rng.uniform(0.7, 1.4), rng.normal(0.35, 0.3), rng.normal(0, 0.45)
    waves, phase = 0.12 * size, float(rng.uniform(0, 6.283))
    return Lip(-size * float(off), size * float(lean), -size * float(arc), waves, phase)


def far_side(
    rng: np.random.Generator,
    points: FloatArray,
    ends: tuple[float, float],
    free: float = 0.2,
    lips: tuple[Lip | None, Lip | None] = (None, None),
) -> FloatArray:
    """The outline of a bone's far half: its ends lie off those of the near half by about ``ends``
    (base, head; mm) in a course of their own, or along ``lips`` where known (ours).

    ``free`` is the share of its length over which an end runs out into the sides, which both halves share.
    """
    x, s = points.T
    t = (s - s.min()) / np.ptp(s)
    u = 2 * (x - x.min()) / np.ptp(x) - 1
    moved = s.copy()
    for near, size, lip in zip((1 - t, t), ends, lips, strict=True):
        course = (lip or draw_lip(rng, size)).course(u)
        moved += course * np.clip((near - 1 + free) / (0.6 * free), 0, 1)
    return np.stack([x, moved], axis=1)


def _notched(rng: np.random.Generator, back: FloatArray, age: float) -> FloatArray:
    """The far half of a head, its flank drawn in on one side: the pit of the collateral ligament, which shows
    as a line within the outline (ours)."""
    side = rng.choice((-1.0, 1.0), p=(0.35, 0.65))
    t = (back[:, 1] - back[:, 1].min()) / np.ptp(back[:, 1])
    u = 2 * (back[:, 0] - back[:, 0].min()) / np.ptp(back[:, 0]) - 1
    deep = float(np.interp(age, (5, 9), (0.0, 1.0)) * rng.uniform(0.08, 0.2) * np.ptp(back[:, 0]))
    at = float(rng.uniform(0.4, 0.6))
    pit = deep * np.exp(-(((t - at) / 0.24) ** 2)) * np.clip((side * u - 0.3) / 0.4, 0, 1)
    return np.stack([back[:, 0] - side * pit, back[:, 1]], axis=1)


def _sesamoid(rng: np.random.Generator, spec: RaySpec, build: HandBuild, thumb: list[Point]) -> Solids:
    """The seed bone at the thumb's knuckle, which ossifies at about 11-13 years (Greulich and Pyle)."""
    age = spec.child.skeletal_age
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
        oval,
        Build(depth=0.9),
        pitch=spec.pitch,
        look=Look(),
        grain=grain,
        seed=int(rng.integers(1 << 30)),
    )
    return [(sheet, _at(at, float(rng.normal(0, 40))))]
