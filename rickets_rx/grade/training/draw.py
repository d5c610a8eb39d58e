"""What the grading network learns from: phantoms over the whole scale, and painted films that may train.

Phantoms are drawn in pieces kept on disk, so that a drawing that was cut short goes on where it stopped; the
same seed gives the same pieces. Patches stand in the frame of the truth: `fit.varied` moves them as tracing
errs, which needs no tracing and does not change with it.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rickets_rx.grade.cnn import BONES
from rickets_rx.grade.examples import KEPT_SIDE, ROOM, Array, packed
from rickets_rx.grade.patch import raw_patch, shaft_patch
from rickets_rx.grade.spreads import Spread, drawn
from rickets_rx.phantom.disease import MIMICS
from rickets_rx.segment.training.stacks import joined
from rickets_rx.vocabulary import Bone, Joint, Status

if TYPE_CHECKING:
    from rickets_rx.phantom import PhantomFilm
    from rickets_rx.radiograph import Radiograph
    from rickets_rx.segment.frame import BoneFrame

log = logging.getLogger(__name__)
FIRST_SEED = 2_000_000
"""Children of training begin here: far from those of fits, intervals and studies."""
SEEDS_APART = 100_000
PIECE = 25
"""Children in one piece."""


@dataclass(frozen=True)
class Group:
    """Children drawn alike."""

    joint: Joint
    spread: Spread
    children: int


# Mostly the whole scale, since agreement is asked for in every grade; healing and healthy children as in
# nature; more of what is mistaken for rickets than nature has (ours).
GROUPS = (
    Group(Joint.WRIST, Spread.WHOLE, 3200),
    Group(Joint.WRIST, Spread.NATURE, 450),
    Group(Joint.WRIST, Spread.VARIANTS, 250),
    Group(Joint.WRIST, Spread.MIMICS, 500),
    Group(Joint.ELBOW, Spread.WHOLE, 1300),
    Group(Joint.ELBOW, Spread.NATURE, 100),
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Patches with what is true of them.

    Parameters
    ----------
    patches : ndarray of shape (n, 112, 112), float16
    shafts : ndarray of shape (n, 96, 64), float16
        The same bone ends with the shaft behind them (`patch.shaft_patch`).
    severity : ndarray of shape (n,), 0-1
    bone : ndarray of shape (n,), int
        Index into `cnn.BONES`.
    mimic : ndarray of shape (n,), bool
        A torus fracture or a lytic lesion: has no grade.
    real : ndarray of shape (n,), bool
        Painted on a real film.
    """

    patches: Array
    shafts: Array
    severity: npt.NDArray[np.float64]
    bone: npt.NDArray[np.int64]
    mimic: npt.NDArray[np.bool_]
    real: npt.NDArray[np.bool_]


Item = tuple[Array, Array, float, Bone, bool]
"""Patch, patch with the shaft, severity, bone, whether it is a mimic."""


def collect(items: Iterable[Item], *, real: bool) -> Drawn:
    """Stack items."""
    found = list(items)
    patches, shafts, severity, bone, mimic = zip(*found, strict=True)
    return Drawn(
        np.array(patches, np.float16), np.array(shafts, np.float16), np.array(severity, float),
        np.array([BONES.index(b) for b in bone]), np.array(mimic, bool), np.full(len(found), real),
    )  # fmt: skip


def bone_ends(film: "PhantomFilm") -> Iterator[Item]:
    """Every bone end that can be graded or is a mimic, in the frame of its truth."""
    from rickets_rx.segment.frame import BoneFrame

    radiograph = film.radiograph()
    for bone in (bone for place in film.joints for bone in place.bones if bone.bone in BONES):
        mimic = bone.variant in MIMICS
        if bone.status is Status.SCORED or mimic:
            frame = BoneFrame(bone.corner1, bone.corner2, bone.distal)
            yield _end(radiograph, frame, bone.severity, bone.bone, mimic)


def painted_ends(folder: Path, seed: int, copies: int) -> Iterator[Item]:
    """Films whose licence lets weights learn from them: painted, and as they are for their normal bones.

    A third are normal bones untouched: those that the painter can do nothing to are among them.
    """
    from rickets_rx.grade.film_examples import lessons, normal_lessons
    from rickets_rx.segment.frame import BoneFrame

    for _, bone, painted, sound, _ in lessons(folder, seed, copies):
        frame = BoneFrame(painted.corner1, painted.corner2, tuple(sound.frame.axis))
        yield _end(painted.radiograph, frame, painted.severity, bone.bone)
    for bone, film, corners, distal in normal_lessons(folder, seed, copies // 3):
        yield _end(film, BoneFrame(tuple(corners[0]), tuple(corners[1]), distal), 0.0, bone.bone)


def _end(film: "Radiograph", frame: "BoneFrame", severity: float, bone: Bone, mimic: bool = False) -> Item:
    patch = raw_patch(film, frame, side=KEPT_SIDE, room=ROOM)
    return packed(patch), packed(shaft_patch(film, frame)), severity, bone, mimic


def plan(share: float, seed: int) -> list[tuple[str, Group, range]]:
    """Pieces by name with their children, all groups in step: cut short anywhere, each has its part."""
    found, first = [], FIRST_SEED + SEEDS_APART * seed
    for group in GROUPS:
        count = max(2, round(share * group.children))
        for start in range(0, count, PIECE):
            seeds = range(first + start, first + min(start + PIECE, count))
            # The last piece of a group is as long as the share leaves it: another share is another piece.
            name = f"{group.joint}_{group.spread}_{seeds.start}_{len(seeds)}.npz"
            found.append(((start + PIECE / 2) / count, name, group, seeds))
        first += group.children
    return [(name, group, seeds) for _, name, group, seeds in sorted(found, key=lambda item: item[:2])]


def draw_pieces(folder: Path, seed: int, share: float) -> list[Path]:
    """Draw what is not in ``folder`` yet; returns the pieces in the order of the plan."""
    from rickets_rx.io.atomic import atomic_write
    from rickets_rx.phantom import sample

    paths = []
    for name, group, seeds in plan(share, seed):
        path = folder / name
        paths.append(path)
        if path.exists():
            continue
        films = (sample(group.joint, child, **drawn(group.spread, group.joint, child)[0]) for child in seeds)
        items = [item for film in films if film.refuse is None for item in bone_ends(film)]
        if not items:
            continue
        with atomic_write(path) as handle:
            np.savez(handle, **vars(collect(items, real=False)))
        log.info("%s: %d bone ends", name, len(items))
    return [path for path in paths if path.exists()]


def read_pieces(paths: Iterable[Path]) -> Drawn:
    """Pieces that `draw_pieces` wrote, as one."""
    parts = []
    for path in paths:
        with np.load(path) as kept:
            parts.append(Drawn(**{f.name: kept[f.name] for f in fields(Drawn)}))
    return joined(parts)
