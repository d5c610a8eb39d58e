"""Reference intervals: the row that fits age and sex, and the flags at the limits."""

import pytest

from rickets_rx.healing.reference import age_range, flag_of, platforms_match, reference_table


@pytest.mark.parametrize(
    ("analyte", "age", "sex", "platform", "low", "high"),
    [
        ("ALP", 122, "female", "Abbott Architect", 122, 469),
        ("ALP", 913, "female", "", 142, 335),
        ("ALP", 365, "male", "", 142, 335),  # one year old
        ("ALP", 364, "male", "", 122, 469),
        ("P", 913, "female", "", 4.3, 5.4),
        ("P", 122, "female", "", 3.1, 6.8),
        ("Ca", 913, "female", "Abbott", 9.2, 10.5),
        ("PTH", 913, "female", "Abbott Architect i2000", 16, 63),
        ("PTH", 913, "female", "Roche Cobas", 11, 59),
        ("P", 2500, "male", "", 3.7, 5.4),
        ("P", 2500, "female", "", 4.3, 5.4),
    ],
)
def test_fitting_interval(analyte: str, age: int, sex: str, platform: str, low: float, high: float) -> None:
    found = age_range(analyte, age, sex=sex, platform=platform)
    assert found is not None
    assert (found.low, found.high) == (low, high)


def test_recalled_rows_never_win_over_read_ones() -> None:
    # The only Abbott row of ALP is from memory; a Roche row that was read is preferred.
    found = age_range("ALP", 913, platform="Abbott Architect c16000")
    assert found is not None
    assert (found.evidence, found.platform) == ("read", "Roche")


def test_no_interval_without_age_or_beyond_the_table() -> None:
    assert age_range("ALP", None) is None
    assert age_range("ALP", 20000) is None
    assert age_range("sodium", 400) is None


def test_vitamin_d_range_in_moles_is_given_in_own_unit() -> None:
    rows = [row for row in reference_table()["1,25(OH)2D"] if row.platform == "DiaSorin LIAISON XL"]
    assert rows[0].low == pytest.approx(77 / 2.4)


def test_every_row_has_a_source_and_an_order() -> None:
    for rows in reference_table().values():
        for row in rows:
            assert row.low < row.high
            assert row.age_low < row.age_high
            assert row.source
            assert row.evidence in ("read", "recalled")


@pytest.mark.parametrize(
    ("value", "flag"), [(8.79, "low"), (8.8, "normal"), (10.8, "normal"), (10.81, "high")]
)
def test_limits_count_as_normal(value: float, flag: str) -> None:
    assert flag_of(value, 8.8, 10.8) == flag


def test_a_limit_met_after_conversion_is_normal() -> None:
    assert flag_of(2.2 / 0.2495, 2.2 / 0.2495 + 1e-15, None) == "normal"
    assert flag_of(5.0, None, None) == ""


def test_platforms() -> None:
    assert platforms_match("Abbott", "Abbott Architect c16000") is True
    assert platforms_match("Roche", "Beckman Coulter DxI800") is False
    assert platforms_match("", "Roche") is None
