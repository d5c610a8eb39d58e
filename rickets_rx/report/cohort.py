"""What a cohort's page says over all its patients: figures with intervals, phases named, who is healed."""

from collections import Counter
from dataclasses import dataclass

from rickets_rx.healing.cohort import LEAST_FAMILIES
from rickets_rx.healing.result import HealingResult
from rickets_rx.report.figures_table import Cell, Footnotes, cell
from rickets_rx.report.outcome import healed_rows
from rickets_rx.report.words import phase_words

MEDIAN, CORRELATION = "median_days_to_normal_", "rank_correlation_severity_ln_"


@dataclass(frozen=True)
class Cohort:
    """Figures over patients; ``named`` counts patients by phase of healing, ``healed`` by definition.

    Parameters
    ----------
    lines : list of (words, Cell)
    reasons : list of str
        Footnotes of the cells.
    named : list of (phase, patients)
        Most frequent first.
    untold : int
        Patients for whom no phase is named.
    healed : list of (definition, answer, patients)
        By definition, then by frequency.
    """

    lines: list[tuple[str, Cell]]
    reasons: list[str]
    named: list[tuple[str, int]]
    untold: int
    healed: list[tuple[str, str, int]]


def cohort_of(result: HealingResult) -> Cohort | None:
    """What the page of a cohort shows; None for fewer than `LEAST_FAMILIES` families."""
    figures = result.cohort
    if figures.get("families", 0) < LEAST_FAMILIES:
        return None
    notes = Footnotes()
    lines = [(_words(name), cell(leaf, notes)) for name, leaf in figures.items() if isinstance(leaf, dict)]
    found = [(one.get("attribution") or {}).get("value") for one in result.figures.values()]
    named = Counter(phase_words(str(phase)) for phase in found if phase)
    answers: dict[str, Counter[str]] = {}
    for one in result.figures.values():
        for row in healed_rows(one):
            answers.setdefault(row.name, Counter())[row.answer] += 1
    healed = [
        (name, answer, count) for name, counts in answers.items() for answer, count in counts.most_common()
    ]
    return Cohort(lines, notes.reasons, named.most_common(), found.count(None), healed)


def _words(name: str) -> str:
    if name.startswith(MEDIAN):
        return f"{name.removeprefix(MEDIAN)}: days to a confirmed normal value, median (printed range)"
    if name.startswith(CORRELATION):
        analyte = name.removeprefix(CORRELATION).upper()
        return f"Change of severity against change of ln {analyte}, rank correlation"
    return name.replace("_", " ")
