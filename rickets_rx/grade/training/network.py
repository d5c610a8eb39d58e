"""The grading network: a patch of a bone end in, shares of severity out."""

import torch
from torch import Tensor, nn

from rickets_rx.segment.training.networks import conv_block

WIDTHS = (16, 32, 48, 64, 96)


class GradeNet(nn.Module):
    """Five blocks, mean and greatest answer of each channel, two layers.

    Parameters
    ----------
    levels : int
        Ordinal answers: severity lies above ``(k + 0.5) / levels``.

    Notes
    -----
    Takes (n, 2, 96, 96), returns logits of shape (n, levels).
    """

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*(conv_block(a, b, 2) for a, b in zip((2, *WIDTHS), WIDTHS, strict=False)))
        self.head = nn.Sequential(
            nn.Linear(2 * WIDTHS[-1], 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, levels)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x)
        answer: Tensor = self.head(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
        return answer
