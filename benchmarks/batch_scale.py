"""How a batch grows: time and memory over the number of films, workers against each other, Dask against both.

    python benchmarks/batch_films.py FILMS --count 10000 --children 1000 --size-px 400
    python benchmarks/batch_scale.py growth FILMS --counts 100 --counts 1000 --counts 10000 [--no-pipeline]
    python benchmarks/batch_scale.py workers --films 1000 --repeats 3

``--no-pipeline`` refuses every film right after reading it: what is left is the machinery of the batch itself
(finding, hashing, decoding, rows, store, tables).
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import typer
from batch_films import machine, make_films, refused

from rickets_rx.batch import FilmEvent, requests_of, score_films
from rickets_rx.io.read import file_sha256
from rickets_rx.io.results import FilmRequest

app = typer.Typer(pretty_exceptions_enable=False)

#: Films between two looks at the memory of each process.
_LOOK = 50


@dataclass(frozen=True)
class Look:
    """What the processes held at one moment of a run: films settled, seconds, MB."""

    films: int
    seconds: float
    parent: float
    worker: float


class Watch:
    """Memory of this process and of its largest worker, looked at after every `_LOOK`-th film.

    ``cpu`` holds the processor seconds of this process and of its workers: unlike the clock they hardly
    notice what else the machine does. ``first`` and ``last`` are when first and last film were settled.
    """

    def __init__(self) -> None:
        self.me = psutil.Process()
        self.looks: list[Look] = []
        self.films = 0
        self.began = time.perf_counter()
        self.first = self.last = 0.0
        self._before = self._cpu()
        self.cpu = (0.0, 0.0)
        self.scores = ""

    @staticmethod
    def _cpu() -> tuple[float, float]:
        """Of this process, and of all others below it: those that live and those that have ended."""
        me = psutil.Process()
        mine, others = me.cpu_times(), 0.0
        for process in (me, *me.children(recursive=True)):
            used = process.cpu_times()
            others += used.children_user + used.children_system
            others += 0.0 if process == me else used.user + used.system
        return mine.user + mine.system, others

    def stop(self) -> None:
        """Settle ``cpu``."""
        now = self._cpu()
        self.cpu = (now[0] - self._before[0], now[1] - self._before[1])

    def __call__(self, event: FilmEvent) -> None:
        self.films += 1
        now = self.last = time.perf_counter() - self.began
        if self.films == 1:
            self.first = now
        if self.films % _LOOK == 0:
            self.looks.append(Look(self.films, now, self.me.memory_info().rss / 1e6, self._largest()))

    def _largest(self) -> float:
        sizes = [0.0]
        for child in self.me.children(recursive=True):
            try:
                sizes.append(child.memory_info().rss / 1e6)
            except psutil.NoSuchProcess:
                continue
        return max(sizes)


@dataclass(frozen=True)
class Timing:
    """Seconds of one run: all of it, until its first film, from there to its last, after it; and processor
    time of a film, all processes together.
    """

    whole: float
    start: float
    steady: float
    end: float
    cpu_ms: float


def timed(requests: list[FilmRequest], workers: int, **options: Any) -> tuple[Timing, Watch]:
    """One run into an empty folder."""
    out = Path(tempfile.mkdtemp(prefix="rickets_rx_scale_"))
    watch = Watch()
    result = score_films(requests, out, workers=workers, on_film=watch, **options)
    whole = time.perf_counter() - watch.began
    assert result.counts["films_done"] == len(requests) and not result.counts["films_failed"]
    watch.stop()
    watch.scores = file_sha256(out / "scores.csv")
    shutil.rmtree(out)
    cpu = 1000 * sum(watch.cpu) / len(requests)
    return Timing(whole, watch.first, watch.last - watch.first, whole - watch.last, cpu), watch


def told_memory(looks: list[Look]) -> str:
    """Memory at the first look, the middle and the end, the largest, and what 1 000 more films add."""
    lines = []
    for name in ("parent", "worker"):
        held = np.array([getattr(look, name) for look in looks])
        films = np.array([look.films for look in looks])
        # The first tenth is left out of the slope: there buffers are filled for the first time.
        later = films >= films[-1] / 10
        slope = 1000 * np.polyfit(films[later], held[later], 1)[0] if later.sum() > 2 else float("nan")
        middle = held[len(held) // 2]
        lines.append(
            f"  memory, {'parent' if name == 'parent' else 'largest worker'}: {held[0]:.0f} MB after "
            f"{films[0]} films, {middle:.0f} half-way, {held[-1]:.0f} at the end, {held.max():.0f} at most, "
            f"{slope:+.2f} MB per 1 000 films"
        )
    return "\n".join(lines)


@app.command()
def growth(
    films: Annotated[Path, typer.Argument(help="From batch_films.py.")],
    counts: Annotated[list[int], typer.Option()] = [100, 1000],  # noqa: B006
    workers: int = 2,
    pipeline: bool = True,
) -> None:
    """Seconds a film and memory over the number of films."""
    typer.echo(f"{machine()}; {workers} workers, {'whole pipeline' if pipeline else 'no pipeline'}")
    requests = requests_of([films])
    for count in counts:
        time_taken, watch = timed(requests[:count], workers, **({} if pipeline else {"scorer": refused}))
        parent, children = (1000 * used / count for used in watch.cpu)
        typer.echo(
            f"{count} films: {time_taken.whole:.1f} s, {1000 * time_taken.whole / count:.1f} ms a film"
        )
        typer.echo(f"  processor time a film: parent {parent:.2f} ms, workers {children:.1f} ms")
        tenths = np.interp(
            np.linspace(0, count, 11),
            [0, *(k.films for k in watch.looks)],
            [0, *(k.seconds for k in watch.looks)],
        )
        typer.echo(
            "  ms a film, tenth by tenth: " + " ".join(f"{10000 * s / count:.0f}" for s in np.diff(tenths))
        )
        typer.echo(told_memory(watch.looks))


@contextmanager
def dask_processes(workers: int) -> Iterator[str]:
    """A Dask scheduler and workers as a cluster starts them, one thread each; gives their address."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        told = Path(folder) / "scheduler.json"
        dask = [sys.executable, "-m", "dask"]
        each = ["--scheduler-file", str(told), "--no-dashboard"]
        ways = [["scheduler", "--port", "0"], ["worker", "--nthreads", "1", "--nworkers", str(workers)]]
        # Scorers of the benchmark lie here; the scheduler unpacks tasks, too.
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))
        }
        for way in ways:
            process = subprocess.Popen(
                [*dask, *way, *each],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            while not told.is_file():
                time.sleep(0.1)
        from distributed import Client

        with Client(scheduler_file=str(told)) as client:
            client.wait_for_workers(workers)
            address = str(client.scheduler.address)
        yield address


@app.command()
def workers(
    films: int = 200,
    repeats: int = 3,
    size_px: int = 400,
    processes: Annotated[
        int, typer.Option(help="1 tells the cost of Dask on a machine that is not quiet.")
    ] = 2,
    ways: Annotated[str, typer.Option(help="Of one, several, local and tcp.")] = "one,several,local,tcp",
    pipeline: bool = True,
) -> None:
    """Several workers against one; and Dask, in this process and as processes of its own, against as many."""
    typer.echo(f"{machine()}; {films} films, {processes} worker(s), {'whole' if pipeline else 'no'} pipeline")
    options: dict[str, Any] = {} if pipeline else {"scorer": refused}
    root = Path(tempfile.mkdtemp(prefix="rickets_rx_films_"))
    requests = requests_of([make_films(root, films, size_px=size_px)])
    names = ways.split(",")
    taken: dict[str, list[Timing]] = {name: [] for name in names}
    scores = set()
    with dask_processes(processes) if "tcp" in names else nullcontext("") as address:
        clusters = {"local": "local", "tcp": address}
        for _ in range(repeats):
            for name in names:
                count, cluster = 1 if name == "one" else processes, clusters.get(name)
                one, watch = timed(requests, count, cluster=cluster, **options)
                taken[name].append(one)
                scores.add(watch.scores)
                typer.echo(
                    f"{name}: {one.whole:.1f} s, {one.start:.1f} s to the first film; processor time a film "
                    f"{one.cpu_ms:.1f} ms (load {os.getloadavg()[0]:.1f})"
                )
    for part in ("whole", "start", "steady", "end", "cpu_ms"):
        middle = {name: statistics.median(getattr(t, part) for t in taken[name]) for name in names}
        base = middle.get("several", middle[names[0]])
        against = ", ".join(f"{name} {value:.1f} (x {value / base:.3f})" for name, value in middle.items())
        typer.echo(f"{part}, medians of {repeats}, in brackets against local workers: {against}")
    typer.echo(f"scores.csv: {len(scores)} different content(s)")
    typer.echo("goals: one worker at least x 1.8 of two, Dask at most x 1.05")
    shutil.rmtree(root)


if __name__ == "__main__":
    app()
