"""Segmentation, end to end: places are proposed and verified, then each margin is traced in its own frame."""

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.candidate import BoneCandidate, JointCandidate
from rickets_rx.segment.locate import locate
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone, Segmentation
from rickets_rx.segment.trace import trace


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
    return tuple(trace(radiograph, bone) if isinstance(bone, BoneCandidate) else bone for bone in joint.bones)
