"""Shapes of metacarpals and phalanges with their epiphyses: one child's, from the films it mixes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.anatomy import Child
from rickets_rx.phantom.growth_caps import onset, years_since
from rickets_rx.phantom.hand_atlas import Hand, draw_hand, end_width, length, scattered
from rickets_rx.phantom.outline_build import Grain
from rickets_rx.phantom.turned import axis_and_half, turned, wedged

FloatArray = npt.NDArray[np.float64]

KINDS = ("metacarpal", "proximal", "middle", "distal")
SHORT = 0.87
"""Shaft of the third metacarpal over the curve of its length, from five films (ours)."""
BALL, FOOT = 0.65, 2.7
"""How far a metacarpal's head goes from the outlines of its films to a ball, and the exponent of the ball's
half towards the plate: 2 an ellipse (ours, from heads of films of 7-11 years)."""
WIDEST = 1.03
"""Width of a head over that of the shaft's end, at most (ours; 0.8-1.15 on films of the atlas)."""
DISH = 0.04
"""How hollow the joint face of a ripe disc is, over its thickness (ours)."""
SQUARE = 0.8
"""How square the heads of proximal and middle phalanges are (ours, from films of 7-13 years)."""
BENT = (0.2, 0.12)
"""How far at most a disc and a head are bent along their shaft's end, over their width: a head sits square on
its neck, and a parabola through ends that lie beside one another means nothing (ours)."""
TAPER = 0.35
"""How much thinner a disc of a proximal phalanx is at its sides than in the middle; others 1.6 times as much
(ours)."""


@dataclass(frozen=True, eq=False)
class HandBuild:
    """What one hand's bones have in common: their mixture of films and how many mm a width of it
    is, how far it leans, its joints' width, the
    strength of its walls, its spongiosa, how far its fingers lie flat (cosine), and how far its thumb is
    turned from its back to its side and its fingers are bent (degrees)."""

    mix: Hand
    mm: float
    lean: float
    joint: float
    wall: float
    grain: Grain
    flat: float = 1.0
    oblique: float = 45.0
    bent: float = 0.0


@dataclass(frozen=True, eq=False)
class Segment:
    """One bone of a ray: ``kind`` 0 metacarpal to 3 distal phalanx; its shaft's outline and that of its
    epiphysis (also before it ossifies) in mm, in the frame of the shaft; ``flat`` is how far it is
    foreshortened."""

    ray: int
    kind: int
    shaft: FloatArray
    cap: FloatArray
    since: float
    flat: float = 1.0

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
    mix = draw_hand(rng, child.skeletal_age)
    return HandBuild(
        mix=mix,
        mm=SHORT * child.size("metacarpal") / length(mix.bone("metacarpal_3")),
        lean=float(rng.normal(0, 2.0)),
        joint=float(np.exp(rng.normal(0, 0.2))),
        wall=float(np.exp(rng.normal(0, 0.13))),
        grain=draw_grain(rng, child.age),
        flat=float(np.cos(np.radians(rng.normal(0, 9)))),
        oblique=float(np.clip(rng.normal(52, 14), 20, 80)),
        bent=float(np.interp(child.age, (0.8, 2.2), (1, 0)) * abs(rng.normal(0, 24))),
    )


def draw_grain(rng: np.random.Generator, age: float) -> Grain:
    """A hand's spongiosa: few coarse struts in small children, a fine dense net later (set beside films)."""
    apart = float(np.interp(age, (2, 4, 7, 10, 13), (8.2, 7.8, 6.8, 5.8, 5.2))) * float(
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
    hollow = float(np.interp(child.age, (1, 6), (0.55, 1.0)))
    if ray == 1:
        points = turned(points, kind, build.oblique, hollow)
        points = _straighter(points) if kind == 0 else points
    elif kind > 0:
        points = _waisted(points)
    points = _tipped(rng, points, kind, child.age, 0.35 if ray == 1 else 1.0)
    if kind == 0 and ray in (2, 3, 4):
        points = _based(points, float(np.interp(child.age, (5, 9), (0.0, SQUARE))))
    if which == (2, 0):
        points = _saddled(rng.spawn(1)[0], points, child.age)
    cap_points = scattered(cap.points * tall, rng, 0.008) + top
    if kind == 0 and ray > 1:
        end = build.mm * wide * end_width(shaft)
        cap_points = _ball(cap_points * (min(1.0, WIDEST * end / float(np.ptp(cap_points[:, 0]))), 1.0))
    if ray == 1:
        cap_points = cap_points + np.array([0.7 * _aside(points, cap_points), 0.0])
        cap_points = wedged(cap_points, 0.4 * float(np.sin(np.radians(build.oblique))))
    # A tuft has more points; an epiphysis is seated on every third, those of the atlas.
    seat = points[::3] if kind == 3 else points
    seated = _seated(rng, seat, cap_points, child.age)
    if kind > 0:
        seated = _lens(_dished(seated, child.age), TAPER * (1.0 if kind == 1 else 1.6))
    return Segment(ray, kind, points, seated, since, flat)


def _waisted(points: FloatArray) -> FloatArray:
    """A phalanx whose waist is narrower than its base by a tenth at least: mixtures of two films can lose it
    (ours)."""
    s = points[:, 1]
    t = (s - s.min()) / np.ptp(s)
    at = s.min() + np.array([0.12, *np.linspace(0.45, 0.75, 7)]) * np.ptp(s)
    middle, wide = axis_and_half(points, at)
    excess = max(0.0, 1 - float(wide[0] / (1.1 * wide[1:].min())))
    axis = float(middle[1:].mean())
    out = points.copy()
    out[:, 0] -= 1.15 * excess * (out[:, 0] - axis) * np.clip(1 - ((t - 0.6) / 0.4) ** 4, 0, 1)
    return out


def _straighter(points: FloatArray) -> FloatArray:
    """The thumb's metacarpal with a quarter of its bow: films lend outlines that are turned already, so
    that it would count twice (share ours)."""
    low, high = points[:, 1].min(), points[:, 1].max()
    at = np.clip(points[:, 1], low + 0.06 * (high - low), high - 0.06 * (high - low))
    axis, _ = axis_and_half(points, at)
    ends = [at.argmin(), at.argmax()]
    bow = axis - np.interp(at, at[ends], axis[ends])
    return np.stack([points[:, 0] - 0.75 * bow, points[:, 1]], axis=1)


def _ball(cap: FloatArray) -> FloatArray:
    """A metacarpal's head `BALL` of the way to a ball on a flatter foot: an ellipse towards the joint,
    squarer and a tenth less low towards the plate."""
    middle, half = (cap.max(axis=0) + cap.min(axis=0)) / 2, np.ptp(cap, axis=0) / 2
    unit = (cap - middle) / half
    reach = np.maximum(np.hypot(*unit.T), 1e-6)
    power = np.where(unit[:, 1] < 0, FOOT, 2.0)
    ball = unit / reach[:, None]
    ball = ball / ((np.abs(ball) ** power[:, None]).sum(axis=1) ** (1 / power))[:, None]
    ball[:, 1] *= np.where(ball[:, 1] < 0, 0.9, 1.0)
    return np.asarray(middle + half * (unit + BALL * (ball - unit)))


def _lens(cap: FloatArray, share: float) -> FloatArray:
    """A disc thinner by ``share`` at its sides than in its middle: its joint face rises to the shaft's."""
    middle, half = float(cap[:, 0].max() + cap[:, 0].min()) / 2, float(np.ptp(cap[:, 0])) / 2
    u = (cap[:, 0] - middle) / half
    rise = share * np.abs(u) ** 3 * (float(cap[:, 1].max()) - cap[:, 1])
    return np.stack([cap[:, 0], cap[:, 1] + rise], axis=1)


def _saddled(rng: np.random.Generator, points: FloatArray, age: float) -> FloatArray:
    """The base of the second metacarpal: a saddle for the trapezoid between two horns (depth ours)."""
    out = points.copy()
    base = np.clip((0.18 - points[:, 1] / points[:, 1].max()) / 0.1, 0, 1)
    x = points[base > 0, 0]
    middle, wide = float(x.max() + x.min()) / 2, float(np.ptp(x))
    deep = float(np.interp(age, (4, 9), (0.0, 1.0))) * float(rng.uniform(0.03, 0.08)) * wide
    u = (points[:, 0] - middle - float(rng.normal(0.05, 0.05)) * wide) / wide
    out[:, 1] += deep * base * (1.3 * np.exp(-((u / 0.26) ** 2)) - 0.4)
    return out


def _tipped(
    rng: np.random.Generator, points: FloatArray, kind: int, age: float, clear: float = 1.0
) -> FloatArray:
    """A shaft with what walks of 48 steps smooth away at its head: the groove between condyles of proximal
    and middle phalanges, the knob and the ragged rim of the tuft of distal ones (depths ours);
    ``clear`` is how far they show, less where the bone is seen from the side."""
    out = points.copy()
    if kind == 0:
        return out
    head = np.clip((points[:, 1] / points[:, 1].max() - 0.8) / 0.15, 0, 1)
    wide = float(np.ptp(points[head > 0, 0]))
    if kind == 3:
        # Small children's tips end blunt.
        grown = clear * float(np.interp(age, (5, 11), (0.0, 0.6)))
        out += (grown * 0.02 * wide * head)[:, None] * rng.normal(0, 1, points.shape)
        return _crowned(rng.spawn(1)[0], out, grown)
    # Small children's heads are round.
    out = _squared(out, wide, clear * SQUARE * float(np.interp(age, (3, 7), (0.25, 1.0))))
    depth = clear * float(np.interp(age, (3, 9), (0.3, 1.0)) * rng.uniform(0.008, 0.03)) * wide
    away = (points[:, 0] - float(points[head > 0, 0].mean())) / wide
    out[:, 1] -= depth * head * np.exp(-((away / 0.25) ** 2))
    return _reaching(out, head, float(points[:, 1].max()))


def _based(points: FloatArray, share: float) -> FloatArray:
    """A metacarpal whose base goes by ``share`` to a square one, as a phalanx's head does."""
    tall = float(points[:, 1].max())
    base = points[(points[:, 1] > 0.08 * tall) & (points[:, 1] < 0.16 * tall), 0]
    # The same bone upside down, still counter-clockwise and from the middle of its base.
    over = np.array([0.0, tall]) - np.roll(points, -(len(points) // 2), axis=0)
    made = _squared(over, float(np.ptp(base)), share)
    return np.roll(np.array([0.0, tall]) - made, len(points) // 2, axis=0)


def _aside(shaft: FloatArray, cap: FloatArray) -> float:
    """How far the middle of a shaft's base lies beside that of its epiphysis, mm: a turned one moves."""
    base = shaft[shaft[:, 1] < 0.1 * shaft[:, 1].max(), 0]
    return float(base.max() + base.min() - cap[:, 0].max() - cap[:, 0].min()) / 2


def _squared(points: FloatArray, wide: float, share: float) -> FloatArray:
    """A phalanx whose head, ``wide`` mm, goes by ``share`` from its film's to a square one with round
    corners: walks of 48 steps round it off."""
    t = points[:, 1] / points[:, 1].max()
    axis, half = axis_and_half(points, np.minimum(points[:, 1], 0.995 * points[:, 1].max()))
    corner = np.clip((t - 0.86) / 0.14, 0, 1)
    target = 0.48 * wide * (1 - corner**3.2) ** (1 / 3.2)
    wider = np.clip(target / np.maximum(half, 1e-6), 1.0, 1.7) - 1
    grown = share * np.clip((t - 0.8) / 0.08, 0, 1) * wider
    return np.stack([points[:, 0] + grown * (points[:, 0] - axis), points[:, 1]], axis=1)


def _reaching(points: FloatArray, head: FloatArray, reach: float) -> FloatArray:
    """An outline whose head is moved so that the bone stays as long as it was, mm."""
    points[:, 1] = np.minimum(points[:, 1] + (reach - float(points[:, 1].max())) * head, reach)
    points[points[:, 1].argmax(), 1] = reach
    return points


def _crowned(rng: np.random.Generator, points: FloatArray, grown: float) -> FloatArray:
    """The tuft of a distal phalanx: a neck, a round cap over it with a finely ragged rim, as a mushroom's;
    three times as many points (sizes ours)."""
    n = len(points)
    at = np.arange(3 * n) / 3
    fine = np.stack([np.interp(at, np.arange(n + 1), np.append(c, c[0])) for c in points.T], axis=1)
    t = fine[:, 1] / fine[:, 1].max()
    axis = float(points[points[:, 1] > 0.6 * points[:, 1].max(), 0].mean())
    wide = float(np.ptp(fine[t > 0.75, 0]))
    # Over its widest place the head is an arc round that place's middle.
    out = fine - np.array([axis, fine[:, 1].max() - 0.46 * wide])
    away = np.maximum(np.hypot(*out.T), 1e-6)
    cap = grown * np.clip(out[:, 1] / (0.5 * wide) + 0.5, 0, 1)
    teeth = rng.normal(0, 0.018 * wide, len(fine))
    ragged = teeth + 0.5 * np.roll(teeth, 1)
    made = fine + (cap * (0.48 * wide - away + ragged) / away)[:, None] * out
    return _reaching(made, np.clip((t - 0.8) / 0.15, 0, 1), float(points[:, 1].max()))


def _seated(rng: np.random.Generator, shaft: FloatArray, cap: FloatArray, age: float) -> FloatArray:
    """An epiphysis bent along its shaft's end and moved until the plate between them is as wide as on films:
    a ripe head overlaps the neck, a disc lies close (ours, mm)."""
    at_head = cap[:, 1].mean() > 0.5 * shaft[:, 1].max()
    sign = 1.0 if at_head else -1.0
    cap = _along_plate(shaft, cap, at_head, float(np.interp(age, (3, 7), (0.0, 0.85))))
    end, face = shaft[:, 1] * sign, cap[:, 1] * sign
    middle, half = float(cap[:, 0].mean()), 0.35 * float(np.ptp(cap[:, 0]))
    near = np.abs(cap[:, 0] - middle) < half
    under = np.abs(shaft[:, 0] - middle) < half
    if not near.any() or not under.any():
        return cap
    gap = float(np.min(face[near]) - np.max(end[under]))
    wide = (0.7, 0.1, -0.3, -0.4) if at_head else (0.6, 0.4, 0.25, 0.15)
    move = float(np.interp(age, (2, 5, 9, 13), wide) + rng.normal(0, 0.15 if at_head else 0.08)) - gap
    # Discs keep clear of their shaft, heads may overlap it.
    return np.asarray(cap + np.array([0.0, sign * min(0.0 if at_head else 0.8, move)]))


def _along_plate(shaft: FloatArray, cap: FloatArray, at_head: bool, share: float) -> FloatArray:
    """An epiphysis whose face to the shaft follows its end by ``share``: a growth plate is as thick here as
    there. A disc follows as a whole; a head keeps its joint face."""
    middle = float(cap[:, 0].max() + cap[:, 0].min()) / 2
    half = 0.8 * min(float(np.ptp(cap[:, 0])), float(np.ptp(shaft[:, 0]))) / 2
    across = np.linspace(-1, 1, 9)
    apart = _face(shaft, middle + half * across, at_head) - _face(cap, middle + half * across, not at_head)
    # The least squares parabola through the differences, by polynomials that are orthogonal on their places.
    at = np.clip((cap[:, 0] - middle) / half, -1, 1)
    bend = across**2 - float((across**2).mean())
    slope, curve = (float((apart * p).sum() / (p * p).sum()) for p in (across, bend))
    away = slope * at + (1.0 if at_head else 0.4) * curve * at**2
    most = BENT[int(at_head)] * np.ptp(cap[:, 0])
    away = np.clip(away, -most, most)
    follows = 1 - (cap[:, 1] - cap[:, 1].min()) / np.ptp(cap[:, 1]) if at_head else np.ones(len(cap))
    return np.stack([cap[:, 0], cap[:, 1] + share * (away - away.mean()) * follows], axis=1)


def _dished(cap: FloatArray, age: float) -> FloatArray:
    """A phalanx's epiphysis, ripe ones hollow towards the joint (ours)."""
    ripe = float(np.interp(age, (5, 10), (0.0, 1.0)))
    middle, half = float(cap[:, 0].max() + cap[:, 0].min()) / 2, float(np.ptp(cap[:, 0])) / 2
    u, tall = (cap[:, 0] - middle) / half, float(np.ptp(cap[:, 1]))
    lower = np.clip((cap[:, 1].max() - cap[:, 1]) / tall, 0, 1)
    hollow = DISH * ripe * tall * lower * np.clip(1 - (u / 0.85) ** 2, 0, 1)
    return np.stack([cap[:, 0], cap[:, 1] + hollow], axis=1)


def _face(points: FloatArray, across: FloatArray, top: bool) -> FloatArray:
    """How high (``top``) or low an outline stands at places across it, mm."""
    steps = np.arange(0, len(points), 0.125)
    x, s = (np.interp(steps, np.arange(len(points) + 1), np.append(c, c[0])) for c in points.T)
    near = np.abs(x[None, :] - across[:, None]) < 0.75 * (across[1] - across[0])
    known = near.any(axis=1)
    found = np.where(near, s, -np.inf).max(axis=1) if top else np.where(near, s, np.inf).min(axis=1)
    # Between coarse points a place may have none.
    return np.asarray(np.interp(across, across[known], found[known]))
