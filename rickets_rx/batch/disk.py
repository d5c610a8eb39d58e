"""When nothing more can be written."""

import errno
import sqlite3

_FULL = (errno.ENOSPC, errno.EDQUOT)

#: What a person is told then.
MAKE_ROOM = "the disk is full. Make room and run the same command again: what is done is kept"


def is_disk_full(error: Exception) -> bool:
    """Whether an error of the file system or of SQLite says that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, sqlite3.OperationalError) and "full" in str(error)
