"""CLAIM (2024 update) and GRRAS (2011) items: filled from the study, stated by its authors, or open.

Topics are our short paraphrases, numbers those of the guidelines, which say themselves what each item asks:
Tejani et al., Radiol Artif Intell 2024;6(4):e240300 (44 items), and Kottner et al., J Clin Epidemiol
2011;64:96-106 (15 items). What the program fills is what follows from readings, scores and design; it says
nothing of how films were found, who the readers are, or who paid.
"""

from collections import Counter
from dataclasses import dataclass

from rickets_rx.agreement.checklist_items import item_rows
from rickets_rx.agreement.ledger import Number
from rickets_rx.agreement.reading_list import WASHOUT_DAYS
from rickets_rx.agreement.validate import ValidationResult
from rickets_rx.agreement.words import said

COLUMNS = ["guideline", "item", "topic", "state", "text"]


@dataclass(frozen=True)
class Item:
    """One item; ``state`` is ``filled`` by the program, ``stated`` by the authors, or ``open``."""

    guideline: str
    item: str
    topic: str
    state: str
    text: str

    def as_row(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in COLUMNS}


def checklist(result: ValidationResult) -> list[Item]:
    """Every item, in the guidelines' order. What authors state wins over what the program fills."""
    filled = _filled(result)
    return [_item(row, result, filled) for row in item_rows()]


def _item(row: dict[str, str], result: ValidationResult, filled: dict[str, str]) -> Item:
    key = f"{row['guideline']} {row['item']}"
    stated, known = result.design.statements.get(key, ""), filled.get(key, "")
    state = "stated" if stated else "filled" if known else "open"
    return Item(row["guideline"], row["item"], row["topic"], state, stated or known)


def _filled(result: ValidationResult) -> dict[str, str]:
    """Texts that follow from the readings, the scores and the design."""
    texts = _reading_texts(result) | _statistics_texts(result)
    if result.counts["machine_bones"]:
        texts |= _machine_texts(result)
    return {key: text for key, text in texts.items() if text}


def _reading_texts(result: ValidationResult) -> dict[str, str]:
    counts = result.counts
    size = f"{counts['readers']} readers, {counts['films']} films, {_patients(result)}"
    missing = (
        f"{counts['refused_readings']} readings were refusals and {counts['missing_readings']} were missing; "
        "both are reported as outcomes. Each statistic uses the units it has values for; nothing was imputed."
    )
    return {
        "CLAIM 12": missing,
        "CLAIM 14": reference_text(result),
        "CLAIM 18": _variability(result),
        "CLAIM 35": f"{size}; {counts['machine_bones']} bones with a row of the machine. {missing}",
        "CLAIM 36": _characteristics(result),
        "GRRAS 2": "Grades 0-2 in halves of radius and ulna (Thacher 2000); the sum of both, 0-4.",
        "GRRAS 8": _process(result),
        "GRRAS 11": f"{size}; {counts['readings']} readings.",
        "GRRAS 13": _variability(result),
        "GRRAS 15": "validation.csv and validation.json hold every number, confusion matrices included.",
    }


def _statistics_texts(result: ValidationResult) -> dict[str, str]:
    statistics = (
        "Linear and quadratic weighted kappa, ICC(2,1), ICC(3,1), Gwet AC2, shares within half a grade."
    )
    versions = ", ".join(f"{name} {result.provenance[name]}" for name in ("numpy", "scipy"))
    groups = sorted({n.subgroup.split(":")[0] for n in result.find(section="subgroups")})
    texts = {
        "CLAIM 23": f"rickets_rx {result.provenance['version']}, {versions}",
        "CLAIM 28": statistics,
        "CLAIM 29": interval_text(result),
        "CLAIM 30": f"Subgroups: {', '.join(groups).replace('_', ' ')}." if groups else "",
        "CLAIM 40": " ".join(result.notes),
        "GRRAS 10": f"{statistics} {interval_text(result)}",
    }
    if result.decisions and result.provenance["design_given"]:
        margin = result.design.margin
        texts["CLAIM 6"] = f"Non-inferiority of the machine to readers, margin {margin:g} in kappa."
    return texts


def _machine_texts(result: ValidationResult) -> dict[str, str]:
    kappa = result.find(section="machine", statistic="kappa_quadratic", second="reference", **_BONES)
    return {
        "CLAIM 22": "rickets_rx, as its model cards and docs/ describe; run.json of the scores names the "
        "SHA-256 of every network.",
        "CLAIM 37": "; ".join(f"quadratic kappa with the reference {_value(n)}" for n in kappa[:1]),
        "CLAIM 38": _accuracy(result),
        "CLAIM 39": _failures(result),
        "CLAIM 43": "rickets_rx is free software (BSD-3-Clause) and carries its trained networks; "
        "models/CARD.md names the films they were trained on.",
    }


_BONES = {"scale": "thacher_wrist", "measure": "bone", "stratum": "unaided"}


def _value(n: Number) -> str:
    return f"{said(n.statistic, n.estimate)}, {n.estimate.units} bones"


def _characteristics(result: ValidationResult) -> str:
    """Bones of each subgroup that is known; what authors must add is who the children are."""
    parts = []
    for view in result.views:
        if {"scale": view.scale, "measure": str(view.measure), "stratum": view.stratum} != _BONES:
            continue
        for name in ("age_band", "side", "severity"):
            known = Counter(level for level in view.facts.get(name, ()) if level)
            if known:
                told = ", ".join(f"{level} {known[level]}" for level in sorted(known))
                parts.append(f"{name.replace('_', ' ')}: {told} (unknown {view.units - known.total()})")
    return f"Bones by {'; by '.join(parts)}." if parts else ""


def _patients(result: ValidationResult) -> str:
    patients, families = result.counts["patients"], result.counts["families"]
    if patients is None:
        return "patients unknown"
    return f"{patients} patients" + (f" of {families} families" if families else "")


def reference_text(result: ValidationResult) -> str:
    """How the reference was made."""
    design = result.design
    judges = ", ".join(design.reference) if design.reference else "all readers"
    text = (
        f"Median of {judges}, first readings, at least two; a median between two grades goes to the one "
        "nearer to the mean, and up where both are as near (changes towards 0). A sum of two bones is that "
        "of their references."
    )
    if design.adjudicator:
        text += f" Where {design.adjudicator} gave a grade, it is the reference."
    return text


def interval_text(result: ValidationResult) -> str:
    """How intervals were made."""
    told = result.provenance
    return (
        "95 % intervals: BCa bootstrap over whole patients, or families where known "
        f"({told['draws']} draws, seed {told['seed']}), expanded for few clusters (Hesterberg 2015); "
        "percentile where BCa is undefined; none under "
        f"{told['min_clusters']} clusters. Differences use the same draws. Intervals are not adjusted for "
        "their number."
    )


def _variability(result: ValidationResult) -> str:
    parts = []
    for section, name, first in (("readers", "mean_pairwise_kappa_quadratic", "between readers"),
                                 ("intra_reader", "kappa_quadratic", "")):  # fmt: skip
        for n in result.find(section=section, statistic=name, scale="thacher_wrist", measure="bone"):
            parts.append(f"{first or n.first + ' with own repeats'}: {said(name, n.estimate)}")
    return f"Quadratic weighted kappa of one bone, {'; '.join(parts)}." if parts else ""


def _accuracy(result: ValidationResult) -> str:
    found = result.find(section="cut_offs", statistic="auc", scale="thacher_wrist", measure="bone")
    parts = [f"{n.second.replace('>=', '≥')}: AUC {said('auc', n.estimate)}" for n in found]
    return "; ".join(parts)


def _failures(result: ValidationResult) -> str:
    found = result.find(section="failures", statistic="share_refused", scale="thacher_wrist", measure="bone")
    parts = [f"{n.first} {said('share_refused', n.estimate)}" for n in found]
    return f"Bones called not gradable: {'; '.join(parts)}." if parts else ""


def _process(result: ValidationResult) -> str:
    seen, total = result.counts["readings_with_machine_seen"], result.counts["readings"]
    unsaid = result.counts["readings_unsaid"]
    text = f"{seen} of {total} readings were made with the machine's grade in view and are analysed apart"
    text += f"; {unsaid} do not say." if unsaid else "."
    text += f" {result.counts['readings_blinded']} were recorded as blinded."
    early, undated = result.counts["repeats_before_washout"], result.counts["repeats_undated"]
    return f"{text} Repeats under {WASHOUT_DAYS} days after the first reading: {early}; undated: {undated}."
