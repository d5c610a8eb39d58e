"""Writes the healing tables and JSON, each whole or not at all."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rickets_rx.io.atomic import atomic_write
from rickets_rx.io.manifest import csv_safe

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6  # decimals kept, so that the last bits of arithmetic do not reach a file


def write_table(table: "pd.DataFrame", path: Path) -> Path:
    """Write a table as CSV, UTF-8, empty cells for what is missing; returns the path.

    Cells that a spreadsheet would run as a formula are written harmless (`csv_safe`).
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.columns)
    plain = table.astype(object).where(table.notna(), None)
    writer.writerows([_cell(value) for value in row] for row in plain.itertuples(index=False))
    with atomic_write(path) as file:
        file.write(buffer.getvalue())
    return path


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        value = round(value, DIGITS) + 0.0
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return csv_safe(value) if isinstance(value, str) else value


def write_json(content: dict[str, Any], path: Path) -> Path:
    """Write JSON, UTF-8, missing numbers as null; returns the path."""
    with atomic_write(path) as file:
        file.write(json.dumps(_rounded(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return path


def _rounded(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_rounded(value) for value in content]
    if isinstance(content, float):
        return None if content != content else round(content, DIGITS)
    return content
