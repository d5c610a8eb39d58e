"""Films and marks for the tests of the batch; the key of pseudonyms is kept out of the user's home."""

import sys
from pathlib import Path

import pytest

from rickets_rx.batch.film import score_film

# `standin` and `hostile` are modules, because worker processes import the scorers by name.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def key_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the key of patient pseudonyms out of the real home."""
    path = tmp_path / "secret" / "patient.key"
    monkeypatch.setenv("RICKETS_RX_KEY_FILE", str(path))
    return path


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which stand-in scorers note what they were asked."""
    folder = tmp_path / "marks"
    folder.mkdir()
    monkeypatch.setenv("STANDIN_MARKS", str(folder))
    return folder


@pytest.fixture(autouse=True)
def same_software(monkeypatch: pytest.MonkeyPatch) -> None:
    """One software for all runs of a test, also while somebody edits the checkout."""
    monkeypatch.setattr("rickets_rx.batch.run.software_hash", lambda: "software under test")
    monkeypatch.setattr("rickets_rx.batch.pools._same_software", lambda client: None)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Score without child processes, where dying is not the subject: a child takes a second to load."""
    monkeypatch.setattr("rickets_rx.batch.pools.score_isolated", score_film)
