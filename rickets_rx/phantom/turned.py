"""A long bone turned about its axis: the thumb, which films show between frontal and lateral."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

SCOOP = (0.10, 0.31, 0.0, 0.36)
"""How far the palm's side is hollowed at the waist, over the half depth of the base, by kind: metacarpal,
proximal, (middle,) distal phalanx (ours, from six films; the metacarpal, bowed already: less)."""
WAIST = (0.04, 0.14, 0.0, 0.12)
"""How far the back is drawn in there (ours)."""
TAPER = (0.0, 0.1, 0.0, 0.42)
"""How much less deep the head is than the base, by kind (ours)."""


def sides(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The right and the left side of a closed outline (n, 2) that begins in the middle of its base, each from
    base to head."""
    half = len(points) // 2
    right, left = points[: half + 1], np.vstack([points[half:], points[:1]])[::-1]
    return right, left


def axis_and_half(points: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Middle and half width of an outline at places ``s`` along it, both in its own unit."""
    a, b = (np.interp(s, np.maximum.accumulate(side[:, 1]), side[:, 0]) for side in sides(points))
    return (a + b) / 2, np.abs(a - b) / 2


def turned(points: FloatArray, kind: int, degrees: float, hollow: float = 1.0) -> FloatArray:
    """The outline of a bone turned about its axis, so that its back looks to the side of x.

    Its sections are ellipses as deep at the base as wide; the palm's side is hollow, the back is nearly
    straight. Turned by an angle, an ellipse of half axes a and b is sqrt(a2 cos2 + b2 sin2) wide to either
    side, and its middle, which lies behind that of the base, moves aside by the sine.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Closed outline from the back, (x, s) in mm, from the middle of the base.
    kind : int
        0 metacarpal to 3 distal phalanx.
    degrees : float
        0 seen from the back, 90 from the side.
    hollow : float
        Share of `SCOOP` and `WAIST`: small children's bones are straight.
    """
    t = np.clip((points[:, 1] - points[:, 1].min()) / np.ptp(points[:, 1]), 0, 1)
    inner = points[:, 1].min() + np.clip(t, 0.06, 0.94) * np.ptp(points[:, 1])
    axis, half = axis_and_half(points, inner)
    base = float(half[t < 0.2].max())
    back, palm = depths(t, kind, hollow)
    deep, aside = base * (back + palm) / 2, base * (back - palm) / 2
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    # No section is deeper than wide.
    wider = np.sqrt(c**2 + np.minimum(deep / np.maximum(half, 0.2 * base), 1.0) ** 2 * s**2)
    return np.stack([axis + (points[:, 0] - axis) * wider + aside * s, points[:, 1]], axis=1)


def depths(t: FloatArray, kind: int, hollow: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """How far back and palm's side lie from the axis of the base, over its half depth, at shares ``t`` of the
    length."""
    waist = hollow * np.exp(-(((t - 0.55) / 0.27) ** 2))
    back = 1 - TAPER[kind] * t - WAIST[kind] * waist
    return back, back - SCOOP[kind] * waist


def wedged(cap: FloatArray, share: float) -> FloatArray:
    """An epiphysis thicker by ``share`` at its side of +x and thinner at the other, as its disc shows
    obliquely; its face to the shaft stays."""
    u = (cap[:, 0] - cap[:, 0].mean()) / (0.5 * np.ptp(cap[:, 0]))
    top = float(cap[:, 1].max())
    return np.stack([cap[:, 0], top - (top - cap[:, 1]) * (1 + share * np.clip(u, -1, 1))], axis=1)
