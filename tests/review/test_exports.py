"""What leaves a record: readings.csv that validate reads, scores.csv that heal takes, marked as corrected."""

import csv
import shutil
from datetime import timedelta

import pytest
from review.drawn_folder import FILMS, hashes, place

from rickets_rx.errors import UsageError
from rickets_rx.io.case_folder import read_case_folder
from rickets_rx.io.read_results import film_score, read_scores
from rickets_rx.io.readings import read_readings
from rickets_rx.review import mend
from rickets_rx.review.exports import write_corrected, write_readings
from rickets_rx.review.knee import read_knee
from rickets_rx.review.pairs import pair_item, read_change
from rickets_rx.vocabulary import Bone, Side


def table(path):
    with path.open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_readings_go_out_and_come_back_in(sit, source, tmp_path, clock):
    anna, ben = sit("anna"), sit("ben", blinded=True)
    radius, ulna = place(source, "a/first.png"), place(source, "a/first.png", Bone.ULNA)
    anna.grade(radius, 0.5)
    anna.not_gradable(ulna, "cut_off")
    ben.grade(radius, 1.5)
    films = hashes(source)
    read_change(anna, pair_item(anna, films["a/second.png"], films["a/first.png"]), -2, "wrist")
    read_knee(anna, films["b/third.png"], "femur", Side.LEFT, 3, 0.5)
    clock.now += timedelta(days=20)
    sit("anna", occasion=2).grade(radius, 1.0)
    assert write_readings(source, ben.state, tmp_path / "own.csv") == 1, "a sitting knows its own beginning"
    count = write_readings(source, sit("zoe").state, tmp_path / "readings.csv")
    readings = read_readings([tmp_path / "readings.csv"])
    assert count == len(readings) == 6
    by = {(r.reader, r.occasion, r.bone, r.region): r for r in readings}
    first = by["anna", 1, "radius", ""]
    assert (first.grade, first.gradable, first.machine_seen, first.blinded) == (0.5, True, True, False)
    assert first.side is Side.LEFT and first.instance == 1 and first.read_at.startswith("2026-05-01T")
    assert by["anna", 2, "radius", ""].grade == 1.0
    assert by["anna", 1, "ulna", ""].refused and by["anna", 1, "ulna", ""].reason == "cut_off"
    assert by["ben", 1, "radius", ""].machine_seen is False and by["ben", 1, "radius", ""].blinded
    change = by["anna", 1, "", "wrist"]
    assert (change.rgic, change.pair_sha256, change.order_known) == (-2, films["a/first.png"], True)
    assert by["anna", 1, "femur", "knee"].grade == 1.5, "A 3 x B 0.5"


def test_corrected_scores_are_the_machine_s_but_for_what_was_changed(sit, source, scored, tmp_path):
    session = sit()
    radius, ulna = place(source, "a/first.png"), place(source, "a/first.png", Bone.ULNA)
    session.override(radius, 2.0, "frayed")
    session.not_gradable(ulna, "oblique")
    bone = mend.metaphysis_of(session, place(source, "b/third.png"))
    mend.drag_corners(
        session, place(source, "b/third.png"), (bone.corner1[0] - 5, bone.corner1[1]), bone.corner2, "rim"
    )
    out = write_corrected(source, session.state, "anna", tmp_path / "out")
    before, after = (table(p) for p in (scored / "scores.csv", out))
    assert [(r["file"], r["bone"]) for r in after] == [(r["file"], r["bone"]) for r in before]
    changed = [r["corrected"] == "1" for r in after]
    assert changed == [True, True, False, False, True, False]
    for old, new in zip(before, after, strict=True):
        if new["corrected"] != "1":
            assert {k: v for k, v in new.items() if k != "corrected"} == old
    assert (after[0]["grade"], after[0]["grade_low"], after[0]["severity"]) == ("2.0", "1.5", "1.0")
    assert (after[1]["status"], after[1]["reason"], after[1]["grade"]) == ("refused", "oblique", "")
    assert after[1]["corner1_x"] == before[1]["corner1_x"] and after[1]["cupping"] == ""
    assert float(after[4]["width_px"]) == pytest.approx(205.0, abs=0.01)
    sums = {r["file"]: r["wrist_rss"] for r in table(tmp_path / "out" / "images.csv")}
    assert sums["a/first.png"] == "", "no sum without both bones"
    log = [
        (r["what"], r["bone"], r["after"], r["reason"]) for r in table(tmp_path / "out" / "corrections.csv")
    ]
    assert ("override", "radius", "grade 2", "frayed") in log and (
        "not gradable",
        "ulna",
        "refused",
        "oblique",
    ) in log
    assert any(what == "corners" and why == "rim" for what, _, _, why in log) and len(log) == 3


def test_corrected_folder_is_read_by_the_rest_of_the_program(sit, source, tmp_path):
    session, radius = sit(), place(source, "a/first.png")
    session.override(radius, 2.0, "frayed")
    session.not_gradable(place(source, "a/first.png", Bone.ULNA), "oblique")
    out = write_corrected(source, session.state, "anna", tmp_path / "out")
    rows = read_scores(out)
    for film in source.films.values():
        mine = [row for row in rows if row["image_sha256"] == film.image_sha256]
        score = film_score(out.parent / "regions" / f"{film.image_sha256}.json", mine)
        if film.file == "a/first.png":
            assert score.joints[0].graded(Bone.RADIUS).grade.grade == 2.0
            assert score.joints[0].graded(Bone.ULNA) is None
    assert (out.parent / "regions" / f"{radius.image_sha256}.png").is_file()


def test_heal_takes_corrected_scores(sit, source, scored, tmp_path):
    import pandas as pd

    from rickets_rx.healing.heal import heal
    from rickets_rx.report.course import courses

    case = tmp_path / "case"
    shutil.copytree(scored / "films", case / "films")
    (case / "patients.csv").write_text("patient_id,sex\np1,female\np2,male\n")
    films = "".join(
        f"{patient},f{i},films/{file},{day},wrist,left\n"
        for i, (file, (_, _, patient, day)) in enumerate(FILMS.items())
    )
    (case / "radiographs.csv").write_text(f"patient_id,film_id,file,day,joint,side\n{films}")
    session = sit()
    session.override(place(source, "a/first.png"), 2.0, "frayed")
    out = write_corrected(source, session.state, "anna", tmp_path / "out")
    frame = pd.read_csv(out, dtype={"patient_id": str, "image_sha256": str})
    result = heal(read_case_folder(case), frame, draws=1)
    courses_of = {course.patient_id: course for course in courses(result)}
    assert [film.corrected for film in courses_of["p1"].films] == [("radius",), ()], "told in the report"
    grades = result.films.set_index(["file", "bone"])["grade"]
    assert grades["films/a/first.png", "radius"] == 2.0


def test_machine_s_own_folder_is_never_written_over(sit, source, scored):
    with pytest.raises(UsageError, match="another folder"):
        write_corrected(source, sit().state, "anna", scored)


def test_without_corrections_the_table_is_the_same(sit, source, scored, tmp_path):
    out = write_corrected(source, sit().state, "anna", tmp_path / "out")
    own = [{k: v for k, v in row.items() if k != "corrected"} for row in table(out)]
    assert own == table(scored / "scores.csv")
    assert table(tmp_path / "out" / "images.csv") == table(scored / "images.csv")
