"""A large picture made smaller by a whole factor, which takes a fraction of the time of any other factor."""

import numpy as np

from rickets_rx.radiograph import FloatImage


def coarser(pixels: FloatImage, least: int) -> tuple[FloatImage, int]:
    """Means of squares of pixels, as large as leave the longer side ``least`` pixels at least.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
    least : int
        Pixels, at least 1.

    Returns
    -------
    coarse : ndarray, float32
        ``pixels`` itself where it is shorter than two times ``least``. Rows and columns that fill no square
        are left out at the lower and right edge.
    step : int
        Side of the squares: pixel (x, y) of ``coarse`` lies at ``step * x + (step - 1) / 2`` of ``pixels``.
    """
    import cv2

    step = max(pixels.shape) // least
    rows, columns = (edge // max(step, 1) for edge in pixels.shape)
    if step < 2 or min(rows, columns) < 1:
        return pixels, 1
    whole = pixels[: rows * step, : columns * step]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32), step
