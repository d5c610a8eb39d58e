"""Analytes, units and their factors against molar masses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.healing.analytes import (
    ANALYTES,
    UnknownUnit,
    find_analyte,
    normal_unit,
    slip_factor,
    to_own_unit,
)

# Analyte, value and unit given, molar mass g/mol, mass per litre of one own unit in g.
MOLAR = [
    ("Ca", "mmol/L", 1e-3, 40.078, 1e-2),
    ("P", "mmol/L", 1e-3, 30.974, 1e-2),
    ("Mg", "mmol/L", 1e-3, 24.305, 1e-2),
    ("creatinine", "umol/L", 1e-6, 113.12, 1e-2),
    ("25OHD", "nmol/L", 1e-9, 400.64, 1e-6),
    ("1,25(OH)2D", "pmol/L", 1e-12, 416.64, 1e-9),
    ("PTH", "pmol/L", 1e-12, 9425.0, 1e-9),
]


@pytest.mark.parametrize(("name", "unit", "mole", "mass", "own"), MOLAR)
def test_molar_units_follow_from_the_molar_mass(
    name: str, unit: str, mole: float, mass: float, own: float
) -> None:
    # One molar unit is mole x mass grams per litre, and one own unit (mg/dL, ng/mL, pg/mL) is `own` g/L.
    assert to_own_unit(1.0, unit, ANALYTES[name]) == pytest.approx(mole * mass / own, rel=2e-3)


def test_calcitriol_in_blood_uses_2_40_and_not_2_6() -> None:
    assert to_own_unit(141.6, "pmol/L", ANALYTES["1,25(OH)2D"]) == pytest.approx(59.0)


def test_urine_ratio_in_moles() -> None:
    # 1 mg/mg = (1 / 40.078) / (1 / 113.12) mmol/mmol = 2.8225.
    assert to_own_unit(2.8225, "mmol/mmol", ANALYTES["urine_Ca_creatinine"]) == pytest.approx(1.0, rel=1e-4)


def test_an_unknown_unit_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UnknownUnit, match=r"'mg/L/day'.*mmol/L"):
        to_own_unit(1.0, "mg/L/day", ANALYTES["Ca"])


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("IU/L", "U/L"),
        ("[iU]/L", "U/L"),
        ("u/l", "U/L"),
        ("mg/dl", "mg/dL"),
        ("µg/L", "ug/L"),
        ("MMOL/L", "mmol/L"),
    ],
)
def test_spellings_of_a_unit(written: str, unit: str) -> None:
    assert normal_unit(written) == unit


@pytest.mark.parametrize(
    ("name", "loinc", "found"),
    [
        ("Phosphorus", "", "P"),
        ("intact PTH", "", "PTH"),
        ("25(OH)D3", "", "25OHD"),
        ("1,25(OH)2D3", "", "1,25(OH)2D"),
        ("ionized calcium", "", "Ca_ionised"),
        ("Kalzium", "2000-8", "Ca"),
    ],
)
def test_usual_names_and_codes(name: str, loinc: str, found: str) -> None:
    analyte = find_analyte(name, loinc)
    assert analyte is not None
    assert analyte.name == found


def test_no_guess_for_an_unknown_name() -> None:
    assert find_analyte("sodium", "2951-2") is None


@given(st.sampled_from(sorted(ANALYTES)), st.data())
def test_a_slip_of_1000_is_seen_and_a_plausible_value_is_not_one(name: str, data: st.DataObject) -> None:
    low, high = ANALYTES[name].plausible
    value = data.draw(st.floats(max(low, high / 900), high, exclude_min=True))
    assert slip_factor(value, (low, high)) == 1.0
    assert slip_factor(value * 1000, (low, high)) == 0.001


def test_a_value_no_slip_explains() -> None:
    assert slip_factor(50.0, (3.0, 20.0)) is None
