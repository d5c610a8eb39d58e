"""From readings and scores to every number of a validation, computed in one go.

`validate` computes, `rickets_rx.agreement.write.write_validation` writes. The same input, seed and number of
draws give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rickets_rx import __version__
from rickets_rx.agreement import sections
from rickets_rx.agreement.bootstrap import MIN_CLUSTERS, MIN_DRAWS, Interval
from rickets_rx.agreement.change import change_views, direction_section, grade_change_view
from rickets_rx.agreement.counts import cluster_kind, counts, notes
from rickets_rx.agreement.design_file import StudyDesign, read_design
from rickets_rx.agreement.facts import FilmFacts, Lab, film_facts, read_labs
from rickets_rx.agreement.lab_section import lab_numbers
from rickets_rx.agreement.ledger import ConfusionMatrix, Ledger, Number, resampler_of
from rickets_rx.agreement.machine_scores import MachineScores, read_machine_scores
from rickets_rx.agreement.views import Measure, Stratum, View, bone_views
from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.readings import Reading, read_readings


@dataclass(frozen=True)
class Decision:
    """Whether the machine agrees with readers no worse than they agree with each other.

    Parameters
    ----------
    scale, measure, stratum : str
    difference, low, high : float or None
        Mean quadratic kappa of machine-reader pairs less that of reader-reader pairs, 95 % interval.
    margin : float
    shown : bool or None
        True where ``low`` lies above ``-margin``; None where there is no interval.
    """

    scale: str
    measure: str
    stratum: str
    difference: float | None
    low: float | None
    high: float | None
    margin: float
    shown: bool | None


@dataclass(frozen=True, eq=False)
class ValidationResult:
    """Everything that a validation computed.

    Parameters
    ----------
    numbers : tuple of Number
    matrices : tuple of ConfusionMatrix
    decisions : tuple of Decision
    views : tuple of View
        What the numbers were computed over, for figures.
    construction : tuple of View
        Machine against truth by construction, never beside human kappas.
    design : StudyDesign
    counts : mapping
        Readings, readers, films, patients, missing and refused readings.
    notes : tuple of str
        What a reader of the report must know first.
    provenance : mapping
        Version, seed, draws, interval method.
    """

    numbers: tuple[Number, ...]
    matrices: tuple[ConfusionMatrix, ...]
    decisions: tuple[Decision, ...]
    views: tuple[View, ...]
    construction: tuple[View, ...]
    design: StudyDesign
    counts: dict[str, Any]
    notes: tuple[str, ...]
    provenance: dict[str, Any]

    def find(self, **wanted: str) -> list[Number]:
        """Numbers whose named fields equal the given ones, in order.

        Examples
        --------
        ``result.find(section="readers", statistic="kappa_quadratic")``
        """
        return [n for n in self.numbers if all(str(getattr(n, k)) == v for k, v in wanted.items())]


class _Book:
    """Gathers ledgers over views with one seed and number of draws."""

    def __init__(self, *, seed: int, draws: int) -> None:
        self.numbers: list[Number] = []
        self.matrices: list[ConfusionMatrix] = []
        self._seed, self._draws = seed, draws

    def ledger(self, section: str, view: View, subgroup: str = "") -> Ledger:
        return Ledger(section, view, resampler_of(view, seed=self._seed, draws=self._draws), subgroup)

    def keep(self, ledger: Ledger) -> None:
        self.numbers += ledger.numbers
        self.matrices += ledger.matrices


def validate(
    readings: Sequence[Reading],
    scores: MachineScores | None = None,
    design: StudyDesign | None = None,
    *,
    facts: dict[str, FilmFacts] | None = None,
    seed: int = 0,
    draws: int = MIN_DRAWS,
) -> ValidationResult:
    """Agreement of readers with each other, with themselves, with the machine, and over time.

    Parameters
    ----------
    readings : sequence of Reading
        From `rickets_rx.io.readings.read_readings`.
    scores : MachineScores, optional
        From `rickets_rx.agreement.machine_scores.read_machine_scores`.
    design : StudyDesign, optional
        From `rickets_rx.agreement.design_file.read_design`.
    facts : dict of image_sha256 to FilmFacts, optional
        Of every film that was read, instead of those in the design's files and the scores.
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    ValidationResult
        A number that the data do not carry is None with its reason.

    Raises
    ------
    UsageError
        For a negative seed or no draw.
    InputError
        For tables named by the design that cannot be used.
    """
    if seed < 0 or draws < 1:
        raise UsageError(f"seed {seed} and draws {draws}: give a seed from 0 and at least one draw")
    given = design is not None
    scores, design = scores or MachineScores(), design or StudyDesign()
    facts = film_facts(_films(readings), design, scores) if facts is None else facts
    by_humans = [r for r in readings if r.reader not in design.construction]
    by_construction = [r for r in readings if r.reader in design.construction]
    book = _Book(seed=seed, draws=draws)
    labs, views = read_labs(design), []
    for stratum in Stratum:
        here = [r for r in by_humans if (r.machine_seen is True) == (stratum is Stratum.AIDED)]
        views += _graded(book, bone_views(here, scores, facts, design, stratum), design, labs)
        views += _changed(book, change_views(here, scores, facts, design, stratum))
    construction = _construction(book, by_construction, scores, facts, design)
    counted = counts(readings, scores, facts, design)
    return ValidationResult(
        numbers=tuple(book.numbers),
        matrices=tuple(book.matrices),
        decisions=_decisions(book.numbers, design.margin),
        views=tuple(views),
        construction=tuple(construction),
        design=design,
        counts=counted,
        notes=tuple(notes(counted, readings, facts, design)),
        provenance=_provenance(seed, draws)
        | {
            "design_given": given,
            "clusters": cluster_kind(readings, facts, design),
        },
    )


def validate_files(
    readings: Sequence[Path],
    out: Path,
    *,
    scores: Path | None = None,
    design: Path | None = None,
    seed: int = 0,
    draws: int = MIN_DRAWS,
) -> Path:
    """What `rickets-rx validate` does: read, compute, write; returns the path of the report.

    Raises
    ------
    InputError
        Naming file, row and column.
    """
    from rickets_rx.agreement.write import write_validation

    result = validate(
        read_readings(readings),
        None if scores is None else read_machine_scores(scores),
        None if design is None else read_design(design),
        seed=seed,
        draws=draws,
    )
    if not result.numbers:
        files = ", ".join(path.name for path in readings)
        raise InputError(files, "file", "holds nothing to compare", "Give two readers, or scores.csv")
    return write_validation(result, out)


def _films(readings: Sequence[Reading]) -> list[str]:
    return sorted({r.image_sha256 for r in readings} | {r.pair_sha256 for r in readings if r.pair_sha256})


def _graded(book: _Book, views: list[View], design: StudyDesign, labs: tuple[Lab, ...]) -> list[View]:
    """All sections over graded bones and sums; returns the views, grade changes included."""
    found = []
    for view in views:
        _run(book, view, design)
        found.append(view)
        if view.measure is Measure.BONE:
            _subgroups(book, view, design, "subgroups")
            change = grade_change_view(view)
            if change is not None:
                found += _changed(book, [change])
        elif labs:
            first = book.ledger("laboratory", view)
            for ledger in lab_numbers(first, labs, design.lab_window_days):
                book.keep(ledger)
    return found


def _run(book: _Book, view: View, design: StudyDesign) -> None:
    readers, intra = book.ledger("readers", view), book.ledger("intra_reader", view)
    machine, cuts = book.ledger("machine", view), book.ledger("cut_offs", view)
    calibration, failures = book.ledger("calibration", view), book.ledger("failures", view)
    sections.readers_section(readers)
    sections.intra_section(intra)
    sections.machine_section(machine)
    sections.cut_off_section(cuts, design)
    sections.calibration_section(calibration)
    sections.failure_section(failures)
    for ledger in (readers, intra, machine, cuts, calibration, failures):
        book.keep(ledger)


def _subgroups(book: _Book, view: View, design: StudyDesign, section: str) -> None:
    for name in design.subgroups:
        values = np.array(view.facts.get(name, ()), dtype=object)
        for level in sorted({str(value) for value in values if value}):
            ledger = book.ledger(section, view, f"{name}: {level}")
            sections.subgroup_section(ledger, values == level, by_severity=name == "severity")
            book.keep(ledger)


def _changed(book: _Book, views: list[View]) -> list[View]:
    for view in views:
        readers, intra = book.ledger("readers", view), book.ledger("intra_reader", view)
        machine, direction = book.ledger("machine", view), book.ledger("direction", view)
        sections.readers_section(readers)
        sections.intra_section(intra)
        sections.machine_section(machine)
        direction_section(direction)
        for ledger in (readers, intra, machine, direction):
            book.keep(ledger)
    return views


def _construction(
    book: _Book,
    readings: Sequence[Reading],
    scores: MachineScores,
    facts: dict[str, FilmFacts],
    design: StudyDesign,
) -> list[View]:
    """The machine against truth by construction: recovery, in a section of its own."""
    if not readings:
        return []
    alone = replace(design, reference=(), adjudicator=readings[0].reader, construction=())
    views = bone_views(readings, scores, facts, alone, Stratum.UNAIDED)
    for view in views:
        ledger = book.ledger("recovery_of_construction", view)
        sections.compare(ledger, view.machine.grade, view.reference, (sections.MACHINE, "construction"))
        sections.cut_off_section(ledger, design)
        sections.calibration_section(ledger)
        sections.failure_section(ledger)
        book.keep(ledger)
        if view.measure is Measure.BONE:
            _subgroups(book, view, design, "recovery_of_construction")
    return views


def _decisions(numbers: Sequence[Number], margin: float) -> tuple[Decision, ...]:
    found = []
    for n in numbers:
        chief = (n.section, n.statistic, n.second) == ("machine", "kappa_difference", sections.ALL)
        # Readers who saw the machine's grade cannot tell whether it is as good as they are.
        if chief and n.stratum.startswith(Stratum.UNAIDED):
            low = n.estimate.low
            shown = None if low is None else low > -margin
            value, high = n.estimate.value, n.estimate.high
            found.append(Decision(n.scale, n.measure, n.stratum, value, low, high, margin, shown))
    return tuple(found)


def _provenance(seed: int, draws: int) -> dict[str, Any]:
    import scipy

    return {
        "software": "rickets_rx",
        "version": __version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "seed": seed,
        "draws": draws,
        "interval": str(Interval.BCA),
        "level": 0.95,
        "min_clusters": MIN_CLUSTERS,
    }
