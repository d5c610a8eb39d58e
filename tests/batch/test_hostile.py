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
    assert [row["file"] for row in result.images] == ["dangling.png", "pipe.png", "sub/good.png"]
    assert [row["file"] for row in result.failures] == ["dangling.png", "pipe.png"]
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


@pytest.mark.usefixtures("in_process")
def test_a_film_of_a_folder_that_cannot_be_read_has_a_row(tmp_path: Path) -> None:
    films = tmp_path / "films"
    standin.film(films / "good.png", 1)
    contents = {"empty.png": b"", "text.PNG": b"no film", "moving.gif": b"GIF89a", "notes.txt": b"no film"}
    for name, content in contents.items():
        (films / name).write_bytes(content)
    done = score(films, "--out", tmp_path / "out")
    assert done.exit_code == 1
    rows = [(row["file"], row["reason"]) for row in table(tmp_path / "out" / "images.csv")]
    bad = ["empty.png", "moving.gif", "text.PNG"]
    assert [row for row in rows if row[0] in contents] == [(name, "unreadable") for name in bad]
    reasons = {row["file"]: row["reason"] for row in table(tmp_path / "out" / "failures.csv")}
    assert "is empty" in reasons["empty.png"]
    assert "(GIF)" in reasons["moving.gif"]
    assert "not a format that is read" in reasons["text.PNG"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"film\na.png\n", "no column file"),
        (b"file,weight\na.png,3\n", "unknown column 'weight'"),
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


#: Rows of a manifest with all columns, and what failures.csv says of each.
BAD_ROWS = {
    "../secret.png,,,,,": "file: leads out of the manifest's folder",
    "b.png,P,30.5,,,": "day: 30.5 is not a day count",
    "c.png,P,2024-01-01,,,": "day: '2024-01-01' is not a number",
    "d.png,P,1e999,,,": "day: '1e999' is not a number",
    "e.png,,,knee,,": "joint: 'knee' is not a word for it. Write wrist or elbow",
    "f.png,,,,up,": "side: 'up' is not a word for it",
    "g.png,,,,,-1": "spacing_mm: -1 is no plausible pixel spacing",
    "good.png,,,,,": "file: names the same film as row 2. List each film once",
    ",P,3,,,": "file: is empty. Name the film",
    "h.png,P,3,,,0,144": "has 7 cells for 6 columns",
}


@pytest.mark.usefixtures("in_process")
def test_a_row_at_fault_loses_its_own_film_only(tmp_path: Path, marks: Path) -> None:
    films, out = tmp_path / "films", tmp_path / "out"
    good = [standin.film(films / name, i) for i, name in enumerate(("good.png", "last.png"))]
    for name in "bcdefgh":
        standin.film(films / f"{name}.png", ord(name))
    standin.film(tmp_path / "secret.png", 99)
    lines = [
        "file,patient_id,day,joint,side,spacing_mm",
        "good.png,P1,3,wrist,left,0.1",
        *BAD_ROWS,
        "last.png",
    ]
    (films / "manifest.csv").write_text("\n".join(lines))
    for _ in range(2):  # and again, when the good films are kept
        score_films(requests_of([films / "manifest.csv"]), out, scorer=standin.counted)
    assert standin.times_asked(marks) == {path.stem: 1 for path in (out / "regions").glob("*.json")}
    assert len(standin.times_asked(marks)) == len(good)
    failures = table(out / "failures.csv")
    assert [row["stage"] for row in failures] == ["manifest"] * len(BAD_ROWS)
    for i, (row, words) in enumerate(zip(failures, BAD_ROWS.values(), strict=True), start=3):
        assert f"manifest.csv row {i}" in row["reason"]
        assert words in row["reason"]
    images = table(out / "images.csv")
    assert [row["reason"] for row in images] == ["", *["unreadable"] * len(BAD_ROWS), ""]
    assert (images[0]["file"], images[-1]["file"]) == ("good.png", "last.png")
    assert len({row["file"] for row in images}) == len(images)
    assert [row["image_sha256"] for row in images[1:-1]] == [""] * len(BAD_ROWS)
    assert (images[2]["patient_id"], images[2]["day"]) == ("P", "")


def test_the_command_goes_on_after_a_row_at_fault(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("file,joint\na.png,knee\n")
    assert score(tmp_path / "manifest.csv", "--out", tmp_path / "out").exit_code == 1
    assert [row["file"] for row in table(tmp_path / "out" / "failures.csv")] == ["a.png"]


@pytest.mark.usefixtures("in_process")
def test_no_absolute_path_reaches_the_tables(tmp_path: Path) -> None:
    home, out = tmp_path / "jane", tmp_path / "out"
    films = [standin.film(home / name / "1.png", i) for i, name in enumerate(("x", "y"))]
    (tmp_path / "lists").mkdir()
    manifest = tmp_path / "lists" / "manifest.csv"
    manifest.write_text("\n".join(["file", *map(str, films), str(home / "absent.png"), ""]))
    score_films(requests_of([manifest]), out, scorer=standin.plain)
    assert [row["file"] for row in table(out / "images.csv")] == ["x/1.png", "y/1.png", "absent.png"]
    for path in (path for path in out.rglob("*") if path.is_file()):
        assert b"jane" not in path.read_bytes()
        assert str(tmp_path).encode() not in path.read_bytes()


@pytest.mark.usefixtures("in_process")
def test_inputs_with_equal_names_are_told_apart_without_their_whole_path(tmp_path: Path) -> None:
    inputs = [tmp_path / "jane" / name for name in ("x", "y")]
    for i, folder in enumerate(inputs):
        standin.film(folder / "film.png", i)
    assert [request.file for request in requests_of(inputs)] == ["x/film.png", "y/film.png"]


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
    standin.film(films / "names_only" / "film.png", 4)
    (films / "names_only").chmod(0o444)  # its films can be listed and not reached
    out.mkdir()
    out.chmod(0o777)
    # Several workers of the test run put one more folder between.
    above = [folder for folder in tmp_path.parents if folder.name.startswith(("pytest-", "popen-"))]
    for folder in (tmp_path, *above):
        folder.chmod(0o755)
    os.seteuid(65534)
    try:
        result = score_films(requests_of([films]), out, scorer=standin.plain)
    finally:
        os.seteuid(0)
        (films / "closed").chmod(0o755)
        (films / "names_only").chmod(0o755)
    reasons = {row["file"]: row["reason"] for row in result.failures}
    assert [row["file"] for row in result.images] == [
        "closed",
        "good.png",
        "locked.png",
        "names_only/film.png",
    ]
    assert sorted(reasons) == ["closed", "locked.png", "names_only/film.png"]
    assert "is a folder" in reasons["closed"]
    assert "Permission denied" in reasons["locked.png"]
    assert "Permission denied" in reasons["names_only/film.png"]


def test_an_output_that_is_a_file_is_said_plainly(tmp_path: Path) -> None:
    film = standin.film(tmp_path / "a.png", 1)
    (tmp_path / "out").write_text("a file")
    done = score(film, "--out", tmp_path / "out")
    assert "cannot be used as folder" in str(done.exception)


def test_no_film_at_all_is_wrong_usage(tmp_path: Path) -> None:
    done = score(tmp_path, "--out", tmp_path / "out")
    assert "no radiograph found" in str(done.exception)
