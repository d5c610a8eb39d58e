"""The few real films whose licence lets shipped weights learn from them (CC BY, named in models/CARD.md)."""

import json
from pathlib import Path

import cv2
import numpy as np

from rickets_rx.segment.network import shrink
from rickets_rx.segment.training.canvas import JointTarget, TrainingFilm
from rickets_rx.segment.training.films import lighter
from rickets_rx.vocabulary import Joint

KEYS = ("ru", "rr", "rm", "uu", "ur", "um")
LONGEST = 560
"""Pixels of the longer side in the cache: a radius of 80-110 px."""


def real_films(folder: Path, copies: int) -> list[TrainingFilm]:
    """Every PNG of ``folder`` that ``landmarks.json`` beside the folder describes, ``copies`` times.

    Parameters
    ----------
    folder : Path
        Dense tissue bright, fingers up.
    copies : int
        How often each film enters the draw, to weigh a handful of films against thousands of phantoms.
    """
    landmarks = json.loads((folder.parent / "landmarks.json").read_text(encoding="utf-8"))
    films = []
    for path in sorted(folder.glob("*.png")):
        marks = landmarks.get(path.stem)
        if marks and all(marks.get(key) for key in KEYS):
            films.append(_film(path, np.array([marks[key] for key in KEYS], np.float32)))
    return films * copies


def _film(path: Path, points: np.ndarray) -> TrainingFilm:
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise ValueError(f"{path.name} is not a picture that can be read")
    pixels = (stored.mean(2) if stored.ndim == 3 else stored).astype(np.float32)
    small, scale = shrink(pixels, LONGEST)
    placed = (points + 0.5) * scale - 0.5
    chord = placed[1] - placed[0]
    normal = np.array([chord[1], -chord[0]])
    distal = normal if normal[1] < 0 else -normal
    joint = JointTarget(Joint.WRIST, placed.astype(np.float32), distal.astype(np.float32))
    return lighter(TrainingFilm(small, (joint,)))
