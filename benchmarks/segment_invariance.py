"""Do the corners follow the film? ``python benchmarks/segment_invariance.py FOLDER [EVERY]``.

Every real wrist of FOLDER (each EVERY-th) is turned, mirrored, inverted, brightened, scaled, cropped and
compressed, written as a file, read and segmented again. Only bones at least 60 px wide after the change
count; the figure is how far the worse corner lies from where the change puts it, in widths: no truth needed.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from segment_common import FOUND, ninety, percent, real_paths, scored, table

from rickets_rx.io.read import read_radiograph
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.pipeline import segment

NARROWEST = 60.0
Changed = tuple[np.ndarray, np.ndarray]
"""Pixels, uint8, and the 2 x 3 map that takes film points there."""
KEEP = np.array([[1.0, 0, 0], [0, 1, 0]])


def turned(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
    rows, columns = grey.shape
    middle, angle = ((columns - 1) / 2, (rows - 1) / 2), float(rng.uniform(-180, 180))
    matrix = np.array(cv2.getRotationMatrix2D(middle, angle, 1.0), np.float64)
    reach = np.abs(matrix[:, :2]) @ [columns, rows]
    matrix[:, 2] += (reach - [columns, rows]) / 2
    size = (round(float(reach[0])), round(float(reach[1])))
    fill = float(np.percentile(grey, 1))
    return cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_CUBIC, borderValue=fill), matrix


def mirrored(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
    return np.ascontiguousarray(grey[:, ::-1]), np.array([[-1.0, 0, grey.shape[1] - 1], [0, 1, 0]])


def inverted(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
    return 255 - grey, KEEP


def gamma(power: float) -> Callable[..., Changed]:
    def change(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
        return np.round(255 * (grey / 255.0) ** power).astype(np.uint8), KEEP

    return change


def scaled(factor: float) -> Callable[..., Changed]:
    def change(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=way)
        sx, sy = small.shape[1] / grey.shape[1], small.shape[0] / grey.shape[0]
        return small, np.array([[sx, 0, 0.5 * sx - 0.5], [0, sy, 0.5 * sy - 0.5]])

    return change


def cropped(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
    points = np.array([c for b in bones for c in (b.corner1, b.corner2)])
    reach = 1.5 * max(b.frame.width for b in bones)
    low = np.maximum(np.floor(points.min(0) - reach), 0).astype(int)
    high = np.ceil(points.max(0) + reach).astype(int)
    part = grey[low[1] : high[1], low[0] : high[0]]
    return np.ascontiguousarray(part), np.array([[1.0, 0, -low[0]], [0, 1, -low[1]]])


def squeezed(grey: np.ndarray, bones: list[Metaphysis], rng: np.random.Generator) -> Changed:
    stored = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE)), KEEP


CHANGES: dict[str, Callable[..., Changed]] = {
    "turned by any angle": turned,
    "mirrored": mirrored,
    "inverted": inverted,
    "gamma 0.5": gamma(0.5),
    "gamma 2": gamma(2.0),
    "scale 0.5": scaled(0.5),
    "scale 2": scaled(2.0),
    "cropped to 1.5 widths": cropped,
    "JPEG 60": squeezed,
}


def moves(before: list[Metaphysis], after: list[Metaphysis], matrix: np.ndarray) -> list[float]:
    """Per bone that is wide enough after the change, the move of its worse corner in widths (inf = lost)."""
    out = []
    for bone in before:
        corners = np.array([bone.corner1, bone.corner2]) @ matrix[:, :2].T + matrix[:, 2]
        width = float(np.hypot(*(corners[1] - corners[0])))
        if width < NARROWEST:
            continue
        found = [b for b in after if b.bone is bone.bone]
        apart = [np.array([b.corner1, b.corner2]) - corners for b in found]
        out.append(min((float(np.hypot(*a.T).max()) / width for a in apart), default=np.inf))
    return out


def main() -> None:
    folder, every = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    paths = real_paths(folder, "wrist_cc_by", "infants", "landmarked", "wrist_research")[::every]
    moved: dict[str, list[float]] = {name: [] for name in CHANGES}
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            film = read_radiograph(path)
            before, grey = scored(segment(film)), film.shown()
            for number, (name, change) in enumerate(CHANGES.items()):
                if not before:
                    continue
                rng = np.random.default_rng((number, len(path.stem), *path.stem.encode()))
                pixels, matrix = change(grey, before, rng)
                file = Path(scratch) / f"{path.stem}.png"
                cv2.imwrite(str(file), pixels)
                moved[name] += moves(before, scored(segment(read_radiograph(file))), matrix)
    rows = []
    for name, values in moved.items():
        kept = np.array([m for m in values if m < FOUND])
        lost = len(values) - len(kept)
        share = f"{100 * lost / max(len(values), 1):.1f}"
        rows.append((name, len(values), percent(kept), ninety(kept), f"{lost} ({share} %)"))
    head = ("change", "bones", "median move, % of the width", "90th percentile", "lost or over 10 %")
    sys.stdout.write(table(head, rows))


if __name__ == "__main__":
    main()
