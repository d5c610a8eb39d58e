"""A film round a bone end in the bone's coordinates: what lies there without the bone, its grain, its moves.

The film is taken apart into ``Layers``, which move together, so that no outline stays where the bone was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from rickets_rx.phantom.margins import GRID
from rickets_rx.phantom.noise import FloatArray
from rickets_rx.segment.frame import BoneFrame, sample_at
from rickets_rx.segment.metaphysis import Metaphysis

Table = npt.NDArray[np.float64]
FAR = 0.9
"""Distance beyond the margin, widths, from which on nothing moves where the growth plate is painted wider
(ours)."""
RIM = (0.02, 0.10)
"""Least and greatest distance of the growth plate's darkest line beyond the margin, widths (ours)."""
BELOW = 0.01
"""Weight of what lies above the surface of the flesh against 1 - it of what lies below (ours)."""
FINE = 1.2
"""What is finer than this is the film's grain, px (standard deviation of the blur; ours)."""
LAG = 4
"""Greatest lag at which grain is taken to agree with itself, px (ours)."""


@dataclass(frozen=True, eq=False)
class Patch:
    """The part of a film round a bone end, in the bone's coordinates.

    ``v`` (half widths), ``u`` (widths) and ``beyond`` (widths distal of the margin) have the patch's shape;
    ``low`` is the film without its grain; ``margin`` is u of the margin over ``GRID``.
    """

    window: tuple[slice, slice]
    pixels: FloatArray
    v: FloatArray
    u: FloatArray
    beyond: FloatArray
    margin: Table
    frame: BoneFrame

    @cached_property
    def low(self) -> FloatArray:
        return np.asarray(cv2.GaussianBlur(self.pixels, (0, 0), FINE), np.float32)

    @cached_property
    def grain(self) -> FloatArray:
        """What `low` lacks."""
        return self.pixels - self.low

    @cached_property
    def side(self) -> FloatArray:
        """1 on the bone, falling to 0 just outside its sides."""
        return np.clip((1.1 - np.abs(self.v)) / 0.08, 0, 1).astype(np.float32)

    @cached_property
    def near(self) -> npt.NDArray[np.bool_]:
        """Where flesh of the wrist lies round the bone rather than air (ours)."""
        return np.asarray((np.abs(self.v) < 1.35) & (self.u > -0.7) & (self.u < 0.9))

    @cached_property
    def flat(self) -> npt.NDArray[np.bool_]:
        """The flattest third of what is near, where grain is nothing but grain."""
        steep = cv2.morphologyEx(self.low, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        steep = cv2.GaussianBlur(steep, (0, 0), 2)
        return np.asarray(self.near & (steep <= np.quantile(steep[self.near], 0.33)))

    @cached_property
    def rim(self) -> Table:
        """Where the fall of grey beyond the margin has come to its foot, widths beyond it, over ``GRID``.

        In infants the foot of the edge, in older children the growth plate's darkest line, before grey rises
        again: what lies nearer is metaphysis, what lies further is epiphysis.
        """
        grey = self.strip(0.0, 0.15)
        least = np.minimum.accumulate(grey, axis=0)
        fall = np.maximum(grey[0] - least, 0)
        rises = (grey - least > 0.15 * fall + 1e-3) & (fall > 0)
        stop = np.where(rises.any(axis=0), np.argmax(rises, axis=0), len(grey) - 1)
        lowest = least[stop, np.arange(len(GRID))]
        foot = np.argmax(grey <= lowest + 0.1 * (grey[0] - lowest), axis=0)
        at = ndimage.median_filter(foot * 0.15 / (len(grey) - 1), size=31, mode="nearest")
        return np.asarray(np.clip(ndimage.gaussian_filter1d(at, 5, mode="nearest"), *RIM))

    @cached_property
    def before_plate(self) -> FloatArray:
        """1 on the bone and up to the middle of the growth plate: the epiphysis stays as it is."""
        inner = np.clip(1 + (self.across(self.rim) - self.beyond) / 0.015, 0, 1)
        return np.asarray(self.side * inner, np.float32)

    @cached_property
    def bare(self) -> FloatArray:
        """What would be seen without the bone, at every pixel.

        Bone only ever adds grey: an even surface lies under nearly all of what is near.
        From there on flesh is the local mean of what comes close to it (mean shift, from afar to near by).
        """
        bare = self._under()
        close = 0.15 * max(float(np.quantile((self.low - bare)[self.near], 0.9)), 1e-6)
        for reach in (0.4, 0.4, 0.2, 0.12):
            over = self.low - bare
            weight = np.exp(-((over / close) ** 2)).astype(np.float32) * self.near
            shares = cv2.GaussianBlur(weight, (0, 0), reach * self.frame.width) + 1e-3
            bare = bare + cv2.GaussianBlur(weight * over, (0, 0), reach * self.frame.width) / shares
        return np.asarray(bare, np.float32)

    def _under(self) -> FloatArray:
        """The surface under nearly all of what is near: asymmetric least squares (Eilers 2003)."""
        v, u = self.v.astype(np.float64), self.u.astype(np.float64)
        terms = np.stack([np.ones_like(v), v, u, v * u], axis=-1)
        some = max(1, int(self.near.sum()) // 4000)
        known, grey = terms[self.near][::some], self.low[self.near][::some].astype(np.float64)
        weight = np.ones(len(grey))
        for _ in range(12):
            weighted = known * weight[:, None]
            factors = np.linalg.solve(weighted.T @ known, weighted.T @ grey)
            weight = np.where(grey > known @ factors, BELOW, 1 - BELOW)
        return np.asarray(terms @ factors, np.float32)

    def across(self, table: Table) -> FloatArray:
        """A table over ``GRID`` at every pixel."""
        return np.interp(self.v, GRID, table).astype(np.float32)

    def strip(self, near: float, far: float) -> Table:
        """Grey at 24 distances ``near`` to ``far`` beyond the margin (widths), shape (24, len(GRID))."""
        return self._sampled(GRID[None, :], self.margin[None, :] + np.linspace(near, far, 24)[:, None])

    def _sampled(self, v: Table, u: Table) -> Table:
        """``low`` at places of the frame; off the film the nearest row or column of it."""
        corner = np.array([self.window[1].start, self.window[0].start], float)
        places = self.frame.to_pixels(v, u) - corner
        last = np.subtract(self.low.shape[::-1], 1)
        return np.asarray(sample_at(self.low, np.clip(places, 0, last)), float)


@dataclass(frozen=True, eq=False)
class Layers:
    """A film as its grey without grain, its grain, and where its grey is not its own any more (0-1)."""

    low: FloatArray
    grain: FloatArray
    new: FloatArray

    def each(self, change: Callable[[FloatArray], FloatArray]) -> "Layers":
        """All three changed alike."""
        return Layers(change(self.low), change(self.grain), np.clip(change(self.new), 0, 1))


def cut_out(pixels: FloatArray, metaphysis: Metaphysis) -> Patch:
    """The film within 1.3 widths of the chord's middle, with every pixel's place in the bone's frame."""
    frame = metaphysis.frame
    reach = 1.3 * frame.width
    low = np.maximum(np.floor(frame.origin - reach), 0).astype(int)
    high = np.minimum(np.ceil(frame.origin + reach) + 1, pixels.shape[::-1]).astype(int)
    window = (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    x, y = np.meshgrid(np.arange(low[0], high[0], dtype=float), np.arange(low[1], high[1], dtype=float))
    place = frame.from_pixels(np.stack([x, y], axis=-1)).astype(np.float32)
    curve = frame.from_pixels(metaphysis.margin)
    order = np.argsort(curve[:, 0], kind="stable")
    margin = np.interp(GRID, curve[order, 0], curve[order, 1])
    v, u = np.ascontiguousarray(place[..., 0]), np.ascontiguousarray(place[..., 1])
    beyond = (u - np.interp(v, GRID, margin)).astype(np.float32)
    return Patch(window, np.ascontiguousarray(pixels[window]), v, u, beyond, margin, frame)


def repainted(patch: Patch, changed: FloatArray) -> Layers:
    """The film with its grey changed: new is what lies within 2 px of a change beyond the noise, wholly from
    four times the noise on."""
    noise = float(patch.grain[patch.flat].std()) + 1e-6
    new = np.clip((np.abs(changed - patch.low) - noise) / (3 * noise), 0, 1)
    wide = cv2.dilate(new.astype(np.float32), np.ones((5, 5), np.uint8))
    return Layers(changed, patch.grain, np.asarray(wide, np.float32))


def with_grain(layers: Layers, patch: Patch, rng: np.random.Generator) -> FloatArray:
    """The film with its own grain, and where its grey is new with new grain of the same kind.

    What is finer than ``FINE`` holds the old bone's outlines and struts too: where grey is new none of that
    is put back. New grain is white noise filtered so that it agrees with itself as the film's grain does on
    its flat parts (autocovariance up to ``LAG``).
    """
    size = 2 * LAG + 1
    own = patch.grain
    lags = np.zeros((size, size))
    for dy in range(-LAG, LAG + 1):
        for dx in range(-LAG, LAG + 1):
            lags[dy, dx] = np.mean((own * np.roll(own, (dy, dx), (0, 1)))[patch.flat], dtype=np.float64)
    taper = np.maximum(1 - np.abs(np.fft.fftfreq(size, 1 / size)) / (LAG + 1), 0)
    spectrum = np.maximum(np.fft.fft2(lags * np.outer(taper, taper)).real, 0)
    kernel = np.fft.fftshift(np.fft.ifft2(np.sqrt(spectrum)).real)
    fresh = ndimage.correlate(rng.standard_normal(own.shape), kernel, mode="wrap")
    kept = 1 - layers.new
    return np.asarray(layers.low + layers.grain * kept + fresh * np.sqrt(1 - kept**2), np.float32)


def widen(layers: Layers, patch: Patch, widening: float) -> Layers:
    """The growth plate wider by ``widening`` (widths): what lies beyond moves away and is pressed together,
    and plate fills the room.

    Nothing moves within the rim of the margin nor from ``FAR`` on, nor beside the bone, where its neighbour
    lies.
    """
    at, rim = patch.beyond, patch.across(patch.rim)
    spread = 0.6 * np.maximum(at, 0)
    more = max(widening, 1e-4) * np.clip((1.25 + spread - np.abs(patch.v)) / (0.2 + spread), 0, 1)
    pressed = rim + (at - rim - more) * (FAR - rim) / (FAR - rim - more)
    source = np.where(at < rim + more, rim, pressed)
    inside = (at > rim) & (at < FAR)
    along = np.where(inside, source - at, 0).astype(np.float32)
    soft = 0.015
    room = np.clip((at - rim) / soft + 1, 0, 1) * np.clip((rim + more - at) / soft, 0, 1)
    away = layers.each(lambda film: moved(film, patch, along=along))
    low = away.low + (patch.bare - away.low) * room * patch.side
    return Layers(low.astype(np.float32), away.grain, np.maximum(away.new, room).astype(np.float32))


def splay_at(splay: float, u: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Share of its width by which a splayed end is wider at places along the shaft (widths, distal positive):
    all of it at the chord, 1/e half a width behind (ours)."""
    return np.asarray(splay * np.exp(-((np.minimum(u, 0) / 0.5) ** 2)))


def splayed(layers: Layers, patch: Patch, splay: float) -> Layers:
    """The end drawn apart sideways, fading up the shaft; the tissue beside it is pressed together."""
    ramp = splay_at(splay, patch.u) * np.clip(1 - np.maximum(patch.beyond, 0) / 0.1, 0, 1)
    wide, limit = 1 + ramp, 1.5
    size = np.abs(patch.v)
    outside = 1 + (size - wide) * (limit - 1) / (limit - wide)
    source = np.where(size <= wide, size / wide, np.where(size < limit, outside, size)) * np.sign(patch.v)
    sideways = (source - patch.v).astype(np.float32)
    return layers.each(lambda film: moved(film, patch, sideways=sideways))


def moved(
    film: FloatArray, patch: Patch, along: FloatArray | None = None, sideways: FloatArray | None = None
) -> FloatArray:
    """The film sampled at places moved along the shaft (widths) or across it (half widths)."""
    y, x = np.mgrid[0 : film.shape[0], 0 : film.shape[1]].astype(np.float32)
    width = patch.frame.width
    for amount, direction, unit in (
        (along, patch.frame.axis, width),
        (sideways, patch.frame.across, width / 2),
    ):
        if amount is not None:
            x, y = x + amount * np.float32(direction[0] * unit), y + amount * np.float32(direction[1] * unit)
    sampled = cv2.remap(film, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=np.float32)
