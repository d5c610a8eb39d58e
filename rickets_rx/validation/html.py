"""The validation as one closed page with figures, in the look of the other reports."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rickets_rx.agreement.figures import counts_svg, svg_of
from rickets_rx.agreement.write import closed_page
from rickets_rx.grade.result import GRADES
from rickets_rx.report.palette import BLUE, INK
from rickets_rx.validation.page import CONSTRUCTED, markdown
from rickets_rx.validation.words import SETS

TEMPLATES = Path(__file__).with_name("templates")
_BINS = 10


def html(content: Mapping[str, Any]) -> str:
    """The page: the text of `page.markdown`, with a figure of severities and one of grades for each set."""
    from markupsafe import Markup

    figures = [
        (SETS[name], Markup(severities(one["points"])), Markup(grades(one["matrix"])))
        for name in CONSTRUCTED
        if (one := content["sets"].get(name)) and one["points"]
    ]
    return closed_page(TEMPLATES / "own.html.j2", blocks=blocks(markdown(content)), figures=figures)


def blocks(text: str) -> list[tuple[str, Any]]:
    """Markdown of `page.markdown` as (kind, content): heading, subheading, table, list or text.

    It knows what that page uses and no more; a test holds that nothing of the page is lost.
    """
    found: list[tuple[str, Any]] = []
    for part in text.split("\n\n")[1:]:
        lines = part.strip().split("\n")
        if lines[0].startswith("### "):
            found.append(("subheading", lines[0][4:]))
        elif lines[0].startswith("## "):
            found.append(("heading", lines[0][3:]))
        elif lines[0].startswith("| "):
            cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
            found.append(("table", (cells[0], cells[2:])))
        elif lines[0].startswith("- "):
            found.append(("list", [line[2:].replace("`", "") for line in lines]))
        else:
            found.append(("text", " ".join(lines).replace("**", "").replace("`", "")))
    return found


def severities(points: Sequence[Sequence[float]]) -> str:
    """True against said severity, with the mean of what was said in tenths of the truth."""
    true, said = np.array(points, dtype=float).T
    tenth = np.minimum((true * _BINS).astype(int), _BINS - 1)

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="#a8a8a8", lw=1, ls=":")
        axes.scatter(true, said, s=7, color=BLUE.hex, alpha=0.3, lw=0)
        for k in range(_BINS):
            if np.sum(tenth == k) >= 5:
                axes.plot([k / _BINS, (k + 1) / _BINS], [said[tenth == k].mean()] * 2, color=INK.hex, lw=2)
        axes.set_xlabel("true severity")
        axes.set_ylabel("severity said")
        axes.set_aspect("equal")

    return svg_of(draw, size=(3.4, 3.3))


def grades(counts: Sequence[Sequence[int]]) -> str:
    """Counts of grades, said (rows) and true."""
    return counts_svg(counts, GRADES, ("grade said", "true grade"), size=(3.3, 3.3))
