"""What a compressed picture says of itself before it is decoded: JPEG, JPEG-LS and JPEG 2000 frame headers.

Decoders trust these more than the DICOM header, and some end the whole process on impossible ones, so they
are compared first.
"""

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class StreamHeader:
    """Size of a compressed frame: pixels, components, and bits of one value."""

    rows: int
    columns: int
    components: int
    precision: int


def read_stream_header(stream: bytes) -> StreamHeader | None:
    """Find the frame header of a compressed stream.

    JPEG and JPEG-LS: the SOFn or SOF55 segment (ITU-T T.81 B.2.2, T.87 C.2.2). JPEG 2000: SIZ, of the first
    component (T.800 A.5.1).

    Returns
    -------
    StreamHeader or None
        None where there is none.

    Raises
    ------
    struct.error
        On a stream that ends within its header.
    """
    if stream[:4] == b"\xff\x4f\xff\x51":
        x1, y1, x0, y0 = struct.unpack(">4I", stream[8:24])
        components, precision = struct.unpack(">HB", stream[40:43])
        return StreamHeader(y1 - y0, x1 - x0, components, (precision & 0x7F) + 1)
    if stream[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 10 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF:
            # Fill byte before a marker (T.81 B.1.1.2).
            at += 1
            continue
        if _is_frame(marker):
            precision, rows, columns, components = struct.unpack(">BHHB", stream[at + 4 : at + 10])
            return StreamHeader(rows, columns, components, precision)
        at += 2 + struct.unpack(">H", stream[at + 2 : at + 4])[0]
    return None


def _is_frame(marker: int) -> bool:
    """SOF0-SOF15 without DHT, JPG and DAC, or SOF55 of JPEG-LS."""
    return marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
