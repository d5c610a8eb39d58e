"""Random textures: trabeculae as band-passed anisotropic noise, and one-dimensional roughness of margins."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

TILE_PX = 512
TILE_MM = 0.12
"""Pitch of the texture tile: 61 mm a side, wrapped, so that no two bones need to share a piece of it."""


@lru_cache(maxsize=24)
def trabecular_tile(wavelength_tenths: int) -> FloatArray:
    """Periodic noise of unit variance, stretched along the rows (the bone's axis), shape (512, 512), float32.

    Parameters
    ----------
    wavelength_tenths : int
        Middle wavelength across the trabeculae in tenths of a millimetre (ours: 6-14, since struts stand
        0.5-1.2 mm apart in children's metaphyses).
    """
    rng = np.random.default_rng(7919 + wavelength_tenths)
    across = np.fft.fftfreq(TILE_PX, TILE_MM)[None, :]
    along = np.fft.fftfreq(TILE_PX, TILE_MM)[:, None]
    # Struts run along the axis: the same frequency along it counts three times as much (ours).
    frequency = np.hypot(across, 3.0 * along)
    centre = 10.0 / wavelength_tenths
    band = np.exp(-0.5 * (np.log((frequency + 1e-6) / centre) / 0.65) ** 2)
    spectrum = np.fft.fft2(rng.standard_normal((TILE_PX, TILE_PX))) * band
    tile = np.fft.ifft2(spectrum).real
    tile = tile / tile.std()
    # Struts are brighter than holes are dark, though a beam crosses many layers of both.
    tile = tile + 0.12 * (tile**2 - 1)
    return np.ascontiguousarray(tile / tile.std(), dtype=np.float32)


@lru_cache(maxsize=24)
def mesh_tile(wavelength_tenths: int) -> FloatArray:
    """Periodic network of thin bright struts round darker pores, unit variance, shape (512, 512), float32.

    Lines along which smooth noise crosses zero close into meshes; three layers lie over one another, as a
    beam crosses several sheets of spongiosa (ours).
    """
    rng = np.random.default_rng(104729 + wavelength_tenths)
    across = np.fft.fftfreq(TILE_PX, TILE_MM)[None, :]
    along = np.fft.fftfreq(TILE_PX, TILE_MM)[:, None]
    centre = 10.0 / wavelength_tenths
    band = np.exp(-0.5 * (np.log((np.hypot(across, 1.7 * along) + 1e-6) / (0.5 * centre)) / 0.35) ** 2)
    tile = np.zeros((TILE_PX, TILE_PX))
    for _ in range(3):
        layer = np.fft.ifft2(np.fft.fft2(rng.standard_normal((TILE_PX, TILE_PX))) * band).real
        tile += np.exp(-((layer / (0.3 * layer.std())) ** 2))
    return np.ascontiguousarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


STRAND_SHEETS = (
    (1.0, 2.2, 0.10, 1.0), (1.15, 2.6, -0.14, 1.0), (0.7, 1.6, 0.02, 0.9), (1.7, 1.0, 0.1, 0.5),
)  # fmt: skip
"""Sheets of a net of thin strands: how often its lines cross and run along (in its own spacing), lean
(radians), strength (ours)."""


@lru_cache(maxsize=24)
def strand_tile(spacing_tenths: int) -> FloatArray:
    """The spongiosa of the hand's bones: a periodic net of thin strands, some of which end, of unit variance,
    skewed to the bright side, shape (512, 512), float32.

    Sheets of lines lie over one another, as a beam crosses spongiosa.

    Parameters
    ----------
    spacing_tenths : int
        Mean distance between struts, tenths of a millimetre.
    """
    # Struts that stand far apart are not as much thicker.
    thick = 0.26 * min(1.0, (8 / spacing_tenths) ** 0.6)
    return _tile_of(STRAND_SHEETS, spacing_tenths, seed=430883, thick=thick, uneven=0.4)


FAN_SHEETS = (
    (1.0, 5.0, 0.03, 1.0), (0.8, 4.0, -0.05, 1.0), (1.1, 6.0, 0.0, 0.8), (0.85, 3.0, 0.12, 0.7),
    (0.8, 1.6, -0.1, 0.5),
)  # fmt: skip
"""Sheets of long strands with few across them, as `STRAND_SHEETS` (ours)."""


@lru_cache(maxsize=24)
def fan_tile(spacing_tenths: int) -> FloatArray:
    """As `strand_tile`, of long strands along the shaft: the spongiosa of the forearm."""
    return _tile_of(FAN_SHEETS, spacing_tenths, seed=275604, thick=0.5, uneven=0.12)


def _tile_of(
    sheets: tuple[tuple[float, float, float, float], ...],
    spacing_tenths: int,
    *,
    seed: int,
    thick: float,
    uneven: float,
) -> FloatArray:
    """Sheets of lines along which smooth noise crosses zero, ``thick`` over its deviation, and how far their
    strength varies (logarithm)."""
    rng = np.random.default_rng(seed + spacing_tenths)
    across = np.fft.fftfreq(TILE_PX, TILE_MM)[None, :]
    along = np.fft.fftfreq(TILE_PX, TILE_MM)[:, None]
    centre = 0.5 * 10.0 / spacing_tenths
    tile = np.zeros((TILE_PX, TILE_PX))
    for wide, tall, lean, weight in sheets:
        c, s = np.cos(lean), np.sin(lean)
        distance = np.hypot((c * across + s * along) * wide, (c * along - s * across) * tall)
        band = np.exp(-0.5 * (np.log((distance + 1e-6) / centre) / 0.4) ** 2)
        layer = np.fft.ifft2(np.fft.fft2(rng.standard_normal((TILE_PX, TILE_PX))) * band).real
        line = np.exp(-((layer / (thick * layer.std())) ** 2))
        # Struts differ in strength along their way.
        strong = np.fft.ifft2(
            np.fft.fft2(rng.standard_normal(tile.shape)) * np.exp(-((distance / centre) ** 2))
        ).real
        tile += weight * line * np.exp(uneven * strong / strong.std())
    return np.ascontiguousarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def sample_tile(
    tile: FloatArray, x_mm: npt.NDArray[Any], s_mm: npt.NDArray[Any], offset: tuple[float, float]
) -> FloatArray:
    """The tile at positions across (``x_mm``) and along (``s_mm``) a bone, wrapped, same shape as they
    are."""
    columns = np.mod(x_mm / TILE_MM + offset[0], TILE_PX).astype(np.float32)
    rows = np.mod(s_mm / TILE_MM + offset[1], TILE_PX).astype(np.float32)
    wrapped = cv2.remap(tile, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(wrapped, dtype=np.float32)


def band_noise(
    rng: np.random.Generator, n: int, length: float, *, shortest: float, longest: float, rows: int = 1
) -> npt.NDArray[np.float64]:
    """Rows of one-dimensional noise of unit variance with wavelengths between two limits.

    Parameters
    ----------
    n : int
        Samples along ``length``.
    length, shortest, longest : float
        Any one unit of length.

    Returns
    -------
    ndarray of shape (rows, n), float64
    """
    padded = 2 * n
    frequency = np.fft.rfftfreq(padded, length / n)
    keep = (frequency >= 1 / longest) & (frequency <= 1 / shortest)
    if not keep.any():
        return np.zeros((rows, n))
    # Amplitude falls with frequency: large teeth carry small ones.
    weight = np.where(keep, 1 / np.maximum(frequency, 1e-9) ** 0.7, 0)
    spectrum = weight * (
        rng.standard_normal((rows, len(frequency))) + 1j * rng.standard_normal((rows, len(frequency)))
    )
    noise = np.fft.irfft(spectrum, padded, axis=1)[:, :n]
    return np.asarray(noise / np.sqrt((np.abs(spectrum) ** 2).sum(1, keepdims=True) * 2) * padded)


def smooth_mask(
    rng: np.random.Generator, n: int, share: float, patch: float = 0.25
) -> npt.NDArray[np.float64]:
    """A mask over n samples, 1 on about ``share`` of them in patches about ``patch`` of the length, soft at
    edges."""
    # Drawn in any case, so that the same child keeps its other chances whatever the share.
    field = band_noise(rng, n, 1.0, shortest=patch, longest=2.0)[0]
    if share <= 0 or share >= 1:
        return np.full(n, float(share >= 1))
    order = np.argsort(np.argsort(field)) / (n - 1)
    return np.asarray(np.clip((order - (1 - share)) / 0.08 + 0.5, 0, 1))
