"""What `heal` hands over: its tables with their columns, and figures with interval, count and reason."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

TIMELINE_COLUMNS = (
    "patient_id",
    "day",  # central day; day_low and day_high bound the scenarios
    "day_low",
    "day_high",
    "kind",  # lab | film | therapy_start | therapy_end | event | finding | growth
    "visit",  # visit of a lab, film_id of a film, else empty
    "phase",  # in force when observed
    "phase_started",  # in force from this visit on
    "context",  # infusion_on | infusion_off | none | unknown
    "item",  # analyte, bone, drug, event, joint of a finding, growth measure
    "value",  # lab value in `unit`, grade of a film, dose, direction of a finding, growth value
    "unit",
    "value_si",  # of a lab value, in `unit_si`
    "unit_si",
    "range_low",  # printed by the laboratory, in `unit`
    "range_high",
    "printed_flag",  # low | normal | high, empty without a printed range
    "age_range_low",  # of the reference table, in `unit`
    "age_range_high",
    "age_flag",
    "multiple",  # value over its printed limit: the upper one, for Ca and P the lower one
    "value_low",  # interval of a grade
    "value_high",
    "side",
    "synthetic",  # 1 for a film that is not the patient's
    "source",
    "text",
    "flags",
)

PHASES_COLUMNS_HEAD = (
    "patient_id",
    "phase",
    "start_day",
    "start_low",
    "start_high",
    "end_day",
    "end_low",
    "end_high",
    "days",
)
"""Head of phases.csv; then, per figure of `PHASE_FIGURES`: name, name_low, name_high, name_n, name_reason."""

PHASE_FIGURES = (
    "grade_start",  # of the bone followed (same side at both ends); null + reason for synthetic films
    "grade_end",
    "severity_start",
    "severity_end",
    "severity_change",  # end - start, same side and same bone; below 0 is better
    "slope_ln_alp",  # per 30 days
    "slope_ln_pth",  # per 30 days
    "slope_ca",  # mg/dL per 30 days
    "slope_p",
    "share_in_range_ca",  # share of the phase's time in the printed range, 0-1
    "share_in_range_p",
    "share_in_range_alp",
    "share_in_range_pth",
    "auc_alp_above_uln",  # U/L x days above the printed upper limit
    "auc_pth_above_uln",  # pg/mL x days
)

PHASES_COLUMNS_TAIL = ("bone_followed", "side_followed", "activity_start", "activity_end", "note")

NORMALISATION_COLUMNS = (
    "patient_id",
    "analyte",
    "range",  # printed | age
    "normal_at_entry",  # 1, 0 or empty
    "last_abnormal_day",
    "first_normal_day",
    "confirmed",  # 1, 0 or empty (never normal)
    "relapsed",
    "note",
)

FLAGS_COLUMNS = (
    "patient_id",
    "code",  # one word per kind of finding, see healing.integrity
    "table",  # file of the case folder that shows it
    "visit",
    "day",
    "item",  # analyte, drug, film, ...
    "other_patient_id",
    "message",  # plain words for a reader
)

LABS_COLUMNS = (
    "patient_id",
    "visit",
    "day",
    "day_low",
    "day_high",
    "analyte",  # canonical name: Ca, P, ALP, PTH, 25OHD, 1,25(OH)2D, ...
    "loinc",
    "value",  # in the analyte's own unit of this package (`unit`)
    "unit",
    "value_si",
    "unit_si",
    "value_as_given",
    "unit_as_given",
    "range_low",
    "range_high",
    "printed_flag",
    "age_range_low",
    "age_range_high",
    "age_flag",
    "age_range_source",
    "platform",
    "platform_match",  # 1, 0 or empty (platform not known)
    "multiple",  # of `multiple_of`
    "multiple_of",  # "upper limit" or "lower limit", printed range
    "context",
    "near_infusion",  # 1: drawn during an infusion or within 7 days after it (set aside from slopes)
    "phase",
    "phase_started",
    "source",  # table | text | computed
    "used",  # 0: a text value beside a table value of the same visit
)

FILMS_COLUMNS = (
    "patient_id",
    "film_id",
    "file",
    "day",
    "day_low",
    "day_high",
    "phase",
    "joint",
    "side",
    "synthetic",
    "image_sha256",
    "instance",
    "bone",  # one row per bone; a film without scores has one row with an empty bone
    "status",
    "reason",
    "scale",
    "grade",
    "grade_low",
    "grade_high",
    "severity",
    "severity_low",
    "severity_high",
    "activity",
    "flags",
    "method",
    "confidence",
    "change_index",  # -3..3 against the film before of the same bone and side
    "change_reason",
    "note",
)


@dataclass(frozen=True)
class Figure:
    """One number with its 90 % interval and the count it rests on, or None and a reason. Missing is never 0.

    Parameters
    ----------
    value, low, high : float, optional
        ``low`` and ``high`` may be None although a value stands; ``reason`` then says why.
    n : int
        Observations used.
    reason : str
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError("a missing figure needs its reason")
        for number in (self.value, self.low, self.high):
            if number is not None and number != number:
                raise ValueError("NaN is not a figure: give None and a reason")

    def as_dict(self) -> dict[str, Any]:
        """For healing.json."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n, "reason": self.reason}


@dataclass(frozen=True, eq=False)
class HealingResult:
    """Everything a healing report shows.

    Parameters
    ----------
    timeline : DataFrame
        `TIMELINE_COLUMNS`, one row per observation, ordered by patient and day. timeline.csv.
    phases : DataFrame
        One row per patient and phase: `PHASES_COLUMNS_HEAD`, five columns per `PHASE_FIGURES`, the tail.
    normalisation : DataFrame
        `NORMALISATION_COLUMNS`.
    flags : DataFrame
        `FLAGS_COLUMNS`; ``message`` is in plain words.
    labs : DataFrame
        `LABS_COLUMNS`.
    films : DataFrame
        `FILMS_COLUMNS`. Grades of synthetic films stand here as illustration only.
    patients, therapy, events, findings, growth : DataFrame
        The columns of the case folder. ``therapy`` adds ``label`` (drug and dose in words).
    figures : dict
        ``{patient_id: {"healed": {...}, "attribution": {...}, "course": {...}}}``;
        leaves are `Figure.as_dict` or a dict with ``value`` and ``reason``.
    normalisation_days : dict
        ``{patient_id: {"<analyte> <range>": {"last_abnormal_day": ..., "first_normal_day": ...}}}``, each
        with its interval over the day scenarios.
    cohort : dict
        Figures over all patients: ``families``, ``patients`` and `Figure.as_dict` leaves.
    methods : dict
        Version, draws, seed, definitions in words, reference table version.
    """

    timeline: "pd.DataFrame"
    phases: "pd.DataFrame"
    normalisation: "pd.DataFrame"
    flags: "pd.DataFrame"
    labs: "pd.DataFrame"
    films: "pd.DataFrame"
    patients: "pd.DataFrame"
    therapy: "pd.DataFrame"
    events: "pd.DataFrame"
    findings: "pd.DataFrame"
    growth: "pd.DataFrame"
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    methods: dict[str, Any] = field(default_factory=dict)
    normalisation_days: dict[str, dict[str, Any]] = field(default_factory=dict)
    cohort: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The content of healing.json: plain types only, missing numbers as null."""
        tables = ("patients", "phases", "normalisation", "flags", "films")
        return {
            "methods": self.methods,
            "figures": self.figures,
            "normalisation_days": self.normalisation_days,
            "cohort": self.cohort,
            **{name: records(getattr(self, name)) for name in tables},
        }


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows of a table as plain Python values; a missing cell becomes None."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
