"""Fills the templates of this package: autoescape on, style and script laid inside, no network."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rickets_rx import RESEARCH_USE_ONLY, __version__
from rickets_rx.report.course import text
from rickets_rx.report.lanes import ACTIVITY_TINTS, FINDING_OUTLINES
from rickets_rx.report.words import (
    DIRECTION_WORDS,
    SYNTHETIC,
    bone_words,
    finding_words,
    number,
    phase_words,
    reason_words,
)

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Fill a template of this package; autoescape is on, style and script are laid inside."""
    return str(_environment().get_template(template).render(**values))


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=_number_or_dash,
        text=text,
        phase=phase_words,
        bone=bone_words,
        reason=reason_words,
        finding=finding_words,
    )
    environment.globals.update(
        research_use_only=RESEARCH_USE_ONLY,
        version=__version__,
        synthetic=SYNTHETIC,
        style=Markup((TEMPLATES / "style.css").read_text("utf-8")),  # our own files, not data
        script=Markup((TEMPLATES / "hover.js").read_text("utf-8")),
        activity_tints={name: tint.hex for name, tint in ACTIVITY_TINTS.items()},
        direction_words=DIRECTION_WORDS,
        finding_outlines=FINDING_OUTLINES,
    )
    return environment


def _number_or_dash(value: Any, digits: int = 4) -> str:
    """A table cell: numbers short, words as they are, a dash for missing ones."""
    if value is None or value == "" or value != value:
        return "—"
    return str(value) if isinstance(value, str | bool) else number(float(value), digits)
