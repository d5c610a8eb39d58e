"""Write the grading network as ONNX, answers as shares 0-1, with its hash beside it."""

from pathlib import Path

import torch
from torch import nn

from rickets_rx.grade.patch import SIDE
from rickets_rx.grade.training.network import GradeNet
from rickets_rx.segment.training.export import record_hash


def export(net: GradeNet, path: Path) -> str:
    """Write ``net`` for any batch; returns the SHA-256 of the file."""
    example = torch.zeros(2, 2, SIDE, SIDE)
    torch.onnx.export(
        nn.Sequential(net.eval(), nn.Sigmoid()), (example,), str(path), input_names=["patch"],
        output_names=["shares"], dynamic_axes={"patch": {0: "n"}, "shares": {0: "n"}}, opset_version=17,
        dynamo=False,
    )  # fmt: skip
    return record_hash(path)
