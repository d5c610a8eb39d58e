"""Phantoms held against real wrists: contact sheets, image statistics, and what tells them apart.

    python benchmarks/phantom_realism.py REAL_FOLDER OUT_FOLDER

REAL_FOLDER holds films, ``landmarks.json`` and ``manifest.csv``; the sheets show real films, so OUT_FOLDER
must be one that version control ignores. Each real wrist gets a phantom of its age and of the same radius in
pixels.
"""

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from rickets_rx import phantom
from rickets_rx.phantom.anatomy import AGES, CURVES
from rickets_rx.phantom.draws import draw_exposure
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Side

REGIONS = {"bone": (0.0, -0.40), "margin": (0.0, 0.0), "soft": (1.5, -0.55)}
"""Middle of each patch: v (half widths), u (widths) in the frame of the radius."""


@dataclass(frozen=True, eq=False)
class Wrist:
    """One film with the frame of its radius."""

    name: str
    pixels: np.ndarray
    frame: BoneFrame
    age: float


def real_wrists(folder: Path) -> list[Wrist]:
    """Every landmarked film whose radius is at least 45 pixels wide."""
    marks = json.loads((folder / "landmarks.json").read_text())
    with (folder / "manifest.csv").open() as handle:
        ages = {Path(r["file"]).stem: float(r["bone_age_months"] or 60) / 12 for r in csv.DictReader(handle)}
    out = []
    for path in sorted(folder.glob("*/*.png")):
        mark = marks.get(path.stem)
        if not mark or not mark["ru"] or not mark["rr"]:
            continue
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32)
        pixels = pixels if pixels.ndim == 2 else pixels[..., :3].mean(2)
        middle = np.add(mark["ru"], mark["rr"]) / 2
        distal = np.subtract(mark["rm"], middle) if mark.get("rm") else np.array([0.0, -1.0])
        frame = BoneFrame(tuple(mark["ru"]), tuple(mark["rr"]), (float(distal[0]), float(distal[1])))
        if frame.width >= 45:
            out.append(Wrist(path.stem, pixels, frame, ages.get(path.stem, 5.0)))
    return out


def matched(wrist: Wrist, seed: int) -> Wrist:
    """A healthy phantom of the same age, with its radius as wide in pixels."""
    rng = np.random.default_rng(seed)
    age = float(np.clip(wrist.age, 0.3, 15.0))
    layout = phantom.Layout(behind=float(rng.uniform(1.2, 2.6)), beyond=3.0, angle=float(rng.normal(0, 8)))
    width_mm = float(np.interp(age, AGES, CURVES["radius_width"]))
    spacing = width_mm / wrist.frame.width
    film = phantom.wrist(
        seed, age=age, side=Side.LEFT, layout=layout, exposure=draw_exposure(rng), spacing_mm=spacing,
        artefacts=phantom.Artefacts(eight_bit=True),
    )  # fmt: skip
    bone = film.joints[0].bones[0]
    return Wrist(
        f"phantom {seed}", film.pixels * 255, BoneFrame(bone.corner1, bone.corner2, bone.distal), age
    )


def normalised(wrist: Wrist) -> np.ndarray:
    """The film with soft tissue beside the radius at 0 and its metaphysis at 1, from the film's own
    medians."""
    bone = np.nanmedian(
        wrist.frame.sample(wrist.pixels, np.linspace(-0.5, 0.5, 21), np.linspace(-0.5, -0.25, 11))
    )
    soft = np.nanmedian(
        wrist.frame.sample(wrist.pixels, np.linspace(1.3, 1.6, 15), np.linspace(-0.5, -0.1, 15))
    )
    return np.asarray((wrist.pixels - soft) / max(float(bone - soft), 1e-3), np.float32)


def patch(wrist: Wrist, film: np.ndarray, region: str) -> np.ndarray | None:
    """A patch at the film's own scale, the shaft downwards; None where it leaves the film."""
    v, u = REGIONS[region]
    size = 16 if region == "soft" else 32
    centre = wrist.frame.to_pixels(v, u)
    steps = np.arange(size) - (size - 1) / 2
    xy = centre + steps[None, :, None] * wrist.frame.across - steps[:, None, None] * wrist.frame.axis
    x, y = xy[..., 0].astype(np.float32), xy[..., 1].astype(np.float32)
    if x.min() < 0 or y.min() < 0 or x.max() > film.shape[1] - 1 or y.max() > film.shape[0] - 1:
        return None
    return cv2.remap(film, x, y, cv2.INTER_CUBIC)


def statistics(piece: np.ndarray) -> dict[str, float]:
    """Log noise power in three bands, gradients and the shape of the histogram of one patch."""
    one, two, four = (cv2.GaussianBlur(piece, (0, 0), s) for s in (1, 2, 4))
    bands = {"fine": piece - one, "middle": one - two, "coarse": two - four}
    gradient = np.hypot(*np.gradient(one))
    flat = four - four.mean()
    out = {f"log_{name}": float(np.log(band.std() + 1e-4)) for name, band in bands.items()}
    out["log_gradient"] = float(np.log(np.median(gradient) + 1e-4))
    out["gradient_tail"] = float(np.log((np.quantile(gradient, 0.95) + 1e-4) / (np.median(gradient) + 1e-4)))
    middle = bands["middle"] / (bands["middle"].std() + 1e-6)
    out["skew"] = float((middle**3).mean())
    out["slope"] = float(np.log(flat.std() + 1e-4))
    return out


def contrast(wrist: Wrist) -> float:
    """(metaphysis - soft tissue) / (soft tissue - air): how far bone stands out."""
    bone = np.nanmedian(
        wrist.frame.sample(wrist.pixels, np.linspace(-0.5, 0.5, 21), np.linspace(-0.5, -0.25, 11))
    )
    soft = np.nanmedian(
        wrist.frame.sample(wrist.pixels, np.linspace(1.3, 1.6, 15), np.linspace(-0.5, -0.1, 15))
    )
    air = np.quantile(wrist.pixels[::4, ::4], 0.05)
    return float((bone - soft) / max(soft - air, 1e-3))


def auc(scores: np.ndarray, real: np.ndarray) -> float:
    """Area under the curve of telling real (1) from phantom (0)."""
    order = np.argsort(np.argsort(scores)) + 1
    n_real = int(real.sum())
    return float((order[real].sum() - n_real * (n_real + 1) / 2) / (n_real * (len(real) - n_real)))


def telling(table: np.ndarray, real: np.ndarray, folds: int = 10) -> float:
    """Cross-validated area under the curve of a linear discriminant on the statistics."""
    scores = np.zeros(len(real))
    fold = np.random.default_rng(0).permutation(len(real)) % folds
    for k in range(folds):
        train = fold != k
        mean, scale = table[train].mean(0), table[train].std(0) + 1e-6
        x = np.c_[(table - mean) / scale, np.ones(len(real))]
        ridge = x[train].T @ x[train] + 3 * np.eye(x.shape[1])
        weights = np.linalg.solve(ridge, x[train].T @ (2.0 * real[train] - 1))
        scores[fold == k] = x[fold == k] @ weights
    return auc(scores, real)


def compare(reals: list[Wrist], fakes: list[Wrist]) -> list[str]:
    """Lines of the table: every statistic of every region, real and phantom, and what tells them apart."""
    lines = [f"{'region':8}{'statistic':16}{'real':>8}{'phantom':>9}{'AUC':>6}"]
    for region in REGIONS:
        rows, real = [], []
        for wrists, is_real in ((reals, True), (fakes, False)):
            for wrist in wrists:
                piece = patch(wrist, normalised(wrist), region)
                if piece is not None:
                    rows.append(statistics(piece))
                    real.append(is_real)
        kind = np.array(real)
        table = np.array([list(row.values()) for row in rows])
        for i, name in enumerate(rows[0]):
            one = auc(table[:, i], kind)
            middle = [np.median(table[kind == k, i]) for k in (True, False)]
            lines.append(f"{region:8}{name:16}{middle[0]:8.2f}{middle[1]:9.2f}{max(one, 1 - one):6.2f}")
        lines.append(f"{region:8}{'all, linear':16}{'':17}{telling(table, kind):6.2f}")
    values = np.array([contrast(w) for w in [*reals, *fakes]])
    kind = np.arange(len(values)) < len(reals)
    one = auc(values, kind)
    middle = [np.median(values[kind == k]) for k in (True, False)]
    lines.append(f"{'film':8}{'contrast':16}{middle[0]:8.2f}{middle[1]:9.2f}{max(one, 1 - one):6.2f}")
    return lines


def sheet(wrists: list[Wrist], size: int = 380, columns: int = 6) -> np.ndarray:
    """Wrists upright, four widths across, in random order."""
    tiles = []
    v, u = np.linspace(-5.0, 3.0, size), np.linspace(2.0, -2.0, size)
    for wrist in wrists:
        seen = wrist.frame.sample(wrist.pixels, v, u)
        low, high = np.nanquantile(seen, (0.01, 0.998))
        tiles.append(
            (np.nan_to_num(np.clip((seen - low) / (high - low), 0, 1), nan=0.1) * 255).astype(np.uint8)
        )
    tiles += [np.zeros((size, size), np.uint8)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


def main(real_folder: Path, out: Path) -> None:
    """Write the sheet with its key, and print the table."""
    out.mkdir(parents=True, exist_ok=True)
    reals = real_wrists(real_folder)
    fakes = [matched(wrist, 1000 * k + i) for k in (1, 2) for i, wrist in enumerate(reals)]
    sys.stdout.write(
        f"{len(reals)} real wrists, {len(fakes)} phantoms\n" + "\n".join(compare(reals, fakes)) + "\n"
    )
    rng = np.random.default_rng(3)
    mixed = [*rng.choice(np.array(reals, object), 20, replace=False), *fakes[:20]]
    order = rng.permutation(len(mixed))
    cv2.imwrite(str(out / "mixed.png"), sheet([mixed[i] for i in order]))
    (out / "mixed_key.txt").write_text("\n".join(f"{n}: {mixed[i].name}" for n, i in enumerate(order)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
