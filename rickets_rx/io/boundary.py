"""The boundary to foreign decoders: whatever they raise becomes one InputError with file, field and mend."""

import logging
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

from rickets_rx.errors import InputError

#: What pydicom, gdcm, pylibjpeg, Pillow and OpenCV were seen or are documented to raise on damaged files.
#: Pillow raises SyntaxError on broken PNG; RecursionError (a RuntimeError) comes from nested sequences.
DECODER_ERRORS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    cv2.error,
    struct.error,
    zlib.error,
)


#: Errors of libraries that stand outside the classes above, by module; these are not imported for their sake.
_OTHER_ERRORS = (
    ("pydicom.errors", "BytesLengthException"),
    ("pydicom.errors", "InvalidDicomError"),
    ("PIL.Image", "DecompressionBombError"),
)


def decoder_errors() -> tuple[type[Exception], ...]:
    """`DECODER_ERRORS` and those of the libraries that this process has loaded."""
    loaded = [(sys.modules.get(module), name) for module, name in _OTHER_ERRORS]
    return (*DECODER_ERRORS, *(getattr(module, name) for module, name in loaded if module is not None))


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither warnings nor log lines of pydicom, which quote the values they complain of."""
    logger, silent = logging.getLogger("pydicom"), logging.NullHandler()
    before = logger.propagate
    logger.propagate = False
    logger.addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(silent)
        logger.propagate = before


@contextmanager
def decoding(file: str, field: str, mend: str, problem: str = "cannot be decoded") -> Iterator[None]:
    """Turn any error of a decoder into an InputError, and keep its warnings quiet.

    The decoder's own words are left out on purpose: they can quote header values (names, ids, UIDs).
    Only the type of its error is named.

    Parameters
    ----------
    file, field, mend, problem : str
        As in `InputError`.

    Raises
    ------
    InputError
    """
    try:
        with _quiet():
            yield
    except InputError:
        raise
    except decoder_errors() as error:
        # "from None": a traceback must not print the decoder's text either.
        raise InputError(file, field, f"{problem} ({type(error).__name__})", mend) from None
