"""Texture of the trabeculae behind the margin: coarse over fine."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rickets_rx.features.common import SHAFT_OFF_FILM, TOO_FEW_PIXELS, behind, too_small
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace_filter import blurred

# Patch: depth behind the margin is the contract's; half its width and the bands are ours, MW.
NEAR, FAR, HALF_WIDTH = 0.2, 0.8, 0.25
STEP = 0.005
FINE, COARSE, TREND = 0.01, 0.025, 0.06  # Gaussian sigmas that bound the two bands
FAR_LEAST = 0.5  # shortest patch that still counts


def band_ratio(patch: npt.NDArray[np.float64], step: float) -> float | None:
    """Energy between sigmas 0.025 and 0.06 MW over that between 0.01 and 0.025 MW; None on a flat patch.

    Parameters
    ----------
    patch : ndarray of shape (n, m), finite
    step : float
        MW per sample.
    """
    middle = float(patch.mean())
    fine_grained = (patch - middle).astype(np.float32)
    levels = [blurred(fine_grained, s / step, s / step) for s in (FINE, COARSE, TREND)]
    fine, coarse = (float(np.var(a - b)) for a, b in pairwise(levels))
    return coarse / fine if fine > 1e-12 * max(1.0, middle**2) else None


@register(texture=Unit.RATIO)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Texture 0.2-0.8 MW behind the margin; null with ``too_few_pixels`` or ``shaft_off_film``."""
    if too_small(bone):
        return {"texture": FeatureValue(None, TOO_FEW_PIXELS)}
    x = np.arange(-HALF_WIDTH, HALF_WIDTH + STEP / 2, STEP)
    depth = np.arange(NEAR, FAR + STEP / 2, STEP)
    patch = behind(radiograph, bone, x, depth)
    whole = np.isfinite(patch).all(axis=1)
    rows = len(depth) if whole.all() else int(np.argmin(whole))
    if rows * STEP < FAR_LEAST - NEAR:
        return {"texture": FeatureValue(None, SHAFT_OFF_FILM)}
    value = band_ratio(patch[:rows], STEP)
    return {"texture": FeatureValue(None, "no_contrast") if value is None else FeatureValue(value)}
