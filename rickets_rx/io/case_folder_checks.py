"""What no single row of a case folder can tell: ids that exist, keys that are unique, days that agree."""

from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError

Numbered = list[tuple[int, Any]]


def check_across(path: Path, tables: dict[str, Numbered]) -> None:
    """Check the tables against each other.

    Parameters
    ----------
    path : Path
        The case folder, for messages.
    tables : dict of str to list of (line, row)

    Raises
    ------
    InputError
        Naming file, row and column.
    """
    _check_patients(tables)
    _check_unique_films(tables["radiographs"])
    days = _days_of_keys(tables)
    for name in ("labs", "radiographs"):
        for line, row in tables[name]:
            _check_anchor(f"{name}.csv", line, row, days)


def _check_patients(tables: dict[str, Numbered]) -> None:
    known: dict[str, int] = {}
    for line, row in tables["patients"]:
        if row.patient_id in known:
            raise InputError(
                "patients.csv", f"row {line}, column patient_id",
                f"{row.patient_id!r} stands already on row {known[row.patient_id]}",
                "Give each patient one row.",
            )  # fmt: skip
        known[row.patient_id] = line
    for name, numbered in tables.items():
        for line, row in numbered:
            if row.patient_id not in known:
                raise InputError(
                    f"{name}.csv", f"row {line}, column patient_id",
                    f"{row.patient_id!r} is not in patients.csv",
                    "Add the patient there, or correct the id.",
                )  # fmt: skip


def _check_unique_films(films: Numbered) -> None:
    seen: dict[tuple[str, str], int] = {}
    for line, row in films:
        key = (row.patient_id, row.film_id)
        if key in seen:
            raise InputError(
                "radiographs.csv", f"row {line}, column film_id",
                f"{row.film_id!r} of {row.patient_id} stands already on row {seen[key]}",
                "Give every film of a patient its own film_id.",
            )  # fmt: skip
        seen[key] = line


def _days_of_keys(tables: dict[str, Numbered]) -> dict[tuple[str, str], int]:
    """Central day of every ``visit:`` and ``film:`` key; rows of one visit must agree about it."""
    days: dict[tuple[str, str], tuple[Any, int]] = {}
    for line, row in tables["labs"]:
        said = (row.day, row.day_low, row.day_high, tuple(row.alternatives()))
        before, first = days.setdefault((row.patient_id, f"visit:{row.visit}"), (said, line))
        if before != said:
            raise InputError(
                "labs.csv", f"row {line}, column day",
                f"visit {row.visit} of {row.patient_id} has another day, bound or anchor on row {first}",
                "Give all values of one visit the same day, bounds and anchor, or another visit.",
            )  # fmt: skip
    for line, row in tables["radiographs"]:
        days[row.patient_id, f"film:{row.film_id}"] = ((row.day,), line)
    return {key: said[0] for key, (said, _) in days.items()}


def _check_anchor(file: str, line: int, row: Any, days: dict[tuple[str, str], int]) -> None:
    """Every anchor exists and is not the row itself; the first reading gives the row's own day."""
    own = f"visit:{row.visit}" if hasattr(row, "visit") else f"film:{row.film_id}"
    for i, (anchor, offset) in enumerate(row.alternatives()):
        where = f"row {line}, column anchor"
        if anchor == own or (row.patient_id, anchor) not in days:
            raise InputError(
                file, where, f"{anchor!r} is not another visit or film of {row.patient_id}",
                "Name an earlier row as visit:<visit> or film:<film_id>.",
            )  # fmt: skip
        expected = days[row.patient_id, anchor] + offset
        if i == 0 and expected != row.day:
            raise InputError(
                file, f"row {line}, column offset_days",
                f"{anchor} and {offset} days make day {expected}, but day says {row.day}",
                "Let the first anchor and offset give the day of the row.",
            )  # fmt: skip
        if i > 0 and days[row.patient_id, anchor] > row.day:
            raise InputError(file, where, f"{anchor!r} lies later than the row", "Anchor to an earlier row.")
