"""Thacher's words, anchor by anchor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.grade.thacher import grade_of, outward, severity

share = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    ("lucency", "fraying", "cupping", "grade"),
    [
        (0, 0, 0, 0.0),  # normal growth plate
        (1, 0, 0, 0.5),  # lucency of the margin, without fraying or irregularity
        (1, 1, 0, 1.0),  # irregular margin, but no concave cupping
        (1, 1, 0.5, 1.5),  # partial metaphyseal concavity
        (1, 0, 0.75, 1.5),  # a lucent concave margin, not frayed: 0.25 x (1 + 0 + 0.75 + 0.75) = 0.625
        (0.5, 0.5, 0.5, 1.0),  # half of every sign: 0.25 x 4 x 0.5 = 0.5
        (1, 1, 1, 2.0),  # concavity with fraying
    ],
)
def test_anchor_words(lucency: float, fraying: float, cupping: float, grade: float) -> None:
    assert grade_of(severity(lucency, fraying, cupping)) == grade


@given(share, share, share, share)
def test_severity_never_falls_when_a_sign_rises(
    lucency: float, fraying: float, cupping: float, more: float
) -> None:
    base = severity(lucency, fraying, cupping)
    assert 0 <= base <= 1
    assert severity(max(lucency, more), fraying, cupping) >= base
    assert severity(lucency, max(fraying, more), cupping) >= base
    assert severity(lucency, fraying, max(cupping, more)) >= base


@given(share, share)
def test_outward_rounding_holds_the_interval(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    grade_low, grade_high = outward(low, high)
    assert grade_low / 2 <= low + 1e-6
    assert grade_high / 2 >= high - 1e-6
    assert grade_low * 2 == int(grade_low * 2)


def test_smooth_concavity_alone_is_grade_one() -> None:
    # 0.25 x (1 + 0 + 1 + 0) = 0.5
    assert severity(0, 0, 1) == 0.5
