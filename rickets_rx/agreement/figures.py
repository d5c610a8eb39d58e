"""Figures of the validation report as SVG text: the same input gives the same bytes."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx.agreement.bland_altman import limits_of_agreement
from rickets_rx.agreement.ledger import Number, any_known
from rickets_rx.agreement.roc import at_least, roc_curve
from rickets_rx.agreement.validate import ValidationResult
from rickets_rx.agreement.views import Measure, View
from rickets_rx.report.palette import BLUE, BLUISH_GREEN, INK, ORANGE, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Figure = tuple[str, str]
"""Caption and SVG."""


def svg_of(draw: Callable[["Axes"], None], *, size: tuple[float, float]) -> str:
    """Draw on one pair of axes; returns the <svg> element without prolog, the same bytes every time."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    style: dict[Any, Any] = {
        "svg.hashsalt": "rickets_rx",
        "font.size": 9,
        "font.family": "DejaVu Sans",
        "svg.fonttype": "path",
    }
    with mpl.rc_context(style):
        canvas = Canvas(figsize=size, layout="constrained")
        axes = canvas.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        stream = io.StringIO()
        canvas.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]


def figures_of(result: ValidationResult, view: View) -> list[Figure]:
    """The figures that a view's data carry; none is drawn for lack of data."""
    found = [forest(result, view), confusion_map(result, view)]
    if view.measure is Measure.TOTAL:
        found.append(bland_altman(view))
    if view.measure is Measure.BONE:
        found += [roc(view, result.design.bone_cut_offs), calibration(view)]
    return [figure for figure in found if figure is not None]


def _numbers(result: ValidationResult, view: View, statistic: str) -> list[Number]:
    place = {"scale": view.scale, "measure": str(view.measure), "stratum": view.stratum}
    sections = ("recovery_of_construction",) if view in result.construction else ("readers", "machine")
    return [n for s in sections for n in result.find(section=s, statistic=statistic, **place)]


def forest(result: ValidationResult, view: View) -> Figure | None:
    """Quadratic kappa of every pair with its interval, the machine's in another colour."""
    rows = [n for n in _numbers(result, view, "kappa_quadratic") if n.estimate.value is not None]
    if not rows:
        return None

    def draw(axes: "Axes") -> None:
        for place, n in enumerate(reversed(rows)):
            colour = VERMILION.hex if "machine" in (n.first, n.second) else BLUE.hex
            found = n.estimate
            if found.low is not None and found.high is not None:
                axes.plot([found.low, found.high], [place, place], color=colour, lw=1.6)
            axes.plot([found.value or 0.0], [place], "o", color=colour, ms=5)
        axes.set_yticks(range(len(rows)), [f"{n.first} – {n.second}" for n in reversed(rows)])
        ends = [end for n in rows for end in (n.estimate.value, n.estimate.low) if end is not None]
        axes.set_xlim(min(0.0, *ends) - 0.02, 1.02)
        axes.set_xlabel("quadratic weighted kappa, 95 % interval")
        axes.grid(axis="x", color="#e6e9ec")
        axes.set_axisbelow(True)

    caption = "Agreement of every pair. Blue: readers; orange: the machine."
    return caption, svg_of(draw, size=(5.4, 1.0 + 0.28 * len(rows)))


def confusion_map(result: ValidationResult, view: View) -> Figure | None:
    """Counts of grade pairs: machine and reference, or the first two readers without a machine."""
    mine = [m for m in result.matrices if (m.scale, m.measure, m.stratum) == _place(view)]
    wanted = "recovery_of_construction" if view in result.construction else None
    mine = [m for m in mine if (m.section == "recovery_of_construction") == (wanted is not None)]
    chosen = next((m for m in mine if m.first == "machine"), mine[0] if mine else None)
    if chosen is None:
        return None
    side = 1.2 + 0.42 * len(chosen.labels)
    drawn = counts_svg(chosen.counts, chosen.labels, (chosen.first, chosen.second), size=(side, side))
    return f"Counts of grades: {chosen.first} (rows) and {chosen.second}.", drawn


def counts_svg(
    counts: Sequence[Sequence[int]],
    labels: Sequence[float],
    names: tuple[str, str],
    *,
    size: tuple[float, float],
) -> str:
    """A confusion matrix, rows by the first name."""
    table = np.array(counts)

    def draw(axes: "Axes") -> None:
        axes.imshow(table, cmap="Blues", vmin=0, vmax=max(table.max(), 1) * 1.3)
        for (i, j), count in np.ndenumerate(table):
            if count:
                dark = count > 0.7 * table.max()
                axes.text(j, i, str(count), ha="center", va="center", color="white" if dark else INK.hex)
        ticks = [f"{label:g}" for label in labels]
        axes.set_xticks(range(len(ticks)), ticks)
        axes.set_yticks(range(len(ticks)), ticks)
        axes.set_xlabel(names[1])
        axes.set_ylabel(names[0])
        axes.spines[:].set_visible(False)

    return svg_of(draw, size=size)


def _place(view: View) -> tuple[str, str, str]:
    return view.scale, str(view.measure), view.stratum


def bland_altman(view: View) -> Figure | None:
    """Difference of machine and reference (or of the first two readers) against their mean."""
    pairs = [("machine", view.machine.grade, "reference", view.reference)]
    if len(view.readers) > 1:
        pairs.append((view.readers[0], view.ratings[:, 0], view.readers[1], view.ratings[:, 1]))
    for first, a, second, b in pairs:
        both = np.isfinite(a) & np.isfinite(b)
        if both.sum() >= 3:
            return _bland_altman(a[both], b[both], (first, second))
    return None


def _bland_altman(a: np.ndarray, b: np.ndarray, names: tuple[str, str]) -> Figure:
    found = limits_of_agreement(a, b)
    places, counts = np.unique(np.column_stack([(a + b) / 2, a - b]), axis=0, return_counts=True)

    def draw(axes: "Axes") -> None:
        axes.scatter(places[:, 0], places[:, 1], s=8 + 10 * counts, color=BLUE.hex, alpha=0.6, lw=0)
        lines = ((found.bias, found.bias_interval, "-"), (found.lower, found.lower_interval, "--"),
                 (found.upper, found.upper_interval, "--"))  # fmt: skip
        for value, (low, high), style in lines:
            axes.axhline(value, color=INK.hex, lw=1, ls=style)
            axes.axhspan(low, high, color=ORANGE.hex, alpha=0.18, lw=0)
        axes.set_xlabel(f"mean of {names[0]} and {names[1]}")
        axes.set_ylabel(f"{names[0]} less {names[1]}")

    caption = (
        "Bias and 95 % limits of agreement; bands: their 95 % intervals (units taken as independent). Larger "
        "dots are more wrists."
    )
    return caption, svg_of(draw, size=(5.0, 3.4))


def roc(view: View, cut_offs: Sequence[float]) -> Figure | None:
    """ROC curves of the machine's severity for reference grades from each cut-off on."""
    curves = []
    for cut in cut_offs:
        positive = at_least(view.reference, cut)
        known = np.isfinite(positive) & np.isfinite(view.machine.severity)
        if known.any() and 0 < positive[known].mean() < 1:
            curves.append((cut, roc_curve(view.machine.severity, positive)))
    if not curves:
        return None

    def draw(axes: "Axes") -> None:
        for (cut, curve), colour in zip(curves, (BLUE, VERMILION, BLUISH_GREEN, ORANGE), strict=False):
            axes.plot(curve.false_positive, curve.true_positive, color=colour.hex, label=f"grade ≥ {cut:g}")
        axes.plot([0, 1], [0, 1], color="#a8a8a8", lw=1, ls=":")
        axes.set_xlabel("1 − specificity")
        axes.set_ylabel("sensitivity")
        axes.set_aspect("equal")
        axes.legend(frameon=False, loc="lower right")

    return "ROC of the machine's severity at the named cut-offs of the reference.", svg_of(
        draw, size=(3.6, 3.4)
    )


def calibration(view: View) -> Figure | None:
    """Mean reference grade in fifths of the machine's severity, with the line of equality."""
    severity, reference = view.machine.severity * 2, view.reference
    if not any_known(severity, reference):
        return None
    both = np.isfinite(severity) & np.isfinite(reference)
    x, y = severity[both], reference[both]
    groups = [part for part in np.array_split(np.argsort(x, kind="stable"), 5) if part.size]

    def draw(axes: "Axes") -> None:
        axes.plot([0, 2], [0, 2], color="#a8a8a8", lw=1, ls=":")
        for part in groups:
            spread = y[part].std(ddof=1) if part.size > 1 else 0.0
            axes.errorbar(x[part].mean(), y[part].mean(), spread, fmt="o", color=BLUE.hex, ms=5, lw=1.2)
        axes.set_xlabel("machine, severity × 2")
        axes.set_ylabel("reference grade")
        axes.set_xlim(-0.05, 2.05)
        axes.set_ylim(-0.3, 2.3)

    return "Reference in fifths of the machine's severity: mean and standard deviation.", svg_of(
        draw, size=(3.6, 3.4)
    )
