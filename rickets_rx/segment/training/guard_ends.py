"""What the guard learns from: bone ends of phantoms and CC BY films, where they lie and where they were seen.

A search errs where a film is of no use: at a field's edge it takes the cut shaft for the margin. So every
film is searched as the pipeline does it, and what is found is learned from beside the true places.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.phantom.artefacts import draw_artefacts
from rickets_rx.phantom.metal import ON_BONE
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.locate import SEARCHED_BONES, read_film
from rickets_rx.segment.locate_guard import GUARD_KINDS, guard_patch
from rickets_rx.segment.locate_verify import Reading, steadied
from rickets_rx.segment.training.real_films import real_films
from rickets_rx.vocabulary import Joint, RefusalReason, Status

if TYPE_CHECKING:
    from rickets_rx.phantom import PhantomBone, PhantomFilm

log = logging.getLogger(__name__)
Array = npt.NDArray[Any]
ROOM = 0.15
"""Share by which kept patches reach further, for moving and turning within them (ours)."""
KEPT_SIDE = 110
FIRST_SEED = 380_000_000
"""Seeds of the guard's films: training stays below 400 million, and other networks below 40."""
ON_PLACE, NEAR = 0.15, 1.0
"""Widths of the worse corner up to which a found end counts as the true one; and of the middle up to which an
end that is of no use stays so wherever on it the search went (ours)."""
SHORT, ENOUGH = 0.27, 0.33
"""Widths of shaft on the film: below the first a bone is cut off, from the second on it is not; those between
are not learned from, for the limit is 0.3."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Patches with their kinds.

    Parameters
    ----------
    patches : ndarray of shape (n, 110, 110), float16
    kinds : ndarray of shape (n,), int64
        Index into `GUARD_KINDS`.
    real : ndarray of shape (n,), bool
    """

    patches: Array
    kinds: npt.NDArray[np.int64]
    real: npt.NDArray[np.bool_]


Item = tuple[Array, int]


def collect(items: Iterable[Item], *, real: bool) -> Ends:
    """Stack items."""
    patches, kinds = zip(*items, strict=True)
    return Ends(np.array(patches), np.array(kinds, np.int64), np.full(len(kinds), real))


def phantom_ends(film: "PhantomFilm") -> Iterator[Item]:
    """Ends of a phantom at their true places and where the search sees them; unclear ones are left out."""
    pixels = film.radiograph().pixels
    bones = [bone for place in film.joints for bone in place.bones]
    for bone in bones:
        kind = true_kind(film, bone)
        if kind is not None and _on_film(bone.corner1, bone.corner2, pixels.shape):
            yield packed(pixels, BoneFrame(bone.corner1, bone.corner2, bone.distal)), kind
    for reading in hopeful(pixels):
        for index, name in enumerate(SEARCHED_BONES[Joint.WRIST]):
            corners = reading.points[3 * index : 3 * index + 2]
            kind = found_kind(film, [b for b in bones if b.bone is name], corners)
            width = float(np.hypot(*(corners[1] - corners[0])))
            if kind is not None and width >= 10 and _on_film(corners[0], corners[1], pixels.shape):
                one, other = ((float(x), float(y)) for x, y in corners)
                yield packed(pixels, BoneFrame(one, other, reading.distal(index))), kind


def hopeful(pixels: Array) -> Iterator[Reading]:
    """The best reading of a film, where it came near to being accepted."""
    readings, _ = read_film(pixels, (Joint.WRIST,))
    for reading in readings[:1]:
        if reading.confidence > 0.25:
            yield steadied(pixels, reading)


def _on_film(one: Any, other: Any, shape: tuple[int, ...]) -> bool:
    """Whether both corners lie on the film: others are refused without a look."""
    both = np.array([one, other])
    return bool(((both >= 0) & (both <= np.array(shape[::-1]) - 1)).all())


def true_kind(film: "PhantomFilm", bone: "PhantomBone") -> int | None:
    """Index into `GUARD_KINDS` of a true bone end, None where the truth does not settle it."""
    negative = film.knobs.get("negative")
    shaft = shaft_on_film(bone, film.pixels.shape)
    if bone.reason is RefusalReason.CUT_OFF or shaft < SHORT:
        return GUARD_KINDS.index(RefusalReason.CUT_OFF)
    if negative == "cast" or bone.reason is RefusalReason.CAST_OR_METAL:
        return GUARD_KINDS.index(RefusalReason.CAST_OR_METAL)
    if negative == "closed":
        return GUARD_KINDS.index(RefusalReason.CLOSED_PHYSIS)
    if negative in ("lateral", "oblique", "fingers", "shaft"):
        return GUARD_KINDS.index(RefusalReason.AMBIGUOUS)
    open_end = bone.status is Status.SCORED and shaft >= ENOUGH
    return 0 if open_end and film.refuse is not RefusalReason.CLOSED_PHYSIS else None


def shaft_on_film(bone: "PhantomBone", shape: tuple[int, ...]) -> float:
    """Widths of shaft behind both corners that lie on the film, at most 0.6; below 0 for a corner off it."""
    steps = np.arange(0, 0.61, 0.03)
    corners = np.array([bone.corner1, bone.corner2])
    points = corners[None] - steps[:, None, None] * bone.width * np.asarray(bone.distal)
    inside = ((points >= 0) & (points <= np.array(shape[::-1]) - 1)).all(axis=(1, 2))
    return float(steps[-1] if inside.all() else steps[int(np.argmin(inside))] - 0.03)


def found_kind(film: "PhantomFilm", bones: list["PhantomBone"], corners: Array) -> int | None:
    """Index into `GUARD_KINDS` of what a search found, by the true bone it lies on; None where unclear."""
    other = GUARD_KINDS.index(RefusalReason.AMBIGUOUS)
    if not bones:
        return other
    true = np.array([bones[0].corner1, bones[0].corner2])
    kind = true_kind(film, bones[0])
    if kind == 0:
        error = float(np.hypot(*(corners - true).T).max()) / bones[0].width
        return 0 if error < ON_PLACE else other if error > 2 * ON_PLACE else None
    apart = float(np.hypot(*(corners - true).mean(0))) / bones[0].width
    return kind if apart < NEAR else other


def packed(pixels: Array, frame: BoneFrame) -> Array:
    """The kept patch of an end in half precision, within 0-1."""
    patch = guard_patch(np.asarray(pixels, np.float32), frame, side=KEPT_SIDE, room=ROOM)
    return np.asarray((patch - patch.min()) / max(float(np.ptp(patch)), 1e-6), np.float16)


# Films of each sort in a hundred (ours): what is clear must not be lost, so that more of it is severe or
# nearly grown up than chance gives.
SORTS = (
    ("open", 15), ("severe", 10), ("grown", 14), ("closed", 11), ("splint", 13), ("metal", 12), ("cast", 4),
    ("short", 15), ("lateral", 2), ("oblique", 2), ("fingers", 1), ("shaft", 1),
)  # fmt: skip
_TURN = [name for name, count in SORTS for _ in range(count)]


def drawn_film(seed: int) -> "PhantomFilm":
    """One wrist of the sort that its seed has in turn."""
    from rickets_rx import phantom

    rng = np.random.default_rng((seed, 23))
    sort = _TURN[(37 * seed) % len(_TURN)]
    size = int(rng.integers(300, 650))
    if sort in ("closed", "cast", "lateral", "oblique", "fingers", "shaft"):
        return phantom.negative(sort, seed, size_px=size, keep_joints=True)
    fixed: dict[str, Any] = {"size_px": (size, size)}
    if sort == "severe" or (sort in ("splint", "metal", "short") and rng.random() < 0.3):
        fixed["severity"] = (0.6, 1.0)
    if sort == "grown":
        fixed["ages"] = (10.5, 15.5)
    if sort == "short":
        fixed["layout"] = phantom.Layout(
            behind=float(rng.uniform(-0.4, 0.9)), beyond=float(rng.uniform(1.0, 3.0)),
            beside=float(rng.uniform(0.1, 0.8)), angle=float(rng.normal(0, 8)),
        )  # fmt: skip
    if sort == "splint":
        fixed["artefacts"] = replace(draw_artefacts(rng), splint_mm=float(rng.uniform(3.5, 9)))
    if sort == "metal":
        fixed["artefacts"] = replace(draw_artefacts(rng), metal=str(rng.choice(ON_BONE)))
    return phantom.sample(Joint.WRIST, seed, **fixed)


def real_ends(folder: Path) -> Iterator[Item]:
    """Both ends of the CC BY wrists, in full view."""
    for film in real_films(folder, 1):
        pixels, joint = film.pixels.astype(np.float32), film.joints[0]
        distal = (float(joint.distal[0]), float(joint.distal[1]))
        for index in range(2):
            one, other = ((float(x), float(y)) for x, y in joint.points[3 * index : 3 * index + 2])
            yield packed(pixels, BoneFrame(one, other, distal)), 0


def draw_ends(seeds: Iterable[int]) -> Ends:
    """Ends of the films of these seeds."""
    items = [item for seed in seeds for item in phantom_ends(drawn_film(seed))]
    log.info("%d ends", len(items))
    return collect(items, real=False)
