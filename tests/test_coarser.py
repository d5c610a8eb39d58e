"""Whole factors: means of squares, and where their pixels lie."""

import numpy as np
import pytest

from rickets_rx.coarser import coarser


def test_squares_of_pixels_become_their_mean() -> None:
    # Each square of 3 x 3 holds a slope of 1 a column and 10 a row: its mean is its middle pixel.
    pixels = np.add.outer(10.0 * np.arange(8), np.arange(10)).astype(np.float32)
    coarse, step = coarser(pixels, 3)
    assert step == 3
    # The last two rows and the last column fill no square.
    assert coarse.tolist() == pytest.approx(np.array([[11, 14, 17], [41, 44, 47]]))
    assert coarse.dtype == np.float32


@pytest.mark.parametrize(("shape", "least"), [((40, 59), 30), ((1, 900), 30), ((5, 5), 30)])
def test_a_picture_of_less_than_twice_the_least_or_a_strip_is_left_alone(
    shape: tuple[int, int], least: int
) -> None:
    pixels = np.zeros(shape, np.float32)
    assert coarser(pixels, least)[0] is pixels
    assert coarser(pixels, least)[1] == 1


def test_a_bright_pixel_is_found_where_the_step_says() -> None:
    pixels = np.zeros((120, 90), np.float32)
    pixels[62, 27] = 1
    coarse, step = coarser(pixels, 20)
    y, x = np.unravel_index(int(np.argmax(coarse)), coarse.shape)
    assert step == 6
    assert abs(step * x + (step - 1) / 2 - 27) <= step / 2
    assert abs(step * y + (step - 1) / 2 - 62) <= step / 2
