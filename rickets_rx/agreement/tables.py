"""Tables of the report: one row for each comparison, one column for each statistic."""

from collections.abc import Sequence
from dataclasses import dataclass

from rickets_rx.agreement.ledger import Number
from rickets_rx.agreement.validate import ValidationResult
from rickets_rx.agreement.views import View
from rickets_rx.agreement.words import interval_words, note_words, statistic_words, value_words


@dataclass(frozen=True)
class Cell:
    """A number as shown; empty where a comparison lacks the statistic."""

    value: str = ""
    interval: str = ""
    note: str = ""


@dataclass(frozen=True)
class ReportTable:
    """A table of the page.

    Parameters
    ----------
    title, caption : str
    columns : tuple of str
    rows : tuple of (label, cells, units, clusters)
    notes : tuple of str
        Reasons, numbered by `Cell.note`.
    """

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...], str, str], ...]
    notes: tuple[str, ...]


TITLES = {
    "readers": (
        "Readers with each other",
        "Every pair on the bones both graded; bias is first minus second.",
    ),
    "intra_reader": (
        "Readers with themselves",
        "First against second reading; a real change exceeds the last.",
    ),
    "machine": (
        "Machine with readers",
        "Reference: the consensus. Differences use the same bones and the same draws.",
    ),
    "cut_offs": (
        "Cut-offs",
        "Positive: the reference reaches the cut-off; the machine is cut at the same grade.",
    ),
    "calibration": (
        "Calibration",
        "Coverage: share of grades inside the machine's interval, which is made for 90 % of single bones.",
    ),
    "failures": ("Not graded", "Refused: looked at and called not gradable. Missing: no reading."),
    "direction": ("Direction of change", "The machine's fall of severity against the readers' direction."),
    "laboratory": ("Laboratory", "Rank correlation with the value drawn nearest to the film."),
    "subgroups": (
        "Subgroups",
        "Machine against reference, and reader pairs. No kappa by severity: it falls where the range is cut.",
    ),
    "recovery_of_construction": (
        "Recovery of construction",
        "Against truth by construction of phantoms or simulation; not comparable with agreement of readers.",
    ),
}


# Sections that compare pairs: what only some rows have goes into a list of its own below them.
PAIRED = ("readers", "intra_reader", "machine", "recovery_of_construction")
OF_PAIRS = frozenset(
    "kappa_quadratic kappa_linear ac2_quadratic icc_2_1 share_within_near share_exact bias limit_lower "
    "limit_upper smallest_real_change".split()
)


def tables_of(result: ValidationResult, view: View) -> list[ReportTable]:
    """The tables of one view, in the order in which they were computed."""
    mine = [
        n
        for n in result.numbers
        if (n.scale, str(n.measure), n.stratum) == (view.scale, str(view.measure), view.stratum)
        and (n.section == "recovery_of_construction") == (view in result.construction)
    ]
    change = view.measure == "change"
    tables: list[ReportTable] = []
    for name in dict.fromkeys(n.section for n in mine):
        numbers = [n for n in mine if n.section == name]
        if name not in PAIRED:
            tables.append(_wide(name, numbers, change))
            continue
        pairs = {_label(n) for n in numbers if n.statistic == "kappa_quadratic"}
        wide = [n for n in numbers if n.statistic in OF_PAIRS and _label(n) in pairs]
        rest = [n for n in numbers if not (n.statistic in OF_PAIRS and _label(n) in pairs)]
        tables += [_wide(name, wide, change)] if wide else []
        tables += [_list(name, rest, change, bool(wide))] if rest else []
    return tables


def _wide(section: str, numbers: Sequence[Number], change: bool) -> ReportTable:
    """One column for each statistic."""
    title, caption = TITLES[section]
    columns = list(dict.fromkeys(n.statistic for n in numbers))
    labels = list(dict.fromkeys(_label(n) for n in numbers))
    cells = {(_label(n), n.statistic): n for n in numbers}
    notes: dict[str, int] = {}
    rows = [_row(label, [cells.get((label, name)) for name in columns], notes) for label in labels]
    heads = tuple(statistic_words(name, change=change) for name in columns)
    return ReportTable(title, caption, heads, tuple(rows), tuple(notes))


def _list(section: str, numbers: Sequence[Number], change: bool, below: bool) -> ReportTable:
    """One row for each number, continuing a table of pairs where there is one ``below`` which it stands."""
    title, caption = ("", "") if below else TITLES[section]
    notes: dict[str, int] = {}
    rows = [_row(f"{_label(n)}: {statistic_words(n.statistic, change=change)}", [n], notes) for n in numbers]
    return ReportTable(title, caption, ("value",), tuple(rows), tuple(notes))


def _label(n: Number) -> str:
    """The row: a subgroup, or who is compared with whom."""
    if n.subgroup:
        return n.subgroup.replace("_", " ")
    return f"{n.first} – {n.second.replace('>=', '≥')}" if n.second else n.first


def _row(
    label: str, found: Sequence[Number | None], notes: dict[str, int]
) -> tuple[str, tuple[Cell, ...], str, str]:
    shown = tuple(_cell(n, notes) for n in found)
    units = [n.estimate.units for n in found if n is not None]
    known = [n.estimate.clusters for n in found if n is not None and n.estimate.clusters is not None]
    return label, shown, _between(units), _between(known)


def _between(counts: Sequence[int]) -> str:
    if not counts:
        return "—"
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low}–{high}"


def _cell(n: Number | None, notes: dict[str, int]) -> Cell:
    if n is None:
        return Cell()
    note = note_words(n.estimate)
    mark = "" if not note else str(notes.setdefault(note, len(notes) + 1))
    return Cell(value_words(n.statistic, n.estimate), interval_words(n.statistic, n.estimate), mark)
