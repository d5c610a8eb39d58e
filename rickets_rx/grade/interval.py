"""The 90 % interval of a severity and of a sum: split conformal, by method, joint and predicted severity.

Split conformal prediction (Vovk et al. 2005), normalised by each bone's own predicted spread (Papadopoulos
et al. 2008; `Reading.scale`), below and above apart (as conformalised quantile regression does; Romano et
al. 2019), one calibration group per band of predicted severity. Children, not bones, are counted: bones of
one child in one band share one vote. The table is made by `rickets_rx.grade.fit` from phantoms that neither
ramps nor network ever saw. It promises 90 % on that generator; on rickets the coverage is unknown.
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
    """From ``start`` on, the interval goes ``below`` and ``above`` the bounds of what was measured; >= 0."""

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


def reach(
    severity: float, kind: Kind | None = None, *, scale: float = 1.0, low_confidence: bool = False,
    table: Path = TABLE,
) -> tuple[float, float]:  # fmt: skip
    """How far the interval of a predicted severity (0-1) goes below and above its bounds."""
    band = next(band for band in reversed(bands(kind or Kind(), table)) if severity >= band.start)
    factor = scale * (LOW_CONFIDENCE_FACTOR if low_confidence else 1.0)
    return band.below * factor, band.above * factor
