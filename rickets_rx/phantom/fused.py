"""A wrist bone after its growth plate has gone: shaft and epiphysis as one solid.

Of a fused plate a film shows at most a scar, a thin dense line; struts and cortex run through it from shaft
to epiphysis, and the outline bears no step (Greulich and Pyle 1959, the standards of 17-19 years).
Proportions are ours, set beside normal films of 15-16 years.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.bone_end import CORTICAL, TRABECULAR, BoneEnd
from rickets_rx.phantom.limb import GradedBone
from rickets_rx.phantom.margins import Array
from rickets_rx.phantom.noise import band_noise, mesh_tile, sample_tile, smooth_mask, trabecular_tile
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.small_bones import Plate
from rickets_rx.vocabulary import Bone

SPONGY = 0.14
"""Cortical-bone equivalent of a fused epiphysis (ours, between that of the metaphysis and of an open one)."""


@dataclass(frozen=True)
class Scar:
    """The dense line that a plate leaves: ``strength`` in cortical-bone equivalent, ``thick`` in mm, and
    ``there`` over the across positions of the margin, 0-1 (a scar fades out in places)."""

    strength: float
    thick: float
    there: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class FusedEnd(BoneEnd):
    """A bone end that goes on into its epiphysis.

    Parameters
    ----------
    plate : Plate
        The outline of the epiphysis.
    scar : Scar
    roof : float
        Bone under the joint's surface, mm.
    hollow : float
        How far the joint's surface is hollowed out, mm.
    styloid : (x, width, height)
        The pointed process: its middle across, its width and how far it stands out, mm.
    """

    plate: Plate
    scar: Scar
    roof: float = 0.7
    hollow: float = 0.0
    styloid: tuple[float, float, float] = (0.0, 1.0, 0.0)

    def edges(self, s: npt.ArrayLike) -> tuple[Array, Array]:
        """Outer edges at positions s (mm), which go over into those of the epiphysis without a step."""
        left, right = super().edges(s)
        share = self._beyond(np.asarray(s, float))
        half = self.plate.width / 2
        return (
            left + share * (self.plate.centre - half - left),
            right + share * (self.plate.centre + half - right),
        )

    def _beyond(self, s: Array) -> Array:
        """0 in the shaft to 1 at the middle of the epiphysis, smooth."""
        t = np.clip((s + 0.16 * self.width) / (0.16 * self.width + 0.45 * self.plate.height), 0, 1)
        return np.asarray(t * t * (3 - 2 * t))

    def _top(self, x: Array) -> Array:
        """Where the bone ends towards the carpus, s in mm."""
        middle, half = self.plate._body(x)
        e = np.clip(np.abs(x - self.plate.centre) / (self.plate.width / 2), 0, 1)
        round_top = middle + half * (1 - e**self.plate.square) ** (1 / self.plate.square)
        at, wide, high = self.styloid
        process = high * np.exp(-(((x - at) / wide) ** 4))
        return np.asarray(round_top - self.hollow * (1 - e**2) + process)

    def maps(self, pitch: float, *, proximal: float | None = None, texture: bool = True) -> Sheet:
        """Mineral along the beam, mm of cortical-bone equivalent, as of `BoneEnd.maps`."""
        length = self.shape.length if proximal is None else proximal
        reach = max(self.width, self.plate.width) / 2 + abs(self.plate.centre) + abs(self.shape.bow) + 1.0
        x = np.arange(-reach, reach, pitch)
        s = np.arange(-length, float(self._top(x).max()) + 1.0, pitch)
        left, right = (edge[:, None] for edge in self.edges(s))
        wall = self._cortex(np.minimum(s, -1.0))[:, None]
        top = self._top(x)[None, :]
        outer = self._chord(x, left, right, s) * self._closing(top - s[:, None])
        inner = self._chord(x, left + wall, right - wall, s) * self._closing(top - self.roof - s[:, None])
        inner = np.minimum(inner, np.maximum(outer - 2 * np.minimum(wall, self.roof), 0))
        mineral = CORTICAL * (outer - inner) + inner * self._spongiosa(x, s, texture)
        return Sheet(np.ascontiguousarray(mineral, dtype=np.float32), float(x[0]), float(s[0]), pitch)

    def _closing(self, under: Array) -> Array:
        """Share of the full depth at a distance under the joint's surface, which is round in depth."""
        round_off = np.clip(under / (0.3 * self.plate.height), 0, 1)
        return np.asarray(np.sqrt(1 - (1 - round_off) ** 2.4))

    def _spongiosa(self, x: Array, s: Array, texture: bool) -> Array:
        """Density inside the shell: one meshwork through shaft and epiphysis, and the scar across it."""
        along = np.clip(0.5 + s / (0.5 * self.width), 0, 1)[:, None]
        behind = np.maximum(-s, 0)[:, None]
        shaft = TRABECULAR * (0.6 + 0.4 * np.exp(-((behind / (1.1 * self.shape.width)) ** 2)))
        density = shaft + along * (SPONGY - shaft)
        if texture:
            gx, gs = np.meshgrid(x.astype(np.float32), s.astype(np.float32))
            struts = 0.45 * sample_tile(trabecular_tile(10), gx, gs, self.tile_offset)
            struts += 0.8 * sample_tile(mesh_tile(9), gx, 0.45 * gs, self.tile_offset)
            density = density * np.maximum(1 + self.clear * struts, 0.05)
        course = self._ends_at(x, np.median(self.margin.ends, axis=0))[None, :]
        line = np.exp(-(((s[:, None] - course) / (0.6 * self.scar.thick)) ** 2))
        return np.asarray(density + self.scar.strength * self._ends_at(x, self.scar.there)[None, :] * line)


def fused(bone: GradedBone, rng: np.random.Generator) -> GradedBone:
    """A wrist bone whose plate has closed wholly; the truth of its corners and margin, where the plate was,
    stays.

    Raises
    ------
    ValueError
        When the bone has no epiphysis to fuse with.
    """
    if bone.epiphysis is None:
        raise ValueError(f"the {bone.bone} has no epiphysis to fuse with")
    end, plate = bone.end, bone.epiphysis.plate
    # Where the plate was there is bone, so that the epiphysis sits lower by its own width at most.
    sunk = replace(plate, floor=plate.floor - [0.0, float(rng.uniform(0.0, 0.08)) * plate.height])
    scar = _scar(rng, end)
    parts = {name: getattr(end, name) for name in BoneEnd.__dataclass_fields__}
    # The radius is hollow towards the carpus and ends in a broad process, the ulna in a thin one.
    radius = bone.bone is Bone.RADIUS
    side, wide, tall = (1, 0.16, (0.05, 0.2)) if radius else (-1, 0.09, (0.2, 0.7))
    styloid = (
        plate.centre + side * 0.38 * plate.width, wide * plate.width, float(rng.uniform(*tall)) * plate.height
    )  # fmt: skip
    hollow = float(rng.uniform(0.05, 0.2)) * plate.height * radius
    roof = float(rng.uniform(0.5, 1.1))
    whole = FusedEnd(**parts, plate=sunk, scar=scar, roof=roof, hollow=hollow, styloid=styloid)
    return replace(bone, end=whole, epiphysis=None)


def _scar(rng: np.random.Generator, end: BoneEnd) -> Scar:
    """None in half of the bones, else thin, and over part of the width or all of it (ours)."""
    samples = end.margin.ends.shape[1]
    there = smooth_mask(rng, samples, float(rng.uniform(0.3, 1.0)), patch=0.3)
    uneven = band_noise(rng, samples, 1.0, shortest=0.05, longest=0.5)[0]
    strength = float(rng.uniform(0.03, 0.12)) if rng.random() < 0.5 else 0.0
    return Scar(strength, float(rng.uniform(0.4, 0.9)), np.clip(there * (1 + 0.25 * uneven), 0, 1.5))
