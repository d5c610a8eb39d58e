"""The example of the gallery still runs, and its page says what the case report prints."""

import importlib.util
from pathlib import Path

import pytest

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = importlib.util.spec_from_file_location("make_gallery", GALLERY / "make.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made.page(GALLERY / "healing.py")


def test_the_example_runs_and_shows_what_was_printed(page, tmp_path):
    rows = [line.split() for line in page.splitlines()]
    # 7.2 mg/dL of calcium over 4.008 are 1.80 mmol/L; both sisters' tables are in the case report.
    assert ["Ca", "7.2", "mg/dL", "1.80", "mmol/L"] in [row[:5] for row in rows]
    assert ["PTH", "1194.0", "pg/mL"] in [row[:3] for row in rows]
    # One PTH within the printed range on the last day of the second sister, none after it to confirm it.
    assert ["case2", "PTH", "0", "192", "222", "0", "0"] in rows
    assert (tmp_path / "healing_case1.png").stat().st_size > 0


def test_the_written_page_holds_every_part_of_the_example():
    said = (GALLERY / "healing.md").read_text(encoding="utf-8")
    parts = (GALLERY / "healing.py").read_text(encoding="utf-8").split("\n# %% ")[1:]
    for part in parts:
        heading, _, code = part.partition("\n")
        assert f"## {heading.strip()}\n" in said
        assert code.strip() in said
