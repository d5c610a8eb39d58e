"""Outlines of all bones of the hand as read off films, and one child's hand drawn from them.

``hand_atlas.csv`` holds, for each film, every ossified bone: where it stands and its closed outline in 48
steps, thousandths of the width of the radius's metaphysis. Carpals, sesamoids and the epiphyses of radius
and ulna lie round their own middle; a metacarpal or phalanx, and its epiphysis, in the frame of its shaft
(x to the thumb's side, s from the middle of the base to the head). ``benchmarks/phantom_outlines.py`` makes
the table from outlines set by eye on films of known bone age.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.growth_caps import against

TABLE = Path(__file__).with_name("hand_atlas.csv")
NEAR_YEARS = 1.3
"""How fast a film's chance to lend its shapes falls with the years between it and the child (ours)."""

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
    """The bones of one film."""

    age: float
    bones: dict[str, Traced]


def shaft_name(name: str) -> str:
    """The shaft that an epiphysis of the hand belongs to; any other bone's own name."""
    return name.replace("_head", "").replace("_epiphysis", "")


def length(shaft: Traced) -> float:
    """From the middle of a shaft's base to that of its head, widths."""
    return float(np.hypot(*(shaft.points[len(shaft.points) // 2] - shaft.points[0])))


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
    return tuple(sorted(found.values(), key=lambda film: film.age))


def known(name: str) -> bool:
    """Whether any film shows a bone of this name."""
    return any(name in film.bones for film in films())


@dataclass(frozen=True, eq=False)
class Hand:
    """One child's hand between two films.

    Parameters
    ----------
    lenders : tuple of (Film, weight)
        The films whose shapes it mixes.
    warp : ndarray of shape (k, 5)
        Waves (kx, ky, phase, dx, dy) by which its bones depart from the mixture together.
    """

    lenders: tuple[tuple[Film, float], ...]
    warp: FloatArray

    def bone(self, name: str, ripe: tuple[float, float] | None = None) -> Traced:
        """The mixed outline of one bone.

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
        have = [(film, weight) for film, weight in self.lenders if name in film.bones]
        if not have:
            middle = sum(film.age * weight for film, weight in self.lenders)
            others = [film for film in films() if name in film.bones]
            if not others:
                raise KeyError(name)
            have = [(min(others, key=lambda film: abs(film.age - middle)), 1.0)]
        total = sum(weight for _, weight in have)
        place, degrees, points = np.zeros(2), 0.0, np.zeros((48, 2))
        for film, weight in have:
            one, share = film.bones[name], weight / total
            place = place + share * (one.place + self._offset(film, name))
            degrees += share * one.degrees
            size = against(ripe[0], film.age - ripe[1]) if ripe else 1.0
            points = points + share * _sized(self._fitted(film, name), size)
        shift = self.moved(place[None])[0]
        if not name[-1].isdigit():
            # Carpals, which stand in the hand's own frame, are bent by the waves that move them.
            points = points + self.moved(place + points) - shift
        return Traced(place + shift, degrees, points)

    def _fitted(self, film: Film, name: str) -> FloatArray:
        """A film's outline; a metacarpal's head counted from the end of its shaft."""
        points = film.bones[name].points
        if "_head_" in name:
            return points - np.array([0.0, length(film.bones[shaft_name(name)])])
        return points

    def _offset(self, film: Film, name: str) -> FloatArray:
        """How far a film's bones stand from the mixture, where it alone lends the bone."""
        if all(name in lender.bones for lender, _ in self.lenders):
            return np.zeros(2)
        anchor = ("capitate", "hamate", "metacarpal_2", "metacarpal_3", "metacarpal_4")
        mixed = sum(
            weight * np.mean([lender.bones[a].place for a in anchor], axis=0)
            for lender, weight in self.lenders
        )
        return np.asarray(mixed - np.mean([film.bones[a].place for a in anchor], axis=0))

    def moved(self, at: FloatArray) -> FloatArray:
        """Displacement at places (n, 2) of the hand, widths; neighbours move together, so facets fit."""
        out = np.zeros_like(at)
        for kx, ky, phase, dx, dy in self.warp:
            out = out + np.sin(kx * at[:, :1] + ky * at[:, 1:] + phase) * np.array([dx, dy])
        return out


def _sized(points: FloatArray, size: float) -> FloatArray:
    middle = points.mean(axis=0)
    return np.asarray(middle + size * (points - middle))


def draw_hand(rng: np.random.Generator, age: float) -> Hand:
    """A hand of a skeletal age in years: two films near it, mixed by chance, most often near one of them."""
    every = films()
    years = float(np.clip(age + rng.normal(0, 0.35), every[0].age, every[-1].age))
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
    amplitude = rng.normal(0, 0.014, (4, 2))
    waves = np.column_stack([rng.normal(0, 3.2, (4, 2)), rng.uniform(0, 6.283, 4), amplitude])
    return Hand(((every[first], share), (every[second], 1 - share)), waves)


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
