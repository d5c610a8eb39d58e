"""Scores many films: every good film once, every bad one listed, results whole whatever happens."""

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rickets_rx import RESEARCH_USE_ONLY, __version__
from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.results import (
    IMAGE_COLUMNS,
    FilmRequest,
    FilmRows,
    film_rows,
    score_columns,
    unread_rows,
    write_json,
    write_table,
)

FAILURE_COLUMNS = ["file", "stage", "reason", "error_type"]


@dataclass(frozen=True)
class FilmOutcome:
    """What became of one film: its rows, and the failure where the file could not be scored."""

    request: FilmRequest
    rows: FilmRows
    failure: dict[str, str] | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class BatchResult:
    """All outcomes in input order. ``cancelled`` when the user stopped the run between two films."""

    outcomes: tuple[FilmOutcome, ...]
    cancelled: bool = False

    @property
    def failures(self) -> list[dict[str, str]]:
        return [o.failure for o in self.outcomes if o.failure is not None]

    @property
    def scores(self) -> list[dict[str, Any]]:
        return [row for o in self.outcomes for row in o.rows.scores]

    @property
    def images(self) -> list[dict[str, Any]]:
        return [row for o in self.outcomes for row in o.rows.images]


def requests_of(inputs: Sequence[Path], *, spacing_mm: float | None = None) -> list[FilmRequest]:
    """Films named by files, folders and manifests, in the order given.

    Raises
    ------
    UsageError
        When nothing to score is found.
    InputError
        When a manifest or an input path is wrong.
    """
    from rickets_rx.io.manifest import read_manifest
    from rickets_rx.io.read import find_films

    found: list[FilmRequest] = []
    for path in inputs:
        if path.suffix.lower() == ".csv":
            found += [
                FilmRequest(row.path, row.file, row.patient_id, row.day, row.joint, row.side, row.spacing_mm)
                for row in read_manifest(path)
            ]
        else:
            found += [FilmRequest(film.path, film.file, spacing_mm=spacing_mm) for film in find_films([path])]
    if not found:
        named = ", ".join(str(path) for path in inputs)
        raise UsageError(
            f"no radiograph found in {named}. Give PNG, TIFF, JPEG or DICOM files, or their folder."
        )
    return found


def score_film(request: FilmRequest, out: Path, *, overlays: bool = False) -> FilmOutcome:
    """Read, score and write the regions of one film; a file that cannot be read becomes a failure."""
    from rickets_rx.io.read import read_radiograph
    from rickets_rx.io.regions import write_regions
    from rickets_rx.score import score_radiograph

    began = time.perf_counter()
    try:
        radiograph = read_radiograph(
            request.path,
            name=request.file,
            spacing_mm=request.spacing_mm,
            side=request.side,
            joint=request.joint,
        )
    except InputError as error:
        seconds = time.perf_counter() - began
        rows = unread_rows(request, _sha256_if_readable(request.path), seconds)
        return FilmOutcome(request, rows, _failure(request, "read", error), seconds)
    result = score_radiograph(radiograph)
    write_regions(out / "regions", radiograph, result)
    if overlays:
        _write_overlay(out / "overlays", radiograph, result)
    seconds = time.perf_counter() - began
    return FilmOutcome(request, film_rows(request, radiograph, result, seconds), None, seconds)


def _write_overlay(folder: Path, radiograph: Any, result: Any) -> None:
    from rickets_rx.report.overlay import draw_overlay, save_png

    folder.mkdir(parents=True, exist_ok=True)
    save_png(folder / f"{radiograph.sha256}.png", draw_overlay(radiograph, result))


def _failure(request: FilmRequest, stage: str, error: Exception) -> dict[str, str]:
    reason = " ".join(str(error).split())
    return {"file": request.file, "stage": stage, "reason": reason, "error_type": type(error).__name__}


def _sha256_if_readable(path: Path) -> str | None:
    from rickets_rx.io.read import file_sha256

    try:
        return file_sha256(path)
    except OSError:
        return None


def _score_or_record(request: FilmRequest, out: Path, overlays: bool) -> FilmOutcome:
    """The per-film boundary: one film that breaks the program is recorded and the run goes on."""
    began = time.perf_counter()
    try:
        return score_film(request, out, overlays=overlays)
    except Exception as error:
        seconds = time.perf_counter() - began
        rows = unread_rows(request, _sha256_if_readable(request.path), seconds)
        return FilmOutcome(request, rows, _failure(request, "score", error), seconds)


def _one_thread() -> None:
    """One numeric thread in each worker, so that workers do not fight for cores."""
    import cv2

    cv2.setNumThreads(1)


def _outcomes(
    requests: Sequence[FilmRequest], out: Path, workers: int, overlays: bool
) -> Iterator[FilmOutcome]:
    if workers == 1:
        yield from (_score_or_record(request, out, overlays) for request in requests)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        futures = [pool.submit(_score_or_record, request, out, overlays) for request in requests]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def score_films(
    requests: Sequence[FilmRequest],
    out: Path,
    *,
    workers: int = 1,
    overlays: bool = False,
    on_film: Callable[[FilmOutcome], None] | None = None,
) -> BatchResult:
    """Score films and write every table of the contract to ``out``.

    Parameters
    ----------
    requests : sequence of FilmRequest
    out : Path
        Created where missing. Tables are replaced whole, by rename.
    workers : int
        Processes, at least 1. The numbers do not depend on it.
    overlays : bool
        Also write ``overlays/<sha256>.png`` for a person to look at.
    on_film : callable, optional
        Called after each film, in input order, for progress.

    Returns
    -------
    BatchResult
        Stopped by Ctrl-C between two films, it holds and writes the films done so far.
    """
    began = time.time()
    out.mkdir(parents=True, exist_ok=True)
    done: list[FilmOutcome] = []
    cancelled = False
    try:
        for outcome in _outcomes(requests, out, workers, overlays):
            done.append(outcome)
            if on_film is not None:
                on_film(outcome)
    except KeyboardInterrupt:
        cancelled = True
    result = BatchResult(tuple(done), cancelled)
    _write(result, out, time.time() - began, workers, len(requests))
    return result


def _write(result: BatchResult, out: Path, seconds: float, workers: int, asked: int) -> None:
    write_table(out / "scores.csv", score_columns(), result.scores)
    write_table(out / "images.csv", IMAGE_COLUMNS, result.images)
    write_table(out / "failures.csv", FAILURE_COLUMNS, result.failures)
    write_json(out / "run.json", run_manifest(result, seconds, workers, asked))


def run_manifest(result: BatchResult, seconds: float, workers: int, asked: int) -> dict[str, Any]:
    """What made these numbers: version, configuration, model hashes, machine, counts and times."""
    from rickets_rx.segment.locate import model_hashes

    return {
        "software": "rickets_rx",
        "version": __version__,
        "use": RESEARCH_USE_ONLY,
        "configuration": {"method": "classical", "workers": workers},
        "models": model_hashes(),
        "tables": _table_hashes(),
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "python": platform.python_version(),
        },
        "counts": {
            "films_asked": asked,
            "films_done": len(result.outcomes),
            "films_failed": len(result.failures),
            "bones_scored": sum(row["status"] == "scored" for row in result.scores),
            "bones_refused": sum(row["status"] == "refused" for row in result.scores),
            "cancelled": result.cancelled,
        },
        "seconds": round(seconds, 3),
        "seconds_per_film_median": _median(o.seconds for o in result.outcomes),
    }


def _table_hashes() -> dict[str, str]:
    from rickets_rx.grade import evidence, interval
    from rickets_rx.io.read import file_sha256

    return {path.name: file_sha256(path) for path in (evidence.TABLE, interval.TABLE)}


def _median(values: Iterable[float]) -> float | None:
    from statistics import median

    found = list(values)
    return round(median(found), 4) if found else None
