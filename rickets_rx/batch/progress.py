"""What a person sees while films are scored, on standard error, and what the run says at its end."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rickets_rx.batch.run import BatchResult, FilmEvent

#: Seconds between lines where no terminal redraws one, as in the log of a cluster job (ours).
_LOG_EVERY = 30.0

#: Messages about single films shown while they run; all of them stand in failures.csv (ours).
_SHOWN = 20


def stop_on_terminate() -> None:
    """Let SIGTERM, which clusters send before they kill, stop a run as Ctrl-C does: with whole rows."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@contextmanager
def progress(total: int) -> Iterator[Callable[[FilmEvent], None]]:
    """A bar with rate and time left on a terminal, a line now and then elsewhere; failures as they come.

    Parameters
    ----------
    total : int
        Films of the run.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    pace = Pace(total, time.monotonic())
    shown = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("films", total=total, rate="")

        def advance(event: FilmEvent) -> None:
            nonlocal shown
            line = pace.line(event, time.monotonic())
            bar.update(task, advance=1, rate=pace.rate_words)
            message = event.reason or (event.warning and f"{event.file}: {event.warning}")
            if message and shown < _SHOWN:
                shown += 1
                bar.console.print(message)
            if line and not console.is_terminal:
                bar.console.print(line)

        yield advance


class Pace:
    """Films a second and time left, from films worked on; films kept from an earlier run take no time.

    Parameters
    ----------
    total : int
    now : float
        Seconds of a clock that only runs forward.
    """

    def __init__(self, total: int, now: float) -> None:
        self.total, self.began, self._said = total, now, now
        self.settled = self.worked = 0
        self.rate = 0.0

    def line(self, event: FilmEvent, now: float) -> str | None:
        """Count a film; a line for the log where one is due."""
        self.settled += 1
        self.worked += not event.kept
        self.rate = self.worked / max(now - self.began, 1e-9)
        if now - self._said < _LOG_EVERY:
            return None
        self._said = now
        return f"{self.settled} of {self.total} films, {self.rate_words}, {self.left_words}"

    @property
    def rate_words(self) -> str:
        return f"{self.rate:.2f} films/s" if self.worked else ""

    @property
    def left_words(self) -> str:
        """Time left at the present rate."""
        if not self.rate:
            return "time left unknown"
        minutes, seconds = divmod(round((self.total - self.settled) / self.rate), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d} left"


def ending(result: BatchResult) -> Iterator[str]:
    """Lines that tell what a run left behind."""
    counts = result.counts
    yield (
        f"{counts['films_done']} of {counts['films_asked']} films, {counts['bones_scored']} bones scored, "
        f"{counts['bones_refused']} refused. Results in {result.out}"
    )
    if refused := counts["films_refused"]:
        yield f"Films refused as a whole: {refused}, with their reasons in {result.out / 'images.csv'}"
    if counts["films_failed"]:
        yield f"Films without a score: {counts['films_failed']}, see {result.out / 'failures.csv'}"
    if result.cancelled:
        yield "Stopped on request; the rows written are whole. The same command goes on from here."
    if result.stopped is not None:
        yield f"Stopped: {result.stopped}"
