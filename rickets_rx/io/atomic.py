"""Write a file so that a reader, or a run after a power cut, sees the old one or the new one, never half."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class AtomicFile(io.FileIO):
    """An unbuffered file that takes bytes or text; text becomes UTF-8, line ends as given."""

    def write(self, data: Any, /) -> int:
        """Write all of ``data`` and return its length in bytes."""
        left = memoryview(data.encode() if isinstance(data, str) else data).cast("B")
        length = left.nbytes
        while left.nbytes:
            left = left[super().write(left) :]
        return length


@contextmanager
def atomic_write(path: Path) -> Iterator[AtomicFile]:
    """Open a temporary file beside ``path`` that takes its place when the block ends without an error.

    The content is flushed to the disk before the name changes, and the folder after it, so the order survives
    a power cut. On an error the temporary file is removed and ``path`` stays as it was.

    Parameters
    ----------
    path : Path
        Its folder is created where it is missing.

    Yields
    ------
    AtomicFile
        Takes text and bytes.

    Raises
    ------
    OSError
        When the folder cannot be written or the disk is full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with AtomicFile(handle, "wb") as stream:
            yield stream
            os.fsync(stream.fileno())
        # mkstemp makes the file private; a result is as readable as any file the user makes.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


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
