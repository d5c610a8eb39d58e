"""Reads a case folder: patients, films, laboratory values, therapy and what was said, checked row by row.

A cell at fault is named by file, row (its line in the file) and column, with what to do about it. Only
patients.csv must be there.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from rickets_rx.errors import InputError
from rickets_rx.io import case_folder_rows as rows
from rickets_rx.io.case_folder_checks import check_across
from rickets_rx.io.csv_text import read_table

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
        Encodings and delimiters as in `csv_text.read_table`; numbers may have a decimal comma.

    Raises
    ------
    InputError
        Naming file, row, column and mend. Unknown units are errors.
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
    table = read_table(file)
    _check_header(file, table.columns, row)
    parsed: list[tuple[int, Any]] = []
    faults: list[tuple[int, str, str]] = []
    for line, cells in table.rows:
        given = {name: _plain_number(name, text, row) for name, text in cells.items() if text}
        try:
            parsed.append((line, row.model_validate(given)))
        except ValidationError as error:
            faults += [(line, _column(e), rows.plain_problem(dict(e))) for e in error.errors()]
    if faults:
        _raise_first(file, faults)
    return parsed


def _plain_number(name: str, text: str, row: type[rows.Row]) -> str:
    """A decimal comma becomes a point in columns of numbers: no table here uses it for anything else."""
    number = re.search(r"\b(int|float)\b", str(row.model_fields[name].annotation))
    return re.sub(r"^([+-]?\d+),(\d+)$", r"\1.\2", text) if number else text


def _column(error: Any) -> str:
    return f"column {error['loc'][0]}" if error["loc"] else "as a whole"


def _raise_first(file: Path, faults: list[tuple[int, str, str]]) -> None:
    line, column, problem = faults[0]
    more = [f"row {n}, {c}" for n, c, _ in faults[1:6]]
    mend = "Correct the cell."
    if more:
        mend += f" {len(faults) - 1} more in this file: {'; '.join(more)}{' ...' if len(faults) > 6 else ''}."
    raise InputError(file.name, f"row {line}, {column}", problem, mend)


def _check_header(file: Path, header: tuple[str, ...], row: type[rows.Row]) -> None:
    known = rows.columns(row)
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
    for film in frames["radiographs"].to_dict("records"):
        if not (path / film["file"]).is_file():
            notes.append(f"film {film['film_id']} of {film['patient_id']}: {film['file']} is absent")
    labs = frames["labs"]
    for name, loinc in sorted(set(zip(labs["analyte"], labs["loinc"], strict=True))):
        if find_analyte(name, loinc) is None:
            notes.append(f"labs.csv: analyte {name!r} is not known; its values are listed and not judged")
    return tuple(notes)
