"""Where the time of a film goes, stage by stage, in milliseconds of processor time.

    python benchmarks/batch_profile.py [FILM_OR_FOLDER...] --repeats 5

Without films, one of each class of `batch_classes.py`. Inner stages are indented: their time is part of the
stage above. ``bare`` is the decoding of the same file and nothing else.
"""

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import cv2
import typer
from batch_classes import make_classes
from batch_cost import decode
from batch_films import as_a_worker, machine

from rickets_rx.batch import FilmTask, Work, requests_of
from rickets_rx.batch.film import score_film

#: Module, function and name of each stage.
STAGES = (
    ("io.read", "read_radiograph", "read"),
    ("io.read", "_decode", "  decode"),
    ("io.read", "bone_is_bright", "  polarity"),
    ("batch.film", "_header", "identity"),
    ("segment.pipeline", "locate", "find"),
    ("segment.locate_verify", "run", "  networks, places"),
    ("segment.proposals", "run", "  networks, film"),
    ("segment.locate_guard", "run", "  network, guard"),
    ("segment.pipeline", "trace", "trace"),
    ("segment.trace_learned", "run", "  network, margin"),
    ("grade.cnn", "mimic_share", "shaft behind it"),
    ("features", "measure_all", "features"),
    ("grade.methods", "grade_metaphysis", "grade"),
    ("grade.cnn", "network_shares", "  network, bone"),
    ("io.regions", "write_regions", "regions"),
)


def watched(function: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    """The function, its processor time added to ``spent[name]``."""

    @wraps(function)
    def timed(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **options)
        finally:
            spent[name] += 1000 * (time.process_time() - began)

    return timed


def one(work: Callable[[], Any], name: str, spent: dict[str, float]) -> dict[str, float]:
    """What one call spent, stage by stage and altogether."""
    spent.clear()
    watched(work, name, spent)()
    return dict(spent)


def main(
    inputs: Annotated[list[Path] | None, typer.Argument()] = None,
    repeats: Annotated[int, typer.Option(min=1)] = 5,
) -> None:
    """Print the median time of every stage of each film."""
    as_a_worker()
    cv2.setNumThreads(1)
    typer.echo(machine())
    spent: dict[str, float] = defaultdict(float)
    for module, function, name in STAGES:
        place = import_module(f"rickets_rx.{module}")
        setattr(place, function, watched(getattr(place, function), name, spent))
    with tempfile.TemporaryDirectory() as folder:
        films = inputs or list(make_classes(Path(folder)).values())
        work = Work(Path(folder) / "out")
        tasks = [FilmTask(i, request, work) for i, request in enumerate(requests_of(films))]
        score_film(tasks[0])
        for task in tasks:
            runs = [
                one(partial(decode, task.request.path), "bare", spent)
                | one(partial(score_film, task), "film to row", spent)
                for _ in range(repeats)
            ]
            middle = {name: statistics.median(run.get(name, 0.0) for run in runs) for name in runs[0]}
            typer.echo(f"{task.request.file}: x {middle['film to row'] / middle['bare']:.1f}")
            for name in ("bare", "film to row", *(stage[2] for stage in STAGES)):
                typer.echo(f"  {name:20s} {middle.get(name, 0.0):7.1f}")


if __name__ == "__main__":
    typer.run(main)
