"""What the margin's network sees of one bone end: the course of the margin and both corners, with spreads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.radiograph import FloatImage
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.margin import Margin
from rickets_rx.segment.margin_crop import COLUMNS, DISTAL, PITCH, ROWS, places, seen
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.network import as_input, run
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Joint

FloatArray = npt.NDArray[np.float64]

NEAR_ROWS, NEAR_CELLS = 6, 3
"""Rows and cells on either side of the likeliest one whose mean is the answer (ours)."""
SURE, UNSURE = 0.5, 0.045
"""Share of a corner's answers near its place below which the network is not believed, and the spread of the
margin, widths, above which it is not: no film of the tune half and 1 of 392 drawn ends reaches it (ours)."""
AGREE, PART = 0.035, 0.055
"""Widths between a traced corner and the network's up to which the traced one stands, and from which the
network's does."""
FLAT, CUPPED = -0.04, 0.02
"""Depth of the seen margin below the chord, widths, up to which an end is convex, and from which it is
cupped (ours)."""
BESIDE = 0.03
"""Half widths next to a corner where the corner itself says where the margin is (ours)."""
CLEAR, ENOUGH, BEYOND = 0.05, 0.3, 0.1
"""Spread of the epiphysis' near edge, widths, up to which the network is sure of it, the share of an island's
breadth over which it must be, and how much further out the edge lies where the island is none (ours)."""
SHARP, BOUNDS = 0.025, 0.5
"""Spread of that edge, widths, up to which it is measured from (ours), and the breadth that bounds a physis
(contract)."""
CENTRAL = 0.8
"""Share of the width in which depth is looked for (contract)."""


@dataclass(frozen=True, eq=False)
class Sight:
    """The answer of the network, in the frame it looked from.

    Parameters
    ----------
    frame : BoneFrame
    v : ndarray of shape (48,)
        Columns, half widths.
    margin, spread : ndarray of shape (48,)
        Height of the margin and the standard deviation of its rows, widths. Beyond the corners without
        meaning.
    epiphysis, epiphysis_spread : ndarray of shape (48,)
        The same of the near edge of the epiphysis; wide spreads where there is none.
    corners : ndarray of shape (2, 2)
        Corner1 and corner2, pixels.
    certain : ndarray of shape (2,)
        Share 0-1 of each corner's answers that lies near its place.
    """

    frame: BoneFrame
    v: FloatArray
    margin: FloatArray
    spread: FloatArray
    epiphysis: FloatArray
    epiphysis_spread: FloatArray
    corners: FloatArray
    certain: FloatArray

    def course(self) -> tuple[FloatArray, FloatArray]:
        """The margin from corner to corner, pixels, shape (k, 2), and its spread, widths, shape (k,)."""
        ends = self.frame.from_pixels(self.corners)[:, 0]
        inside = (self.v > ends[0] + BESIDE) & (self.v < ends[1] - BESIDE)
        between = self.frame.to_pixels(self.v[inside], self.margin[inside])
        spread = np.interp(np.concatenate([ends[:1], self.v[inside], ends[1:]]), self.v, self.spread)
        return np.concatenate([self.corners[:1], between, self.corners[1:]]), spread

    @property
    def sure(self) -> bool:
        """Whether both corners were seen in one place each, and the margin as one line."""
        ends = self.frame.from_pixels(self.corners)[:, 0]
        between = self.spread[(self.v > ends[0]) & (self.v < ends[1])]
        return bool(self.certain.min() >= SURE and between.size and np.median(between) <= UNSURE)

    def bone(self) -> BoneFrame:
        """The frame of the bone as it was seen."""
        one, other = ((float(x), float(y)) for x, y in self.corners)
        return BoneFrame(one, other, (float(self.frame.axis[0]), float(self.frame.axis[1])))

    def depth(self) -> float:
        """How far the seen margin lies below the chord at most, widths; negative where it is convex."""
        vu = self.bone().from_pixels(self.course()[0])
        return float(-vu[np.abs(vu[:, 0]) <= CENTRAL, 1].min())

    def nearer(self, frame: BoneFrame, one: Margin, other: Margin) -> bool:
        """Whether ``one`` of two margins of a frame lies no further from the course than the ``other``."""
        course = frame.from_pixels(self.course()[0])
        inside = np.abs(course[:, 0]) < CENTRAL
        v, u = course[inside, 0], course[inside, 1]
        off = [float(np.median(np.abs(np.interp(v, m.v, m.h) - u))) for m in (one, other)]
        return off[0] <= off[1]

    def near_face(self) -> FloatArray | None:
        """The epiphysis' near edge between the corners where it is surely seen, pixels, shape (k, 2).

        None where that is too little to bound a physis: a nucleus, or nothing.
        """
        ends = self.frame.from_pixels(self.corners)[:, 0]
        told = (self.v > ends[0]) & (self.v < ends[1]) & (self.epiphysis_spread < SHARP)
        breadth = told.sum() * (self.v[1] - self.v[0]) / (ends[1] - ends[0])
        return self.frame.to_pixels(self.v[told], self.epiphysis[told]) if breadth >= BOUNDS else None

    def begins_beyond(self, island: FloatArray) -> bool:
        """Whether the epiphysis is seen to begin clearly further out than an island does.

        Flesh that grows thicker towards the hand, beyond a dissolved margin, looks like an island on it; the
        network then sees the faint epiphysis further out.

        Parameters
        ----------
        island : ndarray of shape (k, 2)
            Closed outline without repeated end point, pixels.
        """
        near = near_edge(self.frame.from_pixels(island), self.v)
        there = np.isfinite(near) & (np.abs(self.v) < CENTRAL)
        told = there & (self.epiphysis_spread < CLEAR)
        if told.sum() < ENOUGH * max(int(there.sum()), 1):
            return False
        return bool(np.median(self.epiphysis[told] - near[told]) > BEYOND)


def joined(traced: BoneFrame, sight: Sight, bone: Bone) -> BoneFrame:
    """The corners of a traced end and those that the network saw, made one.

    On a convex end with a clean edge the outline errs least and lies where readers put the corner. It rounds
    off the thin rim of a cup, and it loses its way where the two part: there the network's corner stands.
    At the elbow, where no reader has set corners, it always does.
    """
    share = np.clip((sight.depth() - FLAT) / (CUPPED - FLAT), 0, 1)
    if JOINT_OF_BONE[bone] is Joint.ELBOW:
        share = 1.0
    corners = []
    for own, seen_at in zip((traced.corner1, traced.corner2), sight.corners, strict=True):
        away = (seen_at - own) / traced.width
        weight = max(share, np.clip((np.hypot(*away) - AGREE) / (PART - AGREE), 0, 1))
        x, y = np.asarray(own) + weight * away * traced.width
        corners.append((float(x), float(y)))
    return BoneFrame(corners[0], corners[1], (float(traced.axis[0]), float(traced.axis[1])))


def look(pixels: FloatImage, frame: BoneFrame) -> Sight:
    """Ask the network about the bone end at the corners of ``frame`` (off by up to about a tenth)."""
    picture = seen(pixels, frame, *places(ROWS, COLUMNS, PITCH, DISTAL))
    lines, corners = run("margin", as_input(picture)[None])
    v = np.asarray(2 * PITCH * (2 * np.arange(COLUMNS // 2) + 0.5 - (COLUMNS - 1) / 2))
    margin, epiphysis = (_heights(line.astype(np.float64)) for line in lines[0])
    at, certain = zip(*(_place(share.astype(np.float64)) for share in corners[0]), strict=True)
    return Sight(frame, v, *margin, *epiphysis, frame.to_pixels(*np.array(at).T), np.array(certain))


def _heights(share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean near the likeliest row of every column, and the spread of all its rows, widths."""
    rows = np.arange(len(share))[:, None]
    near = np.where(np.abs(rows - share.argmax(0)) <= NEAR_ROWS, share, 0.0)
    at = (near * rows).sum(0) / near.sum(0)
    spread = np.sqrt((share * (rows - at) ** 2).sum(0))
    return DISTAL - PITCH * (at + 0.5), PITCH * spread


def _place(share: FloatArray) -> tuple[tuple[float, float], float]:
    """(v, u) of a corner from its shares of cells, and the mass near it."""
    row, column = np.unravel_index(int(share.argmax()), share.shape)
    y, x = np.mgrid[: share.shape[0], : share.shape[1]]
    near = np.where((abs(y - row) <= NEAR_CELLS) & (abs(x - column) <= NEAR_CELLS), share, 0.0)
    mass = float(near.sum())
    x_at, y_at = float((near * x).sum() / mass), float((near * y).sum() / mass)
    v = 2 * PITCH * (2 * x_at + 0.5 - (COLUMNS - 1) / 2)
    return (v, DISTAL - PITCH * (2 * y_at + 1.0)), mass
