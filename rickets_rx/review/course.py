"""The course of one child for the timeline: from a case folder where there is one, else from its films."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rickets_rx.report.course import BoneOnFilm, Course, Film, When, courses
from rickets_rx.review.source import Row, Source
from rickets_rx.vocabulary import Status

if TYPE_CHECKING:
    from rickets_rx.io.case_folder import CaseFolder


def course_of_patient(source: Source, patient_id: str, case_dir: Path | None = None) -> Course:
    """Grades over days, with laboratory values, phases and events where a case folder tells them.

    Parameters
    ----------
    source : Source
        The machine's grades; see `as_corrected` for those of a reader.
    patient_id : str
    case_dir : Path, optional

    Raises
    ------
    InputError
        When a table of the case is wrong.
    """
    if case_dir is not None:
        found = {course.patient_id: course for course in _case_courses(source, case_dir, patient_id)}
        if patient_id in found:
            return found[patient_id]
    return course_of_films(source, patient_id)


def _case_courses(source: Source, case_dir: Path, patient_id: str) -> list[Course]:
    import pandas as pd

    from rickets_rx.healing.heal import heal
    from rickets_rx.io.case_folder import read_case_folder

    text = {"patient_id": str, "image_sha256": str}
    scores = pd.read_csv(source.folder / "scores.csv", dtype=text, encoding="utf-8-sig")
    # One child, so that a cohort costs no more; one scenario of days, for a picture that draws their bounds.
    return courses(heal(_one_child(read_case_folder(case_dir), patient_id), scores, draws=1))


def _one_child(case: "CaseFolder", patient_id: str) -> "CaseFolder":
    """The case folder with the rows of one child only."""
    names = ("patients", "radiographs", "labs", "therapy", "findings", "events", "growth")
    tables = {name: getattr(case, name) for name in names}
    own = {name: table[table["patient_id"] == patient_id] for name, table in tables.items()}
    return replace(case, **{name: table.reset_index(drop=True) for name, table in own.items()})


def as_corrected(
    course: Course, films: Mapping[str, str], rows_of: Callable[[str], tuple[Row, ...] | None]
) -> Course:
    """The course with the grades of mended films as a reader left them.

    Parameters
    ----------
    course : Course
    films : mapping of film_id to image_sha256
        From `film_hashes`.
    rows_of : callable
        Gives the rows of a film that the reader mended, None for one that she left as it was.
    """

    def mended(film: Film) -> Film:
        rows = rows_of(films[film.film_id]) if film.film_id in films else None
        if rows is None:
            return film
        said = _film(film.film_id, rows, film.when or When(0.0, 0.0, 0.0))
        return replace(film, graded=said.graded, refused=said.refused)

    return replace(course, films=tuple(mended(film) for film in course.films))


def course_of_films(source: Source, patient_id: str) -> Course:
    """A course that knows nothing but the grades of a child's films."""
    films = []
    for film in source.films.values():
        if film.patient_id == patient_id and film.day is not None:
            day = float(film.day)
            films.append(_film(film.file, film.scores, When(day, day, day)))
    patient: dict[str, Any] = {"patient_id": patient_id}
    return Course(patient, (), tuple(films), (), (), (), (), ())


def _film(file: str, rows: tuple[Row, ...], when: When) -> Film:
    graded = tuple(
        BoneOnFilm(row["bone"], row["grade"], row["grade_low"], row["grade_high"], row["activity"] or "")
        for row in rows
        if row["status"] == Status.SCORED
    )
    refused = tuple((row["bone"], row["reason"] or "") for row in rows if row["status"] != Status.SCORED)
    joint, side = (str(rows[0][name] or "") if rows else "" for name in ("joint", "side"))
    return Film(file, joint, side, when, False, "", graded, refused, rows)


def film_hashes(source: Source, course: Course) -> dict[str, str]:
    """image_sha256 by film_id of the course, for films that this source holds."""
    by_file = {film.file: film.image_sha256 for film in source.films.values()}
    found = {}
    for film in course.films:
        hashes = [str(row.get("image_sha256") or "") for row in film.rows]
        known = [sha256 for sha256 in hashes if sha256 in source.films]
        files = [str(row.get("file") or film.film_id) for row in film.rows] or [film.film_id]
        known += [by_file[file] for file in files if file in by_file]
        if known:
            found[film.film_id] = known[0]
    return found
