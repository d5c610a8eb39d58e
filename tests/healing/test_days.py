"""Day scenarios: order never reverses, chains move together, bounds hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.errors import InputError
from rickets_rx.healing.course import Course, courses_of
from rickets_rx.healing.days import Days, Node, draw_days, spread
from rickets_rx.healing.labs import judge_labs
from rickets_rx.io.case_folder import CaseFolder

CASE1 = [
    Node("visit:4", 98, 98, 98),
    Node("visit:5", 103, 103, 103),
    Node("visit:6", 131, 126, 131, (("visit:5", 28), ("visit:4", 28))),
    Node("visit:7", 164, 128, 192, (("visit:5", 61), ("visit:5", 89), ("visit:4", 30))),
    Node("visit:8", 169, 133, 197, (("visit:7", 5),)),
]


def _draw(nodes: list[Node], draws: int = 500, seed: int = 0) -> Days:
    return draw_days(nodes, draws=draws, rng=np.random.default_rng(seed), patient="p")


def test_first_scenario_is_the_central_one_and_a_seed_repeats() -> None:
    one, two = _draw(CASE1, seed=3), _draw(CASE1, seed=3)
    assert [int(one.of(n.key)[0]) for n in CASE1] == [98, 103, 131, 164, 169]
    assert all((one.of(n.key) == two.of(n.key)).all() for n in CASE1)


def test_row_7_falls_on_its_three_days_and_row_8_moves_with_it() -> None:
    days = _draw(CASE1, draws=6001)
    assert set(days.of("visit:7").tolist()) == {128, 164, 192}
    assert (days.of("visit:8") - days.of("visit:7") == 5).all()


def test_possible_scenarios_are_equally_likely() -> None:
    # Readings of (row 6, row 7): 131 or 126, and 164, 192 or 128. (131, 128) would reverse the order and
    # cannot be; the five others are equally likely: row 7 on day 128 in one of five, row 6 on 131 in two.
    days = _draw(CASE1, draws=20001)
    assert (days.of("visit:7")[1:] == 128).mean() == pytest.approx(0.2, abs=0.015)
    assert (days.of("visit:6")[1:] == 131).mean() == pytest.approx(0.4, abs=0.015)


def test_both_sisters_keep_order_and_chains(sisters: CaseFolder) -> None:
    courses = courses_of(sisters, judge_labs(sisters), [], draws=2000, rng=np.random.default_rng(5))
    for course, visits in zip(courses.values(), (13, 10), strict=True):
        drawn = np.stack([course.days.of(f"visit:{i}") for i in range(1, visits + 1)])
        assert (np.diff(drawn, axis=0) > 0).all()
    one = courses["case1"].days
    assert (one.of("visit:13") - one.of("visit:10") == 122).all()
    assert (one.of("film:fig1c") == one.of("visit:13")).all()
    assert set(courses["case2"].days.of("film:fig3a").tolist()) == {0, 61}


def test_a_course_of_therapy_moves_with_the_visit_it_follows(sisters: CaseFolder) -> None:
    courses: dict[str, Course] = courses_of(
        sisters, judge_labs(sisters), [], draws=300, rng=np.random.default_rng(5)
    )
    days = courses["case1"].days
    # Third infusion course: starts at visit 9, ends five days later: 202 (166 to 230).
    assert (days.like(202, 166, 230) - days.of("visit:9") == 5).all()
    assert set(days.like(50, 50, 50).tolist()) == {50}


def test_bounds_without_a_chain_are_covered_evenly() -> None:
    days = spread(10, 8, 12, 5000)
    assert days[0] == 10
    counts = np.bincount(days)[8:]
    assert len(counts) == 5
    assert counts.min() > 950


def test_anchors_in_a_circle_and_impossible_orders_are_errors() -> None:
    with pytest.raises(InputError, match="hang on each other"):
        _draw([Node("visit:1", 0, 0, 9, (("visit:2", 0),)), Node("visit:2", 0, 0, 9, (("visit:1", 0),))])
    # Visit 3 follows visit 1 by 2 days in its other reading only, and visit 2 lies between by its centre.
    nodes = [Node("visit:1", 0, 0, 0), Node("visit:2", 5, 5, 5), Node("visit:3", 9, 7, 9, (("visit:1", 2),))]
    with pytest.raises(InputError, match="keeps visits in their order"):
        _draw(nodes, draws=3)


def test_days_with_a_single_scenario_are_drawn_as_that_scenario() -> None:
    """Visit 5 is visit 1 + 4 and comes after visit 4 (21 at least), visit 1 before visit 2 (19): 18 it is."""
    nodes = [
        Node("visit:1", 18, 1, 23),
        Node("visit:2", 19, 19, 19),
        Node("visit:3", 20, 20, 20),
        Node("visit:4", 21, 21, 32),
        Node("visit:5", 22, 5, 27, (("visit:1", 4),)),
    ]
    days = _draw(nodes, draws=40)
    assert {key: set(days.of(key)) for key in ("visit:1", "visit:4", "visit:5")} == {
        "visit:1": {18}, "visit:4": {21}, "visit:5": {22},
    }  # fmt: skip


@st.composite
def _chains(draw: st.DrawFn) -> list[Node]:
    """Visits in order with overlapping bounds, some of them anchored to an earlier one."""
    nodes = [Node("visit:0", 0, 0, draw(st.integers(0, 5)))]
    for i in range(1, draw(st.integers(2, 9))):
        before = nodes[-1]
        if draw(st.booleans()):
            to = nodes[draw(st.integers(0, i - 1))]
            gap = draw(st.integers(1, 40)) + before.day - to.day
            low, high = to.low + gap, to.high + gap
            nodes.append(Node(f"visit:{i}", to.day + gap, low, high, ((to.key, gap),)))
        else:
            day = before.day + draw(st.integers(1, 40))
            low, high = day - draw(st.integers(0, 60)), day + draw(st.integers(0, 60))
            nodes.append(Node(f"visit:{i}", day, low, high))
    return nodes


@settings(max_examples=150, deadline=None)
@given(nodes=_chains(), seed=st.integers(0, 9))
def test_order_never_reverses_and_offsets_hold(nodes: list[Node], seed: int) -> None:
    days = _draw(nodes, draws=40, seed=seed)
    drawn = np.stack([days.of(node.key) for node in nodes])
    assert (np.diff(drawn, axis=0) > 0).all()
    for node in nodes:
        mine = days.of(node.key)
        assert mine[0] == node.day
        assert ((mine >= node.low) & (mine <= node.high)).all()
        for anchor, offset in node.alternatives:
            assert (mine - days.of(anchor) == offset).all()
