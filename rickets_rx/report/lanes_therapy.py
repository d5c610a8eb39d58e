"""Lanes of the timeline with what was given and what happened: drugs, events, growth, the axis."""

from dataclasses import dataclass
from itertools import groupby

from rickets_rx.report.course import Course, Moment, Row, Span, When, text
from rickets_rx.report.frame import Frame, lane_name, pack, text_width
from rickets_rx.report.lanes import LETTERS, uncertainty
from rickets_rx.report.scales import day_ticks
from rickets_rx.report.svg import Svg
from rickets_rx.report.words import age_words, dose_words, drug_words, growth_words

ROW = 21.0


@dataclass(frozen=True, eq=False)
class Bar(Span):
    """A drug at one dose; ``parts`` are the rows of the table that it covers, in order."""

    parts: tuple[Span, ...]


def drug_bars(course: Course) -> dict[str, list[Bar]]:
    """Bars of each drug and route.

    Courses that continue at the same dose are joined into one bar where the dose has the same basis and the
    same source, table or text: a dose that only the prose gives is not carried on by the table's.
    """
    rows: dict[str, list[Span]] = {}
    for span in course.drugs:
        rows.setdefault(drug_words(span.row), []).append(span)
    return {name: _joined(spans) for name, spans in rows.items()}


def _joined(spans: list[Span]) -> list[Bar]:
    bars: list[Bar] = []
    for span in sorted(spans, key=lambda s: (s.start.day, s.end.day if s.end else float("inf"))):
        before = next((b for b in bars if b.end == span.start and _kind(b.row) == _kind(span.row)), None)
        if before is None:
            bars.append(Bar(span.name, span.start, span.end, span.row, (span,)))
        else:
            joined = Bar(before.name, before.start, span.end, before.row, (*before.parts, span))
            bars[bars.index(before)] = joined
    return bars


def _kind(row: Row) -> tuple[str, str, bool]:
    """What courses of one bar share: dose, its basis, and whether the report's prose alone gives it."""
    return dose_words(row), text(row.get("dose_basis")), text(row.get("as_printed")).startswith("text:")


def course_words(span: Span) -> str:
    """Drug, dose, basis and the words of the source: ``calcium 2 g/day, elemental; printed: “Ca: 2 g”``."""
    basis = text(span.row.get("dose_basis"))
    words = f"{drug_words(span.row)} {dose_words(span.row)}" + (f", {basis_words(basis)}" if basis else "")
    return words + _quoted(text(span.row.get("as_printed")))


def basis_words(basis: str) -> str:
    """Dose basis for a reader: ``basis unstated`` rather than a bare ``unstated``."""
    return "basis unstated" if basis == "unstated" else basis


def _quoted(printed: str) -> str:
    """What the source says: its table, or where only its prose gives the dose, that."""
    if printed.startswith("text:"):
        return f"; from the report's text: “{printed.removeprefix('text:').strip()}”"
    return f"; printed: “{printed}”" if printed else ""


def bar_words(bar: Bar) -> str:
    """Every row of a bar with its days; what is printed for one row is not said of another."""
    return "\n".join(f"{_days(part)}: {course_words(part)}" for part in bar.parts)


def therapy_lane(svg: Svg, frame: Frame, course: Course, top: float) -> float:
    """One row per drug, more where its courses overlap; doses as given, slips are marked in the table."""
    bars = drug_bars(course)
    if not bars:
        return top
    top = lane_name(svg, frame, top, "Therapy") + (0 if frame.narrow else 22)
    for name, spans in bars.items():
        extents = [_extent(frame, span) for span in spans]
        rows = pack(extents, air=-1)
        svg.add("text", name, x=2, y=top + 13, class_="small")
        if frame.narrow:
            top += 16
        for span, row in zip(spans, rows, strict=True):
            _draw_bar(svg, frame, span, top + ROW * row)
        top += ROW * (max(rows) + 1) + 1
    return top + 6


def _extent(frame: Frame, span: Span) -> tuple[float, float]:
    end = frame.right if span.end is None else frame.x.at(span.end.day)
    return frame.x.at(span.start.day), max(end, frame.x.at(span.start.day) + 3)


def _draw_bar(svg: Svg, frame: Frame, span: Bar, y: float) -> None:
    start, end = _extent(frame, span)
    words = dose_words(span.row)
    svg.add("rect", x=start, y=y, width=end - start, height=16, class_="bar", title=bar_words(span))
    for border in (span.start, span.end):
        if border is not None and border.uncertain:
            svg.add(
                "line",
                x1=frame.x.at(border.low),
                x2=frame.x.at(border.high),
                y1=y + 18,
                y2=y + 18,
                class_="when",
            )
    if text_width(words, 11) + 6 <= end - start:
        svg.add("text", words, x=start + 4, y=y + 12, class_="dose")


def _days(span: Span) -> str:
    return f"day {when_words(span.start)} to " + ("the end" if span.end is None else when_words(span.end))


def when_words(when: When) -> str:
    """A day with its bounds, ``164 (128–192)``."""
    return f"{when.day:g} ({when.low:g}–{when.high:g})" if when.uncertain else f"{when.day:g}"


def happened(course: Course) -> tuple[Moment, ...]:
    """Events without the report's opinions of values (``called_...``), which stand in their own table."""
    return tuple(m for m in course.events if not m.name.startswith("called_"))


def event_lane(svg: Svg, frame: Frame, course: Course, top: float) -> float:
    """Events as letters whose words stand under the figure."""
    events = happened(course)
    if not events:
        return top
    top = lane_name(svg, frame, top, "Events", "letters below")
    places = [frame.x.at(m.when.day) for m in events]
    rows = pack([(x - 9, x + 9) for x in places], air=1)
    for moment, x, row in zip(events, places, rows, strict=True):
        y = top + 12 + 20 * row
        uncertainty(svg, frame, moment, y)
        letter = LETTERS[events.index(moment) % 26].upper()
        svg.add(
            "circle", cx=x, cy=y, r=8, class_="event", title=f"{moment.name}: {text(moment.row.get('text'))}"
        )
        svg.add("text", letter, x=x, y=y + 4, class_="letter")
    return top + 26 + 20 * max(rows)


def growth_lane(svg: Svg, frame: Frame, course: Course, top: float) -> float:
    """Measures of growth, written out where they were taken."""
    if not course.growth:
        return top
    top = lane_name(svg, frame, top, "Growth")
    days = [(day, list(group)) for day, group in groupby(course.growth, key=lambda m: m.when.day)]
    labels = [", ".join(growth_words(m.row) for m in group) for _, group in days]
    places = [frame.x.at(day) for day, _ in days]
    extents = []
    for x, label in zip(places, labels, strict=True):
        wide = text_width(label, 11) + 10
        left = min(x, frame.right - wide)
        extents.append((left, left + wide))
    rows = pack(extents)
    for x, (left, _), label, row in zip(places, extents, labels, rows, strict=True):
        y = top + 12 + 17 * row
        svg.add("circle", cx=x, cy=y, r=3, class_="growth")
        svg.add("text", label, x=left + 8, y=y + 4, class_="small")
    return top + 24 + 17 * max(rows)


def axis(svg: Svg, frame: Frame, course: Course, top: float, lanes_top: float) -> float:
    """Days from the patient's day 0, and the age where it is known."""
    low, high = course.extent
    svg.add("line", x1=frame.left, x2=frame.right, y1=top, y2=top, class_="axis")
    start = course.patient.get("age_days_at_day0")
    for day in day_ticks(low, high, 6 if frame.narrow else 14):
        x = frame.x.at(day)
        svg.add("line", x1=x, x2=x, y1=lanes_top, y2=top, class_="grid")
        svg.add("line", x1=x, x2=x, y1=top, y2=top + 5, class_="axis")
        svg.add("text", str(day), x=x, y=top + 18, class_="tick middle")
        if start is not None:
            svg.add("text", age_words(float(start) + day), x=x, y=top + 32, class_="note middle")
    lane_name(
        svg,
        frame,
        top + (34 if frame.narrow else 4),
        "Day",
        "from the first visit",
        "" if start is None else "age under it",
    )
    return top + (56 if frame.narrow else 50)
