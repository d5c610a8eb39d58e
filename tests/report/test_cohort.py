"""What a cohort's page says over all its patients, counted by hand."""

from dataclasses import replace
from typing import Any

import pandas as pd

from rickets_rx.healing.result import HealingResult
from rickets_rx.report.cohort import cohort_of
from rickets_rx.report.html import MOST_NOTES, cohort_html


def _cohort(small_result: HealingResult, families: int = 12) -> HealingResult:
    """Patients of one family each, of whom the first five healed in a phase and one is healed."""
    ids = [f"child-{i}" for i in range(families)]
    met: dict[str, Any] = {"value": True, "reason": "", "words": "grades", "used": {"left radius": 0.0}}
    open_ = met | {"value": None, "reason": "no_graded_wrist_film"}
    phases = ["2_iv", "2_iv", "1_oral", "2_iv", "1_oral"]
    figures = {
        patient: {
            "healed": {"radiographic_wrist": met if i == 0 else open_},
            "attribution": {"value": phases[i] if i < len(phases) else None, "reasons": [], "rates": {}},
        }
        for i, patient in enumerate(ids)
    }
    shown = {"value": 81.5, "low": 70.0, "high": 93.0, "n": 11, "reason": ""}
    missing = {"value": None, "low": None, "high": None, "n": 7, "reason": "no_spread"}
    return replace(
        small_result,
        patients=pd.DataFrame({"patient_id": ids, "diagnosis": "rickets"}),
        figures=figures,
        cohort={
            "families": families, "patients": families, "median_days_to_normal_ALP": shown,
            "rank_correlation_severity_ln_pth": missing,
        },
    )  # fmt: skip


def test_phases_and_definitions_are_counted(small_result: HealingResult) -> None:
    found = cohort_of(_cohort(small_result))
    assert found is not None
    assert (found.named, found.untold) == ([("2 i.v.", 3), ("1 oral", 2)], 7)
    assert found.healed == [("radiographic wrist", "cannot be told", 11), ("radiographic wrist", "yes", 1)]
    (median, value), (correlation, nothing) = found.lines
    assert median == "ALP: days to a confirmed normal value, median (printed range)"
    assert (value.value, value.count) == (81.5, "n = 11")
    assert correlation == "Change of severity against change of ln PTH, rank correlation"
    assert (nothing.shown, found.reasons) == ("—", ["all patients changed alike"])


def test_few_families_have_no_figures_over_patients(small_result: HealingResult) -> None:
    assert cohort_of(small_result) is None
    assert cohort_of(_cohort(small_result, families=9)) is None


def test_the_page_of_a_cohort_shows_them_and_cuts_the_notes(small_result: HealingResult) -> None:
    cohort = _cohort(small_result)
    cohort = replace(cohort, methods={"notes": [f"film {i} is absent" for i in range(MOST_NOTES + 70)]})
    page = cohort_html(cohort)
    assert "2 i.v. in 3, 1 oral in 2, cannot be told in 7" in page
    assert f"film {MOST_NOTES - 1} is absent" in page
    assert f"film {MOST_NOTES} is absent" not in page
    assert "and 70 more, all of them in healing.json" in page
    assert "Over all patients" not in cohort_html(small_result)
