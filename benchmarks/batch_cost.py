"""What a film costs, as ratios within one run: against a BasicUNet forward pass, against bare decoding.

    python benchmarks/batch_cost.py [FILM_OR_FOLDER...] --repeats 5

Without films, one of each class of `batch_classes.py`: what a hospital's archive holds.

A film goes all the way from its file to its rows and regions, in one process with one thread. The yardsticks
are interleaved with it: one forward pass of MONAI's BasicUNet (2-D, default features, 512 x 512, float32,
torch, one thread; needs ``pip install --no-deps monai`` and torch) and the bare decoding of the same file.
Processor time is compared, not the clock on the wall, so that other work on the machine disturbs less.
"""

import io
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from batch_classes import make_classes
from batch_films import as_a_worker, machine

from rickets_rx.batch import FilmTask, Work, requests_of
from rickets_rx.batch.film import score_film

#: Goals of the project.
GOAL_UNET, GOAL_DECODE = 0.3, 6.0


def basic_unet() -> Callable[[], object]:
    """One forward pass of the yardstick network."""
    import torch
    from monai.networks.nets import BasicUNet

    torch.set_num_threads(1)
    net = BasicUNet(spatial_dims=2).eval()
    picture = torch.randn(1, 1, 512, 512)

    def forward() -> object:
        with torch.inference_mode():
            return net(picture)

    return forward


def decode(path: Path) -> object:
    """The pixels of a file and nothing else, as OpenCV or pydicom give them."""
    data = path.read_bytes()
    if data[128:132] == b"DICM":
        import pydicom

        return pydicom.dcmread(io.BytesIO(data)).pixel_array
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def processor_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time of this process."""
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main(
    inputs: Annotated[list[Path] | None, typer.Argument()] = None,
    repeats: Annotated[int, typer.Option(min=1)] = 5,
    unet: Annotated[bool, typer.Option(help="Also time BasicUNet.")] = True,
    malloc: Annotated[bool, typer.Option(help="With a worker's settings of malloc.")] = False,
) -> None:
    """Print the median cost of each film and the two ratios."""
    if malloc:
        as_a_worker()
    cv2.setNumThreads(1)
    typer.echo(machine())
    forward = basic_unet() if unet else lambda: None
    forward()
    films, nets, bare = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        sources = inputs or list(make_classes(Path(folder)).values())
        work = Work(Path(folder) / "out")
        tasks = [FilmTask(i, request, work) for i, request in enumerate(requests_of(sources))]
        score_film(tasks[0])
        for task in tasks:
            works = (partial(score_film, task), forward, partial(decode, task.request.path))
            times = [[processor_ms(work) for work in works] for _ in range(repeats)]
            film, net, pixels = (statistics.median(column) for column in zip(*times, strict=True))
            films.append(film)
            nets.append(net)
            bare.append(pixels)
            typer.echo(f"{task.request.file}: {film:.0f} ms, decoding {pixels:.1f} ms, x {film / pixels:.1f}")
    ratio = statistics.median(film / pixels for film, pixels in zip(films, bare, strict=True))
    typer.echo(f"median of {len(films)} films: {statistics.median(films):.0f} ms from file to row")
    typer.echo(f"against bare decoding: x {ratio:.1f} (goal {GOAL_DECODE:g})")
    if unet:
        against = statistics.median(films) / statistics.median(nets)
        typer.echo(
            f"against BasicUNet ({statistics.median(nets):.0f} ms): x {against:.2f} (goal {GOAL_UNET})"
        )


if __name__ == "__main__":
    typer.run(main)
