"""Lead markers as departments use them: bare letters, or letters on plastic cards."""

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.lead_letters import Line, strokes
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.phantom.place import rotation

SUPER = 2
"""Markers are drawn this much finer and shrunk, so that their strokes end in soft curves as on films."""


def draw_marker(
    film: FloatArray, text: str, occupied: npt.NDArray[np.bool_], spacing_mm: float, rng: np.random.Generator,
    within: float = 1.0,
) -> None:  # fmt: skip
    """Lay a lead marker (main letter 10-17 mm high) where no tissue is; nothing where there is no room.

    Parameters
    ----------
    film : ndarray of float32, 0-1
        Changed in place.
    text : str
        The side's letter, and after it the initials of whoever took the film; "" for none.
    occupied : ndarray of bool
        Where no marker can lie.
    within : float
        Share of the film's width, from the left, in which the marker begins.
    """
    if not text:
        return
    if len(text) > 1 and rng.random() < 0.02:
        _type(film, text)
        return
    height = max(round(float(rng.uniform(10, 17)) / spacing_mm), 7)
    letters, plate = _drawn(text, height, rng)
    rows, columns = film.shape
    tall, wide = letters.shape
    # Some plates are cut by the film's edge.
    over = 0.3 if rng.random() < 0.15 else 0.0
    low = (-int(over * tall), -int(over * wide))
    high = (rows - tall + int(over * tall), columns - wide + int(over * wide))
    if high[0] <= low[0] or high[1] <= low[1]:
        return
    last = max(low[1] + 1, low[1] + int(within * (high[1] - low[1])))
    for attempt in range(16 if within >= 1 else 32):
        if attempt == 16:
            last = high[1]
        y, x = int(rng.integers(low[0], high[0])), int(rng.integers(low[1], last))
        part = (slice(max(y, 0), min(y + tall, rows)), slice(max(x, 0), min(x + wide, columns)))
        if not occupied[part].any():
            inner = (slice(part[0].start - y, part[0].stop - y), slice(part[1].start - x, part[1].stop - x))
            _lay(film[part], letters[inner], plate[inner], rng)
            return


def _type(film: FloatArray, text: str) -> None:
    """The side and initials as an acquisition station burns them in: white on black, in the upper corner."""
    size = max(7, round(0.022 * max(film.shape)))
    pad = size // 3
    film[: size + 2 * pad, : size + 2 * pad] = 0.0
    words = ((text[0], pad, size / 22.0, max(1, size // 7)), (text[1:], 2 * size + pad, size / 44.0, 1))
    for word, top, scale, thick in words:
        own = np.zeros(film.shape, np.uint8)
        at = (pad, round(top + 22 * scale))
        cv2.putText(own, word, at, cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
        np.maximum(film, own.astype(np.float32) / 255, out=film)


def _lay(window: FloatArray, letters: FloatArray, plate: FloatArray, rng: np.random.Generator) -> None:
    """Plastic adds a little grey, lead comes out nearly white."""
    thick = float(rng.choice([0.0, rng.uniform(0.015, 0.05), rng.uniform(0.05, 0.10)], p=[0.1, 0.6, 0.3]))
    np.minimum(window + np.float32(thick) * plate, np.float32(1.0), out=window)
    white = np.float32(np.clip(rng.normal(1.0, 0.06), 0.6, 1.0))
    np.add(window, np.maximum(white - window, np.float32(0)) * letters, out=window)


def _drawn(text: str, height: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Letters and plate, float32 0-1, turned as the marker happens to lie; sometimes seen from its back."""
    size = height * SUPER
    side = int(size * (3.2 + 0.7 * len(text)))
    letters = np.zeros((side, side), np.uint8)
    plate = np.zeros((side, side), np.float32)
    box = _spell(letters, text, size, rng)
    if len(text) > 1 or rng.random() < 0.7:
        _plate(plate, box, size, rng)
    angle = float(rng.normal(0, 8) if rng.random() < 0.9 else rng.uniform(0, 360))
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1.0 / SUPER)
    small = side // SUPER
    turn[:, 2] = turn[:, 2] + np.array([small / 2 - side / 2] * 2)
    # Lead is cast: its corners are round.
    blurred = [
        cv2.GaussianBlur(layer, (0, 0), 0.6 * SUPER) for layer in (letters.astype(np.float32) / 255, plate)
    ]
    blurred[0] = np.clip((blurred[0] - 0.5) * 1.6 + 0.5, 0, 1).astype(np.float32)
    out = [cv2.warpAffine(layer, turn, (small, small), flags=cv2.INTER_LINEAR) for layer in blurred]
    if rng.random() < 0.04:
        out = [np.ascontiguousarray(layer[:, ::-1]) for layer in out]
    rows = np.flatnonzero((out[0] + out[1]).max(axis=1) > 0.02)
    columns = np.flatnonzero((out[0] + out[1]).max(axis=0) > 0.02)
    part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    return np.asarray(out[0][part], np.float32), np.asarray(out[1][part], np.float32)


def _spell(
    letters: npt.NDArray[np.uint8], text: str, size: int, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Write the main letter, and the initials as a row or a column below it or a column beside it, close
    together as on the films' markers; the box they fill."""
    middle = letters.shape[0] / 2
    stroke = float(rng.uniform(0.17, 0.23))
    wide = _advance(text[0], size, stroke)
    x_low, y_low = middle - wide / 2, middle - 0.8 * size
    _letter(letters, text[0], (x_low, y_low), size, stroke, rng)
    box = [x_low, y_low, x_low + wide, y_low + size]
    small = size * float(rng.uniform(0.52, 0.68))
    way = rng.choice(["below", "down", "beside"], p=[0.66, 0.26, 0.08])
    if way == "down":
        small *= 0.85
    widths = [_advance(letter, small, 1.08 * stroke) for letter in text[1:]]
    gap = float(rng.uniform(0.06, 0.18)) * small
    x = middle - (sum(widths) + gap * (len(widths) - 1)) / 2 if way == "below" else x_low
    y = box[3] + float(rng.uniform(0.12, 0.24)) * size
    if way == "beside":
        x, y = box[2] + 0.1 * size, y_low - float(rng.uniform(-0.1, 0.4)) * size
    for letter, own in zip(text[1:], widths, strict=True):
        left = x if way == "below" else middle - own / 2 if way == "down" else x
        jitter = rng.normal(0, 0.015, 2) * size
        _letter(letters, letter, (left + jitter[0], y + jitter[1]), small, 1.08 * stroke, rng)
        box = [min(box[0], left), min(box[1], y), max(box[2], left + own), max(box[3], y + small)]
        x, y = (x + own + gap, y) if way == "below" else (x, y + small + gap + 0.08 * small)
    return box[0], box[1], box[2], box[3]


def _advance(letter: str, height: float, stroke: float) -> float:
    """How wide a letter is, pixels."""
    wide = max(float(line[:, 0].max()) for line in strokes(letter))
    return (wide * (1 - stroke) + stroke) * height


def _letter(
    canvas: npt.NDArray[np.uint8], letter: str, at: tuple[float, float], height: float, stroke: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """One letter with its upper left corner at ``at``, a little askew; strokes are ``stroke`` of its height,
    those that lie flat a little thinner, and end flush with its top and foot, as cast type does."""
    thick = max(1.0, stroke * height)
    turn = rotation(float(rng.normal(0, 1.5)))
    wide = _advance(letter, height, stroke)
    edge = max(int(thick), 2)
    own = np.zeros((int(height + 2 * edge) + 2, int(wide + 2 * edge) + 2), np.uint8)
    for line in strokes(letter):
        _stroke(own, edge + thick / 2 + line * (height - thick), thick)
    own[:edge] = own[edge + round(height) :] = own[:, :edge] = own[:, edge + round(wide) :] = 0
    spin = np.hstack([turn, np.asarray(at)[:, None] - turn @ np.full((2, 1), float(edge))])
    laid = cv2.warpAffine(own, spin, canvas.shape[::-1], flags=cv2.INTER_LINEAR)
    np.maximum(canvas, laid, out=canvas)


def _stroke(canvas: npt.NDArray[np.uint8], points: Line, thick: float) -> None:
    """A stroke along ``points`` with square ends that reach half its width further."""
    for number, (a, b) in enumerate(pairwise(points)):
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        # Flat strokes are thinner (0.9, ours).
        half = 0.5 * thick * (1 - 0.1 * abs(along[0]))
        off = half * np.array([-along[1], along[0]])
        first, last = number == 0, number == len(points) - 2
        # Slanting strokes go on until the letter's top or foot cuts them.
        reach = 0.5 * thick * (1 + min(abs(along[0]), abs(along[1])))
        start, end = a - reach * first * along, b + reach * last * along
        corners = np.array([start + off, end + off, end - off, start - off])
        cv2.fillPoly(canvas, [np.round(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        if not last:
            cv2.circle(
                canvas, tuple(int(v) for v in np.round(b * 16)), round(half * 16), 255, -1, cv2.LINE_AA, 4
            )


def _plate(
    plate: FloatArray, box: tuple[float, float, float, float], size: int, rng: np.random.Generator
) -> None:
    """The plastic that carries the letters: an upright card with a hole or a slot at its head, often with
    thicker sides, cut shoulders, or a strip of tape across it."""
    pad = size * float(rng.uniform(0.18, 0.42))
    head = size * float(rng.choice([rng.uniform(0.1, 0.3), rng.uniform(0.5, 0.95)], p=[0.25, 0.75]))
    low = (round(box[0] - pad), round(box[1] - head))
    high = (round(box[2] + pad), round(box[3] + pad * float(rng.uniform(0.5, 1.1))))
    _card(plate, low, high, int(float(rng.uniform(0.03, 0.14)) * size), 1.0)
    if rng.random() < 0.3:
        _shoulders(plate, low, high, float(rng.uniform(0.12, 0.3)) * size)
    rim = max(2, int(size * rng.uniform(0.06, 0.13)))
    if rng.random() < 0.45:
        inside = plate[max(low[1], 0) : high[1], low[0] + rim : high[0] - rim]
        inside *= np.float32(rng.uniform(0.5, 0.8))
    if head > 0.45 * size:
        _hole(plate, ((low[0] + high[0]) // 2, round(low[1] + 0.42 * head)), size, head, rng)
    if rng.random() < 0.2:
        side = int(0.12 * size)
        y = round(box[1] + float(rng.uniform(-0.2, 0.6)) * size)
        tape = plate[y : high[1] - 2, max(low[0] - side, 0) : high[0] + side]
        tape += np.float32(rng.uniform(0.2, 0.5))


def _hole(plate: FloatArray, at: tuple[int, int], size: int, head: float, rng: np.random.Generator) -> None:
    """A round hole or a slot in the head of a card."""
    if rng.random() < 0.55:
        cv2.circle(plate, at, round(float(rng.uniform(0.10, 0.16)) * size), 0.1, -1, cv2.LINE_AA)
        return
    half, tall = round(float(rng.uniform(0.28, 0.42)) * size), round(0.16 * head)
    _card(plate, (at[0] - half, at[1] - tall), (at[0] + half, at[1] + tall), max(tall // 2, 1), 0.1)


def _shoulders(plate: FloatArray, low: tuple[int, int], high: tuple[int, int], cut: float) -> None:
    """Cut the upper corners of a card off."""
    off = round(cut)
    for x, way in ((low[0], 1), (high[0], -1)):
        corner = [(x, low[1]), (x + way * off // 3, low[1]), (x, low[1] + off)]
        cv2.fillPoly(plate, [np.array(corner, np.int32)], 0.0)


def _card(plate: FloatArray, low: tuple[int, int], high: tuple[int, int], corner: int, level: float) -> None:
    """A filled rectangle with rounded corners."""
    cv2.rectangle(plate, (low[0] + corner, low[1]), (high[0] - corner, high[1]), level, -1)
    cv2.rectangle(plate, (low[0], low[1] + corner), (high[0], high[1] - corner), level, -1)
    for x in (low[0] + corner, high[0] - corner):
        for y in (low[1] + corner, high[1] - corner):
            cv2.circle(plate, (x, y), corner, level, -1)
