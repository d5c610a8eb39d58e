"""The 90 % interval of the sum of two bones of a joint."""

from collections.abc import Sequence

from rickets_rx.grade.interval import Kind, Target, reach
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.thacher import outward
from rickets_rx.vocabulary import Flag, Joint

#: Flags of bones whose bounds were set and not calibrated (ours).
SET_BOUNDS = {Flag.POSSIBLE_NORMAL_VARIANT, Flag.MARGIN_DISSOLVED, Flag.LOW_CONFIDENCE}


def summed(grades: Sequence[BoneGrade], joint: Joint = Joint.WRIST) -> tuple[float, float]:
    """The 90 % interval of a sum of two grades, halves, rounded outward.

    Calibrated on sums, and never wider than both bones' bounds added. Those are given alone where a guard, a
    dissolved margin or a doubtful place set the bounds of a bone, which the calibration does not know.

    Parameters
    ----------
    grades : sequence of BoneGrade
        The two summed bones of one joint, graded by one method.
    joint : Joint
        Wrist, or the exploratory elbow.

    Returns
    -------
    low, high : float
        In points of the sum, 0 to 4.
    """
    added = sum(g.grade_low for g in grades), sum(g.grade_high for g in grades)
    if any(SET_BOUNDS & set(g.flags) for g in grades):
        return added
    mean = sum(g.severity for g in grades) / len(grades)
    below, above = reach(mean, Kind(Target.SUM, joint, grades[0].method))
    low, high = outward(max(0.0, mean - below), min(1.0, mean + above), steps=8)
    total = sum(g.grade for g in grades)
    return min(total, max(low, added[0])), max(total, min(high, added[1]))
