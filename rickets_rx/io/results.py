"""Writes what `score` found: scores.csv, images.csv, regions and run.json, each whole or not at all."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError, Refusal
from rickets_rx.features.registry import Unit, feature_units, null_reasons
from rickets_rx.io.atomic import atomic_write
from rickets_rx.io.manifest import csv_safe
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import BoneScore, FilmScore, JointScore
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.vocabulary import BONES_OF_JOINT, SCALE_OF_JOINT, Bone, Joint, RefusalReason, Side, Status

Row = dict[str, Any]

GEOMETRY_COLUMNS = (
    "confidence corner1_x corner1_y corner2_x corner2_y margin_mid_x margin_mid_y "
    "width_px spacing_mm spacing_source"
).split()
IMAGE_COLUMNS = (
    "file image_sha256 patient_id day joint side instance status reason "
    "wrist_rss wrist_rss_low wrist_rss_high "
    "elbow_exploratory elbow_exploratory_low elbow_exploratory_high seconds"
).split()


@dataclass(frozen=True)
class FilmRequest:
    """A film to score and what the user says of it; ids are pseudonyms and pass through unchanged.

    With a ``fault``, its row of the manifest cannot be used: it is listed as failed and not opened.
    """

    path: Path
    file: str
    patient_id: str | None = None
    day: int | None = None
    joint: Joint | None = None
    side: Side | None = None
    spacing_mm: float | None = None
    fault: InputError | None = None


@dataclass(frozen=True)
class FilmRows:
    """The rows of one film, ready to be written."""

    scores: tuple[Row, ...]
    images: tuple[Row, ...]


def score_columns() -> list[str]:
    """Columns of scores.csv, in the contract's order; every length has its twin in mm."""
    identity = "file image_sha256 patient_id day joint side instance bone status reason scale".split()
    graded = "grade grade_low grade_high severity severity_low severity_high activity flags method".split()
    units = feature_units()
    lengths = [f"{name}_mm" for name, unit in units.items() if unit is Unit.WIDTH]
    return [*identity, *graded, *GEOMETRY_COLUMNS, *units, *lengths, "null_reasons"]


def _number(value: float | None, digits: int = 6) -> float | None:
    """Rounded so that the last bits of arithmetic do not reach a file; None stays None."""
    return None if value is None else round(float(value), digits) + 0.0


def film_rows(request: FilmRequest, radiograph: Radiograph, result: FilmScore, seconds: float) -> FilmRows:
    """Rows of a film that was read, whatever became of it."""
    start: Row = _identity(request, radiograph.sha256)
    if result.refusal is not None or not result.joints:
        # A Refusal is falsy: `or` would lose its reason.
        refusal = Refusal(RefusalReason.WRONG_BODY_PART) if result.refusal is None else result.refusal
        known = {"joint": request.joint or radiograph.joint, "side": request.side or radiograph.side}
        row = (
            start
            | known
            | {"status": Status.REFUSED, "reason": refusal.reason, "seconds": _number(seconds, 3)}
        )
        return FilmRows((), (row,))
    scores, images = [], []
    for joint in result.joints:
        here = start | {
            "joint": joint.instance.joint,
            "side": joint.instance.side,
            "instance": joint.instance.index,
        }
        images.append(here | joint_totals(joint) | {"seconds": _number(seconds, 3)})
        scores += [
            here
            | (
                bone_row(score, radiograph)
                if isinstance(score, BoneScore)
                else refused_row(score, radiograph)
            )
            for score in joint.bones
        ]
    return FilmRows(tuple(scores), tuple(images))


def unread_rows(request: FilmRequest, sha256: str | None, seconds: float) -> FilmRows:
    """A file that could not be read has a row in images.csv, so that nothing is dropped in silence."""
    row = _identity(request, sha256) | {
        "joint": request.joint,
        "side": request.side,
        "status": Status.REFUSED,
        "reason": RefusalReason.UNREADABLE,
        "seconds": _number(seconds, 3),
    }
    return FilmRows((), (row,))


def _identity(request: FilmRequest, sha256: str | None) -> Row:
    return {
        "file": request.file,
        "image_sha256": sha256,
        "patient_id": request.patient_id,
        "day": request.day,
    }


def joint_totals(joint: JointScore) -> Row:
    """Status of one joint and its sum of two bones, only where both are graded."""
    scored = [s for s in joint.bones if isinstance(s, BoneScore)]
    refused = [s for s in joint.bones if isinstance(s, RefusedBone)]
    row: Row = {"status": Status.SCORED if scored else Status.REFUSED}
    if not scored and refused:
        row["reason"] = refused[0].refusal.reason
    total = joint.total()
    if total is not None:
        name = "wrist_rss" if joint.instance.joint is Joint.WRIST else "elbow_exploratory"
        row |= {name: total.grade, f"{name}_low": total.low, f"{name}_high": total.high}
    return row


def bone_row(score: BoneScore, radiograph: Radiograph) -> Row:
    """One scored bone as a row of scores.csv."""
    bone, grade = score.metaphysis, score.grade
    features = {name: _number(value.value) for name, value in score.features.items()}
    in_mm = lengths_mm(score, radiograph.spacing.mm)
    return (
        _bone(bone.bone, bone.confidence, bone.corner1, bone.corner2, radiograph)
        | {
            "status": Status.SCORED,
            "grade": grade.grade,
            "grade_low": grade.grade_low,
            "grade_high": grade.grade_high,
            "severity": _number(grade.severity, 4),
            "severity_low": _number(grade.severity_low, 4),
            "severity_high": _number(grade.severity_high, 4),
            "activity": grade.activity,
            "flags": ";".join(grade.flags),
            "method": grade.method,
            "margin_mid_x": _number(bone.margin_mid[0], 3),
            "margin_mid_y": _number(bone.margin_mid[1], 3),
            "null_reasons": null_reasons(score.features),
        }
        | features
        | in_mm
    )


def lengths_mm(score: BoneScore, spacing_mm: float | None) -> Row:
    """``<name>_mm`` of every length, None without a spacing or without the length itself."""
    found: Row = {}
    width = score.metaphysis.frame.width
    for name, unit in feature_units().items():
        if unit is Unit.WIDTH:
            value = score.features[name].value
            if value is None or spacing_mm is None:
                found[f"{name}_mm"] = None
            else:
                found[f"{name}_mm"] = _number(value * width * spacing_mm)
    return found


def refused_row(refused: RefusedBone, radiograph: Radiograph) -> Row:
    """A refused bone keeps its row, and its corners where they were found."""
    row = _bone(refused.bone, refused.confidence, refused.corner1, refused.corner2, radiograph)
    return row | {"status": Status.REFUSED, "reason": refused.refusal.reason}


def _bone(
    bone: Bone,
    confidence: float | None,
    corner1: tuple[float, float] | None,
    corner2: tuple[float, float] | None,
    radiograph: Radiograph,
) -> Row:
    joint = next(joint for joint, bones in BONES_OF_JOINT.items() if bone in bones)
    row: Row = {
        "bone": bone,
        "scale": SCALE_OF_JOINT[joint],
        "confidence": _number(confidence, 4),
        "spacing_mm": _number(radiograph.spacing.mm),
        "spacing_source": radiograph.spacing.source,
    }
    if corner1 is not None and corner2 is not None:
        for name, (x, y) in (("corner1", corner1), ("corner2", corner2)):
            row |= {f"{name}_x": _number(x, 3), f"{name}_y": _number(y, 3)}
        row["width_px"] = _number(((corner1[0] - corner2[0]) ** 2 + (corner1[1] - corner2[1]) ** 2) ** 0.5, 3)
    return row


def write_table(path: Path, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """A CSV in the given column order, UTF-8, LF; None is an empty cell, text cells cannot be formulas.

    Rows are taken and written a thousand at a time, so that a table may be longer than memory.
    """
    lines = chain([columns], _cells(path.name, columns, rows))
    with atomic_write(path) as handle:
        while chunk := list(islice(lines, 1000)):
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerows(chunk)
            handle.write(buffer.getvalue())


def _cells(table: str, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        unknown = set(row) - set(columns)
        if unknown:
            raise ValueError(f"{table} has no column {sorted(unknown)}")
        yield [_cell(row.get(name)) for name in columns]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return csv_safe(str(value)) if isinstance(value, str) else value


def write_json(path: Path, content: Any, *, compact: bool = False) -> None:
    """JSON with sorted keys, UTF-8.

    Parameters
    ----------
    compact : bool
        On one line. Indented JSON is made by Python code and took a tenth of the time of a film; only
        programs read polylines.
    """
    layout: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 1}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, **layout)
    with atomic_write(path) as handle:
        handle.write(text + "\n")
