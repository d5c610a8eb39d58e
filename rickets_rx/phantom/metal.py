"""Metal and splints in the beam: what children wear, and what surgeons and casualty wards put on them."""

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.artefacts import PLASTER
from rickets_rx.phantom.limb import Capsule, GradedBone, Limb
from rickets_rx.phantom.noise import FloatArray, sample_tile, trabecular_tile
from rickets_rx.phantom.place import Pose, apply

STEEL = 6.0
"""Cortical-bone equivalent of steel, mm per mm: near opaque at 1 mm (ours)."""
ON_BONE = ("plate", "wire")
"""Metal that hides a graded end."""
Points = npt.NDArray[np.float64]


def metal_map(
    kind: str, limb: Limb, pose: Pose, shape: tuple[int, int], rng: np.random.Generator
) -> FloatArray:
    """Metal along the beam, mm of cortical bone, shape (rows, columns).

    Parameters
    ----------
    kind : str
        "ring", "bracelet", "snaps", "plate" or "wire" of ``Artefacts.metal``.

    Raises
    ------
    ValueError
        For another kind.
    """
    out = np.zeros(shape, np.float32)
    if kind in ON_BONE:
        bone = limb.graded[int(rng.integers(min(2, len(limb.graded))))]
        (_plate if kind == "plate" else _wire)(out, bone, pose, rng)
    elif kind in ("ring", "bracelet"):
        _band(out, limb, pose, rng, finger=kind == "ring")
    elif kind == "snaps":
        _snaps(out, limb, pose, rng)
    else:
        raise ValueError(f"no metal {kind!r}")
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 0.7), np.float32)


def _stroke(out: FloatArray, points: Points, width: float, level: float) -> None:
    """A polyline of ``width`` pixels that adds ``level`` mm."""
    line = np.zeros_like(out)
    path = [np.round(points * 16).astype(np.int32).reshape(-1, 1, 2)]
    cv2.polylines(line, path, False, 1.0, max(1, round(width)), cv2.LINE_8, shift=4)
    out += level * line


def _plate(out: FloatArray, bone: GradedBone, pose: Pose, rng: np.random.Generator) -> None:
    """A plate along the shaft with a row of screws across it."""
    matrix = pose.matrix() @ bone.placement.matrix()
    width = bone.end.width
    x = float(rng.uniform(-0.2, 0.2)) * width
    low, high = -float(rng.uniform(1.2, 2.2)) * width, -float(rng.uniform(0.1, 0.5)) * width
    _stroke(out, apply(matrix, [(x, low), (x, high)]), 0.3 * width / pose.spacing_mm, 1.6 * STEEL)
    for s in np.linspace(low, high, int(rng.integers(4, 8))):
        lean = float(rng.normal(0, 0.12)) * width
        ends = apply(matrix, [(x - 0.35 * width, s), (x + 0.35 * width, s + lean)])
        _stroke(out, ends, 2.2 / pose.spacing_mm, 2.0 * STEEL)


def _wire(out: FloatArray, bone: GradedBone, pose: Pose, rng: np.random.Generator) -> None:
    """One to three wires through the end of a bone, crossing the physis."""
    matrix = pose.matrix() @ bone.placement.matrix()
    width = bone.end.width
    for _ in range(int(rng.integers(1, 4))):
        x = float(rng.choice([-1, 1])) * float(rng.uniform(0.3, 0.7)) * width
        start = (x, float(rng.uniform(0.3, 0.9)) * width)
        end = (-0.45 * x, -float(rng.uniform(0.8, 2.0)) * width)
        thick = float(rng.uniform(1.0, 1.8)) / pose.spacing_mm
        _stroke(out, apply(matrix, [start, end]), thick, 1.4 * STEEL)


def _band(out: FloatArray, limb: Limb, pose: Pose, rng: np.random.Generator, *, finger: bool) -> None:
    """A ring round a finger or a bracelet round the forearm, seen from its side: a shallow loop."""
    narrow = [
        c for c in limb.soft if not c.pad and c.start[1] > 2.6 * limb.unit and _length(c) > 0.7 * limb.unit
    ]
    wide = [c for c in limb.soft if not c.pad and c.end[1] < 0.6 * limb.unit]
    choice = narrow if finger else wide
    if not choice:
        return
    capsule = choice[int(rng.integers(len(choice)))] if finger else choice[0]
    long = max(_length(capsule), 1e-6)
    where = float(rng.uniform(0.3, 0.7)) if finger else 1 - float(rng.uniform(0.9, 1.6)) * limb.unit / long
    middle = np.add(capsule.start, where * np.subtract(capsule.end, capsule.start))
    half = 1.02 * _half(capsule, where)
    along = np.subtract(capsule.end, capsule.start) / long
    across = np.array([-along[1], along[0]])
    angle = np.linspace(0, 2 * np.pi, 60)
    open_by = float(rng.uniform(0.05, 0.3))
    loop = middle + half * (np.cos(angle)[:, None] * across + open_by * np.sin(angle)[:, None] * along)
    _stroke(out, apply(pose.matrix(), loop), float(rng.uniform(1.0, 3.0)) / pose.spacing_mm, 1.2 * STEEL)


def _length(capsule: Capsule) -> float:
    return float(np.hypot(*np.subtract(capsule.end, capsule.start)))


def _half(capsule: Capsule, where: float) -> float:
    return capsule.start_half + where * (capsule.end_half - capsule.start_half)


def _snaps(out: FloatArray, limb: Limb, pose: Pose, rng: np.random.Generator) -> None:
    """Buttons of a sleeve: discs with a hole, anywhere but on a graded end."""
    ends = apply(pose.matrix(), [bone.placement.origin for bone in limb.graded])
    clear = 0.9 * limb.unit / pose.spacing_mm
    for _ in range(int(rng.integers(1, 4))):
        at = rng.uniform((0, 0), (out.shape[1], out.shape[0]))
        if np.hypot(*(ends - at).T).min() < clear:
            continue
        disc, radius = np.zeros_like(out), float(rng.uniform(4, 7)) / pose.spacing_mm
        centre = (int(at[0]), int(at[1]))
        cv2.circle(disc, centre, round(radius), float(rng.uniform(1, 6)), -1)
        cv2.circle(disc, centre, round(0.35 * radius), 0.5, -1)
        out += disc


def splint_map(
    limb: Limb, pose: Pose, shape: tuple[int, int], thickness: float, rng: np.random.Generator
) -> FloatArray:
    """A plaster slab under part of the forearm and palm, with its weave and layers; mm of cortical bone."""
    unit = limb.unit
    wide = float(rng.uniform(0.55, 0.95)) * min(limb.extent[2] - limb.extent[0], 3.2 * unit)
    left = -0.4 * unit - wide / 2 + float(rng.normal(0, 0.3)) * unit
    low, high = -4.5 * unit, float(rng.uniform(1.5, 4.0)) * unit
    corners = [(left, low), (left + wide, low), (left + 0.95 * wide, high), (left + 0.05 * wide, high)]
    slab = np.zeros(shape, np.float32)
    film = apply(pose.matrix(), corners)
    cv2.fillPoly(slab, [np.round(film * 16).astype(np.int32)], 1.0, cv2.LINE_8, shift=4)
    slab = np.asarray(cv2.GaussianBlur(slab, (0, 0), max(0.6 / pose.spacing_mm, 0.8)), np.float32)
    x, y = np.meshgrid(np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32))
    scale = np.float32(pose.spacing_mm)
    weave = sample_tile(trabecular_tile(12), x * scale * 0.8, y * scale * 0.8, (5.0, 2.0))
    layers = sample_tile(trabecular_tile(10), x * scale / 14, y * scale / 14, (9.0, 4.0))
    uneven = np.maximum(1 + 0.12 * weave + 0.18 * layers, 0.2)
    return np.asarray(slab * np.float32(thickness * PLASTER) * uneven, np.float32)
