"""Scores many films: every good film once, every bad one listed, results whole whatever happens."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from rickets_rx.batch.account import configuration, counts, made_by, median_seconds
from rickets_rx.batch.clean import clean, forget_failed, regions_of_earlier_runs, sweep
from rickets_rx.batch.disk import MAKE_ROOM, is_disk_full
from rickets_rx.batch.export import failure_rows, image_rows, score_rows, write_tables
from rickets_rx.batch.film import failed, refused_by_manifest
from rickets_rx.batch.identity import IdentityRule, load_key
from rickets_rx.batch.keys import content_key, sha256_of, software_hash
from rickets_rx.batch.outcome import Failure, FilmOutcome, FilmTask, Limits, Scorer, Work
from rickets_rx.batch.parcels import AHEAD, Parcels, SchedulerLost
from rickets_rx.batch.pools import Pool, open_pool
from rickets_rx.batch.store import Store, open_store
from rickets_rx.errors import UsageError
from rickets_rx.io.magic import Kind
from rickets_rx.io.results import FilmRequest, Row, write_json

#: Threads that hash files (ours). A film of 20 MB takes 25 ms: one thread would feed a dozen workers at most.
_HASHERS = 4

_NO_SCHEDULER = "the Dask scheduler is gone. Start it and run the same command again: what is done is kept"

#: Films in a row that cost their workers their lives before the run gives up: it is not the films (ours).
_HOPELESS = 20


@dataclass(frozen=True)
class FilmEvent:
    """Progress: one film of the listing is settled.

    Parameters
    ----------
    file : str
    kept : bool
        True where its rows were there already.
    reason : str, optional
        Why it has no score, where it failed.
    warning : str, optional
    """

    file: str
    kept: bool = False
    reason: str | None = None
    warning: str | None = None


@dataclass(frozen=True)
class BatchResult:
    """What a run left in its folder.

    Parameters
    ----------
    out : Path
    films : int
        Films with rows: scored, refused or failed.
    counts : dict
        As in run.json.
    cancelled : bool
        The user stopped the run.
    stopped : str, optional
        Why the run stopped itself before its end.
    """

    out: Path
    films: int
    counts: dict[str, Any]
    cancelled: bool = False
    stopped: str | None = None

    @property
    def scores(self) -> list[Row]:
        """Rows of scores.csv, read from the store."""
        with open_store(self.out) as store:
            return list(score_rows(store))

    @property
    def images(self) -> list[Row]:
        """Rows of images.csv, read from the store."""
        with open_store(self.out) as store:
            return list(image_rows(store))

    @property
    def failures(self) -> list[Row]:
        """Rows of failures.csv, read from the store."""
        with open_store(self.out) as store:
            return list(failure_rows(store))

    def require_all(self) -> None:
        """Refuse to go on where the run ended early: what is made of some films would look like the answer.

        Raises
        ------
        UsageError
            Unless every film was settled.
        """
        if self.counts["cancelled"]:
            again = "stopped on request. Run the same command again: what is done is kept"
            raise UsageError(f"not every film was scored: {self.stopped or again}")


class StopRun(Exception):
    """Nothing more can be done in this run; what is done is kept."""


@dataclass
class _Run:
    """The films of one run on their way through the pool."""

    store: Store
    pool: Pool | Parcels
    work: Work
    on_film: Callable[[FilmEvent], None]
    strict: bool = False
    flying: dict["Future[FilmOutcome]", tuple[str, FilmTask]] = field(default_factory=dict)
    twins: dict[str, list[FilmTask]] = field(default_factory=dict)
    died: list[tuple[str, FilmTask]] = field(default_factory=list)
    lost: list[dict[str, str]] = field(default_factory=list)
    lost_in_a_row: set[object] = field(default_factory=set)
    left: int = 0

    def all(self, requests: Sequence[FilmRequest]) -> None:
        """Settle every film; those that cost a worker its life are tried once more at the end, alone."""
        for task in self._hashed(requests):
            self.left = len(requests) - task.position
            while len(self.flying) >= self.pool.room(self.left):
                self._collect(retry=True)
            self._hand_out(task)
        self.left = 0
        while self.flying:
            self._collect(retry=True)
        for key, task in self.died:
            self._submit(key, task)
            while self.flying:
                self._collect(retry=False)

    def _hashed(self, requests: Sequence[FilmRequest]) -> Iterator[FilmTask]:
        """Films with the hash of their bytes, read a little ahead; workers then find them in the cache."""
        # Absolute, because workers of a cluster start in other folders.
        absolute = (replace(request, path=request.path.absolute()) for request in requests)
        tasks = (FilmTask(i, request, self.work) for i, request in enumerate(absolute))
        with ThreadPoolExecutor(_HASHERS, thread_name_prefix="rickets-rx-hash") as reader:
            while batch := list(islice(tasks, AHEAD * self.pool.workers)):
                yield from reader.map(_with_hash, batch)

    def _hand_out(self, task: FilmTask) -> None:
        if task.request.fault is not None:
            self.store.assign(task.position, _unread(task))
            self._settle(_unread(task), task, refused_by_manifest(task, task.request.fault))
            return
        # A file without bytes to go by is looked at in every run; it only fails, which costs little.
        key = _unread(task) if task.sha256 is None else self._key(task.sha256, task)
        self.store.assign(task.position, key)
        done = self.store.find(key, self.work.identity.mark)
        if key in self.twins:
            self.twins[key].append(task)
        elif done is not None and self._on_disk(done):
            self._tell(task, _stored_failure(done), done["warning"], kept=True)
        else:
            self.twins[key] = []
            self._submit(key, task)

    def _key(self, sha256: str, task: FilmTask) -> str:
        return content_key(sha256, task.request, software_hash(), configuration(self.work))

    def _on_disk(self, row: Any) -> bool:
        """Whether what belongs to a stored film beside its rows is there too."""
        if row["failure"] is not None:
            return True
        out, name = self.work.out, row["sha256"]
        drawn = self.work.overlays and self.work.may_draw(row["warning"])
        return (out / "regions" / f"{name}.json").is_file() and (
            not drawn or (out / "overlays" / f"{name}.png").is_file()
        )

    def _submit(self, key: str, task: FilmTask) -> None:
        self.flying[self.pool.submit(task)] = (key, task)

    def _collect(self, *, retry: bool) -> None:
        """Settle the films that are ready, waiting for at least one."""
        self.pool.flush(self.left)
        ready, _ = wait(self.flying, return_when=FIRST_COMPLETED)
        # What is done first: an error may end the run.
        for future in sorted(ready, key=lambda future: future.exception() is not None):
            key, task = self.flying.pop(future)
            outcome = self._outcome(future, task)
            if outcome.failure is not None and outcome.failure.stage == "worker":
                # All films of a parcel share the error that their machine's loss raised: one loss.
                self.lost_in_a_row.add(future.exception() or future)
                self._mourn(task, outcome.failure)
                if retry:
                    self.died.append((key, task))
                    continue
            else:
                self.lost_in_a_row.clear()
            self._settle(key, task, outcome)

    def _mourn(self, task: FilmTask, failure: Failure) -> None:
        self.lost.append({"file": task.request.file, "reason": failure.problem})
        if (lost := len(self.lost_in_a_row)) >= _HOPELESS:
            raise StopRun(f"{lost} workers in a row were lost, the last because: {failure.problem}")

    def _outcome(self, future: "Future[FilmOutcome]", task: FilmTask) -> FilmOutcome:
        try:
            return future.result()
        except self.pool.lost as error:
            problem = f"the machine that worked on it was lost ({type(error).__name__})"
            failure = Failure("worker", "film", problem, "Run again", "WorkerDied", again=True)
            return failed(task, failure, seconds=0.0)

    def _settle(self, key: str, task: FilmTask, outcome: FilmOutcome) -> None:
        if outcome.failure is not None and outcome.failure.disk_full:
            raise StopRun(MAKE_ROOM)
        twins = self.twins.pop(key, [])
        if outcome.sha256 is not None and outcome.sha256 != task.sha256:
            # The file has changed since it was hashed: its rows belong to what was read, not to its twins.
            key = self._key(outcome.sha256, task)
            self.store.assign(task.position, key)
            for twin in twins:
                self._hand_out(_with_hash(twin))
            twins = []
        self.store.put(key, outcome, self.work.identity.mark)
        for told in (task, *twins):
            self._tell(told, outcome.failure, outcome.warning, kept=told is not task)

    def _tell(self, task: FilmTask, failure: Failure | None, warning: str | None, *, kept: bool) -> None:
        reason = None if failure is None else failure.reason(task.request.file)
        self.on_film(FilmEvent(task.request.file, kept, reason, warning))
        if self.strict and reason is not None:
            raise StopRun(f"stopped at the first film without a score (--strict): {reason}")


def _unread(task: FilmTask) -> str:
    """Key of a film without bytes to go by, for this run only."""
    return f"unread {task.position}"


def _with_hash(task: FilmTask) -> FilmTask:
    if task.request.fault is not None:
        return task
    return replace(task, sha256=sha256_of(task.request.path))


def _stored_failure(row: Any) -> Failure | None:
    return None if row["failure"] is None else Failure(**json.loads(row["failure"]))


def score_films(
    requests: Sequence[FilmRequest],
    out: Path,
    *,
    workers: int = 1,
    cluster: str | None = None,
    overlays: bool = False,
    limits: Limits | None = None,
    strict: bool = False,
    keep_identifiers: bool = False,
    on_film: Callable[[FilmEvent], None] | None = None,
    scorer: Scorer | None = None,
) -> BatchResult:
    """Score films and write every table of the contract to ``out``.

    What is done already in ``out`` (same bytes, same manifest values, same software) is kept. Stopped by
    Ctrl-C, the tables hold the films done so far, whole. A request with a fault is listed as failed and its
    film not opened.

    Parameters
    ----------
    requests : sequence of FilmRequest
    out : Path
        Created where missing. Tables are replaced whole, by rename.
    workers : int
        Processes, at least 1. The numbers do not depend on it.
    cluster : str, optional
        Dask instead of own processes: ``local`` or the address of a scheduler.
    overlays : bool
        Also write ``overlays/<sha256>.png`` for a person to look at.
    limits : Limits, optional
    strict : bool
        Stop at the first film that fails.
    keep_identifiers : bool
        DICOM patient IDs pass through instead of becoming keyed hashes; films with burned-in text are drawn.
    on_film : callable, optional
        Called for each film when it is settled, in no fixed order.
    scorer : callable, optional
        A function of a module, in place of the default method's of `score.SCORERS`.

    Raises
    ------
    UsageError
        When another run writes to ``out``, or ``out`` cannot be written.
    ValueError
        When worker processes cannot import ``scorer``.
    """
    if scorer is not None and scorer.__module__ == "__main__":
        raise ValueError("the scorer must be a function of a module that worker processes can import")
    began = time.time()
    _make_folder(out)
    rule = IdentityRule(load_key(out) if _header_wanted(requests) else b"", keep_identifiers)
    work = Work(out.absolute(), overlays, scorer or Work.scorer, rule, limits or Limits())
    stopped: str | None = None
    cancelled = False
    with open_store(out) as store:
        sweep(out)
        store.list_films(requests)
        with open_pool(workers, cluster) as pool:
            run = _Run(store, pool, work, on_film or (lambda event: None), strict)
            try:
                run.all(requests)
            except KeyboardInterrupt:
                cancelled = True
                pool.stop()
            except StopRun as stop:
                stopped = str(stop)
                pool.stop()
            except SchedulerLost:
                stopped = _NO_SCHEDULER
                pool.stop()
            except sqlite3.OperationalError as error:
                pool.stop()
                if not is_disk_full(error):
                    raise
                stopped = MAKE_ROOM
        account = made_by(work, {"workers": workers, "cluster": cluster is not None}, run.lost)
        forget_failed(store, work.out)
        if stopped is None and not cancelled:
            clean(store, work)
        account["regions_of_earlier_runs"] = regions_of_earlier_runs(store, out)
        counted = counts(store, len(requests)) | {"cancelled": cancelled or stopped is not None}
        times = {"seconds": round(time.time() - began, 3), "seconds_per_film_median": median_seconds(store)}
        try:
            write_tables(store, out)
            write_json(out / "run.json", account | {"counts": counted} | times)
        except (OSError, sqlite3.OperationalError) as error:
            if not is_disk_full(error):
                raise UsageError(f"{out}: the tables cannot be written ({error})") from None
            stopped = MAKE_ROOM
            counted["cancelled"] = True
    return BatchResult(out, counted["films_done"], counted, cancelled, stopped)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: cannot be used as folder of the results ({error.strerror})") from None


def _header_wanted(requests: Sequence[FilmRequest]) -> bool:
    """Whether any film is a DICOM file whose patient or day the manifest leaves open."""
    return any(
        (request.patient_id is None or request.day is None) and _kind(request.path) is Kind.DICOM
        for request in requests
        if request.fault is None
    )


def _kind(path: Path) -> Kind | None:
    from rickets_rx.io.find import kind_of

    try:
        return kind_of(path) if path.is_file() else None
    except OSError:
        return None
