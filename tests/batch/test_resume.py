"""What is done is known by its content: bytes, manifest values and software, not by names or times."""

import csv
import hashlib
import json
from pathlib import Path

import pytest
import standin
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.batch import keys, requests_of, score_films
from rickets_rx.batch.keys import content_key, sha256_of
from rickets_rx.batch.store import open_store
from rickets_rx.errors import UsageError
from rickets_rx.io.results import FilmRequest
from rickets_rx.score import DEFAULT_METHOD, SCORERS
from rickets_rx.vocabulary import Joint, Method, Side

pytestmark = pytest.mark.usefixtures("in_process")


def run(inputs: list[Path], out: Path) -> list[dict[str, str]]:
    """Score with the counting stand-in and return the rows of scores.csv."""
    score_films(requests_of(inputs), out, scorer=standin.counted)
    return table(out / "scores.csv")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_second_run_computes_nothing_and_writes_the_same_bytes(tmp_path: Path, marks: Path) -> None:
    films = tmp_path / "films"
    for i in range(3):
        standin.film(films / f"{i}.png", i)
    run([films], tmp_path / "out")
    first = (tmp_path / "out" / "scores.csv").read_bytes()
    images = (tmp_path / "out" / "images.csv").read_bytes()
    run([films], tmp_path / "out")
    assert standin.times_asked(marks) == {sha(path): 1 for path in films.iterdir()}
    assert (tmp_path / "out" / "scores.csv").read_bytes() == first
    assert (tmp_path / "out" / "images.csv").read_bytes() == images


def test_a_renamed_film_is_not_computed_again_and_a_changed_one_is(tmp_path: Path, marks: Path) -> None:
    films = tmp_path / "films"
    old = standin.film(films / "a.png", 1)
    changed = standin.film(films / "b.png", 2)
    before = sha(changed)
    run([films], tmp_path / "out")
    renamed = old.rename(films / "c.png")
    standin.film(changed, 3)
    rows = run([films], tmp_path / "out")
    assert standin.times_asked(marks) == {sha(renamed): 1, before: 1, sha(changed): 1}
    assert [(row["file"], row["image_sha256"]) for row in rows if row["bone"] == "radius"] == [
        ("b.png", sha(changed)),
        ("c.png", sha(renamed)),
    ]


def test_the_same_bytes_under_two_paths_are_computed_once_and_listed_twice(
    tmp_path: Path, marks: Path
) -> None:
    one = standin.film(tmp_path / "films" / "x" / "film.png", 1)
    two = standin.film(tmp_path / "films" / "y" / "film.png", 1)
    rows = run([tmp_path / "films"], tmp_path / "out")
    assert standin.times_asked(marks) == {sha(one): 1}
    assert sha(one) == sha(two)
    assert [row["file"] for row in rows if row["bone"] == "radius"] == ["x/film.png", "y/film.png"]


def test_films_that_change_after_they_were_hashed_keep_their_own_rows(
    tmp_path: Path, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (standin.film(tmp_path / f"{i}.png", i) for i in range(2))
    stale = iter(["00" * 32, "00" * 32])
    monkeypatch.setattr("rickets_rx.batch.run.sha256_of", lambda path: next(stale, sha256_of(path)))
    rows = run([one, two], tmp_path / "out")
    assert [row["image_sha256"] for row in rows if row["bone"] == "radius"] == [sha(one), sha(two)]


def test_equal_names_in_two_inputs_are_told_apart(tmp_path: Path, marks: Path) -> None:
    for folder, number in (("x", 1), ("y", 2)):
        standin.film(tmp_path / folder / "film.png", number)
    rows = run([tmp_path / "x", tmp_path / "y"], tmp_path / "out")
    assert len({row["file"] for row in rows}) == 2
    assert all(row["file"].endswith(("x/film.png", "y/film.png")) for row in rows)


@pytest.mark.parametrize(
    ("column", "value"),
    [("patient_id", "P2"), ("day", "9"), ("joint", "elbow"), ("side", "left"), ("spacing_mm", "0.2")],
)
def test_a_changed_manifest_value_reaches_the_rows(
    tmp_path: Path, marks: Path, column: str, value: str
) -> None:
    film = standin.film(tmp_path / "film.png", 1)
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("file,patient_id,day\nfilm.png,P1,1\n")
    run([manifest], tmp_path / "out")
    cells = {"file": "film.png", "patient_id": "P1", "day": "1"} | {column: value}
    manifest.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    rows = run([manifest], tmp_path / "out")
    assert standin.times_asked(marks) == {sha(film): 2}
    if column not in ("joint", "spacing_mm"):
        assert {row[column] for row in rows} == {value}
    if column == "spacing_mm":
        assert rows[0]["spacing_mm"] == "0.2"


def test_other_software_computes_again(tmp_path: Path, marks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = standin.film(tmp_path / "film.png", 1)
    run([film], tmp_path / "out")
    monkeypatch.setattr("rickets_rx.batch.run.software_hash", lambda: "another model")
    run([film], tmp_path / "out")
    assert standin.times_asked(marks) == {sha(film): 2}


def test_asking_for_the_default_method_by_its_name_computes_nothing_again(tmp_path: Path) -> None:
    requests, out = requests_of([standin.film(tmp_path / "film.png", 1)]), tmp_path / "out"
    kept: list[bool] = []
    for method in (None, DEFAULT_METHOD, Method.CLASSICAL, None):
        scorer = None if method is None else SCORERS[method]
        score_films(requests, out, scorer=scorer, on_film=lambda event: kept.append(event.kept))
    assert kept == [False, True, False, True]


@pytest.mark.parametrize(
    "library", ["onnxruntime", "pillow", "python-gdcm", "pylibjpeg-openjpeg", "pyjpegls"]
)
def test_a_decoder_installed_later_is_another_software(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A film that no decoder was there for is kept as failed; with the decoder it must be tried again.
    installed = keys._version
    found = []
    for version in (None, "9.9"):
        monkeypatch.setattr(
            keys, "_version", lambda name, v=version: v if name == library else installed(name)
        )
        found.append(keys.provenance())
    assert found[0] != found[1]


def test_a_film_whose_regions_are_gone_is_computed_again(tmp_path: Path, marks: Path) -> None:
    film = standin.film(tmp_path / "film.png", 1)
    run([film], tmp_path / "out")
    regions = tmp_path / "out" / "regions" / f"{sha(film)}.json"
    regions.unlink()
    run([film], tmp_path / "out")
    assert regions.is_file()


def test_a_second_run_on_one_folder_is_refused(tmp_path: Path, marks: Path) -> None:
    film = standin.film(tmp_path / "film.png", 1)
    out = tmp_path / "out"
    out.mkdir()
    with open_store(out), pytest.raises(UsageError, match="another run writes here"):
        score_films(requests_of([film]), out, scorer=standin.counted)
    assert standin.times_asked(marks) == {}


def test_a_foreign_file_in_place_of_the_store_is_left_alone(tmp_path: Path) -> None:
    film = standin.film(tmp_path / "film.png", 1)
    foreign = tmp_path / "out" / "results.sqlite"
    foreign.parent.mkdir()
    foreign.write_bytes(b"my holiday notes " * 100)
    with pytest.raises(UsageError, match="Move it away"):
        score_films(requests_of([film]), foreign.parent, scorer=standin.plain)
    assert foreign.read_bytes() == b"my holiday notes " * 100


def test_pictures_of_an_earlier_run_are_no_films(tmp_path: Path, marks: Path) -> None:
    standin.film(tmp_path / "film.png", 1)
    out = tmp_path / "results"
    for _ in range(2):
        requests = requests_of([tmp_path])
        score_films(requests, out, scorer=standin.counted, overlays=True)
        assert [request.file for request in requests] == ["film.png"]
    assert len(list(out.rglob("*.png"))) == 2


def test_a_film_that_several_inputs_hold_is_listed_once_with_what_the_manifest_says(tmp_path: Path) -> None:
    for name in ("a.png", "below/b.png"):
        standin.film(tmp_path / name, 1)
    below, manifest = tmp_path / "below", tmp_path / "list.csv"
    manifest.write_text("file,side\nbelow/b.png,left\n")
    for inputs in ([tmp_path, below, below / "b.png"], [below / "b.png", tmp_path]):
        assert sorted(Path(request.file).name for request in requests_of(inputs)) == ["a.png", "b.png"]
    for inputs in ([tmp_path, manifest], [manifest, tmp_path], [below, manifest, tmp_path]):
        told = {request.file: request.side for request in requests_of(inputs)}
        assert told == {"a.png": None, "below/b.png": Side.LEFT}


def test_the_tables_list_what_this_run_was_asked(tmp_path: Path, marks: Path) -> None:
    one, two = (standin.film(tmp_path / f"{i}.png", i) for i in range(2))
    run([one, two], tmp_path / "out")
    assert [row["file"] for row in run([two], tmp_path / "out")] == ["1.png", "1.png"]


def stray(out: Path, *names: str) -> list[Path]:
    """Files that no row of the store knows, in the folders of a film's geometry and picture."""
    paths = [out / folder / name for folder in ("regions", "overlays") for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left behind")
    return paths


def test_what_no_row_knows_goes_at_the_end_and_foreign_names_stay(tmp_path: Path, marks: Path) -> None:
    film, out = standin.film(tmp_path / "film.png", 1), tmp_path / "out"
    ours = stray(out, f"{'ab' * 32}.json", f"{'cd' * 32}.png")
    foreign = stray(out, "notes.json", f"{'AB' * 32}.png", f"{'ab' * 32}.txt")
    run([film], out)
    assert [path.exists() for path in ours] == [False] * 4
    assert [path.exists() for path in foreign] == [True] * 6
    assert (out / "regions" / f"{sha(film)}.json").is_file()


def test_a_stopped_run_takes_nothing_away(tmp_path: Path, marks: Path) -> None:
    (tmp_path / "film.png").write_bytes(b"")
    ours = stray(tmp_path / "out", f"{'ab' * 32}.json")
    result = score_films(requests_of([tmp_path / "film.png"]), tmp_path / "out", strict=True)
    assert result.stopped is not None
    assert all(path.exists() for path in ours)


def test_films_of_earlier_runs_keep_their_regions_and_are_named_in_run_json(
    tmp_path: Path, marks: Path
) -> None:
    one, two = (standin.film(tmp_path / f"{i}.png", i) for i in range(2))
    out = tmp_path / "out"

    def named() -> list[str]:
        return json.loads((out / "run.json").read_text())["regions_of_earlier_runs"]

    run([one, two], out)
    assert named() == []
    run([two], out)
    assert named() == [sha(one)]
    run([one.rename(tmp_path / "renamed.png"), two], out)
    assert named() == []
    assert set(standin.times_asked(marks).values()) == {1}


def test_an_overlay_of_other_software_does_not_stay_beside_new_numbers(
    tmp_path: Path, marks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, out = standin.film(tmp_path / "film.png", 1), tmp_path / "out"
    overlay = out / "overlays" / f"{sha(film)}.png"
    score_films(requests_of([film]), out, scorer=standin.counted, overlays=True)
    assert overlay.is_file()
    run([film], out)
    assert overlay.is_file()
    monkeypatch.setattr("rickets_rx.batch.run.software_hash", lambda: "another model")
    run([film], out)
    assert not overlay.exists()


def test_sha256_is_that_of_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # FIPS 180-4 example
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path) is None
    assert sha256_of(tmp_path / "absent") is None


REQUESTS = st.builds(
    FilmRequest,
    path=st.just(Path("a")),
    file=st.just("a"),
    patient_id=st.none() | st.text(max_size=3),
    day=st.none() | st.integers(0, 3),
    joint=st.none() | st.sampled_from(Joint),
    side=st.none() | st.sampled_from(Side),
    spacing_mm=st.none() | st.sampled_from([0.1, 0.2]),
)


@given(REQUESTS, REQUESTS)
def test_keys_are_equal_exactly_where_all_that_matters_is_equal(one: FilmRequest, two: FilmRequest) -> None:
    keys = {content_key("00", request, "software", {}) for request in (one, two)}
    assert len(keys) == (1 if one == two else 2)
