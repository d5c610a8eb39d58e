"""Conformal calibration of the intervals of `rickets_rx.grade.interval`, counted by child."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rickets_rx.grade import interval
from rickets_rx.grade.evidence import TABLE
from rickets_rx.grade.examples import Example
from rickets_rx.grade.guards import guard_ulna
from rickets_rx.grade.interval import Kind, Reading, Target
from rickets_rx.grade.methods import grade_by, read_by
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.thacher import grade_of
from rickets_rx.phantom.disease import MIMICS
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Joint, Method

# Groups of true severity of a bone: the grades, so that each is covered as promised.
EDGES = (0.0, 0.125, 0.375, 0.625, 0.875)
# The least tail that gives an interval its shape (ours): a fifth of half a grade.
NARROWEST = 0.05
# Children that a band needs (ours): with fewer its tails rest on one or two of them.
LEAST = 40
ROUNDED = 0.125
"""A half of a sum of two bones, as mean severity: an interval is rounded outward by less than this."""
# Bands of the mean severity of two summed bones, as predicted (ours).
SUM_EDGES = (0.0, 0.25, 0.45, 0.65)


@dataclass(frozen=True)
class Prediction:
    """What the grader says of one phantom bone, beside its truth."""

    example: Example
    grade: BoneGrade

    @property
    def severity(self) -> float:
        return self.grade.severity

    @property
    def truth(self) -> float:
        return self.example.severity

    @property
    def low(self) -> float:
        return self.grade.severity_low

    @property
    def high(self) -> float:
        return self.grade.severity_high


@dataclass(frozen=True)
class Miss:
    """How far a truth lies below and above the uncalibrated bounds, over their scale (negative: inside).

    ``at`` tells the group: of a bone its true severity, of a sum the mean severity that was said.
    """

    child: int
    at: float
    below: float
    above: float


def predictions(
    found: Iterable[Example], method: Method = Method.CLASSICAL, table: Path = TABLE
) -> list[Prediction]:
    """Grades of all bones that are graded, the guard of the ulna applied; mimics are left out."""
    wrists: dict[tuple[int, int], dict[Bone, Prediction]] = {}
    for example in graded(found):
        kind = Kind(joint=JOINT_OF_BONE[example.bone], method=method)
        grade = grade_by(example.features, example.flags, example.shares, kind, table)
        if grade is not None:
            wrists.setdefault((example.child, example.joint), {})[example.bone] = Prediction(example, grade)
    for bones in wrists.values():
        ulna, radius = bones.get(Bone.ULNA), bones.get(Bone.RADIUS)
        if ulna is not None:
            guarded = guard_ulna(ulna.grade, ulna.example.features, radius.grade if radius else None, table)
            bones[Bone.ULNA] = Prediction(ulna.example, guarded)
    return [prediction for bones in wrists.values() for prediction in bones.values()]


def graded(found: Iterable[Example]) -> Iterator[Example]:
    """Examples that the pipeline did not refuse and that are no mimics."""
    return (example for example in found if not example.refused and example.variant not in MIMICS)


def calibrate(
    found: Sequence[Example], joint: Joint, method: Method, table: Path = TABLE
) -> dict[Kind, list[interval.Band]]:
    """Bands of both targets of one joint from children that neither ramps nor network ever saw."""
    bones: list[Miss] = []
    sums: dict[tuple[int, int], list[tuple[Reading, float]]] = {}
    for example in (e for e in graded(found) if JOINT_OF_BONE[e.bone] is joint):
        read = read_by(
            example.features, example.flags, example.shares, Kind(Target.BONE, joint, method), table
        )
        if read is not None:
            bones.append(_miss(example.child, read, example.severity))
            sums.setdefault((example.child, example.joint), []).append((read, example.grade))
    both = [_sum_miss(child, pair) for (child, _), pair in sums.items() if len(pair) == 2]
    return {
        Kind(Target.BONE, joint, method): banded(bones, wide_enough(bones, EDGES)),
        Kind(Target.SUM, joint, method): banded(both, wide_enough(both, SUM_EDGES)),
    }


def _miss(child: int, read: Reading, truth: float) -> Miss:
    """As the interval is given: that of a bone called healthy reaches down to 0 whatever the table says."""
    below = (read.low - truth) / read.scale
    return Miss(
        child, truth, min(below, 0.0) if grade_of(read.severity) == 0 else below,
        (truth - read.high) / read.scale,
    )  # fmt: skip


def _sum_miss(child: int, both: Sequence[tuple[Reading, float]]) -> Miss:
    """How far the true sum of grades lies from what was said of it, as mean severity.

    Of a sum only the severities are known to whoever adds them, so its reach starts from their mean; and it
    is calibrated as it is printed: rounding outward to halves gives `ROUNDED` more on either side.
    """
    value = float(np.mean([read.severity for read, _ in both]))
    truth = float(np.mean([grade for _, grade in both])) / 2
    return Miss(child, value, value - truth - ROUNDED, truth - value - ROUNDED)


def wide_enough(misses: Sequence[Miss], edges: Sequence[float]) -> list[float]:
    """Those edges that leave at least `LEAST` children in every band; smaller bands join their neighbour."""

    def children(low: float, high: float) -> int:
        return len({miss.child for miss in misses if low <= miss.at < high})

    kept = [edges[0]]
    for edge in edges[1:]:
        if children(kept[-1], edge) >= LEAST:
            kept.append(edge)
    while len(kept) > 1 and children(kept[-1], np.inf) < LEAST:
        kept.pop()
    return kept


def banded(misses: Sequence[Miss], edges: Sequence[float]) -> list[interval.Band]:
    """Reach below and above of every group, jointly holding `interval.LEVEL` of the children's votes.

    The 95 % tails give the interval its shape, lop-sided as the errors are; one conformal factor on both then
    gives it its coverage.

    Raises
    ------
    ValueError
        When a group holds too few children for those quantiles to exist.
    """
    groups: dict[float, list[Miss]] = {edge: [] for edge in edges}
    for miss in misses:
        groups[max(edge for edge in edges if miss.at >= edge)].append(miss)
    return [_band(edge, group) for edge, group in groups.items()]


def _band(edge: float, group: Sequence[Miss]) -> interval.Band:
    children = [miss.child for miss in group]
    sides = ([miss.below for miss in group], [miss.above for miss in group])
    tails = [quantile_by_child(side, children, (1 + interval.LEVEL) / 2) for side in sides]
    if tails[0] is None or tails[1] is None:
        raise ValueError(f"band from {edge}: {len(set(children))} children are too few to calibrate on")
    below, above = (max(NARROWEST, tail) for tail in tails if tail is not None)
    scores = [max(miss.below / below, miss.above / above) for miss in group]
    factor = max(0.0, quantile_by_child(scores, children, interval.LEVEL) or 0.0)
    return interval.Band(edge, round(factor * below, 3), round(factor * above, 3))


def quantile_by_child(values: Sequence[float], children: Sequence[int], level: float) -> float | None:
    """The conformal quantile where every child weighs 1, shared among its values; one more lies at infinity.

    With one value a child this is the ceil((n + 1) x level)-th smallest (Vovk et al. 2005). None where that
    does not exist.
    """
    counts = {child: children.count(child) for child in set(children)}
    order = np.argsort(values, kind="stable")
    weight = np.cumsum([1.0 / counts[children[i]] for i in order])
    reached = np.nonzero(weight >= level * (len(counts) + 1) - 1e-9)[0]
    return float(values[order[reached[0]]]) if len(reached) else None


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A small table as UTF-8 CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def write_bands(path: Path, found: dict[Kind, list[interval.Band]]) -> None:
    """The table that `rickets_rx.grade.interval` reads."""
    from rickets_rx.io.atomic import atomic_write

    rows = [
        (kind.method.value, kind.joint.value, kind.target.value, b.start, b.below, b.above)
        for kind, bands in found.items()
        for b in bands
    ]
    with atomic_write(path) as handle:
        handle.write(csv_bytes(("method", "joint", "target", "severity_from", "below", "above"), rows))
    interval.bands.cache_clear()
