"""When a film or a bone is refused, and with which of the contract's reasons. All thresholds are ours."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rickets_rx.errors import Refusal
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.locate_verify import Reading
from rickets_rx.segment.network import Array
from rickets_rx.vocabulary import Joint, RefusalReason, View

FILM_KINDS: tuple[RefusalReason | None, ...] = (
    None,
    RefusalReason.LATERAL_VIEW,
    RefusalReason.CAST_OR_METAL,
    RefusalReason.CLOSED_PHYSIS,
    RefusalReason.WRONG_BODY_PART,
    RefusalReason.NOT_A_RADIOGRAPH,
)
"""Kinds of film and crop in the networks' order; None is an open frontal joint."""
SURE_KIND = 0.5
"""Share at which the kind of a crop (closed, cast, lateral, ...) overrules key points that were found."""
HOPEFUL = 0.25
"""Confidence above which a film that looks like a hand or elbow is doubtful rather than another body part."""
MIN_PIXELS = 10.0
MIN_BEHIND = 0.04
"""Least stretch of shaft behind the chord, in widths: less is the film's edge and not a margin."""
MIN_CERTAINTY = 0.3
ULNA_OVER_RADIUS = (0.38, 0.95)
"""The 48 measured children of anatomy_by_age.csv span 0.43-0.73; rachitic ends splay unequally."""
DETAILS = {
    RefusalReason.LATERAL_VIEW: "The film looks like a lateral view; only frontal films are scored.",
    RefusalReason.CAST_OR_METAL: "A cast or metal lies over the joint.",
    RefusalReason.CLOSED_PHYSIS: "The growth plates look closed.",
    RefusalReason.WRONG_BODY_PART: "No wrist and no frontal elbow of a child was found.",
    RefusalReason.NOT_A_RADIOGRAPH: "The picture does not look like a radiograph.",
    RefusalReason.AMBIGUOUS: "A wrist may be here, but its bone ends were not found with certainty.",
}

_A = {Joint.WRIST: "a wrist", Joint.ELBOW: "an elbow"}


def header_refusal(radiograph: Radiograph) -> Refusal | None:
    """The refusal that the file's own header asks for."""
    if radiograph.view is View.LATERAL:
        return Refusal(RefusalReason.LATERAL_VIEW, "The header says that this is a lateral view.")
    parts = [note.split("=", 1)[1].lower() for note in radiograph.notes if note.startswith("body_part=")]
    good = ("wrist", "hand", "forearm", "elbow", "arm", "extremity", "radius", "ulna", "finger")
    if parts and parts[0] and not any(word in parts[0] for word in good):
        return Refusal(RefusalReason.WRONG_BODY_PART, f"The header says that this is: {parts[0]}.")
    return None


def film_refusal(found: Sequence[Reading], readings: Sequence[Reading], kinds: Array) -> Refusal | None:
    """The refusal of a whole film.

    Parameters
    ----------
    found : sequence of Reading
        Accepted joints.
    readings : sequence of Reading
        All that were read twice, best first.
    kinds : ndarray of shape (6,)
        What the first network says of the film, in the order of `FILM_KINDS`.
    """
    if found:
        return _kind_refusal(found)
    shares = np.asarray(kinds, float).copy()
    if readings:
        shares = (shares + readings[0].classes[: len(shares)]) / 2
    reason = FILM_KINDS[int(np.argmax(shares))]
    if reason is None:
        hopeful = bool(readings) and readings[0].confidence > HOPEFUL
        reason = RefusalReason.AMBIGUOUS if hopeful else RefusalReason.WRONG_BODY_PART
    return Refusal(reason, DETAILS[reason])


def other_joint_refusal(given: Joint, shown: Joint) -> Refusal:
    """The refusal of a film on which only another joint was found than it was given as."""
    detail = f"The film was given as {_A[given]}, but shows {_A[shown]}."
    return Refusal(RefusalReason.WRONG_BODY_PART, detail)


def _kind_refusal(found: Sequence[Reading]) -> Refusal | None:
    """The refusal of a film whose every joint the second network takes for something else than open."""
    reasons = []
    for reading in found:
        best = int(np.argmax(reading.classes))
        reason = FILM_KINDS[best] if best < len(FILM_KINDS) else None
        if reason is None or reading.classes[best] < SURE_KIND:
            return None
        reasons.append(reason)
    return Refusal(reasons[0], DETAILS[reasons[0]])


def bone_refusal(
    reading: Reading, index: int, points: npt.NDArray[np.float64], shape: tuple[int, int]
) -> Refusal | None:
    """The refusal of one bone of an accepted joint.

    Parameters
    ----------
    reading : Reading
    index : int
        0 or 1, first or second bone of the joint.
    points : ndarray of shape (6, 2)
        Key points in pixels of the film of ``shape`` (rows, columns).
    """
    corners = points[3 * index : 3 * index + 2]
    width = float(np.hypot(*(corners[1] - corners[0])))
    if width < MIN_PIXELS:
        return Refusal(RefusalReason.TOO_FEW_PIXELS, f"The bone end is only {width:.0f} pixels wide.")
    behind = corners - MIN_BEHIND * width * np.asarray(reading.distal(index))
    reach = np.concatenate([corners, behind])
    if ((reach < 0) | (reach > np.array(shape[::-1]) - 1)).any():
        return Refusal(RefusalReason.CUT_OFF, "The bone end reaches over the edge of the film.")
    if reading.bone(index) < MIN_CERTAINTY:
        return Refusal(RefusalReason.AMBIGUOUS, "The ends of the margin were not found with certainty.")
    if index == 1 and reading.pose.joint is Joint.WRIST:
        ratio = width / float(np.hypot(*(points[1] - points[0])))
        if not ULNA_OVER_RADIUS[0] < ratio < ULNA_OVER_RADIUS[1]:
            return Refusal(RefusalReason.AMBIGUOUS, f"The ulna would be {ratio:.2f} of the radius in width.")
    return None
