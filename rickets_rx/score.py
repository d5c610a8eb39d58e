"""The pipeline: one radiograph in, its joints with graded or refused bones out."""

from dataclasses import dataclass

from rickets_rx.errors import Refusal
from rickets_rx.features.registry import Features
from rickets_rx.grade.result import BoneGrade
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone
from rickets_rx.vocabulary import Bone, Joint


@dataclass(frozen=True)
class BoneScore:
    """One bone end: where it is, what was measured, how it was graded."""

    metaphysis: Metaphysis
    features: Features
    grade: BoneGrade


@dataclass(frozen=True)
class JointScore:
    """One wrist or elbow: its bones scored or refused, and their sum where every summed bone is graded."""

    instance: JointInstance
    bones: tuple[BoneScore | RefusedBone, ...]

    def graded(self, bone: Bone) -> BoneScore | None:
        """The score of a bone, None when it was refused or not looked for."""
        for score in self.bones:
            if isinstance(score, BoneScore) and score.metaphysis.bone is bone:
                return score
        return None


@dataclass(frozen=True)
class FilmScore:
    """Everything said of one film; ``refusal`` set means no joint was scored."""

    joints: tuple[JointScore, ...]
    refusal: Refusal | None = None


SUMMED_BONES: dict[Joint, tuple[Bone, Bone]] = {
    Joint.WRIST: (Bone.RADIUS, Bone.ULNA),
    Joint.ELBOW: (Bone.HUMERUS, Bone.RADIUS_PROXIMAL),
}
