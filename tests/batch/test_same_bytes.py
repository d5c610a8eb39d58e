"""The way the work is split changes no byte of scores.csv."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import standin

from rickets_rx.batch import pools, requests_of, score_films
from rickets_rx.errors import UsageError


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Ten films, one of which kills its worker, one of which is listed twice."""
    folder = tmp_path / "films"
    for i in range(8):
        standin.film(folder / f"{i}.png", i, first_pixel=standin.DIE if i == 2 else 128)
    standin.film(folder / "8.png", 5)
    (folder / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    return folder


def scores(films: Path, out: Path, **options: object) -> bytes:
    score_films(requests_of([films]), out, scorer=standin.obedient, **options)  # type: ignore[arg-type]
    return (out / "scores.csv").read_bytes() + (out / "failures.csv").read_bytes()


def test_one_worker_two_workers_and_dask_write_the_same_bytes(films: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    one = scores(films, tmp_path / "one")
    assert one.count(b",scored,") == 8
    assert scores(films, tmp_path / "two", workers=2) == one
    assert scores(films, tmp_path / "dask", workers=2, cluster="local") == one


def test_a_dask_scheduler_that_is_not_there_is_said_plainly(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("rickets_rx.batch.pools._CONNECT", "1s")
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        score_films(requests_of([films]), tmp_path / "out", cluster="tcp://127.0.0.1:9", scorer=standin.plain)


@pytest.mark.parametrize(("scheduler", "worker"), [(None, "here"), ("here", None)])
def test_a_cluster_without_the_package_is_refused_at_once(scheduler: str | None, worker: str | None) -> None:
    class Cluster:
        def run_on_scheduler(self, function: object, name: str) -> str | None:
            return scheduler

        def run(self, function: object, name: str) -> dict[str, str | None]:
            return {"tcp://one": "here", "tcp://two": worker}

    with pytest.raises(UsageError, match=r"Dask (scheduler|worker tcp://two) cannot import rickets_rx"):
        pools._importable(Cluster())


RUN = """
    import signal, sys
    from pathlib import Path
    # A shell that starts the tests with & has SIGINT ignored, which children inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path.insert(0, sys.argv[1])
    import standin
    from rickets_rx.batch import requests_of, run, score_films
    run.software_hash = lambda: "software under test"
    from rickets_rx.batch.progress import stop_on_terminate
    stop_on_terminate()
    films, out, cluster = requests_of([Path(sys.argv[2])]), Path(sys.argv[3]), sys.argv[4] or None
    result = score_films(films, out, workers=2, cluster=cluster, scorer=standin.slow)
    sys.exit(7 if result.cancelled else 0)
"""


def start(films: Path, out: Path, cluster: str = "") -> "subprocess.Popen[bytes]":
    """A run in a process group of its own, as a shell or a cluster starts it."""
    here = str(Path(standin.__file__).parent)
    command = [sys.executable, "-c", textwrap.dedent(RUN), here, str(films), str(out), cluster]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(command, start_new_session=True, env=environment)


def regions(out: Path) -> int:
    return len(list((out / "regions").glob("*.json"))) if (out / "regions").is_dir() else 0


def wait_for_regions(out: Path, number: int) -> None:
    deadline = time.monotonic() + 60
    while regions(out) < number:
        assert time.monotonic() < deadline, "the run makes no progress"
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize(
    ("number", "cluster"), [(signal.SIGINT, ""), (signal.SIGTERM, ""), (signal.SIGINT, "local")]
)
def test_a_stopped_run_leaves_whole_rows_and_goes_on(
    tmp_path: Path, number: signal.Signals, cluster: str
) -> None:
    if cluster:
        pytest.importorskip("distributed")
    films, out = tmp_path / "films", tmp_path / "out"
    for i in range(12):
        standin.film(films / f"{i:02d}.png", i)
    process = start(films, out, cluster)
    wait_for_regions(out, 3)
    os.killpg(process.pid, number)
    assert process.wait(30) == 7
    lines = (out / "scores.csv").read_text().splitlines()
    assert 3 <= len(lines) < 25
    assert all(line.count(",") == lines[0].count(",") for line in lines)
    undisturbed = tmp_path / "undisturbed"
    whole = score_films(requests_of([films]), undisturbed, scorer=standin.slow, workers=2)
    assert whole.counts["films_done"] == 12
    assert start(films, out).wait(60) == 0
    assert (out / "scores.csv").read_bytes() == (undisturbed / "scores.csv").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    films, out = tmp_path / "films", tmp_path / "out"
    for i in range(12):
        standin.film(films / f"{i:02d}.png", i)
    process = start(films, out)
    wait_for_regions(out, 5)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    kept: list[bool] = []
    score_films(
        requests_of([films]),
        out,
        scorer=standin.slow,
        workers=2,
        on_film=lambda event: kept.append(event.kept),
    )
    # Five were done; what was in flight or not yet stored when the kill came is computed again.
    assert sum(kept) >= 3
    score_films(requests_of([films]), tmp_path / "undisturbed", scorer=standin.slow, workers=2)
    assert (out / "scores.csv").read_bytes() == (tmp_path / "undisturbed" / "scores.csv").read_bytes()
