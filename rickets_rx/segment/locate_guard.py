"""The guard: a small network that looks at every bone end found and says why it may be of no use."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.errors import Refusal
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.locate_verify import Reading
from rickets_rx.segment.network import Array, as_input, fill_of, run, warp
from rickets_rx.vocabulary import Joint, RefusalReason

GUARD_SIDE = 96
"""Pixels on each side of the patch."""
ACROSS, PROXIMAL, DISTAL = 2.0, 0.9, 0.7
"""Widths that the patch spans across the bone, behind and beyond its chord (ours): 0.3 widths round the
margin, the plate, the epiphysis and enough of the shaft to see where the film ends."""
FINEST = 4
"""Times the patch's own pixels at which a large bone is read before they are averaged (ours)."""
GUARD_KINDS: tuple[RefusalReason | None, ...] = (
    None,
    RefusalReason.CAST_OR_METAL,
    RefusalReason.CLOSED_PHYSIS,
    RefusalReason.CUT_OFF,
    RefusalReason.AMBIGUOUS,
)
"""What the network tells apart: a bone end in full view, foreign matter over the margin or within 0.3 widths
of it, a closed plate, a corner or the shaft behind it off the field, and what is no frontal bone end."""
GUARDED = (Joint.WRIST,)
"""Joints whose bones are guarded: the network has seen no elbow."""
LIMITS = (0.5, 0.95, 0.7, 0.85)
"""Share of each kind of `GUARD_KINDS` but the first from which a bone is refused (ours)."""
COVERED_BESIDE = 0.2
"""Share of foreign matter from which a bone is refused whose neighbour is refused for it (ours)."""
STRANGE_BOTH = 0.7
"""Share of no bone end from which both bones of a joint are refused that reach it (ours)."""
CLEAR_BESIDE = 0.9
"""Share of a full view that a bone needs whose neighbour is no bone end at all (ours)."""
GUARD_DETAILS = {
    RefusalReason.CAST_OR_METAL: "Plaster, a splint or metal lies over the bone end or close to it.",
    RefusalReason.CLOSED_PHYSIS: "The growth plate looks closed.",
    RefusalReason.CUT_OFF: "The field ends at the bone end or close behind it.",
    RefusalReason.AMBIGUOUS: "What was found does not look like a frontal bone end.",
}


def guard_patch(film: Array, frame: BoneFrame, *, side: int = GUARD_SIDE, room: float = 0.0) -> Array:
    """The film round a bone end, distal up, corner1 left.

    Parameters
    ----------
    film : ndarray of shape (rows, columns), float32
    frame : BoneFrame
        Pixels of ``film``.
    side : int
        Pixels on each side.
    room : float
        Share by which the patch reaches further on every side; training moves and turns within it.

    Returns
    -------
    ndarray of shape (side, side), float32
    """
    width = frame.width * (1 + room)
    steps = np.array([ACROSS, PROXIMAL + DISTAL]) * width / side
    fine = int(np.clip(np.ceil(steps.max()), 1, FINEST))
    turn = np.stack([frame.across, -frame.axis]) / steps[:, None] * fine
    middle = frame.origin + frame.axis * frame.width * (DISTAL - PROXIMAL) / 2
    offset = (side * fine - 1) / 2 - turn @ middle
    seen = warp(film, np.column_stack([turn, offset]), side * fine, fill_of(film))
    return np.asarray(cv2.resize(seen, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def guard_shares(film: Array, frames: Sequence[BoneFrame]) -> Array:
    """Shares of `GUARD_KINDS` for each of some bone ends, shape (n, 5)."""
    (shares,) = run("guard", np.stack([as_input(guard_patch(film, frame)) for frame in frames]))
    return shares


def guarded(film: Array, reading: Reading) -> list[Refusal | None]:
    """Why each bone of a reading is of no use; None where it may be used, or its joint is not guarded."""
    pairs = reading.points.reshape(2, 3, 2)[:, :2]
    if reading.pose.joint not in GUARDED or (np.hypot(*np.diff(pairs, axis=1)[:, 0].T) < 1).any():
        return [None, None]
    frames = [
        BoneFrame(_point(one), _point(other), reading.distal(index))
        for index, (one, other) in enumerate(pairs)
    ]
    return guard_refusals(guard_shares(film, frames))


def _point(xy: npt.NDArray[np.float64]) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])


def guard_refusals(shares: Array) -> list[Refusal | None]:
    """Why bones of one joint with these shares of `GUARD_KINDS`, shape (n, 5), are refused; None where not.

    A splint lies over both bones of a wrist, and a misplaced reading misplaces both: beside a bone that is
    surely covered, or none, less is needed.
    """
    astray = len(shares) > 1 and bool((shares[:, -1] >= STRANGE_BOTH).all())
    limit = STRANGE_BOTH if astray else LIMITS[-1]
    covered, strange = shares[:, 1] >= LIMITS[0], shares[:, -1] >= limit
    refusals = []
    for bone, row in enumerate(shares):
        limits = (COVERED_BESIDE if np.delete(covered, bone).any() else LIMITS[0], *LIMITS[1:-1], limit)
        refusal = _refusal(row, limits)
        if refusal is None and np.delete(strange, bone).any() and row[0] < CLEAR_BESIDE:
            refusal = Refusal(RefusalReason.AMBIGUOUS, GUARD_DETAILS[RefusalReason.AMBIGUOUS])
        refusals.append(refusal)
    return refusals


def _refusal(shares: Array, limits: Sequence[float]) -> Refusal | None:
    for share, limit, reason in zip(shares[1:], limits, GUARD_KINDS[1:], strict=True):
        if reason is not None and share >= limit:
            return Refusal(reason, GUARD_DETAILS[reason])
    return None
