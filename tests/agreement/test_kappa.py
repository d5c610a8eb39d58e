"""Weighted kappa against R (psych, vcd), scikit-learn, Agresti's table and arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.agreement.kappa import (
    RGIC_LABELS,
    THACHER_BONE_LABELS,
    Weighting,
    agreement_weights,
    confusion,
    kappa_of_tables,
    kappa_standard_error,
    kappa_statistic,
    pairwise_kappa_statistic,
    weighted_kappa,
)

# Agresti 1990, p. 367 (Hout et al. 1987): husbands (rows) and wives rate the same sentence, 91 couples.
SEXUAL_FUN = np.array([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]], dtype=float)
grades = st.sampled_from(THACHER_BONE_LABELS)


@pytest.mark.parametrize("weighting", [Weighting.LINEAR, Weighting.QUADRATIC])
@pytest.mark.parametrize("pair", ["a.b", "a.c", "b.c"])
def test_same_as_r(pair, weighting, table, r_values):
    first, second = (table[name] for name in pair.split("."))
    found = weighted_kappa(first, second, weighting=weighting)
    assert found == pytest.approx(r_values[f"kappa.{pair}.{weighting}"], abs=1e-6)
    assert found == pytest.approx(r_values[f"kappa.{pair}.{weighting}.vcd"], abs=1e-6)
    error = kappa_standard_error(confusion(first, second), weighting)
    assert error == pytest.approx(r_values[f"kappa.{pair}.{weighting}.se"], abs=1e-6)


def test_agresti_table(r_values):
    linear = kappa_of_tables(SEXUAL_FUN, agreement_weights(4, Weighting.LINEAR))
    quadratic = kappa_of_tables(SEXUAL_FUN, agreement_weights(4, Weighting.QUADRATIC))
    assert float(linear) == pytest.approx(0.2374, abs=5e-5)  # as printed
    assert float(linear) == pytest.approx(r_values["sexual_fun.linear"], abs=1e-6)
    assert float(quadratic) == pytest.approx(r_values["sexual_fun.quadratic"], abs=1e-6)
    error = kappa_standard_error(SEXUAL_FUN, Weighting.LINEAR)
    assert error == pytest.approx(r_values["sexual_fun.linear.se"], abs=1e-6)


def test_unused_labels_keep_their_distance():
    # Two readers use 0 and 0.5 only. By hand with k = 5, linear: disagreement of a step is 1/4 of the scale,
    # observed 1 - (1/4)(1/4) = 15/16; margins 3/4, 1/4 and 1/2, 1/2: chance of a step apart 1/2, so 7/8.
    first, second = [0, 0, 0, 0.5], [0, 0, 0.5, 0.5]
    assert weighted_kappa(first, second, weighting=Weighting.LINEAR) == pytest.approx(
        (15 / 16 - 7 / 8) / (1 / 8)
    )
    # Identity weights on the same data: (3/4 - 1/2) / (1/2).
    assert weighted_kappa(first, second, weighting=Weighting.IDENTITY) == pytest.approx(0.5)


def test_one_label_only_is_undefined_and_not_one():
    assert np.isnan(weighted_kappa([0, 0, 0], [0, 0, 0]))


def test_missing_readings_leave_their_unit_out():
    with_gap = weighted_kappa([0, 1, np.nan, 2], [0, 0.5, 2, 2])
    assert with_gap == weighted_kappa([0, 1, 2], [0, 0.5, 2])
    assert confusion([0, np.nan, 2], [np.nan, 1, 2]).sum() == 1


def test_a_grade_off_the_scale_is_an_error():
    with pytest.raises(ValueError, match=r"1\.2 is none of the labels"):
        weighted_kappa([0, 1.2], [0, 1])


def test_pairs_average(table, ratings):
    pairs = [weighted_kappa(table[a], table[b]) for a, b in ("ab", "ac", "bc")]
    assert pairwise_kappa_statistic(ratings).value() == pytest.approx(np.mean(pairs), abs=1e-12)


def test_weights_count_units_as_often_as_they_say(table):
    first, second = table["a"], table["c"]
    counts = np.random.default_rng(3).integers(0, 4, first.size)
    repeated = weighted_kappa(np.repeat(first, counts), np.repeat(second, counts))
    drawn = kappa_statistic(first, second).of_weights(counts[None, :].astype(float))
    assert drawn[0] == pytest.approx(repeated, abs=1e-12)


@given(st.lists(st.tuples(grades, grades), min_size=2, max_size=40))
def test_symmetric_bounded_and_blind_to_reversal(pairs):
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    found = weighted_kappa(first, second)
    other = weighted_kappa(second, first)
    turned = weighted_kappa(2 - first, 2 - second)
    if np.isnan(found):
        assert np.isnan(other) and np.isnan(turned)
        return
    assert found == pytest.approx(other, abs=1e-9)
    assert found == pytest.approx(turned, abs=1e-9)
    assert found <= 1 + 1e-12


@settings(deadline=None)  # the first call imports scikit-learn
@given(st.lists(st.tuples(grades, grades), min_size=2, max_size=40))
def test_same_as_scikit_learn(pairs):
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = (np.rint(2 * np.array(side)).astype(int) for side in zip(*pairs, strict=True))
    if len(set(first) | set(second)) < 2:
        return
    for weighting in (Weighting.LINEAR, Weighting.QUADRATIC):
        theirs = metrics.cohen_kappa_score(first, second, labels=range(5), weights=str(weighting))
        assert weighted_kappa(first / 2, second / 2, weighting=weighting) == pytest.approx(theirs, abs=1e-9)


def test_change_scale_has_seven_labels():
    # One step apart of six: 1 - 1/36 on that unit; margins by hand: rows -3, 3; columns -3, 2.
    observed = (1 + 35 / 36) / 2
    expected = (1 + (1 - 25 / 36) + 0 + 35 / 36) / 4
    found = weighted_kappa([-3, 3], [-3, 2], labels=RGIC_LABELS)
    assert found == pytest.approx((observed - expected) / (1 - expected))
