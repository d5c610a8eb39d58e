"""Bone ends drawn from formulae, with truth known by hand: no noise, no projection, no network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import Bone

Array = npt.NDArray[np.float64]


Curve = Callable[[Array], Array]


def flat(x: Array) -> Array:
    """A straight margin."""
    return np.zeros_like(x)


def arc(sagitta: float) -> Curve:
    """A parabola through both corners that rises ``sagitta`` (MW) over the chord; negative is a cup."""
    return lambda x: sagitta * (1 - (2 * x) ** 2)


def even(depth: Array) -> Array:
    """Bone of one density."""
    return np.full_like(depth, 1000.0)


@dataclass
class DrawnBone:
    """A straight or flared bone on a 440 x 300 film, distal upwards, its chord horizontal at row 180.

    Parameters
    ----------
    margin : callable
        Height over the chord, MW, as a function of the place across (MW from the middle).
    width : float
        MW, pixels.
    flare : float
        MW by which each side narrows per MW proximally, beginning ``collar`` MW behind the corner.
    density : callable
        Density at depth (MW) behind the margin; flesh is 1000 and bone adds this.
    blur : float
        Standard deviation of a Gaussian over the whole film, pixels.
    """

    margin: Curve = flat
    width: float = 200.0
    flare: float = 0.0
    collar: float = 0.0
    blur: float = 1.0
    density: Curve = even
    centre: tuple[float, float] = (150.0, 180.0)
    shape: tuple[int, int] = (440, 300)
    epiphysis: tuple[float, float, float] | None = None  # gap, thickness and width, MW

    def film(self) -> Radiograph:
        fine = 3  # the edge is laid on a grid three times finer, so that pixels hold shares
        rows, columns = self.shape
        y, x = np.mgrid[: rows * fine, : columns * fine]
        x = ((x + 0.5) / fine - 0.5 - self.centre[0]) / self.width
        u = -((y + 0.5) / fine - 0.5 - self.centre[1]) / self.width
        depth = self.margin(x) - u
        inside = (depth >= 0) & (np.abs(x) <= self.half_width(u))
        image = 1000.0 + np.where(inside, self.density(depth), 0.0)
        if self.epiphysis is not None:
            gap, thickness, wide = self.epiphysis
            island = (depth < -gap) & (depth > -gap - thickness) & (np.abs(x) <= wide / 2)
            image = image + 1000.0 * island
        image = image.reshape(rows, fine, columns, fine).mean(axis=(1, 3))
        return Radiograph(gaussian_filter(image, self.blur).astype(np.float32), "0" * 64, "drawn.png")

    def half_width(self, u: Array) -> Array:
        return 0.5 - self.flare * np.maximum(-u - self.collar, 0.0)

    @property
    def frame(self) -> BoneFrame:
        x, y = self.centre
        return BoneFrame((x - self.width / 2, y), (x + self.width / 2, y), (0.0, -1.0))

    def metaphysis(self, bone: Bone = Bone.RADIUS, shaft: float = 1.1) -> Metaphysis:
        """The truth as tracing would hand it over."""
        v = np.linspace(-1, 1, 401)
        u = np.linspace(0, -shaft, 111)
        half = self.half_width(u)
        line = self.frame.to_pixels(v, self.margin(v / 2))
        outline = None
        if self.epiphysis is not None:
            gap, thickness, wide = self.epiphysis
            x = np.linspace(-wide / 2, wide / 2, 101)
            near, far = self.margin(x) + gap, self.margin(x) + gap + thickness
            outline = self.frame.to_pixels(
                np.concatenate([2 * x, 2 * x[::-1]]), np.concatenate([near, far[::-1]])
            )
        return Metaphysis(
            bone=bone,
            frame=self.frame,
            margin=line,
            envelope=line,
            clean=np.ones(len(v), bool),
            confidence=1.0,
            shaft_left=self.frame.to_pixels(-2 * half, u),
            shaft_right=self.frame.to_pixels(2 * half, u),
            epiphysis=outline,
            epiphysis_reason=None if outline is not None else "epiphysis_not_ossified",
        )
