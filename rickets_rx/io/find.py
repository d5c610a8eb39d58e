"""Expand files and folders to the films in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rickets_rx.errors import InputError
from rickets_rx.io.magic import FILM_SUFFIXES, HEAD_BYTES, READABLE, Kind, sniff

#: Pictures that are not read: in a folder of films each was meant as a film, so its refusal must be listed.
_OTHER_PICTURES = frozenset({Kind.JPEG2000, Kind.GIF, Kind.BMP, Kind.WEBP, Kind.HEADERLESS_DICOM})

#: What this program writes beside films: label masks and overlays, named by the hash of their film.
_OWN_PICTURE = re.compile(r"(?:regions|overlays)/[0-9a-f]{64}\.png")


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


def _is_listed(path: Path) -> bool:
    """Whether an entry of a folder is a film, or was meant as one, or may not be opened and could be one."""
    if _OWN_PICTURE.fullmatch(f"{path.parent.name}/{path.name}"):
        return False
    if path.suffix.lower() in FILM_SUFFIXES:
        return True  # called like a film, it is one to its owner, whatever it holds
    try:
        return path.is_file() and kind_of(path) in READABLE | _OTHER_PICTURES
    except OSError:
        return True


def find_films(paths: Iterable[Path]) -> list[FoundFilm]:
    """Expand inputs to films.

    A file that is named is always listed, whatever it holds, so that its refusal is reported. A folder is
    walked to the bottom in sorted order; every real folder is walked once, so that loops of symbolic links
    end. Of a folder is listed what ends like a film (`FILM_SUFFIXES`, in any case), also where it is empty,
    damaged, a broken link or something else; and what starts like a picture, whatever its name. Hidden files
    and folders, masks and overlays that this program wrote (``regions/<sha256>.png``, ``overlays/...``) and
    all other files are passed over. A folder that cannot be listed and a file that may not
    be opened are handed on like films: reading them says why.

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
        if _is_folder(path):
            for found in _walk(path):
                films.setdefault(str(found), FoundFilm(found, found.relative_to(path).as_posix()))
        elif _may_exist(path):
            films.setdefault(str(path), FoundFilm(path, path.name))
        else:
            raise InputError(str(path), "file", "does not exist", "Check the path")
    return list(films.values())


def _walk(root: Path) -> Iterator[Path]:
    """Films below a folder, depth first in sorted order; every real folder at most once.

    A stack and no recursion: folders can be nested deeper than Python may call itself.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        path = waiting.pop()
        if path is not root and not _is_folder(path):
            if _is_listed(path):
                yield path
            continue
        try:
            waiting += reversed(_entries(path, seen))
        except OSError:
            # Handed on like a film, so that its refusal is listed and the rest goes on.
            yield path


def _entries(folder: Path, seen: set[tuple[int, int]]) -> list[Path]:
    """What a folder holds, sorted by name; nothing where it was seen before.

    Raises
    ------
    OSError
        When it cannot be listed.
    """
    status = folder.stat()
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.name)


def _may_exist(path: Path) -> bool:
    """Whether something stands at a path, or may stand there where one may not look."""
    try:
        return path.exists()
    except OSError:
        return True


def _is_folder(path: Path) -> bool:
    """Whether a path leads to a folder; False where that cannot be told (no right to look, a long name)."""
    try:
        return path.is_dir()
    except OSError:
        return False
