"""A flat canvas on which crude bones are drawn in millimetres, and the film record that training uses.

The crude films are made for shape variety and speed (tens of milliseconds each), not for truth of grey: they
teach the networks where metaphyses lie. Everything about severity comes from the physics phantoms.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.vocabulary import Joint

Array = npt.NDArray[Any]
POINTS = 6
"""Key points of a joint: corner 1, corner 2 and margin middle of its first bone, then of its second."""


class FilmClass(StrEnum):
    """What a film shows, as the refusal head of the first network learns it."""

    OPEN = "open"
    LATERAL = "lateral_view"
    CAST = "cast_or_metal"
    CLOSED = "closed_physis"
    OTHER_PART = "wrong_body_part"
    NO_RADIOGRAPH = "not_a_radiograph"
    OBLIQUE = "oblique"
    CUT_OFF = "cut_off"
    UNDEREXPOSED = "poor_exposure"


FILM_CLASSES = tuple(FilmClass)


@dataclass(frozen=True, eq=False)
class JointTarget:
    """Where one joint lies on a training film.

    Parameters
    ----------
    joint : Joint
    points : ndarray of shape (6, 2)
        See `POINTS`; film pixels; NaN where the bone is not to be reported.
    distal : ndarray of shape (2,)
        Any vector away from the shaft of the first bone.
    """

    joint: Joint
    points: Array
    distal: Array


@dataclass(frozen=True, eq=False)
class TrainingFilm:
    """One film for training: pixels of shape (rows, columns) in any positive unit, denser = higher.

    A film to be refused (``shows`` other than open) may carry joints too: they say where a hasty search
    would look, and are taught as absent.
    """

    pixels: Array
    joints: tuple[JointTarget, ...] = ()
    shows: FilmClass = FilmClass.OPEN


@dataclass
class Canvas:
    """Attenuation drawn on a grid of pixels, with millimetres (x right, y distal) as drawing units.

    Parameters
    ----------
    shape : (rows, columns)
    scale : float
        Pixels per millimetre.
    angle : float
        Radians by which the drawing is turned on the film.
    mirror : bool
    origin : (x, y)
        Pixel of the drawing's origin.
    """

    shape: tuple[int, int]
    scale: float
    angle: float = 0.0
    mirror: bool = False
    origin: tuple[float, float] = (0.0, 0.0)
    bone: Array = field(init=False)
    soft: Array = field(init=False)

    def __post_init__(self) -> None:
        self.bone = np.zeros(self.shape, np.float32)
        self.soft = np.zeros(self.shape, np.float32)
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        turn = np.array([[cos, -sin], [sin, cos]])
        self._matrix = self.scale * turn @ np.diag([-1.0 if self.mirror else 1.0, -1.0])
        self._inverse = np.linalg.inv(self._matrix)

    def to_pixels(self, mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Millimetre points of shape (..., 2) as pixels."""
        return np.asarray(np.asarray(mm, float) @ self._matrix.T + self.origin)

    def to_directions(self, mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Millimetre vectors of shape (..., 2) as pixel vectors."""
        return np.asarray(np.asarray(mm, float) @ self._matrix.T)

    def local(
        self, origin: npt.ArrayLike, axis: npt.ArrayLike, box: tuple[float, float, float, float]
    ) -> tuple[tuple[slice, slice], Array, Array] | None:
        """Coordinates (x across, u along ``axis``) of the pixels around one bone.

        Parameters
        ----------
        origin, axis : (x, y)
            Origin of the bone and its unit axis, millimetres.
        box : (x_min, x_max, u_min, u_max)
            Extent of the bone in its own coordinates, millimetres.

        Returns
        -------
        (slices, x, u), or None where the bone lies off the film
        """
        along = np.asarray(axis, float)
        across = np.array([along[1], -along[0]])
        corners = np.array([(x, u) for x in box[:2] for u in box[2:]])
        pixels = self.to_pixels(np.asarray(origin) + corners[:, :1] * across + corners[:, 1:] * along)
        low = np.maximum(np.floor(pixels.min(0)).astype(int), 0)
        high = np.minimum(np.ceil(pixels.max(0)).astype(int) + 1, self.shape[::-1])
        if (high <= low).any():
            return None
        xs, ys = np.arange(low[0], high[0]), np.arange(low[1], high[1])
        inverse = np.stack([across, along]) @ self._inverse
        dx = (xs - self.to_pixels(origin)[0])[None, :].astype(np.float32)
        dy = (ys - self.to_pixels(origin)[1])[:, None].astype(np.float32)
        x, u = (np.float32(row[0]) * dx + np.float32(row[1]) * dy for row in inverse)
        return (slice(low[1], high[1]), slice(low[0], high[0])), x, u
