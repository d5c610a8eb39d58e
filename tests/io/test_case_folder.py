"""Reading a case folder: what is accepted, and that every refusal names file, row, column and mend."""

from pathlib import Path

import pytest

from rickets_rx.errors import InputError
from rickets_rx.io.case_folder import TABLES, read_case_folder
from rickets_rx.io.case_folder_rows import columns

PATIENTS = "patient_id,family_id,sex,age_days_at_day0\np1,f1,female,400\np2,f1,male,30\n"
LABS = (
    "patient_id,visit,day,day_low,day_high,anchor,offset_days,analyte,value,unit,range_low,range_high\n"
    "p1,1,0,,,,,Ca,7.2,mg/dL,8.8,10.8\n"
    "p1,2,35,30,40,visit:1,35,Ca,2.2,mmol/L,2.2,2.7\n"
)
FILMS = "patient_id,film_id,file,day,joint,side,synthetic\np1,a,films/a.png,0,wrist,left,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "patients.csv").write_text(PATIENTS)
    (tmp_path / "labs.csv").write_text(LABS)
    (tmp_path / "radiographs.csv").write_text(FILMS)
    return tmp_path


def test_contract_columns_are_all_there_in_order(folder: Path) -> None:
    case = read_case_folder(folder)
    for name, row in TABLES.items():
        assert list(getattr(case, name).columns) == columns(row)
    assert list(case.labs.columns[:7]) == "patient_id visit day day_low day_high anchor offset_days".split()
    assert case.therapy.empty


def test_bounds_of_a_certain_day_are_the_day_and_missing_numbers_stay_missing(folder: Path) -> None:
    case = read_case_folder(folder)
    first, second = case.labs.to_dict("records")
    assert (first["day_low"], first["day_high"]) == (0, 0)
    assert (second["day_low"], second["day_high"]) == (30, 40)
    assert case.patients["age_low"].isna().all()
    assert case.radiographs["synthetic"].tolist() == [0]


def test_absent_tables_and_films_are_told(folder: Path) -> None:
    notes = " | ".join(read_case_folder(folder).notes)
    assert "therapy.csv is absent" in notes
    assert "film a of p1: films/a.png is absent" in notes


def test_semicolons_byte_order_mark_and_decimal_commas(folder: Path) -> None:
    text = "patient_id;visit;day;analyte;value;unit\np1;1;0;Ca;7,2;mg/dL\np1;2;9;1,25(OH)2D;59;pg/mL\n"
    (folder / "labs.csv").write_text("\ufeff" + text, encoding="utf-8")
    labs = read_case_folder(folder).labs
    assert labs["value"].tolist() == [7.2, 59.0]
    assert labs["analyte"].tolist() == ["Ca", "1,25(OH)2D"]


def test_an_analyte_that_is_not_known_is_listed_and_told(folder: Path) -> None:
    (folder / "labs.csv").write_text("patient_id,visit,day,analyte,value,unit\np1,1,0,sodium,140,mmol/L\n")
    case = read_case_folder(folder)
    assert len(case.labs) == 1
    assert any("sodium" in note for note in case.notes)


# table, text to find, text to put there, what the message must name
WRONG = [
    ("labs", "7.2,mg/dL", "7.2,mg/L/day", ["row 2", "mg/L/day", "mmol/L"]),
    ("labs", "7.2,mg/dL", "seven,mg/dL", ["row 2", "column value", "'seven' is not a number"]),
    ("labs", "7.2,mg/dL", "-7.2,mg/dL", ["row 2", "column value", "greater than or equal to 0"]),
    ("labs", "7.2,mg/dL", ",mg/dL", ["row 2", "column value", "is empty"]),
    ("labs", "p1,1,0,", "p1,1,0.5,", ["row 2", "column day", "not a whole number"]),
    ("labs", "p1,1,0,", "p1,1,20170612,", ["row 2", "column day", "36525"]),
    ("labs", "p1,1,0,", "p9,1,0,", ["row 2", "column patient_id", "'p9'", "patients.csv"]),
    ("labs", "35,30,40", "35,36,40", ["row 3", "day 35 lies outside its bounds 36 to 40"]),
    ("labs", "8.8,10.8", "10.8,8.8", ["row 2", "range_low 10.8 lies above range_high 8.8"]),
    ("labs", "visit:1,35", "visit:7,35", ["row 3", "column anchor", "visit:7"]),
    ("labs", "visit:1,35", "visit:2,0", ["row 3", "column anchor"]),
    ("labs", "visit:1,35", "visit:1,30", ["row 3", "offset_days", "day 30", "day says 35"]),
    ("labs", "visit:1,35", "visit:1|visit:1,35", ["row 3", "2 anchors but 1 offset_days"]),
    ("labs", "visit:1,35", "row 1,35", ["row 3", "visit:<visit>"]),
    ("labs", "visit:1,35", "visit:1,soon", ["row 3", "column offset_days", "'soon'"]),
    ("labs", "p1,2,35", "p1,1,35", ["row 3", "column day", "visit 1 of p1", "row 2"]),
    ("labs", "analyte,value", "analyt,value", ["column 'analyt'", "is not known", "analyte"]),
    ("labs", ",unit,", ",loinc,", ["column unit", "is absent"]),
    ("patients", "p2,f1", "p1,f1", ["row 3", "'p1' stands already on row 2"]),
    ("patients", "female", "woman", ["row 2", "column sex", "'woman'", "'female'"]),
    ("patients", "400", "-4", ["row 2", "column age_days_at_day0"]),
    ("radiographs", "films/a.png", "../a.png", ["row 2", "column file", "inside the case folder"]),
    ("radiographs", "films/a.png", "/etc/a.png", ["row 2", "column file", "inside the case folder"]),
    ("radiographs", "wrist", "hand", ["row 2", "column joint", "'wrist' or 'elbow'"]),
    ("radiographs", "left,0", "left,maybe", ["row 2", "column synthetic"]),
    ("radiographs", "0,wrist,left,0\n", "0,wrist,left,0\np1,a,b.png,9,wrist,left,0\n", ["row 3", "film_id"]),
]


@pytest.mark.parametrize(("table", "right", "wrong", "named"), WRONG)
def test_a_wrong_cell_is_named(folder: Path, table: str, right: str, wrong: str, named: list[str]) -> None:
    file = folder / f"{table}.csv"
    text = file.read_text()
    assert right in text
    file.write_text(text.replace(right, wrong, 1))
    with pytest.raises(InputError) as caught:
        read_case_folder(folder)
    message = str(caught.value)
    assert message.startswith(f"{table}.csv: ")
    for part in named:
        assert part in message


def test_further_faults_are_counted(folder: Path) -> None:
    file = folder / "labs.csv"
    file.write_text(file.read_text().replace("7.2", "x").replace("2.2,mmol", "y,mmol"))
    with pytest.raises(InputError, match=r"1 more in this file: row 3, column value"):
        read_case_folder(folder)


@pytest.mark.parametrize(
    ("name", "row", "named"),
    [
        (
            "therapy",
            "patient_id,drug,start_day,end_day\np1,calcium,9,3\n",
            "end_day 3 lies before start_day 9",
        ),
        ("therapy", "patient_id,drug,dose\np1,calcium,3\n", "a dose needs its unit"),
        ("therapy", "patient_id,drug,dose,unit,per\np1,calcium,3,g,week\n", "column per"),
        ("therapy", "patient_id,drug,end_low\np1,calcium,3\n", "end_low and end_high need end_day"),
        ("findings", "patient_id,day,direction\np1,0,2\n", "column direction"),
        ("events", "patient_id,day,event\np1,0,\n", "column event"),
        ("growth", "patient_id,day,measure,value\np1,0,weight_lb,9\n", "column measure"),
        ("growth", "patient_id,day,measure,value\np1,0,weight_kg,0\n", "column value"),
    ],
)
def test_other_tables_are_checked_too(folder: Path, name: str, row: str, named: str) -> None:
    (folder / f"{name}.csv").write_text(row)
    with pytest.raises(InputError) as caught:
        read_case_folder(folder)
    assert named in str(caught.value)


def test_a_folder_without_patients_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"patients\.csv"):
        read_case_folder(tmp_path)
    with pytest.raises(InputError, match="is not a folder"):
        read_case_folder(tmp_path / "nowhere")
