"""Zone of provisional calcification: its density, its continuity, and lucency of the metaphysis behind it."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from rickets_rx.features.common import (
    LEAST_SHOWN,
    NO_CONTRAST,
    OVERLAPPED,
    SHAFT_OFF_FILM,
    References,
    behind,
    even_margin,
    hidden,
    references,
)
from rickets_rx.features.registry import Features, FeatureValue, Unit, all_missing, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis

FloatArray = npt.NDArray[np.float64]

# Depths behind the smoothed margin, MW. Zone and metaphysis are ours, lucency is the contract's. The
# metaphysis is that next to the zone: density along the shaft changes by as much as a zone stands out.
ZONE = (0.0, 0.12)
METAPHYSIS = (0.15, 0.35)
THICKNESS = 3  # samples of 0.01 MW over which a zone is dense (ours)
STRIP = (0.0, 0.10)
REFERENCE = (0.3, 0.6)
CENTRAL = 0.8  # share of the width looked at (ours)
# A ridge stands over the metaphysis, or over its darkest strip: a lucent one lies behind a line that has
# re-formed. All ours, chosen on phantoms (docs/segmentation.md).
RIDGE = 0.05  # share of cortex over soft tissue from which there is a ridge
TROUGH = (0.0, 0.30)
BROAD = 5  # samples of 0.01 MW over which a trough is dark
ALONG = 0.08  # MW along the margin (standard deviation) over which a ridge is averaged against the grain
FAINTEST = 0.1  # reference density over cortex - soft tissue, below which a ratio means nothing (ours)
STEP = 0.01


def zone_over_metaphysis(density: FloatArray, depth: FloatArray, scale: References) -> FloatArray:
    """(zone - metaphysis) / (cortex - soft tissue) of every column.

    The zone is the densest 0.03 MW within 0.12 MW of the margin, the metaphysis the median at 0.15-0.35 MW.

    Parameters
    ----------
    density : ndarray of shape (d, n)
    depth : ndarray of shape (d,)
    scale : References
    """
    zone = uniform_filter1d(density, THICKNESS, axis=0, mode="nearest")[_within(depth, ZONE)].max(axis=0)
    metaphysis = np.median(density[_within(depth, METAPHYSIS)], axis=0)
    return np.asarray((zone - metaphysis) / (scale.cortex - scale.soft))


def ridge_height(density: FloatArray, depth: FloatArray, scale: References) -> FloatArray:
    """(zone - what lies behind it) / (cortex - soft tissue) of every column, averaged by `ALONG`.

    What lies behind is the metaphysis, or the darkest 0.05 MW between zone and 0.30 MW where that is darker.

    Parameters
    ----------
    density : ndarray of shape (d, n)
        Finite; columns and rows `STEP` apart.
    depth : ndarray of shape (d,)
        MW behind the margin, from 0 on.
    scale : References
    """
    calm = gaussian_filter1d(density, ALONG / STEP, axis=1, mode="nearest")
    dense = uniform_filter1d(calm, THICKNESS, axis=0, mode="nearest")
    zone = dense[_within(depth, ZONE)]
    metaphysis = np.median(dense[_within(depth, METAPHYSIS)], axis=0)
    broad = uniform_filter1d(calm, BROAD, axis=0, mode="nearest")[_within(depth, TROUGH)]
    # No strip that reaches out past the zone: there density falls because the bone ends.
    behind_zone = np.arange(len(broad))[:, None] >= zone.argmax(axis=0) + BROAD // 2
    trough = np.where(behind_zone, broad, np.inf).min(axis=0)
    return np.asarray((zone.max(axis=0) - np.minimum(metaphysis, trough)) / (scale.cortex - scale.soft))


def lucency_of(density: FloatArray, depth: FloatArray, scale: References) -> float | None:
    """Density 0-0.1 MW behind the margin over that at 0.3-0.6 MW, less soft tissue; None without bone."""
    near = float(np.nanmean(density[_within(depth, STRIP)])) - scale.soft
    reference = float(np.nanmean(density[_within(depth, REFERENCE)])) - scale.soft
    return near / reference if reference > FAINTEST * (scale.cortex - scale.soft) else None


def _within(depth: FloatArray, limits: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return np.asarray((depth >= limits[0] - 1e-9) & (depth <= limits[1] + 1e-9))


@register(zone_contrast=Unit.RATIO, zone_continuity=Unit.SHARE, lucency=Unit.RATIO)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Zone and lucency of one bone end.

    Soft tissue beside the bone is taken off both densities of a ratio, so that an offset of the greys
    cancels. Null with ``shaft_off_film`` or ``no_contrast``.
    """
    scale = references(radiograph, bone)
    if scale is None:
        return all_missing(("zone_contrast", "zone_continuity", "lucency"), NO_CONTRAST)
    x = np.arange(-CENTRAL / 2, CENTRAL / 2 + STEP / 2, STEP)
    depth = np.arange(0.0, REFERENCE[1] + STEP / 2, STEP)
    density = behind(radiograph, bone, x, depth)
    return _zone(bone, density, x, depth, scale) | {"lucency": _lucency(density, depth, scale)}


def _zone(
    bone: Metaphysis, density: FloatArray, x: FloatArray, depth: FloatArray, scale: References
) -> Features:
    if not np.isfinite(density[depth <= METAPHYSIS[1]]).all():
        return all_missing(("zone_contrast", "zone_continuity"), SHAFT_OFF_FILM)
    known = np.nan_to_num(density)
    over = zone_over_metaphysis(gaussian_filter1d(known, 2.0, axis=1), depth, scale)
    margin = even_margin(bone)
    at = np.clip(np.searchsorted(margin.x, x), 0, len(margin.x) - 1)
    shown = ~hidden(bone, margin)[at]
    ridge = ridge_height(known, depth, scale) > RIDGE
    enough = shown.mean() >= LEAST_SHOWN
    continuity = FeatureValue(float(ridge[shown].mean())) if enough else FeatureValue(None, OVERLAPPED)
    return {"zone_contrast": FeatureValue(float(np.median(over))), "zone_continuity": continuity}


def _lucency(density: FloatArray, depth: FloatArray, scale: References) -> FeatureValue:
    if np.isfinite(density[_within(depth, REFERENCE)]).mean() < 0.5:
        return FeatureValue(None, SHAFT_OFF_FILM)
    value = lucency_of(density, depth, scale)
    return FeatureValue(None, NO_CONTRAST) if value is None else FeatureValue(value)
