"""A folder with films and readings, dropped in: scored, and held against its readers as any study is.

What the folder may hold, at its top level:

- films, anywhere below it, in any format that `score` reads;
- ``manifest.csv``: the films with patient, day, joint, side and spacing (only the films it lists are scored);
- readings: every CSV whose header has ``reader``, in the contract's columns; ``file`` may stand in place of
  ``image_sha256`` and names a film as the manifest does, or relative to the folder;
- ``films.csv``: facts of films for subgroups and clusters (device, family_id, age_years, ...), by
  ``image_sha256`` or ``file``;
- ``design.toml``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rickets_rx.agreement.bootstrap import MIN_DRAWS
from rickets_rx.agreement.design_file import StudyDesign, read_design
from rickets_rx.agreement.machine_scores import read_machine_scores
from rickets_rx.agreement.validate import validate
from rickets_rx.agreement.write import write_validation
from rickets_rx.batch import FilmEvent, requests_of, score_films
from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.csv_text import Table, csv_plain, read_table
from rickets_rx.io.readings import read_readings
from rickets_rx.io.results import FilmRequest, write_table

MANIFEST, FILMS, DESIGN = "manifest.csv", "films.csv", "design.toml"


def validate_folder(
    folder: Path,
    out: Path,
    *,
    workers: int = 1,
    seed: int = 0,
    draws: int = MIN_DRAWS,
    on_film: Callable[[FilmEvent], None] | None = None,
) -> Path:
    """Score the films of a folder and report agreement with its readings; returns the path of the report.

    Scores are kept in ``out/scores``: a second run scores nothing twice. The films are only read.

    Raises
    ------
    UsageError
        Where the folder holds no film or no reading.
    InputError
        Naming file, row and column at fault.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder")
    tables = readings_below(folder)
    if not tables:
        raise UsageError(f"{folder}: holds no readings (a CSV with the column reader)")
    if out.resolve() == folder.resolve():
        raise UsageError("give --out another folder than the one with the films")
    score_films(films_of(folder), out / "scores", workers=workers, on_film=on_film).require_all()
    names = _names(out / "scores" / "images.csv")
    readings = [by_hash(path, names, out / "readings") for path in tables]
    result = validate(
        read_readings(readings), read_machine_scores(out / "scores" / "scores.csv"),
        _design(folder, names, out), seed=seed, draws=draws,
    )  # fmt: skip
    return write_validation(result, out)


def films_of(folder: Path) -> list[FilmRequest]:
    """Films that the manifest of the folder lists, or that lie anywhere below it.

    Raises
    ------
    UsageError
        Where there is none.
    """
    manifest = folder / MANIFEST
    return requests_of([manifest if manifest.is_file() else folder])


def readings_below(folder: Path) -> list[Path]:
    """Tables with a column ``reader`` at the top level, in the order of their names.

    Raises
    ------
    InputError
        Where it is written in another way, such as ``Reader``: nobody is left out without a word.
    """
    found = []
    for path in sorted(folder.glob("*.csv")):
        columns = () if path.name in (MANIFEST, FILMS) else read_table(path).columns
        if "reader" in columns:
            found.append(path)
        elif "reader" in map(str.lower, columns):
            raise InputError(path.name, "column reader", "has capital letters", "Write it in small ones")
    return found


def _design(folder: Path, names: Mapping[str, str], out: Path) -> StudyDesign | None:
    path = folder / DESIGN
    design = read_design(path) if path.is_file() else None
    facts = folder / FILMS if design is None or design.films is None else design.films
    if facts.is_file():
        design = replace(design or StudyDesign(), films=by_hash(facts, names, out / "readings"))
    return design


def _names(images: Path) -> dict[str, str]:
    """SHA-256 of every film by its name in the results."""
    rows = (cells for _, cells in read_table(images).rows)
    return {csv_plain(cells["file"]): cells["image_sha256"] for cells in rows if cells["image_sha256"]}


def by_hash(path: Path, names: Mapping[str, str], folder: Path) -> Path:
    """The table with ``image_sha256`` in place of ``file``; the table itself where it has no ``file``.

    Raises
    ------
    InputError
        For a film that is not in the folder or could not be read.
    """
    table = read_table(path)
    if "file" not in table.columns:
        return path
    if "image_sha256" in table.columns:
        problem, mend = "stands beside image_sha256", "Name films in one way"
        raise InputError(path.name, "column file", problem, mend)
    columns = ["image_sha256", *(name for name in table.columns if name != "file")]
    if "pair_file" in table.columns:
        columns[columns.index("pair_file")] = "pair_sha256"
    made = folder / path.name
    write_table(made, columns, list(_named(path.name, table, names)))
    return made


def _named(file: str, table: Table, names: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for line, cells in table.rows:
        row = {name: text for name, text in cells.items() if name not in ("file", "pair_file")}
        row["image_sha256"] = _sha256(file, line, cells["file"], names)
        if cells.get("pair_file"):
            row["pair_sha256"] = _sha256(file, line, cells["pair_file"], names)
        yield row


def _sha256(file: str, line: int, film: str, names: Mapping[str, str]) -> str:
    found = names.get(csv_plain(film))
    if found is None:
        mend = "Name it as images.csv does; a film that cannot be read has no readings"
        raise InputError(file, f"row {line}, column file", f"{film!r} is no film of this folder", mend)
    return found
