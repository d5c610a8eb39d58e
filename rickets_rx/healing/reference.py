"""Age-specific reference intervals from a versioned table, kept beside the range a laboratory printed.

A row of the table carries its source, its platform and how it was obtained: ``read`` in a page of the source,
or ``recalled`` (not checked in print). Recalled rows are used only where nothing was read.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rickets_rx.healing.analytes import ANALYTES, to_own_unit

REFERENCE_VERSION = "v1"
TABLE = Path(__file__).with_name(f"reference_intervals_{REFERENCE_VERSION}.csv")
BRANDS = ("abbott", "roche", "beckman", "diasorin", "liaison", "lc-ms", "siemens", "ortho", "immulite")
TOLERANCE = 1e-9  # a converted value exactly on a limit counts as normal


@dataclass(frozen=True)
class AgeRange:
    """One interval, in the analyte's own unit, from ``age_low`` to just under ``age_high`` days of age."""

    analyte: str
    sex: str
    age_low: int
    age_high: int
    low: float
    high: float
    platform: str
    kind: str
    evidence: str
    source: str

    def label(self) -> str:
        """Source in a few words for a reader."""
        kind = "" if self.kind == "reference" else f", {self.kind} value"
        return f"{self.source}{kind}{', ' + self.platform if self.platform else ''}"


@cache
def reference_table() -> dict[str, tuple[AgeRange, ...]]:
    """All intervals by analyte, in the order of the table (the first that fits is preferred)."""
    found: dict[str, list[AgeRange]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            analyte = ANALYTES[row["analyte"]]
            interval = AgeRange(
                analyte.name,
                row["sex"],
                int(row["age_low_days"]),
                int(row["age_high_days"]),
                to_own_unit(float(row["low"]), row["unit"], analyte),
                to_own_unit(float(row["high"]), row["unit"], analyte),
                row["platform"],
                row["kind"],
                row["evidence"],
                row["source"],
            )
            found.setdefault(analyte.name, []).append(interval)
    return {name: tuple(rows) for name, rows in found.items()}


def age_range(analyte: str, age_days: float | None, *, sex: str = "", platform: str = "") -> AgeRange | None:
    """The interval for a child of this age: read before recalled, own platform first, then table order.

    Parameters
    ----------
    analyte : str
        Canonical name.
    age_days : float or None
        At the day of sampling; None gives None.
    sex : str
        ``female``, ``male`` or anything else (then only rows for both sexes fit).
    platform : str
        As written by the laboratory.
    """
    if age_days is None:
        return None
    fitting = [
        row
        for row in reference_table().get(analyte, ())
        if row.age_low <= age_days < row.age_high and row.sex in ("any", sex)
    ]
    if not fitting:
        return None
    return min(fitting, key=lambda row: (row.evidence != "read", not platforms_match(row.platform, platform)))


def platforms_match(one: str, other: str) -> bool | None:
    """Whether two platforms are of one maker; None where either is not stated or not known."""
    first, second = _brand(one), _brand(other)
    return None if first is None or second is None else first == second


def _brand(platform: str) -> str | None:
    lowered = platform.lower().replace("liaison", "diasorin")
    return next((brand for brand in BRANDS if brand in lowered), None)


def flag_of(value: float, low: float | None, high: float | None) -> str:
    """``low``, ``normal`` or ``high``; the limits count as normal. Empty without any limit."""
    if low is None and high is None:
        return ""
    if low is not None and value < low - TOLERANCE * max(1.0, abs(low)):
        return "low"
    if high is not None and value > high + TOLERANCE * max(1.0, abs(high)):
        return "high"
    return "normal"
