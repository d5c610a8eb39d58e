"""From file to margins against one pass of BasicUNet: ``benchmarks/segment_cost.py FOLDER [N [THREADS]]``.

A PNG of 2 megapixels is made of a real hand of FOLDER (enlarged), read and segmented N (7) times, warm;
MONAI's BasicUNet (2-D, default features, 512 x 512, float32) runs between; both with 2 THREADS. Times are
medians: by the clock, and of the processor, which other work on the machine disturbs less (with one thread
both are the same on a quiet machine).
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from segment_common import scored

from rickets_rx.io.read import read_radiograph
from rickets_rx.segment.network import THREADS
from rickets_rx.segment.pipeline import segment

MEGAPIXELS = 2.0


def enlarged(source: Path, to: Path) -> tuple[int, int]:
    """Write the film at `MEGAPIXELS`; returns rows and columns."""
    grey = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError(f"{source.name} cannot be read")
    factor = float(np.sqrt(MEGAPIXELS * 1e6 / grey.size))
    large = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(to), large)
    return large.shape[0], large.shape[1]


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of the processor."""
    start, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - spent


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def unet(threads: int) -> Callable[[], object]:
    import torch
    from monai.networks.nets import BasicUNet

    torch.set_num_threads(threads)
    net, picture = BasicUNet(spatial_dims=2).eval(), torch.zeros(1, 1, 512, 512)

    def forward() -> object:
        with torch.inference_mode():
            return net(picture)

    return forward


def main() -> None:
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    os.environ[THREADS] = str(threads)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film.png"
        shape = enlarged(sorted((folder / "wrist_research").glob("*.png"))[0], film)

        def ours() -> object:
            return segment(read_radiograph(film))

        bones = len(scored(segment(read_radiograph(film))))
        memory = peak_mib()
        reading = np.median([seconds(lambda: read_radiograph(film)) for _ in range(repeats)], axis=0)
        forward = unet(threads)
        forward()
        pairs = [(seconds(ours), seconds(forward)) for _ in range(repeats)]
    own, theirs = np.median(pairs, axis=0)
    sys.stdout.write(f"{shape[1]} x {shape[0]} px, {bones} bones, {threads} threads\n")
    for k, name in enumerate(("clock", "processor")):
        sys.stdout.write(
            f"{name}: file to margins {own[k]:.3f} s (reading {reading[k]:.3f} s), "
            f"BasicUNet {theirs[k]:.3f} s, ratio {own[k] / theirs[k]:.2f} (goal 0.25)\n"
        )
    sys.stdout.write(f"peak memory {memory:.0f} MiB\n")


if __name__ == "__main__":
    main()
