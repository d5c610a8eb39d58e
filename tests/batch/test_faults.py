"""A film that breaks its worker is named, and the run goes on."""

import csv
import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
import standin

from rickets_rx.batch import BatchResult, Limits, requests_of, score_films, store
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import FilmScore
from rickets_rx.vocabulary import Side


def run(tmp_path: Path, orders: list[int], **options: object) -> BatchResult:
    """Score films that carry orders for `standin.obedient` in their first pixel."""
    for i, order in enumerate(orders):
        standin.film(tmp_path / "films" / f"{i}.png", i, first_pixel=order)
    requests = requests_of([tmp_path / "films"])
    return score_films(requests, tmp_path / "out", scorer=standin.obedient, **options)  # type: ignore[arg-type]


def failures(out: Path) -> dict[str, tuple[str, str]]:
    with (out / "failures.csv").open(encoding="utf-8", newline="") as handle:
        return {row["file"]: (row["stage"], row["error_type"]) for row in csv.DictReader(handle)}


def scored(out: Path) -> list[str]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as handle:
        return [row["file"] for row in csv.DictReader(handle) if row["status"] == "scored"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[BatchResult, Path]:
    """One run over every kind of trouble between good films."""
    folder = tmp_path_factory.mktemp("broken")
    orders = [128, standin.DIE, standin.HANG, standin.SWELL, standin.FAIL, standin.DIE_ONCE, 128]
    (folder / "marks").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANDIN_MARKS", str(folder / "marks"))
        told: list[str] = []
        limits = Limits(seconds=4, memory_mb=1500)
        result = run(folder, orders, workers=2, limits=limits, on_film=lambda event: told.append(event.file))
    assert sorted(told) == [f"{i}.png" for i in range(len(orders))]  # every film is told once
    return result, folder / "out"


def test_films_that_break_their_worker_are_lost_alone(broken: tuple[BatchResult, Path]) -> None:
    assert failures(broken[1]) == {
        "1.png": ("worker", "WorkerDied"),
        "2.png": ("worker", "TimeLimit"),
        "3.png": ("score", "MemoryError"),
        "4.png": ("score", "KeyError"),
    }
    assert scored(broken[1]) == ["0.png", "5.png", "6.png"]


def test_every_lost_worker_is_named_with_its_film(broken: tuple[BatchResult, Path]) -> None:
    lost = json.loads((broken[1] / "run.json").read_text())["workers_lost"]
    assert sorted(entry["file"] for entry in lost) == ["1.png", "1.png", "2.png", "2.png", "5.png"]
    assert all("SIGSEGV" in entry["reason"] for entry in lost if entry["file"] != "2.png")


def test_an_unforeseen_error_is_named_without_its_text(broken: tuple[BatchResult, Path]) -> None:
    reason = {row["file"]: row["reason"] for row in broken[0].failures}["4.png"]
    assert "standin.py line" in reason
    assert not any(b"DOE" in path.read_bytes() for path in broken[1].rglob("*") if path.is_file())


@pytest.mark.usefixtures("in_process")
def test_a_full_disk_stops_the_run_and_keeps_what_is_done(tmp_path: Path) -> None:
    result = run(tmp_path, [128, standin.DISK_FULL, 128])
    assert result.stopped is not None
    assert "Make room" in result.stopped
    assert scored(tmp_path / "out")[:1] == ["0.png"]
    for i in range(3):
        standin.film(tmp_path / "films" / f"{i}.png", i)
    again = run(tmp_path, [128, 128, 128])
    assert again.stopped is None
    assert scored(tmp_path / "out") == ["0.png", "1.png", "2.png"]


@pytest.mark.usefixtures("in_process")
def test_a_film_that_fails_after_its_regions_were_written_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise ValueError("no picture")

    monkeypatch.setattr("rickets_rx.batch.film._write_overlay", fail)
    result = run(tmp_path, [128], overlays=True)
    assert [(row["stage"], row["error_type"]) for row in result.failures] == [("write", "ValueError")]
    assert not list((tmp_path / "out" / "regions").iterdir())


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("pages", [12, 16, 24])
def test_a_store_that_has_no_room_left_stops_the_run_and_goes_on_with_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    prepare = store._prepare

    def cramped(connection: sqlite3.Connection) -> None:
        prepare(connection)
        connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says that the disk is full

    monkeypatch.setattr(store, "_prepare", cramped)
    result = run(tmp_path, [128] * 20)
    assert result.stopped is not None
    assert "Make room" in result.stopped
    assert result.counts["cancelled"]
    monkeypatch.setattr(store, "_prepare", prepare)
    kept: list[bool] = []
    again = run(tmp_path, [128] * 20, on_film=lambda event: kept.append(event.kept))
    assert again.stopped is None
    assert len(scored(tmp_path / "out")) == 20
    assert pages == 12 or 0 < sum(kept) < 20


def fails_on_the_right(radiograph: Radiograph) -> FilmScore:
    """`standin.plain` for left films only."""
    if radiograph.side is Side.RIGHT:
        raise ValueError("right")
    return standin.plain(radiograph)


@pytest.mark.usefixtures("in_process")
def test_regions_go_where_the_film_fails_now_and_stay_where_its_bytes_have_a_score(tmp_path: Path) -> None:
    for name, number in (("a", 1), ("b", 1), ("c", 2)):
        standin.film(tmp_path / f"{name}.png", number)
    (tmp_path / "list.csv").write_text("file,side\na.png,left\nb.png,right\nc.png,right\n")
    regions = tmp_path / "out" / "regions"
    requests = requests_of([tmp_path / "list.csv"])
    score_films(requests, tmp_path / "out", scorer=standin.plain)
    assert len(list(regions.glob("*.json"))) == 2
    result = score_films(requests, tmp_path / "out", scorer=fails_on_the_right)
    assert [row["file"] for row in result.failures] == ["b.png", "c.png"]
    same_bytes = hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()
    assert {path.stem for path in regions.iterdir()} == {same_bytes}


@pytest.mark.usefixtures("in_process")
def test_strict_stops_at_the_first_failure(tmp_path: Path) -> None:
    result = run(tmp_path, [standin.FAIL, *([128] * 8)], strict=True)
    assert result.stopped is not None
    assert "0.png" in result.stopped
    assert len(scored(tmp_path / "out")) < 8


def test_passing_failures_are_tried_again_and_lasting_ones_are_not(tmp_path: Path, marks: Path) -> None:
    cut = tmp_path / "films" / "cut.png"
    cut.parent.mkdir()
    cut.write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    run(tmp_path, [standin.DIE, standin.FAIL])
    events: list[tuple[str, bool]] = []
    again = run(
        tmp_path, [standin.DIE, standin.FAIL], on_film=lambda event: events.append((event.file, event.kept))
    )
    assert sorted(events) == [("0.png", False), ("1.png", True), ("cut.png", True)]
    assert again.images[2]["image_sha256"] == hashlib.sha256(cut.read_bytes()).hexdigest()


def test_a_run_in_which_every_worker_dies_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rickets_rx.batch.run._HOPELESS", 2)
    result = run(tmp_path, [standin.DIE] * 6)
    assert result.stopped is not None
    assert "2 workers in a row" in result.stopped
    assert result.counts["films_done"] == 0


def test_a_scorer_that_workers_cannot_import_is_refused_at_once(tmp_path: Path) -> None:
    def scorer(radiograph: object) -> None: ...

    scorer.__module__ = "__main__"
    with pytest.raises(ValueError, match="can import"):
        score_films([], tmp_path, scorer=scorer)  # type: ignore[arg-type]
