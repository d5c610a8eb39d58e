"""What other commands measured and this page repeats: simulated courses, and coverage of intervals."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError
from rickets_rx.validation.parts import Row

#: Coverage that 95 % intervals must reach over 500 repeats.
WITHIN = (0.91, 0.97)


def courses_of(trials: Sequence[Path]) -> list[dict[str, Any]]:
    """Figures of each trial as its JSON holds them, with how it was run; the courses themselves stay there.

    Raises
    ------
    InputError
        For a file that is no result of `rickets_rx.healing.trial`.
    """
    found = []
    for path in trials:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found.append({"trial": content["trial"], "figures": content["figures"]})
        except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
            problem = f"is no result of a trial ({type(error).__name__})"
            mend = "Give what `python -m rickets_rx.healing.trial --out` wrote"
            raise InputError(path.name, "file", problem, mend) from None
    return found


def coverage_rows(tables: Sequence[Path]) -> list[dict[str, Any]]:
    """For each table of coverage: intervals in it, how many lie in `WITHIN`, and those that do not."""
    return [_coverage(path) for path in tables]


def _coverage(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        shares = [float(row["share"]) for row in rows]
        repeats = [int(row["repeats"]) for row in rows]
    except (OSError, KeyError, ValueError) as error:
        problem = f"is no table of coverage ({type(error).__name__})"
        mend = "Give what benchmarks/agreement_coverage.py wrote"
        raise InputError(path.name, "file", problem, mend) from None
    low, high = WITHIN
    outside = [_named(row) for row, share in zip(rows, shares, strict=True) if not low <= share <= high]
    return {
        "table": path.name, "intervals": len(rows), "within": len(rows) - len(outside), "outside": outside,
        "repeats": max(repeats, default=0),
    }  # fmt: skip


def _named(row: Row) -> list[str]:
    """Which interval it is, its method and its coverage."""
    place = [row.get(name, "") for name in ("study", "section", "measure", "stratum", "first", "second")]
    return [" ".join(part for part in place if part), row["statistic"], row["interval"], row["share"]]
