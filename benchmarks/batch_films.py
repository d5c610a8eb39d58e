"""Small films for the benchmarks of the batch: phantoms, each with its own grain, no two the same.

python benchmarks/batch_films.py FOLDER --count 10000 --children 1000 --size-px 400
"""

import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import numpy.typing as npt
import typer

from rickets_rx.errors import Refusal
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import FilmScore
from rickets_rx.vocabulary import RefusalReason

#: Different children; further films are these with other grain, which costs a tenth of a new phantom.
CHILDREN = 20


@cache
def child(seed: int, size_px: int) -> npt.NDArray[np.uint16]:
    """The wrist of one child, 0 to 65535."""
    from rickets_rx.phantom.generate import wrist

    return np.round(wrist(seed, size_px=size_px).pixels * 65535).astype(np.uint16)


def make_films(
    folder: Path, count: int, *, seed: int = 0, size_px: int = 512, children: int = CHILDREN
) -> Path:
    """Write ``count`` films of ``size_px`` (longer side), 16-bit PNG, unless the folder holds them."""
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.glob("*.png"))) == count:
        return folder
    for i in range(count):
        base = child(seed + i % children, size_px)
        grain = np.random.default_rng((seed, i)).normal(0, 0.004 * 65535, base.shape)
        pixels = np.round(np.clip(base + grain, 0, 65535)).astype(np.uint16)
        if not cv2.imwrite(str(folder / f"film{i:05d}.png"), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1]):
            raise OSError(f"cannot write to {folder}")
    return folder


def refused(radiograph: Radiograph) -> FilmScore:
    """No pipeline at all: every film is refused as soon as it is read."""
    return FilmScore((), Refusal(RefusalReason.AMBIGUOUS, "benchmark without pipeline"))


def as_a_worker() -> None:
    """Start this process again in the environment of a worker: one thread, and its settings of malloc."""
    from rickets_rx.batch.isolated import WORKER_ENVIRONMENT

    if not WORKER_ENVIRONMENT.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | WORKER_ENVIRONMENT)


def machine() -> str:
    """What the figures were taken on."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = f"{len(lines)} x {lines[0].split(':', 1)[1].strip()}" if lines else name
    load = Path("/proc/loadavg")
    busy = f", load {load.read_text().split()[0]} at the start" if load.is_file() else ""
    return f"{name}, {platform.system()}, Python {platform.python_version()}{busy}"


def main(
    folder: Annotated[Path, typer.Argument()],
    count: int = 10_000,
    children: int = 1000,
    size_px: int = 400,
    seed: int = 0,
) -> None:
    """Write films for `batch_scale.py growth`, so that the process measured there never made any."""
    make_films(folder, count, seed=seed, size_px=size_px, children=children)


if __name__ == "__main__":
    typer.run(main)
