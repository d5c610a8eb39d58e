"""Measured outlines of the metacarpals and phalanges, by age.

``hand_profiles.csv`` holds numbers read from five normal hands of about 1.2, 5, 7.8, 11 and 13 years (bone
ages), averaged within 1.2, 6.4 and 12 years: the length of each shaft over that of the third metacarpal, and
its left and right half width at 13 stations in thousandths of its own length. Edges are the steepest fall of
brightness across the bone's axis, found by dynamic programming; the axes were set by eye. Left hand seen
from its back, right is the side of the thumb. ``benchmarks/phantom_hands.py`` makes the table.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

TABLE = Path(__file__).with_name("hand_profiles.csv")
STATIONS = np.linspace(0.02, 0.98, 13)
"""Where along a shaft widths are known, 0 at its base."""
KINDS = ("metacarpal", "proximal", "middle", "distal")
SCATTER = 0.068
"""Standard deviation of ln(width / length) of one bone between films of an age group, as measured."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Profile:
    """A shaft's outline: ``length`` over the third metacarpal's, half widths over its own length.

    ``left`` and ``right`` have shape (13,), at `STATIONS`.
    """

    length: float
    left: FloatArray
    right: FloatArray

    @property
    def width(self) -> FloatArray:
        """Full width over length at the stations, shape (13,)."""
        return self.left + self.right


@lru_cache(maxsize=1)
def _table() -> tuple[FloatArray, dict[tuple[int, str], FloatArray]]:
    """Ages, and for each bone its rows (length, left, right) at them, shape (ages, 27)."""
    names = np.loadtxt(TABLE, delimiter=",", skiprows=1, usecols=2, dtype=str)
    values = np.loadtxt(TABLE, delimiter=",", skiprows=1, usecols=(0, 1, *range(3, 30)))
    ages = np.unique(values[:, 0])
    bones: dict[tuple[int, str], FloatArray] = {}
    for ray, name in {(int(ray), str(name)) for ray, name in zip(values[:, 1], names, strict=True)}:
        mine = (values[:, 1] == ray) & (names == name)
        bones[ray, name] = values[mine][np.argsort(values[mine, 0]), 2:]
    return ages, bones


@lru_cache(maxsize=4096)
def _at(ray: int, kind: int, age: float) -> Profile:
    ages, bones = _table()
    rows = bones[ray, KINDS[kind]]
    values = np.array([np.interp(age, ages, column) for column in rows.T])
    return Profile(float(values[0]), values[1:14] / 1000, values[14:] / 1000)


def profile(ray: int, kind: int, age: float) -> Profile:
    """The mean outline of one bone at an age.

    Parameters
    ----------
    ray : int
        1 the thumb to 5 the little finger.
    kind : int
        0 metacarpal, 1 proximal, 2 middle, 3 distal phalanx.
    age : float
        Years; held at 1.2 below and 12 above.

    Raises
    ------
    KeyError
        For the thumb's middle phalanx.
    """
    return _at(ray, kind, round(float(np.clip(age, 1.2, 12.0)), 2))


def own(mean: Profile, rng: np.random.Generator, alike: float) -> Profile:
    """One child's bone: the mean outline wider or narrower, waisted and bowed in its own way.

    Parameters
    ----------
    alike : float
        ln of how much wider all bones of this hand are than the mean; the rest of `SCATTER` is the bone's.
    """
    t = STATIONS
    wide = float(np.exp(alike + rng.normal(0, 0.6 * SCATTER)))
    waves = [rng.normal(0, 0.022) * np.cos(np.pi * k * t + rng.uniform(0, 6.28)) for k in (1, 2, 3)]
    bow = mean.width.mean() * rng.normal(0, 0.05) * np.sin(np.pi * t)
    lean = mean.width.mean() * rng.normal(0, 0.03) * (t - 0.5)
    side = [rng.normal(0, 0.02) * np.cos(2 * np.pi * t + rng.uniform(0, 6.28)) for _ in (0, 1)]
    both = wide * (1 + np.sum(waves, axis=0))
    length = mean.length * float(np.exp(np.clip(rng.normal(0, 0.012), -0.02, 0.02)))
    return Profile(
        length, mean.left * (both + side[0]) - bow - lean, mean.right * (both + side[1]) + bow + lean
    )
