"""Command line of the training: ``python -m rickets_rx.segment.training all --seed 0 --out DIR``."""

import argparse
import logging
from pathlib import Path

from rickets_rx.segment.network import CROP_SIZE, FILM_SIZE
from rickets_rx.segment.training.seeds import SEARCH, check_seed


def train(
    network: str, out: Path, *, seed: int = 0, share: float = 1.0, real: Path | None = None,
    half: bool = False, keep: Path | None = None,
) -> str:  # fmt: skip
    """Draw films, train one network on them from nothing and write it as ONNX.

    Parameters
    ----------
    network : "film", "wrist" or "elbow"
        The look at the whole film, or the look at upright crops of one joint.
    out : Path
        Folder for the checkpoint, ``<network>.onnx`` and ``hashes.json``.
    seed : int
        0-30. The same seed and share give the same weights on the same machine and library versions.
    share : float
        Part of the recipe's films and steps, for trials.
    real : Path, optional
        Folder of real films that may be learned from, with ``landmarks.json`` beside it (`real_films`).
    half : bool
        Compute in bfloat16 (`fit`).
    keep : Path, optional
        File that keeps the films drawn, and gives them when it exists: for trials.

    Returns
    -------
    str
        SHA-256 of the ONNX file.

    Raises
    ------
    UsageError
        For a seed out of range.
    """
    import torch

    from rickets_rx.segment.training import films as store
    from rickets_rx.segment.training.export import export
    from rickets_rx.segment.training.fit import fit
    from rickets_rx.segment.training.networks import crop_net, film_net, kind_net
    from rickets_rx.segment.training.recipes import KIND_RATE, RECIPES, draw_films

    check_seed(network, seed)
    out.mkdir(parents=True, exist_ok=True)
    recipe = RECIPES[network].scaled(share)
    drawn = store.load(keep) if keep is not None and keep.exists() else draw_films(recipe, seed, real)
    if keep is not None and not keep.exists():
        store.save(keep, drawn)
    torch.manual_seed(seed)
    net = film_net() if network == "film" else crop_net()
    best = fit(network, drawn, net, out=out, seed=seed, steps=recipe.steps, rate=recipe.rate, half=half)
    path = out / f"{network}.onnx"
    if network != "film":
        return export(best, path, CROP_SIZE)
    torch.manual_seed(seed)
    steps, rate = recipe.kind_steps, KIND_RATE
    kinds = fit("kinds", drawn, kind_net(), out=out, seed=seed, steps=steps, rate=rate, half=half)
    return export(best, path, FILM_SIZE, kinds)


def main() -> None:
    """Parse arguments and train."""
    parser = argparse.ArgumentParser(prog="rickets_rx.segment.training", description=main.__doc__)
    parser.add_argument("network", choices=tuple(SEARCH))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="part of the films and steps, for trials")
    parser.add_argument("--real", type=Path, help="folder of CC BY films with landmarks.json beside it")
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    parser.add_argument("--keep", type=Path, help="folder that keeps the drawn films, for trials")
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for network in SEARCH[a.network]:
        keep = None if a.keep is None else a.keep / f"{network}.npz"
        train(network, a.out, seed=a.seed, share=a.share, real=a.real, half=a.half, keep=keep)


if __name__ == "__main__":
    main()
