"""What a file is, told from its first bytes and never from its name."""

from enum import StrEnum


class Kind(StrEnum):
    """File formats told apart; only the first four are read."""

    DICOM = "DICOM"
    PNG = "PNG"
    JPEG = "JPEG"
    TIFF = "TIFF"
    JPEG2000 = "JPEG 2000 outside DICOM"
    BMP = "BMP"
    GIF = "GIF"
    WEBP = "WebP"
    PDF = "PDF"
    ZIP = "ZIP archive"
    GZIP = "gzip archive"
    HEADERLESS_DICOM = "DICOM without file header"
    EMPTY = "empty"
    UNKNOWN = "unknown"


READABLE = frozenset({Kind.DICOM, Kind.PNG, Kind.JPEG, Kind.TIFF})

#: Bytes of the head that `sniff` wants.
HEAD_BYTES = 132

_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
    (b"\x00\x00\x00\x0cjP  ", Kind.JPEG2000),
    (b"\xff\x4f\xff\x51", Kind.JPEG2000),
    (b"GIF8", Kind.GIF),
    (b"%PDF", Kind.PDF),
    (b"PK\x03\x04", Kind.ZIP),
    (b"\x1f\x8b", Kind.GZIP),
    # A data set that starts right away: group 0002 or 0008, explicit or implicit little endian.
    (b"\x02\x00\x00\x00", Kind.HEADERLESS_DICOM),
    (b"\x08\x00\x00\x00", Kind.HEADERLESS_DICOM),
    (b"\x08\x00\x05\x00", Kind.HEADERLESS_DICOM),
    (b"\x08\x00\x08\x00", Kind.HEADERLESS_DICOM),
)

SUFFIXES: dict[Kind, tuple[str, ...]] = {
    Kind.DICOM: (".dcm", ".dicom", ".dic", ".ima", ""),
    Kind.PNG: (".png",),
    Kind.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    Kind.TIFF: (".tif", ".tiff"),
}


#: How names of films end.
FILM_SUFFIXES = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes if suffix)


def sniff(head: bytes) -> Kind:
    """The format of a file from its first `HEAD_BYTES` bytes.

    DICOM is recognised by ``DICM`` at offset 128 (PS3.10 7.1) before anything else, because its preamble may
    hold another format's signature (dual-personality DICOM/TIFF).
    """
    if not head:
        return Kind.EMPTY
    if head[128:132] == b"DICM":
        return Kind.DICOM
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    # BM alone is the beginning of many a text; in a bitmap four reserved bytes of zero follow the size.
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return Kind.BMP
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), Kind.UNKNOWN)
