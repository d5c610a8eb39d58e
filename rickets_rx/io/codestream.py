"""What a compressed picture says of itself before it is decoded: JPEG, JPEG-LS and JPEG 2000 headers.

Decoders trust these more than the DICOM header, and GDCM ends the whole process on some damaged ones, so
every segment before the picture data is walked first and the frame header compared with the film's.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

#: Marker of a JPEG 2000 size segment and of the JPEG segments that matter here (T.800 A.2, T.81 B.1.1.3).
SIZ, SOF0, SOF1, SOF3, SOF55 = 0x51, 0xC0, 0xC1, 0xC3, 0xF7
_DHT, _SOS = 0xC4, 0xDA


@dataclass(frozen=True)
class StreamHeader:
    """Size of a compressed frame: pixels, components, bits of one value, and the marker that says so."""

    rows: int
    columns: int
    components: int
    precision: int
    marker: int


def read_stream_header(stream: bytes) -> StreamHeader:
    """Walk a compressed stream up to its picture data and give its frame header.

    JPEG and JPEG-LS: the SOFn or SOF55 segment (ITU-T T.81 B.2.2, T.87 C.2.2). JPEG 2000: SIZ, of the first
    component (T.800 A.5.1).

    Raises
    ------
    ValueError
        When it is none of these, segments do not follow each other without gap, a Huffman table contradicts
        its own length, or there is not exactly one frame header.
    struct.error
        When it ends within its header.
    """
    if stream[:4] == b"\xff\x4f\xff\x51":
        x1, y1, x0, y0 = struct.unpack(">4I", stream[8:24])
        components, precision = struct.unpack(">HB", stream[40:43])
        return StreamHeader(y1 - y0, x1 - x0, components, (precision & 0x7F) + 1, SIZ)
    frames = []
    for marker, content in _segments(stream):
        if marker == _DHT:
            _check_huffman(content)
        if marker == SOF55 or (0xC0 <= marker <= 0xCF and marker not in (_DHT, 0xC8, 0xCC)):
            precision, rows, columns, components = struct.unpack(">BHHB", content[:6])
            frames.append(StreamHeader(rows, columns, components, precision, marker))
    if len(frames) != 1:
        raise ValueError(f"{len(frames)} frame headers")
    return frames[0]


def _segments(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of every segment up to the start of scan (T.81 B.1.1.4)."""
    if stream[:2] != b"\xff\xd8":
        raise ValueError("no start of image")
    at, marker = 2, 0
    while marker != _SOS:
        if stream[at] != 0xFF:
            raise ValueError("a gap between segments")
        marker = stream[at + 1]
        if marker == 0xFF:
            # Fill byte before a marker (T.81 B.1.1.2).
            at += 1
            continue
        (length,) = struct.unpack(">H", stream[at + 2 : at + 4])
        if length < 2:
            raise ValueError("a segment without length")
        yield marker, stream[at + 4 : at + 2 + length]
        at += 2 + length


def _check_huffman(content: bytes) -> None:
    """Refuse tables whose counts of codes do not add up to the segment (T.81 B.2.4.2)."""
    at = 0
    while at < len(content):
        codes = sum(content[at + 1 : at + 17])
        at += 17 + codes
        if codes > 256:
            raise ValueError("a Huffman table of more than 256 codes")
    if at != len(content):
        raise ValueError("a Huffman table that contradicts its length")
