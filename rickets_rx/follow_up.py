"""A case folder, end to end: its films scored, joined with labs and therapy, and told in a report."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rickets_rx.errors import InputError, UsageError
from rickets_rx.vocabulary import Joint, Side

if TYPE_CHECKING:
    from rickets_rx.batch import BatchResult, FilmEvent
    from rickets_rx.healing.result import HealingResult
    from rickets_rx.io.case_folder import CaseFolder
    from rickets_rx.io.results import FilmRequest, Row
    from rickets_rx.report.pictures import FilmPicture
    from rickets_rx.score import FilmScore


@dataclass(frozen=True)
class FollowUp:
    """What `follow_up` made.

    Parameters
    ----------
    report : Path
        ``report.html``.
    failures : tuple of rows
        Films of the case that could not be scored: ``file``, ``stage``, ``reason``, ``error_type``.
    """

    report: Path
    failures: "tuple[Row, ...]" = ()


def follow_up(
    case_dir: Path,
    out: Path,
    *,
    scores: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
    workers: int = 1,
    watch: "Callable[[int], AbstractContextManager[Callable[[FilmEvent], None] | None]] | None" = None,
) -> FollowUp:
    """Write the healing tables, ``healing.json`` and ``report.html`` of a case folder.

    Parameters
    ----------
    case_dir : Path
        A case folder of the contract, or a FHIR R4 Bundle in JSON, which holds no films.
    out : Path
        Results; film scores go to ``out/films``.
    scores : Path, optional
        A scores.csv to use instead of scoring the films. Where ``regions/`` stands beside it, the films are
        shown with what was found on them.
    draws, seed : int
        Scenarios of uncertain days, and their seed.
    workers : int
        Processes for scoring.
    watch : callable, optional
        Told how many films will be scored, gives what is called for each, as `batch.progress.progress` does.

    Returns
    -------
    FollowUp
        A film that is missing or cannot be read does not stop the others: it is flagged and listed here.

    Raises
    ------
    InputError
        When a table of the case or ``scores`` is wrong; names file, row, column and mend.
    UsageError
        When the scoring was stopped: a report of some films would look like the answer.
    """
    import pandas as pd

    from rickets_rx.healing.heal import heal, write_healing
    from rickets_rx.io.read_results import read_scores
    from rickets_rx.report.html import write_report
    from rickets_rx.report.timeline_png import write_figures

    case = read_case(case_dir)
    scored = None
    if scores is None:
        with nullcontext() if watch is None else watch(len(film_requests(case))) as on_film:
            scored = score_case(case, out / "films", workers=workers, on_film=on_film)
    table = scores if scored is None else scored.out / "scores.csv"
    found = None
    if table is not None:
        read_scores(table)  # a table that lacks a column is named before anything is computed
        found = pd.read_csv(table, dtype={"patient_id": str, "image_sha256": str}, encoding="utf-8-sig")
    failures = () if scored is None else tuple(scored.failures)
    result = _with_failures(heal(case, found, draws=draws, seed=seed), case, failures)
    write_healing(result, out)
    pictures = list(film_pictures(case, table))
    write_figures(result, pictures, out)
    return FollowUp(write_report(result, pictures, out), failures)


def _with_failures(result: "HealingResult", case: "CaseFolder", failures: "Sequence[Row]") -> "HealingResult":
    """The result with films that could not be read refused by name, and flagged with the reason."""
    import pandas as pd

    from rickets_rx.healing.flags import flag
    from rickets_rx.healing.labs import plain_rows

    if not failures:
        return result
    reasons = {row["file"]: row["reason"] for row in failures}
    unread = [row for row in plain_rows(case.radiographs) if row["file"] in reasons]
    flags = [
        flag(
            row["patient_id"],
            "film_unreadable",
            f"Film {row['film_id']} was not scored: {reasons[row['file']]}",
            table="radiographs.csv",
            day=row["day"],
            item=row["film_id"],
        )
        for row in unread
    ]
    films = result.films.copy()
    films.loc[films["file"].isin(reasons), ["status", "reason"]] = ["refused", "unreadable"]
    table: pd.DataFrame = pd.concat([result.flags, pd.DataFrame(flags)], ignore_index=True)
    return replace(result, flags=table, films=films)


def read_case(path: Path) -> "CaseFolder":
    """A case folder, or a file that is a FHIR Bundle."""
    if path.is_file():
        from rickets_rx.io.fhir import read_fhir_bundle

        return read_fhir_bundle(path)
    from rickets_rx.io.case_folder import read_case_folder

    return read_case_folder(path)


def score_case(
    case: "CaseFolder",
    out: Path,
    *,
    workers: int = 1,
    on_film: "Callable[[FilmEvent], None] | None" = None,
) -> "BatchResult | None":
    """Score the films of a case; None where it lists none.

    A film that is missing or cannot be read is listed in ``failures.csv`` and stays without a grade. What
    ``on_film`` may do is told in `rickets_rx.batch.score_films`.

    Raises
    ------
    UsageError
        When the run was stopped before every film was settled; what is done is kept.
    """
    from rickets_rx.batch import score_films

    requests = film_requests(case)
    if not requests:
        return None
    result = score_films(requests, out, workers=workers, overlays=True, on_film=on_film)
    result.require_all()
    return result


def film_requests(case: "CaseFolder") -> "list[FilmRequest]":
    """The films that a case lists, with what its table says of each."""
    from rickets_rx.healing.labs import plain_rows
    from rickets_rx.io.results import FilmRequest

    return [
        FilmRequest(
            case.path / row["file"],
            row["file"],
            row["patient_id"],
            row["day"],
            Joint(row["joint"]) if row["joint"] else None,
            Side(row["side"]) if row["side"] else None,
        )
        for row in plain_rows(case.radiographs)
        if row["file"]
    ]


def film_pictures(case: "CaseFolder", scores: Path | None) -> Iterator["FilmPicture"]:
    """Pictures of every film of a case that can be read, with what was found on it where that is known."""
    from rickets_rx.healing.labs import plain_rows
    from rickets_rx.io.read import read_radiograph
    from rickets_rx.report.pictures import film_picture

    known = _rows_by_film(scores)
    for row in plain_rows(case.radiographs):
        path = case.path / row["file"]
        if not row["file"] or not path.is_file():
            continue
        try:
            radiograph = read_radiograph(path, name=row["file"])
        except InputError:
            # Listed in failures.csv with its mend; the report tells the film in words.
            continue
        if radiograph.burned_in:
            continue  # told in words only
        yield film_picture(
            row["patient_id"],
            row["film_id"],
            radiograph=radiograph,
            film_score=_known_score(scores, radiograph.sha256, known.get(radiograph.sha256, [])),
            synthetic=bool(row["synthetic"]),
        )


def _rows_by_film(scores: Path | None) -> dict[str, list[dict[str, str]]]:
    from rickets_rx.io.read_results import read_scores

    known: dict[str, list[dict[str, str]]] = {}
    for row in () if scores is None else read_scores(scores):
        known.setdefault(row["image_sha256"], []).append(row)
    return known


def _known_score(scores: Path | None, sha256: str, rows: list[dict[str, str]]) -> "FilmScore":
    from rickets_rx.io.read_results import film_score
    from rickets_rx.score import FilmScore

    regions = None if scores is None else scores.parent / "regions" / f"{sha256}.json"
    if scores is None or regions is None or not regions.is_file():
        return FilmScore(())
    try:
        return film_score(regions, rows)
    except InputError:
        if rows:
            raise
        # A film that failed after its regions were written has none; failures.csv tells why.
        return FilmScore(())


def short_table(out: Path) -> list[str]:
    """Films and phases of each patient in a few columns of text, from what `follow_up` wrote.

    Raises
    ------
    UsageError
        When ``out`` holds no healing.json.
    """
    import json

    path = out / "healing.json"
    if not path.is_file():
        raise UsageError(f"{out} holds no healing.json: run `rickets-rx heal` first")
    healing = json.loads(path.read_text(encoding="utf-8"))
    lines = [f"{'patient':10s}{'film':8s}{'day':>5s}  {'bone':18s}{'grade':12s}activity"]
    lines += [_film_line(film) for film in healing["films"]]
    lines += ["", f"{'patient':10s}{'phase':16s}{'days':>11s}{'ln ALP / 30 d':>16s}{'ln PTH / 30 d':>16s}"]
    return lines + [_phase_line(phase) for phase in healing["phases"]]


def _film_line(film: dict[str, Any]) -> str:
    start = f"{film['patient_id']:10s}{film['film_id']:8s}{_whole(film['day']):>5s}  "
    mark = "   (synthetic film, not the patient's)" if film["synthetic"] else ""
    if film["grade"] is None:
        return f"{start}{film['bone'] or '-':18s}{'not scored':12s}{film['reason'] or ''}{mark}"
    grade = f"{film['grade']:g} ({film['grade_low']:g}-{film['grade_high']:g})"
    return f"{start}{film['bone']:18s}{grade:12s}{film['activity']}{mark}"


def _phase_line(phase: dict[str, Any]) -> str:
    days = f"{_whole(phase['start_day'])} - {_whole(phase['end_day'])}"
    slopes = (f"{_signed(phase[name]):>16s}" for name in ("slope_ln_alp", "slope_ln_pth"))
    return f"{phase['patient_id']:10s}{phase['phase']:16s}{days:>11s}{''.join(slopes)}"


def _whole(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f}"


def _signed(value: float | None) -> str:
    """A number with its sign; a missing one is said, not drawn as 0."""
    return "not carried" if value is None else f"{value:+.2f}"
