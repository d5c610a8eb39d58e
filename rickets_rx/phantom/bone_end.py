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
from rickets_rx.phantom.margins import LINE_MM, V_LIMIT, V_SAMPLES, Array, Margin, Shape, View3D, draw_margin
from rickets_rx.phantom.noise import FloatArray, band_noise, net_tile, sample_tile, trabecular_tile
from rickets_rx.phantom.place import Sheet

TRABECULAR = 0.165
"""Cortical-bone equivalent of a child's metaphyseal spongiosa, mm per mm (ours: apparent density near
0.35)."""
CORTICAL = 0.68
"""Cortical-bone equivalent of a growing child's porous cortex (ours)."""
ZONE = 0.33
"""Cortical-bone equivalent of the zone of provisional calcification (ours)."""

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

    @property
    def v(self) -> Array:
        """Across positions of ``ends`` in half widths."""
        return np.linspace(-V_LIMIT, V_LIMIT, V_SAMPLES)

    def edges(self, s: npt.ArrayLike) -> tuple[Array, Array]:
        """Outer edges of the silhouette at positions s (mm): x on corner1's and on corner2's side."""
        behind = np.maximum(-np.asarray(s, float), 0)
        centre = self.shape.bow * (behind / self.shape.length) ** 2
        grid = np.linspace(0, self.shape.length, self.wobble.shape[1])
        sides = []
        for index, sign in ((0, -1.0), (1, 1.0)):
            half = self._half_width(behind, index) + np.interp(behind, grid, self.wobble[index])
            sides.append(centre + sign * half)
        return sides[0], sides[1]

    def _half_width(self, behind: Array, side: int) -> Array:
        past = np.maximum(behind - self.shape.collar, 0) / (self.shape.flare[side] * self.shape.width)
        flare = 1 / (1 + past**self.shape.flare_power)
        half = self.shape.shaft / 2 + (self.width - self.shape.shaft) / 2 * flare
        if self.disease.variant == "torus":
            half = half + 0.05 * self.width * np.exp(
                -(((behind - 1.05 * self.width) / (0.13 * self.width)) ** 2)
            )
        if self.disease.variant == "lytic":
            half = half + 0.07 * self.width * np.exp(
                -(((behind - 0.9 * self.width) / (0.45 * self.width)) ** 2)
            )
        return np.asarray(half)

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
        half = 0.62 * self.width + abs(self.shape.bow) + 1.0
        x = np.arange(-half, half, pitch)
        s = np.arange(-length, 0.32 * self.width + 3.5, pitch)
        left, right = (edge[:, None] for edge in self.edges(s))
        outer = self._chord(x, left, right, s)
        thickness = self._cortex(s)[:, None]
        inner = self._chord(x, left + thickness, right - thickness, s)
        inner = np.minimum(inner, np.maximum(outer - 2 * thickness, 0))
        if self.shape.fossa > 0:
            outer, inner = (self._windowed(x, s, part) for part in (outer, inner))
        near = s > -(0.55 * self.width + 3.0)
        mineral = CORTICAL * (outer - inner)
        spongy = inner * self._trabecular(x, s, texture)
        mineral = mineral + spongy
        mineral[near] = self._end(x, s[near], outer[near], mineral[near], pitch)
        return Sheet(np.ascontiguousarray(mineral, dtype=np.float32), float(x[0]), float(s[0]), pitch)

    def _chord(self, x: Array, left: Array, right: Array, s: Array) -> Array:
        """Thickness of bone between two edges."""
        inside = np.maximum((x[None, :] - left) * (right - x[None, :]), 0)
        # The shaft is rounder than the flattened metaphysis.
        round_share = np.clip(-s / (1.5 * self.shape.width), 0, 1)[:, None]
        return 2 * (self.shape.depth + (0.95 - self.shape.depth) * round_share) * np.sqrt(inside)

    def _windowed(self, x: Array, s: Array, part: Array) -> Array:
        """Thickness with the fossa taken out of it."""
        wide, tall = 0.19 * self.shape.width, 0.13 * self.shape.width
        q = (x[None, :] / wide) ** 2 + ((s[:, None] + 0.22 * self.shape.width) / tall) ** 2
        return part * (1 - self.shape.fossa * np.clip(1.35 - q, 0, 1))

    def _cortex(self, s: Array) -> Array:
        full = self.shape.cortex * (1 - 0.75 * self.disease.thin_cortex)
        rise = 1 - np.exp(-np.maximum(-s - 1.0, 0) / (0.9 * self.shape.width))
        thin = 0.22 * (1 - 0.6 * self.disease.thin_cortex)
        return np.asarray(thin + (full - thin) * rise)

    def _trabecular(self, x: Array, s: Array, texture: bool) -> Array:
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
        density = np.broadcast_to(density, (len(s), len(x)))
        if self.disease.variant == "lytic":
            hole = (x[None, :] / (0.36 * self.width)) ** 2 + (
                (behind - 0.9 * self.width) / (0.5 * self.width)
            ) ** 2
            density = density * (1 - 0.85 * np.clip(1.5 - 1.2 * hole, 0, 1))
        if not texture:
            return density
        # The net that all bones of the hand share, drawn out along the shaft.
        tile = net_tile(round(5 + 6 * self.disease.coarse))
        grid_x, grid_s = np.meshgrid(x.astype(np.float32), s.astype(np.float32))
        noise = sample_tile(tile, grid_x, 0.5 * grid_s, self.tile_offset)
        # The primary spongiosa of the last millimetres is fine and even.
        middle = self._ends_at(x, np.median(self.margin.ends, axis=0))[None, :]
        depth = np.maximum(middle - s[:, None], 0)
        noise *= 1 - 0.8 * np.exp(-depth / 1.6).astype(np.float32)
        clear = self.clear * np.clip(CLEAR_WIDTH / self.shape.width, 1.0, 1.7)
        return density * np.maximum(1 + (clear + 0.05 * self.disease.coarse) * noise, 0.05)

    def _ends_at(self, x: Array, table: Array) -> Array:
        return np.interp(2 * x / self.width, self.v, table)

    def _inside(
        self, x: Array, s: Array, pitch: float, shift: float = 0.0, front: Array | None = None
    ) -> FloatArray:
        """Share of the depth that lies behind the end (moved distally by ``shift`` mm), 0-1."""
        soft = self._ends_at(x, self.margin.softness) if front is None else np.full(len(x), 0.2)
        slope = (1 / np.maximum(soft, 0.6 * pitch)).astype(np.float32)[None, :]
        along = s.astype(np.float32)[:, None] * slope
        total = np.zeros((len(s), len(x)), np.float32)
        step = np.empty_like(total)
        for layer in self.margin.ends if front is None else front:
            start = ((self._ends_at(x, layer) + shift) * slope[0] + 0.5).astype(np.float32)
            np.subtract(start[None, :], along, out=step)
            np.clip(step, 0, 1, out=step)
            total += step
        return np.asarray(total / len(self.margin.ends), dtype=np.float32)

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
        primary = 0.06 * np.exp(-depth / 2.5) * (1 - d.osteopenia) + 0.17 * d.dense_end * np.exp(
            -((depth / 3.0) ** 2)
        )
        out = (mineral + outer * primary) * (1 - lost) * inside
        thick = 0.45 + 0.008 * self.width
        zone = (
            np.clip(inside - self._inside(x, s, pitch, -thick), 0, 1)
            * self._ends_at(x, self.margin.zone)[None, :]
        )
        out = out + outer * zone * (ZONE - TRABECULAR)
        return out + outer * self._healed(x, s, inside, pitch) if d.dense_line > 0 else out

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


def grow(shape: Shape, disease: Disease, view: View3D, rng: np.random.Generator) -> BoneEnd:
    """A bone end of a shape under a disease, its irregularities drawn from ``rng``."""
    width = shape.width * (1 + disease.splay)
    margin = draw_margin(shape, disease, view, width, rng)
    offset = (float(rng.uniform(0, 512)), float(rng.uniform(0, 512)))
    wobble = 0.006 * shape.width * band_noise(rng, 64, shape.length, shortest=12.0, longest=60.0, rows=2)
    # The outline wavers along the shaft and not at the corner, whose place is truth.
    wobble = wobble * np.clip(np.linspace(0, shape.length, 64) / (0.5 * shape.width), 0, 1)
    clear = float(rng.uniform(0.15, 0.29))
    return BoneEnd(shape, disease, view, width, margin, offset, wobble, clear)
