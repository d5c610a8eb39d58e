"""The classical grader: features to evidence, evidence to severity, severity to a grade with its interval."""

from pathlib import Path

from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE
from rickets_rx.grade.graded import LEAST_DISSOLVED, graded
from rickets_rx.grade.interval import Kind, Reading
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.signs import Evidence
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import JOINT_OF_BONE, Flag

# Share of what missing features could have said that opens the interval upwards (ours).
CARRIED = 0.5
# Each missing feature widens the calibrated reach by this share (ours; contract: missing widens).
MISSING_WIDENS = 0.1
# Severity of a dissolved margin, of which nothing is left to measure: Thacher's 2 seen at its worst (ours).
DISSOLVED = 0.9


def grade_bone(metaphysis: Metaphysis, features: Features, table: Path = TABLE) -> BoneGrade | None:
    """Grade one bone on its own; guards that look at its neighbour come after (`guard_ulna`).

    Returns
    -------
    BoneGrade or None
        None where not even the shape of the margin was measured.
    """
    kind = Kind(joint=JOINT_OF_BONE[metaphysis.bone])
    return grade_features(features, metaphysis.flags, table, kind=kind)


def grade_features(
    features: Features, seen: tuple[Flag, ...], table: Path = TABLE, *, kind: Kind | None = None
) -> BoneGrade | None:
    """`grade_bone` from the features and the flags of segmentation alone."""
    read = read_features(features, seen, table)
    return None if read is None else graded(read, features, seen, kind or Kind(), table)


def read_features(features: Features, seen: tuple[Flag, ...], table: Path = TABLE) -> Reading | None:
    """Severity and its bounds before calibration; None where not even the shape was measured."""
    evidence = Evidence.of(features, table)
    value = evidence.severity()
    dissolved = Flag.MARGIN_DISSOLVED in seen
    if dissolved:
        value = max(value if value is not None else 0.0, DISSOLVED)
    if value is None:
        return None
    least, most = evidence.bounds()
    low = max(min(value, least), LEAST_DISSOLVED if dissolved else 0.0)
    high = value + CARRIED * max(0.0, most - value)
    return Reading(value, low, high, 1.0 + MISSING_WIDENS * len(evidence.missing))
