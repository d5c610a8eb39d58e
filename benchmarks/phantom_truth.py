"""Phantom truth measured again on noise-free path lengths: ``python benchmarks/phantom_truth.py [N]``.

Each wrist is rendered at 0.05 mm, turned, as path length alone (no beam, noise, trabeculae or epiphysis),
and cupping, fraying, blur, lucency and splaying are read from that picture by code of its own.
The answer is the median and 90th percentile of the difference in percent of each feature's range.
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


def seen(mineral: np.ndarray, frame: BoneFrame) -> dict[str, float]:
    """Features of one bone read from a picture of path lengths."""
    grey = frame.sample(mineral, V, U)
    whole = np.median(grey[(U > -0.45) & (U < -0.15)], axis=0)
    whole = np.where(whole < 0.25 * np.median(whole), 0.6 * grey[U > -0.3].max(axis=0), whole)
    heights = {share: _reach(grey, share * whole) for share in (0.1, 0.5, 0.9)}
    # The outermost columns graze the side cortex; from there the margin runs to its corner.
    margin = np.where(np.abs(V) <= 0.94, heights[0.5], np.nan)
    known = np.isfinite(margin)
    margin = np.interp(V, [-1.0, *V[known], 1.0], [0.0, *margin[known], 0.0])
    central = np.abs(V) <= 0.8
    smooth = cv2.GaussianBlur(margin.reshape(1, -1).astype(np.float32), (0, 0), 0.075 / ((V[1] - V[0]) / 2))[
        0
    ]
    out = {
        "cupping": float(np.max(-smooth[central])),
        "fraying": float(np.sqrt(np.mean((margin - smooth)[central] ** 2))),
        "edge_blur": float(np.median((heights[0.1] - heights[0.9])[central])),
        "lucency": _strip(grey, margin, 0.0, 0.1) / _strip(grey, margin, 0.3, 0.6),
    }
    for percent in (50, 75, 100):
        wide = np.linspace(-1.4, 1.4, 2801)
        across = frame.sample(mineral, wide, np.array([-percent / 100]))[0]
        inside = wide[across > 0.05 * np.nanmedian(across[np.abs(wide) < 0.3])]
        out[f"splaying_{percent}"] = 2 / float(inside.max() - inside.min())
    return out


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
            for name, value in seen(render(bone, pose, shape), frame).items():
                known = truth.features[name]
                if known is not None:
                    pairs.setdefault(name, []).append((known, value))
    return {name: np.array(values) for name, values in pairs.items()}


def render(bone: GradedBone, pose: Pose, shape: tuple[int, int]) -> np.ndarray:
    """Path lengths of one bone end alone, without trabeculae, mm."""
    mineral = np.zeros(shape, np.float32)
    paste(mineral, bone.end.maps(PITCH, texture=False), pose.matrix() @ bone.placement.matrix())
    return mineral


def line(name: str, pair: np.ndarray) -> str:
    """One row of the answer."""
    low, high = pair[:, 0].min(), pair[:, 0].max()
    off = 100 * (pair[:, 1] - pair[:, 0]) / (high - low)
    size = np.abs(off)
    shares = f"median {np.median(size):5.2f} %  p90 {np.quantile(size, 0.9):5.2f} %  bias {off.mean():5.2f} %"
    return f"{name:14} range {low:6.3f} to {high:6.3f}  {shares}\n"


if __name__ == "__main__":
    for name, pair in differences(int(sys.argv[1]) if len(sys.argv) > 1 else 30).items():
        sys.stdout.write(line(name, pair))
