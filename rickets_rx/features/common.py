"""What several families need: the margin on an even grid, density behind it, reference densities."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import sample_at
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace_strip import normals_of, resampled
from rickets_rx.vocabulary import Bone

FloatArray = npt.NDArray[np.float64]

TOO_FEW_PIXELS, SHAFT_OFF_FILM = "too_few_pixels", "shaft_off_film"
OVERLAPPED = "overlapped"
MARGIN_DISSOLVED, NO_CONTRAST = "margin_dissolved", "no_contrast"

# Fraying has wavelengths of about 2-15 % of MW (contract).
FINEST, COARSEST = 0.02, 0.15
# Fewest pixels of MW for what is finer than 2 %: a radius of 100 px (contract); the other wrist and elbow
# bones of a film at that same scale have these widths (ours, from the sizes in the domain brief).
FEWEST_PIXELS: dict[Bone, float] = {
    Bone.RADIUS: 100.0,
    Bone.ULNA: 60.0,
    Bone.HUMERUS: 100.0,
    Bone.RADIUS_PROXIMAL: 70.0,
    Bone.ULNA_PROXIMAL: 70.0,
}
OVERLAP = 0.04  # MW from the margin within which an epiphysis overlaps it (ours)
LEAST_SHOWN = 0.25  # share of the margin that must not be hidden for a share of it to be given (ours)
GRID = 0.005  # MW between points of an even margin


@dataclass(frozen=True, eq=False)
class EvenMargin:
    """A margin on an even grid across the bone.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Across, MW from the middle of the chord, -0.5 to 0.5 in steps of ``GRID``.
    h : ndarray of shape (n,)
        Height over the chord, MW, positive distally.
    clean : ndarray of shape (n,), bool
    """

    x: FloatArray
    h: FloatArray
    clean: npt.NDArray[np.bool_]

    def smooth(self, wavelength: float) -> FloatArray:
        """``h`` without waves shorter than ``wavelength`` (MW): Gaussian that halves that wave, odd ends.

        A Gaussian of standard deviation s passes exp(-2 (pi s / L)^2) of a wave of length L.
        """
        sigma = wavelength * np.sqrt(np.log(2) / 2) / np.pi / GRID
        pad = min(len(self.h) - 1, int(4 * sigma) + 1)
        head = 2 * self.h[0] - self.h[pad:0:-1]
        tail = 2 * self.h[-1] - self.h[-2 : -pad - 2 : -1]
        return np.asarray(gaussian_filter1d(np.concatenate([head, self.h, tail]), sigma)[pad:-pad])


def even_margin(bone: Metaphysis) -> EvenMargin:
    """The margin of a bone end as a function of the place across it."""
    vu = bone.frame.from_pixels(bone.margin)
    order = np.argsort(vu[:, 0], kind="stable")
    v, h = vu[order, 0], vu[order, 1]
    x = np.linspace(-0.5, 0.5, round(1 / GRID) + 1)
    nearest = np.clip(np.searchsorted((v[1:] + v[:-1]) / 4, x), 0, len(v) - 1)
    return EvenMargin(x, np.interp(2 * x, v, h), bone.clean[order][nearest])


def hidden(bone: Metaphysis, margin: EvenMargin) -> npt.NDArray[np.bool_]:
    """Where the epiphysis lies over the margin, so that a missing edge says nothing; shape (n,)."""
    if bone.epiphysis is None:
        return np.zeros(len(margin.x), bool)
    near = near_edge(bone.frame.from_pixels(bone.epiphysis), 2 * margin.x)
    return np.asarray(~margin.clean & (np.nan_to_num(near, nan=np.inf) <= margin.h + OVERLAP))


@dataclass(frozen=True)
class References:
    """Density of cortex and of soft tissue beside this bone end, units of the film."""

    cortex: float
    soft: float


def references(radiograph: Radiograph, bone: Metaphysis) -> References | None:
    """Cortex and soft tissue along both side cortices from 0.1 to 0.9 MW proximal; None without contrast.

    Cortex is the median over the sides of the brightest point within 0.1 MW inside the outer edge, soft
    tissue the median at 0.05-0.12 MW outside it (ours).
    """
    width = bone.frame.width
    inside, outside = [], []
    for side, away in ((bone.shaft_left, -bone.frame.across), (bone.shaft_right, bone.frame.across)):
        if len(side) < 3:
            continue
        points = resampled(side, 0.02 * width)
        u = bone.frame.from_pixels(points)[:, 1]
        normals = normals_of(points, outside=away)
        keep = (u < -0.1) & (u > -0.9)
        t = np.arange(-0.10, 0.1201, 0.01)
        strip = sample_at(
            radiograph.pixels, points[keep][:, None] + t[:, None] * width * normals[keep][:, None]
        )
        strip = strip[np.isfinite(strip).all(axis=1)]
        inside.append(gaussian_filter1d(strip, 1.0, axis=1)[:, t < 0.005].max(axis=1, initial=-np.inf))
        outside.append(strip[:, t > 0.045].ravel())
    if sum(map(len, inside), 0) < 5:
        return None
    cortex, soft = float(np.median(np.concatenate(inside))), float(np.median(np.concatenate(outside)))
    return References(cortex, soft) if cortex > soft else None


def behind(radiograph: Radiograph, bone: Metaphysis, x: FloatArray, depth: FloatArray) -> FloatArray:
    """Density at ``depth`` (MW) proximal of the smoothed margin, shape (depth, x); NaN off the film."""
    margin = even_margin(bone)
    h = np.interp(x, margin.x, margin.smooth(COARSEST))
    xy = bone.frame.to_pixels(2 * x[None, :], h[None, :] - depth[:, None])
    return sample_at(radiograph.pixels, xy).astype(np.float64)


def too_small(bone: Metaphysis) -> bool:
    """Whether the film resolves less than fraying needs."""
    return bone.frame.width < FEWEST_PIXELS[bone.bone]
