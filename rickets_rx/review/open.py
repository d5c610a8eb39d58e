"""Opens a folder for review: what `score` or `heal` wrote, or a case folder, whose films are scored first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rickets_rx.errors import UsageError
from rickets_rx.review.session import Session, Sitting
from rickets_rx.review.source import read_source

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
        case_dir, scored = folder, _scored_case(folder, home / "films", say)
    roots = [*films, *([case_dir] if case_dir is not None else [])]
    return Opened(Session(read_source(scored, roots), home, sitting), case_dir)


def _scored_case(case_dir: Path, out: Path, say: Callable[[str], None]) -> Path:
    from rickets_rx.follow_up import score_case
    from rickets_rx.io.case_folder import read_case_folder

    case = read_case_folder(case_dir)
    paths = [case.path / file for file in case.radiographs["file"] if file and (case.path / file).is_file()]
    if not paths:
        raise UsageError(f"{case_dir}: none of its films is there, so there is nothing to review")
    if not _all_scored(paths, out):
        say("Scoring the films of the case first...")
        score_case(case, out)
    return out


def _all_scored(paths: Sequence[Path], out: Path) -> bool:
    """Whether every film has its row: then its scores stay as they are, whatever the software by now."""
    from rickets_rx.io.read import file_sha256

    if not (out / "scores.csv").is_file():
        return False
    scored = read_source(out).films
    return all(file_sha256(path) in scored for path in paths)
