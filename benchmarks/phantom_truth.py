"""Phantom truth measured again on noise-free path lengths: ``python benchmarks/phantom_truth.py [N]``.

Each wrist is rendered at 0.05 mm, turned, as path length alone (no beam, noise or trabeculae; the epiphysis
as a picture of its own), and every feature with a geometric truth is read from those pictures by code of its
own.
The answer is the median and 90th percentile of the difference in percent of each feature's range; and how far
the ends of the side cortices, read from pictures of each preset, lie from the corners that truth tells.
"""

import sys

import cv2
import numpy as np

from rickets_rx import phantom
from rickets_rx.phantom.anatomy import draw_child
from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
from rickets_rx.phantom.limb import GradedBone
from rickets_rx.phantom.place import Pose, paste
from rickets_rx.phantom.scene import bone_truth
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Bone, Side

PITCH = 0.05
V = np.linspace(-0.98, 0.98, 393)
U = np.arange(-1.05, 0.45, 0.0025)
STEPS_IN = 10
"""Steps of the fine row (0.0005 MW) left out at an edge, which the grid's pixels smear."""
HEALING = ("healing_early", "healing_late", "residual")


def seen(mineral: np.ndarray, cap: np.ndarray | None, frame: BoneFrame) -> dict[str, float | None]:
    """Features of one bone read from pictures of path lengths: the bone's, and its epiphysis's."""
    grey = frame.sample(mineral, V, U)
    whole = np.median(grey[(U > -0.45) & (U < -0.15)], axis=0)
    whole = np.where(whole < 0.25 * np.median(whole), 0.6 * grey[U > -0.3].max(axis=0), whole)
    heights = {share: _reach(grey, share * whole) for share in (0.1, 0.5, 0.9)}
    # The outermost columns graze the side cortex; from there the margin runs to its corner.
    margin = np.where(np.abs(V) <= 0.94, heights[0.5], np.nan)
    known = np.isfinite(margin)
    margin = np.interp(V, [-1.0, *V[known], 1.0], [0.0, *margin[known], 0.0])
    central = np.abs(V) <= 0.8
    smooth, fine, coarse = (
        cv2.GaussianBlur(margin.reshape(1, -1).astype(np.float32), (0, 0), sigma / ((V[1] - V[0]) / 2))[0]
        # The last two halve waves of 2 % and of 15 % of the width.
        for sigma in (0.075, 0.00375, 0.02811)
    )
    out: dict[str, float | None] = {
        "cupping": float(np.max(-smooth[central])),
        "fraying": float(np.sqrt(np.mean((fine - coarse)[central] ** 2))),
        "edge_blur": float(np.median((heights[0.1] - heights[0.9])[central])),
        "lucency": _strip(grey, margin, 0.0, 0.1) / _strip(grey, margin, 0.3, 0.6),
    }
    for percent in (50, 75, 100):
        wide = np.linspace(-1.4, 1.4, 2801)
        across = frame.sample(mineral, wide, np.array([-percent / 100]))[0]
        left, right = _skin(wide, across)
        out[f"splaying_{percent}"] = 2 / (right - left)
    out["zone_contrast"] = _zone(grey, margin)
    out["collar"] = _collar(mineral, frame)
    if cap is not None:
        out["gap"] = _gap(cap, frame, margin)
    return out


def _skin(v: np.ndarray, mineral: np.ndarray) -> tuple[float, float]:
    """Where a row of a rounded solid begins and ends, finer than a pixel.

    The path through a rounded edge grows like the root of the distance, so its square grows like the
    distance: a line through the squares of the outermost pixels meets 0 at the edge.
    """
    inside = np.nonzero(mineral > 0.02 * np.nanmax(mineral))[0]
    ends = []
    for first, step in ((inside[0], 1), (inside[-1], -1)):
        at = first + step * np.arange(STEPS_IN, STEPS_IN + 14)
        slope, level = np.polyfit(v[at], mineral[at] ** 2, 1)
        ends.append(float(-level / slope))
    return ends[0], ends[1]


def _zone(grey: np.ndarray, margin: np.ndarray) -> float:
    """Ridge next to the margin over what lies behind it, in units of the side cortex."""
    behind = margin[None, :] - U[:, None]
    ridge = np.where((behind >= 0) & (behind < 0.08), grey, -np.inf).max(axis=0)
    spongy = np.nanmean(np.where((behind >= 0.12) & (behind < 0.3), grey, np.nan), axis=0)
    cortex = np.nanmax(grey[(U > -0.6) & (U < -0.3)])
    return float(np.median((ridge - spongy)[np.abs(V) <= 0.8]) / cortex)


def _collar(mineral: np.ndarray, frame: BoneFrame) -> float | None:
    """How far behind the chord the sides have not drawn in by 1 % of the width, mean of both.

    Fraying eats the sides next to the margin, so the search begins where a side stands furthest out; None
    where it stands nowhere within that 1 %.
    """
    wide, rows = np.linspace(-1.4, 1.4, 2801), np.arange(-0.03, -0.6, -0.005)
    edges = np.array([_skin(wide, row) for row in frame.sample(mineral, wide, rows)])
    lengths = []
    for side, sign in ((0, -1), (1, 1)):
        drawn = (1 - sign * edges[:, side]) / 2
        furthest = int(np.argmin(drawn[:50]))
        if drawn[furthest] > 0.01:
            return None
        past = furthest + np.nonzero(drawn[furthest:] > 0.01)[0]
        if not len(past):
            lengths.append(0.6)
            continue
        i = past[0]
        share = (0.01 - drawn[i - 1]) / (drawn[i] - drawn[i - 1])
        lengths.append(-float(rows[i - 1] + share * (rows[i] - rows[i - 1])))
    return float(np.mean(lengths))


def _gap(cap: np.ndarray, frame: BoneFrame, margin: np.ndarray) -> float:
    """Median way from the margin to where the epiphysis holds half of what its middle holds."""
    u = np.arange(-0.4, 1.2, 0.0025)
    grey = frame.sample(cap, V, u)
    body = grey > 0.02 * np.nanmax(grey)
    columns = np.nonzero(body.any(axis=0))[0]
    v_low, v_high = V[columns[0]], V[columns[-1]]
    middle, half = (v_low + v_high) / 2, (v_high - v_low) / 2
    ways = []
    for i in columns[(np.abs(V[columns] - middle) <= 0.8 * half) & (np.abs(V[columns]) < 0.94)]:
        span = np.nonzero(body[:, i])[0]
        quarter = (span[-1] - span[0]) // 4
        level = 0.5 * np.median(grey[span[0] + quarter : span[-1] - quarter + 1, i])
        face = u[np.nonzero(grey[:, i] >= level)[0][0]]
        ways.append(max(face - margin[i], 0.0))
    return float(np.median(ways))


def _reach(grey: np.ndarray, level: np.ndarray) -> np.ndarray:
    above = grey >= level[None, :]
    return U[len(U) - 1 - np.argmax(above[::-1], axis=0)]


def _strip(grey: np.ndarray, margin: np.ndarray, near: float, far: float) -> float:
    behind = margin[None, :] - U[:, None]
    within = (behind >= near) & (behind < far) & (np.abs(V) <= 0.8)[None, :]
    return float(grey[within].mean())


def differences(n: int) -> dict[str, np.ndarray]:
    """(truth, measured) of every feature over ``n`` wrists of any severity."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for seed in range(n):
        rng = np.random.default_rng(seed)
        ill = phantom.Disease.active(float(rng.uniform(0, 1)), rng) if seed % 3 else phantom.Disease()
        disease = dict.fromkeys((Bone.RADIUS, Bone.ULNA), ill)
        limb = wrist_limb(
            rng, draw_child(rng, float(rng.uniform(0.3, 4))), disease, side=Side.LEFT, posture=Posture(),
            pitch=PITCH, forearm=2.2, fingers=False,
        )  # fmt: skip
        shape = (1500, 1500)
        pose = Pose(PITCH, float(rng.uniform(-30, 30)), False, (850.0, 800.0))
        field = np.array([(0, 0), (1499, 0), (1499, 1499), (0, 1499)], float)
        for bone in limb.graded:
            truth = bone_truth(bone, pose, shape, field)
            frame = BoneFrame(truth.corner1, truth.corner2, truth.distal)
            cap = render_cap(bone, pose, shape) if truth.features["gap"] is not None else None
            for name, value in seen(render(bone, pose, shape), cap, frame).items():
                known = truth.features[name]
                if known is not None and value is not None:
                    pairs.setdefault(name, []).append((known, value))
    return {name: np.array(values) for name, values in pairs.items()}


def render(bone: GradedBone, pose: Pose, shape: tuple[int, int]) -> np.ndarray:
    """Path lengths of one bone end alone, without trabeculae, mm."""
    mineral = np.zeros(shape, np.float32)
    paste(mineral, bone.end.maps(PITCH, texture=False), pose.matrix() @ bone.placement.matrix())
    return mineral


def render_cap(bone: GradedBone, pose: Pose, shape: tuple[int, int]) -> np.ndarray:
    """Path lengths of the epiphysis of a bone, mm."""
    mineral = np.zeros(shape, np.float32)
    if bone.epiphysis:
        paste(mineral, bone.epiphysis.mineral, pose.matrix() @ bone.placement.matrix())
    return mineral


def corner_errors(preset: str, n: int) -> np.ndarray:
    """Distance along the shaft from true corners to the ends of the side cortices of n wrists, MW.

    An end is where the path, 4 % of the width inside the side, falls through half of what it is further back,
    as far inside the side there, which draws in; nan where it is nowhere so thick.
    """
    disease = dict.fromkeys((Bone.RADIUS, Bone.ULNA), phantom.Disease.preset(preset))
    shape, field = (1500, 1500), np.array([(0, 0), (1499, 0), (1499, 1499), (0, 1499)], float)
    off = []
    for seed in range(n):
        rng = np.random.default_rng(1000 + seed)
        limb = wrist_limb(
            rng, draw_child(rng, float(rng.uniform(0.5, 4))), disease, side=Side.LEFT, posture=Posture(),
            pitch=PITCH, forearm=2.2, fingers=False,
        )  # fmt: skip
        pose = Pose(PITCH, float(rng.uniform(-30, 30)), False, (850.0, 800.0))
        for bone in limb.graded:
            truth = bone_truth(bone, pose, shape, field)
            frame = BoneFrame(truth.corner1, truth.corner2, truth.distal)
            mineral = render(bone, pose, shape)
            grey = frame.sample(mineral, np.array([-0.92, 0.92]), U)
            wide, rows = np.linspace(-1.4, 1.4, 2801), np.arange(-0.3, -0.12, 0.02)
            inside = []
            for row in frame.sample(mineral, wide, rows):
                left, right = _skin(wide, row)
                inside.append(np.interp([left + 0.08, right - 0.08], wide, row))
            whole = np.median(inside, axis=0)
            # Where a fringe has eaten the side nothing reaches half, and there is no end to read.
            there = (grey >= 0.5 * whole).any(axis=0)
            off += list(np.where(there, _reach(grey, 0.5 * whole), np.nan))
    return np.array(off)


def line(name: str, pair: np.ndarray) -> str:
    """One row of the answer."""
    low, high = pair[:, 0].min(), pair[:, 0].max()
    off = 100 * (pair[:, 1] - pair[:, 0]) / (high - low)
    size = np.abs(off)
    shares = f"median {np.median(size):5.2f} %  p90 {np.quantile(size, 0.9):5.2f} %  bias {off.mean():5.2f} %"
    return f"{name:14} range {low:6.3f} to {high:6.3f}  {shares}\n"


if __name__ == "__main__":
    for preset in ("normal", "growth_arrest", "dense_ends", "spur", "active_severe", *HEALING):
        ends = 100 * corner_errors(preset, 8)
        low, middle, high = np.nanquantile(ends, (0.1, 0.5, 0.9))
        none = f"  none {np.isnan(ends).sum()} of {len(ends)}"
        sys.stdout.write(
            f"corner, {preset:14} median {middle:5.1f} % of MW  p10 {low:5.1f}  p90 {high:5.1f}{none}\n"
        )
    for name, pair in differences(int(sys.argv[1]) if len(sys.argv) > 1 else 30).items():
        sys.stdout.write(line(name, pair))
