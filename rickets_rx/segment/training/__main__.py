"""Command line of the training: ``python -m rickets_rx.segment.training --stage film --out DIR``."""

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from rickets_rx.segment.network import CROP_SIZE, FILM_SIZE

if TYPE_CHECKING:
    from rickets_rx.segment.training.canvas import TrainingFilm

REAL_COPIES = 25
"""Share of each real film among some three thousand phantoms: just under 1 % (ours)."""


def train(
    stage: str, out: Path, *, seed: int = 0, films: int = 2500, physics: int = 3000, steps: int = 3000,
    cache: tuple[Path, ...] = (), real: Path | None = None,
    start: Path | None = None, rate: float = 2.5e-3,
) -> str:  # fmt: skip
    """Draw films, train one network on them and write it as ONNX.

    Parameters
    ----------
    stage : "film", "wrist" or "elbow"
        The look at the whole film, or the look at upright crops of one joint.
    out : Path
        Folder for the checkpoint, ``<stage>.onnx`` and ``hashes.json``.
    seed : int
        The same seed, films and steps give the same weights on the same machine and library versions.
    films : int
        Crude films to draw.
    physics : int
        Physics phantoms to draw (wrists and elbows for the film, one joint for the crops).
    steps : int
        Batches of 16.
    cache : tuple of Path
        Further films kept by `films.save`.
    real : Path, optional
        Folder of real films that may be learned from, with ``landmarks.json`` beside it (`real_films`).
    start : Path, optional
        Checkpoint to start from.
    rate : float
        Highest learning rate.

    Returns
    -------
    str
        SHA-256 of the ONNX file.
    """
    import torch

    from rickets_rx.segment.training import films as store
    from rickets_rx.segment.training.export import export
    from rickets_rx.segment.training.fit import fit
    from rickets_rx.segment.training.networks import crop_net, film_net
    from rickets_rx.segment.training.real_films import real_films

    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    net = film_net() if stage == "film" else crop_net()
    if start is not None:
        net.load_state_dict(torch.load(start, weights_only=True))
    drawn = store.crude_films(stage, films, seed) if stage != "elbow" else []
    for path in cache:
        drawn += store.load(path)
    if real is not None:
        drawn += real_films(real, REAL_COPIES)
    if physics:
        drawn += _phantoms(stage, physics, seed)
    best = fit(stage, drawn, net, out=out, seed=seed, steps=steps, rate=rate)
    return export(best, out / f"{stage}.onnx", FILM_SIZE if stage == "film" else CROP_SIZE)


def _phantoms(stage: str, count: int, seed: int) -> "list[TrainingFilm]":
    from rickets_rx.segment.training.physics_films import physics_films
    from rickets_rx.vocabulary import Joint

    joints = tuple(Joint) if stage == "film" else (Joint(stage),)
    drawn = []
    for joint in joints:
        drawn += physics_films(joint, count // len(joints), seed + 1, stage != "film")
    return drawn


def main() -> None:
    """Parse arguments and train."""
    parser = argparse.ArgumentParser(prog="rickets_rx.segment.training", description=train.__doc__)
    parser.add_argument("--stage", choices=("film", "wrist", "elbow"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--films", type=int, default=2500)
    parser.add_argument("--physics", type=int, default=3000)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--cache", type=Path, nargs="*", default=())
    parser.add_argument("--real", type=Path)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--rate", type=float, default=2.5e-3)
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(
        a.stage, a.out, seed=a.seed, films=a.films, physics=a.physics, steps=a.steps, cache=tuple(a.cache),
        real=a.real, start=a.start, rate=a.rate,
    )  # fmt: skip


if __name__ == "__main__":
    main()
