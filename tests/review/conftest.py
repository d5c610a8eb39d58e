"""A scored folder of drawn wrists, and readers who sit down to it."""

from pathlib import Path

import pytest
from review.drawn_folder import Clock, write_scored

from rickets_rx.review.queue import Plan
from rickets_rx.review.session import Session, Sitting
from rickets_rx.review.source import Source, read_source


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `score` writes it, its films in ``films/`` inside."""
    return write_scored(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def source(scored: Path) -> Source:
    return read_source(scored)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sit(source: Source, tmp_path: Path, clock: Clock):
    """Open a session: ``sit("anna", blinded=True, seed=1)``; all share one record.

    Who sits down again closes her window first: one window at a time holds a reader's record.
    """
    opened: list[Session] = []

    def open_session(reader: str = "anna", *, blinded: bool = False, **plan: object) -> Session:
        for before in opened:
            if before.reader == reader:
                before.close()
        sitting = Sitting(reader, blinded, Plan(**plan))
        session = Session(source, tmp_path / "record", sitting, clock=clock)
        opened.append(session)
        return session

    yield open_session
    for session in opened:
        session.close()
