"""Fit the margin's network: bone ends placed as the search errs, their greys drawn anew at every step."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor, nn

from rickets_rx.segment.margin_crop import COLUMNS, DISTAL, PITCH, ROWS
from rickets_rx.segment.network import as_input
from rickets_rx.segment.training.appearance import randomise
from rickets_rx.segment.training.fit import Loss, learn
from rickets_rx.segment.training.margin_ends import KEPT_COLUMNS, KEPT_DISTAL, KEPT_PITCH, STATIONS, Ends
from rickets_rx.segment.training.margin_net import MarginNet

Array = npt.NDArray[np.float32]
BATCH = 16
USUAL, FAR, FAR_SHARE = 0.025, 0.07, 0.25
"""Standard deviations, widths, by which each corner of the frame errs, usually and in a share of the draws
(ours: the search errs by 0.02-0.03 and has long tails)."""
SHARP, CORNER = 0.9, 1.0
"""Standard deviation of the targets: rows of a line, cells of a corner."""
FINEST = 1.5
"""Stations over which a margin is smoothed: teeth finer than a column are not to be learned (ours)."""


def sample(ends: Ends, index: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """One picture (2, 64, 96), its lines as fractional rows (2, 48), NaN where there is none, and its corners
    as fractional cells (2, 2).
    """
    mirrored = rng.random() < 0.5
    spread = FAR if rng.random() < FAR_SHARE else USUAL
    corners = np.array([[-0.5, 0.0], [0.5, 0.0]]) + rng.normal(0, spread, (2, 2))
    chord = corners[1] - corners[0]
    matrix = _to_film(corners.mean(0), chord, mirrored)
    lines = _lines(ends, index, matrix)
    picture = _picture(ends.pictures[index], matrix, rng)
    placed = _apply(np.linalg.inv(matrix), np.array([[-0.5, 0.0], [0.5, 0.0]]))
    placed = placed[::-1] if mirrored else placed
    cells = np.stack([_column(placed[:, 0]) / 2 - 0.25, _row(placed[:, 1]) / 2 - 0.25], 1)
    return as_input(picture), lines, cells.astype(np.float32)


def _to_film(
    middle: npt.NDArray[np.float64], chord: npt.NDArray[np.float64], mirrored: bool
) -> npt.NDArray[np.float64]:
    """3 x 3 matrix from places in the seen frame to those of the true one (across, along; widths)."""
    width = float(np.hypot(*chord))
    across = chord / width
    along = np.array([-across[1], across[0]])
    turn = np.stack([-across if mirrored else across, along], 1) * width
    return np.block([[turn, middle[:, None]], [np.zeros((1, 2)), np.ones((1, 1))]])


def _apply(matrix: npt.NDArray[np.floating], points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])


def _column(across: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return across / PITCH + (COLUMNS - 1) / 2


def _row(along: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return (DISTAL - along) / PITCH - 0.5


def _lines(ends: Ends, index: int, matrix: npt.NDArray[np.float64]) -> Array:
    """Both lines as the seen frame has them, at the middles of pairs of columns."""
    back, at = np.linalg.inv(matrix), 2 * np.arange(COLUMNS // 2) + 0.5
    found = []
    for heights, blur in ((ends.margin[index], FINEST), (ends.epiphysis[index], 0.0)):
        known = np.isfinite(heights)
        line = np.full(len(at), np.nan)
        if known.sum() > 4:
            h = np.interp(STATIONS, STATIONS[known], heights[known])
            h = (gaussian_filter1d(h, blur) if blur else h)[known]
            points = _apply(back, np.stack([STATIONS[known] / 2, h], 1))
            order = np.argsort(points[:, 0], kind="stable")
            columns = _column(points[order, 0])
            line = np.interp(at, columns, _row(points[order, 1]), left=np.nan, right=np.nan)
            line[_between(at, columns)] = np.nan
        found.append(np.where((line >= 0) & (line <= ROWS - 1), line, np.nan))
    return np.asarray(found, np.float32)


def _between(at: npt.NDArray[np.floating], columns: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Whether each place lies in a stretch without stations: three times their usual step or more (ours)."""
    steps = np.diff(columns)
    after = np.clip(np.searchsorted(columns, at), 1, len(columns) - 1)
    return np.asarray(steps[after - 1] > 3 * np.median(steps))


def _picture(
    kept: npt.NDArray[np.float16], matrix: npt.NDArray[np.float64], rng: np.random.Generator
) -> Array:
    """The picture as the seen frame shows it, its greys drawn anew."""
    spare = (COLUMNS - ROWS) // 2
    to_place = np.array(
        [[PITCH, 0, -PITCH * (COLUMNS - 1) / 2], [0, -PITCH, DISTAL - PITCH * (0.5 - spare)], [0, 0, 1]]
    )
    to_kept = np.array(
        [[1 / KEPT_PITCH, 0, (KEPT_COLUMNS - 1) / 2], [0, -1 / KEPT_PITCH, KEPT_DISTAL / KEPT_PITCH - 0.5],
         [0, 0, 1]]
    )  # fmt: skip
    whole = (to_kept @ matrix @ to_place)[:2]
    square = cv2.warpAffine(
        kept.astype(np.float32), whole, (COLUMNS, COLUMNS), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return randomise(np.asarray(square, np.float32), rng, overlays=rng.random() < 0.25)[spare:-spare]


def batch_loss(
    net: nn.Module, samples: list[tuple[Array, Array, Array]], *, half: bool
) -> tuple[Tensor, dict[str, float]]:
    """Cross entropy of rows and corners, and how far their means lie off (widths); and the parts."""
    x = torch.from_numpy(np.stack([s[0] for s in samples])).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        answers = net(x)
    lines, corners = (answer.float() for answer in answers)
    wanted = torch.from_numpy(np.stack([s[1] for s in samples]))
    known = torch.isfinite(wanted)
    wanted = torch.nan_to_num(wanted)
    rows = torch.arange(ROWS, dtype=torch.float32)
    target = torch.exp(-0.5 * ((rows[None, None, :, None] - wanted[:, :, None]) / SHARP) ** 2)
    target = target / target.sum(2, keepdim=True)
    weight = known.float() * torch.tensor([1.0, 0.3])[None, :, None]
    scale = weight.sum().clamp(min=1)
    entropy = (-(target * lines.log_softmax(2)).sum(2) * weight).sum() / scale
    mean = (lines.softmax(2) * rows[None, None, :, None]).sum(2)
    off = (nn.functional.smooth_l1_loss(mean, wanted, reduction="none", beta=0.5) * weight).sum() / scale
    places = torch.from_numpy(np.stack([s[2] for s in samples]))
    at_corner, corner_off = _corner_loss(corners, places)
    total = entropy + 0.5 * off + 0.5 * at_corner + 1.0 * corner_off
    parts = {"rows": entropy, "off": off * PITCH, "corner": at_corner, "corner off": corner_off * 2 * PITCH}
    return total, {name: float(part.detach()) for name, part in parts.items()}


def _corner_loss(corners: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    high, wide = corners.shape[2:]
    x, y = torch.arange(wide, dtype=torch.float32), torch.arange(high, dtype=torch.float32)
    gx = torch.exp(-0.5 * ((x - places[..., :1]) / CORNER) ** 2)
    gy = torch.exp(-0.5 * ((y - places[..., 1:]) / CORNER) ** 2)
    target = (gy[..., :, None] * gx[..., None, :]).flatten(2)
    inside = (target.sum(2) > 0.5).float()
    target = target / target.sum(2, keepdim=True).clamp(min=1e-6)
    flat = corners.flatten(2)
    scale = inside.sum().clamp(min=1)
    entropy = (-(target * flat.log_softmax(2)).sum(2) * inside).sum() / scale
    share = flat.softmax(2).reshape(corners.shape)
    mean = torch.stack([(share.sum(2) * x).sum(2), (share.sum(3) * y).sum(2)], 2)
    off = nn.functional.smooth_l1_loss(mean, places, reduction="none", beta=0.25).sum(2)
    return entropy, (off * inside).sum() / scale


def fit(
    ends: Ends, *, seed: int = 0, steps: int = 6000, rate: float = 3e-3, half: bool = False,
    odds: npt.NDArray[np.float64] | None = None, out: Path | None = None,
) -> MarginNet:  # fmt: skip
    """Train a network from nothing and return the running average of its weights.

    Parameters
    ----------
    ends : Ends
    seed : int
    steps : int
        Batches of 16 ends.
    rate : float
        Highest learning rate; it warms up over 5 % of the steps and falls as a cosine.
    half : bool
        Compute in bfloat16.
    odds : ndarray of shape (n,), optional
        Chance of each end; alike where not given.
    out : Path, optional
        Folder for the checkpoint ``margin.pt``.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def loss_of(net: nn.Module) -> Loss:
        chosen = rng.choice(len(ends), BATCH, p=odds)
        return batch_loss(net, [sample(ends, int(i), rng) for i in chosen], half=half)

    saved = None if out is None else out / "margin.pt"
    return learn(MarginNet(), loss_of, name="margin", steps=steps, rate=rate, keep=0.995, saved=saved)
