"""The command line as a user meets it: help, exit codes, one-line errors."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.cli import app
from rickets_rx.resources import resource

COMMANDS = ["score", "heal", "demo", "phantom", "validate", "validate-own", "reading-list", "train"]
OTHERS = ["plan", "review"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rickets_rx.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"})


def test_help_names_every_command_and_the_intended_use() -> None:
    said = " ".join(CliRunner().invoke(app, ["--help"]).output.replace("│", " ").split())
    assert all(command in said for command in COMMANDS + OTHERS)
    assert "Research use only" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0 and "--out" in result.output


def test_help_imports_nothing_heavy() -> None:
    heavy = "numpy cv2 scipy pandas matplotlib pydicom onnxruntime skimage torch napari qtpy".split()
    code = (
        "import sys, typer.testing, rickets_rx.cli as c; typer.testing.CliRunner().invoke(c.app, ['--help']);"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_a_folder_with_a_bad_film_gives_exit_code_one_and_scores_the_rest(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    shutil.copy(resource("sample_images") / "phantoms" / "wrist_normal.png", films)
    (films / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    done = run("score", films, "--out", tmp_path / "out")
    assert done.returncode == 1, done.stderr
    assert RESEARCH_USE_ONLY in done.stdout
    assert "broken.png" in done.stdout + done.stderr
    with (tmp_path / "out" / "scores.csv").open() as handle:
        scored = [row for row in csv.DictReader(handle) if row["status"] == "scored"]
    assert {row["bone"] for row in scored} == {"radius", "ulna"}
    with (tmp_path / "out" / "images.csv").open() as handle:
        reasons = {row["file"]: row["reason"] for row in csv.DictReader(handle)}
    assert reasons == {"broken.png": "unreadable", "wrist_normal.png": ""}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["score", "absent.png", "--out", "out"], "absent.png"),
        (["score", ".", "--out", "out", "--spacing-mm", "14"], "between 0.02 and 0.9"),
        (["heal", "absent", "--out", "out"], "absent"),
        (["train", "grade", "--half", "--out", "out"], "--half"),
        (["phantom", "--joint", "knee", "--out", "out"], "wrist or elbow"),
        (["phantom", "--preset", "nonsense", "--out", "out"], "active_severe"),
        (["validate", "absent.csv", "--out", "out"], "absent.csv"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_two(tmp_path: Path, arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "rickets_rx.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_version_says_the_intended_use() -> None:
    assert RESEARCH_USE_ONLY in CliRunner().invoke(app, ["--version"]).output
