"""Two decoders of others, strict about every sum, read back what was written."""

import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from rickets_rx.io.label_png import label_png


def labels(rows: int, columns: int, *places: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((rows, columns), np.uint8)
    for number, (row, column) in enumerate(places, start=11):
        mask[row, column] = number
    return mask


@pytest.mark.parametrize(
    "mask",
    [
        labels(1, 1),
        labels(1, 1, (0, 0)),
        labels(7, 5),
        labels(7, 5, (0, 0), (6, 4)),
        labels(7, 5, (3, 2)),
        # More than a run of 2 ** 20 zeros before the labels, two and a bit after them.
        labels(3000, 1200, (900, 3), (1000, 1199)),
        np.random.default_rng(0).integers(0, 55, (300, 200), dtype=np.uint8),
    ],
)
def test_other_decoders_read_the_mask_back(mask: np.ndarray) -> None:
    data = label_png(mask)
    Image.open(io.BytesIO(data)).verify()  # sums of the chunks
    by_pillow = Image.open(io.BytesIO(data))
    assert (by_pillow.mode, by_pillow.size) == ("L", mask.shape[::-1])
    assert np.array_equal(np.asarray(by_pillow), mask)
    by_opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert by_opencv is not None and by_opencv.dtype == np.uint8 and np.array_equal(by_opencv, mask)
    # Pillow does not look at the sum inside the stream; zlib does. The stream begins after signature, IHDR
    # (25 bytes), length and name of IDAT, and ends before the sum of IDAT and IEND.
    rows = np.pad(mask, ((0, 0), (1, 0)))
    assert zlib.decompress(data[8 + 25 + 8 : -(4 + 12)]) == rows.tobytes()
