"""Expand files and folders to the films in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rickets_rx.errors import InputError
from rickets_rx.io.magic import HEAD_BYTES, READABLE, Kind, sniff


@dataclass(frozen=True)
class FoundFilm:
    """A film and how results name it.

    Parameters
    ----------
    path : Path
    file : str
        Relative to the folder that was given, with forward slashes; the file name for a file that was given.
    """

    path: Path
    file: str


def kind_of(path: Path) -> Kind:
    """Format of a file by its first bytes.

    Raises
    ------
    OSError
        When it cannot be opened.
    """
    with path.open("rb") as stream:
        return sniff(stream.read(HEAD_BYTES))


def looks_like_image(path: Path) -> bool:
    """Whether a file starts like a format that is read. False for what cannot be opened."""
    try:
        return path.is_file() and kind_of(path) in READABLE
    except OSError:
        return False


def _is_shut(path: Path) -> bool:
    """Whether a regular file may not be opened. It could be a film, so its refusal must be listed."""
    try:
        if path.is_file():
            kind_of(path)
    except OSError:
        return True
    return False


def find_films(paths: Iterable[Path]) -> list[FoundFilm]:
    """Expand inputs to films.

    A file that is named is always listed, whatever it holds, so that its refusal is reported. A folder is
    walked to the bottom in sorted order; hidden files and folders and files that do not start like an image
    are passed over; every real folder is walked once, so that loops of symbolic links end. A folder that
    cannot be listed and a file that may not be opened are handed on like films: reading them says why.

    Parameters
    ----------
    paths : iterable of Path

    Returns
    -------
    list of FoundFilm
        In the order given, each folder sorted by name. Each path once.

    Raises
    ------
    InputError
        When a path does not exist.
    """
    films: dict[str, FoundFilm] = {}
    for path in paths:
        if path.is_dir():
            for found in _walk(path):
                films.setdefault(str(found), FoundFilm(found, found.relative_to(path).as_posix()))
        elif path.exists():
            films.setdefault(str(path), FoundFilm(path, path.name))
        else:
            raise InputError(str(path), "file", "does not exist", "Check the path")
    return list(films.values())


def _walk(root: Path) -> Iterator[Path]:
    """Image files below a folder, depth first in sorted order; every real folder at most once."""
    seen: set[tuple[int, int]] = set()

    def below(folder: Path) -> Iterator[Path]:
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                return
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(folder.iterdir(), key=lambda path: path.name)
        except OSError:
            # Handed on like a film, so that its refusal is listed and the rest goes on.
            yield folder
            return
        for path in entries:
            if path.name.startswith("."):
                continue
            if path.is_dir():
                yield from below(path)
            elif looks_like_image(path) or _is_shut(path):
                yield path

    yield from below(root)
