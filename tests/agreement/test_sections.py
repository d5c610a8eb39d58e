"""Sections of the report on hand-made readings, every number worked out beside it."""

import numpy as np
import pytest

from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.machine_scores import machine_scores
from rickets_rx.agreement.validate import ValidationResult, validate
from rickets_rx.io.readings import Reading

FILMS = [f"{i:064x}" for i in range(6)]
# Six radii. Reference (median of three): 0, 0, 0.5, 1, 1.5, 2.
ANNA = [0, 0, 0.5, 1, 1.5, 2]
BEN = [0, 0.5, 0.5, 1, 2, 2]
CARLA = [0, 0, 0.5, 0.5, 1.5, 2]
MACHINE = [0, 0.5, 1, 0.5, 1.5, None]
SEVERITY = [0.0, 0.2, 0.5, 0.3, 0.8, None]


def reading(film, reader, grade, **more):
    return Reading(film, reader, bone="radius", grade=grade, gradable=True, machine_seen=False, **more)


def score(film, grade, severity, patient, **more):
    row = {"image_sha256": film, "instance": 1, "bone": "radius", "patient_id": patient, "day": 0}
    if grade is None:
        return row | {"status": "refused", "reason": "oblique", "grade": None} | more
    ends = {"grade_low": max(grade - 0.5, 0), "grade_high": grade}
    return row | ends | {"status": "scored", "grade": grade, "severity": severity} | more


@pytest.fixture(scope="module")
def result() -> ValidationResult:
    readings = [
        reading(film, name, grades[i])
        for i, film in enumerate(FILMS)
        for name, grades in (("anna", ANNA), ("ben", BEN), ("carla", CARLA))
    ]
    rows = [
        score(film, MACHINE[i], SEVERITY[i], f"p{i}", spacing_source="unknown" if i < 3 else "ermf")
        for i, film in enumerate(FILMS)
    ]
    return validate(readings, machine_scores(rows), draws=20)


def one(result, section, statistic, first="", second="", **more):
    found = result.find(section=section, statistic=statistic, measure="bone", **more)
    found = [n for n in found if first in ("", n.first) and second in ("", n.second)]
    assert len(found) == 1, [(n.first, n.second) for n in found]
    return found[0].estimate


def test_machine_against_reference(result):
    # Five bones graded by both: 0-0, 0.5-0, 1-0.5, 0.5-1, 1.5-1.5. Differences 0, +.5, +.5, -.5, 0.
    assert one(result, "machine", "bias", "machine", "reference").value == pytest.approx(0.1)
    assert one(result, "machine", "share_exact", "machine", "reference").value == pytest.approx(2 / 5)
    assert one(result, "machine", "share_within_near", "machine", "reference").value == 1.0
    # Squared steps: seen 3 x 1 on 5 bones. Margins: machine 0 .5 1 .5 1.5, reference 0 0 .5 1 1.5 in steps
    # 0 1 2 1 3 and 0 0 1 2 3: sum over all 25 pairs of (a - b)^2 is 5 (15) + 5 (14) - 2 (7)(6) = 61.
    kappa = one(result, "machine", "kappa_quadratic", "machine", "reference").value
    assert kappa == pytest.approx(1 - (3 / 5) / (61 / 25))


def test_confusion_matrix_of_machine_and_reference(result):
    (matrix,) = [
        m for m in result.matrices if (m.first, m.second, m.measure) == ("machine", "reference", "bone")
    ]
    assert matrix.counts == ((1, 0, 0, 0, 0), (1, 0, 1, 0, 0), (0, 1, 0, 0, 0), (0, 0, 0, 1, 0), (0,) * 5)


def test_reader_bias_against_the_others(result):
    # Ben less the mean of Anna and Carla: 0, .5, 0, .25, .5, 0.
    assert one(result, "readers", "bias", "ben", "other readers").value == pytest.approx(1.25 / 6)


def test_same_yardstick_for_reader_and_machine(result):
    # Left out: ben. Others' median: 0, 0, .5, (1 and .5, tie up) 1, 1.5 on the bones the machine graded, the
    # same as the reference: the machine's kappa is the one above.
    found = one(result, "machine", "kappa_against_other_readers", "machine", "others than ben")
    assert found.value == pytest.approx(1 - (3 / 5) / (61 / 25))
    # Ben, in steps 0 1 1 2 4, against 0 0 1 2 3: seen 2 on 5; all pairs 5 (22) + 5 (14) - 2 (8)(6) = 84.
    ben = one(result, "machine", "kappa_against_other_readers", "ben", "others than ben")
    assert ben.value == pytest.approx(1 - (2 / 5) / (84 / 25))
    assert one(result, "machine", "kappa_difference", "machine", "ben").value == pytest.approx(
        found.value - ben.value
    )


def test_readers_are_judged_on_the_bones_that_the_machine_graded(result):
    assert one(result, "machine", "mean_kappa_reader_reader").units == 5
    assert one(result, "readers", "mean_pairwise_kappa_quadratic").units == 6


def test_cut_offs(result):
    # From 1 on: bones 4 and 5 (severity .3, .8) against 1, 2, 3 (0, .2, .5): pairs won 2 + 3 of 6.
    assert one(result, "cut_offs", "auc", second="reference >= 1").value == pytest.approx(5 / 6)
    # Machine at 1 or more: bones 3 and 5. Of the positives bone 5 only; of the negatives bone 3 is called.
    assert one(result, "cut_offs", "sensitivity", second="reference >= 1").value == pytest.approx(1 / 2)
    assert one(result, "cut_offs", "specificity", second="reference >= 1").value == pytest.approx(2 / 3)


def test_calibration(result):
    # Intervals 0-0, 0-.5, .5-1, 0-.5, 1-1.5 hold 0, 0, .5, (1 not), 1.5; widths 0 and four times .5.
    assert one(result, "calibration", "coverage", second="reference").value == pytest.approx(4 / 5)
    assert one(result, "calibration", "interval_width").value == pytest.approx(0.4)
    x, y = np.array([0, 0.2, 0.5, 0.3, 0.8]), np.array([0, 0, 0.25, 0.5, 0.75])
    slope, intercept = np.polyfit(x, y, 1)
    assert one(result, "calibration", "slope").value == pytest.approx(slope)
    assert one(result, "calibration", "intercept").value == pytest.approx(intercept)


def test_refusals(result):
    assert one(result, "failures", "share_refused", "machine").value == pytest.approx(1 / 6)
    assert one(result, "failures", "share_refused", "anna").value == 0
    assert one(result, "failures", "share_refused_though_reference").value == pytest.approx(1 / 6)


def test_subgroups(result):
    # Unknown spacing: bones 1-3, differences 0, .5, .5; ermf: bones 4 and 5, -.5 and 0 (6 refused).
    for level, bias, refused in (("unknown", 1 / 3, 0.0), ("ermf", -0.25, 1 / 3)):
        name = f"spacing_source: {level}"
        assert one(result, "subgroups", "bias", subgroup=name).value == pytest.approx(bias)
        assert one(result, "subgroups", "share_refused", subgroup=name).value == pytest.approx(refused)
    severe = [n for n in result.find(section="subgroups") if n.subgroup.startswith("severity")]
    assert severe
    assert not [n for n in severe if "kappa" in n.statistic]


def test_six_children_are_too_few_for_intervals(result):
    assert {n.estimate.low for n in result.numbers} == {None}
    (ratio,) = result.find(section="readers", statistic="icc_2_1_f", measure="bone")
    assert (ratio.estimate.clusters, str(ratio.estimate.reason)) == (6, "fewer_than_10_clusters")
    assert {d.shown for d in result.decisions} == {None}


def test_other_cut_offs_come_from_the_design():
    readings = [reading(FILMS[0], name, 2.0) for name in ("anna", "ben")]
    readings += [reading(FILMS[1], name, 0.0) for name in ("anna", "ben")]
    rows = [score(FILMS[0], 2.0, 0.9, "p0"), score(FILMS[1], 0.0, 0.1, "p1")]
    result = validate(readings, machine_scores(rows), StudyDesign(bone_cut_offs=(2.0,)), draws=5)
    assert {n.second for n in result.find(section="cut_offs")} == {"reference >= 2"}
    assert one(result, "cut_offs", "auc").value == 1.0


def test_refused_is_a_share_of_what_was_looked_at_and_missing_of_everything():
    # Three bones: Ben grades one, refuses one, and never opens the third.
    readings = [reading(film, "anna", 1.0) for film in FILMS[:3]]
    readings += [
        reading(FILMS[0], "ben", 1.0),
        Reading(FILMS[1], "ben", bone="radius", gradable=False, reason="oblique"),
    ]
    result = validate(readings, draws=5)
    assert one(result, "failures", "share_refused", "ben").value == pytest.approx(1 / 2)
    assert one(result, "failures", "share_missing", "ben").value == pytest.approx(1 / 3)
