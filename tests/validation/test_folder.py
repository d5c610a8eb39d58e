"""A folder with films and readings, dropped in: phantoms and simulated readers stand in for people.

Films go through files and the whole pipeline; one reader's readings come from the review with a reading list,
the others' from tables that name films by file.
"""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rickets_rx.agreement.reading_list import reading_list_files
from rickets_rx.cli import app
from rickets_rx.errors import InputError, UsageError
from rickets_rx.phantom import write_phantoms
from rickets_rx.review.exports import write_readings
from rickets_rx.review.open import open_review
from rickets_rx.review.queue import Plan, read_reading_list
from rickets_rx.review.session import Sitting
from rickets_rx.validation.folder import by_hash, readings_below, validate_folder

CHILDREN = 12
READERS = {"ben": (0.2, 1), "carla": (-0.1, 2)}


def said(truth, bias, seed):
    """Half grades of a reader with a bias and a noise of 0.3 grades."""
    rng = np.random.default_rng(seed)
    seen = [float(row["grade"]) + bias + rng.normal(0, 0.3) for row in truth]
    return [min(2.0, max(0.0, round(2 * value) / 2)) for value in seen]


def write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as handle:
        table = csv.writer(handle)
        table.writerow(columns)
        table.writerows(rows)


@pytest.fixture(scope="module")
def dropped(tmp_path_factory) -> Path:
    """Twelve phantom wrists of twelve children, two readers in tables, the truth of construction."""
    folder = tmp_path_factory.mktemp("dropped")
    truth_csv = write_phantoms("wrist", CHILDREN, 490_000_000, folder, size_px=(420, 520), ages=(1.0, 6.0))
    with truth_csv.open(newline="", encoding="utf-8") as handle:
        truth = [row for row in csv.DictReader(handle) if row["status"] == "scored"]
    truth_csv.unlink()
    shutil.rmtree(folder / "regions")
    films = sorted(path.relative_to(folder).as_posix() for path in (folder / "images").glob("*.png"))
    children = [[film, f"c{i}", 0] for i, film in enumerate(films)]
    write(folder / "manifest.csv", ["file", "patient_id", "day"], children)
    devices = [[film, "CR" if i % 2 else "DX"] for i, film in enumerate(films)]
    write(folder / "films.csv", ["file", "device"], devices)
    columns = ["file", "instance", "bone", "reader", "grade", "gradable", "machine_seen"]
    for name, (bias, seed) in READERS.items():
        rows = [
            [row["file"], row["instance"], row["bone"], name, grade, 1, 0]
            for row, grade in zip(truth, said(truth, bias, seed), strict=True)
        ]
        write(folder / f"{name}.csv", columns, rows)
    rows = [[r["file"], r["instance"], r["bone"], "truth", float(r["grade"]), 1, 0] for r in truth]
    write(folder / "truth.csv", columns, rows)
    (folder / "design.toml").write_text('title = "Dropped in"\nconstruction = ["truth"]\nmargin = 0.2\n')
    return folder


@pytest.fixture(scope="module")
def first(dropped, tmp_path_factory) -> Path:
    """Results of a first run, before anna read."""
    out = tmp_path_factory.mktemp("out")
    validate_folder(dropped, out, draws=200)
    return out


def numbers(out, **wanted):
    with (out / "validation.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


BONES = {"measure": "bone", "stratum": "unaided"}
KAPPA = {"statistic": "kappa_quadratic", **BONES}


def test_the_same_report_as_of_any_study(first):
    names = {path.name for path in first.iterdir()}
    assert {"report.html", "validation.csv", "validation.json", "methods.md", "checklist.csv"} <= names
    page = (first / "report.html").read_text(encoding="utf-8")
    assert "<title>Dropped in</title>" in page
    assert page.index("Readers with each other") < page.index("Recovery of construction")
    (readers,) = numbers(first, section="readers", first="ben", second="carla", **KAPPA)
    assert float(readers["value"]) > 0.3
    assert int(readers["clusters"]) == CHILDREN
    assert readers["low"]
    among = {"section": "machine", "statistic": "kappa_difference", "second": "all readers"}
    assert len(numbers(first, **among, **BONES)) == 1
    recovered = numbers(first, section="recovery_of_construction", subgroup="", **KAPPA)
    assert [row["second"] for row in recovered] == ["construction"]
    groups = {row["subgroup"] for row in numbers(first, section="subgroups", **BONES)}
    assert groups >= {"device: CR", "device: DX"}


def test_truth_is_no_reader_and_every_reading_counts(dropped, first):
    with (dropped / "truth.csv").open(newline="", encoding="utf-8") as handle:
        bones = len(list(csv.DictReader(handle)))
    told = (first / "methods.md").read_text(encoding="utf-8")
    assert f"2 readers gave {2 * bones} readings of {CHILDREN} films" in told
    assert "0 readings were refusals, 0 were missing" in told
    place = {"section": "failures", "statistic": "share_missing", "first": "machine", **BONES}
    (share,) = numbers(first, **place)
    assert int(share["units"]) == bones


def test_a_reader_with_a_list_in_the_review_joins_the_study(dropped, first, tmp_path):
    # Reading list from the run, opened by the review; every film read once in the list's order, exported.
    images = first / "scores" / "images.csv"
    listed = reading_list_files(images, tmp_path, readers=["anna"], repeats=0.25, seed=4)
    tasks = read_reading_list(listed)
    sitting = Sitting("anna", True, Plan(tasks=tasks))
    session = open_review(first / "scores", sitting, films=[dropped], record=tmp_path / "record").session
    wanted = [task.image_sha256 for task in tasks if task.occasion == 1]
    assert [item.image_sha256 for item in session.items] == wanted
    assert len(wanted) == CHILDREN
    for index in range(len(session.items)):
        session.go(index)
        for number, place in enumerate(session.places()):
            session.grade(place, float(number % 2))
    exported = tmp_path / "study"
    shutil.copytree(dropped, exported)
    count = write_readings(session.source, session.current_state(), exported / "anna.csv")
    session.close()
    assert count >= CHILDREN
    out = tmp_path / "out"
    shutil.copytree(first / "scores", out / "scores")
    validate_folder(exported, out, draws=100)
    pairs = {(row["first"], row["second"]) for row in numbers(out, section="readers", **KAPPA)}
    assert pairs == {("anna", "ben"), ("anna", "carla"), ("ben", "carla")}


def test_a_second_run_scores_nothing_and_gives_the_same_bytes(dropped, first):
    kept, files = [], ("report.html", "validation.csv", "validation.json")
    before = {name: (first / name).read_bytes() for name in files}
    validate_folder(dropped, first, draws=200, on_film=lambda event: kept.append(event.kept))
    assert kept == [True] * CHILDREN
    assert {name: (first / name).read_bytes() for name in files} == before


def test_readings_are_told_from_other_tables(dropped):
    assert [path.name for path in readings_below(dropped)] == ["ben.csv", "carla.csv", "truth.csv"]


def test_a_reader_whose_columns_are_misspelt_is_not_left_out_silently(tmp_path):
    write(tmp_path / "anna.csv", ["image_sha256", "Reader", "bone", "grade"], [["a" * 64, "anna", "ulna", 1]])
    with pytest.raises(InputError, match=r"anna\.csv: column reader: has capital letters"):
        readings_below(tmp_path)


def test_films_are_named_by_file_or_by_hash_and_never_both(tmp_path):
    names = {"a.png": "a" * 64, "b.png": "b" * 64}
    write(tmp_path / "r.csv", ["file", "pair_file", "reader", "rgic"], [["b.png", "a.png", "anna", "-1"]])
    made = by_hash(tmp_path / "r.csv", names, tmp_path / "made")
    with made.open(newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert (row["image_sha256"], row["pair_sha256"], row["reader"]) == ("b" * 64, "a" * 64, "anna")
    write(tmp_path / "s.csv", ["image_sha256", "reader"], [["a" * 64, "anna"]])
    assert by_hash(tmp_path / "s.csv", names, tmp_path / "made") == tmp_path / "s.csv"
    write(tmp_path / "t.csv", ["file", "reader"], [["c.png", "anna"]])
    with pytest.raises(InputError, match=r"t\.csv: row 2, column file: 'c.png' is no film of this folder"):
        by_hash(tmp_path / "t.csv", names, tmp_path / "made")
    write(tmp_path / "u.csv", ["file", "image_sha256", "reader"], [["a.png", "a" * 64, "anna"]])
    with pytest.raises(InputError, match="stands beside image_sha256"):
        by_hash(tmp_path / "u.csv", names, tmp_path / "made")


def test_wrong_folders_are_wrong_use(dropped, tmp_path):
    with pytest.raises(UsageError, match="is no folder"):
        validate_folder(tmp_path / "none", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no readings"):
        validate_folder(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(UsageError, match="another folder"):
        validate_folder(dropped, dropped)
    said = CliRunner().invoke(app, ["validate", str(dropped), str(dropped), "--out", str(tmp_path / "out")])
    assert isinstance(said.exception, UsageError)
