"""Simulated courses with known truth: who is named, how often wrongly, whether intervals hold the truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rickets_rx.healing.film_errors import FilmErrors
from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import HealingResult, records
from rickets_rx.io.case_folder import CaseFolder

PATIENTS, LENGTH, SD = 80, 60, 0.06
PHASES = ("A", "B", "C")
FILM_DAYS = (0, 60, 120, 180)


@pytest.fixture(autouse=True)
def known_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of errors that is true of the films drawn here."""
    true = FilmErrors(
        ((0.0, SD),), 0.0, 0.3, same_bone=0.6, same_film=0.0, other=0.0, below=1.645, above=1.645
    )
    for module in ("film_errors", "delays"):
        monkeypatch.setattr(f"rickets_rx.healing.{module}.film_errors", lambda joint: true)


def _simulate(
    make_case: Callable[..., CaseFolder], rates_of: Callable[[np.random.Generator], np.ndarray[Any, Any]]
) -> tuple[HealingResult, dict[tuple[str, int], float], list[str]]:
    """Three phases of 60 days with a rate each (severity per 30 days), a film of two bones at every change.

    Films err by a normal of `SD`, cut to 0-1, of which 0.6 of the variance belongs to the bone and comes back
    on every film of it; their intervals are the true 90 % ones.
    """
    rng = np.random.default_rng(11)
    patients, therapy = ["patient_id,sex"], ["patient_id,phase,drug,start_day,end_day"]
    films, scores = ["patient_id,film_id,file,day,joint,side,synthetic"], []
    truth, best = {}, []
    for i in range(PATIENTS):
        rates, start = rates_of(rng), rng.uniform(0.7, 1.0)
        best.append(PHASES[int(np.argmin(rates))])
        patients.append(f"p{i},female")
        therapy += [f"p{i},{p},d{j},{j * LENGTH},{(j + 1) * LENGTH}" for j, p in enumerate(PHASES)]
        own = {bone: rng.normal(0, np.sqrt(0.6) * SD) for bone in ("radius", "ulna")}
        for day in FILM_DAYS:
            films.append(f"p{i},f{day},p{i}_{day}.png,{day},wrist,left,1")
            spent = np.clip(day - np.arange(3) * LENGTH, 0, LENGTH) / 30
            truth[f"p{i}", day] = level = float(np.clip(start + rates @ spent, 0, 1))
            for bone in ("radius", "ulna"):
                seen = float(np.clip(level + own[bone] + rng.normal(0, np.sqrt(0.4) * SD), 0, 1))
                low, high = max(seen - 1.645 * SD, 0), min(seen + 1.645 * SD, 1)
                row = {
                    "file": f"p{i}_{day}.png",
                    "joint": "wrist",
                    "side": "left",
                    "bone": bone,
                    "instance": 1,
                }
                grade = {f"grade{part}": round(seen * 4) / 2 for part in ("", "_low", "_high")}
                row |= {"status": "scored", "activity": "indeterminate", "flags": "", **grade}
                scores.append(row | {"severity": seen, "severity_low": low, "severity_high": high})
    case = make_case(patients="\n".join(patients), therapy="\n".join(therapy), radiographs="\n".join(films))
    return heal(case, pd.DataFrame(scores), draws=300, include_synthetic=True), truth, best


def _named(result: HealingResult) -> list[str | None]:
    return [figures["attribution"]["value"] for figures in result.figures.values()]


def _one_best(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """One phase heals by at least 0.25 severity per 30 days more than the others."""
    rates = np.full(3, rng.uniform(-0.05, 0.02))
    rates[rng.integers(3)] -= rng.uniform(0.25, 0.35)
    return rates


def _all_equal(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return np.full(3, rng.uniform(-0.12, 0.02))


def test_the_best_phase_is_named_and_no_other(make_case: Callable[..., CaseFolder]) -> None:
    result, _, best = _simulate(make_case, _one_best)
    named = _named(result)
    assert np.mean([a == b for a, b in zip(named, best, strict=True)]) >= 0.9
    assert np.mean([a is not None and a != b for a, b in zip(named, best, strict=True)]) <= 0.03


def test_courses_without_a_best_phase_name_none_and_intervals_hold(
    make_case: Callable[..., CaseFolder],
) -> None:
    result, truth, _ = _simulate(make_case, _all_equal)
    assert np.mean([name is not None for name in _named(result)]) <= 0.05
    held = []
    for row in records(result.phases):
        change = truth[row["patient_id"], row["end_day"]] - truth[row["patient_id"], row["start_day"]]
        held.append(row["severity_change_low"] <= change <= row["severity_change_high"])
    assert len(held) == 3 * PATIENTS
    # 90 % intervals; 240 of them: a standard error of 2 %.
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)
