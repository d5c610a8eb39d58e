"""What the studies of the segmentation share: films, the change of a bone in widths, tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rickets_rx.phantom import PhantomBone, PhantomFilm
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis, Segmentation
from rickets_rx.vocabulary import Bone, Status

UNSEEN = 460_000_000
"""Phantom seeds from here on belong to studies; training stays below 400 million."""
FOUND = 0.1
"""Larger corner error, widths, up to which a bone counts as found (the check of the real films)."""


def scored(segmentation: Segmentation) -> list[Metaphysis]:
    """Every traced bone of a film."""
    return [b for joint in segmentation.instances for b in joint.bones if isinstance(b, Metaphysis)]


def nearest(bones: Iterable[Metaphysis], bone: Bone, corners: np.ndarray) -> tuple[Metaphysis | None, float]:
    """The traced bone of this name that lies best on true corners (2, 2), and its larger error in widths."""
    width = float(np.hypot(*(corners[1] - corners[0])))
    best, least = None, np.inf
    for found in bones:
        if found.bone is bone:
            apart = np.array([found.corner1, found.corner2]) - corners
            error = float(np.hypot(*apart.T).max()) / width
            if error < least:
                best, least = found, error
    return best, least


def corners_of(truth: PhantomBone) -> np.ndarray:
    """True corners, shape (2, 2)."""
    return np.array([truth.corner1, truth.corner2])


def to_report(film: PhantomFilm) -> list[PhantomBone]:
    """The bones of a phantom that the film can show."""
    return [b for joint in film.joints for b in joint.bones if b.status is Status.SCORED]


def margin_error(found: np.ndarray, true: np.ndarray, frame: BoneFrame) -> float:
    """Median distance along u of two margins over the central 85 % of the true bone, in its widths."""
    v = np.linspace(-0.85, 0.85, 69)
    return float(np.median(np.abs(_height(frame, found, v) - _height(frame, true, v))))


def _height(frame: BoneFrame, margin: np.ndarray, v: np.ndarray) -> np.ndarray:
    vu = frame.from_pixels(margin)
    order = np.argsort(vu[:, 0], kind="stable")
    return np.interp(v, vu[order, 0], vu[order, 1])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def real_paths(folder: Path, *parts: str) -> list[Path]:
    """Films of the named sub-folders, in order."""
    return sorted(p for part in parts for p in (folder / part).iterdir() if p.suffix in (".png", ".dcm"))


def percent(values: Sequence[float] | np.ndarray, digits: int = 1) -> str:
    """The median of shares as per cent; a dash for none."""
    return f"{100 * float(np.median(values)):.{digits}f}" if len(values) else "-"


def ninety(values: Sequence[float] | np.ndarray, digits: int = 1) -> str:
    """The 90th percentile of shares as per cent; a dash for none."""
    return f"{100 * float(np.percentile(values, 90)):.{digits}f}" if len(values) else "-"
