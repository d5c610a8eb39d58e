"""The rule of normalisation on short series."""

import pytest

from rickets_rx.healing.labs import near_infusion
from rickets_rx.healing.normalisation import Normalisation, normalise


def _of(days: list[int], normal: str) -> Normalisation:
    found = normalise(days, [letter == "N" for letter in normal])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("days", "normal", "last", "first", "confirmed", "relapsed"),
    [
        ([0, 30, 58], "ANN", 0, 1, True, False),  # 28 days apart: just enough
        ([0, 30, 57], "ANN", 0, 1, False, False),  # 27: not
        ([0, 30, 44, 58], "ANNN", 0, 1, True, False),  # an unbroken run that reaches 28 days
        ([0, 30, 60, 90], "ANAN", 2, 3, False, False),  # broken: only the last run stands, unconfirmed
        ([0, 30, 60, 90], "ANNA", 0, 1, True, True),  # relapse
        ([0, 30], "AN", 0, 1, False, False),
        ([0, 30], "AA", None, None, None, None),
        ([0, 30, 60], "ANA", None, None, None, None),  # normal once, abnormal again
        ([0, 30, 60], "NNN", None, None, None, None),  # nothing to normalise
        ([0, 30, 60, 90], "NANN", 1, 2, True, False),  # the entry run does not count
        ([0, 10, 60, 90], "AANN", 1, 2, True, False),
    ],
)
def test_rule(
    days: list[int],
    normal: str,
    last: int | None,
    first: int | None,
    confirmed: bool | None,
    relapsed: bool | None,
) -> None:
    found = _of(days, normal)
    assert (found.last_abnormal, found.first_normal) == (last, first)
    assert (found.confirmed, found.relapsed) == (confirmed, relapsed)
    assert found.normal_at_entry is (normal[0] == "N")


def test_nothing_without_values() -> None:
    assert normalise([], []) is None


@pytest.mark.parametrize(
    ("day", "context", "near"),
    [
        (10, "none", False),  # drawn as the infusion begins
        (11, "none", True),
        (15, "none", True),
        (22, "infusion_off", True),  # 7 days after
        (23, "infusion_off", False),
        (9, "none", False),
        (99, "infusion_on", True),  # said so, whatever therapy.csv says
    ],
)
def test_what_an_infusion_disturbs(day: int, context: str, near: bool) -> None:
    assert near_infusion(day, context, [(10, 15)]) is near
