"""Opens a folder for review: what `score` or `heal` wrote, or a case folder, whose films are scored first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rickets_rx.errors import UsageError
from rickets_rx.review.session import Session, Sitting
from rickets_rx.review.source import read_source

if TYPE_CHECKING:
    from rickets_rx.batch.run import FilmEvent

#: Where the record lies, inside the folder that is reviewed, unless another place is given.
RECORD = "review"


@dataclass(frozen=True, eq=False)
class Opened:
    """A session, and the case folder that tells the course of its children, where there is one."""

    session: Session
    case_dir: Path | None = None


def open_review(
    folder: Path,
    sitting: Sitting,
    *,
    films: Sequence[Path] = (),
    record: Path | None = None,
    case_dir: Path | None = None,
    say: Callable[[str], None] = lambda text: None,
    on_film: Callable[[int, int], bool] = lambda done, total: True,
) -> Opened:
    """Sit down to a folder.

    Parameters
    ----------
    folder : Path
        Written by `rickets-rx score` or `rickets-rx heal`, or a case folder (it holds patients.csv): its
        films are then scored into ``<record>/films`` once.
    sitting : Sitting
    films : sequence of Path
        Folders that hold the films, where they are not found beside the results.
    record : Path, optional
        Folder of the record; ``<folder>/review`` where not given.
    case_dir : Path, optional
        A case folder for the timeline of a scored folder.
    say : callable
        Told what takes time.
    on_film : callable
        Told (films done, films in all) while a case is scored; False stops it, and what is done is kept.

    Raises
    ------
    UsageError, InputError
        When the folder cannot be reviewed, with the reason and the mend.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: give one that score or heal wrote, or a case folder")
    home = record or folder / RECORD
    scored = folder
    if (folder / "patients.csv").is_file():
        case_dir, scored = folder, _scored_case(folder, home / "films", say, on_film)
    roots = [*films, *([case_dir] if case_dir is not None else [])]
    return Opened(Session(read_source(scored, roots), home, sitting), case_dir)


def _scored_case(
    case_dir: Path, out: Path, say: Callable[[str], None], on_film: Callable[[int, int], bool]
) -> Path:
    from rickets_rx.follow_up import score_case
    from rickets_rx.io.case_folder import read_case_folder

    case = read_case_folder(case_dir)
    listed = [str(file) for file in case.radiographs["file"] if file]
    there = [file for file in listed if (case.path / file).is_file()]
    if not there:
        raise UsageError(f"{case_dir}: none of its films is there, so there is nothing to review")
    if not _all_scored(case.path, there, out):
        say("Scoring the films of the case first...")
        score_case(case, out, on_film=_Watch(len(listed), on_film))
    return out


class _Watch:
    """Counts films as they are scored, and stops the run where it is asked to."""

    def __init__(self, total: int, on_film: Callable[[int, int], bool]) -> None:
        self._total, self._on_film = total, on_film
        self._done = 0

    def __call__(self, event: "FilmEvent") -> None:
        from rickets_rx.batch.run import StopRun

        self._done += 1
        if not self._on_film(self._done, self._total):
            raise StopRun("stopped; the films that are done are kept. Open the folder again to go on")


def _all_scored(home: Path, files: Sequence[str], out: Path) -> bool:
    """Whether every film has its row: then its scores stay as they are, whatever the software by now.

    A film that could not be read then is tried again only if its file has changed since.
    """
    from rickets_rx.io.read import file_sha256

    if not (out / "scores.csv").is_file():
        return False
    source = read_source(out)
    unread = {row["file"] for row in source.images if not row["image_sha256"]}
    scored_at = (out / "scores.csv").stat().st_mtime

    def done(file: str) -> bool:
        path = home / file
        if file in unread and path.stat().st_mtime <= scored_at:
            return True
        return file_sha256(path) in source.films

    return all(done(file) for file in files)
