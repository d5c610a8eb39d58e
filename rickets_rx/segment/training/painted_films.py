"""Rickets of known severity painted on the real films that may be learned from."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace import trace
from rickets_rx.segment.training.canvas import JointTarget, TrainingFilm
from rickets_rx.segment.training.films import lighter
from rickets_rx.segment.training.real_films import real_films
from rickets_rx.vocabulary import Bone

log = logging.getLogger(__name__)
AGREES = 0.06
"""Widths within which the tracing must meet the reader's corners, or the bone is not painted (ours)."""


def painted_films(folder: Path, count: int, seed: int) -> list[TrainingFilm]:
    """``count`` paintings of each real film, both bones diseased alike; painting i depends on (seed, i) only.

    Only the painter that training may use is used (`phantom.painting`).
    """
    from rickets_rx.phantom.painting import Painter, paint

    films = []
    for film in real_films(folder, 1):
        ends = [_traced(film, bone) for bone in range(2)]
        for i in range(count if any(ends) else 0):
            rng = np.random.default_rng((seed, i, 41))
            severity = float(rng.uniform(0.15, 1.0))
            radiograph, points = _radiograph(film), film.joints[0].points.copy()
            for bone, end in enumerate(ends):
                if end is None:
                    continue
                done = paint(
                    radiograph, end, severity, int(rng.integers(1 << 30)), painter=Painter.DENSITY
                )  # fmt: skip
                radiograph = done.radiograph
                points[3 * bone : 3 * bone + 3] = _points(done.corner1, done.corner2, done.cupping, end)
            target = JointTarget(film.joints[0].joint, points, film.joints[0].distal)
            films.append(lighter(replace(film, pixels=radiograph.pixels, joints=(target,))))
    log.info("%d painted films", len(films))
    return films


def _points(
    corner1: tuple[float, float], corner2: tuple[float, float], cupping: float, end: Metaphysis
) -> np.ndarray:
    """Corners and the margin's middle; a cup is deepest there to within what a network can see."""
    corners = np.array([corner1, corner2])
    depth = cupping * float(np.hypot(*(corners[1] - corners[0])))
    return np.vstack([corners, corners.mean(0) - depth * end.frame.axis])


def _radiograph(film: TrainingFilm) -> Radiograph:
    return Radiograph(film.pixels.astype(np.float32), "0" * 64, "training film")


def _traced(film: TrainingFilm, index: int) -> Metaphysis | None:
    """One bone traced from the reader's corners, None where the tracing does not meet them."""
    corner1, corner2, _ = (tuple(map(float, p)) for p in film.joints[0].points[3 * index : 3 * index + 3])
    distal = tuple(map(float, film.joints[0].distal))
    bone = (Bone.RADIUS, Bone.ULNA)[index]
    candidate = BoneCandidate(bone, corner1, corner2, distal, 1.0)  # type: ignore[arg-type]
    found = trace(_radiograph(film), candidate)
    if not isinstance(found, Metaphysis):
        return None
    apart = np.subtract([found.corner1, found.corner2], [corner1, corner2])
    agrees = float(np.hypot(*apart.T).max()) < AGREES * found.frame.width
    return found if agrees else None
