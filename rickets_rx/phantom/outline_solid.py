"""Bones as solids round a closed outline: shell, walls and a net of spongiosa, as maps along the beam."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.facets import Facet, face_lines
from rickets_rx.phantom.noise import band_noise, net_tile, sample_tile, strand_tile
from rickets_rx.phantom.place import Sheet
from rickets_rx.phantom.small_bones import SPONGY, Look

FloatArray = npt.NDArray[np.float64]
Map = npt.NDArray[np.float32]

RIM = 0.62
"""Cortical-bone equivalent of the thin shell at ends, facets and round small bones (ours)."""
WALL = 1.0
"""Cortical-bone equivalent of the walls of shafts (ours)."""

STREAKS = (0.12, 0.35)
"""How far the shell of a block and the walls of a shaft are streaked over the spongiosa (ours)."""


WAIST = 0.45
"""How far the lines of a shaft's waist stand out (ours)."""
ZONE_MM = 0.4
"""Over how far a dense zone behind a growing end falls, mm (ours)."""
LOPSIDED = (0.32, 0.22, 0.16)
"""How unevenly a shell is thick round one half of a bone: of once, twice and three times round (ours)."""


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
    fine : bool
        Struts are thin branching strands (hand) in place of the coarse net (forearm).
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
    fine: bool = False
    cells: tuple[float, float] = (0.35, 0.35)
    net: tuple[float, float] = (0.8, 0.8)
    load: float = 90.0
    fan: bool = False
    joints: tuple[float, ...] = ()
    bare: float = 1.0


@dataclass(frozen=True, eq=False)
class _Field:
    """An outline on a grid: ``inside`` mm from the outline (0 beyond), and how a shaft lies in it by row."""

    x: Map
    s: Map
    inside: Map
    half: Map
    middle: Map
    t: Map
    facing: Map = field(default_factory=lambda: np.zeros((1, 1), np.float32))


def inside_of(outline: FloatArray, x0: float, s0: float, pitch: float, shape: tuple[int, int]) -> Map:
    """Distance from the outline at every place within it, mm, from a grid twice as fine."""
    fine = np.zeros((2 * shape[0], 2 * shape[1]), np.uint8)
    points = (outline - (x0 - pitch / 4, s0 - pitch / 4)) * (2 / pitch)
    cv2.fillPoly(fine, [np.round(points * 64).astype(np.int32)], 1, shift=6)
    away = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Its last bits differ from call to call; squared distances of pixels are whole numbers.
    away = np.sqrt(np.rint(away * away))
    away = cv2.resize(np.maximum(away - 0.5, 0), shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(away * np.float32(pitch / 2), dtype=np.float32)


def _laid_out(outline: FloatArray, pitch: float) -> _Field:
    low, high = outline.min(0) - 2 * pitch, outline.max(0) + 3 * pitch
    x = np.arange(low[0], high[0], pitch, dtype=np.float32)
    s = np.arange(low[1], high[1], pitch, dtype=np.float32)
    inside = inside_of(outline, float(x[0]), float(s[0]), pitch, (len(s), len(x)))
    full = (inside > 0).astype(np.float32)
    count = full.sum(axis=1)
    middle = (full * x[None, :]).sum(axis=1) / np.maximum(count, 1)
    kernel = max(3, 2 * round(0.06 * len(s)) + 1)
    half = np.maximum(_smooth(count * np.float32(pitch / 2), kernel), 2 * pitch)
    t = np.clip((s - outline[:, 1].min()) / np.ptp(outline[:, 1]), 0, 1).astype(np.float32)
    return _Field(x, s, inside, half.astype(np.float32), _smooth(middle, kernel).astype(np.float32), t)


def _smooth(values: npt.NDArray[np.floating], kernel: int) -> npt.NDArray[np.floating]:
    """Running mean over an odd number of places."""
    total = np.cumsum(np.pad(values.astype(np.float64), (kernel // 2 + 1, kernel // 2), mode="edge"))
    return (total[kernel:] - total[:-kernel]) / kernel


def solid(
    outline: FloatArray, build: Build, *, pitch: float, look: Look, grain: Grain, seed: int,
    frayed: tuple[float, float] = (0.0, 0.0), back: FloatArray | None = None,
) -> Sheet:  # fmt: skip
    """Mineral of a bone along the beam, mm of cortical equivalent.

    Parameters
    ----------
    outline : ndarray of shape (n, 2)
        Closed, (x, s) in mm; s from base to head.
    pitch : float
        Step of the map, mm.
    seed : int
        Which piece of the texture lies in it.
    frayed : (base, head)
        How far rickets dissolves either end, 0-1.
    back : ndarray of shape (n, 2), optional
        Outline of its far half where that differs, as films show front and back of an end as two lines.
    """
    lie = _laid_out(np.asarray(outline, float), pitch)
    if build.joints:
        lie = replace(lie, facing=_facing(lie, build.joints))
    rng = np.random.default_rng(seed)
    kept = 1 - 0.6 * look.fade
    wall, rim = _walls(lie, build, rng) * np.float32(kept), np.float32(build.rim * kept)
    density, streaks = _spongiosa(lie, build, look, grain, seed)
    faces = [lie.inside]
    if back is not None:
        faces.append(
            inside_of(np.asarray(back, float), float(lie.x[0]), float(lie.s[0]), pitch, lie.inside.shape)
        )
    value = np.zeros_like(lie.inside)
    around = _around(lie)
    for inside in faces:
        half = replace(lie, inside=inside)
        uneven = _uneven(lie, around, build, rng)
        shell = np.maximum(wall, rim * uneven)
        hard = np.float32(RIM) + np.float32(WALL - RIM) * np.clip((shell / max(rim, 1e-6) - 1) / 2, 0, 1)
        outer, inner = _layers(half, build, shell, uneven, pitch)
        filled = inner * (density + _zones(half, inside, build, look))
        value += (1 - 0.75 * look.fade) * hard * (outer - inner) * streaks + filled
    if build.facets:
        lines = face_lines(faces[-1], lie.x, lie.s, build.facets)
        value += np.float32(len(faces) * (1 - 0.75 * look.fade)) * lines
    value *= np.float32(build.dense / len(faces))
    for end, share in enumerate(frayed):
        if share > 0:
            value = value * _dissolved(lie, end, share, rng)
    return Sheet(np.ascontiguousarray(value, dtype=np.float32), float(lie.x[0]), float(lie.s[0]), pitch)


def _layers(lie: _Field, build: Build, wall: Map, uneven: Map, pitch: float) -> tuple[Map, Map]:
    """Depth of the bone and of what its shell holds, mm."""
    depth, edge = _depths(lie, build)
    if build.fine and build.wall <= 0:
        # A side whose shell is thin slopes away.
        edge = edge * np.clip(np.float32(1.7) - np.float32(0.7) * uneven, 0.6, 1.6)
    outer = depth * _dome(lie.inside / edge)
    reach = np.maximum(edge - np.float32(0.6) * wall, pitch)
    if build.wall > 0:
        # The canal between the walls is clear: the inside is deep a quarter sooner (ours).
        reach = np.float32(0.75) * reach
    way: Map = np.clip((lie.inside - wall) / reach, 0, 1).astype(np.float32)
    thin = np.float32(build.through)
    # The inner face of a shaft's wall is spongy: it gives way by and by, that of a shell at once.
    inner = np.maximum(depth - thin * wall, 0) * (way * (2 - way) if build.wall > 0 else _dome(way))
    return outer, np.minimum(inner, outer)


def _dome(q: Map) -> Map:
    """Depth of an ellipse over its full depth, by the way in from its side over its half axis."""
    c = np.clip(q, 0, 1)
    return np.asarray(np.sqrt(c * (2 - c)), dtype=np.float32)


def _along(t: Map, values: tuple[float, float, float], reach: float = 0.30) -> Map:
    """A base's, a middle's and a head's value along a bone."""
    return np.interp(t, (0.02, reach, 1 - reach, 0.98), (values[0], values[1], values[1], values[2])).astype(
        np.float32
    )


def _depths(lie: _Field, build: Build) -> tuple[Map, Map]:
    """Full depth (mm) and the way in from the side over which it is gained (mm)."""
    if build.wall <= 0:
        deepest = float(lie.inside.max())
        depth = np.full((1, 1), 2 * build.depth * deepest, np.float32)
        # A block's faces are domed a little.
        steep = build.edge[1] * (1 - np.float32(0.6) * lie.facing) if build.joints else build.edge[1]
        return depth * (0.82 + 0.18 * lie.inside / deepest), np.asarray(
            np.broadcast_to(np.float32(deepest) * steep, lie.facing.shape), np.float32
        )
    # A shaft is less flattened at its waist than its outline says.
    round_half = np.float32(0.6) * lie.half + np.float32(0.4 * float(np.median(lie.half)))
    depth = np.float32(2 * build.depth) * round_half
    edge = lie.half * _along(lie.t, build.edge)
    return depth[:, None], edge[:, None]


def _walls(lie: _Field, build: Build, rng: np.random.Generator) -> Map:
    """Thickness of the side walls, mm: thickest at mid-shaft, each side in its own way, none at the ends."""
    if build.wall <= 0:
        return np.zeros((1, 1), np.float32)
    reach = np.where(lie.t < build.wall_at, build.wall_at, 1 - build.wall_at)
    bell = np.clip(1 - (np.abs(lie.t - build.wall_at) / (0.88 * reach)) ** 1.9, 0, 1)
    own = 1 + 0.13 * band_noise(rng, len(lie.t), 1.0, shortest=0.12, longest=1.0, rows=2)
    lean = rng.normal(0, 0.22)
    left, right = (
        build.wall * bell * np.clip(row * (1 + f * lean), 0.4, 1.6)
        for f, row in zip((-1, 1), own, strict=True)
    )
    side = np.clip((lie.x[None, :] - lie.middle[:, None]) / lie.half[:, None] * 1.5 + 0.5, 0, 1)
    return np.asarray(left[:, None] * (1 - side) + right[:, None] * side, dtype=np.float32)


def _facing(lie: _Field, joints: tuple[float, ...]) -> Map:
    """How far each place looks towards a joint face, 0-1."""
    x, s = (axis - axis.mean() for axis in (lie.x, lie.s))
    turn = np.arctan2(s[:, None], x[None, :])
    return np.interp(turn, np.linspace(-np.pi, np.pi, len(joints)), joints).astype(np.float32)


def _around(lie: _Field) -> tuple[Map, Map]:
    """Cosine and sine of the bearing of each place from the map's middle."""
    x, s = (2 * (axis - axis.mean()) / np.ptp(axis) for axis in (lie.x, lie.s))
    reach = np.maximum(np.sqrt(np.square(x)[None, :] + np.square(s)[:, None]), np.float32(1e-6))
    return (x[None, :] / reach).astype(np.float32), (s[:, None] / reach).astype(np.float32)


def _uneven(lie: _Field, around: tuple[Map, Map], build: Build, rng: np.random.Generator) -> Map:
    """The shell's thickness round one half of the bone over its mean: thick on one side and thin on the
    other, joint faces thick, bare sides thin (shares ours)."""
    c, s = around
    out = np.ones_like(lie.inside)
    # Cosines and sines of multiples of the bearing, one after the other.
    ck, sk = c, s
    for order in (1, 2, 3):
        a, b = (np.float32(v) for v in rng.normal(0, LOPSIDED[order - 1], 2))
        out += a * ck + b * sk
        ck, sk = ck * c - sk * s, sk * c + ck * s
    if build.joints:
        return np.asarray(np.clip(out, 0.1, 1.9) * (build.bare + np.float32(1.0 - build.bare) * lie.facing))
    base, sides, head = (np.float32(share) for share in build.rims)
    end = np.where(s < 0, base, head)
    return np.clip(out, 0.2, 1.9) * (sides + (end - sides) * s * s)


def _spongiosa(lie: _Field, build: Build, look: Look, grain: Grain, seed: int) -> tuple[Map, Map]:
    """Density inside, cortical equivalent: a net that follows the sides, poor in the marrow cavity; how far
    the shell itself is streaked (canals, and struts that end on it), about 1."""
    net = _net if not build.fine else _strands if build.wall > 0 else _fan if build.fan else _granules
    noise = net(lie, build, grain.tenths + 5 * look.coarse, seed)
    fill = _along(lie.t, build.fill, 0.38)
    for place_mm, strength in build.bands:
        fill = fill + np.float32(strength) * np.exp(-(((lie.s - lie.s[0] - place_mm) / 0.25) ** 2))
    clear = np.float32(grain.clear + 0.15 * look.coarse)
    density = np.float32(SPONGY * (1 - 0.7 * look.fade)) * fill[:, None] * np.maximum(1 + clear * noise, 0.1)
    streaked = np.float32(STREAKS[build.wall > 0]) * clear * noise
    return density, np.maximum(1 + streaked, 0.3)


def _zones(lie: _Field, inside: Map, build: Build, look: Look) -> Map | float:
    """Density of the dense zones behind the ends of one half of the bone."""
    out: Map | float = 0.0
    for end, strength in enumerate(build.zones):
        if strength > 0:
            near = _near(replace(lie, inside=inside), end, ZONE_MM)
            out = out + np.float32(strength * (1 - 0.7 * look.fade)) * near
    return out


def _net(lie: _Field, _build: Build, tenths: float, seed: int) -> Map:
    """The net of struts over the epiphyses of the forearm: it leans as it likes."""
    place = ((seed * 37) % 512, (seed * 101) % 512)
    tile = net_tile(round(tenths))
    turn = 0.1 * (seed % 63)
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    across = c * lie.x[None, :] + s * lie.s[:, None]
    along = np.float32(0.7) * (c * lie.s[:, None] - s * lie.x[None, :])
    crossed = sample_tile(tile, np.float32(0.3) * across + along, across, place[::-1])
    return np.asarray(0.75 * sample_tile(tile, across, along, place) + 0.6 * crossed, dtype=np.float32)


def _granules(lie: _Field, build: Build, tenths: float, seed: int) -> Map:
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
    along = sample_tile(tile, u, np.float32(0.7) * v, place)
    tied = sample_tile(tile, v, np.float32(0.8) * u, place[::-1])
    return np.asarray(0.9 * along + 0.3 * tied, dtype=np.float32)


def _fan(lie: _Field, _build: Build, tenths: float, seed: int) -> Map:
    """Struts of a head: they rise from its foot, part towards the joint face, and are tied across."""
    place = ((seed * 37) % 512, (seed * 101) % 512)
    tile = strand_tile(round(0.85 * tenths))
    across = lie.x[None, :] - lie.middle[:, None]
    along = np.broadcast_to(lie.s[:, None], lie.inside.shape)
    rise = sample_tile(
        tile, across / (np.float32(0.75) + np.float32(0.5) * lie.t[:, None]), 0.4 * along, place
    )
    tied = sample_tile(tile, 0.6 * along, across, place[::-1])
    return np.asarray(0.95 * rise + 0.35 * tied, dtype=np.float32)


def _strands(lie: _Field, build: Build, tenths: float, seed: int) -> Map:
    """Struts of a shaft: long fine lines in its waist's walls that part and close into cells at its ends."""
    place = ((seed * 37) % 512, (seed * 101) % 512)
    size = np.float32(np.median(lie.half))
    across = (lie.x[None, :] - lie.middle[:, None]) * (size / (0.7 * lie.half + 0.3 * size))[:, None]
    far = lie.t > 0.5
    near = np.clip(np.abs(2 * lie.t - 1) * 1.6 - 0.6, 0, 1)
    closed = 0.14 + 0.75 * near * np.where(far, build.cells[1], build.cells[0])
    along = np.cumsum(closed * float(lie.s[1] - lie.s[0])).astype(np.float32)
    along = np.broadcast_to(along[:, None], across.shape)
    strands = sample_tile(strand_tile(round(1.2 * tenths)), across, along, place[::-1])
    clear = (WAIST + near * (np.where(far, build.net[1], build.net[0]) - WAIST)).astype(np.float32)
    return np.asarray(clear[:, None] * strands, dtype=np.float32)


def _near(lie: _Field, end: int, reach: float) -> Map:
    """1 at an end, falling over ``reach`` mm inwards; 0 at the sides of the shaft."""
    full = lie.inside > 0
    rows = np.arange(len(lie.s), dtype=np.float32)[:, None]
    first = (
        np.where(full.any(axis=0), full.argmax(axis=0), 10**6)
        if end == 0
        else full.shape[0] - 1 - full[::-1].argmax(axis=0)
    )
    way = (rows - first[None, :]) * (1 if end == 0 else -1) * np.float32(lie.s[1] - lie.s[0])
    close = np.clip(1 - np.abs(lie.t - end) / 0.2, 0, 1)[:, None]
    return np.asarray(np.exp(-np.square(np.maximum(way, 0) / reach)) * (close > 0), dtype=np.float32)


def _dissolved(lie: _Field, end: int, share: float, rng: np.random.Generator) -> Map:
    """What rickets leaves of an end: a ragged fringe that thins over a few millimetres."""
    span = float(np.ptp(lie.s))
    way = np.abs(lie.t - end)[:, None] * span
    depth = way / (0.32 * float(np.median(lie.half)) + 1.2 * share)
    ragged = 0.8 + 0.4 * rng.random(lie.inside.shape)
    return np.asarray(np.clip(1 - share * np.exp(-depth) * ragged, 0, 1), dtype=np.float32)
