"""Pages are made from the JSON and from nothing else; what is committed is what it gives."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from validation.content import content

from rickets_rx.errors import InputError, UsageError
from rickets_rx.segment.network import model_hashes
from rickets_rx.validation.aims import held, range_words
from rickets_rx.validation.cards import (
    BEGIN,
    CARDS,
    END,
    PAGE,
    RESULT,
    USE,
    figures,
    intended_use,
    publish,
    with_figures,
)
from rickets_rx.validation.courses import courses_of, coverage_rows
from rickets_rx.validation.html import blocks, html
from rickets_rx.validation.page import markdown, missed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made():
    return content()


def test_what_cannot_be_shown_stands_before_any_number(made):
    page = markdown(made)
    recovery = page.index("## Recovery of construction")
    assert page.index("no graded films of children with rickets are public") < recovery
    assert "no agreement with readers" in page
    assert page.index("## Recovery of construction") < page.index("## Simulated readers")


def test_numbers_of_the_page_are_those_of_the_json(made):
    page = markdown(made)
    assert "| refused | 5 % (0 to" in page
    assert "| exact | 89.5 %" in page  # 17 of 19
    assert "| knee | 10 | 50 %" in page  # of ten knees five gave bones
    assert "seed 5, 40 courses" in page
    assert "--wrists 20 " in page, "the command makes as many films as the page tells of"
    assert "65.0 (46" not in page and "65 % (46 to 81), n = 26" in page
    other = json.loads(json.dumps(made))
    for row in other["sets"]["wrists"]["numbers"]:
        if row["statistic"] == "share_exact" and row["group"] == "bone":
            row["value"] = 0.123
    assert "| exact | 12.3 %" in markdown(other)


def test_the_order_of_keys_changes_nothing(made):
    """JSON keeps no order, and the committed page is held against the committed JSON."""
    back = json.loads(json.dumps(made, sort_keys=True))
    back["sets"] = dict(reversed(back["sets"].items()))
    for name in ("models", "libraries", "phantom_seeds"):
        back["provenance"][name] = dict(reversed(back["provenance"][name].items()))
    assert markdown(back) == markdown(made)
    assert intended_use(back) == intended_use(made)


def test_sets_that_are_not_there_are_said_to_be_absent(made):
    assert "| painted real wrists | not there in this run |" in markdown(made)


def test_aims_are_held_against_the_numbers(made):
    told = missed(made)
    assert any(line.startswith("phantom films to be refused, refused: 66.7 %") for line in told)
    assert any("the right phase named: 65 % (46 to 81); wanted at least 0.9" in line for line in told)
    assert not any("another phase" in line for line in told)
    assert held({"value": 0.9}, 0.9, None) is True
    assert held({"value": 0.93}, 0.88, 0.92) is False
    assert held({"value": None}, 0.9, None) is None
    assert range_words(0.88, 0.92) == "0.88 to 0.92"


def test_the_page_with_figures_loses_nothing_and_is_closed(made):
    page = html(made)
    text = markdown(made)
    shown = unescape(re.sub(r"<[^>]+>", "\n", page[page.index("</header>") :]))
    wanted, found = (re.sub(r"[`*|#-]", "", one).split() for one in (text[text.index("## ") :], shown))
    assert found[: len(wanted)] == wanted, "every word, in its order"
    kinds = {kind for kind, _ in blocks(markdown(made))}
    assert kinds == {"heading", "subheading", "table", "list", "text"}
    assert page.count("<svg") == 2
    assert 'src="http' not in page and 'href="http' not in page
    assert page == html(made)


def test_a_card_keeps_all_but_its_figures(made):
    card = f"# Card\n\nBy hand.\n\n{BEGIN}\nan earlier figure\n{END}\n\nMore by hand.\n"
    new = with_figures(card, made)
    assert new.startswith("# Card\n\nBy hand.\n") and new.endswith("\nMore by hand.\n")
    assert "an earlier figure" not in new and figures(made) in new
    assert with_figures(new, made) == new
    added = with_figures("# Card\n", made)
    assert added.startswith("# Card\n\n## Figures") and figures(made) in added
    with pytest.raises(UsageError, match="needs the line"):
        with_figures(f"# Card\n{END}\n", made)


def test_publishing_writes_all_pages_and_only_into_the_project(made, tmp_path):
    with pytest.raises(UsageError, match="own folder"):
        publish(made, tmp_path)
    (tmp_path / "models").mkdir()
    for card in CARDS:
        with pytest.raises(UsageError, match=f"no {card} there"):
            publish(made, tmp_path)
        (tmp_path / card).write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    written = publish(made, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [RESULT, PAGE, USE, *CARDS]
    assert all(figures(made) in (tmp_path / card).read_text(encoding="utf-8") for card in CARDS)
    again = json.loads((tmp_path / RESULT).read_text(encoding="utf-8"))
    assert markdown(again) == (tmp_path / PAGE).read_text(encoding="utf-8")


def test_files_that_are_no_results_are_named(tmp_path):
    (tmp_path / "trial.json").write_text('{"figures": {}}')
    with pytest.raises(InputError, match=r"trial\.json: file: is no result of a trial"):
        courses_of([tmp_path / "trial.json"])
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no table of coverage"):
        coverage_rows([tmp_path / "table.csv"])


def test_coverage_counts_what_lies_outside(tmp_path):
    head = "study,statistic,interval,truth,mean,share,width,repeats\n"
    rows = [
        f"a,{name},x,0,0,{share},1,500" for name, share in (("bias", 0.95), ("kappa", 0.975), ("auc", 0.9))
    ]
    (tmp_path / "c.csv").write_text(head + "\n".join(rows) + "\n")
    (found,) = coverage_rows([tmp_path / "c.csv"])
    assert (found["intervals"], found["within"], found["repeats"]) == (3, 1, 500)
    assert [row[1] for row in found["outside"]] == ["kappa", "auc"]


@pytest.fixture(scope="module")
def kept():
    """The validation that is committed."""
    return json.loads((ROOT / RESULT).read_text(encoding="utf-8"))


def test_the_committed_validation_is_of_the_shipped_networks(kept):
    assert kept["provenance"]["models"] == model_hashes()


def test_the_committed_validation_counts_the_committed_tables_of_coverage(kept):
    tables = [ROOT / "docs" / one["table"] for one in kept["coverage"]]
    assert len(tables) == 2
    assert kept["coverage"] == coverage_rows(tables), "docs/*coverage.csv are newer than docs/validation.json"


@pytest.mark.parametrize("name", [PAGE, USE, *CARDS])
def test_committed_pages_are_made_from_the_committed_json(kept, name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pages = {PAGE: markdown, USE: intended_use}
    wanted = pages[name](kept) if name in pages else with_figures(text, kept, name)
    assert text == wanted, "run `rickets-rx validate-own --publish .` instead of editing"
