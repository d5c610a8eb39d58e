"""What films of active bones say of the weeks before them, by hand and by what is named."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rickets_rx.healing.course import Course, Phase
from rickets_rx.healing.days import Days
from rickets_rx.healing.exposure import recent_exposure
from rickets_rx.healing.heal import heal
from rickets_rx.healing.quiet import quiet_films, with_quiet
from rickets_rx.healing.rates import Seen, believe
from rickets_rx.io.case_folder import CaseFolder


def test_a_quiet_film_has_a_diseased_bone_and_only_active_ones() -> None:
    rows = [
        {"severity": 0.9, "activity": "active"}, {"severity": 0.1, "activity": "none"},
        {"severity": 0.9, "activity": "active"}, {"severity": 0.5, "activity": "healing"},
        {"severity": 0.1, "activity": "none"}, {"severity": 0.25, "activity": "active"},
        {"severity": 0.9, "activity": "indeterminate"}, {"severity": 0.24, "activity": "active"},
    ]  # fmt: skip
    assert quiet_films(rows, np.array([0, 0, 1, 1, 2, 3, 4, 5])) == [0, 3]


def _course(*bounds: int) -> tuple[Course, list[str]]:
    names = [chr(ord("A") + i) for i in range(len(bounds) - 1)]
    phases = [
        Phase(name, np.array([start]), np.array([end]), ())
        for name, start, end in zip(names, bounds[:-1], bounds[1:], strict=True)
    ]
    return Course("p", Days({}, {}, 1), [], [], phases), names


def test_windows_by_hand() -> None:
    course, names = _course(0, 60, 120)
    days = np.array([[0.0], [10.0], [63.0], [150.0]])
    # Day 63 looks back to day 33: 27 days of A and 3 of B; the last phase goes on after its end.
    assert recent_exposure(course, days, names, 0)[:, :, 0] == pytest.approx(
        np.array([[0, 0], [10, 0], [27, 3], [0, 30]]) / 30
    )
    # With four weeks of delay A holds sway from 28 to 88: nothing before it is laid to it.
    assert recent_exposure(course, days, names, 28)[:, :, 0] == pytest.approx(
        np.array([[0, 0], [0, 0], [30, 0], [0, 30]]) / 30
    )
    assert recent_exposure(course, np.empty((0, 1)), names, 14).shape == (0, 2, 1)


def test_a_quiet_window_is_a_reading_of_no_change() -> None:
    # Films say -0.4 with precision 100; a quiet month adds a reading of 0 with spread 0.12: 69.44.
    seen = Seen(np.array([[[100.0]]]), np.array([[-40.0]]), np.array(16.0), np.array(0.0))
    (nothing, doubt), (told, held) = with_quiet(seen, np.array([[[1.0]]]))
    assert nothing is seen
    assert np.exp([doubt, held]) == pytest.approx([0.08, 0.92])
    assert believe(told, 1e3).mean[0, 0] == pytest.approx(-40 / (100 + 1 / 0.0144), rel=1e-5)
    # What is lost is the fit of the two readings to each other: 0.4^2 over 1/100 + 0.12^2, and their joint
    # spread against that of the films alone: half the log of 169.44 / 100.
    lost = believe(seen, 1e3).log_evidence[0] - believe(told, 1e3).log_evidence[0]
    assert lost == pytest.approx(0.5 * 0.16 / (0.01 + 0.0144) + 0.5 * np.log(1.6944), rel=1e-4)
    assert with_quiet(seen, np.empty((0, 1, 1))) == [(seen, 0.0)]


def _named(
    make_case: Callable[..., CaseFolder],
    bounds: tuple[int, ...],
    films: dict[int, tuple[float, str]],
) -> dict[str, Any]:
    """Attribution of both bones of one wrist, each of the severity and activity given by day."""
    therapy = "patient_id,phase,drug,start_day,end_day\n" + "".join(
        f"p,{chr(65 + i)},d{i},{a},{b}\n" for i, (a, b) in enumerate(pairwise(bounds))
    )
    table = "patient_id,film_id,file,day,joint,side,synthetic\n" + "".join(
        f"p,f{d},f{d}.png,{d},wrist,left,0\n" for d in films
    )
    rows = [
        {
            "file": f"f{day}.png", "joint": "wrist", "side": "left", "bone": bone, "instance": 1, "flags": "",
            "status": "scored", "activity": activity, "severity": severity, "severity_low": severity,
            "severity_high": severity, **dict.fromkeys(("grade", "grade_low", "grade_high"), 2 * severity),
        }
        for day, (severity, activity) in films.items() for bone in ("radius", "ulna")
    ]  # fmt: skip
    case = make_case(radiographs=table, therapy=therapy)
    found: dict[str, Any] = heal(case, pd.DataFrame(rows), draws=50, seed=1).figures["p"]["attribution"]
    return found


def test_an_active_film_tells_late_healing_of_the_phase_before(make_case: Callable[..., CaseFolder]) -> None:
    # No film before phase B: by severity alone A may have healed four weeks late.
    bounds = (0, 60, 120, 180)
    after = {120: (0.3, "indeterminate"), 180: (0.3, "indeterminate")}
    open_ = _named(make_case, bounds, {60: (0.8, "indeterminate")} | after)
    assert open_["value"] is None
    told = _named(make_case, bounds, {60: (0.8, "active")} | after)
    assert told["value"] == "B"
    assert told["chances"]["A"] < open_["chances"]["A"] / 2


def test_one_day_of_a_neighbour_leaves_no_rate_open(make_case: Callable[..., CaseFolder]) -> None:
    # The film is taken a day after A ended, and none between B and C: only a bound on rates tells A.
    found = _named(make_case, (0, 45, 120, 190), {
        0: (0.9, "indeterminate"), 46: (0.1, "indeterminate"), 183: (0.1, "indeterminate"),
    })  # fmt: skip
    assert found["value"] == "A"
    # 0.8 in 46 days, one of them of B.
    assert found["rates"]["0"]["A"]["value"] == pytest.approx(-0.8 / 46 * 30, rel=0.1)
    assert found["rates"]["0"]["B"]["reason"] == "no_separating_film"
