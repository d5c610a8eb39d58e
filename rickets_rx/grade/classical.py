"""The classical grader: features to evidence, evidence to severity, severity to a grade with its interval."""

from dataclasses import dataclass, replace
from pathlib import Path

from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE, Sign, SignEvidence, findings, weigh
from rickets_rx.grade.interval import reach
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.thacher import grade_of, outward, severity
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import Activity, Flag

# Evidence from which a sign counts as seen, and under which it counts as absent (ours).
SEEN = 0.5
ABSENT = 0.25
# Irregularity and fraying count in full from this much evidence of a lost zone (ours): they are disorder of
# the zone of provisional calcification, and a margin whose zone stands is not frayed (domain.md 3.4: its loss
# comes first).
ZONE_LOST = 0.5
# Share of what missing features could have said that opens the interval upwards (ours).
CARRIED = 0.5
# Each missing feature widens the calibrated reach by this share (ours; contract: missing widens).
MISSING_WIDENS = 0.1
# A dissolved margin, and the least its interval holds: grade 1.5 (contract, geometry).
DISSOLVED, LEAST_DISSOLVED = 0.9, 0.75
# Severity interval from which a reason is given (ours): more than a grade.
WIDE = 0.5
# Zone denser than this share of the cortex-to-soft-tissue step counts as a dense zone (ours).
DENSE_ZONE = 0.35


@dataclass(frozen=True)
class Evidence:
    """The four signs of one bone."""

    lucency: SignEvidence
    irregularity: SignEvidence
    fraying: SignEvidence
    cupping: SignEvidence

    @classmethod
    def of(cls, features: Features, table: Path = TABLE) -> "Evidence":
        return cls(**{sign.value: weigh(features, sign, table) for sign in Sign})

    def severity(self) -> float | None:
        """How far up Thacher's ladder the measured signs reach; None where not even the shape was measured.

        A sign of which nothing was measured lifts no rung, and opens the interval upwards instead.
        """
        if self.cupping.value is None:
            return None
        values = {sign: self[sign].value or 0.0 for sign in Sign}
        lost = 1.0 if self.lucency.value is None else self.lucency.value
        return climbed(values, zone_gate(lost))

    def __getitem__(self, sign: Sign) -> SignEvidence:
        found: SignEvidence = getattr(self, sign.value)
        return found

    def bounds(self) -> tuple[float, float]:
        """Severity if every missing feature said nothing, and if it said everything."""
        low, high = ({sign: getattr(self[sign], side) for sign in Sign} for side in ("low", "high"))
        return climbed(low, zone_gate(low[Sign.LUCENCY])), climbed(high, zone_gate(high[Sign.LUCENCY]))

    @property
    def missing(self) -> tuple[str, ...]:
        """Graded features that could not be measured."""
        return tuple(sorted({name for sign in Sign for name in self[sign].missing}))

    @property
    def activity_seen(self) -> bool:
        """Lucency, an irregular margin or fraying: what only active disease shows."""
        return any((self[sign].value or 0.0) >= SEEN for sign in Sign if sign is not Sign.CUPPING)

    @property
    def activity_absent(self) -> bool:
        """Lucency, irregularity and fraying measured and not there; a sign not measured is not absent."""
        values = [self[sign].value for sign in (Sign.LUCENCY, Sign.FRAYING)]
        known = [value for value in (*values, self.irregularity.value) if value is not None]
        return None not in values and all(value < ABSENT for value in known)


def zone_gate(lucency: float) -> float:
    """How far irregularity and fraying can count, 0-1, by the evidence that the zone is lost."""
    return min(1.0, lucency / ZONE_LOST)


def climbed(evidence: dict[Sign, float], gate: float) -> float:
    """Thacher's ladder with irregularity and fraying no higher than ``gate``."""
    return severity(
        evidence[Sign.LUCENCY],
        min(evidence[Sign.IRREGULARITY], gate),
        min(evidence[Sign.FRAYING], gate),
        evidence[Sign.CUPPING],
    )


@dataclass(frozen=True)
class Reading:
    """Severity of one bone, 0-1, with what missing features leave open, before calibration.

    ``scale`` widens the calibrated reach: 1 with every feature measured.
    """

    severity: float
    low: float
    high: float
    scale: float


def grade_bone(metaphysis: Metaphysis, features: Features, table: Path = TABLE) -> BoneGrade | None:
    """Grade one bone on its own; guards that look at its neighbour come after (`guard_ulna`).

    Returns
    -------
    BoneGrade or None
        None where not even the shape of the margin was measured.
    """
    return grade_features(features, metaphysis.flags, table)


def grade_features(features: Features, seen: tuple[Flag, ...], table: Path = TABLE) -> BoneGrade | None:
    """`grade_bone` from the features and the flags of segmentation alone."""
    read = read_features(features, seen, table)
    if read is None:
        return None
    evidence = Evidence.of(features, table)
    below, above = reach(read.severity, low_confidence=Flag.LOW_CONFIDENCE in seen)
    least = LEAST_DISSOLVED if _dissolved(seen) else 0.0
    low = min(read.severity, max(least, read.low - read.scale * below))
    high = max(read.severity, min(1.0, read.high + read.scale * above))
    grade = grade_of(read.severity)
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
        findings=findings(features, table),
        wide_because=_wide_because(high - low, evidence, seen),
    )


def read_features(features: Features, seen: tuple[Flag, ...], table: Path = TABLE) -> Reading | None:
    """Severity and its bounds before calibration; None where not even the shape was measured."""
    evidence = Evidence.of(features, table)
    value = evidence.severity()
    if _dissolved(seen):
        # No edge is left to measure: Thacher's 2 seen at its worst, at least 1.5 (contract, geometry).
        value = max(value if value is not None else 0.0, DISSOLVED)
    if value is None:
        return None
    least, most = evidence.bounds()
    low = max(min(value, least), LEAST_DISSOLVED if _dissolved(seen) else 0.0)
    high = value + CARRIED * max(0.0, most - value)
    return Reading(value, low, high, 1.0 + MISSING_WIDENS * len(evidence.missing))


def _dissolved(seen: tuple[Flag, ...]) -> bool:
    return Flag.MARGIN_DISSOLVED in seen


def _wide_because(width: float, evidence: Evidence, seen: tuple[Flag, ...]) -> tuple[str, ...]:
    """Why an interval is wide, in words; empty for a narrow one."""
    if width < WIDE:
        return ()
    reasons = [f"{name} could not be measured" for name in evidence.missing]
    if Flag.LOW_CONFIDENCE in seen:
        reasons.append("the place of the bone end is doubtful")
    if Flag.LOW_RESOLUTION in seen:
        reasons.append("few pixels across the bone")
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


def guard_ulna(
    ulna: BoneGrade, features: Features, radius: BoneGrade | None, table: Path = TABLE
) -> BoneGrade:
    """Isolated smooth ulnar concavity with an intact zone and a normal radius is no rickets.

    20 % of healthy infants show it (Oestreich 2015, domain.md 3.5): grade at most 0.5, flag
    ``possible_normal_variant``, ``grade_high`` 1.5 (contract, Severity and grade).
    """
    evidence = Evidence.of(features, table)
    concave = (evidence.cupping.value or 0.0) > 0
    if (
        not (evidence.activity_absent and concave and radius is not None and radius.grade == 0)
        or ulna.grade == 0
    ):
        return ulna
    value = min(ulna.severity, 0.25)
    return replace(
        ulna,
        grade=min(ulna.grade, 0.5),
        grade_low=0.0,
        grade_high=1.5,
        severity=value,
        severity_low=0.0,
        severity_high=max(ulna.severity_high, 0.75),
        activity=Activity.INDETERMINATE,
        flags=tuple(sorted({*ulna.flags, Flag.POSSIBLE_NORMAL_VARIANT})),
    )
