"""Dates of a FHIR resource as days from a patient's day 0; a date never leaves this module's callers."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class NoTime(ValueError):
    """A resource without a time that can be placed on an axis of days; says why."""


@dataclass(frozen=True)
class When:
    """First and last day on which something may have happened, as ordinals (`date.toordinal`)."""

    low: int
    high: int

    @property
    def central(self) -> int:
        """The day in the middle, the earlier one of two (ours)."""
        return self.low + (self.high - self.low) // 2

    def days(self, day0: int) -> dict[str, int]:
        """``day``, ``day_low`` and ``day_high`` of a table."""
        return {"day": self.central - day0, "day_low": self.low - day0, "day_high": self.high - day0}


def when_of_date(text: str) -> When:
    """The days that a FHIR date, dateTime or instant stands for: ``2017-06`` is any day of June.

    The calendar day is the one written, whatever the time zone: it is the day at the laboratory.

    Raises
    ------
    NoTime
        For anything else.

    Examples
    --------
    >>> one = when_of_date("2017-06")
    >>> one.high - one.low
    29
    """
    match = _DATE.match(str(text))
    if match is None:
        raise NoTime("it is no FHIR date")
    year, month, day = (None if part is None else int(part) for part in match.groups())
    try:
        first = date(int(year or 0), month or 1, day or 1)
    except ValueError:
        raise NoTime("there is no such day") from None
    if day is not None:
        return When(first.toordinal(), first.toordinal())
    last_month = month or 12
    last = first.replace(month=last_month, day=calendar.monthrange(first.year, last_month)[1])
    return When(first.toordinal(), last.toordinal())


def when_seen(resource: dict[str, Any]) -> When:
    """When an Observation was made; an estimated time is an ``effectivePeriod`` that bounds it.

    Raises
    ------
    NoTime
        Without a time, with a timing, or with a period that is open or runs backward.
    """
    for name in ("effectiveDateTime", "effectiveInstant"):
        if name in resource:
            return when_of_date(resource[name])
    period = resource.get("effectivePeriod")
    if period is None:
        raise NoTime("it has no effectiveDateTime, effectiveInstant or effectivePeriod")
    if "start" not in period or "end" not in period:
        raise NoTime("an estimated time needs start and end")
    low, high = when_of_date(period["start"]).low, when_of_date(period["end"]).high
    if high < low:
        raise NoTime("its period ends before it starts")
    return When(low, high)


def course_of(resource: dict[str, Any]) -> tuple[When | None, When | None]:
    """Start and end of a MedicationStatement; None where it is open.

    Raises
    ------
    NoTime
        For a text that is no date.
    """
    if "effectiveDateTime" in resource:
        day = when_of_date(resource["effectiveDateTime"])
        return day, day
    period = resource.get("effectivePeriod") or {}
    start, end = (when_of_date(period[name]) if name in period else None for name in ("start", "end"))
    return start, end
