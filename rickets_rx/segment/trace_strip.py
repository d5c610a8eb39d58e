"""A strip of film along a curve: profiles along the curve's outward normals."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from rickets_rx.segment.frame import sample_on

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strip:
    """Profiles of the film across a curve.

    Parameters
    ----------
    base : ndarray of shape (n, 2)
        Points of the curve, pixels.
    normals : ndarray of shape (n, 2)
        Unit vectors pointing away from the bone.
    offsets : ndarray of shape (m,)
        Distances along the normals, pixels, ascending: negative inside the bone.
    values : ndarray of shape (n, m), float32
        The film there; the nearest value on film where ``on_film`` is False.
    on_film : ndarray of shape (n, m), bool
    """

    base: FloatArray
    normals: FloatArray
    offsets: FloatArray
    values: npt.NDArray[np.float32]
    on_film: npt.NDArray[np.bool_]

    def points(self, index: npt.ArrayLike) -> FloatArray:
        """Pixels at one fractional offset index per profile, shape (n, 2)."""
        t = np.interp(np.asarray(index, float), np.arange(len(self.offsets)), self.offsets)
        return np.asarray(self.base + t[:, None] * self.normals)


def resampled(points: FloatArray, step: float) -> FloatArray:
    """The polyline at equal steps of about ``step``, both ends kept; shape (k, 2), k >= 2."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    count = max(2, int(np.ceil(length[-1] / step)) + 1)
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, points[:, 0]), np.interp(at, length, points[:, 1])], axis=1)


def smoothed(points: FloatArray, sigma: float) -> FloatArray:
    """The polyline after a Gaussian of ``sigma`` samples; its ends keep their place (odd reflection)."""
    if sigma <= 0 or len(points) < 3:
        return points.copy()
    pad = min(len(points) - 1, int(np.ceil(4 * sigma)))
    head = 2 * points[0] - points[pad:0:-1]
    tail = 2 * points[-1] - points[-2 : -pad - 2 : -1]
    return np.asarray(gaussian_filter1d(np.concatenate([head, points, tail]), sigma, axis=0)[pad:-pad])


def normals_of(points: FloatArray, *, outside: FloatArray) -> FloatArray:
    """Unit normals of a polyline, all on the side that points to ``outside`` at the middle of the curve."""
    tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-12)[:, None]
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    return np.asarray(normal if float(normal[len(normal) // 2] @ outside) >= 0 else -normal)


def sample_strip(
    pixels: npt.NDArray[np.float32], base: FloatArray, normals: FloatArray, offsets: FloatArray
) -> Strip:
    """Sample the film along the normals of a curve, bilinear."""
    x, y = ((base[:, k, None] + offsets * normals[:, k, None]).astype(np.float32) for k in (0, 1))
    values = sample_on(pixels, x, y)
    on_film = np.isfinite(values)
    if not on_film.all():
        fill = float(values[on_film].min()) if on_film.any() else 0.0
        values = _filled(values, on_film, fill)
    return Strip(base, normals, offsets, values, on_film)


def _filled(
    values: npt.NDArray[np.float32], on_film: npt.NDArray[np.bool_], fallback: float
) -> npt.NDArray[np.float32]:
    """Nearest value on film along each profile, so that the film's border makes no edge of its own."""
    columns = np.arange(values.shape[1])
    for row in np.nonzero(~on_film.all(axis=1))[0]:
        good = np.nonzero(on_film[row])[0]
        if good.size == 0:
            values[row] = fallback
        else:
            nearest = good[np.argmin(np.abs(columns[:, None] - good[None, :]), axis=1)]
            values[row] = values[row, nearest]
    return values
