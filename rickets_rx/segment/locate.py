"""Where are the metaphyses? A coarse look at the whole film proposes poses, upright crops verify them."""

from collections.abc import Iterable, Sequence

import numpy as np

from rickets_rx.errors import Refusal
from rickets_rx.radiograph import JointSource, Radiograph
from rickets_rx.segment.candidate import BoneCandidate, JointCandidate, Places
from rickets_rx.segment.locate_field import Grid, field_of
from rickets_rx.segment.locate_guard import guarded
from rickets_rx.segment.locate_refuse import (
    bone_refusal,
    film_refusal,
    header_refusal,
    other_joint_refusal,
    picture_refusal,
    shared_refusal,
)
from rickets_rx.segment.locate_verify import Reading, read_crops, steadied
from rickets_rx.segment.metaphysis import RefusedBone
from rickets_rx.segment.network import Array, finite, shrink
from rickets_rx.segment.proposals import Pose, propose
from rickets_rx.vocabulary import Bone, Joint, RefusalReason, View

LONGEST = 1400
"""Films are searched with their longer side at most this many pixels; tracing uses the film itself. (Made
smaller by whole factors only, an annotated wrist of 2100 pixels was no longer found.)"""
ACCEPT = 0.6
"""Least confidence of a joint that is reported (ours, from phantoms and half of the real films)."""
ACCEPT_FURTHER = 0.8
"""Least confidence of a second or third joint of a film (ours)."""
LONE, ACCEPT_LONE = 0.8, 0.3
"""Certainty of one bone from which a joint is accepted with a lower confidence, and that confidence (ours): a
plate over one bone of a wrist is no reason to lose the other."""
SURE = 0.85
"""Confidence below which parts of the film are searched more closely (ours)."""
SEARCHED_BONES = {Joint.WRIST: (Bone.RADIUS, Bone.ULNA), Joint.ELBOW: (Bone.HUMERUS, Bone.RADIUS_PROXIMAL)}


def locate(radiograph: Radiograph) -> Places:
    """Find every wrist and AP elbow of a film, or say why there is none to report.

    Parameters
    ----------
    radiograph : Radiograph
        Any size, turned and mirrored in any way; denser = higher. Where a user said which ``joint`` it
        shows, only that one is reported; where a header said so, that one if it is found, else the other.

    Returns
    -------
    Places
        Joints from left to right with approximate corners in pixels of the film; a doubtful bone is refused
        alone. ``refusal`` is set, and there are no joints, when the film as a whole is not to be scored.
    """
    refusal = header_refusal(radiograph)
    if refusal is not None:
        return Places(refusal=refusal)
    film, scale = shrink(finite(radiograph.pixels), LONGEST)
    refusal = picture_refusal(film)
    if refusal is not None:
        return Places(refusal=refusal)
    # Plain text is taken for the word it spells: compared by identity it would refuse every film.
    given = None if radiograph.joint is None else Joint(radiograph.joint)
    binding = radiograph.joint_source is not JointSource.HEADER
    found, refusal = _found(film, given, binding=binding)
    grid = Grid(radiograph.shape, scale)
    inside = None if found else field_of(film)
    if inside is not None:
        again, none = _found(inside.film, given, binding=binding)
        if none is None:
            film, found, refusal, grid = inside.film, again, None, inside.grid(scale)
    if refusal is not None:
        return Places(refusal=refusal)
    joints = [_candidate(film, reading, radiograph, grid) for reading in found]
    refusal = shared_refusal(joints)
    if refusal is not None:
        return Places(refusal=refusal)
    return Places(joints=tuple(sorted(joints, key=_left)))


def _found(film: Array, given: Joint | None, *, binding: bool) -> tuple[list[Reading], Refusal | None]:
    """The accepted joints, only of the kind the film was given as, or why there is none.

    Where the given kind is not found the other is still looked for: taken where the kind was a header's
    hint; where it is binding not to be scored, but because "this shows a wrist" tells a user more than "no
    elbow was found".
    """
    wanted = tuple(Joint) if given is None else (given,)
    found, readings, kinds = _searched(film, wanted)
    if given is not None and not found:
        others, more, _ = _searched(film, [joint for joint in Joint if joint is not given])
        if others and not binding:
            found = others
        elif others:
            return [], other_joint_refusal(given, others[0].pose.joint)
        readings = sorted([*readings, *more], key=_surest)
    return found, film_refusal(film, found, readings, kinds)


def _searched(film: Array, joints: Sequence[Joint]) -> tuple[list[Reading], list[Reading], Array]:
    """Accepted joints of these kinds, all that was read (best first), and the kinds of film seen."""
    readings, kinds = read_film(film, joints)
    found = [steadied(film, reading) for reading in distinct(readings)]
    return found, readings, kinds


def read_film(film: Array, joints: Sequence[Joint]) -> tuple[list[Reading], Array]:
    """All that was read of a film for these kinds of joint, best first, and the kinds of film seen."""
    poses, kinds = propose(film)
    readings = search(film, poses, joints)
    if not readings or readings[0].confidence < SURE:
        closer, _ = propose(film, closer=True, limit=2)
        readings = sorted(readings + search(film, closer, joints), key=_surest)
    return readings, kinds


def search(film: Array, poses: Sequence[Pose], joints: Sequence[Joint] = tuple(Joint)) -> list[Reading]:
    """Every reading worth keeping, best first: each pose is read, the best are read again.

    The second pass puts the crop where the first pass saw the bone, which takes out most of the coarse look's
    error of place, size and direction. Poses are also read the other way round, and after one kind of joint
    the other, but not at the place of a joint that is already sure: the coarse look rarely takes a hand for
    its mirror image, and what lies on a surer joint is not reported. The kind that the coarse look sees most
    of goes first.
    """
    weights = {joint: max((p.weight for p in poses if p.joint is joint), default=0.0) for joint in joints}
    readings: list[Reading] = []
    for joint in sorted(joints, key=lambda joint: -weights[joint]):
        mine = _open_places(merged([pose for pose in poses if pose.joint is joint]), readings)
        readings += _read_twice(film, mine)
        readings += _read_twice(film, [pose.mirrored() for pose in _open_places(mine, readings)])
    return sorted(readings, key=_surest)


def _open_places(poses: Sequence[Pose], readings: Sequence[Reading]) -> list[Pose]:
    """The poses that do not lie at the place of a joint that is already sure."""
    sure = [reading.pose for reading in readings if reading.confidence >= SURE]
    return [pose for pose in poses if all(_apart(pose, other) for other in sure)]


def _read_twice(film: Array, poses: Sequence[Pose]) -> list[Reading]:
    """The best readings of some poses of one joint, each from a crop where its first reading saw the bone.

    The best pose goes alone: what lies at the place of a reading that is sure is not read (again).
    """
    readings: list[Reading] = []
    for some in (poses[:1], poses[1:]):
        seen = sorted(read_crops(film, _open_places(some, readings)), key=_surest)[:6]
        left = [r.next_pose() for r in seen if _usable(r)]
        while left:
            readings += read_crops(film, left[:1])
            left = _open_places(left[1:], readings[-1:])
    return sorted(readings, key=_surest)


def merged(poses: Sequence[Pose]) -> list[Pose]:
    """The poses, best first, without those that nearly repeat a better one (limits are ours)."""
    kept: list[Pose] = []
    for pose in sorted(poses, key=lambda p: -p.weight):
        if not any(_repeats(pose, other) for other in kept):
            kept.append(pose)
    return kept


def _repeats(pose: Pose, other: Pose) -> bool:
    """Whether two poses put the same bone within what the second look corrects."""
    apart = float(np.hypot(*np.subtract(pose.centre, other.centre)))
    small, large = sorted((pose.width, other.width))
    along = float(np.dot(pose.distal, other.distal))
    alike = pose.joint is other.joint and pose.turned is other.turned
    return alike and apart < 0.25 * small and large < 1.25 * small and along > 0.95


def _surest(reading: Reading) -> float:
    return -reading.confidence


def _usable(reading: Reading) -> bool:
    """Whether the crop gives a chord from which a sensible next crop follows."""
    width = float(np.hypot(*(reading.points[1] - reading.points[0])))
    return 0.4 < width / reading.pose.width < 2.5


def distinct(readings: Iterable[Reading]) -> list[Reading]:
    """The accepted readings, best first, without those that lie on a better one.

    A further joint must be surer than the first and of about its size: bases of metacarpals and letters of
    markers look a little like wrists, and no film is hurt by the rule but that of two very unlike wrists.
    """
    kept: list[Reading] = []
    for reading in readings:
        if not (reading.confidence >= ACCEPT_FURTHER if kept else _enough(reading)):
            continue
        if all(_apart(reading.pose, k.pose) for k in kept):
            kept.append(reading)
    return kept


def _enough(reading: Reading) -> bool:
    """Whether a film's first joint is accepted: as a whole, or by one sure bone beside a hidden one."""
    sure = max(reading.bone(0), reading.bone(1)) >= LONE and reading.plausibility == 1
    return reading.confidence >= ACCEPT or (sure and reading.confidence >= ACCEPT_LONE)


def _apart(one: Pose, other: Pose) -> bool:
    """Whether two poses can be two joints of one film: of like size and not on each other."""
    distance = float(np.hypot(*np.subtract(one.centre, other.centre)))
    small, large = sorted((one.width, other.width))
    return distance > 2.0 * large and large < 1.8 * small


def _candidate(film: Array, reading: Reading, radiograph: Radiograph, grid: Grid) -> JointCandidate:
    """A joint in pixels of the original film."""
    reading, seen = _right_way_round(film, reading)
    local = grid.local(reading.points)
    points = local + grid.start
    bones = []
    for index, bone in enumerate(SEARCHED_BONES[reading.pose.joint]):
        refusal = bone_refusal(reading, index, local, grid.shape)
        # What the guard names says more than that a bone is uncertain; it knows nothing of widths and edges.
        if seen[index] is not None and (refusal is None or refusal.reason is RefusalReason.AMBIGUOUS):
            refusal = seen[index]
        bones.append(_bone(bone, points[3 * index : 3 * index + 3], reading, index, refusal))
    view = radiograph.view or View.FRONTAL
    return JointCandidate(reading.pose.joint, tuple(bones), reading.confidence, view)


def _right_way_round(film: Array, reading: Reading) -> tuple[Reading, list[Refusal | None]]:
    """The reading and what the guard says of its bones; read the other way round where one of them is none.

    What lies at the place of a sure reading is not read (`_open_places`), so that a hand taken for its mirror
    image stands: the ulna's end as a radius, half of the radius as an ulna. The guard sees the half bone, and
    the film's poses are read mirrored; such a reading counts where it is accepted and both its bones pass.
    """
    seen = guarded(film, reading)
    if all(said is None or said.reason is not RefusalReason.AMBIGUOUS for said in seen):
        return reading, seen
    turned = not reading.pose.turned
    poses = merged([pose for pose in propose(film)[0] if pose.joint is reading.pose.joint])
    for other in _read_twice(film, [p if p.turned is turned else p.mirrored() for p in poses]):
        if not _enough(other) or _apart(other.pose, reading.pose):
            continue
        mirrored = steadied(film, other)
        said = guarded(film, mirrored)
        if all(refusal is None for refusal in said):
            return mirrored, said
    return reading, seen


def _bone(
    bone: Bone, points: np.ndarray, reading: Reading, index: int, refusal: Refusal | None
) -> BoneCandidate | RefusedBone:
    corner1, corner2, middle = ((float(x), float(y)) for x, y in points)
    confidence = reading.bone(index)
    if refusal is not None:
        return RefusedBone(bone, refusal, corner1, corner2, confidence)
    return BoneCandidate(bone, corner1, corner2, reading.distal(index), confidence, middle)


def _left(joint: JointCandidate) -> float:
    corners = [b.corner1[0] for b in joint.bones if b.corner1 is not None]
    return min(corners, default=0.0)
