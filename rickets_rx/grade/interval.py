"""The 90 % interval of a severity and of a sum: split conformal, by method and joint.

Of a bone: label-conditional conformal prediction (Vovk et al. 2005, section 4.5). Calibration bones are
grouped by their true severity, so that every grade is covered as promised and not only all of them together;
a severity belongs to the interval where its own group says that it may. Errors are normalised by each bone's
own predicted spread (Papadopoulos et al. 2008; `Reading.scale`), below and above apart (as conformalised
quantile regression does; Romano et al. 2019). Of a sum: one group per band of the predicted mean. Children,
not bones, are counted: bones of one child in one group share one vote. The table is made by
`rickets_rx.grade.fit` from phantoms that neither ramps nor network ever saw. It promises 90 % on that
generator; on rickets the coverage is unknown.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

from rickets_rx.vocabulary import Joint, Method

TABLE = Path(__file__).with_name("interval.csv")
LEVEL = 0.90
# A bone whose place is doubtful gets a wider interval by this factor (ours).
LOW_CONFIDENCE_FACTOR = 1.5


class Target(StrEnum):
    """What an interval is of: severity of one bone, or the mean severity of the two summed bones."""

    BONE = "bone"
    SUM = "sum"


@dataclass(frozen=True)
class Reading:
    """Severity of one bone, 0-1, with what missing features leave open, before calibration.

    ``scale`` widens the calibrated reach: the predicted spread, about 1 for an ordinary bone.
    """

    severity: float
    low: float
    high: float
    scale: float


@dataclass(frozen=True)
class Band:
    """From severity ``start`` on, how far a truth lies ``below`` and ``above`` what was measured; >= 0."""

    start: float
    below: float
    above: float


@dataclass(frozen=True)
class Kind:
    """What a set of bands holds for."""

    target: Target = Target.BONE
    joint: Joint = Joint.WRIST
    method: Method = Method.CLASSICAL


@cache
def bands(kind: Kind, table: Path = TABLE) -> tuple[Band, ...]:
    """The bands of one kind, ascending.

    Raises
    ------
    ValueError
        When they do not start at 0 or do not ascend.
    """
    named = (kind.method.value, kind.joint.value, kind.target.value)
    with table.open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if (r["method"], r["joint"], r["target"]) == named]
    found = tuple(Band(float(r["severity_from"]), float(r["below"]), float(r["above"])) for r in rows)
    if not found or found[0].start != 0 or any(a.start >= b.start for a, b in pairwise(found)):
        raise ValueError(f"{table.name}: bands of {' '.join(named)} must start at 0 and ascend")
    return found


def held(
    read: Reading, kind: Kind, *, low_confidence: bool = False, table: Path = TABLE
) -> tuple[float, float]:
    """Least and greatest severity that may be true of a bone by the group of that severity.

    Parameters
    ----------
    read : Reading
    kind : Kind
        A `Target.BONE`.
    low_confidence : bool
        The place of the bone end is doubtful.

    Returns
    -------
    low, high : float
        0-1; the reading's own severity where no group allows any.
    """
    factor = read.scale * (LOW_CONFIDENCE_FACTOR if low_confidence else 1.0)
    groups = bands(kind, table)
    ends = [*(band.start for band in groups[1:]), 1.0]
    found = [
        (max(band.start, read.low - band.below * factor), min(end, read.high + band.above * factor))
        for band, end in zip(groups, ends, strict=True)
    ]
    allowed = [(low, high) for low, high in found if low <= high] or [(read.severity, read.severity)]
    return min(low for low, _ in allowed), max(high for _, high in allowed)


def reach(mean: float, kind: Kind, table: Path = TABLE) -> tuple[float, float]:
    """How far the interval of a mean severity (0-1) of summed bones goes below and above it."""
    band = next(band for band in reversed(bands(kind, table)) if mean >= band.start)
    return band.below, band.above
