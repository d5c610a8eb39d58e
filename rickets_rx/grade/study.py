"""One table of how the grader recovers what was constructed: ``python -m rickets_rx.grade.study``.

``--wrist`` and ``--elbow`` take tables of `rickets_rx.grade.examples` from seeds that the fit never saw,
``--films`` a folder of real films with ``landmarks.json``. Recovery of construction: no figure here says how
the grader agrees with readers of rickets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rickets_rx.grade.calibrate import Prediction, predictions
from rickets_rx.grade.examples import Example, read_examples
from rickets_rx.grade.result import GRADES
from rickets_rx.grade.thacher import grade_of
from rickets_rx.score import summed
from rickets_rx.vocabulary import Bone, Side

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One line of the table. ``wanted`` is the aim, empty where a figure is only stated."""

    group: str
    what: str
    found: str
    wanted: str = ""
    reached: bool | None = None


def at_least(group: str, what: str, value: float, aim: float | None = None, digits: int = 3) -> Line:
    """A figure that should not be smaller than its aim."""
    if aim is None:
        return Line(group, what, f"{value:.{digits}f}")
    return Line(group, what, f"{value:.{digits}f}", f">= {aim:g}", value >= aim)


def at_most(group: str, what: str, value: float, aim: float, digits: int = 3) -> Line:
    """A figure that should not be larger than its aim."""
    return Line(group, what, f"{value:.{digits}f}", f"<= {aim:g}", value <= aim)


def share(group: str, what: str, hits: int, of: int, aim: float | None = None) -> Line:
    """A share with its exact (Clopper-Pearson) 95 % interval."""
    from scipy.stats import binomtest

    if of == 0:
        return Line(group, what, "none to count")
    bounds = binomtest(hits, of).proportion_ci(method="exact")
    said = f"{hits}/{of} = {100 * hits / of:.1f} % ({100 * bounds.low:.1f}-{100 * bounds.high:.1f})"
    return Line(group, what, said, f">= {100 * aim:g} %" if aim else "", hits >= aim * of if aim else None)


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rho."""
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


def unseen(group: str, found: Sequence[Prediction]) -> list[Line]:
    """Agreement and coverage on phantoms; groups by bone are the caller's."""
    from rickets_rx.agreement.kappa import weighted_kappa

    said = [p.grade.grade for p in found]
    true = [p.example.grade for p in found]
    within = np.abs(np.subtract(said, true)) <= 0.5
    lines = [
        Line(group, "bones, children", f"{len(found)}, {len({p.example.child for p in found})}"),
        at_least(group, "quadratic kappa per bone", weighted_kappa(said, true), 0.90),
        at_least(
            group,
            "the same, anchors of the truth moved by 30 %",
            weighted_kappa(said, [p.example.shifted for p in found]),
            0.90,
        ),
        share(group, "within half a grade", int(within.sum()), len(within), 0.95),
        share(group, "exact", int(np.sum(np.equal(said, true))), len(within)),
        at_least(
            group, "Spearman of severity", rank_correlation([p.severity for p in found], truths(found)), 0.95
        ),
    ]
    return lines + coverage(group, found)


def truths(found: Sequence[Prediction]) -> list[float]:
    """True severities."""
    return [p.truth for p in found]


def coverage(group: str, found: Sequence[Prediction]) -> list[Line]:
    """Share of true severities inside their 90 % intervals, over all and in every grade."""
    inside = np.array([p.low <= p.truth <= p.high for p in found])
    true = np.array([p.example.grade for p in found])
    all_of_it = float(inside.mean())
    lines = [
        Line(group, "severity interval covers", f"{all_of_it:.3f}", "0.88-0.92", 0.88 <= all_of_it <= 0.92),
        Line(group, "mean width of that interval", f"{np.mean([p.high - p.low for p in found]):.2f}"),
    ]
    for grade in GRADES:
        mine = true == grade
        if mine.any():
            lines.append(at_least(group, f"covers at true grade {grade:g}", float(inside[mine].mean()), 0.85))
    return lines


def sums(group: str, found: Sequence[Prediction]) -> list[Line]:
    """Sum of both bones against the true sum, and its interval."""
    wrists: dict[tuple[int, int], list[Prediction]] = {}
    for p in found:
        wrists.setdefault((p.example.child, p.example.joint), []).append(p)
    pairs = [both for both in wrists.values() if len(both) == 2]
    true = np.array([sum(p.example.grade for p in both) for both in pairs])
    said = np.array([sum(p.grade.grade for p in both) for both in pairs])
    low, high = np.array([summed([p.grade for p in both]) for both in pairs]).T
    covered = (low <= true) & (true <= high)
    return [
        share(group, "sum of both bones within 0.5", int(np.sum(np.abs(said - true) <= 0.5)), len(pairs)),
        share(group, "sum interval (rounded outward) covers", int(covered.sum()), len(pairs), 0.88),
        Line(group, "mean width of that interval, points of 4", f"{np.mean(high - low):.2f}"),
    ]


def variants(group: str, found: Sequence[Prediction]) -> list[Line]:
    """Normal variants: truth 0."""
    names = sorted({p.example.variant for p in found if p.example.variant})
    lines = []
    for name in ["", *names]:
        mine = [p for p in found if p.example.variant and name in ("", p.example.variant)]
        low = sum(p.grade.grade <= 0.5 for p in mine)
        what = f"{name or 'all normal variants'}: grade 0 or 0.5"
        lines.append(share(group, what, low, len(mine), 0.95 if not name else None))
    return lines


def confounders(group: str, found: Sequence[Prediction]) -> list[Line]:
    """Variance of predicted severity that age, size and side add to a cubic in true severity."""
    true = np.array(truths(found))
    said = np.array([p.severity for p in found])
    base = np.stack([true**k for k in range(4)], axis=1)
    others = {
        "age": [p.example.age for p in found],
        "width in pixels (logarithm)": [np.log(p.example.width) for p in found],
        "spacing (logarithm)": [np.log(p.example.spacing_mm) for p in found],
        "side": [float(p.example.side is Side.LEFT) for p in found],
        "bone": [float(p.example.bone is Bone.ULNA) for p in found],
    }
    columns = np.stack([(c - np.mean(c)) / max(np.std(c), 1e-9) for c in map(np.array, others.values())], 1)
    lines = [
        at_most(group, f"{name}: share of variance added", _added(said, base, columns[:, [i]]), 0.02, 4)
        for i, name in enumerate(others)
    ]
    return [*lines, at_most(group, "all together", _added(said, base, columns), 0.02, 4)]


def _added(y: FloatArray, base: FloatArray, more: FloatArray) -> float:
    left = [
        float(np.sum((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2))
        for x in (base, np.concatenate([base, more], axis=1))
    ]
    return (left[0] - left[1]) / float(np.sum((y - y.mean()) ** 2))


def phantom_lines(name: str, found: Sequence[Example]) -> list[Line]:
    """Everything that phantoms of one joint show."""
    graded = predictions(found)
    plain = [p for p in graded if not p.example.variant]
    refused = sum(1 for e in found if e.refused)
    lines = [
        Line(f"unseen phantoms, {name}", "bones refused by the pipeline", f"{refused} of {len(found)}"),
        *unseen(f"unseen phantoms, {name}", graded),
    ]
    for bone in dict.fromkeys(p.example.bone for p in graded):
        mine = [p for p in plain if p.example.bone is bone]
        lines += unseen(f"unseen phantoms, {bone} without variants", mine)[:6]
    lines += sums(f"unseen phantoms, {name}", graded)
    lines += variants(f"normal variants, {name}", graded)
    return lines + confounders(f"confounders, {name}", plain)


def confusion(found: Sequence[Prediction]) -> str:
    """Table of true (rows) by predicted (columns) grades, Markdown."""
    head = "| true \\ said | " + " | ".join(f"{g:g}" for g in GRADES) + " |\n" + "| --- " * 6 + "|\n"
    rows = []
    for true in GRADES:
        mine = [grade_of(p.severity) for p in found if p.example.grade == true]
        rows.append(f"| {true:g} | " + " | ".join(str(mine.count(g)) for g in GRADES) + " |")
    return head + "\n".join(rows) + "\n"


def markdown(lines: Sequence[Line], tables: Sequence[str] = ()) -> str:
    """The study as a page."""
    text = (
        "# Recovery of construction\n\nMade by `python -m rickets_rx.grade.study`; classical grader, the "
        "default and only method. Every truth below was constructed, or is a normal film: nothing here says "
        "how the grader agrees with readers of rickets, and no figure may be set beside a human kappa.\n"
    )
    groups = list(dict.fromkeys(line.group for line in lines))
    for group in groups:
        text += f"\n## {group[0].upper()}{group[1:]}\n| what | found | wanted | reached |\n"
        text += "| --- | --- | --- | --- |\n"
        for line in (line for line in lines if line.group == group):
            reached = {None: "", True: "yes", False: "**no**"}[line.reached]
            text += f"| {line.what} | {line.found} | {line.wanted} | {reached} |\n"
    missed = [f"{line.group}: {line.what} ({line.found})" for line in lines if line.reached is False]
    text += "\n## What was not reached\n" + "".join(f"* {m}\n" for m in missed or ["nothing"])
    return text + "".join("\n" + table for table in tables)


def main() -> None:
    """Command line of this study."""
    import argparse

    from rickets_rx.grade.study_films import film_lines
    from rickets_rx.io.atomic import atomic_write

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wrist", type=Path)
    parser.add_argument("--elbow", type=Path)
    parser.add_argument("--films", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    lines: list[Line] = []
    tables = []
    for name in ("wrist", "elbow"):
        if (path := getattr(chosen, name)) is not None:
            found = read_examples(path)
            lines += phantom_lines(name, found)
            tables.append(f"## Confusion, {name}\n{confusion(predictions(found))}")
    if chosen.films is not None:
        more, table = film_lines(chosen.films)
        lines += more
        tables.append(table)
    with atomic_write(chosen.out) as handle:
        handle.write(markdown(lines, tables).encode())


if __name__ == "__main__":
    main()
