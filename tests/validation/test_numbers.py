"""Numbers over films with known truth, by hand."""

import numpy as np
import pytest
from validation.content import bone, film, films

from rickets_rx.validation import numbers as n


def value(rows, statistic, group=""):
    (row,) = [r for r in rows if (r["statistic"], r["group"]) == (statistic, group)]
    return row


def test_grades_against_the_truth():
    # 19 bones graded; bones 0 and 10 (true grade 0) are called 0.5, the others as they are.
    rows = n.grade_numbers(n.recovery(films(), "by hand", seed=1, draws=50))
    assert value(rows, "share_exact", "bone")["value"] == pytest.approx(17 / 19, abs=1e-6)
    assert value(rows, "bias", "bone")["value"] == pytest.approx(1 / 19, abs=1e-6)
    assert value(rows, "share_refused", "bone")["value"] == pytest.approx(1 / 20)
    assert value(rows, "kappa_quadratic", "bone")["clusters"] == 19
    assert value(rows, "bias", "bone; severity: 0-0.5")["value"] == pytest.approx(1 / 8)
    # Machine at 0.5 or more: of four true zeros two are called; all others reach 0.5.
    assert value(rows, "specificity (reference >= 0.5)", "bone")["value"] == pytest.approx(1 / 2)
    assert value(rows, "sensitivity (reference >= 0.5)", "bone")["value"] == 1.0


def test_severity_and_its_interval():
    rows = n.severity_numbers(n.columns(films()), seed=1, draws=50)
    # Said 0.25 for a truth of 0, bounds 0.15 to 0.35: the two wrong ones are not held.
    assert value(rows, "coverage_severity")["value"] == pytest.approx(17 / 19, abs=1e-6)
    assert value(rows, "coverage_severity", "true grade 0")["value"] == pytest.approx(1 / 2)
    assert value(rows, "share_within_near", "true grade 0")["value"] == 1.0
    # Widths 0.2, but 0.1 where the lower end is cut at 0: bones 5 and 15.
    assert value(rows, "width_severity")["value"] == pytest.approx((17 * 0.2 + 2 * 0.1) / 19, abs=1e-6)


def test_places_and_refusals_by_fifths():
    found = n.columns([*films(10), film("far", bone(1.0, 1.0, corner_error=0.3))])
    rows = n.place_numbers(found, seed=1, draws=50)
    # Eleven bones: the tenth is refused, the last one lies 30 % off.
    assert value(rows, "found")["value"] == pytest.approx(9 / 11, abs=1e-6)
    assert value(rows, "refused")["value"] == pytest.approx(1 / 11, abs=1e-6)
    assert value(rows, "corner_error_median")["value"] == pytest.approx(0.05)
    # The refused one has grade 2, of the two in the highest fifth one is it.
    assert value(rows, "refused", "highest fifth of true severity")["value"] == pytest.approx(1 / 2)
    assert value(rows, "refused", "lowest fifth of true severity")["value"] == 0.0


def test_normal_bones_without_a_grade_count_against():
    normal = {"said": "normal", "true_severity": None}
    said = [0.0] * 10 + [0.5, 1.5, None]
    given = [film(f"f{i}", bone(0.0, grade, **normal)) for i, grade in enumerate(said)]
    given.append(film("other", bone(0.0, 2.0, said="cupped")))
    given.append(film("trained", bone(0.0, 2.0, **normal), trained_on=True))
    rows = n.normal_numbers(n.without_trained(given), seed=1, draws=50)
    assert value(rows, "at_0")["value"] == pytest.approx(10 / 13, abs=1e-6)
    assert value(rows, "at_most_half")["value"] == pytest.approx(11 / 13, abs=1e-6)
    assert value(rows, "at_least_1.5")["value"] == pytest.approx(1 / 13, abs=1e-6)
    assert value(rows, "refused")["value"] == pytest.approx(1 / 13, abs=1e-6)
    assert value(rows, "at_0", "ulna")["value"] is None


def test_two_bones_of_a_child_are_one_cluster():
    pairs = [film(f"f{i}", bone(0.0, 0.0), bone(1.0, 1.0, bone="ulna")) for i in range(12)]
    row = value(n.severity_numbers(n.columns(pairs), seed=1, draws=50), "coverage_severity")
    assert (row["units"], row["clusters"]) == (24, 12)


def test_missing_is_not_zero():
    found = n.columns([film("f", bone(1.0, None))])
    assert np.isnan(found["severity"]).all()
    assert value(n.place_numbers(found, seed=1, draws=50), "corner_error_median")["value"] is None
