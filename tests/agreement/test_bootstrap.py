"""Resampling by cluster: a published BCa interval, theory, pairing, and what is refused."""

import time

import numpy as np
import pytest

from rickets_rx.agreement.bootstrap import Interval, NoInterval, Resampler, bca_shares
from rickets_rx.agreement.kappa import kappa_statistic
from rickets_rx.agreement.statistic import Statistic, additive, difference, mean, proportion, restricted
from rickets_rx.agreement.within import bias_statistic, reader_bias_statistic, within_statistic

# Spatial test data A of Efron and Tibshirani 1993, table 14.1.
SPATIAL = np.array(
    [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41.0]
)


def variance_statistic(values: np.ndarray) -> Statistic:
    sums = np.column_stack([np.ones(values.size), values, values**2])
    used = np.ones(values.size, dtype=bool)
    return additive(sums, used, lambda t: t[:, 2] / t[:, 0] - (t[:, 1] / t[:, 0]) ** 2)


def test_published_bca_interval_of_a_variance():
    # Efron and Tibshirani, p. 184-188: plug-in variance 171.5, acceleration .061; BCa 90 % (115.8, 259.6) and
    # percentile (100.8, 233.9), each from 2000 draws of theirs: 3 % is their Monte Carlo error and ours.
    statistic = variance_statistic(SPATIAL)
    assert round(statistic.value(), 1) == 171.5
    units = range(SPATIAL.size)
    book = {"draws": 20000, "seed": 5, "level": 0.9, "expanded": False}
    bca = Resampler(units, **book).estimate(statistic)
    plain = Resampler(units, **book, interval=Interval.PERCENTILE).estimate(statistic)
    assert (bca.low, bca.high) == (pytest.approx(115.8, rel=0.03), pytest.approx(259.6, rel=0.03))
    assert (plain.low, plain.high) == (pytest.approx(100.8, rel=0.03), pytest.approx(233.9, rel=0.03))
    assert (bca.interval, plain.interval) == (Interval.BCA, Interval.PERCENTILE)


def test_acceleration_and_bias_by_hand():
    # No skewness and half of the draws below: BCa is the percentile interval.
    drawn = np.arange(1, 101, dtype=float)
    shares = bca_shares(50.5, drawn, np.array([1.0, 2.0, 3.0]), np.array([0.025, 0.975]))
    assert shares == pytest.approx([0.025, 0.975])


def test_draws_equal_to_the_value_count_half():
    # A fifth below, three fifths equal: 0.2 + 0.3 is a half, so nothing is corrected.
    drawn = np.repeat([0.0, 1.0, 2.0], [20, 60, 20])
    shares = bca_shares(1.0, drawn, np.array([1.0, 2.0, 3.0]), np.array([0.025, 0.975]))
    assert shares == pytest.approx([0.025, 0.975])


def test_the_jackknife_leaves_out_one_cluster_whole():
    statistic, units = variance_statistic(SPATIAL), np.arange(SPATIAL.size)
    pairs = units // 2
    found = Resampler(pairs.tolist())._leave_one_out(statistic, np.arange(13))
    assert found == pytest.approx([np.var(SPATIAL[pairs != left]) for left in range(13)])


def test_whole_clusters_are_drawn():
    # Ten films of each of 40 patients, all alike within a patient: the interval must be Student's of 40
    # values, t(39) = 2.0227, and not that of 400.
    patient = np.random.default_rng(2).normal(size=40)
    values, clusters = np.repeat(patient, 10), np.repeat(np.arange(40), 10)
    found = Resampler(clusters.tolist(), draws=20000, seed=1, interval=Interval.PERCENTILE).estimate(
        mean(values)
    )
    expected = 2 * 2.0227 * patient.std(ddof=1) / np.sqrt(40)
    assert found.high - found.low == pytest.approx(expected, rel=0.02)
    assert (found.units, found.clusters) == (400, 40)


def test_same_draws_make_a_difference_paired():
    # Second is first plus a constant: the paired difference has no spread at all.
    values = np.random.default_rng(0).normal(size=60)
    resampler = Resampler(range(60), seed=9)
    found = resampler.estimate(difference(mean(values), mean(values + 0.25)))
    assert found.value == pytest.approx(-0.25)
    assert found.reason is NoInterval.UNDEFINED  # every draw equal: there is no interval to tell
    noisy = mean(values + np.random.default_rng(1).normal(scale=0.1, size=60))
    paired = resampler.estimate(difference(mean(values), noisy))
    alone = resampler.estimate(mean(values))
    assert paired.high - paired.low < 0.25 * (alone.high - alone.low)


def test_seed_gives_the_same_interval_whatever_came_before():
    values = np.random.default_rng(0).normal(size=30)
    fresh = Resampler(range(30), seed=4).estimate(mean(values))
    used = Resampler(range(30), seed=4)
    used.estimate(restricted(mean(values), np.arange(30) < 15))
    assert used.estimate(mean(values)) == fresh
    assert Resampler(range(30), seed=5).estimate(mean(values)) != fresh


def test_under_ten_clusters_there_is_no_interval():
    found = Resampler([i % 9 for i in range(90)]).estimate(mean(np.arange(90.0)))
    assert (found.low, found.high, found.reason) == (None, None, NoInterval.FEW_CLUSTERS)
    assert found.value == 44.5


def test_clusters_without_data_do_not_count():
    values = np.where(np.arange(40) < 8, np.arange(40.0), np.nan)
    found = Resampler(range(40)).estimate(mean(values))
    assert (found.clusters, found.reason) == (8, NoInterval.FEW_CLUSTERS)


def test_unknown_patients_give_a_value_without_an_interval():
    found = Resampler(None).estimate(mean(np.arange(40.0)))
    assert (found.value, found.low, found.reason) == (19.5, None, NoInterval.UNKNOWN_CLUSTERS)


def test_no_data_and_no_variation_are_told_apart():
    resampler = Resampler(range(20))
    assert resampler.estimate(mean(np.full(20, np.nan))).reason is NoInterval.NO_DATA
    same = resampler.estimate(kappa_statistic(np.zeros(20), np.zeros(20)))
    assert (same.value, same.reason) == (None, NoInterval.UNDEFINED)


def test_a_statistic_undefined_in_many_draws_has_no_interval():
    # One of 20 patients has grade 1: a third of the draws lack her, and kappa is undefined there.
    grades = np.where(np.arange(20) == 0, 1.0, 0.0)
    found = Resampler(range(20)).estimate(kappa_statistic(grades, grades))
    assert found.value == pytest.approx(1.0)
    assert found.reason is NoInterval.UNDEFINED_DRAWS
    assert found.undefined_draws == pytest.approx(2000 * (19 / 20) ** 20, rel=0.1)


def test_a_full_share_gets_an_exact_bound(r_values):
    found = Resampler(range(20)).estimate(proportion(np.ones(20, dtype=bool), np.ones(20, dtype=bool)))
    assert found.low == pytest.approx(r_values["clopper.low.20"], abs=1e-6)
    assert (found.high, found.interval) == (1.0, Interval.EXACT)


def test_wrong_number_of_units_is_named():
    with pytest.raises(ValueError, match="20 cluster names for 10 units"):
        Resampler(range(20)).estimate(mean(np.arange(10.0)))


def test_within_and_bias_by_hand():
    a, b = np.array([0, 0.5, 1, 2, np.nan]), np.array([0.5, 0.5, 2, 2, 0])
    assert within_statistic(a, b).value() == pytest.approx(3 / 4)
    assert within_statistic(a, b, 0.0).value() == pytest.approx(2 / 4)
    assert bias_statistic(a, b).value() == pytest.approx((-0.5 - 1) / 4)
    # Reader 0 against the mean of those others who graded: 1 - 0.75, 2 - 1.5.
    table = np.array([[1, 0.5, 1], [2, 1.5, np.nan], [0, np.nan, np.nan]])
    assert reader_bias_statistic(table, 0).value() == pytest.approx((0.25 + 0.5) / 2)


def test_speed_of_two_thousand_draws():
    # 2000 bones of 500 patients: well under a second each, so that a report of hundreds stays in minutes.
    rng = np.random.default_rng(0)
    a, b = (rng.integers(0, 5, 2000) / 2 for _ in range(2))
    began = time.perf_counter()
    Resampler([i // 4 for i in range(2000)]).estimate(kappa_statistic(a, b))
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize("clusters", [10, 20, 40])
def test_few_clusters_widen_an_interval_to_students(clusters):
    # Student's interval of the mean, from its own table: t(9) = 2.2622, t(19) = 2.0930, t(39) = 2.0227.
    t = {10: 2.2622, 20: 2.0930, 40: 2.0227}[clusters]
    values = np.random.default_rng(clusters).normal(size=clusters)
    found = Resampler(range(clusters), draws=40000, seed=2, interval=Interval.PERCENTILE).estimate(
        mean(values)
    )
    half = t * values.std(ddof=1) / np.sqrt(clusters)
    # Draws of few values have tails shorter than a normal: a few percent.
    assert found.high - found.low == pytest.approx(2 * half, rel=0.05)
    book = Resampler(range(clusters), draws=40000, seed=2, interval=Interval.PERCENTILE, expanded=False)
    assert book.estimate(mean(values)).high < found.high
