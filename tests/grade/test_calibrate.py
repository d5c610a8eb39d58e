"""Conformal quantiles by hand, coverage by simulation, and the table that keeps them."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from rickets_rx.grade import interval
from rickets_rx.grade.calibrate import LEAST, Miss, banded, quantile_by_child, wide_enough, write_bands
from rickets_rx.grade.interval import Band, Kind, Target, reach
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


def test_where_mild_disease_hides_among_the_healthy_each_tail_holds_95_percent() -> None:
    misses = [Miss(i, 0.1, -0.2, i / 1000) for i in range(1000)]
    assert banded(misses, [0.0])[0].above == pytest.approx(0.95, abs=0.002)


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
    assert reach(0.49, table=path) == (0.0, 0.1)
    assert reach(0.5, table=path) == (0.2, 0.3)
    assert reach(0.5, low_confidence=True, table=path) == pytest.approx((0.3, 0.45))
    assert reach(0.5, scale=2.0, table=path) == pytest.approx((0.4, 0.6))
    assert reach(1.0, Kind(Target.SUM), table=path) == (0.05, 0.06)
    assert reach(0.9, elbow, table=path) == (0.4, 0.4)


def test_bands_that_do_not_start_at_zero_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "interval.csv"
    path.write_text("method,joint,target,severity_from,below,above\nclassical,wrist,bone,0.1,0,0.1\n")
    with pytest.raises(ValueError, match="start at 0"):
        interval.bands(Kind(), path)


def test_the_shipped_bands_are_whole() -> None:
    for method, joint, target in product(Method, Joint, Target):
        found = interval.bands(Kind(target, joint, method))
        assert all(band.below >= 0 and band.above >= 0 for band in found)
