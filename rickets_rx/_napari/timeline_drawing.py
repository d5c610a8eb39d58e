"""Draws a course into a dark matplotlib figure; every grade can be clicked and carries its film's id."""

from typing import TYPE_CHECKING, Any

from rickets_rx.report.course import Course
from rickets_rx.report.palette import BLUE, BLUISH_GREEN, GREY, ORANGE, SKY_BLUE, VERMILION, YELLOW

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _PAPER, _LINE = "#d8dcde", "#1c2024", "#50565a"
_MARKERS = {"radius": "o", "ulna": "s", "humerus": "D", "radius_proximal": "^", "ulna_proximal": "v"}
#: Legends stand right of their axes, so that they hide no point.
_BESIDE: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
_HUES = (SKY_BLUE, ORANGE, BLUISH_GREEN, YELLOW)


def draw_course(figure: "Figure", course: Course, shown: str | None, machine: Course | None = None) -> None:
    """Phases, grades, laboratory values and events over days.

    Parameters
    ----------
    figure : Figure
        Empty.
    course : Course
    shown : str, optional
        film_id of the film that is shown; a line marks its day.
    machine : Course, optional
        The course before a reader corrected it: grades that she changed are drawn pale beside hers.
    """
    rows = [("phases", 0.5)] if course.phases else []
    rows += [("grade", 1.6)]
    rows += [("labs", 1.5)] if course.labs else []
    rows += [("events", 0.7)] if course.events else []
    made = figure.subplots(
        len(rows), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": [high for _, high in rows]}
    )
    axes = {name: made[i, 0] for i, (name, _) in enumerate(rows)}
    for axis in axes.values():
        _dress(axis)
    if "phases" in axes:
        _phases(axes["phases"], course)
    _grades(axes["grade"], course, shown, _replaced(course, machine or course))
    if "labs" in axes:
        _labs(axes["labs"], course)
    if "events" in axes:
        _events(axes["events"], course)
    low, high = course.extent
    air = 0.04 * (high - low)
    made[-1, 0].set_xlim(low - air, high + air)
    made[-1, 0].set_xlabel("days", color=_INK, fontsize=8)
    marked = next((film.when for film in course.films if film.film_id == shown and film.when), None)
    for axis in axes.values():
        if marked is not None:
            axis.axvline(marked.day, color=YELLOW.hex, linewidth=1, linestyle="--", zorder=0)


def _dress(axis: "Axes") -> None:
    axis.set_facecolor(_PAPER)
    axis.tick_params(colors=_INK, labelsize=7)
    for spine in axis.spines.values():
        spine.set_color(_LINE)


def _name(axis: "Axes", words: str) -> None:
    axis.set_ylabel(words, color=_INK, fontsize=8, rotation=0, ha="right", va="center")


def _phases(axis: "Axes", course: Course) -> None:
    low, high = course.extent
    for i, phase in enumerate(course.phases):
        end = high if phase.end is None else phase.end.day
        axis.axvspan(phase.start.day, end, color=_HUES[i % len(_HUES)].hex, alpha=0.35, linewidth=0)
        if end - phase.start.day > 0.06 * (high - low):
            middle = (phase.start.day + end) / 2
            words = phase.name.replace("_", " ")
            axis.text(middle, 0.5, words, color=_INK, fontsize=7, ha="center", va="center", clip_on=True)
    axis.set_yticks([])
    _name(axis, "phase")


def _replaced(course: Course, machine: Course) -> dict[tuple[str, str], float]:
    """Grades of the machine that a reader changed, by film and bone."""
    now = {(film.film_id, bone.bone): bone.grade for film in course.films for bone in film.graded}
    old = {(film.film_id, bone.bone): bone.grade for film in machine.films for bone in film.graded}
    return {key: grade for key, grade in old.items() if now.get(key) != grade}


def _grades(axis: "Axes", course: Course, shown: str | None, replaced: dict[tuple[str, str], float]) -> None:
    names = list(dict.fromkeys(bone.bone for film in course.films for bone in film.graded))
    seen: set[str] = set()
    width = (course.extent[1] - course.extent[0]) / 55
    for film in course.films:
        if film.when is None:
            continue
        for bone in film.graded:
            at = film.when.day + (names.index(bone.bone) - (len(names) - 1) / 2) * width
            hue = YELLOW.hex if film.film_id == shown else _HUES[names.index(bone.bone) % len(_HUES)].hex
            axis.vlines(at, bone.low, bone.high, color=hue, linewidth=1.5, alpha=0.7)
            (point,) = axis.plot(
                [at], [bone.grade], _MARKERS.get(bone.bone, "o"), color=hue, markersize=8, picker=6
            )
            point.set_gid(film.film_id)
            old = replaced.get((film.film_id, bone.bone))
            if old is not None:
                axis.plot(
                    [at], [old], _MARKERS.get(bone.bone, "o"), color=GREY.hex, markersize=6, fillstyle="none"
                )
            if bone.bone not in seen:
                seen.add(bone.bone)
                axis.plot([], [], _MARKERS.get(bone.bone, "o"), color=_INK, label=bone.bone.replace("_", " "))
        if not film.graded:
            (point,) = axis.plot([film.when.day], [-0.25], "x", color=GREY.hex, markersize=8, picker=6)
            point.set_gid(film.film_id)
    axis.set_ylim(-0.4, 2.4)
    axis.set_yticks([0, 1, 2])
    _name(axis, "grade")
    if replaced:
        axis.plot([], [], "o", color=GREY.hex, markersize=6, fillstyle="none", label="machine's, before")
    if seen:
        axis.legend(fontsize=7, labelcolor=_INK, facecolor=_PAPER, edgecolor=_LINE, **_BESIDE)


def _labs(axis: "Axes", course: Course) -> None:
    """Multiples of the printed limit, on one log axis."""
    hues = (SKY_BLUE, BLUISH_GREEN, VERMILION, BLUE)
    for series, hue in zip(course.labs, hues, strict=False):
        points = [point for point in series.points if not point.from_text]
        days = [point.when.day for point in points]
        axis.plot(days, [p.multiple for p in points], "-o", color=hue.hex, markersize=3, linewidth=1,
                  label=f"{series.analyte} / {series.limit}")  # fmt: skip
    axis.set_yscale("log")
    axis.axhline(1.0, color=GREY.hex, linewidth=0.8)
    _name(axis, "x limit")
    axis.minorticks_off()
    axis.legend(fontsize=6, labelcolor=_INK, facecolor=_PAPER, edgecolor=_LINE, **_BESIDE)


def _events(axis: "Axes", course: Course) -> None:
    low, high = course.extent
    free = low
    for event in course.events:
        axis.plot([event.when.day], [0.25], "v", color=VERMILION.hex, markersize=5)
        words = event.name.replace("_", " ")
        # Words that would lie over each other are left out; the report lists every event.
        if event.when.day >= free:
            near_end = event.when.day > high - 0.15 * (high - low)
            beside = "right" if near_end else "left"
            axis.text(event.when.day, 0.5, words, color=_INK, fontsize=6, ha=beside, clip_on=True)
            free = event.when.day + (high - low) * 0.008 * len(words)
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    _name(axis, "events")
