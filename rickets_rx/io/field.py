"""The part of a film that the beam reached, collimator frames and scanned margins cut away (rules ours)."""

import cv2
import numpy as np

from rickets_rx.radiograph import FloatImage

#: Gradient (share of the grey range per pixel) up to which a frame is even.
_FRAME_FLATNESS = 0.01

#: The field fills this share of its smallest rectangle, and that rectangle this share of the film.
_RECTANGLE_FILL, _RECTANGLE_SHARE = 0.94, (0.15, 0.93)

#: Pixels taken off inside a cut, where the penumbra lies, for films of some 300 pixels.
_INSET = 5

#: An upright frame edge: gradient (share of the grey range per pixel), share of the line that agrees in sign,
#: and how far in from the border it may lie (share of the edge).
_EDGE_GRADIENT, _EDGE_SHARE, _EDGE_DEPTH = 0.015, 0.93, 0.3

#: Pixels a side below which nothing is cut (ours).
_SMALLEST = 48

Rectangle = tuple[tuple[float, float], tuple[float, float], float]


def inside_field(grey: FloatImage) -> FloatImage:
    """Cut a film to its field: first a turned rectangle in an even frame, then edges parallel to the border.

    Neither step looks at whether the frame is brighter or darker than the film.

    Parameters
    ----------
    grey : ndarray of shape (rows, columns), float32
        0 to 1, some 300 pixels a side.

    Returns
    -------
    ndarray, float32
        The film itself where no frame was seen.
    """
    found = _rectangle(grey)
    field = grey if found is None else _set_upright(grey, found)
    rows, columns = _between_edges(field)
    return np.ascontiguousarray(field[rows, columns])


def upright_box(grey: FloatImage) -> tuple[slice, slice]:
    """Rows and columns that hold the field: the frame is cut off as far as an upright box can do it.

    Parameters
    ----------
    grey : ndarray of shape (rows, columns), float32
        As for `inside_field`.

    Returns
    -------
    tuple of slice
        Rows and columns; all of them where no frame was seen, or the picture is too small to look for one.
    """
    if min(grey.shape) < _SMALLEST:
        return slice(0, grey.shape[0]), slice(0, grey.shape[1])
    found = _rectangle(grey)
    left, top, right, bottom = 0, 0, *grey.shape[::-1]
    if found is not None:
        corners = cv2.boxPoints(found)
        (left, top), (right, bottom) = (
            np.clip(edge, 0, grey.shape[::-1]).astype(int).tolist()
            for edge in (corners.min(axis=0), corners.max(axis=0))
        )
    rows, columns = _between_edges(grey[top:bottom, left:right])
    return slice(top + rows.start, top + rows.stop), slice(left + columns.start, left + columns.stop)


def _set_upright(grey: FloatImage, rectangle: Rectangle) -> FloatImage:
    """What lies within a turned rectangle, turned back."""
    centre, (width, height), angle = rectangle
    columns, rows = int(width), int(height)
    turn = cv2.getRotationMatrix2D(centre, angle, 1)
    turn[:, 2] += np.array([columns / 2 - centre[0], rows / 2 - centre[1]])
    cut = cv2.warpAffine(grey, turn, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.float32)


def _rectangle(grey: FloatImage) -> Rectangle | None:
    """Centre, sides and angle of the turned rectangle within an even frame, `_INSET` further in."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    down, across = np.gradient(smooth)
    even = (cv2.magnitude(down, across) < _FRAME_FLATNESS).astype(np.uint8)
    _, labels = cv2.connectedComponents(even)
    touches = np.zeros(int(labels.max()) + 1, bool)
    for border in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        touches[border] = True
    touches[0] = False
    frame = touches[labels]
    field = cv2.morphologyEx((~frame).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(field, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    centre, (width, height), angle = cv2.minAreaRect(outline)
    smallest, largest = _RECTANGLE_SHARE
    if not smallest * grey.size <= width * height <= largest * grey.size:
        return None
    if cv2.contourArea(outline) < _RECTANGLE_FILL * width * height:
        return None
    width, height = (float(side) - 2 * _INSET for side in (width, height))
    if min(width, height) < _SMALLEST:
        return None
    return (float(centre[0]), float(centre[1])), (width, height), float(angle)


def _between_edges(grey: FloatImage) -> tuple[slice, slice]:
    """Rows and columns inside straight edges parallel to the border."""
    left, right = _upright_edges(grey)
    top, bottom = _upright_edges(np.ascontiguousarray(grey[:, left:right].T))
    return slice(top, bottom), slice(left, right)


def _upright_edges(grey: FloatImage) -> tuple[int, int]:
    """First and last + 1 column inside straight upright edges near the border."""
    rows, columns = grey.shape
    slope = np.gradient(cv2.GaussianBlur(grey, (0, 0), 1.5), axis=1)[rows // 6 : rows - rows // 6]
    agree = np.maximum((slope > _EDGE_GRADIENT).mean(axis=0), (slope < -_EDGE_GRADIENT).mean(axis=0))
    lines = np.flatnonzero(agree > _EDGE_SHARE)
    before, after = lines[lines < _EDGE_DEPTH * columns], lines[lines > (1 - _EDGE_DEPTH) * columns]
    # The blurred edge itself is about 3 pixels wide to either side.
    return (int(before.max()) + 3 if before.size else 0), (int(after.min()) - 3 if after.size else columns)
