"""Poses: where a joint may lie, how large, which way up and which way round."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.coarser import coarser
from rickets_rx.segment.network import (
    CROP_SIZE,
    FILM_SIZE,
    Array,
    apply_affine,
    around,
    as_input,
    fill_of,
    run,
    warp,
)
from rickets_rx.vocabulary import Joint

Vector = npt.NDArray[np.float64]
Affine = npt.NDArray[np.float64]

CROP_WIDTHS = {Joint.WRIST: 3.0, Joint.ELBOW: 2.4}
"""Side of the upright crop in widths of the joint's first bone (radius, humerus)."""
CROP_SHIFT = {Joint.WRIST: (-0.35, 0.0), Joint.ELBOW: (0.0, 0.15)}
"""Middle of the crop from that of the first bone's chord, in its widths (across to corner 2, distal)."""


POSE_UNIT = 32.0
"""Pixels of the first network's picture that its pose fields count as 1."""
LONG = 1.6
"""Longer over shorter side from which the ends of a film are looked at by themselves (ours)."""
MIN_SHARE = 0.003
"""Least share of a heat map, after smoothing, that is worth a second look (ours)."""


@dataclass(frozen=True)
class Pose:
    """One guess of a joint: the chord of its first bone (radius or humerus), film pixels.

    Parameters
    ----------
    joint : Joint
    centre : (x, y)
        Middle of the chord.
    distal : (x, y)
        Unit vector away from the shaft.
    width : float
        Metaphyseal width, pixels.
    turned : bool
        True where corner 2 lies to the left of ``distal`` on the film (y down), False where to the right.
    weight : float
        0-1, of the first network.
    """

    joint: Joint
    centre: tuple[float, float]
    distal: tuple[float, float]
    width: float
    turned: bool
    weight: float = 1.0

    @property
    def across(self) -> Vector:
        """Unit vector from corner 1 to corner 2."""
        right = np.array([-self.distal[1], self.distal[0]])
        return -right if self.turned else right

    def mirrored(self) -> "Pose":
        """The same place with thumb and little finger exchanged."""
        return replace(self, turned=not self.turned)

    def matrix(self) -> npt.NDArray[np.float64]:
        """2 x 3 affine from film pixels to the upright crop: distal up, corner 2 to the right."""
        zoom = CROP_SIZE / (CROP_WIDTHS[self.joint] * self.width)
        axes = np.stack([self.across, -np.asarray(self.distal)]) * zoom
        sideways, upwards = CROP_SHIFT[self.joint]
        middle = np.asarray(self.centre) + self.width * (
            sideways * self.across + upwards * np.asarray(self.distal)
        )
        return np.hstack([axes, ((CROP_SIZE - 1) / 2 - axes @ middle)[:, None]])


def pose_from_points(joint: Joint, points: npt.NDArray[np.floating], weight: float = 1.0) -> Pose:
    """The pose in which corner 1, corner 2 and the margin or shaft side of the first bone are as given.

    Parameters
    ----------
    points : ndarray of shape (3, 2)
        Corner 1, corner 2, and any point distal of the chord's middle.

    Raises
    ------
    ValueError
        When the corners coincide.
    """
    corner1, corner2, beyond = np.asarray(points, float)
    width = float(np.hypot(*(corner2 - corner1)))
    if width <= 0:
        raise ValueError("the corners of a pose must be two different points")
    across = (corner2 - corner1) / width
    distal = np.array([across[1], -across[0]])
    turned = bool(distal @ (beyond - (corner1 + corner2) / 2) < 0)
    distal = -distal if turned else distal
    centre = (corner1 + corner2) / 2
    return Pose(
        joint,
        (float(centre[0]), float(centre[1])),
        (float(distal[0]), float(distal[1])),
        width,
        turned,
        weight,
    )


def propose(film: Array, *, closer: bool = False, limit: int = 3) -> tuple[list[Pose], Array]:
    """Poses that the first network sees on the film.

    Parameters
    ----------
    film : ndarray of shape (rows, columns), float32
    closer : bool
        Look at overlapping parts of the film, for a small limb on a large film, and at the whole askew.
    limit : int
        Most poses per view of the film and kind of joint.

    Returns
    -------
    poses : list of Pose
        Best first, film pixels.
    kinds : ndarray of shape (n,)
        Shares of the kinds of film, in the order of `locate_refuse.FILM_KINDS`, mean over the first two
        views, which show the whole film: what the end of a long one shows is not what the film is.
    """
    # A view takes single points of what it is given: of a large film every tenth, which hides joints.
    small, step = coarser(film, 2 * FILM_SIZE)
    views = closer_views(small.shape) if closer else film_views(small.shape)
    fill = fill_of(film)
    batch = np.stack([as_input(warp(small, m, FILM_SIZE, fill)) for m in views])
    shares, _, kinds, fields = run("film", batch)
    poses = []
    for i, matrix in enumerate(views):
        for kind, joint in enumerate((Joint.WRIST, Joint.ELBOW)):
            poses += _read_poses(shares[i, 2 * kind], fields[i], joint, matrix, limit)
    poses = [_enlarged(pose, step) for pose in poses]
    return sorted(poses, key=lambda p: -p.weight), np.asarray(kinds[:2].mean(0))


def _enlarged(pose: Pose, step: int) -> Pose:
    """A pose on a film whose squares of ``step`` pixels were the pixels (`coarser`)."""
    x, y = (step * place + (step - 1) / 2 for place in pose.centre)
    return replace(pose, centre=(x, y), width=step * pose.width)


def film_views(shape: tuple[int, ...]) -> list[Affine]:
    """Affine maps that show the whole film upright and turned by a quarter, fitted into the picture.

    Of a film longer than `LONG` times its width, on which two limbs may lie, both ends are shown as well.
    """
    size = np.array([shape[1] - 1, shape[0] - 1])
    views = [_view(size / 2, FILM_SIZE / max(shape), quarter) for quarter in (0, 1)]
    short, long = min(shape), max(shape)
    if long > LONG * short:
        side = max(short, long / 2)
        along = np.array([0.0, 1.0] if shape[0] > shape[1] else [1.0, 0.0])
        views += [_view(size / 2 + end * along * (long - side) / 2, FILM_SIZE / side, 0) for end in (-1, 1)]
    return views


def closer_views(shape: tuple[int, ...]) -> list[Affine]:
    """Affine maps for a closer look: five parts of the film 1.7 times as large, and the whole film askew.

    The parts are the middle and towards the corners; askew is by 45, 135, 225 and 315 degrees, since the
    coarse look sees limbs best near the upright and its quarter turns.
    """
    size = np.array([shape[1] - 1, shape[0] - 1])
    centres = [(0.5, 0.5), (0.35, 0.35), (0.65, 0.35), (0.35, 0.65), (0.65, 0.65)]
    parts = [_view(size * np.array(c), 1.7 * FILM_SIZE / max(shape), 0) for c in centres]
    return parts + [_view(size / 2, FILM_SIZE / max(shape), quarter) for quarter in (0.5, 1.5, 2.5, 3.5)]


def _view(middle: Vector, zoom: float, quarters: float) -> Affine:
    cos, sin = np.cos(quarters * np.pi / 2), np.sin(quarters * np.pi / 2)
    turn = zoom * np.array([[cos, -sin], [sin, cos]])
    return np.hstack([turn, ((FILM_SIZE - 1) / 2 - turn @ middle)[:, None]])


def _read_poses(
    share: Array, fields: Array, joint: Joint, matrix: npt.NDArray[np.float64], limit: int
) -> list[Pose]:
    """Local maxima of one heat map with the pose that the fields give there, film pixels."""
    spread = cv2.GaussianBlur(share, (5, 5), 1.0)
    peaks = (spread == cv2.dilate(spread, np.ones((7, 7), np.uint8))) & (spread > MIN_SHARE)
    rows, columns = np.nonzero(peaks)
    best = np.argsort(-spread[rows, columns])[:limit]
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    poses = []
    for row, column in zip(rows[best], columns[best], strict=True):
        window = around(int(row), int(column), 2, share.shape)
        weights = share[window] / max(float(share[window].sum()), 1e-9)
        yy, xx = np.mgrid[window]
        centre = np.array([(weights * xx).sum(), (weights * yy).sum()]) * 4 + 1.5
        distal, across = ((fields[k : k + 2][(slice(None), *window)] * weights).sum((1, 2)) for k in (0, 2))
        pose = _pose(joint, apply_affine(back, centre), back[:, :2] @ distal, back[:, :2] @ across)
        if pose is not None:
            poses.append(replace(pose, weight=float(share[window].sum())))
    return poses


def _pose(joint: Joint, centre: Vector, distal: Vector, across: Vector) -> Pose | None:
    """One pose from the two vectors of the fields, each of one width in `POSE_UNIT` pixels."""
    turned = bool(distal[0] * across[1] - distal[1] * across[0] < 0)
    quarter = np.array([across[1], -across[0]]) * (-1 if turned else 1)
    both = distal + quarter
    length = float(np.hypot(*both))
    if length * POSE_UNIT / 2 < 2:
        return None
    width = POSE_UNIT * (float(np.hypot(*distal)) + float(np.hypot(*across))) / 2
    unit = both / length
    return Pose(joint, (float(centre[0]), float(centre[1])), (float(unit[0]), float(unit[1])), width, turned)
