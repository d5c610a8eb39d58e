"""The methods of grading side by side: classical, the network, and both together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rickets_rx.features.registry import Features
from rickets_rx.grade.classical import read_features
from rickets_rx.grade.evidence import TABLE
from rickets_rx.grade.graded import LEAST_DISSOLVED, graded
from rickets_rx.grade.interval import Kind, Reading
from rickets_rx.grade.result import BoneGrade
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import JOINT_OF_BONE, Flag, Method

# Weight of the network where both speak, and the foot under which its severities are calmed: it hardly ever
# says 0 of a healthy real bone, so 0.22 becomes 0.12 (grade 0) and from 0.40 on nothing changes. Order is
# kept. Both chosen on the films whose name hashes even (docs/grades.md).
NETWORK = 0.7
FOOT = ((0.0, 0.22, 0.40, 1.0), (0.0, 0.12, 0.40, 1.0))


def grade_metaphysis(
    radiograph: Radiograph, metaphysis: Metaphysis, features: Features, method: Method
) -> BoneGrade | None:
    """Grade one bone by a method; guards that look at its neighbour come after (`guards.guard_ulna`).

    Returns
    -------
    BoneGrade or None
        None where not even the shape of the margin was measured.
    """
    shares: Sequence[float] = ()
    if method is not Method.CLASSICAL:
        from rickets_rx.grade.cnn import network_shares

        shares = [float(share) for share in network_shares(radiograph, metaphysis.frame)]
    kind = Kind(joint=JOINT_OF_BONE[metaphysis.bone], method=method)
    read = read_by(features, metaphysis.flags, shares, method)
    if read is None:
        return None
    spacing = radiograph.spacing.mm
    width_mm = None if spacing is None else spacing * metaphysis.frame.width
    return graded(read, features, metaphysis.flags, kind, width_mm=width_mm)


def grade_by(
    features: Features, seen: tuple[Flag, ...], shares: Sequence[float], kind: Kind, table: Path = TABLE
) -> BoneGrade | None:
    """`grade_metaphysis` from measures and the network's answers."""
    read = read_by(features, seen, shares, kind.method, table)
    return None if read is None else graded(read, features, seen, kind, table)


def read_by(
    features: Features, seen: tuple[Flag, ...], shares: Sequence[float], method: Method, table: Path = TABLE
) -> Reading | None:
    """Severity of one bone by a method, before calibration."""
    classical = read_features(features, seen, table)
    if method is Method.CLASSICAL or classical is None:
        return classical
    from rickets_rx.grade.cnn import read_shares

    network = read_shares(np.asarray(shares, np.float32))
    read = calmed(network if method is Method.CNN else fused(classical, network))
    if Flag.MARGIN_DISSOLVED not in seen:
        return read
    value = max(read.severity, LEAST_DISSOLVED)
    return Reading(value, max(read.low, LEAST_DISSOLVED), max(read.high, value), read.scale)


def fused(classical: Reading, network: Reading) -> Reading:
    """Weighted mean of both; where they differ the spread grows by it (quadratically, as errors add)."""
    from rickets_rx.grade.cnn import ORDINARY

    value = (1 - NETWORK) * classical.severity + NETWORK * network.severity
    apart = abs(classical.severity - network.severity) / ORDINARY
    return Reading(value, value, value, float(np.hypot(network.scale, apart)))


def calmed(read: Reading) -> Reading:
    """A reading with its lowest severities pressed down along `FOOT`; monotone."""
    value, low, high = (float(np.interp(s, *FOOT)) for s in (read.severity, read.low, read.high))
    return Reading(value, low, high, read.scale)
