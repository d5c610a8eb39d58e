"""Places text boxes beside the bones they speak of, on empty film where there is some."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.report.canvas import Box, Canvas, Points, text_size, wrap
from rickets_rx.report.palette import GREY, Colour

PADDING = 6
TITLE_SIZE, LINE_SIZE = 14, 12
# The leader line ends this many pixels before a corner, so that it never touches the margin.
LEADER_STOPS = 8.0
# Brighter than bone is shown: side markers, which must stay readable (ours).
_MARKER = 240


@dataclass(frozen=True, eq=False)
class Label:
    """A title with lines under it that belongs to a place on the canvas.

    Parameters
    ----------
    title : str
    lines : tuple of str
    colour : Colour
        Of the title.
    anchors : ndarray of shape (n, 2)
        Canvas pixels; the leader line runs to the one nearest to the box.
    about : Box
        The bone end, which no label may cover.
    """

    title: str
    lines: tuple[str, ...]
    colour: Colour
    anchors: Points
    about: Box

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the box, pixels."""
        widths = [text_size(self.title, TITLE_SIZE, bold=True)[0]]
        widths += [text_size(line, LINE_SIZE)[0] for line in self.lines]
        height = text_size(self.title, TITLE_SIZE)[1] + len(self.lines) * text_size("x", LINE_SIZE)[1]
        return max(widths) + 2 * PADDING, height + 2 * PADDING


def wrapped(lines: list[str], width: float) -> tuple[str, ...]:
    """Lines of a label broken to ``width`` pixels."""
    return tuple(part for line in lines for part in wrap(line, width, LINE_SIZE))


def place(canvas: Canvas, labels: list[Label], keep_out: list[Box]) -> list[Box]:
    """Choose a box for every label: inside the canvas, off the bones, near its bone, over dark film.

    Parameters
    ----------
    canvas : Canvas
        The film as shown so far; its brightness steers the labels onto empty film.
    labels : list of Label
    keep_out : list of Box
        Further places that must stay free.

    Returns
    -------
    list of Box
        In the order of ``labels``.
    """
    grey = cv2.cvtColor(canvas.rgb, cv2.COLOR_RGB2GRAY)
    sums = cv2.integral(grey), cv2.integral((grey > _MARKER).astype(np.uint8))
    blocked = [*keep_out, *(label.about for label in labels)]
    boxes: list[Box] = []
    for label in labels:
        grid = _candidates(canvas, label)
        best = grid[int(np.argmin(_costs(grid, label, sums, [*blocked, *boxes])))]
        boxes.append(Box(*best.tolist()))
    return boxes


def _candidates(canvas: Canvas, label: Label, step: int = 14) -> npt.NDArray[np.float64]:
    """Boxes on a grid, shape (n, 4): left, top, right, bottom."""
    width, height = label.size
    lefts = np.arange(4, max(canvas.width - width - 3, 5), step)
    tops = np.arange(4, max(canvas.height - height - 3, 5), step)
    top, left = (grid.ravel() for grid in np.meshgrid(tops, lefts, indexing="ij"))
    return np.stack([left, top, left + width, top + height], axis=1).astype(float)


def _costs(
    grid: npt.NDArray[np.float64], label: Label, sums: tuple[np.ndarray, np.ndarray], blocked: list[Box]
) -> npt.NDArray[np.float64]:
    """Pixels of distance, with brightness and everything covered turned into pixels (ours)."""
    left, top, right, bottom = grid.T
    covered = np.zeros(len(grid))
    for box in blocked:
        wide = np.minimum(right, box.right) - np.maximum(left, box.left)
        high = np.minimum(bottom, box.bottom) - np.maximum(top, box.top)
        covered += np.clip(wide, 0, None) * np.clip(high, 0, None)
    brightness, markers = (_inside(grid, table) for table in sums)
    mean = brightness / np.maximum((right - left) * (bottom - top), 1)
    edges = np.clip(label.anchors[None], grid[:, None, :2], grid[:, None, 2:])
    away = np.hypot(*np.moveaxis(edges - label.anchors, -1, 0)).min(axis=1)
    return np.asarray(away + 1.5 * mean + covered + markers)


def _inside(grid: npt.NDArray[np.float64], table: np.ndarray) -> npt.NDArray[np.float64]:
    """Sums under boxes from an integral image."""
    rows, columns = table.shape
    left, top, right, bottom = np.minimum(
        grid.astype(int).T, np.array([[columns], [rows], [columns], [rows]]) - 1
    )
    total = table[bottom, right].astype(float) - table[top, right] - table[bottom, left] + table[top, left]
    return np.asarray(total)


def leader(label: Label, box: Box) -> tuple[Points, Points]:
    """From the edge of the box to the anchor nearest to it."""
    edges = np.clip(label.anchors, (box.left, box.top), (box.right, box.bottom))
    nearest = int(np.argmin(np.hypot(*(edges - label.anchors).T)))
    return edges[nearest], label.anchors[nearest]


def draw_label(canvas: Canvas, label: Label, box: Box) -> None:
    """Draw the box, its text, and a leader line from its nearest edge to the anchor."""
    start, end = leader(label, box)
    length = float(np.hypot(*(end - start)))
    if length > LEADER_STOPS:
        canvas.line(np.stack([start, end + (start - end) * (LEADER_STOPS / length)]), GREY)
    canvas.shade(box)
    y = box.top + PADDING
    canvas.text(box.left + PADDING, y, label.title, label.colour, size=TITLE_SIZE, bold=True)
    y += text_size(label.title, TITLE_SIZE)[1]
    for line in label.lines:
        canvas.text(box.left + PADDING, y, line, Colour(228, 230, 232), size=LINE_SIZE)
        y += text_size(line, LINE_SIZE)[1]
