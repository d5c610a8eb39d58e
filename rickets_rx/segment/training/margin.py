"""Train the margin's network: ``python -m rickets_rx.segment.training.margin --real FOLDER --out DIR``."""

import argparse
import logging
from pathlib import Path

import numpy as np

from rickets_rx.segment.training.margin_ends import Ends, draw_ends, load, real_ends, save
from rickets_rx.segment.training.seeds import check_seed
from rickets_rx.segment.training.stacks import joined

log = logging.getLogger(__name__)
FILMS, PARTS, STEPS = 1100, 7, 7000
"""Phantom films of each part, parts (each with a seed of its own), and batches of 16 ends."""
FEWEST = 8
"""Films of a part below which none of them might show an end."""
REAL_SHARE = 0.03
"""Share of the draws that show a real bone end (ours)."""


def train(
    out: Path, *, seed: int = 0, share: float = 1.0, real: Path | None = None, half: bool = False,
    keep: Path | None = None,
) -> str:  # fmt: skip
    """Train the margin's network from nothing and write ``margin.onnx`` and its hash.

    Parameters
    ----------
    out : Path
    seed : int
        0-90. The same seed and share give the same weights on the same machine and library versions.
    share : float
        Part of the films and steps, for trials.
    real : Path, optional
        Folder of CC BY wrists with ``landmarks.json`` beside it.
    half : bool
        Compute in bfloat16.
    keep : Path, optional
        Folder that keeps the drawn parts, and gives them when they exist.

    Returns
    -------
    str
        SHA-256 of the ONNX file.

    Raises
    ------
    UsageError
        For a seed out of range.
    """
    from rickets_rx.segment.training.margin_fit import fit
    from rickets_rx.segment.training.margin_net import export_margin

    check_seed("margin", seed)
    out.mkdir(parents=True, exist_ok=True)
    ends, odds = all_ends(seed, real, keep, films=max(FEWEST, round(share * FILMS)))
    log.info("%d ends", len(ends))
    net = fit(ends, seed=seed, steps=max(4, round(share * STEPS)), half=half, odds=odds, out=out)
    return export_margin(net, out / "margin.onnx")


def all_ends(
    seed: int, real: Path | None, keep: Path | None = None, *, films: int = FILMS
) -> tuple[Ends, np.ndarray]:
    """Every end that is learned from, and the chance of each.

    Parameters
    ----------
    seed : int
        Part k has the seed ``seed + 1 + k``; at most 90.
    real : Path, optional
        Folder of real films that may be learned from.
    keep : Path, optional
        Folder that keeps the drawn parts, and gives them when they exist.
    films : int
        Films of each part.
    """
    parts = []
    for number in range(seed + 1, seed + 1 + PARTS):
        path = None if keep is None else keep / f"ends{number}_{films}.npz"
        parts.append(load(path) if path is not None and path.exists() else draw_ends(films, number))
        if path is not None and not path.exists():
            save(path, parts[-1])
    drawn = sum(len(part) for part in parts)
    odds = np.full(drawn, 1.0 / drawn)
    if real is not None:
        parts.append(real_ends(real))
        odds = np.concatenate([odds * (1 - REAL_SHARE), np.full(len(parts[-1]), REAL_SHARE / len(parts[-1]))])
    return joined(parts), odds / odds.sum()


def main() -> None:
    """Parse arguments and train."""
    parser = argparse.ArgumentParser(prog="rickets_rx.segment.training.margin", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="part of the films and steps, for trials")
    parser.add_argument("--real", type=Path, help="folder of CC BY films with landmarks.json beside it")
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    parser.add_argument("--keep", type=Path, help="folder that keeps the drawn ends")
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(a.out, seed=a.seed, share=a.share, real=a.real, half=a.half, keep=a.keep)


if __name__ == "__main__":
    main()
