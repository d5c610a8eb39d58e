"""What the hover line tells: every observation of a course with its day, in words, lane by lane."""

from typing import Any

from rickets_rx.report.course import Course, Moment, Span, When, text
from rickets_rx.report.lanes_labs import point_words
from rickets_rx.report.lanes_therapy import course_words, drug_bars, happened, when_words
from rickets_rx.report.words import finding_words, growth_words, phase_words

Entry = dict[str, Any]


def readout(course: Course) -> dict[str, list[Entry]]:
    """Lanes to entries.

    Returns
    -------
    dict
        ``points``: things seen on a day (``lane``, ``day``, ``low``, ``high``, ``text``);
        ``spans``: phases and drugs (``lane``, ``low``, ``high`` or null, ``text``).
    """
    spans = [_span("Phase", phase_words(span.name), span) for span in course.phases]
    for name, bars in drug_bars(course).items():
        # One entry for each row of the table: what is quoted was printed for these days and no others.
        spans += [_span(name, course_words(part), part) for bar in bars for part in bar.parts]
    return {"points": _points(course), "spans": spans}


def _points(course: Course) -> list[Entry]:
    found = [
        _point("Film", film.when, _film_words(course, i)) for i, film in enumerate(course.films) if film.when
    ]
    for series in course.labs:
        found += [_point(series.analyte, p.when, point_words(p)) for p in series.points]
    found += [_point("Report", m.when, finding_words(m.row) or m.name) for m in course.findings]
    found += [_point("Event", m.when, _words(m)) for m in happened(course)]
    return found + [_point("Growth", m.when, growth_words(m.row)) for m in course.growth]


def _film_words(course: Course, index: int) -> str:
    film = course.films[index]
    grades = ", ".join(f"{b.bone} {b.grade:g} ({b.low:g}–{b.high:g}) {b.activity}" for b in film.graded)
    made = ", synthetic film, not the patient's" if film.synthetic else ""
    return f"{film.film_id}: {grades or 'no grade'}{made}"


def _words(moment: Moment) -> str:
    return text(moment.row.get("text")) or moment.name


def _point(lane: str, when: When | None, words: str) -> Entry:
    assert when is not None
    return {
        "lane": lane,
        "day": when.day,
        "low": when.low,
        "high": when.high,
        "text": f"day {when_words(when)}: {words}",
    }


def _span(lane: str, words: str, span: Span) -> Entry:
    return {"lane": lane, "low": span.start.day, "high": span.end.day if span.end else None, "text": words}
