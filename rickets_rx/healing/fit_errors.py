"""Fits `film_errors.csv` to simulated courses: ``python -m rickets_rx.healing.fit_errors TRIAL.json ...``.

The trials must be of other seeds than those on which anything is claimed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.film_errors import TABLE, FilmErrors, has_dense_zone

FloatArray = npt.NDArray[np.float64]
STARTS = (0.0, 0.06, 0.2, 0.4, 0.6, 0.8)
"""Bands of severity, those of the single film's interval."""
LEAST_SD = 0.03  # a band whose phantoms were all right is not taken for free of error (ours)
ROUNDS = 60  # of expectation maximisation
FAR = 0.35  # usual size of an error far off, severity (ours)
CUT = 2.5  # spreads beyond which an error counts no further for what errors share (ours)
BORROWED = 10  # bones of the mean spread of all bands that every band is given (ours)
MOST_FAR = np.array([0.2, 0.4])  # shares far off, of bones without and with a dense zone (ours)
LEVEL = 0.90
NAMES = ("stray", "stray_dense", "stray_sd", "same_bone", "same_film", "other", "below", "above")


@dataclass(frozen=True)
class Level:
    """A bone on a film of a simulated course: what was measured and what was true, severities 0-1.

    ``activity`` is what was said of it, ``stage`` the true stage of healing, 0-1.
    """

    bone: str
    day: int
    severity: float
    truth: float
    flags: str = ""
    activity: str = ""
    stage: float = 0.0

    @property
    def error(self) -> float:
        return self.severity - self.truth

    @property
    def row(self) -> dict[str, Any]:
        return {"severity": self.severity, "flags": self.flags}


Children = Sequence[Sequence[Level]]


def fit(children: Children) -> FilmErrors:
    """Spread by band, far ones, correlations, and conformal reach of a change."""
    bands, (stray, dense), stray_sd = _mixture([level for child in children for level in child])
    plain = FilmErrors(bands, stray, stray_sd, 0.0, 0.0, 0.0, 1.0, 1.0, dense)
    bone, film, other = (_correlation(children, plain, name) for name in ("same_bone", "same_film", "other"))
    # A covariance must stay one: what different bones on different films share, films of one bone share too.
    other = max(0.0, min(bone, film, other))
    bone = float(np.clip(bone, other, 0.9))
    film = float(np.clip(film, other, 0.95 + other - bone))
    errors = replace(plain, same_bone=bone, same_film=film, other=other)
    below, above = _reach(children, errors)
    return replace(errors, below=below, above=above)


def _mixture(
    levels: Sequence[Level],
) -> tuple[tuple[tuple[float, float], ...], tuple[float, float], float]:
    """Bands of the normal part, shares of far ones and what they add: two normals, expectation maximisation.

    The normal part has a spread of its own in every band, the far part adds one spread to all of them. The
    share of far ones is one for bones without a dense zone and one for those with it.
    """
    error = np.array([level.error for level in levels])
    band = np.digitize([level.severity for level in levels], STARTS) - 1
    dense = np.array([has_dense_zone(level.row) for level in levels], dtype=int)
    sd, shares, far = np.full(len(STARTS), 0.1), np.full(2, 0.05), 0.35
    for _ in range(ROUNDS):
        own, stray = sd[band], shares[dense]
        near = (1 - stray) * _density(error, own)
        away = stray * _density(error, np.hypot(own, far))
        strange = away / (near + away)
        # Of a far error, its own band's part is what shrinkage leaves of it.
        kept = error**2 * (own**2 / (own**2 + far**2)) ** 2 + own**2 * far**2 / (own**2 + far**2)
        mine = (1 - strange) * error**2 + strange * kept
        overall = float(mine.mean())
        for i in range(len(STARTS)):
            inside = mine[band == i]
            sd[i] = np.sqrt((inside.sum() + BORROWED * overall) / (len(inside) + BORROWED))
        sd = np.maximum(sd, LEAST_SD)
        added = error**2 * (far**2 / (own**2 + far**2)) ** 2 + own**2 * far**2 / (own**2 + far**2)
        # Half a stray of the usual size is borrowed, so that few of them are not taken for none.
        far = float(np.sqrt((np.sum(strange * added) + 0.5 * FAR**2) / (strange.sum() + 0.5)))
        counts = np.bincount(dense, minlength=2)
        shares = np.clip((np.bincount(dense, strange, minlength=2) + 0.5) / (counts + 10), 0.005, MOST_FAR)
    plain, zone = map(float, shares)
    return tuple(zip(STARTS, map(float, sd), strict=True)), (plain, zone), far


def _density(error: FloatArray, sd: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * (error / sd) ** 2) / sd)


def _kind(a: Level, b: Level) -> str:
    return "same_bone" if a.bone == b.bone else "same_film" if a.day == b.day else "other"


def _correlation(children: Children, plain: FilmErrors, kind: str) -> float:
    """Mean product of the errors of such pairs, in units of their spreads."""
    pairs = [(a, b) for child in children for a, b in combinations(child, 2) if _kind(a, b) == kind]
    products = [_mild(a, plain) * _mild(b, plain) for a, b in pairs]
    return float(np.mean(products)) if products else 0.0


def _mild(level: Level, plain: FilmErrors) -> float:
    """An error in units of its spread, far ones cut."""
    return float(np.clip(level.error / plain.spread(level.row), -CUT, CUT))


def changes(child: Sequence[Level]) -> Iterator[tuple[Level, Level]]:
    """Successive films of each bone."""
    for bone in sorted({level.bone for level in child}):
        films = sorted((level for level in child if level.bone == bone), key=lambda level: level.day)
        yield from pairwise(films)


def _reach(children: Children, errors: FilmErrors) -> tuple[float, float]:
    """How far the true change lies below and above the measured one, each in 95 % of children's changes.

    Every child has one vote, shared among its changes; the quantile has the correction of split conformal
    prediction for the number of children.
    """
    scores: list[float] = []
    votes: list[float] = []
    counted = 0
    for child in children:
        found = list(changes(child))
        counted += bool(found)
        for a, b in found:
            scores.append((b.error - a.error) / errors.spread_of_change(a.row, b.row))
            votes.append(1 / len(found))
    side = 1 - (1 - LEVEL) / 2
    return (
        _quantile(scores, votes, side, counted),
        _quantile([-score for score in scores], votes, side, counted),
    )


def _quantile(scores: list[float], votes: list[float], share: float, children: int) -> float:
    """The score at which this share of the votes is reached, at least 0."""
    order = np.argsort(scores)
    reached = np.cumsum(np.array(votes)[order]) / children
    at = int(np.searchsorted(reached, min(1.0, share * (children + 1) / children)))
    return max(0.0, scores[int(order[min(at, len(order) - 1)])])


def write(tables: dict[str, FilmErrors], out: Path = TABLE) -> Path:
    """Write the table of every joint."""
    import csv

    with out.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["joint", "what", "severity_from", "value"])
        for joint, errors in tables.items():
            writer.writerows([joint, "sd", start, round(sd, 4)] for start, sd in errors.bands)
            told = [(name, getattr(errors, name)) for name in NAMES]
            writer.writerows([joint, name, "", round(value, 4)] for name, value in told if value is not None)
    return out


def main() -> None:
    """Command line: trials in JSON, of any joint, to the table."""
    import argparse
    import json
    import sys

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("trials", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=TABLE)
    asked = parser.parse_args()
    by_joint: dict[str, list[list[Level]]] = {}
    for path in asked.trials:
        trial = json.loads(path.read_text(encoding="utf-8"))
        children = [[Level(*level) for level in course["levels"]] for course in trial["courses"]]
        by_joint.setdefault(trial["trial"]["joint"], []).extend(children)
    tables = {joint: fit(children) for joint, children in by_joint.items()}
    sys.stdout.write(f"{write(tables, asked.out)}\n")


if __name__ == "__main__":
    main()
