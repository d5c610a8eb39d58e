"""One film, from its file to its rows: what goes wrong becomes a failure with a stage and a reason."""

import time
import traceback
from pathlib import Path

from rickets_rx.batch.disk import is_disk_full
from rickets_rx.batch.identity import header_identity
from rickets_rx.batch.outcome import Failure, FilmOutcome, FilmTask
from rickets_rx.errors import InputError
from rickets_rx.io.magic import Kind
from rickets_rx.io.results import film_rows, unread_rows
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import FilmScore


class _Stage:
    """Where a film was when it failed, and its hash as soon as it is known."""

    def __init__(self) -> None:
        self.name = "read"
        self.sha256: str | None = None


def score_film(task: FilmTask) -> FilmOutcome:
    """Read, score and write the regions of one film; never raises for what one film can do.

    Parameters
    ----------
    task : FilmTask

    Returns
    -------
    FilmOutcome
        With a failure where the film could not be read, scored or written.
    """
    began = time.perf_counter()
    stage = _Stage()
    try:
        return _scored(task, stage, began)
    except InputError as error:
        # A decoder that ran out of memory says so only in the context of its error.
        again = isinstance(error.__context__, MemoryError)
        failure = Failure(stage.name, error.field, error.problem, error.mend, "InputError", again)
    # The boundary of one film: a fault of the program on one film is recorded, and the run goes on.
    except Exception as error:
        failure = unforeseen(error, stage.name)
    seconds = time.perf_counter() - began
    return failed(task, failure, seconds=seconds, sha256=stage.sha256)


def failed(task: FilmTask, failure: Failure, *, seconds: float, sha256: str | None = None) -> FilmOutcome:
    """The outcome of a film without a score; its row in images.csv says that it could not be read."""
    sha256 = sha256 or task.sha256
    return FilmOutcome(task.request, unread_rows(task.request, sha256, seconds), sha256, failure, seconds)


def refused_by_manifest(task: FilmTask, fault: InputError) -> FilmOutcome:
    """The outcome of a film whose row of the manifest is at fault: it was not opened."""
    place = f"{fault.file} {fault.field}"
    failure = Failure("manifest", place, fault.problem, fault.mend, "InputError", again=True)
    return failed(task, failure, seconds=0.0)


def unforeseen(error: Exception, stage: str) -> Failure:
    """A failure from an error that nobody foresaw.

    Its text is left out, because it may quote what stands in a header; type and place are enough to find it.
    """
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name} line {place.lineno}"
    kind = type(error).__name__
    if isinstance(error, OSError) and stage == "read":
        # It could be read a moment ago: a share that went away, a file that was moved.
        problem = f"cannot be opened ({error.strerror or kind})"
        return Failure(stage, "file", problem, "Check that it is still there and run again", kind, again=True)
    if isinstance(error, OSError):
        full = is_disk_full(error)
        problem = f"cannot be written ({error.strerror or kind})"
        return Failure(stage, "results", problem, "Make room and run again", kind, again=True, disk_full=full)
    if isinstance(error, MemoryError):
        problem = "needs more memory than a worker may take"
        return Failure(stage, "memory", problem, "Raise --memory-mb", "MemoryError", again=True)
    return Failure(stage, "program", f"fails on this film ({kind} in {where})", "Please report it", kind)


def _scored(task: FilmTask, stage: _Stage, began: float) -> FilmOutcome:
    from rickets_rx.io.read import read_radiograph
    from rickets_rx.io.regions import write_regions

    request, work = task.request, task.work
    radiograph = read_radiograph(
        request.path, name=request.file, spacing_mm=request.spacing_mm, side=request.side, joint=request.joint
    )
    stage.sha256 = radiograph.sha256
    patient, day = _header(task)
    stage.name = "score"
    result = work.scorer(radiograph)
    warning = _warning(radiograph)
    # Before anything is written: a film without rows leaves no file.
    rows = film_rows(request, radiograph, result, time.perf_counter() - began)
    stage.name = "write"
    write_regions(work.out / "regions", radiograph, result)
    if work.overlays and work.may_draw(warning):
        _write_overlay(work.out / "overlays", radiograph, result)
    else:
        # A picture of an earlier run would show other numbers than the tables.
        (work.out / "overlays" / f"{radiograph.sha256}.png").unlink(missing_ok=True)
    seconds = time.perf_counter() - began
    return FilmOutcome(request, rows, radiograph.sha256, None, seconds, patient, day, warning)


def _header(task: FilmTask) -> tuple[str | None, int | None]:
    """Patient and shifted day from a DICOM header, where the manifest leaves one of them open."""
    from rickets_rx.io.find import kind_of

    request = task.request
    told = request.patient_id is not None and request.day is not None
    if told or kind_of(request.path) is not Kind.DICOM:
        return None, None
    return header_identity(request.path, task.work.identity, request.patient_id)


def _warning(radiograph: Radiograph) -> str | None:
    if radiograph.burned_in:
        return "its header says that text is burned into the picture, which may name the patient"
    return None


def _write_overlay(folder: Path, radiograph: Radiograph, result: FilmScore) -> None:
    from rickets_rx.report.overlay import draw_overlay, save_png

    folder.mkdir(parents=True, exist_ok=True)
    save_png(folder / f"{radiograph.sha256}.png", draw_overlay(radiograph, result))
