"""What the README points to is there."""

import re
from pathlib import Path

import pytest

from rickets_rx.cli import app

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))]
)
def test_every_local_link_resolves(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [link for link in links if link and "://" not in link]
    missing = [link for link in local if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


def test_the_table_of_commands_names_each_that_there_is() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("| command |")[1].split("\n\n")[0]
    named = set(
        re.findall(
            r"`(?:rickets-rx )?([a-z-]+)[^`]*`", "\n".join(re.findall(r"^\| (`[^|]*) \|", table, re.M))
        )
    )
    there = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    assert named == there
