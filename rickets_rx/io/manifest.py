"""The manifest: a CSV that lists films with what the user knows of them."""

import math
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

from rickets_rx.errors import InputError
from rickets_rx.io.csv_text import Table, csv_plain, csv_safe, read_table
from rickets_rx.io.spacing import PLAUSIBLE_MM
from rickets_rx.vocabulary import Joint, Side

__all__ = ["MANIFEST_COLUMNS", "ManifestRow", "csv_safe", "read_manifest"]

MANIFEST_COLUMNS = ("file", "patient_id", "day", "joint", "side", "spacing_mm")

_Word = TypeVar("_Word", Joint, Side)

#: A day beyond a century from the patient's day 0 is a slip (ours).
_LAST_DAY = 36_525


@dataclass(frozen=True)
class ManifestRow:
    """One film of a manifest.

    Parameters
    ----------
    file : str
        As written, with forward slashes; how results name the film.
    path : Path
        Where it lies.
    row : int
        Line of the manifest, for messages.
    patient_id : str
        The user's pseudonym, unchanged; empty where not given.
    day : int, optional
        Days from the patient's day 0, negative before it.
    joint, side, spacing_mm : optional
    """

    file: str
    path: Path
    row: int
    patient_id: str = ""
    day: int | None = None
    joint: Joint | None = None
    side: Side | None = None
    spacing_mm: float | None = None


def read_manifest(path: Path | str) -> list[ManifestRow]:
    """Read a manifest; whether its films exist is left to the reading of each film.

    A relative ``file`` lies below the manifest's own folder: one that climbs out of it by ``..`` is refused,
    because a table from elsewhere must not reach files its author cannot see. An absolute path is taken as it
    is: it says openly what it names. Symbolic links inside the folder are the owner's choice and followed.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    list of ManifestRow
        In the order of the file, at least one.

    Raises
    ------
    InputError
        Naming the row and column at fault.
    """
    path = Path(path)
    table = read_table(path)
    _check_columns(table, path.name)
    rows = [_manifest_row(cells, line, path) for line, cells in table.rows]
    if not rows:
        raise InputError(path.name, "file", "lists no films", "Give one row per film")
    first: dict[str, int] = {}
    for row in rows:
        if first.setdefault(str(row.path), row.row) != row.row:
            problem = f"names the same film as row {first[str(row.path)]}"
            raise InputError(path.name, f"row {row.row}, file", problem, "List each film once")
    return rows


def _check_columns(table: Table, file: str) -> None:
    if "file" not in table.columns:
        raise InputError(
            file, "header", "has no column file", f"Use the columns {', '.join(MANIFEST_COLUMNS)}"
        )
    unknown = [column for column in table.columns if column not in MANIFEST_COLUMNS]
    if unknown:
        mend = f"Known are {', '.join(MANIFEST_COLUMNS)}; correct the name or take the column out"
        raise InputError(file, "header", f"unknown column {unknown[0]!r}", mend)


def _manifest_row(cells: dict[str, str], line: int, manifest: Path) -> ManifestRow:
    cell = _Cell(manifest.name, line, cells)
    file, path = _film_path(cell, manifest.parent)
    return ManifestRow(
        file=file,
        path=path,
        row=line,
        patient_id=csv_plain(cells.get("patient_id", "")),
        day=cell.day(),
        joint=cell.word("joint", Joint),
        side=cell.word("side", Side),
        spacing_mm=cell.spacing(),
    )


@dataclass(frozen=True)
class _Cell:
    """Typed access to the cells of one row, with errors that name the row and the column."""

    manifest: str
    row: int
    cells: dict[str, str]

    def error(self, column: str, problem: str, mend: str) -> InputError:
        return InputError(self.manifest, f"row {self.row}, {column}", problem, mend)

    def word(self, column: str, words: type[_Word]) -> _Word | None:
        text = self.cells.get(column, "").lower()
        if not text:
            return None
        try:
            return words(text)
        except ValueError:
            known = " or ".join(words)
            raise self.error(column, f"{text!r} is not a word for it", f"Write {known}, or nothing") from None

    def number(self, column: str) -> float | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(column, f"{text!r} is not a number", "Write it with a decimal point, or nothing")
        return value

    def day(self) -> int | None:
        value = self.number("day")
        if value is None:
            return None
        if value != round(value) or abs(value) > _LAST_DAY:
            mend = "Write whole days from the patient's day 0; years and dates do not belong here"
            raise self.error("day", f"{value:g} is not a day count", mend)
        return int(value)

    def spacing(self) -> float | None:
        value, (low, high) = self.number("spacing_mm"), PLAUSIBLE_MM
        if value is not None and not low <= value <= high:
            mend = f"Give millimetres per pixel between {low} and {high}, or nothing"
            raise self.error("spacing_mm", f"{value:g} is no plausible pixel spacing", mend)
        return value


def _film_path(cell: _Cell, folder: Path) -> tuple[str, Path]:
    text = csv_plain(cell.cells["file"])
    if not text:
        raise cell.error("file", "is empty", "Name the film")
    if PureWindowsPath(text).is_absolute() or PurePosixPath(text).is_absolute():
        return text, Path(text)
    # Tables written on Windows separate folders by backslashes.
    parts = PurePosixPath(text.replace("\\", "/")).parts
    if ".." in parts:
        mend = "Put the manifest above its films, or give the absolute path"
        raise cell.error("file", "leads out of the manifest's folder", mend)
    return "/".join(parts), folder.joinpath(*parts)
