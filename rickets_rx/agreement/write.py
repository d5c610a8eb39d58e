"""Writes a validation: numbers as CSV and JSON, text to edit, checklist items, and one page to look at."""

import json
from pathlib import Path
from typing import Any

from rickets_rx import RESEARCH_USE_ONLY, __version__, report
from rickets_rx.agreement import checklist as items
from rickets_rx.agreement.calibration import reference_by_grade
from rickets_rx.agreement.figures import figures_of
from rickets_rx.agreement.ledger import COLUMNS, rounded
from rickets_rx.agreement.methods_text import decision_words, markdown, text_sections
from rickets_rx.agreement.tables import tables_of
from rickets_rx.agreement.validate import ValidationResult
from rickets_rx.agreement.views import View
from rickets_rx.agreement.words import stratum_words, view_note, view_words
from rickets_rx.io.atomic import atomic_write
from rickets_rx.io.results import write_json, write_table

CLUSTER_WORDS = {"patient": "patients", "family": "families", "unknown": "patients"}
TEMPLATES = Path(__file__).with_name("templates")
# The look of the healing report, so that both reports are of one house.
REPORT_STYLE = Path(report.__file__).with_name("templates") / "style.css"


def write_validation(result: ValidationResult, out: Path) -> Path:
    """Write ``validation.csv``, ``validation.json``, ``checklist.csv``, ``methods.md`` and ``report.html``.

    Parameters
    ----------
    result : ValidationResult
    out : Path
        Folder, created where missing.

    Returns
    -------
    Path
        The page. The same result gives the same bytes in every file.
    """
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / "validation.csv", list(COLUMNS), [n.as_row() for n in result.numbers])
    write_json(out / "validation.json", as_dict(result))
    found = items.checklist(result)
    write_table(out / "checklist.csv", items.COLUMNS, [item.as_row() for item in found])
    _write_text(out / "methods.md", markdown(result))
    page = out / "report.html"
    _write_text(page, report_html(result))
    return page


def _write_text(path: Path, text: str) -> None:
    with atomic_write(path) as stream:
        stream.write(text.encode())


def as_dict(result: ValidationResult) -> dict[str, Any]:
    """Everything of the report as plain JSON values; missing numbers are null with their reason."""
    return {
        "use": RESEARCH_USE_ONLY,
        "provenance": result.provenance,
        "design": result.design.as_dict(),
        "counts": result.counts,
        "notes": list(result.notes),
        "numbers": [n.as_row() for n in result.numbers],
        "confusion_matrices": [m.as_dict() for m in result.matrices],
        "non_inferiority": [_decision(one) for one in result.decisions],
        "refusals": [_refusals(view) for view in result.views],
        "reference_by_machine_grade": [_by_grade(view) for view in result.views],
    }


def _decision(one: Any) -> dict[str, Any]:
    return {name: _plain(getattr(one, name)) for name in one.__dataclass_fields__}


def _plain(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else str(value) if isinstance(value, str) else value


def _by_grade(view: View) -> dict[str, Any]:
    """Units, mean and standard deviation of the reference for each grade of the machine."""
    rows = reference_by_grade(view.machine.grade, view.reference)
    named = [
        {"grade": grade, "units": units, "mean": rounded(mean), "sd": rounded(sd)}
        for grade, units, mean, sd in rows
    ]
    return {"scale": str(view.scale), "measure": str(view.measure), "stratum": view.stratum, "rows": named}


def _refusals(view: View) -> dict[str, Any]:
    """Counts of reasons, by reader and for the machine."""
    said = {name: _counted(reasons) for name, reasons in view.reasons.items()}
    said["machine"] = _counted([reason for reason in view.machine.reasons if reason])
    return {
        "scale": str(view.scale),
        "measure": str(view.measure),
        "stratum": str(view.stratum),
        "reasons": said,
    }


def _refusal_words(view: View) -> list[str]:
    """One line for everybody who refused, with reasons and counts."""
    found = _refusals(view)["reasons"].items()
    return [f"{name}: {_reasons(counts)}" for name, counts in found if counts]


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason.replace('_', ' ')} {n}" for reason, n in counts.items())


def _counted(reasons: list[str]) -> dict[str, int]:
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


def closed_page(template: Path, **content: Any) -> str:
    """A page in the look of the reports: no network, everything that comes from data escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = (REPORT_STYLE, TEMPLATES / "validation.css")
    return environment.get_template(template.name).render(
        research_use_only=RESEARCH_USE_ONLY,
        version=__version__,
        style=Markup("".join(sheet.read_text("utf-8") for sheet in sheets)),  # our own files, not data
        **content,
    )


def report_html(result: ValidationResult) -> str:
    """The page as text."""
    return closed_page(
        TEMPLATES / "validation.html.j2",
        title=result.design.title,
        counts=result.counts,
        notes=result.notes,
        decisions=[decision_words(one) for one in result.decisions],
        views=[_shown(result, view) for view in result.views],
        construction=[_shown(result, view) for view in result.construction],
        sections=text_sections(result),
        checklist=items.checklist(result),
        cluster=CLUSTER_WORDS[result.provenance["clusters"]],
        provenance=json.dumps(result.provenance, indent=1, sort_keys=True),
    )


def _shown(result: ValidationResult, view: View) -> dict[str, Any]:
    from markupsafe import Markup

    return {
        "heading": view_words(view),
        "note": view_note(view),
        "stratum": stratum_words(view.stratum),
        "units": view.units,
        "refusals": _refusal_words(view),
        "figures": [(caption, Markup(svg)) for caption, svg in figures_of(result, view)],
        "tables": tables_of(result, view),
    }
