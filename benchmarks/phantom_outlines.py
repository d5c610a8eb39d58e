"""Outlines of a hand's bones, read off films by eye: the table behind the hands of phantoms.

    python benchmarks/phantom_outlines.py FOLDER ../shared/radiographs OUT.csv

FOLDER holds one JSON a film: ``film``, ``age_years`` (bone age), ``side``, ``axes`` (``radius``: middle of
the margin and a point behind it) and ``outlines``, closed polygons in film pixels by bone. Each outline is
brought to a left hand in widths of the radius's metaphysis (read by the package's own tracing, by eye where
``axes`` has ``radius_corners``), the hand turned so that its third metacarpal points straight ahead, and
walked round in 48 steps that lie on the same places of the bone in every film (shafts and epiphyses from
base to head on either side, carpals by warping each film's walk to that of the next older film).
"""

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.io.read import read_radiograph
from rickets_rx.phantom.hand_atlas import CARPALS, area_of, shaft_name
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.pipeline import segment
from rickets_rx.vocabulary import Bone

FloatArray = npt.NDArray[np.float64]
POINTS = 48
NEEDED = {"capitate", "hamate", "metacarpal_2", "metacarpal_3", "metacarpal_4"}
HARMONICS = 5
"""A carpal's outline keeps so many: notches and ticks where two bones overlap are slips of the tracing."""
HOLLOW = 0.06
"""A carpal's hollow deeper than this, widths, keeps 0.4 of the excess: hooks are slips of the tracing too."""
PIVOT = 0.26
"""Where the hand turns on the forearm, widths beyond the margin of the radius."""


def radius_width(folder: Path, film: dict[str, Any]) -> float:
    """Width of the radius's metaphysis, pixels."""
    if "radius_corners" in film["axes"]:
        a, b = np.asarray(film["axes"]["radius_corners"], float)
        return float(np.hypot(*(b - a)))
    found = segment(read_radiograph(folder / film["film"]))
    bones = [b for joint in found.instances for b in joint.bones if isinstance(b, Metaphysis)]
    at = np.asarray(film["axes"]["radius"][0])
    near = [b for b in bones if b.bone is Bone.RADIUS]
    if not near:
        raise ValueError(f"no radius found on {film['film']}: state radius_corners")
    best = min(near, key=lambda b: np.hypot(*(np.add(b.corner1, b.corner2) / 2 - at)))
    return float(np.hypot(*np.subtract(best.corner2, best.corner1)))


def walked(points: FloatArray, start: FloatArray, middle: FloatArray) -> FloatArray:
    """A closed outline in `POINTS` steps, the first next to ``start``, the half-way one next to ``middle``;
    it runs counter-clockwise in axes x right, y up (first along the side of the thumb)."""
    fine = _even(np.vstack([points, points[:1]]), 720)[:-1]
    x, y = fine.T
    if np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) < 0:
        fine = fine[::-1]
    first = int(np.argmin(np.hypot(*(fine - start).T)))
    fine = np.roll(fine, -first, axis=0)
    half = int(np.argmin(np.hypot(*(fine - middle).T)))
    one = _even(fine[: half + 1], POINTS // 2 + 1)[:-1]
    two = _even(np.vstack([fine[half:], fine[:1]]), POINTS // 2 + 1)[:-1]
    return np.vstack([one, two])


def _even(line: FloatArray, n: int) -> FloatArray:
    """n points evenly along an open line, its ends among them."""
    way = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, way[-1], n)
    return np.stack([np.interp(at, way, line[:, k]) for k in (0, 1)], axis=1)


def ends(points: FloatArray, axis: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where a line along ``axis`` through the middle of an outline enters and leaves it."""
    fine = _even(np.vstack([points, points[:1]]), 720)[:-1]
    unit = axis / np.hypot(*axis)
    across = np.array([unit[1], -unit[0]])
    away = fine - centre(points)
    off, along = np.abs(away @ across), away @ unit
    low = np.where(along < 0, off, np.inf)
    high = np.where(along > 0, off, np.inf)
    return fine[int(low.argmin())], fine[int(high.argmin())]


def centre(points: FloatArray) -> FloatArray:
    """Middle of the area of a closed outline."""
    x, y = points.T
    xn, yn = np.roll(points, -1, axis=0).T
    cross = x * yn - xn * y
    return np.array([((x + xn) * cross).sum(), ((y + yn) * cross).sum()]) / (3 * cross.sum())


def shaft_axis(points: FloatArray) -> FloatArray:
    """Long axis of a shaft, from its base to its head (bases look to the wrist, at -y)."""
    fine = _even(np.vstack([points, points[:1]]), 720)[:-1]
    axis = np.linalg.svd(fine - fine.mean(0), full_matrices=False)[2][0]
    axis = axis if axis[1] > 0 else -axis
    for _ in range(2):
        base, head = ends(points, axis)
        axis = head - base
    return axis


def local(points: FloatArray, origin: FloatArray, axis: FloatArray) -> FloatArray:
    """Points in a frame of its own: x across (to the right of the axis), s along it."""
    unit = axis / np.hypot(*axis)
    return (points - origin) @ np.array([[unit[1], unit[0]], [-unit[0], unit[1]]])


def warped(points: FloatArray, like: FloatArray) -> FloatArray:
    """A walk round the same bone that keeps step with ``like``: cyclic alignment, then dynamic warping."""
    fine = _even(np.vstack([points, points[:1]]), 4 * POINTS + 1)[:-1]
    model = like - centre(like)
    own = (fine - centre(fine)) * np.sqrt(area_of(like) / area_of(fine))
    lead, follow = _bearing(model), _bearing(own)
    gaps = [
        np.square(np.roll(own, -k, axis=0)[::4] - model).sum() for k in range(len(own))
    ]  # fmt: skip
    first = int(np.argmin(gaps))
    own, follow, fine = (np.roll(v, -first, axis=0) for v in (own, follow, fine))
    size = float(np.sqrt(area_of(like)))
    cost = np.hypot(*(model[:, None] - own[None]).transpose(2, 0, 1)) / size
    cost = cost + 0.25 * (1 - lead @ follow.T)
    return fine[_monotone(cost)]


def _monotone(cost: FloatArray) -> npt.NDArray[np.int64]:
    """Rising columns, 2 to 7 a row, of least cost; the first and last stay near the seam."""
    rows, columns = cost.shape
    total = np.full(cost.shape, np.inf)
    back = np.zeros(cost.shape, np.int64)
    total[0, :4] = cost[0, :4]
    for row in range(1, rows):
        for step in range(2, 8):
            way = np.full(columns, np.inf)
            way[step:] = total[row - 1, :-step] + 0.03 * abs(step - 4)
            better = way < total[row]
            total[row][better] = way[better]
            back[row][better] = step
        total[row] += cost[row]
    last = int(total[-1, columns - 9 :].argmin()) + columns - 9
    path = [last]
    for row in range(rows - 1, 0, -1):
        path.append(path[-1] - int(back[row, path[-1]]))
    return np.array(path[::-1])


def smoothed(points: FloatArray) -> FloatArray:
    """A closed outline with its first `HARMONICS` harmonics only; its middle and size stay."""
    waves = np.fft.fft(points[:, 0] + 1j * points[:, 1])
    waves[HARMONICS + 1 : -HARMONICS] = 0
    line = np.fft.ifft(waves)
    return np.stack([line.real, line.imag], axis=1)


def filled(points: FloatArray, deepest: float) -> FloatArray:
    """A closed outline whose hollows keep 0.4 of what they are deeper than ``deepest`` under its hull."""
    hull = cv2.convexHull(points.astype(np.float32))[:, 0].astype(float)
    fine = _even(np.vstack([hull, hull[:1]]), 720)
    away = fine[np.hypot(*(points[:, None] - fine[None]).transpose(2, 0, 1)).argmin(axis=1)] - points
    deep = np.maximum(np.hypot(*away.T), 1e-9)
    return np.asarray(points + away * (0.6 * np.maximum(deep - deepest, 0) / deep)[:, None])


def _bearing(points: FloatArray) -> FloatArray:
    """Unit tangents of a closed outline."""
    step = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    return step / np.maximum(np.hypot(*step.T)[:, None], 1e-9)


def of_film(films: Path, film: dict[str, Any]) -> dict[str, tuple[float, float, float, FloatArray]]:
    """Place (x, y, degrees) and outline of every bone of a film, widths of the radius."""
    at, behind = (np.asarray(p, float) for p in film["axes"]["radius"])
    width = radius_width(films, film)
    sys.stderr.write(f"{film['film']}: width {width:.1f} px\n")
    axis = at - behind
    unit = axis / np.hypot(*axis)
    # A left hand seen from its back has its thumb to the right of the way to the fingers.
    right = np.array([-unit[1], unit[0]]) * (1 if film["side"] == "left" else -1)
    bones = {
        name: (np.asarray(p, float) - at) @ np.stack([right, unit], axis=1) / width
        for name, p in film["outlines"].items()
        if name != "sesamoid"
    }
    third = shaft_axis(bones["metacarpal_3"])
    turn = np.arctan2(third[0], third[1])
    c, s = np.cos(turn), np.sin(turn)
    pivot = np.array([0.0, PIVOT])
    bones = {
        name: p if name.startswith(("radius", "ulna")) else (p - pivot) @ np.array([[c, s], [-s, c]]) + pivot
        for name, p in bones.items()
    }
    return {
        name: placed(name, p, bones) for name, p in bones.items() if shaft_name(name) in bones or _alone(name)
    }


def _alone(name: str) -> bool:
    """Whether a bone has no shaft in whose frame it would lie."""
    return name in CARPALS or name.startswith(("radius", "ulna"))


def placed(
    name: str, points: FloatArray, bones: dict[str, FloatArray]
) -> tuple[float, float, float, FloatArray]:
    """Where a bone stands and its outline in its own frame; an epiphysis lies in that of its shaft."""
    shaft = shaft_name(name)
    if _alone(name):
        middle = centre(points)
        first, half = ends(points, np.array([0.0, 1.0]))
        return float(middle[0]), float(middle[1]), 0.0, walked(points, first, half) - middle
    axis = shaft_axis(bones[shaft])
    base, _ = ends(bones[shaft], axis)
    own = local(points, base, axis)
    first, half = ends(own, np.array([0.0, 1.0]))
    degrees = float(np.degrees(np.arctan2(-axis[0], axis[1])))
    return float(base[0]), float(base[1]), degrees, walked(own, first, half)


def main() -> None:
    """Command line."""
    folder, films, out = (Path(a) for a in sys.argv[1:4])
    every = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    # A film of the wrist alone does not say how the hand is turned.
    whole = [film for film in every if set(film["outlines"]) >= NEEDED]
    read_off = sorted(whole, key=lambda film: -film["age_years"])
    older: dict[str, FloatArray] = {}
    names = [f"{axis}{i}" for axis in "xy" for i in range(POINTS)]
    lines = []
    for number, film in reversed(list(enumerate(read_off[::-1]))):
        for name, (x, y, degrees, points) in of_film(films, film).items():
            if name in CARPALS:
                points = warped(points, older[name]) if name in older else points
                older[name] = points
                points = smoothed(filled(points, HOLLOW))
            numbers = ",".join(f"{1000 * v:.0f}" for v in (*points[:, 0], *points[:, 1]))
            lines.append(
                f"{number},{film['age_years']},{name},{1000 * x:.0f},{1000 * y:.0f},{degrees:.1f},{numbers}"
            )
    head = ",".join(["film", "age_years", "bone", "x", "y", "degrees", *names])
    out.write_text("\n".join([head, *lines]) + "\n")


if __name__ == "__main__":
    main()
