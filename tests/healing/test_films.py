"""Films joined with scores: which score is whose, what changed, what enters inference."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from rickets_rx.healing.change import change_index
from rickets_rx.healing.film_errors import FilmErrors
from rickets_rx.healing.films import join_films
from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import HealingResult, records
from rickets_rx.io.case_folder import CaseFolder

SURE = FilmErrors(((0.0, 0.03),), 0.0, 0.3, same_bone=0.5, same_film=0.0, other=0.0, below=1.645, above=1.645)


@pytest.fixture(autouse=True)
def sure_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films whose severities are nearly right, so that what is tested is not the table of errors."""
    for module in ("film_errors", "delays"):
        monkeypatch.setattr(f"rickets_rx.healing.{module}.film_errors", lambda joint: SURE)


FILMS = "patient_id,film_id,file,day,joint,side,synthetic\n"


def score(file: str, severity: float, **more: Any) -> dict[str, Any]:
    """A row of scores.csv of a left radius; severity with an interval of 0.05 to both sides."""
    grade = round(severity * 4) / 2
    low, high = max(severity - 0.05, 0.0), min(severity + 0.05, 1.0)
    row = {"file": file, "image_sha256": "0" * 64, "patient_id": None, "day": None, "joint": "wrist"}
    row |= {"side": "left", "instance": 1, "bone": "radius", "status": "scored", "reason": None}
    row |= {"scale": "thacher_wrist", "grade": grade, "grade_low": grade, "grade_high": grade}
    row |= {"severity": severity, "severity_low": low, "severity_high": high, "activity": "indeterminate"}
    return row | {"flags": "", "method": "classical", "confidence": 0.9} | more


def _scores(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def test_scores_find_their_film_by_path(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(radiographs=f"{FILMS}p,a,films/a.png,0,wrist,left,0\np,b,films/b.png,9,wrist,left,0\n")
    films, _ = join_films(case, _scores(score("b.png", 0.2), score("films/a.png", 0.8)))
    assert dict(zip(films["film_id"], films["severity"], strict=True)) == {"a": 0.8, "b": 0.2}


def test_a_film_of_the_same_name_elsewhere_is_not_taken(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(radiographs=f"{FILMS}p,a,one/a.png,0,wrist,left,0\n")
    films, _ = join_films(case, _scores(score("two/a.png", 0.8)))
    assert films["reason"].tolist() == ["not_scored"]
    films, _ = join_films(case, _scores(score("two/a.png", 0.8), score("one/a.png", 0.3)))
    assert films["severity"].tolist() == [0.3]
    films, _ = join_films(case, _scores(score("a.png", 0.8, patient_id="q")))
    assert films["reason"].tolist() == ["not_scored"]


def test_scores_find_their_film_by_patient_and_day(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(radiographs=f"{FILMS}p,a,a.png,12,wrist,left,0\n")
    films, _ = join_films(case, _scores(score("renamed.png", 0.4, patient_id="p", day=12)))
    assert films["severity"].tolist() == [0.4]


def test_a_refused_bone_keeps_its_row(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(radiographs=f"{FILMS}p,a,a.png,0,wrist,left,0\n")
    refused = score("a.png", 0.4, bone="ulna", status="refused", reason="cut_off") | {"grade": None}
    films, _ = join_films(case, _scores(score("a.png", 0.4), refused))
    assert films[["bone", "status"]].values.tolist() == [["radius", "scored"], ["ulna", "refused"]]
    assert films["change_index"].isna().all()


def test_another_joint_than_the_table_says_enters_no_inference(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(radiographs=f"{FILMS}p,a,a.png,0,elbow,left,0\n")
    films, rows = join_films(case, _scores(score("a.png", 0.4)))
    assert films["reason"].tolist() == ["another_joint_found"]
    assert films["severity"].tolist() == [0.4]
    assert not rows[0]["counts"]


def _bone(grade: float, activity: str = "indeterminate", **features: float) -> dict[str, Any]:
    return {"side": "left", "bone": "radius", "grade": grade, "activity": activity, **features}


@pytest.mark.parametrize(
    ("before", "after", "index"),
    [
        (_bone(1.5), _bone(1.5), 0),
        (_bone(1.5), _bone(1.0), 1),
        (_bone(2.0), _bone(1.0), 2),
        (_bone(2.0), _bone(0.5), 3),
        (_bone(2.0), _bone(0.0), 3),
        (_bone(0.5), _bone(1.0), -1),
        (_bone(0.5), _bone(2.0), -3),
        (_bone(0.0), _bone(1.0), -2),  # -2 by grade; -3 needs 1.5 or more
        # Two signs of healing move it by one; one sign does not.
        (_bone(1.5, zone_continuity=0.2, fraying=0.04), _bone(1.0, zone_continuity=0.8, fraying=0.01), 2),
        (_bone(1.5, zone_continuity=0.2, fraying=0.04), _bone(1.0, zone_continuity=0.8, fraying=0.04), 1),
        (_bone(1.5, gap=0.1, fraying=0.01), _bone(1.5, gap=0.3, fraying=0.04), -1),
        # Near healing needs a grade of 0.5 or less, whatever the signs.
        (_bone(2.0, zone_continuity=0.2, fraying=0.04), _bone(1.0, zone_continuity=0.8, fraying=0.01), 2),
        # Active before and healing now at the same grade.
        (_bone(1.5, "active"), _bone(1.5, "healing"), 1),
        (_bone(1.0, "none"), _bone(1.0, "active"), -1),
        (_bone(1.0, "active"), _bone(1.5, "healing"), -1),
    ],
)
def test_change_index_follows_its_mapping(before: dict[str, Any], after: dict[str, Any], index: int) -> None:
    assert change_index(before, after).value == index


def test_change_index_says_why_it_is_missing() -> None:
    bone = _bone(1.0)
    assert change_index(None, bone).reason == "no_earlier_film"
    assert change_index(bone | {"side": ""}, bone).reason == "side_not_known"
    assert change_index(bone | {"side": "right"}, bone).reason == "another_bone_or_side"
    assert change_index(bone | {"grade": None}, bone).reason == "not_graded"


COURSE = {
    "radiographs": FILMS + "".join(f"p,f{d},f{d}.png,{d},wrist,left,0\n" for d in (0, 60, 120, 180)),
    "therapy": (
        "patient_id,phase,drug,dose,unit,per,route,start_day,end_day\n"
        "p,A,calcium,1,g,day,oral,0,60\np,B,cinacalcet,1,mg,kg.day,oral,60,180\n"
    ),
}


def _course(make_case: Callable[..., CaseFolder], *severities: float, **kwargs: Any) -> HealingResult:
    days = (0, 60, 120, 180)
    rows = [score(f"f{d}.png", s) for d, s in zip(days, severities, strict=True)]
    return heal(make_case(**COURSE), _scores(*rows), draws=300, seed=2, **kwargs)


def test_phase_figures_from_films(make_case: Callable[..., CaseFolder]) -> None:
    result = _course(make_case, 0.9, 0.9, 0.5, 0.1)
    first, second = records(result.phases)
    assert (first["phase"], first["start_day"], first["end_day"]) == ("A", 0, 60)
    assert (second["start_day"], second["end_day"]) == (60, 180)
    assert (second["severity_start"], second["severity_end"]) == (0.9, 0.1)
    assert second["severity_change"] == pytest.approx(-0.8)
    # Errors of SURE: 0.03 each, half shared: sqrt(2 x 0.0009 x 0.5) = 0.03; 1.645 of them are 0.04935.
    assert second["severity_change_low"] == pytest.approx(-0.84935)
    assert second["severity_change_high"] == pytest.approx(-0.75065)
    assert (second["bone_followed"], second["side_followed"]) == ("radius", "left")


def test_the_phase_of_healing_is_named_where_it_is_clear(make_case: Callable[..., CaseFolder]) -> None:
    found = _course(make_case, 0.9, 0.9, 0.5, 0.1).figures["p"]["attribution"]
    assert found["value"] == "B"
    # No change in phase A; 0.8 in the 120 days of phase B = 0.2 per 30 days.
    assert found["rates"]["0"]["A"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert found["rates"]["0"]["B"]["value"] == pytest.approx(-0.2)
    assert found["n"] == 3


def test_no_phase_is_named_for_an_even_course_or_one_without_change(
    make_case: Callable[..., CaseFolder],
) -> None:
    for severities in ((0.9, 0.65, 0.4, 0.15), (0.8, 0.8, 0.8, 0.8)):
        found = _course(make_case, *severities).figures["p"]["attribution"]
        assert found["value"] is None
        assert "no_phase_clearly_ahead" in found["reasons"]


def test_a_phase_that_no_film_reaches_is_silent(make_case: Callable[..., CaseFolder]) -> None:
    # Phase C begins two days before the last film: nothing of it can have been seen, whatever its rate.
    therapy = "patient_id,phase,drug,start_day,end_day\np,A,a,0,60\np,B,b,60,112\np,C,c,112,160\n"
    films = FILMS + "".join(f"p,f{d},f{d}.png,{d},wrist,left,0\n" for d in (0, 60, 114))
    scores = _scores(*(score(f"f{d}.png", s) for d, s in ((0, 0.8), (60, 0.2), (114, 0.2))))
    found = heal(make_case(radiographs=films, therapy=therapy), scores, draws=100).figures["p"]["attribution"]
    assert found["value"] == "A"
    assert found["chances"]["C"] == 0
    assert found["rates"]["0"]["C"]["reason"] == "no_separating_film"
    assert sum(found["delays"].values()) == pytest.approx(1)


def test_synthetic_films_count_only_where_asked(make_case: Callable[..., CaseFolder]) -> None:
    tables = COURSE | {"radiographs": COURSE["radiographs"].replace("left,0", "left,1")}
    scores = _scores(
        *(score(f"f{d}.png", s) for d, s in zip((0, 60, 120, 180), (0.9, 0.9, 0.5, 0.1), strict=True))
    )
    case = make_case(**tables)
    shown = heal(case, scores, draws=200)
    assert shown.figures["p"]["attribution"]["value"] is None
    assert shown.figures["p"]["attribution"]["reasons"][0] == "synthetic_films_only"
    assert shown.films["severity"].tolist() == [0.9, 0.9, 0.5, 0.1]  # illustration stays
    counted = heal(case, scores, draws=200, include_synthetic=True)
    assert counted.figures["p"]["attribution"]["value"] == "B"


def test_healed_wrist_needs_both_bones_low_and_quiet(make_case: Callable[..., CaseFolder]) -> None:
    case = make_case(radiographs=f"{FILMS}p,a,a.png,0,wrist,left,0\n")
    radius = score("a.png", 0.2, activity="residual")

    def verdict(*rows: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = heal(case, _scores(*rows), draws=1).figures["p"]["healed"][
            "radiographic_wrist"
        ]
        return found

    assert verdict(radius)["reason"] == "radius_and_ulna_not_both_graded"
    assert verdict(radius, score("a.png", 0.1, bone="ulna", activity="none"))["value"] is True
    assert verdict(radius, score("a.png", 0.5, bone="ulna", activity="none"))["value"] is False
    assert verdict(radius, score("a.png", 0.1, bone="ulna", activity="active"))["value"] is False


def test_written_files(make_case: Callable[..., CaseFolder], tmp_path: Any) -> None:
    import csv
    import json

    from rickets_rx.healing.heal import write_healing

    result = _course(make_case, 0.9, 0.9, 0.5, 0.1)
    written = write_healing(result, tmp_path / "out")
    assert [p.name for p in written] == [
        "timeline.csv", "phases.csv", "normalisation.csv", "flags.csv", "healing.json",
    ]  # fmt: skip
    with (tmp_path / "out" / "phases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["phase"], r["start_day"], r["grade_end"]) for r in rows] == [("A", "0", "2"), ("B", "60", "0")]
    assert rows[0]["slope_ca"] == ""
    assert rows[0]["slope_ca_reason"] == "fewer_than_3_values"
    content = json.loads((tmp_path / "out" / "healing.json").read_text(encoding="utf-8"))
    assert content["figures"]["p"]["attribution"]["value"] == "B"
    assert content["methods"]["draws"] == 300
