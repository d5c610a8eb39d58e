"""One reader's sitting: the queue, what may be seen, what is said, and the record of it. No Qt, no napari.

Every step is written to the record and on the disk before it counts; reopening the same folder continues.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rickets_rx.errors import UsageError
from rickets_rx.grade.result import GRADES
from rickets_rx.radiograph import Radiograph
from rickets_rx.review import queue
from rickets_rx.review.effective import Effective, effective
from rickets_rx.review.events import Event, Json, Kind
from rickets_rx.review.journal import Journal, utc_now
from rickets_rx.review.queue import BLIND_FILTERS, DIFFERS_FROM, WIDE_FROM, Filter, Item, Plan
from rickets_rx.review.record import read_records
from rickets_rx.review.shelf import FilmShelf
from rickets_rx.review.source import Place, Row, Source, row_at
from rickets_rx.review.state import GradeReading, State, replay
from rickets_rx.review.words import ReadStatus
from rickets_rx.score import SUMMED_BONES
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Joint, RefusalReason, Status


@dataclass(frozen=True)
class Facts:
    """What a reader may know of a film; hidden facts are None."""

    title: str
    file: str | None = None
    patient_id: str | None = None
    day: int | None = None


@dataclass(eq=False)
class Sitting:
    """How a reader sits down: who, blinded or not, and with which queue.

    Parameters
    ----------
    reader : str
        A pseudonym or name; goes into readings.csv.
    blinded : bool
        Hide patient, day and file, and the machine's grades of a film until the reader has read all its
        bones.
    plan : Plan
    """

    reader: str
    blinded: bool = False
    plan: Plan = field(default_factory=Plan)


class Session:
    """The review of one scored folder by one reader.

    Parameters
    ----------
    source : Source
    record : Path
        Folder of the record; one file per reader, created where missing.
    sitting : Sitting
    clock : callable
        Gives the time, with its offset from UTC.

    Raises
    ------
    UsageError
        Without a reader's name, without films to read, or where the record cannot be written.
    """

    def __init__(
        self, source: Source, record: Path, sitting: Sitting, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        if not sitting.reader.strip():
            raise UsageError("a reading needs a reader: give a name")
        self.source, self.folder, self.sitting, self._clock = source, record, sitting, clock
        self.reader, self.blinded = sitting.reader.strip(), sitting.blinded
        self.on_change: list[Callable[[], None]] = []
        found = read_records(record)
        self.notes = (*source.notes, *found.notes)
        self.state = replay(found.events)
        self.items: list[Item] = queue.make_queue(source, self.state, self.reader, sitting.plan)
        if not self.items:
            raise UsageError(f"{source.folder} holds no film to read")
        self.index = 0
        self._shelf = FilmShelf(source, blinded=self.blinded)
        self._asked: dict[str, Joint] = {}
        self._effective: dict[str, Effective] = {}
        self._journal = Journal(record, self.reader, found.events, clock)
        if not self._journal.alone:
            self.notes += ("this disk knows no locks: open one window a reader only",)
        self._journal.begin(self._sitting_json())

    # --- the queue -----------------------------------------------------------------------------------

    @property
    def item(self) -> Item:
        """What is shown now."""
        return self.items[self.index]

    @property
    def occasion(self) -> int:
        """1 first reading, 2 repeat."""
        return self.sitting.plan.occasion

    def go(self, index: int) -> Item:
        """Show an item of the queue by its place, held at the ends."""
        self.index = min(max(index, 0), len(self.items) - 1)
        self._changed()
        return self.item

    def step(self, by: int, only: Filter = Filter.ALL) -> bool:
        """Go to the next (+1) or previous (-1) item that passes a filter; False where there is none."""
        listed = self.listed(only)
        ahead = [i for i in listed if (i > self.index if by > 0 else i < self.index)]
        if not ahead:
            return False
        self.go(ahead[0] if by > 0 else ahead[-1])
        return True

    def listed(self, only: Filter = Filter.ALL) -> list[int]:
        """Places in the queue that pass a filter.

        Raises
        ------
        UsageError
            When a blinded reader asks for what tells the machine's or others' opinion.
        """
        if self.blinded and only not in BLIND_FILTERS:
            raise UsageError(f"a blinded reader cannot filter by {only}: it would tell what others think")
        return [i for i, item in enumerate(self.items) if self._passes(item, only)]

    def _passes(self, item: Item, only: Filter) -> bool:
        film = self.source.film(item.image_sha256)
        if only is Filter.UNREAD:
            return self.item_status(item) is ReadStatus.UNREAD
        if only is Filter.REFUSED:
            rows = film.scores or film.images
            return any(row["status"] == Status.REFUSED for row in rows)
        if only is Filter.WIDE:
            scored = [row for row in film.scores if row["status"] == Status.SCORED]
            return any(row["grade_high"] - row["grade_low"] >= WIDE_FROM for row in scored)
        return only is Filter.ALL or self._disagreed(item.image_sha256)

    def _disagreed(self, film: str) -> bool:
        """Whether readers differ from each other, or this one from the machine, by two steps."""
        if queue.readers_differ(self.source, self.state, film, self.state.readers(), least=DIFFERS_FROM):
            return True
        for place in self.source.film(film).places():
            reading, row = self.reading(place), row_at(self.source.film(film).scores, place)
            if reading is None or row is None:
                continue
            if reading.gradable != (row["status"] == Status.SCORED):
                return True
            if reading.grade is not None and abs(reading.grade - row["grade"]) >= DIFFERS_FROM:
                return True
        return False

    # --- what may be seen ----------------------------------------------------------------------------

    def facts(self, index: int | None = None) -> Facts:
        """Title and, unless blinded, file, patient and day of an item (the shown one by default)."""
        at = self.index if index is None else index
        title = f"{'Pair' if self.items[at].is_pair else 'Film'} {at + 1} of {len(self.items)}"
        if self.blinded:
            return Facts(title)
        film = self.source.film(self.items[at].image_sha256)
        return Facts(title, film.file, film.patient_id, film.day)

    def radiograph(self, image_sha256: str | None = None) -> Radiograph:
        """The film itself, the shown one by default; see `FilmShelf.radiograph`."""
        return self._shelf.radiograph(image_sha256 or self.item.image_sha256)

    def film(self, image_sha256: str | None = None) -> Effective:
        """Rows and geometry of a film as this reader left it. For showing, ask `machine_row` for grades."""
        sha256 = image_sha256 or self.item.image_sha256
        if sha256 not in self._effective:
            self._effective[sha256] = effective(self.source.film(sha256), self.state, self.reader)
        return self._effective[sha256]

    def places(self, image_sha256: str | None = None) -> tuple[Place, ...]:
        """Bones of a film that a reader is asked about, also where the machine found or graded none."""
        sha256 = image_sha256 or self.item.image_sha256
        found = dict.fromkeys(self.film(sha256).places(sha256))
        given = [at for at, who in self.state.read_on.get(sha256, {}).items() if self.reader in who]
        joints = {place.instance: JOINT_OF_BONE[place.bone] for place in (*found, *given)}
        if not joints:
            known = self.source.film(sha256).images[0]["joint"]
            joints = {1: self._asked.get(sha256, Joint(known) if known else Joint.WRIST)}
        for instance, joint in joints.items():
            found |= dict.fromkeys(Place(sha256, instance, bone) for bone in SUMMED_BONES[joint])
        order = list(Bone)
        return tuple(sorted({*found, *given}, key=lambda at: (at.instance, order.index(at.bone))))

    def ask_joint(self, joint: Joint) -> None:
        """Say what the shown film is of, where the machine found no joint on it; no step, not recorded."""
        self._asked[self.item.image_sha256] = joint
        self._changed()

    def machine_visible(self, image_sha256: str | None = None) -> bool:
        """Whether the machine's grades of a film may be shown: always unless blinded, else once seen."""
        sha256 = image_sha256 or self.item.image_sha256
        return not self.blinded or (self.reader, self.occasion, sha256) in self.state.shown

    def machine_row(self, place: Place) -> Row | None:
        """The row of a bone with the machine's grade; None while it is hidden or where there is none."""
        return self.film(place.image_sha256).row(place) if self.machine_visible(place.image_sha256) else None

    # --- what was said -------------------------------------------------------------------------------

    def reading(self, place: Place) -> GradeReading | None:
        """This reader's reading of a bone that counts, on this occasion."""
        return self.state.standing(self.reader, self.occasion, place)

    def status(self, place: Place) -> ReadStatus:
        """Unread, accepted, corrected or not gradable.

        Accepted means that the reader gave the machine's own grade and mended nothing on the bone.
        """
        reading = self.reading(place)
        mended = self.film(place.image_sha256)
        if reading is None:
            return ReadStatus.UNREAD
        if reading.grade is None:
            return ReadStatus.NOT_GRADABLE
        row = mended.row(place)
        same = row is not None and row["grade"] == reading.grade
        touched = (place.instance, place.bone) in mended.corrected
        return ReadStatus.ACCEPTED if same and not touched else ReadStatus.CORRECTED

    def item_status(self, item: Item) -> ReadStatus:
        """Status of a film: unread until every bone is read; then the one that says most."""
        if item.is_pair:
            keys = ((who, n, later, first) for who, n, later, first, _ in self.state.changes)
            read = (self.reader, self.occasion, item.image_sha256, item.pair_sha256) in keys
            return ReadStatus.READ if read else ReadStatus.UNREAD
        places = self.places(item.image_sha256)
        said = [self.status(place) for place in places]
        order = (ReadStatus.UNREAD, ReadStatus.CORRECTED, ReadStatus.NOT_GRADABLE, ReadStatus.ACCEPTED)
        return next(status for status in order if status in said)

    def grade(self, place: Place, grade: float, reason: str = "") -> None:
        """Give a grade to a bone.

        Raises
        ------
        UsageError
            For a number that is no grade, or before a repeat is due.
        """
        if grade not in GRADES:
            raise UsageError(f"{grade:g} is no grade of one bone: give {', '.join(f'{g:g}' for g in GRADES)}")
        self._say_grade(place, float(grade), reason)

    def not_gradable(self, place: Place, reason: RefusalReason | str) -> None:
        """Say that a bone cannot be graded, and why.

        Raises
        ------
        UsageError
            For a reason that is no word of the contract, or before a repeat is due.
        """
        if not reason:
            raise UsageError("choose the reason why the bone cannot be graded")
        if reason not in tuple(RefusalReason):
            raise UsageError(f"{reason} is no reason: one of {', '.join(RefusalReason)}")
        self._say_grade(place, None, str(RefusalReason(reason)))

    def accept(self, place: Place) -> None:
        """Take the machine's grade of a bone over, or its refusal.

        Raises
        ------
        UsageError
            While the machine's grade is hidden.
        """
        row = self.machine_row(place)
        if row is None:
            raise UsageError("the machine's grade is hidden until you have given your own")
        if row["status"] == Status.REFUSED:
            self.not_gradable(place, row["reason"] or RefusalReason.AMBIGUOUS)
        else:
            self.grade(place, row["grade"])

    def _say_grade(self, place: Place, grade: float | None, reason: str) -> None:
        self.check_due()
        row, before = self.film(place.image_sha256).row(place), self.reading(place)
        after = self.circumstances() | {
            "grade": grade,
            "machine_seen": self.machine_visible(place.image_sha256),
            "machine_grade": None if row is None else row["grade"],
        }
        old = {} if before is None else {"grade": before.grade, "reason": before.reason}
        self.write(Kind.GRADE, place, before=old, after=after, reason=reason)
        self._reveal(place.image_sha256)

    def _reveal(self, sha256: str) -> None:
        """Show the machine's grades once the last bone of a film is read; the moment is recorded."""
        read = all(self.reading(place) is not None for place in self.places(sha256))
        if self.blinded and read and not self.machine_visible(sha256):
            self.write_film(Kind.SHOWN, sha256, after={"occasion": self.occasion})

    def override(self, place: Place, grade: float, reason: str) -> None:
        """Put a grade in place of the machine's, in scores.csv, with the reason.

        Raises
        ------
        UsageError
            Without a reason, for a number that is no grade, while the machine's is hidden, or for a bone that
            is refused (add it by its corners instead).
        """
        row = self.machine_row(place)
        if row is None:
            raise UsageError("the machine's grade is hidden until you have given your own")
        if row["status"] != Status.SCORED:
            raise UsageError("the machine refused this bone: place its corners first")
        if grade not in GRADES:
            raise UsageError(f"{grade:g} is no grade of one bone")
        if not reason.strip():
            raise UsageError("an override needs its reason in words")
        self.write(
            Kind.OVERRIDE, place, before={"grade": row["grade"]}, after={"grade": float(grade)}, reason=reason
        )

    # --- the record ----------------------------------------------------------------------------------

    def circumstances(self) -> Json:
        """What every reading tells of its sitting."""
        return {"occasion": self.occasion, "blinded": self.blinded}

    def check_due(self) -> None:
        """Raise UsageError while the shown item waits for its washout."""
        until = self.item.not_before
        if until is None or self.item.due(self._clock()):
            return
        if until.year == 9999:
            raise UsageError("this is a repeat: finish the first reading first")
        raise UsageError(f"this film is read again after a washout: not before {until.date().isoformat()}")

    def undo(self) -> Event | None:
        """Take back this sitting's last step that is not taken back yet; None where there is none."""
        return self._take_back(Kind.UNDO)

    def redo(self) -> Event | None:
        """Do again what was taken back last; None where there is nothing."""
        return self._take_back(Kind.REDO)

    def _take_back(self, kind: Kind) -> Event | None:
        event = self._journal.next_back(kind)
        if event is None:
            return None
        self._journal.write(kind, image_sha256=event.image_sha256, after={"event": event.id})
        self.state = replay(self._journal.events)
        self._effective.pop(event.image_sha256, None)
        self._changed()
        return event

    def write(self, kind: Kind, place: Place, *, before: Json, after: Json, reason: str = "") -> None:
        """Record a step on one bone and take it into the state."""
        where = {"instance": place.instance, "bone": str(place.bone)}
        self._write(kind, place.image_sha256, before=before, after=after, reason=reason, **where)
        self._changed()

    def write_film(self, kind: Kind, image_sha256: str, **said: Any) -> None:
        """Record a step on a film as a whole (``after``, ``before``, ``bone``), take it into the state."""
        self._write(kind, image_sha256, **said)
        self._changed()

    def _write(self, kind: Kind, image_sha256: str = "", **said: Any) -> None:
        self.state.apply(self._journal.write(kind, image_sha256=image_sha256, **said))
        self._effective.pop(image_sha256, None)

    def _sitting_json(self) -> Json:
        plan = self.sitting.plan
        return {
            "blinded": self.blinded,
            "occasion": plan.occasion,
            "seed": plan.seed,
            "washout_days": plan.washout_days,
            "reading_list": bool(plan.tasks),
            "between": list(plan.between),
            "films": len(self.items),
        }

    def _changed(self) -> None:
        for callback in list(self.on_change):
            callback()

    def current_state(self) -> State:
        """The state of all readers as the record is now: others may have read since this sitting began."""
        return replay(read_records(self.folder).events)

    def close(self) -> None:
        """Let the record go."""
        self._journal.close()
