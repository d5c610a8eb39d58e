"""The sample's tables carry every number of the printed tables, and nothing else is called `table`."""

import csv
import re
from pathlib import Path

import pytest

from rickets_rx.healing.labs import plain_rows
from rickets_rx.io.case_folder import CaseFolder

COLUMNS = {"Ca": "ca_mg_dl", "P": "p_mg_dl", "ALP": "alp_u_l", "PTH": "pth_pg_ml"}
# State when drawn, in the seed's words, to phase and context here: the infusion phase is one phase.
PHASES = {
    "0_baseline": ("0_baseline", "none"),
    "1_oral": ("1_oral", "none"),
    "2_iv_on": ("2_iv", "infusion_on"),
    "2_iv_off": ("2_iv", "infusion_off"),
    "3_cinacalcet": ("3_cinacalcet", "none"),
}


def _seed(shared: Path, case: str) -> list[dict[str, str]]:
    with (shared / "seed" / f"{case}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("case", "visits"), [("case1", 13), ("case2", 10)])
def test_every_printed_number_and_day(shared: Path, sisters: CaseFolder, case: str, visits: int) -> None:
    rows = [r for r in plain_rows(sisters.labs) if r["patient_id"] == case and r["source"] == "table"]
    assert len(rows) == 4 * visits
    mine = {(r["visit"], r["analyte"]): r for r in rows}
    for printed in _seed(shared, case):
        phase, context = PHASES[printed["phase"]]
        for analyte, column in COLUMNS.items():
            row = mine.pop((printed["visit_order"], analyte))
            assert row["value"] == float(printed[column])
            days = [row["day_low"], row["day"], row["day_high"]]
            assert days == [int(printed[f"days_{key}"]) for key in ("low", "from_baseline", "high")]
            assert (row["phase"], row["context"]) == (phase, context)
            assert row["phase_started_at_visit"] == PHASES[printed["phase_started_at_visit"]][0]
    assert not mine


@pytest.mark.parametrize("case", ["case1", "case2"])
def test_every_printed_treatment_entry_is_carried(shared: Path, sisters: CaseFolder, case: str) -> None:
    mine = {r["as_printed"] for r in plain_rows(sisters.therapy) if r["patient_id"] == case}
    for row in _seed(shared, case):
        # A new entry begins at a line break that names a substance; other breaks wrap one entry.
        entries = re.split(
            r"\s\|\s(?=[A-Z])", row["treatment_as_printed"].replace("i.v.: | 150", "i.v.: 150")
        )
        for entry in entries:
            if "adiological" in entry or "radiological" in entry or entry == "-":
                continue
            entry = entry.split(" | no radiological")[0]
            assert entry in mine, (row["visit_order"], entry)


def test_printed_strings_stand_in_the_paper(shared: Path, sisters: CaseFolder) -> None:
    paper = (shared / "seed" / "paper.txt").read_text(encoding="utf-8")
    paper = re.sub(r"\s+", " ", paper)
    for row in plain_rows(sisters.therapy):
        said = row["as_printed"].removeprefix("text: ").split(" ... ")[0]
        assert said in paper, said
    # Table 1 is set in the middle of a sentence: the running text without it is read too.
    paper += re.sub(r"Table 1\. Effects.*?PTH: parathyroid hormone ", "", paper)
    for row in [*plain_rows(sisters.findings), *plain_rows(sisters.events)]:
        said = re.sub(r" \((film not shown|in our patients)\)$", "", row["text"])
        assert said in paper, said


def test_text_values_are_beside_the_table_values(sisters: CaseFolder) -> None:
    rows = [r for r in plain_rows(sisters.labs) if r["source"] == "text"]
    said = {(r["patient_id"], r["visit"], r["analyte"]): r["value"] for r in rows}
    assert said == {
        ("case1", "1", "Ca"): 7.5,
        ("case1", "1", "25OHD"): 25.2,
        ("case1", "1", "1,25(OH)2D"): 59,
        ("case2", "3", "Ca"): 7.9,
        ("case2", "3", "P"): 2.8,
        ("case2", "3", "ALP"): 689,
        ("case2", "3", "PTH"): 480,
    }


def test_doses_are_the_plausible_reading_beside_the_printed_words(sisters: CaseFolder) -> None:
    rows = {(r["patient_id"], r["drug"], r["route"], r["start_day"]): r for r in plain_rows(sisters.therapy)}
    infusion = rows["case1", "calcium", "iv", 98]
    assert (infusion["dose"], infusion["unit"], infusion["per"]) == (150, "mg", "kg.day")
    assert infusion["as_printed"] == "Elemental Ca i.v.: 150 µg/kg/day"
    oral = rows["case2", "calcium", "oral", 73]
    assert (oral["dose"], oral["unit"], oral["per"]) == (2, "g", "day")
    assert oral["as_printed"] == "Oral elemental Ca: 2 g/kg/day"
    # The stacked cell of case 1 rows 9 and 10 leaves these out; the text gives them.
    for drug, dose in (("calcium", 4), ("calcitriol", 6)):
        row = rows["case1", drug, "oral", 261]
        assert row["dose"] == dose
        assert row["as_printed"].startswith("text: ")


def test_all_films_are_synthetic_and_say_so(sisters: CaseFolder) -> None:
    films = plain_rows(sisters.radiographs)
    assert [f["film_id"] for f in films] == ["fig1a", "fig1b", "fig1c", "fig3a", "fig3b"]
    assert all(f["synthetic"] == 1 and "not the patient's" in f["note"] for f in films)
    fig3a = films[3]
    assert (fig3a["day_low"], fig3a["day"], fig3a["day_high"]) == (0, 61, 61)
