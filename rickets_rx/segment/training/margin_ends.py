"""Bone ends that the margin's network learns from: phantoms of known margins, each kept as one picture."""

import logging
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.margin import along
from rickets_rx.segment.margin_crop import places, seen
from rickets_rx.segment.masks import near_edge
from rickets_rx.vocabulary import BONES_OF_JOINT, Bone, Joint, Status

if TYPE_CHECKING:
    from rickets_rx.phantom import PhantomBone, PhantomFilm

log = logging.getLogger(__name__)
Array = npt.NDArray[np.float32]

KEPT_ROWS, KEPT_COLUMNS, KEPT_PITCH, KEPT_DISTAL = 140, 192, 1 / 80, 0.85
"""The picture that is kept of an end, in its true frame: wide enough for all that the search errs by."""
STATIONS: npt.NDArray[np.float64] = np.linspace(-1, 1, 65)
"""Half widths at which heights are kept."""
SMALLEST = 22.0
"""Narrowest bone learned from, pixels (ours; tracing refuses those under 24)."""
ELBOWS = 0.3
"""Share of films that show an elbow (ours)."""
AGREES = 0.06
"""Widths within which the tracing must meet a reader's corners (ours)."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Bone ends in their true frames.

    Parameters
    ----------
    pictures : ndarray of shape (n, 140, 192), float16
        0-1, distal up, corner1 left.
    margin, epiphysis : ndarray of shape (n, 65), float32
        Height of the margin and of the near edge of the epiphysis at `STATIONS`, widths; NaN where unknown.
    """

    pictures: npt.NDArray[np.float16]
    margin: Array
    epiphysis: Array

    def __len__(self) -> int:
        return len(self.pictures)


def draw_ends(count: int, seed: int) -> Ends:
    """The ends of ``count`` phantom films; film i depends on (seed, i) only."""
    found: list[tuple[Any, ...]] = []
    for i in range(count):
        film = _film(np.random.default_rng((seed, i, 59)), 300_000_000 + 1_000_000 * seed + i)
        if film is None:
            continue
        pixels = film.radiograph().pixels
        bones = [b for joint in film.joints for b in joint.bones if b.status is Status.SCORED]
        found += [_end(pixels, bone) for bone in bones if bone.width >= SMALLEST]
        if i % 200 == 199:
            log.info("%d films, %d ends", i + 1, len(found))
    return Ends(*(np.stack(column) for column in zip(*found, strict=True)))


def _film(rng: np.random.Generator, number: int) -> "PhantomFilm | None":
    """One film: half of the bones diseased each for itself, the rest as the phantoms' own stream has them."""
    from rickets_rx.phantom import Disease, Layout, Posture, sample
    from rickets_rx.phantom.draws import VARIANTS
    from rickets_rx.phantom.margins import View3D

    joint = Joint.ELBOW if rng.random() < ELBOWS else Joint.WRIST
    small = rng.random() < 0.35
    fixed: dict[str, Any] = {"size_px": (140, 260) if small else (220, 560)}
    if rng.random() < 0.3:
        fixed["ages"] = (7.0, 15.0)
    kind = rng.random()
    if kind < 0.5:
        worst = rng.random() < 0.5
        sick = {b: Disease.active(float(rng.uniform(0.6 if worst else 0.0, 1.0)), rng) for b in
                BONES_OF_JOINT[joint]}  # fmt: skip
        fixed["disease"] = sick
    elif kind < 0.58:
        name = VARIANTS[int(rng.integers(len(VARIANTS)))]
        fixed["disease"] = {b: Disease.preset(name) for b in BONES_OF_JOINT[joint][1:2]}
    if joint is Joint.WRIST:
        fixed["layout"] = Layout(
            behind=float(rng.uniform(0.7, 1.6)), beyond=float(rng.uniform(0.7, 1.4)),
            beside=float(rng.uniform(0.05, 0.5)), angle=float(rng.normal(0, 12)), marker="",
        )  # fmt: skip
        fixed["posture"] = Posture(
            deviation=float(rng.normal(0, 9)),
            spread=float(rng.uniform(0.9, 2.1)),
            view=View3D(float(rng.normal(4, 7)), float(rng.normal(0, 12))),
        )
    film = sample(joint, number, **fixed)
    return film if film.refuse is None else None


def _end(pixels: Array, truth: "PhantomBone") -> tuple[Any, ...]:
    frame = BoneFrame(truth.corner1, truth.corner2, truth.distal)
    v, u = frame.from_pixels(truth.margin).T
    margin = along(v, u, STATIONS)
    epiphysis = np.full(len(STATIONS), np.nan)
    if truth.epiphysis is not None:
        epiphysis = near_edge(frame.from_pixels(truth.epiphysis), STATIONS)
    return _kept(pixels, frame), margin.astype(np.float32), epiphysis.astype(np.float32)


def _kept(pixels: Array, frame: BoneFrame) -> npt.NDArray[np.float16]:
    picture = seen(pixels, frame, *places(KEPT_ROWS, KEPT_COLUMNS, KEPT_PITCH, KEPT_DISTAL))
    low, high = float(picture.min()), float(picture.max())
    return ((picture - low) / max(high - low, 1e-6)).astype(np.float16)


def save(path: Path, ends: Ends) -> None:
    """Keep ends in one npz."""
    np.savez(path, allow_pickle=False, **{f.name: getattr(ends, f.name) for f in fields(Ends)})


def load(path: Path) -> Ends:
    """Ends kept by `save`."""
    with np.load(path) as data:
        return Ends(*(data[f.name] for f in fields(Ends)))


def real_ends(folder: Path) -> Ends:
    """The ends of the real films that may be learned from: a reader's corners, and the margin that tracing
    by edges alone finds from them where it sees one. Ends at which the two part are left out.

    Parameters
    ----------
    folder : Path
        As for `rickets_rx.segment.training.real_films`.
    """
    from rickets_rx.radiograph import Radiograph
    from rickets_rx.segment.candidate import BoneCandidate
    from rickets_rx.segment.metaphysis import Metaphysis
    from rickets_rx.segment.trace import trace
    from rickets_rx.segment.training.real_films import real_films

    found = []
    for film in real_films(folder, 1):
        pixels, joint = film.pixels.astype(np.float32), film.joints[0]
        for k, bone in enumerate((Bone.RADIUS, Bone.ULNA)):
            one, other, _ = (tuple(map(float, p)) for p in joint.points[3 * k : 3 * k + 3])
            frame = BoneFrame(one, other, tuple(map(float, joint.distal)))  # type: ignore[arg-type]
            candidate = BoneCandidate(bone, frame.corner1, frame.corner2, frame.distal, 1.0)
            end = trace(Radiograph(pixels, "0" * 64, "training film"), candidate, learned=False)
            if not isinstance(end, Metaphysis) or _apart(end.frame, frame) > AGREES:
                continue
            v, u = frame.from_pixels(end.margin).T
            clean = along(v, end.clean.astype(float), STATIONS) > 0.5
            heights = np.where(clean, along(v, u, STATIONS), np.nan)
            island = np.full(len(STATIONS), np.nan)
            if end.epiphysis is not None:
                island = near_edge(frame.from_pixels(end.epiphysis), STATIONS)
            found.append((_kept(pixels, frame), heights.astype(np.float32), island.astype(np.float32)))
    return Ends(*(np.stack(column) for column in zip(*found, strict=True)))


def _apart(found: BoneFrame, said: BoneFrame) -> float:
    """Distance of the further corner, widths."""
    apart = np.subtract([found.corner1, found.corner2], [said.corner1, said.corner2])
    return float(np.hypot(*apart.T).max()) / said.width
