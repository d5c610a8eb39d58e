"""The page as a browser gets it: whole, alone, harmless, and with the numbers of the tables."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.healing.result import HealingResult
from rickets_rx.report.carries import carries
from rickets_rx.report.course import courses
from rickets_rx.report.film_page import write_film_sheet
from rickets_rx.report.flag_groups import grouped
from rickets_rx.report.html import MOST_ON_ONE_PAGE, patient_html, report_html, write_report
from rickets_rx.report.pictures import FilmPicture, jpeg_address

PID = "child-1"
PAYLOAD = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}</style></script>"
VOID = {"meta", "img", "br", "hr", "input", "link"}
Change = Callable[..., HealingResult]


class Page(HTMLParser):
    """Elements with their attributes and text, and whether every element is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, list[str]] = {}
        self.stack: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.stack[-1:]}")
        else:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.stack:
            self.text.setdefault(self.stack[-1], []).append(data)

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        hidden = ("script", "style")
        return " ".join(" ".join(parts) for tag, parts in self.text.items() if tag not in hidden)


@pytest.fixture
def picture() -> FilmPicture:
    rgb = np.full((60, 80, 3), (10, 120, 200), np.uint8)
    return FilmPicture(PID, "F1", rgb, rgb[:30], rgb[:20])


@pytest.fixture
def page(small_result: HealingResult, picture: FilmPicture) -> Page:
    return Page(report_html(small_result, [picture]))


def test_elements_are_closed_in_order(page: Page) -> None:
    assert page.faults == []
    assert page.stack == []


def test_research_use_stands_at_top_and_foot(small_result: HealingResult) -> None:
    html = report_html(small_result, [])
    body = html[html.index("<body>") :]
    assert body.count(RESEARCH_USE_ONLY) >= 2
    assert body.index(RESEARCH_USE_ONLY) < body.index("<h1")
    assert body.rindex(RESEARCH_USE_ONLY) > body.index("</footer>")


def test_page_loads_nothing(small_result: HealingResult, picture: FilmPicture) -> None:
    html = report_html(small_result, [picture])
    found = Page(html)
    assert found.named("link") == []
    assert all("src" not in attributes for attributes in found.named("script"))
    for _, attributes in found.elements:
        for name in ("src", "href", "xlink:href", "data", "poster", "action"):
            address = attributes.get(name, "")
            assert address == "" or address.startswith(("data:image/", "#"))
    assert not re.search(r"url\(|@import|https?://|//[a-z]", "".join(found.text["style"]))


def test_tables_and_pictures_can_be_read_aloud(page: Page) -> None:
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.named("th"))
    assert page.named("img")
    assert all(attributes.get("alt") for attributes in page.named("img"))
    assert len(page.named("caption")) == len(page.named("table"))
    assert [a.get("lang") for a in page.named("html")] == ["en"]
    assert len(page.named("h1")) == 1


TABLES = (
    "patients",
    "phases",
    "normalisation",
    "flags",
    "labs",
    "films",
    "therapy",
    "events",
    "findings",
    "growth",
)
NUMBERS = re.compile(
    r"(.*_)?(day|days|low|high|n|day0|value|value_si|multiple|dose|grade|severity|confidence|direction|used|index)$"
    r"|slope_.*(?<!reason)$|near_infusion|platform_match|synthetic|normal_at_entry|confirmed|relapsed|instance"
)


def _all_text(result: HealingResult, table: str, keep: tuple[str, ...]) -> tuple[HealingResult, list[str]]:
    """One table with every column of words set to the payload."""
    frame = getattr(result, table)
    columns = [c for c in frame.columns if c not in (*keep, "patient_id") and not NUMBERS.fullmatch(c)]
    changed = frame.astype(dict.fromkeys(columns, object)).assign(**dict.fromkeys(columns, PAYLOAD))
    return replace(result, **{table: changed}), columns


# Without its analyte a value is only listed and not drawn, so both ways are tried; likewise the film's bone.
@pytest.mark.parametrize(
    ("table", "keep"),
    [
        *((table, ()) for table in TABLES),
        ("labs", ("analyte", "source", "multiple_of")),
        ("films", ("bone", "film_id")),
    ],
)
def test_every_text_column_is_escaped(small_result: HealingResult, table: str, keep: tuple[str, ...]) -> None:
    changed, columns = _all_text(small_result, table, keep)
    assert columns
    clean, found = Page(report_html(small_result, [])), Page(report_html(changed, []))
    assert found.faults == []
    for tag in ("script", "img", "style"):
        assert len(found.named(tag)) == len(clean.named(tag))
    assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)
    # Shown as it stands: neither run as a template nor dropped.
    assert PAYLOAD in found.words


def test_payload_in_names_of_patients_and_films(small_result: HealingResult) -> None:
    renamed = {name: getattr(small_result, name).assign(patient_id=PAYLOAD) for name in TABLES}
    renamed["films"] = renamed["films"].assign(film_id=PAYLOAD)
    figures = {PAYLOAD: small_result.figures[PID]}
    changed = replace(small_result, **renamed, figures=figures, methods={PAYLOAD: PAYLOAD})
    found = Page(report_html(changed, [], configuration={PAYLOAD: [PAYLOAD]}))
    assert found.faults == []
    assert found.named("img") == []
    assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)
    assert found.words.count(PAYLOAD) >= 5


def test_data_of_the_hover_line_is_plain_json(with_value: Change) -> None:
    html = report_html(with_value("findings", "text", PAYLOAD), [])
    inside = re.search(r'<script type="application/json">(.*?)</script>', html, re.S)
    assert inside is not None
    points = json.loads(inside[1])["points"]
    assert any(PAYLOAD in point["text"] for point in points)
    assert "<" not in inside[1]


def test_same_input_same_bytes(small_result: HealingResult, picture: FilmPicture) -> None:
    assert report_html(small_result, [picture]) == report_html(small_result, [picture])


def test_numbers_of_phases_are_those_of_the_table(page: Page, small_result: HealingResult) -> None:
    values = {float(a["value"]) for a in page.named("data")}
    assert -0.123456 in values
    assert set(small_result.labs["value"]) <= values
    assert 1.5 in values  # the radius' grade
    assert "−0.123" in page.words
    assert "−0.223 to −0.023" in page.words
    assert "n = 3" in page.words


def test_missing_numbers_have_their_reason_in_words(page: Page) -> None:
    assert "fewer than three values" in page.words
    assert "fewer_than_3_values" not in page.words
    assert "needs the knee, which is not graded" in page.words
    assert "Cannot tell." in page.words


def test_every_synthetic_grade_says_so(small_result: HealingResult) -> None:
    html = report_html(small_result, [])
    for value in re.finditer(r'<data class="value"[^>]*>[^<]*</data>.*?</li>', html, re.S):
        assert "synthetic film, not the patient" in value[0]
    real = replace(small_result, films=small_result.films.assign(synthetic=0))
    assert "synthetic film" not in Page(report_html(real, [])).words


def test_refused_bone_stands_with_its_reason(page: Page) -> None:
    assert re.search(r"Ulna not scored: overlapped by another bone", page.words)


def test_film_picture_is_inside_the_page(page: Page, picture: FilmPicture) -> None:
    sources = [a["src"] for a in page.named("img")]
    assert len(sources) == 3
    data = np.frombuffer(b64decode(sources[0].split(",")[1]), np.uint8)
    seen = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert seen.shape == (60, 80, 3)
    assert np.abs(seen.astype(int) - picture.joint).max() <= 4


def test_pictures_are_made_smaller_but_never_larger() -> None:
    wide = np.zeros((40, 100, 3), np.uint8)
    for width, shape in ((50, (20, 50)), (400, (40, 100))):
        data = np.frombuffer(b64decode(jpeg_address(wide, width=width).split(",")[1]), np.uint8)
        assert cv2.imdecode(data, cv2.IMREAD_COLOR).shape[:2] == shape


def test_report_file_is_whole_and_alone(tmp_path: Path, small_result: HealingResult) -> None:
    written = write_report(small_result, [], tmp_path / "out")
    assert written == tmp_path / "out" / "report.html"
    assert written.read_text("utf-8") == report_html(small_result, [])
    assert [p.name for p in written.parent.iterdir()] == ["report.html"]


def _cohort(result: HealingResult, count: int) -> HealingResult:
    import pandas as pd

    ids = [f"child-{i}" for i in range(1, count + 1)]
    tables = {
        name: pd.concat([getattr(result, name).assign(patient_id=pid) for pid in ids], ignore_index=True)
        for name in TABLES
    }
    return replace(result, **tables, figures=dict.fromkeys(ids, result.figures[PID]))


def test_a_cohort_has_a_page_and_one_page_a_patient(tmp_path: Path, small_result: HealingResult) -> None:
    count = MOST_ON_ONE_PAGE + 1
    cohort = _cohort(small_result, count)
    found = Page(write_report(cohort, [], tmp_path).read_text("utf-8"))
    links = [a["href"] for a in found.named("a")]
    assert links == [f"patients/patient_{i}.html" for i in range(1, count + 1)]
    assert all((tmp_path / link).is_file() for link in links)
    assert found.named("svg") == []
    assert "cannot be told (13 patients)" in found.words
    assert "child-13" in found.words and "400 → 100" in found.words
    last = (tmp_path / links[-1]).read_text("utf-8")
    assert last == patient_html(cohort, f"child-{count}", [])
    assert Page(last).faults == []
    assert [a["href"] for a in Page(last).named("a")] == ["../report.html"]


def test_up_to_the_limit_all_patients_share_a_page(tmp_path: Path, small_result: HealingResult) -> None:
    write_report(_cohort(small_result, 2), [], tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_unknown_patients_have_no_page(small_result: HealingResult) -> None:
    with pytest.raises(KeyError, match="not in the patients table"):
        patient_html(small_result, "nobody", [])


def test_methods_and_configuration_are_printed(small_result: HealingResult) -> None:
    found = Page(report_html(small_result, [], configuration={"models": {"film.onnx": "abcd"}}))
    assert "draws: 123" in re.sub(r"\s+", " ", found.words)
    assert "abcd" in found.words


def test_flags_are_grouped_by_what_they_spoil(small_result: HealingResult) -> None:
    groups = grouped(small_result.flags.to_dict("records"))
    assert [(g.title, g.count) for g in groups] == [
        ("Can change a conclusion", 1),
        ("The sources disagree", 1),
        ("Notes", 1),
    ]
    assert (
        grouped([{"code": "called_normal_against_own_values", "message": "x"}])[0].title
        == "The sources disagree"
    )


def test_what_the_data_carry_is_said_from_the_data(small_result: HealingResult) -> None:
    said = carries(small_result, courses(small_result))
    # 5 values are drawn (4 of ALP, 1 of Ca), one of them on an uncertain day; the only film is synthetic.
    assert "5 laboratory values of 1 patient, each beside" in said.can[0]
    assert any(line.startswith("1 of 1 film is synthetic") for line in said.cannot)
    assert any(line.startswith("1 of 5 values fall") for line in said.cannot)
    assert any("all patients are of one family" in line for line in said.cannot)
    assert not any("Elbows" in line for line in said.cannot)
    # One of two phases has a slope; nothing else is known of either.
    assert "By phase of therapy (2 in all): slope of a value for 1." in said.can
    nothing = "change of severity, share of time in range, area above the limit"
    assert f"For no phase of therapy: {nothing}; the table by phase says why." in said.cannot


def _score_rows() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    sha = "ab" * 32
    images = [
        {
            "file": "a.png",
            "image_sha256": sha,
            "joint": "wrist",
            "side": "left",
            "instance": "1",
            "reason": "",
        },
        {
            "file": PAYLOAD,
            "image_sha256": "",
            "joint": "",
            "side": "",
            "instance": "",
            "reason": "lateral_view",
        },
    ]
    corners = {
        "corner1_x": "400",
        "corner1_y": "500",
        "corner2_x": "600",
        "corner2_y": "500",
        "width_px": "200",
    }
    scored = {
        "file": "a.png",
        "instance": "1",
        "bone": "radius",
        "grade": "1.5",
        "grade_low": "1",
        "grade_high": "2",
    }
    refused = {"file": "a.png", "instance": "1", "bone": "ulna", "grade": "", "reason": "cut_off"}
    return images, [scored | corners | {"activity": "active", "flags": "dense_zone"}, refused]


def test_film_sheet_lists_every_film(tmp_path: Path) -> None:
    found = Page(write_film_sheet(tmp_path, *_score_rows()).read_text("utf-8"))
    words = re.sub(r"\s+", " ", found.words)
    assert found.faults == []
    assert "2 films: 1 with a grade, 1 without" in words
    assert "not scored: lateral view" in words
    assert "Ulna: not scored, cut off by the edge of the film" in words
    assert [float(a["value"]) for a in found.named("data")] == [1.5]
    assert found.named("script") == [] and found.named("img") == []


def test_film_sheet_brings_the_bone_near(tmp_path: Path) -> None:
    sha = "ab" * 32
    for folder, size in (("overlays", (900, 900)), ("regions", (1800, 1800))):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / f"{sha}.png"), np.zeros((*size, 3), np.uint8))
    found = Page(write_film_sheet(tmp_path, *_score_rows()).read_text("utf-8"))
    (image,) = found.named("img")
    assert image["src"] == f"overlays/{sha}.png"
    # Corners at x 400 to 600 of a film of 1800 columns, with 1.3 widths of 200 on either side: 140 to 860,
    # 720 columns: the picture is 1800 / 720 = 250 % wide and shifted by 140 / 720 = 19.44 %.
    assert "width:250.00%" in image["style"]
    assert "left:-19.44%" in image["style"]
    # 720 / 1.15 = 626.09 rows, the chord (row 500) at 45 % of them: top = 500 - 281.74 rows = 34.86 %.
    assert "top:-34.86%" in image["style"]


def test_film_sheet_trusts_no_hash_as_a_path(tmp_path: Path) -> None:
    images, scores = _score_rows()
    images[0]["image_sha256"] = "../../secret"
    assert Page(write_film_sheet(tmp_path, images, scores).read_text("utf-8")).named("img") == []
