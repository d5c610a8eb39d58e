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
    field = _inside_rectangle(grey)
    left, right = _upright_edges(field)
    top, bottom = _upright_edges(np.ascontiguousarray(field.T))
    return np.ascontiguousarray(field[top:bottom, left:right])


def field_box(grey: FloatImage) -> tuple[slice, slice]:
    """Rows and columns that hold the field: the frame is cut off as far as an upright box can do it.

    Parameters
    ----------
    grey : ndarray of shape (rows, columns), float32
        As for `inside_field`.

    Returns
    -------
    tuple of slice
        Rows and columns; all of them where no frame was seen.
    """
    top, bottom, left, right = 0, grey.shape[0], 0, grey.shape[1]
    found = _rectangle(grey)
    if found is not None:
        corners = cv2.boxPoints(found)
        (left, top), (right, bottom) = (
            np.clip(edge, 0, grey.shape[::-1]).astype(int).tolist()
            for edge in (corners.min(axis=0) + _INSET, corners.max(axis=0) - _INSET)
        )
    if min(bottom - top, right - left) < _SMALLEST:
        return slice(0, grey.shape[0]), slice(0, grey.shape[1])
    first, last = _upright_edges(grey[top:bottom, left:right])
    above, below = _upright_edges(np.ascontiguousarray(grey[top:bottom, left + first : left + last].T))
    return slice(top + above, top + below), slice(left + first, left + last)


def _inside_rectangle(grey: FloatImage) -> FloatImage:
    """The turned rectangle within an even frame, set upright; the film itself where there is none."""
    found = _rectangle(grey)
    if found is None:
        return grey
    centre, (width, height), angle = found
    columns, rows = int(width) - 2 * _INSET, int(height) - 2 * _INSET
    if min(columns, rows) < _SMALLEST:
        return grey
    turn = cv2.getRotationMatrix2D(centre, angle, 1)
    turn[:, 2] += np.array([columns / 2 - centre[0], rows / 2 - centre[1]])
    cut = cv2.warpAffine(grey, turn, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.float32)


def _rectangle(grey: FloatImage) -> Rectangle | None:
    """Centre, sides and angle of the turned rectangle within an even frame."""
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
    return (float(centre[0]), float(centre[1])), (float(width), float(height)), float(angle)


def _upright_edges(grey: FloatImage) -> tuple[int, int]:
    """First and last + 1 column inside straight upright edges near the border."""
    rows, columns = grey.shape
    slope = np.gradient(cv2.GaussianBlur(grey, (0, 0), 1.5), axis=1)[rows // 6 : rows - rows // 6]
    agree = np.maximum((slope > _EDGE_GRADIENT).mean(axis=0), (slope < -_EDGE_GRADIENT).mean(axis=0))
    lines = np.flatnonzero(agree > _EDGE_SHARE)
    before, after = lines[lines < _EDGE_DEPTH * columns], lines[lines > (1 - _EDGE_DEPTH) * columns]
    # The blurred edge itself is about 3 pixels wide to either side.
    return (int(before.max()) + 3 if before.size else 0), (int(after.min()) - 3 if after.size else columns)
