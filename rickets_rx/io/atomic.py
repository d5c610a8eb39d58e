"""Write a file so that a reader, or a run after a power cut, sees the old one or the new one, never half."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal


@contextmanager
def atomic_write(
    path: Path, mode: Literal["w", "wb"] = "w", *, newline: str | None = "\n"
) -> Iterator[IO[Any]]:
    """Open a temporary file beside ``path`` that takes its place when the block ends without an error.

    Text is UTF-8. The content is flushed to the disk before the name changes, and the folder after it, so the
    order survives a power cut. On an error the temporary file is removed and ``path`` stays as it was.

    Parameters
    ----------
    path : Path
        Its folder is created where it is missing.
    mode : {"w", "wb"}
    newline : str, optional
        Line ends of a text file, as for `open`. Give ``""`` to the csv module.

    Yields
    ------
    file object

    Raises
    ------
    OSError
        When the folder cannot be written or the disk is full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    text: dict[str, Any] = {"encoding": "utf-8", "newline": newline} if mode == "w" else {}
    try:
        with os.fdopen(handle, mode, **text) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes the file private; a result is as readable as any file the user makes.
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write text atomically, UTF-8, line ends as given."""
    with atomic_write(path, newline="") as stream:
        stream.write(text)


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes atomically."""
    with atomic_write(path, "wb") as stream:
        stream.write(data)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; folders cannot be opened for this on Windows."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
