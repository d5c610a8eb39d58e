"""The main figure of one patient as a still picture, for a README or a paper."""

import io
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.healing.result import HealingResult
from rickets_rx.io.atomic import atomic_write
from rickets_rx.report.course import Course, Film, LabSeries, Span, When, courses
from rickets_rx.report.frame import pack
from rickets_rx.report.html import MOST_ON_ONE_PAGE
from rickets_rx.report.lanes import ACTIVITY_TINTS, phase_tint
from rickets_rx.report.lanes_therapy import Bar, drug_bars, happened
from rickets_rx.report.palette import BLUE, BLUISH_GREEN, GREY, INK, VERMILION
from rickets_rx.report.pictures import FilmPicture
from rickets_rx.report.scales import multiple_range, multiple_ticks
from rickets_rx.report.words import SYNTHETIC, bone_words, dose_words, interval, number, phase_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = {"radius": "o", "ulna": "s", "humerus": "D", "radius_proximal": "^", "ulna_proximal": "v"}
_SMALL = 7.5
_SIGNS = (
    "Grade: circle radius, square ulna, diamond humerus, with 90 % interval. Values: triangle drawn during "
    "an infusion, open circle from the report's text; grey bar: uncertain day; band: printed range."
)


def write_figures(result: HealingResult, films: Sequence[FilmPicture], out: Path) -> list[Path]:
    """Write ``figures/course_<n>.png`` for every patient, numbered in the order of the patients table.

    File names carry no patient id: an id may hold characters that a file name must not. For a cohort of more
    than `MOST_ON_ONE_PAGE` patients none is written (a figure takes about a second): draw those wanted with
    `timeline_png`.

    Returns
    -------
    list of Path
    """
    if result.patients["patient_id"].nunique() > MOST_ON_ONE_PAGE:
        return []
    paths = []
    for i, course in enumerate(courses(result), start=1):
        path = out / "figures" / f"course_{i}.png"
        mine = [p for p in films if p.patient_id == course.patient_id]
        with atomic_write(path) as stream:
            stream.write(timeline_png(course, mine))
        paths.append(path)
    return paths


def timeline_png(course: Course, films: Sequence[FilmPicture] = (), *, dpi: int = 150) -> bytes:
    """Draw one patient's course with matplotlib.

    Parameters
    ----------
    course : Course
    films : sequence of FilmPicture
        Drawn along the top in time order, each with a line to its day.
    dpi : int
        The figure is 10 inches wide.

    Returns
    -------
    bytes
        PNG. The same input gives the same bytes with the same matplotlib.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [film for film in course.films if any(p.film_id == film.film_id for p in films)]
    heights = _heights(course, bool(shown))
    figure = Figure(figsize=(10, sum(heights.values()) + 1.12), dpi=dpi)
    FigureCanvasAgg(figure)
    axes = _axes(figure, heights)
    _phases(axes["phase"], course)
    if "grade" in axes:
        _grades(axes["grade"], course)
    for series in course.labs:
        _lab(axes[series.analyte], series)
    if "therapy" in axes:
        _therapy(axes["therapy"], course)
    _shade(axes, course)
    _finish(figure, axes, course)
    if shown:
        _film_row(figure, axes, shown, {p.film_id: p for p in films})
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def _heights(course: Course, films: bool) -> dict[str, float]:
    """Rows of the figure and their heights, inches."""
    rows = {"films": 2.85} if films else {}
    rows["phase"] = 0.32
    if course.films:
        rows["grade"] = 0.95
    rows |= {series.analyte: 0.95 for series in course.labs}
    drugs = _drug_rows(course)
    return rows | ({"therapy": 0.23 * len(drugs) + 0.32} if drugs else {})


def _axes(figure: "Figure", heights: dict[str, float]) -> dict[str, "Axes"]:
    total = sum(heights.values()) + 1.12
    axes: dict[str, Axes] = {}
    top = total - 0.34
    for name, height in heights.items():
        place = (0.115, (top - height) / total, 0.865, (height - 0.09) / total)
        shared = axes.get("phase")
        axes[name] = figure.add_axes(place, sharex=shared if name != "films" else None)
        top -= height
    return axes


def _phases(axes: "Axes", course: Course) -> None:
    _, last = course.extent
    axes.set_ylim(0, 1)
    for span in course.phases:
        end = span.end.day if span.end is not None else last
        axes.axvspan(
            span.start.day, max(end, span.start.day + 0.5), color=phase_tint(course, span), alpha=0.45, lw=0
        )
        zero = end <= span.start.day
        axes.annotate(
            phase_words(span.name),
            (span.start.day, 0.5),
            xytext=(-3 if zero else 3, 0),
            textcoords="offset points",
            va="center",
            ha="right" if zero else "left",
            fontsize=_SMALL + 0.5,
            fontweight="bold",
        )
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _grades(axes: "Axes", course: Course) -> None:
    axes.set_ylim(-0.25, 2.5)
    axes.set_yticks([0, 1, 2])
    for film in course.films:
        if film.when is not None:
            _film(axes, film, film.when, course)
    axes.set_ylabel("Grade", fontweight="bold")


def _film(axes: "Axes", film: Film, when: When, course: Course) -> None:
    low, high = course.extent
    for i, bone in enumerate(film.graded):
        x = when.day + (i - (len(film.graded) - 1) / 2) * 0.012 * (high - low)
        axes.plot([x, x], [bone.low, bone.high], color=INK.hex, lw=1.1)
        _when_bar(axes, when, bone.grade)
        tint = ACTIVITY_TINTS.get(bone.activity, GREY).hex
        axes.plot(
            [x], [bone.grade], _MARKERS.get(bone.bone, "o"), ms=6.5, mfc=tint, mec=INK.hex, mew=0.8, zorder=4
        )
    label = f"{film.film_id} (synthetic)" if film.synthetic else film.film_id
    axes.annotate(label, (when.day, 2.28), ha="center", fontsize=_SMALL, annotation_clip=False)


def _when_bar(axes: "Axes", when: When, y: float) -> None:
    if when.uncertain:
        axes.plot([when.low, when.high], [y, y], color=INK.hex, lw=0.9, alpha=0.4, zorder=2)


def _lab(axes: "Axes", series: LabSeries) -> None:
    """Multiples of the limit on a log axis; infusion days as triangles, values of the text open."""
    from matplotlib.ticker import NullFormatter, NullLocator

    axes.set_yscale("log")
    low, high = multiple_range([p.multiple for p in series.points] + list(series.band or ()))
    axes.set_ylim(low, high)
    ticks = multiple_ticks(low, high)
    axes.set_yticks(ticks, [f"{t:g}×" for t in ticks])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
    if series.band is not None:
        axes.axhspan(*series.band, color=BLUISH_GREEN.hex, alpha=0.16, lw=0)
    axes.axhline(1, color=BLUISH_GREEN.hex, lw=1)
    table = [p for p in series.points if not p.from_text]
    axes.plot([p.when.day for p in table], [p.multiple for p in table], color=BLUE.hex, lw=1.2, zorder=3)
    for point in series.points:
        _when_bar(axes, point.when, point.multiple)
        fill = "white" if point.from_text else BLUE.hex
        sign = "^" if point.on_infusion else "o"
        axes.plot([point.when.day], [point.multiple], sign, ms=4.6, mfc=fill, mec=BLUE.hex, mew=0.9, zorder=4)
    for point in dict.fromkeys([table[0], table[-1]]) if table else ():
        words = number(float(point.row["value"]), 4)
        axes.annotate(
            words,
            (point.when.day, point.multiple),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=_SMALL,
        )
    axes.set_ylabel(f"{series.analyte}\n× {series.limit.replace(' limit', '')}", fontweight="bold")


def _drug_rows(course: Course) -> list[tuple[str, list[Bar]]]:
    """One row per drug, a further nameless one where courses of a drug overlap."""
    found = []
    _, last = course.extent
    for name, spans in drug_bars(course).items():
        rows = pack([(s.start.day, s.end.day if s.end is not None else last) for s in spans], air=-0.5)
        for row in range(max(rows) + 1):
            found.append(("" if row else name, [s for s, r in zip(spans, rows, strict=True) if r == row]))
    return found


def _therapy(axes: "Axes", course: Course) -> None:
    _, last = course.extent
    rows = _drug_rows(course)
    for row, (_, spans) in enumerate(rows):
        for span in spans:
            _bar(axes, span, row, last)
    axes.set_ylim(len(rows) - 0.4, -1.3 if happened(course) else -0.6)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    for day, moments in groupby(happened(course), key=lambda m: m.when.day):
        words = ", ".join(moment.name.replace("_", " ") for moment in moments)
        axes.plot([day], [-0.9], "v", ms=5, color=VERMILION.hex, clip_on=False)
        axes.annotate(words, (day, -0.9), xytext=(5, -2.5), textcoords="offset points", fontsize=6.5)


def _bar(axes: "Axes", span: Span, row: int, last: float) -> None:
    end = span.end.day if span.end is not None else last
    wide = max(end - span.start.day, 1)
    axes.barh(row, wide, left=span.start.day, height=0.72, color="#cfe3f1", edgecolor="#86b6d6", lw=0.7)
    words = dose_words(span.row)
    # A letter of this size is about 0.6 % of the axis wide.
    if wide > 0.0068 * len(words) * last:
        axes.text(span.start.day + 0.004 * last, row, words, va="center", fontsize=6.3)


def _shade(axes: dict[str, "Axes"], course: Course) -> None:
    _, last = course.extent
    for name, each in axes.items():
        if name in ("films", "phase"):
            continue
        for span in course.phases:
            end = span.end.day if span.end is not None else last
            if end > span.start.day:
                each.axvspan(span.start.day, end, color=phase_tint(course, span), alpha=0.075, lw=0, zorder=0)


def _finish(figure: "Figure", axes: dict[str, "Axes"], course: Course) -> None:
    low, high = course.extent
    air = 0.03 * (high - low)
    last = list(axes)[-1]
    for name, each in axes.items():
        each.tick_params(labelsize=_SMALL, labelbottom=name == last, length=2)
        each.yaxis.label.set(rotation=0, ha="right", va="center", fontsize=8.5)
        each.yaxis.set_label_coords(-0.045, 0.5)
        for side in ("top", "right"):
            each.spines[side].set_visible(False)
    axes["phase"].set_xlim(low - air, high + 2 * air)
    axes[last].set_xlabel("days from the first visit", fontsize=8.5)
    made = any(film.synthetic for film in course.films)
    note = f"Films: {SYNTHETIC}. " if made else ""
    figure.text(0.012, 0.24 / figure.get_figheight(), _SIGNS, fontsize=6.6, color="#56616b")
    figure.text(0.012, 0.09 / figure.get_figheight(), note + RESEARCH_USE_ONLY, fontsize=7, color="#56616b")
    figure.text(0.012, 1 - 0.26 / figure.get_figheight(), course.patient_id, fontsize=12, fontweight="bold")


def _film_row(
    figure: "Figure", axes: dict[str, "Axes"], films: list[Film], pictures: dict[str, FilmPicture]
) -> None:
    """Films side by side in time order, each joined to its day on the grade panel."""
    from matplotlib.patches import ConnectionPatch

    row = axes["films"]
    row.set_axis_off()
    row.set_xlim(0, 1)
    row.set_ylim(0, 1)
    box = row.get_position()
    wide = min(box.width / len(films), 0.27)
    for i, film in enumerate(films):
        left = box.x0 + (i + 0.5) * box.width / len(films) - wide / 2
        inset = figure.add_axes((left, box.y0 + 0.28 * box.height, wide * 0.96, 0.72 * box.height))
        inset.imshow(_even(pictures[film.film_id].joint), aspect="equal")
        inset.set_axis_off()
        inset.set_title(_caption(film), fontsize=_SMALL, y=-0.05, va="top", linespacing=1.25)
        if film.when is not None:
            line: dict[str, Any] = {
                "coordsA": "axes fraction",
                "coordsB": "data",
                "axesA": inset,
                "axesB": axes["phase"],
            }
            figure.add_artist(
                ConnectionPatch((0.5, -0.30), (film.when.day, 1), color="#8a949d", lw=0.8, **line)
            )


def _caption(film: Film) -> str:
    """Grades under a film, and on a synthetic one what it is."""
    grades = [
        f"{bone_words(b.bone)} {number(b.grade)} ({interval(b.low, b.high)}) {b.activity}"
        for b in film.graded
    ]
    lines = [film.film_id, *(grades or ["no bone graded"])]
    return "\n".join([*lines, SYNTHETIC] if film.synthetic else lines)


def _even(rgb: np.ndarray) -> np.ndarray:
    """The middle of a picture, 1.25 times as wide as high, so that a row of films stays even."""
    rows, columns = rgb.shape[:2]
    wide, high = min(columns, round(rows * 1.25)), min(rows, round(columns / 1.25))
    left, top = (columns - wide) // 2, (rows - high) // 2
    return rgb[top : top + high, left : left + wide]
