"""Paths, gaps and half-density crossings against values worked out by hand or by brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rickets_rx.segment.trace_path import Reach, half_crossings, shortest_path, valley_depth


@given(
    cost=arrays(np.float64, (5, 4), elements=st.floats(-3, 3, width=32)),
    max_step=st.integers(0, 3),
    stiffness=st.floats(0, 2),
)
@settings(max_examples=60, deadline=None)
def test_path_is_as_cheap_as_the_best_of_all_paths(cost, max_step, stiffness):
    def price(path):
        steps = np.abs(np.diff(path))
        if (steps > max_step).any():
            return np.inf
        return cost[np.arange(5), list(path)].sum() + stiffness * steps.sum()

    best = min(price(path) for path in product(range(4), repeat=5))
    assert price(shortest_path(cost, max_step, stiffness=stiffness)) == pytest.approx(best, abs=1e-9)


def told_by_hand(cost: np.ndarray, max_step: int, stiffness: float) -> list[int]:
    """The same path cell by cell: of equal ones the smaller step, then the lower column."""
    rows, columns = cost.shape
    total, came = cost.tolist(), {}
    for row, column in product(range(1, rows), range(columns)):
        starts = range(max(0, column - max_step), min(columns, column + max_step + 1))
        ways = [(total[row - 1][c] + stiffness * abs(c - column), abs(c - column), c) for c in starts]
        total[row][column] += min(ways)[0]
        came[row, column] = min(ways)[2]
    path = [total[-1].index(min(total[-1]))]
    for row in range(rows - 1, 0, -1):
        path.append(came[row, path[-1]])
    return path[::-1]


@given(
    cost=arrays(
        np.float64, st.tuples(st.integers(1, 7), st.integers(1, 6)), elements=st.sampled_from([0, 1, 2])
    ),
    max_step=st.integers(0, 3),
    stiffness=st.sampled_from([0.0, 0.5, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_ties_go_to_the_smaller_step_and_the_lower_column(cost, max_step, stiffness):
    path = shortest_path(cost, max_step, stiffness=stiffness)
    assert path.tolist() == told_by_hand(cost, max_step, stiffness)


def test_path_goes_straight_where_all_is_equal():
    assert list(shortest_path(np.zeros((4, 5)), 2, stiffness=1.0)) == [0, 0, 0, 0]


@pytest.mark.parametrize("cost", [np.zeros((0, 3)), np.full((2, 2), np.nan), np.zeros(4)])
def test_path_needs_a_finite_cost(cost):
    with pytest.raises(ValueError, match="finite cost"):
        shortest_path(cost, 1, stiffness=0.0)


def test_gap_is_the_smaller_of_fall_and_rise():
    #                     bone, physis, epiphysis, beyond
    profile = np.array([[5.0, 9.0, 2.0, 6.0, 1.0, 1.5]])
    # Falls by 7, rises by 4; the later fall to 1 is deeper (8) but followed by a rise of 0.5 only.
    assert valley_depth(profile)[0].tolist() == [0, 0, 0, 4, 4, 4]


def test_a_profile_that_only_falls_has_no_gap():
    assert not valley_depth(np.array([[9.0, 7.0, 7.0, 3.0, 0.0]])).any()


def test_half_of_a_ramp_is_at_its_middle():
    # 10 down to 2 between samples 4 and 8: half (6) at sample 6.
    profile = np.array([[10, 10, 10, 10, 10, 8, 6, 4, 2, 2, 2, 2.0]])
    position, step = half_crossings(profile, np.array([5]), Reach(5, 5, 0.5))
    assert position[0] == pytest.approx(6.0)
    assert step[0] == pytest.approx(8.0)


def test_a_thin_physis_counts_and_not_the_epiphysis_behind_it():
    profile = np.array([[10, 10, 10, 10, 10, 4, 9, 9, 9, 9.0]])
    position, step = half_crossings(profile, np.array([4]), Reach(3, 4, 0.5))
    # Half of 10 and 4 is 7, half way from sample 4 to 5.
    assert position[0] == pytest.approx(4.5)
    assert step[0] == pytest.approx(6.0)


@pytest.mark.parametrize(("rise", "at", "step"), [(1.0, 4.5, 3.0), (np.inf, 7.5, 10.0)])
def test_past_a_rise_begins_another_bone(rise, at, step):
    # A physis that blur has filled to 7, an epiphysis of 9 and nothing behind it. Half of 10 and 7 is 8.5,
    # half way from sample 4 to 5; followed past the rise of 2, half of 10 and 0 lies half way from 7 to 8.
    profile = np.array([[10, 10, 10, 10, 10, 7, 9, 9, 1, 0.0]])
    position, depth = half_crossings(profile, np.array([4]), Reach(3, 5, 0.5), rise=rise)
    assert position[0] == pytest.approx(at)
    assert depth[0] == pytest.approx(step)


@pytest.mark.parametrize(("whole", "at"), [(17.0, 4.75), (np.nan, 5.75)])
def test_half_of_a_bone_that_is_denser_further_in_lies_further_in(whole, at):
    profile = np.array([[10, 10, 10, 10, 8, 6, 4, 2, 0, 0.0]])
    position, step = half_crossings(
        profile, np.array([6]), Reach(5, 3, 0.5), whole=np.array([whole]), own=0.5
    )
    # Median 9 of samples 1-6, half 4.5; with half of 17 in it the bone is 13, half 6.5.
    assert position[0] == pytest.approx(at)
    assert step[0] == pytest.approx(9.0)


def test_without_a_fall_the_place_stays_and_the_step_is_nothing():
    position, step = half_crossings(np.arange(10.0)[None], np.array([4]), Reach(3, 3, 0.5))
    assert position[0] == 4
    assert step[0] == 0
