"""Label masks: which pixel belongs to which part of which bone."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis
from rickets_rx.vocabulary import BONE_LABEL, PART_LABEL, Part

FloatArray = npt.NDArray[np.float64]

# Extents in MW, ours.
METAPHYSIS_LENGTH = 0.5  # from the margin proximally
SHAFT_LENGTH = 1.2  # from the margin proximally, or to where the cortices were traced
BAND_WITHOUT_EPIPHYSIS = 0.1  # physis band where no epiphysis bounds it
BAND_LIMIT = 0.35  # the band never reaches further than this from the margin
SHIFT = 4  # sub-pixel bits of cv2.fillPoly


def label_mask(shape: tuple[int, int], instances: Iterable[JointInstance]) -> npt.NDArray[np.uint8]:
    """Labels of every traced bone end.

    The metaphysis reaches from the margin 0.5 MW proximally between the side cortices, the shaft from there
    to 1.2 MW or to where the cortices leave the film. The physis band lies between margin and epiphysis,
    over the width of the epiphysis; without one it is 0.1 MW thick. Where parts overlap, the later of shaft,
    metaphysis, physis, epiphysis wins within a bone, and the later bone over the earlier.

    Parameters
    ----------
    shape : (rows, columns)
    instances : iterable of JointInstance
        Refused bones leave nothing.

    Returns
    -------
    ndarray of shape (rows, columns), uint8
        10 x bone + part (`BONE_LABEL`, `PART_LABEL`), 0 elsewhere.
    """
    mask = np.zeros(shape, np.uint8)
    for instance in instances:
        for bone in instance.bones:
            if isinstance(bone, Metaphysis):
                for part, outline in part_outlines(bone):
                    label = 10 * BONE_LABEL[bone.bone] + PART_LABEL[part]
                    fixed = np.round(outline * 2**SHIFT).astype(np.int32)
                    cv2.fillPoly(mask, [fixed], label, lineType=cv2.LINE_8, shift=SHIFT)
    return mask


def part_outlines(bone: Metaphysis) -> list[tuple[Part, FloatArray]]:
    """Polygons of the parts of one bone end in painting order, pixels; parts not seen are left out."""
    parts = [
        (Part.SHAFT, _trunk(bone, -SHAFT_LENGTH)),
        (Part.METAPHYSIS, _trunk(bone, -METAPHYSIS_LENGTH)),
        (Part.PHYSIS, _band(bone)),
    ]
    if bone.epiphysis is not None:
        parts.append((Part.EPIPHYSIS, bone.epiphysis))
    return [(part, outline) for part, outline in parts if len(outline) >= 3]


def _trunk(bone: Metaphysis, until: float) -> FloatArray:
    """The bone from its margin down to ``until`` (MW), bounded by the side cortices."""
    left, right = (_down_to(side, bone.frame, until) for side in (bone.shaft_left, bone.shaft_right))
    return np.concatenate([left[::-1], bone.margin, right])


def _down_to(side: FloatArray, frame: BoneFrame, until: float) -> FloatArray:
    """A side cortex from its corner to where it passes ``until``, the crossing interpolated."""
    u = frame.from_pixels(side)[:, 1]
    beyond = np.nonzero(u < until)[0]
    if beyond.size == 0 or beyond[0] == 0:
        return side if beyond.size == 0 else side[:1]
    i = int(beyond[0])
    share = (u[i - 1] - until) / (u[i - 1] - u[i])
    return np.concatenate([side[:i], [side[i - 1] + share * (side[i] - side[i - 1])]])


def _band(bone: Metaphysis) -> FloatArray:
    """The physis band as a polygon; empty where the epiphysis leaves no room."""
    vu = bone.frame.from_pixels(bone.margin)
    if bone.epiphysis is None:
        far = vu + np.array([0.0, BAND_WITHOUT_EPIPHYSIS])
    else:
        near = near_edge(bone.frame.from_pixels(bone.epiphysis), vu[:, 0])
        open_there = np.isfinite(near) & (near > vu[:, 1])
        vu, near = vu[open_there], near[open_there]
        far = np.stack([vu[:, 0], np.minimum(near, vu[:, 1] + BAND_LIMIT)], axis=1)
    outline = np.concatenate([vu, far[::-1]])
    return bone.frame.to_pixels(outline[:, 0], outline[:, 1])


def near_edge(outline: FloatArray, v: FloatArray) -> FloatArray:
    """Least u of a closed outline at each v; NaN where the outline does not reach.

    Parameters
    ----------
    outline : ndarray of shape (k, 2)
        (v, u), closed without repeated end point.
    v : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
    """
    start, end = outline, np.roll(outline, -1, axis=0)
    low, high = np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0])
    crosses = (low[None, :] <= v[:, None]) & (v[:, None] <= high[None, :]) & (high > low)[None, :]
    share = (v[:, None] - start[None, :, 0]) / np.where(high > low, end[:, 0] - start[:, 0], 1.0)[None, :]
    u = start[None, :, 1] + share * (end[:, 1] - start[:, 1])[None, :]
    least = np.where(crosses, u, np.inf).min(axis=1)
    return np.where(np.isfinite(least), least, np.nan)
