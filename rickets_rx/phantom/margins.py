"""The distal end of a growing bone over (depth, across): where mineral ends, how softly, and its zone.

Lengths in mm; v across in half widths, heights distal of the chord between the corners.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.noise import band_noise, smooth_mask

Array = npt.NDArray[np.float64]

LINE_MM = 0.7
"""Thickness of the dense line that closes a healing end (ours)."""
LAYERS = 9
V_SAMPLES = 241
V_LIMIT = 1.12
GRID = np.linspace(-V_LIMIT, V_LIMIT, V_SAMPLES)
"""Places across an end at which its margin is known, half widths."""


@dataclass(frozen=True)
class Shape:
    """Healthy outline of one bone end.

    Parameters
    ----------
    width, shaft : float
        Metaphyseal width before disease and least shaft width, mm.
    length : float
        How far proximally the bone is modelled, mm.
    flare : (float, float)
        Distance behind the chord at which the flare has fallen to half, on corner1's and corner2's side, in
        fractions of ``width``.
    flare_power : float
        How abruptly it falls.
    fading : bool
        Whether the flare dies out like an exponential, as at the wrist, or like a power (the elbow).
    lean : float
        How far the shaft's middle stands to the side of the chord's, fractions of half the width: the flare
        is the larger on the other side.
    collar : float
        Straight cortical segment at the corner, mm.
    dome, dome_power, skew : float
        Convexity of the margin (fraction of width), how squarely its corners turn, and its lean.
    depth : float
        Depth over width of the cross-section.
    bow : float
        Sideways curvature, mm at one ``length``.
    cortex : float
        Thickness of the shaft's cortex, mm.
    walls : (float, float)
        Thickness of the side walls over it, on corner1's and corner2's side.
    fossa : float
        Share of density missing in a window just behind the margin (the olecranon fossa), 0-1.
    round_depth : float
        How much lower the front and back of the end lie than its middle, share of the dome's height.
    uneven_rims : float
        How much more of that the front has than the back, -1 to 1.
    shoulder : float
        Height (fraction of width) to which the end rises at once from its corners, which rounds them.
    wave : float
        RMS height (fraction of width) of the slow waves of the plate, which margin and epiphysis share.
    ripple : float
        RMS height (fraction of width) by which each depth of the plate has waves of its own.
    overhang : float
        How much further proximally the plate lies on one face of the bone than on the other, at corner1's
        half, fractions of width: there the epiphysis lies over the metaphysis in projection.
    zone, band : float
        Density of the zone's edge, and the extra that fades from it into the shaft, cortical-bone equivalent.
    band_deep : float
        Depth at which that extra has fallen to 1/e in the middle, fractions of width.
    strands : float
        How clearly strands stand out over what is usual for the width.
    """

    width: float
    shaft: float
    length: float
    flare: tuple[float, float] = (0.5, 0.5)
    flare_power: float = 1.6
    fading: bool = False
    lean: float = 0.0
    collar: float = 1.5
    dome: float = 0.1
    dome_power: float = 3.0
    skew: float = 0.0
    depth: float = 0.75
    bow: float = 0.0
    cortex: float = 1.2
    walls: tuple[float, float] = (1.0, 1.0)
    fossa: float = 0.0
    shoulder: float = 0.0
    wave: float = 0.006
    ripple: float = 0.0
    round_depth: float = 0.35
    uneven_rims: float = 0.0
    overhang: float = 0.0
    zone: float = 0.33
    band: float = 0.0
    band_deep: float = 0.16
    strands: float = 1.0


@dataclass(frozen=True)
class View3D:
    """How the beam meets the bone: ``tilt`` along the shaft and ``turn`` about it, degrees."""

    tilt: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True, eq=False)
class Margin:
    """One drawn end.

    Parameters
    ----------
    ends : ndarray of shape (9, 241)
        Where mineral ends at each depth: the old, perhaps frayed edge, mm.
    front : ndarray of shape (9, 241)
        Where a healing line stands, mm.
    softness : ndarray of shape (241,)
        Width of the fall at each layer, mm.
    wave : ndarray of shape (241,)
        Lean and slow waves of the plate, which the epiphysis shares; part of ``ends``, mm.
    zone : ndarray of shape (241,)
        Strength of the zone of provisional calcification, about 1 where whole.
    frayed : ndarray of shape (241,)
        0-1, where along the margin it frays.
    """

    ends: Array
    front: Array
    softness: Array
    wave: Array
    zone: Array
    frayed: Array


def draw_margin(
    shape: Shape, disease: Disease, view: View3D, width: float, rng: np.random.Generator
) -> Margin:
    """Draw the end of a bone of a shape under a disease; ``width`` is that of the splayed metaphysis, mm."""
    v = GRID
    inner = np.clip(np.abs(v), 0, 1)
    length = V_LIMIT * width
    wave = band_noise(rng, V_SAMPLES, length, shortest=0.25 * width, longest=width)[0]
    lean = shape.skew * np.clip(v, -1, 1) * (1 - inner**2)
    wave = width * (shape.wave * wave * (1 - inner**8) + lean)
    rough = band_noise(rng, V_SAMPLES, length, shortest=0.03 * width, longest=0.16 * width)[0]
    uneven = (1 - inner**8) * disease.irregularity * rough
    sweep = _sweep(shape, disease, width, v) + wave
    smooth = _in_depth(sweep, shape, disease, view, width)
    frayed = smooth_mask(rng, V_SAMPLES, disease.fray_extent)
    spread = disease.fray_depth * frayed
    # Columns of cartilage and bone are of one size in any bone, so teeth are counted in mm.
    teeth = band_noise(rng, V_SAMPLES, length, shortest=1.0, longest=5.0, rows=LAYERS)
    shared = band_noise(rng, V_SAMPLES, length, shortest=1.6, longest=10.0)
    ripple = band_noise(rng, V_SAMPLES, length, shortest=0.2 * width, longest=width, rows=LAYERS)
    smooth = smooth + shape.ripple * width * ripple * (1 - inner**8)
    setback = disease.dense_line_offset + LINE_MM if disease.dense_line > 0 else 0.0
    fringe = spread[None, :] * (0.5 * teeth + 0.25 * shared - 0.5)
    return Margin(
        ends=smooth - setback + uneven[None, :] + fringe,
        # New mineral bridges the teeth of the old edge.
        front=smooth + 0.2 * uneven[None, :],
        softness=0.18 + 2.8 * spread + 0.5 * disease.irregularity,
        wave=wave,
        zone=_zone(disease, frayed, width, rng),
        frayed=frayed,
    )


def _sweep(shape: Shape, disease: Disease, width: float, v: Array) -> Array:
    """The smooth course of the margin: dome, shoulders, cup and rim."""
    inner = np.clip(np.abs(v), 0, 1)
    left = max(0.0, 1 - disease.cup / 0.12)
    base = shape.dome * width * left * (1 - inner**shape.dome_power)
    # Upright at the corner and level a tenth of the width further in, as the rounded corners of films.
    base = base + shape.shoulder * width * left * np.sqrt(1 - inner**8)
    base = base - disease.cup * width * (1 - inner**2.6)
    base = base - disease.spur * (1 - np.clip((inner - 0.72) / 0.28, 0, 1) ** 1.5)
    # Beyond the corners the end falls away steeply, which rounds them.
    return np.asarray(base - np.maximum(np.abs(v) - 1, 0) * width * 2.0)


def _in_depth(sweep: Array, shape: Shape, disease: Disease, view: View3D, width: float) -> Array:
    """The sweep at every depth, tilted as the beam meets it; front and back of a dome lie lower."""
    inner = np.clip(np.abs(GRID), 0, 1)
    depth = np.linspace(-1, 1, LAYERS + 2)[1:-1]
    half_depth = shape.depth * width / 2 * np.sqrt(np.maximum(1 - inner**2, 0))
    slope = np.tan(np.radians(view.tilt)) + 0.08 * np.sin(np.radians(view.turn))
    convex = (shape.dome + shape.shoulder) * width * max(0.0, 1 - disease.cup / 0.12)
    drop = shape.round_depth * convex * depth**2 * (1 + shape.uneven_rims * depth)
    round_off = half_depth / max(half_depth.max(), 1e-6)
    twist = 0.5 * width * overhang_at(shape, GRID) * round_off
    raised = half_depth * slope + twist
    return np.asarray(sweep[None, :] + depth[:, None] * raised[None, :] - drop[:, None] * round_off[None, :])


def overhang_at(shape: Shape, v: Array) -> Array:
    """The plate's overhang at places across, fractions of width: whole from -0.6 half widths on, none beyond
    0.2 (ours, after normal films of 5-13 years)."""
    t = np.clip((0.2 - v) / 0.8, 0, 1)
    return np.asarray(shape.overhang * t * t * (3 - 2 * t))


def _zone(disease: Disease, frayed: Array, width: float, rng: np.random.Generator) -> Array:
    gone = smooth_mask(rng, V_SAMPLES, disease.zone_gaps, patch=0.3)
    course = band_noise(rng, V_SAMPLES, V_LIMIT * width, shortest=0.1 * width, longest=width)[0]
    strength = rng.uniform(0.8, 1.15) * (1 + 0.12 * course)
    # Once the healing line has closed the end it is the zone, and the old one is gone.
    left = (1 - min(disease.dense_line, 1.0)) * (1 - disease.zone_loss)
    return np.asarray(strength * left * (1 - gone) * (1 - 0.7 * frayed))
