"""Collar: the straight piece of cortex next to the corner, whose presence argues against rickets."""

import numpy as np
import numpy.typing as npt

from rickets_rx.features.common import SHAFT_OFF_FILM
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis

DEPARTURE = 0.02  # MW by which the cortex may turn inwards and still be the collar (ours)
SHORTEST_SIDE = 0.3  # MW of cortex that must be seen (ours)
LONGEST = 0.5  # a side that never turns in is a straight shaft; the length is cut here (ours)


def straight_length(side: npt.NDArray[np.float64], frame: BoneFrame) -> float | None:
    """Length (MW) from the corner proximally along which a side cortex keeps its distance from the axis.

    The cortex has left the collar where it lies `DEPARTURE` nearer to the axis than at its widest so far.
    None where less than `SHORTEST_SIDE` of it is seen.
    """
    vu = frame.from_pixels(side)
    out, depth = np.abs(vu[:, 0]) / 2, vu[0, 1] - vu[:, 1]
    if depth.max() < SHORTEST_SIDE:
        return None
    gone = np.nonzero(np.maximum.accumulate(out) - out > DEPARTURE)[0]
    return float(np.clip(depth[gone[0]] if gone.size else depth.max(), 0.0, LONGEST))


@register(collar=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Mean length of the collar over both sides (ours); null with ``shaft_off_film``."""
    lengths = [straight_length(side, bone.frame) for side in (bone.shaft_left, bone.shaft_right)]
    seen = [length for length in lengths if length is not None]
    if not seen:
        return {"collar": FeatureValue(None, SHAFT_OFF_FILM)}
    return {"collar": FeatureValue(float(np.mean(seen)))}
