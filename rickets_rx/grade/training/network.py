"""The two networks of the grader: severity of a bone end, and whether a fracture or lesion lies behind it."""

import torch
from torch import Tensor, nn

from rickets_rx.segment.training.networks import answer_head, conv_block

WIDTHS = (16, 32, 48, 64, 96)
TOLD = 16
"""Channels that the bone's name is told in."""
SHAFT_WIDTHS = (12, 24, 32, 48)


class GradeNet(nn.Module):
    """Five blocks, mean and greatest answer of each channel, the bone's name, two layers.

    Parameters
    ----------
    levels : int
        Ordinal answers: severity lies above ``(k + 0.5) / levels``.
    bones : int
        Bones told apart.

    Notes
    -----
    Takes (n, 2, 96, 96) and the bone as (n, bones), one 1 a row; returns logits of shape (n, levels).
    """

    def __init__(self, levels: int, bones: int) -> None:
        super().__init__()
        self.body = _blocks(WIDTHS)
        self.bone = nn.Linear(bones, TOLD, bias=False)
        self.head = answer_head(2 * WIDTHS[-1] + TOLD, levels)

    def forward(self, x: Tensor, bone: Tensor) -> Tensor:
        answer: Tensor = self.head(torch.cat([pooled(self.body(x)), self.bone(bone)], 1))
        return answer


class ShaftNet(nn.Module):
    """Four blocks, pooled alike; takes (n, 2, 96, 64), returns one logit of shape (n,)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = _blocks(SHAFT_WIDTHS)
        self.head = answer_head(2 * SHAFT_WIDTHS[-1], 1)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.head(pooled(self.body(x)))
        return answer[:, 0]


def pooled(x: Tensor) -> Tensor:
    """Mean and greatest answer of each channel."""
    return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def _blocks(widths: tuple[int, ...]) -> nn.Sequential:
    return nn.Sequential(*(conv_block(a, b, 2) for a, b in zip((2, *widths), widths, strict=False)))
