"""One sitting's part of the record: numbers its events, chains them, and knows what can be taken back."""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rickets_rx.review.events import Event, Json, Kind
from rickets_rx.review.record import Record
from rickets_rx.review.state import undo_stacks


def utc_now() -> datetime:
    """The time, with its offset from UTC."""
    return datetime.now(UTC)


class Journal:
    """Appends the events of one sitting.

    Parameters
    ----------
    folder : Path
        Of the record.
    reader : str
    events : iterable of Event
        What the record holds already, of all readers.
    clock : callable
        Gives the time, with its offset from UTC.

    Raises
    ------
    UsageError
        When the record cannot be written.
    """

    def __init__(
        self, folder: Path, reader: str, events: Iterable[Event], clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.events = list(events)
        self._reader, self._clock = reader, clock
        self._session, self._number, self._chain = uuid.uuid4().hex[:12], 0, ""
        self._version, self._software, self._models = _software()
        self._record = Record(folder, reader)

    @property
    def alone(self) -> bool:
        """Whether a second window of this reader would be noticed."""
        return self._record.alone

    def begin(self, sitting: Json) -> Event:
        """The first event: how the reader sits down, and the models by hash."""
        return self.write(Kind.SESSION, after=sitting, models=self._models)

    def write(self, kind: Kind, **said: Any) -> Event:
        """Append one event; it counts once this returns.

        Parameters
        ----------
        **said
            Further fields of `Event`.

        Raises
        ------
        UsageError
            When it could not be written.
        """
        event = Event(
            id=f"{self._session}-{self._number + 1}",
            at=self._clock().isoformat(timespec="milliseconds"),
            reader=self._reader,
            kind=kind,
            software=self._software,
            version=self._version,
            chain=self._chain,
            **said,
        )
        self._chain = self._record.append(event)
        self._number += 1
        self.events.append(event)
        return event

    def next_back(self, kind: Kind) -> Event | None:
        """The event that an undo or a redo of this sitting would mean; None where there is none."""
        done, back = undo_stacks(self.events, self._session)
        stack = done if kind is Kind.UNDO else back
        return stack[-1] if stack else None

    def close(self) -> None:
        """Let the record go."""
        self._record.close()


def _software() -> tuple[str, str, dict[str, str]]:
    """Version, one hash of everything, and the models by hash."""
    from rickets_rx.batch.keys import provenance, software_hash

    made: dict[str, Any] = provenance()
    return made["version"], software_hash(), {k: v for k, v in made["models"].items() if v}
