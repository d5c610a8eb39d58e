"""How an answer to "healed?" is put into words: by which ranges, and borne out by a second value or not."""

from typing import Any

from rickets_rx.report.outcome import healed_rows


def _row(**leaf: Any) -> Any:
    return healed_rows(
        {"healed": {"biochemical": {"value": True, "words": "all normal", "day": 383} | leaf}}
    )[0]


def test_a_yes_from_one_draw_says_so_and_age_ranges_stand_beside_it() -> None:
    printed = {"value": True, "confirmed": False, "used": {"Ca": "normal", "ALP": "normal"}}
    age = {"value": False, "confirmed": None, "used": {"Ca": "low", "ALP": "normal"}}
    row = _row(ranges={"printed": printed, "age": age})
    assert row.answer == "printed ranges: yes, unconfirmed; age ranges: no"
    assert row.basis == "printed: Ca normal, ALP normal; age: Ca low, ALP normal"


def test_confirmed_and_without_a_range() -> None:
    printed = {"value": True, "confirmed": True, "used": {"Ca": "normal"}}
    age = {"value": None, "confirmed": None, "used": {"Ca": None}}
    row = _row(ranges={"printed": printed, "age": age})
    assert row.answer == "printed ranges: yes, confirmed; age ranges: cannot be told"
    assert row.basis == "printed: Ca normal; age: Ca without range"


def test_a_definition_without_ranges_answers_plainly() -> None:
    assert _row(ranges={}, value=False, used={"left radius": 1.0}).answer == "no"
    assert _row(ranges={}, value=None, reason="needs_the_knee").answer == "cannot be told"
