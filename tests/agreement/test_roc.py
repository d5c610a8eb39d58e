"""ROC, rank correlation and calibration against R and arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.agreement.calibration import (
    calibration_intercept_statistic,
    calibration_slope_statistic,
    coverage_statistic,
    reference_by_grade,
    width_statistic,
)
from rickets_rx.agreement.roc import (
    at_least,
    auc_statistic,
    roc_curve,
    sensitivity_statistic,
    spearman_statistic,
    specificity_statistic,
)


@pytest.mark.parametrize("cut", [0.5, 1.0, 1.5])
def test_auc_same_as_wilcoxon_in_r(cut, table, r_values):
    found = auc_statistic(table["severity"], at_least(table["a"], cut)).value()
    assert found == pytest.approx(r_values[f"auc.{cut:g}"], abs=1e-6)


@pytest.mark.parametrize("cut", [0.5, 1.0, 1.5])
def test_area_under_the_drawn_curve_is_the_auc(cut, table):
    positive = at_least(table["a"], cut)
    curve = roc_curve(table["severity"], positive)
    area = np.trapezoid(curve.true_positive, curve.false_positive)
    assert area == pytest.approx(auc_statistic(table["severity"], positive).value(), abs=1e-12)
    assert (curve.false_positive[-1], curve.true_positive[-1]) == (1.0, 1.0)


def test_spearman_same_as_r(table, r_values):
    found = spearman_statistic(table["a"], np.log(table["alp"])).value()
    assert found == pytest.approx(r_values["spearman"], abs=1e-6)


def test_calibration_line_same_as_r(table, r_values):
    severity, reference = table["severity"], table["a"] / 2
    slope = calibration_slope_statistic(severity, reference).value()
    intercept = calibration_intercept_statistic(severity, reference).value()
    assert slope == pytest.approx(r_values["calibration.slope"], abs=1e-6)
    assert intercept == pytest.approx(r_values["calibration.intercept"], abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=3, max_size=25))
def test_weights_count_units_as_often_as_they_say(rows):
    scores, ill, counts = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    many = np.repeat(np.arange(len(rows)), counts.astype(int))
    for statistic in (auc_statistic, spearman_statistic):
        if not many.size:
            return
        drawn = statistic(scores, ill).of_weights(counts[None, :])[0]
        assert drawn == pytest.approx(statistic(scores[many], ill[many]).value(), abs=1e-9, nan_ok=True)


def test_only_one_class_has_no_auc():
    assert np.isnan(auc_statistic(np.array([0.1, 0.2]), np.array([1.0, 1.0])).value())
    with pytest.raises(ValueError, match="positives and negatives"):
        roc_curve(np.array([0.1, 0.2]), np.array([1.0, 1.0]))


def test_sensitivity_and_specificity_by_hand():
    # Reference at or above 1: units 2, 3, 4, of which the machine calls 3 and 4; below: 0, 1, calls 1.
    reference = np.array([0, 0.5, 1, 1.5, 2, np.nan])
    machine = np.array([0.5, 1, 0.5, 1, 2, 2])
    called, positive = at_least(machine, 1), at_least(reference, 1)
    assert sensitivity_statistic(called, positive).value() == pytest.approx(2 / 3)
    assert specificity_statistic(called, positive).value() == pytest.approx(1 / 2)


def test_coverage_width_and_table_by_hand():
    # 1 in 0-1 (at its end), 1 above 0-0.5, 1 in 1-2 (at its end), 0.5 below 1-2, no interval.
    low, high = np.array([0, 0, 1, 1, np.nan]), np.array([1, 0.5, 2, 2, np.nan])
    reference = np.array([1, 1, 1, 0.5, 1.0])
    assert coverage_statistic(low, high, reference).value() == pytest.approx(2 / 4)
    assert width_statistic(low, high).value() == pytest.approx((1 + 0.5 + 1 + 1) / 4)
    assert reference_by_grade(np.array([0, 0.5, 0.5]), np.array([0, 0.5, 1.5])) == [
        (0.0, 1, 0.0, None),
        (0.5, 2, 1.0, pytest.approx(2**-0.5)),
    ]
