"""The record: append-only JSON lines, one file per reader, each event on the disk before it counts."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from rickets_rx.errors import UsageError
from rickets_rx.review.events import Event, line_hash, parse
from rickets_rx.review.lock import hold
from rickets_rx.review.state import check

SUFFIX = ".jsonl"
# Binary on Windows, where text mode would change line ends and with them the chain.
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Replay:
    """What a folder of records holds.

    Parameters
    ----------
    events : tuple of Event
        File by file, in the order written.
    notes : tuple of str
        Lines that could not be read and breaks in the chain, in words.
    """

    events: tuple[Event, ...]
    notes: tuple[str, ...]


def reader_file(folder: Path, reader: str) -> Path:
    """Where a reader's events lie. The name is readable, and its hash keeps two readers apart."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", reader).strip("_")[:40] or "reader"
    return folder / f"{plain}-{hashlib.sha256(reader.encode()).hexdigest()[:8]}{SUFFIX}"


def read_records(folder: Path) -> Replay:
    """Every event of every reader of a folder; a folder that is not there is empty.

    A line that is no whole event (the last one after a crash) costs that line only, and is said.

    Raises
    ------
    UsageError
        When a file cannot be opened.
    """
    events: list[Event] = []
    notes: list[str] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found, said = _read(path)
        except OSError as error:
            raise UsageError(f"{path}: the record cannot be opened ({error.strerror})") from None
        events += found
        notes += said
    return Replay(tuple(events), tuple(notes))


def _read(path: Path) -> tuple[list[Event], list[str]]:
    """Events of one file, and what is wrong with it."""
    events: list[Event] = []
    notes: list[str] = []
    last: dict[str, tuple[int, str]] = {}
    ids: set[str] = set()
    lines = path.read_bytes().split(b"\n")
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            line = raw.decode()
            event = parse(line)
            check(event)
        except ValueError as error:
            whole = number < len(lines)
            why = f"cannot be read ({error})" if whole else "was cut off, as a crash leaves it"
            notes.append(f"{path.name}, line {number}: {why}; this line is lost, the others are not")
            continue
        if event.id in ids:
            notes.append(f"{path.name}, line {number}: stands there twice; the second is not counted")
            continue
        notes += _chain_notes(path.name, number, event, last)
        last[event.session] = (event.number, line_hash(line))
        ids.add(event.id)
        events.append(event)
    return events, notes


def _chain_notes(file: str, line: int, event: Event, last: dict[str, tuple[int, str]]) -> list[str]:
    number, chain = last.get(event.session, (0, ""))
    if event.number != number + 1:
        return [f"{file}, line {line}: events {number + 1} to {event.number - 1} of its session are missing"]
    if event.chain != chain:
        return [f"{file}, line {line}: the line before it was changed after it was written"]
    return []


class Record:
    """The file that one reader's events are appended to. Nothing in it is ever overwritten.

    One window at a time holds it: a second one of the same reader would mend what the first has changed
    since, and would not know what the first has shown a blinded reader.

    Parameters
    ----------
    folder : Path
        Created where missing.
    reader : str

    Raises
    ------
    UsageError
        When the folder cannot be written, or another window holds the record of this reader.

    Attributes
    ----------
    alone : bool
        False where the folder's disk knows no locks, so that a second window would not be noticed.
    """

    def __init__(self, folder: Path, reader: str) -> None:
        self.path = reader_file(folder, reader)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self.path, _FLAGS, 0o666)
        except OSError as error:
            raise UsageError(f"{self.path}: the record cannot be written ({error.strerror})") from None
        held = hold(self._handle)
        if held is False:
            self.close()
            raise UsageError(
                f"{reader} has this record open in another window. Close it there, or give another name"
            )
        self.alone = held is True

    def append(self, event: Event) -> str:
        """Write one event and wait until it is on the disk; returns the hash of its line.

        Raises
        ------
        UsageError
            When it could not be written. The event then does not count; what was written of it is passed
            over when the record is read.
        """
        line = event.line()
        if not self._is_there():
            mend = "It does not count. Put the file back, or open the folder again"
            raise UsageError(f"{self.path}: the record was moved or deleted under this window. {mend}")
        try:
            self._write(("" if self._ends_whole() else "\n") + line + "\n")
            os.fsync(self._handle)
        except OSError as error:
            mend = "It does not count. Make room or check the folder, then repeat it"
            raise UsageError(
                f"{self.path}: the last step was not recorded ({error.strerror}). {mend}"
            ) from None
        return line_hash(line)

    def _is_there(self) -> bool:
        """Whether the file that is written is still the one that will be read."""
        try:
            return os.path.samestat(os.fstat(self._handle), self.path.stat())
        except OSError:
            return False

    def _write(self, text: str) -> None:
        left = memoryview(text.encode())
        while left:
            left = left[os.write(self._handle, left) :]

    def _ends_whole(self) -> bool:
        """Whether the next byte begins a line: a half line of a crash is closed, never cut away."""
        size = os.fstat(self._handle).st_size
        if size == 0:
            return True
        os.lseek(self._handle, size - 1, os.SEEK_SET)
        return os.read(self._handle, 1) == b"\n"

    def close(self) -> None:
        """Let the file go; closing twice does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
