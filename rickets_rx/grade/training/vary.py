"""Kept patches as training sees them: placed as the pipeline errs, with another film look each time."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.grade.patch import (
    ACROSS,
    DISTAL,
    OFF_FILM,
    PROXIMAL,
    SHAFT_DISTAL,
    SHAFT_PROXIMAL,
    SHAFT_SIDES,
    SIDE,
)
from rickets_rx.segment.training.appearance import randomise

Picture = npt.NDArray[np.float32]
# Where tracing puts a bone end against the truth: turn (rad), scale (logarithm), shift across and along
# (widths). Measured on 200 phantom bone ends with corners shaken by 3 %: most lie near, but at frayed ends,
# and on the small proximal radius, a third lie as far as the second row; all of them 0.02 widths towards the
# shaft, since an edge that is smoothed gives way at its corners. One draw for all severities: how far off a
# place is must tell nothing.
NEAR, FAR = (0.02, 0.02, 0.008, 0.013), (0.06, 0.05, 0.025, 0.04)
FAR_SHARE, TOWARDS_SHAFT = 0.35, 0.02
# Other proportions along the shaft (logarithm), and a mirrored bone where sides were mistaken (ours).
PROPORTIONS, MIRRORED = 0.04, 0.15
# Share of patches as noisy as films with few photons, and their noise in parts of the patch's spread (ours).
NOISY, GRAIN = 0.25, (0.1, 0.5)
# Share of patches that a field's edge crosses, and its distance from the middle in parts of the side (ours).
CROSSED, CLEAR = 0.08, (0.32, 0.6)
# A fracture or lesion may lie nearer or further up the shaft than phantoms have it: shift along (widths),
# scale (logarithm), turn (rad) of the patch with the shaft (ours).
ALONG, SHAFT_SCALE, SHAFT_TURN = (-0.5, 0.3), 0.12, 0.06
PER_WIDTH = np.array([SIDE / ACROSS, SIDE / (PROXIMAL + DISTAL)])
"""Pixels in a width, across and along."""
SHAFT_PER_WIDTH = np.array([SHAFT_SIDES[1] / ACROSS, SHAFT_SIDES[0] / (SHAFT_PROXIMAL + SHAFT_DISTAL)])


@dataclass(frozen=True)
class Place:
    """Where a patch is looked at: ``turn`` (rad), ``scale`` across and along, ``shift`` in widths."""

    turn: float
    scale: tuple[float, float]
    shift: tuple[float, float]
    mirrored: bool

    def matrix(self, per_width: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """From pixels of the new patch to those of the kept one, about their middles, shape (2, 2)."""
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        turn = np.array([[cosine, -sine], [sine, cosine]])
        factors = np.array([-self.scale[0] if self.mirrored else self.scale[0], self.scale[1]])
        return np.asarray(per_width[:, None] * turn * factors / per_width)


def varied(patch: Picture, rng: np.random.Generator) -> Picture:
    """A kept patch moved, turned, scaled, perhaps mirrored, cut to size, with another film look."""
    turn, size, across, along = rng.normal(0, FAR if rng.random() < FAR_SHARE else NEAR)
    scale = (float(np.exp(size)), float(np.exp(size + rng.normal(0, PROPORTIONS))))
    place = Place(turn, scale, (across, along + TOWARDS_SHAFT), bool(rng.random() < MIRRORED))
    seen = placed(patch, (SIDE, SIDE), place, PER_WIDTH)
    return grainy(crossed(randomise(seen, rng, overlays=False), rng), rng)


def varied_shaft(patch: Picture, rng: np.random.Generator) -> Picture:
    """A kept patch with the shaft, the same way; moved further along it."""
    size = rng.normal(0, SHAFT_SCALE)
    scale = (float(np.exp(size)), float(np.exp(size + rng.normal(0, PROPORTIONS))))
    shift = (rng.normal(0, 0.03), rng.uniform(*ALONG))
    place = Place(rng.normal(0, SHAFT_TURN), scale, shift, bool(rng.random() < 0.5))
    # The film look is made for squares.
    square = placed(patch, (SHAFT_SIDES[0], SHAFT_SIDES[0]), place, SHAFT_PER_WIDTH)
    edge = (SHAFT_SIDES[0] - SHAFT_SIDES[1]) // 2
    return np.ascontiguousarray(grainy(randomise(square, rng, overlays=False), rng)[:, edge:-edge])


def placed(
    patch: Picture, shape: tuple[int, int], place: Place, per_width: npt.NDArray[np.float64]
) -> Picture:
    """A patch looked at from another place, about the middles of both; dark where nothing is kept."""
    matrix = place.matrix(per_width)
    middle = (np.array(patch.shape[::-1]) - 1) / 2 + np.array(place.shift) * per_width
    offset = middle - matrix @ ((np.array(shape[::-1]) - 1) / 2)
    seen = cv2.warpAffine(
        patch, np.column_stack([matrix, offset]), shape[::-1],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT,
        borderValue=float(np.percentile(patch, OFF_FILM)),
    )  # fmt: skip
    return np.asarray(seen, np.float32)


def crossed(picture: Picture, rng: np.random.Generator) -> Picture:
    """At times the edge of the field across a square picture: dark or bright beyond a line."""
    if rng.random() >= CROSSED:
        return picture
    angle, side = rng.uniform(0, 2 * np.pi), picture.shape[0]
    rows, columns = np.indices(picture.shape) - (side - 1) / 2
    beyond = np.cos(angle) * columns + np.sin(angle) * rows > side * rng.uniform(*CLEAR)
    grey = picture.min() if rng.random() < 0.7 else picture.max()
    return np.where(beyond, grey, picture).astype(np.float32)


def grainy(picture: Picture, rng: np.random.Generator) -> Picture:
    """At times the grain of few photons, fine or coarse."""
    if rng.random() >= NOISY:
        return picture
    grain = np.asarray(rng.normal(0, 1, picture.shape), np.float32)
    if rng.random() < 0.6:
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.4, 1.3)), np.float32)
    strength = rng.uniform(*GRAIN) * float(picture.std()) / float(grain.std())
    return np.asarray(picture + strength * grain, np.float32)
