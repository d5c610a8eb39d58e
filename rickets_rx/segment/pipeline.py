"""Segmentation, end to end: places are proposed and verified, then each margin is traced in its own frame."""

from collections.abc import Sequence
from dataclasses import replace

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.candidate import BoneCandidate, JointCandidate
from rickets_rx.segment.epiphysis import NOT_OSSIFIED
from rickets_rx.segment.locate import locate
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone, Segmentation
from rickets_rx.segment.trace import trace
from rickets_rx.vocabulary import Bone, Flag


def segment(radiograph: Radiograph) -> Segmentation:
    """Every metaphysis of a film, a refusal for each bone that cannot be traced, or for the whole film.

    The side is the film's own (header, manifest or marker): where two joints lie on one film it cannot
    belong to both, and stays empty.
    """
    places = locate(radiograph)
    if places.refusal is not None:
        return Segmentation(refusal=places.refusal)
    alone = len(places.joints) == 1
    instances = tuple(
        JointInstance(
            joint.joint,
            index,
            _trace_bones(radiograph, joint),
            radiograph.side if alone else None,
            joint.view,
        )
        for index, joint in enumerate(places.joints, start=1)
    )
    return Segmentation(instances)


def _trace_bones(radiograph: Radiograph, joint: JointCandidate) -> tuple[Metaphysis | RefusedBone, ...]:
    bones = [trace(radiograph, bone) if isinstance(bone, BoneCandidate) else bone for bone in joint.bones]
    return tuple(in_order_of_ossification(bones))


def in_order_of_ossification(bones: Sequence[Metaphysis | RefusedBone]) -> list[Metaphysis | RefusedBone]:
    """The bones of one wrist without an ulnar epiphysis where the radius has none.

    The distal radius ossifies at about 1 year, the distal ulna at 5-7 years (Greulich and Pyle 1959);
    rickets delays both, but ages vary more than the order does, so an island before the ulna alone is noise.
    A radius whose epiphysis was merely not found says nothing.
    """
    bare = any(
        isinstance(b, Metaphysis) and b.bone is Bone.RADIUS and b.epiphysis_reason == NOT_OSSIFIED
        for b in bones
    )
    return [_without_epiphysis(b) if bare and b.bone is Bone.ULNA else b for b in bones]


def _without_epiphysis(bone: Metaphysis | RefusedBone) -> Metaphysis | RefusedBone:
    """A traced bone with its epiphysis called not ossified; a refused one as it is."""
    if isinstance(bone, RefusedBone) or bone.epiphysis_reason == NOT_OSSIFIED:
        return bone
    flags = tuple(dict.fromkeys((*bone.flags, Flag.NO_EPIPHYSIS)))
    return replace(bone, epiphysis=None, near_face=None, epiphysis_reason=NOT_OSSIFIED, flags=flags)
