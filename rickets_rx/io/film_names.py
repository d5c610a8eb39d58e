"""How results name films given by absolute paths: short, each differently, without a user's home."""

import ntpath
import posixpath
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

_Parts = tuple[str, ...]


def is_absolute(text: str) -> bool:
    """Whether a path is absolute on any system: a table may come from another one."""
    return PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()


def named_below_roots(files: Sequence[tuple[str, int]], folder: Path) -> list[str]:
    """Names of the films of a manifest: relative, with forward slashes, no two equal.

    An absolute path below ``folder`` is named from there. The others are named from the deepest folder that
    they share. Where they share no more than the root of the file system, those of one drive and one folder
    below it are taken together, because names from ``/`` would be whole paths. A name that is taken gets the
    row of the manifest; more of the path is not shown for it.

    Parameters
    ----------
    files : sequence of (file, row)
        ``file`` relative with forward slashes, absolute by the rules of any system, or empty.
    folder : Path
        Of the manifest, absolute.

    Returns
    -------
    list of str
        In the order given.
    """
    homes = {folder.parts, folder.resolve().parts}
    paths = {file: _pure(file) for file, _ in files if is_absolute(file)}
    roots = _roots(path for path in paths.values() if _home(path, homes) is None)
    names: dict[int, str] = {}
    taken: set[str] = set()
    # Relative names come first, because they stay as they were written.
    for i in sorted(range(len(files)), key=lambda i: files[i][0] in paths):
        file, row = files[i]
        name = _short(paths[file], homes, roots) if file in paths else file
        while not name or name in taken:
            name = f"{name} (manifest row {row})".strip()
        names[i] = name
        taken.add(name)
    return [names[i] for i in range(len(files))]


def shared_root(folders: Iterable[PurePath]) -> _Parts:
    """Parts of the deepest folder that holds all of the folders given; empty where there is none."""
    levels = zip(*(path.parts for path in folders), strict=False)
    return tuple(level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels))


def _pure(file: str) -> PurePath:
    """The path without ``.`` and ``..``, by the rules of the system that it was written on."""
    if PurePosixPath(file).is_absolute():
        return PurePosixPath("/" + posixpath.normpath(file).lstrip("/"))
    return PureWindowsPath(ntpath.normpath(file))


def _home(path: PurePath, homes: Iterable[_Parts]) -> int | None:
    """How many parts of the path are the manifest's folder, by its longest name; None where elsewhere."""
    return max((len(home) for home in homes if path.parts[: len(home)] == home), default=None)


def _roots(paths: Iterable[PurePath]) -> dict[_Parts, int]:
    """How many parts the folders share of paths that begin with the same drive and the same folder."""
    groups: dict[_Parts, list[PurePath]] = {}
    for path in paths:
        groups.setdefault(path.parts[:2], []).append(path.parent)
    return {start: len(shared_root(folders)) for start, folders in groups.items()}


def _short(path: PurePath, homes: Iterable[_Parts], roots: dict[_Parts, int]) -> str:
    start = _home(path, homes)
    return "/".join(path.parts[roots[path.parts[:2]] if start is None else start :])
