"""Films of a case folder joined with their scores: one row per bone, with phase, activity and change."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from rickets_rx.grade.course import with_course
from rickets_rx.healing.change import change_index
from rickets_rx.healing.labs import plain_rows
from rickets_rx.healing.result import FILMS_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

Row = dict[str, Any]


def join_films(
    case: "CaseFolder", scores: "pd.DataFrame | None", *, include_synthetic: bool = False
) -> tuple["pd.DataFrame", list[Row]]:
    """Join radiographs.csv with scores.csv.

    A film finds its scores by its file (one path ending in the other), else by patient, day and joint.

    Parameters
    ----------
    case : CaseFolder
    scores : DataFrame, optional
        scores.csv of the contract.
    include_synthetic : bool
        Let synthetic films count in inference (simulation studies only).

    Returns
    -------
    films : DataFrame of `FILMS_COLUMNS`
    rows : list of dict
        The same rows with all features, for figures; ``counts`` tells whether a row may enter inference.
    """
    import pandas as pd

    scored = [] if scores is None else plain_rows(scores)
    index = _by_name(scored)
    rows: list[Row] = []
    for film in plain_rows(case.radiographs):
        found = _scores_of(film, index, scored)
        rows += [_joined(film, score, include_synthetic) for score in found] or [
            _joined(film, {}, include_synthetic)
        ]
    rows = with_course(rows)
    _add_change(rows)
    whole = dict.fromkeys(("day", "day_low", "day_high", "synthetic", "change_index"), "Int64")
    return pd.DataFrame(rows, columns=list(FILMS_COLUMNS)).astype(whole), rows


def _by_name(scored: list[Row]) -> dict[str, list[Row]]:
    index: dict[str, list[Row]] = {}
    for row in scored:
        index.setdefault(PurePosixPath(_posix(row["file"])).name, []).append(row)
    return index


def _posix(file: Any) -> str:
    return str(file).replace("\\", "/")


def _scores_of(film: Row, index: Mapping[str, list[Row]], scored: list[Row]) -> list[Row]:
    """Rows of the one scored file that is this film; none where two files could be it."""
    parts = PurePosixPath(_posix(film["file"])).parts
    same = [row for row in index.get(parts[-1], []) if _may_be(film, parts, row)]
    exact = [row for row in same if PurePosixPath(_posix(row["file"])).parts == parts]
    same = exact or same
    if not same:
        same = [row for row in scored if _same_visit(film, row)]
    return same if len({row["file"] for row in same}) == 1 else []


def _may_be(film: Row, parts: tuple[str, ...], row: Row) -> bool:
    short, long = sorted((parts, PurePosixPath(_posix(row["file"])).parts), key=len)
    return long[len(long) - len(short) :] == short and _patient(row) in ("", film["patient_id"])


def _same_visit(film: Row, row: Row) -> bool:
    same_joint = film["joint"] in ("", row.get("joint"))
    return _patient(row) == film["patient_id"] and row.get("day") == film["day"] and same_joint


def _patient(row: Row) -> str:
    return str(row.get("patient_id") or "")


def _joined(film: Row, score: Row, include_synthetic: bool) -> Row:
    """One bone of a film; what radiographs.csv says of side and joint wins over what was seen.

    Where another joint was found than the table says, the grade is shown and enters no inference.
    """
    synthetic = int(bool(film["synthetic"]))
    other = bool(film["joint"] and score.get("joint") and film["joint"] != score["joint"])
    reason = "another_joint_found" if other else ("" if score else "not_scored")
    own = {key: film[key] for key in ("patient_id", "film_id", "file", "day", "day_low", "day_high", "note")}
    return {
        **score,
        **own,
        "joint": film["joint"] or score.get("joint") or "",
        "side": film["side"] or score.get("side") or "",
        "synthetic": synthetic,
        "phase": "",
        "bone": score.get("bone") or "",
        "status": score.get("status") or "",
        "reason": score.get("reason") or reason,
        "activity": score.get("activity") or "",
        "flags": score.get("flags") or "",
        "counts": (include_synthetic or not synthetic) and not other,
    }


def _add_change(rows: list[Row]) -> None:
    """Change of each bone against the film before of the same patient, side and bone."""
    before: dict[tuple[str, str, str], Row] = {}
    for row in sorted((r for r in rows if r["status"] == "scored"), key=lambda r: r["day"]):
        key = (row["patient_id"], row["side"], row["bone"])
        change = change_index(before.get(key), row)
        row["change_index"], row["change_reason"] = change.value, change.reason
        before[key] = row
