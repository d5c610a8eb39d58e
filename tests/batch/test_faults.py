"""A film that breaks its worker is named, and the run goes on."""

import csv
import json
from pathlib import Path

import pytest
import standin

from rickets_rx.batch import BatchResult, Limits, requests_of, score_films


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


@pytest.mark.parametrize("workers", [1, 2])
def test_a_film_that_kills_its_worker_is_lost_alone(tmp_path: Path, workers: int) -> None:
    run(tmp_path, [128, standin.DIE, 128, 128], workers=workers)
    assert failures(tmp_path / "out") == {"1.png": ("worker", "WorkerDied")}
    assert scored(tmp_path / "out") == ["0.png", "2.png", "3.png"]
    lost = json.loads((tmp_path / "out" / "run.json").read_text())["workers_lost"]
    assert [entry["file"] for entry in lost] == ["1.png", "1.png"]
    assert "SIGSEGV" in lost[0]["reason"]


def test_a_film_that_survives_its_second_try_is_scored(tmp_path: Path, marks: Path) -> None:
    run(tmp_path, [standin.DIE_ONCE, 128])
    assert failures(tmp_path / "out") == {}
    assert scored(tmp_path / "out") == ["0.png", "1.png"]


def test_a_film_that_hangs_is_given_up(tmp_path: Path) -> None:
    run(tmp_path, [standin.HANG, 128], limits=Limits(seconds=1))
    assert failures(tmp_path / "out") == {"0.png": ("worker", "TimeLimit")}
    assert scored(tmp_path / "out") == ["1.png"]


def test_a_film_that_wants_too_much_memory_is_given_up(tmp_path: Path) -> None:
    run(tmp_path, [standin.SWELL, 128], limits=Limits(memory_mb=1500))
    assert failures(tmp_path / "out") == {"0.png": ("score", "MemoryError")}
    assert scored(tmp_path / "out") == ["1.png"]


def test_an_unforeseen_error_is_named_without_its_text(tmp_path: Path) -> None:
    result = run(tmp_path, [standin.FAIL, 128])
    assert failures(tmp_path / "out") == {"0.png": ("score", "KeyError")}
    assert "standin.py line" in result.failures[0]["reason"]
    assert "DOE" not in (tmp_path / "out" / "failures.csv").read_text()


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


def test_strict_stops_at_the_first_failure(tmp_path: Path) -> None:
    result = run(tmp_path, [standin.FAIL, *([128] * 8)], strict=True)
    assert result.stopped is not None
    assert "0.png" in result.stopped
    assert len(scored(tmp_path / "out")) < 8


def test_passing_failures_are_tried_again_and_lasting_ones_are_not(tmp_path: Path, marks: Path) -> None:
    run(tmp_path, [standin.DIE, standin.FAIL])
    events: list[tuple[str, bool]] = []
    run(tmp_path, [standin.DIE, standin.FAIL], on_film=lambda event: events.append((event.file, event.kept)))
    assert sorted(events) == [("0.png", False), ("1.png", True)]


def test_every_film_is_told_once(tmp_path: Path) -> None:
    files: list[str] = []
    run(
        tmp_path,
        [128, standin.DIE, standin.FAIL, 128],
        workers=2,
        on_film=lambda event: files.append(event.file),
    )
    assert sorted(files) == ["0.png", "1.png", "2.png", "3.png"]
