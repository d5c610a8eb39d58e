"""A film as a drawing board: antialiased sub-pixel lines, text in boxes, and a safe way to a file."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.io.atomic import atomic_write
from rickets_rx.report.palette import INK, Colour

RGB = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

# cv2 draws at 1/16 of a pixel with this many fractional bits.
_SHIFT = 4


@lru_cache(maxsize=32)
def _font(size: int, bold: bool = False) -> Any:
    """DejaVu Sans, which matplotlib carries, so that no font of the machine is needed."""
    import matplotlib
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas, pixels: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Area shared with another box, square pixels."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)

    def grown(self, by: float) -> "Box":
        """The box with ``by`` pixels more on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    @staticmethod
    def around(points: Points) -> "Box":
        """Bounding box of points of shape (n, 2)."""
        low, high = points.min(axis=0), points.max(axis=0)
        return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


class Canvas:
    """An RGB picture of shape (rows, columns, 3), uint8, that is drawn on in place.

    Points are (x, y) in canvas pixels, pixel centres at integers.
    """

    def __init__(self, rgb: RGB) -> None:
        self.rgb: RGB = np.ascontiguousarray(rgb, dtype=np.uint8)

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    def line(self, points: Points, colour: Colour, *, thickness: int = 1, closed: bool = False) -> None:
        """Antialiased polyline through points of shape (n, 2), sub-pixel."""
        fixed = np.round(np.asarray(points, float) * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(self.rgb, [fixed[:, None, :]], closed, tuple(colour), thickness, cv2.LINE_AA, _SHIFT)

    def dashed(self, points: Points, colour: Colour, *, dash: float = 5.0, thickness: int = 1) -> None:
        """Polyline of dashes and gaps, both ``dash`` pixels long."""
        points = np.asarray(points, float)
        step = np.hypot(*np.diff(points, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(step)])
        for start in np.arange(0, along[-1], 2 * dash):
            inner = along[(along > start) & (along < start + dash)]
            at = np.concatenate([[start], inner, [min(start + dash, along[-1])]])
            xy = np.stack([np.interp(at, along, points[:, k]) for k in (0, 1)], axis=1)
            self.line(xy, colour, thickness=thickness)

    def ring(self, centre: Points, radius: float, colour: Colour) -> None:
        """Open circle around one point (x, y)."""
        x, y = np.round(np.asarray(centre, float) * (1 << _SHIFT)).astype(int)
        cv2.circle(
            self.rgb, (int(x), int(y)), round(radius * (1 << _SHIFT)), tuple(colour), 1, cv2.LINE_AA, _SHIFT
        )

    def shade(self, box: Box, colour: Colour = INK, opacity: float = 0.78) -> None:
        """Lay a translucent rectangle over the picture."""
        left, top = max(round(box.left), 0), max(round(box.top), 0)
        part = self.rgb[top : round(box.bottom), left : round(box.right)]
        part[:] = np.round(part * (1 - opacity) + np.asarray(colour) * opacity)

    def text(
        self, x: float, y: float, text: str, colour: Colour, *, size: int = 14, bold: bool = False
    ) -> None:
        """One line of text whose upper left corner is (x, y)."""
        from PIL import Image, ImageDraw

        # Only the part under the text goes through Pillow, which copies what it is given.
        left, top = max(int(x), 0), max(int(y), 0)
        wide, high = text_size(text, size, bold)
        part = self.rgb[top : top + high + 2, left : left + wide + 3]
        if not part.size:
            return
        picture = Image.fromarray(part)
        ImageDraw.Draw(picture).text((x - left, y - top), text, fill=tuple(colour), font=_font(size, bold))
        part[:] = np.asarray(picture)


def text_size(text: str, size: int, bold: bool = False) -> tuple[int, int]:
    """Width of a line of text and its line height, pixels."""
    return int(np.ceil(_font(size, bold).getlength(text))), round(size * 1.32)


def wrap(text: str, width: float, size: int) -> list[str]:
    """Break ``text`` at spaces so that each line is at most ``width`` pixels wide."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_size(longer, size)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def save_png(path: Path, rgb: RGB) -> None:
    """Write an RGB picture as PNG, whole or not at all.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    rgb : ndarray of shape (rows, columns, 3), uint8
    """
    done, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    if not done:
        raise ValueError(f"{path.name}: the picture of shape {rgb.shape} cannot be written as PNG")
    with atomic_write(path) as stream:
        stream.write(data.tobytes())
