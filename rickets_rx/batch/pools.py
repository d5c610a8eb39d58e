"""Where films are worked on: processes of this machine (`Pool`) or a Dask cluster (`Parcels`)."""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, ClassVar

from rickets_rx.batch.isolated import WORKERS, score_isolated
from rickets_rx.batch.keys import software_hash
from rickets_rx.batch.outcome import FilmOutcome, FilmTask
from rickets_rx.batch.parcels import AHEAD, Parcels
from rickets_rx.errors import UsageError

#: Patience with a Dask scheduler that does not answer (ours).
_CONNECT = "10s"


@dataclass(frozen=True)
class Pool:
    """Scores films on this machine, several at a time; `Parcels` is the same for a cluster.

    Parameters
    ----------
    executor : Executor
        Threads.
    workers : int
        Films worked on at one time.
    """

    executor: Executor
    workers: int
    lost: ClassVar[tuple[type[Exception], ...]] = ()  # threads are not lost

    def room(self, left: int) -> int:
        """Films that may be under way at one time, when ``left`` are not handed out yet."""
        return AHEAD * self.workers

    def submit(self, task: FilmTask) -> "Future[FilmOutcome]":
        return self.executor.submit(score_isolated, task)

    def flush(self, left: int) -> None:
        """Before waiting: let nothing lie that could be worked on. Here nothing does."""

    def stop(self) -> None:
        """Give up what is being worked on; rows already stored stay."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        WORKERS.stop()


@contextmanager
def open_pool(workers: int, cluster: str | None = None) -> Iterator[Pool | Parcels]:
    """A pool of local worker processes, or of a Dask cluster.

    Parameters
    ----------
    workers : int
        Local processes, at least 1, also with ``cluster='local'``.
    cluster : str, optional
        ``local`` for a Dask cluster on this machine, else the address of a scheduler (``tcp://...``).

    Raises
    ------
    UsageError
        When Dask is not installed or its scheduler cannot be reached.
    """
    if cluster is not None:
        try:
            with _dask_pool(workers, cluster) as pool:
                yield pool
        finally:
            WORKERS.close()
        return
    # A thread per worker only waits for its child process.
    with ThreadPoolExecutor(workers, thread_name_prefix="rickets-rx") as executor:
        try:
            yield Pool(executor, workers)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
            WORKERS.close()


@contextmanager
def _dask_pool(workers: int, cluster: str) -> Iterator[Parcels]:
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise UsageError("--cluster needs Dask: pip install 'rickets-rx[cluster]'") from None
    with _client(Client, workers, cluster) as client:
        threads = sum(client.nthreads().values())
        if threads == 0:
            raise UsageError(f"the Dask scheduler at {cluster} has no workers. Start one: dask worker")
        _importable(client)
        _same_software(client)
        executor = client.get_executor(pure=False, retries=0)
        yield Parcels(executor, threads, (KilledWorker,))


def _importable(client: Any) -> None:
    """Refuse a cluster that cannot import this package; the scheduler unpacks every task as well."""
    places = {"the Dask scheduler": client.run_on_scheduler(find_spec, "rickets_rx")}
    places |= {
        f"the Dask worker {name}": found for name, found in client.run(find_spec, "rickets_rx").items()
    }
    for place, found in places.items():
        if found is None:
            raise UsageError(f"{place} cannot import rickets_rx. Install the same there as here")


def _same_software(client: Any) -> None:
    """Refuse workers whose numbers would differ from those of this machine."""
    others = [worker for worker, found in client.run(software_hash).items() if found != software_hash()]
    if others:
        raise UsageError(
            f"{len(others)} Dask workers have another rickets_rx, other models or libraries than this "
            f"machine (the first: {others[0]}). Install the same everywhere"
        )


@contextmanager
def _client(client_type: Any, workers: int, cluster: str) -> Iterator[Any]:
    """A Dask client. A film is never tried again by Dask itself: who dies is ours to count."""
    import dask

    # A scheduler that goes is told in one sentence (`run`), not by Dask's traceback.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        if cluster == "local":
            with _local_cluster(workers) as local, client_type(local) as client:
                yield client
            return
        try:
            client = client_type(cluster, timeout=_CONNECT)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"no Dask scheduler answers at {cluster} ({type(error).__name__}). "
                "Give local, or its address with protocol and port, such as tcp://127.0.0.1:8786"
            ) from None
        with client:
            yield client


@contextmanager
def _local_cluster(workers: int) -> Iterator[Any]:
    """Scheduler and one Dask worker inside this process, with a thread for each child that scores.

    The films are isolated by `score_isolated` already. Dask processes around those children would take memory
    and processor time from them: nannies, one profiler a worker that looks up a hundred times a second.
    """
    import dask
    from distributed import LocalCluster

    quiet = {"distributed.worker.profile.enabled": False, "distributed.scheduler.work-stealing": False}
    with dask.config.set(quiet):
        try:
            with LocalCluster(
                n_workers=1, threads_per_worker=workers, processes=False, dashboard_address=None
            ) as cluster:
                yield cluster
        finally:
            WORKERS.close()
