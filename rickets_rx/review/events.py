"""One line of the record: who did what to which film when, before, after, why, with which software."""

import hashlib
import json
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Kind(StrEnum):
    """What an event says; ``UNDO`` and ``REDO`` name another event by its id."""

    SESSION = "session"
    GRADE = "grade"
    CORRECT = "correct"
    OVERRIDE = "override"
    CHANGE = "change"
    KNEE = "knee"
    SHOWN = "shown"
    UNDO = "undo"
    REDO = "redo"


#: What undo may take back; the others only tell what happened.
UNDOABLE = (Kind.GRADE, Kind.CORRECT, Kind.OVERRIDE, Kind.CHANGE, Kind.KNEE)


@dataclass(frozen=True)
class Event:
    """One thing that one reader did.

    Parameters
    ----------
    id : str
        Unique; ``<session>-<number>``, numbers count from 1 within a session.
    at : str
        ISO 8601 with offset from UTC.
    reader : str
    kind : Kind
    image_sha256 : str
        Film; the later one of a pair. Empty in ``SESSION``.
    instance : int
    bone : str
        Empty where the event is of a whole joint or film.
    before, after : dict
        State of what changed; the keys depend on ``kind`` and stand in `rickets_rx.review.state`.
    reason : str
    software : str
        One hash over code, models, tables and libraries (`rickets_rx.batch.keys.software_hash`).
    version : str
    models : dict
        Model file to SHA-256, in ``SESSION`` only: it holds for all events of the session.
    chain : str
        SHA-256 of the line before in the same session, so that a changed or missing line is noticed.
    """

    id: str
    at: str
    reader: str
    kind: Kind
    image_sha256: str = ""
    instance: int = 1
    bone: str = ""
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    reason: str = ""
    software: str = ""
    version: str = ""
    models: dict[str, str] = field(default_factory=dict)
    chain: str = ""

    @property
    def session(self) -> str:
        """The sitting in which it happened."""
        return self.id.rpartition("-")[0]

    @property
    def number(self) -> int:
        """Place within the session, from 1."""
        return int(self.id.rpartition("-")[2])

    def line(self) -> str:
        """The event as one line of JSON, without the line end. NaN is refused: missing is null."""
        # Not `asdict`: it copies every point of a corrected outline, which a drag would wait for.
        content = {
            one.name: value for one in fields(self) if (value := getattr(self, one.name)) not in ("", {})
        }
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def line_hash(line: str) -> str:
    """What the next event of a session holds as ``chain``."""
    return hashlib.sha256(line.encode()).hexdigest()


def parse(line: str) -> Event:
    """The event of one line.

    Raises
    ------
    ValueError
        When the line is no whole event; the text says what is wrong with it.
    """
    try:
        content = json.loads(line)
        event = Event(**(content | {"kind": Kind(content["kind"])}))
        texts = (event.id, event.at, event.reader)
        if not all(isinstance(text, str) and text for text in texts) or event.number < 1:
            raise ValueError("id, time or reader is missing")
        if not isinstance(event.before, dict) or not isinstance(event.after, dict):
            raise ValueError("before and after are not objects")
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"is no event ({type(error).__name__})") from None
    return event
