"""Outlines of all bones of the hand as read off films, and one child's hand drawn from them.

``hand_atlas.csv`` holds, for each film, every ossified bone: where it stands and its closed outline in 48
steps, thousandths of the width of the radius's metaphysis. Carpals and the epiphyses of radius and
ulna lie round their own middle; a metacarpal or phalanx, and its epiphysis, in the frame of its shaft
(x to the thumb's side, s from the middle of the base to the head). ``benchmarks/phantom_outlines.py`` makes
the table from outlines set by eye on films of known bone age.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.growth_caps import against

TABLE = Path(__file__).with_name("hand_atlas.csv")
NEAR_YEARS = 1.3
"""How fast a film's chance to lend its shapes falls with the years between it and the child (ours)."""
ROUND = 0.7
"""How far an early carpal's outline is drawn towards a circle (ours)."""

CARPALS = (
    "capitate", "hamate", "triquetrum", "lunate", "scaphoid", "trapezium", "trapezoid", "pisiform",
)  # fmt: skip
SHAFTS = tuple(f"metacarpal_{ray}" for ray in range(1, 6))
LATE = ("triquetrum", "lunate", "scaphoid", "trapezium", "trapezoid")
"""Carpals whose area over the capitate's tells how far a film's carpus has ripened (ours)."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Traced:
    """One bone: ``place`` (x, y) and ``degrees`` of its frame in the hand, ``points`` (48, 2) in that frame;
    lengths in widths of the radius."""

    place: FloatArray
    degrees: float
    points: FloatArray


@dataclass(frozen=True, eq=False)
class Film:
    """The bones of one film: ``age`` is the hand's bone age, ``carpal_age`` that of its carpus, years."""

    age: float
    bones: dict[str, Traced]
    carpal_age: float = 0.0


def shaft_name(name: str) -> str:
    """The shaft that an epiphysis of the hand belongs to; any other bone's own name."""
    return name.replace("_head", "").replace("_epiphysis", "")


def length(shaft: Traced) -> float:
    """From the middle of a shaft's base to that of its head, widths."""
    return float(np.hypot(*(shaft.points[len(shaft.points) // 2] - shaft.points[0])))


def end_width(shaft: Traced) -> float:
    """Width of a shaft's head end, its last eighth, widths of the radius."""
    return float(np.ptp(shaft.points[shaft.points[:, 1] > 0.875 * length(shaft), 0]))


@lru_cache(maxsize=1)
def films() -> tuple[Film, ...]:
    """Every film of the table, youngest first."""
    found: dict[int, Film] = {}
    for line in TABLE.read_text().splitlines()[1:]:
        number, age, name, *rest = line.split(",")
        values = np.array(rest, float)
        points = values[3:].reshape(2, -1).T / 1000
        film = found.setdefault(int(number), Film(float(age), {}))
        film.bones[name] = Traced(values[:2] / 1000, float(values[2]), points)
    by_age = sorted(found.values(), key=lambda film: film.age)
    # Carpi ripen at their own pace: they share the films' ages among them in the order of their ripeness.
    by_carpus = sorted(by_age, key=_ripeness)
    aged = {id(film): older.age for film, older in zip(by_carpus, by_age, strict=True)}
    return tuple(replace(film, carpal_age=aged[id(film)]) for film in by_age)


def _ripeness(film: Film) -> float:
    """Area of the late carpals over the capitate's."""
    late = sum(area_of(film.bones[name].points) for name in LATE if name in film.bones)
    return late / area_of(film.bones["capitate"].points)


def area_of(points: FloatArray) -> float:
    """Area within a closed outline of shape (n, 2)."""
    x, y = points.T
    return abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2


@dataclass(frozen=True, eq=False)
class Hand:
    """One child's hand: carpus and metacarpals of one film, phalanges and epiphyses between two.

    Parameters
    ----------
    lenders : tuple of (Film, weight)
        The films whose shapes its phalanges and epiphyses mix.
    frame : Film
        The film that lends all carpals and metacarpals, so that they fit one another.
    warp : ndarray of shape (k, 5)
        Waves (kx, ky, phase, dx, dy) by which its bones depart from the films together.
    """

    lenders: tuple[tuple[Film, float], ...]
    frame: Film
    warp: FloatArray

    @cached_property
    def scale(self) -> float:
        """Widths of this hand over those of the lenders: by the third metacarpal's length."""
        mixed = sum(weight * length(film.bones["metacarpal_3"]) for film, weight in self.lenders)
        return length(self.frame.bones["metacarpal_3"]) / mixed

    def bone(self, name: str, ripe: tuple[float, float] | None = None) -> Traced:
        """The outline of one bone; its place in the hand is told of carpals and metacarpals alone (else nan).

        Parameters
        ----------
        ripe : (since, onset), optional
            Years for which the child has had this centre, and the age at which centres like it appear: it is
            drawn smaller than on a film that has had it for longer.

        Raises
        ------
        KeyError
            For a bone that no film shows.
        """
        if name in CARPALS:
            return self._carpal(name, ripe)
        if name in SHAFTS:
            return self._metacarpal(name)
        have = self._with(name)
        total = sum(weight for _, weight in have)
        points = np.zeros((48, 2))
        for film, weight in have:
            size = against(ripe[0], film.age - ripe[1]) if ripe else 1.0
            scale = weight / total * self._scale_of(film, name)
            points = points + scale * _sized(self._fitted(film, name), size)
        return Traced(np.full(2, np.nan), np.nan, points)

    def _scale_of(self, film: Film, name: str) -> float:
        """Widths of this hand over those of a lender; a metacarpal's head goes by the end that it sits on."""
        if "_head_" not in name:
            return self.scale
        shaft = shaft_name(name)
        return end_width(self.frame.bones[shaft]) / end_width(film.bones[shaft])

    def _metacarpal(self, name: str) -> Traced:
        """A metacarpal of the frame, its base bent by the waves that move its neighbours' bases; over the
        third one it is as long as on the lenders, whose phalanges it bears."""
        one = self.frame.bones[name]
        mixed = sum(weight * length(film.bones[name]) for film, weight in self.lenders)
        one = replace(one, points=one.points * (1.0, self.scale * mixed / length(one)))
        c, s = np.cos(np.radians(one.degrees)), np.sin(np.radians(one.degrees))
        turn = np.array([[c, s], [-s, c]])
        shift = self.moved(one.place[None])[0]
        bent = (self.moved(one.place + one.points @ turn) - shift) @ turn.T
        base = np.clip(1 - one.points[:, 1:] / (0.4 * length(one)), 0, 1)
        return Traced(one.place + shift, one.degrees, one.points + base * bent)

    def _with(self, name: str) -> list[tuple[Film, float]]:
        """The lenders that show a bone; where none does, the film of the nearest age that does."""
        have = [(film, weight) for film, weight in self.lenders if name in film.bones]
        if have:
            return have
        middle = sum(film.age * weight for film, weight in self.lenders)
        others = [film for film in films() if name in film.bones]
        if not others:
            raise KeyError(name)
        return [(min(others, key=lambda film: abs(film.age - middle)), 1.0)]

    def _carpal(self, name: str, ripe: tuple[float, float] | None) -> Traced:
        """A carpal of the frame; one that it has not got yet stands as on the film next in ripeness."""
        film = min(
            (f for f in films() if name in f.bones),
            key=lambda f: f is not self.frame and 0.01 + abs(f.carpal_age - self.frame.carpal_age),
        )
        one, since = film.bones[name], film.carpal_age - ripe[1] if ripe else 0.0
        place = one.place + _between(film, self.frame)
        points = one.points * (against(ripe[0], since) if ripe else 1.0)
        if ripe:
            points = _rounder(points, ROUND * float(np.clip(1 - min(ripe[0], since) / 1.5, 0, 1)))
        shift = self.moved(place[None])[0]
        # Carpals, which stand in the hand's own frame, are bent by the waves that move them.
        return Traced(place + shift, one.degrees, points + self.moved(place + points) - shift)

    def _fitted(self, film: Film, name: str) -> FloatArray:
        """A film's outline; a metacarpal's head counted from the end of its shaft."""
        points = film.bones[name].points
        if "_head_" in name:
            return points - np.array([0.0, length(film.bones[shaft_name(name)])])
        return points

    def moved(self, at: FloatArray) -> FloatArray:
        """Displacement at places (n, 2) of the hand, widths; neighbours move together, so facets fit."""
        out = np.zeros_like(at)
        for kx, ky, phase, dx, dy in self.warp:
            out = out + np.sin(kx * at[:, :1] + ky * at[:, 1:] + phase) * np.array([dx, dy])
        return out


def _sized(points: FloatArray, size: float) -> FloatArray:
    middle = points.mean(axis=0)
    return np.asarray(middle + size * (points - middle))


def _between(film: Film, frame: Film) -> FloatArray:
    """How far the frame's hand stands from a film's, widths: by bones that both show."""
    if film.bones is frame.bones:
        return np.zeros(2)
    anchor = ("capitate", "hamate", "metacarpal_2", "metacarpal_3", "metacarpal_4")
    return np.asarray(np.mean([frame.bones[a].place - film.bones[a].place for a in anchor], axis=0))


def _rounder(points: FloatArray, share: float) -> FloatArray:
    """An outline ``share`` of the way to the circle of its area."""
    away = points - points.mean(axis=0)
    reach = np.maximum(np.hypot(*away.T), 1e-9)
    circle = float(np.sqrt(area_of(points) / np.pi)) * away / reach[:, None]
    return np.asarray(points.mean(axis=0) + (1 - share) * away + share * circle)


def draw_hand(rng: np.random.Generator, age: float) -> Hand:
    """A hand of a skeletal age in years: one film near it lends the palm, two near it are mixed elsewhere,
    most often near one of them."""
    every = films()
    years = float(np.clip(age + rng.normal(0, 0.2), every[0].age, every[-1].age))
    chance = np.array([np.exp(-((abs(film.age - years) / NEAR_YEARS) ** 1.5)) for film in every]) + 1e-9
    first = int(rng.choice(len(every), p=chance / chance.sum()))
    # The second lender stands on the other side of the age, if one is near.
    other = chance * np.array(
        [0.25 if (f.age - years) * (every[first].age - years) > 0 else 1.0 for f in every]
    )
    other[first] = 0
    second = int(rng.choice(len(every), p=other / other.sum()))
    share = float(rng.beta(0.7, 0.7))
    if abs(every[first].age - years) + 1.5 < abs(every[second].age - years):
        share = max(share, 1 - share)
    like = np.array([np.exp(-((abs(film.carpal_age - years) / NEAR_YEARS) ** 1.5)) for film in every]) + 1e-9
    frame = every[int(rng.choice(len(every), p=like / like.sum()))]
    # Long waves: they change shapes and places of neighbours alike.
    waves = np.column_stack(
        [rng.normal(0, 2.4, (5, 2)), rng.uniform(0, 6.283, 5), rng.normal(0, 0.015, (5, 2))]
    )
    return Hand(((every[first], share), (every[second], 1 - share)), frame, waves)


def scattered(points: FloatArray, rng: np.random.Generator, share: float = 0.012) -> FloatArray:
    """A closed outline with low harmonics of its own, ``share`` of its mean radius (one deviation)."""
    middle = points.mean(axis=0)
    away = points - middle
    size = float(np.hypot(*away.T).mean())
    turn = np.linspace(0, 2 * np.pi, len(points), endpoint=False)
    out = np.zeros_like(points)
    for order in (1, 2, 3, 5):
        phase = rng.uniform(0, 6.283, 2)
        out += rng.normal(0, share * size / order**0.5, 2) * np.cos(order * turn[:, None] + phase)
    return np.asarray(middle + away * np.exp(rng.normal(0, 0.02, 2)) + out)
