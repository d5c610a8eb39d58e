"""Where the timeline draws a day, a multiple and a phase; positions worked out by hand."""

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.healing.result import HealingResult
from rickets_rx.report.course import CaseRows, Course, When, course_of, courses
from rickets_rx.report.frame import frame_of, pack
from rickets_rx.report.glance import glances
from rickets_rx.report.lanes import findings_lane
from rickets_rx.report.lanes_labs import lab_lane, lab_scale
from rickets_rx.report.lanes_therapy import drug_bars, therapy_lane
from rickets_rx.report.readout import readout
from rickets_rx.report.scales import Scale, day_ticks, multiple_range, multiple_ticks
from rickets_rx.report.svg import Svg, coordinate
from rickets_rx.report.timeline_png import timeline_png
from rickets_rx.report.timeline_svg import timeline_svg

PID = "child-1"


def test_linear_and_log_positions() -> None:
    assert Scale(0, 100, 200, 400).at(25) == 250
    # On a log axis from 0.5 to 8 (four doublings) upwards over 80 pixels, 2 is two doublings up: 40.
    log = Scale(0.5, 8, 80, 0, log=True)
    assert log.at(2) == pytest.approx(40)
    assert log.at(1) - log.at(2) == pytest.approx(log.at(4) - log.at(8))
    assert log.inside(100) == 0


@pytest.mark.parametrize(("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True), (-1, 1, True)])
def test_impossible_axes_are_refused(low: float, high: float, log: bool) -> None:
    with pytest.raises(ValueError, match="low < high"):
        Scale(low, high, 0, 1, log=log)


@given(st.lists(st.floats(0.01, 150), min_size=1, max_size=20))
def test_log_axis_holds_every_value_and_the_limit(values: list[float]) -> None:
    low, high = multiple_range(values)
    assert 0 < low < min(*values, 1.0)
    assert high > max(*values, 1.0)
    assert 1 in multiple_ticks(low, high)


@given(st.integers(-400, 4000), st.integers(30, 6000), st.integers(4, 14))
def test_day_ticks_are_few_and_inside(low: int, length: int, most: int) -> None:
    ticks = day_ticks(low, low + length, most)
    assert all(low <= tick <= low + length for tick in ticks)
    assert len(ticks) <= most
    assert ticks == sorted(ticks)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(1, 90)), max_size=25))
def test_packed_rows_never_overlap(items: list[tuple[float, float]]) -> None:
    extents = [(low, low + length) for low, length in items]
    rows = pack(extents, air=1)
    for i, (low, high) in enumerate(extents):
        for j in range(i):
            if rows[i] == rows[j]:
                assert low >= extents[j][1] + 1 or high + 1 <= extents[j][0]


def test_axis_spans_the_course_with_air(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    assert course.extent == (0, 100)
    frame = frame_of(course, narrow=False)
    # 2 % before, 6 % after: 108 days over 1080 - 176 - 24 = 880 pixels.
    assert frame.x.at(0) == pytest.approx(176 + 2 * 880 / 108)
    assert frame.x.at(50) == pytest.approx(176 + 52 * 880 / 108)


def test_lab_at_twice_its_limit_is_drawn_at_2(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    alp = next(series for series in course.labs if series.analyte == "ALP")
    assert alp.limit == "upper limit"
    assert alp.band == (0.5, 1.0)
    frame = frame_of(course, narrow=False)
    svg = Svg()
    lab_lane(svg, frame, alp, 0)
    scale = lab_scale(alp, 8)
    centres = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', str(svg))]
    assert centres[0] == pytest.approx((frame.x.at(0), scale.at(2)), abs=0.01)
    # Values 2.0 and 0.5 lie as far above the limit as below it.
    assert scale.at(1) - scale.at(2) == pytest.approx(scale.at(0.5) - scale.at(1))
    # The value of day 50 was drawn during an infusion: a triangle, exactly at the limit.
    place = re.search(r'<path d="M0 -5.5[^>]*translate\(([\d.]+) ([\d.]+)\)', str(svg))
    assert place is not None
    assert (float(place[1]), float(place[2])) == pytest.approx((frame.x.at(50), scale.at(1)), abs=0.01)


def test_band_covers_the_printed_range(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    alp = next(series for series in course.labs if series.analyte == "ALP")
    svg = Svg()
    lab_lane(svg, frame_of(course, narrow=False), alp, 0)
    scale = lab_scale(alp, 8)
    band = re.search(r'<rect[^>]* y="([\d.]+)"[^>]* height="([\d.]+)" class="band"', str(svg))
    assert band is not None
    assert float(band[1]) == pytest.approx(scale.at(1), abs=0.01)
    assert float(band[1]) + float(band[2]) == pytest.approx(scale.at(0.5), abs=0.01)


def test_uncertain_day_is_a_bar_from_low_to_high(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    frame = frame_of(course, narrow=False)
    alp = next(series for series in course.labs if series.analyte == "ALP")
    svg = Svg()
    lab_lane(svg, frame, alp, 0)
    bars = re.findall(r'<line x1="([\d.]+)" x2="([\d.]+)"[^>]*class="when"', str(svg))
    assert len(bars) == 1
    assert [float(x) for x in bars[0]] == pytest.approx([frame.x.at(40), frame.x.at(70)], abs=0.01)


def test_line_joins_table_values_only(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    frame = frame_of(course, narrow=False)
    svg = Svg()
    lab_lane(svg, frame, next(s for s in course.labs if s.analyte == "ALP"), 0)
    points = re.search(r'<polyline points="([^"]+)"', str(svg))
    assert points is not None
    assert [float(p.split(",")[0]) for p in points[1].split()] == pytest.approx(
        [frame.x.at(0), frame.x.at(50), frame.x.at(100)], abs=0.01
    )
    assert str(svg).count('class="value open"') == 1


def test_a_value_of_zero_has_no_place_on_a_log_axis(with_value) -> None:
    course = course_of(CaseRows(with_value("labs", "multiple", 0.0)), PID)
    assert course.labs == ()
    assert "</svg>" in timeline_svg(course)


@pytest.mark.parametrize("narrow", [False, True])
def test_nothing_is_drawn_outside_the_picture(small_result: HealingResult, narrow: bool) -> None:
    svg = timeline_svg(course_of(CaseRows(small_result), PID), narrow=narrow)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box is not None
    width, height = float(box[1]), float(box[2])
    for name, most in (
        ("x", width),
        ("x1", width),
        ("x2", width),
        ("cx", width),
        ("y", height),
        ("y1", height),
        ("cy", height),
    ):
        for value in re.findall(rf' {name}="([-\d.]+)"', svg):
            assert -0.01 <= float(value) <= most + 0.01
    assert math.isfinite(height)


def test_axis_of_the_hover_line_is_that_of_the_drawing(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    svg = timeline_svg(course)
    found = {name: float(value) for name, value in re.findall(r'data-(low|high|left|right)="([-\d.]+)"', svg)}
    scale = Scale(found["low"], found["high"], found["left"], found["right"])
    assert scale.at(50) == pytest.approx(frame_of(course, narrow=False).x.at(50))


def test_readout_tells_every_observation(small_result: HealingResult) -> None:
    told = readout(course_of(CaseRows(small_result), PID))
    words = [entry["text"] for entry in told["points"]]
    assert "day 50 (40–70): ALP 200 U/L (1 × upper limit), during infusion" in words
    assert "day 0: ALP 420 U/L (2.1 × upper limit), from the report's text" in words
    assert any(
        "radius 1.5 (1–2) active" in line and "synthetic film, not the patient's" in line for line in words
    )
    assert {
        "lane": "calcium",
        "low": 0.0,
        "high": 50.0,
        "text": "calcium 2 g/day, basis unstated; printed: “Ca: 2 g/day”",
    } in told["spans"]


def test_same_dose_in_a_row_is_one_bar(small_result: HealingResult) -> None:
    row = small_result.therapy.iloc[0].to_dict()
    later = row | {
        "start_day": 50,
        "start_low": 50,
        "start_high": 60,
        "end_day": 90,
        "end_low": 90,
        "end_high": 90,
    }
    more = later | {"dose": 4.0, "start_day": 90, "start_low": 90, "start_high": 90, "end_day": 100}
    frame = pd.DataFrame([row, later, more])
    frame["end_low"] = frame["end_day"]
    frame.loc[0, "end_low"], frame.loc[0, "end_high"] = 50, 60
    frame.loc[2, "end_high"] = 100
    object.__setattr__(small_result, "therapy", frame)
    bars = drug_bars(course_of(CaseRows(small_result), PID))["calcium"]
    assert [(bar.start.day, bar.end.day if bar.end else None) for bar in bars] == [(0, 90), (90, 100)]


@pytest.fixture
def dosed(small_result: HealingResult) -> Callable[..., Course]:
    """A course of 10-day rows of calcium 2 g/day, the columns given by name changed row by row."""

    def make(*changes: dict[str, str]) -> Course:
        row = small_result.therapy.iloc[0].to_dict()
        rows = []
        for i, change in enumerate(changes):
            days = dict.fromkeys(("start_day", "start_low", "start_high"), 10 * i)
            days |= dict.fromkeys(("end_day", "end_low", "end_high"), 10 * (i + 1))
            rows.append(row | days | change)
        return course_of(CaseRows(replace(small_result, therapy=pd.DataFrame(rows))), PID)

    return make


def _bars(course: Course) -> list[tuple[float, float | None]]:
    return [(bar.start.day, bar.end.day if bar.end else None) for bar in drug_bars(course)["calcium"]]


def test_a_dose_of_the_prose_is_no_bar_with_the_table(dosed: Callable[..., Course]) -> None:
    course = dosed({"as_printed": "text: 2 g"}, {"as_printed": "Ca: 2 g"}, {"as_printed": "continued"})
    assert _bars(course) == [(0, 10), (10, 30)]


def test_a_dose_of_another_basis_is_another_bar(dosed: Callable[..., Course]) -> None:
    course = dosed({"dose_basis": "unstated"}, {"dose_basis": "elemental"}, {"dose_basis": "elemental"})
    assert _bars(course) == [(0, 10), (10, 30)]


def test_each_row_of_a_bar_keeps_its_own_print(dosed: Callable[..., Course]) -> None:
    course = dosed({"as_printed": "Cinecalcet: 2 g/g"}, {"as_printed": "Cinacalcet: 2 g"})
    assert _bars(course) == [(0, 20)]
    spans = [entry for entry in readout(course)["spans"] if entry["lane"] == "calcium"]
    assert [(s["low"], s["high"], s["text"].split("printed: ")[1]) for s in spans] == [
        (0, 10, "“Cinecalcet: 2 g/g”"),
        (10, 20, "“Cinacalcet: 2 g”"),
    ]
    svg = Svg()
    therapy_lane(svg, frame_of(course, narrow=False), course, 0)
    title = re.search(r"<title>([^<]*)</title>", str(svg))
    assert title is not None
    assert [line.split(": ", 1)[0] for line in title[1].splitlines()] == ["day 0 to 10", "day 10 to 20"]
    assert "Cinecalcet" in title[1].splitlines()[0]
    assert "Cinacalcet" in title[1].splitlines()[1]


@pytest.mark.parametrize(
    ("direction", "words", "row"),
    [
        (1, "healing described", 12),
        (0, "no change or none described", 29),
        (-1, "rickets described", 46),
    ],
)
def test_a_direction_is_what_a_report_describes(
    with_value: Callable[..., HealingResult], direction: int, words: str, row: int
) -> None:
    course = course_of(CaseRows(with_value("findings", "direction", direction)), PID)
    svg = Svg()
    findings_lane(svg, frame_of(course, narrow=False), course, 0)
    drawn = str(svg)
    assert re.search(rf'translate\([\d.]+ {row}\.00\)"[^>]*><title>{words}: “partial healing”', drawn)
    assert not re.search("worse|better|same", drawn)
    told = [entry["text"] for entry in readout(course)["points"] if entry["lane"] == "Report"]
    assert told == [f"day 50 (40–70): {words}: “partial healing”"]


def test_a_finding_without_direction_is_not_drawn_as_no_change(
    with_value: Callable[..., HealingResult],
) -> None:
    course = course_of(CaseRows(with_value("findings", "direction", None)), PID)
    svg = Svg()
    findings_lane(svg, frame_of(course, narrow=False), course, 0)
    assert 'class="finding' not in str(svg)
    assert readout(course)["points"][-3]["text"] == "day 50 (40–70): “partial healing”"


def test_first_and_last_leave_the_prose_out(small_result: HealingResult) -> None:
    alp = next(g for g in glances(course_of(CaseRows(small_result), PID)) if g.analyte == "ALP")
    assert (alp.first_shown, alp.last_shown) == ("400", "100")
    assert (alp.first_multiple, alp.last_multiple) == ("2", "0.5")


def test_days_without_centre_lie_between_their_bounds() -> None:
    assert When.of({"day": None, "day_low": 10, "day_high": 20}) == When(15, 10, 20)
    assert When.of({"day": None, "day_low": None, "day_high": 20}) is None
    assert When.of({"day": 5, "day_low": float("nan"), "day_high": None}) == When(5, 5, 5)


def test_a_patient_without_anything_still_has_a_page(small_result: HealingResult) -> None:
    names = ("phases", "labs", "films", "therapy", "events", "findings", "growth", "normalisation", "flags")
    empty = replace(small_result, **{name: getattr(small_result, name).iloc[0:0] for name in names})
    assert "</svg>" in timeline_svg(courses(empty)[0])


def test_coordinates_are_short_and_have_no_negative_zero() -> None:
    assert [coordinate(v) for v in (1.0, 1.005, -0.001, 12.3456, -3.5)] == ["1", "1", "0", "12.35", "-3.5"]


def test_svg_escapes_text_and_attributes() -> None:
    written = str(Svg().add("text", "a<b & c", title='"quoted"', data_x='1" onload="x'))
    assert (
        written
        == '<text data-x="1&quot; onload=&quot;x"><title>&quot;quoted&quot;</title>a&lt;b &amp; c</text>'
    )


def test_still_picture_is_png_and_repeats(small_result: HealingResult) -> None:
    course = course_of(CaseRows(small_result), PID)
    first = timeline_png(course, dpi=40)
    assert first[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(first[16:20], "big") == 400  # 10 inches
    assert first == timeline_png(course, dpi=40)
