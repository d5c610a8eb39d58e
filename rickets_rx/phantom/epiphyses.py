"""An epiphysis as solid and as truth: its mineral map, and the face that it turns to the shaft."""

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.limb import Epiphysis
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.small_bones import Look, Plate, tilted

FACE_PITCH = 0.1
"""Step of the path-length grid from which the face is read, mm."""


def capped(plate: Plate, *, look: Look, seed: int, pitch: float, smear: float = 0.0) -> Epiphysis:
    """The epiphysis of a plate.

    Parameters
    ----------
    pitch : float
        Step of the film's map, mm.
    smear : float
        How far front and back lie apart along the shaft as the beam meets them, mm.
    """
    mineral = tilted(plate.map(pitch=pitch, look=look, seed=seed), smear)
    bare = tilted(plate.map(pitch=FACE_PITCH, look=look, seed=seed, texture=False), smear)
    return Epiphysis(plate, mineral, _face(bare, plate))


def _face(bare: Sheet, plate: Plate) -> npt.NDArray[np.float64]:
    """The 50 % line towards the shaft over the middle four fifths of the plate, (x, s) in mm."""
    x = bare.x0 + bare.pitch * np.arange(bare.values.shape[1])
    s = bare.s0 + bare.pitch * np.arange(bare.values.shape[0])
    keep = np.abs(x - plate.centre) <= 0.4 * plate.width
    x, mineral = x[keep], bare.values[:, keep].astype(float)
    middle, half = plate.body(x)
    inside = np.abs(s[:, None] - middle[None, :]) <= 0.5 * half[None, :]
    level = 0.5 * np.nanmedian(np.where(inside, mineral, np.nan), axis=0)
    first = np.maximum(np.argmax(mineral >= level[None, :], axis=0), 1)
    columns = np.arange(len(x))
    below, above = mineral[first - 1, columns], mineral[first, columns]
    share = np.clip((level - below) / np.maximum(above - below, 1e-9), 0, 1)
    return np.stack([x, s[first - 1] + share * bare.pitch], axis=1)
