"""Which films a run is asked for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from rickets_rx.errors import UsageError
from rickets_rx.io.results import FilmRequest


def requests_of(inputs: Sequence[Path], *, spacing_mm: float | None = None) -> list[FilmRequest]:
    """Films named by files, folders and manifests, in the order given.

    Where films of several inputs would be called the same, their names are led by the input's own name, so
    that no two rows of a table mean different files under one name. A film that several inputs hold is listed
    once; what a manifest says of it counts, wherever the manifest stands.

    Parameters
    ----------
    inputs : sequence of Path
        A path that ends in ``.csv`` is a manifest.
    spacing_mm : float, optional
        For films that no manifest gives a spacing.

    Raises
    ------
    UsageError
        When nothing to score is found.
    InputError
        When a manifest as a whole, an input path or ``spacing_mm`` is wrong.
    """
    from rickets_rx.io.spacing import user_spacing

    if spacing_mm is not None:
        user_spacing(spacing_mm, "--spacing-mm")  # said once and not of every film
    found = _each_once([(path, request) for path in inputs for request in _requests(path, spacing_mm)])
    if not found:
        named = ", ".join(str(path) for path in inputs)
        raise UsageError(f"no radiograph found in {named}. Give PNG, TIFF, JPEG or DICOM films, or a folder")
    unique: dict[tuple[str, str, str], FilmRequest] = {}
    uses = Counter(request.file for _, request in found)
    leads = _leads({path for path, request in found if uses[request.file] > 1})
    for path, request in found:
        if uses[request.file] > 1:
            request = replace(request, file=printable((leads[path] / request.file).as_posix()))
        unique.setdefault((request.file, str(request.path), str(request.fault)), request)
    return list(unique.values())


def _each_once(found: list[tuple[Path, FilmRequest]]) -> list[tuple[Path, FilmRequest]]:
    """All rows of manifests; films of files and folders that no manifest and no earlier input names."""
    seen = {request.path.absolute() for path, request in found if _is_manifest(path)}
    kept = []
    for path, request in found:
        place = request.path.absolute()
        if _is_manifest(path) or place not in seen:
            kept.append((path, request))
            seen.add(place)
    return kept


def _is_manifest(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _leads(inputs: set[Path]) -> dict[Path, PurePath]:
    """What leads the names of each input's films: its folder, from the folder that these folders share."""
    from rickets_rx.io.film_names import shared_root

    folders = {path: (path if path.is_dir() else path.parent).absolute() for path in inputs}
    start = len(shared_root(folder.parent for folder in folders.values()))
    return {path: PurePath(*folder.parts[start:]) for path, folder in folders.items()}


def _requests(path: Path, spacing_mm: float | None) -> Iterator[FilmRequest]:
    from rickets_rx.io.find import find_films
    from rickets_rx.io.manifest import read_manifest

    if not _is_manifest(path):
        for film in find_films([path]):
            yield FilmRequest(film.path, printable(film.file), spacing_mm=spacing_mm)
        return
    for row in read_manifest(path):
        yield FilmRequest(
            row.path,
            printable(row.file),
            row.patient_id or None,
            row.day,
            row.joint,
            row.side,
            spacing_mm if row.spacing_mm is None else row.spacing_mm,
            row.fault,
        )


def printable(name: str) -> str:
    r"""A name that can be written as UTF-8; other bytes, which file systems may hold, become ``\\xNN``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
