"""From the bytes of a DICOM file to a data set, with deflated files bounded before they unfold."""

import io
import zlib
from typing import TYPE_CHECKING

from rickets_rx.errors import InputError
from rickets_rx.io.boundary import decoding
from rickets_rx.io.limits import MAX_FILE_BYTES

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileMetaDataset

_FIELD = "DICOM data set"
_MEND = "The file is damaged or cut short; export it again"
_TRANSFER_SYNTAX = "TransferSyntaxUID (0002,0010)"

#: Bytes of preamble and the letters DICM (PS3.10 7.1).
_PROLOGUE = 132


def parse(data: bytes, file: str, *, pixels: bool = True) -> "Dataset":
    """Parse a DICOM file held in memory; pixel data stay encoded.

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        How errors name it.
    pixels : bool
        False: stop before the pixel data, which are most of the bytes.

    Raises
    ------
    InputError
        When the file cannot be parsed, states no transfer syntax, or is a deflated file that unfolds beyond
        `limits.MAX_FILE_BYTES`.
    """
    import pydicom
    from pydicom.uid import DeflatedExplicitVRLittleEndian

    with decoding(file, "DICOM file meta information (group 0002)", _MEND):
        meta, end = _file_meta(data)
        syntax = meta.get("TransferSyntaxUID")
    if not syntax:
        raise InputError(file, _TRANSFER_SYNTAX, "is missing", "Export the file again as DICOM Part 10")
    with decoding(file, _FIELD, _MEND):
        if syntax == DeflatedExplicitVRLittleEndian:
            data = _inflated(data[end:], meta, file)
        return pydicom.dcmread(io.BytesIO(data), stop_before_pixels=not pixels)


def _file_meta(data: bytes) -> tuple["FileMetaDataset", int]:
    """The group 0002 elements and the offset at which they end."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.filereader import read_dataset

    stream = io.BytesIO(data)
    stream.seek(_PROLOGUE)
    found = read_dataset(stream, False, True, stop_when=lambda tag, vr, length: tag >> 16 != 2)
    return FileMetaDataset(found), stream.tell()


def _inflated(body: bytes, meta: "FileMetaDataset", file: str) -> bytes:
    """The same file with its data set unfolded (PS3.5 A.5), refused when it unfolds beyond the limit."""
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_file_meta_info
    from pydicom.uid import ExplicitVRLittleEndian

    unfolded = zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, MAX_FILE_BYTES)
    if len(unfolded) >= MAX_FILE_BYTES:
        problem = f"the deflated data set unfolds beyond {MAX_FILE_BYTES // 1_000_000} MB"
        raise InputError(file, _TRANSFER_SYNTAX, problem, "No radiograph is that large; export it again")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = DicomBytesIO(bytes(_PROLOGUE - 4) + b"DICM")
    stream.seek(0, io.SEEK_END)
    write_file_meta_info(stream, meta, enforce_standard=False)
    return stream.getvalue() + unfolded
