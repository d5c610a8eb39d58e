"""Scoring a folder off the window's thread: progress and cancel as signals."""

from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from rickets_rx.errors import RicketsError

if TYPE_CHECKING:
    from rickets_rx.batch.run import FilmEvent


class ScoreJob(QObject):
    """One run of `score_films`.

    Signals
    -------
    advanced : (films done, file, reason why it has no score or "")
    ended : (what to tell the reader, whether it is an error)

    Parameters
    ----------
    films, out : Path

    Raises
    ------
    UsageError, InputError
        When there is nothing to score.
    """

    advanced = Signal(int, str, str)
    ended = Signal(str, bool)

    def __init__(self, films: Path, out: Path) -> None:
        super().__init__()
        from rickets_rx.batch import requests_of

        self.out = out
        self._requests = requests_of([films])
        self.total = len(self._requests)
        self._stop = Event()
        self._done = 0
        # Qt's own threads are not needed: the films are scored in child processes, this one only waits.
        self._thread = Thread(target=self._run, name="rickets-rx-score", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop once the film that is being worked on is done."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; False where it did not come in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        from rickets_rx.batch import score_films
        from rickets_rx.batch.progress import ending

        try:
            result = score_films(self._requests, self.out, on_film=self._on_film)
        except RicketsError as error:
            self.ended.emit(str(error), True)
            return
        except OSError as error:
            self.ended.emit(f"{error.filename or self.out}: {error.strerror or error}", True)
            return
        self.ended.emit(" ".join(ending(result)), False)

    def _on_film(self, event: "FilmEvent") -> None:
        from rickets_rx.batch.run import StopRun

        self._done += 1
        self.advanced.emit(self._done, event.file, event.reason or "")
        if self._stop.is_set():
            raise StopRun("cancelled by the reader; score the folder again to go on")
