"""Long work off the window's thread: progress, cancel and the end as signals, failures in words."""

from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from rickets_rx.errors import RicketsError

if TYPE_CHECKING:
    from rickets_rx.batch.run import FilmEvent
    from rickets_rx.report.course import Course
    from rickets_rx.review.open import Opened
    from rickets_rx.review.queue import Plan
    from rickets_rx.review.session import Session
    from rickets_rx.review.source import Source


class Job(QObject):
    """One piece of work in a thread of its own; subclasses write `work`.

    Signals
    -------
    advanced : (done, of how many, what to tell the reader or "")
    ended : (what to tell the reader, whether it is an error)
    """

    advanced = Signal(int, int, str)
    ended = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._stop = Event()
        self.finished = False
        # Films are scored in child processes and tables are read in C: a thread that waits is enough. It is a
        # daemon, so that a window that is closed does not stay for it.
        self._thread = Thread(target=self._run, name=f"rickets-rx-{type(self).__name__}", daemon=True)

    def work(self) -> str:
        """Do it; returns what to tell the reader at the end."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop at the next film."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; False where it did not come in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        said, wrong = "This could not be finished; the terminal tells why.", True
        try:
            said, wrong = self.work(), False
        except RicketsError as error:
            said = str(error)
        except OSError as error:
            said = f"{error.filename or 'A file'}: {error.strerror or error}"
        finally:
            self.finished = True
            # Also after a fault of the program: a panel that waits for an end would stay locked.
            self._tell_end(said, wrong)

    def _tell_end(self, said: str, wrong: bool) -> None:
        try:
            self.ended.emit(said, wrong)
        except RuntimeError:
            # The window was closed meanwhile, and its signals with it.
            return


class ScoreJob(Job):
    """One run of `score_films` over a folder.

    Parameters
    ----------
    films, out : Path

    Raises
    ------
    UsageError, InputError
        When there is nothing to score.
    """

    def __init__(self, films: Path, out: Path) -> None:
        super().__init__()
        from rickets_rx.batch import requests_of

        self.out = out
        self._requests = requests_of([films])
        self.total = len(self._requests)
        self._done = 0

    def work(self) -> str:
        """Score the films; what is done is kept, whatever ends it."""
        from rickets_rx.batch import score_films
        from rickets_rx.batch.progress import ending

        return " ".join(ending(score_films(self._requests, self.out, on_film=self._on_film)))

    def _on_film(self, event: "FilmEvent") -> None:
        from rickets_rx.batch.run import StopRun

        self._done += 1
        self.advanced.emit(self._done, self.total, event.reason or "")
        if self.cancelled:
            raise StopRun("cancelled by the reader; score the folder again to go on")


class OpenJob(Job):
    """Sits a reader down to a folder; the films of a case folder are scored first.

    Parameters
    ----------
    folder : Path
    reader : str
    blinded : bool
    plan : Plan
    """

    def __init__(self, folder: Path, reader: str, blinded: bool, plan: "Plan") -> None:
        super().__init__()
        self._folder, self._reader, self._blinded, self._plan = folder, reader, blinded, plan
        self.opened: Opened | None = None

    def work(self) -> str:
        """Open the folder; the session is in ``opened``."""
        from rickets_rx.review.mend import warm_up
        from rickets_rx.review.open import open_review
        from rickets_rx.review.session import Sitting

        sitting = Sitting(self._reader, self._blinded, self._plan)
        self.opened = open_review(self._folder, sitting, on_film=self._on_film)
        warm_up()
        return ""

    def _on_film(self, done: int, total: int) -> bool:
        self.advanced.emit(done, total, f"Scoring the films of the case first: {done} of {total}.")
        return not self.cancelled


class CourseJob(Job):
    """The course of one child from its case folder: what `rickets-rx heal` computes of it.

    Parameters
    ----------
    source : Source
    patient_id : str
    case_dir : Path
    """

    def __init__(self, source: "Source", patient_id: str, case_dir: Path) -> None:
        super().__init__()
        self._source, self._case_dir = source, case_dir
        self.patient_id = patient_id
        self.course: Course | None = None

    def work(self) -> str:
        """Compute it; the course is in ``course``."""
        from rickets_rx.review.course import course_of_patient

        self.course = course_of_patient(self._source, self.patient_id, self._case_dir)
        return ""


class ExportJob(Job):
    """Writes readings.csv of all readers and one reader's corrected scores.

    Parameters
    ----------
    session : Session
    folder : Path
        Receives ``readings.csv`` and ``corrected/``.
    """

    def __init__(self, session: "Session", folder: Path) -> None:
        super().__init__()
        self._session, self._folder = session, folder

    def work(self) -> str:
        """Write both, from the record on the disk: the reader may go on meanwhile."""
        from rickets_rx.review.exports import write_corrected, write_readings

        session, state = self._session, self._session.current_state()
        readings = self._folder / "readings.csv"
        count = write_readings(session.source, state, readings)
        scores = write_corrected(session.source, state, session.reader, self._folder / "corrected")
        return f"{count} readings in {readings}; corrected scores in {scores}"
