"""What the margin's network is taught."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rickets_rx.segment.training import margin_fit  # noqa: E402
from rickets_rx.segment.training.margin_ends import (  # noqa: E402
    KEPT_COLUMNS,
    KEPT_DISTAL,
    KEPT_PITCH,
    KEPT_ROWS,
    STATIONS,
    Ends,
    draw_ends,
)
from rickets_rx.segment.training.margin_net import MarginNet  # noqa: E402

HEIGHT = 0.1


def flat_end(height=HEIGHT):
    """One end 0.1 widths over its chord: bright up to there, dark beyond."""
    u = KEPT_DISTAL - KEPT_PITCH * (np.arange(KEPT_ROWS) + 0.5)
    picture = np.repeat((u < height)[:, None], KEPT_COLUMNS, 1).astype(np.float16)
    line = np.full((1, len(STATIONS)), height, np.float32)
    nothing = np.full_like(line, np.nan)
    return Ends(picture[None], line, nothing)


def test_lines_are_taught_where_the_frame_that_errs_shows_them():
    """Seen from a frame 0.05 widths further out and 1.25 times as wide: (0.1 - 0.05) / 1.25 = 0.04."""
    matrix = margin_fit._to_film(np.array([0.0, 0.05]), np.array([1.25, 0.0]), False)
    margin, epiphysis = margin_fit._lines(flat_end(), 0, matrix)
    assert np.isnan(epiphysis).all()
    # The bone reaches over 1 / 1.25 / 2 = 0.4 widths to either side of the middle.
    across = (2 * np.arange(48) + 0.5 - 47.5) / 64
    assert np.isfinite(margin).tolist() == (np.abs(across) <= 0.4).tolist()
    assert margin[np.isfinite(margin)] == pytest.approx((0.45 - 0.04) * 64 - 0.5, abs=1e-4)


def test_a_stretch_without_an_edge_is_not_taught():
    """Stations 25-39 of 65, v from -0.22 to 0.22: of the width, what lies between -0.125 and 0.125."""
    end = flat_end()
    end.margin[0, 25:40] = np.nan
    margin = margin_fit._lines(end, 0, np.eye(3))[0]
    across = (2 * np.arange(48) + 0.5 - 47.5) / 64
    assert np.isfinite(margin).tolist() == ((np.abs(across) > 0.125) & (np.abs(across) <= 0.5)).tolist()


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_picture_and_its_line_agree(mirrored, monkeypatch):
    monkeypatch.setattr(margin_fit, "randomise", lambda image, rng, overlays: image)
    end = flat_end()
    matrix = margin_fit._to_film(np.array([0.02, -0.03]), np.array([1.1, 0.15]), mirrored)
    picture = margin_fit._picture(end.pictures[0], matrix, np.random.default_rng(0))
    margin = margin_fit._lines(end, 0, matrix)[0]
    for column in np.flatnonzero(np.isfinite(margin)):
        first = int(np.argmax(picture[:, 2 * column] > 0.5))
        assert abs(first - 0.5 - margin[column]) < 1.0


def test_corners_are_cells_of_their_own_side_also_when_mirrored(monkeypatch):
    monkeypatch.setattr(margin_fit, "randomise", lambda image, rng, overlays: image)
    monkeypatch.setattr(margin_fit, "USUAL", 0.0)
    monkeypatch.setattr(margin_fit, "FAR", 0.0)
    rng = np.random.default_rng(3)
    for _ in range(8):
        cells = margin_fit.sample(flat_end(), 0, rng)[2]
        # 0.5 widths are 32 columns or 16 cells from the middle (23.5); 0.45 widths above are 28.8 rows.
        assert cells == pytest.approx(np.array([[7.5, 14.4 - 0.5], [39.5, 14.4 - 0.5]]), abs=1e-4)


def test_even_and_odd_rows_of_a_line_come_from_channels_of_their_own():
    net = MarginNet().eval()
    with torch.no_grad():
        net.head.weight.zero_()
        net.head.bias.copy_(torch.arange(1.0, 7.0))
        lines, corners = net(torch.zeros(1, 2, 64, 96))
    assert lines.shape == (1, 2, 64, 48)
    assert corners.shape == (1, 2, 32, 48)
    assert (lines[0, 0, 0::2] == 1).all() and (lines[0, 0, 1::2] == 2).all()
    assert (lines[0, 1, 0::2] == 3).all() and (lines[0, 1, 1::2] == 4).all()
    assert (corners[0, 0] == 5).all() and (corners[0, 1] == 6).all()


def test_the_loss_is_least_where_the_answer_is_right():
    picture, lines, cells = margin_fit.sample(flat_end(), 0, np.random.default_rng(0))

    class Says(torch.nn.Module):
        def __init__(self, rows_off):
            super().__init__()
            self.rows_off = rows_off

        def forward(self, x):
            at = torch.from_numpy(np.nan_to_num(lines))[None] + self.rows_off
            rows = torch.arange(64.0)[None, None, :, None]
            y, z = torch.arange(32.0)[:, None], torch.arange(48.0)[None]
            spots = [-0.5 * ((y - c[1]) ** 2 + (z - c[0]) ** 2) for c in cells]
            return -0.5 * (rows - at[:, :, None]) ** 2, torch.stack(spots)[None]

    losses = [
        float(margin_fit.batch_loss(Says(o), [(picture, lines, cells)], half=False)[0]) for o in (0, 1, 3)
    ]
    assert losses[0] < losses[1] < losses[2]


def test_drawn_ends_know_their_margin_and_repeat():
    ends, again = draw_ends(3, 98), draw_ends(3, 98)
    assert len(ends) > 2
    assert np.array_equal(ends.pictures, again.pictures)
    assert np.array_equal(ends.margin, again.margin)
    assert (np.abs(ends.margin[:, [0, -1]]) < 0.02).all()
