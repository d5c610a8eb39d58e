"""What is reviewed: the folder that `score` wrote, its films, and where the films themselves lie."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.csv_text import csv_plain
from rickets_rx.io.results import IMAGE_COLUMNS, score_columns
from rickets_rx.score import FilmScore
from rickets_rx.vocabulary import Bone

Row = dict[str, Any]

#: Columns of scores.csv and images.csv that hold words; whole numbers stand in `_WHOLE`, the rest are real.
_TEXT = frozenset(
    "file image_sha256 patient_id joint side bone status reason scale activity flags method spacing_source "
    "null_reasons".split()
)
_WHOLE = frozenset(("day", "instance"))


@dataclass(frozen=True)
class Place:
    """One bone end of one film."""

    image_sha256: str
    instance: int
    bone: Bone


@dataclass(frozen=True, eq=False)
class Film:
    """One film as `score` left it.

    Parameters
    ----------
    image_sha256, file : str
        ``file`` as in scores.csv.
    patient_id : str or None
    day : int or None
    images, scores : tuple of dict
        Its rows of images.csv and scores.csv; empty cells are None, numbers are numbers.
    regions : Path
        ``regions/<sha256>.json``.
    """

    image_sha256: str
    file: str
    patient_id: str | None
    day: int | None
    images: tuple[Row, ...]
    scores: tuple[Row, ...]
    regions: Path

    def places(self) -> tuple[Place, ...]:
        """Bones that the machine looked for, scored or refused."""
        return tuple(Place(self.image_sha256, int(r["instance"]), Bone(r["bone"])) for r in self.scores)

    def content(self) -> dict[str, Any]:
        """The geometry of the film, as in its regions file.

        Raises
        ------
        InputError
            When it cannot be read.
        """
        try:
            found: dict[str, Any] = json.loads(self.regions.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problem = f"regions cannot be read ({type(error).__name__})"
            raise InputError(self.regions.name, "file", problem, "Score the film again") from None
        return found


@dataclass(frozen=True, eq=False)
class Source:
    """Every film of a scored folder, in the order of images.csv.

    Parameters
    ----------
    folder : Path
        Holds scores.csv, images.csv and regions/.
    films : dict
        By image_sha256. One content listed twice is one film, under its first name.
    scores, images : list of dict
        Every row of both tables, in order, as in `Film`.
    roots : tuple of Path
        Folders in which films are looked for.
    notes : tuple of str
        Files that could not be read when they were scored.
    """

    folder: Path
    films: dict[str, Film]
    scores: list[Row] = field(default_factory=list)
    images: list[Row] = field(default_factory=list)
    roots: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    _found: dict[str, Path | None] = field(default_factory=dict)

    def film(self, image_sha256: str) -> Film:
        """A film by its hash.

        Raises
        ------
        UsageError
            When this folder does not hold it.
        """
        if image_sha256 not in self.films:
            raise UsageError(f"film {image_sha256[:12]} is not in {self.folder}: score it first")
        return self.films[image_sha256]

    def path_of(self, image_sha256: str) -> Path | None:
        """Where the film's file lies, None where it is not found. The content decides, not the name."""
        if image_sha256 not in self._found:
            self._found[image_sha256] = _locate(self.film(image_sha256), self.roots)
        return self._found[image_sha256]


def read_source(folder: Path, films: Sequence[Path] = ()) -> Source:
    """Open what `rickets-rx score` wrote.

    Parameters
    ----------
    folder : Path
        A folder with scores.csv, or one whose subfolder ``films`` has it (as `rickets-rx heal` writes).
    films : sequence of Path
        Folders that hold the films themselves; the folder, the folders above it and the current one are
        looked through too.

    Raises
    ------
    UsageError, InputError
        When the folder holds no scores, or a table is wrong.
    """
    from rickets_rx.io.csv_text import read_table

    home = next((at for at in (folder, folder / "films") if (at / "scores.csv").is_file()), None)
    if home is None or not (home / "images.csv").is_file():
        raise UsageError(f"{folder} holds no scores.csv and images.csv: run `rickets-rx score` first")
    tables = {}
    for name, needed in (("scores", score_columns()), ("images", IMAGE_COLUMNS)):
        table = read_table(home / f"{name}.csv")
        missing = [column for column in needed if column not in table.columns]
        if missing:
            mend = "Give the folder that `rickets-rx score` wrote"
            raise InputError(f"{name}.csv", f"column {missing[0]}", "is missing", mend)
        tables[name] = [_typed(f"{name}.csv", line, cells) for line, cells in table.rows]
    above = [home.parent, *home.parent.parents[:1]]
    roots = tuple(dict.fromkeys(path.absolute() for path in (*films, home, *above, Path.cwd())))
    unread = tuple(f"{r['file']}: could not be read" for r in tables["images"] if not r["image_sha256"])
    scores, images = tables["scores"], tables["images"]
    return Source(home, _films(images, scores, home), scores, images, roots, unread)


def _typed(file: str, line: int, cells: dict[str, str]) -> Row:
    row: Row = {}
    for name, text in cells.items():
        try:
            if not text:
                row[name] = None
            elif name in _TEXT:
                row[name] = csv_plain(text)
            else:
                row[name] = int(text) if name in _WHOLE else float(text)
        except ValueError:
            mend = "Give the table as `rickets-rx score` wrote it"
            raise InputError(file, f"row {line}, column {name}", f"{text!r} is not a number", mend) from None
    return row


def _films(images: Iterable[Row], scores: Iterable[Row], home: Path) -> dict[str, Film]:
    by_film: dict[tuple[str, str], list[Row]] = {}
    for row in scores:
        by_film.setdefault((row["image_sha256"], row["file"]), []).append(row)
    places: dict[tuple[str, str], list[Row]] = {}
    for row in images:
        if row["image_sha256"]:
            places.setdefault((row["image_sha256"], row["file"]), []).append(row)
    films: dict[str, Film] = {}
    for (sha256, file), rows in places.items():
        regions = home / "regions" / f"{sha256}.json"
        own = tuple(by_film.get((sha256, file), []))
        film = Film(sha256, file, rows[0]["patient_id"], rows[0]["day"], tuple(rows), own, regions)
        films.setdefault(sha256, film)
    return films


def _locate(film: Film, roots: Iterable[Path]) -> Path | None:
    from rickets_rx.io.read import file_sha256

    for root in roots:
        for path in (root / film.file, root / "films" / film.file):
            try:
                if path.is_file() and file_sha256(path) == film.image_sha256:
                    return path
            except OSError:
                continue
    return None


def row_at(rows: Iterable[Row], place: Place) -> Row | None:
    """The row of one bone among the rows of its film, None where it was not looked for."""
    return next((r for r in rows if (r["instance"], r["bone"]) == (place.instance, place.bone)), None)


def text_rows(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Rows as the readers of scores.csv take them: every cell text, an empty one ""."""
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def score_of(content: dict[str, Any], rows: Iterable[Row]) -> FilmScore:
    """The score of a film from its geometry and its rows, as `Film` holds them.

    Raises
    ------
    InputError
        When a scored bone has no row.
    """
    from rickets_rx.io.read_results import film_score_of

    return film_score_of(content, text_rows(rows), f"{content['image_sha256'][:12]}.json")
