"""When a film is done: the same bytes, the same manifest values, the same software give the same rows."""

import hashlib
import json
import stat
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import rickets_rx
from rickets_rx.io.limits import MAX_FILE_BYTES
from rickets_rx.io.results import FilmRequest
from rickets_rx.resources import resource

#: Libraries whose arithmetic reaches the numbers, and decoders: with one more a film that failed can be read.
_LIBRARIES = (
    *("numpy", "scipy", "scikit-image", "opencv-python-headless", "onnxruntime", "pydicom", "pillow"),
    *("python-gdcm", "pylibjpeg-openjpeg", "pyjpegls"),
)


def sha256_of(path: Path) -> str | None:
    """SHA-256 of a file's bytes, None where it cannot be read or is larger than any film."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            return None
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return None


def content_key(sha256: str, request: FilmRequest, software: str, configuration: Mapping[str, Any]) -> str:
    """Key under which the rows of a film are stored.

    Parameters
    ----------
    sha256 : str
        Of the film's bytes. Its name and place do not matter.
    request : FilmRequest
        Spacing, joint, side, day and patient are taken from it.
    software : str
        `software_hash`.
    configuration : mapping
        Options that change rows.
    """
    content = {
        "bytes": sha256,
        "spacing_mm": request.spacing_mm,
        "joint": request.joint,
        "side": request.side,
        "day": request.day,
        "patient_id": request.patient_id,
        "software": software,
        "configuration": dict(configuration),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def software_hash() -> str:
    """One hash of everything that turns pixels into numbers: this package's files, models and libraries."""
    return hashlib.sha256(json.dumps(provenance(), sort_keys=True).encode()).hexdigest()


def provenance() -> dict[str, Any]:
    """Version, source, models, tables and libraries, as run.json tells them."""
    from rickets_rx.grade import evidence, interval

    return {
        "version": rickets_rx.__version__,
        "source": _source_hash(),
        "models": {path.name: sha256_of(path) for path in sorted(resource("models").glob("*.onnx"))},
        "tables": {path.name: sha256_of(path) for path in (evidence.TABLE, interval.TABLE)},
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


@cache
def _source_hash() -> str:
    """SHA-256 over the package's own code and tables, so that a changed checkout is another software."""
    package = Path(rickets_rx.__file__).parent
    digest = hashlib.sha256()
    files = (path for path in package.rglob("*") if path.suffix in (".py", ".csv"))
    for path in sorted(path for path in files if "_data" not in path.parts):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
