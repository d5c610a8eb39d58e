"""From file to margins against one pass of BasicUNet: ``python benchmarks/segment_cost.py FOLDER [N]``.

A PNG of 2 megapixels is made of a real hand of FOLDER (enlarged), read and segmented N (7) times, warm;
MONAI's BasicUNet (2-D, default features, 512 x 512, float32) runs between; both with 2 threads. Times are
medians.
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


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def unet() -> Callable[[], object]:
    import torch
    from monai.networks.nets import BasicUNet

    torch.set_num_threads(2)
    net, picture = BasicUNet(spatial_dims=2).eval(), torch.zeros(1, 1, 512, 512)

    def forward() -> object:
        with torch.inference_mode():
            return net(picture)

    return forward


def main() -> None:
    os.environ[THREADS] = "2"
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film.png"
        shape = enlarged(sorted((folder / "wrist_research").glob("*.png"))[0], film)

        def ours() -> object:
            return segment(read_radiograph(film))

        bones = len(scored(segment(read_radiograph(film))))
        memory = peak_mib()
        reading = float(np.median([seconds(lambda: read_radiograph(film)) for _ in range(repeats)]))
        forward = unet()
        forward()
        pairs = [(seconds(ours), seconds(forward)) for _ in range(repeats)]
    own, theirs = np.median(pairs, axis=0)
    sys.stdout.write(
        f"{shape[1]} x {shape[0]} px, {bones} bones: file to margins {own:.3f} s (reading {reading:.3f} s), "
        f"BasicUNet {theirs:.3f} s, ratio {own / theirs:.2f} (goal 0.25); peak memory {memory:.0f} MiB\n"
    )


if __name__ == "__main__":
    main()
