"""How a hand and forearm are built: what the flesh follows, and measured widths."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.rays import Point, RaySpec
from rickets_rx.vocabulary import Bone

Mover = Callable[[Point], Point]
Array = npt.NDArray[np.float64]

# Skin beside the forearm, in widths of the radius (MW), at these places along it (MW from the middle of the
# radius's margin, distal positive): medians of 44 normal films of 0.5-14 years, read along lines across the
# axis of the forearm (the half way to the middle of the radius, then to the ulnar and to the radial side).
ARM_AGES = (1.5, 4.5, 7.75, 11.5)
ARM_PLACES = (-4.5, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.3)
ULNAR = (
    (2.0, 1.84, 1.76, 1.70, 1.68, 1.65, 1.62, 1.55),
    (1.72, 1.60, 1.56, 1.54, 1.52, 1.52, 1.53, 1.50),
    (1.80, 1.68, 1.58, 1.52, 1.47, 1.46, 1.49, 1.50),
    (1.80, 1.68, 1.56, 1.47, 1.44, 1.44, 1.44, 1.44),
)
RADIAL = (
    (1.35, 1.20, 1.06, 1.01, 0.98, 0.94, 0.93, 0.92),
    (1.05, 0.94, 0.84, 0.81, 0.81, 0.84, 0.86, 0.87),
    (1.30, 1.14, 0.95, 0.87, 0.84, 0.84, 0.84, 0.86),
    (1.35, 1.18, 1.02, 0.93, 0.84, 0.83, 0.83, 0.86),
)
GIRTH_AGES = (1.2, 5.0, 8.0, 11.0, 13.0)
GIRTH = (
    (0.43, 0.40, 0.40, 0.39, 0.385),
    (0.40, 0.355, 0.345, 0.34, 0.33),
    (0.345, 0.305, 0.30, 0.29, 0.28),
)
"""Half the width of the middle finger over each phalanx, in MW, read from five films; from nine years on
as wide as on six more."""
OF_RAY = (1.06, 0.97, 1.0, 0.93, 0.82)
THUMB_END = 1.18
"""How much wider the thumb's end is yet."""


@dataclass(frozen=True)
class Skeleton:
    """What the flesh of a hand follows.

    Parameters
    ----------
    spec : RaySpec
    joints : list of list of (x, y)
        Of each ray from base to tip, mm, as they lie.
    plump : float
        How much wider than the mean fingers and palm are.
    at : callable
        From the hand's own place to where it lies, turned at the wrist.
    """

    spec: RaySpec
    joints: list[list[Point]]
    plump: float
    at: Mover

    @property
    def unit(self) -> float:
        return self.spec.unit

    def half(self, place: int, ray: int) -> float:
        """Half the width of a digit over its proximal (0), middle (1) or distal phalanx (2), mm."""
        share = float(np.interp(self.spec.child.age, GIRTH_AGES, GIRTH[place]))
        broad = THUMB_END if (ray, place) == (1, 2) else 1.0
        return share * self.unit * self.plump * OF_RAY[ray - 1] * broad

    def beside(self, ray: int, bone: int, share: float, off: float) -> Array:
        """A point beside a bone of a ray, ``off`` mm to the side of the thumb."""
        a, b = (np.asarray(p, float) for p in self.joints[ray - 1][bone : bone + 2])
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        return np.asarray(a + share * (b - a) + off * np.array([along[1], -along[0]]))


@dataclass(frozen=True, eq=False)
class Arm:
    """The forearm's skin: ``y`` (mm, going distally), and x of its ulnar and its radial side there."""

    y: Array
    ulnar: Array
    radial: Array

    @property
    def half(self) -> Array:
        """Half its width, mm."""
        return (self.radial - self.ulnar) / 2


def draw_arm(rng: np.random.Generator, spec: RaySpec, apart: float, length: float, own: float) -> Arm:
    """Measured sides of the forearm, fitted to this child's two bones, slimmer or plumper and more or less
    tapered."""
    unit, age = spec.unit, spec.child.age
    places = np.linspace(-length / unit - 0.6, 0.3, 9)

    def side(table: tuple[tuple[float, ...], ...]) -> Array:
        by_age = np.array([np.interp(age, ARM_AGES, column) for column in zip(*table, strict=True)])
        return np.interp(places, ARM_PLACES, by_age)

    taper = float(rng.normal(0, 0.035))
    swell = spec.worst.swelling * (apart / unit + 1)
    more = float(np.exp(2.2 * own + rng.normal(0, 0.12)))
    # The ulna's outer side lies half its width beyond its axis; tables hold for the mean distance.
    ulna = spec.child.width_of(Bone.ULNA) / unit
    outer, mean_outer = apart / unit + ulna / 2, 1.27
    clear_ulnar = (side(ULNAR) - mean_outer) * more * float(np.exp(rng.normal(0, 0.1)))
    clear_radial = (side(RADIAL) - 0.5) * more * float(np.exp(rng.normal(0, 0.1)))
    # Plump wrists of infants are laced in by a fold.
    fold = float(np.interp(age, (1, 4), (0.07, 0.0))) * float(rng.uniform(0, 1.8)) * (places > 0.2)
    wider = swell / 2 - fold + taper * np.clip(-places - 0.5, 0, None)
    bow = float(rng.normal(0, 0.012)) * places**2
    # Muscles make the outline wavy (ours).
    wavy = rng.spawn(1)[0].normal(0, 0.02, (2, len(places)))
    return Arm(
        places * unit,
        (-outer - np.maximum(clear_ulnar + wavy[0], 0.12) - wider + bow) * unit,
        (0.5 + np.maximum(clear_radial + wavy[1], 0.12) + wider + bow) * unit,
    )


def round_bones(arm: Arm, outer: tuple[Array, Array], cover: float) -> Arm:
    """The same forearm, widened where a leaning shaft would come nearer to the skin than ``cover`` (mm).

    ``outer`` are the outer edges of the ulna's and of the radius's shaft, shape (n, 2), going distally, mm.
    """
    reach = [np.interp(arm.y, edge[:, 1], edge[:, 0]) for edge in outer]
    return Arm(arm.y, np.minimum(arm.ulnar, reach[0] - cover), np.maximum(arm.radial, reach[1] + cover))


def between(a: Point, b: Point, share: float) -> Point:
    """The point ``share`` of the way from a to b."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
