"""Does disease lose bones? ``python benchmarks/segment_severity.py [WRISTS] [ELBOWS] [FOLDER [N]]``.

Phantoms never trained on, by severity and by bone: found, corner error, margin error and refusals. With
FOLDER (real films), N paintings of normal real bones by each painter, held against the same bones unpainted.
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from segment_common import (
    FOUND,
    UNSEEN,
    corners_of,
    margin_error,
    nearest,
    percent,
    real_paths,
    scored,
    table,
    to_report,
)

from rickets_rx import phantom
from rickets_rx.features.common import even_margin
from rickets_rx.features.cupping import cupping_depth
from rickets_rx.io.read import read_radiograph
from rickets_rx.phantom.painting import Painter, paint
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.pipeline import segment
from rickets_rx.vocabulary import Bone, Joint

Row = tuple[Bone, float, float, float]
"""Bone, severity, corner error and margin error in widths (inf where the bone was refused or lost)."""


def phantom_rows(joint: Joint, count: int) -> list[Row]:
    rows: list[Row] = []
    for i in range(count):
        film = phantom.sample(joint, UNSEEN + 10_000 + i, size_px=(450, 1000))
        if film.refuse is not None:
            continue
        found = scored(segment(film.radiograph()))
        for truth in to_report(film):
            best, corner = nearest(found, truth.bone, corners_of(truth))
            margin = margin_error(best.margin, truth) if best is not None and corner < FOUND else np.inf
            rows.append((truth.bone, truth.severity, corner, margin))
    return rows


def summary(rows: list[Row]) -> tuple[object, ...]:
    """Bones, refused or not found at all, found within 10 %, medians of the found."""
    corner, margin = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    found, lost = corner < FOUND, int((~np.isfinite(corner)).sum())
    share = f"{100 * lost / max(len(rows), 1):.1f} %"
    return len(rows), f"{lost} ({share})", int(found.sum()), percent(corner[found]), percent(margin[found])


def by_severity(rows: list[Row]) -> list[tuple[object, ...]]:
    """Normal bones, diseased ones, and the fifths of all by severity that are not all normal."""
    order = sorted(rows, key=lambda r: r[1])
    parts = {"normal (0)": [r for r in rows if r[1] == 0], "diseased": [r for r in rows if r[1] > 0]}
    for k, part in enumerate(np.array_split(np.arange(len(order)), min(5, len(order))), start=1):
        chosen = [order[i] for i in part]
        low, high = chosen[0][1], chosen[-1][1]
        if high > 0:
            parts[f"fifth {k} ({low:.2f}-{high:.2f})"] = chosen
    return [(name, *summary(part)) for name, part in parts.items()]


def painted_rows(folder: Path, count: int) -> dict[str, list[tuple[float, float]]]:
    """Corner and cupping error in widths of real normal radii, painted by both painters."""
    paths = real_paths(folder, "wrist_cc_by", "infants", "wrist_research")
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number, path in enumerate(paths[:: max(1, len(paths) // count)][:count]):
        film = read_radiograph(path)
        bones = [b for b in scored(segment(film)) if b.bone is Bone.RADIUS]
        if not bones or not bones[0].clean.all():
            continue
        for painter in Painter:
            for severity in (0.25, 0.5, 0.75, 1.0):
                done = paint(film, bones[0], severity, number, painter=painter)
                corners = np.array([done.corner1, done.corner2])
                best, error = nearest(scored(segment(done.radiograph)), Bone.RADIUS, corners)
                rows[f"{painter}, severity {severity}"].append((error, _cup_error(best, done.cupping)))
    return rows


def _cup_error(bone: Metaphysis | None, truth: float) -> float:
    return np.inf if bone is None else abs(cupping_depth(even_margin(bone)) - truth)


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:3]] + [120, 60][len(sys.argv[1:3]) :]
    head = ("bones", "n", "refused or lost", "found within 10 %", "corners, median %", "margin, median %")
    for joint, count in zip(Joint, numbers, strict=True):
        rows = phantom_rows(joint, count)
        bones = dict.fromkeys(r[0] for r in rows)
        parts = [(str(bone), *summary([r for r in rows if r[0] is bone])) for bone in bones]
        sys.stdout.write(f"\n{joint}\n\n" + table(head, parts + by_severity(rows)))
    if len(sys.argv) > 3:
        count = int(sys.argv[4]) if len(sys.argv) > 4 else 20
        painted = painted_rows(Path(sys.argv[3]), count)
        lines = [_painted_line(name, values) for name, values in painted.items()]
        names = ("painted radii", "n", "lost", "corners, median %", "cup depth, median %")
        sys.stdout.write("\n" + table(names, lines))


def _painted_line(name: str, values: list[tuple[float, float]]) -> tuple[object, ...]:
    corner, cup = np.array(values).T
    kept = corner < FOUND
    return name, len(values), int((~kept).sum()), percent(corner[kept]), percent(cup[kept])


if __name__ == "__main__":
    main()
