"""Conformal quantiles by hand, coverage by simulation, and the table that keeps them."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from rickets_rx.grade import interval
from rickets_rx.grade.calibrate import (
    EDGES,
    LEAST,
    Miss,
    _miss,
    _sum_miss,
    banded,
    quantile_by_child,
    wide_enough,
    write_bands,
)
from rickets_rx.grade.interval import Band, Kind, Reading, Target, held, reach
from rickets_rx.grade.thacher import outward
from rickets_rx.vocabulary import Joint, Method


def test_one_value_a_child_is_the_classic_rank() -> None:
    # n = 19 at 95 %: the ceil(20 x 0.95) = 19th smallest; at 90 % the 18th.
    values, children = list(range(1, 20)), list(range(19))
    assert quantile_by_child(values, children, 0.95) == 19
    assert quantile_by_child(values, children, 0.90) == 18


def test_too_few_children_have_no_quantile() -> None:
    assert quantile_by_child(list(range(18)), list(range(18)), 0.95) is None


def test_bones_of_one_child_share_its_vote() -> None:
    # Three children at 50 %: 2 votes of 4 are needed. The first child's four bones weigh 1/4 each, so 10-40
    # give 1 vote, 50 the second.
    assert quantile_by_child([10, 20, 30, 40, 50, 60], [1, 1, 1, 1, 2, 3], 0.5) == 50
    assert quantile_by_child([10, 20, 30, 40, 50, 60], [1, 2, 3, 4, 5, 6], 0.5) == 40


def test_bands_cover_what_they_promise_on_new_children() -> None:
    # Truth strays by a normal error of 0.1: 90 % lie within 0.1645 either way. Of 2 000 new children 90 % lie
    # inside, give or take 4 standard errors of both binomials (0.67 % each).
    rng = np.random.default_rng(5)
    band = banded([Miss(i, 0.5, e, -e) for i, e in enumerate(rng.normal(0, 0.1, 2000))], [0.4])[0]
    assert (band.below, band.above) == pytest.approx((0.1645, 0.1645), abs=0.015)
    new = rng.normal(0, 0.1, 2000)
    assert np.mean((new <= band.below) & (-new <= band.above)) == pytest.approx(0.90, abs=0.038)


def test_a_band_is_as_lop_sided_as_its_errors() -> None:
    # Truth lies above what was said, never below: the reach below is the least tail, that above 90 % of 0-1.
    misses = [Miss(i, 0.5, -0.2, i / 1000) for i in range(1000)]
    band = banded(misses, [0.4])[0]
    assert band.above == pytest.approx(0.9, abs=0.002)
    assert band.below < 0.05


def test_every_grade_is_covered_as_promised_though_errors_differ(tmp_path: Path) -> None:
    # Mild bones are said 0.1 too low, severe ones 0.06 either way; nine in ten are mild. Of 3 000 new
    # children either group is covered, not only both together (four standard errors).
    def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        mild = rng.random(3000) < 0.9
        truth = np.where(mild, rng.uniform(0.13, 0.37, 3000), rng.uniform(0.88, 1, 3000))
        error = np.where(mild, rng.normal(-0.1, 0.03, 3000), rng.normal(0, 0.06, 3000))
        return truth, np.clip(truth + error, 0, 1)

    truth, said = drawn(1)
    misses = [Miss(i, t, s - t, t - s) for i, (t, s) in enumerate(zip(truth, said, strict=True))]
    path = tmp_path / "interval.csv"
    write_bands(path, {Kind(): banded(misses, wide_enough(misses, EDGES))})
    truth, said = drawn(2)
    bounds = np.array([held(Reading(s, s, s, 1.0), Kind(), table=path) for s in said])
    inside = (bounds[:, 0] <= truth) & (truth <= bounds[:, 1])
    assert inside[truth < 0.5].mean() == pytest.approx(0.90, abs=0.03)
    assert inside[truth > 0.5].mean() == pytest.approx(0.90, abs=0.09)


def test_a_bone_called_healthy_misses_nothing_below() -> None:
    # Severity 0.1 is grade 0, whose interval reaches to 0; 0.2 is grade 0.5, twice an ordinary spread.
    healthy, mild = Reading(0.1, 0.1, 0.1, 1.0), Reading(0.2, 0.2, 0.2, 2.0)
    assert _miss(1, healthy, 0.0) == Miss(1, 0.0, 0.0, pytest.approx(-0.1))
    assert _miss(1, mild, 0.0) == Miss(1, 0.0, pytest.approx(0.1), pytest.approx(-0.1))


def test_a_sum_is_calibrated_as_it_is_printed() -> None:
    # Said 0.3 and 0.5, mean 0.4, a sum of 1.6; true grades 0 and 1: a sum of 1, mean severity 0.25. The
    # interval is rounded outward by up to a half, 0.125 of mean severity: 0.025 is left to reach.
    pair = [(Reading(s, s, s, 1.0), grade) for s, grade in ((0.3, 0.0), (0.5, 1.0))]
    assert _sum_miss(4, pair) == Miss(4, pytest.approx(0.4), pytest.approx(0.025), pytest.approx(-0.275))
    # Reaching 0.03 below 0.4 is 1.48 of 4, printed as 1: the truth is held. Nothing below is printed as 1.5.
    assert outward(0.4 - 0.03, 0.4, steps=8)[0] == 1.0
    assert outward(0.4, 0.4, steps=8)[0] == 1.5


def test_an_interval_holds_what_each_group_allows(tmp_path: Path) -> None:
    path = tmp_path / "interval.csv"
    write_bands(path, {Kind(): [Band(0.0, 0.3, 0.05), Band(0.4, 0.1, 0.2)]})

    def at(severity: float, scale: float = 1.0, low_confidence: bool = False) -> tuple[float, float]:
        read = Reading(severity, severity, severity, scale)
        return held(read, Kind(), low_confidence=low_confidence, table=path)

    # The first group allows 0.0-0.35, the second nothing: 0.3 + 0.2 reaches 0.5, so 0.4-0.5.
    assert at(0.3) == pytest.approx((0.0, 0.5))
    # 0.1: 0 to 0.15; the second group would begin at 0.4, 0.1 + 0.2 does not reach it.
    assert at(0.1) == pytest.approx((0.0, 0.15))
    # 0.8: only the second, 0.7-1; twice the spread takes 0.6, and the first group begins to allow 0.4 - 0.2.
    assert at(0.8) == pytest.approx((0.7, 1.0))
    assert at(0.8, 2.0) == pytest.approx((0.2, 1.0))
    assert at(0.8, low_confidence=True) == pytest.approx((0.35, 1.0))


def test_where_no_group_allows_anything_the_reading_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "interval.csv"
    write_bands(path, {Kind(): [Band(0.0, 0.05, 0.05), Band(0.5, 0.05, 0.3)]})
    # 0.58: the first group ends at 0.5, 0.08 off; the second allows 0.53-0.88.
    assert held(Reading(0.58, 0.58, 0.58, 1.0), Kind(), table=path) == pytest.approx((0.53, 0.88))
    write_bands(path, {Kind(): [Band(0.0, 0.0, 0.0), Band(0.9, 0.0, 0.0)]})
    assert held(Reading(0.95, 0.95, 0.95, 1.0), Kind(), table=path) == pytest.approx((0.95, 0.95))


def test_a_band_with_few_children_joins_its_neighbour() -> None:
    def at(severity: float, count: int, first: int) -> list[Miss]:
        return [Miss(first + i, severity, 0, 0) for i in range(count)]

    few_last = at(0.1, LEAST, 0) + at(0.4, LEAST, 100) + at(0.9, LEAST - 1, 200)
    assert wide_enough(few_last, [0.0, 0.3, 0.8]) == [0.0, 0.3]
    # The first band alone is too small and reaches up to 0.8; two bones of one child count once.
    few_first = at(0.1, LEAST - 1, 0) + at(0.1, 1, 0) + at(0.4, LEAST, 100) + at(0.9, LEAST, 200)
    assert wide_enough(few_first, [0.0, 0.3, 0.8]) == [0.0, 0.8]


def test_a_band_with_few_children_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"band from 0.5: 3 children"):
        banded([Miss(i, 0.1, 0, 0) for i in range(40)] + [Miss(i, 0.9, 0, 0) for i in range(3)], [0.0, 0.5])


def test_the_table_is_read_back_and_the_right_band_taken(tmp_path: Path) -> None:
    path = tmp_path / "interval.csv"
    bone, total = [Band(0.0, 0.0, 0.1), Band(0.5, 0.2, 0.3)], [Band(0.0, 0.05, 0.06)]
    elbow = Kind(joint=Joint.ELBOW, method=Method.FUSED)
    write_bands(path, {Kind(): bone, Kind(Target.SUM): total, elbow: [Band(0.0, 0.4, 0.4)]})
    assert interval.bands(Kind(), path) == tuple(bone)
    assert reach(0.49, Kind(), path) == (0.0, 0.1)
    assert reach(0.5, Kind(), path) == (0.2, 0.3)
    assert reach(1.0, Kind(Target.SUM), path) == (0.05, 0.06)
    assert reach(0.9, elbow, path) == (0.4, 0.4)


def test_bands_that_do_not_start_at_zero_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "interval.csv"
    path.write_text("method,joint,target,severity_from,below,above\nclassical,wrist,bone,0.1,0,0.1\n")
    with pytest.raises(ValueError, match="start at 0"):
        interval.bands(Kind(), path)


def test_the_shipped_bands_are_whole() -> None:
    for method, joint, target in product(Method, Joint, Target):
        found = interval.bands(Kind(target, joint, method))
        assert all(band.below >= 0 and band.above >= 0 for band in found)
