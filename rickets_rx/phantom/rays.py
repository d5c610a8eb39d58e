"""The five rays of the hand: metacarpals, phalanges with their epiphyses."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.growth_caps import cap_of
from rickets_rx.phantom.hand_profiles import SCATTER, STATIONS, Profile, own, profile
from rickets_rx.phantom.place import Placement, Sheet
from rickets_rx.phantom.small_bones import Look, ossicle
from rickets_rx.phantom.tubular import End, Tubular, solid

Solids = list[tuple[Sheet, Placement]]
Point = tuple[float, float]

# x of base (MW) and y as share of the wrist's height, direction (degrees, + to the ulnar side)
METACARPALS: dict[int, tuple[float, float, float]] = {
    1: (0.97, 0.74, -41.0),
    2: (0.36, 0.965, -9.0),
    3: (-0.09, 0.985, 1.0),
    4: (-0.55, 0.965, 9.0),
    5: (-0.94, 0.905, 20.0),
}
SHORT = 0.87
"""Shaft of the third metacarpal over the curve of its length, from five films (ours)."""
ABDUCTION = {1: 2.0, 2: -6.0, 3: 0.0, 4: 4.0, 5: 12.0}
"""How far a finger leaves its metacarpal's line in a hand spread wide, degrees."""
DEPTH = (0.92, 0.72, 0.70, 0.62)
"""Extent along the beam over the width: metacarpal, proximal, middle, distal phalanx; the thumb, which lies
on its side, has three quarters of it (ours)."""
WALL = (0.30, 0.21, 0.17, 0.15)
"""Each wall at its thickest over the waist's width; set beside films, since a wall thins at once (ours)."""


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


@dataclass(frozen=True)
class Hand:
    """What one hand's bones have in common: how much wider, denser and further apart than the mean they are,
    and how far its fingers lie flat (cosine)."""

    lean: float
    alike: float
    clear: float
    joint: float
    wall: float
    flat: float = 1.0


@dataclass(frozen=True, eq=False)
class Segment:
    """One bone of a ray: ``kind`` 0 metacarpal to 3 distal phalanx, its shaft's outline and length, mm."""

    ray: int
    kind: int
    length: float
    outline: Profile

    @property
    def cap_at_head(self) -> bool:
        """The metacarpals of the fingers grow at their head, all other bones at their base."""
        return self.kind == 0 and self.ray != 1


def rays(rng: np.random.Generator, spec: RaySpec) -> tuple[Solids, list[list[Point]]]:
    """Bones of all rays, and for each ray its joints from base to tip (mm)."""
    hand = Hand(
        lean=float(rng.normal(0, 2.0)),
        alike=float(rng.normal(0, 0.8 * SCATTER)),
        clear=float(rng.uniform(0.75, 1.25))
        * float(np.interp(spec.child.age, (1.5, 3, 6, 11), (0.5, 0.8, 1.0, 0.8))),
        joint=float(np.exp(rng.normal(0, 0.2))),
        wall=float(np.exp(rng.normal(0, 0.13))),
        flat=float(np.cos(np.radians(rng.normal(0, 9)))),
    )
    bones: Solids = []
    joints = []
    for number in METACARPALS:
        solids, path = _ray(rng.spawn(1)[0], spec, hand, number)
        bones += solids
        joints.append(path)
    return bones + _sesamoid(rng.spawn(1)[0], spec, joints[0]), joints


def _ray(rng: np.random.Generator, spec: RaySpec, hand: Hand, number: int) -> tuple[Solids, list[Point]]:
    x, y, direction = METACARPALS[number]
    thumb = number == 1
    angle = direction * (spec.squeeze if thumb else 0.9 + 0.25 * min(spec.spread, 1.3)) + hand.lean
    angle += float(np.clip(rng.normal(3, 10), -17, 22)) if thumb else float(rng.normal(0, 1.2))
    full = SHORT * spec.child.size("metacarpal")
    # In older children the bases overlap the carpus.
    over = float(np.interp(spec.child.age, (7, 12), (0, 0.0 if thumb else 0.05)))
    at = np.array([spec.squeeze * x * spec.unit, y * spec.height + (rng.normal(0, 0.02) - over) * spec.unit])
    path, solids = [at], []
    # A finger that is not flat on the cassette is foreshortened, and its joints overlap.
    flat = hand.flat * float(np.cos(np.radians(np.clip(rng.normal(0, 6), -9, 9))))
    curl = float(rng.normal(0, 1.6)) - (0.8 if number == 2 else -0.8 if number == 5 else 0)
    kinds = (0, 1, 3) if thumb else (0, 1, 2, 3)
    for index, kind in enumerate(kinds if spec.fingers else (0,)):
        if index:
            away = ABDUCTION[number] * spec.spread if index == 1 else -curl
            angle = float(np.clip(angle + away + rng.normal(0, 6.0 if thumb else 1.6), -78, 78))
        outline = own(profile(number, kind, spec.child.age), rng, hand.alike)
        segment = Segment(number, kind, full * outline.length * (flat if index else 1.0), outline)
        made, reach = _segment(rng.spawn(1)[0], spec, hand, segment, (path[-1], angle))
        solids += made
        path.append(reach)
    return solids, [(float(p[0]), float(p[1])) for p in path]


def _segment(
    rng: np.random.Generator, spec: RaySpec, hand: Hand, segment: Segment,
    place: tuple[npt.NDArray[np.float64], float],
) -> tuple[Solids, npt.NDArray[np.float64]]:  # fmt: skip
    """The solids of a bone that begins at ``place`` (point, direction), and where the next one begins."""
    start, angle = place
    axis = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
    shaft = shaft_of(rng, spec, segment, hand)
    extra = (0.5 if segment.cap_at_head else 0.2) * spec.worst.gap_extra
    # The plate narrows with age and is nearly shut at fifteen.
    gap = (
        float(np.interp(spec.child.age, (1, 5, 9, 12, 14, 15.5), (0.95, 0.55, 0.32, 0.2, 0.0, -0.25))) + extra
    )
    gap *= float(np.exp(rng.normal(0, 0.22)))
    cap = cap_of(rng.spawn(1)[0], spec.child, segment.ray, segment.kind, shaft)
    before = 0.0 if segment.cap_at_head else cap.room + gap
    look = Look(0.24, 0.8 * spec.worst.osteopenia, spec.worst.coarse)
    worn = float(np.clip(spec.worst.fray_depth / 1.5, 0, 0.9))
    frayed = (0.3 * worn, worn) if segment.cap_at_head else (worn, 0.3 * worn)
    middle = start + axis * (before + segment.length / 2)
    seed = int(rng.integers(1 << 30))
    solids = [(solid(shaft, pitch=spec.pitch, look=look, seed=seed, frayed=frayed), _at(middle, angle))]
    if cap.bone is not None:
        # The nucleus grows from the side of the shaft.
        half = cap.bone.length / 2
        far = before + segment.length + gap + half if segment.cap_at_head else before - gap - half
        faded = Look(0.22, 0.8 * spec.worst.epiphysis_fade, spec.worst.coarse)
        sheet = solid(cap.bone, pitch=spec.pitch, look=faded, seed=int(rng.integers(1 << 30)))
        solids.append((sheet, _at(start + axis * far, angle)))
    space = (0.95, 0.8, 0.7, 0.0)[segment.kind] * hand.joint * float(rng.uniform(0.7, 1.2))
    after = gap + cap.room if segment.cap_at_head else 0.0
    return solids, start + axis * (before + segment.length + after + space)


def _at(point: npt.NDArray[np.float64], angle: float) -> Placement:
    return Placement((float(point[0]), float(point[1])), angle)


def shaft_of(rng: np.random.Generator, spec: RaySpec, segment: Segment, hand: Hand) -> Tubular:
    """The shaft of a bone: outline as measured, its ends as its kind and age have them."""
    form = _form(rng, spec.child.age, segment.kind)
    left, right = (segment.length * side * form for side in (segment.outline.left, segment.outline.right))
    base, head = _ends(rng, spec, segment)
    bands: tuple[tuple[float, float], ...] = ()
    if rng.random() < 0.3:
        low = -0.5 if not segment.cap_at_head else 0.5
        bands = tuple(
            (
                float(np.sign(low) * (abs(low) * segment.length - rng.uniform(1.2, 4.0))),
                float(rng.uniform(0.2, 0.6)),
            )
            for _ in range(int(rng.integers(1, 3)))
        )
    return Tubular(
        segment.length, left, right, base, head,
        depth=DEPTH[segment.kind] * (0.75 if segment.ray == 1 else 1.0) * float(rng.uniform(0.93, 1.07)),
        cortex=WALL[segment.kind] * hand.wall * float(np.interp(spec.child.age, (1, 6), (0.8, 1.0))),
        cortex_at=float(rng.uniform(0.42, 0.54)),
        clear=hand.clear,
        bands=bands,
    )  # fmt: skip


def _form(rng: np.random.Generator, age: float, kind: int) -> npt.NDArray[np.float64]:
    """What the smooth measured lines miss, over the stations: sharp flares, waists and tufts (ours)."""
    flare = (
        (0.22, 0.12, 0.10, 0.0)[kind] * float(rng.uniform(0.6, 1.4)) * float(np.interp(age, (1, 4), (0.6, 1)))
    )
    form = 1 + flare * (np.abs(2 * STATIONS - 1) ** 3.5 - 0.3)
    if kind == 3:
        tuft = float(np.interp(age, (2, 6, 13), (0.02, 0.12, 0.18))) * float(rng.uniform(0.6, 1.3))
        waist = float(rng.uniform(0.10, 0.20))
        form = form + tuft * np.exp(-(((STATIONS - 0.9) / 0.1) ** 2))
        form = (
            form
            - waist * np.exp(-(((STATIONS - 0.62) / 0.17) ** 2))
            + 0.25 * np.exp(-((STATIONS / 0.13) ** 2))
        )
    return np.asarray(form)


def _ends(rng: np.random.Generator, spec: RaySpec, segment: Segment) -> tuple[End, End]:
    """Growing ends are cut flat; joints are rounded in small children, two condyles later (ours)."""
    grown = float(np.interp(spec.child.age, (2, 9), (0, 1)))

    def between(young: float, old: float) -> float:
        return (young + grown * (old - young)) * float(rng.uniform(0.85, 1.15))

    tilt, dish = float(rng.normal(0, 0.035)), float(rng.normal(0, 0.02))
    wave = (0.012 + 0.012 * grown, float(rng.uniform(0, 6.28)))
    flat = End(between(0.06, 0.05), 6.0, dish, 0.0, tilt, 0.09, wave)
    if segment.kind == 0:
        if segment.ray == 1:
            return flat, End(between(0.30, 0.22), between(2.2, 2.8), fall=0.35)
        lean = {2: -0.05, 3: 0.06, 4: 0.0, 5: 0.10}[segment.ray] * grown
        hollow = {2: 0.08, 3: 0.0, 4: 0.0, 5: -0.03}[segment.ray] * grown
        root = End(between(0.28, 0.08), between(2.2, 3.6), hollow, 0.0, lean + tilt, 0.3)
        return root, End(between(0.10, 0.05), 4.0, dish, 0.0, 0.5 * tilt, 0.09, (0.022, wave[1]))
    if segment.kind == 3:
        return flat, End(between(0.40, 0.42), between(2.2, 2.6), fall=0.4)
    notch = between(0.0, 0.055 if segment.kind == 1 else 0.035)
    return flat, End(between(0.36, 0.17), between(2.1, 3.4), 0.0, notch, 0.6 * tilt, between(0.4, 0.28))


def _sesamoid(rng: np.random.Generator, spec: RaySpec, thumb: list[Point]) -> Solids:
    """The seed bones at the thumb's knuckle, which ossify at about 11-13 years (Greulich and Pyle)."""
    age = spec.child.age * spec.child.lead
    if age < 11.5 + rng.normal(0, 0.8):
        return []
    size = spec.unit * 0.06 * float(np.clip(0.5 + 0.3 * (age - 11.5), 0.5, 1.3))
    (x0, y0), (x1, y1) = thumb[0], thumb[1]
    away = np.array([-(y1 - y0), x1 - x0]) / np.hypot(x1 - x0, y1 - y0)
    back = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    at = (
        np.array([x1, y1])
        + away * spec.unit * rng.uniform(0.18, 0.3)
        - back * spec.unit * rng.uniform(0, 0.14)
    )
    sheet = ossicle(
        size, 1.2 * size, 1.8 * size, pitch=spec.pitch, look=Look(), seed=int(rng.integers(1 << 30))
    )
    return [(sheet, _at(at, float(rng.normal(0, 40))))]
