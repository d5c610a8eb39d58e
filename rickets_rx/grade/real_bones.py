"""Bones of real films as a reader marked them (``landmarks.json`` beside ``manifest.csv``)."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.radiograph import Radiograph
from rickets_rx.vocabulary import Bone

KEYS = {Bone.RADIUS: ("ru", "rr", "rm"), Bone.ULNA: ("uu", "ur", "um")}
LICENSED = "wrist_cc_by"
"""Folder of the films that weights may learn from."""


@dataclass(frozen=True, eq=False)
class RealBone:
    """One bone of a real film as a reader marked it."""

    stem: str
    path: Path
    bone: Bone
    corners: npt.NDArray[np.float64]
    distal: tuple[float, float]
    normal: bool
    said: str
    age: float | None

    @property
    def licensed(self) -> bool:
        """Whether weights may learn from the film."""
        return self.path.parent.name == LICENSED

    def film(self) -> Radiograph:
        """The film, read anew."""
        from rickets_rx.io.read import read_radiograph

        return read_radiograph(self.path)


def real_bones(folder: Path) -> Iterator[RealBone]:
    """Every bone with both corners in ``landmarks.json``, films in the file's order."""
    truth = json.loads((folder / "landmarks.json").read_text(encoding="utf-8"))
    paths = {path.stem: path for path in sorted(folder.rglob("*.png"))}
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as handle:
        rows = {Path(row["file"]).stem: row for row in csv.DictReader(handle)}
    for stem, mark in truth.items():
        for bone, names in KEYS.items():
            if not stem.startswith("_") and mark.get(names[0]) and mark.get(names[1]) and mark.get("rm"):
                yield _real_bone(paths[stem], rows.get(stem, {}), mark, bone)


def _real_bone(path: Path, row: dict[str, str], mark: dict[str, Any], bone: Bone) -> RealBone:
    corners = np.array([mark[name] for name in KEYS[bone][:2]], float)
    across = corners[1] - corners[0]
    towards = np.array(mark["rm"], float) - (np.array(mark["ru"], float) + np.array(mark["rr"], float)) / 2
    normal = np.array([-across[1], across[0]])
    normal = normal if normal @ towards > 0 else -normal
    said = mark.get(f"margin_{bone}")
    words = said if isinstance(said, list) else [said]
    months = row.get("bone_age_months", "")
    return RealBone(
        path.stem, path, bone, corners, (float(normal[0]), float(normal[1])),
        all(word == "normal" for word in words), ", ".join(map(str, words)),
        float(months) / 12 if months else None,
    )  # fmt: skip
