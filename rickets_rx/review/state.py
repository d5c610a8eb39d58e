"""What the record adds up to: readings, corrections and overrides of every reader, replayed from events.

``after`` of each kind of event:

- ``GRADE``: grade (None for not gradable, its word in ``reason``), occasion, blinded, machine_seen, and
  machine_grade, the machine's own at that time
- ``CORRECT``: action, joint (the joint's regions), rows (its rows of scores.csv) and drawn (bones whose
  margin a reader drew); ``before``: rows
- ``OVERRIDE``: grade; ``before``: grade
- ``CHANGE``: rgic, pair_sha256, region, order_known, left, blinded, occasion
- ``KNEE``: a, b, grade, side, occasion, blinded
- ``SHOWN``: occasion (the machine's grades of this film came into view)
- ``UNDO``, ``REDO``: event (the id meant)
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rickets_rx.review.events import UNDOABLE, Event, Json, Kind
from rickets_rx.review.source import Place
from rickets_rx.vocabulary import Bone, Status


@dataclass(frozen=True)
class GradeReading:
    """One grade, or the word why there is none, that a reader gave to a bone."""

    grade: float | None
    reason: str
    at: str
    blinded: bool
    machine_seen: bool

    @property
    def gradable(self) -> bool:
        return self.grade is not None


@dataclass(frozen=True)
class ChangeReading:
    """A reading from -3 to 3 of the later film against the earlier one, in one region."""

    rgic: int
    image_sha256: str
    pair_sha256: str
    region: str
    order_known: bool
    blinded: bool
    at: str


@dataclass(frozen=True)
class KneeReading:
    """A and B of one knee bone, by hand; the grade is their product."""

    a: int
    b: float | None
    grade: float
    at: str
    blinded: bool


@dataclass(frozen=True, eq=False)
class Correction:
    """A joint after a reader mended it: its regions and its rows, whole."""

    joint: Json
    rows: tuple[Json, ...]
    action: str
    bone: str
    at: str
    reason: str = ""
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Override:
    """A grade that a reader put in place of the machine's, and why."""

    grade: float
    reason: str
    at: str


@dataclass(eq=False)
class State:
    """Everything that stands, of all readers.

    Parameters
    ----------
    readings : dict of (reader, occasion, Place) to list of GradeReading
        In the order given; see `standing` for the one that counts.
    changes : dict of (reader, occasion, later, earlier, region) to ChangeReading
    knees : dict of (reader, occasion, image_sha256, side, bone) to KneeReading
    corrections : dict of (reader, image_sha256, instance) to list of Correction
        The last one holds the joint as it is.
    overrides : dict of (reader, Place) to Override
    shown : set of (reader, occasion, image_sha256)
        Films whose machine grades that reader has seen.
    read_on : dict of image_sha256 to dict of Place to set of readers
        Which bones of a film were read, and by whom.
    """

    readings: dict[tuple[str, int, Place], list[GradeReading]] = field(default_factory=dict)
    changes: dict[tuple[str, int, str, str, str], ChangeReading] = field(default_factory=dict)
    knees: dict[tuple[str, int, str, str, str], KneeReading] = field(default_factory=dict)
    corrections: dict[tuple[str, str, int], list[Correction]] = field(default_factory=dict)
    overrides: dict[tuple[str, Place], Override] = field(default_factory=dict)
    shown: set[tuple[str, int, str]] = field(default_factory=set)
    read_on: dict[str, dict[Place, set[str]]] = field(default_factory=dict)

    def standing(self, reader: str, occasion: int, place: Place) -> GradeReading | None:
        """The reading that counts: the last one given before the machine was seen, else the last one.

        A reader who changes her mind after she saw the machine keeps her own first opinion in readings.csv.
        """
        given = self.readings.get((reader, occasion, place), [])
        unaided = [reading for reading in given if not reading.machine_seen]
        counting = unaided or given
        return counting[-1] if counting else None

    def readers(self) -> list[str]:
        """Readers with a grade, in the order of their first."""
        return list(dict.fromkeys(reader for reader, _, _ in self.readings))

    def apply(self, event: Event) -> None:
        """Take one event in that is not undone."""
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)


def place_of(event: Event) -> Place:
    """The bone that an event is of."""
    return Place(event.image_sha256, event.instance, Bone(event.bone))


def _grade(state: State, event: Event) -> None:
    said = event.after
    reading = GradeReading(
        said["grade"], event.reason, event.at, bool(said["blinded"]), bool(said["machine_seen"])
    )
    key = (event.reader, int(said["occasion"]), place_of(event))
    state.readings.setdefault(key, []).append(reading)
    state.read_on.setdefault(event.image_sha256, {}).setdefault(key[2], set()).add(event.reader)


def _correct(state: State, event: Event) -> None:
    said = event.after
    rows = tuple(dict(row) for row in said["rows"])
    drawn = tuple(said.get("drawn", ()))
    made = Correction(said["joint"], rows, said["action"], event.bone, event.at, event.reason, drawn)
    state.corrections.setdefault((event.reader, event.image_sha256, event.instance), []).append(made)


def _override(state: State, event: Event) -> None:
    state.overrides[event.reader, place_of(event)] = Override(
        float(event.after["grade"]), event.reason, event.at
    )


def _change(state: State, event: Event) -> None:
    said = event.after
    reading = ChangeReading(
        int(said["rgic"]),
        event.image_sha256,
        said["pair_sha256"],
        said["region"],
        bool(said["order_known"]),
        bool(said["blinded"]),
        event.at,
    )
    key = (event.reader, int(said["occasion"]), event.image_sha256, reading.pair_sha256, reading.region)
    state.changes[key] = reading


def _knee(state: State, event: Event) -> None:
    said = event.after
    key = (event.reader, int(said["occasion"]), event.image_sha256, said["side"], event.bone)
    state.knees[key] = KneeReading(said["a"], said["b"], said["grade"], event.at, bool(said["blinded"]))


def _shown(state: State, event: Event) -> None:
    state.shown.add((event.reader, int(event.after["occasion"]), event.image_sha256))


_HANDLERS: dict[Kind, Any] = {
    Kind.GRADE: _grade,
    Kind.CORRECT: _correct,
    Kind.OVERRIDE: _override,
    Kind.CHANGE: _change,
    Kind.KNEE: _knee,
    Kind.SHOWN: _shown,
}


def check(event: Event) -> None:
    """Make sure that an event can be replayed, so that one line that cannot costs that line only.

    Raises
    ------
    ValueError
        Saying what is wrong with it.
    """
    try:
        if datetime.fromisoformat(event.at).tzinfo is None:
            raise ValueError("its time has no offset")
        if event.kind in (Kind.UNDO, Kind.REDO) and not isinstance(event.after["event"], str):
            raise ValueError("it names no event")
        for row in event.after["rows"] if event.kind is Kind.CORRECT else ():
            _ = int(row["instance"]), Bone(row["bone"]), Status(row["status"])
        State().apply(event)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no event ({type(error).__name__})") from None


def undone(events: Iterable[Event]) -> set[str]:
    """Ids of the events that are taken back at the end."""
    found: set[str] = set()
    for event in events:
        if event.kind is Kind.UNDO:
            found.add(event.after["event"])
        elif event.kind is Kind.REDO:
            found.discard(event.after["event"])
    return found


def replay(events: Iterable[Event]) -> State:
    """The state that a record adds up to.

    Events of different readers do not touch each other, so the order of their files does not matter.
    """
    events = list(events)
    taken_back = undone(events)
    state = State()
    for event in events:
        if event.id not in taken_back:
            state.apply(event)
    return state


def undo_stacks(events: Iterable[Event], session: str) -> tuple[list[Event], list[Event]]:
    """Events of a session that can be undone, and those that can be redone, each the next one last."""
    done: list[Event] = []
    back: list[Event] = []
    for event in events:
        if event.session != session:
            continue
        if event.kind in UNDOABLE:
            done.append(event)
            back.clear()
        elif event.kind is Kind.UNDO:
            back.append(done.pop())
        elif event.kind is Kind.REDO:
            done.append(back.pop())
    return done, back
