"""The part of the study that needs real films: normals, painted rickets, repeatability.

Films are those of ``landmarks.json``: normal bones by a reader's word. Painted and repeated bones start from
the reader's corners; normals go through the whole pipeline.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rickets_rx.features import measure_all
from rickets_rx.grade.classical import grade_bone
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.study import Line, at_least, at_most, rank_correlation, share
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace import trace
from rickets_rx.vocabulary import Bone

KEYS = {Bone.RADIUS: ("ru", "rr", "rm"), Bone.ULNA: ("uu", "ur", "um")}
PLACE_ERROR = 0.03
SEVERITIES = np.linspace(0.0, 1.0, 8)
# Films that are painted: the first so many by name; each gives two bones, two painters, eight severities.
PAINTED_FILMS = 5
# Age bands of the normals, years of bone age.
AGE_BANDS = ((0, 2), (2, 6), (6, 10), (10, 20))


@dataclass(frozen=True, eq=False)
class RealBone:
    """One bone of a real film as a reader marked it."""

    stem: str
    folder: str
    bone: Bone
    corners: np.ndarray
    distal: tuple[float, float]
    normal: bool
    said: str
    age: float | None


def film_lines(folder: Path) -> tuple[list[Line], str]:
    """Lines of the table, and a table of the bones that are not normal."""
    from rickets_rx.io.read import read_radiograph

    paths = {path.stem: path for path in sorted(folder.rglob("*.png"))}
    bones = list(real_bones(folder))
    films = {stem: read_radiograph(paths[stem]) for stem in dict.fromkeys(b.stem for b in bones)}
    normals, table = normal_lines(bones, films)
    sound = [bone for bone in bones if bone.normal]
    return [*normals, *painted_lines(sound, films), *repeat_lines(sound, films)], table


def real_bones(folder: Path) -> Iterator[RealBone]:
    """Every bone with both corners in ``landmarks.json``."""
    import csv

    truth = json.loads((folder / "landmarks.json").read_text(encoding="utf-8"))
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as handle:
        rows = {Path(row["file"]).stem: row for row in csv.DictReader(handle)}
    for stem, mark in truth.items():
        for bone, names in KEYS.items():
            if not stem.startswith("_") and mark.get(names[0]) and mark.get(names[1]) and mark.get("rm"):
                yield _real_bone(stem, rows.get(stem, {}), mark, bone)


def _real_bone(stem: str, row: dict[str, str], mark: dict[str, Any], bone: Bone) -> RealBone:
    corners = np.array([mark[name] for name in KEYS[bone][:2]], float)
    across = corners[1] - corners[0]
    towards = np.array(mark["rm"], float) - (np.array(mark["ru"], float) + np.array(mark["rr"], float)) / 2
    normal = np.array([-across[1], across[0]])
    normal = normal if normal @ towards > 0 else -normal
    said = mark.get(f"margin_{bone}")
    words = said if isinstance(said, list) else [said]
    months = row.get("bone_age_months", "")
    return RealBone(
        stem, row.get("file", "").split("/")[0], bone, corners, (float(normal[0]), float(normal[1])),
        all(word == "normal" for word in words), ", ".join(map(str, words)),
        float(months) / 12 if months else None,
    )  # fmt: skip


def normal_lines(bones: list[RealBone], films: dict[str, Radiograph]) -> tuple[list[Line], str]:
    """Normal bones through the whole pipeline; a bone without a grade counts against it."""
    from rickets_rx.score import score_radiograph

    said: dict[tuple[str, Bone], BoneGrade] = {}
    for stem, film in films.items():
        for joint in score_radiograph(film).joints[:1]:
            for bone in KEYS:
                score = joint.graded(bone)
                if score is not None:
                    said[stem, bone] = score.grade
    group = "real normals, whole pipeline"
    lines = []
    lines += _normal_shares(group, "both bones", [b for b in bones if b.normal], said)
    for bone in KEYS:
        lines += _normal_shares(group, bone.value, [b for b in bones if b.normal and b.bone is bone], said)
    for low, high in AGE_BANDS:
        mine = [b for b in bones if b.normal and b.age is not None and low <= b.age < high]
        lines += _normal_shares(group, f"bone age {low}-{high} years", mine, said)[:1]
    wrists = [[said.get((stem, bone)) for bone in KEYS] for stem in films if _both_normal(stem, bones)]
    high_sums = sum(1 for w in wrists if None not in w and sum(g.grade for g in w if g) >= 1.5)
    lines.append(at_most(group, "normal wrists with a sum of 1.5 or more", high_sums, 0, 0))
    table = "## Real bones that a reader did not call normal\n| film | bone | reader | grade | interval |\n"
    table += "| --- | --- | --- | --- | --- |\n"
    for b in (b for b in bones if not b.normal):
        grade = said.get((b.stem, b.bone))
        words = "none | " if grade is None else f"{grade.grade:g} | {grade.grade_low:g}-{grade.grade_high:g}"
        table += f"| {b.stem} | {b.bone} | {b.said} | {words} |\n"
    return lines, table


def _both_normal(stem: str, bones: list[RealBone]) -> bool:
    return sum(b.normal for b in bones if b.stem == stem) == 2


def _normal_shares(
    group: str, name: str, mine: list[RealBone], said: dict[tuple[str, Bone], BoneGrade]
) -> list[Line]:
    grades = [g.grade for b in mine if (g := said.get((b.stem, b.bone))) is not None]
    return [
        share(group, f"{name}: grade 0", sum(g == 0 for g in grades), len(mine), 0.90),
        share(group, f"{name}: grade 0 or 0.5", sum(g <= 0.5 for g in grades), len(mine), 0.97),
        at_most(group, f"{name}: grade 1.5 or more", sum(g >= 1.5 for g in grades), 0, 0),
    ]


def traced(
    film: Radiograph, bone: Bone, corners: np.ndarray, distal: tuple[float, float]
) -> Metaphysis | None:
    """The bone end at given corners, None where tracing refuses it."""
    one, other = ((float(x), float(y)) for x, y in corners)
    found = trace(film, BoneCandidate(bone, one, other, distal, 1.0))
    return found if isinstance(found, Metaphysis) else None


def graded_at(
    film: Radiograph, bone: Bone, corners: np.ndarray, distal: tuple[float, float]
) -> BoneGrade | None:
    """Grade of the bone end at given corners."""
    found = traced(film, bone, corners, distal)
    return None if found is None else grade_bone(found, measure_all(film, found))


def painted_lines(bones: list[RealBone], films: dict[str, Radiograph]) -> list[Line]:
    """Rickets painted on normal films that carry no training licence, by both painters."""
    from rickets_rx.phantom import Painter

    free = [b for b in bones if b.folder != "wrist_cc_by"]
    chosen = sorted({b.stem for b in free})[:PAINTED_FILMS]
    lines = []
    for painter in Painter:
        group = f"painted films ({painter})"
        pairs: dict[str, list[tuple[float, float]]] = {}
        lost = count = 0
        for i, b in enumerate(b for b in free if b.stem in chosen):
            sound = traced(films[b.stem], b.bone, b.corners, b.distal)
            if sound is None:
                continue
            for k, severity in enumerate(SEVERITIES):
                count += 1
                grade = _painted_grade(films[b.stem], sound, float(severity), 8 * i + k, painter)
                if grade is None:
                    lost += 1
                else:
                    pairs.setdefault(b.stem, []).append(grade)
        flat = np.array([pair for film in pairs.values() for pair in film])
        within = [rank_correlation(*zip(*film, strict=True)) for film in pairs.values() if len(film) > 3]
        near = np.abs(grades_of(flat[:, 1]) - grades_of(flat[:, 0])) <= 0.5
        lines += [
            Line(group, "painted bones, not graded", f"{count}, {lost}"),
            at_least(
                group, "Spearman of severity, all", rank_correlation(list(flat[:, 0]), list(flat[:, 1])), 0.85
            ),
            at_least(group, "Spearman within a film, mean", float(np.nanmean(within)), 0.95),
            share(group, "within half a grade of the painted grade", int(near.sum()), len(near)),
        ]
    return lines


def grades_of(severity: np.ndarray) -> np.ndarray:
    """Grades of many severities."""
    return np.floor(severity * 4 + 0.5) / 2


def _painted_grade(
    film: Radiograph, sound: Metaphysis, severity: float, seed: int, painter: Any
) -> tuple[float, float] | None:
    """(painted, said) severity of one painted bone; the search's error is put on its corners."""
    from rickets_rx.phantom import paint

    painted = paint(film, sound, severity, seed, painter=painter)
    corners = np.array([painted.corner1, painted.corner2])
    width = float(np.hypot(*(corners[1] - corners[0])))
    shake = np.random.default_rng((seed, 41)).normal(0, PLACE_ERROR * width, (2, 2))
    axis = (float(sound.frame.axis[0]), float(sound.frame.axis[1]))
    grade = graded_at(painted.radiograph, sound.bone, corners + shake, axis)
    return None if grade is None else (painted.severity, grade.severity)


def repeat_lines(bones: list[RealBone], films: dict[str, Radiograph]) -> list[Line]:
    """The same normal bone taken again: re-noised, brighter, turned, at 0.8 of the scale, corners moved."""
    group = "repeatability, real normals"
    spreads, flips, full, kept, lost = [], 0, 0, 0, 0
    total = 0
    for i, b in enumerate(bones):
        first = graded_at(films[b.stem], b.bone, b.corners, b.distal)
        if first is None:
            continue
        again = [
            graded_at(film, b.bone, corners, distal) for film, corners, distal in retaken(films[b.stem], b, i)
        ]
        seen = [grade for grade in again if grade is not None]
        lost += len(again) - len(seen)
        total += len(seen)
        flips += sum(abs(g.grade - first.grade) >= 0.5 for g in seen)
        full += sum(abs(g.grade - first.grade) >= 1 for g in seen)
        kept += sum(first.severity_low <= g.severity <= first.severity_high for g in seen)
        spreads.append(float(np.std([first.severity, *(g.severity for g in seen)])))
    return [
        Line(group, "bones, repeats, repeats lost", f"{len(spreads)}, {total}, {lost}"),
        at_most(group, "SD of severity within a bone, mean", float(np.mean(spreads)), 0.03),
        at_most(group, "half-grade flips, share", flips / total, 0.05),
        at_most(group, "full-grade flips, share", full / total, 0.01),
        at_least(group, "new severity inside the old interval, share", kept / total, 0.95),
    ]


def retaken(
    film: Radiograph, bone: RealBone, seed: int
) -> Iterator[tuple[Radiograph, np.ndarray, tuple[float, float]]]:
    """Five other takes of one film with the corners and direction on each."""
    rng = np.random.default_rng((seed, 43))
    pixels, corners, distal = film.pixels, bone.corners, bone.distal
    contrast = float(np.subtract(*np.percentile(pixels, (95, 5))))
    width = float(np.hypot(*(corners[1] - corners[0])))
    noise = rng.normal(0, 0.01 * contrast, pixels.shape).astype(np.float32)
    yield replace(film, pixels=pixels + noise), corners, distal
    low = float(pixels.min())
    yield (
        replace(film, pixels=low + contrast * ((pixels - low) / contrast) ** np.float32(1.2)),
        corners,
        distal,
    )
    yield _moved(film, corners, distal, cv2.getRotationMatrix2D(tuple(corners.mean(axis=0)), 7.0, 1.0))
    small = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.5), np.float32)
    scale = np.array([[0.8, 0, 0], [0, 0.8, 0]])
    yield _moved(replace(film, pixels=small), corners, distal, scale)
    yield film, corners + rng.normal(0, PLACE_ERROR * width, (2, 2)), distal


def _moved(
    film: Radiograph, corners: np.ndarray, distal: tuple[float, float], matrix: np.ndarray
) -> tuple[Radiograph, np.ndarray, tuple[float, float]]:
    size = film.pixels.shape[::-1]
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    out = (max(8, round(size[0] * min(scale, 1))), max(8, round(size[1] * min(scale, 1))))
    moved = cv2.warpAffine(film.pixels, matrix, out, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    turned = matrix[:, :2] @ np.asarray(distal)
    place = corners @ matrix[:, :2].T + matrix[:, 2]
    return replace(film, pixels=np.asarray(moved, np.float32)), place, (float(turned[0]), float(turned[1]))
