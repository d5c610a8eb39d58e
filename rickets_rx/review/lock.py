"""One window at a time for a record: a lock that goes with the process, also when it is killed."""

import errno
import os
import sys

#: What a disk answers that knows no locks (some network shares).
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def hold(handle: int) -> bool | None:
    """Lock an open file for this handle alone; the system lets go when it is closed or its process ends.

    Parameters
    ----------
    handle : int
        Of a file open for writing.

    Returns
    -------
    bool or None
        True when it is held, False when another window holds it, None where the disk knows no locks.
    """
    try:
        _lock(handle)
    except OSError as error:
        return None if error.errno in _NO_LOCKS else False
    return True


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        # Windows keeps others from reading locked bytes: one far behind the end locks no line.
        os.lseek(handle, 2**30, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
