"""Numbers of the project's own validation: the report's own statistics over films with known truth.

Grades go through the same views and sections as a reader study does, with the truth in the place of the
reference and no readers (`recovery_of_construction`); what graded readings do not have (severity, places) is
added in the same form. Units are resampled by child, for painted and real films by film.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rickets_rx.agreement.bootstrap import Estimate, Interval, Resampler
from rickets_rx.agreement.calibration import coverage_statistic, width_statistic
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts
from rickets_rx.agreement.kappa import kappa_statistic
from rickets_rx.agreement.ledger import rounded
from rickets_rx.agreement.machine_scores import machine_scores
from rickets_rx.agreement.roc import spearman_statistic
from rickets_rx.agreement.statistic import FloatArray, Statistic, proportion, restricted
from rickets_rx.agreement.validate import ValidationResult, validate
from rickets_rx.agreement.within import within_statistic
from rickets_rx.grade.result import GRADES
from rickets_rx.io.readings import Reading
from rickets_rx.validation.films import FOUND
from rickets_rx.validation.parts import Row
from rickets_rx.vocabulary import SCALE_OF_JOINT, Joint

TRUTH = "construction"
SUBGROUPS = ("bone", "age_band", "spacing_source", "severity", "variant", "painter")


def sha(film: str) -> str:
    """A name in the form of a film's SHA-256; these films never were files."""
    return hashlib.sha256(film.encode()).hexdigest()


def recovery(films: Sequence[Row], title: str, *, seed: int, draws: int) -> ValidationResult:
    """Grades against the truth of construction, as the report of a study computes them.

    Parameters
    ----------
    films : sequence of Row
        Results of `films.scored_film` with ``film`` and ``child``.
    """
    readings, rows, facts = [], [], {}
    for film in films:
        image = sha(film["film"])
        for bone in film["bones"]:
            readings.append(
                Reading(
                    image, TRUTH, instance=int(bone["instance"]), bone=bone["bone"], grade=bone["true_grade"],
                    gradable=True, machine_seen=False,
                )
            )  # fmt: skip
            rows.append(_score_row(image, film["child"], bone))
            extra = {name: str(bone[name]) for name in ("variant", "painter") if bone.get(name)}
            facts[image] = FilmFacts(film["child"], age_years=bone.get("age_years"), extra=extra)
    design = StudyDesign(title=title, construction=(TRUTH,), cluster="patient", subgroups=SUBGROUPS)
    return validate(readings, machine_scores(rows), design, facts=facts, seed=seed, draws=draws)


def _score_row(image: str, child: str, bone: Row) -> Row:
    graded = ("grade", "grade_low", "grade_high", "severity")
    return {
        "image_sha256": image, "instance": bone["instance"], "bone": bone["bone"], "patient_id": child,
        "status": bone["status"], "reason": bone.get("reason", ""), "side": "",
        "scale": SCALE_OF_JOINT[Joint(bone["joint"])], "spacing_source": bone.get("spacing_source", ""),
    } | {name: bone.get(name) for name in graded}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Columns:
    """Bones of a set of films as columns; NaN where the machine gave nothing."""

    rows: Sequence[Row]
    children: Sequence[str]

    def __getitem__(self, name: str) -> FloatArray:
        values = [row.get(name) for row in self.rows]
        return np.array([np.nan if value is None else float(value) for value in values])

    def where(self, test: Callable[[Row], bool]) -> np.ndarray:
        return np.array([test(row) for row in self.rows], dtype=bool)


def columns(films: Sequence[Row]) -> Columns:
    """All true bones of films."""
    pairs = [(bone, film["child"]) for film in films for bone in film["bones"]]
    return Columns([bone for bone, _ in pairs], [child for _, child in pairs])


def severity_numbers(found: Columns, *, seed: int, draws: int) -> list[Row]:
    """Severity and its interval against the true severity, and the kappa with moved anchors."""
    value, low, high, true = (
        found[n] for n in ("severity", "severity_low", "severity_high", "true_severity")
    )
    grade, said, shifted = found["true_grade"], found["grade"], found["shifted"]
    held = coverage_statistic(low, high, true)
    statistics: dict[tuple[str, str], Statistic] = {
        ("spearman_severity", ""): spearman_statistic(value, true),
        ("coverage_severity", ""): held,
        ("width_severity", ""): width_statistic(low, high),
        ("kappa_moved_anchors", ""): kappa_statistic(said, shifted),
    }
    for one in GRADES:
        at = grade == one
        name = f"true grade {one:g}"
        statistics["coverage_severity", name] = restricted(held, at)
        statistics["share_within_near", name] = restricted(within_statistic(said, grade), at)
    return _rows(statistics, found.children, seed=seed, draws=draws)


def place_numbers(found: Columns, *, seed: int, draws: int) -> list[Row]:
    """Bones found, refused by fifths of true severity, and corner errors."""
    error, everything = found["corner_error"], np.ones(len(found.rows), dtype=bool)
    statistics = {("found", ""): proportion(np.nan_to_num(error, nan=np.inf) <= FOUND, everything)}
    refused = found.where(lambda row: row["status"] == "refused")
    statistics["refused", ""] = proportion(refused, everything)
    true = found["true_severity"]
    if np.isfinite(true).any():
        order = np.argsort(np.argsort(true, kind="stable"), kind="stable")
        for name, at in (
            ("lowest fifth", order < true.size / 5),
            ("highest fifth", order >= true.size * 4 / 5),
        ):
            statistics["refused", f"{name} of true severity"] = proportion(refused & at, at)
    rows = _rows(statistics, found.children, seed=seed, draws=draws)
    known = error[np.isfinite(error)]
    for name, share in (("corner_error_median", 50), ("corner_error_p90", 90)):
        value = float(np.percentile(known, share)) if known.size else None
        rows.append(row_of(name, "", Estimate(value, None, None, known.size, None, Interval.NONE, 0.95)))
    return rows


def share_row(
    name: str, group: str, hits: np.ndarray, children: Sequence[str], *, seed: int, draws: int
) -> Row:
    """One share of all units, resampled by child."""
    every = np.ones(hits.size, dtype=bool)
    return _rows({(name, group): proportion(hits, every)}, children, seed=seed, draws=draws)[0]


def _rows(
    statistics: dict[tuple[str, str], Statistic], children: Sequence[str], *, seed: int, draws: int
) -> list[Row]:
    resampler = Resampler(list(children), draws=draws, seed=seed)
    return [row_of(name, group, resampler.estimate(one)) for (name, group), one in statistics.items()]


def row_of(name: str, group: str, found: Estimate) -> Row:
    """One number as the JSON holds it."""
    return {
        "statistic": name, "group": group, "value": rounded(found.value), "low": rounded(found.low),
        "high": rounded(found.high), "interval": str(found.interval), "units": found.units,
        "clusters": found.clusters, "reason": None if found.reason is None else str(found.reason),
    }  # fmt: skip


def grade_numbers(result: ValidationResult) -> list[Row]:
    """The numbers of `recovery` as plain rows."""
    rows = []
    for n in result.numbers:
        group = f"{n.measure}{'; ' + n.subgroup if n.subgroup else ''}"
        pair = f" ({n.second})" if n.statistic in ("auc", "sensitivity", "specificity") else ""
        rows.append(row_of(n.statistic + pair, group, n.estimate))
    return rows


def without_trained(films: Sequence[Row]) -> list[Row]:
    """Films that no shipped network was trained on."""
    return [film for film in films if not film.get("trained_on")]


def normal_only(films: Sequence[Row]) -> list[Row]:
    """Films with those bones only whose margin the reader called normal."""
    return [film | {"bones": [b for b in film["bones"] if b.get("said") == "normal"]} for film in films]


def normal_numbers(films: Sequence[Row], *, seed: int, draws: int) -> list[Row]:
    """Grades given to normal bones; a bone without a grade is in no numerator."""
    found = columns(normal_only(films))
    said, rows = found["grade"], []
    shares = {
        "at_0": said == 0,
        "at_most_half": said <= 0.5,
        "at_least_1.5": said >= 1.5,
        "refused": found.where(lambda row: row["status"] == "refused"),
    }
    for group in ("", "radius", "ulna"):
        at = np.array([group in ("", row["bone"]) for row in found.rows], dtype=bool)
        children = [child for child, inside in zip(found.children, at, strict=True) if inside]
        for name, hits in shares.items():
            rows.append(share_row(name, group, hits[at], children, seed=seed, draws=draws))
    return rows


def refusal_numbers(films: Sequence[Row], *, seed: int, draws: int) -> list[Row]:
    """Films that must be refused: refused at all, and with the right reason."""
    rows = []
    for kind in ["", *dict.fromkeys(film["kind"] for film in films)]:
        mine = [film for film in films if kind in ("", film["kind"])]
        children = [film["child"] for film in mine]
        refused = np.array([film["scored"] == 0 for film in mine])
        named = np.array([film["reason"] == film["wanted"] for film in mine])
        for name, hits in (("refused", refused), ("named", named)):
            rows.append(share_row(name, kind, hits, children, seed=seed, draws=draws))
    return rows


def as_set(
    what: str, films: Sequence[Row], asked: int, numbers: Sequence[Row], **more: Any
) -> dict[str, Any]:
    """One set of films for the JSON."""
    bones = [bone for film in films for bone in film.get("bones", ())]
    counts = {"films": len(films), "films_asked": asked, "children": len({f["child"] for f in films})}
    return {"what": what, **counts, "bones": len(bones), "numbers": list(numbers), **more}


def matrix(result: ValidationResult) -> list[list[int]]:
    """Counts of grades of bones: the machine (rows) and the truth."""
    for one in result.matrices:
        if one.measure == "bone":
            return [list(row) for row in one.counts]
    return []
