"""The store of a run: what is done, row by row, in one SQLite file that survives a kill at any moment.

Why SQLite in WAL mode: a row is there whole or not at all, also after SIGKILL; the content key is an index,
so that resuming costs one look-up a film; only the parent process writes, so there is nothing to merge.
Exclusive locking keeps a second run out and needs no memory shared between processes.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rickets_rx.batch.disk import MAKE_ROOM, is_disk_full
from rickets_rx.batch.outcome import Failure, FilmOutcome
from rickets_rx.errors import UsageError
from rickets_rx.io.results import FilmRequest

FILE = "results.sqlite"

#: Changed whenever the tables change; a store of another layout is made anew.
LAYOUT = 1

#: Columns that belong to a listing and not to a content; they are added when rows are exported.
LISTED = ("file", "patient_id", "day")

_TABLES = """
CREATE TABLE films (
    key TEXT PRIMARY KEY, sha256 TEXT, scores TEXT NOT NULL, images TEXT NOT NULL, failure TEXT,
    again INTEGER NOT NULL, seconds REAL NOT NULL, warning TEXT,
    patient TEXT, header_day INTEGER, identity TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE listing (
    position INTEGER PRIMARY KEY, file TEXT NOT NULL, asked_patient TEXT, asked_day INTEGER, key TEXT,
    patient_id TEXT, day INTEGER
);
CREATE INDEX listing_patient ON listing(patient_id);
CREATE TABLE course (position INTEGER, row INTEGER, activity TEXT, PRIMARY KEY (position, row)) WITHOUT ROWID;
"""


class Store:
    """Rows of films by content key, and the listing of the films asked for in input order."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def list_films(self, requests: Iterable[FilmRequest]) -> None:
        """Replace the listing by the films of this run."""
        rows = ((i, r.file, r.patient_id, r.day) for i, r in enumerate(requests))
        with transaction(self.connection):
            self.connection.execute("DELETE FROM listing")
            self.connection.execute("DELETE FROM films WHERE sha256 IS NULL")
            self.connection.executemany(
                "INSERT INTO listing (position, file, asked_patient, asked_day) VALUES (?, ?, ?, ?)", rows
            )

    def assign(self, position: int, key: str) -> None:
        """Say which content stands at a place of the listing."""
        self.connection.execute("UPDATE listing SET key = ? WHERE position = ?", (key, position))

    def find(self, key: str, identity: str) -> sqlite3.Row | None:
        """sha256, failure and warning of a film that is done; None where it is to be worked on (again).

        A failure that may pass in another run is not done. Rows that name their patient by another rule than
        ``identity`` are not done either.
        """
        found: sqlite3.Row | None = self.connection.execute(
            "SELECT sha256, failure, warning FROM films WHERE key = ? AND again = 0 AND identity IN ('', ?)",
            (key, identity),
        ).fetchone()
        return found

    def put(self, key: str, outcome: FilmOutcome, identity: str) -> None:
        """Store the outcome of a film; it is there for good when this returns."""
        failure = outcome.failure
        self.connection.execute(
            "INSERT OR REPLACE INTO films VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                outcome.sha256,
                _rows_json(outcome.rows.scores),
                _rows_json(outcome.rows.images),
                None if failure is None else json.dumps(asdict(failure)),
                int(failure is not None and failure.again),
                outcome.seconds,
                outcome.warning,
                outcome.patient,
                outcome.header_day,
                identity if outcome.patient is not None or outcome.header_day is not None else "",
            ),
        )

    def done(self, columns: str = "*", order: str = "position", where: str = "1") -> Iterator[sqlite3.Row]:
        """Listed films that are done, joined with their content. The arguments are SQL of this package."""
        query = f"SELECT {columns} FROM listing JOIN films USING (key) WHERE {where} ORDER BY {order}"
        yield from self.connection.execute(query)

    def hashes(self, where: str) -> set[str]:
        """SHA-256 of films with rows, listed or not. The argument is SQL of this package."""
        query = f"SELECT DISTINCT sha256 FROM films WHERE sha256 IS NOT NULL AND {where}"
        return {row["sha256"] for row in self.connection.execute(query)}

    def failed_hashes(self) -> set[str]:
        """SHA-256 of every listed film that failed, unless other manifest values gave its bytes a score."""
        query = (
            "SELECT DISTINCT sha256 FROM listing JOIN films USING (key) WHERE failure IS {} NULL"
            " AND sha256 IS NOT NULL"
        )
        rows = self.connection.execute(f"{query.format('NOT')} EXCEPT {query.format('')}")
        return {row["sha256"] for row in rows}

    def failures(self) -> Iterator[tuple[str, Failure]]:
        """File and failure of every listed film that could not be scored, in input order."""
        for row in self.done("file, failure", where="failure IS NOT NULL"):
            yield row["file"], Failure(**json.loads(row["failure"]))


def _rows_json(rows: Iterable[dict[str, Any]]) -> str:
    kept = [{name: value for name, value in row.items() if name not in LISTED} for row in rows]
    return json.dumps(kept, allow_nan=False)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # A full disk has rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def open_store(out: Path) -> Iterator[Store]:
    """The store of a folder of results, locked for this run.

    Raises
    ------
    UsageError
        When another run holds it, when the file is none of ours, or when it cannot be written.
    """
    path = out / FILE
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            _prepare(connection)
            yield Store(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise UsageError(_mend(error, path)) from error


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    # Exclusive before the first access in WAL mode: no shared-memory file, and the lock is kept to the end.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    # A power cut may cost the last rows (they are computed again), never the file: sqlite.org/wal.html.
    connection.execute("PRAGMA synchronous = NORMAL")
    # What is replaced is overwritten: no identifier stays behind in a freed page.
    connection.execute("PRAGMA secure_delete = ON")
    with transaction(connection):
        if connection.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
            for name in ("films", "listing", "course"):
                connection.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _mend(error: sqlite3.Error, path: Path) -> str:
    text = str(error)
    if "locked" in text:
        return f"{path.parent}: another run writes here. Wait for it, or give another folder"
    if "not a database" in text or "malformed" in text:
        return f"{path}: is not a store of this program or is damaged. Move it away and run again"
    if is_disk_full(error):
        return f"{path}: {MAKE_ROOM}"
    return f"{path}: cannot be used ({text}). Check that the folder may be written"
