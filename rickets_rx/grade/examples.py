"""Phantom bones measured as the pipeline measures, kept as a table: what the grader's fit and its study read.

``python -m rickets_rx.grade.examples --children 900 --seed 50000 --out wrist.csv``. Places come from the
truth, shaken as the search for places errs; margins and features come from the pipeline itself.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.features.registry import Features, FeatureValue
from rickets_rx.vocabulary import Activity, Bone, Flag, Joint, Side, Status

if TYPE_CHECKING:
    from rickets_rx.phantom import PhantomBone, PhantomFilm

# Corners of the search for places err by about this share of the width (ours).
PLACE_ERROR = 0.03


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


def examples(seeds: Iterable[int], joint: Joint = Joint.WRIST, **ranges: Any) -> Iterator[Example]:
    """Measured phantom bones, one child per seed; same seed, same examples.

    Parameters
    ----------
    seeds : iterable of int
    **ranges
        Handed to `rickets_rx.phantom.sample`.
    """
    from rickets_rx.phantom import sample

    for seed in seeds:
        film = sample(joint, seed, **ranges)
        if film.refuse is None:
            yield from measured(film)


def measured(film: "PhantomFilm", chance: int = 29) -> Iterator[Example]:
    """Every bone of a film that its truth calls scorable; ``chance`` picks the shake of the places."""
    from rickets_rx.features import measure_all
    from rickets_rx.segment.candidate import BoneCandidate
    from rickets_rx.segment.metaphysis import Metaphysis
    from rickets_rx.segment.trace import trace

    radiograph = film.radiograph()
    rng = np.random.default_rng((film.seed, chance))
    for index, place in enumerate(film.joints):
        for truth in (bone for bone in place.bones if bone.status is Status.SCORED):
            corners = np.array([truth.corner1, truth.corner2]) + rng.normal(
                0, PLACE_ERROR * truth.width, (2, 2)
            )
            one, other = ((float(x), float(y)) for x, y in corners)
            found = trace(radiograph, BoneCandidate(truth.bone, one, other, truth.distal, 1.0))
            if isinstance(found, Metaphysis):
                measures = measure_all(radiograph, found)
                said = found.frame.width, found.flags, "", measures
            else:
                said = 0.0, (), found.refusal.reason.value, {}
            yield _example(film, truth, (index, place.side), said)


def _example(
    film: "PhantomFilm",
    truth: "PhantomBone",
    where: tuple[int, Side],
    said: tuple[float, tuple[Flag, ...], str, Features],
) -> Example:
    width, flags, refused, features = said
    return Example(
        child=film.seed,
        joint=where[0],
        bone=truth.bone,
        side=where[1],
        width=width,
        flags=flags,
        refused=refused,
        severity=truth.severity,
        grade=truth.grade,
        shifted=truth.grade_shifted,
        activity=truth.activity,
        variant=truth.variant,
        age=film.age_years,
        spacing_mm=film.spacing_mm,
        features=features,
    )


PLAIN = tuple(field.name for field in fields(Example) if field.name not in ("flags", "features"))


def write_examples(path: Path, found: Iterable[Example]) -> int:
    """Write examples as CSV (a missing feature is ``=reason``); rows appear as they are measured.

    Returns
    -------
    int
        How many bones were written.
    """
    from rickets_rx.features import feature_units

    names, count = list(feature_units()), 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([*PLAIN, "flags", *names])
        for example in found:
            plain = [getattr(example, name) for name in PLAIN]
            measures = [_cell(example.features.get(name)) for name in names]
            writer.writerow([*plain, ";".join(example.flags), *measures])
            handle.flush()
            count += 1
    return count


def _cell(value: FeatureValue | None) -> str:
    if value is None:
        return ""
    return f"={value.reason}" if value.value is None else f"{value.value:.6g}"


def read_examples(path: Path) -> list[Example]:
    """Examples of a table that `write_examples` wrote."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [_read(row) for row in csv.DictReader(handle)]


def _read(row: dict[str, str]) -> Example:
    named = {name for name in row if name not in PLAIN and name != "flags"}
    measures = {name: _value(row[name]) for name in named if row[name] != ""}
    return Example(
        child=int(row["child"]),
        joint=int(row["joint"]),
        bone=Bone(row["bone"]),
        side=Side(row["side"]),
        width=float(row["width"]),
        flags=tuple(Flag(word) for word in row["flags"].split(";") if word),
        refused=row["refused"],
        severity=float(row["severity"]),
        grade=float(row["grade"]),
        shifted=float(row["shifted"]),
        activity=Activity(row["activity"]),
        variant=row["variant"],
        age=float(row["age"]),
        spacing_mm=float(row["spacing_mm"]),
        features=measures,
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
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    seeds = range(chosen.seed, chosen.seed + chosen.children)
    write_examples(chosen.out, examples(seeds, chosen.joint))


if __name__ == "__main__":
    main()
