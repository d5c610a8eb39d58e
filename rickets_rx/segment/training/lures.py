"""Where the first network would look on films to be refused: what the second one must see through."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rickets_rx.segment.network import Array
from rickets_rx.segment.proposals import Look, Pose, propose
from rickets_rx.segment.training.canvas import POINTS, FilmClass, JointTarget, TrainingFilm
from rickets_rx.vocabulary import Joint

log = logging.getLogger(__name__)
LEAST = 0.02
"""Share of the heat map from which a proposal is a lure (ours)."""


def with_lures(films: Sequence[TrainingFilm], joint: Joint, network: Path) -> list[TrainingFilm]:
    """The films, those to be refused that have no place to look at with the first network's proposals.

    Parameters
    ----------
    films : sequence of TrainingFilm
    joint : Joint
        Whose crops are to be taught.
    network : Path
        The first network as ONNX.
    """
    look = looker(network)
    changed = [
        replace(film, joints=lures(film, joint, look))
        if film.shows is not FilmClass.OPEN and not film.joints
        else film
        for film in films
    ]
    count = sum(bool(new.joints) and not old.joints for new, old in zip(changed, films, strict=True))
    log.info("%d films to be refused have lures", count)
    return changed


def looker(network: Path) -> Look:
    """The first network of a file as a function of a batch."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])

    def look(batch: Array) -> tuple[Array, ...]:
        return tuple(session.run(None, {"picture": batch}))

    return look


def lures(film: TrainingFilm, joint: Joint, look: Look) -> tuple[JointTarget, ...]:
    """Where the first network sees a joint of this kind on a film."""
    poses, _ = propose(film.pixels.astype(np.float32), limit=2, look=look)
    return tuple(_target(pose) for pose in poses if pose.joint is joint and pose.weight > LEAST)[:4]


def _target(pose: Pose) -> JointTarget:
    points = np.full((POINTS, 2), np.nan, np.float32)
    middle, half = np.asarray(pose.centre), pose.width / 2 * pose.across
    points[:2] = middle - half, middle + half
    return JointTarget(pose.joint, points, np.asarray(pose.distal, np.float32))
