"""The healing report: pages that stand alone, for the eyes of a clinician or a reader of a paper."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rickets_rx.healing.result import HealingResult
from rickets_rx.io.atomic import atomic_write
from rickets_rx.report.carries import carries
from rickets_rx.report.cohort import cohort_of
from rickets_rx.report.course import CaseRows, Course, course_of, courses
from rickets_rx.report.page import render
from rickets_rx.report.pictures import FilmPicture
from rickets_rx.report.view import Pictures, patient_view, summary_view

# Up to so many patients the report is one page; above, a page of the cohort and one page a patient (ours).
MOST_ON_ONE_PAGE = 12
MOST_NOTES = 30  # printed with the methods (ours)


def write_report(
    result: HealingResult,
    films: Sequence[FilmPicture],
    out: Path,
    *,
    configuration: dict[str, Any] | None = None,
) -> Path:
    """Write ``report.html``: no network, no scripts or fonts from elsewhere, every picture inside.

    With more than `MOST_ON_ONE_PAGE` patients it is a page of the cohort that links
    ``patients/patient_<n>.html``, numbered in the order of the patients table.

    Parameters
    ----------
    result : HealingResult
    films : sequence of FilmPicture
        Pictures of the films of `result.films`; a film without one is listed in words.
    out : Path
        Folder, created where missing.
    configuration : dict, optional
        Further parameters to print with the methods (versions, hashes of models).

    Returns
    -------
    Path
        The report. The same input gives the same bytes.
    """
    if result.patients["patient_id"].nunique() <= MOST_ON_ONE_PAGE:
        return _write(out / "report.html", report_html(result, films, configuration=configuration))
    found = courses(result)
    rows, pictures = CaseRows(result), _by_film(films)
    for i, course in enumerate(found, start=1):
        _write(out / "patients" / f"patient_{i}.html", _patient_page(result, rows, course, pictures, i))
    return _write(out / "report.html", _overview(result, rows, found, [], configuration))


def report_html(
    result: HealingResult, films: Sequence[FilmPicture], *, configuration: dict[str, Any] | None = None
) -> str:
    """All patients on one page, as text. Everything that comes from data is escaped."""
    rows, found, pictures = CaseRows(result), courses(result), _by_film(films)
    views = [_view(result, rows, course, pictures, i) for i, course in enumerate(found, start=1)]
    return _overview(result, rows, found, views, configuration)


def cohort_html(result: HealingResult, *, configuration: dict[str, Any] | None = None) -> str:
    """The page of a cohort alone, as text: a line for each patient, with links to ``patients/``."""
    return _overview(result, CaseRows(result), courses(result), [], configuration)


def patient_html(result: HealingResult, patient_id: str, films: Sequence[FilmPicture]) -> str:
    """The page of one patient of a cohort, as text.

    Raises
    ------
    KeyError
        When the patients table has no such patient.
    """
    ids = [str(pid) for pid in dict.fromkeys(result.patients["patient_id"])]
    if patient_id not in ids:
        raise KeyError(f"{patient_id} is not in the patients table")
    rows = CaseRows(result, only=patient_id)
    course = course_of(rows, patient_id)
    return _patient_page(result, rows, course, _by_film(films), ids.index(patient_id) + 1)


def _overview(
    result: HealingResult,
    rows: CaseRows,
    found: list[Course],
    views: list[dict[str, Any]],
    configuration: dict[str, Any] | None,
) -> str:
    return render(
        "report.html.j2",
        patients=views,
        summaries=[
            summary_view(rows, course, result.figures.get(course.patient_id, {}), i)
            for i, course in enumerate(found, start=1)
        ],
        carries=carries(result, found),
        cohort=cohort_of(result),
        methods=dict(result.methods) | _few_notes(result.methods),
        configuration=configuration or {},
    )


def _few_notes(methods: dict[str, Any]) -> dict[str, Any]:
    """The notes, those of a cohort cut short: one for every absent film would be most of its page."""
    notes = list(methods.get("notes") or [])
    if len(notes) <= MOST_NOTES:
        return {}
    left = len(notes) - MOST_NOTES
    return {"notes": [*notes[:MOST_NOTES], f"and {left} more, all of them in healing.json"]}


def _patient_page(
    result: HealingResult, rows: CaseRows, course: Course, pictures: Pictures, index: int
) -> str:
    return render("patient_page.html.j2", p=_view(result, rows, course, pictures, index))


def _view(
    result: HealingResult, rows: CaseRows, course: Course, pictures: Pictures, index: int
) -> dict[str, Any]:
    figures = result.figures.get(course.patient_id, {})
    return patient_view(rows, course, figures, pictures) | {"index": index}


def _by_film(films: Sequence[FilmPicture]) -> Pictures:
    return {(picture.patient_id, picture.film_id): picture for picture in films}


def _write(path: Path, html: str) -> Path:
    with atomic_write(path) as stream:
        stream.write(html)
    return path
