"""Pages made from the validation: what the program is for, and the figures of the model card.

They are written by `rickets-rx validate-own --publish ROOT` and never by hand; a test holds the committed
pages against the committed JSON.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.errors import UsageError
from rickets_rx.validation.aims import number
from rickets_rx.validation.page import CONSTRUCTED, markdown, missed
from rickets_rx.validation.words import SETS, STATISTICS, table, value_words

Content = Mapping[str, Any]
BEGIN = "<!-- figures made by `rickets-rx validate-own`; do not edit -->"
END = "<!-- end of figures -->"
RESULT, PAGE, USE = "docs/validation.json", "docs/validation.md", "docs/intended_use.md"
CARD, GRADE_CARD = "models/CARD.md", "models/GRADE_CARD.md"
CARDS = (CARD, GRADE_CARD)
TEMPLATES = Path(__file__).with_name("templates")
_FIGURES = (
    ("refused", ""),
    ("found", ""),
    ("corner_error_median", ""),
    ("kappa_quadratic", "bone"),
    ("share_within_near", "bone"),
    ("spearman_severity", ""),
    ("coverage_severity", ""),
)


def publish(content: Content, root: Path) -> list[Path]:
    """Write the JSON and every page made from it below the project's own folder.

    Raises
    ------
    UsageError
        Where ``root`` is no checkout of this project, or a mark in a model card is lost.
    """
    from rickets_rx.io.atomic import atomic_write
    from rickets_rx.io.results import write_json

    pages = {PAGE: markdown(content), USE: intended_use(content)}
    for name in CARDS:
        if not (root / name).is_file():
            raise UsageError(f"--publish {root}: no {name} there; give the project's own folder")
        pages[name] = with_figures((root / name).read_text(encoding="utf-8"), content, name)
    write_json(root / RESULT, dict(content))
    for name, text in pages.items():
        with atomic_write(root / name) as stream:
            stream.write(text.encode())
    return [root / name for name in (RESULT, *pages)]


def with_figures(card: str, content: Content, name: str = CARD) -> str:
    """A model card with its figures replaced, or added at its end; the rest of it is left alone.

    Raises
    ------
    UsageError
        Where only one of the two marks is there.
    """
    if BEGIN not in card and END not in card:
        card = f"{card.rstrip()}\n\n## Figures of the whole program\n{BEGIN}\n{END}\n"
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"{name}: needs the line {BEGIN}, and {END} below it")
    return f"{before}{BEGIN}\n{figures(content)}{END}{after}"


def figures(content: Content) -> str:
    """The figures of the model card."""
    there = [name for name in CONSTRUCTED if name in content["sets"]]
    rows = []
    for statistic, group in _FIGURES:
        cells = [value_words(number(content, name, statistic, group)) for name in there]
        rows.append([STATISTICS[statistic], *cells])
    lines = [
        "Recovery of construction, no agreement with readers; 95 % intervals. More: docs/validation.md.",
        "",
        *table(("", *(SETS[name] for name in there)), rows),
        *_real_lines(content),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _real_lines(content: Content) -> Iterator[str]:
    if "real_films" in content["sets"]:
        told = [
            f"{STATISTICS[name]} {value_words(number(content, 'real_films', name, ''))}"
            for name in ("at_0", "at_most_half", "at_least_1.5")
        ]
        yield f"Real bones called normal by a reader, none of them trained on: {'; '.join(told)}."
    refused = number(content, "to_be_refused", "refused", "")
    if refused is not None:
        yield f"Phantom films that must be refused: {value_words(refused)} refused."


def intended_use(content: Content) -> str:
    """What the program is for, what it is not for, and what is known of it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # Markdown for people: nothing to escape
    return environment.get_template("intended_use.md.j2").render(
        research_use_only=RESEARCH_USE_ONLY,
        cannot=content["cannot"],
        figures=figures(content).rstrip(),
        missed=missed(content) or ["nothing"],
    )
