"""Lines of the study: a figure, what was wanted, whether it was reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rickets_rx.vocabulary import Method


@dataclass(frozen=True)
class Line:
    """One line of the table. ``wanted`` is the aim, empty where a figure is only stated."""

    group: str
    what: str
    found: str
    wanted: str = ""
    reached: bool | None = None


def at_least(group: str, what: str, value: float, aim: float | None = None, digits: int = 3) -> Line:
    """A figure that should not be smaller than its aim."""
    if aim is None:
        return Line(group, what, f"{value:.{digits}f}")
    return Line(group, what, f"{value:.{digits}f}", f">= {aim:g}", value >= aim)


def at_most(group: str, what: str, value: float, aim: float | None = None, digits: int = 3) -> Line:
    """A figure that should not be larger than its aim."""
    if aim is None:
        return Line(group, what, f"{value:.{digits}f}")
    return Line(group, what, f"{value:.{digits}f}", f"<= {aim:g}", value <= aim)


def within(group: str, what: str, value: float, low: float, high: float) -> Line:
    """A figure that should lie between two."""
    return Line(group, what, f"{value:.3f}", f"{low:g}-{high:g}", low <= value <= high)


def share(group: str, what: str, hits: int, of: int, aim: float | None = None) -> Line:
    """A share with its exact (Clopper-Pearson) 95 % interval."""
    from scipy.stats import binomtest

    if of == 0:
        return Line(group, what, "none to count")
    bounds = binomtest(hits, of).proportion_ci(method="exact")
    said = f"{hits}/{of} = {100 * hits / of:.1f} % ({100 * bounds.low:.1f}-{100 * bounds.high:.1f})"
    return Line(group, what, said, f">= {100 * aim:g} %" if aim else "", hits >= aim * of if aim else None)


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rho."""
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


HEAD = (
    "# Recovery of construction\n\nMade by `python -m rickets_rx.grade.study`; all methods side by side. "
    "Every truth below was constructed, or is a normal film: nothing here says how the grader agrees with "
    "readers of rickets, and no figure may be set beside a human kappa. A figure that misses its aim has a "
    "cross.\n"
)


def markdown(lines: Mapping[Method, Sequence[Line]], tables: Sequence[str] = ()) -> str:
    """The study as a page, one column a method."""
    methods = list(lines)
    told = {(m, line.group, line.what): line for m in methods for line in lines[m]}
    rows = list(dict.fromkeys((line.group, line.what) for m in methods for line in lines[m]))
    text = HEAD
    for group in dict.fromkeys(group for group, _ in rows):
        text += f"\n## {group[0].upper()}{group[1:]}\n| what | wanted | {' | '.join(methods)} |\n"
        text += "| --- | --- " + "| --- " * len(methods) + "|\n"
        for what in (what for g, what in rows if g == group):
            mine = [told.get((m, group, what)) for m in methods]
            wanted = next((line.wanted for line in mine if line is not None and line.wanted), "")
            text += f"| {what} | {wanted} | {' | '.join(map(_cell, mine))} |\n"
    return text + "".join("\n" + table for table in tables)


def _cell(line: Line | None) -> str:
    if line is None:
        return ""
    return f"{line.found} ✗" if line.reached is False else line.found
