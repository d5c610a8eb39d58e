"""Thacher's words, anchor by anchor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.grade.thacher import grade_of, outward, severity

share = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    ("lucency", "irregularity", "fraying", "cupping", "grade"),
    [
        (0, 0, 0, 0, 0.0),  # normal growth plate
        (1, 0, 0, 0, 0.5),  # lucency of the margin, without fraying or irregularity
        (1, 1, 0, 0, 1.0),  # widened growth plate, irregular margin, but no concave cupping
        (1, 1, 1, 0, 1.5),  # fraying without concavity
        (1, 1, 0, 1, 1.5),  # concavity without fraying
        (0, 0, 0, 1, 1.5),  # smooth concavity: the words ask for nothing else
        (1, 1, 0, 0.5, 1.5),  # half of a concavity: 0.25 x (1 + 1 + 0.5 + 0) = 0.625; 1.25 is a tie, upwards
        (0.5, 0.5, 0.5, 0.5, 1.0),  # half of every sign: 0.25 x 4 x 0.5 = 0.5
        (1, 1, 1, 1, 2.0),  # concavity with fraying
    ],
)
def test_anchor_words(
    lucency: float, irregularity: float, fraying: float, cupping: float, grade: float
) -> None:
    assert grade_of(severity(lucency, irregularity, fraying, cupping)) == grade


@given(share, share, share, share, share)
def test_severity_never_falls_when_a_sign_rises(
    lucency: float, irregularity: float, fraying: float, cupping: float, more: float
) -> None:
    signs = [lucency, irregularity, fraying, cupping]
    base = severity(*signs)
    assert 0 <= base <= 1
    for i, sign in enumerate(signs):
        assert severity(*signs[:i], max(sign, more), *signs[i + 1 :]) >= base


@given(share, share)
def test_outward_rounding_holds_the_interval(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    grade_low, grade_high = outward(low, high)
    assert grade_low / 2 <= low + 1e-6
    assert grade_high / 2 >= high - 1e-6
    assert grade_low * 2 == int(grade_low * 2)
