"""What must be refused, class by class: ``python benchmarks/segment_refusals.py FOLDER [N [CLASS ...]]``.

FOLDER holds ``other`` and ``dicom``. N (40) images of each class: phantoms of `phantom.negative`, films that
pydicom and scikit-image carry (turned by quarters until there are N), noise and text. A film counts as
refused when the whole segmentation leaves no bone to be scored; as named when its reason is the right one.

Of three classes the geometry of each phantom says which bones cannot be used, and the bones count: of
``splint`` and ``metal`` those with the object over the margin or within 0.3 widths of it; of ``cut_off``
those with a corner off the film or less than 0.3 widths of shaft on it, and only films without any other bone
are taken. Such a film is refused when none of these bones is scored.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from segment_common import UNSEEN, corners_of, real_paths, scored, table

from rickets_rx import phantom
from rickets_rx.errors import RicketsError
from rickets_rx.io.read import read_radiograph
from rickets_rx.phantom import PhantomBone, PhantomFilm
from rickets_rx.phantom.negatives import KINDS
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import Metaphysis, RefusedBone, Segmentation
from rickets_rx.segment.pipeline import segment

BY_BONE = ("cut_off", "splint", "metal")
ENOUGH_SHAFT = 0.3
"""Widths of shaft behind both corners without which a bone end cannot be used (ours)."""
RIGHT = {
    **{kind: str(reason) for kind, reason in KINDS.items()},
    "noise": "not_a_radiograph",
    "text": "not_a_radiograph",
    "scikit-image": "not_a_radiograph",
}


def picture(pixels: np.ndarray) -> Radiograph:
    return Radiograph(np.ascontiguousarray(pixels, np.float32), "0" * 64, "study.png")


def phantoms(kind: str, count: int) -> Iterator[Radiograph]:
    return (phantom.negative(kind, UNSEEN + i).radiograph() for i in range(count))


def usable(bone: PhantomBone, shape: tuple[int, ...]) -> bool:
    """Whether a reader could use the bone: nothing over its margin, corners and enough shaft on the film."""
    corners = corners_of(bone)
    reach = np.concatenate([corners, corners - ENOUGH_SHAFT * bone.width * np.asarray(bone.distal)])
    on_film = ((reach >= 0) & (reach <= np.array(shape[::-1]) - 1)).all()
    return bool(on_film) and bone.reason is None


def partly_usable(kind: str, count: int) -> Iterator[PhantomFilm]:
    """``count`` films with a bone that cannot be used; of ``cut_off`` with no other."""
    number = UNSEEN
    while count:
        film = phantom.negative(kind, number)
        number += 1
        good = [usable(bone, film.pixels.shape) for joint in film.joints for bone in joint.bones]
        if not (any(good) if kind == "cut_off" else all(good)):
            count -= 1
            yield film


def by_bone(kind: str, count: int) -> tuple[str, object, str]:
    """Of films with truth by bone: films refused, rightly named, and what became of their bones."""
    refused, named, hidden, clear = 0, 0, Counter[bool](), Counter[bool]()
    for film in partly_usable(kind, count):
        found = segment(film.radiograph())
        graded = [nearest_truth(film, bone) for bone in scored(found)]
        named += said_of(found) == RIGHT[kind]
        wrong = 0
        for bone in (b for joint in film.joints for b in joint.bones):
            kept = any(bone is other for other in graded)
            good = usable(bone, film.pixels.shape)
            (clear if good else hidden)[kept] += 1
            wrong += kept and not good
        refused += not wrong and not any(other is None for other in graded)
    rest = f"bones of no use scored: {hidden[True]} of {hidden.total()}"
    if clear:
        rest += f"; bones clear of it scored: {clear[True]} of {clear.total()}"
    return f"{refused} of {count}", named, rest


def nearest_truth(film: PhantomFilm, found: Metaphysis) -> PhantomBone | None:
    """The true bone whose chord's middle lies within a width of that of a found one."""
    middle = np.mean([found.corner1, found.corner2], axis=0)
    bones = [bone for joint in film.joints for bone in joint.bones]
    apart = [float(np.hypot(*(corners_of(b).mean(0) - middle))) / b.width for b in bones]
    return bones[int(np.argmin(apart))] if apart and min(apart) < 1 else None


def noise(i: int) -> Radiograph:
    rng = np.random.default_rng((UNSEEN, i))
    grain = rng.normal(size=(400 + 5 * i, 500)).astype(np.float32)
    return picture(cv2.GaussianBlur(grain, (0, 0), 2.0) if i % 2 else grain)


def text(i: int) -> Radiograph:
    rng = np.random.default_rng((UNSEEN, 1, i))
    page = np.zeros((600, 450), np.uint8)
    size = rng.uniform(0.4, 1.4)
    for y in range(30, 600, int(36 * size) + 8):
        words = "".join(chr(c) for c in rng.integers(32, 123, 40))
        cv2.putText(page, words, (8, y), int(rng.integers(0, 7)), size, 255, 1 + i % 3, cv2.LINE_AA)
    return picture(page if i % 2 else 255 - page)


def photographs(count: int) -> Iterator[Radiograph]:
    """The pictures that scikit-image's package carries, upright first, then turned."""
    import skimage.data

    folder = Path(str(skimage.data.__file__)).parent
    paths = [p for p in sorted(folder.iterdir()) if p.suffix in (".png", ".jpg")]
    pictures = [cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) for p in paths]
    known = [p for p in pictures if p is not None]
    for i in range(count):
        yield picture(np.rot90(known[i % len(known)], i // len(known)))


def dicoms(count: int) -> Iterator[Radiograph | RicketsError]:
    """Pictures that pydicom's package carries and that are read or refused by the reader."""
    from pydicom.data import DATA_ROOT

    paths = sorted((Path(DATA_ROOT) / "test_files").rglob("*.dcm"))
    for path in paths[:: max(1, len(paths) // count)][:count]:
        try:
            yield read_radiograph(path)
        except RicketsError as error:
            yield error


def verdict(film: Radiograph | RicketsError) -> str:
    """What became of a film, as `said_of` says it."""
    return "not read" if isinstance(film, RicketsError) else said_of(segment(film))


def said_of(found: Segmentation) -> str:
    """The film's reason or that of all its bones; ``bones`` where these differ, ``scored`` if one is kept."""
    if found.refusal is not None:
        return str(found.refusal.reason)
    if scored(found):
        return "scored"
    bones = [bone for joint in found.instances for bone in joint.bones if isinstance(bone, RefusedBone)]
    reasons = {str(bone.refusal.reason) for bone in bones}
    return reasons.pop() if len(reasons) == 1 else "bones"


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40
    classes: dict[str, Iterator[Radiograph | RicketsError]] = {kind: phantoms(kind, count) for kind in KINDS}
    classes |= {
        "noise": map(noise, range(count)),
        "text": map(text, range(count)),
        "scikit-image": photographs(count),
        "pydicom": dicoms(count),
        "real: lateral, cast": map(read_radiograph, real_paths(folder, "other")),
        "real: ankle": map(read_radiograph, real_paths(folder, "dicom")),
    }
    rows: list[tuple[str, object, object, str]] = []
    total = Counter[str]()
    chosen = sys.argv[3:] or list(classes)
    for name in chosen:
        if name in BY_BONE:
            rows.append((name, *by_bone(name, count)))
            continue
        said = Counter(verdict(film) for film in classes[name])
        refused, all_of = said.total() - said["scored"], said.total()
        total.update(refused=refused, all=all_of)
        others = ", ".join(f"{n} {word}" for word, n in said.most_common() if word != RIGHT.get(name))
        rows.append((name, f"{refused} of {all_of}", said[RIGHT[name]] if name in RIGHT else "", others))
    rows.append(("all whole films", f"{total['refused']} of {total['all']}", "", ""))
    sys.stdout.write(table(("class", "refused", "named rightly", "else"), rows))


if __name__ == "__main__":
    main()
