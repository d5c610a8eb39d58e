"""Lanes of the timeline with laboratory values: multiples of a limit on a log axis."""

from rickets_rx.report.course import LabPoint, LabSeries
from rickets_rx.report.frame import Frame, lane_name, text_width
from rickets_rx.report.scales import Scale, multiple_range, multiple_ticks
from rickets_rx.report.svg import Svg
from rickets_rx.report.words import number

HEIGHT = 92.0


def lab_scale(series: LabSeries, top: float, height: float = HEIGHT) -> Scale:
    """Log axis of one lane; holds every value, the limit and the whole printed range."""
    low, high = multiple_range([p.multiple for p in series.points] + list(series.band or ()))
    return Scale(low, high, top + height, top, log=True)


def lab_lane(svg: Svg, frame: Frame, series: LabSeries, top: float) -> float:
    """Draw one analyte: range band, limit at 1, a line through the table's values, the values.

    Values drawn during an infusion are triangles, values of the report's text are open circles and
    stay off the line; uncertain days are horizontal bars.
    """
    note = f"× {series.limit}" if series.limit else ""
    top = lane_name(svg, frame, top, series.analyte, note, f"range {series.range_text}") + 8
    scale = lab_scale(series, top)
    if series.band is not None:
        y1, y2 = scale.at(series.band[1]), scale.at(series.band[0])
        svg.add("rect", x=frame.left, y=y1, width=frame.right - frame.left, height=y2 - y1, class_="band")
    _axis(svg, frame, scale)
    joined = [p for p in series.points if not p.from_text]
    path = " ".join(f"{frame.x.at(p.when.day):.2f},{scale.at(p.multiple):.2f}" for p in joined)
    svg.add("polyline", points=path, class_="course")
    for point in series.points:
        _draw_point(svg, frame, scale, point)
    _label_values(svg, frame, scale, joined)
    return top + HEIGHT + 10


def _axis(svg: Svg, frame: Frame, scale: Scale) -> None:
    for value in _apart(multiple_ticks(scale.low, scale.high), scale):
        y = scale.at(value)
        svg.add("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="limit" if value == 1 else "grid")
        svg.add("text", f"{value:g}×", x=frame.left - 6, y=y + 4, class_="tick end")


def _apart(ticks: list[float], scale: Scale, least: float = 13.0) -> list[float]:
    """Ticks whose words do not touch; the limit first, then those nearest to the ends of the axis."""
    kept: list[float] = []
    for tick in sorted(ticks, key=lambda t: (t != 1, -abs(scale.at(t) - scale.at(1)))):
        if all(abs(scale.at(tick) - scale.at(other)) >= least for other in kept):
            kept.append(tick)
    return sorted(kept)


def _draw_point(svg: Svg, frame: Frame, scale: Scale, point: LabPoint) -> None:
    low, x, high = frame.clamp(point.when)
    y = scale.at(point.multiple)
    if point.when.uncertain:
        svg.add("line", x1=low, x2=high, y1=y, y2=y, class_="when")
    words = point_words(point)
    if point.on_infusion:
        svg.add(
            "path", d="M0 -5.5l5 9h-10z", transform=f"translate({x:.2f} {y:.2f})", class_="value", title=words
        )
    else:
        kind = "value open" if point.from_text else "value"
        svg.add("circle", cx=x, cy=y, r=4, class_=kind, title=words)


def point_words(point: LabPoint) -> str:
    """A value as the readout tells it: ``ALP 1887 U/L (8.58 × upper limit)``."""
    row = point.row
    words = f"{row['analyte']} {number(float(row['value']), 4)} {row.get('unit') or ''}".rstrip()
    words += f" ({number(point.multiple)} × {row.get('multiple_of') or 'limit'})"
    if point.on_infusion:
        words += ", during infusion"
    return f"{words}, from the report's text" if point.from_text else words


def _label_values(svg: Svg, frame: Frame, scale: Scale, points: list[LabPoint]) -> None:
    """Write the first, the last, the highest and the lowest value beside their points."""
    if not points:
        return
    picked = [points[0], points[-1]]
    if not frame.narrow:
        picked += [max(points, key=lambda p: p.multiple), min(points, key=lambda p: p.multiple)]
    taken: list[tuple[float, float]] = []
    for point in dict.fromkeys(picked):
        words = number(float(point.row["value"]), 4)
        x, y = frame.x.at(point.when.day), scale.at(point.multiple)
        wide = text_width(words, 11.5, wide=True)
        below = y - 14 < scale.end
        at = min(x + 6, frame.width - wide - 2), y + 14 if below else y - 6
        if all(abs(at[0] - other[0]) > wide or abs(at[1] - other[1]) > 13 for other in taken):
            svg.add("text", words, x=at[0], y=at[1], class_="small halo")
            taken.append(at)
