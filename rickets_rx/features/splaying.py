"""Splaying: metaphyseal width over shaft width at three levels."""

import numpy as np
import numpy.typing as npt

from rickets_rx.features.common import SHAFT_OFF_FILM
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import FloatImage, Radiograph
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.metaphysis import Metaphysis

LEVELS = {"splaying_50": 0.5, "splaying_75": 0.75, "splaying_100": 1.0}  # MW proximal (contract)
WINDOW = 0.03  # MW to either side of a level over which a cortex is averaged (ours)
SLACK = 0.01  # MW by which a cortex may end short of a level
FOOT = 0.25  # share of the cortex' density that marks its outer surface (ours, see `surface_at`)
NEARBY, STEP = 0.08, 0.005  # how far from the traced side the surface is looked for, and how finely, MW


def side_at(side: npt.NDArray[np.float64], frame: BoneFrame, level: float) -> float | None:
    """Place of a side cortex across the bone (MW from the middle of the chord) at ``level`` MW proximal.

    The median over `WINDOW`; None where the cortex does not reach the level on the film.
    """
    vu = frame.from_pixels(side)
    x, u = vu[:, 0] / 2, vu[:, 1]
    if u.min() > -level + SLACK:
        return None
    at = np.linspace(-level - WINDOW, -level + WINDOW, 7)
    order = np.argsort(u, kind="stable")
    return float(np.median(np.interp(at, u[order], x[order])))


def surface_at(
    pixels: FloatImage, side: npt.NDArray[np.float64], frame: BoneFrame, level: float, outwards: float
) -> float | None:
    """Place of the outer surface of a side cortex at ``level``, as `side_at`; that place where it is unclear.

    A ray at the depth x under the surface of a tube crosses it over a length that grows as the square root of
    x, so half of the cortex' density is reached a quarter of its thickness inside, a quarter of it at a
    sixteenth. The traced side is at half; the surface is read at a quarter.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    side : ndarray of shape (k, 2)
        Side cortex from its corner proximally, pixels.
    frame : BoneFrame
    level : float
        MW proximal of the chord.
    outwards : float
        -1 on the side of corner 1, 1 on that of corner 2.
    """
    place = side_at(side, frame, level)
    if place is None:
        return None
    vu = frame.from_pixels(side)
    order = np.argsort(vu[:, 1], kind="stable")
    rows = np.linspace(-level - WINDOW, -level + WINDOW, 13)
    at = np.interp(rows, vu[order, 1], vu[order, 0] / 2)
    t = np.arange(-NEARBY, NEARBY + STEP / 2, STEP)
    around = sample_at(pixels, frame.to_pixels(2 * (at[:, None] + outwards * t), rows[:, None]))
    if not np.isfinite(around).any(axis=0).all():
        return place
    return place + outwards * _foot(np.nanmean(around, axis=0).astype(np.float64), t)


def _foot(profile: npt.NDArray[np.float64], t: npt.NDArray[np.float64]) -> float:
    """Where a profile that goes outwards falls through `FOOT` of its cortex, nearest outside t = 0."""
    middle = int(np.searchsorted(t, 0.0))
    bone, flesh = profile[: middle + 2].max(), profile[middle:].min()
    if bone <= flesh:
        return 0.0
    share = (profile - flesh) / (bone - flesh)
    i = middle + int(np.argmax(share[middle:] <= FOOT))
    while share[i - 1] <= FOOT and i > 1:
        i -= 1
    return float(t[i - 1] + (share[i - 1] - FOOT) / max(share[i - 1] - share[i], 1e-9) * (t[i] - t[i - 1]))


@register(splaying_50=Unit.RATIO, splaying_75=Unit.RATIO, splaying_100=Unit.RATIO)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Splaying of one bone end; null with ``shaft_off_film`` where the shaft is not seen that far."""
    values: Features = {}
    for name, level in LEVELS.items():
        left, right = (
            surface_at(radiograph.pixels, side, bone.frame, level, outwards)
            for side, outwards in ((bone.shaft_left, -1.0), (bone.shaft_right, 1.0))
        )
        if left is None or right is None or right <= left:
            values[name] = FeatureValue(None, SHAFT_OFF_FILM)
        else:
            values[name] = FeatureValue(1.0 / (right - left))
    return values
