"""Rows and tables of `score`, on a wrist written by hand."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rickets_rx.errors import Refusal
from rickets_rx.features.registry import FeatureValue, Unit, feature_units
from rickets_rx.grade.result import BoneGrade
from rickets_rx.io.regions import write_regions
from rickets_rx.io.results import FilmRequest, film_rows, score_columns, unread_rows, write_table
from rickets_rx.radiograph import Radiograph, Spacing
from rickets_rx.score import BoneScore, FilmScore, JointScore
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone
from rickets_rx.vocabulary import Activity, Bone, Joint, RefusalReason, SpacingSource

SHA = "ab" * 32


def bone(which: Bone, grade: float, x: float) -> BoneScore:
    frame = BoneFrame((x, 50), (x + 40, 80), (0.6, -0.8))  # width 50 px
    margin = frame.to_pixels(np.linspace(-1, 1, 5), np.full(5, 0.1))
    side = frame.to_pixels([-1, -1], [0, -0.8]), frame.to_pixels([1, 1], [0, -0.8])
    metaphysis = Metaphysis(which, frame, margin, margin, np.ones(5, bool), 0.9, *side)
    values = {name: FeatureValue(0.1) for name in feature_units()}
    values["gap"] = FeatureValue(None, "epiphysis_not_ossified")
    high = min(2.0, grade + 0.5)
    return BoneScore(
        metaphysis, values, BoneGrade(grade, grade, high, grade / 2, grade / 2, high / 2, Activity.ACTIVE)
    )


def film(spacing: Spacing = Spacing()) -> Radiograph:  # noqa: B008
    return Radiograph(np.zeros((120, 200), np.float32), SHA, "film.png", spacing)


def wrist(*bones: BoneScore | RefusedBone) -> FilmScore:
    places = tuple(b.metaphysis if isinstance(b, BoneScore) else b for b in bones)
    return FilmScore((JointScore(JointInstance(Joint.WRIST, 1, places), bones),))


REQUEST = FilmRequest(Path("a/film.png"), "a/film.png", patient_id="P1", day=3)


def test_wrist_rss_is_the_sum_of_both_bones(monkeypatch: pytest.MonkeyPatch) -> None:
    # Mean severity 0.625, with 0.25 above it 0.875, times four 3.5; below it the bones' own bounds hold.
    monkeypatch.setattr("rickets_rx.grade.total.reach", lambda *_, **__: (0.2, 0.25))
    rows = film_rows(REQUEST, film(), wrist(bone(Bone.RADIUS, 1.5, 20), bone(Bone.ULNA, 1.0, 100)), 0.5)
    (image,) = rows.images
    assert (image["wrist_rss"], image["wrist_rss_low"], image["wrist_rss_high"]) == (2.5, 2.5, 3.5)
    assert "elbow_exploratory" not in image


def test_wrist_rss_is_missing_when_one_bone_is_refused() -> None:
    refused = RefusedBone(Bone.ULNA, Refusal(RefusalReason.CUT_OFF), (5, 5), (8, 9), 0.4)
    rows = film_rows(REQUEST, film(), wrist(bone(Bone.RADIUS, 1.5, 20), refused), 0.5)
    assert "wrist_rss" not in rows.images[0]
    assert rows.images[0]["status"] == "scored"
    ulna = rows.scores[1]
    assert (ulna["status"], ulna["reason"]) == ("refused", "cut_off")
    assert (ulna["corner1_x"], ulna["width_px"]) == (5, 5)


def test_lengths_get_mm_only_with_a_spacing() -> None:
    score = wrist(bone(Bone.RADIUS, 1.0, 20))
    without = film_rows(REQUEST, film(), score, 0.5).scores[0]
    known = film_rows(REQUEST, film(Spacing(0.2, SpacingSource.USER)), score, 0.5).scores[0]
    assert without["cupping_mm"] is None and without["spacing_source"] == "none"
    assert known["cupping_mm"] == pytest.approx(0.1 * 50 * 0.2)
    assert known["gap_mm"] is None and "gap=epiphysis_not_ossified" in known["null_reasons"]


def test_columns_hold_every_row_and_a_twin_for_each_length(tmp_path: Path) -> None:
    columns = score_columns()
    assert len(columns) == len(set(columns))
    assert {f"{n}_mm" for n, u in feature_units().items() if u is Unit.WIDTH} <= set(columns)
    rows = film_rows(REQUEST, film(), wrist(bone(Bone.RADIUS, 1.0, 20)), 0.5)
    write_table(tmp_path / "scores.csv", columns, rows.scores)
    (read,) = list(csv.DictReader((tmp_path / "scores.csv").open()))
    assert read["corner1_x"] == "20.0" and read["gap"] == "" and read["patient_id"] == "P1"
    assert float(read["width_px"]) == 50


def test_refused_film_and_unread_file_have_a_row_each() -> None:
    refused = film_rows(REQUEST, film(), FilmScore((), Refusal(RefusalReason.LATERAL_VIEW)), 0.1)
    assert refused.scores == () and refused.images[0]["reason"] == "lateral_view"
    unread = unread_rows(REQUEST, None, 0.1)
    assert unread.images[0]["reason"] == "unreadable"


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@sum"])
def test_text_cells_cannot_become_formulas(tmp_path: Path, text: str) -> None:
    write_table(tmp_path / "t.csv", ["file", "day"], [{"file": text, "day": -3}])
    (row,) = list(csv.DictReader((tmp_path / "t.csv").open()))
    assert row["file"] != text and row["file"].endswith(text)
    assert row["day"] == "-3"


def test_an_unknown_column_is_a_defect(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no column"):
        write_table(tmp_path / "t.csv", ["file"], [{"fil": "x"}])


def test_regions_hold_the_geometry_and_the_mask(tmp_path: Path) -> None:
    import cv2

    write_regions(tmp_path, film(), wrist(bone(Bone.RADIUS, 1.0, 60)))
    regions: dict[str, Any] = json.loads((tmp_path / f"{SHA}.json").read_text())
    (radius,) = regions["instances"][0]["bones"]
    assert radius["corner1"] == [60, 50] and radius["width_px"] == 50
    assert radius["axis"] == pytest.approx([0.6, -0.8])
    mask = cv2.imread(str(tmp_path / f"{SHA}.png"), cv2.IMREAD_UNCHANGED)
    # A quarter width behind the margin, against the axis: origin (80, 65) - 0.25 x 50 x (0.6, -0.8)
    assert mask[75, 72] // 10 == 1
