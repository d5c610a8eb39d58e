"""Simulated studies: the known answer is right, and the report's intervals hold it."""

from dataclasses import replace

import numpy as np
import pytest

from rickets_rx.agreement.bootstrap import Interval
from rickets_rx.agreement.coverage import interval_coverage, report_coverage, simulated_view
from rickets_rx.agreement.icc import icc_statistic
from rickets_rx.agreement.kappa import confusion, pairwise_kappa_statistic
from rickets_rx.agreement.simulate import (
    SimulatedReader,
    StudyModel,
    expected_table,
    expected_values,
    half_grade,
    simulate_changes,
    simulate_study,
)

READERS = (SimulatedReader("anna", 0.0, 0.2), SimulatedReader("ben", 0.3, 0.3, refuses=0.1))
MODEL = StudyModel(60, READERS, machine=SimulatedReader("machine", 0.1, 0.25))


def test_half_grades_by_hand():
    latent = np.array([-1, 0.24, 0.25, 0.74, 1.0, 1.3, 1.75, 9])
    assert half_grade(latent).tolist() == [0, 0, 0.5, 0.5, 1, 1.5, 2, 2]


def test_expected_table_is_what_many_bones_show():
    big = StudyModel(8000, READERS)
    view = simulated_view(big, seed=1)
    counts = confusion(view.ratings[:, 0], view.ratings[:, 1])
    assert counts / counts.sum() == pytest.approx(expected_table(big, *READERS), abs=0.008)


def test_expected_values_are_what_many_bones_show():
    view, told = simulated_view(StudyModel(8000, READERS), seed=2), expected_values(MODEL)
    kappa = pairwise_kappa_statistic(view.ratings).value()
    assert kappa == pytest.approx(told["mean_pairwise_kappa_quadratic"], abs=0.012)
    assert icc_statistic(view.ratings).value() == pytest.approx(told["icc_2_1"], abs=0.012)


def test_readers_without_noise_or_bias_agree_wholly():
    model = StudyModel(50, (SimulatedReader("a", 0, 0), SimulatedReader("b", 0, 0)))
    view = simulated_view(model, seed=0)
    assert np.array_equal(view.ratings[:, 0], view.ratings[:, 1])
    assert expected_values(model)["mean_pairwise_kappa_quadratic"] == pytest.approx(1.0)


def test_refusals_come_as_often_as_asked():
    study = simulate_study(StudyModel(2000, READERS), seed=3)
    by_ben = [r for r in study.readings if r.reader == "ben"]
    assert np.mean([r.refused for r in by_ben]) == pytest.approx(0.1, abs=0.015)
    assert not any(r.refused for r in study.readings if r.reader == "anna")


def test_changes_follow_the_latent_fall():
    study = simulate_study(StudyModel(200, READERS, films=2), seed=4)
    exact = simulate_changes(study, [SimulatedReader("anna", 0, 0)], seed=1)
    assert len(exact) == 200
    for reading in exact[:20]:
        before, after = (
            np.mean([study.latent[film, 1, bone] for bone in ("radius", "ulna")])
            for film in (reading.pair_sha256, reading.image_sha256)
        )
        assert reading.rgic == int(np.clip(np.rint(2 * (before - after)), -3, 3))


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    # The small sister of benchmarks/agreement_coverage.py: 100 studies of 60 children. A true coverage of
    # 94 % gives fewer than 87 of 100 in under one run of 200. Nobody refuses: refusals move the margins.
    nobody_refuses = replace(MODEL, readers=(READERS[0], replace(READERS[1], refuses=0.0)))
    found = interval_coverage(nobody_refuses, repeats=100, draws=400, seed=7)
    assert {one.interval for one in found} == {Interval.BCA, Interval.PERCENTILE, Interval.F}
    for one in found:
        assert one.repeats == 100
        assert one.share >= 0.87, one
        assert abs(one.mean - one.truth) < 0.02, one
    widths = {one.statistic: one.width for one in found if one.interval is Interval.BCA}
    assert 0.05 < widths["mean_pairwise_kappa_quadratic"] < 0.25


def test_coverage_of_a_report_meets_every_statistic_and_knows_the_truth():
    readers = (SimulatedReader("anna", 0.0, 0.25, 0.05), SimulatedReader("ben", 0.2, 0.3))
    model = StudyModel(25, readers, films=2, machine=SimulatedReader("machine", 0.1, 0.3, 0.1), again=0.5)
    found = report_coverage(model, readers, repeats=8, draws=100, seed=1, children=1500)
    rows = {(row.section, row.measure, row.first, row.second, row.statistic): row for row in found}
    kappa = rows["readers", "bone", "all readers", "", "mean_pairwise_kappa_quadratic"]
    assert kappa.truth == pytest.approx(expected_values(model)["mean_pairwise_kappa_quadratic"], abs=0.02)
    assert rows["failures", "bone", "machine", "", "share_refused"].truth == pytest.approx(0.1, abs=0.015)
    assert {row.section for row in found} == {
        "readers", "intra_reader", "machine", "cut_offs", "calibration", "failures", "direction",
    }  # fmt: skip
    assert {row.measure for row in found} == {"bone", "total", "change"}
    assert {row.repeats for row in found} <= set(range(1, 9))
    # Eight studies hold the truth about as often as they should; numbers of one study hang together.
    assert np.mean([row.share for row in found]) > 0.8
