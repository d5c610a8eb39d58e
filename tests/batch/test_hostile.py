"""Hostile input is refused by name and the rest of the run goes on."""

import csv
import os
from pathlib import Path

import hostile
import pytest
import standin
from typer.testing import CliRunner, Result

from rickets_rx.batch import requests_of, score_films
from rickets_rx.batch.requests import printable
from rickets_rx.cli import app

POSIX = pytest.mark.skipif(os.name != "posix", reason="links, pipes and such names")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def score(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["score", *map(str, arguments)])


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str | None], Path]:
    """Every hostile file of the list, named one by one, in one run; with the words expected of each."""
    films, out = tmp_path_factory.mktemp("films"), tmp_path_factory.mktemp("out")
    expected = hostile.write_all(films)
    score_films(requests_of([films / name for name in expected]), out, scorer=standin.plain)
    return expected, out


def test_every_hostile_file_has_a_row_and_none_kills_a_worker(
    outcome: tuple[dict[str, str | None], Path],
) -> None:
    expected, out = outcome
    assert len(expected) >= 60
    assert {row["file"] for row in table(out / "images.csv")} == set(expected)
    assert {row["error_type"] for row in table(out / "failures.csv")} == {"InputError"}
    assert {row["stage"] for row in table(out / "failures.csv")} == {"read"}


@pytest.mark.parametrize("name", hostile.MADE)
def test_a_hostile_file_is_refused_in_its_own_words(
    name: str, outcome: tuple[dict[str, str | None], Path]
) -> None:
    expected, out = outcome
    reasons = {row["file"]: row["reason"] for row in table(out / "failures.csv")}
    words = expected[name]
    if words is None:
        assert name not in reasons
    elif words:
        assert words in reasons[name]
        assert reasons[name].startswith(f"{name}: ")
        assert "\n" not in reasons[name]


@POSIX
@pytest.mark.usefixtures("in_process")
def test_links_that_loop_and_pipes_end(tmp_path: Path) -> None:
    films = tmp_path / "films"
    standin.film(films / "sub" / "good.png", 1)
    (films / "sub" / "up").symlink_to(films)
    (films / "self").symlink_to(films / "self")
    (films / "dangling.png").symlink_to(films / "absent.png")
    os.mkfifo(films / "pipe.png")
    result = score_films(requests_of([films]), tmp_path / "out", scorer=standin.plain)
    assert [row["file"] for row in result.images] == ["sub/good.png"]
    named = score_films(
        requests_of([films / "pipe.png", films / "sub" / "good.png"]), tmp_path / "two", scorer=standin.plain
    )
    assert [row["file"] for row in named.failures] == ["pipe.png"]
    assert "no regular file" in named.failures[0]["reason"]


@POSIX
@pytest.mark.usefixtures("in_process")
def test_strange_names_stay_text(tmp_path: Path) -> None:
    films = tmp_path / "films"
    for i, name in enumerate(["=1+1.png", "two\nlines.png", 'quo"te,comma.png', "x" * 200 + ".png"]):
        standin.film(films / "ok.png", i).rename(films / name)
    strange = os.fsencode(films) + b"/\xff\xfe.png"
    Path(os.fsdecode(strange)).write_bytes(standin.film(tmp_path / "ok.png", 9).read_bytes())
    score_films(requests_of([films]), tmp_path / "out", scorer=standin.plain)
    names = {row["file"] for row in table(tmp_path / "out" / "images.csv")}
    assert names == {"'=1+1.png", "two\nlines.png", 'quo"te,comma.png', "x" * 200 + ".png", r"\xff\xfe.png"}


def test_names_that_are_no_text_become_text() -> None:
    assert printable("a\udcffb") == r"a\xffb"
    assert printable("Röntgen.png") == "Röntgen.png"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"file\n../../etc/passwd\n", "leads out of the manifest's folder"),
        (b"film\na.png\n", "no column file"),
        (b"file,day\na.png,2024-01-01\n", "day"),
        (b"file,day\na.png,1e999\n", "day"),
        (b"file,side\na.png,both\n", "side"),
        (b"file,spacing_mm\na.png,-1\n", "spacing_mm"),
        (b"file\na.png\na.png\n", "same film"),
        (b"", ""),
        (b"file\n", "lists no films"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", ""),
        ("file,patient_id\na.png,Jörg\n".encode("latin-1"), ""),
    ],
)
def test_a_hostile_manifest_is_refused_before_anything_is_scored(
    tmp_path: Path, content: bytes, words: str
) -> None:
    standin.film(tmp_path / "a.png", 1)
    (tmp_path / "manifest.csv").write_bytes(content)
    done = score(tmp_path / "manifest.csv", "--out", tmp_path / "out")
    text = f"{done.stderr} {done.exception}"
    assert done.exit_code != 0
    assert "manifest.csv" in text
    assert words in text
    assert type(done.exception).__name__ in ("InputError", "UsageError")
    assert not (tmp_path / "out" / "scores.csv").exists()


@pytest.mark.usefixtures("in_process")
def test_a_manifest_from_a_spreadsheet_is_read_and_its_formulas_stay_text(tmp_path: Path) -> None:
    for i in range(2):
        standin.film(tmp_path / f"{i}.png", i)
    rows = ["\ufefffile;patient_id;day", "0.png;=HYPERLINK(1);3", "absent.png;P;4", "1.png;P;5", ""]
    (tmp_path / "manifest.csv").write_bytes("\r\n".join(rows).encode())
    score_films(requests_of([tmp_path / "manifest.csv"]), tmp_path / "out", scorer=standin.plain)
    images = table(tmp_path / "out" / "images.csv")
    assert [(row["file"], row["patient_id"], row["day"]) for row in images] == [
        ("0.png", "'=HYPERLINK(1)", "3"),
        ("absent.png", "P", "4"),
        ("1.png", "P", "5"),
    ]
    assert [row["file"] for row in table(tmp_path / "out" / "failures.csv")] == ["absent.png"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.usefixtures("in_process")
def test_what_may_not_be_read_is_listed_and_the_rest_is_scored(tmp_path: Path) -> None:
    films, out = tmp_path / "films", tmp_path / "out"
    good = standin.film(films / "good.png", 2)
    score_films(
        requests_of([good]), tmp_path / "before", scorer=standin.plain
    )  # imports all that nobody may not
    standin.film(films / "closed" / "film.png", 1)
    standin.film(films / "locked.png", 3).chmod(0)
    (films / "closed").chmod(0)
    out.mkdir()
    out.chmod(0o777)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    os.seteuid(65534)
    try:
        result = score_films(requests_of([films]), out, scorer=standin.plain)
    finally:
        os.seteuid(0)
        (films / "closed").chmod(0o755)
    reasons = {row["file"]: row["reason"] for row in result.failures}
    assert [row["file"] for row in result.images] == ["closed", "good.png", "locked.png"]
    assert sorted(reasons) == ["closed", "locked.png"]
    assert "is a folder" in reasons["closed"]
    assert "Permission denied" in reasons["locked.png"]


def test_an_output_that_is_a_file_is_said_plainly(tmp_path: Path) -> None:
    film = standin.film(tmp_path / "a.png", 1)
    (tmp_path / "out").write_text("a file")
    done = score(film, "--out", tmp_path / "out")
    assert "cannot be used as folder" in str(done.exception)


def test_no_film_at_all_is_wrong_usage(tmp_path: Path) -> None:
    done = score(tmp_path, "--out", tmp_path / "out")
    assert "no radiograph found" in str(done.exception)
