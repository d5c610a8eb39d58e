"""Healed by ranges: a yes from one draw is not confirmed, and age ranges may say otherwise."""

from collections.abc import Callable
from typing import Any

import pytest

from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import HealingResult
from rickets_rx.io.case_folder import CaseFolder

LABS = "patient_id,visit,day,analyte,value,unit,range_low,range_high,phase\n"
SICK, WELL = (7.0, 900, 400), (9.5, 200, 40)


def _ranges(make_case: Callable[..., CaseFolder], *visits: tuple[int, tuple[float, ...]]) -> Any:
    limits = {"Ca": ("mg/dL", 8.8, 10.8), "ALP": ("U/L", 80, 220), "PTH": ("pg/mL", 10, 71)}
    rows = [
        f"p,{day},{day},{name},{value},{unit},{low},{high},A\n"
        for day, values in visits
        for (name, (unit, low, high)), value in zip(limits.items(), values, strict=True)
    ]
    return heal(make_case(labs=LABS + "".join(rows)), draws=1).figures["p"]["healed"]["biochemical"]


@pytest.mark.parametrize(
    ("normal_days", "confirmed"), [((60,), False), ((60, 87), False), ((60, 88), True), ((60, 70, 88), True)]
)
def test_a_yes_is_confirmed_by_a_run_of_28_days(
    make_case: Callable[..., CaseFolder], normal_days: tuple[int, ...], confirmed: bool
) -> None:
    found = _ranges(make_case, (0, SICK), *((day, WELL) for day in normal_days))
    assert found["value"] is True
    assert found["ranges"]["printed"]["confirmed"] is confirmed


def test_one_analyte_that_came_late_leaves_a_yes_unconfirmed(make_case: Callable[..., CaseFolder]) -> None:
    found = _ranges(make_case, (0, SICK), (60, (9.5, 200, 400)), (120, WELL))
    assert (found["value"], found["ranges"]["printed"]["confirmed"]) == (True, False)


def test_a_no_is_neither_confirmed_nor_not(make_case: Callable[..., CaseFolder]) -> None:
    printed = _ranges(make_case, (0, WELL), (60, SICK))["ranges"]["printed"]
    assert printed == {
        "value": False,
        "confirmed": None,
        "used": {"Ca": "low", "ALP": "high", "PTH": "high"},
    }


def test_the_first_sister_was_normal_once_and_not_for_her_age(healed_sisters: HealingResult) -> None:
    # Table 1: ALP 1100 and PTH 184 at day 291, 200 and 64 at day 383, the last draw.
    found = healed_sisters.figures["case1"]["healed"]["biochemical"]
    assert (found["value"], found["day"]) == (True, 383)
    assert found["ranges"]["printed"]["confirmed"] is False
    age = found["ranges"]["age"]
    assert age["value"] is False
    assert (age["used"]["Ca"], age["used"]["PTH"]) == ("low", "high")


def test_without_a_printed_range_the_age_ranges_answer_beside_it(
    make_case: Callable[..., CaseFolder],
) -> None:
    # At 460 days, by any laboratory: Ca 9.3-10.5 mg/dL, ALP 142-335 U/L, PTH 16-59 pg/mL are normal.
    visits = ((0, SICK), (60, WELL), (61, (9.5, 200)))
    limits = {"Ca": "mg/dL", "ALP": "U/L", "PTH": "pg/mL"}
    rows = [
        f"p,{day},{day},{name},{value},{unit},,,A\n"
        for day, values in visits
        for (name, unit), value in zip(limits.items(), values, strict=False)
    ]
    found = heal(make_case(labs=LABS + "".join(rows)), draws=1).figures["p"]["healed"]["biochemical"]
    assert (found["value"], found["day"], found["reason"]) == (None, 60, "no_range")
    assert found["ranges"]["printed"]["value"] is None
    assert found["ranges"]["age"] == {
        "value": True, "confirmed": False, "used": dict.fromkeys(limits, "normal"),
    }  # fmt: skip


def test_one_printed_range_that_is_broken_is_enough_for_no(make_case: Callable[..., CaseFolder]) -> None:
    rows = "p,1,0,Ca,7.0,mg/dL,8.8,10.8,A\np,1,0,ALP,200,U/L,,,A\np,1,0,PTH,40,pg/mL,,,A\n"
    found = heal(make_case(labs=LABS + rows), draws=1).figures["p"]["healed"]["biochemical"]
    assert (found["value"], found["reason"], found["used"]) == (False, "", {"Ca": "low"})
