"""What a person is told while films are scored and at the end."""

from pathlib import Path

from rickets_rx.batch import BatchResult, FilmEvent
from rickets_rx.batch.progress import Pace, ending


def test_rate_and_time_left_count_films_worked_on() -> None:
    pace = Pace(100, now=1000.0)
    for i in range(10):
        assert pace.line(FilmEvent(str(i)), 1000.0 + i) is None
    # 11 films in 40 s: 0.275 a second; 89 left take 324 s.
    assert pace.line(FilmEvent("x"), 1040.0) == "11 of 100 films, 0.28 films/s, 0:05:24 left"
    assert pace.line(FilmEvent("y"), 1041.0) is None


def test_films_kept_from_an_earlier_run_do_not_raise_the_rate() -> None:
    pace = Pace(1000, now=0.0)
    for i in range(900):
        pace.line(FilmEvent(str(i), kept=True), 0.1)
    assert pace.left_words == "time left unknown"
    pace.line(FilmEvent("x"), 2.0)
    assert pace.rate == 0.5
    assert pace.left_words == "0:03:18 left"  # 99 films at one in two seconds


def test_the_end_says_what_was_left_and_why_it_stopped() -> None:
    counts = {"films_done": 3, "films_asked": 5, "films_failed": 1, "bones_scored": 4, "bones_refused": 2}
    counts["films_refused"] = 0
    lines = list(ending(BatchResult(Path("out"), 3, counts, cancelled=True)))
    assert lines[0] == "3 of 5 films, 4 bones scored, 2 refused. Results in out"
    assert "failures.csv" in lines[1]
    assert "goes on from here" in lines[2]
    assert list(ending(BatchResult(Path("out"), 3, counts, stopped="the disk is full")))[-1].endswith(
        "disk is full"
    )


def test_films_refused_as_a_whole_are_said_at_the_end() -> None:
    counts = {"films_done": 9, "films_asked": 9, "films_failed": 0, "bones_scored": 4, "bones_refused": 0}
    assert len(list(ending(BatchResult(Path("out"), 9, counts | {"films_refused": 0})))) == 1
    lines = list(ending(BatchResult(Path("out"), 9, counts | {"films_refused": 7})))
    assert lines[1] == f"Films refused as a whole: 7, with their reasons in {Path('out') / 'images.csv'}"
