"""What the project set out to reach, held against what was found; the aims are ours, set beforehand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rickets_rx.grade.result import GRADES
from rickets_rx.validation.parts import Row


@dataclass(frozen=True)
class Aim:
    """A number, and the range in which it should lie.

    Parameters
    ----------
    set, statistic, group : str
        Where the number stands.
    low, high : float or None
        Ends of the range, included.
    """

    set: str
    statistic: str
    group: str
    low: float | None = None
    high: float | None = None


def _phantom_aims(name: str) -> Iterator[Aim]:
    yield Aim(name, "kappa_quadratic", "bone", low=0.90)
    yield Aim(name, "kappa_moved_anchors", "", low=0.90)
    yield Aim(name, "share_within_near", "bone", low=0.95)
    yield Aim(name, "spearman_severity", "", low=0.95)
    yield Aim(name, "coverage_severity", "", low=0.88, high=0.92)
    for grade in GRADES:
        yield Aim(name, "coverage_severity", f"true grade {grade:g}", low=0.85)
    yield Aim(name, "found", "", low=0.98)


AIMS = (
    *_phantom_aims("wrists_whole_scale"),
    Aim("wrists", "kappa_quadratic", "bone", low=0.90),
    Aim("wrists", "share_within_near", "bone", low=0.95),
    *_phantom_aims("elbows"),
    Aim("painted", "spearman_severity", "", low=0.85),
    Aim("real_films", "at_0", "", low=0.90),
    Aim("real_films", "at_most_half", "", low=0.97),
    Aim("real_films", "at_least_1.5", "", high=0.0),
    Aim("real_films", "found", "", low=0.95),
    Aim("to_be_refused", "refused", "", low=0.98),
)
#: Of every trial: figure, its part, range.
COURSE_AIMS = (
    ("clear_and_films_can_tell", "right", 0.90, None),
    ("clear_and_films_can_tell", "another", None, 0.03),
    ("null_named", "", None, 0.05),
    ("coverage_of_phase_change", "", 0.85, 0.95),
    ("change_index_kappa", "", 0.80, None),
)


def number(content: Mapping[str, Any], name: str, statistic: str, group: str) -> Row | None:
    """One number of a set, None where it is not there."""
    rows = content["sets"].get(name, {}).get("numbers", ())
    return next((r for r in rows if (r["statistic"], r["group"]) == (statistic, group)), None)


def held(row: Mapping[str, Any] | None, low: float | None, high: float | None) -> bool | None:
    """Whether a number lies in its range; None without a number."""
    if row is None or row.get("value") is None:
        return None
    return (low is None or row["value"] >= low) and (high is None or row["value"] <= high)


def range_words(low: float | None, high: float | None) -> str:
    """``at least 0.9``, ``at most 0.03``, ``0.88 to 0.92``."""
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def course_figure(trial: Mapping[str, Any], name: str, part: str) -> Row | None:
    """A figure of a trial with value, low, high and n; None where the trial has another form."""
    found = trial["figures"].get(name)
    found = found.get(part) if part and isinstance(found, dict) else found
    return found if isinstance(found, dict) and "value" in found else None
