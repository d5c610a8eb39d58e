"""The classical grader: features to evidence, evidence to severity, severity to a grade with its interval."""

from dataclasses import dataclass, replace
from pathlib import Path

from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE, Sign, SignEvidence, findings, weigh
from rickets_rx.grade.interval import half_width
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.thacher import grade_of, outward, severity
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import Activity, Flag

# Evidence from which a sign counts as seen, and under which it counts as absent (ours).
SEEN = 0.5
ABSENT = 0.25
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
        return severity(
            **{sign.value: 0.0 if (value := self[sign].value) is None else value for sign in Sign}
        )

    def __getitem__(self, sign: Sign) -> SignEvidence:
        found: SignEvidence = getattr(self, sign.value)
        return found

    def bounds(self) -> tuple[float, float]:
        """Severity if every missing feature said nothing, and if it said everything."""
        low = severity(**{sign.value: self[sign].low for sign in Sign})
        high = severity(**{sign.value: self[sign].high for sign in Sign})
        return low, high

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


def grade_bone(metaphysis: Metaphysis, features: Features, table: Path = TABLE) -> BoneGrade | None:
    """Grade one bone on its own; guards that look at its neighbour come after (`guard_ulna`).

    Returns
    -------
    BoneGrade or None
        None where not even the shape of the margin was measured.
    """
    evidence = Evidence.of(features, table)
    value = evidence.severity()
    dissolved = Flag.MARGIN_DISSOLVED in metaphysis.flags
    if dissolved:
        # No edge is left to measure: Thacher's 2 seen at its worst, at least 1.5 (contract, geometry).
        value = max(value if value is not None else 0.0, 0.9)
    if value is None:
        return None
    low, high = _interval(value, evidence, metaphysis)
    if dissolved:
        low = max(low, 0.75)
    flags = tuple(sorted(set(metaphysis.flags) | _flags(features, evidence)))
    grade_low, grade_high = outward(low, high)
    return BoneGrade(
        grade=grade_of(value),
        grade_low=min(grade_low, grade_of(value)),
        grade_high=max(grade_high, grade_of(value)),
        severity=value,
        severity_low=low,
        severity_high=high,
        activity=_activity(grade_of(value), evidence, flags),
        flags=flags,
        findings=findings(features, table),
    )


def _interval(value: float, evidence: Evidence, metaphysis: Metaphysis) -> tuple[float, float]:
    """The interval of what was measured, opened by what the missing features could have said."""
    half = half_width(value, low_confidence=Flag.LOW_CONFIDENCE in metaphysis.flags)
    least, most = evidence.bounds()
    low = max(0.0, min(value, least) - half) if least < value else max(0.0, value - half)
    # Missing features seldom all say "everything"; half of that stretch is carried (ours).
    stretch = 0.5 * max(0.0, most - value)
    return low, min(1.0, value + max(half, stretch))


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
    if Flag.POSSIBLE_HEALING in flags:
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
