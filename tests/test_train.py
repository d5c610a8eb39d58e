"""`rickets-rx train`: which word trains what, with what was asked for."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rickets_rx.cli import app
from rickets_rx.errors import UsageError
from rickets_rx.train import train_networks

PLACES = {
    "search": "rickets_rx.segment.training.__main__.train",
    "margin": "rickets_rx.segment.training.margin.train",
    "guard": "rickets_rx.segment.training.guard.train",
    "grade": "rickets_rx.grade.training.train.train",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was asked of which training, in order; none of them runs."""
    said: list[tuple[Any, ...]] = []

    def recorder(name: str) -> Any:
        def train(*given: Any, **options: Any) -> str:
            said.append((name, *given, options))
            return f"hash {len(said)}"

        return train

    for name, place in PLACES.items():
        monkeypatch.setattr(place, recorder(name))
    return said


@pytest.mark.parametrize(
    ("word", "half", "trained"),
    [
        ("elbow", True, [("search", "elbow")]),
        ("all", False, [("search", "film"), ("search", "wrist"), ("search", "elbow")]),
        ("margin", True, [("margin",)]),
        ("guard", None, [("guard",)]),
        ("grade", None, [("grade",)]),
    ],
)
def test_a_word_trains_its_networks_with_what_was_asked(
    word: str, half: bool | None, trained: list[tuple[str, ...]], asked: list[tuple[Any, ...]]
) -> None:
    options = ["--seed", "3", "--share", "0.25", "--real", "films", *(["--half"] if half else [])]
    done = CliRunner().invoke(app, ["train", word, "--out", "nets", *options])
    assert done.exit_code == 0
    wanted: dict[str, Any] = {"seed": 3, "share": 0.25, "real": Path("films")}
    # The guard and the grader's networks have no choice: they always compute in bfloat16.
    wanted |= {} if half is None else {"half": half}
    assert asked == [(*names, Path("nets"), wanted) for names in trained]
    assert done.output.split("\n")[:-1] == [f"hash {k + 1}" for k in range(len(trained))]


@pytest.mark.parametrize(
    ("word", "half", "said"),
    [
        ("knee", False, "film, wrist, elbow, all, margin, guard, grade"),
        ("guard", True, "--half"),
        ("grade", True, "--half"),
    ],
)
def test_what_cannot_be_trained_is_said_before_anything_is(
    word: str, half: bool, said: str, asked: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        next(train_networks(word, tmp_path, half=half))
    assert asked == []


# By hand: (10 x 30 + 6) million; (300 + 90 + 7) million; (380 + 19) million; 2 million + 3979 x 100 000.
@pytest.mark.parametrize(
    ("word", "highest"),
    [("film", 30), ("wrist", 30), ("elbow", 30), ("all", 30), ("margin", 90), ("guard", 19), ("grade", 3979)],
)
def test_a_seed_that_would_learn_from_films_of_studies_is_refused(
    word: str, highest: int, asked: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    for seed in (-1, highest + 1):
        with pytest.raises(UsageError, match=f"{word}: the seed lies within 0-{highest}, not {seed}"):
            next(train_networks(word, tmp_path, seed=seed))
    assert asked == []
    next(train_networks(word, tmp_path, seed=highest))
    assert [options["seed"] for *_, options in asked] == [highest]


@pytest.mark.parametrize(("word", "highest"), [("film", 30), ("margin", 90), ("guard", 19), ("grade", 3979)])
def test_every_training_refuses_such_a_seed_itself(word: str, highest: int, tmp_path: Path) -> None:
    module, name = PLACES.get(word, PLACES["search"]).rsplit(".", 1)
    train = getattr(importlib.import_module(module), name)
    given = (word, tmp_path / "nets") if word == "film" else (tmp_path / "nets",)
    with pytest.raises(UsageError, match=f"within 0-{highest}"):
        train(*given, seed=highest + 1)
    assert not (tmp_path / "nets").exists()


def test_the_highest_seeds_draw_no_film_of_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last film that each training of the ends would draw is numbered below 400 million."""
    from rickets_rx.grade.training.draw import plan
    from rickets_rx.segment.training import guard, guard_ends, margin, margin_ends

    drawn: list[int] = []

    class Enough(Exception):
        """The films are named; nothing is learned."""

    def film(_: object, number: int) -> None:
        drawn.append(number)
        if number % 1_000_000 == margin.FILMS - 1:
            raise Enough

    def ends(seeds: list[int]) -> None:
        drawn.extend(seeds)
        raise Enough

    monkeypatch.setattr(margin_ends, "_film", film)
    with pytest.raises(Enough):
        margin_ends.draw_ends(margin.FILMS, 90 + margin.PARTS)
    assert drawn[-1] == 397_001_099
    monkeypatch.setattr(guard_ends, "draw_ends", ends)
    with pytest.raises(Enough):
        guard.train(tmp_path, seed=19)
    assert drawn[-1] == 399_002_799
    # 3200, 450, 250, 500, 1300 and 100 children, one after another.
    assert max(seeds.stop for *_, seeds in plan(1.0, 3979)) == 399_905_800


@pytest.mark.parametrize("word", ["film", "margin", "guard", "grade"])
def test_a_missing_extra_is_named(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: Any, **__: Any) -> str:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(PLACES.get(word, PLACES["search"]), train)
    with pytest.raises(UsageError, match=r"needs torch: install rickets-rx\[train\]"):
        next(train_networks(word, tmp_path))
