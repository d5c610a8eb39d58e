"""Reads back what `score` wrote: rows of scores.csv and regions/<sha256>.json become a film's score again."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from rickets_rx.errors import InputError, Refusal
from rickets_rx.features.registry import Features, FeatureValue
from rickets_rx.grade.result import BoneGrade
from rickets_rx.io.results import score_columns
from rickets_rx.score import BoneScore, FilmScore, JointScore
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, Points, RefusedBone
from rickets_rx.vocabulary import Activity, Bone, Flag, Joint, Method, RefusalReason, Side, Status, View

Row = dict[str, str]


def read_scores(path: Path) -> list[Row]:
    """Rows of a scores.csv as text, in order; empty cells are "".

    Raises
    ------
    InputError
        When the file cannot be read or lacks a column of the contract.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = csv.DictReader(handle)
            missing = [name for name in score_columns() if name not in (rows.fieldnames or [])]
            if missing:
                mend = "Give the scores.csv that `rickets-rx score` wrote"
                raise InputError(str(path), f"column {missing[0]}", "is missing", mend)
            return list(rows)
    except (OSError, UnicodeDecodeError) as error:
        mend = "Give the scores.csv that `rickets-rx score` wrote"
        raise InputError(str(path), "file", f"cannot be read ({type(error).__name__})", mend) from None


def film_score(regions: Path, rows: Iterable[Row]) -> FilmScore:
    """The score of one film, from its regions and its rows of scores.csv.

    Parameters
    ----------
    regions : Path
        ``regions/<sha256>.json``.
    rows : iterable of rows of that film

    Raises
    ------
    InputError
        When the regions cannot be read or a scored bone has no row.
    """
    try:
        content: dict[str, Any] = json.loads(regions.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        mend = "Score the film again"
        raise InputError(
            regions.name, "file", f"regions cannot be read ({type(error).__name__})", mend
        ) from None
    return film_score_of(content, rows, regions.name)


def film_score_of(content: dict[str, Any], rows: Iterable[Row], file: str) -> FilmScore:
    """As `film_score`, from regions already in memory; ``file`` is how errors call them."""
    known = {(int(row["instance"]), row["bone"]): row for row in rows}
    joints = tuple(_joint(place, known, file) for place in content["instances"])
    refused = content["refusal"]
    return FilmScore(joints, None if refused is None else _refusal(refused))


def _refusal(said: dict[str, Any]) -> Refusal:
    return Refusal(RefusalReason(said["reason"]), said["detail"])


def _joint(place: dict[str, Any], rows: dict[tuple[int, str], Row], file: str) -> JointScore:
    index = int(place["instance"])
    bones: list[BoneScore | RefusedBone] = []
    for bone in place["bones"]:
        if bone["status"] == Status.REFUSED:
            bones.append(_refused(bone))
            continue
        row = rows.get((index, bone["bone"]))
        if row is None:
            problem = f"instance {index}, bone {bone['bone']} has regions but no row in scores.csv"
            raise InputError(file, "bone", problem, "Score the film again")
        bones.append(_scored(bone, row))
    places = tuple(score.metaphysis if isinstance(score, BoneScore) else score for score in bones)
    side = Side(place["side"]) if place["side"] else None
    view = View(place["view"]) if place["view"] else None
    instance = JointInstance(Joint(place["joint"]), index, places, side, view)
    return JointScore(instance, tuple(bones))


def _refused(bone: dict[str, Any]) -> RefusedBone:
    corner1, corner2 = (_point(bone[name]) for name in ("corner1", "corner2"))
    return RefusedBone(Bone(bone["bone"]), _refusal(bone), corner1, corner2, bone["confidence"])


def _point(xy: list[float] | None) -> tuple[float, float] | None:
    return None if xy is None else (float(xy[0]), float(xy[1]))


def _polyline(points: list[list[float]] | None) -> Points | None:
    return None if points is None else np.asarray(points, float)


def _scored(bone: dict[str, Any], row: Row) -> BoneScore:
    left, right = (np.asarray(side, float).reshape(-1, 2) for side in bone["shaft"])
    metaphysis = Metaphysis(
        bone=Bone(bone["bone"]),
        frame=BoneFrame(tuple(bone["corner1"]), tuple(bone["corner2"]), tuple(bone["axis"])),
        margin=np.asarray(bone["margin"], float),
        envelope=np.asarray(bone["envelope"], float),
        clean=np.asarray(bone["margin_clean"], bool),
        confidence=float(bone["confidence"]),
        shaft_left=left,
        shaft_right=right,
        epiphysis=_polyline(bone["epiphysis"]),
        epiphysis_reason=bone["epiphysis_reason"],
        flags=tuple(Flag(flag) for flag in bone["flags"]),
        near_face=_polyline(bone.get("near_face")),  # results of earlier versions have none
    )
    return BoneScore(metaphysis, _features(row), _grade(row, bone["findings"]))


def _features(row: Row) -> Features:
    from rickets_rx.features import feature_units

    reasons = dict(pair.split("=", 1) for pair in row["null_reasons"].split(";") if pair)
    return {
        name: FeatureValue(float(row[name]))
        if row[name]
        else FeatureValue(None, reasons.get(name, "missing"))
        for name in feature_units()
    }


def _grade(row: Row, findings: list[str]) -> BoneGrade:
    return BoneGrade(
        grade=float(row["grade"]),
        grade_low=float(row["grade_low"]),
        grade_high=float(row["grade_high"]),
        severity=float(row["severity"]),
        severity_low=float(row["severity_low"]),
        severity_high=float(row["severity_high"]),
        activity=Activity(row["activity"]),
        flags=tuple(Flag(flag) for flag in row["flags"].split(";") if flag),
        method=Method(row["method"]),
        findings=tuple(findings),
    )
