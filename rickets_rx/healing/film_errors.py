"""How far the severity of a bone on a film may be off, and how the errors of one child's films hang together.

The 90 % interval of a single film (`grade.interval`) is made to hold 90 % of strangers. A change asks another
question: the same bone, the same child, twice. Its errors are therefore taken from simulated courses, and not
from the two intervals: their spread by band of severity, how often a bone is far off, the part they share,
and how far a change may be off in units of its own spread (split conformal; Vovk and others 2005, as
`grade.interval`). The table is made by `rickets_rx.healing.fit_errors` from courses of other seeds than those
it is tested on. On rickets these errors are not known.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.grade.interval import LOW_CONFIDENCE_FACTOR
from rickets_rx.healing.result import Figure
from rickets_rx.vocabulary import Flag, Joint

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Row = Mapping[str, Any]
TABLE = Path(__file__).with_name("film_errors.csv")


@dataclass(frozen=True)
class FilmErrors:
    """The errors of one joint's severities: mostly normal, now and then far off (a bone traced wrongly).

    Parameters
    ----------
    bands : tuple of (severity from, standard deviation)
        Of the normal part, ascending from 0; by the severity that was measured.
    stray, stray_sd : float
        Share of bones that are far off, and the standard deviation that this adds.
    same_bone, same_film, other : float
        Correlation of the normal parts of two films of one bone, of two bones of one film, and of two bones
        on two films of one child.
    below, above : float
        How far the true change may lie below and above the measured one, in units of its standard deviation,
        in 90 % of children.
    stray_dense : float, optional
        Share of bones with a dense zone that are far off (None: as many as of all): a new line over a physis
        still wide is easily read as a healed bone.
    """

    bands: tuple[tuple[float, float], ...]
    stray: float
    stray_sd: float
    same_bone: float
    same_film: float
    other: float
    below: float
    above: float
    stray_dense: float | None = None

    def spread(self, row: Row) -> float:
        """Standard deviation of the normal part; wider where the bone's place is doubtful (ours)."""
        severity = float(row["severity"])
        sd = next(sd for start, sd in reversed(self.bands) if severity >= start)
        doubtful = Flag.LOW_CONFIDENCE in _flags(row)
        return sd * (LOW_CONFIDENCE_FACTOR if doubtful else 1.0)

    def chance_far_off(self, row: Row) -> float:
        """Share of bones such as this one that are far off."""
        return self.stray if self.stray_dense is None or not has_dense_zone(row) else self.stray_dense

    def spread_of_change(self, start: Row, end: Row) -> float:
        """Standard deviation of the error of a change between two films of one bone, far ones included."""
        a, b = self.spread(start), self.spread(end)
        far = self.chance_far_off(start) + self.chance_far_off(end)
        return float(np.sqrt(a * a + b * b - 2 * self.same_bone * a * b + far * self.stray_sd**2))

    def covariance(
        self, rows: Sequence[Row], film: IntArray, bone: IntArray, *, strays: Sequence[int] | None = None
    ) -> FloatArray:
        """Covariance of the errors of rows.

        Parameters
        ----------
        rows : sequence of n rows
        film, bone : ndarray of shape (n,), int
            Which film and which bone each belongs to.
        strays : sequence of int, optional
            The rows that are far off, the others are not; without it each is by its chance.

        Returns
        -------
        ndarray of shape (n, n)
        """
        same_film, same_bone = film[:, None] == film, bone[:, None] == bone
        shared = np.where(same_bone, self.same_bone, np.where(same_film, self.same_film, self.other))
        np.fill_diagonal(shared, 1.0)
        sd = np.array([self.spread(row) for row in rows])
        off = np.array([self.chance_far_off(row) if strays is None else 0.0 for row in rows])
        off[list(strays or ())] = 1.0
        return np.asarray(shared * np.outer(sd, sd) + np.diag(off * self.stray_sd**2))


def _flags(row: Row) -> list[str]:
    return str(row.get("flags") or "").split(";")


def has_dense_zone(row: Row) -> bool:
    """Whether a dense zone was seen, be it taken for healing or not."""
    return not {Flag.DENSE_ZONE, Flag.POSSIBLE_HEALING}.isdisjoint(_flags(row))


@cache
def film_errors(joint: Joint | str, table: Path = TABLE) -> FilmErrors:
    """The table of one joint.

    Raises
    ------
    ValueError
        When its bands do not start at 0 or do not ascend.
    """
    with table.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["joint"] == joint]
    bands = tuple((float(r["severity_from"]), float(r["value"])) for r in rows if r["what"] == "sd")
    if not bands or bands[0][0] != 0 or any(a[0] >= b[0] for a, b in pairwise(bands)):
        raise ValueError(f"{table.name}: bands of {joint} must start at 0 and ascend")
    one = {r["what"]: float(r["value"]) for r in rows}
    names = ("stray", "stray_sd", "same_bone", "same_film", "other", "below", "above")
    return FilmErrors(bands, **{name: one[name] for name in names}, stray_dense=one.get("stray_dense"))


def change_between(start: Row, end: Row) -> Figure:
    """End minus start of the severity of one bone and side, with its own 90 % interval within -1 to 1."""
    errors = film_errors(str(start["joint"]))
    change = float(end["severity"]) - float(start["severity"])
    sd = errors.spread_of_change(start, end)
    return Figure(change, max(-1.0, change - errors.below * sd), min(1.0, change + errors.above * sd), 2)
