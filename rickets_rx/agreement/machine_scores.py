"""The machine's side of a study: scores.csv, and images.csv beside it for films refused as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError
from rickets_rx.io.csv_text import csv_plain, read_table
from rickets_rx.vocabulary import Status

Key = tuple[str, int, str]
Row = dict[str, Any]

_TEXT = frozenset(
    "file image_sha256 patient_id joint side bone status reason scale activity flags method spacing_source "
    "null_reasons".split()
)
_NEEDED = ("image_sha256", "bone", "status", "grade")


@dataclass(frozen=True)
class MachineScores:
    """What the machine said.

    Parameters
    ----------
    bones : mapping of (image_sha256, instance, bone) to row
        Rows of scores.csv; empty cells are None, never 0.
    refused_films : mapping of image_sha256 to reason
        Films without any bone row, from images.csv.
    images : mapping of image_sha256 to row
        Rows of images.csv: a film that was refused as a whole still has a patient and a day.
    """

    bones: Mapping[Key, Row] = field(default_factory=dict)
    refused_films: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, Row] = field(default_factory=dict)

    def films(self) -> dict[str, Row]:
        """Any row of each film, for what the film has in common: patient, day."""
        found: dict[str, Row] = dict(self.images)
        for (image, _, _), row in self.bones.items():
            found.setdefault(image, row)
        return found


def machine_scores(
    rows: Iterable[Mapping[str, Any]], images: Iterable[Mapping[str, Any]] = ()
) -> MachineScores:
    """From rows of scores.csv and images.csv as `score` makes or `read_machine_scores` reads them."""
    bones = {
        (str(row["image_sha256"]), int(row.get("instance") or 1), str(row["bone"])): dict(row) for row in rows
    }
    listed = [dict(row) for row in images]
    scored = {image for image, _, _ in bones}
    refused = {
        str(row["image_sha256"]): str(row.get("reason") or "")
        for row in listed
        if row.get("status") == Status.REFUSED
        and row.get("image_sha256")
        and row["image_sha256"] not in scored
    }
    films = {str(row["image_sha256"]): row for row in reversed(listed) if row.get("image_sha256")}
    return MachineScores(bones, refused, films)


def read_machine_scores(path: Path | str) -> MachineScores:
    """Read scores.csv, and images.csv of the same folder where it is there.

    Raises
    ------
    InputError
        Naming row and column.
    """
    path = Path(path)
    beside = path.with_name("images.csv")
    images = _rows(beside, ("image_sha256", "status")) if beside.is_file() and beside != path else []
    return machine_scores(_rows(path, _NEEDED), images)


def _rows(path: Path, needed: tuple[str, ...]) -> list[Row]:
    table = read_table(path)
    for name in needed:
        if name not in table.columns:
            mend = "Give the table that `rickets-rx score` wrote"
            raise InputError(path.name, f"column {name}", "is missing", mend)
    return [{k: _cell(path.name, line, k, v) for k, v in cells.items()} for line, cells in table.rows]


def _cell(file: str, line: int, column: str, text: str) -> Any:
    if not text:
        return None
    if column in _TEXT:
        return csv_plain(text)
    try:
        return float(text)
    except ValueError:
        mend = "Give the table as `rickets-rx score` wrote it"
        raise InputError(file, f"row {line}, column {column}", f"{text!r} is not a number", mend) from None
