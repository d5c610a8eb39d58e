"""What segmentation gives: metaphyses with their geometry, refused bones, and the joints they belong to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.errors import Refusal
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Flag, Joint, Side, View

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Metaphysis:
    """One bone end on one film. Pixels of the original file, x right, y down.

    Parameters
    ----------
    bone : Bone
    frame : BoneFrame
        Carries corner1 (ulnar or medial), corner2 and the distal axis.
    margin : ndarray of shape (n, 2)
        The 50 % line from corner1's side to corner2's side, sub-pixel. n >= 2.
    envelope : ndarray of shape (m, 2)
        Outer limit of any bone density, equal to ``margin`` on a clean end.
    clean : ndarray of shape (n,), bool
        Where along ``margin`` a clear edge was found; False where the curve is bridged.
    confidence : float
        0-1, of the place (not of the grade).
    epiphysis : ndarray of shape (k, 2), optional
        Closed outline without repeated end point.
    epiphysis_reason : str, optional
        Why there is no outline (``epiphysis_not_ossified``, ``epiphysis_not_found``, ``off_film``).
    shaft_left, shaft_right : ndarray of shape (s, 2)
        Outer cortices on the corner1 and corner2 side, from the corner proximally.
    flags : tuple of Flag
    near_face : ndarray of shape (j, 2), optional
        The epiphysis' near edge where the margin's network is sure of it, pixels, from corner1's side on.
    """

    bone: Bone
    frame: BoneFrame
    margin: Points
    envelope: Points
    clean: npt.NDArray[np.bool_]
    confidence: float
    shaft_left: Points
    shaft_right: Points
    epiphysis: Points | None = None
    epiphysis_reason: str | None = None
    flags: tuple[Flag, ...] = ()
    near_face: Points | None = None

    @property
    def corner1(self) -> tuple[float, float]:
        return self.frame.corner1

    @property
    def corner2(self) -> tuple[float, float]:
        return self.frame.corner2

    @property
    def margin_mid(self) -> tuple[float, float]:
        """The point of the margin above the middle of the chord (v = 0), pixels."""
        vu = self.frame.from_pixels(self.margin)
        order = np.argsort(vu[:, 0], kind="stable")
        u = float(np.interp(0.0, vu[order, 0], vu[order, 1]))
        x, y = self.frame.to_pixels(0.0, u)
        return float(x), float(y)


@dataclass(frozen=True)
class RefusedBone:
    """A bone that was looked for and is not scored, with its corners where they were found."""

    bone: Bone
    refusal: Refusal
    corner1: tuple[float, float] | None = None
    corner2: tuple[float, float] | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class JointInstance:
    """One wrist or elbow on a film. ``index`` counts from 1 in reading order (left to right on the film)."""

    joint: Joint
    index: int
    bones: tuple[Metaphysis | RefusedBone, ...]
    side: Side | None = None
    view: View | None = None

    def __post_init__(self) -> None:
        wrong = [b.bone for b in self.bones if JOINT_OF_BONE[b.bone] is not self.joint]
        if wrong:
            raise ValueError(f"{wrong} do not belong to a {self.joint}")


@dataclass(frozen=True)
class Segmentation:
    """All joints of a film, or the refusal of the whole film (then ``instances`` is empty)."""

    instances: tuple[JointInstance, ...] = ()
    refusal: Refusal | None = None
