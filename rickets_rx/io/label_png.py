"""PNG of a label mask: rows without a label, most of a film, are written without being packed each time.

A general writer looks at every pixel; packing the mask of 11 megapixels took it a tenth of the film's time.
Formats: PNG (ISO/IEC 15948), zlib (RFC 1950, with the sum Adler-32), deflate (RFC 1951).
"""

import struct
import zlib
from functools import cache

import numpy as np
import numpy.typing as npt

_RUN = 1 << 20
_ADLER = 65521
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Head of a zlib stream of 32 kB window, packed fast; the empty last block of a deflate stream.
_HEAD, _END = b"\x78\x01", b"\x03\x00"


def label_png(mask: npt.NDArray[np.uint8]) -> bytes:
    """The bytes of an 8-bit grey PNG without loss.

    Parameters
    ----------
    mask : ndarray of shape (rows, columns), uint8
        Not empty.
    """
    rows, columns = mask.shape
    held = np.flatnonzero(mask.any(axis=1))
    first, last = (int(held[0]), int(held[-1]) + 1) if held.size else (rows, rows)
    # A row of PNG begins with the number of its filter, here 0: bytes as they are.
    labels = np.zeros((last - first, columns + 1), np.uint8)
    labels[:, 1:] = mask[first:last]
    middle = labels.tobytes()
    before, after = first * (columns + 1), (rows - last) * (columns + 1)
    packed = _HEAD + _zeros(before) + _part(middle) + _zeros(after) + _END
    total = _with_zeros(zlib.adler32(middle, _with_zeros(1, before)), after)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    data = packed + struct.pack(">I", total)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _part(data: bytes, level: int = 1) -> bytes:
    """Deflate blocks that stand for themselves: ended at a whole byte and none of them the last."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


@cache
def _run_of_zeros() -> bytes:
    return _part(bytes(_RUN), level=9)


def _zeros(count: int) -> bytes:
    """Deflate blocks of so many zeros."""
    runs, rest = divmod(count, _RUN)
    return _run_of_zeros() * runs + _part(bytes(rest))


def _with_zeros(total: int, count: int) -> int:
    """Adler-32 after so many further zeros: the sum of the bytes stays, the sum of the sums grows by it."""
    low, high = total & 0xFFFF, total >> 16
    return (high + count * low) % _ADLER << 16 | low


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))
