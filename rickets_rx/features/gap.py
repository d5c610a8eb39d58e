"""Gap: thickness of the physis between margin and epiphysis."""

import numpy as np

from rickets_rx.features.common import even_margin
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.metaphysis import Metaphysis

NARROWEST = 0.5  # width of an epiphysis (MW) below which it is a nucleus and no physis is bounded (contract)
TOO_SMALL = "epiphysis_too_small"
NOT_FOUND = "epiphysis_not_found"


@register(gap=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Median distance from margin to epiphysis along u, MW; overlap counts as 0, which is not closure.

    Null with the reason of the missing epiphysis, or ``epiphysis_too_small`` where it is narrower than 0.5
    MW.
    """
    if bone.epiphysis is None:
        return {"gap": FeatureValue(None, bone.epiphysis_reason or NOT_FOUND)}
    outline = bone.frame.from_pixels(bone.epiphysis)
    if np.ptp(outline[:, 0]) / 2 < NARROWEST:
        return {"gap": FeatureValue(None, TOO_SMALL)}
    margin = even_margin(bone)
    distance = near_edge(outline, 2 * margin.x) - margin.h
    seen = np.isfinite(distance)
    if not seen.any():
        return {"gap": FeatureValue(None, NOT_FOUND)}
    return {"gap": FeatureValue(float(np.median(np.maximum(distance[seen], 0.0))))}
