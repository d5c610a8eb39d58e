"""Tables of strangers, safely in and out: encoding and delimiter on the way in, formulas on the way out."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rickets_rx.errors import InputError

#: A table of a million rows is a mistake or an attack (ours).
MAX_TABLE_BYTES = 200_000_000

_DELIMITERS = (",", ";", "\t")

#: Key of what `read_table` found wrong with a row that is too long, and the mend. No column can be called so.
SURPLUS = ""
SURPLUS_MEND = "Put cells with a delimiter inside into quotation marks"

#: What a spreadsheet takes for the start of a formula (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """Header and rows of a CSV file, all cells stripped text.

    Parameters
    ----------
    columns : tuple of str
    rows : tuple of (line, cells)
        ``line`` is the 1-based line of the file on which the row ends; ``cells`` maps column to text. Rows
        without any text are left out.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def csv_safe(cell: str) -> str:
    """A text cell that no spreadsheet runs as a formula: one that begins like it gets a leading apostrophe.

    For text columns only: numbers such as -1.5 must stay numbers. `csv_plain` takes it off again.
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def csv_plain(cell: str) -> str:
    """Undo `csv_safe`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def read_table(path: Path, *, file: str | None = None, keep_long_rows: bool = False) -> Table:
    """Read a CSV file with a header line, whatever spreadsheet wrote it.

    UTF-8 with or without byte order mark, or UTF-16 with one. Anything else is refused rather than guessed: a
    wrong guess turns names of files into others. The delimiter is comma, semicolon or tab, whichever the
    header line holds most of. Line ends may be any.

    Parameters
    ----------
    path : Path
    file : str, optional
        How errors name the table; its file name where not given.
    keep_long_rows : bool
        Keep a row with more cells than columns: its cells hold the problem, in words, under `SURPLUS`.

    Raises
    ------
    InputError
        Naming the row where one is at fault.
    """
    file = file or path.name
    text = _text(path, file)
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        mend = "Check the quotation marks of this row"
        raise InputError(file, f"row {reader.line_num}", f"cannot be read ({error})", mend) from None
    if not lines:
        raise InputError(file, "file", "is empty", "Give a table with a header line")
    columns = _columns(lines[0][1], file)
    rows = tuple((line, _row(cells, columns)) for line, cells in lines[1:] if any(cells))
    for line, row in rows:
        if SURPLUS in row and not keep_long_rows:
            raise InputError(file, f"row {line}", row[SURPLUS], SURPLUS_MEND)
    return Table(columns, rows)


def _text(path: Path, file: str) -> str:
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise InputError(
                file, "file", "is too large for a table", f"Keep it below {MAX_TABLE_BYTES} bytes"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(file, "file", f"cannot be opened ({error.strerror})", "Check the path") from None
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        mend = "Save it as CSV UTF-8 (in Excel: 'CSV UTF-8 (Comma delimited)')"
        raise InputError(file, f"row {row}", "is not UTF-8 text", mend) from None
    if "\0" in text:
        raise InputError(file, "file", "holds zero bytes: it is no text table", "Save it as CSV UTF-8")
    return text


def _columns(cells: list[str], file: str) -> tuple[str, ...]:
    twice = sorted(cell for cell, times in Counter(cells).items() if times > 1 and cell)
    if twice:
        raise InputError(file, "header", f"column {twice[0]} stands there twice", "Name each column once")
    cells = cells[: max((i for i, cell in enumerate(cells, start=1) if cell), default=0)]
    if "" in cells:
        raise InputError(
            file, "header", f"column {cells.index('') + 1} has no name", "Name it or take it out"
        )
    return tuple(cells)


def _row(cells: list[str], columns: tuple[str, ...]) -> dict[str, str]:
    row = dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=False))
    if any(cells[len(columns) :]):
        row[SURPLUS] = f"has {len(cells)} cells for {len(columns)} columns"
    return row
