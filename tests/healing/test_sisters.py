"""Both sisters: figures recomputed by hand from the printed tables (day 0 = first visit, central days)."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rickets_rx.healing.result import HealingResult, records


def _phase(result: HealingResult, patient: str, phase: str) -> dict[str, Any]:
    rows = [r for r in records(result.phases) if (r["patient_id"], r["phase"]) == (patient, phase)]
    assert len(rows) == 1
    return rows[0]


def test_phases_run_from_where_they_began_to_where_the_next_began(healed_sisters: HealingResult) -> None:
    spans = [
        (r["patient_id"], r["phase"], r["start_day"], r["end_day"]) for r in records(healed_sisters.phases)
    ]
    assert spans == [
        ("case1", "0_baseline", 0, 0),
        ("case1", "1_oral", 0, 98),
        ("case1", "2_iv", 98, 261),
        ("case1", "3_cinacalcet", 261, 383),
        ("case2", "0_baseline", 0, 30),
        ("case2", "1_oral", 30, 61),
        ("case2", "2_iv", 61, 131),
        ("case2", "3_cinacalcet", 131, 222),
    ]
    # The uncertain days of case 1 row 7 reach to the end of the infusion phase: row 10 on 220 to 289.
    row = _phase(healed_sisters, "case1", "2_iv")
    assert (row["end_low"], row["end_high"]) == (220, 289)


def test_case1_oral_slope_of_ln_alp(healed_sisters: HealingResult) -> None:
    # t in 30 days: 0, 0.93333, 1.86667, 3.26667, mean 1.51667; deviations -1.51667, -0.58333, 0.35, 1.75;
    # Sxx = 2.30028 + 0.34028 + 0.1225 + 3.0625 = 5.82556.
    # ln ALP: ln 2278 = 7.73105, ln 2127 = 7.66247, ln 2047 = 7.62413, ln 1427 = 7.26333.
    # Sxy = -11.72543 - 4.46977 + 2.66845 + 12.71083 = -0.81592; slope = -0.81592 / 5.82556 = -0.14006.
    row = _phase(healed_sisters, "case1", "1_oral")
    assert row["slope_ln_alp"] == pytest.approx(-0.14006, abs=2e-5)
    assert row["slope_ln_alp_n"] == 4
    assert row["slope_ln_alp_low"] < row["slope_ln_alp"] < row["slope_ln_alp_high"]


def test_case1_cinacalcet_slope_of_calcium(healed_sisters: HealingResult) -> None:
    # Ca 7.5, 7.9, 8.9, 9.0 on days 261, 276, 291, 383 (t 0, 0.5, 1, 4.06667; mean 1.39167):
    # deviations -1.39167, -0.89167, -0.39167, 2.675; Sxx = 1.93674 + 0.79507 + 0.15340 + 7.15563 = 10.04083;
    # Sxy = -10.43750 - 7.04417 - 3.48583 + 24.07500 = 3.10750; slope = 0.30949 mg/dL a month.
    row = _phase(healed_sisters, "case1", "3_cinacalcet")
    assert row["slope_ca"] == pytest.approx(0.30949, abs=2e-5)


def test_infusion_values_are_set_aside_from_slopes(healed_sisters: HealingResult) -> None:
    # Case 2, infusions on days 61-66, 96-101: visits 4 (day 66), 5 (day 73, 7 days after) and 7 (day 101) are
    # set aside; visits 3, 6, 8 stay: ln 940, ln 785, ln 681 = 6.84588, 6.66568, 6.52356 on days 61, 96, 131,
    # evenly spaced: slope = (6.52356 - 6.84588) / (70 / 30) = -0.13814 a month.
    row = _phase(healed_sisters, "case2", "2_iv")
    assert row["slope_ln_pth"] == pytest.approx(-0.13814, abs=2e-5)
    assert row["slope_ln_pth_n"] == 3
    assert "12 values near an infusion" in row["note"]  # three visits of four analytes


def test_two_values_give_no_slope_but_a_reason(healed_sisters: HealingResult) -> None:
    row = _phase(healed_sisters, "case2", "1_oral")
    assert (row["slope_ca"], row["slope_ca_n"], row["slope_ca_reason"]) == (None, 2, "fewer_than_3_values")


def test_case2_pth_area_by_hand(healed_sisters: HealingResult) -> None:
    # Above 71: 163, 484, 869, 44, 816, 714, 94, 610, 24, then 9 below. Trapezoids:
    # 30 x 323.5 = 9705; 31 x 676.5 = 20971.5; 5 x 456.5 = 2282.5; 7 x 430 = 3010; 23 x 765 = 17595;
    # 5 x 404 = 2020; 30 x 352 = 10560; 61 x 317 = 19337; last: 24^2 / (2 x 33) x 30 = 261.8; sum 85742.8.
    figure = healed_sisters.figures["case2"]["course"]["auc_pth_above_uln"]
    assert figure["value"] == pytest.approx(85742.8, abs=0.1)
    assert figure["n"] == 10


@pytest.mark.parametrize(
    ("patient", "name", "published"),
    [
        ("case1", "auc_alp_above_uln", 4.7e5),
        ("case1", "auc_pth_above_uln", 2.1e5),
        ("case2", "auc_alp_above_uln", 1.8e5),
        ("case2", "auc_pth_above_uln", 8.6e4),
    ],
)
def test_areas_above_the_printed_limits(
    healed_sisters: HealingResult, patient: str, name: str, published: float
) -> None:
    # Recomputed independently for this project's brief, to two figures; phases add up to the whole.
    figure = healed_sisters.figures[patient]["course"][name]
    assert figure["value"] == pytest.approx(published, rel=0.03)
    assert figure["low"] <= figure["value"] <= figure["high"]
    parts = [r[name] for r in records(healed_sisters.phases) if r["patient_id"] == patient and r[name]]
    assert sum(parts) == pytest.approx(figure["value"])


def test_share_of_the_cinacalcet_phase_with_normal_calcium(healed_sisters: HealingResult) -> None:
    # Case 1: 7.9 to 8.9 over 15 days reaches 8.8 after 13.5 days; then normal to the end:
    # (1.5 + 92) / 122 days = 0.76639.
    assert _phase(healed_sisters, "case1", "3_cinacalcet")["share_in_range_ca"] == pytest.approx(93.5 / 122)
    # P never reaches 4.5.
    assert _phase(healed_sisters, "case1", "3_cinacalcet")["share_in_range_p"] == 0


def _normal(result: HealingResult, patient: str, analyte: str, kind: str) -> dict[str, Any]:
    rows = records(result.normalisation)
    return next(r for r in rows if (r["patient_id"], r["analyte"], r["range"]) == (patient, analyte, kind))


# Printed ranges Ca 8.8-10.8, P 4.5-5.5, ALP 80-220, PTH 10-71; infusion values set aside.
# (patient, analyte, range): normal at entry, last abnormal, first normal, confirmed, relapsed
NORMALISATION = {
    # 7.9 on day 276, 8.9 on 291, 9.0 on 383: confirmed, 92 days.
    ("case1", "Ca", "printed"): (0, 276, 291, 1, 0),
    # Age range 9.2-10.5: never.
    ("case1", "Ca", "age"): (0, None, None, None, None),
    ("case1", "P", "printed"): (0, None, None, None, None),
    # 1100 on day 291, 200 on 383 and nothing after it: not confirmed.
    ("case1", "ALP", "printed"): (0, 291, 383, 0, 0),
    # 64 on day 383 is normal up to 71 as printed, high by age (11-59).
    ("case1", "PTH", "printed"): (0, 291, 383, 0, 0),
    ("case1", "PTH", "age"): (0, None, None, None, None),
    # 9.2 at entry; 7.1 on day 131, 9.2 on 192, 8.9 on 222: confirmed, 30 days.
    ("case2", "Ca", "printed"): (1, 131, 192, 1, 0),
    # 215 and then 220, exactly on the limit, which counts as normal.
    ("case2", "ALP", "printed"): (0, 131, 192, 1, 0),
    ("case2", "PTH", "printed"): (0, 192, 222, 0, 0),
    # Below the printed range throughout; by age (3.1-6.8) normal at entry, low, and normal again.
    ("case2", "P", "printed"): (0, None, None, None, None),
    ("case2", "P", "age"): (1, 131, 192, 1, 0),
}


@pytest.mark.parametrize("key", NORMALISATION)
def test_normalisation(healed_sisters: HealingResult, key: tuple[str, str, str]) -> None:
    row = _normal(healed_sisters, *key)
    names = ("normal_at_entry", "last_abnormal_day", "first_normal_day", "confirmed", "relapsed")
    assert tuple(row[name] for name in names) == NORMALISATION[key]


def test_days_of_normalisation_carry_the_uncertain_days(healed_sisters: HealingResult) -> None:
    # Row 10 of case 1 falls on 220, 225, 261 or 289; its cinacalcet rows follow by 30 and 122 days.
    days = healed_sisters.normalisation_days["case1"]["ALP printed"]
    last, first = days["last_abnormal_day"], days["first_normal_day"]
    assert (last["value"], last["low"], last["high"]) == (291, 250, 319)
    assert (first["value"], first["low"], first["high"]) == (383, 342, 411)
    never = healed_sisters.normalisation_days["case1"]["P printed"]["first_normal_day"]
    assert (never["value"], never["reason"]) == (None, "never normal")


def test_healed_by_name(healed_sisters: HealingResult) -> None:
    for patient in ("case1", "case2"):
        found = healed_sisters.figures[patient]["healed"]
        assert found["biochemical"]["value"] is True
        assert found["biochemical_with_p"]["value"] is False  # P 3.1 and 3.2, below 4.5
        assert found["trial_2014"]["value"] is None
        assert found["trial_2014"]["reason"] == "needs_the_knee"
        assert found["radiographic_wrist"]["value"] is None


def test_no_phase_is_named_and_all_reasons_stand(healed_sisters: HealingResult) -> None:
    for patient in ("case1", "case2"):
        found = healed_sisters.figures[patient]["attribution"]
        assert found["value"] is None
        assert found["reasons"] == [
            "synthetic_films_only",
            "no_separating_film",
            "fixed_order",
            "concurrent_therapy",
            "one_family",
            "values_shared_with_a_relative",
        ]


def test_no_grade_enters_a_phase(healed_sisters: HealingResult) -> None:
    for name in ("grade_start", "severity_end", "severity_change"):
        assert healed_sisters.phases[name].isna().all()
        assert set(healed_sisters.phases[f"{name}_reason"]) == {"synthetic_films_only"}


def test_text_values_are_shown_and_not_used(healed_sisters: HealingResult) -> None:
    labs = healed_sisters.labs
    said = labs[(labs.source == "text") & (labs.used == 0)]
    assert sorted(zip(said.patient_id, said.analyte, strict=True)) == [
        ("case1", "Ca"),
        ("case2", "ALP"),
        ("case2", "Ca"),
        ("case2", "P"),
        ("case2", "PTH"),
    ]
    timeline = healed_sisters.timeline
    assert (timeline["flags"] == "not_used").sum() == 5


def test_timeline_holds_every_row_of_the_folder_once(healed_sisters: HealingResult) -> None:
    counts = healed_sisters.timeline["kind"].value_counts().to_dict()
    starts = healed_sisters.therapy["start_day"].notna().sum()
    ends = healed_sisters.therapy["end_day"].notna().sum()
    assert counts == {
        "lab": 99,
        "film": 5,
        "therapy_start": starts,
        "therapy_end": ends,
        "event": len(healed_sisters.events),
        "finding": len(healed_sisters.findings),
        "growth": 5,
    }
    for _, rows in healed_sisters.timeline.groupby("patient_id"):
        assert (np.diff(rows["day"].astype(int)) >= 0).all()


def test_state_when_drawn_is_not_what_was_started(healed_sisters: HealingResult) -> None:
    labs = healed_sisters.labs
    row = labs[(labs.patient_id == "case1") & (labs.visit == "4") & (labs.analyte == "Ca")].iloc[0]
    assert (row["phase"], row["phase_started"], row["context"]) == ("1_oral", "2_iv", "none")
    assert row["near_infusion"] == 0  # drawn as the infusion began: Ca 6.8


def test_a_dose_is_converted_only_near_a_weight(healed_sisters: HealingResult) -> None:
    rows = records(healed_sisters.therapy)
    first = next(r for r in rows if (r["patient_id"], r["start_day"], r["drug"]) == ("case1", 0, "calcium"))
    assert first["converted_dose"] == pytest.approx(2 / 10.7)  # 2 g a day at 10.7 kg
    assert first["converted_unit"] == "g/kg/day"
    late = next(r for r in rows if (r["patient_id"], r["start_day"], r["route"]) == ("case1", 98, "iv"))
    assert late["converted_dose"] is None
    assert late["conversion_reason"] == "no_weight_within_60_days"
    assert late["label"] == "calcium iv 150 mg/kg/day"


def test_same_seed_same_tables(sisters: Any, healed_sisters: HealingResult) -> None:
    from rickets_rx.healing.heal import heal

    again = heal(sisters, draws=400, seed=1)
    pd.testing.assert_frame_equal(again.phases, healed_sisters.phases)
    assert again.to_json() == healed_sisters.to_json()
