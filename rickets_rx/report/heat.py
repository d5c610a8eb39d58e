"""What the grading network's answer rests on, laid over the film as a tint."""

import cv2
import numpy as np

from rickets_rx.grade.patch import ACROSS, DISTAL, PROXIMAL
from rickets_rx.radiograph import Radiograph
from rickets_rx.report.bones import ToCanvas
from rickets_rx.report.canvas import Canvas
from rickets_rx.report.palette import SKY_BLUE, VERMILION
from rickets_rx.score import BoneScore
from rickets_rx.vocabulary import Method

FULL = 0.08
"""Change of severity at which a cell has its full colour (ours)."""
OPACITY = 0.55
MEANING = (("network: speaks for disease", VERMILION), ("network: speaks against it", SKY_BLUE))


def rests_on_network(bone: object) -> bool:
    """Whether a bone was graded with the network."""
    return isinstance(bone, BoneScore) and bone.grade.method is not Method.CLASSICAL


def tint(canvas: Canvas, radiograph: Radiograph, bone: BoneScore, to_canvas: ToCanvas) -> None:
    """Colour the cells of a bone end by what smoothing them away does to the network's severity.

    Vermilion where a cell speaks for disease, blue where it speaks against it; nothing where the grade does
    not rest on the network.
    """
    from rickets_rx.grade.cnn import attribution

    if not rests_on_network(bone):
        return
    frame = bone.metaphysis.frame
    cells = attribution(radiograph, frame, bone.metaphysis.bone)
    side = cells.shape[0]
    # Outer corners of the patch: distal left, distal right, proximal left.
    film = frame.to_pixels([-ACROSS, ACROSS, -ACROSS], [DISTAL, DISTAL, -PROXIMAL])
    here = np.array([(-0.5, -0.5), (side - 0.5, -0.5), (-0.5, side - 0.5)], np.float32)
    matrix = cv2.getAffineTransform(here, to_canvas(film).astype(np.float32))
    strength = cv2.warpAffine(cells / FULL, matrix, (canvas.width, canvas.height), flags=cv2.INTER_LINEAR)
    opacity = OPACITY * np.clip(np.abs(strength), 0, 1)[..., None]
    colour = np.where(strength[..., None] > 0, np.array(VERMILION), np.array(SKY_BLUE))
    canvas.rgb[:] = np.round(canvas.rgb * (1 - opacity) + colour * opacity).astype(np.uint8)
