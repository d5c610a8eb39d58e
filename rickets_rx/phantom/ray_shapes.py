"""Shapes of metacarpals and phalanges with their epiphyses: one child's, from the films it mixes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.growth_caps import onset, years_since
from rickets_rx.phantom.hand_atlas import Hand, draw_hand, length, scattered
from rickets_rx.phantom.outline_solid import Grain

FloatArray = npt.NDArray[np.float64]

KINDS = ("metacarpal", "proximal", "middle", "distal")
SHORT = 0.87
"""Shaft of the third metacarpal over the curve of its length, from five films (ours)."""


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


def segment_of(
    rng: np.random.Generator, child: Child, build: HandBuild, which: tuple[int, int], flat: float = 1.0
) -> Segment:
    """The outlines of one bone (ray, kind) of a child, foreshortened by ``flat``."""
    ray, kind = which
    mix = build.mix
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
    points = scattered(points, rng, 0.007)
    if kind > 0:
        points = _waisted(points)
    points = _tipped(rng, points, kind, child.age)
    if which == (2, 0):
        points = _saddled(rng.spawn(1)[0], points, child.age)
    cap_points = scattered(cap.points * tall, rng, 0.02) + top
    # A tuft has more points; an epiphysis is seated on every third, those of the atlas.
    seat = points[::3] if kind == 3 else points
    return Segment(ray, kind, points, _seated(rng, seat, cap_points, child.age), since)


def _waisted(points: FloatArray) -> FloatArray:
    """A phalanx whose waist is narrower than its base by a tenth at least: mixtures of two films can lose it
    (ours)."""
    s = points[:, 1]
    t = (s - s.min()) / np.ptp(s)
    right, left = points[:25], np.roll(points, -24, axis=0)[:25][::-1]
    at = s.min() + np.array([0.12, *np.linspace(0.45, 0.75, 7)]) * np.ptp(s)
    a, b = (np.interp(at, np.maximum.accumulate(side[:, 1]), side[:, 0]) for side in (right, left))
    wide = np.abs(a - b)
    excess = max(0.0, 1 - float(wide[0] / (1.1 * wide[1:].min())))
    axis = float((a + b)[1:].mean()) / 2
    out = points.copy()
    out[:, 0] -= 1.15 * excess * (out[:, 0] - axis) * np.clip(1 - ((t - 0.6) / 0.4) ** 4, 0, 1)
    return out


def _saddled(rng: np.random.Generator, points: FloatArray, age: float) -> FloatArray:
    """The base of the second metacarpal: a saddle for the trapezoid between two horns (depth ours)."""
    out = points.copy()
    base = np.clip((0.18 - points[:, 1] / points[:, 1].max()) / 0.1, 0, 1)
    x = points[base > 0, 0]
    middle, wide = float(x.max() + x.min()) / 2, float(np.ptp(x))
    deep = float(np.interp(age, (4, 9), (0.0, 1.0))) * float(rng.uniform(0.03, 0.09)) * wide
    u = (points[:, 0] - middle - float(rng.normal(0.05, 0.05)) * wide) / wide
    out[:, 1] += deep * base * (1.3 * np.exp(-((u / 0.26) ** 2)) - 0.4)
    return out


def _tipped(rng: np.random.Generator, points: FloatArray, kind: int, age: float) -> FloatArray:
    """A shaft with what walks of 48 steps smooth away at its head: the groove between condyles of proximal
    and middle phalanges, the knob and the ragged crown of the tuft of distal ones (depths ours)."""
    out = points.copy()
    if kind == 0:
        return out
    head = np.clip((points[:, 1] / points[:, 1].max() - 0.8) / 0.15, 0, 1)
    wide = float(np.ptp(points[head > 0, 0]))
    grown = float(np.interp(age, (3, 9), (0.2, 1.0)))
    if kind == 3:
        out += (grown * 0.035 * wide * head)[:, None] * rng.normal(0, 1, points.shape)
        return _crowned(rng.spawn(1)[0], out, grown)
    middle = float(points[head > 0, 0].mean())
    depth = grown * float(rng.uniform(0.02, 0.06)) * wide
    away = (points[:, 0] - middle) / wide
    out[:, 1] -= depth * head * np.exp(-((away / 0.2) ** 2))
    reach = float(out[:, 1].max())
    # The condyles end round, so that the groove between them is read as deeper than it is.
    out[:, 1] -= 0.9 * depth * head * (np.exp(-((away / 0.15) ** 2)) + (2 * np.abs(away)) ** 6)
    return _reaching(out, head, reach)


def _reaching(points: FloatArray, head: FloatArray, reach: float) -> FloatArray:
    """An outline whose head is moved so that the bone stays as long as it was, mm."""
    points[:, 1] = np.minimum(points[:, 1] + (reach - float(points[:, 1].max())) * head, reach)
    points[points[:, 1].argmax(), 1] = reach
    return points


def _crowned(rng: np.random.Generator, points: FloatArray, grown: float) -> FloatArray:
    """The tuft of a distal phalanx: a neck, a knob over it, and a crown of small teeth; three times as many
    points (sizes ours)."""
    n = len(points)
    at = np.arange(3 * n) / 3
    fine = np.stack([np.interp(at, np.arange(n + 1), np.append(c, c[0])) for c in points.T], axis=1)
    t = fine[:, 1] / fine[:, 1].max()
    axis = float(points[points[:, 1] > 0.6 * points[:, 1].max(), 0].mean())
    knob = 0.16 * np.exp(-(((t - 0.86) / 0.07) ** 2)) - 0.14 * np.exp(-(((t - 0.62) / 0.13) ** 2))
    fine[:, 0] = axis + (fine[:, 0] - axis) * (1 + grown * knob)
    wide = float(np.ptp(fine[t > 0.75, 0]))
    teeth = rng.normal(0, 1, len(fine))
    crown = grown * 0.038 * wide * np.clip((t - 0.82) / 0.1, 0, 1) * teeth
    out = fine - np.array([axis, 0.82 * fine[:, 1].max()])
    made = fine + (crown / np.maximum(np.hypot(*out.T), 0.3 * wide))[:, None] * out
    return _reaching(made, np.clip((t - 0.8) / 0.15, 0, 1), float(points[:, 1].max()))


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
    moved = cap + np.array([0.0, sign * min(0.0, target - gap)])
    if not at_head:
        return np.asarray(moved)
    # The foot of a ripe head hangs over the neck.
    return _squared(moved, age, float(np.interp(age, (5, 9), (0.0, -0.3))))


def _squared(cap: FloatArray, age: float, move: float) -> FloatArray:
    """A metacarpal's head with its foot moved by ``move`` mm beyond its joint face, which stays; ripe
    ones are squarish, with flanks that run along the shaft (ours, from films of eight years and more)."""
    low, tall = float(cap[:, 1].min()), float(np.ptp(cap[:, 1]))
    middle, half = (cap.max(axis=0) + cap.min(axis=0)) / 2, np.ptp(cap, axis=0) / 2
    unit = (cap - middle) / half
    share = float(np.interp(age, (5, 10), (0.0, 0.45)))
    most = np.maximum(np.abs(unit).max(axis=1), 1e-6)
    wider = (np.hypot(*unit.T) / most) ** share
    out = middle + half * np.clip(unit * wider[:, None], -1, 1)
    out[:, 1] += move * np.clip(1 - (out[:, 1] - low) / tall, 0, 1)
    return np.asarray(out)
