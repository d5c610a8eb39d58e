"""Fit the grading network, seeded: ordinal answers, heavy randomisation of place and film look."""

import logging
import time

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rickets_rx.grade.cnn import LEVELS
from rickets_rx.grade.examples import KEPT_SIDE
from rickets_rx.grade.patch import SIDE, network_input
from rickets_rx.grade.training.draw import Drawn
from rickets_rx.grade.training.network import GradeNet
from rickets_rx.segment.training.appearance import randomise

log = logging.getLogger(__name__)
Picture = npt.NDArray[np.float32]
BATCH = 48
# Of every batch this share is painted on real films (ours).
REAL_SHARE = 0.18
# Random turn (rad), scale (logarithm) and shift (pixels) of a patch: what tracing errs by (ours).
TURN, SCALE, SHIFT = 0.05, 0.04, 1.3
# A truth within this distance of a threshold counts in part for it (ours).
SOFT = 0.1


def fit(drawn: Drawn, *, seed: int = 0, steps: int = 1500, rate: float = 2e-3) -> GradeNet:
    """Train a network and return the running average of its weights.

    Parameters
    ----------
    drawn : Drawn
    seed : int
    steps : int
        Batches of 48.
    rate : float
        Highest learning rate; it warms up over 5 % of the steps and falls as a cosine.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = GradeNet(LEVELS).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=2e-2)
    start = min(0.5, 0.05 + 2 / steps)
    course = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=start)
    chance, began, shown = chances(drawn), time.monotonic(), 0.0
    for step in range(steps):
        loss = batch_loss(net, drawn, rng.choice(len(chance), BATCH, p=chance), rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        course.step()
        average.update_parameters(net)
        shown = 0.98 * shown + 0.02 * loss.item() if step else loss.item()
        if step % 100 == 99:
            log.info("step %d of %d: %.4f, %.0f s", step + 1, steps, shown, time.monotonic() - began)
    net.load_state_dict(average.module.state_dict())
    return net.eval()


def chances(drawn: Drawn) -> npt.NDArray[np.float64]:
    """Chance of every patch to be drawn: rarer eighths of severity more often, real films by `REAL_SHARE`."""
    stage = np.minimum((drawn.severity * 8).astype(int), 7)
    chance = np.zeros(len(stage))
    for mine, share in ((drawn.real, REAL_SHARE), (~drawn.real, 1 - REAL_SHARE)):
        if mine.any():
            rare = 1 / np.sqrt(np.bincount(stage[mine], minlength=8)[stage[mine]])
            chance[mine] = share * rare / rare.sum()
    return chance / chance.sum()


def batch_loss(
    net: torch.nn.Module, drawn: Drawn, chosen: npt.NDArray[np.int64], rng: np.random.Generator
) -> torch.Tensor:
    """Cross-entropy of the ordinal answers."""
    drawn_now = [network_input(varied(drawn.patches[i].astype(np.float32), rng)) for i in chosen]
    pictures = torch.from_numpy(np.stack(drawn_now)).to(memory_format=torch.channels_last)
    wanted = torch.from_numpy(targets(drawn.severity[chosen]))
    # Half precision takes a third of the time on processors that have it; digits differ between machines.
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(pictures)
    return torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted)


def targets(severity: npt.NDArray[np.float64]) -> Picture:
    """1 where severity lies above a threshold, 0 below, straight between within `SOFT`; shape (n, 20)."""
    at = (np.arange(LEVELS) + 0.5) / LEVELS
    return np.clip((severity[:, None] - at) / SOFT + 0.5, 0, 1).astype(np.float32)


def varied(patch: Picture, rng: np.random.Generator) -> Picture:
    """A kept patch moved, turned, scaled, perhaps mirrored, cut to size, with another film look."""
    turn, scale = rng.normal(0, TURN), np.exp(rng.normal(0, SCALE))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cosine * flip, -sine], [sine * flip, cosine]])
    middle = (KEPT_SIDE - 1) / 2 + rng.normal(0, SHIFT, 2)
    offset = middle - matrix @ np.full(2, (SIDE - 1) / 2)
    seen = cv2.warpAffine(
        patch, np.column_stack([matrix, offset]), (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return randomise(np.asarray(seen, np.float32), rng, overlays=False)
