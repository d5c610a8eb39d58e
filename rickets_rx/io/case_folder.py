"""Reads a case folder: patients, films, laboratory values, therapy and what was said, checked row by row.

A cell at fault is named by file, line and column, with what to do about it. Only patients.csv must be there.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from rickets_rx.errors import InputError
from rickets_rx.io import case_folder_rows as rows
from rickets_rx.io.case_folder_checks import check_across

if TYPE_CHECKING:
    import pandas as pd

TABLES: dict[str, type[rows.Row]] = {
    "patients": rows.PatientRow,
    "radiographs": rows.RadiographRow,
    "labs": rows.LabRow,
    "therapy": rows.TherapyRow,
    "findings": rows.FindingRow,
    "events": rows.EventRow,
    "growth": rows.GrowthRow,
}
MAX_BYTES = 200_000_000  # a table above this is no laboratory table (ours)


@dataclass(frozen=True, eq=False)
class CaseFolder:
    """The tables of a case folder, each a DataFrame with the contract's columns.

    Empty text cells are ``""``; missing numbers are NA (whole numbers are ``Int64``, others ``Float64``);
    the bounds of a certain day equal the day; ``synthetic`` is 0 or 1.

    Parameters
    ----------
    path : Path
    patients, radiographs, labs, therapy, findings, events, growth : DataFrame
    notes : tuple of str
        What the reader wants a person to know (tables or films that are absent, unknown analytes).
    """

    path: Path
    patients: "pd.DataFrame"
    radiographs: "pd.DataFrame"
    labs: "pd.DataFrame"
    therapy: "pd.DataFrame"
    findings: "pd.DataFrame"
    events: "pd.DataFrame"
    growth: "pd.DataFrame"
    notes: tuple[str, ...] = ()


def read_case_folder(path: Path | str) -> CaseFolder:
    """Read and check every table of a case folder.

    Parameters
    ----------
    path : path
        Folder with patients.csv and any of radiographs, labs, therapy, findings, events and growth.csv.
        UTF-8 with or without a byte-order mark, separated by comma, semicolon (decimal comma allowed) or tab.

    Raises
    ------
    InputError
        Naming file, line, column and mend. Unknown units are errors.
    """
    path = Path(path)
    if not path.is_dir():
        raise InputError(str(path), "folder", "is not a folder", "Give the folder that holds patients.csv.")
    if not (path / "patients.csv").is_file():
        raise InputError(
            str(path), "patients.csv", "is absent", "Write one row per patient into patients.csv."
        )
    read = {name: _read_table(path / f"{name}.csv", row) for name, row in TABLES.items()}
    check_across(path, read)
    frames = {name: frame_of([row for _, row in numbered], TABLES[name]) for name, numbered in read.items()}
    return CaseFolder(path=path, notes=_notes(path, frames), **frames)


def frame_of(parsed: list[rows.Row], row: type[rows.Row]) -> "pd.DataFrame":
    """Checked rows as a table with the contract's columns, in their order, and stable column types."""
    import pandas as pd

    table = pd.DataFrame([one.model_dump() for one in parsed], columns=rows.columns(row), dtype=object)
    for name in table.columns:
        annotation = str(row.model_fields[name].annotation)
        if "bool" in annotation or re.search(r"\bint\b", annotation):
            table[name] = table[name].astype("Int64")
        elif re.search(r"\bfloat\b", annotation):
            table[name] = table[name].astype("Float64")
        else:
            table[name] = table[name].astype("str")
    return table


def _read_table(file: Path, row: type[rows.Row]) -> list[tuple[int, Any]]:
    """(line in the file, checked row) for every row; an absent table is empty."""
    if not file.is_file():
        return []
    header, cells, comma_decimals = _read_cells(file)
    _check_header(file, header, row)
    parsed: list[tuple[int, Any]] = []
    faults: list[tuple[int, str, str]] = []
    for line, values in cells:
        if len(values) != len(header):
            raise InputError(
                file.name, f"line {line}", f"has {len(values)} cells, the header {len(header)}",
                "Quote cells that contain the separator, and give every row all cells.",
            )  # fmt: skip
        given = {name: value for name, value in zip(header, values, strict=True) if value.strip()}
        if comma_decimals:
            given = {k: re.sub(r"^([+-]?\d+),(\d+)$", r"\1.\2", v.strip()) for k, v in given.items()}
        try:
            parsed.append((line, row.model_validate(given)))
        except ValidationError as error:
            faults += [(line, _column(e), rows.plain_problem(dict(e))) for e in error.errors()]
    if faults:
        _raise_first(file, faults)
    return parsed


def _column(error: Any) -> str:
    return f"column {error['loc'][0]}" if error["loc"] else "the row"


def _raise_first(file: Path, faults: list[tuple[int, str, str]]) -> None:
    line, column, problem = faults[0]
    more = [f"line {n}, {c}" for n, c, _ in faults[1:6]]
    mend = "Correct the cell."
    if more:
        mend += f" {len(faults) - 1} more in this file: {'; '.join(more)}{' ...' if len(faults) > 6 else ''}."
    raise InputError(file.name, f"line {line}, {column}", problem, mend)


def _read_cells(file: Path) -> tuple[list[str], list[tuple[int, list[str]]], bool]:
    """Header, (line, cells) of every row that is not blank, and whether decimals may be commas."""
    if file.stat().st_size > MAX_BYTES:
        raise InputError(file.name, "file", f"is over {MAX_BYTES // 10**6} MB", "Split the case folder.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            file.name, f"byte {error.start}", "is not UTF-8", "Save the table as CSV UTF-8."
        ) from error
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        cells = [(reader.line_num, values) for values in reader if any(value.strip() for value in values)]
    except csv.Error as error:
        raise InputError(
            file.name, f"line {reader.line_num}", str(error), "Mend the quotes there."
        ) from error
    return header, cells, separator == ";"


def _check_header(file: Path, header: list[str], row: type[rows.Row]) -> None:
    known = rows.columns(row)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(file.name, f"column {twice[0]}", "stands twice in the header", "Keep one of them.")
    unknown = [name for name in header if name not in known]
    if unknown:
        raise InputError(
            file.name, f"column {unknown[0]!r}", "is not known", f"Known columns: {', '.join(known)}."
        )
    needed = [name for name, spec in row.model_fields.items() if spec.is_required() and name not in header]
    if needed:
        raise InputError(file.name, f"column {needed[0]}", "is absent", "Add the column to the header.")


def _notes(path: Path, frames: dict[str, "pd.DataFrame"]) -> tuple[str, ...]:
    from rickets_rx.healing.analytes import find_analyte

    notes = [f"{name}.csv is absent" for name in TABLES if not (path / f"{name}.csv").is_file()]
    for film in frames["radiographs"].itertuples():
        if not (path / film.file).is_file():
            notes.append(f"film {film.film_id} of {film.patient_id}: {film.file} is absent")
    labs = frames["labs"]
    for name, loinc in sorted(set(zip(labs["analyte"], labs["loinc"], strict=True))):
        if find_analyte(name, loinc) is None:
            notes.append(f"labs.csv: analyte {name!r} is not known; its values are listed and not judged")
    return tuple(notes)
