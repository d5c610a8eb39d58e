"""A wrist bone after its growth plate has gone: shaft and epiphysis as one solid.

Of a fused plate a film shows at most a scar, a thin dense line; struts and cortex run through it from shaft
to epiphysis, and the outline bears no step (Greulich and Pyle 1959, the standards of 17-19 years).
Its form is that of the open epiphysis; proportions of wall and scar are ours, set beside normal films of
15-16 years.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.bone_end import TRABECULAR, WALL_PARTS, BoneEnd, layered
from rickets_rx.phantom.limb import GradedBone
from rickets_rx.phantom.margins import Array
from rickets_rx.phantom.noise import band_noise, smooth_mask
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.traced_plate import TracedPlate

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
    plate : TracedPlate
        The epiphysis; the joint's surface is its distal face.
    scar : Scar
    roof : float
        Bone under the joint's surface, mm.
    """

    plate: TracedPlate
    scar: Scar
    roof: float = 0.7

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
        at, _, distal = self.plate.faces()
        return np.interp(x, at, distal)

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

        def behind(part: float) -> Array:
            """What lies behind a part of the wall and of the roof."""
            inside = self._chord(x, left + part * wall, right - part * wall, s)
            inside = inside * self._closing(top - part * self.roof - s[:, None])
            return np.asarray(
                np.minimum(inside, np.maximum(outer - 2 * part * np.minimum(wall, self.roof), 0))
            )

        solid, inner = (behind(part) for part in WALL_PARTS)
        struts = self._struts(x, s, pitch) if texture else None
        mineral = layered(outer, solid, inner, self._spongiosa(x, s), struts)
        return Sheet(np.ascontiguousarray(mineral, dtype=np.float32), float(x[0]), float(s[0]), pitch)

    def _closing(self, under: Array) -> Array:
        """Share of the full depth at a distance under the joint's surface, which is round in depth."""
        round_off = np.clip(under / (0.3 * self.plate.height), 0, 1)
        return np.asarray(np.sqrt(1 - (1 - round_off) ** 2.4))

    def _grown(self, x: Array, s: Array) -> Array:
        """Nothing grows any more, so no primary spongiosa hides the strands."""
        return np.ones((1, 1), np.float32)

    def _spongiosa(self, x: Array, s: Array) -> Array:
        """Density inside the shell: one meshwork through shaft and epiphysis, and the scar across it."""
        along = np.clip(0.5 + s / (0.5 * self.width), 0, 1)[:, None]
        behind = np.maximum(-s, 0)[:, None]
        shaft = TRABECULAR * (0.6 + 0.4 * np.exp(-((behind / (1.1 * self.shape.width)) ** 2)))
        density = shaft + along * (SPONGY - shaft)
        course = self._ends_at(x, np.median(self.margin.ends, axis=0))[None, :]
        line = np.exp(-(((s[:, None] - course) / (0.6 * self.scar.thick)) ** 2))
        return np.asarray(density + self.scar.strength * self._ends_at(x, self.scar.there)[None, :] * line)


def fused(bone: GradedBone, rng: np.random.Generator) -> GradedBone:
    """A wrist bone whose plate has closed wholly; the truth of its corners and margin, where the plate was,
    stays.

    Raises
    ------
    ValueError
        When the bone has no epiphysis to fuse with, or not one of a hand.
    """
    if bone.epiphysis is None:
        raise ValueError(f"the {bone.bone} has no epiphysis to fuse with")
    end, plate = bone.end, bone.epiphysis.plate
    if not isinstance(plate, TracedPlate):
        raise ValueError(f"the {bone.bone} has an epiphysis of another kind than a wrist's")
    # Where the plate was there is bone, so that the epiphysis sits lower by its own width at most.
    sunk = replace(plate, floor=plate.floor - [0.0, float(rng.uniform(0.0, 0.08)) * plate.height])
    scar = _scar(rng, end)
    parts = {name: getattr(end, name) for name in BoneEnd.__dataclass_fields__}
    whole = FusedEnd(**parts, plate=sunk, scar=scar, roof=float(rng.uniform(0.5, 1.1)))
    return replace(bone, end=whole, epiphysis=None)


def _scar(rng: np.random.Generator, end: BoneEnd) -> Scar:
    """None in half of the bones, else thin, and over part of the width or all of it (ours)."""
    samples = end.margin.ends.shape[1]
    there = smooth_mask(rng, samples, float(rng.uniform(0.3, 1.0)), patch=0.3)
    uneven = band_noise(rng, samples, 1.0, shortest=0.05, longest=0.5)[0]
    strength = float(rng.uniform(0.03, 0.12)) if rng.random() < 0.5 else 0.0
    return Scar(strength, float(rng.uniform(0.4, 0.9)), np.clip(there * (1 + 0.25 * uneven), 0, 1.5))
