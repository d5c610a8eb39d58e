"""Phases put together from visits, or from therapy."""

from collections.abc import Callable

from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import records
from rickets_rx.io.case_folder import CaseFolder

LABS = "patient_id,visit,day,day_low,day_high,analyte,value,unit,phase,phase_started_at_visit\n"
THERAPY = "patient_id,phase,drug,start_day,end_day\n"


def _spans(case: CaseFolder, draws: int = 1) -> list[tuple[str, int, int]]:
    return [(r["phase"], r["start_day"], r["end_day"]) for r in records(heal(case, draws=draws).phases)]


def _n(case: CaseFolder) -> list[int]:
    return [r["slope_ca_n"] for r in records(heal(case, draws=1).phases)]


def test_a_phase_that_comes_back_is_a_phase_of_its_own(make_case: Callable[..., CaseFolder]) -> None:
    states = [("A", "A"), ("A", "B"), ("B", "A"), ("A", "A")]
    rows = [f"p,{i},{i * 30},,,Ca,9,mg/dL,{now},{new}\n" for i, (now, new) in enumerate(states)]
    case = make_case(labs=LABS + "".join(rows))
    assert _spans(case) == [("A", 0, 30), ("B", 30, 60), ("A (2)", 60, 90)]
    assert _n(case) == [2, 2, 2]  # the value at a change ends one phase and begins the next


def test_phases_of_therapy_where_visits_name_none(make_case: Callable[..., CaseFolder]) -> None:
    rows = "".join(f"p,{i},{day},,,Ca,9,mg/dL,,\n" for i, day in enumerate((0, 20, 50, 70)))
    therapy = "p,A,calcium,0,40\np,A,calcitriol,10,40\np,B,cinacalcet,40,\n"
    case = make_case(labs=LABS + rows, therapy=THERAPY + therapy)
    assert _spans(case) == [("A", 0, 40), ("B", 40, 70)]
    assert _n(case) == [2, 2]


def test_no_phase_known_is_no_row(make_case: Callable[..., CaseFolder]) -> None:
    result = heal(make_case(labs=LABS + "p,1,0,,,Ca,9,mg/dL,,\n"), draws=1)
    assert result.phases.empty
    assert result.figures["p"]["attribution"]["reasons"][:2] == ["no_film", "no_phase"]


def test_a_patient_with_nothing_at_all(make_case: Callable[..., CaseFolder]) -> None:
    result = heal(make_case(), draws=5)
    assert result.timeline.empty
    assert result.figures["p"]["course"]["auc_alp_above_uln"]["reason"] == "no_upper_limit"
    assert result.figures["p"]["healed"]["biochemical"]["reason"] == "no_visit_with_all_analytes"


def test_an_uncertain_start_widens_the_phase(make_case: Callable[..., CaseFolder]) -> None:
    rows = "p,1,0,,,Ca,9,mg/dL,A,A\np,2,30,20,40,Ca,9,mg/dL,A,B\np,3,90,,,Ca,9,mg/dL,B,B\n"
    first, second = records(heal(make_case(labs=LABS + rows), draws=500).phases)
    assert (first["end_low"], first["end_day"], first["end_high"]) == (20, 30, 40)
    assert (second["start_low"], second["start_high"], second["end_low"]) == (20, 40, 90)
