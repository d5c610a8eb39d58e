"""Phantoms on disk: 16-bit PNG that says it is synthetic, truth in the contract's names, masks, DICOM on
request."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.film import PhantomBone, PhantomFilm
from rickets_rx.phantom.generate import elbow, sample, wrist
from rickets_rx.phantom.measure import FEATURES
from rickets_rx.vocabulary import BONES_OF_JOINT, SCALE_OF_JOINT, Bone, Joint

STAMP = "synthetic film, not the patient's"
LENGTHS = ("cupping", "fraying", "edge_blur", "gap", "collar")
"""Features that are lengths in fractions of MW and have a twin in mm."""
COLUMNS = (
    "file", "image_sha256", "joint", "side", "instance", "bone", "status", "reason", "scale", "grade",
    "grade_shifted", "severity", "activity", "variant", "corner1_x", "corner1_y", "corner2_x", "corner2_y",
    "margin_mid_x", "margin_mid_y", "width_px", "spacing_mm", "age_years", "view", "refuse", "seed",
    *FEATURES,
    *(f"{name}_mm" for name in LENGTHS), "null_reasons",
)  # fmt: skip


def png_bytes(film: PhantomFilm) -> bytes:
    """The film as a 16-bit grey PNG with a text chunk that calls it synthetic."""
    from PIL import Image, PngImagePlugin

    notes = PngImagePlugin.PngInfo()
    notes.add_text("synthetic", STAMP)
    notes.add_text("Software", f"rickets-rx phantom, seed {film.seed}")
    buffer = io.BytesIO()
    grey = np.round(film.pixels * 65535).astype(np.uint16)
    Image.fromarray(grey).save(buffer, "PNG", pnginfo=notes)
    return buffer.getvalue()


def save_film(film: PhantomFilm, path: Path) -> str:
    """Write a film as PNG and return the hash of its bytes."""
    from rickets_rx.io.atomic import atomic_write

    data = png_bytes(film)
    with atomic_write(path) as handle:
        handle.write(data)
    return hashlib.sha256(data).hexdigest()


def stamped(film: PhantomFilm) -> PhantomFilm:
    """The film with ``STAMP`` burned into its pixels, at the border and off every labelled bone."""
    rows, columns = film.pixels.shape
    scale = 0.62 * columns / cv2.getTextSize(STAMP, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 1)[0][0]
    scale = max(scale, 0.35)
    (width, height), base = cv2.getTextSize(STAMP, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    box = (min(width + 8, columns), min(height + base + 8, rows))
    spots = [
        (x, y)
        for y in (0, rows - box[1], rows // 4, rows // 2)
        for x in (0, columns - box[0], (columns - box[0]) // 2)
    ]
    busy = (film.labels > 0).astype(np.float32) * 10 + film.pixels

    def cost(spot: tuple[int, int]) -> float:
        return float(busy[spot[1] : spot[1] + box[1], spot[0] : spot[0] + box[0]].mean())

    x, y = min(spots, key=cost)
    drawn = np.zeros((box[1], box[0]), np.uint8)
    cv2.putText(drawn, STAMP, (4, box[1] - base - 3), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 1, cv2.LINE_AA)
    pixels = film.pixels.copy()
    window = pixels[y : y + box[1], x : x + box[0]]
    # A darker plate keeps the words readable on tissue.
    window[:] = 0.35 * window + 0.65 * (drawn.astype(np.float32) / 255)
    return replace(film, pixels=pixels)


def synthetic_film(
    joint: Joint | str, disease: dict[Bone, Disease], seed: int, *, stamp: bool = True, **fixed: Any
) -> PhantomFilm:
    """A film for a case folder: one joint with chosen disease, stamped as synthetic.

    Parameters
    ----------
    **fixed
        As for ``wrist`` or ``elbow``: age, side, layout, size_px, ...
    """
    is_wrist = Joint(joint) is Joint.WRIST
    film = wrist(seed, disease=disease, **fixed) if is_wrist else elbow(seed, disease=disease, **fixed)
    return stamped(film) if stamp else film


def truth_rows(film: PhantomFilm, file: str, sha256: str) -> Iterator[dict[str, object]]:
    """Rows of truth.csv, one a bone, in the contract's names; an empty cell is a missing value."""
    for instance, joint in enumerate(film.joints, start=1):
        for bone in joint.bones:
            middle = bone.margin_mid
            row: dict[str, object] = {
                "file": file, "image_sha256": sha256, "joint": joint.joint.value, "side": joint.side.value,
                "instance": instance, "bone": bone.bone.value, "status": bone.status.value,
                "reason": bone.reason.value if bone.reason else "",
                "scale": SCALE_OF_JOINT[joint.joint].value,
                "grade": bone.grade, "grade_shifted": bone.grade_shifted, "severity": round(bone.severity, 4),
                "activity": bone.activity.value, "variant": bone.variant,
                "corner1_x": round(bone.corner1[0], 2), "corner1_y": round(bone.corner1[1], 2),
                "corner2_x": round(bone.corner2[0], 2), "corner2_y": round(bone.corner2[1], 2),
                "margin_mid_x": round(middle[0], 2), "margin_mid_y": round(middle[1], 2),
                "width_px": round(bone.width, 2), "spacing_mm": round(film.spacing_mm, 5),
                "age_years": round(film.age_years, 2), "view": film.view.value,
                "refuse": film.refuse.value if film.refuse else "", "seed": film.seed,
                "null_reasons": ";".join(f"{name}={why}" for name, why in bone.null_reasons.items()),
            }  # fmt: skip
            yield row | _feature_cells(bone, film.spacing_mm)


def _feature_cells(bone: PhantomBone, spacing_mm: float) -> dict[str, object]:
    cells: dict[str, object] = {}
    for name, value in bone.features.items():
        cells[name] = "" if value is None else round(value, 5)
        if name in LENGTHS:
            cells[f"{name}_mm"] = "" if value is None else round(value * bone.width * spacing_mm, 4)
    return cells


def region(film: PhantomFilm) -> dict[str, object]:
    """Corners, axis, margin, envelope and epiphysis of every bone, film pixels, for
    ``regions/<sha256>.json``."""

    def points(curve: np.ndarray | None) -> list[list[float]] | None:
        return None if curve is None else np.round(curve, 2).tolist()

    return {
        "synthetic": STAMP,
        "instances": [
            {
                "joint": joint.joint.value,
                "side": joint.side.value,
                "bones": [
                    {
                        "bone": bone.bone.value, "corner1": bone.corner1, "corner2": bone.corner2,
                        "distal": bone.distal, "margin": points(bone.margin),
                        "envelope": points(bone.envelope),
                        "epiphysis": points(bone.epiphysis),
                    }
                    for bone in joint.bones
                ],
            }
            for joint in film.joints
        ],
        "knobs": film.knobs,
    }  # fmt: skip


def write_phantoms(
    joint: Joint | str, n: int, seed: int, out: Path, *, ages: tuple[float, float] | None = None,
    severity: tuple[float, float] | None = None, preset: str | None = None, dicom: bool = False,
    size_px: tuple[int, int] = (500, 1000),
) -> Path:  # fmt: skip
    """Write ``n`` films with their truth and return the path of ``truth.csv``.

    Parameters
    ----------
    joint : Joint
    seed : int
        Film i is drawn from ``seed + i``: same arguments, same bytes.
    ages : (low, high), optional
        Years.
    severity : (low, high), optional
        Disease knobs within this range on every film.
    preset : str, optional
        One state of ``Disease.preset`` for every bone instead.
    dicom : bool
        Also writes every film as DICOM CR.

    Raises
    ------
    ValueError
        When there is no such preset.
    """
    bones = BONES_OF_JOINT[Joint(joint)]
    fixed: dict[str, Any] = {}
    if preset is not None:
        fixed["disease"] = dict.fromkeys(bones, Disease.preset(preset))
    for folder in ("images", "regions"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    truth = out / "truth.csv"
    with truth.open("w", newline="", encoding="utf-8") as handle:
        table = csv.DictWriter(handle, COLUMNS)
        table.writeheader()
        for i in range(n):
            film = sample(
                joint, seed + i, ages=ages or (0.2, 16.0), severity=severity, size_px=size_px, **fixed
            )
            name = f"images/{Joint(joint).value}_{seed + i:06d}.png"
            sha256 = save_film(film, out / name)
            (out / "regions" / f"{sha256}.json").write_text(json.dumps(region(film)), encoding="utf-8")
            cv2.imwrite(str(out / "regions" / f"{sha256}.png"), film.labels)
            table.writerows(truth_rows(film, name, sha256))
            if dicom:
                from rickets_rx.phantom.dicom import write_dicom

                write_dicom(film, (out / name).with_suffix(".dcm"))
    return truth
