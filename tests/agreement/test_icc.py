"""ICC against Shrout and Fleiss 1979 to their digits and against R's psych."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.agreement.icc import Icc, Missing, icc, icc_statistic, mean_squares

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
R_NAME = {Icc.AGREEMENT: "ICC2", Icc.CONSISTENCY: "ICC3"}


def test_shrout_and_fleiss_as_printed():
    # Tables 3 and 4 of the paper: BMS 11.24, JMS 32.49, EMS 1.02; ICC(2,1) .29, ICC(3,1) .71.
    squares = mean_squares(SHROUT_FLEISS)
    assert [round(v, 2) for v in (squares.between, squares.readers, squares.error)] == [11.24, 32.49, 1.02]
    assert round(icc(SHROUT_FLEISS, Icc.AGREEMENT).value, 2) == 0.29
    assert round(icc(SHROUT_FLEISS, Icc.CONSISTENCY).value, 2) == 0.71


@pytest.mark.parametrize("kind", list(Icc))
@pytest.mark.parametrize("data", ["shrout_fleiss", "complete"])
def test_same_as_r(kind, data, ratings, r_values):
    table = SHROUT_FLEISS if data == "shrout_fleiss" else ratings
    found = icc(table, kind, missing=Missing.COMPLETE)
    for part in ("value", "low", "high"):
        assert getattr(found, part) == pytest.approx(r_values[f"{data}.{R_NAME[kind]}.{part}"], abs=1e-6)


@pytest.mark.parametrize("kind", list(Icc))
def test_resampled_form_gives_the_same_value(kind, ratings):
    direct = icc(ratings, kind, missing=Missing.COMPLETE).value
    assert icc_statistic(ratings, kind).value() == pytest.approx(direct, abs=1e-12)


def test_weights_count_units_as_often_as_they_say():
    counts = np.array([0, 2, 1, 1, 3, 1])
    drawn = icc_statistic(SHROUT_FLEISS).of_weights(counts[None, :].astype(float))
    assert drawn[0] == pytest.approx(icc(np.repeat(SHROUT_FLEISS, counts, axis=0)).value, abs=1e-12)


def test_missing_readings_are_named_unless_told_otherwise(ratings):
    with pytest.raises(ValueError, match="4 of 40 units lack a reading"):
        icc(ratings)
    assert icc(ratings, missing=Missing.COMPLETE).squares.dropped == 4


def test_a_constant_bias_lowers_agreement_and_not_consistency():
    truth = np.array([0, 0.5, 1, 1.5, 2, 1, 0])
    table = np.column_stack([truth, truth + 0.5])
    # Residual 0, so ICC(3,1) = 1. MSB = 2 var, MSJ = n 0.25 / 2, so ICC(2,1) = var / (var + 0.125).
    variance = truth.var(ddof=1)
    assert icc(table, Icc.CONSISTENCY).value == pytest.approx(1.0)
    assert icc(table, Icc.AGREEMENT).value == pytest.approx(variance / (variance + 0.125))


def test_equal_readings_everywhere_are_undefined():
    with pytest.raises(ValueError, match="undefined"):
        icc(np.ones((5, 2)))
    assert np.isnan(icc_statistic(np.ones((5, 2))).value())


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=3, max_size=30), st.floats(-50, 50))
def test_shift_leaves_both_alone_and_the_interval_holds_the_value(rows, shift):
    table = np.array(rows, dtype=float)
    if np.ptp(table) == 0:
        return
    for kind in Icc:
        value = icc_statistic(table, kind).value()
        assert icc_statistic(table + shift, kind).value() == pytest.approx(value, abs=1e-7, nan_ok=True)
    squares = mean_squares(table)
    if squares.error > 0.01 and squares.between > 0.01:
        found = icc(table, Icc.CONSISTENCY)
        assert found.low <= found.value <= found.high
