"""One patient's course as the figures need it: plain values on one time axis, missing ones None."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rickets_rx.healing.result import HealingResult, records
from rickets_rx.vocabulary import Flag

Row = dict[str, Any]

MAIN_ANALYTES = ("Ca", "P", "ALP", "PTH")
"""The four that are drawn; all analytes stand in the table of values."""


@dataclass(frozen=True)
class When:
    """A day with its bounds, ``low <= day <= high``, days from the patient's day 0."""

    day: float
    low: float
    high: float

    @property
    def uncertain(self) -> bool:
        return self.low < self.high

    @staticmethod
    def of(row: Mapping[str, Any], stem: str = "day", *, bounds: str = "day") -> "When | None":
        """Read ``stem`` with ``<bounds>_low`` and ``<bounds>_high``; None without a day."""
        low, high = _real(row.get(f"{bounds}_low")), _real(row.get(f"{bounds}_high"))
        day = _real(row.get(stem))
        if day is None and low is not None and high is not None:
            day = (low + high) / 2
        if day is None:
            return None
        return When(day, min(day, day if low is None else low), max(day, day if high is None else high))


@dataclass(frozen=True, eq=False)
class LabPoint:
    """One value: ``multiple`` of the printed limit places it, ``row`` tells the rest."""

    when: When
    multiple: float
    row: Row

    @property
    def from_text(self) -> bool:
        """The report's prose gave it, beside a value of its table."""
        return self.row.get("source") == "text"

    @property
    def on_infusion(self) -> bool:
        return self.row.get("context") == "infusion_on"


@dataclass(frozen=True, eq=False)
class LabSeries:
    """All values of one analyte and its printed range, as multiples of the limit it is measured by."""

    analyte: str
    unit: str
    limit: str
    points: tuple[LabPoint, ...]
    band: tuple[float, float] | None
    range_text: str


@dataclass(frozen=True)
class BoneOnFilm:
    """A graded bone of a film."""

    bone: str
    grade: float
    low: float
    high: float
    activity: str


@dataclass(frozen=True, eq=False)
class Film:
    """One film: its day, its graded and its refused bones."""

    film_id: str
    joint: str
    side: str
    when: When | None
    synthetic: bool
    note: str
    graded: tuple[BoneOnFilm, ...]
    refused: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    @property
    def corrected(self) -> tuple[str, ...]:
        """Bones that a reader mended, overrode or called not gradable."""
        flagged = (row for row in self.rows if Flag.CORRECTED in text(row.get("flags")).split(";"))
        return tuple(text(row.get("bone")) for row in flagged)


@dataclass(frozen=True, eq=False)
class Span:
    """A phase or a drug from ``start`` to ``end``; an open end is None."""

    name: str
    start: When
    end: When | None
    row: Row


@dataclass(frozen=True, eq=False)
class Moment:
    """Something seen on a day: an event, a finding or a measure of growth."""

    name: str
    when: When
    row: Row


@dataclass(frozen=True, eq=False)
class Course:
    """Everything drawn for one patient; ``first`` and ``last`` bound the time axis, days."""

    patient: Row
    labs: tuple[LabSeries, ...]
    films: tuple[Film, ...]
    phases: tuple[Span, ...]
    drugs: tuple[Span, ...]
    events: tuple[Moment, ...]
    findings: tuple[Moment, ...]
    growth: tuple[Moment, ...]

    @property
    def patient_id(self) -> str:
        return str(self.patient["patient_id"])

    @property
    def extent(self) -> tuple[float, float]:
        """First and last day that anything touches; at least 30 days long."""
        whens = [m.when for m in (*self.events, *self.findings, *self.growth)]
        whens += [point.when for series in self.labs for point in series.points]
        whens += [film.when for film in self.films if film.when is not None]
        for span in (*self.phases, *self.drugs):
            whens += [span.start] if span.end is None else [span.start, span.end]
        low = min((w.low for w in whens), default=0.0)
        high = max((w.high for w in whens), default=30.0)
        return low, max(high, low + 30)


class CaseRows:
    """Rows of every table by patient, each table split once: linear in rows, however many patients.

    ``only`` takes the rows of one patient, so that a page alone does not cost a cohort.
    """

    def __init__(self, result: HealingResult, *, only: str | None = None) -> None:
        self._result, self._only = result, only
        self._split: dict[str, dict[str, list[Row]]] = {}

    def of(self, table: str, patient_id: str) -> list[Row]:
        """Rows of one patient in a table of `HealingResult`, as plain values; missing cells are None."""
        if table not in self._split:
            split: dict[str, list[Row]] = {}
            whole = getattr(self._result, table)
            wanted = whole if self._only is None else whole[whole["patient_id"].astype(str) == self._only]
            for row in records(wanted):
                split.setdefault(str(row["patient_id"]), []).append(row)
            self._split[table] = split
        return self._split[table].get(patient_id, [])


def courses(result: HealingResult) -> list[Course]:
    """One `Course` per patient, in the order of the patients table."""
    rows = CaseRows(result)
    return [course_of(rows, str(pid)) for pid in dict.fromkeys(result.patients["patient_id"])]


def course_of(rows: CaseRows, patient_id: str) -> Course:
    """Collect one patient's rows of every table."""
    phases = [_span(row, str(row["phase"])) for row in rows.of("phases", patient_id)]
    drugs = [_span(row, str(row["drug"])) for row in rows.of("therapy", patient_id)]
    return Course(
        rows.of("patients", patient_id)[0],
        _labs(rows.of("labs", patient_id)),
        _films(rows.of("films", patient_id)),
        tuple(span for span in phases if span is not None),
        tuple(span for span in drugs if span is not None),
        _moments(rows.of("events", patient_id), "event"),
        _moments(rows.of("findings", patient_id), "joint"),
        _moments(rows.of("growth", patient_id), "measure"),
    )


def _real(value: Any) -> float | None:
    if value is None or value == "" or value != value:
        return None
    return float(value)


def text(value: Any) -> str:
    """A cell as text; a missing one is empty."""
    return "" if value is None or value != value else str(value)


def _labs(rows: list[Row]) -> tuple[LabSeries, ...]:
    found = []
    for analyte in MAIN_ANALYTES:
        mine = [row for row in rows if row["analyte"] == analyte]
        points = [point for row in mine if (point := _lab_point(row)) is not None]
        if points:
            found.append(_series(analyte, sorted(points, key=lambda p: (p.when.day, p.from_text))))
    return tuple(found)


def _lab_point(row: Row) -> LabPoint | None:
    when, multiple = When.of(row), _real(row.get("multiple"))
    # A log axis has no place for 0; such a value stays in the table of values.
    if when is None or multiple is None or multiple <= 0:
        return None
    return LabPoint(when, multiple, row)


def _series(analyte: str, points: list[LabPoint]) -> LabSeries:
    """The band comes from the latest point that prints a whole range (ranges can change with age)."""
    row = next(
        (p.row for p in reversed(points) if _real(p.row.get("range_high")) is not None), points[-1].row
    )
    low, high = _real(row.get("range_low")), _real(row.get("range_high"))
    limit = low if row.get("multiple_of") == "lower limit" else high
    band = None if low is None or high is None or not limit else (low / limit, high / limit)
    unit = text(row.get("unit"))
    printed = f"{low:g}–{high:g} {unit}" if low is not None and high is not None else "not printed"
    return LabSeries(analyte, unit, text(row.get("multiple_of")), tuple(points), band, printed)


def _films(rows: list[Row]) -> tuple[Film, ...]:
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(text(row["film_id"]), []).append(row)
    films = [_film(film_id, mine) for film_id, mine in by_id.items()]
    return tuple(sorted(films, key=lambda f: (f.when is None, f.when.day if f.when else 0.0)))


def _film(film_id: str, rows: list[Row]) -> Film:
    graded = tuple(bone for row in rows if (bone := _graded(row)) is not None)
    refused = tuple(
        (text(r.get("bone")), text(r.get("reason"))) for r in rows if _real(r.get("grade")) is None
    )
    first = rows[0]
    return Film(
        film_id,
        text(first.get("joint")),
        text(first.get("side")),
        When.of(first),
        text(first.get("synthetic")) in ("1", "1.0", "True"),
        text(first.get("note")),
        graded,
        refused,
        tuple(rows),
    )


def _graded(row: Row) -> BoneOnFilm | None:
    grade = _real(row.get("grade"))
    if grade is None:
        return None
    low, high = _real(row.get("grade_low")), _real(row.get("grade_high"))
    return BoneOnFilm(
        text(row["bone"]),
        grade,
        grade if low is None else low,
        grade if high is None else high,
        text(row.get("activity")),
    )


def _span(row: Row, name: str) -> Span | None:
    start = When.of(row, "start_day", bounds="start")
    return None if start is None else Span(name, start, When.of(row, "end_day", bounds="end"), row)


def _moments(rows: list[Row], name: str) -> tuple[Moment, ...]:
    found = [Moment(text(row[name]), when, row) for row in rows if (when := When.of(row)) is not None]
    return tuple(sorted(found, key=lambda m: m.when.day))
