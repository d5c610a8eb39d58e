"""readings.csv: what readers said of bones and of pairs of films, from the review or from any table.

Columns are those of the contract. ``image_sha256`` and ``reader`` must be there, with ``grade`` and ``bone``,
with ``rgic`` and ``pair_sha256``, or all; the others may be absent. What the contract leaves open is ours:

- a row with ``pair_sha256`` is a reading of change: ``image_sha256`` is the later film, ``pair_sha256`` the
  earlier one, ``rgic`` is above 0 when the later film is better, also where the order was hidden;
- a row with neither a grade nor ``gradable`` = 0 is a missing reading and is kept as such;
- ``gradable`` = 0 is a reader's refusal and keeps its ``reason``;
- ``instance`` and ``occasion`` are 1 where not given;
- knee bones (``femur``, ``tibia``) pass through and are set aside by the analysis of wrists and elbows.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rickets_rx.errors import InputError
from rickets_rx.grade.result import GRADES
from rickets_rx.io.csv_text import Table, csv_plain, read_table
from rickets_rx.vocabulary import Bone, Side

READING_COLUMNS = (
    "image_sha256 instance side bone reader occasion grade gradable reason rgic pair_sha256 region "
    "order_known blinded machine_seen read_at"
).split()
KNEE_BONES = ("femur", "tibia")
# Products of A (0-3) and B (0.5 or 1) of one knee bone, and A and B themselves.
KNEE_GRADES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
REGIONS = ("", "global", "wrist", "elbow", "knee")
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Reading:
    """One reading of one reader: a grade of a bone, or a change between two films.

    Parameters
    ----------
    image_sha256 : str
        Film, the later one of a pair.
    reader : str
    instance, occasion : int
        Wrist or elbow on the film, and which reading of it by this reader; both count from 1.
    side : Side or None
    bone : str
        Empty in readings of change by region.
    grade : float or None
        0, 0.5, 1, 1.5 or 2.
    gradable : bool or None
        False is a refusal with its ``reason``; None with no grade is a missing reading.
    reason : str
    rgic : int or None
        -3 to 3.
    pair_sha256 : str
        The earlier film; empty for a grade.
    region : str
    order_known, blinded, machine_seen : bool or None
        None where not recorded.
    read_at : str
        ISO 8601, empty where not recorded.
    file, row : str, int
        Where it stands, for messages.
    """

    image_sha256: str
    reader: str
    instance: int = 1
    occasion: int = 1
    side: Side | None = None
    bone: str = ""
    grade: float | None = None
    gradable: bool | None = None
    reason: str = ""
    rgic: int | None = None
    pair_sha256: str = ""
    region: str = ""
    order_known: bool | None = None
    blinded: bool | None = None
    machine_seen: bool | None = None
    read_at: str = ""
    file: str = ""
    row: int = 0

    @property
    def is_change(self) -> bool:
        return bool(self.pair_sha256)

    @property
    def refused(self) -> bool:
        return self.gradable is False

    @property
    def missing(self) -> bool:
        """Neither a value nor a refusal."""
        return not self.refused and (self.rgic if self.is_change else self.grade) is None

    @property
    def key(self) -> tuple[object, ...]:
        """What may occur once: subject, reader and occasion."""
        where = (self.image_sha256, self.pair_sha256, self.instance, self.bone, self.region)
        return (*where, self.reader, self.occasion, self.order_known if self.is_change else None)


def read_readings(paths: Sequence[Path | str]) -> tuple[Reading, ...]:
    """Read one or several tables of readings.

    Comma, semicolon or tab, with or without byte order mark; a decimal comma is taken in a semicolon table.

    Parameters
    ----------
    paths : sequence of Path or str

    Returns
    -------
    tuple of Reading
        In the order of the files, at least one.

    Raises
    ------
    InputError
        Naming file, row, column and mend; also where one reading stands twice.
    """
    readings: list[Reading] = []
    for path in paths:
        table = read_table(Path(path))
        _check_columns(table, Path(path).name)
        readings += [_Cells(cells, line, Path(path).name).reading() for line, cells in table.rows]
    if not readings:
        files = ", ".join(Path(path).name for path in paths) or "readings"
        raise InputError(files, "file", "holds no readings", "Give one row per reading")
    _check_unique(readings)
    return tuple(readings)


def _check_columns(table: Table, file: str) -> None:
    for name in ("image_sha256", "reader"):
        if name not in table.columns:
            raise InputError(file, f"column {name}", "is missing", f"Columns: {', '.join(READING_COLUMNS)}")
    graded = {"grade", "bone"} <= set(table.columns)
    changed = {"rgic", "pair_sha256"} <= set(table.columns)
    if not graded and not changed:
        problem = "there is no reading in it"
        mend = "Give grade with bone, or rgic with pair_sha256"
        raise InputError(file, "header", problem, mend)
    unknown = [name for name in table.columns if name not in READING_COLUMNS]
    if unknown:
        mend = f"Take it out or correct its name; columns: {', '.join(READING_COLUMNS)}"
        raise InputError(file, f"column {unknown[0]}", "is not known", mend)


def _check_unique(readings: Iterable[Reading]) -> None:
    first: dict[tuple[object, ...], Reading] = {}
    for reading in readings:
        other = first.setdefault(reading.key, reading)
        if other is not reading:
            problem = f"repeats row {other.row} of {other.file} (same film, bone, reader and occasion)"
            mend = "Number repeats in occasion, and two wrists of one film in instance"
            raise InputError(reading.file, f"row {reading.row}", problem, mend)


class _Cells:
    """The cells of one row, each parsed with an error that names its column."""

    def __init__(self, cells: dict[str, str], line: int, file: str) -> None:
        self._cells, self._line, self._file = cells, line, file

    def reading(self) -> Reading:
        """The row as a reading.

        Raises
        ------
        InputError
        """
        reading = Reading(
            image_sha256=self._sha256("image_sha256", needed=True),
            reader=self._needed("reader"),
            instance=self._count("instance"),
            occasion=self._count("occasion"),
            side=self._side(),
            bone=self._bone(),
            grade=self._grade(),
            gradable=self._flag("gradable"),
            reason=self._text("reason"),
            rgic=self._rgic(),
            pair_sha256=self._sha256("pair_sha256", needed=False),
            region=self._region(),
            order_known=self._flag("order_known"),
            blinded=self._flag("blinded"),
            machine_seen=self._flag("machine_seen"),
            read_at=self._time("read_at"),
            file=self._file,
            row=self._line,
        )
        self._check_together(reading)
        return reading

    def _check_together(self, reading: Reading) -> None:
        if reading.refused and (reading.grade is not None or reading.rgic is not None):
            raise self._error(
                "gradable", "says 0 beside a value", "Leave grade and rgic empty, or gradable 1"
            )
        if reading.is_change:
            if reading.grade is not None:
                mend = "Give grades and changes in rows of their own"
                raise self._error("grade", "stands in a reading of change", mend)
            if reading.pair_sha256 == reading.image_sha256:
                raise self._error("pair_sha256", "is the film itself", "Give the earlier film")
            return
        if reading.rgic is not None:
            raise self._error("pair_sha256", "is empty beside rgic", "Name the earlier film of the pair")
        if not reading.bone:
            raise self._error("bone", "is empty", f"One of {', '.join(Bone)}")

    def _error(self, column: str, problem: str, mend: str) -> InputError:
        return InputError(self._file, f"row {self._line}, column {column}", problem, mend)

    def _text(self, column: str) -> str:
        return csv_plain(self._cells.get(column, ""))

    def _needed(self, column: str) -> str:
        text = self._text(column)
        if not text:
            raise self._error(column, "is empty", "Every reading needs it")
        return text

    def _sha256(self, column: str, *, needed: bool) -> str:
        text = (self._needed(column) if needed else self._text(column)).lower()
        if text and not _SHA256.fullmatch(text):
            mend = "Give the film's SHA-256 as scores.csv and images.csv do"
            raise self._error(column, f"{text[:20]!r} is not 64 hexadecimal digits", mend)
        return text

    def _count(self, column: str) -> int:
        text = self._text(column) or "1"
        if not text.isdecimal() or int(text) < 1:
            raise self._error(column, f"{text!r} is not a count from 1", "Give 1, 2, ...")
        return int(text)

    def _side(self) -> Side | None:
        text = self._text("side").lower()
        if text and text not in tuple(Side):
            raise self._error("side", f"{text!r} is not a side", f"One of {', '.join(Side)}, or empty")
        return Side(text) if text else None

    def _bone(self) -> str:
        text = self._text("bone").lower()
        if text and text not in (*Bone, *KNEE_BONES):
            raise self._error("bone", f"{text!r} is not a bone", f"One of {', '.join((*Bone, *KNEE_BONES))}")
        return text

    def _number(self, column: str) -> float | None:
        text = self._text(column).replace(",", ".").replace("−", "-")
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            raise self._error(
                column, f"{text!r} is not a number", "Leave it empty if it is missing"
            ) from None

    def _grade(self) -> float | None:
        value = self._number("grade")
        allowed = KNEE_GRADES if self._text("bone").lower() in KNEE_BONES else GRADES
        if value is not None and value not in allowed:
            labels = ", ".join(f"{grade:g}" for grade in allowed)
            raise self._error("grade", f"{value:g} is no grade of one bone", f"One of {labels}")
        return value

    def _rgic(self) -> int | None:
        value = self._number("rgic")
        if value is not None and value not in range(-3, 4):
            mend = "A reading is a whole number from -3 to 3; means of readers are made by validate"
            raise self._error("rgic", f"{value:g} is no reading", mend)
        return None if value is None else int(value)

    def _region(self) -> str:
        text = self._text("region").lower()
        if text not in REGIONS:
            mend = f"One of {', '.join(REGIONS[1:])}, or empty"
            raise self._error("region", f"{text!r} is not a region", mend)
        return text

    def _flag(self, column: str) -> bool | None:
        text = self._text(column).lower()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        if text:
            raise self._error(column, f"{text!r} is neither yes nor no", "Give 1 or 0, or leave it empty")
        return None

    def _time(self, column: str) -> str:
        text = self._text(column)
        if text:
            try:
                datetime.fromisoformat(text)
            except ValueError:
                mend = "Give ISO 8601, e.g. 2026-05-01T09:30:00"
                raise self._error(column, f"{text!r} is not a time", mend) from None
        return text
