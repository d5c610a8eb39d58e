"""Outlines of metacarpals and phalanges, measured on films: the table behind the hands of phantoms.

    python benchmarks/phantom_hands.py ../shared/radiographs OUT.csv [OVERLAY_FOLDER]

``phantom_hand_axes.csv`` holds where the shaft of each bone begins and ends, read off by eye (film pixels).
Both ends are moved to the steepest change along the axis; the sides are the lines of steepest fall of
brightness across it, found by dynamic programming. Overlays show films, so their folder must be one that
version control ignores.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

AXES = Path(__file__).with_name("phantom_hand_axes.csv")
GROUPS = {1.2: (1.2,), 6.4: (5.0, 7.8), 12.0: (11.0, 13.0)}
"""Ages of the table, and the films that each is the mean of."""
ROWS = {"infants": 1400}
TALL = 1500
"""Rows that a film is scaled to before it is measured."""
REACH = {"metacarpal": 0.17, "proximal": 0.235, "middle": 0.30, "distal": 0.36}
"""How far from its axis a side is looked for, in lengths of the shaft; 0.27 for the thumb's metacarpal."""
FINE = np.linspace(0.02, 0.98, 25)

FloatArray = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Outline:
    """A measured shaft: its age group's film, ends (pixels of the scaled film) and half widths over its
    length."""

    base: FloatArray
    head: FloatArray
    left: FloatArray
    right: FloatArray

    @property
    def length(self) -> float:
        return float(np.hypot(*(self.head - self.base)))


def scaled(path: Path) -> tuple[FloatArray, float]:
    """A film at `TALL` rows, brightest pixel 1, and the factor that it was enlarged by.

    Raises
    ------
    FileNotFoundError
        Where there is no film.
    """
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise FileNotFoundError(path)
    grey = (image if image.ndim == 2 else image[..., 0]).astype(np.float32)
    factor = ROWS.get(path.parent.name, TALL) / grey.shape[0]
    large = cv2.resize(grey / grey.max(), None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, dtype=np.float32), factor


def sampled(image: FloatArray, points: FloatArray) -> FloatArray:
    """Brightness at points (..., 2)."""
    x, y = (points[..., i].astype(np.float32) for i in (0, 1))
    flat = cv2.remap(image, x.reshape(x.shape[0], -1), y.reshape(y.shape[0], -1), cv2.INTER_LINEAR)
    return np.asarray(flat, dtype=np.float32).reshape(x.shape)


def steepest(image: FloatArray, at: FloatArray, axis: FloatArray, reach: float, rising: bool) -> FloatArray:
    """The point within ``reach`` of ``at`` where a band along ``axis`` changes most."""
    length = float(np.hypot(*axis))
    along = axis / length
    across = np.array([-along[1], along[0]])
    steps = np.linspace(-reach, reach, 121)
    band = np.linspace(-0.08 * length, 0.08 * length, 9)
    points = at + steps[:, None, None] * along + band[None, :, None] * across
    course = np.convolve(np.pad(sampled(image, points).mean(axis=1), 4, "edge"), np.ones(9) / 9, "valid")
    slope = np.gradient(course) * (1 if rising else -1)
    return np.asarray(at + along * steps[int(slope.argmax())])


def cheapest(cost: FloatArray, bend: float) -> npt.NDArray[np.int64]:
    """The column of the cheapest way through the rows of ``cost``; ``bend`` per squared step aside."""
    columns = np.arange(cost.shape[1])
    penalty = bend * (columns[:, None] - columns[None, :]) ** 2
    total, back = cost.copy(), np.zeros(cost.shape, np.int64)
    for row in range(1, len(cost)):
        way = total[row - 1][None, :] + penalty
        back[row] = way.argmin(axis=1)
        total[row] += way.min(axis=1)
    path = [int(total[-1].argmin())]
    for row in range(len(cost) - 1, 0, -1):
        path.append(int(back[row, path[-1]]))
    return np.array(path[::-1])


def outline(image: FloatArray, base: FloatArray, head: FloatArray, reach: float) -> Outline:
    """A shaft's ends and sides."""
    axis = head - base
    length = float(np.hypot(*axis))
    base, head = (
        steepest(image, base, axis, 0.09 * length, True),
        steepest(image, head, axis, 0.09 * length, False),
    )
    axis = head - base
    length = float(np.hypot(*axis))
    across = np.array([-axis[1], axis[0]]) / length
    away = np.linspace(0.045, reach, 90) * length
    sides = []
    for sign in (-1, 1):
        points = base + FINE[:, None, None] * axis + sign * away[None, :, None] * across
        smooth = cv2.GaussianBlur(sampled(image, points), (0, 0), 1.7)
        fall = -np.gradient(smooth, axis=1)
        cost = -np.clip(fall / max(float(np.quantile(fall, 0.95)), 1e-6), 0, 1.3)
        sides.append(away[cheapest(cost, 0.005)] / length)
    return Outline(base, head, sides[0], sides[1])


def measured(films: Path, overlays: Path | None) -> dict[tuple[float, int, str], Outline]:
    """Every bone of every film by age, ray and name."""
    found: dict[tuple[float, int, str], Outline] = {}
    with AXES.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    for film in dict.fromkeys(row["film"] for row in rows):
        image, factor = scaled(films / film)
        for row in (row for row in rows if row["film"] == film):
            base, head = (
                factor * np.array([float(row[f"{end}_x"]), float(row[f"{end}_y"])])
                for end in ("base", "head")
            )
            thumb = row["ray"] == "1" and row["bone"] == "metacarpal"
            reach = 0.27 if thumb else REACH[row["bone"]]
            found[float(row["age_years"]), int(row["ray"]), row["bone"]] = outline(image, base, head, reach)
        if overlays:
            age = next(float(row["age_years"]) for row in rows if row["film"] == film)
            draw(image, [o for key, o in found.items() if key[0] == age], overlays / Path(film).name)
    return found


def draw(image: FloatArray, outlines: list[Outline], path: Path) -> None:
    """Write a film with the lines that were found on it."""
    shown = np.clip(image / np.percentile(image, 99.7), 0, 1) ** 0.6 * 255
    picture = cv2.cvtColor(shown.astype(np.uint8), cv2.COLOR_GRAY2BGR)
    for one in outlines:
        axis = one.head - one.base
        across = np.array([-axis[1], axis[0]])
        for sign, side in ((-1, one.left), (1, one.right)):
            line = one.base + FINE[:, None] * axis + sign * side[:, None] * across
            cv2.polylines(picture, [np.round(line).astype(np.int32)], False, (0, 255, 255), 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)


def mean_sides(outlines: list[Outline]) -> tuple[FloatArray, FloatArray]:
    """Mean left and right side at every second station, its axis through the middles of both ends."""
    kernel = np.array([0.25, 0.5, 0.25])
    left, right = (
        np.convolve(
            np.pad(np.mean([getattr(o, side) for o in outlines], axis=0), 1, "edge"), kernel, "valid"
        )[::2]
        for side in ("left", "right")
    )
    middle = (right - left) / 2
    lean = np.interp(np.arange(13), [0, 12], [middle[:2].mean(), middle[-2:].mean()])
    return left + lean, right - lean


def table(found: dict[tuple[float, int, str], Outline]) -> list[str]:
    """Lines of the table: age, ray, bone, length over the third metacarpal's, thousandths left and right."""
    names = [f"{side}{i}" for side in ("left", "right") for i in range(13)]
    lines = [",".join(["age_years", "ray", "bone", "length_over_third_metacarpal", *names])]
    bones: dict[tuple[int, str], None] = dict.fromkeys(key[1:] for key in found)
    for group, ages in GROUPS.items():
        for ray, bone in sorted(bones, key=lambda key: (key[0], list(REACH).index(key[1]))):
            mine = [found[age, ray, bone] for age in ages]
            share = np.mean(
                [found[age, ray, bone].length / found[age, 3, "metacarpal"].length for age in ages]
            )
            sides = np.concatenate(mean_sides(mine))
            lines.append(f"{group},{ray},{bone},{share:.3f}," + ",".join(f"{1000 * v:.0f}" for v in sides))
    return lines


def main() -> None:
    """Command line."""
    overlays = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    Path(sys.argv[2]).write_text("\n".join(table(measured(Path(sys.argv[1]), overlays))) + "\n")


if __name__ == "__main__":
    main()
