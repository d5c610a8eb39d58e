"""Where on a bone a measured length is shown: the cupping depth and the gap as short marks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.features.registry import Features
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.metaphysis import Metaphysis

Points = npt.NDArray[np.float64]

# The contract measures cupping over the central 80 % of the chord.
_CENTRAL = 0.8


@dataclass(frozen=True, eq=False)
class Mark:
    """A measured length on the film.

    Parameters
    ----------
    name : str
        The feature.
    ends : ndarray of shape (2, 2)
        (x, y) in pixels of the film.
    value : float
        The feature's own value, fraction of MW. The mark shows where, the value says how much:
        the drawn length is that of the unsmoothed margin.
    """

    name: str
    ends: Points
    value: float


def _ordered(metaphysis: Metaphysis) -> Points:
    vu = metaphysis.frame.from_pixels(metaphysis.margin)
    return np.asarray(vu[np.argsort(vu[:, 0], kind="stable")])


def cupping_mark(metaphysis: Metaphysis, features: Features) -> Mark | None:
    """Chord to margin at the deepest place of the central 80 %; None where cupping was not measured."""
    value = features.get("cupping")
    vu = _ordered(metaphysis)
    vu = vu[np.abs(vu[:, 0]) <= _CENTRAL]
    if value is None or value.value is None or not len(vu):
        return None
    v, u = vu[np.argmin(vu[:, 1])]
    return Mark("cupping", metaphysis.frame.to_pixels([v, v], [0.0, u]), value.value)


def gap_mark(metaphysis: Metaphysis, features: Features) -> Mark | None:
    """Margin to epiphysis where their distance comes nearest to the measured gap; None without either."""
    value = features.get("gap")
    if value is None or value.value is None:
        return None
    vu = _ordered(metaphysis)
    near = _near_side(metaphysis, vu[:, 0])
    distance = near - vu[:, 1]
    if not np.isfinite(distance).any():
        return None
    i = int(np.nanargmin(np.abs(distance - value.value)))
    return Mark("gap", metaphysis.frame.to_pixels(vu[[i, i], 0], [vu[i, 1], near[i]]), value.value)


def _near_side(metaphysis: Metaphysis, v: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Near side of the epiphysis (u) at each ``v``, NaN beyond its ends.

    The face that the network saw; where it saw none, the outline, which `features.gap` follows inwards to the
    rise of density, so that the mark may end a hundredth of a width off.
    """
    if metaphysis.near_face is not None:
        face = metaphysis.frame.from_pixels(metaphysis.near_face)
        return np.asarray(np.interp(v, face[:, 0], face[:, 1], left=np.nan, right=np.nan))
    if metaphysis.epiphysis is None:
        return np.full(len(v), np.nan)
    return near_edge(metaphysis.frame.from_pixels(metaphysis.epiphysis), v)


def envelope_differs(metaphysis: Metaphysis, least: float = 0.015) -> bool:
    """Whether the outer envelope leaves the margin anywhere by more than ``least`` MW (ours)."""
    margin = _ordered(metaphysis)
    outer = metaphysis.frame.from_pixels(metaphysis.envelope)
    outer = outer[np.argsort(outer[:, 0], kind="stable")]
    away = outer[:, 1] - np.interp(outer[:, 0], margin[:, 0], margin[:, 1])
    return bool(np.max(away) > least)
