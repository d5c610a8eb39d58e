"""Draw, fit and write the guard: ``python -m rickets_rx.segment.training.guard --real FOLDER --out DIR``."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from rickets_rx.segment.training.seeds import check_seed

FILMS = (*range(1050), *range(1400, 2800))
"""Wrists drawn, by the last digits of their seeds: those of the shipped weights, of which one piece was never
drawn."""
STEPS = 4000
"""Batches of 48."""


def train(out: Path, *, seed: int = 0, share: float = 1.0, real: Path | None = None) -> str:
    """Train the guard from nothing and write ``guard.onnx`` and its hash.

    Parameters
    ----------
    out : Path
    seed : int
        0-19. The same seed and share give the same weights on the same machine and library versions.
    share : float
        Part of the films and steps, for trials.
    real : Path, optional
        Folder of CC BY wrists with ``landmarks.json`` beside it.

    Returns
    -------
    str
        SHA-256 of the ONNX file.

    Raises
    ------
    UsageError
        For a seed out of range.
    """
    from rickets_rx.segment.training.guard_ends import FIRST_SEED, collect, draw_ends, real_ends
    from rickets_rx.segment.training.guard_fit import export_guard, fit_guard
    from rickets_rx.segment.training.stacks import joined

    check_seed("guard", seed)
    out.mkdir(parents=True, exist_ok=True)
    first = FIRST_SEED + seed * 1_000_000
    seeds = [first + number for number in FILMS[: max(1, round(share * len(FILMS)))]]
    parts = [draw_ends(seeds)]
    if real is not None:
        parts.append(collect(real_ends(real), real=True))
    ends = joined(parts)
    return export_guard(fit_guard(ends, seed=seed, steps=max(4, round(share * STEPS))), out / "guard.onnx")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse arguments and train."""
    parser = argparse.ArgumentParser(prog="rickets_rx.segment.training.guard", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="part of the films and steps, for trials")
    parser.add_argument("--real", type=Path, help="folder of CC BY films with landmarks.json beside it")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(chosen.out, seed=chosen.seed, share=chosen.share, real=chosen.real)


if __name__ == "__main__":
    main()
