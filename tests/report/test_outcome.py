"""How an answer to "healed?" is put into words: by which ranges, and borne out by a second value or not."""

from typing import Any

from rickets_rx.report.outcome import attribution_of, healed_rows


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


def test_chances_stand_under_the_phases_they_belong_to() -> None:
    rate = {"value": -0.3, "low": -0.4, "high": -0.2, "n": 3, "reason": ""}
    untold = {"value": None, "low": None, "high": None, "n": 3, "reason": "no_separating_film"}
    found = attribution_of({
        "attribution": {
            "value": "2_iv", "reasons": [], "cautions": ["fixed_order"],
            "rates": {"0": {"1_oral": untold, "2_iv": rate}, "14": {"1_oral": rate, "2_iv": rate}},
            "chances": {"2_iv": 0.9971, "1_oral": 0.0021},
            "delays": {"0": 0.6, "14": 0.4},
        }
    })  # fmt: skip
    assert found is not None
    assert (found.phase, found.phases) == ("2 i.v.", ["1 oral", "2 i.v."])
    assert found.chances == ["< 1 %", "> 99 %"]
    assert found.weights == {"0": "60 %", "14": "40 %"}


def test_an_answer_that_is_missing_says_why_beside_what_the_ages_say() -> None:
    printed = {"value": None, "confirmed": None, "used": {"Ca": None}}
    age = {"value": True, "confirmed": False, "used": {"Ca": "normal"}}
    row = _row(value=None, reason="no_range", ranges={"printed": printed, "age": age})
    assert row.answer == "printed ranges: cannot be told; age ranges: yes, unconfirmed"
    assert row.basis == "no range is printed; printed: Ca without range; age: Ca normal"
