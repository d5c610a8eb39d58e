"""Does disease lose bones? ``python benchmarks/segment_severity.py [WRISTS] [ELBOWS] [FOLDER [N]]``.

Phantoms never trained on, by severity and by bone: found, corner error, margin error and refusals. With
FOLDER (real films), N paintings of normal real bones by each painter, held against the same bones unpainted.
"""

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from segment_common import (
    FOUND,
    UNSEEN,
    corners_of,
    margin_error,
    nearest,
    ninety,
    percent,
    real_paths,
    scored,
    table,
    to_report,
)

from rickets_rx import phantom
from rickets_rx.features.common import even_margin
from rickets_rx.features.cupping import cupping_depth
from rickets_rx.grade.film_examples import TURN, moved
from rickets_rx.io.read import read_radiograph
from rickets_rx.phantom.painting import Painter, paint
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.pipeline import segment
from rickets_rx.vocabulary import Bone, Joint

LINES = ("corners, median and 90th percentile, %", "margin, median and 90th percentile, %")
Point = tuple[float, float]
"""x and y, pixels."""
Row = tuple[Bone, float, float, float]
"""Bone, severity, corner error and margin error in widths (inf where the bone was refused or lost)."""
Painted = tuple[float, float, float]
"""Corner, margin and cupping error in widths of a painted bone."""


def phantom_rows(joint: Joint, count: int) -> list[Row]:
    rows: list[Row] = []
    for i in range(count):
        film = phantom.sample(joint, UNSEEN + 10_000 + i, size_px=(450, 1000))
        if film.refuse is not None:
            continue
        found = scored(segment(film.radiograph()))
        for truth in to_report(film):
            best, corner = nearest(found, truth.bone, corners_of(truth))
            margin = np.inf
            if best is not None and corner < FOUND:
                frame = BoneFrame(truth.corner1, truth.corner2, truth.distal)
                margin = margin_error(best.margin, truth.margin, frame)
            rows.append((truth.bone, truth.severity, corner, margin))
    return rows


def summary(rows: list[Row]) -> tuple[object, ...]:
    """Bones, refused or not found at all, found within 10 %, medians and 90th percentiles of the found."""
    corner, margin = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    found, lost = corner < FOUND, int((~np.isfinite(corner)).sum())
    share = f"{100 * lost / max(len(rows), 1):.1f} %"
    errors = [f"{percent(e[found])}, {ninety(e[found])}" for e in (corner, margin)]
    return len(rows), f"{lost} ({share})", int(found.sum()), *errors


def by_severity(rows: list[Row]) -> list[tuple[object, ...]]:
    """Normal bones, diseased ones, and the fifths of all by severity that are not all normal."""
    order = sorted(rows, key=lambda r: r[1])
    parts = {"normal (0)": [r for r in rows if r[1] == 0], "diseased": [r for r in rows if r[1] > 0]}
    for k, part in enumerate(np.array_split(np.arange(len(order)), max(1, min(5, len(order)))), start=1):
        chosen = [order[i] for i in part]
        if chosen and chosen[-1][1] > 0:
            low, high = chosen[0][1], chosen[-1][1]
            parts[f"fifth {k} ({low:.2f}-{high:.2f})"] = chosen
    return [(name, *summary(part)) for name, part in parts.items()]


def painted_rows(folder: Path, count: int) -> dict[str, list[Painted]]:
    """Errors on real normal radii, painted by both painters, and on the same films only turned a little.

    What is true of a painted bone is the trace of the normal one, moved as it was painted.
    """
    paths = real_paths(folder, "wrist_cc_by", "infants", "wrist_research")
    rows: dict[str, list[Painted]] = defaultdict(list)
    for number, path in enumerate(paths[:: max(1, len(paths) // count)][:count]):
        film = read_radiograph(path)
        bones = [b for b in scored(segment(film)) if b.bone is Bone.RADIUS]
        if not bones or not bones[0].clean.all():
            continue
        bone = bones[0]
        rows[f"normal, turned by {TURN:.0f} degrees"].append(_turned(film, bone))
        for painter in Painter:
            for severity in (0.25, 0.5, 0.75, 1.0):
                done = paint(film, bone, severity, number, painter=painter)
                truth = _true(bone, done.corner1, done.corner2, bone.frame.distal, done.margin)
                rows[f"{painter}, severity {severity}"].append(_errors(done.radiograph, truth))
    return rows


def _turned(film: Radiograph, bone: Metaphysis) -> Painted:
    """Errors on the film turned about the bone, held against its trace before."""
    centre = (float(bone.frame.origin[0]), float(bone.frame.origin[1]))
    turn = np.array(cv2.getRotationMatrix2D(centre, TURN, 1.0), np.float64)
    places = np.vstack([bone.corner1, bone.corner2, bone.margin])
    again, places, distal = moved(film, places, bone.frame.distal, turn)
    one, other = ((float(x), float(y)) for x, y in places[:2])
    return _errors(again, _true(bone, one, other, distal, places[2:]))


def _true(bone: Metaphysis, one: Point, other: Point, distal: Point, margin: np.ndarray) -> Metaphysis:
    """The bone where it now lies."""
    clean = np.ones(len(margin), bool)
    return replace(bone, frame=BoneFrame(one, other, distal), margin=margin, clean=clean)


def _errors(film: Radiograph, true: Metaphysis) -> Painted:
    best, corner = nearest(scored(segment(film)), Bone.RADIUS, np.array([true.corner1, true.corner2]))
    if best is None:
        return np.inf, np.inf, np.inf
    depths = [cupping_depth(even_margin(bone)) for bone in (best, true)]
    return corner, margin_error(best.margin, true.margin, true.frame), abs(depths[0] - depths[1])


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:3]] + [120, 60][len(sys.argv[1:3]) :]
    head = ("bones", "n", "refused or lost", "found within 10 %", *LINES)
    for joint, count in zip(Joint, numbers, strict=True):
        rows = phantom_rows(joint, count)
        bones = dict.fromkeys(r[0] for r in rows)
        parts = [(str(bone), *summary([r for r in rows if r[0] is bone])) for bone in bones]
        sys.stdout.write(f"\n{joint}\n\n" + table(head, parts + by_severity(rows)))
    if len(sys.argv) > 3:
        count = int(sys.argv[4]) if len(sys.argv) > 4 else 20
        painted = painted_rows(Path(sys.argv[3]), count)
        lines = [_painted_line(name, values) for name, values in painted.items()]
        names = ("painted radii", "n", "lost", *LINES, "cup depth, median %")
        sys.stdout.write("\n" + table(names, lines))


def _painted_line(name: str, values: list[Painted]) -> tuple[object, ...]:
    corner, margin, cup = np.array(values).T
    kept = corner < FOUND
    errors = [f"{percent(e[kept])}, {ninety(e[kept])}" for e in (corner, margin)]
    return name, len(values), int((~kept).sum()), *errors, percent(cup[kept])


if __name__ == "__main__":
    main()
