"""Methods and results in words, ready to be edited into a paper."""

from collections.abc import Iterable

from rickets_rx import RESEARCH_USE_ONLY, __version__
from rickets_rx.agreement.checklist import interval_text, reference_text
from rickets_rx.agreement.ledger import Number
from rickets_rx.agreement.validate import Decision, ValidationResult
from rickets_rx.agreement.words import SCALE_WORDS, said, statistic_words, stratum_words, two_digits

Section = tuple[str, list[str]]


def text_sections(result: ValidationResult) -> list[Section]:
    """Headings with their paragraphs: methods first, then results."""
    return [
        ("Methods: readings and reference", _readings(result)),
        ("Methods: statistics", _statistics(result)),
        ("Results", _results(result)),
        ("Limits", [*result.notes, _always()]),
    ]


def markdown(result: ValidationResult) -> str:
    """The same as a Markdown file."""
    lines = [f"# {result.design.title}", "", f"*{RESEARCH_USE_ONLY} Made by rickets_rx {__version__}.*", ""]
    for heading, paragraphs in text_sections(result):
        lines += [f"## {heading}", ""]
        for paragraph in paragraphs:
            lines += [paragraph, ""]
    return "\n".join(lines)


def _readings(result: ValidationResult) -> list[str]:
    c = result.counts
    seen = f"{c['readings_with_machine_seen']} with the machine's grade in view" if c["readings"] else ""
    first = (
        f"{c['readers']} readers gave {c['readings']} readings of {c['films']} films "
        f"({_count(c['patients'], 'patients')}; {seen}). {c['refused_readings']} readings were refusals, "
        f"{c['missing_readings']} were missing."
    )
    grades = (
        "Each bone was graded 0, 0.5, 1, 1.5 or 2 by Thacher's wrist criteria (Thacher 2000); elbow grades "
        "use the same words and are exploratory. The scales are never pooled."
    )
    return [first, grades, f"Reference: {reference_text(result)}", *_optional(result)]


def _optional(result: ValidationResult) -> list[str]:
    """Paragraphs on what only some studies have."""
    found = []
    if any(view.scale.startswith("change_") for view in result.views):
        found.append(
            "Pairs of films of one child were read from −3 (severe worsening) to +3 (near-complete healing); "
            "readings with the order known and hidden, and of different regions, are analysed apart. The "
            "machine's counterpart is its change_index, an algorithm's number and not a global impression."
        )
    if result.find(section="laboratory"):
        found.append(
            "Laboratory values were taken from the day nearest to the film, at most "
            f"{result.design.lab_window_days} days away, and correlated by rank with the sum of two bones."
        )
    if result.construction:
        found.append(
            "Truth by construction was available for some films. Recovery of it is reported apart: it is no "
            "agreement with readers."
        )
    return found


def _count(number: int | None, noun: str) -> str:
    return f"{noun} unknown" if number is None else f"{number} {noun}"


def _statistics(result: ValidationResult) -> list[str]:
    agreement = (
        "Agreement: quadratic and linear weighted kappa over all five grades (Cohen 1968), ICC(2,1) for "
        "absolute agreement and ICC(3,1) for consistency (Shrout and Fleiss 1979), Gwet's AC2 (Gwet 2014), "
        "share within half a grade, bias, limits of agreement of sums (Bland and Altman 1986), and the "
        "smallest real change, 1.96 times the root mean squared difference of two readings of one reader."
    )
    margin, given = result.design.margin, result.provenance["design_given"]
    fixed = "stated in the design" if given else "this program's default, not stated by the study"
    machine = (
        "The machine was compared with the reference, with each reader, and with the consensus of the other "
        "readers beside the reader left out. It was called not inferior where the lower end of the interval "
        "of (mean kappa machine-reader less mean kappa reader-reader) lay above "
        f"−{margin:g} ({fixed})."
    )
    return [agreement, interval_text(result), machine]


_CHIEF = (
    ("readers", "mean_pairwise_kappa_quadratic"),
    ("readers", "icc_2_1"),
    ("readers", "ac2_quadratic"),
    ("machine", "kappa_quadratic"),
    ("calibration", "coverage"),
)


def _results(result: ValidationResult) -> list[str]:
    paragraphs = []
    for view in result.views:
        place = {"scale": view.scale, "measure": str(view.measure), "stratum": view.stratum}
        found: list[Number] = []
        for section, statistic in _CHIEF:
            rows = result.find(section=section, statistic=statistic, **place)
            whole = [n for n in rows if n.first == "all readers" or n.second == "reference"]
            found += whole[:1]
        if found:
            head = (
                f"{SCALE_WORDS.get(view.scale, view.scale)}, {view.measure} ({stratum_words(view.stratum)})"
            )
            paragraphs.append(f"{head}: {'; '.join(_phrases(found))}.")
    return [*paragraphs, *(decision_words(one) for one in result.decisions)]


def _phrases(numbers: Iterable[Number]) -> Iterable[str]:
    for n in numbers:
        pair = f"{n.first} – {n.second}" if n.second else n.first
        size = f"{n.estimate.units} {'unit' if n.estimate.units == 1 else 'units'}"
        yield f"{statistic_words(n.statistic)} {said(n.statistic, n.estimate)} ({pair}, {size})"


def decision_words(decision: Decision) -> str:
    """One sentence on non-inferiority."""
    scale = SCALE_WORDS.get(decision.scale, decision.scale)
    where = f"{scale}, {decision.measure} ({stratum_words(decision.stratum)})"
    if decision.shown is None or decision.low is None or decision.high is None or decision.difference is None:
        return f"{where}: non-inferiority cannot be judged, there is no interval."
    value, low, high = (two_digits(one) for one in (decision.difference, decision.low, decision.high))
    between = f"{value} ({low} to {high})"
    verdict = "not inferior to readers" if decision.shown else "non-inferiority not shown"
    return f"{where}: {verdict}; difference of kappa {between}, margin {decision.margin:g}."


def _always() -> str:
    return (
        "Kappa and ICC depend on how many bones are ill: compare studies only with their margins in view. "
        "Wrist grades are not validated under one year of age, nor elbow grades at any age."
    )
