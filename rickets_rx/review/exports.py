"""Tables out of a record: readings.csv of the contract, and scores.csv as one reader corrected it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from rickets_rx.io.readings import READING_COLUMNS
from rickets_rx.io.results import IMAGE_COLUMNS, joint_totals, score_columns, write_json, write_table
from rickets_rx.review.effective import Effective, effective
from rickets_rx.review.source import Place, Row, Source
from rickets_rx.review.state import State
from rickets_rx.vocabulary import Bone, Flag, Status

#: In scores.csv after the contract's columns: 1 where a reader changed the row, else empty.
CORRECTED = "corrected"
CORRECTION_COLUMNS = ("reader at image_sha256 file instance bone what before after reason").split()
_MEASURED = ("confidence", "width_px", "spacing_mm", "spacing_source", "scale")


def write_readings(source: Source, state: State, path: Path) -> int:
    """Write every reading of every reader as readings.csv; returns how many.

    Bones first, then knees, then readings of change, each in the order given.
    """
    rows = [*_grades(source, state), *_knees(state), *_changes(state)]
    write_table(path, READING_COLUMNS, rows)
    return len(rows)


def _grades(source: Source, state: State) -> Iterator[Row]:
    for reader, occasion, place in state.readings:
        reading = state.standing(reader, occasion, place)
        if reading is None:
            continue
        yield {
            "image_sha256": place.image_sha256,
            "instance": place.instance,
            "side": _side(source, state, reader, place),
            "bone": str(place.bone),
            "reader": reader,
            "occasion": occasion,
            "grade": reading.grade,
            "gradable": int(reading.gradable),
            "reason": None if reading.gradable else reading.reason,
            "blinded": int(reading.blinded),
            "machine_seen": int(reading.machine_seen),
            "read_at": reading.at,
        }


def _side(source: Source, state: State, reader: str, place: Place) -> str | None:
    made = state.corrections.get((reader, place.image_sha256, place.instance))
    if made:
        side: str | None = made[-1].joint["side"]
        return side
    film = source.films.get(place.image_sha256)
    for row in film.images if film else ():
        if row["instance"] in (None, place.instance):
            return str(row["side"]) if row["side"] else None
    return None


def _knees(state: State) -> Iterator[Row]:
    for (reader, occasion, sha256, side, bone), reading in state.knees.items():
        yield {
            "image_sha256": sha256,
            "instance": 1,
            "side": side or None,
            "bone": bone,
            "reader": reader,
            "occasion": occasion,
            "grade": reading.grade,
            "gradable": 1,
            "region": "knee",
            "blinded": int(reading.blinded),
            "machine_seen": 0,
            "read_at": reading.at,
        }


def _changes(state: State) -> Iterator[Row]:
    for (reader, occasion, later, earlier, region), reading in state.changes.items():
        yield {
            "image_sha256": later,
            "instance": 1,
            "reader": reader,
            "occasion": occasion,
            "gradable": 1,
            "rgic": reading.rgic,
            "pair_sha256": earlier,
            "region": region,
            "order_known": int(reading.order_known),
            "blinded": int(reading.blinded),
            "machine_seen": 0,
            "read_at": reading.at,
        }


def write_corrected(source: Source, state: State, reader: str, folder: Path) -> Path:
    """Write the scores as one reader corrected them, for ``rickets-rx heal --scores``.

    Beside ``scores.csv`` (with the column ``corrected`` and the flag ``corrected_by_reader``) stand
    ``images.csv`` with new sums, ``regions/`` and ``corrections.csv``, which says of each change what it was,
    when, and why. A bone that the reader called not gradable is refused with her reason. The folder
    that `score` wrote is not touched.

    Returns
    -------
    Path
        The scores.csv.

    Raises
    ------
    UsageError
        When the folder is the scored one itself.
    """
    from rickets_rx.errors import UsageError

    if folder.resolve() == source.folder.resolve():
        raise UsageError(f"{folder} holds the machine's own scores: give another folder")
    mended = {sha256: _mended(source, state, reader, sha256) for sha256 in _touched(state, reader)}
    write_table(folder / "scores.csv", [*score_columns(), CORRECTED], _score_rows(source, mended))
    write_table(folder / "images.csv", IMAGE_COLUMNS, _image_rows(source, mended))
    write_table(folder / "corrections.csv", CORRECTION_COLUMNS, _correction_rows(source, state, reader))
    _write_regions(source, mended, folder / "regions")
    return folder / "scores.csv"


def _touched(state: State, reader: str) -> list[str]:
    """Films on which this reader changed anything that scores.csv tells."""
    found = [sha256 for who, sha256, _ in state.corrections if who == reader]
    found += [place.image_sha256 for who, place in state.overrides if who == reader]
    found += [place.image_sha256 for who, _, place in _refusals(state, reader)]
    return list(dict.fromkeys(found))


def _refusals(state: State, reader: str) -> dict[tuple[str, int, Place], str]:
    """Bones that the reader's last reading calls not gradable, and its reason."""
    last: dict[Place, tuple[str, int, Place]] = {}
    for key in state.readings:
        if key[0] == reader and (key[2] not in last or key[1] > last[key[2]][1]):
            last[key[2]] = key
    found = {}
    for key in last.values():
        reading = state.readings[key][-1]
        if not reading.gradable:
            found[key] = reading.reason
    return found


def _mended(source: Source, state: State, reader: str, sha256: str) -> Effective:
    film = source.film(sha256)
    as_left = effective(film, state, reader)
    rows, touched = list(as_left.rows), set(as_left.corrected)
    content = as_left.content
    for (_, _, place), reason in _refusals(state, reader).items():
        for i, row in enumerate(rows):
            if (
                Place(sha256, int(row["instance"]), Bone(row["bone"])) == place
                and row["status"] == Status.SCORED
            ):
                rows[i] = _refused_row(row, reason)
                content = _refused_region(content, place, reason)
                touched.add((place.instance, str(place.bone)))
    return Effective(tuple(rows), frozenset(touched), lambda: content)


def _refused_row(row: Row, reason: str) -> Row:
    """A refused bone keeps its row and its corners; what was measured on it is gone."""
    kept = {k: v for k, v in row.items() if k.startswith("corner") or k in _MEASURED or k in IMAGE_COLUMNS}
    return dict.fromkeys(row) | kept | {"bone": row["bone"], "status": str(Status.REFUSED), "reason": reason}


def _refused_region(content: Row, place: Place, reason: str) -> Row:
    def bone(one: Row) -> Row:
        if one["bone"] != place.bone:
            return one
        said = {"status": str(Status.REFUSED), "reason": reason, "detail": "a reader called it not gradable"}
        return {name: one[name] for name in ("bone", "corner1", "corner2", "confidence")} | said

    instances = [
        one | {"bones": [bone(b) for b in one["bones"]]} if int(one["instance"]) == place.instance else one
        for one in content["instances"]
    ]
    return content | {"instances": instances}


def _score_rows(source: Source, mended: dict[str, Effective]) -> Iterator[Row]:
    """Rows in the order of the original; those of a mended film stand where its first row or file stood."""
    listed: dict[tuple[str, str], list[Row]] = {}
    for row in source.scores:
        listed.setdefault((row["image_sha256"], row["file"]), []).append(row)
    for image in {(r["image_sha256"], r["file"]): r for r in source.images}.values():
        key = (image["image_sha256"], image["file"])
        if key[0] not in mended:
            yield from listed.get(key, [])
            continue
        own = {name: image[name] for name in ("file", "patient_id", "day")}
        film = mended[key[0]]
        for row in film.rows:
            marked = (int(row["instance"]), row["bone"]) in film.corrected
            yield {k: v for k, v in row.items() if v is not None} | own | (_mark(row) if marked else {})


def _mark(row: Row) -> Row:
    """What tells a changed row: its column, and a flag that the report of `heal` shows."""
    flags = [*filter(None, (row["flags"] or "").split(";")), str(Flag.CORRECTED)]
    return {CORRECTED: 1, "flags": ";".join(dict.fromkeys(flags))}


def _image_rows(source: Source, mended: dict[str, Effective]) -> Iterator[Row]:
    done: set[tuple[str, str]] = set()
    for row in source.images:
        key = (row["image_sha256"], row["file"])
        if key[0] not in mended:
            yield row
        elif key not in done:
            done.add(key)
            own = {name: row[name] for name in ("file", "image_sha256", "patient_id", "day", "seconds")}
            for joint in mended[key[0]].score().joints:
                place = joint.instance
                where = {"joint": place.joint, "side": place.side, "instance": place.index}
                yield own | where | joint_totals(joint)


def _correction_rows(source: Source, state: State, reader: str) -> Iterator[Row]:
    for (who, sha256, instance), made in state.corrections.items():
        if who != reader:
            continue
        before = _grade_of(source.film(sha256).scores, instance)
        for correction in made:
            after = _grade_of(correction.rows, instance)
            name = correction.bone
            yield _line(source, reader, correction.at, Place(sha256, instance, Bone(name))) | {
                "what": correction.action,
                "before": before.get(name, "not scored"),
                "after": after.get(name, "not scored"),
                "reason": correction.reason,
            }
            before = after
    for (who, place), override in state.overrides.items():
        if who == reader:
            row = effective(source.film(place.image_sha256), state, reader, overrides=False).row(place)
            before_grade = "not scored" if row is None or row["grade"] is None else f"grade {row['grade']:g}"
            yield _line(source, reader, override.at, place) | {
                "what": "override",
                "before": before_grade,
                "after": f"grade {override.grade:g}",
                "reason": override.reason,
            }
    for key, reason in _refusals(state, reader).items():
        yield _line(source, reader, state.readings[key][-1].at, key[2]) | {
            "what": "not gradable",
            "after": "refused",
            "reason": reason,
        }


def _line(source: Source, reader: str, at: str, place: Place) -> Row:
    return {
        "reader": reader,
        "at": at,
        "image_sha256": place.image_sha256,
        "file": source.film(place.image_sha256).file,
        "instance": place.instance,
        "bone": str(place.bone),
    }


def _grade_of(rows: tuple[Row, ...], instance: int) -> dict[str, str]:
    return {
        row["bone"]: f"grade {row['grade']:g}"
        for row in rows
        if row["instance"] == instance and row["grade"] is not None
    }


def _write_regions(source: Source, mended: dict[str, Effective], folder: Path) -> None:
    """Geometry of every film, with the label masks of mended ones drawn anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for sha256, film in source.films.items():
        mask = film.regions.with_suffix(".png")
        if sha256 in mended:
            write_json(folder / film.regions.name, mended[sha256].content, compact=True)
            _write_mask(mended[sha256], folder / mask.name)
        else:
            for path in (film.regions, mask):
                if path.is_file():
                    shutil.copyfile(path, folder / path.name)


def _write_mask(film: Effective, path: Path) -> None:
    import cv2

    from rickets_rx.io.atomic import atomic_write
    from rickets_rx.segment.masks import label_mask

    rows, columns = film.content["shape"]
    mask = label_mask((rows, columns), [joint.instance for joint in film.score().joints])
    done, png = cv2.imencode(".png", mask)
    if not done:
        raise OSError(f"{path.name}: the label mask could not be encoded as PNG")
    with atomic_write(path) as handle:
        handle.write(png.tobytes())
