"""The grading network at run time: a patch in, severity with its spread out, and what the answer rests on."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.grade.interval import Reading
from rickets_rx.grade.patch import SIDE, network_input, raw_patch, shaft_patch
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.network import run
from rickets_rx.vocabulary import Bone

Array = npt.NDArray[np.float32]

BONES = (Bone.RADIUS, Bone.ULNA, Bone.HUMERUS, Bone.RADIUS_PROXIMAL)
"""Bones that the network knows, in the order of its second input."""
LEVELS = 20
"""Ordinal answers: share k is how sure the network is that severity lies above (k + 0.5) / 20."""
ORDINARY = 0.1
"""Spread of severity that counts as 1 (ours)."""
LEAST_SPREAD = 0.02
"""No answer is surer than this (ours)."""
CELLS = 12
"""Cells on each side of the attribution map (ours)."""


def network_shares(radiograph: Radiograph, frame: BoneFrame, bone: Bone) -> Array:
    """Answers of the network for one bone end, shape (20,), 0-1, falling."""
    return answers(network_input(raw_patch(radiograph, frame))[None], [bone])[0]


def answers(batch: Array, bones: Sequence[Bone]) -> Array:
    """Answers for patches of shape (n, 2, 96, 96), one bone each; shape (n, 20), made to fall where they do
    not.
    """
    (shares,) = run("grade", batch, told(bones))
    return np.asarray(np.minimum.accumulate(shares, axis=1), np.float32)


def told(bones: Sequence[Bone]) -> Array:
    """Bones as the network is told them: one 1 a row (none for any other bone), shape (n, 4)."""
    return np.array([[bone is other for other in BONES] for bone in bones], np.float32)


def mimic_share(radiograph: Radiograph, frame: BoneFrame) -> float:
    """How sure the second network is, 0-1, that a fracture or a lesion lies behind the bone end."""
    (share,) = run("shaft", network_input(shaft_patch(radiograph, frame))[None])
    return float(share[0])


def severity_of(shares: Array) -> float:
    """Expected severity: the integral of the chance to lie above t, over t from 0 to 1 (midpoint rule)."""
    return float(np.mean(shares))


def spread_of(shares: Array) -> float:
    """Standard deviation of severity as the shares imply it: E(s^2) is the integral of 2 t P(s > t)."""
    at = (np.arange(len(shares)) + 0.5) / len(shares)
    square = float(np.mean(2 * at * shares)) - severity_of(shares) ** 2
    return max(LEAST_SPREAD, float(np.sqrt(max(square, 0.0))))


def read_shares(shares: Array) -> Reading:
    """Severity with its spread, before calibration."""
    value = severity_of(shares)
    return Reading(value, value, value, spread_of(shares) / ORDINARY)


def attribution(radiograph: Radiograph, frame: BoneFrame, bone: Bone) -> Array:
    """What the severity rests on: how far it changes where a cell of the patch is smoothed away.

    Occlusion (Zeiler and Fergus 2014): each of 12 x 12 cells, and a soft rim round it, gives way to the
    patch's own blur.

    Returns
    -------
    ndarray of shape (12, 12), float32
        Severity of the patch less that without the cell; distal row first, corner1 left. Positive: the cell
        speaks for disease.
    """
    patch = raw_patch(radiograph, frame)
    blurred = np.asarray(cv2.GaussianBlur(patch, (0, 0), SIDE / 8), np.float32)
    at = (np.arange(SIDE) + 0.5) / SIDE * CELLS - 0.5
    near = np.exp(-0.5 * ((at[None, :] - np.arange(CELLS)[:, None]) / 0.6) ** 2).astype(np.float32)
    batch = [network_input(patch)]
    for row in near:
        for column in near:
            cover = row[:, None] * column[None, :]
            batch.append(network_input(patch + (blurred - patch) * cover))
    value = answers(np.stack(batch), [bone] * len(batch)).mean(axis=1)
    return np.asarray((value[0] - value[1:]).reshape(CELLS, CELLS), np.float32)
