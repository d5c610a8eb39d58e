"""Regions of a film on disk: the geometry of every bone as JSON, and a label mask as PNG."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.io.atomic import atomic_write
from rickets_rx.io.results import write_json
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import BoneScore, FilmScore
from rickets_rx.segment.metaphysis import Metaphysis, RefusedBone


def _points(points: npt.NDArray[np.float64] | tuple[float, float] | None) -> Any:
    return None if points is None else np.round(np.asarray(points, float), 3).tolist()


def _traced(bone: Metaphysis) -> dict[str, Any]:
    return {
        "bone": bone.bone,
        "status": "scored",
        "corner1": _points(bone.corner1),
        "corner2": _points(bone.corner2),
        "axis": np.round(bone.frame.axis, 6).tolist(),
        "width_px": round(bone.frame.width, 3),
        "margin": _points(bone.margin),
        "margin_clean": bone.clean.astype(int).tolist(),
        "envelope": _points(bone.envelope),
        "epiphysis": _points(bone.epiphysis),
        "epiphysis_reason": bone.epiphysis_reason,
        "near_face": _points(bone.near_face),
        "shaft": [_points(bone.shaft_left), _points(bone.shaft_right)],
        "confidence": round(bone.confidence, 4),
        "flags": list(bone.flags),
    }


def _refused(bone: RefusedBone) -> dict[str, Any]:
    return {
        "bone": bone.bone,
        "status": "refused",
        "reason": bone.refusal.reason,
        "detail": bone.refusal.detail,
        "corner1": _points(bone.corner1),
        "corner2": _points(bone.corner2),
        "confidence": bone.confidence,
    }


def regions_of(radiograph: Radiograph, result: FilmScore) -> dict[str, Any]:
    """Geometry of every bone of a film, pixels of the original file, and the words that explain the grade."""
    instances = []
    for joint in result.joints:
        bones = []
        for score in joint.bones:
            if isinstance(score, BoneScore):
                bones.append(_traced(score.metaphysis) | {"findings": list(score.grade.findings)})
            else:
                bones.append(_refused(score))
        place = joint.instance
        instances.append(
            {
                "instance": place.index,
                "joint": place.joint,
                "side": place.side,
                "view": place.view,
                "bones": bones,
            }
        )
    refusal = result.refusal
    return {
        "image_sha256": radiograph.sha256,
        "shape": list(radiograph.shape),
        "polarity": {
            "dense_bright_in_file": radiograph.polarity.dense_bright,
            "inverted": radiograph.polarity.inverted,
            "decided_from": radiograph.polarity.source,
        },
        "spacing_mm": radiograph.spacing.mm,
        "spacing_source": radiograph.spacing.source,
        "notes": list(radiograph.notes),
        "refusal": None if refusal is None else {"reason": refusal.reason, "detail": refusal.detail},
        "instances": instances,
    }


def write_regions(folder: Path, radiograph: Radiograph, result: FilmScore) -> None:
    """``<sha256>.json`` and, where any bone was traced, ``<sha256>.png`` (uint8, 10 x bone + part)."""
    from rickets_rx.io.label_png import label_png
    from rickets_rx.segment.masks import label_mask

    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / f"{radiograph.sha256}.json", regions_of(radiograph, result), compact=True)
    instances = [joint.instance for joint in result.joints]
    if any(isinstance(bone, Metaphysis) for instance in instances for bone in instance.bones):
        png = label_png(label_mask(radiograph.shape, instances))
        with atomic_write(folder / f"{radiograph.sha256}.png") as handle:
            handle.write(png)
