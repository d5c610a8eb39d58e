"""Collar: the straight piece of cortex next to the corner, whose presence argues against rickets."""

import numpy as np
import numpy.typing as npt

from rickets_rx.features.common import SHAFT_OFF_FILM
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis

SHORTEST_SIDE = 0.3  # MW of cortex that must be seen (ours)
NEAREST, FURTHEST = (
    0.02,
    0.45,
)  # MW from the corner over which the shape is fitted: its rounding left out (ours)
LONGEST = 0.35  # a longer straight piece is a straight shaft (ours)


def straight_length(side: npt.NDArray[np.float64], frame: BoneFrame) -> float | None:
    """Length (MW) of the straight piece of a side cortex at its corner.

    Best fit of a straight piece followed by a flare (a parabola that may begin with a kink), over the length
    of the straight piece. None where less than `SHORTEST_SIDE` of the cortex is seen.
    """
    vu = frame.from_pixels(side)
    out, depth = np.abs(vu[:, 0]) / 2, vu[0, 1] - vu[:, 1]
    if depth.max() < SHORTEST_SIDE:
        return None
    near = (depth >= NEAREST) & (depth <= FURTHEST)
    lengths = np.arange(0.0, LONGEST + 0.005, 0.01)
    return float(lengths[np.argmin(_misfits(depth[near], out[near], lengths))])


def _misfits(
    depth: npt.NDArray[np.float64], out: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Sums of squares left by straight pieces of each length with a flare behind them, all fitted at once."""
    past = np.maximum(depth - lengths[:, None], 0.0)
    terms = np.stack([np.ones_like(past), past, past**2], axis=2)
    fitted = terms @ (np.linalg.pinv(terms) @ out)[..., None]
    return np.asarray(((out - fitted[..., 0]) ** 2).sum(axis=1))


@register(collar=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Mean length of the collar over both sides (ours); null with ``shaft_off_film``."""
    lengths = [straight_length(side, bone.frame) for side in (bone.shaft_left, bone.shaft_right)]
    seen = [length for length in lengths if length is not None]
    if not seen:
        return {"collar": FeatureValue(None, SHAFT_OFF_FILM)}
    return {"collar": FeatureValue(float(np.mean(seen)))}
