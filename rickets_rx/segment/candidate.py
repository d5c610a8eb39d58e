"""What the search for places hands to the tracing of margins: joints with approximate corners."""

from dataclasses import dataclass

from rickets_rx.errors import Refusal
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.vocabulary import Bone, Joint, View


@dataclass(frozen=True)
class BoneCandidate:
    """Approximate place of one metaphysis, pixels of the original film.

    Parameters
    ----------
    corner1, corner2 : (x, y)
        Ulnar (medial) corner and the other.
    margin_mid : (x, y), optional
        The margin above the middle of the chord, where the search saw it.
    distal : (x, y)
        Vector pointing away from the shaft (any length).
    confidence : float
        0-1.
    """

    bone: Bone
    corner1: tuple[float, float]
    corner2: tuple[float, float]
    distal: tuple[float, float]
    confidence: float
    margin_mid: tuple[float, float] | None = None


@dataclass(frozen=True)
class JointCandidate:
    """One wrist or elbow found on the film; a doubtful bone in it is refused alone."""

    joint: Joint
    bones: tuple[BoneCandidate | RefusedBone, ...]
    confidence: float
    view: View | None = None


@dataclass(frozen=True)
class Places:
    """Every joint found, left to right on the film, or the refusal of the whole film."""

    joints: tuple[JointCandidate, ...] = ()
    refusal: Refusal | None = None
