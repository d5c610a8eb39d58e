"""Guards over the grade: bones that are ill otherwise, and those that only their neighbour explains."""

from dataclasses import replace
from pathlib import Path

from rickets_rx.errors import Refusal
from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.signs import Evidence
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import Activity, Flag, RefusalReason

# Answer of the network of fractures and lesions from which a bone is refused (docs/grades.md).
MIMIC = 0.9


def mimicked(radiograph: Radiograph, metaphysis: Metaphysis) -> Refusal | None:
    """Why a bone with a torus fracture or a lytic lesion behind its end has no grade; None for others."""
    from rickets_rx.grade.cnn import mimic_share

    share = mimic_share(radiograph, metaphysis.frame)
    if share < MIMIC:
        return None
    words = f"the shaft behind it looks fractured or holed (answer of the network {share:.2f}, 0 to 1)"
    return Refusal(RefusalReason.FRACTURE_OR_LESION, words)


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
