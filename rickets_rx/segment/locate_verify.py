"""The second look: a pose becomes an upright crop, in which the second network reads the key points."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.segment.network import CROP_SIZE, Array, apply_affine, around, as_input, fill_of, run, warp
from rickets_rx.segment.proposals import Pose, pose_from_points
from rickets_rx.vocabulary import Joint

CROP_NET = {Joint.WRIST: "wrist", Joint.ELBOW: "elbow"}
REACH = 3
"""Cells (of 2 crop pixels) around a peak whose mass counts as one answer: a tenth of a width (ours)."""


ARRANGEMENT = {
    Joint.WRIST: (0.38, 0.95, (-1.4, -0.5), (-0.8, 0.7)),
    Joint.ELBOW: (0.2, 0.8, (-0.3, 1.0), (-0.2, 1.4)),
}
"""Width of the second bone over the first (measured children: 0.43-0.73 at the wrist), and where its middle
lies across and along the first, in widths (ours)."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Key points read in one upright crop.

    Parameters
    ----------
    pose : Pose
        The crop that was read.
    points : ndarray of shape (6, 2)
        Corner 1, corner 2, margin middle of the first bone, then of the second; film pixels.
    certainty : ndarray of shape (6,)
        Share 0-1 of each key point's answer that lies close to its place ("absent" takes the rest).
    classes : ndarray of shape (n + 1,)
        Shares of the kinds of crop, the last being "nothing here".
    """

    pose: Pose
    points: npt.NDArray[np.float64]
    certainty: Array
    classes: Array

    def bone(self, index: int) -> float:
        """Certainty of bone 0 or 1: geometric mean over its key points."""
        part = self.certainty[3 * index : 3 * index + 3]
        return float(np.exp(np.log(np.maximum(part, 1e-6)).mean()))

    @property
    def confidence(self) -> float:
        """0-1: certainty of the first bone and, at half its weight, of the second, times `plausibility`."""
        return self.bone(0) ** (2 / 3) * self.bone(1) ** (1 / 3) * self.plausibility

    @property
    def plausibility(self) -> float:
        """1 for an arrangement that anatomy allows, else 0.5 (bones exchanged, an epiphysis taken).

        The second bone must be of a fitting width, lie beside the first and point with it (a wrist) or
        against it (an elbow); limits in `ARRANGEMENT` are ours.
        """
        first, second = self.points[:2], self.points[3:5]
        width = float(np.hypot(*(first[1] - first[0])))
        ratio = float(np.hypot(*(second[1] - second[0]))) / max(width, 1e-9)
        shift = (second.mean(0) - first.mean(0)) / max(width, 1e-9)
        across = float(shift @ (first[1] - first[0])) / max(width, 1e-9)
        along = float(shift @ np.asarray(self.distal(0)))
        low, high, beside, beyond = ARRANGEMENT[self.pose.joint]
        fits = low < ratio < high and beside[0] < across < beside[1] and beyond[0] < along < beyond[1]
        return 1.0 if fits else 0.5

    def distal(self, index: int) -> tuple[float, float]:
        """Unit vector away from the shaft of bone 0 or 1, perpendicular to its chord."""
        chord = self.points[3 * index + 1] - self.points[3 * index]
        normal = np.array([chord[1], -chord[0]]) / max(float(np.hypot(*chord)), 1e-9)
        upright = np.asarray(self.pose.distal) * (-1 if index and self.pose.joint is Joint.ELBOW else 1)
        normal = normal if normal @ upright >= 0 else -normal
        return float(normal[0]), float(normal[1])

    def next_pose(self) -> Pose:
        """The pose that the key points of the first bone give."""
        beyond = self.points[:2].mean(0) + np.asarray(self.pose.distal)
        return pose_from_points(self.pose.joint, np.stack([*self.points[:2], beyond]), self.confidence)


def read_crops(film: Array, poses: Sequence[Pose]) -> list[Reading]:
    """Read the key points in the crop of every pose; all poses of one kind of joint.

    Parameters
    ----------
    film : ndarray of shape (rows, columns), float32
    poses : sequence of Pose
        Film pixels.
    """
    if not poses:
        return []
    fill = fill_of(film)
    batch = np.stack([as_input(warp(film, p.matrix(), CROP_SIZE, fill)) for p in poses])
    shares, _, classes = run(CROP_NET[poses[0].joint], batch)
    readings = []
    for pose, maps, kinds in zip(poses, shares, classes, strict=True):
        cells, certainty = _peaks(maps)
        back = np.asarray(cv2.invertAffineTransform(pose.matrix()), np.float64)
        readings.append(Reading(pose, apply_affine(back, cells * 2 + 0.5), certainty, kinds))
    return readings


def _peaks(maps: Array) -> tuple[npt.NDArray[np.float64], Array]:
    """Place (x, y) in cells and mass around it of the highest peak of each map."""
    cells, mass = [], []
    for share in maps:
        spread = cv2.GaussianBlur(share, (5, 5), 1.0)
        row, column = divmod(int(np.argmax(spread)), spread.shape[1])
        window = around(row, column, REACH, share.shape)
        part = share[window]
        total = float(part.sum())
        down, across = (np.arange(side.start, side.stop) for side in window)
        cells.append(
            ((part * across).sum() / max(total, 1e-9), (part * down[:, None]).sum() / max(total, 1e-9))
        )
        mass.append(total)
    return np.array(cells, float), np.array(mass, np.float32)


STEADY = ((0.0, 1.0), (0.07, 0.93), (-0.07, 0.93), (0.07, 1.08), (-0.07, 1.08))
"""Turns (radians) and zooms of the crops over which the last reading is averaged (ours)."""


def steadied(film: Array, reading: Reading) -> Reading:
    """The reading with its key points averaged over slightly turned and zoomed crops, by certainty."""
    pose = reading.next_pose()
    poses = [turned(pose, angle, zoom) for angle, zoom in STEADY]
    reads = read_crops(film, poses)
    weights = np.stack([r.certainty for r in reads]) ** 2 + 1e-9
    points = np.stack([r.points for r in reads])
    mean = (points * weights[..., None]).sum(0) / weights.sum(0)[:, None]
    certainty = np.stack([r.certainty for r in reads]).mean(0)
    classes = np.stack([r.classes for r in reads]).mean(0)
    return Reading(pose, mean, certainty, classes)


def turned(pose: Pose, angle: float, zoom: float) -> Pose:
    """The pose turned about its chord's middle, seen as if its bone were ``zoom`` times as wide."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = pose.distal
    return replace(pose, distal=(float(cos * x - sin * y), float(sin * x + cos * y)), width=pose.width * zoom)
