"""Numbers of a healing result as table cells: value, interval, count, and reasons in words as footnotes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rickets_rx.report.course import Row, text
from rickets_rx.report.reasons import sentences
from rickets_rx.report.words import estimate

FIGURE_WORDS: dict[str, str] = {
    "grade_start": "Grade at start, 0–2",
    "grade_end": "Grade at end, 0–2",
    "severity_start": "Severity at start, 0–1",
    "severity_end": "Severity at end, 0–1",
    "severity_change": "Severity, end − start",
    "slope_ln_alp": "ln ALP, slope per 30 days",
    "slope_ln_pth": "ln PTH, slope per 30 days",
    "slope_ca": "Ca, mg/dL per 30 days",
    "slope_p": "P, mg/dL per 30 days",
    "share_in_range_ca": "Ca, share of time in range",
    "share_in_range_p": "P, share of time in range",
    "share_in_range_alp": "ALP, share of time in range",
    "share_in_range_pth": "PTH, share of time in range",
    "auc_alp_above_uln": "ALP above its limit, U/L × days",
    "auc_pth_above_uln": "PTH above its limit, pg/mL × days",
}


@dataclass(frozen=True)
class Cell:
    """One number of a table; ``note`` is the number of its footnote, 0 for none."""

    value: float | None
    shown: str
    interval: str = ""
    count: str = ""
    note: int = 0


@dataclass
class Footnotes:
    """Reasons, numbered in the order in which they first appear."""

    reasons: list[str] = field(default_factory=list)

    def of(self, reason: str) -> int:
        """Number of a reason, from 1; 0 for an empty one."""
        if not reason:
            return 0
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason) + 1


def cell(figure: Mapping[str, Any], notes: Footnotes) -> Cell:
    """A figure with ``value``, ``low``, ``high``, ``n`` and ``reason`` as a cell; a missing one is a dash."""
    value, low, high = (_real(figure.get(key)) for key in ("value", "low", "high"))
    note = notes.of(sentences(text(figure.get("reason"))))
    count = _real(figure.get("n"))
    counted = f"n = {count:.0f}" if count else ""
    if value is None:
        shown = text(figure.get("value")) or "—"
        return Cell(None, shown, "", counted, note)
    shown, between = estimate(value, low, high)
    return Cell(value, shown, between, counted, note)


def phase_figures(rows: list[Row]) -> list[str]:
    """Names of the figures in a phases table, in column order: those with a ``_reason`` column."""
    return [name.removesuffix("_reason") for name in (rows[0] if rows else {}) if name.endswith("_reason")]


@dataclass(frozen=True)
class PhaseTable:
    """Figures down, phases across."""

    phases: list[Row]
    lines: list[tuple[str, list[Cell]]]
    activity: list[str]
    followed: list[str]
    reasons: list[str]


def phase_table(rows: list[Row]) -> PhaseTable:
    """Turn the rows of phases.csv of one patient into a table that reads across time."""
    notes = Footnotes()
    lines = []
    for name in phase_figures(rows):
        keys = {
            "value": name,
            "low": f"{name}_low",
            "high": f"{name}_high",
            "n": f"{name}_n",
            "reason": f"{name}_reason",
        }
        cells = [cell({key: row.get(column) for key, column in keys.items()}, notes) for row in rows]
        lines.append((FIGURE_WORDS.get(name, name.replace("_", " ")), cells))
    activity = [_change_words(text(row.get("activity_start")), text(row.get("activity_end"))) for row in rows]
    followed = [
        " ".join(filter(None, (text(r.get("side_followed")), text(r.get("bone_followed"))))) for r in rows
    ]
    return PhaseTable(rows, lines, activity, followed, notes.reasons)


def _change_words(start: str, end: str) -> str:
    if not start and not end:
        return "—"
    return start if start == end else f"{start or '—'} → {end or '—'}"


@dataclass(frozen=True)
class FigureTable:
    """Named figures of one patient, grouped as they come."""

    lines: list[tuple[str, Cell]]
    reasons: list[str]


def figure_table(figures: Mapping[str, Any]) -> FigureTable:
    """Flatten nested figures: every leaf with a ``value`` is one line named by its path.

    ``course`` holds the figures of the whole course and is not named in the path.
    """
    notes = Footnotes()
    plain = {key: value for key, value in figures.items() if key != "course"} | dict(
        figures.get("course") or {}
    )
    return FigureTable([(name, cell(leaf, notes)) for name, leaf in _leaves(plain, "")], notes.reasons)


def _leaves(figures: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in figures.items():
        plain = FIGURE_WORDS.get(str(key), str(key).replace("_", " "))
        name = f"{path} · {plain}" if path else plain
        if isinstance(value, Mapping) and "value" in value:
            yield name, value
        elif isinstance(value, Mapping):
            yield from _leaves(value, name)


def _real(value: Any) -> float | None:
    """A number; None for missing cells, for words and for truth values."""
    if value is None or isinstance(value, bool | str) or value != value:
        return None
    return float(value)
