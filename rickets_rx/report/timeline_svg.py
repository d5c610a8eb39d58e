"""The main figure of one patient as inline SVG: everything on one axis of days."""

from rickets_rx.report.course import Course
from rickets_rx.report.frame import Frame, frame_of, rule
from rickets_rx.report.lanes import findings_lane, grade_lane, phase_lane, phase_shades
from rickets_rx.report.lanes_labs import lab_lane
from rickets_rx.report.lanes_therapy import axis, event_lane, growth_lane, therapy_lane
from rickets_rx.report.svg import Svg, coordinate


def timeline_svg(course: Course, *, narrow: bool = False) -> str:
    """Draw phases, grades, report's words, labs, therapy, events and growth over days.

    Parameters
    ----------
    course : Course
    narrow : bool
        For phones: 360 pixels wide instead of 1080, lane names above their lanes.

    Returns
    -------
    str
        One ``<svg>`` element without styles of its own; ``data-`` attributes carry the axis for the
        hover line. The same course gives the same bytes.
    """
    frame = frame_of(course, narrow=narrow)
    lanes, grid = Svg(), Svg()
    bottom = _draw_lanes(lanes, frame, course)
    end = axis(grid, frame, course, bottom, 0)
    under = Svg()
    phase_shades(under, frame, course, 0, bottom)
    opening = Svg().open(
        "svg",
        title=f"Course of {course.patient_id}: phases, grades, laboratory values and therapy over days",
        viewBox=f"0 0 {coordinate(frame.width)} {coordinate(end)}",
        class_="timeline narrow" if narrow else "timeline wide",
        role="img",
        data_low=frame.x.low,
        data_high=frame.x.high,
        data_left=frame.left,
        data_right=frame.right,
    )
    hover = Svg().add("line", x1=0, x2=0, y1=0, y2=bottom, class_="hover")
    return "\n".join([str(opening), str(under), str(grid), str(lanes), str(hover), "</svg>"])


def _draw_lanes(svg: Svg, frame: Frame, course: Course) -> float:
    """All lanes from the top; returns where they end."""
    y = phase_lane(svg, frame, course, 0)
    if course.films:
        rule(svg, frame, y)
        y = grade_lane(svg, frame, course, y + 4)
    if course.findings:
        rule(svg, frame, y)
        y = findings_lane(svg, frame, course, y + 4)
    for series in course.labs:
        rule(svg, frame, y)
        y = lab_lane(svg, frame, series, y + 4)
    for lane in (therapy_lane, event_lane, growth_lane):
        before = y
        y = lane(svg, frame, course, y + 4)
        if y > before + 4:
            rule(svg, frame, before)
    return y
