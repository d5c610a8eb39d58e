"""What each network is taught, how much of it and for how long: one seeded run from nothing per network.

Counts and rates are ours, chosen on half of the real films (docs/segmentation.md).
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from rickets_rx.segment.training.canvas import TrainingFilm
from rickets_rx.segment.training.films import crude_films
from rickets_rx.segment.training.painted_films import painted_films
from rickets_rx.segment.training.physics_films import foreign_films, physics_films, refused_films
from rickets_rx.segment.training.real_films import real_films
from rickets_rx.segment.training.seeds import check_seed
from rickets_rx.vocabulary import Joint

log = logging.getLogger(__name__)

CRUDE, WRISTS, ELBOWS, REFUSED, FOREIGN, FOREIGN_ELBOWS = 1, 2, 3, 4, 5, 6
"""Offsets of the seeds of each kind of film, so that no kind repeats the draws of another."""
KIND_RATE = 2e-3
"""Highest learning rate of the kinds."""


@dataclass(frozen=True)
class Recipe:
    """One network's training.

    Parameters
    ----------
    network : "film", "wrist" or "elbow"
    crude, wrists, elbows, refused : int
        Crude films, physics phantoms of each joint, and physics phantoms to be refused.
    foreign : tuple of int
        Physics phantoms of wrists and of elbows with splints and metal.
    painted : int
        Paintings of each CC BY wrist (`painted_films`), where a folder of them is given.
    copies : int
        How often each CC BY wrist enters the draw unpainted.
    steps : int
        Batches of 16.
    kind_steps : int
        Batches for the network of the kinds of film (film only).
    rate : float
        Highest learning rate.
    """

    network: str
    crude: int
    wrists: int
    elbows: int
    refused: int
    foreign: tuple[int, int]
    painted: int
    copies: int
    steps: int
    kind_steps: int = 0
    rate: float = 2.5e-3

    def scaled(self, share: float) -> "Recipe":
        """The recipe with every count, steps included, times ``share`` (at least 1 where it was not 0)."""

        def part(count: int) -> int:
            return max(1, round(count * share)) if count else 0

        return replace(
            self, crude=part(self.crude), wrists=part(self.wrists), elbows=part(self.elbows),
            refused=part(self.refused), foreign=(part(self.foreign[0]), part(self.foreign[1])),
            painted=part(self.painted), copies=part(self.copies), steps=part(self.steps),
            kind_steps=part(self.kind_steps),
        )  # fmt: skip


RECIPES = {
    "film": Recipe("film", 1500, 900, 600, 900, (240, 80), 0, 0, 2600, 2400),
    "wrist": Recipe("wrist", 1000, 2400, 100, 630, (0, 0), 20, 20, 4400),
    "elbow": Recipe("elbow", 0, 200, 1800, 270, (0, 120), 0, 0, 2200),
}


def draw_films(recipe: Recipe, seed: int, real: Path | None) -> list[TrainingFilm]:
    """Every film of a recipe; film i of a kind depends on (seed, kind, i) only.

    Parameters
    ----------
    recipe : Recipe
    seed : int
        0-30: a seed's phantoms are numbered from (10 x seed + kind) million (`seeds.HIGHEST`).
    real : Path, optional
        Folder of real films that may be learned from (`real_films`).

    Raises
    ------
    UsageError
        For a seed out of range.
    """
    check_seed(recipe.network, seed)
    close, base = recipe.network != "film", 10 * seed
    films = crude_films(recipe.network, recipe.crude, base + CRUDE)
    films += physics_films(Joint.WRIST, recipe.wrists, base + WRISTS, close)
    films += physics_films(Joint.ELBOW, recipe.elbows, base + ELBOWS, close)
    films += refused_films(recipe.refused, base + REFUSED)
    for joint, count, kind in zip(Joint, recipe.foreign, (FOREIGN, FOREIGN_ELBOWS), strict=True):
        films += foreign_films(joint, count, base + kind, close)
    if real is not None and recipe.copies:
        films += real_films(real, recipe.copies)
        films += painted_films(real, recipe.painted, seed)
    log.info("%s: %d films drawn", recipe.network, len(films))
    return films
