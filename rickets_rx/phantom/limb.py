"""A limb: solids placed in its own millimetres, and the soft tissue round them."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.bone_end import BoneEnd
from rickets_rx.phantom.measure import Survey
from rickets_rx.phantom.noise import FloatArray, sample_tile, trabecular_tile
from rickets_rx.phantom.place import Matrix, Placement, Pose, Sheet, apply, paste
from rickets_rx.phantom.skin import Skin, flesh_map, rounded
from rickets_rx.phantom.small_bones import Plate
from rickets_rx.vocabulary import BONE_LABEL, PART_LABEL, Bone, Joint, Part, Side


@dataclass(frozen=True)
class Capsule:
    """Soft tissue between two points: half widths across the beam at each, and depth over width (mm).

    A ``pad`` lies on top of the rest, with an edge of its own (a fold of skin, the heel of the hand; negative
    depth is a crease). ``flat`` is the exponent of its cross-section: 2 an ellipse, more a flatter one;
    ``end_depth`` is the depth over width at ``end`` where it is not that of ``start``. A ``joined`` pad goes
    on where the one before it ended: where they meet the thicker counts, not their sum.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    start_half: float
    end_half: float
    depth: float = 0.75
    pad: bool = False
    flat: float = 2.0
    end_depth: float | None = None
    joined: bool = False


@dataclass(frozen=True, eq=False)
class Epiphysis:
    """The plate that caps a graded bone, in that bone's own mm.

    ``face`` is its side to the shaft, shape (n, 2): where mineral, going proximally, falls through half of
    what the middle of the plate holds there.
    """

    plate: Plate
    mineral: Sheet
    face: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GradedBone:
    """One graded bone end in its limb; ``gap_mm`` is the physis along s, None without an epiphysis."""

    bone: Bone
    end: BoneEnd
    placement: Placement
    epiphysis: Epiphysis | None
    survey: Survey
    overlapped: bool = False


@dataclass(frozen=True, eq=False)
class Limb:
    """Everything of one wrist or elbow, in millimetres: x to the thumb (lateral) side of a left limb, y
    distal."""

    joint: Joint
    side: Side
    graded: tuple[GradedBone, ...]
    others: tuple[tuple[Sheet, Placement], ...]
    soft: tuple[Capsule, ...]
    unit: float
    """Width of the leading bone's metaphysis, mm: the yardstick of layouts."""
    extent: tuple[float, float, float, float] = field(default=(0, 0, 0, 0))
    """x_low, y_low, x_high, y_high of what the limb fills, mm."""
    skin: Skin | None = None
    """The outline within which all flesh lies; without one the capsules of ``soft`` are the flesh."""


def limb_tissue(limb: Limb, pose: Pose, shape: tuple[int, int]) -> FloatArray:
    """Soft tissue of a limb along the beam, mm, shape (rows, columns).

    Within a skin the flesh is known on every pixel; without one capsules are drawn on every second.
    """
    if limb.skin is None:
        return _upsample(tissue_map(limb.soft, pose, shape, 2), shape, 2)
    flesh = flesh_map(limb.skin, pose, shape)
    pads = pads_map(limb.soft, pose, shape)
    within = np.minimum(flesh, 1)
    uneven = _upsample(_marbling((-(-shape[0] // 4) + 1, -(-shape[1] // 4) + 1), pose, 4), shape, 4)
    return np.asarray(flesh * uneven + cv2.GaussianBlur(pads, (0, 0), 0.8) * within, dtype=np.float32)


def tissue_map(capsules: tuple[Capsule, ...], pose: Pose, shape: tuple[int, int], shrink: int) -> FloatArray:
    """Soft tissue along the beam, mm, on a grid ``shrink`` times coarser than the film.

    Parts melt into one another (a sum of fourth powers), as skin bridges the folds between them. There are no
    pads among them: those lie on a skin (`pads_map`).
    """
    size = (-(-shape[0] // shrink) + 1, -(-shape[1] // shrink) + 1)
    total, to_film = np.zeros(size, np.float32), pose.matrix()
    for capsule in capsules:
        found = _thickness(capsule, pose, to_film, size, shrink)
        if found is not None:
            total[found[0]] += _fourth(found[1])
    # Where a chord starts it rises like a root, which a coarse grid turns into steps.
    uneven = np.sqrt(np.sqrt(total)) * _marbling(size, pose, shrink)
    return np.asarray(cv2.GaussianBlur(uneven, (0, 0), 0.8), dtype=np.float32)


def pads_map(capsules: tuple[Capsule, ...], pose: Pose, shape: tuple[int, int]) -> FloatArray:
    """Thickness of the pads among capsules, mm, shape (rows, columns); other capsules do not count."""
    pads = np.zeros(shape, np.float32)
    only = [capsule for capsule in capsules if capsule.pad]
    chain: FloatArray | None = None
    to_film = pose.matrix()
    for capsule, goes_on in zip(only, [*(after.joined for after in only[1:]), False], strict=False):
        if not capsule.joined:
            # What is there of this chain of pads matters only where it goes on.
            chain = np.zeros_like(pads) if goes_on else None
        found = _thickness(capsule, pose, to_film, shape, 1)
        if found is None:
            continue
        part, more = found
        if chain is not None:
            met = chain[part]
            if capsule.joined:
                more = np.where(np.abs(more) > np.abs(met), more - met, np.float32(0))
            met += more
        pads[part] += more
    return pads


def _thickness(
    capsule: Capsule, pose: Pose, to_film: Matrix, size: tuple[int, int], shrink: int
) -> tuple[tuple[slice, slice], FloatArray] | None:
    """The part of a map that a capsule lies on, and its thickness there, mm; None off the map."""
    ends = apply(to_film, [capsule.start, capsule.end]) / shrink
    half = np.array([capsule.start_half, capsule.end_half]) / (pose.spacing_mm * shrink)
    reach = half.max() + 1
    low = np.maximum(np.floor(ends.min(0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(ends.max(0) + reach) + 1, size[::-1]).astype(int)
    if (low >= high).any():
        return None
    x = np.arange(low[0], high[0], dtype=np.float32)[None, :] - np.float32(ends[0, 0])
    y = np.arange(low[1], high[1], dtype=np.float32)[:, None] - np.float32(ends[0, 1])
    along = ends[1] - ends[0]
    squared = float(along @ along) + 1e-6
    t = np.clip((x * np.float32(along[0]) + y * np.float32(along[1])) / np.float32(squared), 0, 1)
    distance = (x - t * np.float32(along[0])) ** 2 + (y - t * np.float32(along[1])) ** 2
    radius = np.float32(half[0]) + t * np.float32(half[1] - half[0])
    depth = radius * np.float32(2 * pose.spacing_mm * shrink)
    far = capsule.depth if capsule.end_depth is None else capsule.end_depth
    depth = depth * (np.float32(capsule.depth) + t * np.float32(far - capsule.depth))
    shape_across = _profile(np.asarray(distance / (radius * radius), np.float32), capsule.flat)
    part = (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    return part, np.asarray(depth * shape_across, np.float32)


def _fourth(thick: FloatArray) -> FloatArray:
    squared = thick * thick
    return np.asarray(squared * squared, dtype=np.float32)


def _profile(squared: FloatArray, flat: float) -> FloatArray:
    """Thickness across a capsule, 0-1, from the squared distance over the squared half width."""
    if flat == 2.0:
        return np.asarray(np.sqrt(np.maximum(1 - squared, 0)), dtype=np.float32)
    return rounded(np.asarray(1 - np.sqrt(squared), np.float32), flat)


def _marbling(size: tuple[int, int], pose: Pose, shrink: int) -> FloatArray:
    """The unevenness of fat and muscle, a factor of 1 within a few per cent, drawn out along the limb."""
    inverse = np.linalg.inv(pose.matrix()) @ np.diag([shrink, shrink, 1.0])
    rows, columns = size
    c, r = np.arange(columns, dtype=np.float32)[None, :], np.arange(rows, dtype=np.float32)[:, None]
    x, y = (np.float32(m[0]) * c + np.float32(m[1]) * r + np.float32(m[2]) for m in inverse[:2])
    # The tile's struts of 1 mm stretched to bundles of 6 and 20 mm.
    tile = trabecular_tile(10)
    x, y = x.astype(np.float32), y.astype(np.float32)
    fine = sample_tile(tile, x / 6, y / 6, (pose.anchor[0] * 7 % 512, pose.anchor[1] * 5 % 512))
    broad = sample_tile(tile, x / 20, y / 20, (pose.anchor[1] * 3 % 512, pose.anchor[0] * 11 % 512))
    return np.asarray(1 + 0.006 * fine + 0.013 * broad, dtype=np.float32)


def _upsample(coarse: FloatArray, shape: tuple[int, int], factor: int) -> FloatArray:
    grid = np.array([[factor, 0, 0], [0, factor, 0]], float)
    size = (shape[1], shape[0])
    fine = cv2.warpAffine(coarse, grid, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(fine, dtype=np.float32)


def bone_map(limb: Limb, pose: Pose, shape: tuple[int, int]) -> FloatArray:
    """Mineral along the beam in mm of cortical bone, shape (rows, columns), float32."""
    mineral = np.zeros(shape, np.float32)
    to_film = pose.matrix()
    for sheet, placement in limb.others:
        paste(mineral, sheet, to_film @ placement.matrix())
    for bone in limb.graded:
        matrix = to_film @ bone.placement.matrix()
        paste(mineral, bone.end.maps(max(0.75 * pose.spacing_mm, 0.06)), matrix)
        if bone.epiphysis:
            paste(mineral, bone.epiphysis.mineral, matrix)
    return mineral


def label_map(limb: Limb, pose: Pose, labels: npt.NDArray[np.float32]) -> None:
    """Write the contract's labels (10 x bone + part) of a limb into ``labels`` in place."""
    for bone in limb.graded:
        matrix = pose.matrix() @ bone.placement.matrix()
        for sheet in part_sheets(bone, max(pose.spacing_mm, 0.08)):
            paste(labels, sheet, matrix, "label")


def part_sheets(bone: GradedBone, pitch: float) -> list[Sheet]:
    """Shaft, metaphysis, physis and epiphysis of a bone end as label sheets on its own grid."""
    end = bone.end
    half = 0.8 * end.width
    x = np.arange(-half, half, pitch)
    high = 0.9 * end.width + 4 * end.disease.gap_extra
    s = np.arange(-end.shape.length, high, pitch)
    left, right = end.edges(s)
    margin = bone.survey.margin
    edge = np.interp(x, margin[:, 0], margin[:, 1], left=-1e3, right=-1e3)
    inside = (x[None, :] > left[:, None]) & (x[None, :] < right[:, None]) & (s[:, None] <= edge[None, :])
    number = 10.0 * BONE_LABEL[bone.bone]
    value = np.zeros((len(s), len(x)), np.float32)
    # The metaphysis is the last half width of the bone (ours).
    value[inside] = number + PART_LABEL[Part.SHAFT]
    value[inside & (s[:, None] > -0.5 * end.width)] = number + PART_LABEL[Part.METAPHYSIS]
    if bone.epiphysis:
        plate = bone.epiphysis.plate
        outline = plate.outline()
        middle, _ = plate.body(x)
        across = np.abs(x - plate.centre) < plate.width / 2
        physis = (
            across[None, :] & (s[:, None] > edge[None, :]) & (s[:, None] < middle[None, :]) & (edge > -500)
        )
        value[physis] = number + PART_LABEL[Part.PHYSIS]
        value[_polygon(outline, x, s)] = number + PART_LABEL[Part.EPIPHYSIS]
    return [Sheet(value, float(x[0]), float(s[0]), pitch)]


def _polygon(
    outline: npt.NDArray[np.float64], x: npt.NDArray[np.float64], s: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    mask = np.zeros((len(s), len(x)), np.uint8)
    pitch = x[1] - x[0]
    points = np.stack([(outline[:, 0] - x[0]) / pitch, (outline[:, 1] - s[0]) / pitch], 1)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 1, shift=4)
    return mask.astype(bool)


def to_pixels(limb_placement: Placement, pose: Pose) -> Matrix:
    """3 x 3 map from a solid's mm to film pixels."""
    return np.asarray(pose.matrix() @ limb_placement.matrix())
