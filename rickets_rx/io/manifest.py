"""The manifest: a CSV that lists films with what the user knows of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from rickets_rx.errors import InputError
from rickets_rx.io.csv_text import SURPLUS, SURPLUS_MEND, Table, csv_plain, csv_safe, read_table
from rickets_rx.io.film_names import is_absolute, named_below_roots
from rickets_rx.io.spacing import PLAUSIBLE_MM
from rickets_rx.vocabulary import Joint, Side

__all__ = ["MANIFEST_COLUMNS", "ManifestRow", "csv_safe", "read_manifest"]

MANIFEST_COLUMNS = ("file", "patient_id", "day", "joint", "side", "spacing_mm")

_Word = TypeVar("_Word", Joint, Side)
_Value = TypeVar("_Value")

#: A day beyond a century from the patient's day 0 is a slip (ours).
_LAST_DAY = 36_525


@dataclass(frozen=True)
class ManifestRow:
    """One film of a manifest.

    Parameters
    ----------
    file : str
        How results name the film, each row otherwise: relative, with forward slashes. An absolute path, which
        may tell a user's name, is cut down to what lies below the manifest's folder or below the folder that
        the absolute paths share.
    path : Path
        Where it lies; the manifest's folder where the cell says nothing usable, never a place outside of it.
    row : int
        Line of the manifest, for messages.
    patient_id : str
        The user's pseudonym, unchanged; empty where not given.
    day : int, optional
        Days from the patient's day 0, negative before it.
    joint, side, spacing_mm : optional
    fault : InputError, optional
        What is wrong with this row, by row and column. Such a film is not to be scored: with one of the
        user's statements about it lost, the answer could be wrong. The other cells are kept.
    """

    file: str
    path: Path
    row: int
    patient_id: str = ""
    day: int | None = None
    joint: Joint | None = None
    side: Side | None = None
    spacing_mm: float | None = None
    fault: InputError | None = None


def read_manifest(path: Path | str) -> list[ManifestRow]:
    """Read a manifest; whether its films exist is left to the reading of each film.

    A relative ``file`` lies below the manifest's own folder: one that climbs out of it by ``..`` is a fault,
    because a table from elsewhere must not reach files its author cannot see. An absolute path is taken as it
    is: it says openly what it names. Symbolic links inside the folder are the owner's choice and followed.

    A row at fault is handed on with its fault, so that one slip does not keep the other films from being
    scored. What leaves every row in doubt is raised: the header, the encoding, quotation marks without end.

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
        When the table as a whole cannot be used.
    """
    path = Path(path)
    table = read_table(path, keep_long_rows=True)
    _check_columns(table, path.name)
    rows = [_manifest_row(cells, line, path) for line, cells in table.rows]
    if not rows:
        raise InputError(path.name, "file", "lists no films", "Give one row per film")
    names = named_below_roots([(row.file, row.row) for row in rows], path.parent.absolute())
    return _each_once([replace(row, file=name) for row, name in zip(rows, names, strict=True)], path.name)


def _each_once(rows: list[ManifestRow], manifest: str) -> list[ManifestRow]:
    """The rows, with a fault in each that names the film of an earlier one."""
    first: dict[str, int] = {}
    kept = []
    for row in rows:
        earlier = row.row if row.fault else first.setdefault(str(row.path), row.row)
        if earlier != row.row:
            problem = f"names the same film as row {earlier}"
            fault = InputError(manifest, f"row {row.row}, file", problem, "List each film once")
            row = replace(row, fault=fault)
        kept.append(row)
    return kept


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
    cell.kept(cell.width)
    file = csv_plain(cells.get("file", ""))
    return ManifestRow(
        file=file if is_absolute(file) else "/".join(_parts(file)),
        path=cell.kept(lambda: _film_path(cell, file, manifest.parent)) or manifest.parent,
        row=line,
        patient_id=csv_plain(cells.get("patient_id", "")),
        day=cell.kept(cell.day),
        joint=cell.kept(lambda: cell.word("joint", Joint)),
        side=cell.kept(lambda: cell.word("side", Side)),
        spacing_mm=cell.kept(cell.spacing),
        fault=cell.faults[0] if cell.faults else None,
    )


@dataclass(frozen=True)
class _Cell:
    """Typed access to the cells of one row, with errors that name the row and the column."""

    manifest: str
    row: int
    cells: dict[str, str]
    faults: list[InputError] = field(default_factory=list)

    def error(self, column: str, problem: str, mend: str) -> InputError:
        return InputError(
            self.manifest, f"row {self.row}, {column}" if column else f"row {self.row}", problem, mend
        )

    def kept(self, read: Callable[[], _Value]) -> _Value | None:
        """What ``read`` gives; its error is kept and None given, so that the other cells are read too."""
        try:
            return read()
        except InputError as error:
            self.faults.append(error)
            return None

    def width(self) -> None:
        if SURPLUS in self.cells:
            raise self.error("", self.cells[SURPLUS], SURPLUS_MEND)

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


def _film_path(cell: _Cell, file: str, folder: Path) -> Path:
    if not file:
        raise cell.error("file", "is empty", "Name the film")
    if is_absolute(file):
        return Path(file)
    if ".." in _parts(file):
        mend = "Put the manifest above its films, or give the absolute path"
        raise cell.error("file", "leads out of the manifest's folder", mend)
    return folder.joinpath(*_parts(file))


def _parts(file: str) -> tuple[str, ...]:
    # Tables written on Windows separate folders by backslashes.
    return PurePosixPath(file.replace("\\", "/")).parts
