"""The row of each table of a case folder: columns, types and what may stand in them."""

import re
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from rickets_rx.healing.analytes import UnknownUnit, find_analyte, unit_factor
from rickets_rx.vocabulary import Joint, Side

Text = Annotated[str, Field(default="")]
Key = Annotated[str, Field(min_length=1)]
Word = PlainSerializer(lambda word: "" if word is None else str(word), return_type=str)
LAST_DAY = 36_525  # a day beyond a century from day 0 is a slip (ours, as in manifests)
Day = Annotated[int, Field(ge=-LAST_DAY, le=LAST_DAY)]
Age = Annotated[int, Field(ge=0, le=LAST_DAY)]
ANCHOR = re.compile(r"^(visit|film):.+$")


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Context(StrEnum):
    """Whether an infusion ran when the blood was drawn."""

    INFUSION_ON = "infusion_on"
    INFUSION_OFF = "infusion_off"
    NONE = "none"
    UNKNOWN = "unknown"


class Source(StrEnum):
    TABLE = "table"
    TEXT = "text"


class Per(StrEnum):
    DAY = "day"
    KG_DAY = "kg.day"


class DoseBasis(StrEnum):
    ELEMENTAL = "elemental"
    SALT = "salt"
    UNSTATED = "unstated"


class Measure(StrEnum):
    HEIGHT = "height_cm"
    WEIGHT = "weight_kg"
    HEAD = "head_cm"


class Row(BaseModel):
    """Base of all rows: cells are stripped, an empty cell is a missing one."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid", allow_inf_nan=False)

    patient_id: Key


class DatedRow(Row):
    """A row with a day, its bounds filled in where it is certain."""

    day: Day
    day_low: Day | None = None
    day_high: Day | None = None

    @model_validator(mode="after")
    def _bounds_hold_the_day(self) -> Self:
        self.day_low = self.day if self.day_low is None else self.day_low
        self.day_high = self.day if self.day_high is None else self.day_high
        if not self.day_low <= self.day <= self.day_high:
            raise ValueError(f"day {self.day} lies outside its bounds {self.day_low} to {self.day_high}")
        return self


class AnchoredRow(DatedRow):
    """A dated row that may hang on earlier ones: alternatives separated by ``|``, the first is in ``day``."""

    anchor: Text = ""
    offset_days: Text = ""

    @field_validator("offset_days")
    @classmethod
    def _whole_days(cls, text: str) -> str:
        if text and not all(re.fullmatch(r"[+-]?\d+(\.0+)?", part.strip()) for part in text.split("|")):
            raise ValueError(f"offset_days {text!r} must be whole days, alternatives separated by |")
        return text

    @model_validator(mode="after")
    def _anchor_and_offset_go_together(self) -> Self:
        anchors = self.anchor.split("|") if self.anchor else []
        offsets = self.offset_days.split("|") if self.offset_days else []
        if len(anchors) != len(offsets):
            raise ValueError(f"{len(anchors)} anchors but {len(offsets)} offset_days: give one for each")
        for anchor in anchors:
            if not ANCHOR.match(anchor.strip()):
                raise ValueError(f"anchor {anchor!r} must read visit:<visit> or film:<film_id>")
        return self

    def alternatives(self) -> list[tuple[str, int]]:
        """(anchor key, offset in days), the reading that ``day`` follows first; empty without an anchor."""
        anchors = self.anchor.split("|") if self.anchor else []
        offsets = self.offset_days.split("|") if self.offset_days else []
        return [(a.strip(), round(float(o))) for a, o in zip(anchors, offsets, strict=True)]


class PatientRow(Row):
    family_id: Text = ""
    sex: Annotated[Sex, Word] = Sex.UNKNOWN
    age_days_at_day0: Age | None = None
    age_low: Age | None = None
    age_high: Age | None = None
    diagnosis: Text = ""
    genotype_hgvs: Text = ""
    notes: Text = ""

    @model_validator(mode="after")
    def _bounds_hold_the_age(self) -> Self:
        age = self.age_days_at_day0
        low = age if self.age_low is None else self.age_low
        high = age if self.age_high is None else self.age_high
        if age is None and (low, high) != (None, None):
            raise ValueError("age_low and age_high need age_days_at_day0")
        if age is not None and low is not None and high is not None and not low <= age <= high:
            raise ValueError(f"age_days_at_day0 {age} lies outside age_low {low} to age_high {high}")
        return self


class RadiographRow(AnchoredRow):
    film_id: Key
    file: Key
    joint: Annotated[Joint | None, Word] = None
    side: Annotated[Side | None, Word] = None
    synthetic: bool = False
    note: Text = ""

    @field_validator("file")
    @classmethod
    def _inside_the_folder(cls, file: str) -> str:
        plain = file.replace("\\", "/")
        if plain.startswith("/") or re.match(r"^[A-Za-z]:", plain) or ".." in plain.split("/"):
            raise ValueError(f"file {file!r} must be a path inside the case folder")
        return plain


class LabRow(AnchoredRow):
    visit: Key
    analyte: Key
    loinc: Text = ""
    value: float = Field(ge=0)
    unit: Key
    range_low: float | None = None
    range_high: float | None = None
    platform: Text = ""
    context: Annotated[Context, Word] = Context.UNKNOWN
    phase: Text = ""
    phase_started_at_visit: Text = ""
    source: Annotated[Source, Word] = Source.TABLE

    @model_validator(mode="after")
    def _unit_fits_the_analyte(self) -> Self:
        analyte = find_analyte(self.analyte, self.loinc)
        if analyte is not None:
            try:
                unit_factor(self.unit, analyte)
            except UnknownUnit as error:
                raise ValueError(str(error)) from error
        if None not in (self.range_low, self.range_high) and self.range_low > self.range_high:  # type: ignore[operator]
            raise ValueError(f"range_low {self.range_low} lies above range_high {self.range_high}")
        return self


class TherapyRow(Row):
    phase: Text = ""
    drug: Key
    dose: float | None = Field(default=None, ge=0)
    unit: Text = ""
    per: Annotated[Per | None, Word] = None
    dose_basis: Annotated[DoseBasis, Word] = DoseBasis.UNSTATED
    route: Text = ""
    start_day: Day | None = None
    start_low: Day | None = None
    start_high: Day | None = None
    end_day: Day | None = None
    end_low: Day | None = None
    end_high: Day | None = None
    as_printed: Text = ""

    @model_validator(mode="after")
    def _course_runs_forward(self) -> Self:
        for end in ("start", "end"):
            day, low, high = (getattr(self, f"{end}_{part}") for part in ("day", "low", "high"))
            if day is None:
                if low is not None or high is not None:
                    raise ValueError(f"{end}_low and {end}_high need {end}_day")
                continue
            setattr(self, f"{end}_low", day if low is None else low)
            setattr(self, f"{end}_high", day if high is None else high)
            if not getattr(self, f"{end}_low") <= day <= getattr(self, f"{end}_high"):
                raise ValueError(f"{end}_day {day} lies outside its bounds {low} to {high}")
        if self.start_day is not None and self.end_day is not None and self.end_day < self.start_day:
            raise ValueError(f"end_day {self.end_day} lies before start_day {self.start_day}")
        if (self.dose is None) != (self.unit == ""):
            raise ValueError("a dose needs its unit, and a unit its dose")
        return self


class FindingRow(DatedRow):
    joint: Annotated[Joint | None, Word] = None
    direction: int = Field(ge=-1, le=1)
    text: Text = ""
    source: Text = ""


class EventRow(DatedRow):
    event: Key
    text: Text = ""
    source: Text = ""


class GrowthRow(Row):
    day: Day
    measure: Annotated[Measure, Word]
    value: float = Field(gt=0)
    source: Text = ""


def columns(row: type[Row]) -> list[str]:
    """Columns of a table in the contract's order (as written by `ORDER`)."""
    return ORDER[row]


_ANCHORED = ["day", "day_low", "day_high", "anchor", "offset_days"]
ORDER: dict[type[Row], list[str]] = {
    PatientRow: [
        "patient_id", "family_id", "sex", "age_days_at_day0", "age_low", "age_high", "diagnosis",
        "genotype_hgvs", "notes",
    ],
    RadiographRow: ["patient_id", "film_id", "file", *_ANCHORED, "joint", "side", "synthetic", "note"],
    LabRow: [
        "patient_id", "visit", *_ANCHORED, "analyte", "loinc", "value", "unit", "range_low", "range_high",
        "platform", "context", "phase", "phase_started_at_visit", "source",
    ],
    TherapyRow: [
        "patient_id", "phase", "drug", "dose", "unit", "per", "dose_basis", "route", "start_day", "start_low",
        "start_high", "end_day", "end_low", "end_high", "as_printed",
    ],
    FindingRow: ["patient_id", "day", "day_low", "day_high", "joint", "direction", "text", "source"],
    EventRow: ["patient_id", "day", "day_low", "day_high", "event", "text", "source"],
    GrowthRow: ["patient_id", "day", "measure", "value", "source"],
}  # fmt: skip


def plain_problem(error: dict[str, Any]) -> str:
    """One of pydantic's errors in plain words."""
    given = error.get("input")
    kind, message = error["type"], error["msg"]
    if kind == "missing":
        return "is empty and must not be"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind in ("int_parsing", "int_from_float", "int_type"):
        return f"{given!r} is not a whole number"
    if kind in ("float_parsing", "float_type", "finite_number"):
        return f"{given!r} is not a number"
    if kind == "enum":
        return f"{given!r} is not one of {error['ctx']['expected']}"
    return f"{given!r}: {message[0].lower()}{message[1:]}"
