"""A worker process: takes films from its standard input, gives outcomes on its standard output.

A plain child process and not `multiprocessing`: it needs no guarded main module in the caller's script, may
be started from inside a Dask worker (whose processes are daemons and may have no children of that kind), and
its memory and standard streams are its own.
"""

import os
import pickle
import signal
import sys
from typing import IO, Any

from rickets_rx.batch.film import score_film

#: Sent once a worker has loaded everything heavy, so that loading does not count as a film's time.
READY = "ready"


def serve() -> None:
    """Entry point of a worker process. Ends when its input ends, which it does when the parent dies."""
    # Ctrl-C reaches the whole process group; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = _private_channel()
    limit_memory(int(sys.argv[1]))
    _load()
    _send(channel, READY)
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _send(channel, score_film(task))


def limit_memory(memory_mb: int) -> bool:
    """Bound the data memory of this process; False where the operating system cannot.

    RLIMIT_DATA counts private writable memory (Linux 4.7 and later), unlike RLIMIT_AS, which would also count
    address space that libraries only reserve.
    """
    try:
        import resource
    except ImportError:
        return False
    if not sys.platform.startswith("linux"):
        return False
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))
    return True


def _private_channel() -> IO[bytes]:
    """Standard output for outcomes only; whatever a decoder prints (it may quote a header) goes nowhere."""
    channel = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return channel


def _load() -> None:
    import cv2

    import rickets_rx.io.read
    import rickets_rx.io.regions
    import rickets_rx.score  # noqa: F401

    cv2.setNumThreads(1)


def _send(channel: IO[bytes], message: Any) -> None:
    channel.write(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))
    channel.flush()
