"""How many phantom films a core makes a second: ``python benchmarks/phantom_rate.py [N]``."""

import sys
import time

from rickets_rx import phantom


def rate(joint: str, n: int) -> float:
    """Films a second at 512 pixels, one process, after one film to warm up."""
    phantom.sample(joint, 0, size_px=(512, 512))
    start = time.perf_counter()
    for seed in range(1, n + 1):
        phantom.sample(joint, seed, size_px=(512, 512))
    return n / (time.perf_counter() - start)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    for joint in ("wrist", "elbow"):
        sys.stdout.write(f"{joint}: {rate(joint, count):.1f} films of 512 px a second\n")
