"""Crude films that must be refused: laterals, casts, metal, fused bones, other parts, no radiographs."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from rickets_rx.segment.training.canvas import POINTS, Array, Canvas, FilmClass, JointTarget, TrainingFilm
from rickets_rx.segment.training.crude_bones import Vector, draw_end, draw_flesh, draw_round, draw_short, unit
from rickets_rx.segment.training.crude_films import (
    CARPALS,
    compose,
    crude_film,
    place_canvas,
    radius_width,
    random_end,
)
from rickets_rx.vocabulary import Joint


def lateral_wrist(rng: np.random.Generator, size: int) -> TrainingFilm:
    """A wrist from the side: radius over ulna, carpals and metacarpals stacked."""
    age = float(rng.uniform(0.5, 16))
    width = radius_width(age, rng)
    canvas = place_canvas(rng, size, str(rng.choice(["wrist", "forearm"])), width)[0]
    narrow = random_end(rng, width * rng.uniform(0.6, 0.85), 0.0, age, False)
    ends = draw_end(canvas, (0.0, 0.0), unit(rng.normal(0, 0.06)), shape=narrow, rng=rng)
    place = (width * rng.normal(0, 0.14), width * rng.normal(-0.08, 0.1))
    draw_end(
        canvas, place, unit(rng.normal(0, 0.05)), shape=random_end(rng, width * 0.55, 0.0, age, True), rng=rng
    )
    for _, y, onset in CARPALS:
        if age > onset:
            spot = width * np.array([rng.normal(0, 0.2), y * 1.1])
            draw_round(canvas, spot, (0.25 * width, 0.2 * width), mineral=0.4, rng=rng)
    for k in range(5):
        start = width * np.array([rng.normal(0, 0.15), 1.5])
        lean = unit(rng.normal(0.0, 0.1) + 0.4 * (k == 0))
        draw_short(
            canvas, start, lean, length=1.8 * width, width=0.4 * width, epiphysis=1, mineral=0.4, rng=rng
        )
    flesh = width * np.array([(0.0, -9.0), (0.0, -3.0), (0.0, 0.0), (0.0, 2.0), (0.1, 4.0)])
    draw_flesh(canvas, flesh, width * np.array([2.6, 2.2, 1.9, 2.0, 1.6]), rng.uniform(0.8, 1.3))
    return TrainingFilm(compose(canvas, rng), (_place(canvas, ends),), FilmClass.LATERAL)


def _place(canvas: Canvas, ends: Vector) -> JointTarget:
    """Where a hasty search would see a wrist: the first bone's end (mm), the second unknown."""
    points = np.full((POINTS, 2), np.nan)
    points[:3] = canvas.to_pixels(ends)
    return JointTarget(
        Joint.WRIST, points.astype(np.float32), canvas.to_directions([0.0, 1.0]).astype(np.float32)
    )


def cast_or_metal(rng: np.random.Generator, size: int) -> TrainingFilm:
    """A crude frontal wrist under plaster or with plates and wires."""
    return covered(crude_film(rng, size, str(rng.choice(["wrist", "forearm", "wrist", "crop"]))), rng)


def covered(film: TrainingFilm, rng: np.random.Generator) -> TrainingFilm:
    """The film of a wrist with plaster or metal over its first joint, to be refused."""
    pixels: Array = film.pixels.astype(np.float32)
    points = film.joints[0].points
    scale = float(np.hypot(*(points[1] - points[0])))
    level = float(np.percentile(pixels, 98))
    if rng.random() < 0.75:
        pixels = pixels * rng.uniform(0.5, 1) + level * _plaster(rng, film, scale)
    else:
        for _ in range(rng.integers(1, 6)):
            start = points[rng.integers(0, 3)] + rng.normal(0, 0.8 * scale, 2)
            end = start + rng.normal(0, 1.2 * scale, 2)
            metal = np.zeros_like(pixels)
            cv2.line(
                metal,
                _whole(start),
                _whole(end),
                1.0,
                max(1, int(scale * rng.uniform(0.03, 0.2))),
                cv2.LINE_AA,
            )
            pixels = np.maximum(pixels, metal * level * rng.uniform(1.1, 1.8))
    return TrainingFilm(pixels, film.joints, FilmClass.CAST)


def _whole(point: Array) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def _plaster(rng: np.random.Generator, film: TrainingFilm, scale: float) -> Array:
    """Woven texture over the limb and dense walls on both sides of it, in parts of the film's 98 % level."""
    rows, columns = film.pixels.shape
    points = film.joints[0].points
    across = (points[1] - points[0]) / scale
    middle = points[0] - 0.1 * scale * across
    yy, xx = np.mgrid[:rows, :columns].astype(np.float32)
    v = ((xx - middle[0]) * across[0] + (yy - middle[1]) * across[1]) / scale
    u = ((xx - middle[0]) * across[1] - (yy - middle[1]) * across[0]) / scale
    half = rng.uniform(1.2, 1.9) + 0.1 * np.sin(u * rng.uniform(0.5, 2) + rng.uniform(0, 6))
    wall = rng.uniform(0.08, 0.3)
    walls = np.exp(-(((np.abs(v) - half) / wall) ** 2)) * (1 + 0.3 * np.sin(u * rng.uniform(5, 30)))
    weave = np.sin(v * rng.uniform(15, 40) + np.sin(u * 3)) * np.sin(u * rng.uniform(15, 40))
    weave = weave + cv2.resize(rng.normal(0, 1, (60, 60)).astype(np.float32), (columns, rows))
    inside = (np.abs(v) < half) * rng.uniform(0.05, 0.3)
    return np.asarray(
        walls * rng.uniform(0.3, 0.9) + inside * (1 + rng.uniform(0.1, 0.5) * weave), np.float32
    )


def closed_wrist(rng: np.random.Generator, size: int) -> TrainingFilm:
    """A wrist without growth plates: rounded widened ends, eight carpals, no epiphyses in the hand."""
    width = radius_width(16, rng)
    canvas = place_canvas(rng, size, str(rng.choice(["hand", "wrist"])), width)[0]
    joints: tuple[JointTarget, ...] = ()
    for is_ulna, x in ((False, 0.0), (True, -0.82)):
        shape = random_end(rng, width * (0.55 if is_ulna else 1.05), 0.0, 2.0, is_ulna)
        fused = {
            **vars(shape),
            "epiphysis": 0.0,
            "cup": 0.0,
            "fray": 0.0,
            "zone": 0.0,
            "roundness": 2.2,
            "blur": 0.01,
        }
        fused |= {"sagitta": rng.uniform(0.15, 0.3), "skew": 0.0 if is_ulna else rng.uniform(0.05, 0.25)}
        place = width * np.array([x, 0.3 + rng.normal(0, 0.05)])
        ends = draw_end(canvas, place, unit(rng.normal(0, 0.05)), shape=type(shape)(**fused), rng=rng)
        joints = joints or (_place(canvas, ends),)
    for x, y, _ in CARPALS:
        place = width * np.array([x, y * 1.15 + 0.1])
        draw_round(canvas, place, (0.33 * width, 0.28 * width), mineral=0.5, rng=rng)
    for k in range(5):
        start = width * np.array([0.7 - 0.36 * k, 1.8])
        lean = unit(np.radians(40 if k == 0 else 14 - 7 * k))
        for length in (2.0, 1.3, 0.8, 0.6):
            start = draw_short(
                canvas,
                start,
                lean,
                length=length * width,
                width=0.42 * width,
                epiphysis=0,
                mineral=0.5,
                rng=rng,
            )
    flesh = width * np.array([(-0.3, -9.0), (-0.3, 0.0), (-0.1, 2.0), (0.0, 4.0)])
    draw_flesh(canvas, flesh, width * np.array([3.0, 2.4, 3.6, 3.4]), rng.uniform(0.5, 0.9))
    return TrainingFilm(compose(canvas, rng), joints, FilmClass.CLOSED)


def other_part(rng: np.random.Generator, size: int) -> TrainingFilm:
    """Bones of no wrist: facing long bones, heaps of round ones, vertebrae with ribs, single fingers."""
    shape = (int(size * rng.uniform(0.6, 1)), size)
    canvas = Canvas(shape, size / 200, rng.uniform(0, 6.3), False, (size / 2, size / 2))
    width = float(rng.uniform(25, 60))
    draw = (_facing_bones, _round_bones, _spine, _fingers)[rng.integers(4)]
    draw(canvas, width, rng)
    draw_flesh(canvas, [(0, -120), (0, 0), (0, 120)], np.array([1.6, 2.2, 1.6]) * width, 0.8)
    return TrainingFilm(compose(canvas, rng), (), FilmClass.OTHER_PART)


def _facing_bones(canvas: Canvas, width: float, rng: np.random.Generator) -> None:
    for side in (0.0, np.pi):
        for k in range(rng.integers(1, 3)):
            shape = random_end(rng, width / (1 + k), 0.0, rng.uniform(1, 16), False)
            spot = (k * width * 0.8, (1 if side else -1) * width * rng.uniform(0.1, 0.35))
            draw_end(canvas, spot, unit(side + rng.normal(0, 0.15)), shape=shape, rng=rng)


def _round_bones(canvas: Canvas, width: float, rng: np.random.Generator) -> None:
    for _ in range(9):
        radii = (width * rng.uniform(0.2, 0.7), width * rng.uniform(0.2, 0.5))
        draw_round(canvas, rng.normal(0, width, 2), radii, mineral=0.4, rng=rng)


def _spine(canvas: Canvas, width: float, rng: np.random.Generator) -> None:
    for k in range(8):
        draw_round(canvas, (rng.normal(0, 2), 26.0 * k - 100), (width * 0.4, 10.0), mineral=0.4, rng=rng)
        for side in (-1, 1):
            rib = unit(side * rng.uniform(1.2, 1.6))
            start = np.array([side * width * 0.5, 26.0 * k - 95])
            draw_short(canvas, start, rib, length=70, width=8, epiphysis=0, mineral=0.3, rng=rng)


def _fingers(canvas: Canvas, width: float, rng: np.random.Generator) -> None:
    for k in range(rng.integers(1, 6)):
        start = np.array([35.0 * k - 70, -90.0])
        for _ in range(4):
            look = {"length": rng.uniform(25, 60), "width": width * rng.uniform(0.3, 0.6)}
            growing = int(rng.integers(-1, 2))
            lean = unit(rng.normal(0, 0.1))
            start = draw_short(canvas, start, lean, epiphysis=growing, mineral=0.4, rng=rng, **look)
            start = start + np.array([0, 4.0])


@cache
def _pictures() -> tuple[Array, ...]:
    """The photographs that scikit-image carries, grey."""
    from skimage import data

    names = (
        "astronaut",
        "camera",
        "coffee",
        "coins",
        "chelsea",
        "page",
        "text",
        "rocket",
        "brick",
        "grass",
        "gravel",
        "moon",
    )
    found = []
    for name in names:
        picture = np.asarray(getattr(data, name)(), np.float32)
        found.append(picture[..., :3].mean(2) if picture.ndim == 3 else picture)
    return tuple(found)


def no_radiograph(rng: np.random.Generator, size: int) -> TrainingFilm:
    """Photographs, text, noise, ramps and drawings."""
    draw = (_photograph, _grain, _text, _ramp, _drawing)[rng.integers(5)]
    pixels = draw(rng, (size, int(size * rng.uniform(0.6, 1))))
    grain = rng.normal(0, 0.02 * float(pixels.std() + 0.1), pixels.shape)
    return TrainingFilm((pixels + grain).astype(np.float32), (), FilmClass.NO_RADIOGRAPH)


def _photograph(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    picture = _pictures()[rng.integers(0, len(_pictures()))]
    rows, columns = (int(n * rng.uniform(0.4, 1)) for n in picture.shape)
    y, x = rng.integers(0, picture.shape[0] - rows + 1), rng.integers(0, picture.shape[1] - columns + 1)
    return _fit(picture[y : y + rows, x : x + columns], max(shape))


def _grain(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    pixels = rng.normal(0.5, 0.2, shape).astype(np.float32)
    return cv2.GaussianBlur(pixels, (0, 0), float(rng.choice([0.3, 1, 3, 10, 40])))


def _text(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    page = np.zeros(shape, np.uint8)
    font, size = int(rng.integers(0, 7)), rng.uniform(0.3, 1.2)
    for y in range(20, shape[0], int(rng.integers(14, 40))):
        words = "".join(chr(c) for c in rng.integers(32, 123, 40))
        cv2.putText(page, words, (5, y), font, size, 255, 1, cv2.LINE_AA)
    return page.astype(np.float32) / 255


def _ramp(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    across = np.linspace(0, 1, shape[1]) ** rng.uniform(0.3, 3)
    return np.asarray(across[None] + rng.uniform(0, 1) * np.linspace(0, 1, shape[0])[:, None], np.float32)


def _drawing(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    pixels = np.zeros(shape, np.float32)
    for _ in range(rng.integers(3, 40)):
        start, end = (_whole(rng.integers(0, shape[0], 2)) for _ in range(2))
        if rng.random() < 0.5:
            cv2.line(pixels, start, end, float(rng.random()), int(rng.choice([1, 2, 5, 9])))
        else:
            cv2.rectangle(pixels, start, end, float(rng.random()), int(rng.choice([1, 2, 5, -1])))
    return pixels


def _fit(picture: Array, size: int) -> Array:
    scale = size / max(picture.shape)
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


NEGATIVES: dict[FilmClass, Callable[[np.random.Generator, int], TrainingFilm]] = {
    FilmClass.LATERAL: lateral_wrist,
    FilmClass.CAST: cast_or_metal,
    FilmClass.CLOSED: closed_wrist,
    FilmClass.OTHER_PART: other_part,
    FilmClass.NO_RADIOGRAPH: no_radiograph,
}
