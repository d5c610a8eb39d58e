"""Can a viewer tell phantoms from films? Twenty of each in random order, and the score of the guesses.

    python benchmarks/phantom_blind.py --seed S --films REAL_FOLDER --out DIR --key KEY.csv
    python benchmarks/phantom_blind.py --key KEY.csv --guesses GUESSES.csv
    python benchmarks/phantom_blind.py --seed S --films REAL_FOLDER --out DIR --pairs 12

The first writes img_00.png ... img_39.png at full size, 8 bit, and a key (file, kind, source). REAL_FOLDER
holds films and ``manifest.csv``; since real films are shown, DIR must be one that version control ignores,
the key outside it. A viewer writes GUESSES.csv with the columns file and guess (``real`` or ``phantom``).
The last writes a contact sheet of films, each with a phantom in its place beside it.
"""

import argparse
import csv
import sys
from pathlib import Path

import cv2
import numpy as np

from rickets_rx.phantom.population import Template, like

KINDS = ("real", "phantom")
# Bone age in years where the manifest has words instead of a number.
AGE_OF_FOLDER = {"infants": (0.5, 2.0), "landmarked": (11.5, 14.5), "wrist_cc_by": (4.0, 12.0)}


def frontal_films(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """Every frontal film of a wrist or hand with its manifest row, in the manifest's order."""
    with (folder / "manifest.csv").open(newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["body_part"].startswith("wrist")]
    keep = ("wrist_research/", "infants/", "landmarked/", "wrist_cc_by/")
    return [(folder / row["file"], row) for row in rows if row["file"].startswith(keep)]


def read(path: Path) -> np.ndarray:
    """Pixels of a film as stored, one channel.

    Raises
    ------
    FileNotFoundError
        Where there is no film.
    """
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(image if image.ndim == 2 else image[..., 0])


def template(path: Path, row: dict[str, str], rng: np.random.Generator) -> Template:
    """What a phantom copies of a film: size, crop, age, whether its bones are normal; no pixels."""
    shape = read(path).shape
    low, high = AGE_OF_FOLDER.get(path.parent.name, (2.0, 13.0))
    months = row["bone_age_months"]
    age = float(months) / 12 if months else float(rng.uniform(low, high))
    normal = not any(word in row["finding"] for word in ("fracture", "lesion", "lytic"))
    return Template(age=age, size_px=max(shape), hand="hand" in row["body_part"], normal=normal)


def grey8(path: Path) -> np.ndarray:
    """A film as 8-bit grey; 16-bit ones from their own darkest to their brightest value."""
    image = read(path)
    if image.dtype == np.uint8:
        return image
    low, high = float(image.min()), float(image.max())
    return np.round((image - low) / max(high - low, 1) * 255).astype(np.uint8)


def write_test(seed: int, films: Path, out: Path, key: Path, each: int = 20) -> None:
    """Write ``each`` phantoms and as many films in random order, and the key beside them."""
    rng = np.random.default_rng((seed, 41))
    pool = frontal_films(films)
    shown = [pool[i] for i in rng.choice(len(pool), each, replace=False)]
    copied = [pool[i] for i in rng.choice(len(pool), each, replace=False)]
    items = [("real", path.stem, grey8(path)) for path, _ in shown]
    for path, row in copied:
        own = int(rng.integers(1 << 30))
        film = like(template(path, row, rng), own)
        items.append(("phantom", str(own), np.round(film.pixels * 255).astype(np.uint8)))
    out.mkdir(parents=True, exist_ok=True)
    with key.open("w", newline="") as handle:
        table = csv.writer(handle)
        table.writerow(("file", "kind", "source"))
        for place, index in enumerate(rng.permutation(len(items))):
            kind, source, pixels = items[index]
            cv2.imwrite(str(out / f"img_{place:02d}.png"), pixels)
            table.writerow((f"img_{place:02d}.png", kind, source))


def write_sheet(seed: int, films: Path, out: Path, pairs: int) -> Path:
    """Write ``pairs`` of a film (left) and a phantom in its place in the population (right) on one sheet."""
    rng = np.random.default_rng((seed, 53))
    pool = frontal_films(films)
    tiles = []
    for i in rng.choice(len(pool), pairs, replace=False):
        path, row = pool[i]
        made = like(template(path, row, rng), int(rng.integers(1 << 30)))
        pair = (grey8(path), np.round(made.pixels * 255).astype(np.uint8))
        tiles.append(np.hstack([fitted(image) for image in pair]))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 3)
    out.mkdir(parents=True, exist_ok=True)
    rows = [np.hstack(tiles[i : i + 3]) for i in range(0, len(tiles), 3)]
    cv2.imwrite(str(out / "sheet.png"), np.vstack(rows))
    return out / "sheet.png"


def fitted(image: np.ndarray, size: int = 420) -> np.ndarray:
    """An image shrunk to fit a square, on grey."""
    scale = size / max(image.shape)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tile = np.full((size, size), 70, np.uint8)
    tile[: small.shape[0], : small.shape[1]] = small[:size, :size]
    return tile


def exact_interval(right: int, n: int) -> tuple[float, float]:
    """Clopper-Pearson 95 % interval of a share (Biometrika 1934;26:404)."""
    from scipy.stats import beta

    low = float(beta.ppf(0.025, right, n - right + 1)) if right else 0.0
    high = float(beta.ppf(0.975, right + 1, n - right)) if right < n else 1.0
    return low, high


def scored(key: Path, guesses: Path) -> str:
    """Share of the films that were named rightly, in all and by kind, with exact intervals.

    Raises
    ------
    ValueError
        For a film without a guess, or a guess that is neither ``real`` nor ``phantom``.
    """
    with key.open(newline="") as handle:
        truth = {row["file"]: row["kind"] for row in csv.DictReader(handle)}
    with guesses.open(newline="") as handle:
        said = {row["file"].strip(): row["guess"].strip().lower() for row in csv.DictReader(handle)}
    if missing := sorted(set(truth) - set(said)):
        raise ValueError(f"no guess for {', '.join(missing)}")
    if wrong := sorted(file for file in truth if said[file] not in KINDS):
        raise ValueError(f"guesses must be real or phantom: {', '.join(wrong)}")
    lines = []
    for name in ("all", *KINDS):
        files = [file for file, kind in truth.items() if name in ("all", kind)]
        right = sum(said[file] == truth[file] for file in files)
        low, high = exact_interval(right, len(files))
        share = f"{100 * right / len(files):.0f} % ({100 * low:.0f}-{100 * high:.0f} %)"
        lines.append(f"{name:8} {right} of {len(files)} named rightly: {share}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line of the test."""
    parser = argparse.ArgumentParser(description="Twenty phantoms and twenty films in random order.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--films", type=Path, default=Path("../shared/radiographs"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--guesses", type=Path)
    args = parser.parse_args()
    if args.guesses and args.key:
        sys.stdout.write(scored(args.key, args.guesses))
    elif args.out and args.key:
        write_test(args.seed, args.films, args.out, args.key)
    elif args.out:
        sys.stdout.write(f"{write_sheet(args.seed, args.films, args.out, args.pairs)}\n")
    else:
        parser.error(
            "give --out and --key to write a test, --guesses and --key to score one, --out for a sheet"
        )


if __name__ == "__main__":
    main()
