"""Real normal bones, painted and taken again, as examples: ``python -m rickets_rx.grade.film_examples``.

Painted films carry the disease of phantoms on real bone, so that their severity is known. Those of films
whose licence allows it may be learned from (``licensed``); all others only test. ``child`` numbers the film,
``joint`` the bone of it and the take, so that no two bones are ever added up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.grade.examples import PLACE_ERROR, Array, Example, Measured, measure_at, shaken, trace_at
from rickets_rx.grade.real_bones import RealBone, real_bones
from rickets_rx.phantom.painting import PaintedFilm, Painter, paint
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import Activity, Side

SEVERITIES = tuple(float(s) for s in np.linspace(0, 1, 8))
"""Severities of the knob painted on every bone of a test."""
COPIES = 120
"""Painted copies of each bone that may be learned from; every sixth is healthy."""
SEEN = 0.85
"""Share of the margin that must show an edge for a film to be painted (ours): painters take away what stands
at the margin, and where an epiphysis lies over it nothing they do can be seen."""
TURN = 7.0
"""Degrees by which a film is turned for another take of it (ours)."""
Pair = tuple[Example, Array | None]
Points = npt.NDArray[np.float64]
Sound = tuple[int, int, RealBone, Radiograph, Metaphysis]
Lesson = tuple[int, RealBone, PaintedFilm, Metaphysis, np.random.Generator]
"""Number of the film, bone, painted film, bone end before it was painted, and chance."""


def painted_tests(folder: Path, painter: Painter) -> Iterator[Pair]:
    """Eight severities on every normal bone of the films that training never saw, each bone for itself."""
    for film, index, bone, radiograph, sound in _paintable(folder, licensed=False):
        for k, severity in enumerate(SEVERITIES):
            painted = paint(radiograph, sound, severity, 8 * index + k, painter=painter)
            rng = np.random.default_rng((8 * index + k, 41))
            yield _painted(film, 8 * index + k, bone, painted, sound, rng)


def painted_lessons(folder: Path, seed: int = 0, copies: int = COPIES) -> Iterator[Pair]:
    """Films that may be learned from, as the pipeline measures them."""
    for number, (film, bone, painted, sound, rng) in enumerate(lessons(folder, seed, copies)):
        yield _painted(film, number, bone, painted, sound, rng)


def lessons(folder: Path, seed: int = 0, copies: int = COPIES) -> Iterator[Lesson]:
    """Paint films that may be learned from: density painter, knob even over 0-1, every sixth 0.

    At 0.4-1 of the scale of the film.
    """
    for film, index, bone, radiograph, _ in _paintable(folder, licensed=True):
        for copy in range(copies):
            rng = np.random.default_rng((seed, index, copy))
            small, corners, distal = rescaled(radiograph, bone.corners, bone.distal, rng.uniform(0.4, 1.0))
            sound = trace_at(small, bone.bone, corners, distal)
            if isinstance(sound, str):
                continue
            knob = float(rng.uniform()) if copy % 6 else 0.0
            painted = paint(small, sound, knob, int(rng.integers(2**31)), painter=Painter.DENSITY)
            yield film, bone, painted, sound, rng


def normal_lessons(
    folder: Path, seed: int, copies: int
) -> Iterator[tuple[RealBone, Radiograph, Points, tuple[float, float]]]:
    """Normal bones that may be learned from, untouched, at 0.4-1 of the scale of the film."""
    for index, bone in enumerate(b for b in real_bones(folder) if b.normal and b.licensed):
        radiograph = bone.film()
        for copy in range(copies):
            rng = np.random.default_rng((seed, index, copy, 1))
            yield bone, *rescaled(radiograph, bone.corners, bone.distal, rng.uniform(0.4, 1.0))


def repeats(folder: Path, knob: float) -> Iterator[Pair]:
    """Every normal bone, painted with the density painter where ``knob`` > 0, and five more takes of it.

    The first of the six of each film and bone is the film itself; the others are `retaken`.
    """
    source = _paintable if knob > 0 else _normals
    for film, index, bone, radiograph, sound in source(folder, licensed=False):
        corners, truth = bone.corners, 0.0
        if knob > 0:
            # Knobs differ from bone to bone, over the upper part of the scale up to the one given.
            own = knob * (0.3 + 0.7 * (index % 8) / 7)
            painted = paint(radiograph, sound, own, index, painter=Painter.DENSITY)
            radiograph, truth = painted.radiograph, painted.severity
            corners = np.array([painted.corner1, painted.corner2])
        takes = [(radiograph, corners, _axis(sound)), *retaken(radiograph, corners, _axis(sound), index)]
        for take, (again, places, distal) in enumerate(takes):
            said = measure_at(again, bone.bone, places, distal)
            yield _example(film, 6 * index + take, bone, said, truth), said.patch


def _paintable(folder: Path, *, licensed: bool) -> Iterator[Sound]:
    """Those of `_normals` whose margin is seen."""
    return (item for item in _normals(folder, licensed=licensed) if item[4].clean.mean() >= SEEN)


def _normals(folder: Path, *, licensed: bool) -> Iterator[Sound]:
    """Normal bones that are traced from the reader's corners: film, bone (counted), bone, film, bone end."""
    chosen = [bone for bone in real_bones(folder) if bone.normal and bone.licensed is licensed]
    films = list(dict.fromkeys(bone.stem for bone in chosen))
    for index, bone in enumerate(chosen):
        radiograph = bone.film()
        sound = trace_at(radiograph, bone.bone, bone.corners, bone.distal)
        if not isinstance(sound, str):
            yield films.index(bone.stem), index, bone, radiograph, sound


def _axis(sound: Metaphysis) -> tuple[float, float]:
    return float(sound.frame.axis[0]), float(sound.frame.axis[1])


def _painted(
    film: int, number: int, bone: RealBone, painted: PaintedFilm, sound: Metaphysis, rng: np.random.Generator
) -> Pair:
    corners = shaken(np.array([painted.corner1, painted.corner2]), rng)
    said = measure_at(painted.radiograph, bone.bone, corners, _axis(sound))
    example = _example(film, number, bone, said, painted.severity)
    return replace(example, grade=painted.grade, shifted=painted.grade_shifted), said.patch


def _example(film: int, number: int, bone: RealBone, said: Measured, severity: float) -> Example:
    return Example(
        child=film, joint=number, bone=bone.bone, side=Side.LEFT, width=said.width, flags=said.flags,
        refused=said.refused, severity=severity, grade=0.0, shifted=0.0,
        activity=Activity.ACTIVE if severity else Activity.NONE, variant="",
        age=float("nan") if bone.age is None else bone.age, spacing_mm=float("nan"), features=said.features,
    )  # fmt: skip


def retaken(
    film: Radiograph, corners: Points, distal: tuple[float, float], seed: int
) -> Iterator[tuple[Radiograph, Points, tuple[float, float]]]:
    """Five other takes of one film: noisier, brighter, turned, at 0.8 of the scale, corners moved."""
    rng = np.random.default_rng((seed, 43))
    pixels = film.pixels
    contrast = float(np.subtract(*np.percentile(pixels, (95, 5))))
    width = float(np.hypot(*(corners[1] - corners[0])))
    noise = rng.normal(0, 0.01 * contrast, pixels.shape).astype(np.float32)
    yield replace(film, pixels=pixels + noise), corners, distal
    low = float(pixels.min())
    brighter = low + contrast * ((pixels - low) / contrast) ** np.float32(1.2)
    yield replace(film, pixels=brighter), corners, distal
    middle = corners.mean(axis=0)
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), TURN, 1.0)
    yield moved(film, corners, distal, np.asarray(turn))
    yield rescaled(film, corners, distal, 0.8)
    yield film, corners + rng.normal(0, PLACE_ERROR * width, (2, 2)), distal


def rescaled(
    film: Radiograph, corners: Points, distal: tuple[float, float], scale: float
) -> tuple[Radiograph, Points, tuple[float, float]]:
    """The film at a smaller scale, softened so that no false pattern appears."""
    small = np.asarray(cv2.GaussianBlur(film.pixels, (0, 0), max(0.4 / scale, 0.3)), np.float32)
    matrix = np.array([[scale, 0.0, 0.0], [0.0, scale, 0.0]])
    return moved(replace(film, pixels=small), corners, distal, matrix)


def moved(
    film: Radiograph, points: Points, distal: tuple[float, float], matrix: Points
) -> tuple[Radiograph, Points, tuple[float, float]]:
    """The film as an affine map takes it (smaller where that shrinks it), with places and a bone's direction.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Pixels of the film.
    distal : (x, y)
    matrix : ndarray of shape (2, 3)
        From pixels of the film to those of the result.
    """
    size = film.pixels.shape[::-1]
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    out = (max(8, round(size[0] * min(scale, 1))), max(8, round(size[1] * min(scale, 1))))
    pixels = cv2.warpAffine(film.pixels, matrix, out, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    turned = matrix[:, :2] @ np.asarray(distal)
    places = points @ matrix[:, :2].T + matrix[:, 2]
    return replace(film, pixels=np.asarray(pixels, np.float32)), places, (float(turned[0]), float(turned[1]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: one table of examples from real films."""
    import argparse

    from rickets_rx.grade.examples import write_examples

    kinds = ("density", "retreat", "licensed", "repeats", "painted_repeats")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("--films", type=Path, required=True, help="folder with landmarks.json")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    if chosen.kind == "licensed":
        found = painted_lessons(chosen.films)
    elif chosen.kind in tuple(Painter):
        found = painted_tests(chosen.films, Painter(chosen.kind))
    else:
        found = repeats(chosen.films, 0.0 if chosen.kind == "repeats" else 1.0)
    write_examples(chosen.out, found)


if __name__ == "__main__":
    main()
