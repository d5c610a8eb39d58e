"""Films travel to Dask in parcels; what happens to one film happens to that film alone."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import standin

from rickets_rx.batch import parcels, requests_of, score_films
from rickets_rx.batch.film import score_film
from rickets_rx.batch.isolated import WORKERS, score_parcel
from rickets_rx.batch.outcome import FilmOutcome, FilmTask, Work
from rickets_rx.batch.parcels import Parcels, SchedulerLost
from rickets_rx.io.results import FilmRequest, FilmRows


class Post(Executor):
    """An executor that does nothing until it is told to deliver."""

    def __init__(self) -> None:
        self.sent: list[tuple[list[FilmTask], Future[Any]]] = []

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.sent.append((args[0], future))
        return future

    def deliver(self, number: int, seconds: float) -> None:
        """Outcomes of the parcel with this number, each film having taken so long."""
        tasks, future = self.sent[number]
        future.set_result([FilmOutcome(t.request, FilmRows((), ()), seconds=seconds) for t in tasks])


def task(number: int) -> FilmTask:
    return FilmTask(number, FilmRequest(Path(f"{number}.png"), f"{number}.png"), Work(Path("out")))


def positions(post: Post) -> list[list[int]]:
    return [[film.position for film in films] for films, _ in post.sent]


def after_films_of(*seconds: float) -> tuple[Post, Parcels]:
    """Two workers whose first films, each in a parcel of its own, took so long."""
    post = Post()
    sender = Parcels(post, 2)
    for number, each in enumerate(seconds):
        future = sender.submit(task(number))
        sender.flush(left=1000)
        post.deliver(number, each)
        assert future.result().request.file == f"{number}.png"
    return post, sender


@pytest.mark.parametrize(
    ("seconds", "left", "films"),
    [
        (0.15, 1000, 6),  # 6 x 0.15 s are the most that stay within a second
        (0.15, 20, 5),  # 20 films left for 2 workers: a quarter each, so that both end together
        (0.15, 3, 1),
        (2.0, 1000, 1),
        (0.0001, 1000, 32),
    ],
)
def test_a_parcel_holds_a_second_of_work_and_less_towards_the_end(
    seconds: float, left: int, films: int
) -> None:
    _, sender = after_films_of(*[seconds] * 6)
    assert sender.size(left) == films


def test_a_film_that_fails_at_once_does_not_fill_the_next_parcels() -> None:
    _, sender = after_films_of(1.6, 0.005)
    assert sender.size(1000) == 1  # of 0.8 s: half of the film before
    _, sender = after_films_of(0.005, 0.005)
    assert sender.size(1000) == 4  # a second is halved with every film: 0.25 s


def test_no_worker_waits_for_a_parcel_to_fill_and_no_film_is_left_lying() -> None:
    post, sender = after_films_of(0.3, 0.3)
    assert sender.size(1000) == 3
    for number in range(2, 13):
        sender.submit(task(number))
    sender.flush(left=1000)
    # Three full parcels; two more films wait for a third, because two workers have enough to do.
    assert positions(post) == [[0], [1], [2, 3, 4], [5, 6, 7], [8, 9, 10]]
    sender.flush(left=1000)
    assert len(post.sent) == 5
    for number in (2, 3):
        post.deliver(number, 0.3)
    sender.flush(left=1000)
    assert positions(post)[5:] == [[11, 12]]


def test_a_lost_parcel_tells_each_of_its_films() -> None:
    post, sender = after_films_of(0.3)
    futures = [sender.submit(task(number)) for number in (1, 2)]
    sender.flush(left=0)
    post.sent[1][1].set_exception(KeyError("gone"))
    post.sent[2][1].cancel()
    assert isinstance(futures[0].exception(timeout=0), KeyError)
    assert isinstance(futures[1].exception(timeout=0), SchedulerLost)


def test_a_stopped_run_begins_no_further_film(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def stop_at_the_second(film: FilmTask) -> FilmOutcome:
        asked.append(film.position)
        WORKERS.stopped = len(asked) == 2
        return FilmOutcome(film.request, FilmRows((), ()))

    monkeypatch.setattr("rickets_rx.batch.isolated.score_isolated", stop_at_the_second)
    monkeypatch.setattr(WORKERS, "stopped", False)
    assert len(score_parcel([task(number) for number in range(4)])) == 2
    assert asked == [0, 1]


def test_a_stop_reaches_the_workers_of_this_machine_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WORKERS, "stopped", False)
    after_films_of(0.3)[1].stop()
    assert WORKERS.stopped


def test_a_scheduler_that_goes_ends_the_run_with_whole_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dying(Executor):
        """Scores three films, then is closed as a Dask client is that lost its scheduler."""

        done = 0

        def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
            if self.done == 3:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self.done += 1
            future: Future[Any] = Future()
            future.set_result([score_film(film) for film in args[0]])
            return future

        def shutdown(self, wait: bool = True) -> None:  # type: ignore[override]
            raise RuntimeError("closed")

    monkeypatch.setattr(parcels, "_MOST", 1)
    dying = Dying()
    pool = Parcels(dying, 2)
    monkeypatch.setattr("rickets_rx.batch.run.open_pool", lambda workers, cluster: _opened(pool))
    for number in range(8):
        standin.film(tmp_path / "films" / f"{number}.png", number)
    result = score_films(requests_of([tmp_path / "films"]), tmp_path / "out", scorer=standin.plain)
    assert result.stopped is not None and result.stopped.startswith("the Dask scheduler is gone.")
    assert result.counts["films_done"] == 3 and result.counts["cancelled"]
    # A radius and an ulna of each, and the line of the names.
    assert len((tmp_path / "out" / "scores.csv").read_text().splitlines()) == 7


def test_one_lost_machine_costs_a_parcel_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(Exception):
        """A machine was lost."""

    class OnceLost(Executor):
        """Loses the first parcel of more than one film, and scores all others."""

        lost = 0

        def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
            future: Future[Any] = Future()
            if len(args[0]) > 1 and not self.lost:
                self.lost = len(args[0])
                future.set_exception(Gone())
            else:
                future.set_result([replace(score_film(film), seconds=0.0) for film in args[0]])
            return future

    monkeypatch.setattr("rickets_rx.batch.run._HOPELESS", 2)
    executor = OnceLost()
    pool = Parcels(executor, 1, (Gone,))
    monkeypatch.setattr("rickets_rx.batch.run.open_pool", lambda workers, cluster: _opened(pool))
    for number in range(24):
        standin.film(tmp_path / "films" / f"{number}.png", number)
    result = score_films(requests_of([tmp_path / "films"]), tmp_path / "out", scorer=standin.plain)
    assert executor.lost >= 2  # films, of one machine
    assert result.stopped is None
    assert result.counts["films_done"] == 24


class _opened:
    def __init__(self, pool: Parcels) -> None:
        self.pool = pool

    def __enter__(self) -> Parcels:
        return self.pool

    def __exit__(self, *error: object) -> None:
        WORKERS.close()
