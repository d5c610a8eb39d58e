"""Fit the guard, seeded, and write it as ONNX."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rickets_rx.segment.locate_guard import ACROSS, DISTAL, GUARD_KINDS, GUARD_SIDE, PROXIMAL
from rickets_rx.segment.network import Array, as_input
from rickets_rx.segment.training.appearance import randomise
from rickets_rx.segment.training.export import write_onnx
from rickets_rx.segment.training.fit import Loss, learn
from rickets_rx.segment.training.guard_ends import ENOUGH, SHORT, Ends
from rickets_rx.segment.training.networks import GuardNet
from rickets_rx.vocabulary import RefusalReason

BATCH = 48
KIND_SHARES = (0.46, 0.26, 0.12, 0.08, 0.08)
"""Share of each of `GUARD_KINDS` in a batch; and of the clear ones that are of real films (ours)."""
REAL_SHARE = 0.15
TURN, SCALE, SHIFT, MIRRORED = 0.04, 0.04, 0.02, 0.5
"""How kept patches are moved at every step: turn (rad), scale (logarithm), shift (widths), share mirrored."""
NOISY, GRAIN = 0.1, (0.1, 0.5)
"""Share of patches as noisy as films with few photons, and their noise in parts of the spread (ours)."""
EDGED = 0.3
"""Share of the ends in full view behind which the field's edge is drawn (ours)."""
CUT_OFF = GUARD_KINDS.index(RefusalReason.CUT_OFF)
PER_WIDTH = GUARD_SIDE / np.array([ACROSS, PROXIMAL + DISTAL])
"""Pixels of a patch in a width, across and along."""


def fit_guard(ends: Ends, *, seed: int = 0, steps: int = 1500, rate: float = 2e-3) -> GuardNet:
    """Train the guard in bfloat16 on batches of 48 and return the running average of its weights."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    odds = chances(ends)

    def loss_of(net: nn.Module) -> Loss:
        loss = _loss(net, ends, rng.choice(len(odds), BATCH, p=odds), rng)
        return loss, {"loss": loss.item()}

    return learn(GuardNet(len(GUARD_KINDS)), loss_of, name="guard", steps=steps, rate=rate)


def _loss(net: nn.Module, ends: Ends, chosen: npt.NDArray[np.int64], rng: np.random.Generator) -> Tensor:
    drawn = [cut_short(ends.patches[i].astype(np.float32), int(ends.kinds[i]), rng) for i in chosen]
    patches = [as_input(varied(patch, rng)) for patch, _ in drawn]
    batch = torch.from_numpy(np.stack(patches)).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(batch)
    wanted = torch.tensor([kind for _, kind in drawn])
    return nn.functional.cross_entropy(logits.float(), wanted, label_smoothing=0.01)


def chances(ends: Ends) -> npt.NDArray[np.float64]:
    """Chance of every patch: kinds by `KIND_SHARES`, even within, but for `REAL_SHARE` of the clear ones."""
    odds = np.zeros(len(ends.kinds))
    for kind, share in enumerate(KIND_SHARES):
        mine = ends.kinds == kind
        for group, part in ((mine & ends.real, REAL_SHARE), (mine & ~ends.real, 1 - REAL_SHARE)):
            if group.any():
                odds[group] = share * part / group.sum()
    return odds / odds.sum()


def cut_short(patch: Array, kind: int, rng: np.random.Generator) -> tuple[Array, int]:
    """At times an end in full view with the field's edge drawn behind it, and its kind then.

    Nearer than `SHORT` widths behind a corner the bone is cut off; from `ENOUGH` on it is not.
    """
    if kind != 0 or rng.random() >= EDGED:
        return patch, kind
    short = rng.random() < 0.5
    behind = rng.uniform(-0.1, SHORT) if short else rng.uniform(ENOUGH, 0.8)
    rows, columns = np.indices(patch.shape)
    middle = (np.array(patch.shape) - 1) / 2
    slope = np.tan(rng.normal(0, 0.12))
    across = (columns - middle[1]) / PER_WIDTH[0]
    along = (middle[0] - rows) / PER_WIDTH[1] + (DISTAL - PROXIMAL) / 2
    # The nearer corner has ``behind`` widths of shaft.
    off = along < slope * across - behind - abs(slope) / 2
    grey = rng.choice([patch.min(), patch.max(), rng.uniform(patch.min(), patch.max())], p=[0.6, 0.2, 0.2])
    return np.where(off, grey, patch).astype(np.float32), CUT_OFF if short else kind


def varied(patch: Array, rng: np.random.Generator) -> Array:
    """A kept patch moved, turned, scaled, perhaps mirrored and cut to size, with another film look."""
    turn, size = rng.normal(0, TURN), float(np.exp(rng.normal(0, SCALE)))
    cosine, sine = np.cos(turn) * size, np.sin(turn) * size
    mirror = np.diag([-1.0 if rng.random() < MIRRORED else 1.0, 1.0])
    matrix = PER_WIDTH[:, None] * (np.array([[cosine, -sine], [sine, cosine]]) @ mirror) / PER_WIDTH
    middle = (np.array(patch.shape[::-1]) - 1) / 2 + rng.normal(0, SHIFT, 2) * PER_WIDTH
    offset = middle - matrix @ np.full(2, (GUARD_SIDE - 1) / 2)
    seen = cv2.warpAffine(
        patch, np.column_stack([matrix, offset]), (GUARD_SIDE, GUARD_SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    looked = randomise(np.asarray(seen, np.float32), rng, overlays=False)
    if rng.random() >= NOISY:
        return looked
    grain = rng.normal(0, 1, looked.shape).astype(np.float32)
    if rng.random() < 0.6:
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.4, 1.3)), np.float32)
    strength = rng.uniform(*GRAIN) * float(looked.std()) / float(grain.std())
    return np.asarray(looked + strength * grain, np.float32)


class Shares(nn.Module):
    """The guard with its logits answered as shares."""

    def __init__(self, net: GuardNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, patch: Tensor) -> Tensor:
        return self.net(patch).softmax(1)


def export_guard(net: GuardNet, path: Path) -> str:
    """Write the guard for any batch; returns the SHA-256 of the file."""
    return write_onnx(Shares(net), {"patch": torch.zeros(2, 2, GUARD_SIDE, GUARD_SIDE)}, ["shares"], path)
