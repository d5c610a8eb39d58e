"""From a bone's own millimetres to the limb's and on to film pixels: rotations, mirroring, and pasting
maps."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]


def rotation(degrees: float) -> Matrix:
    """2 x 2 rotation, counter-clockwise in axes x right, y up."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s], [s, c]])


@dataclass(frozen=True)
class Placement:
    """Where a solid stands in its limb: its (0, 0) at ``origin`` (mm), its s axis along ``axis`` degrees.

    ``axis`` is counted counter-clockwise from straight distal (+y of the limb); ``flip`` mirrors x.
    """

    origin: tuple[float, float]
    axis: float = 0.0
    flip: bool = False

    def matrix(self) -> Matrix:
        """3 x 3 homogeneous map from the solid's (x, s) to the limb's (x, y), mm."""
        out = np.eye(3)
        out[:2, :2] = rotation(self.axis) @ np.diag([-1.0 if self.flip else 1.0, 1.0])
        out[:2, 2] = self.origin
        return out

    def point(self, x: float, s: float) -> tuple[float, float]:
        """One point of the solid in the limb's mm."""
        p = self.matrix() @ np.array([x, s, 1.0])
        return float(p[0]), float(p[1])


@dataclass(frozen=True)
class Pose:
    """How a limb lies on the film.

    Parameters
    ----------
    spacing_mm : float
    angle : float
        Degrees the limb is turned, counter-clockwise on the film; 0 has fingers up.
    mirror : bool
        Limb coordinates are those of a left hand seen from its back (thumb to the right); True mirrors.
    anchor : (x, y)
        Film pixels of the limb's (0, 0).
    """

    spacing_mm: float
    angle: float
    mirror: bool
    anchor: tuple[float, float]

    def matrix(self) -> Matrix:
        """3 x 3 homogeneous map from the limb's mm (y up) to film pixels (y down)."""
        turn = rotation(self.angle) @ np.diag([-1.0 if self.mirror else 1.0, 1.0])
        out = np.eye(3)
        out[:2, :2] = np.diag([1.0, -1.0]) @ turn / self.spacing_mm
        out[:2, 2] = self.anchor
        return out


def apply(matrix: Matrix, xy: npt.ArrayLike) -> Matrix:
    """A homogeneous 3 x 3 map on points of shape (..., 2)."""
    points = np.asarray(xy, float)
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])


@dataclass(frozen=True, eq=False)
class Sheet:
    """A map on a solid's own straight grid: values[j, i] at x = x0 + i * pitch, s = s0 + j * pitch (mm)."""

    values: FloatArray
    x0: float
    s0: float
    pitch: float

    def grid_matrix(self) -> Matrix:
        """3 x 3 homogeneous map from (column, row) of the grid to (x, s) in mm."""
        return np.array([[self.pitch, 0, self.x0], [0, self.pitch, self.s0], [0, 0, 1.0]])


def paste(target: FloatArray, sheet: Sheet, to_film: Matrix, mode: str = "add") -> None:
    """Lay a sheet onto a film-sized map in place.

    Parameters
    ----------
    target : ndarray of shape (rows, columns), float32
    to_film : 3 x 3
        From the solid's mm to film pixels.
    mode : str
        "add" sums; "max" keeps the larger value; "label" overwrites where the sheet is not 0 (nearest).
    """
    full = to_film @ sheet.grid_matrix()
    rows, columns = sheet.values.shape
    corners = apply(full, [(0, 0), (columns - 1, 0), (0, rows - 1), (columns - 1, rows - 1)])
    x_low, y_low = np.floor(corners.min(0)).astype(int) - 1
    x_high, y_high = np.ceil(corners.max(0)).astype(int) + 2
    x_low, y_low = max(x_low, 0), max(y_low, 0)
    x_high, y_high = min(x_high, target.shape[1]), min(y_high, target.shape[0])
    if x_low >= x_high or y_low >= y_high:
        return
    shift = np.array([[1, 0, -x_low], [0, 1, -y_low], [0, 0, 1.0]]) @ full
    flags = cv2.INTER_NEAREST if mode == "label" else cv2.INTER_LINEAR
    size = (int(x_high - x_low), int(y_high - y_low))
    piece = cv2.warpAffine(sheet.values, shift[:2], size, flags=flags, borderMode=cv2.BORDER_CONSTANT)
    window = target[y_low:y_high, x_low:x_high]
    if mode == "add":
        window += piece
    elif mode == "max":
        np.maximum(window, piece, out=window)
    else:
        np.copyto(window, piece, where=piece > 0)
