"""The field of a film on which nothing was found: a frame round it hides a bone end from the networks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.io.field import upright_box
from rickets_rx.quantiles import normalised
from rickets_rx.segment.network import Array, apply_affine, shrink

LOOKED_AT = 300
"""Pixels of the longer side at which frames are looked for (`io.field`)."""


@dataclass(frozen=True)
class Grid:
    """Where the pixels that were searched lie on the original film.

    Parameters
    ----------
    shape : (rows, columns)
        What was searched, in pixels of the original.
    scale : float
        Pixels searched over those of the original.
    start : (x, y)
        Place of its first pixel on the original.
    """

    shape: tuple[int, int]
    scale: float
    start: tuple[float, float] = (0.0, 0.0)

    def local(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Searched pixels as pixels of the original, counted from ``start``; shape (n, 2)."""
        # Pixel centres are integers on both grids, so a shrunken pixel's centre moves by half the difference.
        shift = 0.5 / self.scale - 0.5
        return apply_affine(np.array([[1 / self.scale, 0, shift], [0, 1 / self.scale, shift]]), points)


@dataclass(frozen=True, eq=False)
class Field:
    """A film's field: its pixels, and the column and row at which it begins."""

    film: Array
    left: int
    top: int

    def grid(self, scale: float) -> Grid:
        """The field on the original film, of which the film is ``scale`` times the size."""
        rows, columns = self.film.shape
        return Grid(
            (round(rows / scale), round(columns / scale)), scale, (self.left / scale, self.top / scale)
        )


def field_of(film: Array) -> Field | None:
    """What lies within the frame of a film; None where no frame is seen.

    The white or black of a frame takes up the contrast in which the networks see a bone near it: all four
    elbow phantoms on which no elbow was found lay in frames, and all were surer without
    (docs/segmentation.md).

    Parameters
    ----------
    film : ndarray of shape (rows, columns), float32
        Finite.
    """
    small, scale = shrink(film, LOOKED_AT)
    edges = [(side.start, side.stop) for side in upright_box(normalised(small))]
    if edges == [(0, side) for side in small.shape]:
        return None
    (top, bottom), (left, right) = (
        (round(first / scale), min(round(last / scale), side))
        for (first, last), side in zip(edges, film.shape, strict=True)
    )
    return Field(np.ascontiguousarray(film[top:bottom, left:right]), left, top)
