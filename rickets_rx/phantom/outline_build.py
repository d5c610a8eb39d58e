"""How a bone is built within its outline, and the nets of struts that fill it."""

from dataclasses import dataclass, field

import numpy as np

from rickets_rx.phantom.facets import Facet
from rickets_rx.phantom.noise import sample_tile, strand_tile
from rickets_rx.phantom.outline_field import Field, Map
from rickets_rx.phantom.small_bones import SPONGY, Look

STREAKS = (0.12, 0.35)
"""How far the shell of a block and the walls of a shaft are streaked over the spongiosa (ours)."""
WAIST = 0.45
"""How far the lines of a shaft's waist stand out (ours)."""


@dataclass(frozen=True)
class Grain:
    """The spongiosa that all bones of one hand share.

    ``clear`` is how far struts stand out (standard deviation over the mean density), ``tenths`` how far apart
    they stand (tenths of a millimetre).
    """

    clear: float = 0.3
    tenths: int = 9


@dataclass(frozen=True)
class Build:
    """How a bone is built within its outline.

    Parameters
    ----------
    depth : float
        Extent along the beam over the width (of a block: over twice its greatest distance from the outline).
    wall : float
        Greatest thickness of the side walls, mm; 0 for a block (carpal, epiphysis).
    through : float
        Walls in front and behind together over a side wall: 2 a tube, less where they are more porous.
    wall_at : float
        Where along the shaft (0-1) they are thickest.
    rim : float
        Thickness of the shell elsewhere, mm.
    rims : (base, sides, head)
        Its thickness there over ``rim``.
    edge : (base, middle, head)
        Over what share of the half width the bone gains its full depth.
    fill : (base, middle, head)
        Spongiosa over `SPONGY`; the middle is the marrow cavity.
    zones : (base, head)
        Dense zone behind an end (provisional calcification), share of the depth.
    dense : float
        Mineral of all of it over that of other bones.
    bands : tuple of (place, strength)
        Dense lines across, mm from the base, as growth leaves them.
    facets : tuple of Facet
        Joint faces of a block that show as lines on its far outline.
    cells : (base, head)
        How closed the net of a shaft's ends is: 0 long strands, 1 round cells.
    net : (base, head)
        How far that net stands out.
    load : float
        Bearing of the struts of a block, degrees (90 along the limb).
    fan : bool
        Those of a block run from its foot to its joint face, as in the heads of metacarpals.
    joints : tuple of float
        How far the side of a block is a joint face, 0-1, in even steps of bearing from -180 to 180 degrees:
        the shell is thick and the edge steep there; () for a block that is the same all round.
    bare : float
        Thickness of the shell away from joint faces over that of one without ``joints``.
    """

    depth: float = 0.8
    wall: float = 0.0
    through: float = 2.0
    wall_at: float = 0.5
    rim: float = 0.22
    rims: tuple[float, float, float] = (1.0, 1.0, 1.0)
    edge: tuple[float, float, float] = (0.4, 0.4, 0.4)
    fill: tuple[float, float, float] = (1.3, 1.3, 1.3)
    zones: tuple[float, float] = (0.0, 0.0)
    dense: float = 1.0
    bands: tuple[tuple[float, float], ...] = field(default=())
    facets: tuple[Facet, ...] = ()
    cells: tuple[float, float] = (0.35, 0.35)
    net: tuple[float, float] = (0.8, 0.8)
    load: float = 90.0
    fan: bool = False
    joints: tuple[float, ...] = ()
    bare: float = 1.0


def along(t: Map, values: tuple[float, float, float], reach: float = 0.30) -> Map:
    """A base's, a middle's and a head's value along a bone."""
    return np.interp(t, (0.02, reach, 1 - reach, 0.98), (values[0], values[1], values[1], values[2])).astype(
        np.float32
    )


def spongiosa(lie: Field, build: Build, look: Look, grain: Grain, seed: int) -> tuple[Map, Map]:
    """Density inside, cortical equivalent: a net that follows the sides, poor in the marrow cavity; how far
    the shell itself is streaked (canals, and struts that end on it), about 1."""
    fill = along(lie.t, build.fill, 0.38)
    for place_mm, strength in build.bands:
        fill = fill + np.float32(strength) * np.exp(-(((lie.s - lie.s[0] - place_mm) / 0.25) ** 2))
    clear = np.float32(grain.clear + 0.15 * look.coarse)
    mean = np.float32(SPONGY * (1 - 0.7 * look.fade)) * fill[:, None]
    if clear == 0:
        return mean, np.ones((1, 1), np.float32)
    net = _strands if build.wall > 0 else _fan if build.fan else _granules
    noise = net(lie, build, grain.tenths + 5 * look.coarse, seed)
    density = mean * np.maximum(1 + clear * noise, 0.1)
    streaked = np.float32(STREAKS[build.wall > 0]) * clear * noise
    return density, np.maximum(1 + streaked, 0.3)


def _strands(lie: Field, build: Build, tenths: float, seed: int) -> Map:
    """Struts of a shaft: long fine lines in its waist's walls that part and close into cells at its ends."""
    place = ((seed * 37) % 512, (seed * 101) % 512)
    size = np.float32(np.median(lie.half))
    across = (lie.x[None, :] - lie.middle[:, None]) * (size / (0.7 * lie.half + 0.3 * size))[:, None]
    far = lie.t > 0.5
    near = np.clip(np.abs(2 * lie.t - 1) * 1.6 - 0.6, 0, 1)
    closed = 0.14 + 0.75 * near * np.where(far, build.cells[1], build.cells[0])
    way = np.cumsum(closed * float(lie.s[1] - lie.s[0])).astype(np.float32)
    way = np.broadcast_to(way[:, None], across.shape)
    strands = sample_tile(strand_tile(round(1.2 * tenths)), across, way, place[::-1])
    clear = (WAIST + near * (np.where(far, build.net[1], build.net[0]) - WAIST)).astype(np.float32)
    return np.asarray(clear[:, None] * strands, dtype=np.float32)


def _granules(lie: Field, build: Build, tenths: float, seed: int) -> Map:
    """Struts of a block: along its load, which they follow in a slight bend, and tied across."""
    place = ((seed * 37) % 512, (seed * 101) % 512)
    # Each bone's net is a little wider or narrower than the hand's.
    tile = strand_tile(round(tenths * (1.0 + 0.05 * (seed % 9))))
    turn = np.radians(build.load - 90.0)
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    x, y = (lie.x - lie.x.mean())[None, :], (lie.s - lie.s.mean())[:, None]
    u, v = c * x + s * y, c * y - s * x
    size = np.float32(max(float(lie.inside.max()), 1e-3))
    # Struts part towards either end.
    u = u / (1 + np.float32(0.12) * np.square(v / size))
    loaded = sample_tile(tile, u, np.float32(0.7) * v, place)
    tied = sample_tile(tile, v, np.float32(0.8) * u, place[::-1])
    return np.asarray(0.9 * loaded + 0.3 * tied, dtype=np.float32)


def _fan(lie: Field, _build: Build, tenths: float, seed: int) -> Map:
    """Struts of a head: they rise from its foot, part towards the joint face, and are tied across."""
    place = ((seed * 37) % 512, (seed * 101) % 512)
    tile = strand_tile(round(0.85 * tenths))
    across = lie.x[None, :] - lie.middle[:, None]
    way = np.broadcast_to(lie.s[:, None], lie.inside.shape)
    rise = sample_tile(tile, across / (np.float32(0.75) + np.float32(0.5) * lie.t[:, None]), 0.4 * way, place)
    tied = sample_tile(tile, 0.6 * way, across, place[::-1])
    return np.asarray(0.95 * rise + 0.35 * tied, dtype=np.float32)
