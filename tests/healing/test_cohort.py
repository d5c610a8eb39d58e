"""Turnbull's estimate and cohort figures against cases with a known answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.healing.heal import heal
from rickets_rx.healing.turnbull import NEVER, turnbull
from rickets_rx.io.case_folder import CaseFolder


def test_disjoint_intervals_are_counted() -> None:
    found = turnbull([0, 0, 5, 9], [5, 5, 9, NEVER])
    assert found.mass.tolist() == pytest.approx([0.5, 0.25, 0.25])
    assert found.quantile(0.5) == (0.0, 5.0)
    assert found.quantile(0.75) == (5.0, 9.0)
    assert found.quantile(0.9) is None


def test_overlapping_intervals_meet_where_they_overlap() -> None:
    # (0, 6] and (4, 10] can both hold the event in (4, 6] only: all mass there.
    found = turnbull([0, 4], [6, 10])
    assert (found.left.tolist(), found.right.tolist()) == ([4.0], [6.0])
    assert found.mass.tolist() == pytest.approx([1.0])


def test_a_worked_mixture() -> None:
    # A (0, 2], B (1, 4], C (3, 5]: innermost (1, 2] and (3, 4]; A in the first, C in the second, B in either.
    # With p on the first: likelihood p (1 - p) x 1, greatest at p = 1/2.
    found = turnbull([0, 1, 3], [2, 4, 5])
    assert found.mass.tolist() == pytest.approx([0.5, 0.5], abs=1e-6)


def test_right_censoring_is_kaplan_meiers() -> None:
    # Events by 1, 2, 3 (exact to a hair), one lost after 1.5: Kaplan-Meier 3/4, 3/8, 0.
    found = turnbull([0.999, 1.5, 1.999, 2.999], [1, NEVER, 2, 3])
    seen = np.cumsum(found.mass)
    assert seen[0] == pytest.approx(1 / 4, abs=1e-6)
    assert seen[1] == pytest.approx(5 / 8, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), min_size=1, max_size=20))
def test_mass_is_a_probability_that_every_subject_can_hold(spans: list[tuple[int, int]]) -> None:
    left = np.array([a for a, _ in spans], float)
    right = left + np.array([w for _, w in spans])
    found = turnbull(left, right)
    assert found.mass.sum() == pytest.approx(1.0)
    for a, b in zip(left, right, strict=True):
        assert found.mass[(found.left >= a) & (found.right <= b)].sum() > 0


def test_reversed_intervals_are_refused() -> None:
    with pytest.raises(ValueError, match="left end"):
        turnbull([5], [5])


def _cohort(make_case: Callable[..., CaseFolder], families: int) -> dict[str, Any]:
    """Each patient: ALP high on day 0, normal on days 60 and 120; severity and ln ALP fall together."""
    patients, labs, films, scores = (
        ["patient_id,family_id"],
        [],
        ["patient_id,film_id,file,day,joint,side"],
        [],
    )
    labs.append("patient_id,visit,day,analyte,value,unit,range_low,range_high")
    for i in range(families):
        patients.append(f"p{i},f{i}")
        start = 600 + 50 * i
        labs += [
            f"p{i},{v},{d},ALP,{a},U/L,80,220" for v, d, a in ((1, 0, start), (2, 60, 200), (3, 120, 150))
        ]
        for day, severity in ((0, 0.4 + 0.02 * i), (60, 0.3)):
            films.append(f"p{i},x{day},p{i}_{day}.png,{day},wrist,left")
            row = {
                "file": f"p{i}_{day}.png",
                "joint": "wrist",
                "side": "left",
                "bone": "radius",
                "instance": 1,
            }
            row |= {
                "status": "scored",
                "grade": 1.0,
                "grade_low": 1.0,
                "grade_high": 1.0,
                "activity": "active",
            }
            levels = {"severity": severity, "severity_low": severity - 0.05, "severity_high": severity + 0.05}
            scores.append(row | levels | {"flags": ""})
    tables = {"patients": patients, "labs": labs, "radiographs": films}
    case = make_case(**{name: "\n".join(rows) + "\n" for name, rows in tables.items()})
    return heal(case, pd.DataFrame(scores), draws=2, seed=0).cohort


def test_cohort_of_twelve_families(make_case: Callable[..., CaseFolder]) -> None:
    found = _cohort(make_case, 12)
    median = found["median_days_to_normal_ALP"]
    assert (median["value"], median["low"], median["high"], median["n"]) == (30.0, 30.0, 30.0, 12)
    # The more severity falls, the more ln ALP falls, without exception.
    assert found["rank_correlation_severity_ln_alp"]["value"] == pytest.approx(1.0)
    assert found["rank_correlation_severity_ln_pth"]["reason"] == "fewer_than_10_families"


def test_nothing_for_fewer_than_ten_families(
    make_case: Callable[..., CaseFolder], healed_sisters: Any
) -> None:
    found = _cohort(make_case, 9)
    assert found["median_days_to_normal_ALP"]["value"] is None
    assert found["median_days_to_normal_ALP"]["reason"] == "fewer_than_10_families"
    assert healed_sisters.cohort["families"] == 1
    assert healed_sisters.cohort["rank_correlation_severity_ln_alp"]["value"] is None
