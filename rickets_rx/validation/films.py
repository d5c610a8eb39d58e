"""Films with known truth through the whole pipeline: what is true of each bone beside what was said of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rickets_rx.radiograph import Radiograph
from rickets_rx.score import BoneScore, FilmScore, JointScore, score_radiograph
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.validation.parts import Row
from rickets_rx.vocabulary import Bone, Joint

#: Larger corner error, in widths of the bone, up to which a bone counts as found (ours).
FOUND = 0.1
#: Farther than this from its place, in widths, an answer is of another bone (ours).
ELSEWHERE = 0.75
NOT_FOUND = "not_found"


@dataclass(frozen=True)
class TrueBone:
    """What is true of one bone end.

    Parameters
    ----------
    corners : tuple of two (x, y)
        Pixels.
    severity : float or None
        0-1; None where only the grade is known.
    grade : float
        0, 0.5, 1, 1.5 or 2.
    facts : mapping
        More columns for the row, e.g. variant and age.
    """

    bone: Bone
    joint: Joint
    corners: tuple[tuple[float, float], tuple[float, float]]
    severity: float | None
    grade: float
    facts: dict[str, Any]

    @property
    def middle(self) -> np.ndarray:
        return np.mean(self.corners, axis=0)

    @property
    def width(self) -> float:
        return float(np.hypot(*np.subtract(self.corners[1], self.corners[0])))


def scored_film(radiograph: Radiograph, truth: list[TrueBone]) -> Row:
    """Score one film and hold it against its truth.

    Returns
    -------
    Row
        ``bones``: one row a true bone; ``refused``: the film's reason or None; ``scored``: bones graded on
        the film; ``surplus``: graded bones that lie on no true one.
    """
    score = score_radiograph(radiograph)
    rows, used = [], []
    for bone in truth:
        found = _nearest(score, bone)
        rows.append(_row(bone, found, score))
        used += [] if found is None else [id(found)]
    graded = [b for joint in score.joints for b in joint.bones if isinstance(b, BoneScore)]
    return {
        "bones": rows,
        "refused": None if score.refusal is None else str(score.refusal.reason),
        "scored": len(graded),
        "surplus": sum(id(b) not in used for b in graded),
    }


def _places(joint: JointScore) -> Iterator[tuple[BoneScore | RefusedBone, np.ndarray]]:
    """Bones of a joint with their corners, where they have any."""
    for bone in joint.bones:
        geometry = bone.metaphysis if isinstance(bone, BoneScore) else bone
        if geometry.corner1 is not None and geometry.corner2 is not None:
            yield bone, np.array([geometry.corner1, geometry.corner2])


def _nearest(score: FilmScore, truth: TrueBone) -> BoneScore | RefusedBone | None:
    """The answer to a true bone: the bone of its name in the joint that lies nearest to it."""
    best, least = None, ELSEWHERE * truth.width
    for joint in score.joints:
        if joint.instance.joint is not truth.joint:
            continue
        for bone, corners in _places(joint):
            name = bone.metaphysis.bone if isinstance(bone, BoneScore) else bone.bone
            apart = float(np.hypot(*(corners.mean(axis=0) - truth.middle)))
            if name is truth.bone and apart < least:
                best, least = bone, apart
    return best


def _row(truth: TrueBone, found: BoneScore | RefusedBone | None, score: FilmScore) -> Row:
    row: Row = {
        "bone": str(truth.bone), "joint": str(truth.joint), "true_grade": truth.grade,
        "true_severity": _rounded(truth.severity), "width_px": _rounded(truth.width, 1), **truth.facts,
    }  # fmt: skip
    if isinstance(found, BoneScore):
        g = found.grade
        corners = np.array([found.metaphysis.corner1, found.metaphysis.corner2])
        apart = np.hypot(*(corners - np.array(truth.corners)).T).max() / truth.width
        return row | {
            "status": "scored", "grade": g.grade, "grade_low": g.grade_low, "grade_high": g.grade_high,
            "severity": _rounded(g.severity), "severity_low": _rounded(g.severity_low),
            "severity_high": _rounded(g.severity_high), "corner_error": _rounded(float(apart)),
        }  # fmt: skip
    if found is not None:
        reason = str(found.refusal.reason)
    else:
        reason = NOT_FOUND if score.refusal is None else str(score.refusal.reason)
    return row | {"status": "refused", "reason": reason}


def _rounded(value: float | None, digits: int = 5) -> float | None:
    return None if value is None else round(float(value), digits)
