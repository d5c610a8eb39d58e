"""Crude bones: metaphyses with every shape of margin, round bones, short long bones, soft tissue."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.segment.training.canvas import Array, Canvas

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EndShape:
    """Shape of one bone end, lengths in fractions of its metaphyseal width (all ranges ours).

    Parameters
    ----------
    width : float
        Metaphyseal width, mm.
    shaft : float
        Shaft width over metaphyseal width.
    flare : float
        Length over which the shaft widens.
    sagitta, roundness : float
        Height of the convex margin, and its exponent (2 round, 6 flat with round corners).
    skew : float
        Tilt of the margin between the corners that still lie on the chord.
    cup, fray, blur : float
        Depth of concavity, spicules, softness of the margin.
    gap, epiphysis, thickness, wedge : float
        Physis, width (0 = not ossified) and thickness of the epiphysis, and its taper.
    zone, mineral, cortex : float
        Strength of the zone of provisional calcification, of the spongiosa, thickness of the cortex.
    bend, lean : float
        Sideways curve of the shaft, and its obliquity to the chord.
    """

    width: float
    shaft: float
    flare: float
    sagitta: float
    roundness: float
    skew: float
    cup: float
    fray: float
    blur: float
    gap: float
    epiphysis: float
    thickness: float
    wedge: float
    zone: float
    mineral: float
    cortex: float
    bend: float
    lean: float


def unit(angle: float) -> Vector:
    """Unit vector at ``angle`` radians clockwise from distal (0 = straight up the drawing)."""
    return np.array([np.sin(angle), np.cos(angle)])


def smooth_noise(rng: np.random.Generator, n: int, cells: int) -> Array:
    """``n`` samples of a smooth random curve with about ``cells`` bumps, standard deviation near 1."""
    knots = rng.normal(size=(1, max(2, cells) + 1)).astype(np.float32)
    return cv2.resize(knots, (n, 1), interpolation=cv2.INTER_CUBIC)[0]


def margin_curve(shape: EndShape, rng: np.random.Generator) -> tuple[Array, Array]:
    """Margin of a bone end: heights over the chord in widths at 129 places across -1..1, and blur there."""
    s = np.linspace(-1, 1, 129, dtype=np.float32)
    height: Array = shape.sagitta * (1 - np.abs(s) ** shape.roundness) + shape.skew * s * (1 - s**2)
    height += 0.012 * smooth_noise(rng, 129, int(rng.integers(2, 7))) * (1 - s**8)
    hollow = (1 - s**2) ** rng.uniform(0.5, 1.6)
    height -= (shape.cup + shape.sagitta * min(1.0, shape.cup / 0.05)) * hollow
    height += shape.fray * smooth_noise(rng, 129, int(rng.integers(8, 26))) * (1 - s**8)
    blur = shape.blur * (1 + 0.5 * smooth_noise(rng, 129, 3)).clip(0.3, 2)
    return height, blur


def draw_end(
    canvas: Canvas, origin: npt.ArrayLike, axis: Vector, *, shape: EndShape, rng: np.random.Generator
) -> Vector:
    """Draw one bone end with shaft and epiphysis.

    Returns
    -------
    ndarray of shape (3, 2)
        Left corner, right corner and the margin above the middle, mm of the drawing (left = -x of the bone).
    """
    w = shape.width
    height, blur = margin_curve(shape, rng)
    cell = canvas.local(origin, axis, (-3.0 * w, 3.0 * w, -9 * w, 0.5 * w))
    if cell is not None:
        area, x, u = cell
        canvas.bone[area] = np.maximum(
            canvas.bone[area], _end_density(shape, x / w, u / w, height, blur, rng)
        )
    if shape.epiphysis > 0:
        top = float(height[40:90].max()) + shape.gap + shape.thickness / 2
        _draw_epiphysis(canvas, np.asarray(origin) + w * top * axis, axis, shape, rng)
    across = np.array([axis[1], -axis[0]])
    middle = np.asarray(origin) + float(height[64]) * w * axis
    return np.stack([np.asarray(origin) - across * w / 2, np.asarray(origin) + across * w / 2, middle])


def _end_density(
    shape: EndShape, x: Array, u: Array, height: Array, blur: Array, rng: np.random.Generator
) -> Array:
    """Density of shaft and metaphysis, mm of bone; x, u in widths."""
    t = np.clip(-u / shape.flare, 0, 1)
    half = 0.5 * (shape.shaft + (1 - shape.shaft) * (1 - t) ** rng.uniform(1.6, 3.2))
    half = np.where(u > 0, 0.5, half)
    x = x - shape.bend * np.minimum(u, 0) ** 2 - shape.lean * np.minimum(u, 0)
    s = x / half
    index = np.clip((s + 1) * 64, 0, 128)
    top = np.interp(index, np.arange(129), height).astype(np.float32)
    soft = np.interp(index, np.arange(129), blur).astype(np.float32)
    inside = np.sqrt(np.clip(1 - s**2, 0, 1))
    shell = shape.cortex * (0.25 + 0.75 * np.clip(-u / (0.8 * shape.flare), 0, 1))
    inner = np.sqrt(np.clip(1 - (s / (1 - shell / half).clip(0.2)) ** 2, 0, 1)) * (1 - shell / half)
    fill = shape.mineral * (0.25 + 0.75 * np.exp(np.minimum(u - top, 0) / 0.8))
    fill += shape.zone * np.exp(-(((u - top + 0.05) / 0.035) ** 2))
    density = half * (inside - inner.clip(0) * (1 - fill))
    speckle = cv2.resize(rng.normal(0, 1, (48, 24)).astype(np.float32), density.shape[::-1])
    density *= 1 + rng.uniform(0, 0.12) * speckle
    density *= 1 / (1 + np.exp(np.clip((u - top) / np.maximum(soft, 0.004), -30, 30)))
    return (2 * shape.width * density * (np.abs(s) < 1)).astype(np.float32)


def _draw_epiphysis(
    canvas: Canvas, centre: Vector, axis: Vector, shape: EndShape, rng: np.random.Generator
) -> None:
    a, b = shape.epiphysis * shape.width / 2, shape.thickness * shape.width / 2
    cell = canvas.local(centre, axis, (-1.3 * a, 1.3 * a, -2.2 * b, 2.2 * b))
    if cell is None:
        return
    area, x, u = cell
    grown = b * (1 + shape.wedge * x / a).clip(0.25, 2)
    # The face towards the physis is flatter than the joint face.
    lower = np.where(u < 0, rng.uniform(2.5, 6), 2.0)
    r = np.abs(x / a) ** rng.uniform(2, 4) + np.abs(u / grown) ** lower
    _add_solid(canvas, area, r, min(a, 0.5 * shape.width), shape.mineral)


def _add_solid(canvas: Canvas, area: tuple[slice, slice], r: Array, depth: float, mineral: float) -> None:
    """Add a solid of depth ``depth`` mm where r < 1, with a thin dense rim."""
    inside = np.sqrt(np.clip(1 - r, 0, 1))
    rim = 0.5 * mineral * np.exp(-(((1 - r) / 0.12) ** 2)) * (r < 1)
    canvas.bone[area] += (depth * ((0.25 + 0.9 * mineral) * inside + rim)).astype(np.float32)


def draw_round(
    canvas: Canvas,
    centre: npt.ArrayLike,
    radii: tuple[float, float],
    *,
    mineral: float,
    rng: np.random.Generator,
) -> None:
    """Draw a carpal-like bone: an ellipse with a bumpy outline, radii in mm."""
    angle = rng.uniform(0, np.pi)
    reach = 1.4 * max(radii)
    cell = canvas.local(centre, unit(angle), (-reach, reach, -reach, reach))
    if cell is None:
        return
    area, x, u = cell
    theta = np.arctan2(u, x)
    bumps = sum(rng.normal(0, 0.09) * np.cos(k * theta + rng.uniform(0, 6.3)) for k in (2, 3, 4))
    r = ((x / radii[0]) ** 2 + (u / radii[1]) ** 2) / (1 + bumps) ** 2
    _add_solid(canvas, area, r, float(np.mean(radii)), mineral)


def draw_short(
    canvas: Canvas, start: Vector, axis: Vector, *, length: float, width: float, epiphysis: int,
    mineral: float, rng: np.random.Generator,
) -> Vector:  # fmt: skip
    """Draw a metacarpal or phalanx from ``start`` along ``axis``; epiphysis at its far (1) or near end (-1).

    Returns the far end, mm.
    """
    cell = canvas.local(start, axis, (-width, width, -0.3 * width, length + 0.3 * width))
    if cell is not None:
        area, x, u = cell
        t = (2 * u / length - 1).clip(-1.3, 1.3)
        half = width * (rng.uniform(0.26, 0.36) + 0.22 * np.abs(t) ** rng.uniform(2, 4))
        ends = np.clip((1 - np.abs(t) ** rng.uniform(8, 30)), 0, 1)
        s = x / half
        inside = np.sqrt(np.clip(1 - s**2, 0, 1))
        hollow = np.clip(1 - (s / 0.62) ** 2, 0, 1) ** 0.5 * 0.62 * (1 - mineral) * (1 - 0.5 * np.abs(t))
        canvas.bone[area] += (1.6 * half * (inside - hollow).clip(0) * np.sqrt(ends)).astype(np.float32)
    if epiphysis:
        place = start + axis * (length + 0.2 * width if epiphysis > 0 else -0.2 * width)
        draw_round(canvas, place, (0.42 * width, 0.2 * width), mineral=mineral, rng=rng)
    return np.asarray(start + axis * length)


def draw_flesh(canvas: Canvas, path: npt.ArrayLike, widths: npt.ArrayLike, thickness: float) -> None:
    """Add soft tissue along ``path`` (mm), as wide as ``widths`` (mm) and ``thickness`` of that deep."""
    pixels, widths = canvas.to_pixels(path), np.asarray(widths, float)
    mask = np.zeros(canvas.shape, np.uint8)
    left, right = [], []
    for i, (p, width) in enumerate(zip(pixels, widths, strict=True)):
        step = pixels[min(i + 1, len(pixels) - 1)] - pixels[max(i - 1, 0)]
        normal = np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1e-6)
        left.append(p + normal * width * canvas.scale / 2)
        right.append(p - normal * width * canvas.scale / 2)
    outline = np.array(left + right[::-1])
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1, shift=4)
    for end in (0, -1):
        centre = np.round(pixels[end]).astype(int).clip(-20000, 20000)
        cv2.circle(mask, (int(centre[0]), int(centre[1])), max(1, int(widths[end] * canvas.scale / 2)), 1, -1)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / canvas.scale
    full = float(np.median(widths)) / 2
    depth = np.minimum(depth, full)  # where flesh fills the film, the transform has no border to count from
    profile = np.sqrt(np.clip(depth * (2 * full - depth), 0, None))
    canvas.soft = np.maximum(canvas.soft, 2 * thickness * profile)
