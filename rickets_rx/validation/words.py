"""How the pages of the validation say sets, statistics and numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from rickets_rx.agreement.words import REASON_WORDS, SHARES, STATISTIC_WORDS, two_digits

SETS = {
    "wrists": "phantom wrists",
    "wrists_whole_scale": "phantom wrists, whole scale",
    "elbows": "phantom elbows",
    "painted": "painted real wrists",
    "real_films": "real wrists",
    "unmarked": "real hands without marks",
    "to_be_refused": "phantom films to be refused",
    "real_to_be_refused": "real films to be refused",
}
STATISTICS = STATISTIC_WORDS | {
    "kappa_quadratic": "quadratic κ",
    "kappa_moved_anchors": "quadratic κ, anchors of the truth moved by 30 %",
    "spearman_severity": "Spearman of severity",
    "coverage_severity": "90 % interval of severity holds the truth",
    "width_severity": "mean width of that interval (0–1)",
    "found": "found, both corners within 10 % of the width",
    "refused": "refused",
    "named": "refused with the right reason",
    "at_0": "grade 0",
    "at_most_half": "grade 0 or 0.5",
    "at_least_1.5": "grade 1.5 or 2",
    "corner_error_median": "larger corner error of a bone in % of the width, median",
    "corner_error_p90": "larger corner error of a bone in % of the width, 90th percentile",
    "film_refused": "no bone graded",
    "both_bones_graded": "both bones graded",
    "more_than_two_bones": "more than two bones graded",
    "any_grade_at_least_1.5": "any grade of 1.5 or 2",
}
FIGURES = {
    "clear_and_films_can_tell right": "clear courses whose films can tell: the right phase named",
    "clear_and_films_can_tell another": "… another phase named",
    "null_named": "courses without healing: a phase named",
    "coverage_of_phase_change": "90 % intervals of the change over a phase hold the truth",
    "change_index_kappa": "quadratic κ of change_index with the same mapping of the truth",
}
_SHARES = SHARES | frozenset(
    "coverage_severity found refused named at_0 at_most_half at_least_1.5 film_refused both_bones_graded "
    "more_than_two_bones any_grade_at_least_1.5 corner_error_median corner_error_p90".split()
)


def value_words(row: Mapping[str, Any] | None, *, share: bool | None = None) -> str:
    """``0.91 (0.88 to 0.93)``, ``98 % (95 to 99)``, or a dash with the reason."""
    if row is None or row.get("value") is None:
        return "—"
    shown = str(row.get("statistic", "")).split(" ")[0] in _SHARES if share is None else share
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        why = REASON_WORDS.get(str(row.get("reason")), "")
        return _one(row["value"], shown) + (" %" if shown else "") + (f" ({why})" if why else "")
    between = f"({_one(low, shown)} to {_one(high, shown)})"
    return f"{_one(row['value'], shown)}{' %' if shown else ''} {between}"


def _one(value: float, share: bool) -> str:
    return f"{100 * value:.1f}".removesuffix(".0") if share else two_digits(value)


def statistic_words(row: Mapping[str, Any]) -> str:
    """The statistic with its group, e.g. ``found: lowest fifth``."""
    name, _, rest = str(row["statistic"]).partition(" ")
    said = STATISTICS.get(name, name.replace("_", " ")) + (f" {rest}" if rest else "")
    group = str(row["group"]).removeprefix("bone; ").replace("_", " ")
    return f"{said}, {group}" if group and group != "bone" else said


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    return [
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
