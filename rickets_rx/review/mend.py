"""Corrections of a reader: each measures and grades the joint anew and goes into the record as one step."""

import numpy as np
import numpy.typing as npt

from rickets_rx.errors import UsageError
from rickets_rx.radiograph import Radiograph
from rickets_rx.review import correct
from rickets_rx.review.effective import (
    Effective,
    effective,
    empty_joint,
    joint_json,
    rescored,
    with_bones,
    with_side,
    without,
)
from rickets_rx.review.events import Kind
from rickets_rx.review.session import Session
from rickets_rx.review.source import Place, Row, row_at
from rickets_rx.score import BoneScore, JointScore
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Side

Pair = tuple[float, float]

_GRADE_COLUMNS = (
    "status reason grade grade_low grade_high severity severity_low severity_high activity flags method"
).split()


def warm_up() -> None:
    """Read the grading network now, not at the first bone that is mended."""
    from rickets_rx.grade.cnn import answers
    from rickets_rx.grade.patch import SIDE

    answers(np.zeros((1, 2, SIDE, SIDE), np.float32), [Bone.RADIUS])


def joint_of(session: Session, place: Place) -> JointScore:
    """The joint as this reader left it, grades as measured (no overrides).

    Raises
    ------
    UsageError
        When the machine found no such joint, or while its findings are hidden.
    """
    _check_visible(session, place)
    for joint in _film(session, place.image_sha256).score().joints:
        if joint.instance.index == place.instance:
            return joint
    raise UsageError("no joint was found here: add the bone by its corners")


def metaphysis_of(session: Session, place: Place) -> Metaphysis:
    """The traced bone end.

    Raises
    ------
    UsageError
        When the bone is refused: it has no geometry to mend.
    """
    score = joint_of(session, place).graded(place.bone)
    if score is None:
        raise UsageError(f"the {place.bone} has no outline: add it by its corners")
    return score.metaphysis


def drag_corners(session: Session, place: Place, corner1: Pair, corner2: Pair, reason: str = "") -> None:
    """Put both corners of a bone where the reader wants them (pixels)."""
    bone = metaphysis_of(session, place)
    keep = str(place.bone) in _drawn(session, place)
    mended = correct.move_corners(_radiograph(session, place), bone, corner1, corner2, keep_margin=keep)
    _replace(session, place, mended, "corners", reason)


def redraw_margin(session: Session, place: Place, points: npt.ArrayLike, reason: str = "") -> None:
    """Give a bone the margin that the reader drew, pixels, shape (n, 2)."""
    mended = correct.draw_margin(_radiograph(session, place), metaphysis_of(session, place), points)
    _replace(session, place, mended, "margin", reason, drawn=True)


def brush_mask(session: Session, place: Place, mask: npt.NDArray[np.generic], reason: str = "") -> None:
    """Give a bone the margin of what the reader painted; ``mask`` is not 0 on bone."""
    bone = metaphysis_of(session, place)
    points = correct.margin_of_mask(mask, bone.frame)
    mended = correct.draw_margin(_radiograph(session, place), bone, points)
    _replace(session, place, mended, "mask", reason, drawn=True)


def add_bone(
    session: Session, place: Place, corner1: Pair, corner2: Pair, *, shaft: Pair, reason: str = ""
) -> None:
    """Add a bone that the machine missed or refused; ``shaft`` is any point on its shaft."""
    _check_visible(session, place)
    mended = correct.add_bone(_radiograph(session, place), place.bone, corner1, corner2, shaft=shaft)
    _replace(session, place, mended, "added", reason)


def remove_bone(session: Session, place: Place, reason: str) -> None:
    """Take out what is no bone end; the reason is needed."""
    if not reason.strip():
        raise UsageError("taking a bone out needs its reason in words")
    _record(session, place, without(joint_of(session, place), place.bone), "removed", reason, set())


def change_side(session: Session, place: Place, side: Side | None, reason: str = "") -> None:
    """Call the joint left, right or neither. Sides come from header, list or marker, never from shape."""
    joint = with_side(joint_of(session, place), side)
    _record(session, place, joint, "side", reason, _drawn(session, place))


def change_bone(session: Session, place: Place, bone: Bone, reason: str = "") -> None:
    """Give a bone another name of its joint; one that has it already takes the old name.

    Raises
    ------
    UsageError
        When the bone has no outline, or the name is of another joint.
    """
    joint, renamed = joint_of(session, place), correct.rename(metaphysis_of(session, place), bone)
    if bone is place.bone:
        return
    bones = []
    for score in joint.bones:
        if not isinstance(score, BoneScore) or score.metaphysis.bone is place.bone:
            continue
        other = score.metaphysis
        bones.append(correct.rename(other, place.bone) if other.bone is bone else other)
    exchange = {str(place.bone): str(bone), str(bone): str(place.bone)}
    drawn = {exchange.get(name, name) for name in _drawn(session, place)}
    made = with_bones(_radiograph(session, place), joint, [*bones, renamed])
    _record(session, place, made, "bone", reason, drawn, everything=True)


def side_by_side(session: Session, place: Place) -> tuple[Row | None, Row | None]:
    """(the machine's row, the row as mended) of a bone, for a table; None where there is none."""
    _check_visible(session, place)
    original = session.source.film(place.image_sha256).scores
    return row_at(original, place), session.film(place.image_sha256).row(place)


def _replace(
    session: Session, place: Place, mended: Metaphysis, action: str, reason: str, *, drawn: bool = False
) -> None:
    radiograph = _radiograph(session, place)
    try:
        joint = joint_of(session, place)
    except UsageError:
        side = radiograph.side
        joint = empty_joint(JOINT_OF_BONE[place.bone], place.instance, side)
    made = rescored(radiograph, joint, mended, instead_of=place.bone)
    by_hand = _drawn(session, place) | ({str(place.bone)} if drawn else set())
    _record(session, place, made, action, reason, by_hand)


def _record(
    session: Session,
    place: Place,
    joint: JointScore,
    action: str,
    reason: str,
    drawn: set[str],
    *,
    everything: bool = False,
) -> None:
    """Write the joint as it is now into the record; untouched bones keep their rows to the digit."""
    film = session.source.film(place.image_sha256)
    content, rows = joint_json(film, _radiograph(session, place), joint)
    before = _rows(session, place)
    if not everything:
        regions = {one["bone"]: one for one in _regions(session, place)}
        rows = [_kept(row, before, place.bone) for row in rows]
        content["bones"] = [
            regions.get(one["bone"], one) if one["bone"] != place.bone else one for one in content["bones"]
        ]
    after = {"action": action, "joint": content, "rows": rows, "drawn": sorted(drawn)}
    session.write(Kind.CORRECT, place, before={"rows": before}, after=after, reason=reason)


def _kept(row: Row, before: list[Row], edited: Bone) -> Row:
    """A neighbour's old row, with its new grade where the guard between neighbours changed it."""
    old = next((one for one in before if one["bone"] == row["bone"]), None)
    if old is None or row["bone"] == edited:
        return row
    side = {"side": row["side"]}
    if old["grade"] == row["grade"]:
        return old | side
    return old | side | {name: row[name] for name in _GRADE_COLUMNS}


def _film(session: Session, sha256: str) -> Effective:
    return effective(session.source.film(sha256), session.state, session.reader, overrides=False)


def _rows(session: Session, place: Place) -> list[Row]:
    return [r for r in _film(session, place.image_sha256).rows if r["instance"] == place.instance]


def _regions(session: Session, place: Place) -> list[Row]:
    content = _film(session, place.image_sha256).content
    found = [one["bones"] for one in content["instances"] if int(one["instance"]) == place.instance]
    return found[0] if found else []


def _drawn(session: Session, place: Place) -> set[str]:
    made = session.state.corrections.get((session.reader, place.image_sha256, place.instance), [])
    return set(made[-1].drawn) if made else set()


def _radiograph(session: Session, place: Place) -> Radiograph:
    return session.radiograph(place.image_sha256)


def _check_visible(session: Session, place: Place) -> None:
    if not session.machine_visible(place.image_sha256):
        raise UsageError("what the machine found is hidden until you have read every bone of this film")
