"""Thacher's words as numbers, worked out by hand from the anchors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.truth import Anchors, Signs, film_severity, grade, severity, signs_of

NORMAL = Signs(0.0, 0.003, 0.0, 0.0, -0.09)


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        (NORMAL, 0.0),
        # The margin lucent, smooth: "lucency without fraying or irregularity".
        (Signs(0.8, 0.003, 0.0, 0.0, -0.05), 0.5),
        # Widened plate, irregular margin, no cupping.
        (Signs(1.0, 0.020, 2.4, 0.0, 0.0), 1.0),
        # Frayed throughout, not concave.
        (Signs(1.0, 0.020, 2.4, 0.8, 0.0), 1.5),
        # Concave, closed by a new zone: residual shape.
        (Signs(0.0, 0.003, 0.0, 0.0, 0.12), 1.5),
        # Concave and frayed.
        (Signs(1.0, 0.030, 3.0, 0.9, 0.15), 2.0),
    ],
)
def test_words_have_their_grades(signs, expected):
    assert grade(severity(signs)) == expected


def test_halfway_between_anchors_by_hand():
    # Zone half way from 0.15 to 0.60 lost: half of the first quarter.
    assert severity(Signs(0.375, 0.0, 0.0, 0.0, -0.1)) == pytest.approx(0.125)
    # Frayed share 0.4 is half of 0.10-0.70: half of three quarters; no cupping to add to it.
    assert severity(Signs(1.0, 0.0, 0.0, 0.4, -0.1)) == pytest.approx(0.375)
    # Both at half: 0.75 / 2 + 0.25 / 2.
    assert severity(Signs(1.0, 0.0, 0.0, 0.4, 0.065)) == pytest.approx(0.5)


def test_normal_variant_is_not_rickets_however_concave():
    assert severity(Signs(0.0, 0.0, 0.0, 0.0, 0.2, normal_variant=True)) == 0


def test_shifted_anchors_only_lower_the_grade():
    value, as_is, shifted = film_severity(Signs(0.6, 0.012, 1.6, 0.4, 0.06))
    assert 0 < value < 1
    assert shifted <= as_is


def test_shifting_multiplies_every_anchor():
    assert Anchors().shifted(1.3).concave == pytest.approx((0.026, 0.143))


def test_a_dense_line_stands_for_the_zone_and_hides_most_of_the_fringe():
    before = signs_of(Disease(zone_loss=1, fray_depth=1, fray_extent=1), 0.1, 0.02)
    after = signs_of(Disease(zone_loss=1, fray_depth=1, fray_extent=1, dense_line=1), 0.1, 0.02)
    assert (before.zone_lost, before.frayed_share) == (1, 1)
    assert (after.zone_lost, after.frayed_share) == (0, 0.25)


@given(
    st.floats(0, 1),
    st.floats(0, 0.05),
    st.floats(0, 6),
    st.floats(0, 1),
    st.floats(-0.2, 0.3),
    st.integers(0, 4),
)
def test_more_of_any_sign_never_lowers_severity(lost, rough, wide, frayed, concave, which):
    signs = [lost, rough, wide, frayed, concave]
    more = list(signs)
    more[which] = more[which] * 1.2 + 0.01
    low, high = severity(Signs(*signs)), severity(Signs(*more))
    assert 0 <= low <= high + 1e-12 <= 1 + 1e-9


def test_presets_rise_and_heal_in_order():
    grades = {}
    for name, cupping in [("active_mild", -0.05), ("active_moderate", 0.05), ("active_severe", 0.2)]:
        signs = signs_of(Disease.preset(name), cupping, 0.004 + 0.04 * Disease.preset(name).irregularity)
        grades[name] = film_severity(signs)[0]
    assert grades["active_mild"] < grades["active_moderate"] < grades["active_severe"] == 1.0


def test_unknown_preset_names_those_there_are():
    with pytest.raises(ValueError, match="active_severe"):
        Disease.preset("florid")


def test_healing_fades_fraying_before_shape():
    stages = [Disease.healing(s) for s in (0.0, 0.3, 0.6, 0.9)]
    assert [d.fray_depth > 0.05 for d in stages] == [True, True, False, False]
    assert stages[2].cup > 0.5 * stages[0].cup > stages[3].cup * 0.7
    assert [d.dense_line > 1 for d in stages] == [False, True, True, True]
