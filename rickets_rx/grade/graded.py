"""From a severity to what is said of a bone: grade, interval, activity, flags and the reasons for them."""

from pathlib import Path

from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE, findings
from rickets_rx.grade.interval import Kind, Reading, held
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.signs import SEEN, Evidence
from rickets_rx.grade.thacher import grade_of, outward
from rickets_rx.vocabulary import Activity, Flag

# The least that the interval of a dissolved margin holds: grade 1.5 (contract, geometry).
LEAST_DISSOLVED = 0.75
# Severity interval from which a reason is given (ours): eight tenths of a grade.
WIDE = 0.4
# Predicted spread, in ordinary ones, from which it is itself a reason (ours).
UNSURE = 1.5
# Zone denser than this share of the cortex-to-soft-tissue step counts as a dense zone (ours).
DENSE_ZONE = 0.35


def graded(
    read: Reading, features: Features, seen: tuple[Flag, ...], kind: Kind, table: Path = TABLE, *,
    width_mm: float | None = None,
) -> BoneGrade:  # fmt: skip
    """What is said of one bone of which a method read a severity.

    Parameters
    ----------
    read : Reading
    seen : tuple of Flag
        What segmentation said of the bone.
    kind : Kind
        Which intervals apply.
    width_mm : float, optional
        MW in mm, so that findings tell lengths in mm too.
    """
    evidence = Evidence.of(features, table)
    may_be = held(read, kind, low_confidence=Flag.LOW_CONFIDENCE in seen)
    least = LEAST_DISSOLVED if Flag.MARGIN_DISSOLVED in seen else 0.0
    grade = grade_of(read.severity)
    # What is called healthy may be healthy: no interval of it leaves 0 out (ours).
    low = 0.0 if grade == 0 else min(read.severity, max(least, may_be[0]))
    high = max(read.severity, may_be[1])
    grade_low, grade_high = outward(low, high)
    flags = tuple(sorted(set(seen) | _flags(features, evidence)))
    return BoneGrade(
        grade=grade,
        grade_low=min(grade_low, grade),
        grade_high=max(grade_high, grade),
        severity=read.severity,
        severity_low=low,
        severity_high=high,
        activity=_activity(grade, evidence, flags),
        flags=flags,
        method=kind.method,
        findings=findings(features, table, width_mm=width_mm),
        wide_because=_wide_because(high - low, read, evidence, seen),
    )


def _wide_because(width: float, read: Reading, evidence: Evidence, seen: tuple[Flag, ...]) -> tuple[str, ...]:
    """Why an interval is wide, in words; empty for a narrow one."""
    if width < WIDE:
        return ()
    reasons = [f"{name} could not be measured" for name in evidence.missing]
    if Flag.LOW_CONFIDENCE in seen:
        reasons.append("the place of the bone end is doubtful")
    if Flag.LOW_RESOLUTION in seen:
        reasons.append("few pixels across the bone")
    if read.scale >= UNSURE:
        reasons.append("the signs disagree")
    return tuple(reasons) or ("phantoms of this severity are told apart no better",)


def _flags(features: Features, evidence: Evidence) -> set[Flag]:
    zone, continuity = features["zone_contrast"].value, features["zone_continuity"].value
    dense = zone is not None and continuity is not None and zone >= DENSE_ZONE and continuity >= 0.8
    found = {Flag.DENSE_ZONE} if dense else set()
    residual = (evidence.cupping.value or 0.0) >= SEEN
    if dense and residual and not evidence.activity_seen:
        found.add(Flag.POSSIBLE_HEALING)
    return found


def _activity(grade: float, evidence: Evidence, flags: tuple[Flag, ...]) -> Activity:
    """What a single film can say of the direction: never healing."""
    if grade == 0:
        return Activity.NONE
    # A margin that was hardly seen, or a zone standing dense over a cup, says no direction.
    if Flag.POSSIBLE_HEALING in flags or Flag.LOW_CONFIDENCE in flags:
        return Activity.INDETERMINATE
    if evidence.activity_seen or Flag.MARGIN_DISSOLVED in flags:
        return Activity.ACTIVE
    return Activity.INDETERMINATE
