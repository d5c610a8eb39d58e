"""`rickets-rx score --method` from command line to table; the tint that tells what an answer rests on."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from rickets_rx.cli import app
from rickets_rx.errors import UsageError
from rickets_rx.phantom import wrist
from rickets_rx.report.heat import MEANING, tint
from rickets_rx.report.overlay import draw_overlay
from rickets_rx.score import score_radiograph
from rickets_rx.vocabulary import Method


@pytest.fixture(scope="module")
def film():
    return wrist(4, age=5.0, size_px=420)


def test_every_method_grades_a_film_from_the_command_line(film, tmp_path: Path) -> None:
    grey = np.clip(film.pixels / film.pixels.max() * 255, 0, 255).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "film.png"), grey)
    for method in Method:
        out = tmp_path / method
        ran = CliRunner().invoke(
            app, ["score", str(tmp_path / "film.png"), "-o", str(out), "--method", method]
        )
        assert ran.exit_code == 0, ran.output
        with (out / "scores.csv").open(encoding="utf-8", newline="") as handle:
            rows = [row for row in csv.DictReader(handle) if row["status"] == "scored"]
        assert rows
        assert {row["method"] for row in rows} == {method.value}


def test_an_unknown_method_is_refused_with_those_there_are(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["score", str(tmp_path), "-o", str(tmp_path / "o"), "--method", "guess"])
    assert isinstance(ran.exception, UsageError)
    assert "classical, cnn, fused" in str(ran.exception)


def test_only_a_grade_that_rests_on_the_network_is_tinted(film) -> None:
    radiograph = film.radiograph()
    plain, fused = (score_radiograph(radiograph, method) for method in (Method.CLASSICAL, Method.FUSED))
    pictures = [draw_overlay(radiograph, score) for score in (plain, fused)]
    # The legend of the tint makes the foot no lower, and the film differs where bone ends are tinted.
    rows = min(len(picture) for picture in pictures)
    assert (pictures[0][:rows] != pictures[1][:rows]).any()
    assert len(MEANING) == 2
    bone = next(b for b in plain.joints[0].bones if hasattr(b, "grade"))

    class Untouched:
        @property
        def rgb(self) -> None:
            raise AssertionError("a classical grade was tinted")

    tint(Untouched(), radiograph, bone, np.asarray)  # type: ignore[arg-type]
