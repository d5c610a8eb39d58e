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
from rickets_rx.vocabulary import JOINT_OF_BONE, Flag, Joint, Method

# Error that the features alone are taken to have where they are fused: root mean square of severity. Wrist:
# that of 0.11 on the phantoms that calibrate and of 0.20 on painted films that may be learned from, both
# counting alike. Elbow: chosen above the 0.19 of the phantoms that calibrate (ours; docs/grades.md has the
# commands, and how little it matters).
CLASSICAL_ERROR = {Joint.WRIST: 0.16, Joint.ELBOW: 0.23}
# The foot under which severities are calmed where the network speaks, by joint: of healthy real bones it
# seldom says 0, so 0.24 becomes 0.12 (grade 0) and from 0.42 on nothing changes. Order is kept. At the wrist
# about as wide as the agreement on calibrating phantoms allows (0.91 with the anchors moved): a healthy child
# comes first. No elbow of a healthy child was there to ask for so much (ours).
FOOT = {
    Joint.WRIST: ((0.0, 0.24, 0.42, 1.0), (0.0, 0.12, 0.42, 1.0)),
    Joint.ELBOW: ((0.0, 0.18, 0.36, 1.0), (0.0, 0.12, 0.36, 1.0)),
}


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

        shares = [float(share) for share in network_shares(radiograph, metaphysis.frame, metaphysis.bone)]
    kind = Kind(joint=JOINT_OF_BONE[metaphysis.bone], method=method)
    read = read_by(features, metaphysis.flags, shares, kind)
    if read is None:
        return None
    spacing = radiograph.spacing.mm
    width_mm = None if spacing is None else spacing * metaphysis.frame.width
    return graded(read, features, metaphysis.flags, kind, width_mm=width_mm)


def grade_by(
    features: Features, seen: tuple[Flag, ...], shares: Sequence[float], kind: Kind, table: Path = TABLE
) -> BoneGrade | None:
    """`grade_metaphysis` from measures and the network's answers."""
    read = read_by(features, seen, shares, kind, table)
    return None if read is None else graded(read, features, seen, kind, table)


def read_by(
    features: Features, seen: tuple[Flag, ...], shares: Sequence[float], kind: Kind, table: Path = TABLE
) -> Reading | None:
    """Severity of one bone of a joint by a method, before calibration."""
    classical, method = read_features(features, seen, table), kind.method
    if method is Method.CLASSICAL or classical is None:
        return classical
    from rickets_rx.grade.cnn import read_shares

    network = read_shares(np.asarray(shares, np.float32))
    both = fused(classical, network, CLASSICAL_ERROR[kind.joint])
    read = calmed(network if method is Method.CNN else both, kind.joint)
    if Flag.MARGIN_DISSOLVED not in seen:
        return read
    value = max(read.severity, LEAST_DISSOLVED)
    return Reading(value, max(read.low, LEAST_DISSOLVED), max(read.high, value), read.scale)


def fused(classical: Reading, network: Reading, error: float) -> Reading:
    """Mean of both, each weighing by the inverse of its variance: where the network is sure it decides.

    Parameters
    ----------
    error : float
        That ``classical`` is taken to have (`CLASSICAL_ERROR`); the network tells its own of each bone.

    Returns
    -------
    Reading
        Its spread grows by how far the features moved it (quadratically, as errors add).
    """
    from rickets_rx.grade.cnn import ORDINARY

    weight = error**2 / (error**2 + (ORDINARY * network.scale) ** 2)
    value = weight * network.severity + (1 - weight) * classical.severity
    moved = abs(value - network.severity) / ORDINARY
    return Reading(value, value, value, float(np.hypot(network.scale, moved)))


def calmed(read: Reading, joint: Joint) -> Reading:
    """A reading with its lowest severities pressed down along `FOOT`; monotone."""
    value, low, high = (float(np.interp(s, *FOOT[joint])) for s in (read.severity, read.low, read.high))
    return Reading(value, low, high, read.scale)
