"""Lanes of the timeline that tell of bone: phases above all, films with grades, and what reports say."""

from rickets_rx.report.course import BoneOnFilm, Course, Film, Moment, Span
from rickets_rx.report.frame import Frame, lane_name, pack, text_width
from rickets_rx.report.palette import (
    BLUE,
    BLUISH_GREEN,
    GREY,
    ORANGE,
    REDDISH_PURPLE,
    SKY_BLUE,
    VERMILION,
    WHITE,
    Colour,
)
from rickets_rx.report.scales import Scale
from rickets_rx.report.svg import Svg
from rickets_rx.report.words import DIRECTION_WORDS, direction_of, finding_words, phase_words

PHASE_TINTS: tuple[Colour, ...] = (GREY, SKY_BLUE, ORANGE, BLUISH_GREEN, REDDISH_PURPLE, BLUE)
ACTIVITY_TINTS: dict[str, Colour] = {
    "active": VERMILION,
    "healing": BLUISH_GREEN,
    "residual": SKY_BLUE,
    "none": WHITE,
    "indeterminate": GREY,
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def phase_tint(course: Course, span: Span) -> str:
    """Colour of a phase; phases of one name share it."""
    names = list(dict.fromkeys(phase.name for phase in course.phases))
    return PHASE_TINTS[names.index(span.name) % len(PHASE_TINTS)].hex


def phase_shades(svg: Svg, frame: Frame, course: Course, top: float, bottom: float) -> None:
    """Shade every phase through all lanes; where a border is uncertain it fades between its bounds."""
    for span in course.phases:
        start, end = frame.x.at(span.start.day), frame.right
        if span.end is not None:
            end = frame.x.at(span.end.day)
        tint = phase_tint(course, span)
        svg.add(
            "rect", x=start, y=top, width=max(end - start, 1), height=bottom - top, fill=tint, class_="shade"
        )
    for span in course.phases:
        if span.start.uncertain:
            low, day, high = frame.clamp(span.start)
            svg.add("rect", x=low, y=top, width=high - low, height=bottom - top, class_="unsure")
            svg.add("line", x1=day, x2=day, y1=top, y2=bottom, class_="border")


def phase_lane(svg: Svg, frame: Frame, course: Course, top: float) -> float:
    """Name every phase over its days."""
    top = lane_name(svg, frame, top, "Phase", "in force")
    extents, spans = [], []
    for span in course.phases:
        start = frame.x.at(span.start.day)
        end = frame.right if span.end is None else frame.x.at(span.end.day)
        words = phase_words(span.name)
        label = start + text_width(words, 12) + 10
        # A label that would leave the drawing on the right is written towards the left.
        shift = max(label - frame.right, 0) if label > end else 0
        extents.append((start - shift, max(end, label - shift)))
        spans.append((span, start, end, start - shift, words))
    rows = pack(extents, air=1)
    for (span, start, end, at, words), row in zip(spans, rows, strict=True):
        y = top + 4 + 19 * row
        svg.add(
            "rect",
            x=start,
            y=y,
            width=max(end - start, 2),
            height=16,
            fill=phase_tint(course, span),
            class_="phase",
        )
        svg.add("text", words, x=at + 4, y=y + 12, class_="small strong")
    return top + 10 + 19 * (max(rows, default=0) + 1)


def grade_lane(svg: Svg, frame: Frame, course: Course, top: float) -> float:
    """Grade of every bone with its interval, on the scale 0-2; refused bones as a cross at the foot."""
    films = [film for film in course.films if film.when is not None]
    synthetic = [film for film in films if film.synthetic]
    note = "synthetic films:" if synthetic else "grade of each bone"
    second = "illustration only" if synthetic else "with 90 % interval"
    top = lane_name(svg, frame, top, "Grade, 0–2", note, second)
    labels = [_film_label(film) for film in films]
    places = [frame.x.at(film.when.day) for film in films if film.when is not None]
    extents = [
        _centred(x, text_width(label, 11.5, wide=True), frame)
        for x, label in zip(places, labels, strict=True)
    ]
    rows = pack(extents)
    head = 15 * (max(rows, default=0) + 1)
    scale = Scale(0, 2, top + head + 74, top + head + 8)
    for value in (0, 1, 2):
        svg.add("line", x1=frame.left, x2=frame.right, y1=scale.at(value), y2=scale.at(value), class_="grid")
        svg.add("text", str(value), x=frame.left - 6, y=scale.at(value) + 4, class_="tick end")
    for film, label, (low, _), row in zip(films, labels, extents, rows, strict=True):
        svg.add("text", label, x=low, y=top + 12 + 15 * row, class_="small strong")
        _draw_film(svg, frame, film, scale)
    return top + head + 84


def _film_label(film: Film) -> str:
    return f"{film.film_id} (synthetic)" if film.synthetic else film.film_id


def _centred(x: float, width: float, frame: Frame) -> tuple[float, float]:
    """Extent of a label around ``x``, held inside the plotted area."""
    low = min(max(x - width / 2, frame.left), frame.right - width)
    return low, low + width


def _draw_film(svg: Svg, frame: Frame, film: Film, scale: Scale) -> None:
    assert film.when is not None
    low, day, high = frame.clamp(film.when)
    for i, bone in enumerate(film.graded):
        # Bones of one film stand side by side, so that equal grades do not hide each other.
        x = day + (i - (len(film.graded) - 1) / 2) * 13
        if film.when.uncertain:
            y = scale.at(bone.grade)
            svg.add("line", x1=low, x2=high, y1=y, y2=y, class_="when")
        _draw_grade(svg, x, bone, scale, film)
    for i, (bone_name, reason) in enumerate(film.refused):
        x, y = day + (len(film.graded) / 2 + 0.5 + i) * 13, scale.at(0)
        path = f"M{x - 4:.2f} {y - 4:.2f}l8 8m0 -8l-8 8"
        svg.add("path", d=path, class_="refused", title=f"{bone_name} not scored: {reason}")


def _draw_grade(svg: Svg, x: float, bone: BoneOnFilm, scale: Scale, film: Film) -> None:
    words = f"{film.film_id} {bone.bone}: {bone.grade:g} ({bone.low:g}–{bone.high:g}), {bone.activity}"
    svg.add("line", x1=x, x2=x, y1=scale.at(bone.low), y2=scale.at(bone.high), class_="interval")
    fill = ACTIVITY_TINTS.get(bone.activity, GREY).hex
    marker(svg, bone.bone, x, scale.at(bone.grade), fill, title=words)


_OUTLINES: dict[str, str] = {
    "ulna": "M-5 -5h10v10h-10z",
    "humerus": "M0 -6.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z",
    "radius_proximal": "M0 -6l6 11h-12z",
    "ulna_proximal": "M0 6l6 -11h-12z",
}


def marker(svg: Svg, bone: str, x: float, y: float, fill: str, *, title: str = "") -> None:
    """The sign of a bone: circle radius, square ulna, diamond humerus, triangles the proximal bones."""
    if bone in _OUTLINES:
        place = f"translate({x:.2f} {y:.2f})"
        svg.add("path", d=_OUTLINES[bone], transform=place, fill=fill, class_="mark", title=title)
    else:
        svg.add("circle", cx=x, cy=y, r=5.5, fill=fill, class_="mark", title=title)


FINDING_SIGNS: dict[int, str] = {1: "▲", 0: "–", -1: "◆"}
FINDING_OUTLINES: dict[int, str] = {
    1: "M0 -5l5.5 9h-11z",
    0: "M-5.5 -1.5h11v3h-11z",
    -1: "M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
}


def findings_lane(svg: Svg, frame: Frame, course: Course, top: float) -> float:
    """What reports say of films: a row each for healing, no change or none, and rickets; letters lead on.

    A sign tells what a report describes, not a change: at the first film there is nothing to compare with.
    """
    if not course.findings:
        return top
    top = lane_name(svg, frame, top, "Report's words", "letters below" if frame.narrow else "")
    rows = {1: top + 12, 0: top + 29, -1: top + 46}
    if not frame.narrow:
        for i, (direction, sign) in enumerate(FINDING_SIGNS.items()):
            svg.add("text", f"{sign} {DIRECTION_WORDS[direction]}", x=2, y=top + 29 + 13 * i, class_="note")
    for (day, direction), moments in _clusters(course.findings).items():
        letters = " ".join(LETTERS[course.findings.index(m) % 26] for m in moments)
        x, y = frame.x.at(day), rows[direction]
        for moment in moments:
            uncertainty(svg, frame, moment, y)
        words = "; ".join(finding_words(m.row) for m in moments)
        svg.add(
            "path",
            d=FINDING_OUTLINES[direction],
            transform=f"translate({x:.2f} {y:.2f})",
            class_=f"finding d{direction + 1}",
            title=words,
        )
        svg.add("text", letters, x=x + 9, y=y + 4, class_="small halo")
    return top + (60 if frame.narrow else 64)


def uncertainty(svg: Svg, frame: Frame, moment: Moment, y: float) -> None:
    """The horizontal bar of an uncertain day."""
    if moment.when.uncertain:
        low, _, high = frame.clamp(moment.when)
        svg.add("line", x1=low, x2=high, y1=y, y2=y, class_="when")


def _clusters(moments: tuple[Moment, ...]) -> dict[tuple[float, int], list[Moment]]:
    found: dict[tuple[float, int], list[Moment]] = {}
    for moment in moments:
        direction = direction_of(moment.row)
        # Without a direction there is no row to draw it in; its words stand in the list of letters.
        if direction is not None:
            found.setdefault((moment.when.day, direction), []).append(moment)
    return found
