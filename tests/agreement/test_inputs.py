"""design.toml, films.csv, scores.csv and laboratory values: what is taken and what each error names."""

import csv
from pathlib import Path

import numpy as np
import pytest

from rickets_rx.agreement.design_file import StudyDesign, read_design
from rickets_rx.agreement.facts import Lab, film_facts, read_films, read_labs
from rickets_rx.agreement.lab_section import nearest_log
from rickets_rx.agreement.machine_scores import machine_scores, read_machine_scores
from rickets_rx.agreement.validate import validate
from rickets_rx.agreement.views import bone_views
from rickets_rx.errors import InputError
from rickets_rx.io.readings import Reading

FILM, OTHER = "a" * 64, "b" * 64


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_design_with_everything(tmp_path):
    text = """
title = "Study"
reference = ["anna", "ben"]
adjudicator = "carla"
construction = ["truth"]
margin = 0.05
cluster = "patient"
bone_cut_offs = [1]
age_bands_years = [0, 2]
subgroups = ["device"]
lab_window_days = 14
case_folder = "case"
films = "films.csv"

[statements]
"CLAIM 7" = "Two clinics."
"""
    design = read_design(write(tmp_path, "design.toml", text))
    assert design.reference == ("anna", "ben")
    assert (design.margin, design.bone_cut_offs, design.lab_window_days) == (0.05, (1.0,), 14)
    assert (design.case_folder, design.films) == (tmp_path / "case", tmp_path / "films.csv")
    assert design.statements == {"CLAIM 7": "Two clinics."}
    assert design.as_dict()["films"] == "films.csv"  # no path of this machine in a report


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("margin = 0", "key margin: is not above 0"),
        ('margin = "wide"', "key margin: 'wide' is of the wrong kind"),
        ("lab_window_days = true", "key lab_window_days: True is of the wrong kind"),
        ("readers = []", "key readers: is not known. Known keys: title"),
        ('cluster = "clinic"', "key cluster: 'clinic' is unknown"),
        ("age_bands_years = [2, 1]", "key age_bands_years: does not rise"),
        ('reference = ["x"]\nconstruction = ["x"]', "key construction: x is both truth"),
        ("title = ", "file: is not TOML"),
        ('[statements]\n"CLAIM 45" = "x"', "statement 'CLAIM 45': is no item of CLAIM 2024"),
    ],
)
def test_each_wrong_key_is_named(tmp_path, text, named):
    with pytest.raises(InputError, match=named):
        read_design(write(tmp_path, "design.toml", text))


def test_scores_keep_missing_apart_from_zero_and_take_film_refusals(tmp_path):
    write(tmp_path, "images.csv", f"file,image_sha256,status,reason\nx.png,{OTHER},refused,lateral_view\n")
    text = f"image_sha256,instance,bone,status,grade,severity,patient_id\n{FILM},1,radius,scored,0,,007\n"
    found = read_machine_scores(write(tmp_path, "scores.csv", text))
    row = found.bones[FILM, 1, "radius"]
    assert (row["grade"], row["severity"], row["patient_id"]) == (0.0, None, "007")
    assert found.refused_films == {OTHER: "lateral_view"}


def test_a_film_with_any_bone_row_is_not_refused_as_a_whole():
    # Its wrist was scored, another joint on it was not: the film itself was read.
    row = {"image_sha256": FILM, "bone": "radius", "status": "scored", "grade": 1.0}
    images = [{"image_sha256": FILM, "status": "refused", "reason": "cut_off"}]
    assert machine_scores([row], images).refused_films == {}


def test_scores_that_are_none_name_the_place(tmp_path):
    with pytest.raises(InputError, match=r"scores\.csv: column status: is missing"):
        read_machine_scores(write(tmp_path, "scores.csv", f"image_sha256,bone,grade\n{FILM},ulna,1\n"))
    text = f"image_sha256,bone,status,grade\n{FILM},ulna,scored,mild\n"
    with pytest.raises(InputError, match=r"row 2, column grade: 'mild' is not a number"):
        read_machine_scores(write(tmp_path, "scores.csv", text))


def test_films_give_facts_and_win_over_scores(tmp_path):
    text = f"image_sha256;patient_id;day;age_years;device\n{FILM.upper()};p9;30;1.5;DX1\n"
    design = StudyDesign(films=write(tmp_path, "films.csv", text))
    rows = [
        {
            "image_sha256": image,
            "bone": "ulna",
            "status": "scored",
            "grade": 1.0,
            "patient_id": "p1",
            "day": 5,
        }
        for image in (FILM, OTHER)
    ]
    facts = film_facts([FILM, OTHER], design, machine_scores(rows))
    assert (facts[FILM].patient, facts[FILM].day, facts[FILM].age_years) == ("p9", 30, 1.5)
    assert dict(facts[FILM].extra) == {"device": "DX1"}
    assert (facts[OTHER].patient, facts[OTHER].day, facts[OTHER].age_years) == ("p1", 5, None)


def test_films_twice_or_without_a_number_are_named(tmp_path):
    with pytest.raises(InputError, match="row 3: lists a film again"):
        read_films(write(tmp_path, "films.csv", f"image_sha256\n{FILM}\n{FILM}\n"))
    with pytest.raises(InputError, match="row 2, column day: 'may' is not a number"):
        read_films(write(tmp_path, "films.csv", f"image_sha256,day\n{FILM},may\n"))


@pytest.fixture
def case(tmp_path) -> Path:
    """A case folder of two sisters and a third child, with labs."""
    folder = tmp_path / "case"
    folder.mkdir()
    patients = "patient_id,family_id,age_days_at_day0\np1,f1,365\np2,f1,\np3,,100\n"
    write(folder, "patients.csv", patients)
    head = "patient_id,visit,day,analyte,value,unit,source\n"
    rows = ["p1,v1,0,ALP,1000,U/L,table", "p1,v2,40,ALP,500,U/L,table", "p1,v2,40,ALP,50,U/L,text",
            "p1,v1,0,Ca,8,mg/dL,table", "p2,v1,10,PTH,50,pg/mL,table"]  # fmt: skip
    write(folder, "labs.csv", head + "\n".join(rows) + "\n")
    return folder


def test_case_folder_gives_families_ages_and_labs(case):
    row = {
        "image_sha256": FILM,
        "bone": "ulna",
        "status": "scored",
        "grade": 1.0,
        "patient_id": "p1",
        "day": 366,
    }
    facts = film_facts([FILM], StudyDesign(case_folder=case), machine_scores([row]))
    assert facts[FILM].family == "f1"
    assert facts[FILM].age_years == pytest.approx((365 + 366) / 365.25)
    labs = read_labs(StudyDesign(case_folder=case))
    assert [(lab.patient, lab.day, lab.analyte, lab.value) for lab in labs] == [
        ("p1", 0, "ALP", 1000.0),
        ("p1", 40, "ALP", 500.0),
        ("p2", 10, "PTH", 50.0),
    ]


def test_the_nearest_value_within_the_window_is_taken():
    readings = [Reading(FILM, "anna", bone="radius", grade=1.0)]
    row = {"image_sha256": FILM, "bone": "radius", "status": "scored", "grade": 1.0, "patient_id": "p1"}

    def at(day, window):
        scores = machine_scores([row | {"day": day}])
        facts = film_facts([FILM], StudyDesign(), scores)
        view = bone_views(readings, scores, facts, StudyDesign())[0]
        labs = [Lab("p1", 0, "ALP", 1000.0), Lab("p1", 40, "ALP", 500.0), Lab("p2", 10, "ALP", 7.0)]
        return float(np.exp(nearest_log(view, labs, "ALP", window)[0]))

    assert at(10, 28) == pytest.approx(1000)
    assert at(30, 28) == pytest.approx(500)
    assert at(20, 28) == pytest.approx(1000)  # as far from both: the earlier one
    assert np.isnan(at(100, 28))


def test_severity_that_follows_alp_is_seen_to(tmp_path):
    # Fifteen children, ALP rising with the grade in order: Spearman of levels is that of the ranks with ties.
    folder = tmp_path / "case"
    folder.mkdir()
    ids, grades = [f"p{i:02d}" for i in range(15)], np.repeat([0, 0.5, 1, 1.5, 2], 3)
    write(folder, "patients.csv", "patient_id\n" + "\n".join(ids) + "\n")
    labs = [f"{name},v1,3,ALP,{300 + 10 * i},U/L,table" for i, name in enumerate(ids)]
    write(folder, "labs.csv", "patient_id,visit,day,analyte,value,unit,source\n" + "\n".join(labs) + "\n")
    films = [f"{i:064x}" for i in range(15)]
    rows = [
        {"image_sha256": film, "bone": bone, "status": "scored", "grade": g, "severity": g / 2,
         "patient_id": name, "day": 0, "grade_low": g, "grade_high": g}
        for film, name, g in zip(films, ids, grades, strict=True)
        for bone in ("radius", "ulna")
    ]  # fmt: skip
    readings = [
        Reading(film, reader, bone=bone, grade=float(g))
        for film, g in zip(films, grades, strict=True)
        for bone in ("radius", "ulna")
        for reader in ("anna", "ben")
    ]
    result = validate(readings, machine_scores(rows), StudyDesign(case_folder=folder), draws=100)
    found = result.find(section="laboratory", statistic="spearman", second="ln ALP")
    midranks = np.repeat([2, 5, 8, 11, 14], 3)
    assert [n.first for n in found] == ["reference", "machine"]
    for n in found:
        assert n.estimate.value == pytest.approx(np.corrcoef(midranks, np.arange(15))[0, 1])
        assert n.estimate.clusters == 15


def test_the_columns_of_the_table_of_numbers_are_stable(tmp_path):
    from rickets_rx.agreement.write import write_validation

    readings = [Reading(FILM, name, bone="radius", grade=1.0) for name in ("anna", "ben")]
    write_validation(validate(readings, draws=10), tmp_path)
    with (tmp_path / "validation.csv").open(newline="", encoding="utf-8") as handle:
        head = next(csv.reader(handle))
    told = "section scale measure stratum subgroup first second statistic value low high level interval units"
    assert head == [*told.split(), "clusters", "undefined_draws", "reason"]
