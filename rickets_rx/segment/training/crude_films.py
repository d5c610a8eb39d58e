"""Crude films: hands, wrists and forearms of 0.3-16 years with key points, and films that must be refused.

All proportions are ours, after the 48 measured children of anatomy_by_age.csv and textbook ossification ages.
"""

import cv2
import numpy as np

from rickets_rx.segment.training.canvas import Array, Canvas, JointTarget, TrainingFilm
from rickets_rx.segment.training.crude_bones import (
    EndShape,
    draw_end,
    draw_flesh,
    draw_round,
    draw_short,
    unit,
)
from rickets_rx.vocabulary import Joint

# Carpal bones: place (x, y) in radius widths from the radial chord, and age of ossification, years.
CARPALS = (
    (-0.1, 1.05, 0.3), (-0.5, 1.0, 0.4), (-0.65, 0.7, 2.5), (-0.15, 0.6, 4.0),
    (0.6, 1.05, 5.0), (0.25, 1.15, 5.5), (0.3, 0.65, 5.5), (-0.75, 0.8, 10.0),
)  # fmt: skip
# Fingers: base (x, y) in radius widths, angle in degrees, length of the metacarpal in radius widths.
FINGERS = (
    (0.7, 1.25, 42, 1.2),
    (0.4, 1.45, 10, 1.9),
    (0.0, 1.5, 0, 1.85),
    (-0.35, 1.4, -9, 1.65),
    (-0.7, 1.3, -18, 1.5),
)


def radius_width(age: float, rng: np.random.Generator) -> float:
    """Metaphyseal width of the distal radius, mm, by age (years): after the measured children, 8 %."""
    return float(np.interp(age, (0.3, 2, 5, 10, 16), (10.5, 15.5, 19.5, 23.5, 28)) * rng.normal(1, 0.08))


def random_end(
    rng: np.random.Generator, width: float, severity: float, age: float, is_ulna: bool
) -> EndShape:
    """A bone end of any shape: ``severity`` 0-1 widens, hollows, frays and fades it."""
    onset = 6.5 if is_ulna else 1.0
    grown = float(np.clip((age - onset) / (6 if is_ulna else 7), 0, 1))
    ossified = age > onset * rng.uniform(0.7, 1.4)
    return EndShape(
        width=width,
        shaft=float(rng.uniform(0.55, 0.85) if is_ulna else rng.uniform(0.42, 0.65)) * (1 - 0.15 * severity),
        flare=rng.uniform(0.8, 2.2),
        sagitta=max(0.0, rng.normal(0.09, 0.05)) * (1 - 0.6 * severity),
        roundness=rng.uniform(1.8, 5),
        skew=rng.normal(0, 0.05),
        cup=severity * rng.uniform(0, 0.28) + (rng.random() < 0.1) * is_ulna * 0.08,
        fray=severity * rng.uniform(0, 0.07),
        blur=rng.uniform(0.006, 0.02) + severity**2 * rng.uniform(0, 0.12),
        gap=rng.uniform(0.0, 0.09) + severity * rng.uniform(0, 0.25),
        epiphysis=float(ossified) * (rng.uniform(0.2, 0.4) + (rng.uniform(0.6, 0.85)) * grown),
        thickness=rng.uniform(0.12, 0.22) + 0.2 * grown * rng.random(),
        wedge=rng.normal(0.35 if not is_ulna else 0.0, 0.25),
        zone=rng.uniform(-0.1, 0.9) * (1 - severity) + (rng.random() < 0.15) * rng.uniform(0, 1),
        mineral=rng.uniform(0.12, 0.5) * (1 - 0.3 * severity),
        cortex=rng.uniform(0.06, 0.16) * (1 - 0.3 * severity),
        bend=rng.normal(0, 0.012),
        lean=rng.normal(0, 0.10),
    )


def draw_forearm(canvas: Canvas, age: float, rng: np.random.Generator) -> JointTarget:
    """Draw radius and ulna with the thumb to the right of the drawing (+x)."""
    width = radius_width(age, rng)
    severity = float(np.sqrt(rng.random()) if rng.random() < 0.45 else 0.0)
    ratio = float(np.clip(rng.normal(0.6, 0.07), 0.42, 0.8))
    steep = rng.normal(0, 0.07) + (rng.random() < 0.05) * rng.normal(0, 0.25)
    radius = random_end(rng, width, severity, age, False)
    radial = draw_end(canvas, (0.0, 0.0), unit(steep), shape=radius, rng=rng)
    ulna = random_end(rng, width * ratio, severity * rng.uniform(0.6, 1), age, True)
    place = (-width * (0.5 + ratio / 2 + rng.normal(0.07, 0.07)), width * rng.normal(-0.05, 0.11))
    ulnar = draw_end(canvas, place, unit(rng.normal(0.02, 0.06)), shape=ulna, rng=rng)
    points = canvas.to_pixels(np.concatenate([radial, ulnar]))
    distal = canvas.to_directions(unit(steep))
    return JointTarget(Joint.WRIST, points.astype(np.float32), distal.astype(np.float32))


def draw_hand(canvas: Canvas, width: float, age: float, rng: np.random.Generator) -> None:
    """Draw carpals, metacarpals, phalanges and the flesh around them; ``width`` of the radius in mm."""
    size = (1.0 + 0.25 * np.clip(age / 8, 0, 1)) * rng.uniform(0.9, 1.15)
    mineral = rng.uniform(0.2, 0.5)
    for x, y, onset in CARPALS:
        grown = np.clip((age - onset * rng.uniform(0.75, 1.3)) / 6, -0.01, 1)
        if grown > 0:
            r = width * (0.09 + 0.24 * grown**0.6) * rng.uniform(0.85, 1.15, size=2)
            place = width * size * np.array([x, y]) + rng.normal(0, 0.04 * width, 2)
            draw_round(canvas, place, (float(r[0]), float(r[1])), mineral=mineral, rng=rng)
    spread, turn, curl = rng.uniform(0.4, 1.6), rng.normal(0, 0.12), rng.uniform(0.75, 1.1)
    palm = width * rng.uniform(2.6, 3.6)
    for k, (x, y, degrees, length) in enumerate(FINGERS):
        angle = np.radians(degrees * (rng.uniform(0.2, 1.6) if k == 0 else spread)) + turn
        point = width * size * np.array([x, y])
        path, stout = [point], width * rng.uniform(0.36, 0.5)
        bones = (length, 1.25, 0.8, 0.55) if k else (length, 0.95, 0.7)
        for j, part in enumerate(bones):
            end = -1 if j or not k else 1
            point = draw_short(
                canvas, point, unit(angle), length=width * part * size * (curl if j else 1.0), width=stout,
                epiphysis=end * (1 < age < 16.5), mineral=mineral, rng=rng,
            )  # fmt: skip
            path.append(point + 0.1 * width * unit(angle))
            point = point + 0.18 * width * unit(angle)
            stout *= 0.82
            angle += rng.normal(0, 0.05)
        draw_flesh(canvas, path, np.linspace(0.95, 0.6, len(path)) * width, rng.uniform(0.5, 0.9))
    wrist = width * rng.uniform(2.1, 3.1)
    xs = width * np.array([-0.4, -0.3, -0.25, -0.1, 0.0])
    ys = width * np.array([-9, -4, 0, 1.4, 2.9 * size])
    widths = [wrist * rng.uniform(1.0, 1.6), wrist * rng.uniform(1.0, 1.3), wrist, palm, palm * 0.95]
    draw_flesh(canvas, np.stack([xs, ys], 1), widths, rng.uniform(0.5, 0.9))


def place_canvas(rng: np.random.Generator, size: int, view: str, width: float) -> tuple[Canvas, float]:
    """A canvas that shows ``view`` (hand, wrist, forearm, crop) of a wrist; ``width`` of the radius in mm."""
    below = {
        "hand": 0.1 + 4 * rng.random() ** 1.5,
        "wrist": rng.uniform(1.2, 4.5),
        "forearm": rng.uniform(5, 9),
    }
    above = {"hand": rng.uniform(5, 8.5), "wrist": rng.uniform(1.6, 4), "forearm": rng.uniform(2, 8)}
    half = {"hand": rng.uniform(2.6, 4.2), "wrist": rng.uniform(1.3, 2.6), "forearm": rng.uniform(2.0, 4)}
    if view == "crop":
        # Square on the middle of radius and ulna, five radius widths wide: room for every crop of stage two.
        scale = size / (5.0 * width)
        angle = rng.normal(0, 0.1)
        middle = width * scale * np.array([0.35 * np.cos(angle), 0.35 * np.sin(angle)])
        return Canvas((size, size), scale, angle, False, (size / 2 + middle[0], size / 2 + middle[1])), scale
    tall, wide = (below[view] + above[view]) * width, 2 * half[view] * width
    scale = size / max(tall, wide)
    turn = rng.normal(0, 0.2)
    rows, columns = int(scale * tall), int(scale * wide)
    x = columns / 2 + scale * width * rng.normal(0.2, 0.3)
    y = rows - scale * below[view] * width
    return Canvas((rows, columns), scale, turn, False, (float(x), float(y))), scale


def compose(canvas: Canvas, rng: np.random.Generator) -> Array:
    """Attenuation of bone in soft tissue, with a share of scatter-like haze."""
    film = canvas.soft * rng.uniform(0.6, 1.2) + canvas.bone * rng.uniform(1.5, 4.5)
    haze = cv2.GaussianBlur(film, (0, 0), max(film.shape) / 20)
    return np.asarray(film * rng.uniform(0.8, 1) + haze * rng.uniform(0, 0.4), np.float32)


def crude_film(rng: np.random.Generator, size: int = 384, view: str | None = None) -> TrainingFilm:
    """A frontal film of one wrist (or two, one in twelve), ``size`` pixels on its longer side.

    Parameters
    ----------
    rng : Generator
    size : int
    view : "hand", "wrist", "forearm" or "crop", optional
    """
    view = view or str(rng.choice(["hand", "wrist", "forearm"], p=(0.5, 0.35, 0.15)))
    film = _one_wrist(rng, size, view)
    if view != "crop" and rng.random() < 1 / 12:
        film = beside(film, mirrored(_one_wrist(rng, size, view)), rng)
    return film


def _one_wrist(rng: np.random.Generator, size: int, view: str) -> TrainingFilm:
    age = float(rng.uniform(0.3, 16)) if rng.random() < 0.7 else float(rng.uniform(0.3, 4))
    width = radius_width(age, rng)
    canvas, _ = place_canvas(rng, size, view, width)
    target = draw_forearm(canvas, age, rng)
    draw_hand(canvas, width, age, rng)
    return TrainingFilm(compose(canvas, rng), (target,))


def mirrored(film: TrainingFilm) -> TrainingFilm:
    """The film seen from its other side."""
    flip, last = np.array([-1, 1], np.float32), np.array([film.pixels.shape[1] - 1, 0], np.float32)
    joints = tuple(JointTarget(j.joint, j.points * flip + last, j.distal * flip) for j in film.joints)
    return TrainingFilm(np.ascontiguousarray(film.pixels[:, ::-1]), joints, film.shows)


def beside(left: TrainingFilm, right: TrainingFilm, rng: np.random.Generator) -> TrainingFilm:
    """Two films side by side on one."""
    rows = max(left.pixels.shape[0], right.pixels.shape[0])
    gap = int(rng.integers(0, 30))
    pixels = np.zeros((rows, left.pixels.shape[1] + gap + right.pixels.shape[1]), np.float32)
    pixels[: left.pixels.shape[0], : left.pixels.shape[1]] = left.pixels
    start = left.pixels.shape[1] + gap
    pixels[: right.pixels.shape[0], start:] = right.pixels
    moved = tuple(
        JointTarget(j.joint, j.points + np.array([start, 0], np.float32), j.distal) for j in right.joints
    )
    return TrainingFilm(pixels, left.joints + moved)
