"""One table of how the graders recover what was constructed: ``python -m rickets_rx.grade.study``.

Reads a folder of tables of examples that neither fit nor training ever saw, named as in `TABLES`, and with
``--films`` real films with ``landmarks.json``. Recovery of construction: no figure here says how a grader
agrees with readers of rickets.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rickets_rx.grade.calibrate import Prediction, predictions
from rickets_rx.grade.examples import Example, read_examples, read_patches, with_shares
from rickets_rx.grade.result import GRADES
from rickets_rx.grade.spreads import SHIFTED, Spread
from rickets_rx.grade.study_lines import Line, at_least, at_most, markdown, rank_correlation, share, within
from rickets_rx.grade.thacher import grade_of
from rickets_rx.grade.total import summed
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Method, Side

FloatArray = npt.NDArray[np.float64]


def unseen(group: str, found: Sequence[Prediction], *, aims: bool = True) -> list[Line]:
    """Agreement and coverage on phantoms; without ``aims`` figures are only stated."""
    from rickets_rx.agreement.kappa import weighted_kappa

    said = [p.grade.grade for p in found]
    true = [p.example.grade for p in found]
    near = np.abs(np.subtract(said, true)) <= 0.5
    lines = [
        Line(group, "bones, children", f"{len(found)}, {len({p.example.child for p in found})}"),
        at_least(group, "quadratic kappa per bone", weighted_kappa(said, true), 0.90),
        at_least(
            group,
            "the same, anchors of the truth moved by 30 %",
            weighted_kappa(said, [p.example.shifted for p in found]),
            0.90,
        ),
        share(group, "within half a grade", int(near.sum()), len(near), 0.95),
        share(group, "exact", int(np.sum(np.equal(said, true))), len(near)),
        at_least(
            group, "Spearman of severity", rank_correlation([p.severity for p in found], truths(found)), 0.95
        ),
        Line(
            group,
            "mean error of severity",
            f"{np.mean(np.abs(np.subtract([p.severity for p in found], truths(found)))):.3f}",
        ),
    ]
    lines += coverage(group, found)
    return lines if aims else [Line(line.group, line.what, line.found) for line in lines]


def truths(found: Sequence[Prediction]) -> list[float]:
    """True severities."""
    return [p.truth for p in found]


def coverage(group: str, found: Sequence[Prediction]) -> list[Line]:
    """Share of true severities inside their 90 % intervals, over all and in every grade."""
    inside = np.array([p.low <= p.truth <= p.high for p in found])
    true = np.array([p.example.grade for p in found])
    all_of_it = float(inside.mean())
    lines = [
        within(group, "severity interval covers", all_of_it, 0.88, 0.92),
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
    joint = JOINT_OF_BONE[pairs[0][0].example.bone]
    low, high = np.array([summed([p.grade for p in both], joint) for both in pairs]).T
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
        "pronation": [p.example.turn for p in found],
        "pronation, either way": [abs(p.example.turn) for p in found],
        "tilt": [p.example.tilt for p in found],
        "tilt, either way": [abs(p.example.tilt) for p in found],
        "exposure": [p.example.exposure for p in found],
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


def phantom_lines(spread: Spread, name: str, found: Sequence[Example], method: Method) -> list[Line]:
    """What one table of phantoms shows of one method."""
    graded = predictions(found, method)
    group = f"unseen phantoms, {name}"
    refused = sum(1 for e in found if e.refused)
    first = Line(group, "bones refused by the pipeline", f"{refused} of {len(found)}")
    if spread is Spread.VARIANTS:
        return [first, *variants(group, graded)]
    if spread in SHIFTED:
        return [first, *unseen(group, graded, aims=False)]
    lines = [first, *unseen(group, graded, aims=spread is Spread.WHOLE), *sums(group, graded)]
    if spread is Spread.NATURE:
        return lines
    for bone in dict.fromkeys(p.example.bone for p in graded):
        lines += unseen(f"{group}, {bone}", [p for p in graded if p.example.bone is bone])[:7]
    return lines + confounders(f"confounders, {name}", graded)


def confusion(found: Sequence[Prediction]) -> str:
    """Table of true (rows) by predicted (columns) grades, Markdown."""
    head = "| true \\ said | " + " | ".join(f"{g:g}" for g in GRADES) + " |\n" + "| --- " * 6 + "|\n"
    rows = []
    for true in GRADES:
        mine = [grade_of(p.severity) for p in found if p.example.grade == true]
        rows.append(f"| {true:g} | " + " | ".join(str(mine.count(g)) for g in GRADES) + " |")
    return head + "\n".join(rows) + "\n"


FIRST_MIMIC = 680_000
"""Children whose films show mimics begin here."""
# Tables in the order of the page: file name, and what it is called there.
TABLES: dict[str, tuple[str, str]] = {
    "wrist_whole": (Spread.WHOLE, "wrist, whole scale"),
    "wrist_nature": (Spread.NATURE, "wrist, as in nature"),
    "wrist_variants": (Spread.VARIANTS, "wrist, normal variants"),
    "wrist_small": (Spread.SMALL, "wrist, shifted: small children on small films"),
    "wrist_noisy": (Spread.NOISY, "wrist, shifted: a tenth of the photons"),
    "wrist_turned": (Spread.TURNED, "wrist, shifted: twice the pronation and tilt"),
    "wrist_preset_states": (Spread.PRESET_STATES, "wrist, shifted: named states"),
    "elbow_whole": (Spread.WHOLE, "elbow, whole scale"),
    "density": ("painted", "density"),
    "retreat": ("painted", "retreat"),
    "repeats": ("repeated", "real normals"),
    "painted_repeats": ("repeated", "painted films"),
}


def table_lines(stem: str, found: Sequence[Example], method: Method) -> list[Line]:
    """Lines of one table by its file's name."""
    from rickets_rx.grade.study_films import painted_lines, repeat_lines

    kind, name = TABLES[stem]
    if kind == "painted":
        return painted_lines(name, found, method)
    if kind == "repeated":
        return repeat_lines(name, found, method, 0.05 if stem == "repeats" else 0.12)
    return phantom_lines(Spread(kind), name, found, method)


def main() -> None:
    """Command line of this study."""
    import argparse

    from rickets_rx.grade.study_films import normal_lines
    from rickets_rx.grade.study_mimics import mimic_lines
    from rickets_rx.io.atomic import atomic_write

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tables", type=Path, required=True, help="folder of tables, named as below")
    parser.add_argument("--films", type=Path)
    parser.add_argument("--methods", type=Method, nargs="+", default=list(Method))
    parser.add_argument("--mimics", type=int, default=0, help="films with a fracture or lesion to draw")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    lines: dict[Method, list[Line]] = {method: [] for method in chosen.methods}
    tables = []
    for path in (chosen.tables / f"{stem}.csv" for stem in TABLES):
        if not path.exists():
            continue
        found = read_examples(path)
        if set(chosen.methods) != {Method.CLASSICAL}:
            found = with_shares(found, read_patches(path))
        for method in chosen.methods:
            lines[method] += table_lines(path.stem, found, method)
        if path.stem.endswith("_whole"):
            head = f"## Confusion, {path.stem}"
            tables += [f"{head}, {m}\n{confusion(predictions(found, m))}" for m in chosen.methods]
    if chosen.mimics:
        told = mimic_lines(FIRST_MIMIC, chosen.mimics)
        lines = {method: [*mine, *told] for method, mine in lines.items()}
    if chosen.films is not None:
        for method in chosen.methods:
            more, table = normal_lines(chosen.films, method)
            lines[method] += more
            tables.append(table)
    with atomic_write(chosen.out) as handle:
        handle.write(markdown(lines, tables).encode())


if __name__ == "__main__":
    main()
