"""The margin's network: for every column the rows of the margin and of the epiphysis, and both corners."""

from pathlib import Path

import torch
from torch import Tensor, nn

from rickets_rx.segment.margin_crop import COLUMNS, ROWS
from rickets_rx.segment.training.export import write_onnx
from rickets_rx.segment.training.networks import conv_block

WIDTHS = (24, 40, 64, 80)
"""Channels at 1/2, 1/4, 1/8 and 1/16 of the picture (ours)."""


class MarginNet(nn.Module):
    """A U-Net whose answers stand at half of the columns and all of the rows.

    Notes
    -----
    Of pictures (n, 2, 64, 96) it returns logits: lines (n, 2, 64, 48), margin and near edge of the epiphysis,
    and corners (n, 2, 32, 48).
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.down = nn.ModuleList([conv_block(a, b, 2) for a, b in zip((2, *widths), widths, strict=False)])
        self.side, self.merge = nn.ModuleList(), nn.ModuleList()
        for level in range(len(widths) - 2, -1, -1):
            self.side.append(nn.Conv2d(widths[level + 1], widths[level], 1, bias=False))
            self.merge.append(conv_block(widths[level], widths[level]))
        # Two channels a line: the even and the odd rows of the picture.
        self.head = nn.Conv2d(widths[0], 6, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        levels = []
        for down in self.down:
            x = down(x)
            levels.append(x)
        for k, (side, merge) in enumerate(zip(self.side, self.merge, strict=True)):
            up = nn.functional.interpolate(side(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = merge(up + levels[-2 - k])
        out = self.head(x)
        lines = out[:, :4].unflatten(1, (2, 2)).transpose(2, 3).flatten(2, 3)
        return lines, out[:, 4:]


class Shares(nn.Module):
    """The network with its answers as shares: of the rows of each column, of the places of each corner."""

    def __init__(self, net: MarginNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        lines, corners = self.net(x)
        return lines.softmax(2), corners.flatten(2).softmax(2).reshape(corners.shape)


def export_margin(net: MarginNet, path: Path) -> str:
    """Write the network as ONNX and its SHA-256 into ``hashes.json`` beside it; returns that."""
    picture = torch.zeros(2, 2, ROWS, COLUMNS)
    return write_onnx(Shares(net), {"picture": picture}, ["lines", "corners"], path)
