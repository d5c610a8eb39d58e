"""The classical grader on features written by hand: evidence, missing features, guards and flags."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rickets_rx.features.registry import Features, FeatureValue
from rickets_rx.grade.classical import read_features
from rickets_rx.grade.evidence import Sign, findings, ramps, weigh
from rickets_rx.grade.graded import WIDE
from rickets_rx.grade.guards import guard_ulna
from rickets_rx.grade.interval import Kind
from rickets_rx.grade.methods import grade_by
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.signs import Evidence
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import JOINT_OF_BONE, Activity, Bone, Flag

# A table of round numbers, so that every expectation below can be worked in the head.
TABLE = """feature,sign,none_at,full_at,weight,words
lucency,lucency,1.0,0.5,1,lucent {percent}
zone_contrast,lucency,0.1,-0.1,1,zone {value}
zone_continuity,lucency,1.0,0.0,2,zone over {percent}
fraying,irregularity,0.0,0.1,1,irregular {percent}
gap,irregularity,0.1,0.3,1,widened to {percent}
fraying_extent,fraying,0.0,1.0,1,frayed over {percent}
edge_blur,fraying,0.0,0.2,2,blurred {percent}
cupping,cupping,0.0,0.2,1,concave by {percent} of its width
"""
HEALTHY = dict(
    lucency=1.0,
    zone_contrast=0.1,
    zone_continuity=1.0,
    fraying=0.0,
    fraying_extent=0.0,
    edge_blur=0.0,
    gap=0.1,
    cupping=-0.1,
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.csv"
    path.write_text(TABLE)
    return path


def features(**changed: float | None) -> Features:
    values: dict[str, float | None] = HEALTHY | changed
    return {
        n: FeatureValue(None, "too_few_pixels") if v is None else FeatureValue(v) for n, v in values.items()
    }


def grade_bone(metaphysis: Metaphysis, measured: Features, table: Path) -> BoneGrade | None:
    """By the features alone."""
    return grade_by(measured, metaphysis.flags, (), Kind(joint=JOINT_OF_BONE[metaphysis.bone]), table)


def bone_end(bone: Bone = Bone.RADIUS, flags: tuple[Flag, ...] = ()) -> Metaphysis:
    margin = np.array([[0.0, 0.0], [100.0, 0.0]])
    frame = BoneFrame((0, 0), (100, 0), (0, -1))
    return Metaphysis(bone, frame, margin, margin, np.ones(2, bool), 0.9, margin, margin, flags=flags)


def test_a_healthy_bone_is_grade_zero_and_says_nothing(table: Path) -> None:
    grade = grade_bone(bone_end(), features(), table)
    assert grade is not None
    assert (grade.grade, grade.severity, grade.activity, grade.findings) == (0.0, 0.0, Activity.NONE, ())


def test_evidence_is_the_weighted_mean_of_what_was_measured(table: Path) -> None:
    # lucency 0.75 -> 0.5 (weight 1), contrast 0 -> 0.5 (1), continuity 0.25 -> 0.75 (2): 2.5 / 4
    sign = weigh(features(lucency=0.75, zone_contrast=0.0, zone_continuity=0.25), Sign.LUCENCY, table)
    assert sign.value == pytest.approx(0.625)
    assert (sign.low, sign.high) == pytest.approx((0.625, 0.625))


def test_a_ramp_with_a_foot_gives_a_quarter_at_its_hint(tmp_path: Path) -> None:
    path = tmp_path / "evidence.csv"
    path.write_text("feature,sign,none_at,hint_at,full_at,weight,words\ncupping,cupping,-0.1,0.1,0.2,1,x\n")
    ramp = ramps(path)[0]
    # Foot: 0.25 over 0.2; beyond it 0.75 over 0.1.
    values = (-0.2, -0.1, 0.0, 0.1, 0.14, 0.2, 0.9)
    assert [ramp.evidence(v) for v in values] == pytest.approx([0, 0, 0.125, 0.25, 0.55, 1, 1])


@pytest.mark.parametrize("anchors", ["0.1,0.1,0.2", "0.1,0.3,0.2", "0.2,0.1,0.15"])
def test_anchors_that_do_not_run_one_way_are_refused(tmp_path: Path, anchors: str) -> None:
    path = tmp_path / "evidence.csv"
    path.write_text(f"feature,sign,none_at,hint_at,full_at,weight,words\ncupping,cupping,{anchors},1,x\n")
    with pytest.raises(ValueError, match="line 2"):
        ramps(path)


def test_a_missing_feature_opens_the_bounds_and_is_not_counted_as_zero(table: Path) -> None:
    # extent missing (1 of 3 in weight); blur 0.1 -> 0.5 (2): known mean 0.5
    sign = weigh(features(fraying_extent=None, edge_blur=0.1), Sign.FRAYING, table)
    assert sign.value == pytest.approx(0.5)
    assert (sign.low, sign.high) == pytest.approx((1 / 3, 2 / 3))
    assert sign.missing == ("fraying_extent",)


def test_a_sign_of_which_nothing_was_measured_has_no_value(table: Path) -> None:
    sign = weigh(features(fraying=None, gap=None), Sign.IRREGULARITY, table)
    assert (sign.value, sign.low, sign.high) == (None, 0, 1)


def test_missing_features_widen_the_interval(table: Path) -> None:
    faint = dict(zone_continuity=0.0)
    whole = grade_bone(bone_end(), features(**faint), table)
    blind = grade_bone(
        bone_end(), features(**faint, fraying=None, fraying_extent=None, edge_blur=None), table
    )
    assert whole is not None and blind is not None
    assert blind.severity_high - blind.severity_low > whole.severity_high - whole.severity_low


def test_missing_features_widen_by_a_tenth_each_where_the_zone_stands(tmp_path: Path, table: Path) -> None:
    # Zone whole: fraying cannot count, so only the reach grows. Above 0.2 becomes 0.2 x (1 + 2 x 0.1).
    read = read_features(features(fraying_extent=None, edge_blur=None), (), table)
    assert read is not None
    assert (read.severity, read.low, read.high, read.scale) == pytest.approx((0, 0, 0, 1.2))


def test_fraying_counts_only_as_far_as_the_zone_is_lost(table: Path) -> None:
    frayed = dict(fraying_extent=1.0, edge_blur=0.2, fraying=0.1)
    # Zone whole: nothing. Lucency evidence 0.25: gate 0.25 / 0.5 = 0.5, rungs 0.5 + 0.5 + 0.5 + 0.
    assert Evidence.of(features(**frayed), table).severity() == 0
    quarter = features(**frayed, zone_continuity=0.5)  # 1 - 0.5 = 0.5, weight 2 of 4
    assert Evidence.of(quarter, table).severity() == pytest.approx(0.25 * 1.5)


def test_a_wide_interval_says_why(table: Path) -> None:
    between = features(gap=None, zone_continuity=0.0, zone_contrast=-0.1, edge_blur=0.15, cupping=0.1)
    blind = grade_by(between, (Flag.LOW_CONFIDENCE, Flag.LOW_RESOLUTION), (), Kind(), table)
    assert blind is not None
    assert blind.severity_high - blind.severity_low >= WIDE
    assert blind.wide_because == (
        "gap could not be measured",
        "the place of the bone end is doubtful",
        "few pixels across the bone",
    )
    narrow = grade_by(features(), (), (), Kind(), table)
    assert narrow is not None
    assert narrow.wide_because == ()


def test_no_margin_shape_means_no_grade(table: Path) -> None:
    assert grade_bone(bone_end(), features(cupping=None), table) is None


def test_a_dissolved_margin_is_graded_at_least_one_and_a_half(table: Path) -> None:
    grade = grade_bone(bone_end(flags=(Flag.MARGIN_DISSOLVED,)), features(cupping=None), table)
    assert grade is not None
    assert grade.grade_low >= 1.5
    assert Flag.MARGIN_DISSOLVED in grade.flags


def test_full_signs_are_grade_two_and_active(table: Path) -> None:
    worst = features(
        lucency=0.4,
        zone_contrast=-0.2,
        zone_continuity=0.0,
        fraying=0.1,
        fraying_extent=1.0,
        edge_blur=0.2,
        gap=0.3,
        cupping=0.2,
    )
    grade = grade_bone(bone_end(), worst, table)
    assert grade is not None
    assert (grade.grade, grade.severity, grade.activity) == (2.0, 1.0, Activity.ACTIVE)


def test_dense_zone_with_a_cup_is_possible_healing_and_never_healing(table: Path) -> None:
    grade = grade_bone(bone_end(), features(zone_contrast=0.6, cupping=0.2), table)
    assert grade is not None
    assert Flag.POSSIBLE_HEALING in grade.flags
    assert grade.activity is Activity.INDETERMINATE


def test_smooth_ulnar_concavity_beside_a_normal_radius_is_a_variant(table: Path) -> None:
    concave = features(cupping=0.2)
    radius, ulna = grade_bone(bone_end(), features(), table), grade_bone(bone_end(Bone.ULNA), concave, table)
    assert radius is not None and ulna is not None
    assert ulna.grade == 1.5  # 0.25 x (1 + 1 + 1 + 0) = 0.75 before the guard
    guarded = guard_ulna(ulna, concave, radius, table)
    assert (guarded.grade, guarded.grade_high) == (0.5, 1.5)
    assert Flag.POSSIBLE_NORMAL_VARIANT in guarded.flags


def test_the_guard_needs_a_normal_radius_and_a_smooth_margin(table: Path) -> None:
    radius = grade_bone(bone_end(), features(), table)
    assert radius is not None
    # Fraying on the bone's own evidence: 0.25 x (1 + 1 + 1 + 0), the zone being whole.
    frayed = features(cupping=0.2, fraying=0.1, fraying_extent=1.0, edge_blur=0.2)
    ulna = grade_bone(bone_end(Bone.ULNA), frayed, table)
    assert ulna is not None
    assert guard_ulna(ulna, frayed, radius, table) == ulna
    smooth = features(cupping=0.2)
    ulna = grade_bone(bone_end(Bone.ULNA), smooth, table)
    assert ulna is not None
    assert guard_ulna(ulna, smooth, None, table) == ulna
    sick = replace(radius, grade=1.0, grade_high=1.0)
    assert guard_ulna(ulna, smooth, sick, table) == ulna


def test_findings_speak_with_numbers_strongest_first(table: Path) -> None:
    said = findings(features(cupping=0.14, zone_continuity=0.1), table)
    # continuity: evidence 0.9 x weight 2; cupping: 0.7 x 1
    assert said == ("zone over 10 %", "concave by 14 % of its width")


def test_findings_tell_lengths_in_mm_where_the_width_is_known(table: Path) -> None:
    # 14 % of a width of 15 mm are 2.1 mm; a share of the margin has no length.
    said = findings(features(cupping=0.14, fraying_extent=0.6), table, width_mm=15.0)
    assert said == ("concave by 14 % of its width (2.1 mm)", "frayed over 60 %")


def test_a_zone_is_faint_before_it_is_absent(tmp_path: Path) -> None:
    path = tmp_path / "evidence.csv"
    path.write_text(
        "feature,sign,none_at,full_at,weight,words\nzone_contrast,lucency,0.2,0.0,1,zone {degree}\n"
    )
    assert [ramps(path)[0].said(value) for value in (0.1, 0.04)] == ["zone faint", "zone absent"]


def test_signs_of_activity(table: Path) -> None:
    assert not Evidence.of(features(cupping=0.2), table).activity_seen
    assert Evidence.of(features(edge_blur=0.2, fraying=0.1, fraying_extent=0.5), table).activity_seen


def test_a_bone_that_was_hardly_seen_says_no_direction(table: Path) -> None:
    frayed = features(zone_contrast=-0.2, zone_continuity=0.0, fraying=0.1, fraying_extent=1.0, edge_blur=0.2)
    sure = grade_bone(bone_end(), frayed, table)
    unsure = grade_bone(bone_end(flags=(Flag.LOW_CONFIDENCE,)), frayed, table)
    assert sure is not None and unsure is not None
    assert (sure.activity, unsure.activity) == (Activity.ACTIVE, Activity.INDETERMINATE)
