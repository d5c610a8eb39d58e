"""Courses: the true phase of healing, and whether films can show it, worked out by hand."""

import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.phantom.courses import Phase, gains, run, true_phase, why_untellable
from rickets_rx.vocabulary import Activity

NULL = Phase("oral", 0, 100, 0.0, lag=0)
SLOW = Phase("infusion", 100, 200, 0.06, lag=0)
FAST = Phase("cinacalcet", 200, 300, 0.24, lag=0)


def test_stage_is_rate_times_time():
    state = run([NULL, SLOW, FAST], 0.9, 300)
    # 100 days at 0.06 and 100 days at 0.24 in 30 days, the sum cut at 1.
    assert state.stage[100] == 0
    assert state.stage[200] == pytest.approx(0.2)
    assert state.stage[260] == pytest.approx(0.2 + 60 * 0.24 / 30)
    assert gains([NULL, SLOW, FAST], state) == pytest.approx({"oral": 0, "infusion": 0.2, "cinacalcet": 0.8})
    assert true_phase([NULL, SLOW, FAST], state) == "cinacalcet"


def test_lag_carries_a_phase_over_into_the_next():
    state = run([Phase("a", 0, 60, 0.3, lag=0), Phase("b", 60, 120, 0.0, lag=30)], 0.9, 120)
    assert state.stage[60] == pytest.approx(0.6)
    # "b" takes hold 30 days late, and until then "a" goes on: 90 days at 0.3 in 30 days.
    assert state.stage[90] == pytest.approx(0.9)
    assert state.stage[120] == pytest.approx(0.9)


def test_relapse_undoes_healing_before_it_worsens():
    state = run([Phase("a", 0, 30, 0.3, lag=0), Phase("off", 30, 120, -0.3, lag=0)], 0.7, 120)
    assert state.stage[30] == pytest.approx(0.3)
    assert state.stage[60] == pytest.approx(0.0, abs=1e-9)
    assert state.worst[60] == pytest.approx(0.7, abs=0.02)
    assert state.worst[120] == 1.0


class Seen:
    """A film reduced to what the question needs."""

    def __init__(self, day, state):
        self.day, self.stage = day, float(state.stage[day])


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ((0, 100, 200, 300), ""),
        ((0, 150, 200, 300), ""),
        ((0, 300), "no_separating_film"),
        ((100, 200, 210), "no_separating_film"),
        ((300,), "too_few_films"),
    ],
)
def test_films_tell_the_phase_only_where_they_part_it(days, reason):
    phases = [NULL, SLOW, FAST]
    state = run(phases, 0.9, 300)
    assert why_untellable(phases, [Seen(day, state) for day in days], state) == reason


def test_a_course_that_does_not_heal_says_so():
    state = run([NULL], 0.9, 100)
    assert true_phase([NULL], state) is None
    assert why_untellable([NULL], [Seen(0, state), Seen(100, state)], state) == "did_not_heal"


@pytest.fixture(scope="module")
def healed():
    phases = [Phase("null", 0, 90, 0.0), Phase("treated", 90, 260, 0.25)]
    return phantom.course(3, phases, [0, 85, 180, 255], age=1.0, size_px=320)


def test_severity_falls_in_the_phase_that_heals_and_activity_turns(healed):
    radius = [f.film.joints[0].bones[0] for f in healed.films]
    assert radius[0].severity == pytest.approx(radius[1].severity, abs=0.1)
    assert radius[1].severity > radius[2].severity > radius[3].severity
    assert [b.activity for b in radius] == [
        Activity.ACTIVE,
        Activity.ACTIVE,
        Activity.HEALING,
        Activity.RESIDUAL,
    ]
    assert (healed.healed_in, healed.tellable) == ("treated", True)


def test_bones_grow_and_films_are_taken_anew(healed):
    films = [f.film for f in healed.films]
    widths = [f.joints[0].bones[1].width * f.spacing_mm for f in films]
    assert films[-1].age_years - films[0].age_years == pytest.approx(255 / 365.25, abs=1e-6)
    # Splaying goes as the bone heals, so growth is seen where the disease is the same.
    assert widths[1] > widths[0]
    assert len({f.pixels.tobytes() for f in films}) == 4


def test_blood_follows_the_disease_pth_first_and_alp_last():
    phases = [Phase("treated", 0, 200, 0.5, lag=0)]
    found = phantom.course(5, phases, [0], lab_days=[0, 40, 60, 150], age=1.0, size_px=300).labs
    series = {name: [v.value for v in found if v.analyte == name] for name in ("pth", "calcium", "alp")}
    start, early, late = (np.array([series[n][i] for n in ("pth", "alp")]) for i in (0, 1, 3))
    left = (early - late) / (start - late)
    assert left[0] < 0.4 < 0.6 < left[1]
    assert series["calcium"][0] < 8 < 9 < series["calcium"][3]
