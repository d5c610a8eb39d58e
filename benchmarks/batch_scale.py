"""How a batch grows: time and memory over the number of films, workers against each other, Dask against both.

    python benchmarks/batch_scale.py growth --counts 100 1000 10000 [--no-pipeline]
    python benchmarks/batch_scale.py workers --films 200

``--no-pipeline`` refuses every film right after reading it: what is left is the machinery of the batch itself
(finding, hashing, decoding, rows, store, tables), at a scale that the whole pipeline would need an hour for.
"""

import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import psutil
import typer
from batch_films import machine, make_films, refused

from rickets_rx.batch import requests_of, score_films

app = typer.Typer(pretty_exceptions_enable=False)


class Watch:
    """Largest resident memory of this process and of its workers, looked at after every 20th film.

    ``cpu`` holds the processor seconds of this process and of its workers: unlike the clock they hardly
    notice what else the machine does.
    """

    def __init__(self) -> None:
        self.me = psutil.Process()
        self.parent = self.worker = 0.0
        self.films = 0
        self._before = self._cpu()
        self.cpu = (0.0, 0.0)

    @staticmethod
    def _cpu() -> tuple[float, float]:
        times = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        mine, workers = (used.ru_utime + used.ru_stime for used in times)
        return mine, workers

    def stop(self) -> None:
        """Settle ``cpu``; the workers have ended by then."""
        now = self._cpu()
        self.cpu = (now[0] - self._before[0], now[1] - self._before[1])

    def __call__(self, event: object) -> None:
        self.films += 1
        if self.films % 20:
            return
        self.parent = max(self.parent, self.me.memory_info().rss / 1e6)
        for child in self.me.children(recursive=True):
            try:
                self.worker = max(self.worker, child.memory_info().rss / 1e6)
            except psutil.NoSuchProcess:
                continue


def timed(films: Path, workers: int, **options: object) -> tuple[float, Watch]:
    """Seconds and memory of one run into an empty folder."""
    out = Path(tempfile.mkdtemp(prefix="rickets_rx_scale_"))
    watch = Watch()
    began = time.perf_counter()
    requests = requests_of([films])
    result = score_films(requests, out, workers=workers, on_film=watch, **options)  # type: ignore[arg-type]
    assert result.counts["films_done"] == len(requests) and not result.counts["films_failed"]
    seconds = time.perf_counter() - began
    watch.stop()
    shutil.rmtree(out)
    return seconds, watch


@app.command()
def growth(
    counts: Annotated[list[int], typer.Option()] = [100, 1000],  # noqa: B006
    workers: int = 2,
    pipeline: bool = True,
    size_px: int = 320,
) -> None:
    """Seconds a film and memory over the number of films."""
    typer.echo(f"{machine()}; {workers} workers, {'whole pipeline' if pipeline else 'no pipeline'}")
    root = Path(tempfile.mkdtemp(prefix="rickets_rx_films_"))
    for count in counts:
        films = make_films(root / str(count), count, size_px=size_px)
        seconds, watch = timed(films, workers, **({} if pipeline else {"scorer": refused}))
        parent, children = (1000 * used / count for used in watch.cpu)
        typer.echo(f"{count} films: {seconds:.1f} s, {1000 * seconds / count:.1f} ms a film by the clock")
        typer.echo(f"  processor time a film: parent {parent:.1f} ms, workers {children:.1f} ms")
        typer.echo(f"  memory: parent {watch.parent:.0f} MB, largest worker {watch.worker:.0f} MB")
    shutil.rmtree(root)


@app.command()
def workers(films: int = 200, repeats: int = 3, size_px: int = 512) -> None:
    """Two workers against one, and Dask against two workers, interleaved."""
    typer.echo(machine())
    root = Path(tempfile.mkdtemp(prefix="rickets_rx_films_"))
    source = make_films(root, films, size_px=size_px)
    ways: dict[str, dict[str, object]] = {"1": {}, "2": {}, "dask": {"cluster": "local"}}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, options in ways.items():
            seconds[name].append(timed(source, 1 if name == "1" else 2, **options)[0])
            typer.echo(f"{name}: {seconds[name][-1]:.1f} s (load {os.getloadavg()[0]:.1f})")
    one, two, dask = (statistics.median(seconds[name]) for name in ways)
    typer.echo(f"medians of {repeats}: 1 worker {one:.1f} s, 2 workers {two:.1f} s, Dask {dask:.1f} s")
    typer.echo(
        f"2 workers against 1: x {one / two:.2f} (goal 1.8); Dask against 2 workers: x {dask / two:.2f}"
    )
    shutil.rmtree(root)


if __name__ == "__main__":
    app()
