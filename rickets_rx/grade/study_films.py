"""The part of the study that rests on real films: painted rickets, repeated takes, normals.

Films are those of ``landmarks.json``: normal bones by a reader's word. Painted and repeated bones start from
the reader's corners; normals go through the whole pipeline.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rickets_rx.grade.calibrate import Prediction, predictions
from rickets_rx.grade.examples import Example
from rickets_rx.grade.real_bones import KEYS, LICENSED, RealBone, real_bones
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.study_lines import Line, at_least, at_most, rank_correlation, share
from rickets_rx.vocabulary import Bone, Method, RefusalReason

Said = BoneGrade | RefusalReason

# Age bands of the normals, years of bone age.
AGE_BANDS = ((0, 2), (2, 6), (6, 10), (10, 20))
TAKES = 6


def painted_lines(name: str, found: Sequence[Example], method: Method) -> list[Line]:
    """Rickets painted on normal films that no training saw, by one painter."""
    group = f"painted films ({name} painter)"
    graded = predictions(found, method)
    truth = np.array([p.truth for p in graded])
    said = np.array([p.severity for p in graded])
    grades = np.array([p.grade.grade for p in graded])
    near = np.abs(grades - np.array([p.example.grade for p in graded])) <= 0.5
    inside = np.array([p.low <= p.truth <= p.high for p in graded])
    return [
        Line(group, "painted bones, not graded", f"{len(found)}, {len(found) - len(graded)}"),
        at_least(group, "Spearman of severity, all", rank_correlation(said.tolist(), truth.tolist()), 0.85),
        at_least(group, "Spearman within a film, mean", _within(graded, lambda p: p.example.child), 0.95),
        at_least(
            group,
            "Spearman within a bone, mean",
            _within(graded, lambda p: (p.example.child, p.example.bone)),
        ),
        share(group, "within half a grade of the painted grade", int(near.sum()), len(near)),
        at_least(group, "severity interval covers", float(inside.mean())),
        Line(group, "mean width of that interval", f"{np.mean([p.high - p.low for p in graded]):.2f}"),
        Line(group, "mean of said less painted severity", f"{np.mean(said - truth):+.3f}"),
    ]


def _within(graded: Sequence[Prediction], key) -> float:  # type: ignore[no-untyped-def]
    """Mean Spearman over groups of more than three bones."""
    groups: dict[object, list[Prediction]] = {}
    for p in graded:
        groups.setdefault(key(p), []).append(p)
    rho = [
        rank_correlation([p.severity for p in mine], [p.truth for p in mine])
        for mine in groups.values()
        if len(mine) > 3
    ]
    return float(np.nanmean(rho))


def repeat_lines(name: str, found: Sequence[Example], method: Method, flips_aim: float) -> list[Line]:
    """The same bone taken again: noisier, brighter, turned, at 0.8 of the scale, corners moved."""
    group = f"repeatability, {name}"
    takes = {(p.example.child, p.example.joint): p for p in predictions(found, method)}
    pairs: list[tuple[Prediction, Prediction]] = []
    spreads, lost = [], 0
    for (child, number), first in takes.items():
        if number % TAKES == 0:
            again = [takes.get((child, number + take)) for take in range(1, TAKES)]
            seen = [p for p in again if p is not None]
            lost += len(again) - len(seen)
            pairs += [(first, p) for p in seen]
            spreads.append(float(np.std([first.severity, *(p.severity for p in seen)])))
    moved = np.array([abs(a.grade.grade - b.grade.grade) for a, b in pairs])
    kept = [a.low <= b.severity <= a.high for a, b in pairs]
    same = [a.grade.grade_low <= b.grade.grade <= a.grade.grade_high for a, b in pairs]
    return [
        Line(group, "bones, repeats, repeats lost", f"{len(spreads)}, {len(pairs)}, {lost}"),
        at_most(group, "SD of severity within a bone, mean", float(np.mean(spreads)), 0.03),
        at_most(group, "half-grade flips, share", float(np.mean(moved >= 0.5)), flips_aim),
        at_most(group, "full-grade flips, share", float(np.mean(moved >= 1)), 0.01),
        at_least(group, "new severity inside the old interval, share", float(np.mean(kept))),
        at_least(group, "new grade inside the old interval, share", float(np.mean(same)), 0.95),
    ]


def normal_lines(folder: Path, method: Method) -> tuple[list[Line], str]:
    """Normal bones through the whole pipeline, and a table of those that are not normal or not graded.

    A bone without a grade counts against it.
    """
    bones = list(real_bones(folder))
    said = pipeline_grades(bones, method)
    group = "real normals, whole pipeline"
    lines = _normal_shares(group, "both bones", [b for b in bones if b.normal], said)
    for bone in KEYS:
        lines += _normal_shares(group, bone.value, [b for b in bones if b.normal and b.bone is bone], said)
    free = [b for b in bones if b.normal and not b.licensed]
    lines += _normal_shares(group, f"without {LICENSED}", free, said)
    for low, high in AGE_BANDS:
        mine = [b for b in bones if b.normal and b.age is not None and low <= b.age < high]
        lines += _normal_shares(group, f"bone age {low}-{high} years", mine, said)[:1]
    stems = dict.fromkeys(b.stem for b in bones)
    wrists = [[said.get((stem, bone)) for bone in KEYS] for stem in stems if _both_normal(stem, bones)]
    sums = [[g.grade for g in both if isinstance(g, BoneGrade)] for both in wrists]
    high_sums = sum(len(both) == 2 and sum(both) >= 1.5 for both in sums)
    lines.append(at_most(group, "normal wrists with a sum of 1.5 or more", high_sums, 0, 0))
    return lines, _abnormal(bones, said, method)


def pipeline_grades(bones: Sequence[RealBone], method: Method) -> dict[tuple[str, Bone], Said]:
    """What the whole pipeline says of every film's first joint: a grade, or why there is none."""
    from rickets_rx.score import BoneScore, score_radiograph

    said: dict[tuple[str, Bone], Said] = {}
    films = {bone.stem: bone for bone in bones}
    for stem, one in films.items():
        for joint in score_radiograph(one.film(), method).joints[:1]:
            for score in joint.bones:
                if isinstance(score, BoneScore):
                    said[stem, score.metaphysis.bone] = score.grade
                else:
                    said[stem, score.bone] = score.refusal.reason
    return said


def _abnormal(bones: Sequence[RealBone], said: dict[tuple[str, Bone], Said], method: Method) -> str:
    """A table of the bones that are not normal, and of those that are but got no grade."""
    table = f"## Real bones that a reader did not call normal, or that got no grade, {method}\n"
    table += "| film | bone | reader | grade | interval | flags |\n| --- | --- | --- | --- | --- | --- |\n"
    for b in bones:
        grade = said.get((b.stem, b.bone), "not found")
        if b.normal and isinstance(grade, BoneGrade):
            continue
        words = f"none: {grade} | | "
        if isinstance(grade, BoneGrade):
            words = f"{grade.grade:g} | {grade.grade_low:g}-{grade.grade_high:g} | {' '.join(grade.flags)}"
        table += f"| {b.stem} | {b.bone} | {b.said} | {words} |\n"
    return table


def _both_normal(stem: str, bones: Sequence[RealBone]) -> bool:
    return sum(b.normal for b in bones if b.stem == stem) == 2


def _normal_shares(
    group: str, name: str, mine: Sequence[RealBone], said: dict[tuple[str, Bone], Said]
) -> list[Line]:
    grades = [g.grade for b in mine if isinstance(g := said.get((b.stem, b.bone)), BoneGrade)]
    return [
        share(group, f"{name}: grade 0", sum(g == 0 for g in grades), len(mine), 0.90),
        share(group, f"{name}: grade 0 or 0.5", sum(g <= 0.5 for g in grades), len(mine), 0.97),
        at_most(group, f"{name}: grade 1.5 or more", sum(g >= 1.5 for g in grades), 0, 0),
    ]
