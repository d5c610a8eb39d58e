"""The frame of one bone end: origin in the middle of the chord, v along it, u distally."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# cv2.remap wants both sides of a map under 32767, so that a long list is folded into rows.
LONGEST_MAP, ROW = 32767, 4096


@dataclass(frozen=True)
class BoneFrame:
    """Maps between pixels and the bone's own coordinates.

    v runs along the chord from corner1 (-1) to corner2 (+1), in units of half the metaphyseal width.
    u is perpendicular to it, positive distally, in units of the whole metaphyseal width (MW), so that
    every length of the contract ("fractions of MW") reads off directly.

    Parameters
    ----------
    corner1, corner2 : (x, y)
        Ulnar (medial) and the other corner of the metaphysis, pixels.
    distal : (x, y)
        Any vector with a positive component towards the distal side (away from the shaft).
    """

    corner1: tuple[float, float]
    corner2: tuple[float, float]
    distal: tuple[float, float]

    def __post_init__(self) -> None:
        if self.width <= 0:
            raise ValueError("the corners of a metaphysis must be two different points")

    @cached_property
    def width(self) -> float:
        """Metaphyseal width MW = |corner1 corner2|, pixels."""
        return float(np.hypot(self.corner2[0] - self.corner1[0], self.corner2[1] - self.corner1[1]))

    @cached_property
    def origin(self) -> FloatArray:
        """Middle of the chord, (x, y) in pixels."""
        return (np.asarray(self.corner1, float) + np.asarray(self.corner2, float)) / 2

    @cached_property
    def across(self) -> FloatArray:
        """Unit vector along the chord from corner1 to corner2."""
        return (np.asarray(self.corner2, float) - np.asarray(self.corner1, float)) / self.width

    @cached_property
    def axis(self) -> FloatArray:
        """Unit vector perpendicular to the chord, pointing distally."""
        normal = np.array([-self.across[1], self.across[0]])
        return normal if float(normal @ np.asarray(self.distal, float)) >= 0 else -normal

    def to_pixels(self, v: npt.ArrayLike, u: npt.ArrayLike) -> FloatArray:
        """Points of the frame as pixels; broadcasts v (half widths) and u (widths) to shape (..., 2)."""
        v, u = np.asarray(v, float), np.asarray(u, float)
        xy = np.empty((*np.broadcast_shapes(v.shape, u.shape), 2))
        for k in (0, 1):
            # In this order the smaller of both arrays carries most of the arithmetic.
            along = self.origin[k] + v * (self.across[k] * self.width / 2)
            np.add(along, u * (self.axis[k] * self.width), out=xy[..., k])
        return xy

    def from_pixels(self, xy: npt.ArrayLike) -> FloatArray:
        """Pixels of shape (..., 2) as (v, u) of shape (..., 2)."""
        d = np.asarray(xy, float) - self.origin
        return np.stack([d @ self.across / (self.width / 2), d @ self.axis / self.width], axis=-1)

    def sample(
        self, pixels: npt.NDArray[np.float32], v: npt.ArrayLike, u: npt.ArrayLike
    ) -> npt.NDArray[np.float32]:
        """The film seen in the bone's frame, bilinear.

        Parameters
        ----------
        pixels : ndarray of shape (rows, columns), float32
        v : array of shape (nv,), half widths
        u : array of shape (nu,), widths

        Returns
        -------
        ndarray of shape (nu, nv), float32
            NaN where the point lies off the film.
        """
        xy = self.to_pixels(np.asarray(v, float)[None, :], np.asarray(u, float)[:, None])
        return sample_at(pixels, xy)


def sample_at(pixels: npt.NDArray[np.float32], xy: FloatArray) -> npt.NDArray[np.float32]:
    """Bilinear values of ``pixels`` at points ``xy`` of shape (..., 2); NaN off the film."""
    return sample_on(pixels, xy[..., 0].astype(np.float32), xy[..., 1].astype(np.float32))


def sample_on(
    pixels: npt.NDArray[np.float32], x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """`sample_at` for coordinates of any one shape, already in float32."""
    if x.size == 0:
        return np.zeros(x.shape, np.float32)
    flat = x.ndim != 2 or max(x.shape) >= LONGEST_MAP
    maps = (_folded(x), _folded(y)) if flat else (np.ascontiguousarray(x), np.ascontiguousarray(y))
    out = cv2.remap(pixels, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    values = np.asarray(out, np.float32).reshape(-1)[: x.size].reshape(x.shape)
    height, width = pixels.shape
    # Most maps lie on the film: four extremes tell it sooner than a mask.
    if not (x.min() >= 0 and y.min() >= 0 and x.max() <= width - 1 and y.max() <= height - 1):
        values[(x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)] = np.nan
    return values


def _folded(along: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Coordinates of any shape as the rows of a map that cv2.remap takes."""
    rows = -(-along.size // ROW)
    if rows == 1:
        return along.reshape(1, -1)
    padded = np.full(rows * ROW, -10, np.float32)
    padded[: along.size] = along.reshape(-1)
    return padded.reshape(rows, ROW)
