"""Drawn wrists with truth known by hand, scored without a network: two bones on each film, no noise."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from drawn_bone import DrawnBone, arc

from rickets_rx.errors import Refusal
from rickets_rx.io.read import read_radiograph
from rickets_rx.io.regions import write_regions
from rickets_rx.io.results import IMAGE_COLUMNS, FilmRequest, film_rows, score_columns, write_table
from rickets_rx.review.source import Place, Source
from rickets_rx.score import FilmScore, JointScore, score_bone
from rickets_rx.segment.metaphysis import JointInstance, RefusedBone
from rickets_rx.vocabulary import Bone, Joint, RefusalReason, Side

SHAPE = (440, 640)
RADIUS = dict(width=200.0, centre=(160.0, 180.0), shape=SHAPE, flare=0.1)
ULNA = dict(width=120.0, centre=(480.0, 190.0), shape=SHAPE, flare=0.05)


@dataclass
class Clock:
    """A clock that tests wind by hand."""

    now: datetime = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def wrist(sagitta: float) -> tuple[DrawnBone, DrawnBone]:
    """Radius and ulna with margins that rise ``sagitta`` MW over their chords."""
    return DrawnBone(margin=arc(sagitta), **RADIUS), DrawnBone(margin=arc(sagitta), **ULNA)


def write_film(path: Path, bones: tuple[DrawnBone, DrawnBone]) -> None:
    pixels = np.maximum(*(bone.film().pixels for bone in bones))
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.round(pixels * 10).astype(np.uint16))


def score_drawn(path: Path, bones: tuple[DrawnBone, DrawnBone], refused: bool) -> tuple:
    radiograph = read_radiograph(path, invert=False, spacing_mm=0.1)
    radius = score_bone(radiograph, bones[0].metaphysis(Bone.RADIUS))
    if refused:
        ulna = RefusedBone(Bone.ULNA, Refusal(RefusalReason.OVERLAPPED, "drawn so"))
    else:
        ulna = score_bone(radiograph, bones[1].metaphysis(Bone.ULNA))
    places = (radius.metaphysis, ulna if refused else ulna.metaphysis)
    instance = JointInstance(Joint.WRIST, 1, places, Side.LEFT)
    return radiograph, FilmScore((JointScore(instance, (radius, ulna)),))


FILMS = {
    # file: sagitta, ulna refused, patient, day
    "a/first.png": (0.08, False, "p1", 0),
    "a/second.png": (-0.15, False, "p1", 90),
    "b/third.png": (0.05, True, "p2", 10),
}


def write_scored(out: Path) -> Path:
    """A folder as `score` writes it, its films in ``films/`` inside."""
    scores, images = [], []
    for file, (sagitta, refused, patient, day) in FILMS.items():
        path, bones = out / "films" / file, wrist(sagitta)
        write_film(path, bones)
        radiograph, result = score_drawn(path, bones, refused)
        write_regions(out / "regions", radiograph, result)
        rows = film_rows(FilmRequest(path, file, patient, day), radiograph, result, 0.1)
        scores += rows.scores
        images += rows.images
    write_table(out / "scores.csv", score_columns(), scores)
    write_table(out / "images.csv", IMAGE_COLUMNS, images)
    return out


def hashes(source: Source) -> dict[str, str]:
    """Film hash by file name."""
    return {film.file: film.image_sha256 for film in source.films.values()}


def place(source: Source, file: str, bone: Bone = Bone.RADIUS) -> Place:
    return Place(hashes(source)[file], 1, bone)
