"""One growing bone end as a solid: shell, trabeculae, zone of provisional calcification, frayed in depth.

The end is a surface over (across, depth), so a tilted beam or a turned forearm blurs and bends its projection
the way a film does; nothing is warped afterwards. Lengths in mm; x across (towards corner2), s distal,
0 at the
chord between the corners.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.margins import GRID, LINE_MM, Array, Margin, Shape, View3D, draw_margin
from rickets_rx.phantom.noise import FloatArray, band_noise, fan_tile, sample_tile, trabecular_tile
from rickets_rx.phantom.place import Sheet

TRABECULAR = 0.165
"""Cortical-bone equivalent of a child's metaphyseal spongiosa, mm per mm (ours: apparent density near
0.35)."""
CORTICAL = 0.68
"""Cortical-bone equivalent of a growing child's porous cortex (ours)."""
ZONE = 0.33
"""Cortical-bone equivalent of the line that closes a healing end (ours)."""

POROUS = 0.4
"""Density of the wall's inner layer over that of its outer one (ours)."""
WALL_PARTS = (0.75, 1.5)
"""Where the wall turns porous and where it ends, over its thickness: half of it is porous (ours)."""
STRUTS = (0.6, 0.4)
"""How far struts show within the wall and, besides, within its porous part too (ours)."""
STRAND_STEPS = 1.7
"""Steps of the map from strand to strand at least: finer ones no film of that grain shows (ours)."""
BEND = 0.5
"""Share of the collar over which a side turns from it into the flare (ours)."""
SPACINGS = (4, 5, 7, 9, 12)
"""Distances between strands that there are tiles of, tenths of a millimetre (few, since each is costly)."""
CLEAR_WIDTH = 21.0
"""Width (mm) below which struts stand out more, since fewer lie over one another: the texture of sixteen
ulnae on normal films is 1.7 times as strong as that of their radii (ours)."""


@dataclass(frozen=True, eq=False)
class BoneEnd:
    """A bone end with its disease, drawn once from a random generator; every map is made from it."""

    shape: Shape
    disease: Disease
    view: View3D
    width: float
    margin: Margin
    tile_offset: tuple[float, float]
    wobble: Array
    clear: float = 0.17
    """How clearly trabeculae stand out, share of the density; differs from child to child (ours)."""

    def edges(self, s: npt.ArrayLike) -> tuple[Array, Array]:
        """Outer edges of the silhouette at positions s (mm): x on corner1's and on corner2's side."""
        behind = np.maximum(-np.asarray(s, float), 0)
        middles = [1 - self._flare(behind, side) for side in (0, 1)]
        centre = self.shape.bow * (behind / self.shape.length) ** 2
        centre = centre + self.shape.lean * self.shape.width / 4 * (middles[0] + middles[1])
        grid = np.linspace(0, self.shape.length, self.wobble.shape[1])
        sides = []
        for index, sign in ((0, -1.0), (1, 1.0)):
            half = self._half_width(behind, index) + np.interp(behind, grid, self.wobble[index])
            sides.append(centre + sign * half)
        return sides[0], sides[1]

    def _half_width(self, behind: Array, side: int) -> Array:
        half = self.shape.shaft / 2 + (self.width - self.shape.shaft) / 2 * self._flare(behind, side)
        if self.disease.variant == "torus":
            half = half + 0.05 * self.width * np.exp(
                -(((behind - 1.05 * self.width) / (0.13 * self.width)) ** 2)
            )
        if self.disease.variant == "lytic":
            half = half + 0.07 * self.width * np.exp(
                -(((behind - 0.9 * self.width) / (0.45 * self.width)) ** 2)
            )
        return np.asarray(half)

    def _flare(self, behind: Array, side: int) -> Array:
        """Share of the flare that is left at distances behind the chord."""
        collar, reach = self.shape.collar, self.shape.flare[side] * self.shape.width
        if not self.shape.fading:
            past = np.maximum(behind - collar, 0) / reach
            return np.asarray(1 / (1 + past**self.shape.flare_power))
        # The side leaves its collar in a bend, not in a corner.
        bend = BEND * collar
        past = 0.5 * (behind - collar + np.hypot(behind - collar, bend) + collar - np.hypot(collar, bend))
        return np.asarray(0.5 ** ((past / reach) ** self.shape.flare_power))

    def maps(self, pitch: float, *, proximal: float | None = None, texture: bool = True) -> Sheet:
        """Mineral along the beam, mm of cortical-bone equivalent.

        Parameters
        ----------
        pitch : float
            Grid step, mm.
        proximal : float, optional
            How far behind the chord to go, mm; default the whole modelled length.
        texture : bool
            False leaves the trabecular noise out (for truth).
        """
        length = self.shape.length if proximal is None else proximal
        s = np.arange(-length, 0.32 * self.width + 3.5, pitch)
        left, right = (edge[:, None] for edge in self.edges(s))
        half = 0.62 * self.width + 1.0
        x = np.arange(min(-half, float(left.min()) - 1), max(half, float(right.max()) + 1), pitch)
        outer = self._chord(x, left, right, s)
        wall = self._cortex(s)[:, None]
        solid, inner = (self._within(x, s, (left, right), outer, part * wall) for part in WALL_PARTS)
        if self.shape.fossa > 0:
            outer, solid, inner = (self._windowed(x, s, part) for part in (outer, solid, inner))
        near = s > -(0.55 * self.width + 3.0)
        struts = self._struts(x, s, pitch) if texture else None
        mineral = layered(outer, solid, inner, self._spongy(x, s), struts)
        mineral[near] = self._end(x, s[near], outer[near], mineral[near], pitch)
        return Sheet(np.ascontiguousarray(mineral, dtype=np.float32), float(x[0]), float(s[0]), pitch)

    def _within(self, x: Array, s: Array, edges: tuple[Array, Array], outer: Array, wall: Array) -> Array:
        """Thickness of what lies behind a wall."""
        one, two = self.shape.walls
        inner = self._chord(x, edges[0] + one * wall, edges[1] - two * wall, s)
        left = outer - 2 * wall
        return np.asarray(np.minimum(inner, np.maximum(left, 0, out=left), out=inner))

    def _chord(self, x: Array, left: Array, right: Array, s: Array) -> Array:
        """Thickness of bone between two edges."""
        inside = x[None, :] - left
        inside *= right - x[None, :]
        np.sqrt(np.maximum(inside, 0, out=inside), out=inside)
        # The shaft is rounder than the flattened metaphysis.
        round_share = np.clip(-s / (1.5 * self.shape.width), 0, 1)[:, None]
        inside *= 2 * (self.shape.depth + (0.95 - self.shape.depth) * round_share)
        return np.asarray(inside)

    def _windowed(self, x: Array, s: Array, part: Array) -> Array:
        """Thickness with the fossa taken out of it."""
        wide, tall = 0.19 * self.shape.width, 0.13 * self.shape.width
        q = (x[None, :] / wide) ** 2 + ((s[:, None] + 0.22 * self.shape.width) / tall) ** 2
        return part * (1 - self.shape.fossa * np.clip(1.35 - q, 0, 1))

    def _cortex(self, s: Array) -> Array:
        full = self.shape.cortex * (1 - 0.75 * self.disease.thin_cortex)
        # Thin at the metaphysis, thickest in the shaft (set beside profiles of 46 normal films).
        rise = 1 - np.exp(-np.maximum(-s - 1.0, 0) / (0.65 * self.shape.width))
        thin = 0.011 * self.shape.width * (1 - 0.6 * self.disease.thin_cortex)
        return np.asarray(thin + (full - thin) * rise)

    def _spongy(self, x: Array, s: Array) -> Array:
        """Density of what lies inside the shell, cortical equivalent."""
        behind = np.maximum(-s, 0)[:, None]
        # Spongiosa thins out into the marrow cavity of the shaft.
        density = TRABECULAR * (0.6 + 0.4 * np.exp(-((behind / (1.1 * self.shape.width)) ** 2)))
        density = density * (1 - 0.7 * self.disease.osteopenia)
        for index in range(self.disease.arrest_lines):
            at = 3.2 + 2.3 * index + 0.4 * np.sin(2.0 * index)
            density = density + 0.13 * np.exp(-(((behind - at) / 0.35) ** 2))
        if self.disease.variant == "torus":
            density = density + 0.14 * np.exp(-(((behind - 1.05 * self.width) / (0.07 * self.width)) ** 2))
        if self.disease.variant == "lytic":
            hole = (x[None, :] / (0.36 * self.width)) ** 2 + (
                (behind - 0.9 * self.width) / (0.5 * self.width)
            ) ** 2
            density = density * (1 - 0.85 * np.clip(1.5 - 1.2 * hole, 0, 1))
        return np.asarray(density)

    def _struts(self, x: Array, s: Array, pitch: float) -> Array:
        """By how much strands stand out over what lies between them, cortical equivalent."""
        # Strands run with the sides, so they fan out into the metaphysis.
        apart = max(3.5, STRAND_STEPS * 10 * pitch) + 6 * self.disease.coarse
        tile = fan_tile(min(SPACINGS, key=lambda tenths: abs(tenths - apart)))
        left, right = (edge.astype(np.float32)[:, None] for edge in self.edges(s))
        fan = np.sqrt(np.float32(self.width) / (right - left))
        grid_x = (x.astype(np.float32)[None, :] - (left + right) / 2) * fan
        grid_s = np.broadcast_to(s.astype(np.float32)[:, None], grid_x.shape)
        noise = sample_tile(tile, grid_x, 0.5 * grid_s, self.tile_offset)
        noise *= self._grown(x, s)
        # Fewer lie over one another in the slender shaft, so each shows better.
        noise *= (1 + 0.9 * np.clip(-s / self.width, 0, 1)).astype(np.float32)[:, None]
        clear = self.clear * self.shape.strands * np.clip(CLEAR_WIDTH / self.shape.width, 1.0, 1.4)
        density = TRABECULAR * (1 - 0.7 * self.disease.osteopenia)
        return np.asarray(density * np.maximum((clear + 0.05 * self.disease.coarse) * noise, -0.6))

    def _grown(self, x: Array, s: Array) -> Array:
        """How far strands stand out, 0-1: the primary spongiosa of the last millimetres is fine and even."""
        middle = self._ends_at(x, np.median(self.margin.ends, axis=0))[None, :]
        depth = np.maximum(middle - s[:, None], 0)
        return np.asarray(1 - 0.8 * np.exp(-depth / 1.6).astype(np.float32))

    def _ends_at(self, x: Array, table: Array) -> Array:
        return np.interp(2 * x / self.width, GRID, table)

    def _inside(
        self, x: Array, s: Array, pitch: float, shift: float = 0.0, front: Array | None = None
    ) -> FloatArray:
        """Share of the depth that lies behind the end (moved distally by ``shift`` mm), 0-1."""
        ends = self.margin.ends if front is None else front
        soft = self._ends_at(x, self.margin.softness) if front is None else np.full(len(x), 0.2)
        slope = (1 / np.maximum(soft, 0.6 * pitch)).astype(np.float32)[None, :]
        along = s.astype(np.float32)[:, None] * slope
        total = np.zeros((len(s), len(x)), np.float32)
        step = np.empty_like(total)
        for layer in ends:
            start = ((self._ends_at(x, layer) + shift) * slope[0] + 0.5).astype(np.float32)
            np.subtract(start[None, :], along, out=step)
            np.clip(step, 0, 1, out=step)
            total += step
        return np.asarray(total / len(ends), dtype=np.float32)

    def _ragged(self, x: Array, s: Array, depth: Array) -> Array:
        """Mineral lost or left in clumps and short strands near a frayed end, share of what was there."""
        grid_x, grid_s = np.meshgrid(x.astype(np.float32), s.astype(np.float32))
        clumps = sample_tile(trabecular_tile(16), grid_x, grid_s, (self.tile_offset[1], self.tile_offset[0]))
        strength = min(0.25, 0.22 * self.disease.fray_depth) * self._ends_at(x, self.margin.frayed)[None, :]
        return strength * clumps * np.exp(-depth / (1.0 + 1.5 * self.disease.fray_depth))

    def _end(self, x: Array, s: Array, outer: Array, mineral: Array, pitch: float) -> Array:
        """Mineral of the last stretch: cut by the end, with the zone and what disease makes of it."""
        d = self.disease
        inside = self._inside(x, s, pitch)
        middle = self._ends_at(x, np.median(self.margin.ends, axis=0))[None, :]
        depth = np.maximum(middle - s[:, None], 0)
        lost = d.lucency * np.exp(-((depth / (0.13 * self.width)) ** 1.5))
        if d.fray_depth > 0:
            lost = np.clip(lost + self._ragged(x, s, depth), -0.4, 1)
        primary = 0.045 * np.exp(-depth / 2.5) * (1 - d.osteopenia) + 0.17 * d.dense_end * np.exp(
            -((depth / 3.0) ** 2)
        )
        out = (mineral + outer * primary) * (1 - lost) * inside
        out = out + outer * self._zone(x, s, pitch, inside)
        return out + outer * self._healed(x, s, inside, pitch) if d.dense_line > 0 else out

    def _zone(self, x: Array, s: Array, pitch: float, inside: FloatArray) -> Array:
        """Extra density of the zone: its edge, and the band that fades from it into the shaft."""
        thick = 0.45 + 0.012 * self.width
        edge = np.clip(inside - self._inside(x, s, pitch, -thick), 0, 1) * (self.shape.zone - TRABECULAR)
        whole = self._ends_at(x, self.margin.zone)[None, :]
        if self.shape.band == 0:
            return np.asarray(whole * edge)
        return np.asarray(whole * (edge + self.shape.band * inside * self._band(x, pitch, inside)))

    def _band(self, x: Array, pitch: float, inside: FloatArray) -> FloatArray:
        """The band's density over its density at the end, 0-1: even at first, with a soft inner edge, as on
        normal films (excess of grey over the bone behind it: the same at 0.03-0.09 widths, half at 0.13)."""
        v = 2 * x / self.width
        # At each depth of the bone it lies behind the end there, so that a tilted plate spreads it.
        behind = np.cumsum(inside[::-1], axis=0, dtype=np.float32)[::-1] * np.float32(pitch)
        # A lens, deepest in the middle and to one side.
        side = 1 + 0.3 * np.sin(1.7 * v + 0.1 * self.tile_offset[0])
        lens = self.shape.band_deep * self.width * (0.5 + 0.5 * np.sqrt(np.clip(1 - v**2, 0, 1))) * side
        behind /= lens.astype(np.float32)[None, :]
        return np.asarray(np.exp(-behind * behind * behind), dtype=np.float32)

    def _healed(self, x: Array, s: Array, inside: FloatArray, pitch: float) -> Array:
        """Density beyond the old edge: what fills the gap, and the line that closes it."""
        d = self.disease
        reach = self._inside(x, s, pitch, 0.0, self.margin.front)
        start = self._inside(x, s, pitch, -LINE_MM, self.margin.front)
        line = np.clip(reach - start, 0, 1)
        # The filled stretch is young dense bone; what is dense at the end counts from the new front.
        filled = (
            np.clip(start - inside, 0, 1)
            * d.fill
            * (TRABECULAR * (1 - 0.5 * d.osteopenia) + 0.07 + 0.15 * d.dense_end)
        )
        return line * ZONE * 0.8 * d.dense_line + filled


def layered(outer: Array, solid: Array, inner: Array, spongy: Array, struts: Array | None) -> Array:
    """Mineral of a bone, mm of cortical equivalent: a wall that is porous towards the marrow round spongiosa.

    Parameters
    ----------
    outer, solid, inner : ndarray of shape (rows, columns)
        Thickness of all of it, and of what lies behind each of `WALL_PARTS`, mm.
    spongy, struts : ndarray
        Density of what the wall holds, and by how much struts stand out over it; these run on into the porous
        part of the wall.
    """
    mineral = CORTICAL * outer - CORTICAL * (1 - POROUS) * solid
    mineral += inner * (spongy - CORTICAL * POROUS)
    if struts is not None:
        mineral += (STRUTS[0] * inner + STRUTS[1] * solid) * struts
    return np.asarray(mineral)


def grow(shape: Shape, disease: Disease, view: View3D, rng: np.random.Generator) -> BoneEnd:
    """A bone end of a shape under a disease, its irregularities drawn from ``rng``."""
    width = shape.width * (1 + disease.splay)
    margin = draw_margin(shape, disease, view, width, rng)
    offset = (float(rng.uniform(0, 512)), float(rng.uniform(0, 512)))
    wobble = 0.006 * shape.width * band_noise(rng, 64, shape.length, shortest=12.0, longest=60.0, rows=2)
    # The outline wavers along the shaft and not at the corner, whose place is truth.
    wobble = wobble * np.clip(np.linspace(0, shape.length, 64) / (0.5 * shape.width), 0, 1)
    clear = float(rng.uniform(0.11, 0.22))
    return BoneEnd(shape, disease, view, width, margin, offset, wobble, clear)
