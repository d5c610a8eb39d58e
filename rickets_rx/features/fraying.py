"""Fraying: fine irregularity of the margin, how much of it is frayed, and how sharply density falls there."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from rickets_rx.features.common import (
    COARSEST,
    FINEST,
    GRID,
    LEAST_SHOWN,
    MARGIN_DISSOLVED,
    OVERLAPPED,
    TOO_FEW_PIXELS,
    EvenMargin,
    even_margin,
    hidden,
    too_small,
)
from rickets_rx.features.registry import Features, FeatureValue, Unit, register
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.metaphysis import Metaphysis

FloatArray = npt.NDArray[np.float64]

CENTRAL = 0.85  # share of the width looked at: the rounding of the corners is no fraying (ours)
FRAYED = 0.012  # local RMS (MW) from which a stretch counts as frayed (ours)
LOCAL = 0.15  # length (MW) of the window of the local RMS (ours)
INSIDE, OUTSIDE = 0.15, 0.20  # how far the fall of density is followed, MW (ours)


def roughness(margin: EvenMargin) -> FloatArray:
    """Margin between wavelengths of 2 % and 15 % of MW, at every point of the even grid, MW."""
    return margin.smooth(FINEST) - margin.smooth(COARSEST)


def central(margin: EvenMargin) -> npt.NDArray[np.bool_]:
    """Points of the grid within the central 85 % of the width."""
    return np.asarray(np.abs(margin.x) <= CENTRAL / 2 + 1e-9)


def fraying_rms(margin: EvenMargin) -> float:
    """Root mean square of `roughness` over the central 85 % of the width, MW."""
    return float(np.sqrt(np.mean(roughness(margin)[central(margin)] ** 2)))


def frayed_share(margin: EvenMargin, covered: npt.NDArray[np.bool_] | None = None) -> float | None:
    """Share of the central margin whose local RMS exceeds `FRAYED`, or that has no clean edge; 0-1.

    ``covered`` points, over which the epiphysis lies, are left out; None where too few remain.
    """
    power = uniform_filter1d(roughness(margin) ** 2, round(LOCAL / GRID) | 1)
    # The running sum of the filter can end a hair below 0.
    frayed = (np.sqrt(np.maximum(power, 0.0)) > FRAYED) | ~margin.clean
    shown = central(margin) if covered is None else central(margin) & ~covered
    return float(np.mean(frayed[shown])) if shown.sum() >= LEAST_SHOWN * central(margin).sum() else None


def edge_profiles(
    pixels: npt.NDArray[np.float32], frame: BoneFrame, margin: EvenMargin
) -> tuple[FloatArray, FloatArray]:
    """Density along the normals of the margin, averaged over 0.08 MW along it (ours).

    Returns
    -------
    t : ndarray of shape (m,)
        MW from the margin, positive distally.
    profiles : ndarray of shape (n, m)
        One per clean point of the central margin that lies on the film.
    """
    h = margin.smooth(0.05)
    slope = np.gradient(h, margin.x)
    length = np.hypot(1, slope)
    t = np.arange(-INSIDE, OUTSIDE + GRID / 2, GRID)
    x = margin.x[:, None] - (slope / length)[:, None] * t
    u = h[:, None] + (1 / length)[:, None] * t
    raw = sample_at(pixels, frame.to_pixels(2 * x, u)).astype(np.float64)
    keep = central(margin) & margin.clean & np.isfinite(raw).all(axis=1)
    weight = gaussian_filter1d(keep.astype(float), 0.02 / GRID)
    total = gaussian_filter1d(np.where(keep[:, None], raw, 0.0), 0.02 / GRID, axis=0)
    return t, total[keep] / weight[keep, None]


def fall_lengths(t: FloatArray, profiles: FloatArray) -> FloatArray:
    """Distances over which profiles fall from 90 % to 10 %; those that do not fall are left out.

    From the highest value inside to the lowest beyond; crossings are the ones nearest to the margin.

    Parameters
    ----------
    t : ndarray of shape (m,)
        Ascending, with 0 at the margin.
    profiles : ndarray of shape (n, m)
    """
    middle = int(np.searchsorted(t, 0.0))
    high, low = profiles[:, : middle + 1].max(axis=1), profiles[:, middle:].min(axis=1)
    fallen = high > low
    if not fallen.any():
        return np.zeros(0)
    share = (profiles[fallen] - low[fallen, None]) / (high - low)[fallen, None]
    at = np.arange(len(t))
    lowest = middle + share[:, middle:].argmin(axis=1)
    start = np.where((share >= 0.9) & (at <= lowest[:, None]), at, 0).max(axis=1)
    below = ((share <= 0.1) & (at >= start[:, None])).argmax(axis=1)
    return _cross(t, share, below - 1, 0.1) - _cross(t, share, start, 0.9)


def _cross(t: FloatArray, share: FloatArray, i: npt.NDArray[np.intp], level: float) -> FloatArray:
    """Where each row of ``share`` falls through ``level`` between its samples i and i + 1."""
    rows = np.arange(len(share))
    here, there = share[rows, i], share[rows, i + 1]
    return np.asarray(t[i] + (here - level) / (here - there) * (t[i + 1] - t[i]))


@register(fraying=Unit.WIDTH, fraying_extent=Unit.SHARE, edge_blur=Unit.WIDTH)
def measure(radiograph: Radiograph, bone: Metaphysis) -> Features:
    """Fraying of one bone end; the first two are null (``too_few_pixels``) on a small bone."""
    margin = even_margin(bone)
    blur = FeatureValue(None, MARGIN_DISSOLVED)
    t, profiles = edge_profiles(radiograph.pixels, bone.frame, margin)
    falls = fall_lengths(t, profiles)
    if falls.size:
        blur = FeatureValue(float(np.median(falls)))
    if too_small(bone):
        missing = FeatureValue(None, TOO_FEW_PIXELS)
        return {"fraying": missing, "fraying_extent": missing, "edge_blur": blur}
    extent = frayed_share(margin, hidden(bone, margin))
    return {
        "fraying": FeatureValue(fraying_rms(margin)),
        "fraying_extent": FeatureValue(extent, OVERLAPPED if extent is None else None),
        "edge_blur": blur,
    }
