"""How the report says scales, statistics, intervals and reasons."""

from rickets_rx.agreement.bootstrap import Estimate, Interval
from rickets_rx.agreement.views import View

SCALE_WORDS = {
    "thacher_wrist": "Wrist (Thacher)",
    "elbow_exploratory": "Elbow (exploratory, not validated)",
    "change_wrist": "Readings of change, wrist (RGI-C)",
    "change_elbow": "Readings of change, elbow (not RGI-C)",
    "change_global": "Readings of change, global",
}
MEASURE_WORDS = {"bone": "grade of one bone, 0–2", "total": "sum of two bones, 0–4", "change": "change"}
STRATUM_WORDS = {"unaided": "without the machine's grade in view", "machine_seen": "machine's grade in view"}
STATISTIC_WORDS = {
    "kappa_quadratic": "κ quadratic",
    "kappa_linear": "κ linear",
    "ac2_quadratic": "AC2",
    "icc_2_1": "ICC(2,1)",
    "icc_3_1": "ICC(3,1)",
    "icc_2_1_f": "ICC(2,1), F interval",
    "icc_3_1_f": "ICC(3,1), F interval",
    "share_within_near": "within half a grade",
    "share_exact": "exact",
    "bias": "bias",
    "limit_lower": "lower limit",
    "limit_upper": "upper limit",
    "mean_pairwise_kappa_quadratic": "mean κ of reader pairs, quadratic",
    "mean_pairwise_kappa_linear": "mean κ of reader pairs, linear",
    "smallest_real_change": "smallest real change",
    "kappa_against_other_readers": "κ against the other readers",
    "kappa_difference": "difference of κ",
    "mean_kappa_machine_reader": "mean κ, machine with readers",
    "mean_kappa_reader_reader": "mean κ, readers with readers",
    "auc": "AUC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "coverage": "coverage",
    "interval_width": "mean width of interval",
    "slope": "calibration slope",
    "intercept": "calibration intercept",
    "spearman": "Spearman",
    "spearman_of_change": "Spearman of changes",
    "direction_auc": "AUC of direction",
    "share_refused": "refused",
    "share_missing": "missing",
    "share_refused_though_reference": "refused though readers graded",
}
SHARES = frozenset(
    "share_within_near share_exact sensitivity specificity coverage share_refused share_missing "
    "share_refused_though_reference".split()
)
REASON_WORDS = {
    "no_data": "no data",
    "no_variation": "no variation",
    "fewer_than_10_clusters": "no interval: fewer than 10 patients or families",
    "patients_unknown": "no interval: patients unknown",
    "undefined_in_many_draws": "no interval: undefined in many draws",
}
INTERVAL_WORDS = {
    Interval.BCA: "",
    Interval.PERCENTILE: "percentile interval",
    Interval.EXACT: "exact interval, one trial per patient",
    Interval.F: "F interval, bones taken as independent",
    Interval.NONE: "",
}


def view_words(view: View) -> str:
    """A heading for a view."""
    scale = SCALE_WORDS.get(view.scale, view.scale)
    measure = MEASURE_WORDS[view.measure]
    if view.measure == "change" and not view.scale.startswith("change_"):
        measure = "fall of the grade between consecutive films"
    if view.measure == "change" and view.scale.startswith("change_"):
        measure = "−3 to 3"
    return f"{scale}: {measure}"


def view_note(view: View) -> str:
    """What must be known of a view before its numbers are read; empty for most."""
    if view.stratum.startswith("machine_seen"):
        return "These readers saw the machine's grade: that they agree with it is no evidence for it."
    if view.scale.startswith("change_"):
        return (
            "The machine's number is its change_index, rounded over the bones of the region; the readers' "
            "is a global impression. They are compared, not the same thing."
        )
    if view.scale == "elbow_exploratory":
        return "No grades of the elbow are published; the wrist's words are used."
    return ""


def stratum_words(stratum: str) -> str:
    """How a stratum was read, e.g. "without the machine's grade in view, order hidden"."""
    first, _, rest = stratum.partition(", ")
    said = STRATUM_WORDS.get(first, first)
    return f"{said}, {rest}" if rest else said


def statistic_words(name: str, *, change: bool = False) -> str:
    """The name of a statistic; closeness is a point on scales of change."""
    if change and name == "share_within_near":
        return "within one step"
    return STATISTIC_WORDS.get(name, name)


def value_words(statistic: str, found: Estimate) -> str:
    """The value, shares as percent; a dash where it is missing."""
    return "—" if found.value is None else _one(statistic, found.value)


def interval_words(statistic: str, found: Estimate) -> str:
    """``low to high``; empty without an interval."""
    if found.low is None or found.high is None:
        return ""
    return f"{_one(statistic, found.low)} to {_one(statistic, found.high)}"


def note_words(found: Estimate) -> str:
    """Why a number or its interval is missing, or which unusual interval it has."""
    return REASON_WORDS[found.reason] if found.reason else INTERVAL_WORDS[found.interval]


def _one(statistic: str, value: float) -> str:
    if statistic in SHARES:
        return f"{100 * value:.0f} %"
    return two_digits(value)


def two_digits(value: float) -> str:
    """Two decimals, a true minus sign, no negative zero.

    Examples
    --------
    >>> two_digits(-0.001), two_digits(-0.126)
    ('0.00', '−0.13')
    """
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def said(statistic: str, found: Estimate) -> str:
    """``0.71 (0.60 to 0.80)`` for running text."""
    between = interval_words(statistic, found)
    return f"{value_words(statistic, found)} ({between})" if between else value_words(statistic, found)
