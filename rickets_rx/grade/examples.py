"""Phantom bones measured as the pipeline measures, kept as a table: what the grader's fit and its study read.

``python -m rickets_rx.grade.examples --spread whole --children 900 --seed 50000 --out wrist.csv``. Places
come from the truth, shaken as the search for places errs; margins and features come from the pipeline itself.
The patches that the network looks at are kept beside the table (``wrist.npy``).
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.features.registry import Features, FeatureValue
from rickets_rx.grade.patch import SIDE, raw_patch
from rickets_rx.grade.spreads import Spread, drawn
from rickets_rx.vocabulary import Activity, Bone, Flag, Joint, Side, Status

if TYPE_CHECKING:
    from rickets_rx.phantom import PhantomBone, PhantomFilm
    from rickets_rx.radiograph import Radiograph
    from rickets_rx.segment.metaphysis import Metaphysis

# Corners of the search for places err by about this share of the width (ours).
PLACE_ERROR = 0.03
# Patches are kept with this much room on every side, so that training can move and turn them.
KEPT_SIDE = SIDE + SIDE // 6
ROOM = KEPT_SIDE / SIDE - 1
Array = npt.NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class Measured:
    """What the pipeline makes of one bone: empty but for ``refused`` where it refuses it."""

    width: float = 0.0
    flags: tuple[Flag, ...] = ()
    refused: str = ""
    features: Features = field(default_factory=dict)
    patch: Array | None = None


@dataclass(frozen=True)
class Example:
    """One phantom bone: its features through the found margin, and its truth.

    Parameters
    ----------
    child : int
        The phantom's seed.
    joint : int
        Counts the joints of one film from 0: bones of one joint add up.
    width : float
        MW as found, pixels.
    flags : tuple of Flag
        What segmentation said of the bone.
    refused : str
        Reason where the pipeline refused the bone; then ``features`` is empty and ``width`` 0.
    severity, grade, shifted : float
        Truth; ``shifted`` is the grade with every anchor of the truth rule moved by 30 %.
    age : float
        Years.
    tilt, turn : float
        How the beam meets the wrist, degrees.
    exposure : float
        Natural logarithm of the photons.
    shares : tuple of float
        Answers of the grading network; empty where none was asked.
    """

    child: int
    joint: int
    bone: Bone
    side: Side
    width: float
    flags: tuple[Flag, ...]
    refused: str
    severity: float
    grade: float
    shifted: float
    activity: Activity
    variant: str
    age: float
    spacing_mm: float
    features: Features
    tilt: float = 0.0
    turn: float = 0.0
    exposure: float = 0.0
    shares: tuple[float, ...] = ()


def examples(
    seeds: Iterable[int], joint: Joint = Joint.WRIST, spread: Spread = Spread.WHOLE
) -> Iterator[tuple[Example, Array | None]]:
    """Measured phantom bones with their patches, one child per seed; same seed, same examples."""
    from rickets_rx.phantom import sample

    for seed in seeds:
        fixed, known = drawn(spread, joint, seed)
        film = sample(joint, seed, **fixed)
        if film.refuse is None:
            for example, patch in measured(film):
                yield replace(example, **known), patch


def measured(film: "PhantomFilm", chance: int = 29) -> Iterator[tuple[Example, Array | None]]:
    """Every bone of a film that its truth calls scorable; ``chance`` picks the shake of the places."""
    radiograph = film.radiograph()
    rng = np.random.default_rng((film.seed, chance))
    for index, place in enumerate(film.joints):
        for truth in (bone for bone in place.bones if bone.status is Status.SCORED):
            corners = shaken(np.array([truth.corner1, truth.corner2]), rng)
            said = measure_at(radiograph, truth.bone, corners, truth.distal)
            yield _example(film, truth, (index, place.side), said), said.patch


def shaken(corners: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Corners, shape (2, 2), off as those of the search are."""
    width = float(np.hypot(*(corners[1] - corners[0])))
    return corners + rng.normal(0, PLACE_ERROR * width, (2, 2))


def measure_at(
    radiograph: "Radiograph", bone: Bone, corners: npt.NDArray[np.float64], distal: tuple[float, float]
) -> Measured:
    """Trace and measure the bone end at given corners."""
    from rickets_rx.features import measure_all

    found = trace_at(radiograph, bone, corners, distal)
    if isinstance(found, str):
        return Measured(refused=found)
    patch = raw_patch(radiograph, found.frame, side=KEPT_SIDE, room=ROOM)
    return Measured(found.frame.width, found.flags, "", measure_all(radiograph, found), packed(patch))


def trace_at(
    radiograph: "Radiograph", bone: Bone, corners: npt.NDArray[np.float64], distal: tuple[float, float]
) -> "Metaphysis | str":
    """The bone end at given corners, or the reason why tracing refuses it."""
    from rickets_rx.segment.candidate import BoneCandidate
    from rickets_rx.segment.metaphysis import Metaphysis
    from rickets_rx.segment.trace import trace

    one, other = ((float(x), float(y)) for x, y in corners)
    found = trace(radiograph, BoneCandidate(bone, one, other, distal, 1.0))
    return found if isinstance(found, Metaphysis) else found.refusal.reason.value


def packed(patch: npt.NDArray[np.float32]) -> Array:
    """A patch in half precision; greys are only told up to gain and offset."""
    low, high = float(patch.min()), float(patch.max())
    return ((patch - low) / max(high - low, 1e-6)).astype(np.float16)


def middle(patch: Array) -> npt.NDArray[np.float32]:
    """The patch as the grader sees it, out of one kept with room."""
    edge = (KEPT_SIDE - SIDE) // 2
    return patch[edge:-edge, edge:-edge].astype(np.float32)


def _example(film: "PhantomFilm", truth: "PhantomBone", where: tuple[int, Side], said: Measured) -> Example:
    return Example(
        child=film.seed,
        joint=where[0],
        bone=truth.bone,
        side=where[1],
        width=said.width,
        flags=said.flags,
        refused=said.refused,
        severity=truth.severity,
        grade=truth.grade,
        shifted=truth.grade_shifted,
        activity=truth.activity,
        variant=truth.variant,
        age=film.age_years,
        spacing_mm=film.spacing_mm,
        features=said.features,
    )


PLAIN = tuple(f.name for f in fields(Example) if f.name not in ("flags", "features", "shares"))
NUMBERS = "width severity grade shifted age spacing_mm tilt turn exposure".split()


def write_examples(path: Path, found: Iterable[tuple[Example, Array | None]]) -> int:
    """Write examples as CSV (a missing feature is ``=reason``), and their patches beside it.

    Returns
    -------
    int
        How many bones were written.
    """
    from rickets_rx.features import feature_units

    names, patches = list(feature_units()), []
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([*PLAIN, "flags", *names])
        for example, patch in found:
            plain = [getattr(example, name) for name in PLAIN]
            measures = [_cell(example.features.get(name)) for name in names]
            writer.writerow([*plain, ";".join(example.flags), *measures])
            handle.flush()
            patches.append(np.zeros((KEPT_SIDE, KEPT_SIDE), np.float16) if patch is None else patch)
    np.save(path.with_suffix(".npy"), np.array(patches))
    return len(patches)


def _cell(value: FeatureValue | None) -> str:
    if value is None:
        return ""
    return f"={value.reason}" if value.value is None else f"{value.value:.6g}"


def read_examples(path: Path) -> list[Example]:
    """Examples of a table that `write_examples` wrote, without the network's answers."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [_read(row) for row in csv.DictReader(handle)]


def read_patches(path: Path) -> Array:
    """Patches of the rows of a table, shape (rows, 112, 112); all 0 where a bone was refused."""
    patches: Array = np.load(path.with_suffix(".npy"), mmap_mode="r")
    return patches


def with_shares(found: Sequence[Example], patches: Array) -> list[Example]:
    """Examples with the answers of the shipped network."""
    from rickets_rx.grade.cnn import answers
    from rickets_rx.grade.patch import network_input

    told = []
    for start in range(0, len(found), 64):
        batch = np.stack([network_input(middle(patch)) for patch in patches[start : start + 64]])
        bones = [example.bone for example in found[start : start + 64]]
        told += [tuple(map(float, shares)) for shares in answers(batch, bones)]
    return [replace(example, shares=shares) for example, shares in zip(found, told, strict=True)]


def _read(row: dict[str, str]) -> Example:
    named = {name for name in row if name not in PLAIN and name != "flags"}
    measures = {name: _value(row[name]) for name in named if row[name] != ""}
    plain: dict[str, Any] = {name: float(row[name]) for name in NUMBERS}
    return Example(
        child=int(row["child"]),
        joint=int(row["joint"]),
        bone=Bone(row["bone"]),
        side=Side(row["side"]),
        flags=tuple(Flag(word) for word in row["flags"].split(";") if word),
        refused=row["refused"],
        activity=Activity(row["activity"]),
        variant=row["variant"],
        features=measures,
        **plain,
    )


def _value(cell: str) -> FeatureValue:
    return FeatureValue(None, cell[1:]) if cell.startswith("=") else FeatureValue(float(cell))


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: measure phantoms into a table."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--children", type=int, default=900)
    parser.add_argument("--seed", type=int, default=50_000)
    parser.add_argument("--joint", type=Joint, default=Joint.WRIST)
    parser.add_argument("--spread", type=Spread, default=Spread.WHOLE)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    seeds = range(chosen.seed, chosen.seed + chosen.children)
    write_examples(chosen.out, examples(seeds, chosen.joint, chosen.spread))


if __name__ == "__main__":
    main()
