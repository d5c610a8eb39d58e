"""Activity over a course of films: healing only after an earlier active film of the same bone."""

from typing import Any

import pytest

from rickets_rx.grade import course, evidence
from rickets_rx.grade.course import with_course
from rickets_rx.vocabulary import Activity

HEALTHY = dict(
    lucency=1.2,
    zone_contrast=0.5,
    zone_continuity=1.0,
    fraying=0.0,
    fraying_extent=0.0,
    edge_blur=0.0,
    cupping=-0.1,
)
SICK = dict(
    lucency=0.1,
    zone_contrast=-0.9,
    zone_continuity=0.0,
    fraying=0.3,
    fraying_extent=1.0,
    edge_blur=0.9,
    cupping=0.3,
)


def film(
    day: int, activity: Activity, grade: float, measured: dict[str, float], **changed: Any
) -> dict[str, Any]:
    row = {
        "patient_id": "A", "day": day, "side": "left", "bone": "radius", "status": "scored", "flags": "",
        "activity": activity, "grade": grade, "severity": grade / 2,
    }  # fmt: skip
    return row | measured | changed


@pytest.fixture(autouse=True)
def only_the_features_that_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {ramp.feature: None for ramp in evidence.ramps()}
    monkeypatch.setattr(course, "feature_units", lambda: names)


def activities(*rows: dict[str, Any]) -> list[str]:
    return [str(row["activity"]) for row in with_course(rows)]


def test_healed_margin_with_a_cup_left_is_residual() -> None:
    cup_left = HEALTHY | {"cupping": 0.3}
    rows = film(0, Activity.ACTIVE, 2.0, SICK), film(120, Activity.INDETERMINATE, 1.0, cup_left)
    assert activities(*rows) == ["active", "residual"]


def test_a_dense_zone_over_a_cup_after_an_active_film_is_healing() -> None:
    dense = film(
        120, Activity.INDETERMINATE, 1.0, HEALTHY | {"cupping": 0.3}, flags="dense_zone;possible_healing"
    )
    assert activities(film(0, Activity.ACTIVE, 2.0, SICK), dense) == ["active", "healing"]


def test_a_dense_zone_over_a_shallow_cup_after_an_active_film_is_healing() -> None:
    # Too shallow for `possible_healing` on a film alone; the active film before it is the other half.
    dense = film(120, Activity.INDETERMINATE, 0.5, HEALTHY | {"cupping": 0.04}, flags="dense_zone")
    assert activities(film(0, Activity.ACTIVE, 2.0, SICK), dense) == ["active", "healing"]
    assert activities(dense) == ["indeterminate"]


def test_a_dense_zone_alone_is_none_once_nothing_else_is_seen() -> None:
    # Normal toddlers have dense ends (contract, severity and grade).
    dense = film(120, Activity.NONE, 0.0, HEALTHY, flags="dense_zone")
    assert activities(film(0, Activity.ACTIVE, 2.0, SICK), dense) == ["active", "none"]


def test_healed_without_a_trace_is_none() -> None:
    rows = film(0, Activity.ACTIVE, 2.0, SICK), film(200, Activity.NONE, 0.0, HEALTHY)
    assert activities(*rows) == ["active", "none"]


def test_less_severe_with_the_zone_back_is_healing() -> None:
    half = HEALTHY | {"fraying": 0.3, "fraying_extent": 1.0, "edge_blur": 0.9}
    rows = film(0, Activity.ACTIVE, 2.0, SICK), film(60, Activity.ACTIVE, 1.0, half)
    assert activities(*rows) == ["active", "healing"]


def test_a_less_severe_film_with_the_zone_still_lost_stays_active() -> None:
    rows = film(0, Activity.ACTIVE, 2.0, SICK), film(60, Activity.ACTIVE, 1.0, SICK)
    assert activities(*rows) == ["active", "active"]


@pytest.mark.parametrize(
    "changed", [{"side": "right"}, {"side": None}, {"patient_id": "B"}, {"day": None}, {"bone": "ulna"}]
)
def test_another_bone_side_or_child_says_nothing(changed: dict[str, Any]) -> None:
    cup_left = HEALTHY | {"cupping": 0.3}
    later = film(120, Activity.INDETERMINATE, 1.0, cup_left) | changed
    assert activities(film(0, Activity.ACTIVE, 2.0, SICK), later) == ["active", "indeterminate"]


def test_a_later_active_film_does_not_speak_for_an_earlier_one() -> None:
    cup_left = HEALTHY | {"cupping": 0.3}
    rows = film(10, Activity.INDETERMINATE, 1.0, cup_left), film(50, Activity.ACTIVE, 2.0, SICK)
    assert activities(*rows) == ["indeterminate", "active"]
