"""The drawing frame of a timeline: its axis of days, its gutters and how wide text comes out."""

from dataclasses import dataclass

from rickets_rx.report.course import Course, When
from rickets_rx.report.scales import Scale
from rickets_rx.report.svg import Svg

# A browser's sans-serif is on average this wide, in em; figures and bold letters are wider. Rather too wide
# than overlapping (ours, by the widest usual fonts).
_EM, _WIDE_EM = 0.56, 0.7


@dataclass(frozen=True)
class Frame:
    """Where things go. ``narrow`` frames (phones) put the lane names above the lanes, not beside them.

    Parameters
    ----------
    width : float
        Of the whole drawing, pixels.
    left, right : float
        Ends of the plotted area.
    x : Scale
        Days to pixels.
    narrow : bool
    """

    width: float
    left: float
    right: float
    x: Scale
    narrow: bool

    @property
    def heading(self) -> float:
        """Height that a lane's name takes above the lane."""
        return 17.0 if self.narrow else 0.0

    def clamp(self, when: When) -> tuple[float, float, float]:
        """Pixels of low, day and high."""
        return self.x.at(when.low), self.x.at(when.day), self.x.at(when.high)


def frame_of(course: Course, *, narrow: bool) -> Frame:
    """A frame 1080 wide, or 360 for phones; the axis has 2 % of air before and 6 % after."""
    low, high = course.extent
    width, left = (360.0, 36.0) if narrow else (1080.0, 176.0)
    right = width - (14 if narrow else 24)
    air = high - low
    return Frame(width, left, right, Scale(low - 0.02 * air, high + 0.06 * air, left, right), narrow)


def text_width(text: str, size: float, *, wide: bool = False) -> float:
    """About how wide a browser draws a text, pixels; ``wide``: bold letters, or figures."""
    return len(text) * size * (_WIDE_EM if wide else _EM)


def lane_name(svg: Svg, frame: Frame, top: float, name: str, note: str = "", second: str = "") -> float:
    """Write a lane's name with small notes; returns where the lane itself starts."""
    if frame.narrow:
        words = f"{note} {second}" if note.endswith(":") else ", ".join(filter(None, (note, second)))
        svg.open("text", x=2, y=top + 12, class_="lane")
        svg.add("tspan", name, class_="lane")
        if words:
            svg.add("tspan", f"  {words}", class_="note")
        svg.close("text")
        return top + frame.heading
    svg.add("text", name, x=2, y=top + 14, class_="lane")
    for i, words in enumerate(part for part in (note, second) if part):
        svg.add("text", words, x=2, y=top + 29 + 13 * i, class_="note")
    return top


def rule(svg: Svg, frame: Frame, y: float) -> None:
    """A hairline between lanes."""
    svg.add("line", x1=0, x2=frame.width, y1=y, y2=y, class_="rule")


def pack(extents: list[tuple[float, float]], air: float = 4.0) -> list[int]:
    """Row of each extent so that none overlaps another in its row, first come first served."""
    ends: list[float] = []
    rows = []
    for low, high in extents:
        row = next((i for i, end in enumerate(ends) if low >= end + air), len(ends))
        if row == len(ends):
            ends.append(high)
        ends[row] = high
        rows.append(row)
    return rows
