"""How many phantom films a core makes a second: ``python benchmarks/phantom_rate.py [N]``.

Processor time of one thread, so that what else the machine does is left out.
"""

import sys
import time

import cv2

from rickets_rx import phantom

WARM = 12
"""Films made first, which fill the texture tables."""


def rate(joint: str, n: int) -> float:
    """Films a second of processor time at 512 pixels, one thread."""
    for seed in range(WARM):
        phantom.sample(joint, 10_000 + seed, size_px=(512, 512))
    start = time.process_time()
    for seed in range(1, n + 1):
        phantom.sample(joint, seed, size_px=(512, 512))
    return n / (time.process_time() - start)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for joint in ("wrist", "elbow"):
        sys.stdout.write(f"{joint}: {rate(joint, count):.1f} films of 512 px a second\n")
