"""Metacarpals, phalanges and their epiphyses as solids between two side lines and two end curves."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.noise import sample_tile, trabecular_tile
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.small_bones import SPONGY, Look

FloatArray = npt.NDArray[np.float64]

MINERAL = 1.25
"""Cortical-bone equivalent of the small bones over that of the first guess: agrees with the grey of films."""


@dataclass(frozen=True)
class End:
    """How one end departs from a straight cut, into the bone, in widths of that end.

    Parameters
    ----------
    round, power : float
        Fall towards the corners, ``round * |u| ** power`` (u is -1 to 1 over the end).
    hollow : float
        How far the middle is dished: above 0 concave to what lies beyond; below 0 bulging.
    notch : float
        A groove in the middle, between two condyles.
    tilt : float
        Slope over half the width.
    fall : float
        Over what share of the width the bone gains its full depth.
    wave : (height, phase)
        An uneven course, as growth plates have it.
    """

    round: float = 0.1
    power: float = 4.0
    hollow: float = 0.0
    notch: float = 0.0
    tilt: float = 0.0
    fall: float = 0.25
    wave: tuple[float, float] = (0.0, 0.0)

    def into(self, u: FloatArray) -> FloatArray:
        """How far the end lies inside a straight cut, in widths, at u."""
        v = np.clip(u, -1.15, 1.15)
        dished = self.hollow * (1 - v**2) + self.notch * np.exp(-((v / 0.3) ** 2))
        height, phase = self.wave
        uneven = height * (np.sin(4.1 * v + phase) + 0.6 * np.sin(8.3 * v + 2.7 * phase))
        return np.asarray(self.round * np.abs(v) ** self.power + self.tilt * v + dished + uneven)


@dataclass(frozen=True, eq=False)
class Tubular:
    """A small long bone, in mm, its middle at (0, 0) and its head towards +s.

    Parameters
    ----------
    length : float
    left, right : ndarray of shape (k,)
        Half widths from base to head, evenly spaced.
    base, head : End
    depth : float
        Extent along the beam over the width.
    cortex : float
        Wall of the mid-shaft over its width; it thins to nothing at the ends. 0 for an epiphysis.
    cortex_at : float
        Where along the shaft (0-1) the wall is thickest.
    clear : float
        How clearly single struts show; they are coarse in small children and fine in older ones.
    bands : tuple of (place, strength)
        Dense lines across (place in mm from the middle), as growth leaves them.
    """

    length: float
    left: FloatArray
    right: FloatArray
    base: End = field(default_factory=End)
    head: End = field(default_factory=End)
    depth: float = 0.75
    cortex: float = 0.2
    cortex_at: float = 0.5
    clear: float = 1.0
    bands: tuple[tuple[float, float], ...] = ()

    def sides(self, s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Half width and middle line at s (mm from the middle of the bone)."""
        at = np.linspace(-0.5, 0.5, len(self.left)) * self.length
        left, right = np.interp(s, at, self.left), np.interp(s, at, self.right)
        return (left + right) / 2, (right - left) / 2

    def ends(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """s of the base's and of the head's outline at x, mm."""
        base, head = float(self.left[0] + self.right[0]), float(self.left[-1] + self.right[-1])
        low = -self.length / 2 + base * self.base.into(_share(x, self.left[0], self.right[0]))
        high = self.length / 2 - head * self.head.into(_share(x, self.left[-1], self.right[-1]))
        return low, high


def _share(x: FloatArray, left: float, right: float) -> FloatArray:
    return np.asarray((x - (right - left) / 2) / ((left + right) / 2))


def solid(
    bone: Tubular, *, pitch: float, look: Look, seed: int, frayed: tuple[float, float] = (0, 0)
) -> Sheet:
    """Mineral of a bone along the beam, mm of cortical equivalent.

    Parameters
    ----------
    pitch : float
        Step of the map, mm.
    seed : int
        Which piece of the texture lies in it.
    frayed : (base, head)
        How far rickets dissolves either end, 0-1.
    """
    wide = float(max(bone.left.max(), bone.right.max()))
    x = np.arange(-wide - 0.5, wide + 0.5 + pitch, pitch)
    s = np.arange(-bone.length / 2 - 0.5, bone.length / 2 + 0.5 + pitch, pitch)
    half, middle = bone.sides(s)
    low, high = bone.ends(x)
    t = np.clip(s / bone.length + 0.5, 0, 1)
    wall = _wall(bone, t, half, look)
    across = x[None, :] - middle[:, None]
    base, head = s[:, None] - low[None, :], high[None, :] - s[:, None]
    falls = (2 * half[0] * bone.base.fall, 2 * half[-1] * bone.head.fall)
    depth = 2 * bone.depth * half
    outer = _body(across, half, depth, base, head, falls)
    plate = look.shell * (1 - 0.6 * look.fade)
    inner_half = np.maximum(half - wall, 0.02 * half)
    hollow = depth * inner_half / half
    inner = _body(across, inner_half, hollow, base - plate, head - plate, falls)
    shell = np.maximum(outer - inner, 0) * (1 - 0.75 * look.fade)
    density = _spongiosa(bone, s, across / half[:, None], (base, head), look, seed)
    value = MINERAL * (0.85 * shell + inner * density)
    for reach, share in ((base, frayed[0]), (head, frayed[1])):
        if share > 0:
            value = value * _dissolved(reach, share, half, seed)
    return Sheet(np.ascontiguousarray(value, dtype=np.float32), float(x[0]), float(s[0]), pitch)


def _wall(bone: Tubular, t: FloatArray, half: FloatArray, look: Look) -> FloatArray:
    """Thickness of the side walls along the bone, mm: thick at mid-shaft, a plate at the ends."""
    thin = look.shell * (1 - 0.6 * look.fade)
    if bone.cortex <= 0:
        return np.full_like(t, thin)
    reach = np.where(t < bone.cortex_at, bone.cortex_at, 1 - bone.cortex_at)
    bell = np.clip(1 - (np.abs(t - bone.cortex_at) / (0.98 * reach)) ** 1.9, 0, 1)
    waist = float(half.min()) * 2
    return np.asarray(np.maximum(bone.cortex * waist * bell * (1 - 0.6 * look.fade), 0.5 * thin))


def _body(
    across: FloatArray, half: FloatArray, depth: FloatArray, base: FloatArray, head: FloatArray,
    falls: tuple[float, float],
) -> FloatArray:  # fmt: skip
    """Path through a body of elliptic sections whose ends are rounded in depth, mm."""
    section = np.maximum(1 - (across / half[:, None]) ** 2, 0)
    ends: FloatArray = np.ones_like(across)
    for reach, fall in zip((base, head), falls, strict=True):
        ends = ends * (1 - (1 - np.clip(reach / fall, 0, 1)) ** 2)
    return np.asarray(depth[:, None] * np.sqrt(section * ends))


def _spongiosa(
    bone: Tubular, s: FloatArray, u: FloatArray, reach: tuple[FloatArray, FloatArray],
    look: Look, seed: int,
) -> FloatArray:  # fmt: skip
    """Density inside: struts along the shaft that fan out into wide ends, a poorer marrow cavity between."""
    size = float(np.mean(bone.left + bone.right)) / 2
    shaft = bone.cortex > 0
    stretch = 2.4 if shaft else 0.8
    where = np.clip(u, -1.3, 1.3).astype(np.float32) * np.float32(size)
    along = np.broadcast_to((s / stretch).astype(np.float32)[:, None], where.shape)
    noise = np.zeros_like(where)
    for share, tenths in ((1.25 - 0.5 * bone.clear, 7), (0.9 * bone.clear, 11)):
        offset = ((seed * 37 + tenths * 91) % 512, (seed * 101) % 512)
        noise += np.float32(share) * sample_tile(trabecular_tile(tenths), where, along, offset)
    t = s / bone.length
    filled = 0.50 + 1.10 * np.clip(np.abs(t) / 0.42, 0, 1) ** 1.6 if shaft else np.full_like(t, 1.35)
    near = np.minimum(reach[0], reach[1])
    zone = 1 + 0.35 * np.exp(-((np.maximum(near, 0) / 0.9) ** 2))
    for place, strength in bone.bands:
        zone = zone + strength * np.exp(-(((s - place) / 0.22) ** 2))[:, None]
    # A few bright struts on a darker ground.
    clear = bone.clear * (0.24 + 0.035 * (seed % 5) + 0.15 * look.coarse) * (1.0 if shaft else 0.75)
    density = SPONGY * (1 - 0.7 * look.fade) * filled[:, None] * zone
    return np.asarray(density * np.exp(clear * np.minimum(noise, 2.5) - 0.5 * clear**2), dtype=float)


def _dissolved(reach: FloatArray, share: float, half: FloatArray, seed: int) -> FloatArray:
    """What rickets leaves of an end: a ragged fringe that thins over a few millimetres."""
    rng = np.random.default_rng(seed)
    depth = np.maximum(reach, 0) / (0.32 * float(half.min()) + 1.2 * share)
    ragged = 0.8 + 0.4 * rng.random(reach.shape)
    return np.asarray(np.clip(1 - share * np.exp(-depth) * ragged, 0, 1))
