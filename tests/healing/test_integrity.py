"""Flags: every inconsistency of the report that its tables can show, and made-up tables for the others."""

from collections.abc import Callable

import pytest

from rickets_rx.healing.heal import heal
from rickets_rx.healing.integrity_doses import printed_doses
from rickets_rx.healing.result import HealingResult, records
from rickets_rx.io.case_folder import CaseFolder

# What a careful reader found in the report by hand: (patient, code, visit or day, item).
EXPECTED = {
    # Text against table.
    ("case1", "text_contradicts_table", "1", "Ca"),
    *(("case2", "text_contradicts_table", "3", analyte) for analyte in ("Ca", "P", "ALP", "PTH")),
    ("case1", "doses_contradict", 28, "calcitriol"),  # 6 µg in the text, 4 µg in the table
    # Words against the report's own numbers.
    ("case1", "called_normal_against_own_values", 103, "PTH"),  # lowest 90 and 95, limit 71
    ("case2", "called_normal_against_own_values", 66, "PTH"),  # lowest 115
    ("case1", "called_normal_against_own_values", 103, "P"),
    ("case2", "called_normal_against_own_values", 66, "P"),
    ("case1", "called_near_normal_against_own_values", 261, "PTH"),  # 716
    ("case1", "called_near_normal_against_own_values", 261, "ALP"),  # 1480
    ("case1", "called_fall_against_own_values", 103, "ALP"),  # 1427 to 1540
    ("case2", "called_fall_against_own_values", 66, "ALP"),
    ("case1", "called_normal_against_own_values", 383, "P"),  # 3.1
    ("case2", "called_normal_against_own_values", 222, "P"),  # 3.2
    ("case2", "called_normal_against_own_values", 0, "P"),  # 4.1
    ("case2", "called_low_against_own_values", 0, "Ca"),  # 9.2
    ("case1", "called_at_upper_limit_against_own_values", 0, "1,25(OH)2D"),  # 59 of 65
    ("case2", "claim_without_value", 0, "1,25(OH)2D"),
    ("case1", "event_not_seen_in_values", 291, "Ca"),
    # Films and findings.
    ("case2", "ambiguous_film_day", 61, "fig3a"),
    ("case2", "findings_conflict", 0, ""),
    ("case1", "findings_conflict", 261, ""),  # partial healing and relapse in one row
    # Therapies that begin together.
    ("case2", "started_together", 131, "calcium"),
    # Units and names.
    ("case1", "dose_unit_slip", 98, "calcium"),
    ("case1", "dose_unit_slip", 164, "calcium"),
    ("case2", "dose_unit_slip", 73, "calcium"),
    ("case1", "dose_unit_slip", 276, "cinacalcet"),
    ("case1", "drug_name_differs", 276, "cinacalcet"),
    ("case2", "drug_name_differs", None, "colecalciferol"),
    # Ranges.
    *(("case2", "one_range_for_all_ages", "1", analyte) for analyte in ("Ca", "P", "ALP", "PTH")),
    ("case2", "ranges_disagree", "1", "P"),
    ("case1", "platform_mismatch", "1", "ALP"),
    ("case1", "platform_mismatch", "1", "PTH"),
    # Ambiguous intervals.
    *(("case1", "ambiguous_day", visit, "") for visit in ("6", "7", "10")),
    *(("case2", "ambiguous_day", visit, "") for visit in ("6", "9")),
}
# Rows that both sisters share: (case 1 visit, case 2 visit, analytes).
SHARED = [
    ("4", "3", "P, ALP, PTH"),
    ("5", "4", "Ca, P, ALP"),
    ("6", "5", "P, ALP, PTH"),
    ("7", "6", "P, ALP"),
    ("8", "7", "ALP"),
    ("9", "8", "Ca, P, ALP, PTH"),
]


def _raised(result: HealingResult) -> set[tuple[str, str, object, str]]:
    rows = records(result.flags)
    return {(r["patient_id"], r["code"], key, r["item"]) for r in rows for key in (r["visit"], r["day"])}


@pytest.mark.parametrize("expected", sorted(EXPECTED, key=str))
def test_every_inconsistency_is_raised(healed_sisters: HealingResult, expected: tuple[object, ...]) -> None:
    assert expected in _raised(healed_sisters)


def test_shared_values_are_found_for_both(healed_sisters: HealingResult) -> None:
    rows = [r for r in records(healed_sisters.flags) if r["code"] == "sibling_duplicate"]
    ours = [(r["visit"], r["item"]) for r in rows if r["patient_id"] == "case1"]
    theirs = [(r["visit"], r["item"]) for r in rows if r["patient_id"] == "case2"]
    assert ours == [(visit, item) for visit, _, item in SHARED]
    assert theirs == [(visit, item) for _, visit, item in SHARED]
    assert {r["other_patient_id"] for r in rows if r["patient_id"] == "case1"} == {"case2"}


def test_shared_values_lie_at_other_intervals(healed_sisters: HealingResult) -> None:
    rows = [r for r in records(healed_sisters.flags) if r["code"] == "shared_values_at_other_interval"]
    # Case 1 visit 6 is four weeks after visit 5; the same values of case 2 are one week apart.
    first = next(r for r in rows if r["visit"] == "6")
    assert "drawn 28 days after the visit before; those of case2 7 days" in first["message"]


def test_claims_that_hold_raise_nothing(healed_sisters: HealingResult) -> None:
    claims = [
        (r["patient_id"], r["day"], r["item"]) for r in records(healed_sisters.flags) if "called" in r["code"]
    ]
    assert ("case1", 383, "Ca") not in claims  # 9.0 is normal
    assert ("case1", 0, "Ca") not in claims  # 7.2 is low
    assert ("case1", 56, "Ca") not in claims  # 8.5 is near 8.8
    assert ("case1", 103, "PTH") in claims
    falls = [r for r in records(healed_sisters.flags) if r["code"].startswith("called_fall")]
    assert {r["item"] for r in falls} == {"ALP"}  # PTH did fall


def test_messages_are_plain_and_whole(healed_sisters: HealingResult) -> None:
    for row in records(healed_sisters.flags):
        assert row["message"].endswith((".", ")."))
        assert "nan" not in row["message"].lower()
        assert "None" not in row["message"]


HEAD = "patient_id,visit,day,analyte,value,unit,range_low,range_high\n"


def _codes(case: CaseFolder) -> list[tuple[str, str]]:
    return [(r["code"], r["item"]) for r in records(heal(case, draws=1).flags)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("p,1,0,Ca,9000,mg/dL,,\n", ("unit_slip", "Ca")),  # µg/dL? a factor 1000
        ("p,1,0,Ca,45,mg/dL,,\n", ("impossible_value", "Ca")),
        ("p,1,0,Ca,5,mg/dL,,\np,2,2,Ca,11,mg/dL,,\n", ("impossible_jump", "Ca")),
        ("p,1,0,Ca,9,mg/dL,,\np,1,0,Ca,9,mg/dL,,\n", ("repeated_row", "Ca")),
        ("p,1,0,Ca,9,mg/dL,,\np,1,0,Ca,8,mg/dL,,\n", ("contradicting_rows", "Ca")),
        ("p,2,0,Ca,9,mg/dL,,\np,1,9,Ca,9,mg/dL,,\n", ("visits_out_of_order", "")),
    ],
)
def test_laboratory_slips(make_case: Callable[..., CaseFolder], rows: str, expected: tuple[str, str]) -> None:
    assert expected in _codes(make_case(labs=HEAD + rows))


def test_a_visit_that_repeats_another(make_case: Callable[..., CaseFolder]) -> None:
    visit = "p,{0},{1},Ca,9.1,mg/dL,,\np,{0},{1},P,3.2,mg/dL,,\np,{0},{1},ALP,410,U/L,,\n"
    codes = _codes(make_case(labs=HEAD + visit.format(1, 0) + visit.format(2, 40)))
    assert ("repeated_row", "Ca, P, ALP") in codes


def test_a_fast_rise_during_an_infusion_is_no_jump(make_case: Callable[..., CaseFolder]) -> None:
    head = "patient_id,visit,day,analyte,value,unit,context\n"
    labs = f"{head}p,1,0,Ca,5,mg/dL,none\np,2,2,Ca,11,mg/dL,infusion_on\n"
    assert "impossible_jump" not in [code for code, _ in _codes(make_case(labs=labs))]


def test_a_range_with_one_limit_is_told_with_the_other_unknown(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(labs=HEAD + "p,1,0,ALP,300,U/L,,220\n")  # high by the printed limit, normal by age
    flags = [r for r in records(heal(case, draws=1).flags) if r["code"] == "ranges_disagree"]
    assert "(?-220 U/L)" in flags[0]["message"]


def test_plausible_rows_raise_nothing(make_case: Callable[..., CaseFolder]) -> None:
    labs = "p,1,0,Ca,9.3,mg/dL,8.5,11.0\np,2,40,Ca,9.4,mg/dL,8.5,11.0\n"
    therapy = (
        "patient_id,drug,dose,unit,per,route,start_day,end_day,as_printed\n"
        "p,calcium,1,g,day,oral,0,40,Calcium 1 g/day\n"
    )
    assert _codes(make_case(labs=HEAD + labs, therapy=therapy)) == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("calcium,2,mg,day,Calcium 2 mg/day", "implausible_dose"),
        ("calcitriol,2,mg,day,Calcitriol 2 mg/day", "implausible_dose"),
        ("calcium,2,g,day,Calcium 2 mg/day", "dose_unit_slip"),
        ("calcium,2,g,day,Calcium 2 g/kg/day", "dose_unit_slip"),
        ("cinacalcet,0.4,mg,kg.day,Cinecalcet 0.4 mg/kg/day", "drug_name_differs"),
    ],
)
def test_dose_slips(make_case: Callable[..., CaseFolder], row: str, code: str) -> None:
    drug, dose, unit, per, printed = row.split(",")
    therapy = "patient_id,drug,dose,unit,per,route,start_day,as_printed\n"
    case = make_case(therapy=f"{therapy}p,{drug},{dose},{unit},{per},oral,0,{printed}\n")
    assert _codes(case) == [(code, drug)]


def test_printed_doses_are_read_with_their_slashes() -> None:
    found = printed_doses("Ca 4 g/day; Cinecalcet: 0.4 mg/kg/mg/day; Calcitriol: 4 µg/ day")
    assert [(d.dose, d.unit, d.per) for d in found] == [
        (4.0, "g", ("day",)),
        (0.4, "mg", ("kg", "mg", "day")),
        (4.0, "ug", ("day",)),
    ]


def test_equal_values_of_strangers_are_not_flagged(make_case: Callable[..., CaseFolder]) -> None:
    rows = "".join(f"{p},{i},{i * 30},ALP,{500 - i},U/L,,\n" for p in ("p", "q") for i in range(4))
    same = "patient_id,family_id,sex\np,f,female\nq,f,female\n"
    other = "patient_id,family_id,sex\np,f,female\nq,g,female\n"
    assert ("sibling_duplicate", "ALP") in _codes(make_case(patients=same, labs=HEAD + rows))
    assert _codes(make_case(patients=other, labs=HEAD + rows)) == []
