"""Unevenness: irregularity of the margin at waves that half-scale films still resolve."""

import numpy as np

from rickets_rx.features.common import COARSEST, EvenMargin, even_margin
from rickets_rx.features.fraying import central
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis

# Shortest wave counted, MW (ours): more than a pixel of the narrowest bone that is traced, 24 px.
SHORTEST = 0.05


def unevenness_rms(margin: EvenMargin) -> float:
    """Root mean square of the margin between waves of 5 % and 15 % of MW over its central 85 %, MW."""
    waves = margin.smooth(SHORTEST) - margin.smooth(COARSEST)
    return float(np.sqrt(np.mean(waves[central(margin)] ** 2)))


@register(unevenness=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Unevenness of one bone end; ours, no feature of the contract. Always measurable, as the margin is."""
    return {"unevenness": FeatureValue(unevenness_rms(even_margin(bone)))}
