"""Grades against ALP and PTH drawn near the film, as levels and as changes."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rickets_rx.agreement.bootstrap import Resampler
from rickets_rx.agreement.change import consecutive_changes
from rickets_rx.agreement.facts import Lab
from rickets_rx.agreement.ledger import Ledger, any_known
from rickets_rx.agreement.roc import spearman_statistic
from rickets_rx.agreement.statistic import FloatArray
from rickets_rx.agreement.views import View


def nearest_log(view: View, labs: Iterable[Lab], analyte: str, window: int) -> FloatArray:
    """ln of the value drawn nearest to each unit's film, NaN where none lies within ``window`` days.

    Of two at the same distance the earlier one. Values of 0 have no logarithm and stay out.
    """
    by_patient: dict[str, list[tuple[int, float]]] = {}
    for lab in labs:
        if lab.analyte == analyte and lab.value > 0:
            by_patient.setdefault(lab.patient, []).append((lab.day, lab.value))
    found = np.full(view.units, np.nan)
    for i, (patient, day) in enumerate(zip(view.patients, view.days, strict=True)):
        near = [] if day is None else [(abs(d - day), d, v) for d, v in by_patient.get(patient, [])]
        if near and min(near)[0] <= window:
            found[i] = np.log(min(near)[2])
    return found


def lab_numbers(ledger: Ledger, labs: tuple[Lab, ...], window: int) -> list[Ledger]:
    """Spearman correlation of reference and machine with each analyte: levels, then consecutive changes.

    Returns
    -------
    list of Ledger
        The given one with the levels, and one more for the changes where films repeat.
    """
    view = ledger.view
    later = _changes_ledger(ledger)
    for analyte in sorted({lab.analyte for lab in labs}):
        level = nearest_log(view, labs, analyte, window)
        for name, grades in (("reference", view.reference), ("machine", view.machine.severity)):
            if any_known(grades, level):
                ledger.add("spearman", spearman_statistic(grades, level), name, f"ln {analyte}")
            if later is None:
                continue
            fall, fall_of_log = consecutive_changes(view, grades)[0], consecutive_changes(view, level)[0]
            if any_known(fall, fall_of_log):
                changed = spearman_statistic(fall, fall_of_log)
                later.add("spearman_of_change", changed, name, f"ln {analyte}")
    return [ledger] if later is None else [ledger, later]


def _changes_ledger(ledger: Ledger) -> Ledger | None:
    """A ledger whose units are consecutive pairs, resampled by the same patients."""
    view, base = ledger.view, ledger.resampler
    _, pairs = consecutive_changes(view, view.reference)
    if not pairs:
        return None
    late = [b for _, b in pairs]
    clusters = None if view.clusters is None else [view.clusters[i] for i in late]
    resampler = Resampler(clusters, base.draws, base.seed, base.level, base.interval)
    return Ledger("laboratory", replace(view, clusters=clusters), resampler)
