"""Train the margin's network: ``python -m rickets_rx.segment.training.margin --real FOLDER --out DIR``."""

import argparse
import logging
from pathlib import Path

import numpy as np

from rickets_rx.segment.training.margin_ends import Ends, draw_ends, load, real_ends, save
from rickets_rx.segment.training.stacks import joined

FILMS, PARTS, STEPS = 1100, 7, 7000
"""Phantom films of each part, parts (each with a seed of its own), and batches of 16 ends."""
REAL_SHARE = 0.03
"""Share of the draws that show a real bone end (ours)."""


def all_ends(seed: int, real: Path | None, keep: Path | None = None) -> tuple[Ends, np.ndarray]:
    """Every end that is learned from, and the chance of each.

    Parameters
    ----------
    seed : int
        Part k has the seed ``seed + 1 + k``; at most 90.
    real : Path, optional
        Folder of real films that may be learned from.
    keep : Path, optional
        Folder that keeps the drawn parts, and gives them when they exist.
    """
    parts = []
    for number in range(seed + 1, seed + 1 + PARTS):
        path = None if keep is None else keep / f"ends{number}.npz"
        parts.append(load(path) if path is not None and path.exists() else draw_ends(FILMS, number))
        if path is not None and not path.exists():
            save(path, parts[-1])
    drawn = sum(len(part) for part in parts)
    odds = np.full(drawn, 1.0 / drawn)
    if real is not None:
        parts.append(real_ends(real))
        odds = np.concatenate([odds * (1 - REAL_SHARE), np.full(len(parts[-1]), REAL_SHARE / len(parts[-1]))])
    return joined(parts), odds / odds.sum()


def main() -> None:
    """Parse arguments, draw, train and write ``margin.onnx``."""
    from rickets_rx.segment.training.margin_fit import fit
    from rickets_rx.segment.training.margin_net import export_margin

    parser = argparse.ArgumentParser(prog="rickets_rx.segment.training.margin", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--real", type=Path, help="folder of CC BY films with landmarks.json beside it")
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    parser.add_argument("--keep", type=Path, help="folder that keeps the drawn ends")
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    a.out.mkdir(parents=True, exist_ok=True)
    ends, odds = all_ends(a.seed, a.real, a.keep)
    logging.getLogger(__name__).info("%d ends", len(ends))
    net = fit(ends, seed=a.seed, steps=a.steps, half=a.half, odds=odds, out=a.out)
    export_margin(net, a.out / "margin.onnx")


if __name__ == "__main__":
    main()
