"""Runs films in child processes that may die, hang or swell without harm to the run."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rickets_rx.batch.film import failed
from rickets_rx.batch.outcome import Failure, FilmOutcome, FilmTask
from rickets_rx.batch.worker import READY
from rickets_rx.errors import UsageError

#: One numeric thread in each worker; and glibc's own trim and arena settings, because Dask starts its workers
#: with a trim threshold that doubles the time of NumPy.
WORKER_ENVIRONMENT = {
    **dict.fromkeys(
        (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "NUMEXPR_NUM_THREADS",
            "VECLIB_MAXIMUM_THREADS",
        ),
        "1",
    ),
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_MMAP_THRESHOLD_": "134217728",
    "MALLOC_ARENA_MAX": "1",
}

_START = "from rickets_rx.batch.worker import serve; serve()"

#: Seconds a worker may take to load (ours; about 1 on a warm disk).
_LOADING = 120.0


class WorkerProcess:
    """One child process that scores one film at a time.

    Parameters
    ----------
    memory_mb : int
        As in `Limits`.

    Raises
    ------
    UsageError
        When the child cannot even load the package.
    """

    def __init__(self, memory_mb: int) -> None:
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        self.memory_mb = memory_mb
        self._timed_out = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | WORKER_ENVIRONMENT | {"PYTHONPATH": path},
            )
        except OSError as error:
            raise UsageError(f"a worker process cannot start: {error.strerror}. Use fewer workers") from None
        if self._answer(_LOADING) != READY:
            self.close()
            raise UsageError(f"a worker process cannot start: {self._epitaph(_LOADING)[1]}")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def score(self, task: FilmTask) -> FilmOutcome:
        """The outcome of one film; where the child dies or outlasts its time, a failure that says so."""
        began = time.perf_counter()
        limit = task.work.limits.seconds
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))
            self._process.stdin.flush()
            answer = self._answer(limit)
        except BrokenPipeError:
            answer = None
        if isinstance(answer, FilmOutcome):
            return answer
        self.close()
        error_type, problem = self._epitaph(limit)
        failure = Failure("worker", "film", problem, "Look at this film alone", error_type, again=True)
        return failed(task, failure, seconds=time.perf_counter() - began)

    def _answer(self, limit: float) -> Any:
        """The child's next message, None where it died before or was stopped for its time."""
        assert self._process.stdout is not None
        watch = threading.Timer(limit, self._stop_for_time)
        watch.daemon = True
        watch.start()
        try:
            return pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError):
            return None
        finally:
            watch.cancel()

    def _stop_for_time(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _epitaph(self, limit: float) -> tuple[str, str]:
        """Type and words of this child's death."""
        if self._timed_out:
            return "TimeLimit", f"took longer than the limit of {limit:g} s"
        code = self._process.wait()
        if code == -getattr(signal, "SIGKILL", 9):
            return "WorkerDied", "its worker process was killed (SIGKILL), most likely for want of memory"
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return "WorkerDied", f"its worker process died ({name})"

    def stop(self) -> None:
        """End the child at once and reap it; a thread that waits for its answer is told that it died."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the child and close its pipes; only from the thread that uses it, or when none does."""
        self.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # bytes for a dead reader


class Workers:
    """The child processes of this process, one per thread that asks, replaced when they die."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_thread: dict[int, WorkerProcess] = {}
        self.stopped = False

    def score(self, task: FilmTask) -> FilmOutcome:
        """Score one film in the child of the calling thread."""
        me, wanted = threading.get_ident(), task.work.limits.memory_mb
        worker = self._of_thread.get(me)
        if worker is None or not worker.alive or worker.memory_mb != wanted:
            worker = WorkerProcess(wanted)
            with self._lock:
                self._of_thread[me] = worker
        outcome = worker.score(task)
        if outcome.failure is not None and outcome.failure.error_type == "MemoryError":
            worker.close()  # what is left of its heap is too broken up for the next film
        return outcome

    def stop(self) -> None:
        """End every child of this process at once, also at work; it begins no further film of a parcel."""
        self.stopped = True
        for worker in list(self._of_thread.values()):
            worker.stop()

    def close(self) -> None:
        """End every child; only when no thread uses one."""
        with self._lock:
            workers = list(self._of_thread.values())
            self._of_thread.clear()
        for worker in workers:
            worker.close()
        self.stopped = False


WORKERS = Workers()


def score_isolated(task: FilmTask) -> FilmOutcome:
    """Score one film in a child process of this process, the same in a local run and on a cluster."""
    return WORKERS.score(task)


def score_parcel(tasks: Sequence[FilmTask]) -> list[FilmOutcome]:
    """Score films one after the other, each as `score_isolated`; fewer where the run is stopped meanwhile."""
    outcomes = []
    for task in tasks:
        if WORKERS.stopped:
            break
        outcomes.append(score_isolated(task))
    return outcomes
