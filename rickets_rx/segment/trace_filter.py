"""Blurs and quantiles of small float32 pictures: those of scipy and numpy in a fifth of their time."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]


def blurred(picture: Picture, down: float, across: float) -> Picture:
    """Gaussian blur as `scipy.ndimage.gaussian_filter` has it (4 sigmas, mirrored borders), in float32.

    Parameters
    ----------
    picture : ndarray of shape (n, m), float32
        Finite.
    down, across : float
        Standard deviations along the columns and along the rows, samples; 0 blurs not.
    """
    kernels = _kernel(float(across)), _kernel(float(down))
    return np.asarray(cv2.sepFilter2D(picture, -1, *kernels, borderType=cv2.BORDER_REFLECT), np.float32)


@lru_cache(maxsize=256)
def _kernel(sigma: float) -> FloatArray:
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-9)) ** 2)
    return np.asarray(weights / weights.sum())


def quantile_of_sorted(ordered: npt.NDArray[np.floating], share: float) -> FloatArray:
    """Quantile along the last axis of ascending values, interpolated as `numpy.quantile` does it.

    Sorting float32 and reading both ends costs a tenth of numpy's selection.

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


def medians(values: npt.NDArray[np.floating]) -> FloatArray:
    """Median along the last axis (see `quantile_of_sorted`)."""
    return quantile_of_sorted(np.sort(values, axis=-1), 0.5)
