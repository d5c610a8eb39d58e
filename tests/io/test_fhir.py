"""FHIR Bundles: every column worked out by hand, what must not pass, and what is refused by name of entry."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rickets_rx.errors import InputError
from rickets_rx.follow_up import follow_up
from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import records
from rickets_rx.io.case_folder import CaseFolder, read_case_folder
from rickets_rx.io.fhir import read_fhir_bundle
from rickets_rx.resources import resource

pytest.importorskip("fhir.resources.R4B", reason="needs the extra fhir")

Json = dict[str, Any]
SUBJECT = {"reference": "Patient/pat-7"}
PATIENT: Json = {
    "resourceType": "Patient",
    "id": "pat-7",
    "gender": "female",
    "birthDate": "2014-12",
    "name": [{"family": "Secretname", "given": ["Xenia"]}],
    "identifier": [{"value": "MRN999"}],
    "address": [{"city": "Hiddentown"}],
}


def observation(name: str, value: float, unit: str, **more: Any) -> Json:
    """A laboratory value of 9 June 2017."""
    quantity = {"value": value, "system": "http://unitsofmeasure.org", "code": unit}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": name},
        "subject": SUBJECT,
        "effectiveDateTime": "2017-06-09",
        "valueQuantity": quantity,
    } | more


def estimated(start: str, end: str, **more: Any) -> Json:
    """An ALP of 1480 U/L at an estimated time."""
    seen = observation("ALP", 1480, "[iU]/L", effectivePeriod={"start": start, "end": end}, **more)
    return {name: value for name, value in seen.items() if name != "effectiveDateTime"}


def statement(dosage: Json, **more: Any) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "status": "completed",
        "medicationCodeableConcept": {"text": "calcitriol"},
        "subject": SUBJECT,
        "effectivePeriod": {"start": "2017-06-09", "end": "2017-07-07"},
        "dosage": [dosage],
    } | more


def dose(value: float, code: str, **timing: Any) -> Json:
    return {
        "timing": {"repeat": timing},
        "doseAndRate": [{"doseQuantity": {"value": value, "code": code}}],
    }


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Path]:
    """Write a Bundle of these resources, PATIENT first."""

    def make(*resources: Json, patient: Json | None = PATIENT) -> Path:
        listed = [*([patient] if patient else []), *resources]
        path = tmp_path / "bundle.json"
        content = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in listed]}
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return make


@pytest.fixture
def read(bundle: Callable[..., Path]) -> Callable[..., CaseFolder]:
    return lambda *resources: read_fhir_bundle(bundle(*resources))


def test_a_birth_month_gives_an_age_with_bounds(read: Callable[..., CaseFolder]) -> None:
    (row,) = records(read(observation("Ca", 7.2, "mg/dL")).patients)
    # 31 December 2014 to 9 June 2017: 2015 and 2016 (365 + 366) and 31+28+31+30+31+9 = 160 days make 891; the
    # 1st is 30 days earlier, the 16th 15 days earlier.
    assert (row["age_low"], row["age_days_at_day0"], row["age_high"]) == (891, 906, 921)
    assert (row["patient_id"], row["sex"]) == ("pat-7", "female")


def test_an_estimated_time_becomes_a_day_with_bounds(read: Callable[..., CaseFolder]) -> None:
    case = read(observation("Ca", 7.2, "mg/dL"), estimated("2017-07", "2017-08-15"))
    alp = records(case.labs)[1]
    # From 9 June: 1 July is day 22, 15 August day 22 + 30 + 15 = 67; the middle is 44.5, so 44.
    assert (alp["day_low"], alp["day"], alp["day_high"]) == (22, 44, 67)
    assert alp["visit"] == "2"


def test_values_of_one_time_are_one_visit_and_the_day_is_that_of_the_laboratory(
    read: Callable[..., CaseFolder],
) -> None:
    late = observation("P", 2.3, "mg/dL", effectiveDateTime="2017-06-09T23:30:00-05:00")
    rows = records(read(observation("Ca", 7.2, "mg/dL"), late).labs)
    assert [(r["visit"], r["day"]) for r in rows] == [("1", 0), ("1", 0)]


def test_loinc_outweighs_words_and_says_so(read: Callable[..., CaseFolder]) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "1994-3"}], "text": "Calcium"}
    case = read(observation("", 1.0, "mmol/L", code=code))
    assert records(case.labs)[0]["analyte"] == "Ca_ionised"
    assert any("the words mean Ca, LOINC 1994-3 means Ca_ionised" in note for note in case.notes)


@pytest.mark.parametrize(
    ("name", "value", "unit", "own", "si"),
    [
        ("calcium", 2.495, "mmol/L", 10.0, 2.495),
        ("phosphate", 1.6145, "mmol/L", 5.0, 1.6145),  # 1.6145 / 0.3229
        ("PTH", 10.6, "pmol/L", 100.0, 10.6),
        ("25OHD", 20.0, "ng/mL", 20.0, 49.92),
        ("1,25(OH)2D", 240.0, "pmol/L", 100.0, 240.0),
        ("ALP", 350.0, "[iU]/L", 350.0, 350.0),
        ("albumin", 40.0, "g/L", 4.0, 40.0),
        ("creatinine", 0.5, "mg/dL", 0.5, 44.2),
        ("urine Ca/creatinine", 200.0, "mg/g{creat}", 0.2, 0.2 * 113.12 / 40.078),
        ("urine Ca/creatinine", 0.5, "mmol/mmol{creat}", 0.5 * 40.078 / 113.12, 0.5),
        ("urine Ca/creatinine", 500.0, "mmol/mol{creat}", 0.5 * 40.078 / 113.12, 0.5),
    ],
)
def test_units_in_and_out(
    read: Callable[..., CaseFolder], name: str, value: float, unit: str, own: float, si: float
) -> None:
    result = heal(read(observation(name, value, unit)), draws=1)
    (row,) = records(result.timeline)
    assert (row["value"], row["value_si"]) == (pytest.approx(own), pytest.approx(si))


@pytest.mark.parametrize(
    ("dosage", "expected"),
    [
        (dose(1, "ug", frequency=2, period=1, periodUnit="d"), (2.0, "ug", "day")),
        (dose(20, "mg/kg", frequency=1, period=8, periodUnit="h"), (60.0, "mg", "kg.day")),
        (dose(50000, "[iU]", frequency=1, period=1, periodUnit="wk"), (50000 / 7, "[iU]", "day")),
        ({"doseAndRate": [{"rateQuantity": {"value": 0.5, "code": "g/h"}}]}, (12.0, "g", "day")),
        (
            {
                "timing": {"code": {"coding": [{"code": "TID"}]}},
                "doseAndRate": [{"doseQuantity": {"value": 1, "code": "g"}}],
            },
            (3.0, "g", "day"),
        ),
        (dose(1, "g"), (1.0, "g", "")),
        ({"text": "as the mother knows"}, (None, "", "")),
    ],
)
def test_doses_are_those_of_a_day(
    read: Callable[..., CaseFolder], dosage: Json, expected: tuple[float | None, str, str]
) -> None:
    (row,) = records(read(statement(dosage)).therapy)
    assert row["dose"] == (None if expected[0] is None else pytest.approx(expected[0]))
    assert (row["unit"], row["per"]) == expected[1:]
    # 9 June to 7 July.
    assert (row["start_day"], row["end_day"]) == (0, 28)


def test_an_infusion_sets_values_aside_and_an_episode_names_the_phase(
    read: Callable[..., CaseFolder],
) -> None:
    episode = {
        "resourceType": "EpisodeOfCare",
        "id": "e",
        "status": "finished",
        "type": [{"text": "2_infusion"}],
        "patient": SUBJECT,
    }
    route = {"route": {"coding": [{"system": "http://snomed.info/sct", "code": "47625008"}]}}
    given = statement(dose(1, "g") | route, context={"reference": "EpisodeOfCare/e"})
    during = observation("Ca", 8.0, "mg/dL", effectiveDateTime="2017-06-20")
    result = heal(read(episode, given, observation("Ca", 7.0, "mg/dL"), during), draws=1)
    assert list(result.labs["near_infusion"]) == [0, 1]
    assert list(result.phases["phase"]) == ["2_infusion"]


def test_corrected_calcium_stands_beside_the_measured_one(read: Callable[..., CaseFolder]) -> None:
    limits = [{"low": {"value": 8.8}, "high": {"value": 10.8}}]
    measured = observation("Ca", 8.2, "mg/dL", referenceRange=limits)
    rows = {
        r["analyte"]: r
        for r in records(heal(read(measured, observation("albumin", 30, "g/L")), draws=1).labs)
    }
    # 8.2 + 0.8 x (4.0 - 3.0) = 9.0 mg/dL, in range, where 8.2 is low; 9.0 / 8.8 of the lower limit.
    assert (rows["Ca"]["value"], rows["Ca"]["printed_flag"]) == (8.2, "low")
    corrected = rows["Ca_corrected"]
    assert corrected["value"] == pytest.approx(9.0)
    assert corrected["multiple"] == pytest.approx(9.0 / 8.8)
    assert (corrected["printed_flag"], corrected["source"]) == ("normal", "computed")


def test_a_corrected_value_of_the_laboratory_is_not_computed_again(read: Callable[..., CaseFolder]) -> None:
    given = observation("corrected calcium", 9.3, "mg/dL")
    case = read(observation("Ca", 8.2, "mg/dL"), observation("albumin", 30, "g/L"), given)
    rows = [r for r in records(heal(case, draws=1).labs) if r["analyte"] == "Ca_corrected"]
    assert [(r["value"], r["source"]) for r in rows] == [(9.3, "table")]


def test_weight_and_height_are_growth(read: Callable[..., CaseFolder]) -> None:
    def measured(loinc: str, value: float, unit: str) -> Json:
        return observation("", value, unit, code={"coding": [{"system": "http://loinc.org", "code": loinc}]})

    rows = records(read(measured("29463-7", 9500, "g"), measured("8302-2", 0.82, "m")).growth)
    assert [(r["measure"], r["value"]) for r in rows] == [("weight_kg", 9.5), ("height_cm", 82.0)]


def test_what_is_no_value_is_left_out_and_told(read: Callable[..., CaseFolder]) -> None:
    limit = observation("PTH", 5, "pg/mL")
    limit["valueQuantity"]["comparator"] = "<"
    wrong = observation("Ca", 99, "mg/dL", status="entered-in-error")
    case = read(limit, wrong, statement({}, status="not-taken"))
    assert case.labs.empty and case.therapy.empty
    assert [note.split(",")[0] for note in case.notes] == ["entry 2", "entry 3", "entry 4"]


def test_nothing_of_a_person_reaches_an_output(bundle: Callable[..., Path], tmp_path: Path) -> None:
    note = [{"text": "Xenia Secretname was seen on 2017-06-09"}]
    seen = observation("Ca", 7.2, "mg/dL", note=note)
    path = bundle(seen, statement({"text": "two drops for Xenia"} | dose(1, "ug")))
    out = tmp_path / "out"
    assert follow_up(path, out, draws=100).report.is_file()
    files = [file for file in out.rglob("*") if file.is_file()]
    assert any("pat-7" in file.read_text(encoding="utf-8") for file in files if file.suffix == ".csv")
    for file in files:
        content = file.read_bytes()
        for secret in (b"Secretname", b"Xenia", b"MRN999", b"Hiddentown", b"2014-12", b"2017-06", b"2017-07"):
            assert secret not in content, (file, secret)


@pytest.mark.parametrize(
    ("resource_", "words"),
    [
        (observation("Ca", 7.2, "mg/pint"), "entry 2, Observation .*'mg/pint' is not a unit of Ca"),
        (observation("Ca", 7.2, "mg/dL", subject={"reference": "Patient/x"}), "entry 2, Observation.subject"),
        (
            observation("Ca", 7.2, "mg/dL", effectiveDateTime="2017-13"),
            "entry 2, Observation.effectiveDateTime",
        ),
        (observation("Ca", 7.2, "mg/dL", status=None), "entry 2, Observation"),
        (estimated("2017-07", "2017-06"), "ends before it starts"),
        (
            observation("Ca", 7.2, "mg/dL", referenceRange=[{"low": {"value": 2.2, "code": "mmol/L"}}]),
            "Observation.referenceRange.low: has another unit than the value",
        ),
        (statement({}, medicationCodeableConcept={}), "names no drug"),
    ],
)
def test_a_wrong_resource_is_named(read: Callable[..., CaseFolder], resource_: Json, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(resource_)


def test_a_value_that_is_not_valid_is_not_quoted(bundle: Callable[..., Path]) -> None:
    with pytest.raises(InputError) as caught:
        read_fhir_bundle(bundle(patient=PATIENT | {"birthDate": "born to Xenia"}))
    assert "Patient.birthDate" in str(caught.value)
    assert "Xenia" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[" * 100_000, b"[]", b'{"resourceType": "Bundle", "entry": 1}']
)
def test_a_file_that_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.json"):
        read_fhir_bundle(path)


def test_the_sisters_values_come_out_as_from_their_tables(bundle: Callable[..., Path]) -> None:
    sisters = read_case_folder(resource("sample_images") / "hvdrr_siblings")
    from_tables = heal(sisters, draws=1).labs
    mine = from_tables[(from_tables["patient_id"] == "case1") & (from_tables["source"] == "table")]
    resources = []
    for row in records(mine):
        code = {"coding": [{"system": "http://loinc.org", "code": row["loinc"]}]}
        limits = {
            end: {"value": row[f"range_{end}"]} for end in ("low", "high") if row[f"range_{end}"] is not None
        }
        # Day 0 is 9 June 2017; every time is given by its bounds.
        resources.append(
            estimated(_date(row["day_low"]), _date(row["day_high"]), code=code)
            | {
                "valueQuantity": {
                    "value": row["value_as_given"],
                    "code": row["unit_as_given"].replace("µ", "u"),
                }
            }
            | ({"referenceRange": [limits]} if limits else {})
        )
    found = heal(read_fhir_bundle(bundle(*resources)), draws=1).labs
    wanted = {
        (r["day_low"], r["day_high"], r["analyte"], r["value"], r["printed_flag"]) for r in records(mine)
    }
    assert wanted == {
        (r["day_low"], r["day_high"], r["analyte"], r["value"], r["printed_flag"]) for r in records(found)
    }


def _date(day: int) -> str:
    from datetime import date, timedelta

    return (date(2017, 6, 9) + timedelta(days=day)).isoformat()
