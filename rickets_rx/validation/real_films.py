"""Real films, read where they lie: normal bones as they are, and with rickets painted on them.

The folder holds ``landmarks.json`` (corners, and a reader's word for each margin) and ``manifest.csv``, as
the project's reference material does. Films under ``wrist_cc_by`` trained a network and are not painted.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from rickets_rx.radiograph import Radiograph
from rickets_rx.score import BoneScore, score_radiograph
from rickets_rx.validation.films import TrueBone, scored_film
from rickets_rx.validation.parts import Part, Row, Task
from rickets_rx.vocabulary import Bone, Joint

CORNERS = {Bone.RADIUS: ("ru", "rr"), Bone.ULNA: ("uu", "ur")}
TRAINED_ON = "wrist_cc_by"
TO_BE_REFUSED = ("other", "dicom")
#: Paintings of one film by each painter.
DRAWS = 3


def real_parts(folder: Path, key: Mapping[str, Any]) -> list[Part]:
    """Marked films as they are, the same painted, films without marks, and films that must be refused."""
    paths, marks = _paths(str(folder)), landmarks(str(folder))
    marked = [film for film in paths if film in marks]
    free = [film for film in marked if _is_free(paths[film]) and _both_normal(marks[film])]
    painted: list[Task] = [
        [f, painter, i] for f in free for painter in ("density", "retreat") for i in range(DRAWS)
    ]
    wrong: list[Task] = [[film] for film, path in paths.items() if path.parent.name in TO_BE_REFUSED]
    rest: list[Task] = [[f] for f, path in paths.items() if f not in marks and [f] not in wrong]
    digest = hashlib.sha256()
    for path in paths.values():
        digest.update(path.read_bytes())
    key, home = {**key, "films": digest.hexdigest()}, str(folder)
    return [
        Part("real_films", [[film] for film in marked], partial(marked_task, home), key),
        Part("painted", painted, partial(painted_task, home), key),
        Part("unmarked", rest, partial(unmarked_task, home), key),
        Part("real_to_be_refused", wrong, partial(unmarked_task, home), key),
    ]


def marked_task(folder: str, task: Task) -> Row:
    """Score one marked film as it is."""
    film = str(task[0])
    path = _paths(folder)[film]
    found = scored_film(_read(str(path)), list(true_bones(folder, film)))
    return found | {"film": film, "child": film, "trained_on": not _is_free(path)}


def unmarked_task(folder: str, task: Task) -> Row:
    """Score one film whose places nobody marked: what became of it, and the grades given."""
    film = str(task[0])
    score = score_radiograph(_read(str(_paths(folder)[film])))
    graded = [b.grade.grade for joint in score.joints for b in joint.bones if isinstance(b, BoneScore)]
    reason = None if score.refusal is None else str(score.refusal.reason)
    return {"film": film, "child": film, "refused": reason, "scored": len(graded), "grades": graded}


def painted_task(folder: str, task: Task) -> Row:
    """Paint both bones of one normal film and score it."""
    film, painter, draw = str(task[0]), str(task[1]), int(task[2])
    radiograph, truth = _painted(folder, film, painter, draw)
    found: Row = {"bones": [], "refused": None, "scored": 0, "surplus": 0}
    if truth:
        found = scored_film(radiograph, truth)
    return found | {"film": f"{film} {painter} {draw}", "child": film, "painter": painter}


@cache
def landmarks(folder: str) -> dict[str, Any]:
    """Marks of each film by its name without suffix."""
    found = json.loads((Path(folder) / "landmarks.json").read_text(encoding="utf-8"))
    return {film: mark for film, mark in found.items() if not film.startswith("_")}


@cache
def _listed(folder: str) -> dict[str, dict[str, str]]:
    with (Path(folder) / "manifest.csv").open(encoding="utf-8", newline="") as handle:
        return {Path(row["file"]).stem: row for row in csv.DictReader(handle)}


@cache
def _paths(folder: str) -> dict[str, Path]:
    films = (path for path in sorted(Path(folder).rglob("*")) if path.suffix in (".png", ".dcm"))
    return {path.stem: path for path in films}


def _is_free(path: Path) -> bool:
    return path.parent.name != TRAINED_ON


def _said(mark: Mapping[str, Any], bone: Bone) -> str:
    words = mark.get(f"margin_{bone}") or "not described"
    return ", ".join(dict.fromkeys(words)) if isinstance(words, list) else str(words)


def _both_normal(mark: Mapping[str, Any]) -> bool:
    return all(_said(mark, bone) == "normal" and _corners(mark, bone) for bone in CORNERS)


def _corners(mark: Mapping[str, Any], bone: Bone) -> tuple[tuple[float, float], tuple[float, float]] | None:
    first, second = (mark.get(name) for name in CORNERS[bone])
    if not first or not second:
        return None
    return (float(first[0]), float(first[1])), (float(second[0]), float(second[1]))


@cache
def _read(path: str) -> Radiograph:
    from rickets_rx.io.read import read_radiograph

    return read_radiograph(Path(path))


def true_bones(folder: str, film: str) -> Iterator[TrueBone]:
    """Bones with both corners marked. A margin that the reader called normal has grade 0 for truth.

    Other margins keep the reader's word in ``said``; their grade is not known and no figure uses it.
    """
    mark, row = landmarks(folder)[film], _listed(folder).get(film, {})
    months = row.get("bone_age_months") or ""
    facts: Row = {"age_years": float(months) / 12} if months else {}
    for bone in CORNERS:
        corners = _corners(mark, bone)
        if corners is not None:
            said = _said(mark, bone)
            yield TrueBone(bone, Joint.WRIST, corners, None, 0.0, facts | {"said": said, "instance": 1})


def _painted(folder: str, film: str, painter: str, draw: int) -> tuple[Radiograph, list[TrueBone]]:
    """The film with both bones painted as one child's disease; no truth where a sound bone is not traced."""
    from rickets_rx.phantom import paint

    radiograph = _read(str(_paths(folder)[film]))
    seed = int(hashlib.sha256(f"{film} {painter} {draw}".encode()).hexdigest()[:8], 16)
    rng = np.random.default_rng((seed, 59))
    worst, truth = float(rng.uniform()), []
    sound = [(bone, _traced(folder, film, bone)) for bone in CORNERS]
    for number, (bone, metaphysis) in enumerate(sound):
        if metaphysis is None:
            return radiograph, []
        severity = float(np.clip(worst + rng.normal(0, 0.08), 0, 1))
        found = paint(radiograph, metaphysis, severity, 2 * seed + number, painter=painter)
        radiograph = found.radiograph
        facts = {"shifted": found.grade_shifted, "painter": painter, "instance": 1}
        truth.append(
            TrueBone(bone, Joint.WRIST, (found.corner1, found.corner2), found.severity, found.grade, facts)
        )
    return radiograph, truth


@cache
def _traced(folder: str, film: str, bone: Bone) -> Any:
    """The sound bone end at the reader's corners, None where tracing refuses it."""
    from rickets_rx.segment.candidate import BoneCandidate
    from rickets_rx.segment.metaphysis import Metaphysis
    from rickets_rx.segment.trace import trace

    mark = landmarks(folder)[film]
    corners = _corners(mark, bone)
    assert corners is not None
    across = np.subtract(corners[1], corners[0])
    normal = np.array([-across[1], across[0]])
    towards = np.array(mark["rm"], float) - np.mean([mark["ru"], mark["rr"]], axis=0)
    distal = normal if normal @ towards > 0 else -normal
    candidate = BoneCandidate(bone, *corners, (float(distal[0]), float(distal[1])), 1.0)
    found = trace(_read(str(_paths(folder)[film])), candidate)
    return found if isinstance(found, Metaphysis) else None
