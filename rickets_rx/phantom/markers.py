"""Lead markers as departments use them: bare letters, or letters on plastic cards and discs."""

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.noise import FloatArray

SUPER = 3
"""Markers are drawn this much finer and shrunk, so that their strokes end in soft curves as on films."""


def draw_marker(
    film: FloatArray, text: str, occupied: npt.NDArray[np.bool_], spacing_mm: float, rng: np.random.Generator,
    within: float = 1.0,
) -> None:  # fmt: skip
    """Lay a lead marker (main letter 12-19 mm high) where no tissue is; nothing where there is no room.

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
    height = max(round(float(rng.uniform(12, 19)) / spacing_mm), 7)
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


def _lay(window: FloatArray, letters: FloatArray, plate: FloatArray, rng: np.random.Generator) -> None:
    """Plastic adds a little grey, lead comes out nearly white."""
    thick = float(rng.choice([0.0, rng.uniform(0.015, 0.06), rng.uniform(0.06, 0.14)], p=[0.2, 0.5, 0.3]))
    np.minimum(window + np.float32(thick) * plate, np.float32(1.0), out=window)
    white = np.float32(np.clip(rng.normal(0.97, 0.05), 0.6, 1.0))
    np.add(window, np.maximum(white - window, np.float32(0)) * letters, out=window)


def _drawn(text: str, height: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Letters and plate, float32 0-1, turned as the marker happens to lie; sometimes seen from its back."""
    size = height * SUPER
    side = int(size * (2.6 + 0.9 * len(text)))
    letters = np.zeros((side, side), np.uint8)
    plate = np.zeros((side, side), np.float32)
    box = _spell(letters, text, size, rng)
    if len(text) > 1 or rng.random() < 0.4:
        _plate(plate, box, size, rng)
    angle = float(rng.normal(0, 12) if rng.random() < 0.8 else rng.uniform(0, 360))
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1.0 / SUPER)
    small = side // SUPER
    turn[:, 2] = turn[:, 2] + np.array([small / 2 - side / 2] * 2)
    blurred = [
        cv2.GaussianBlur(layer, (0, 0), 0.5 * SUPER) for layer in (letters.astype(np.float32) / 255, plate)
    ]
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
    """Write the main letter and the initials below, beside or down from it; the box they fill."""
    side = letters.shape[0]
    middle = side / 2
    x_low, y_low = middle - 0.4 * size, middle - size
    face = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX], p=[0.8, 0.2]))
    stroke = float(rng.uniform(0.20, 0.29))
    _letter(letters, text[0], (x_low, y_low), size, face, stroke)
    x_high, y_high = x_low + 0.75 * size, y_low + size
    small = size * float(rng.uniform(0.5, 0.75))
    way = rng.choice(["below", "down", "beside"], p=[0.55, 0.3, 0.15])
    x = x_low - 0.2 * size if way == "below" else x_high + 0.15 * size if way == "beside" else x_low
    y = y_low + 0.3 * size if way == "beside" else y_high + 0.14 * size
    for letter in text[1:]:
        jitter = rng.normal(0, 0.04, 2) * size
        _letter(letters, letter, (x + jitter[0], y + jitter[1]), small, face, stroke * 1.3)
        x_high, y_high = max(x_high, x + 0.85 * small), max(y_high, y + small)
        x, y = (x, y + 1.08 * small) if way == "down" else (x + 0.76 * small, y)
    return x_low - 0.2 * size, y_low, x_high, y_high


def _letter(
    canvas: npt.NDArray[np.uint8],
    letter: str,
    at: tuple[float, float],
    height: float,
    face: int,
    stroke: float,
) -> None:
    """One letter with its upper left corner at ``at``; strokes are ``stroke`` of its height."""
    thick = max(1, round(stroke * height))
    scale = max(height - thick, 4) / 22.0
    place = (round(at[0] + thick / 2), round(at[1] + height - thick / 2))
    cv2.putText(canvas, letter, place, face, scale, 255, thick, cv2.LINE_AA)


def _plate(
    plate: FloatArray, box: tuple[float, float, float, float], size: int, rng: np.random.Generator
) -> None:
    """The plastic that carries the letters: a card with a hole and a thicker rim, or a disc."""
    pad = size * float(rng.uniform(0.12, 0.36))
    low = (round(box[0] - pad), round(box[1] - pad * float(rng.uniform(0.8, 2.0))))
    high = (round(box[2] + pad), round(box[3] + pad))
    middle = ((low[0] + high[0]) // 2, (low[1] + high[1]) // 2)
    if rng.random() < 0.08:
        cv2.circle(plate, middle, round(0.62 * max(high[0] - low[0], high[1] - low[1])), 1.0, -1)
        return
    corner = int(0.12 * size)
    _card(plate, low, high, corner, 1.0)
    rim = max(2, int(size * rng.uniform(0.02, 0.06)))
    if rng.random() < 0.35:
        inside = ((low[0] + rim, low[1] + rim), (high[0] - rim, high[1] - rim))
        _card(plate, *inside, corner, float(rng.uniform(0.4, 0.85)))
    if rng.random() < 0.4:
        cv2.circle(plate, (middle[0], low[1] + round(0.22 * size)), round(0.12 * size), 0.0, -1)


def _card(plate: FloatArray, low: tuple[int, int], high: tuple[int, int], corner: int, level: float) -> None:
    """A filled rectangle with rounded corners."""
    cv2.rectangle(plate, (low[0] + corner, low[1]), (high[0] - corner, high[1]), level, -1)
    cv2.rectangle(plate, (low[0], low[1] + corner), (high[0], high[1] - corner), level, -1)
    for x in (low[0] + corner, high[0] - corner):
        for y in (low[1] + corner, high[1] - corner):
            cv2.circle(plate, (x, y), corner, level, -1)
