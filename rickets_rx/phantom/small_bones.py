"""Round early centres and disc-like epiphyses as thin-shelled solids, as maps along the beam."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.noise import mesh_tile, sample_tile
from rickets_rx.phantom.place import Sheet

SPONGY = 0.125
"""Cortical-bone equivalent of the inside of small bones (ours)."""


@dataclass(frozen=True)
class Look:
    """How dense a small bone is: ``shell`` mm of cortex, ``fade`` 0-1 lost to disease, ``coarse`` 0-1."""

    shell: float = 0.22
    fade: float = 0.0
    coarse: float = 0.0


def _sheet(values: npt.NDArray[np.float64], x: npt.NDArray[np.float64], s: npt.NDArray[np.float64]) -> Sheet:
    return Sheet(np.ascontiguousarray(values, dtype=np.float32), float(x[0]), float(s[0]), float(x[1] - x[0]))


def _grid(
    half_x: float, low: float, high: float, pitch: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    return np.arange(-half_x, half_x + pitch, pitch), np.arange(low, high + pitch, pitch)


def _spongy(
    x: npt.NDArray[np.float64], s: npt.NDArray[np.float64], look: Look, seed: int, texture: bool = True
) -> npt.NDArray[np.float64]:
    """Density inside a small bone, cortical equivalent, on the grid of x and s; even without ``texture``."""
    if not texture:
        return np.full((len(s), len(x)), SPONGY * (1 - 0.7 * look.fade))
    tile = mesh_tile(round(6 + seed % 4 + 5 * look.coarse))
    grid_x, grid_s = np.meshgrid(x.astype(np.float32), s.astype(np.float32))
    noise = sample_tile(tile, grid_x, grid_s, ((seed * 37) % 512, (seed * 101) % 512))
    density = SPONGY * (1 - 0.7 * look.fade)
    # How clearly the meshwork shows differs from child to child and bone to bone.
    clear = 0.25 + 0.06 * (seed % 7) + 0.14 * look.coarse
    return np.asarray(density * np.maximum(1 + clear * noise, 0.05), float)


def ossicle(
    half_width: float,
    half_height: float,
    depth: float,
    *,
    pitch: float,
    look: Look,
    seed: int,
    lobes: float = 0.12,
    square: float = 2.0,
) -> Sheet:
    """A rounded bone (carpal, early nucleus) whose outline wavers; mineral map in mm of cortical equivalent.

    Parameters
    ----------
    half_width, half_height, depth : float
        Half extents across and along, and full depth along the beam, mm.
    lobes : float
        How far the outline departs from an ellipse (fraction).
    square : float
        Exponent of its outline: 2 an ellipse, 4 a block with rounded corners.
    """
    rng = np.random.default_rng(seed)
    grow = 1 + 2.2 * lobes
    x, s = _grid(half_width * grow, -half_height * grow, half_height * grow, pitch)
    gx, gs = x[None, :] / half_width, s[:, None] / half_height
    angle = np.arctan2(gs, gx)
    radius = np.ones_like(angle)
    for order in range(2, 6):
        radius += lobes / order**0.8 * rng.normal(0, 0.9) * np.cos(order * angle + rng.uniform(0, 6.283))
    thin = look.shell * (1 - 0.6 * look.fade) / min(half_width, half_height)
    q = (np.abs(gx) ** square + np.abs(gs) ** square) ** (1 / square) / np.maximum(radius, 0.3)
    outer = depth * np.sqrt(np.maximum(1 - q**2.6, 0))
    inner = np.maximum(depth * (1 - thin), 0) * np.sqrt(np.maximum(1 - (q / max(1 - thin, 0.2)) ** 2.6, 0))
    shell = (outer - inner) * (1 - 0.75 * look.fade)
    value = shell * 0.55 + 0.85 * inner * _spongy(x, s, look, seed)
    return _sheet(value, x, s)


@dataclass(frozen=True)
class Plate(ABC):
    """An epiphysis that follows the margin it caps.

    Parameters
    ----------
    width, height, depth : float
        Extents across, along and along the beam, mm.
    centre : float
        Across position of its middle, mm.
    floor : ndarray of shape (n, 2)
        (x, s) of its proximal face, mm.
    """

    width: float
    height: float
    depth: float
    centre: float
    floor: npt.NDArray[np.float64]

    @abstractmethod
    def outline(self, n: int = 72) -> npt.NDArray[np.float64]:
        """Closed outline, (x, s) in mm, shape (n, 2)."""

    @abstractmethod
    def body(self, x: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """s of its middle and half its thickness at places x across, mm."""

    @abstractmethod
    def map(self, *, pitch: float, look: Look, seed: int, texture: bool = True) -> Sheet:
        """Mineral map in mm of cortical equivalent; without ``texture`` for truth."""


@dataclass(frozen=True)
class Disc(Plate):
    """An epiphysis between an ellipse and a block: the elbow's and the knee's.

    Parameters
    ----------
    wedge : float
        How much higher it is towards corner2, -1 to 1.
    square : float
        Exponent of its outline: 2 an ellipse, 4 a block with rounded corners.
    """

    wedge: float = 0.0
    square: float = 2.6

    def outline(self, n: int = 72) -> npt.NDArray[np.float64]:
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
        c, s = np.cos(angle), np.sin(angle)
        e = np.sign(c) * np.abs(c) ** (2 / self.square)
        f = np.sign(s) * np.abs(s) ** (2 / self.square)
        x = self.centre + e * self.width / 2
        middle, half = self.body(x)
        return np.stack([x, middle + f * half], axis=1)

    def body(self, x: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        e = np.clip((x - self.centre) / (self.width / 2), -1.3, 1.3)
        half = self.height / 2 * np.maximum(1 + 0.55 * self.wedge * e, 0.22)
        floor = np.interp(x, self.floor[:, 0], self.floor[:, 1])
        return np.asarray(floor + half), np.asarray(half)

    def map(self, *, pitch: float, look: Look, seed: int, texture: bool = True) -> Sheet:
        rng = np.random.default_rng(seed)
        x = np.arange(self.centre - 0.56 * self.width, self.centre + 0.56 * self.width + pitch, pitch)
        middle, half = self.body(x)
        s = np.arange(float((middle - half).min()) - 0.5, float((middle + half).max()) + 0.5, pitch)
        e = np.abs((x - self.centre) / (self.width / 2))[None, :]
        f = (s[:, None] - middle[None, :]) / half[None, :]
        wave = 1 + 0.03 * np.sin(3 * f + rng.uniform(0, 6)) + 0.03 * np.sin(4 * e + rng.uniform(0, 6))
        q = (e**self.square + np.abs(f) ** self.square) ** (1 / self.square) * wave
        thin = look.shell * (1 - 0.6 * look.fade) / (self.height / 2)
        outer = self.depth * np.sqrt(np.maximum(1 - q**2.4, 0))
        inner = (
            self.depth
            * (1 - 0.5 * min(thin, 0.9))
            * np.sqrt(np.maximum(1 - (q / max(1 - thin, 0.25)) ** 2.4, 0))
        )
        shell = (outer - inner) * (1 - 0.75 * look.fade)
        lips = _lips(rng, e, f) * np.sqrt(np.maximum(1 - q**2.4, 0)) * look.shell * (1 - 0.8 * look.fade)
        return _sheet(shell * 0.55 + 0.85 * inner * _spongy(x, s, look, seed, texture) + lips, x, s)


def _lips(
    rng: np.random.Generator, e: npt.NDArray[np.float64], f: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The near and far lips of a plate's faces, which films show as lines within its outline."""
    out = np.zeros(np.broadcast_shapes(e.shape, f.shape))
    for sign in (1.0, -1.0):
        level, arch = sign * float(rng.uniform(0.25, 0.75)), float(rng.uniform(-0.1, 0.5))
        course = level * (1 - arch * e**2)
        out = out + float(rng.uniform(0.2, 1.6)) * np.exp(-(((f - course) / 0.09) ** 2))
    return out * np.clip((0.92 - e) / 0.15, 0, 1)


def tilted(sheet: Sheet, smear: float) -> Sheet:
    """A map seen by a tilted beam: front and back of the solid are ``smear`` mm apart along the shaft."""
    steps = round(smear / sheet.pitch)
    if steps < 2:
        return sheet
    pad = steps // 2 + 1
    padded = cv2.copyMakeBorder(sheet.values, pad, pad, 0, 0, cv2.BORDER_CONSTANT)
    values = np.asarray(cv2.blur(padded, (1, steps), borderType=cv2.BORDER_CONSTANT), dtype=np.float32)
    return Sheet(values, sheet.x0, sheet.s0 - pad * sheet.pitch, sheet.pitch)
