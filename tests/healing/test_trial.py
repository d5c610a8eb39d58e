"""The trial of simulated courses: its figures worked out by hand, its plans, and one course end to end."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from rickets_rx.healing.trial import run_course
from rickets_rx.healing.trial_figures import Outcome, figures, share
from rickets_rx.healing.trial_plan import Plan, draw_plan, told_at_any_delay, true_rates
from rickets_rx.phantom.courses import Phase
from rickets_rx.vocabulary import Bone, Joint

CLEAR = Outcome(
    kind="one_phase",
    true_rates={"A": 0.0, "B": -0.4, "C": -0.1},
    tellable=True,
    named="B",
    reasons=(),
    films=4,
    bones_scored=8,
    changes=((-0.3, -0.5, -0.1, -0.4),),
    indices=((2, 3), (0, 0)),
)
NULL = replace(
    CLEAR, kind="null", true_rates={"A": 0.0, "B": 0.02, "C": -0.02}, named=None, bones_scored=6,
    changes=((0.2, 0.1, 0.3, 0.0), (0.0, -0.1, 0.1, 0.1)), indices=((-1, 0),),
)  # fmt: skip


def test_courses_are_classed_by_their_true_rates() -> None:
    assert (CLEAR.best, CLEAR.truth, NULL.truth) == ("B", "clear", "null")
    # 0.24 ahead of the next phase is not 0.25, and 0.05 apart is not alike.
    assert replace(CLEAR, true_rates={"A": 0.0, "B": -0.24}).truth == "between"
    assert replace(CLEAR, true_rates={"A": 0.0, "B": 0.05}).truth == "between"


def test_figures_count_what_was_named_held_and_agreed() -> None:
    wrong = replace(CLEAR, named="C", tellable=False)
    found = figures([CLEAR, wrong, NULL])
    assert found["clear"]["right"]["value"] == found["clear"]["another"]["value"] == 0.5
    assert found["clear_and_films_can_tell"]["right"] == share(1, 1)
    assert found["null_named"]["value"] == 0.0
    # Changes: -0.4 lies in -0.5..-0.1 twice, 0.0 not in 0.1..0.3, 0.1 on the end of -0.1..0.1.
    assert found["coverage_of_phase_change"]["value"] == pytest.approx(3 / 4)
    assert found["bones_scored"]["value"] == pytest.approx(22 / 24)
    assert found["mean_error_of_phase_change"] == pytest.approx((0.1 + 0.1 + 0.2 - 0.1) / 4)


def test_kappa_of_change_is_quadratic() -> None:
    # Pairs (2,3), (0,0), (-1,0). Sum of squared differences 1 + 0 + 1 = 2. By chance: rows 2, 0, -1 against
    # columns 3, 0, 0: (1 + 4 + 4 + 9 + 0 + 0 + 16 + 1 + 1) / 3 = 12. Kappa = 1 - 2 / 12.
    found = figures([CLEAR, NULL])["change_index_kappa"]
    assert (found["value"], found["n"]) == (pytest.approx(1 - 2 / 12), 3)


def test_a_share_of_nothing_is_missing_and_wilson_is_as_published() -> None:
    assert share(0, 0)["value"] is None and share(0, 0)["reason"] == "no_case"
    # Newcombe 1998 (Stat Med 17:857), table I: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611.
    assert [share(81, 263)[end] for end in ("low", "high")] == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert [share(0, 20)[end] for end in ("low", "high")] == pytest.approx([0, 0.1611], abs=5e-5)


def test_plans_are_fixed_by_seed_and_keep_two_films() -> None:
    plans = [draw_plan(4, number) for number in range(40)]
    assert plans == [draw_plan(4, number) for number in range(40)]
    assert len({plan.kind for plan in plans}) == 4
    for plan in plans:
        assert len(plan.film_days) >= 2
        assert all(45 <= phase.end - phase.start <= 75 for phase in plan.phases)
        bounds = [plan.phases[0].start, *(phase.end for phase in plan.phases)]
        assert all(-7 <= day - bounds[k] <= 3 for k, day in plan.film_days.items())


@pytest.fixture(scope="module")
def healing_plan() -> Plan:
    phases = (Phase("A", 0, 60, 0.0, 0), Phase("B", 60, 120, 0.45, 0))
    return Plan(50_000_001, "one_phase", phases, {0: 0, 1: 60, 2: 120}, age=2.0, severity=0.7)


def test_true_rates_are_those_of_the_disease(healing_plan: Plan) -> None:
    rates = true_rates(healing_plan)
    # Nothing changes in A; in B the stage reaches 0.9, when fraying is gone and the zone is back.
    assert rates["A"] == pytest.approx(0.0, abs=0.02)
    assert rates["B"] < -0.15


def test_a_course_goes_through_the_pipeline(healing_plan: Plan) -> None:
    outcome = run_course(healing_plan, size_px=500)
    assert outcome.films == 3
    assert 1 <= outcome.bones_scored <= 6
    assert len(outcome.levels) == outcome.bones_scored
    for value, low, high, truth in outcome.changes:
        assert low <= value <= high and -1 <= truth <= 0.05
    assert outcome.named in (None, "A", "B")


def _drawn(severities: dict[int, float]) -> Any:
    """Films of a radius and an ulna of these severities, as far as the truth is asked of them."""
    films = []
    for day, severity in severities.items():
        bones = [SimpleNamespace(bone=bone, severity=severity) for bone in (Bone.RADIUS, Bone.ULNA)]
        joints = [SimpleNamespace(joint=Joint.WRIST, bones=bones)]
        films.append(SimpleNamespace(day=day, film=SimpleNamespace(joints=joints)))
    return SimpleNamespace(films=films)


def test_which_films_tell_whatever_the_delay(healing_plan: Plan) -> None:
    # Nothing in A, 0.6 in B: at 4 weeks the film of day 120 has seen 28 days of A and 32 of B, and the film
    # of day 60 says that A did nothing: B at every delay.
    assert told_at_any_delay(healing_plan, _drawn({0: 0.8, 60: 0.8, 120: 0.2}))
    # Without the film of day 0 the fall may be A's, late.
    late = replace(healing_plan, film_days={1: 60, 2: 120})
    assert not told_at_any_delay(late, _drawn({60: 0.8, 120: 0.2}))
    # Half in each: alike without delay.
    assert not told_at_any_delay(healing_plan, _drawn({0: 0.8, 60: 0.5, 120: 0.2}))
