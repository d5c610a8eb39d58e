"""The pipeline: one radiograph in, its joints with graded or refused bones out."""

from dataclasses import dataclass, replace

from rickets_rx.errors import Refusal
from rickets_rx.features.registry import Features
from rickets_rx.grade.result import BoneGrade
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone
from rickets_rx.vocabulary import Bone, Joint, Method, RefusalReason


@dataclass(frozen=True)
class BoneScore:
    """One bone end: where it is, what was measured, how it was graded."""

    metaphysis: Metaphysis
    features: Features
    grade: BoneGrade


@dataclass(frozen=True)
class Total:
    """Sum of the two summed bones of one joint, 0-4 in halves, with its own 90 % interval (`grade.total`)."""

    grade: float
    low: float
    high: float


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

    def total(self) -> Total | None:
        """Wrist RSS (radius + ulna), or the exploratory elbow sum; None unless both bones are graded."""
        from rickets_rx.grade.total import summed

        pair = [self.graded(bone) for bone in SUMMED_BONES[self.instance.joint]]
        grades = [score.grade for score in pair if score is not None]
        if len(grades) < len(pair):
            return None
        return Total(sum(g.grade for g in grades), *summed(grades, self.instance.joint))


@dataclass(frozen=True)
class FilmScore:
    """Everything said of one film; ``refusal`` set means no joint was scored."""

    joints: tuple[JointScore, ...]
    refusal: Refusal | None = None


SUMMED_BONES: dict[Joint, tuple[Bone, Bone]] = {
    Joint.WRIST: (Bone.RADIUS, Bone.ULNA),
    Joint.ELBOW: (Bone.HUMERUS, Bone.RADIUS_PROXIMAL),
}


DEFAULT_METHOD = Method.FUSED
"""What grades where nothing else is asked for (docs/grades.md says why)."""


def score_radiograph(radiograph: Radiograph, method: Method = DEFAULT_METHOD) -> FilmScore:
    """Find, measure and grade every metaphysis of one film.

    Parameters
    ----------
    radiograph : Radiograph
    method : Method
        Who grades: the features, the network, or both.

    Returns
    -------
    FilmScore
        Refused as a whole, or one `JointScore` per wrist or elbow, left to right on the film. A bone that
        cannot be scored is refused alone.
    """
    from rickets_rx.segment.pipeline import segment

    segmentation = segment(radiograph)
    joints = tuple(_score_joint(radiograph, instance, method) for instance in segmentation.instances)
    return FilmScore(joints, segmentation.refusal)


def score_classical(radiograph: Radiograph) -> FilmScore:
    """`score_radiograph` by the features alone."""
    return score_radiograph(radiograph, Method.CLASSICAL)


def score_cnn(radiograph: Radiograph) -> FilmScore:
    """`score_radiograph` by the network alone."""
    return score_radiograph(radiograph, Method.CNN)


def score_fused(radiograph: Radiograph) -> FilmScore:
    """`score_radiograph` by features and network together."""
    return score_radiograph(radiograph, Method.FUSED)


SCORERS = {Method.CLASSICAL: score_classical, Method.CNN: score_cnn, Method.FUSED: score_fused}
"""One function a method, so that workers can be told by name which one runs."""


def _score_joint(radiograph: Radiograph, instance: JointInstance, method: Method) -> JointScore:
    bones = tuple(
        _score_found(radiograph, bone, method) if isinstance(bone, Metaphysis) else bone
        for bone in instance.bones
    )
    return JointScore(instance, with_guards(bones))


def _score_found(radiograph: Radiograph, metaphysis: Metaphysis, method: Method) -> BoneScore | RefusedBone:
    """`score_bone`, unless a fracture or lesion lies behind the bone end.

    Of a bone that a reader has mended, the reader judges that.
    """
    from rickets_rx.grade.guards import mimicked

    mimic = mimicked(radiograph, metaphysis)
    return score_bone(radiograph, metaphysis, method) if mimic is None else _refused(metaphysis, mimic)


def score_bone(
    radiograph: Radiograph, metaphysis: Metaphysis, method: Method = DEFAULT_METHOD
) -> BoneScore | RefusedBone:
    """Measure and grade one metaphysis, without looking at its neighbour."""
    from rickets_rx.features import measure_all
    from rickets_rx.grade.methods import grade_metaphysis

    features = measure_all(radiograph, metaphysis)
    grade = grade_metaphysis(radiograph, metaphysis, features, method)
    if grade is None:
        shapeless = Refusal(RefusalReason.AMBIGUOUS, "the shape of the margin could not be measured")
        return _refused(metaphysis, shapeless)
    return BoneScore(metaphysis, features, grade)


def _refused(metaphysis: Metaphysis, refusal: Refusal) -> RefusedBone:
    return RefusedBone(
        metaphysis.bone, refusal, metaphysis.corner1, metaphysis.corner2, metaphysis.confidence
    )


def with_guards(bones: tuple[BoneScore | RefusedBone, ...]) -> tuple[BoneScore | RefusedBone, ...]:
    """Guards that need both bones of a wrist: the concave ulna beside a normal radius."""
    from rickets_rx.grade.guards import guard_ulna

    scored = {score.metaphysis.bone: score for score in bones if isinstance(score, BoneScore)}
    ulna, radius = scored.get(Bone.ULNA), scored.get(Bone.RADIUS)
    if ulna is None:
        return bones
    guarded = guard_ulna(ulna.grade, ulna.features, radius.grade if radius else None)
    return tuple(replace(ulna, grade=guarded) if score is ulna else score for score in bones)
