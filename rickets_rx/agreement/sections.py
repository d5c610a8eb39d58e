"""What is computed over a view: readers with each other and themselves, the machine with them, failures."""

from itertools import combinations

import numpy as np

from rickets_rx.agreement.bland_altman import limit_statistic, smallest_real_change_statistic
from rickets_rx.agreement.calibration import (
    calibration_intercept_statistic,
    calibration_slope_statistic,
    coverage_statistic,
    width_statistic,
)
from rickets_rx.agreement.consensus import without
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.gwet import ac2_statistic
from rickets_rx.agreement.icc import Icc, Missing, icc, icc_statistic
from rickets_rx.agreement.kappa import Weighting, kappa_statistic, pairwise_kappa_statistic
from rickets_rx.agreement.ledger import Ledger, any_known
from rickets_rx.agreement.roc import (
    at_least,
    auc_statistic,
    sensitivity_statistic,
    spearman_statistic,
    specificity_statistic,
)
from rickets_rx.agreement.statistic import (
    FloatArray,
    Statistic,
    difference,
    mean_of,
    proportion,
    restricted,
)
from rickets_rx.agreement.views import Measure, Outcome
from rickets_rx.agreement.within import bias_statistic, reader_bias_statistic, within_statistic

MACHINE, REFERENCE, ALL, OTHERS = "machine", "reference", "all readers", "other readers"


def compare(ledger: Ledger, first: FloatArray, second: FloatArray, names: tuple[str, str]) -> None:
    """All measures of agreement of two columns of grades."""
    view = ledger.view
    if not any_known(first, second):
        return
    both = np.column_stack([first, second])
    for weighting in (Weighting.QUADRATIC, Weighting.LINEAR):
        kappa = kappa_statistic(first, second, labels=view.labels, weighting=weighting)
        ledger.add(f"kappa_{weighting}", kappa, *names)
    paired = np.all(np.isfinite(both), axis=1)
    # Units of one reader only would move the margins of AC2 and make the columns of a table differ in units.
    ac2 = ac2_statistic(np.where(paired[:, None], both, np.nan), labels=view.labels)
    ledger.add("ac2_quadratic", ac2, *names)
    ledger.add(Icc.AGREEMENT, icc_statistic(both), *names)
    ledger.add("share_within_near", within_statistic(first, second, view.near), *names)
    ledger.add("share_exact", within_statistic(first, second, 0.0), *names)
    ledger.add("bias", bias_statistic(first, second), *names)
    if view.measure is Measure.TOTAL:
        ledger.add("limit_lower", limit_statistic(first, second, -1), *names)
        ledger.add("limit_upper", limit_statistic(first, second, 1), *names)
    ledger.add_matrix(first, second, names)


def readers_section(ledger: Ledger) -> None:
    """Readers with each other: every pair, all together, and each reader's bias."""
    view = ledger.view
    if len(view.readers) < 2:
        return
    for i, j in combinations(range(len(view.readers)), 2):
        compare(ledger, view.ratings[:, i], view.ratings[:, j], (view.readers[i], view.readers[j]))
    # A reader who refused everything would leave no unit that all graded.
    whole = view.ratings[:, np.any(np.isfinite(view.ratings), axis=0)]
    if whole.shape[1] < 2:
        return
    for weighting in (Weighting.QUADRATIC, Weighting.LINEAR):
        mean = pairwise_kappa_statistic(whole, labels=view.labels, weighting=weighting)
        ledger.add(f"mean_pairwise_kappa_{weighting}", mean, ALL)
    ledger.add("ac2_quadratic", ac2_statistic(whole, labels=view.labels), ALL)
    _icc_of_all(ledger, whole)
    for i, reader in enumerate(view.readers):
        ledger.add("bias", reader_bias_statistic(view.ratings, i), reader, OTHERS)


def _icc_of_all(ledger: Ledger, ratings: FloatArray) -> None:
    """Both coefficients, by resampling and by the variance ratio, over units that all graded."""
    complete = np.all(np.isfinite(ratings), axis=1)
    for kind in Icc:
        ledger.add(kind, icc_statistic(ratings, kind), ALL)
        if complete.sum() >= 3 and np.ptp(ratings[complete]) > 0:
            found = icc(ratings, kind, missing=Missing.COMPLETE)
            ledger.add_interval(f"{kind}_f", found.value, (found.low, found.high), complete, (ALL, ""))


def intra_section(ledger: Ledger) -> None:
    """Each reader with her own second reading, and the smallest change that is more than reading error."""
    view = ledger.view
    for i, reader in enumerate(view.readers):
        first, again = view.ratings[:, i], view.repeats[:, i]
        if any_known(first, again):
            compare(ledger, first, again, (reader, f"{reader} again"))
            change = smallest_real_change_statistic(first, again)
            ledger.add("smallest_real_change", change, reader, f"{reader} again")


def machine_section(ledger: Ledger) -> None:
    """The machine with the reference, with each reader, and as one reader among readers."""
    view, grade = ledger.view, ledger.view.machine.grade
    if not np.isfinite(grade).any():
        return
    compare(ledger, grade, view.reference, (MACHINE, REFERENCE))
    for i, reader in enumerate(view.readers):
        compare(ledger, grade, view.ratings[:, i], (MACHINE, reader))
    if len(view.readers) >= 2:
        _same_yardstick(ledger)
        _among_readers(ledger)


def _same_yardstick(ledger: Ledger) -> None:
    """Machine and reader against the consensus of the other readers, on the same units and draws."""
    view, grade = ledger.view, ledger.view.machine.grade
    for i, reader in enumerate(view.readers):
        others = without(view.ratings, i, view.labels)
        mine = view.ratings[:, i]
        both = np.isfinite(grade) & np.isfinite(mine) & np.isfinite(others)
        if not both.any():
            continue
        yardstick = np.where(both, others, np.nan)
        of_machine = kappa_statistic(grade, yardstick, labels=view.labels)
        of_reader = kappa_statistic(mine, yardstick, labels=view.labels)
        ledger.add("kappa_against_other_readers", of_machine, MACHINE, f"others than {reader}")
        ledger.add("kappa_against_other_readers", of_reader, reader, f"others than {reader}")
        ledger.add("kappa_difference", difference(of_machine, of_reader), MACHINE, reader)


def _among_readers(ledger: Ledger) -> None:
    """Mean kappa of machine-reader pairs less that of reader-reader pairs, where the machine graded."""
    view, grade = ledger.view, ledger.view.machine.grade
    # Readers are compared on the bones the machine graded: easy bones must not favour either side.
    graded = np.isfinite(grade)
    ratings = np.where(graded[:, None], view.ratings, np.nan)
    readers = np.flatnonzero(np.any(np.isfinite(ratings), axis=0))
    if readers.size < 2:
        return
    with_machine = [kappa_statistic(grade, ratings[:, i], labels=view.labels) for i in readers]
    with_readers = pairwise_kappa_statistic(ratings[:, readers], labels=view.labels)
    ledger.add("mean_kappa_machine_reader", mean_of(with_machine), MACHINE, ALL)
    ledger.add("mean_kappa_reader_reader", with_readers, ALL, ALL)
    ledger.add("kappa_difference", difference(mean_of(with_machine), with_readers), MACHINE, ALL)
    ledger.add(Icc.AGREEMENT, icc_statistic(ratings[:, readers]), ALL, "without the machine")
    whole = np.column_stack([ratings[:, readers], grade])
    ledger.add(Icc.AGREEMENT, icc_statistic(whole), ALL, "and the machine")


def cut_off_section(ledger: Ledger, design: StudyDesign) -> None:
    """ROC of the machine's severity, and its grade at the same cut-off, for reference grades from each on."""
    view, machine = ledger.view, ledger.view.machine
    cuts = design.bone_cut_offs if view.measure is Measure.BONE else design.total_cut_offs
    for cut in cuts:
        positive = at_least(view.reference, cut)
        called = at_least(machine.grade, cut)
        name = f"{REFERENCE} >= {cut:g}"
        if any_known(positive, machine.severity):
            ledger.add("auc", auc_statistic(machine.severity, positive), MACHINE, name)
        if any_known(positive, called):
            ledger.add("sensitivity", sensitivity_statistic(called, positive), MACHINE, name)
            ledger.add("specificity", specificity_statistic(called, positive), MACHINE, name)


def calibration_section(ledger: Ledger) -> None:
    """Coverage and width of the machine's intervals, and its severity against the reference's."""
    view, machine = ledger.view, ledger.view.machine
    if any_known(machine.low, machine.high, view.reference):
        ledger.add(
            "coverage", coverage_statistic(machine.low, machine.high, view.reference), MACHINE, REFERENCE
        )
        for i, reader in enumerate(view.readers):
            if any_known(machine.low, view.ratings[:, i]):
                covered = coverage_statistic(machine.low, machine.high, view.ratings[:, i])
                ledger.add("coverage", covered, MACHINE, reader)
        known = np.isfinite(view.reference)
        width = restricted(width_statistic(machine.low, machine.high), known)
        ledger.add("interval_width", width, MACHINE, REFERENCE)
    if view.measure is Measure.BONE and any_known(machine.severity, view.reference):
        half = view.reference / 2
        ledger.add("slope", calibration_slope_statistic(machine.severity, half), MACHINE, REFERENCE)
        ledger.add("intercept", calibration_intercept_statistic(machine.severity, half), MACHINE, REFERENCE)
        ledger.add("spearman", spearman_statistic(machine.severity, half), MACHINE, REFERENCE)


def _share(outcome: np.ndarray, wanted: Outcome, among: np.ndarray) -> Statistic:
    return proportion((outcome == wanted) & among, among)


def failure_section(ledger: Ledger) -> None:
    """What was not graded, by whom: an outcome of its own, not a gap to be passed over."""
    view, machine = ledger.view, ledger.view.machine
    every = np.ones(view.units, dtype=bool)
    columns = [(name, view.outcome[:, i]) for i, name in enumerate(view.readers)]
    if (machine.outcome != Outcome.ABSENT).any():
        columns.append((MACHINE, machine.outcome))
    for name, outcome in columns:
        looked = outcome != Outcome.ABSENT
        ledger.add("share_refused", _share(outcome, Outcome.REFUSED, looked), name)
        ledger.add("share_missing", _share(outcome, Outcome.ABSENT, every), name)
    if columns and columns[-1][0] == MACHINE:
        graded = np.isfinite(view.reference) & (machine.outcome != Outcome.ABSENT)
        refused = _share(machine.outcome, Outcome.REFUSED, graded)
        ledger.add("share_refused_though_reference", refused, MACHINE)


def subgroup_section(ledger: Ledger, kept: np.ndarray, *, by_severity: bool = False) -> None:
    """The chief numbers within one subgroup.

    A subgroup by the reference's severity gets no kappa: cutting the range lowers it whatever readers do.
    """
    view, machine = ledger.view, ledger.view.machine
    first, second, names = machine.grade, view.reference, (MACHINE, REFERENCE)
    if any_known(np.where(kept, first, np.nan), second):
        if not by_severity:
            kappa = kappa_statistic(first, second, labels=view.labels)
            ledger.add("kappa_quadratic", restricted(kappa, kept), *names)
        within = within_statistic(first, second, view.near)
        ledger.add("share_within_near", restricted(within, kept), *names)
        ledger.add("bias", restricted(bias_statistic(first, second), kept), *names)
    if (machine.outcome[kept] != Outcome.ABSENT).any():
        looked = kept & (machine.outcome != Outcome.ABSENT)
        ledger.add("share_refused", _share(machine.outcome, Outcome.REFUSED, looked), MACHINE)
    if len(view.readers) >= 2 and kept.any() and not by_severity:
        mean = pairwise_kappa_statistic(np.where(kept[:, None], view.ratings, np.nan), labels=view.labels)
        ledger.add("mean_pairwise_kappa_quadratic", mean, ALL)
