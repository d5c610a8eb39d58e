"""The command on real films, with the real pipeline."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rickets_rx.cli import app


def score(*arguments: object) -> int:
    done = CliRunner().invoke(app, ["score", *map(str, arguments)])
    assert done.exit_code in (0, 1), done.output
    return done.exit_code


@pytest.fixture(scope="module")
def wrists(shared: Path) -> list[Path]:
    return sorted((shared / "radiographs" / "wrist_cc_by").glob("*.png"))[:2]


def test_two_workers_write_the_bytes_of_one_on_real_films(wrists: list[Path], tmp_path: Path) -> None:
    assert score(*wrists, "--out", tmp_path / "one") == 0, (tmp_path / "one" / "failures.csv").read_text()
    assert score(*wrists, "--out", tmp_path / "two", "--workers", 2, "--overlays") == 0
    one, two = ((tmp_path / name / "scores.csv").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one.count(b",scored,") >= 2
    assert len(list((tmp_path / "two" / "overlays").glob("*.png"))) == 2


def test_a_broken_film_among_good_ones_gives_exit_code_one(wrists: list[Path], tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(wrists[0].read_bytes()[:5000])
    assert score(tmp_path / "broken.png", wrists[0], "--out", tmp_path / "out") == 1
    with (tmp_path / "out" / "images.csv").open(encoding="utf-8", newline="") as handle:
        rows = [(row["file"], row["reason"]) for row in csv.DictReader(handle)]
    assert rows[0] == ("broken.png", "unreadable")
    assert rows[1][0] == wrists[0].name
