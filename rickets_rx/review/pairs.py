"""Two films of one child side by side: in the bone's own frame, at equal width, and the reading of change."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.errors import UsageError
from rickets_rx.io.readings import REGIONS
from rickets_rx.radiograph import Radiograph
from rickets_rx.review.events import Kind
from rickets_rx.review.queue import Item
from rickets_rx.review.session import Session
from rickets_rx.review.source import Film, Source
from rickets_rx.review.words import CHANGE_WORDS
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Bone

#: What is shown around a bone end, MW from the middle of its chord (ours): a hand's breadth of the joint.
ASIDE, DISTALLY, PROXIMALLY = 1.1, 1.2, 1.4


@dataclass(frozen=True, eq=False)
class AlignedPair:
    """Two pictures of one bone, left and right, of equal size.

    Parameters
    ----------
    left, right : ndarray of shape (rows, columns), float32
        Distal up; turned, never mirrored; the metaphysis has the same width in both. NaN off the film.
    opposite : bool
        The corners run the other way round on one of them: sides differ, or one film is mirrored.
    """

    left: npt.NDArray[np.float32]
    right: npt.NDArray[np.float32]
    opposite: bool


def align(
    left: tuple[Radiograph, BoneFrame], right: tuple[Radiograph, BoneFrame], *, width: int = 440
) -> AlignedPair:
    """Both films in the frame of the same bone.

    Parameters
    ----------
    left, right : (Radiograph, BoneFrame)
    width : int
        Columns of each picture, at least 50; 2.2 MW lie across it.
    """
    if width < 50:
        raise ValueError(f"a picture of {width} columns shows nothing")
    pictures = [upright(radiograph, frame, width) for radiograph, frame in (left, right)]
    return AlignedPair(pictures[0], pictures[1], _sense(left[1]) != _sense(right[1]))


def upright(radiograph: Radiograph, frame: BoneFrame, width: int) -> npt.NDArray[np.float32]:
    """A bone end with distal up, not mirrored, ``width`` columns for 2.2 MW."""
    x = np.linspace(-ASIDE, ASIDE, width)
    u = np.linspace(DISTALLY, -PROXIMALLY, round(width * (DISTALLY + PROXIMALLY) / (2 * ASIDE)))
    return frame.sample(radiograph.pixels, 2 * x * _sense(frame), u)


def _sense(frame: BoneFrame) -> int:
    """1 where corner2 lies to the right once distal is up, else -1."""
    right = np.array([-frame.axis[1], frame.axis[0]])
    return 1 if float(frame.across @ right) > 0 else -1


def frame_on(session: Session, image_sha256: str, bone: Bone) -> BoneFrame | None:
    """The frame of a bone on a film as this reader left it, None where it has no outline."""
    for joint in session.film(image_sha256).score().joints:
        found = joint.graded(bone)
        if found is not None:
            return found.metaphysis.frame
    return None


def earlier_films(source: Source, image_sha256: str) -> list[Film]:
    """Films of the same child and joint with an earlier day, the nearest first."""
    film = source.film(image_sha256)
    if film.patient_id is None or film.day is None:
        return []
    mine = _joints(film)
    found = [
        other
        for other in source.films.values()
        if other.patient_id == film.patient_id and other.day is not None and other.day < film.day
    ]
    same = [other for other in found if not mine or not _joints(other) or mine & _joints(other)]
    return sorted(same, key=lambda other: -(other.day or 0))


def _joints(film: Film) -> set[tuple[str, str]]:
    """Joint and side of every instance; a side that is not known matches none but itself."""
    return {(str(row["joint"]), str(row["side"])) for row in film.images if row["joint"]}


def pair_item(session: Session, later: str, earlier: str, *, order_known: bool = True) -> Item:
    """A pair to read that no list gave: the earlier film on the left where the order is known.

    With the order hidden, the films' hashes decide who is left, which tells nothing of their days.
    """
    if later == earlier:
        raise UsageError("a film cannot be compared with itself")
    left = earlier if order_known else min(later, earlier)
    session.source.film(later), session.source.film(earlier)
    return Item(later, session.occasion, earlier, left, order_known)


def read_change(session: Session, item: Item, value: int, region: str) -> None:
    """Record a reading of change, right film against left one.

    Parameters
    ----------
    value : int
        -3 to 3, above 0 where the film on the right is better. It is stored as later against earlier.
    region : str
        ``wrist`` (RGI-C), ``elbow`` (its own region, never pooled with it), ``global``.

    Raises
    ------
    UsageError
        For another value or region, or before a repeat is due.
    """
    if value not in CHANGE_WORDS:
        raise UsageError(f"{value} is no reading of change: give a whole number from -3 to 3")
    if region not in REGIONS or not region:
        raise UsageError(f"{region!r} is no region: one of {', '.join(REGIONS[1:])}")
    session.check_due()
    later_is_right = item.left != item.image_sha256
    after = session.circumstances() | {
        "rgic": value if later_is_right else -value,
        "pair_sha256": item.pair_sha256,
        "region": region,
        "order_known": item.order_known,
        "left": item.left,
    }
    before = change_read(session, item, region)
    old = {} if before is None else {"rgic": before}
    session.write_film(Kind.CHANGE, item.image_sha256, after=after, before=old)


def change_read(session: Session, item: Item, region: str) -> int | None:
    """What this reader said of a pair on this occasion, later against earlier; None where nothing."""
    key = (session.reader, session.occasion, item.image_sha256, item.pair_sha256, region)
    reading = session.state.changes.get(key)
    return None if reading is None else reading.rgic
