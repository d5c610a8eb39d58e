"""Fit networks for a number of steps, with averaged weights and checkpoints; and those that see films."""

import copy
import logging
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from rickets_rx.segment.training.canvas import FILM_CLASSES, TrainingFilm
from rickets_rx.segment.training.losses import batch_loss, kind_loss
from rickets_rx.segment.training.samples import CROP_CELLS, FILM_CELLS, Sample, crop_sample, film_sample
from rickets_rx.vocabulary import Joint

log = logging.getLogger(__name__)
BATCH = 16
OPEN_SHARE = 0.3
"""Share of open films where kinds are learned (ours)."""
Net = TypeVar("Net", bound=nn.Module)
Loss = tuple[torch.Tensor, dict[str, float]]


def fit(
    stage: str, films: Sequence[TrainingFilm], net: Net, *, out: Path, seed: int = 0, steps: int = 3000,
    rate: float = 2.5e-3, half: bool = False,
) -> Net:  # fmt: skip
    """Train ``net`` in place and return the running average of its weights.

    Parameters
    ----------
    stage : "film", "kinds", "wrist" or "elbow"
    films : sequence of TrainingFilm
        Drawn with equal chance, for the kinds as in `chances`.
    net : PlaceNet, or KindNet for the kinds
    out : Path
        Checkpoints (``<stage>.pt``) are written here, every 500 steps.
    seed : int
    steps : int
        Batches of 16 films.
    rate : float
        Highest learning rate; it warms up over 5 % of the steps and falls as a cosine.
    half : bool
        Compute in bfloat16: half the time on processors that have it, other digits on every machine.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    size = FILM_CELLS if stage == "film" else CROP_CELLS
    odds = chances(films) if stage == "kinds" else None

    def loss_of(learner: nn.Module) -> Loss:
        samples = [_draw(stage, films[_pick(len(films), odds, rng)], rng) for _ in range(BATCH)]
        if stage == "kinds":
            return kind_loss(learner, samples, half=half)
        return batch_loss(learner, samples, size, 1.2, half=half)

    return learn(net, loss_of, name=stage, steps=steps, rate=rate, saved=out / f"{stage}.pt")


def learn(
    net: Net, loss_of: Callable[[Net], Loss], *, name: str, steps: int, rate: float, decay: float = 1e-2,
    keep: float = 0.99, saved: Path | None = None,
) -> Net:  # fmt: skip
    """Train ``net`` in place on one core and return the running average of its weights.

    Parameters
    ----------
    net : Module
    loss_of : callable
        Draws a batch, shows it to the network and returns the loss with what to log of it.
    name : str
        What the log calls the network.
    steps : int
    rate : float
        Highest learning rate of AdamW, see `schedule`.
    decay : float
        Weight decay of AdamW.
    keep : float
        Share of the average that a late step leaves.
    saved : Path, optional
        Checkpoint of the average, every 500 steps and at the end.
    """
    torch.set_num_threads(1)
    net = net.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    average = copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
    started, parts = time.monotonic(), dict[str, float]()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * schedule(step / steps)
        loss, said = loss_of(net)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        follow(average, net, min(keep, step / (step + 10)))
        parts = {k: 0.98 * parts.get(k, v) + 0.02 * v for k, v in said.items()}
        if step % 100 == 99:
            shown = " ".join(f"{k} {v:.4f}" for k, v in parts.items())
            log.info(
                "%s, step %d of %d: %s, %.0f s", name, step + 1, steps, shown, time.monotonic() - started
            )
        if saved is not None and (step % 500 == 499 or step == steps - 1):
            torch.save(average.state_dict(), saved)
    return average


def chances(films: Sequence[TrainingFilm]) -> npt.NDArray[np.float64]:
    """Chance of each film where kinds are learned: `OPEN_SHARE` for all open ones, the rest alike by kind."""
    kinds = np.array([FILM_CLASSES.index(film.shows) for film in films])
    counts = np.bincount(kinds, minlength=len(FILM_CLASSES))
    others = np.count_nonzero(counts[1:])
    share = np.full(len(FILM_CLASSES), (1 - OPEN_SHARE) / max(int(others), 1))
    share[0] = OPEN_SHARE
    odds = (share / np.maximum(counts, 1))[kinds]
    return np.asarray(odds / odds.sum())


def _pick(count: int, odds: npt.NDArray[np.float64] | None, rng: np.random.Generator) -> int:
    return int(rng.integers(count) if odds is None else rng.choice(count, p=odds))


def _draw(stage: str, film: TrainingFilm, rng: np.random.Generator) -> Sample:
    return film_sample(film, rng) if stage in ("film", "kinds") else crop_sample(film, rng, Joint(stage))


def schedule(done: float) -> float:
    """Part of the highest rate when a share ``done`` of the steps lies behind: a warm-up, then a cosine."""
    return min(1.0, done / 0.05) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, keep: float) -> None:
    """Move the averaged weights (and copied statistics) towards the trained ones."""
    ours = average.state_dict()
    for name, value in net.state_dict().items():
        if value.dtype.is_floating_point:
            ours[name].mul_(keep).add_(value, alpha=1 - keep)
        else:
            ours[name].copy_(value)
