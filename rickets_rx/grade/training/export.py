"""Write the grader's networks as ONNX, answers as shares 0-1, with their hashes beside them."""

from pathlib import Path

import torch
from torch import nn

from rickets_rx.grade.cnn import BONES
from rickets_rx.grade.patch import SHAFT_SIDES, SIDE
from rickets_rx.grade.training.network import GradeNet, ShaftNet
from rickets_rx.segment.training.export import write_onnx


class Shares(nn.Module):
    """A network whose logits are answered as shares."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        shares: torch.Tensor = self.net(*inputs).sigmoid()
        return shares


def export_grade(net: GradeNet, path: Path) -> str:
    """Write the network of severity for any batch; returns the SHA-256 of the file."""
    inputs = {"patch": torch.zeros(2, 2, SIDE, SIDE), "bone": torch.eye(len(BONES))[:2]}
    return write_onnx(Shares(net), inputs, ["shares"], path)


def export_shaft(net: ShaftNet, path: Path) -> str:
    """Write the network of fractures and lesions for any batch; returns the SHA-256 of the file."""
    return write_onnx(Shares(net), {"shaft": torch.zeros(2, 2, *SHAFT_SIDES)}, ["mimic"], path)
