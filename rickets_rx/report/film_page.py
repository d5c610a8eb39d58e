"""A contact sheet of a scored batch: every film with what was found, so that a person can leaf through it."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rickets_rx.io.atomic import atomic_write
from rickets_rx.report.page import render
from rickets_rx.report.words import bone_words, interval, number, reason_words

# Width over height of a card's picture, as the style sheet has it.
_ASPECT = 1.15

Row = Mapping[str, Any]


def write_film_sheet(out: Path, images: Iterable[Row], scores: Iterable[Row]) -> Path:
    """Write ``films.html`` beside the tables of a `score` run.

    Parameters
    ----------
    out : Path
        Folder of the run. Overlays are taken from ``overlays/<image_sha256>.png`` where they exist; the
        sheet links them, so that it stays small for thousands of films.
    images, scores : iterable of mapping
        Rows of images.csv and scores.csv, as written or as read back (missing cells None or "").

    Returns
    -------
    Path
        The sheet; films in the order of ``images``, one card a film.
    """
    bones: dict[tuple[str, str], list[Row]] = {}
    for row in scores:
        bones.setdefault((_text(row.get("file")), _text(row.get("instance"))), []).append(row)
    by_file: dict[str, list[Row]] = {}
    for row in images:
        by_file.setdefault(_text(row.get("file")), []).append(row)
    films = [_film(out, file, rows, bones) for file, rows in by_file.items()]
    page = out / "films.html"
    with atomic_write(page) as stream:
        stream.write(render("films.html.j2", films=films, counts=_counts(films)))
    return page


def _film(out: Path, file: str, rows: list[Row], bones: dict[tuple[str, str], list[Row]]) -> dict[str, Any]:
    sha = _text(rows[0].get("image_sha256"))
    overlay = _overlay(out, sha)
    joints = [_joint(row, bones.get((file, _text(row.get("instance"))), [])) for row in rows]
    return {
        "file": file,
        "patient": _text(rows[0].get("patient_id")),
        "day": _text(rows[0].get("day")),
        "overlay": overlay,
        "zoom": _zoom(
            out / overlay, [b for row in rows for b in bones.get((file, _text(row.get("instance"))), [])]
        ),
        "joints": joints,
        "scored": any(line["grade"] is not None for joint in joints for line in joint["bones"]),
    }


def _overlay(out: Path, sha: str) -> str:
    """Relative address of the overlay; empty where none was drawn (or the hash is not one)."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha) or not (out / "overlays" / f"{sha}.png").is_file():
        return ""
    return f"overlays/{sha}.png"


def _zoom(overlay: Path, bones: list[Row]) -> str:
    """CSS that shows the overlay around its bones only; empty where no bone has a place.

    The overlay is as wide as the film but for one scale, which its regions (same pixels as the film) tell.
    """
    names = ("corner1_x", "corner1_y", "corner2_x", "corner2_y", "width_px")
    places = [[_real(bone.get(name)) for name in names] for bone in bones]
    known = [[value for value in place if value is not None] for place in places]
    regions = overlay.parent.parent / "regions" / overlay.name
    if not any(len(place) == 5 for place in known) or not (overlay.is_file() and regions.is_file()):
        return ""
    table = [place for place in known if len(place) == 5]
    reach = 1.3 * max(place[4] for place in table)
    left = min(min(place[0], place[2]) for place in table) - reach
    right = max(max(place[0], place[2]) for place in table) + reach
    middle = sum(place[1] + place[3] for place in table) / (2 * len(table))
    columns, scale = _columns(regions), _columns(overlay) / _columns(regions)
    wide = min(right - left, columns)
    high = min(wide / _ASPECT, _rows(overlay) / scale)
    wide = high * _ASPECT
    left = min(max((left + right - wide) / 2, 0.0), max(columns - wide, 0.0))
    top = min(max(middle - 0.45 * high, 0.0), _rows(overlay) / scale - high)
    return f"width:{100 * columns / wide:.2f}%;left:{-100 * left / wide:.2f}%;top:{-100 * top / high:.2f}%"


def _columns(png: Path) -> int:
    """Width of a PNG, from its header."""
    with png.open("rb") as stream:
        return int.from_bytes(stream.read(24)[16:20], "big")


def _rows(png: Path) -> int:
    """Height of a PNG, from its header."""
    with png.open("rb") as stream:
        return int.from_bytes(stream.read(24)[20:24], "big")


def _joint(row: Row, bones: list[Row]) -> dict[str, Any]:
    name = " ".join(part for part in (_text(row.get("side")), _text(row.get("joint"))) if part)
    reason = _text(row.get("reason"))
    return {
        "name": name,
        "reason": reason_words(reason) if reason else "",
        "bones": [_bone(b) for b in bones],
    }


def _bone(row: Row) -> dict[str, Any]:
    grade, low, high = (_real(row.get(key)) for key in ("grade", "grade_low", "grade_high"))
    return {
        "name": bone_words(_text(row.get("bone"))),
        "grade": grade,
        "shown": "" if grade is None else number(grade),
        "interval": "" if low is None or high is None else interval(low, high),
        "activity": _text(row.get("activity")),
        "reason": reason_words(_text(row.get("reason"))),
        "flags": _text(row.get("flags")).replace("_", " ").replace(";", ", "),
    }


def _counts(films: list[dict[str, Any]]) -> dict[str, int]:
    scored = sum(film["scored"] for film in films)
    return {"films": len(films), "scored": scored, "not_scored": len(films) - scored}


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _real(value: Any) -> float | None:
    return None if value is None or value == "" or value != value else float(value)
