"""`rickets-rx train`: which word trains what, with what was asked for."""

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


@pytest.mark.parametrize("word", ["film", "margin", "guard", "grade"])
def test_a_missing_extra_is_named(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: Any, **__: Any) -> str:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(PLACES.get(word, PLACES["search"]), train)
    with pytest.raises(UsageError, match=r"needs torch: install rickets-rx\[train\]"):
        next(train_networks(word, tmp_path))
