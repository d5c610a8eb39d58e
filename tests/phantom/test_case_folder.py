"""Courses as case folders: read back by the reader of `heal`, with the answers beside them."""

import csv
import json
from hashlib import sha256

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from rickets_rx import phantom
from rickets_rx.io.case_folder import read_case_folder

PHASES = [phantom.Phase("oral", 0, 60, 0.0, lag=0), phantom.Phase("infusion", 60, 120, 0.5, lag=0)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    one = phantom.course(4, PHASES, [0, 60, 120], age=2.0, size_px=260)
    return phantom.write_courses([one], tmp_path_factory.mktemp("case"))


def test_the_reader_takes_the_folder(folder):
    case = read_case_folder(folder)
    # What is absent was never part of a course; every film and analyte is known.
    assert case.notes == ("findings.csv is absent", "events.csv is absent", "growth.csv is absent")
    assert list(case.patients["age_days_at_day0"]) == [round(2 * 365.25)]
    assert list(case.radiographs["day"]) == [0, 60, 120]
    assert [(r.phase, r.start_day, r.end_day) for r in case.therapy.itertuples()] == [
        ("oral", 0, 60),
        ("infusion", 60, 120),
    ]


def test_blood_names_the_phase_in_force_and_the_one_that_begins(folder):
    labs = read_case_folder(folder).labs
    calcium = labs[labs["analyte"] == "Ca"].sort_values("day")
    assert list(calcium["phase"]) == ["", "oral", "infusion"]
    assert list(calcium["phase_started_at_visit"]) == ["oral", "infusion", ""]
    assert set(labs["analyte"]) == {"Ca", "P", "ALP", "PTH"}


def test_the_answer_is_the_phase_that_heals(folder):
    answer = json.loads((folder / "truth.json").read_text())["phantom4"]
    # 60 days at half the way in 30 days.
    assert answer["healing_made"] == {"oral": 0.0, "infusion": 1.0}
    assert (answer["healed_in"], answer["tellable"]) == ("infusion", True)


def test_truth_belongs_to_the_films_and_the_films_say_they_are_synthetic(folder):
    with (folder / "truth.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 6
    for row in rows:
        assert row["image_sha256"] == sha256((folder / row["file"]).read_bytes()).hexdigest()
    bare = phantom.course(4, PHASES, [0], age=2.0, size_px=260).films[0].film
    shown = cv2.imread(str(folder / "films/phantom4_1.png"), cv2.IMREAD_UNCHANGED) / 65535
    # The stamp changes a strip and nothing else.
    changed = np.abs(shown - bare.pixels) > 0.01
    assert 0 < np.ptp(np.nonzero(changed)[0]) < 0.15 * shown.shape[0]


def test_drawn_courses_are_repeated_by_their_seed():
    first, again = (phantom.draw_course(8, size_px=200) for _ in range(2))
    assert [p.rate for p in first.phases] == [p.rate for p in again.phases]
    assert all(
        a.film.pixels.tobytes() == b.film.pixels.tobytes()
        for a, b in zip(first.films, again.films, strict=True)
    )
    assert sum(p.rate > 0 for p in first.phases) <= 1


def test_the_command_refuses_options_that_courses_do_not_take(tmp_path):
    from rickets_rx.cli import app

    done = CliRunner().invoke(app, ["phantom", "--courses", "--dicom", "--out", str(tmp_path)])
    assert done.exit_code != 0
    assert "leave out" in str(done.exception) + done.output
