"""The sum of two bones and its own interval."""

from dataclasses import replace

import pytest

from rickets_rx.grade.interval import Kind, Target, reach
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.thacher import outward
from rickets_rx.grade.total import summed
from rickets_rx.vocabulary import Activity, Flag


def bone(grade: float, low: float, high: float) -> BoneGrade:
    return BoneGrade(grade, low, high, grade / 2, low / 2, high / 2, Activity.ACTIVE)


def test_a_sum_rounds_outward_in_eighths_of_severity() -> None:
    # Mean severity 0.3 is a sum of 1.2: down to 1, up to 1.5.
    assert outward(0.3, 0.3, steps=8) == (1.0, 1.5)
    assert outward(0.0, 1.0, steps=8) == (0.0, 4.0)


def test_the_sum_has_the_calibrated_reach() -> None:
    pair = bone(1.0, 0.0, 2.0), bone(1.0, 0.0, 2.0)
    below, above = reach(0.5, Kind(Target.SUM))
    low, high = summed(pair)
    assert low <= 4 * (0.5 - below) < low + 0.5 or low == 2.0
    assert high >= 4 * (0.5 + above) > high - 0.5 or high in (2.0, 4.0)
    assert low >= 0.0 and high <= 4.0


def test_the_sum_is_never_wider_than_both_bones() -> None:
    # Whatever the table says of a mean severity of 0.625, these bounds leave no room.
    assert summed((bone(1.5, 1.5, 1.5), bone(1.0, 1.0, 1.0))) == (2.5, 2.5)


@pytest.mark.parametrize("flag", [Flag.POSSIBLE_NORMAL_VARIANT, Flag.MARGIN_DISSOLVED, Flag.LOW_CONFIDENCE])
def test_bounds_that_were_set_are_added(flag: Flag) -> None:
    pair = bone(0.0, 0.0, 0.5), replace(bone(0.5, 0.0, 1.5), flags=(flag,))
    assert summed(pair) == (0.0, 2.0)
