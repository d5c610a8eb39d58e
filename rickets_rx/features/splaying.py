"""Splaying: metaphyseal width over shaft width at three levels."""

import numpy as np
import numpy.typing as npt

from rickets_rx.features.common import SHAFT_OFF_FILM
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis

LEVELS = {"splaying_50": 0.5, "splaying_75": 0.75, "splaying_100": 1.0}  # MW proximal (contract)
WINDOW = 0.03  # MW to either side of a level over which a cortex is averaged (ours)
SLACK = 0.01  # MW by which a cortex may end short of a level


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


@register(splaying_50=Unit.RATIO, splaying_75=Unit.RATIO, splaying_100=Unit.RATIO)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Splaying of one bone end; null with ``shaft_off_film`` where the shaft is not seen that far."""
    values: Features = {}
    for name, level in LEVELS.items():
        left, right = (side_at(side, bone.frame, level) for side in (bone.shaft_left, bone.shaft_right))
        if left is None or right is None or right <= left:
            values[name] = FeatureValue(None, SHAFT_OFF_FILM)
        else:
            values[name] = FeatureValue(1.0 / (right - left))
    return values
