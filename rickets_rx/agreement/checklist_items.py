"""The items of the guidelines, as checklist.csv beside this file lists them."""

import csv
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("checklist.csv")


@cache
def item_rows() -> tuple[dict[str, str], ...]:
    """Rows with guideline, item and topic, in the guidelines' order."""
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def item_names() -> tuple[str, ...]:
    """Names such as ``CLAIM 7``."""
    return tuple(f"{row['guideline']} {row['item']}" for row in item_rows())
