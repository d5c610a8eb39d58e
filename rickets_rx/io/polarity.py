"""Whether bone is bright or dark on a film whose file does not say so, told from the picture alone.

The rule is ours and rests on physics, not on one joint. Where the beam meets nothing but air the picture is
flat, and where it meets tissue it has structure, so the flat side is the thin side: one vote looks for it in
the whole field, one on both sides of every strong edge. And limbs are thickest in the middle and run through
the middle of the field, so a third vote asks whether the middle is brighter than the rim. Frames are cut
away first.

Known limit: a limb whose sides are dead straight and parallel to the border is taken for a frame; then the
votes see bone and soft tissue only and are weak.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.coarser import coarser
from rickets_rx.io.field import inside_field
from rickets_rx.quantiles import normalised, quantile_of_sorted
from rickets_rx.radiograph import FloatImage

#: Longest edge, pixels, at which the picture is judged (ours): noise is gone, infant fingers remain.
_EDGE = 320

#: Share of the edge that is left out on every side (ours): film borders, labels.
_MARGIN = 1 / 12

#: Pixels from an edge within which its sides are compared, and the share of pixels that count as edge (ours).
_SIDES = range(4, 12, 2)
_EDGE_SHARE = 0.2

#: Evidence below which the answer is a guess (ours). Right answers on real films lay at 0.13 and above.
_SURE = 0.05

#: Steps of grey and of steepness that ranks tell apart (ours).
_LEVELS = 4096

#: Nothing is judged on fewer pixels a side (ours).
_SMALLEST = 48


@dataclass(frozen=True)
class PictureVote:
    """What the picture says of polarity.

    Parameters
    ----------
    evidence : float
        -1 to 1; positive speaks for bright bone. Turning the greys over flips its sign.
    sure : bool
        Whether it is clear of zero.
    """

    evidence: float
    sure: bool


def bone_is_bright(pixels: FloatImage) -> PictureVote:
    """Judge polarity from the picture.

    Parameters
    ----------
    pixels : ndarray of shape (rows, columns), float32
        Greys as stored, any unit.

    Returns
    -------
    PictureVote
        Evidence 0 on a picture too small or too empty to judge.
    """
    scale = _EDGE / max(pixels.shape)
    columns, rows = (max(1, round(edge * scale)) for edge in (pixels.shape[1], pixels.shape[0]))
    if min(rows, columns) < _SMALLEST:
        return PictureVote(0.0, False)
    pixels, _ = coarser(pixels, 2 * _EDGE)
    small = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    grey = inside_field(normalised(np.asarray(small, dtype=np.float32)))
    evidence = _votes(normalised(grey))
    return PictureVote(evidence, abs(evidence) >= _SURE)


def _votes(grey: FloatImage) -> float:
    """All votes on one picture, -1 to 1; the two on flat air share one half. 0 where it is too small."""
    if min(grey.shape) < _SMALLEST:
        return 0.0
    along_x, along_y = _gradient(grey, 1.0)
    steepness = np.asarray(cv2.magnitude(along_x, along_y), np.float32)
    flatness = (_texture_follows_grey(grey, steepness) + _busy_side_of_edges(along_x, along_y, steepness)) / 2
    return (flatness + _middle_is_bright(grey)) / 2


def _middle_is_bright(grey: FloatImage) -> float:
    """Rank correlation of grey and distance from the rim of the field, as a share of its edge."""
    across = np.minimum(np.arange(grey.shape[1]), np.arange(grey.shape[1])[::-1]) / grey.shape[1]
    down = np.minimum(np.arange(grey.shape[0]), np.arange(grey.shape[0])[::-1]) / grey.shape[0]
    return _correlation(_ranks(np.minimum(down[:, None], across[None, :])), _ranks(grey))


def _gradient(grey: FloatImage, sigma: float) -> tuple[FloatImage, FloatImage]:
    smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
    along_x = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    along_y = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(along_x, np.float32), np.asarray(along_y, np.float32)


def _texture_follows_grey(grey: FloatImage, steepness: FloatImage) -> float:
    """Rank correlation of gradient and grey over the field: positive where bright parts are the busy ones."""
    inner = _inner(grey.shape)
    return _correlation(_ranks(steepness[inner]), _ranks(grey[inner]))


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Pearson's, 0 where one of them does not vary."""
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 0 else 0.0


def _ranks(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Ranks, ties averaged, of values told apart in `_LEVELS` steps: counting is faster than sorting."""
    low, high = float(values.min()), float(values.max())
    place = ((values.ravel() - low) * ((_LEVELS - 1) / max(high - low, 1e-12))).astype(np.intp)
    count = np.bincount(place, minlength=_LEVELS)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], dtype=np.float64)


def _busy_side_of_edges(along_x: FloatImage, along_y: FloatImage, steepness: FloatImage) -> float:
    """Mean over strong edges of (busy on the bright side - on the dark side) / sum, -1 to 1."""
    ordered = np.sort(steepness[_inner(steepness.shape)], axis=None)
    least = quantile_of_sorted(ordered, 1 - _EDGE_SHARE)
    inner = np.zeros(steepness.shape, bool)
    inner[_inner(steepness.shape)] = True
    edge = inner & (steepness >= least) & (steepness > 0)
    if not edge.any():
        return 0.0
    y, x = np.nonzero(edge)
    unit_x, unit_y = along_x[edge] / steepness[edge], along_y[edge] / steepness[edge]

    def busy(direction: int) -> FloatImage:
        steps = [_at(steepness, x + direction * d * unit_x, y + direction * d * unit_y) for d in _SIDES]
        return np.asarray(np.mean(steps, axis=0), dtype=np.float32)

    bright, dark = busy(1), busy(-1)
    return float(((bright - dark) / (bright + dark + 1e-6)).mean())


def _at(image: FloatImage, x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> FloatImage:
    """Bilinear values at points, mirrored at the border."""
    # cv2.remap wants its map shorter than 32767 in each direction; 320 x 320 x 0.2 points is below that.
    # In one row, since every row of a map costs a call.
    xy = x.astype(np.float32).reshape(1, -1), y.astype(np.float32).reshape(1, -1)
    found = cv2.remap(image, *xy, interpolation=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(found[0], dtype=np.float32)


def _inner(shape: tuple[int, ...]) -> tuple[slice, slice]:
    margin = int(max(shape) * _MARGIN)
    margin = min(margin, (min(shape) - 8) // 2)
    return slice(margin, shape[0] - margin), slice(margin, shape[1] - margin)
