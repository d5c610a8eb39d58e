"""Cupping: how far the smoothed margin lies behind the line between the corners."""

import numpy as np

from rickets_rx.features.common import COARSEST, EvenMargin, even_margin
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis

CENTRAL = 0.8  # share of the width looked at (contract)


def cupping_depth(margin: EvenMargin) -> float:
    """Largest (chord - smoothed margin) over the central 80 % of the width, MW.

    Signed as the contract has it: positive where the margin is concave anywhere, negative where all of it
    lies distal of the chord.
    """
    central = np.abs(margin.x) <= CENTRAL / 2 + 1e-9
    return float(np.max(-margin.smooth(COARSEST)[central]))


@register(cupping=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Cupping of one bone end. Always measurable: a dissolved margin is bridged from its cortical ends."""
    return {"cupping": FeatureValue(cupping_depth(even_margin(bone)))}
