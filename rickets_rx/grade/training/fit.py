"""Fit the grader's networks, seeded: ordinal answers, heavy randomisation of place and film look."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

from rickets_rx.grade.cnn import BONES, LEVELS, told
from rickets_rx.grade.patch import network_input
from rickets_rx.grade.training.draw import Drawn
from rickets_rx.grade.training.network import GradeNet, ShaftNet
from rickets_rx.grade.training.vary import varied, varied_shaft
from rickets_rx.segment.training.fit import Loss, learn
from rickets_rx.vocabulary import Bone

Picture = npt.NDArray[np.float32]
Chosen = npt.NDArray[np.int64]
Net = TypeVar("Net", bound=torch.nn.Module)
LossOf = Callable[[Net, Chosen, np.random.Generator], torch.Tensor]
BATCH = 48
# Of every batch this share is painted on real films, this share is of elbows (ours). With 0.2 in place of 0.4
# the order within painted films was 0.945 instead of 0.958, and on phantoms hardly better.
REAL_SHARE, ELBOW_SHARE = 0.4, 0.2
# Of every batch of shafts this share shows a fracture or lesion (ours).
MIMIC_SHARE = 0.4
# Weight decay of AdamW: twice that of the networks that find places (ours).
DECAY = 2e-2
# A truth within this distance of a threshold counts in part for it (ours).
SOFT = 0.1


def fit_grade(drawn: Drawn, *, seed: int = 0, steps: int = 1500, rate: float = 2e-3) -> GradeNet:
    """Train the network of severity; mimics, which have none, are left out.

    Parameters
    ----------
    drawn : Drawn
    seed : int
    steps : int
        Batches of 48.
    rate : float
        Highest learning rate; it warms up over 5 % of the steps and falls as a cosine.
    """

    def loss(net: GradeNet, chosen: Chosen, rng: np.random.Generator) -> torch.Tensor:
        patches = [network_input(varied(drawn.patches[i].astype(np.float32), rng)) for i in chosen]
        names = torch.from_numpy(told([BONES[i] for i in drawn.bone[chosen]]))
        # Half precision takes a third of the time on processors that have it; digits differ between machines.
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(_stacked(patches), names)
        wanted = torch.from_numpy(targets(drawn.severity[chosen]))
        return torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted)

    torch.manual_seed(seed)
    net = GradeNet(LEVELS, len(BONES))
    return _fit(net, loss, chances(drawn), name="grade", seed=seed, steps=steps, rate=rate)


def fit_shaft(drawn: Drawn, *, seed: int = 0, steps: int = 1000, rate: float = 2e-3) -> ShaftNet:
    """Train the network of fractures and lesions on phantoms: painted films do not tell which had one."""

    def loss(net: ShaftNet, chosen: Chosen, rng: np.random.Generator) -> torch.Tensor:
        patches = [network_input(varied_shaft(drawn.shafts[i].astype(np.float32), rng)) for i in chosen]
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(_stacked(patches))
        wanted = torch.from_numpy(drawn.mimic[chosen].astype(np.float32))
        return torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted)

    torch.manual_seed(seed)
    chance = mixed([(drawn.mimic, MIMIC_SHARE), (~drawn.mimic & ~drawn.real, 1 - MIMIC_SHARE)])
    return _fit(ShaftNet(), loss, chance, name="shaft", seed=seed, steps=steps, rate=rate)


def _fit(
    net: Net,
    loss_of: LossOf[Net],
    chance: npt.NDArray[np.float64],
    *,
    name: str,
    seed: int,
    steps: int,
    rate: float,
) -> Net:
    """`learn` from batches drawn by ``chance``; returns the running average of the weights."""
    rng = np.random.default_rng(seed)

    def drawn_loss(learner: Net) -> Loss:
        loss = loss_of(learner, rng.choice(len(chance), BATCH, p=chance), rng)
        return loss, {"loss": loss.item()}

    return learn(net, drawn_loss, name=name, steps=steps, rate=rate, decay=DECAY)


def _stacked(patches: list[Picture]) -> torch.Tensor:
    return torch.from_numpy(np.stack(patches)).to(memory_format=torch.channels_last)


def chances(drawn: Drawn) -> npt.NDArray[np.float64]:
    """Chance of every patch: painted films and elbows by their shares, in each of the groups rarer eighths of
    severity more often, mimics never.
    """
    elbow = drawn.bone >= BONES.index(Bone.HUMERUS)
    groups = ((drawn.real, REAL_SHARE), (elbow, ELBOW_SHARE), (~drawn.real & ~elbow, 0.0))
    taken = sum(share for mine, share in groups if mine.any())
    stage = np.minimum((drawn.severity * 8).astype(int), 7)
    chance = np.zeros(len(stage))
    for mine, share in groups:
        mine = mine & ~drawn.mimic
        if mine.any():
            rare = 1 / np.sqrt(np.bincount(stage[mine], minlength=8)[stage[mine]])
            chance[mine] = (share or 1 - taken) * rare / rare.sum()
    return chance / chance.sum()


def mixed(groups: list[tuple[npt.NDArray[np.bool_], float]]) -> npt.NDArray[np.float64]:
    """Chance of every patch where groups have their shares and are even within."""
    chance = np.zeros(len(groups[0][0]))
    for mine, share in groups:
        chance[mine] = share / max(int(mine.sum()), 1)
    return chance / chance.sum()


def targets(severity: npt.NDArray[np.float64]) -> Picture:
    """1 where severity lies above a threshold, 0 below, straight between within `SOFT`; shape (n, 20)."""
    at = (np.arange(LEVELS) + 0.5) / LEVELS
    return np.clip((severity[:, None] - at) / SOFT + 0.5, 0, 1).astype(np.float32)
