"""The 90 % interval of a severity: split-conformal half-widths, by predicted severity.

Vovk et al. 2005 (split conformal), one calibration group per band of predicted severity (Mondrian). The
table is made by `rickets_rx.grade.fit` from phantoms that the ramps never saw. It promises 90 % on that
generator; on rickets the coverage is unknown.
"""

import csv
from functools import cache
from itertools import pairwise
from pathlib import Path

TABLE = Path(__file__).with_name("interval.csv")
LEVEL = 0.90
# A bone whose place is doubtful gets a wider interval by this factor (ours).
LOW_CONFIDENCE_FACTOR = 1.5


@cache
def bands(table: Path = TABLE) -> tuple[tuple[float, float], ...]:
    """Rows of the table: (severity from which the band runs, half-width), ascending.

    Raises
    ------
    ValueError
        When the bands do not start at 0 or do not ascend.
    """
    with table.open(encoding="utf-8", newline="") as handle:
        rows = tuple((float(r["severity_from"]), float(r["half_width"])) for r in csv.DictReader(handle))
    if not rows or rows[0][0] != 0 or any(a >= b for (a, _), (b, _) in pairwise(rows)):
        raise ValueError(f"{table.name}: bands must start at 0 and ascend")
    return rows


def half_width(severity: float, *, low_confidence: bool = False, table: Path = TABLE) -> float:
    """Half-width of the interval around a predicted severity, 0-1."""
    width = next(half for start, half in reversed(bands(table)) if severity >= start)
    return width * (LOW_CONFIDENCE_FACTOR if low_confidence else 1.0)
