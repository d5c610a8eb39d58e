"""From path lengths to a film: beam, scatter, blur, noise, logarithm, and the look-up "for presentation"."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.make_beam import TABLE
from rickets_rx.phantom.noise import FloatArray

BONE_STEP, TISSUE_STEP = 1.0, 4.0


@dataclass(frozen=True)
class Exposure:
    """How the film was taken and processed.

    Parameters
    ----------
    photons : float
        Detected quanta per mm2 in the open beam. A wrist film of 2.5-5 µGy detects 5e4-3e5 (ours).
    scatter : float
        Scattered over primary signal behind the thickest part.
    focal_blur, detector_blur : float
        Standard deviations, mm.
    electronic : float
        Additive noise, share of the open beam's signal.
    heel : float
        Fall of intensity over the film, fraction, along ``heel_angle`` degrees.
    edge, edge_scale : float
        Gain and scale (mm) of the processor's edge enhancement.
    equalise : float
        Share of the slow (14 mm) variation that the processor takes away, 0-1.
    slope, middle : float
        How steep the presentation curve is (1 is nearly straight), and where, share of the grey scale.
    low : float
        Share of the scale from air to white that becomes black; below 0 lifts the air to grey.
    high : float
        Quantile of the limb's log signal that becomes white; over 1 leaves that much head room.
    haze : float
        Grey of the open field after presentation.
    grain_blur : float
        Standard deviation (film pixels) by which the plate's light spreads the grain; its variance stays.
    """

    photons: float = 1.2e5
    scatter: float = 0.15
    focal_blur: float = 0.06
    detector_blur: float = 0.10
    electronic: float = 0.0008
    heel: float = 0.08
    heel_angle: float = 0.0
    edge: float = 0.8
    edge_scale: float = 0.5
    equalise: float = 0.35
    slope: float = 2.0
    middle: float = 0.5
    low: float = 0.0
    high: float = 0.997
    haze: float = 0.0
    grain_blur: float = 0.0


@lru_cache(maxsize=1)
def beam_table() -> FloatArray:
    """ln(signal / open beam) over (bone mm, tissue mm), shape (41, 38), read once."""
    return np.loadtxt(TABLE, delimiter=",", dtype=np.float32)


def log_signal(bone: FloatArray, tissue: FloatArray) -> FloatArray:
    """Natural log of the primary signal over the open beam, by bilinear interpolation of the beam table.

    Parameters
    ----------
    bone, tissue : ndarray of one shape, float32
        mm of cortical bone and of soft tissue along the beam.
    """
    table = beam_table()
    x = (tissue / TISSUE_STEP).astype(np.float32, copy=False)
    y = (bone / BONE_STEP).astype(np.float32, copy=False)
    values = cv2.remap(table, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, dtype=np.float32)


def blur(image: FloatArray, sigma: float) -> FloatArray:
    """Gaussian blur; wide ones on a shrunken copy, which differs by less than they blur."""
    if sigma <= 0.05:
        return image
    if sigma < 6:
        near = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(near, dtype=np.float32)
    factor = 3.0 / sigma
    rows, columns = image.shape
    small = cv2.resize(
        image, (max(2, int(columns * factor)), max(2, int(rows * factor))), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma * small.shape[1] / columns, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def detect(
    bone: FloatArray, tissue: FloatArray, field: FloatArray, exposure: Exposure, spacing_mm: float,
    rng: np.random.Generator,
) -> FloatArray:  # fmt: skip
    """Detected signal over the open beam's, with scatter, blur and noise; float32, above 0.

    ``field`` is the share of the beam that the collimator lets through, 0-1.
    """
    primary = np.exp(log_signal(bone, tissue)) * field * _heel(bone.shape, exposure)
    scattered = blur(primary * (1 - np.exp(-tissue / 40.0)), 12.0 / spacing_mm) * exposure.scatter
    # 0.4 pixels: the averaging of a pixel's own face, or of the export at a smaller scale.
    sigma = float(np.hypot(exposure.focal_blur, exposure.detector_blur)) / spacing_mm
    signal = blur(primary + scattered, float(np.hypot(sigma, 0.4)))
    quanta = exposure.photons * spacing_mm**2
    grain = rng.standard_normal(bone.shape, dtype=np.float32)
    if exposure.grain_blur > 0:
        kernel = cv2.getGaussianKernel(7, exposure.grain_blur)
        grain = cv2.sepFilter2D(grain, -1, kernel, kernel) / np.float32((kernel**2).sum())
    noisy = signal + np.sqrt(np.maximum(signal, 1e-5) / quanta) * grain
    if exposure.electronic > 0:
        noisy += exposure.electronic * rng.standard_normal(bone.shape, dtype=np.float32)
    return np.maximum(noisy, 3e-4).astype(np.float32)


def _heel(shape: tuple[int, ...], exposure: Exposure) -> FloatArray:
    angle = np.radians(exposure.heel_angle)
    y = np.linspace(-0.5, 0.5, shape[0], dtype=np.float32)[:, None] * np.sin(angle)
    x = np.linspace(-0.5, 0.5, shape[1], dtype=np.float32)[None, :] * np.cos(angle)
    return (1 + exposure.heel * (x + y)).astype(np.float32)


def present(
    signal: FloatArray, limb: npt.NDArray[np.bool_], field: FloatArray, exposure: Exposure, spacing_mm: float
) -> FloatArray:
    """The processed film, bone bright, float32 within 0-1: logarithm, equalisation, edge enhancement, curve.

    Parameters
    ----------
    limb : ndarray of bool
        Where tissue is, from which the window is set as a processor does.
    field : ndarray of float32
        Share of the beam that the collimator let through.
    """
    density: FloatArray = -np.log(signal)
    # What the collimator hid is left out of the averages, as a processor finds the field first.
    if field.min() < 0.5:
        weight = (field > 0.5).astype(np.float32)
        share = np.maximum(blur(weight, 14.0 / spacing_mm), np.float32(0.02))
        slow = np.asarray(blur(density * weight, 14.0 / spacing_mm) / share, dtype=np.float32)
        density = np.asarray(density * weight + slow * (1 - weight), dtype=np.float32)
    else:
        slow = blur(density, 14.0 / spacing_mm)
    fine = density - blur(density, exposure.edge_scale / spacing_mm)
    film = density - exposure.equalise * slow + exposure.edge * fine
    inside = film[limb] if limb.any() else film.ravel()
    step = max(1, inside.size // 20000)
    white = float(np.quantile(inside[::step], min(exposure.high, 1.0)))
    # Black is the open beam, from which tissue rises; ``low`` moves it up into the tissue or below the air.
    scaled = (film / max(white, 1e-3) - exposure.low) / (max(1.0, exposure.high) - exposure.low)
    # A soft toe and shoulder: the sigmoid of presentation look-up tables, straighter than a film's.
    curved = 1 / (1 + np.exp(-exposure.slope * (scaled - exposure.middle)))
    floor, top = (1 / (1 + np.exp(-exposure.slope * (level - exposure.middle))) for level in (0.0, 1.0))
    shown = exposure.haze + (1 - exposure.haze) * (curved - floor) / (top - floor)
    return np.clip(shown, 0, 1).astype(np.float32)
