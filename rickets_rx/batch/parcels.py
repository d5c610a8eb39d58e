"""Films on their way to Dask, several in one task: each task costs some 8 ms, whatever it holds.

A parcel holds about a second of work, so slow films travel alone. Isolation, limits and failures stay with
the single film, because every film is scored in a child process (`batch.isolated`) as in a local run.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future

from rickets_rx.batch.isolated import WORKERS, score_parcel
from rickets_rx.batch.outcome import FilmOutcome, FilmTask

#: Films (on a cluster: parcels) handed out ahead, per worker, and films hashed ahead of them; more would only
#: be lost by a kill (ours).
AHEAD = 2

#: Seconds of work in one parcel, and most films in it (ours): 8 ms are then under a hundredth of the work,
#: and a run that is killed loses little.
_WORK, _MOST = 1.0, 32

_Films = list[tuple[FilmTask, "Future[FilmOutcome]"]]


class SchedulerLost(Exception):
    """The scheduler of the cluster has gone, and with it every parcel."""


class Parcels:
    """A pool (as `batch.pools.Pool`) that collects films and sends them to an executor in parcels.

    Parameters
    ----------
    executor : Executor
        Of Dask, or any other that runs `score_parcel`.
    workers : int
        Parcels worked on at one time.
    lost : tuple of exception types
        What the executor raises when the machine that held a parcel is gone.
    """

    def __init__(self, executor: Executor, workers: int, lost: tuple[type[Exception], ...] = ()) -> None:
        self.workers = workers
        self.lost = lost
        self._executor = executor
        self._waiting: _Films = []
        self._sent: set[Future[list[FilmOutcome]]] = set()
        self._seconds = _WORK  # of one film; so the first travel alone

    def size(self, left: int) -> int:
        """Films of the next parcel: about a second of them, and few enough that all workers end together.

        Parameters
        ----------
        left : int
            Films not handed out yet.
        """
        of_time = int(_WORK / max(self._seconds, _WORK / _MOST))
        return max(1, min(of_time, left // (2 * self.workers)))

    def room(self, left: int) -> int:
        """Films that may be under way at one time, when ``left`` are not handed out yet."""
        return AHEAD * self.workers * self.size(left)

    def submit(self, task: FilmTask) -> "Future[FilmOutcome]":
        """The future of one film. It is under way after the next `flush` that finds its parcel full."""
        future: Future[FilmOutcome] = Future()
        self._waiting.append((task, future))
        return future

    def flush(self, left: int) -> None:
        """Send every parcel that is full, and one that is not where a worker would wait for it."""
        size = self.size(left)
        self._sent = {sent for sent in self._sent if not sent.done()}
        while self._waiting and (len(self._waiting) >= size or len(self._sent) < self.workers):
            films, self._waiting = self._waiting[:size], self._waiting[size:]
            try:
                sent = self._executor.submit(score_parcel, [task for task, _ in films])
            except (RuntimeError, OSError):  # as Dask's client puts it once it is closed
                _lose(films, SchedulerLost())
                continue
            self._sent.add(sent)
            sent.add_done_callback(lambda done, films=films: self._arrived(done, films))  # type: ignore[misc]

    def stop(self) -> None:
        """Give up what was sent; of a parcel on another machine the films begun there are still scored."""
        WORKERS.stop()
        try:
            self._executor.shutdown(wait=False)
        except (RuntimeError, OSError):
            return  # the client is closed: its scheduler has given up everything

    def _arrived(self, done: "Future[list[FilmOutcome]]", films: _Films) -> None:
        """Give every film of a parcel its outcome; where the parcel was lost, each its error."""
        error = SchedulerLost() if done.cancelled() else done.exception()
        if error is not None:
            _lose(films, error)
            return
        outcomes: Sequence[FilmOutcome] = done.result()
        if outcomes:
            # Halved at most: a film that fails at once says little of the next.
            mean = sum(outcome.seconds for outcome in outcomes) / len(outcomes)
            self._seconds = max(mean, self._seconds / 2)
        for (_, future), outcome in zip(films, outcomes, strict=False):
            future.set_result(outcome)


def _lose(films: _Films, error: BaseException) -> None:
    for _, future in films:
        future.set_exception(error)
