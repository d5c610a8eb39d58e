"""The shipped networks at run time: weights checked by hash, one cached session each, inputs made alike."""

import hashlib
import json
import os
import weakref
from functools import cache
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.errors import RicketsError
from rickets_rx.quantiles import percentiles
from rickets_rx.resources import resource

Array = npt.NDArray[np.float32]

FILM_SIZE = 256
"""Pixels on each side of the whole film as the first network sees it."""
CROP_SIZE = 192
"""Pixels on each side of the upright crop that the second network sees."""
_AT_ONCE = 4
"""Pictures in one run (ours). ONNX Runtime keeps memory for every batch size it ever saw, some 20 MB for a
new large one; in fours the numbers and the time are the same."""


THREADS = "RICKETS_RX_THREADS"
"""Environment variable: threads of each network, for someone who waits for one film. Default 1."""


def threads() -> int:
    """Threads of each network from the environment; 1 where it says none or no whole number."""
    said = os.environ.get(THREADS, "")
    return max(1, int(said)) if said.isdecimal() else 1


class WeightsError(RicketsError):
    """The weights are not the ones this version was released with."""


@cache
def session(name: str) -> Any:
    """The ONNX Runtime session of ``models/<name>.onnx``, checked against ``models/hashes.json``.

    One thread, or as many as `THREADS` says: workers of a batch share the cores already.

    Raises
    ------
    WeightsError
        When the file is missing or its SHA-256 is not the recorded one.
    """
    import onnxruntime

    folder = resource("models")
    path = folder / f"{name}.onnx"
    if not path.is_file():
        raise WeightsError(f"{path.name}: not in models/. Install the package again.")
    data = path.read_bytes()
    expected = json.loads((folder / "hashes.json").read_text(encoding="utf-8")).get(path.name)
    if hashlib.sha256(data).hexdigest() != expected:
        raise WeightsError(
            f"{path.name}: its SHA-256 differs from models/hashes.json. Install the package again."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run(name: str, *batches: Array) -> tuple[Array, ...]:
    """Every output of network ``name`` for its inputs in their order, each of shape (n, ...), float32."""
    net = session(name)
    places = [place.name for place in net.get_inputs()]
    parts = [
        net.run(None, {place: batch[i : i + _AT_ONCE] for place, batch in zip(places, batches, strict=True)})
        for i in range(0, max(len(batches[0]), 1), _AT_ONCE)
    ]
    return tuple(parts[0]) if len(parts) == 1 else tuple(map(np.concatenate, zip(*parts, strict=True)))


def model_hashes() -> dict[str, str]:
    """File name to SHA-256 of every shipped network, as recorded at release."""
    recorded: dict[str, str] = json.loads((resource("models") / "hashes.json").read_text(encoding="utf-8"))
    return recorded


def as_input(image: Array) -> Array:
    """A square picture as the networks see it.

    Parameters
    ----------
    image : ndarray of shape (size, size), float32
        Any unit, denser = higher, finite.

    Returns
    -------
    ndarray of shape (2, size, size), float32
        The picture in standard deviations, and the same after its local mean and contrast are taken out over
        a sixteenth of the side, which removes most of exposure, gamma and window (ours).
    """
    # In float32 from the first step: a numpy.float64 limit would make everything after it twice as wide.
    low, high = (np.float32(limit) for limit in percentiles(image, 0.5, 99.5))
    clipped = np.clip(image, low, high)
    mean, spread = (float(found[0, 0]) for found in cv2.meanStdDev(clipped))
    seen = np.empty((2, *image.shape), np.float32)
    whole = np.subtract(clipped, np.float32(mean), out=seen[0])
    whole /= np.float32(spread + 1e-6)
    sigma = image.shape[0] / 16
    rest = np.subtract(whole, smooth(whole, sigma), out=seen[1])
    contrast = cv2.sqrt(smooth(rest * rest, sigma))
    rest /= contrast + np.float32(0.1)
    return seen


def smooth(image: Array, sigma: float) -> Array:
    """Gaussian blur; a wide one is made on a smaller picture, which costs a tenth and differs by a hair."""
    step = int(sigma / 2)
    if step < 2:
        return cast(Array, cv2.GaussianBlur(image, (0, 0), sigma))
    rows, columns = image.shape
    small = cv2.resize(image, (max(1, columns // step), max(1, rows // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return cast(Array, cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR))


def finite(pixels: Array) -> Array:
    """The pixels as they are; where some are no numbers, as `numpy.nan_to_num` has them (no film of a file).

    Two passes that only read tell it: a value that is not finite is, or spoils, the smallest or the largest.
    """
    if np.isfinite(pixels.min()) and np.isfinite(pixels.max()):
        return pixels
    return cast(Array, np.nan_to_num(pixels))


def shrink(pixels: Array, longest: int) -> tuple[Array, float]:
    """The film with its longer side brought to at most ``longest`` by area, and the scale (new over old)."""
    scale = min(1.0, longest / max(pixels.shape))
    if scale == 1.0:
        return np.asarray(pixels, np.float32), 1.0
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32), scale


#: The last film asked for and its answer, in one piece, so that threads cannot mix two films.
_last_fill: "tuple[weakref.ref[Array], float] | None" = None


def fill_of(film: Array) -> float:
    """What surrounds the film on pictures that reach over its edge: its first percentile of grey.

    The answer for the last film is kept: every batch of crops of one film asks again.
    """
    global _last_fill
    last = _last_fill
    if last is not None and last[0]() is film:
        return last[1]
    grey = float(percentiles(film[::4, ::4], 1)[0])
    _last_fill = (weakref.ref(film), grey)
    return grey


def warp(pixels: Array, matrix: npt.NDArray[np.float64], size: int, fill: float) -> Array:
    """The film under ``matrix`` (2 x 3, from film to picture pixels) as a (size, size) picture."""
    border = cv2.BORDER_CONSTANT
    seen = cv2.warpAffine(
        pixels, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=fill
    )
    return np.asarray(seen, np.float32)


def apply_affine(matrix: npt.NDArray[np.float64], points: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Points of shape (..., 2) under a 2 x 3 affine matrix."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def around(row: int, column: int, reach: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Slices of the square of ``reach`` cells on every side of a cell, cut at the edge of the map."""
    return (
        slice(max(0, row - reach), min(shape[0], row + reach + 1)),
        slice(max(0, column - reach), min(shape[1], column + reach + 1)),
    )
