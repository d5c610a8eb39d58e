"""Everything a page shows of one patient, ready for the template: words, tables, drawings, pictures."""

from collections.abc import Iterable, Mapping
from typing import Any

from rickets_rx.report.course import CaseRows, Course, Film, text
from rickets_rx.report.figures_table import figure_table, phase_table
from rickets_rx.report.flag_groups import grouped
from rickets_rx.report.glance import glances
from rickets_rx.report.lanes import LETTERS
from rickets_rx.report.lanes_therapy import happened, when_words
from rickets_rx.report.outcome import attribution_of, healed_rows
from rickets_rx.report.pictures import FilmPicture, jpeg_address
from rickets_rx.report.readout import readout
from rickets_rx.report.reasons import sentences
from rickets_rx.report.timeline_svg import timeline_svg
from rickets_rx.report.words import (
    SYNTHETIC,
    age_words,
    bone_words,
    dose_words,
    drug_words,
    growth_words,
    interval,
    number,
    phase_words,
)
from rickets_rx.vocabulary import JOINT_OF_BONE, Bone, Joint

Pictures = Mapping[tuple[str, str], FilmPicture]
"""Pictures by patient and film."""


def summary_view(rows: CaseRows, course: Course, figures: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The line of a patient in the table of patients; cheap, for cohorts."""
    low, high = course.extent
    named = (figures.get("attribution") or {}).get("value")
    by_analyte = {glance.analyte: glance for glance in glances(course)}
    return {
        "index": index,
        "course": course,
        "days": high - low,
        "glances": [by_analyte.get(analyte) for analyte in ("Ca", "P", "ALP", "PTH")],
        "grades": _first_and_last(course),
        "named": phase_words(str(named)) if named else "",
        "films": len(course.films),
        "flags": len(rows.of("flags", course.patient_id)),
    }


def _first_and_last(course: Course) -> str:
    """Grade of the worse bone on the first and on the last film that counts; wrists, else elbows."""
    films = [film for film in course.films if film.graded and film.when is not None and not film.synthetic]
    films.sort(key=lambda film: film.when.day if film.when else 0)
    wrists = [film for film in films if film.joint == Joint.WRIST]
    worse = [f"{max(bone.grade for bone in film.graded):g}" for film in wrists or films]
    return " → ".join(worse[:1] + worse[1:][-1:])


def patient_view(
    rows: CaseRows, course: Course, figures: Mapping[str, Any], pictures: Pictures
) -> dict[str, Any]:
    """Everything the template shows of one patient."""
    pid = course.patient_id
    return {
        "course": course,
        "facts": _facts(course),
        "glances": glances(course),
        "films": [_film_view(film, pictures.get((pid, film.film_id))) for film in course.films],
        "wide": _markup(timeline_svg(course)),
        "narrow": _markup(timeline_svg(course, narrow=True)),
        "readout": readout(course),
        "findings": list(zip(LETTERS * 9, course.findings, strict=False)),
        "events": list(zip((LETTERS * 9).upper(), happened(course), strict=False)),
        "claims": [m for m in course.events if m.name.startswith("called_")],
        "phases": phase_table(rows.of("phases", pid)),
        "figures": figure_table({k: v for k, v in figures.items() if k not in ("healed", "attribution")}),
        "healed": healed_rows(figures),
        "attribution": attribution_of(figures),
        "normalisation": rows.of("normalisation", pid),
        "flags": grouped(rows.of("flags", pid)),
        "labs": rows.of("labs", pid),
        "therapy": [_therapy_view(row) for row in rows.of("therapy", pid)],
        "growth": [(m, growth_words(m.row)) for m in course.growth],
        "days": when_words,
        "bones": {bone.bone for film in course.films for bone in film.graded},
        "activities": {bone.activity for film in course.films for bone in film.graded},
        "refused": any(film.refused for film in course.films),
        "drawn": _lab_signs(course),
    }


def _lab_signs(course: Course) -> set[str]:
    """Which signs of laboratory values the figure holds, for its legend."""
    points = [point for series in course.labs for point in series.points]
    held = {
        "value": bool(points),
        "infusion": any(point.on_infusion for point in points),
        "text": any(point.from_text for point in points),
        "band": any(series.band for series in course.labs),
    }
    return {name for name, holds in held.items() if holds}


def _markup(svg: str) -> Any:
    """SVG built by `Svg`, which escaped every text and attribute already."""
    from markupsafe import Markup

    return Markup(svg)


def _facts(course: Course) -> list[tuple[str, str]]:
    row = course.patient
    low, high = row.get("age_low"), row.get("age_high")
    age = "" if row.get("age_days_at_day0") is None else age_words(float(row["age_days_at_day0"]))
    if age and low is not None and high is not None and low != high:
        age = f"{age} ({age_words(float(low))} to {age_words(float(high))})"
    pairs = [
        ("Age at day 0", age),
        ("Sex", text(row.get("sex"))),
        ("Family", text(row.get("family_id"))),
        ("Diagnosis", text(row.get("diagnosis"))),
        ("Genotype", text(row.get("genotype_hgvs"))),
        ("Notes", text(row.get("notes"))),
    ]
    return [(name, value) for name, value in pairs if value]


def _film_view(film: Film, picture: FilmPicture | None) -> dict[str, Any]:
    grades = [
        {
            "bone": bone_words(bone.bone),
            "value": bone.grade,
            "shown": number(bone.grade),
            "interval": interval(bone.low, bone.high),
            "activity": bone.activity,
        }
        for bone in film.graded
    ]
    return {
        "film": film,
        "when": "day unknown" if film.when is None else f"day {when_words(film.when)}",
        "grades": grades,
        "alt": _alt(film, grades),
        "joint": None if picture is None else jpeg_address(picture.joint),
        "overlay": None if picture is None or picture.overlay is None else jpeg_address(picture.overlay),
        "crops": None if picture is None or picture.crops is None else jpeg_address(picture.crops),
        "changes": _changes(film.rows),
        "other_joint": _other_joint(film),
    }


def _other_joint(film: Film) -> str:
    """The joint that was found where the table says another one; empty where they agree."""
    known = [JOINT_OF_BONE[Bone(bone.bone)] for bone in film.graded if bone.bone in list(Bone)]
    return next((str(joint) for joint in known if film.joint and joint != film.joint), "")


def _alt(film: Film, grades: list[dict[str, Any]]) -> str:
    seen = "; ".join(
        f"{g['bone']} grade {g['shown']}, interval {g['interval']}, {g['activity']}" for g in grades
    )
    made = f"{SYNTHETIC}. " if film.synthetic else ""
    return f"{film.film_id}, {film.joint}. {made}{seen or 'no bone graded'}."


def _changes(rows: Iterable[dict[str, Any]]) -> list[str]:
    """What became of each bone since its earlier film; bones of which the same is said share a sentence."""
    said: dict[str, list[str]] = {}
    for row in rows:
        index, reason = row.get("change_index"), text(row.get("change_reason"))
        if index is not None and index == index and index != "":
            said.setdefault(f"change index {_signed(float(index))} since the earlier film", []).append(
                text(row["bone"])
            )
        elif reason and text(row.get("bone")):
            said.setdefault(f"no change index ({sentences(reason)})", []).append(text(row["bone"]))
    return [f"{', '.join(bone_words(bone) for bone in bones)}: {words}" for words, bones in said.items()]


def _signed(index: float) -> str:
    """A change index with its sign: ``+2`` is better, ``−1`` worse, ``0`` the same."""
    return number(index) if index <= 0 else f"+{number(index)}"


def _therapy_view(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"drug_words": drug_words(row), "dose_words": dose_words(row)}
