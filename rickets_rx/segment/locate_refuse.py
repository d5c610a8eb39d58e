"""When a film or a bone is refused, and with which of the contract's reasons. All thresholds are ours."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rickets_rx.coarser import coarser
from rickets_rx.errors import Refusal
from rickets_rx.quantiles import percentiles
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.candidate import JointCandidate
from rickets_rx.segment.locate_guard import GUARD_KINDS, GUARDED
from rickets_rx.segment.locate_verify import Reading
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.segment.network import FILM_SIZE, Array, shrink, smooth
from rickets_rx.vocabulary import Joint, RefusalReason, View

FILM_KINDS: tuple[RefusalReason | None, ...] = (
    None,
    RefusalReason.LATERAL_VIEW,
    RefusalReason.CAST_OR_METAL,
    RefusalReason.CLOSED_PHYSIS,
    RefusalReason.WRONG_BODY_PART,
    RefusalReason.NOT_A_RADIOGRAPH,
    RefusalReason.OBLIQUE,
    RefusalReason.CUT_OFF,
    RefusalReason.POOR_EXPOSURE,
)
"""Kinds of film and crop in the networks' order; None is an open frontal joint."""
SURE_KIND = 0.5
"""Share at which the kind of a film on which no joint was found is named: below it the networks guess."""
NOT_FRONTAL = 0.25
"""Share of a crop's kinds other than open and closed (oblique, lateral, cast, ...) that overrules key points
that were found. Half of the real films, all frontal, reach 0.10 at most."""
SURE_CLOSED = 0.65
"""Share of closed that does so. Open plates of adolescents reach 0.64, and are not to be refused."""
LEAST_SEEN = 0.5
"""Share of a crop that is of some kind at all, from which its kind counts for the film's (ours)."""
GRAIN_SIZES = (32, 128)
"""Parts of the longer side below which detail counts as coarse and as fine grain."""
MOSTLY_COARSE, MOSTLY_FINE = 0.75, 0.2
"""Share of a picture's variance in coarse grain from which it shows no limb, and in fine grain from which
noise drowns a limb (real films reach 0.39 and 0.15; noise, print, brick and grass have 0.84 of coarse at
least; docs/segmentation.md)."""
HOPEFUL = 0.25
"""Confidence above which a refused film is said to have come near to showing a joint."""
FEWEST = 32
"""Pixels on the shorter side below which a picture shows nothing."""
MIN_PIXELS = 10.0
MIN_BEHIND = 0.25
"""Least stretch of shaft behind both corners, in widths (ours): with less than 0.3 neither the width of the
shaft nor the metaphysis can be judged, and the corners of the search err by up to 0.05 along the shaft."""
MIN_CERTAINTY = {Joint.WRIST: 0.4, Joint.ELBOW: 0.3}
"""Least certainty of a bone by the second look (ours): real bones of the tune half and the unannotated hands
had 0.45 at least with the networks it was chosen on. What covers a wrist bone is left to the guard."""
ULNA_OVER_RADIUS = (0.38, 0.95)
"""The 48 measured children of anatomy_by_age.csv span 0.43-0.73; rachitic ends splay unequally."""
DETAILS = {
    RefusalReason.LATERAL_VIEW: "The film looks like a lateral view; only frontal films are scored.",
    RefusalReason.CAST_OR_METAL: "A cast or metal lies over the joint.",
    RefusalReason.CLOSED_PHYSIS: "The growth plates look closed.",
    RefusalReason.WRONG_BODY_PART: "The film looks like another part of the body.",
    RefusalReason.NOT_A_RADIOGRAPH: "The picture does not look like a radiograph.",
    RefusalReason.POOR_EXPOSURE: "Noise drowns what the film shows; nothing was found in it.",
    RefusalReason.OBLIQUE: "The film looks oblique; only frontal films are scored.",
    RefusalReason.CUT_OFF: "The film seems to end before the metaphyses.",
}
HOPEFUL_DETAIL = "A wrist or elbow may be here, but its bone ends were not found with certainty."
NOTHING_DETAIL = (
    "No frontal wrist or elbow of a child was found; what the film shows instead cannot be told for certain."
)

SHARED: dict[RefusalReason, str] = {
    RefusalReason.CAST_OR_METAL: DETAILS[RefusalReason.CAST_OR_METAL],
    RefusalReason.CLOSED_PHYSIS: DETAILS[RefusalReason.CLOSED_PHYSIS],
    RefusalReason.AMBIGUOUS: HOPEFUL_DETAIL,
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


def picture_refusal(film: Array) -> Refusal | None:
    """The refusal of a picture that cannot be a radiograph of a limb, whatever a network makes of it.

    Tissue varies over lengths of a limb; noise, print and texture vary over lengths of their own grain.

    Parameters
    ----------
    film : ndarray of shape (rows, columns), float32
        Finite.
    """
    if min(film.shape) < FEWEST or float(np.ptp(film)) == 0:
        return Refusal(RefusalReason.NOT_A_RADIOGRAPH, "The picture is empty.")
    if grain(film)[0] > MOSTLY_COARSE:
        return Refusal(RefusalReason.NOT_A_RADIOGRAPH, DETAILS[RefusalReason.NOT_A_RADIOGRAPH])
    return None


def grain(film: Array) -> tuple[float, float]:
    """Shares 0-1 of the variance of a picture that lie in coarse and in fine grain (see `GRAIN_SIZES`).

    What is left after a Gaussian blur of a 32nd (128th) of the longer side, of a picture of at most
    `FILM_SIZE` pixels a side whose 0.5 % extremes are cut: 0 for a slope, about 1 for white noise.
    """
    small, _ = shrink(coarser(film, 2 * FILM_SIZE)[0], FILM_SIZE)
    low, high = (np.float32(limit) for limit in percentiles(small, 0.5, 99.5))
    calm = np.clip(small, low, high)
    spread = max(float(calm.var()), 1e-12)
    coarse, fine = (
        float((calm - smooth(calm, max(calm.shape) / size)).var()) / spread for size in GRAIN_SIZES
    )
    return coarse, fine


def film_refusal(
    film: Array, found: Sequence[Reading], readings: Sequence[Reading], kinds: Array
) -> Refusal | None:
    """The refusal of a whole film: a kind only where it is sure, else ``ambiguous``.

    Parameters
    ----------
    film : ndarray of shape (rows, columns), float32
    found : sequence of Reading
        Accepted joints.
    readings : sequence of Reading
        All that were read twice, best first.
    kinds : ndarray of shape (n,)
        What the first network says of the film, in the order of `FILM_KINDS`.
    """
    if found:
        return _kind_refusal(found)
    if grain(film)[1] > MOSTLY_FINE:
        return Refusal(RefusalReason.POOR_EXPOSURE, DETAILS[RefusalReason.POOR_EXPOSURE])
    hopeful = bool(readings) and readings[0].confidence > HOPEFUL
    shares = (_kinds_of if hopeful else _kinds_but_open)(np.asarray(kinds, float), readings)
    reason = FILM_KINDS[int(np.argmax(shares))]
    if reason is not None and shares.max() >= SURE_KIND:
        return Refusal(reason, DETAILS[reason])
    return Refusal(RefusalReason.AMBIGUOUS, HOPEFUL_DETAIL if hopeful else NOTHING_DETAIL)


def _kinds_of(kinds: npt.NDArray[np.float64], readings: Sequence[Reading]) -> npt.NDArray[np.float64]:
    """Shares of the kinds of film, by both networks where the second saw something at its best place.

    Its last class is "nothing here": that says nothing of the film, which may show a limb elsewhere.
    """
    seen = np.asarray(readings[0].classes[:-1], float) if readings else np.zeros(0)
    if len(seen) != len(kinds) or seen.sum() < LEAST_SEEN:
        return kinds
    return np.asarray((kinds + seen / seen.sum()) / 2)


def _kinds_but_open(kinds: npt.NDArray[np.float64], readings: Sequence[Reading]) -> npt.NDArray[np.float64]:
    """Shares of the kinds of a film on which nothing came near to a joint: it shows no open one, so that what
    the networks give to that says nothing, and the others are held against each other (ours)."""
    seen = np.asarray(readings[0].classes[:-1], float) if readings else np.zeros(0)
    both = kinds + seen if len(seen) == len(kinds) else kinds.copy()
    both[FILM_KINDS.index(None)] = 0.0
    return np.asarray(both / max(float(both.sum()), 1e-9))


def other_joint_refusal(given: Joint, shown: Joint) -> Refusal:
    """The refusal of a film on which only another joint was found than it was given as."""
    detail = f"The film was given as {_A[given]}, but shows {_A[shown]}."
    return Refusal(RefusalReason.WRONG_BODY_PART, detail)


def _kind_refusal(found: Sequence[Reading]) -> Refusal | None:
    """The refusal of a film whose every joint the second network takes for something else than open."""
    reasons = [_kind_of(reading) for reading in found]
    first = reasons[0]
    return None if first is None or None in reasons else Refusal(first, DETAILS[first])


def shared_refusal(joints: Sequence[JointCandidate]) -> Refusal | None:
    """The refusal of a film on which every bone is refused for one reason that is the film's (`SHARED`)."""
    bones = [bone for joint in joints for bone in joint.bones]
    reasons = {bone.refusal.reason if isinstance(bone, RefusedBone) else None for bone in bones}
    reason = reasons.pop() if len(reasons) == 1 else None
    return None if reason is None or reason not in SHARED else Refusal(reason, SHARED[reason])


def _kind_of(reading: Reading) -> RefusalReason | None:
    """What a crop with key points shows instead of an open frontal joint; None where it shows one.

    Where each bone is guarded, what may concern one bone alone (`GUARD_KINDS`) is left to that.
    """
    shares = dict(zip(FILM_KINDS, reading.classes[:-1].tolist(), strict=False))  # the last is "nothing"
    closed = shares.pop(RefusalReason.CLOSED_PHYSIS)
    if reading.pose.joint not in GUARDED and closed >= SURE_CLOSED:
        return RefusalReason.CLOSED_PHYSIS
    by_bone = GUARD_KINDS if reading.pose.joint in GUARDED else (None,)
    others = {kind: share for kind, share in shares.items() if kind not in by_bone}
    return max(others, key=lambda kind: others[kind]) if sum(others.values()) >= NOT_FRONTAL else None


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
        return Refusal(RefusalReason.CUT_OFF, "The film ends at the bone end or close behind it.")
    if reading.bone(index) < MIN_CERTAINTY[reading.pose.joint]:
        return Refusal(RefusalReason.AMBIGUOUS, "The ends of the margin were not found with certainty.")
    if index == 1 and reading.pose.joint is Joint.WRIST:
        ratio = width / float(np.hypot(*(points[1] - points[0])))
        if not ULNA_OVER_RADIUS[0] < ratio < ULNA_OVER_RADIUS[1]:
            return Refusal(RefusalReason.AMBIGUOUS, f"The ulna would be {ratio:.2f} of the radius in width.")
    return None
