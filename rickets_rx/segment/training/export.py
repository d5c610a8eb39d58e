"""Write a trained network as ONNX, with the heat maps already normalised, and record its SHA-256."""

import hashlib
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from rickets_rx.segment.training.networks import KindNet, PlaceNet


class Answers(nn.Module):
    """A network whose outputs are shares: maps (n, m, s, s), absent (n, m), fields, classes (n, c).

    With a network for the ``kinds`` the classes are its answer.
    """

    def __init__(self, net: PlaceNet, kinds: KindNet | None = None) -> None:
        super().__init__()
        self.net, self.kinds = net, kinds
        self.with_fields = net.head.out_channels > net.maps

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        maps, absent, fields, classes = self.net(x)
        classes = classes if self.kinds is None else self.kinds(x)
        joined = torch.cat([maps.flatten(2), absent.unsqueeze(2)], 2).softmax(2)
        shares = joined[:, :, :-1].reshape(maps.shape)
        answers = (shares, joined[:, :, -1], classes.softmax(1))
        return (*answers, fields) if self.with_fields else answers


def export(net: PlaceNet, path: Path, size: int, kinds: KindNet | None = None) -> str:
    """Write ``net`` for pictures of ``size`` pixels, any batch, and its hash into ``hashes.json`` beside it.

    What the film shows is the answer of ``kinds`` where it is given.

    Returns the SHA-256 of the file.
    """
    names = ["shares", "absent", "classes"] + (["fields"] if net.head.out_channels > net.maps else [])
    return write_onnx(Answers(net, kinds), {"picture": torch.zeros(2, 2, size, size)}, names, path)


def write_onnx(net: nn.Module, inputs: dict[str, Tensor], outputs: list[str], path: Path) -> str:
    """Write a network for any batch, and its hash into ``hashes.json`` beside it; returns the hash.

    Parameters
    ----------
    inputs : dict of str to Tensor
        Examples by name, batch first.
    outputs : list of str
        Names of what it answers, batch first.
    """
    torch.onnx.export(
        net.eval(), tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs,
        dynamic_axes={name: {0: "n"} for name in (*inputs, *outputs)}, opset_version=17, dynamo=False,
    )  # fmt: skip
    return _record_hash(path)


def _record_hash(path: Path) -> str:
    """Put the SHA-256 of a file into ``hashes.json`` beside it, and return it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    record = path.parent / "hashes.json"
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    known[path.name] = digest
    record.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
    return digest
