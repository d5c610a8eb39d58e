"""Views: what is counted, what stays apart, and how the reference is made."""

import numpy as np
import pytest

from rickets_rx.agreement.change import change_views, grade_change_view
from rickets_rx.agreement.consensus import consensus, median_grade, without
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts, age_band, cluster_names
from rickets_rx.agreement.machine_scores import machine_scores
from rickets_rx.agreement.views import Measure, Outcome, Stratum, bone_views, severity_group
from rickets_rx.io.readings import Reading

LABELS = (0, 0.5, 1, 1.5, 2)
ONE, TWO = "1" * 64, "2" * 64
FACTS = {ONE: FilmFacts("p1", day=0), TWO: FilmFacts("p1", day=90)}


def grade(reader, value, bone="radius", image=ONE, **more):
    return Reading(image, reader, bone=bone, grade=value, gradable=True, side="left", **more)


def score(value, bone="radius", image=ONE, **more):
    row = {"image_sha256": image, "instance": 1, "bone": bone, "status": "scored", "side": "left"}
    half = {"grade_low": max(value - 0.5, 0), "grade_high": min(value + 0.5, 2), "severity": value / 2}
    return row | half | {"grade": value, "patient_id": "p1", "day": 0, "activity": "indeterminate"} | more


def views(readings, rows=(), design=None, **more):
    return bone_views(readings, machine_scores(rows), FACTS, design or StudyDesign(), **more)


def test_reference_is_the_median_on_the_scale():
    # Median 0.5; 0.75 with mean 0.75, a tie, so up; 0.75 with mean 0.5 + ..., nearer to 0.5; too few.
    table = np.array([[0, 0.5, 2, np.nan], [0.5, 1, np.nan, np.nan], [0, 0.5, 1, 1], [0, 0, np.nan, 2]])
    assert median_grade(table, LABELS).tolist() == [0.5, 1.0, 0.5, 0.0]
    assert np.isnan(median_grade(np.array([[1, np.nan]]), LABELS)).all()


def test_adjudicator_has_the_last_word_and_does_not_vote():
    table, readers = np.array([[0, 0, 2.0], [0, 0, np.nan]]), ("anna", "ben", "carla")
    assert consensus(table, readers, StudyDesign(adjudicator="carla"), labels=LABELS).tolist() == [2, 0]
    assert consensus(table, readers, StudyDesign(reference=("anna", "carla")), labels=LABELS)[0] == 1.0


def test_the_others_yardstick_leaves_the_reader_out():
    table = np.array([[0, 1, 1.0], [0, 2, np.nan]])
    assert without(table, 0, LABELS).tolist() == [1, 2]
    assert without(table, 1, LABELS).tolist() == [0.5, 0]


def test_a_refusal_and_a_gap_are_not_zero():
    readings = [
        grade("anna", 0.0),
        Reading(ONE, "ben", bone="radius", gradable=False, reason="oblique"),
        Reading(ONE, "carla", bone="radius"),
    ]
    bones, total = views(readings)
    assert bones.readers == ("anna", "ben", "carla")
    assert bones.outcome.tolist() == [[Outcome.GRADED, Outcome.REFUSED, Outcome.ABSENT]]
    assert bones.ratings[0, 0] == 0
    assert np.isnan(bones.ratings[0, 1:]).all()
    assert bones.reasons["ben"] == ["oblique"]
    assert total.units == 0


def test_sums_need_both_bones_and_their_reference_is_the_sum_of_references():
    readings = [
        *(grade(name, value) for name, value in (("anna", 0), ("ben", 1), ("carla", 1))),
        *(grade(name, value, "ulna") for name, value in (("anna", 2), ("ben", 1))),
    ]
    bones, total = views(readings, [score(1.0), score(1.5, "ulna")])
    assert total.measure is Measure.TOTAL
    assert total.ratings[0, :2].tolist() == [2, 2]
    assert np.isnan(total.ratings[0, 2])
    assert total.outcome[0].tolist() == [Outcome.GRADED, Outcome.GRADED, Outcome.ABSENT]
    assert bones.reference.tolist() == [1.0, 1.5]
    assert total.reference[0] == 2.5
    assert (total.machine.grade[0], total.machine.low[0], total.machine.high[0]) == (2.5, 1.5, 3.5)


def test_machine_refusals_of_a_bone_and_of_a_film_are_outcomes():
    readings = [grade("anna", 1.0), grade("anna", 1.0, "ulna"), grade("anna", 1.0, image=TWO)]
    rows = [score(1.0), score(1.0, "ulna") | {"status": "refused", "reason": "overlapped", "grade": None}]
    images = [{"image_sha256": TWO, "status": "refused", "reason": "lateral_view"}]
    bones = bone_views(readings, machine_scores(rows, images), FACTS, StudyDesign())[0]
    assert bones.machine.outcome.tolist() == [Outcome.GRADED, Outcome.REFUSED, Outcome.REFUSED]
    assert bones.machine.reasons == ("", "overlapped", "lateral_view")
    assert np.isnan(bones.machine.grade[1:]).all()


def test_the_second_reading_is_the_repeat_whatever_its_order_in_the_file():
    bones = views([grade("anna", 2.0, occasion=2), grade("anna", 1.0), grade("anna", 0.0, occasion=3)])[0]
    assert (bones.ratings[0, 0], bones.repeats[0, 0]) == (1.0, 2.0)


def test_wrist_and_elbow_are_never_one_view():
    found = views([grade("anna", 1.0), grade("anna", 1.0, "humerus")])
    assert [(str(v.scale), str(v.measure)) for v in found] == [
        ("thacher_wrist", "bone"),
        ("thacher_wrist", "total"),
        ("elbow_exploratory", "bone"),
        ("elbow_exploratory", "total"),
    ]


def test_order_known_and_hidden_and_regions_are_never_pooled():
    def change(region, known):
        return Reading(TWO, "anna", pair_sha256=ONE, region=region, rgic=1, order_known=known)

    readings = [change("wrist", True), change("wrist", False), change("elbow", True), change("knee", True)]
    found = change_views(readings, machine_scores([]), FACTS, StudyDesign(), Stratum.UNAIDED)
    assert sorted((v.scale, v.stratum) for v in found) == [
        ("change_elbow", "unaided, order known"),
        ("change_wrist", "unaided, order hidden"),
        ("change_wrist", "unaided, order known"),
    ]
    assert [v.units for v in found] == [1, 1, 1]


def test_machine_change_is_the_mean_index_of_both_bones_of_that_side():
    # Radius 2 -> 1 falls by a grade (+2); ulna 1 -> 1 stays (0); mean +1. Severity falls by 0.5 and 0.
    rows = [score(2.0), score(1.0, "ulna"), score(1.0, image=TWO), score(1.0, "ulna", image=TWO)]
    reading = Reading(TWO, "anna", pair_sha256=ONE, region="wrist", rgic=1, order_known=True)
    (view,) = change_views([reading], machine_scores(rows), FACTS, StudyDesign(), Stratum.UNAIDED)
    assert view.machine.grade.tolist() == [1.0]
    assert view.machine.severity.tolist() == [0.25]
    other_side = [row | {"side": "right"} if row["image_sha256"] == TWO else row for row in rows]
    (view,) = change_views([reading], machine_scores(other_side), FACTS, StudyDesign(), Stratum.UNAIDED)
    assert np.isnan(view.machine.grade).all()
    assert view.machine.outcome.tolist() == [Outcome.ABSENT]


@pytest.mark.parametrize(("before", "after", "index"), [(1.0, 0.5, 1.0), (0.5, 1.0, -1.0)])
def test_half_a_step_of_change_rounds_away_from_zero(before, after, index):
    # Radius moves by half a grade (+1 or -1), ulna stays (0): mean one half.
    rows = [score(before), score(1.0, "ulna"), score(after, image=TWO), score(1.0, "ulna", image=TWO)]
    reading = Reading(TWO, "anna", pair_sha256=ONE, region="wrist", rgic=1, order_known=True)
    (view,) = change_views([reading], machine_scores(rows), FACTS, StudyDesign(), Stratum.UNAIDED)
    assert view.machine.grade.tolist() == [index]


def test_falls_of_grade_follow_one_bone_of_one_child_through_her_films():
    readings = [grade(r, g, image=i) for r in ("anna", "ben") for i, g in ((ONE, 2.0), (TWO, 0.5))]
    bones = views(readings, [score(1.5), score(1.0, image=TWO)])[0]
    view = grade_change_view(bones)
    assert view is not None
    assert (view.units, view.reference.tolist(), view.machine.grade.tolist()) == (1, [1.5], [0.5])
    assert grade_change_view(views([grade("anna", 1.0)])[0]) is None


@pytest.mark.parametrize(("grade_", "group"), [(0, "0-0.5"), (0.5, "0-0.5"), (1.5, "1-1.5"), (2, "2")])
def test_severity_groups(grade_, group):
    assert severity_group(grade_) == group
    assert severity_group(np.nan) == ""


def test_clusters_are_families_where_known_and_nobody_is_guessed():
    sisters = [FilmFacts("a", "f1"), FilmFacts("b", "f1"), FilmFacts("c")]
    assert cluster_names(sisters, "") == (["family f1", "family f1", "patient c"], "family")
    assert cluster_names(sisters, "patient") == (["a", "b", "c"], "patient")
    assert cluster_names([*sisters, FilmFacts("")], "") == (None, "")


def test_age_bands_by_hand():
    ends = (0, 1, 2, 5)
    assert [age_band(age, ends) for age in (0.0, 0.99, 1.0, 4.99, 5.0, None)] == [
        "0-<1 y", "0-<1 y", "1-<2 y", "2-<5 y", ">=5 y", "",
    ]  # fmt: skip


def test_the_adjudicator_makes_the_reference_and_is_no_reader():
    # Carla sees the grades of the others and has the last word: her agreement with them is none.
    readings = [grade("anna", 0.0), grade("ben", 2.0), grade("carla", 1.5)]
    bones = views(readings, design=StudyDesign(adjudicator="carla"))[0]
    assert bones.readers == ("anna", "ben")
    assert bones.ratings.tolist() == [[0.0, 2.0]]
    assert (bones.outcome.shape, list(bones.reasons)) == ((1, 2), ["anna", "ben"])
    assert bones.reference.tolist() == [1.5]
