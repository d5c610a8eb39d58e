"""From a case folder to a report, on the real pipeline and the sample case."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rickets_rx.batch import FilmEvent
from rickets_rx.batch.outcome import FilmTask
from rickets_rx.errors import InputError, UsageError
from rickets_rx.follow_up import follow_up, short_table
from rickets_rx.io.read_results import film_score, read_scores
from rickets_rx.resources import resource
from rickets_rx.score import BoneScore


@pytest.fixture(scope="module")
def sisters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sisters")
    follow_up(resource("sample_images") / "hvdrr_siblings", out, draws=100)
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_every_file_of_the_contract_is_written(sisters: Path) -> None:
    for name in (
        "timeline.csv",
        "phases.csv",
        "normalisation.csv",
        "flags.csv",
        "healing.json",
        "report.html",
    ):
        assert (sisters / name).stat().st_size > 100
    for name in ("scores.csv", "images.csv", "run.json", "failures.csv"):
        assert (sisters / "films" / name).is_file()


def test_all_five_films_are_accounted_for_and_the_report_says_they_are_synthetic(sisters: Path) -> None:
    images = rows(sisters / "films" / "images.csv")
    assert len({row["file"] for row in images}) == 5
    page = (sisters / "report.html").read_text(encoding="utf-8")
    assert page.count("synthetic film, not the patient") >= 5
    assert "Research use only" in page


def test_the_active_wrist_is_graded_higher_than_the_healing_one(sisters: Path) -> None:
    """Fig. 1a is active, 1c healing: only the direction is asked, the words give no grade."""
    severity = {
        row["file"][-5:-4]: float(row["severity"])
        for row in rows(sisters / "films" / "scores.csv")
        if row["file"].startswith("films/case1") and row["bone"] == "radius"
    }
    assert severity["a"] > severity["c"]


def test_synthetic_films_enter_no_inference(sisters: Path) -> None:
    for row in rows(sisters / "phases.csv"):
        assert row["severity_change"] == "" and row["severity_change_reason"]
    healing = json.loads((sisters / "healing.json").read_text(encoding="utf-8"))
    assert set(healing["figures"]) == {"case1", "case2"}


def test_old_scores_give_the_same_report(sisters: Path, tmp_path: Path) -> None:
    case = resource("sample_images") / "hvdrr_siblings"
    follow_up(case, tmp_path, scores=sisters / "films" / "scores.csv", draws=100)
    assert (tmp_path / "report.html").read_bytes() == (sisters / "report.html").read_bytes()
    assert not (tmp_path / "films").exists()


def test_results_read_back_are_the_results(sisters: Path) -> None:
    scores = read_scores(sisters / "films" / "scores.csv")
    radius = next(row for row in scores if row["bone"] == "radius" and row["status"] == "scored")
    sha = radius["image_sha256"]
    score = film_score(
        sisters / "films" / "regions" / f"{sha}.json", [r for r in scores if r["image_sha256"] == sha]
    )
    bone = next(
        b for b in score.joints[0].bones if isinstance(b, BoneScore) and b.metaphysis.bone == "radius"
    )
    assert bone.grade.grade == float(radius["grade"])
    assert bone.metaphysis.frame.width == pytest.approx(float(radius["width_px"]), abs=0.01)
    assert bone.metaphysis.margin_mid[0] == pytest.approx(float(radius["margin_mid_x"]), abs=0.02)


def test_a_film_that_cannot_be_read_does_not_stop_the_report(tmp_path: Path) -> None:
    case = tmp_path / "case"
    shutil.copytree(resource("sample_images") / "hvdrr_siblings", case)
    (case / "films" / "case1_fig1a.png").write_bytes(b"not a film")
    (case / "films" / "case2_fig3a.png").unlink()
    done = follow_up(case, tmp_path / "out", draws=100)
    page = done.report.read_text(encoding="utf-8")
    broken, missing = done.failures
    assert broken["file"] == "films/case1_fig1a.png" and "DICOM, PNG, TIFF or JPEG" in broken["reason"]
    assert missing["file"] == "films/case2_fig3a.png" and "does not exist" in missing["reason"]
    flagged = [r for r in rows(tmp_path / "out" / "flags.csv") if r["code"] == "film_unreadable"]
    assert {(r["patient_id"], r["item"]) for r in flagged} == {("case1", "fig1a"), ("case2", "fig3a")}
    assert "Film fig3a was not scored" in page
    assert len(rows(tmp_path / "out" / "films" / "images.csv")) == 5


def test_a_stopped_run_makes_no_report_of_the_films_that_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(task: FilmTask) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rickets_rx.batch.pools.score_isolated", stop)
    with pytest.raises(UsageError, match="not every film was scored: stopped on request"):
        follow_up(resource("sample_images") / "hvdrr_siblings", tmp_path, draws=100)
    assert not (tmp_path / "report.html").exists()


def test_failures_of_an_earlier_run_are_not_those_of_a_case_that_lists_no_film_any_more(
    tmp_path: Path,
) -> None:
    case, out = tmp_path / "case", tmp_path / "out"
    case.mkdir()
    (case / "patients.csv").write_text("patient_id,age_days_at_day0\nP,900\n")
    films = case / "radiographs.csv"
    films.write_text("patient_id,film_id,file,day,joint,side\nP,one,one.png,3,wrist,left\n")
    assert [row["file"] for row in follow_up(case, out, draws=100).failures] == ["one.png"]
    films.unlink()
    assert follow_up(case, out, draws=100).failures == ()


def test_a_film_that_failed_after_its_regions_were_written_is_shown_plain(
    sisters: Path, tmp_path: Path
) -> None:
    films = tmp_path / "films"
    shutil.copytree(sisters / "films", films)
    lines = (films / "scores.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("films/case1_fig1a.png")]
    assert len(kept) < len(lines)
    (films / "scores.csv").write_text("".join(kept), encoding="utf-8")
    case = resource("sample_images") / "hvdrr_siblings"
    assert follow_up(case, tmp_path / "out", scores=films / "scores.csv", draws=100).report.is_file()


def test_the_short_table_has_a_line_for_each_bone_and_phase(sisters: Path) -> None:
    films, phases = "\n".join(short_table(sisters)).split("\n\n")
    assert len(phases.splitlines()) == 1 + 8  # four phases of each sister
    assert all("synthetic film, not the patient's" in line for line in films.splitlines()[1:])
    assert sum(line.startswith("case1") for line in films.splitlines()) == 6  # three wrists of two bones


def test_scores_without_a_column_are_named(tmp_path: Path) -> None:
    bad = tmp_path / "scores.csv"
    bad.write_text("file,bone\nx.png,radius\n")
    with pytest.raises(InputError, match=r"scores.csv: column image_sha256: is missing"):
        follow_up(resource("sample_images") / "hvdrr_siblings", tmp_path / "out", scores=bad)


def test_a_watcher_hears_how_many_films_there_are_and_of_each(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    (case / "patients.csv").write_text("patient_id\na\n")
    (case / "radiographs.csv").write_text("patient_id,film_id,file,day\na,1,none.png,0\na,2,neither.png,30\n")
    told: list[int | str] = []

    @contextmanager
    def watch(total: int) -> Iterator[Callable[[FilmEvent], None]]:
        told.append(total)
        yield lambda event: told.append(event.file)
        told.append("done")

    follow_up(case, tmp_path / "out", draws=100, watch=watch)
    assert (told[0], sorted(told[1:3]), told[3]) == (2, ["neither.png", "none.png"], "done")
