"""Quantiles by sorting: numpy sorts float32 in a tenth of the time that its own quantiles take to select."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def quantile_of_sorted(ordered: npt.NDArray[np.floating], share: float) -> FloatArray:
    """Quantile along the last axis of ascending values, interpolated as `numpy.quantile` does it.

    Parameters
    ----------
    ordered : ndarray of shape (..., n), n >= 1
        Ascending along the last axis.
    share : float
        0-1.

    Returns
    -------
    ndarray of shape (...)
    """
    at = share * (ordered.shape[-1] - 1)
    low = int(at)
    first = ordered[..., low].astype(np.float64)
    second = ordered[..., min(low + 1, ordered.shape[-1] - 1)].astype(np.float64)
    part = at - low
    # From the nearer end, so that both ends are met exactly (as numpy does).
    if part < 0.5:
        return np.asarray(first + (second - first) * part)
    return np.asarray(second - (second - first) * (1 - part))


def percentiles(values: npt.NDArray[np.float32], *percents: float) -> list[np.float64]:
    """Percentiles of a whole picture, to the bit those of ``numpy.percentile(values, percents)``.

    Parameters
    ----------
    values : ndarray, float32, not empty
    *percents : float
        0-100.
    """
    ordered = np.sort(values, axis=None)
    found = []
    for percent in percents:
        at = (ordered.size - 1) * (percent / 100)
        first, second = ordered[int(at)], ordered[min(int(at) + 1, ordered.size - 1)]
        part, apart = np.float64(at - int(at)), second - first
        found.append(first + apart * part if part < 0.5 else second - apart * (1 - part))
    return found


def medians(values: npt.NDArray[np.floating]) -> FloatArray:
    """Median along the last axis (see `quantile_of_sorted`)."""
    return quantile_of_sorted(np.sort(values, axis=-1), 0.5)


def normalised(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Greys scaled so that the 0.5 and 99.5 percentiles become 0 and 1, clipped; all 0 where they are one."""
    ordered = np.sort(grey, axis=None)
    low, high = (quantile_of_sorted(ordered, share) for share in (0.005, 0.995))
    if high <= low:
        return np.zeros_like(grey)
    return np.asarray(np.clip((grey - low) / (high - low), 0, 1), dtype=np.float32)
