"""What R and irrCAC said of one small table of readings; see r/ for the scripts that asked them."""

import csv
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent / "r"


def _values(name: str) -> dict[str, float]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return {row["name"].strip(): float(row["value"]) for row in csv.DictReader(handle)}


@pytest.fixture(scope="session")
def r_values() -> dict[str, float]:
    return _values("r_values.csv")


@pytest.fixture(scope="session")
def irrcac_values() -> dict[str, float]:
    return _values("irrcac_values.csv")


@pytest.fixture(scope="session")
def table() -> dict[str, np.ndarray]:
    """Columns of readings.csv, NaN where a reading is missing."""
    with (HERE / "readings.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


@pytest.fixture(scope="session")
def ratings(table: dict[str, np.ndarray]) -> np.ndarray:
    return np.column_stack([table[name] for name in "abc"])
