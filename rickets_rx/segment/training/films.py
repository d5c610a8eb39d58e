"""The films a network is trained on: drawn once, kept at low resolution, changed at every step."""

import logging
from pathlib import Path

import numpy as np

from rickets_rx.segment.training.canvas import FilmClass, JointTarget, TrainingFilm
from rickets_rx.segment.training.crude_films import crude_film
from rickets_rx.segment.training.crude_negatives import NEGATIVES
from rickets_rx.vocabulary import Joint

log = logging.getLogger(__name__)
REFUSED_SHARE = 0.25


def crude_films(stage: str, count: int, seed: int) -> list[TrainingFilm]:
    """``count`` crude films for one stage, a quarter to be refused; film i depends on (seed, i) only."""
    kinds = tuple(NEGATIVES)
    films = []
    for i in range(count):
        rng = np.random.default_rng((seed, i))
        if rng.random() < REFUSED_SHARE:
            films.append(lighter(NEGATIVES[kinds[rng.integers(len(kinds))]](rng, 384)))
        elif stage == "film":
            films.append(lighter(crude_film(rng, 384)))
        else:
            films.append(lighter(crude_film(rng, 320, "crop")))
    return films


def lighter(film: TrainingFilm) -> TrainingFilm:
    """The film in half precision, scaled to 0-1, so that thousands fit into memory."""
    low, high = float(film.pixels.min()), float(film.pixels.max())
    pixels = ((film.pixels - low) / max(high - low, 1e-6)).astype(np.float16)
    return TrainingFilm(pixels, film.joints, film.shows)


def save(path: Path, films: list[TrainingFilm]) -> None:
    """Keep films in one npz."""
    arrays: dict[str, np.ndarray] = {"shows": np.array([f.shows.value for f in films])}
    for i, film in enumerate(films):
        arrays[f"p{i}"] = film.pixels
        arrays[f"j{i}"] = np.array(
            [np.vstack([j.points, j.distal]) for j in film.joints], np.float32
        ).reshape(-1, 7, 2)
        arrays[f"k{i}"] = np.array([j.joint.value for j in film.joints])
    np.savez(path, allow_pickle=False, **arrays)


def load(path: Path) -> list[TrainingFilm]:
    """Films kept by `save`."""
    with np.load(path) as data:
        shows = data["shows"]
        films = []
        for i, kind in enumerate(shows):
            joints = tuple(
                JointTarget(Joint(str(k)), p[:6], p[6])
                for p, k in zip(data[f"j{i}"], data[f"k{i}"], strict=True)
            )
            films.append(TrainingFilm(data[f"p{i}"], joints, FilmClass(str(kind))))
    return films
