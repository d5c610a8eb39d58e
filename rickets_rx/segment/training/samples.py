"""From a training film to one training sample: a randomly placed picture, its targets, its appearance."""

from dataclasses import dataclass, replace

import numpy as np

from rickets_rx.segment.network import CROP_SIZE, FILM_SIZE, apply_affine, as_input, warp
from rickets_rx.segment.proposals import POSE_UNIT, Pose, pose_from_points
from rickets_rx.segment.training.appearance import randomise
from rickets_rx.segment.training.canvas import (
    FILM_CLASSES,
    POINTS,
    Array,
    FilmClass,
    JointTarget,
    TrainingFilm,
)
from rickets_rx.vocabulary import Joint

UNTAUGHT = (FilmClass.CLOSED, FilmClass.OBLIQUE)
"""Kinds whose key points are neither taught nor taught as absent (see `Sample`)."""
FILM_CELLS = FILM_SIZE // 4
CROP_CELLS = CROP_SIZE // 2
JOINTS = (Joint.WRIST, Joint.ELBOW)
STRETCH = 0.06
"""Standard deviation of the shear of a sample, and half as much of its stretch either way (ours)."""
CUT_SHARE, CUT_AT = 0.2, (-0.25, 1.1)
"""Share of the crops that end behind the margin, and where, in widths of the first bone."""
ENOUGH_SHAFT, HARDLY_SHAFT = 0.35, 0.2
"""Widths of shaft from which a crop is open, and below which it is cut off (ours; 0.3 is refused)."""
OPEN = FILM_CLASSES.index(FilmClass.OPEN)
NOTHING = len(FILM_CLASSES)
"""Class of a crop that shows no joint in the expected place."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One input and what the network should say of it.

    Parameters
    ----------
    picture : ndarray of shape (2, size, size)
    points : ndarray of shape (joints or 1, channels, 2)
        Places in cells of the output, NaN where absent.
    poses : ndarray of shape (joints, 6)
        Cell x, y, distal x, y and across x, y (first network only; empty for the second).
    shows : int
        Index of `FILM_CLASSES`, or `NOTHING`; -1 where it is not to be learned.
    taught : bool
        False where the places are not to be learned: a closed or oblique bone end is named by its class, and
        teaching its corners as absent would cost the adolescents whose plates are still just open, and the
        children who turn their hand a little.
    """

    picture: Array
    points: Array
    poses: Array
    shows: int
    taught: bool = True


def film_sample(film: TrainingFilm, rng: np.random.Generator) -> Sample:
    """The whole film, turned, mirrored, shifted and scaled at random, for the first network."""
    matrix = _film_matrix(film.pixels.shape, rng)
    fill = float(film.pixels.min()) if rng.random() < 0.7 else float(rng.choice(film.pixels.ravel()))
    picture = randomise(warp(film.pixels.astype(np.float32), matrix, FILM_SIZE, fill), rng)
    points, poses = film_targets(film if film.shows is FilmClass.OPEN else TrainingFilm(film.pixels), matrix)
    shows = FILM_CLASSES.index(film.shows)
    # A shift may have moved the joint off the picture: then nothing is to be learned of the class.
    shows = shows if len(poses) or film.shows is not FilmClass.OPEN else -1
    return Sample(as_input(picture), points, poses, shows, film.shows not in UNTAUGHT)


def _film_matrix(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    angle = (
        rng.uniform(0, 2 * np.pi) if rng.random() < 0.4 else rng.integers(4) * np.pi / 2 + rng.normal(0, 0.15)
    )
    cos, sin = np.cos(angle), np.sin(angle)
    reach = max(abs(shape[0] * cos) + abs(shape[1] * sin), abs(shape[1] * cos) + abs(shape[0] * sin))
    zoom = FILM_SIZE / reach * float(np.exp(rng.normal(0.05, 0.2)))
    turn = zoom * np.array([[cos, -sin], [sin, cos]]) @ np.diag([rng.choice([-1.0, 1.0]), 1.0])
    turn = turn @ _warped(rng)
    middle = np.array([shape[1] - 1, shape[0] - 1]) / 2
    to = (FILM_SIZE - 1) / 2 + rng.normal(0, 0.06 * FILM_SIZE, 2)
    return np.hstack([turn, (to - turn @ middle)[:, None]])


def _warped(rng: np.random.Generator) -> np.ndarray:
    """A small stretch and shear, 2 x 2: limbs differ in proportion more than phantoms do (ours)."""
    stretch, shear = np.exp(rng.normal(0, STRETCH / 2, 2)), rng.normal(0, STRETCH)
    return np.array([[stretch[0], shear], [0.0, stretch[1]]])


def film_targets(film: TrainingFilm, matrix: np.ndarray) -> tuple[Array, Array]:
    """Middles of both bones of each joint (cells) by joint kind, and the pose of each joint."""
    points = np.full((len(film.joints), 2 * len(JOINTS), 2), np.nan, np.float32)
    poses = []
    for i, target in enumerate(film.joints):
        kind, placed = JOINTS.index(target.joint), apply_affine(matrix, target.points)
        for bone in range(2):
            middle = placed[3 * bone : 3 * bone + 2].mean(0)
            if np.all((middle > 2) & (middle < FILM_SIZE - 3)):
                points[i, 2 * kind + bone] = middle / 4 - 0.375
        if np.isfinite(points[i, 2 * kind]).all():
            pose = pose_of(target, matrix)
            vectors = np.concatenate([pose.distal, pose.across]) * pose.width / POSE_UNIT
            poses.append(np.concatenate([points[i, 2 * kind], vectors]))
    return points, np.array(poses, np.float32).reshape(-1, 6)


def pose_of(target: JointTarget, matrix: np.ndarray | None = None) -> Pose:
    """The pose of a target, on the picture that ``matrix`` makes of the film."""
    corners, distal = target.points[:2], target.distal
    if matrix is not None:
        corners, distal = apply_affine(matrix, corners), matrix[:, :2] @ distal
    return pose_from_points(target.joint, np.stack([*corners, corners.mean(0) + distal]))


def crop_sample(film: TrainingFilm, rng: np.random.Generator, joint: Joint) -> Sample:
    """An upright crop, right or deliberately wrong, for the second network of ``joint``."""
    points, shows = np.full((POINTS, 2), np.nan, np.float32), FILM_CLASSES.index(film.shows)
    if film.joints and rng.random() < 0.72:
        target = film.joints[rng.integers(len(film.joints))]
        pose = _jitter(replace(pose_of(target), joint=joint), rng)
        if target.joint is not joint:
            shows = NOTHING
        elif film.shows is FilmClass.OPEN:
            points = target.points
    else:
        pose = replace(_wrong_pose(film, rng), joint=joint)
        shows = NOTHING if film.joints else shows
    fill = float(film.pixels.min()) if rng.random() < 0.7 else float(rng.choice(film.pixels.ravel()))
    pixels, taught = film.pixels.astype(np.float32), film.shows not in UNTAUGHT
    if film.joints and rng.random() < CUT_SHARE:
        shown = float(rng.uniform(*CUT_AT))
        pixels = _cut_behind(film, rng, fill, shown)
        if shows == OPEN and shown < ENOUGH_SHAFT:
            # Close to the limit neither kind is taught; beyond it no places, which may be off the film.
            taught = shown > HARDLY_SHAFT
            shows = -1 if taught else FILM_CLASSES.index(FilmClass.CUT_OFF)
    matrix = _crop_matrix(pose, rng)
    picture = randomise(warp(pixels, matrix, CROP_SIZE, fill), rng, overlays=rng.random() < 0.3)
    none = np.zeros((0, 6), np.float32)
    cells = crop_cells(points, matrix)
    return Sample(as_input(picture), cells[None], none, shows, taught)


def _crop_matrix(pose: Pose, rng: np.random.Generator) -> np.ndarray:
    """The crop's map with a small stretch and shear about the crop's middle."""
    matrix, middle = pose.matrix(), np.full(2, (CROP_SIZE - 1) / 2)
    change = _warped(rng)
    return np.hstack([change @ matrix[:, :2], (change @ (matrix[:, 2] - middle) + middle)[:, None]])


def _cut_behind(film: TrainingFilm, rng: np.random.Generator, fill: float, shown: float) -> Array:
    """The film ending ``shown`` widths behind the first margin, as films of infants' hands do at 0.4."""
    pixels = film.pixels.astype(np.float32)
    pose = pose_of(film.joints[0])
    turn = rng.normal(0, 0.15)
    axis = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ pose.distal
    yy, xx = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
    distal = ((xx - pose.centre[0]) * axis[0] + (yy - pose.centre[1]) * axis[1]) / pose.width
    return np.where(distal < -shown, np.float32(fill), pixels)


def crop_cells(points: Array, matrix: np.ndarray) -> Array:
    """Film points in cells of the crop, NaN off the crop."""
    cells = apply_affine(matrix, points) / 2 - 0.25
    off = ~((cells > 0) & (cells < CROP_CELLS - 1)).all(1)
    cells[off] = np.nan
    return cells.astype(np.float32)


def _jitter(pose: Pose, rng: np.random.Generator) -> Pose:
    """The pose as the first network may give it: shifted, turned and scaled by its usual errors."""
    turn = rng.normal(0, 0.16)
    return _moved(pose, rng.normal(0, 0.15, 2), turn, float(np.exp(rng.normal(0, 0.16))))


def _moved(pose: Pose, shift: np.ndarray, turn: float, zoom: float) -> Pose:
    cos, sin = np.cos(turn), np.sin(turn)
    distal = np.array([[cos, -sin], [sin, cos]]) @ pose.distal
    centre = np.asarray(pose.centre) + pose.width * shift
    return replace(
        pose,
        centre=(float(centre[0]), float(centre[1])),
        distal=(float(distal[0]), float(distal[1])),
        width=pose.width * zoom,
    )


def lively_place(pixels: Array, rng: np.random.Generator) -> tuple[float, float]:
    """The place (x, y) of ten random ones around which the film varies most: there a hasty search looks."""
    rows, columns = pixels.shape
    reach = max(2, max(rows, columns) // 24)
    places = [(rng.uniform(0, columns), rng.uniform(0, rows)) for _ in range(10)]
    spread = [
        float(pixels[_near(y, reach, rows), _near(x, reach, columns)].astype(np.float32).std())
        for x, y in places
    ]
    return places[int(np.argmax(spread))]


def _near(at: float, reach: int, size: int) -> slice:
    return slice(max(0, int(at) - reach), min(size, int(at) + reach + 1))


def _wrong_pose(film: TrainingFilm, rng: np.random.Generator) -> Pose:
    """A pose in which no joint is to be seen: mirrored, upside down, or anywhere else."""
    rows, columns = film.pixels.shape
    if not film.joints:
        width = max(rows, columns) * float(np.exp(rng.uniform(np.log(0.06), np.log(0.4))))
        place = Pose(Joint.WRIST, lively_place(film.pixels, rng), (0.0, -1.0), width, bool(rng.integers(2)))
        upright = rng.random() < 0.5
        return _moved(place, np.zeros(2), rng.normal(0, 0.2) if upright else rng.uniform(0, 6.3), 1.0)
    pose = _jitter(pose_of(film.joints[0]), rng)
    kind = rng.integers(4)
    if kind == 0:
        return pose.mirrored()
    if kind == 1:
        pose = pose if rng.random() < 0.5 else pose.mirrored()
        return _moved(
            pose, rng.normal(0, 0.3, 2), np.pi + rng.normal(0, 0.5), float(np.exp(rng.normal(0, 0.3)))
        )
    if kind == 2:
        return _moved(pose, np.zeros(2), float(rng.choice([-1, 1])) * rng.uniform(1.0, 2.2), 1.0)
    away = rng.uniform(0, 2 * np.pi)
    far = rng.uniform(1.6, 5) * np.array([np.cos(away), np.sin(away)])
    return _moved(pose, far, rng.normal(0, 1), float(np.exp(rng.normal(0, 0.5))))
