"""The 90 % interval of a severity and of a wrist sum: split conformal, by band of predicted severity.

Split conformal prediction (Vovk et al. 2005) on a pair of bounds, below and above separately (as
conformalised quantile regression does; Romano et al. 2019), one calibration group per band of predicted
severity. Children, not bones, are counted: bones of one child in one band share one vote. The table is
made by `rickets_rx.grade.fit` from phantoms that the ramps never saw. It promises 90 % on that generator; on
rickets the coverage is unknown.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path

TABLE = Path(__file__).with_name("interval.csv")
LEVEL = 0.90
# A bone whose place is doubtful gets a wider interval by this factor (ours).
LOW_CONFIDENCE_FACTOR = 1.5


class Target(StrEnum):
    """What an interval is of: severity of one bone, or the mean severity of the two summed bones."""

    BONE = "bone"
    SUM = "sum"


@dataclass(frozen=True)
class Band:
    """From ``start`` on, the interval goes ``below`` and ``above`` the bounds of what was measured; >= 0."""

    start: float
    below: float
    above: float


@cache
def bands(target: Target = Target.BONE, table: Path = TABLE) -> tuple[Band, ...]:
    """The bands of one target, ascending.

    Raises
    ------
    ValueError
        When they do not start at 0 or do not ascend.
    """
    with table.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["target"] == target]
    found = tuple(Band(float(r["severity_from"]), float(r["below"]), float(r["above"])) for r in rows)
    if not found or found[0].start != 0 or any(a.start >= b.start for a, b in pairwise(found)):
        raise ValueError(f"{table.name}: bands of {target} must start at 0 and ascend")
    return found


def reach(
    severity: float, *, low_confidence: bool = False, target: Target = Target.BONE, table: Path = TABLE
) -> tuple[float, float]:
    """How far the interval of a predicted severity (0-1) goes below and above its bounds."""
    band = next(band for band in reversed(bands(target, table)) if severity >= band.start)
    factor = LOW_CONFIDENCE_FACTOR if low_confidence else 1.0
    return band.below * factor, band.above * factor
