"""The course in a glance: first and last value of each main analyte."""

from dataclasses import dataclass

from rickets_rx.report.course import Course, LabPoint, LabSeries, text
from rickets_rx.report.words import number


@dataclass(frozen=True)
class Glance:
    """One analyte from its first to its last value of the table (the report's prose is left out)."""

    analyte: str
    unit: str
    limit: str
    first: LabPoint
    last: LabPoint

    @property
    def first_shown(self) -> str:
        return _value(self.first)

    @property
    def last_shown(self) -> str:
        return _value(self.last)

    @property
    def first_multiple(self) -> str:
        return number(self.first.multiple)

    @property
    def last_multiple(self) -> str:
        return number(self.last.multiple)

    @property
    def state(self) -> str:
        """The last value against the printed range: ``low``, ``normal``, ``high`` or empty."""
        return text(self.last.row.get("printed_flag"))


def glances(course: Course) -> list[Glance]:
    """One for every main analyte with at least one value in the report's table."""
    return [found for series in course.labs if (found := _glance(series)) is not None]


def _glance(series: LabSeries) -> Glance | None:
    table = [point for point in series.points if not point.from_text]
    return Glance(series.analyte, series.unit, series.limit, table[0], table[-1]) if table else None


def _value(point: LabPoint) -> str:
    return number(float(point.row["value"]), 4)
