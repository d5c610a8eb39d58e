"""Read one radiograph, whatever its format: the only door through which films come in."""

import hashlib
import math
import os
from pathlib import Path
from typing import TypeVar

import numpy as np

from rickets_rx.errors import InputError
from rickets_rx.io.boundary import decoding
from rickets_rx.io.decoded import Decoded
from rickets_rx.io.find import FoundFilm, find_films, looks_like_image
from rickets_rx.io.limits import MAX_FILE_BYTES
from rickets_rx.io.magic import FILM_SUFFIXES, READABLE, SUFFIXES, Kind, sniff
from rickets_rx.io.polarity import bone_is_bright
from rickets_rx.io.spacing import user_spacing
from rickets_rx.radiograph import FloatImage, JointSource, Polarity, PolaritySource, Radiograph
from rickets_rx.vocabulary import Joint, Side

__all__ = ["FoundFilm", "file_sha256", "find_films", "looks_like_image", "read_radiograph"]

_Word = TypeVar("_Word", Side, Joint)


def read_radiograph(
    path: Path | str,
    *,
    name: str | None = None,
    spacing_mm: float | None = None,
    side: Side | None = None,
    joint: Joint | None = None,
    invert: bool | None = None,
) -> Radiograph:
    """Read a DICOM, PNG, TIFF or JPEG radiograph; the content decides, not the extension.

    Parameters
    ----------
    path : Path or str
    name : str, optional
        How results and errors call the film; its file name where not given.
    spacing_mm : float, optional
        Millimetres per pixel from the user; replaces what a header says, source ``user``.
    side, joint : optional
        From the manifest; replace what a header says, which is noted where the two differ.
    invert : bool, optional
        Whether to turn the stored greys over. None: the DICOM header decides, or on raster films the picture.

    Returns
    -------
    Radiograph
        Denser is higher. Inverted pixels are reflected within the range of the stored bits.

    Raises
    ------
    InputError
        For anything that keeps the film from being read; names the file, the tag or field, and the mend.
    """
    path = Path(path)
    file = name or path.name
    # Words of the contract may come as plain text from a table.
    side, joint = side and Side(side), joint and Joint(joint)
    data = _bytes(path, file)
    decoded = _decode(data, file, sniff(data))
    notes = list(decoded.notes)
    _note_extension(path, sniff(data), notes)
    _check_content(decoded.pixels, file)
    pixels, polarity = _with_polarity(decoded, invert, notes)
    # Given away: a copy of a large film costs as much as hashing it.
    pixels.setflags(write=False)
    window = decoded.display_window
    if window and polarity.inverted != (decoded.polarity or Polarity()).inverted:
        window = (sum(decoded.stored_limits) - window[1], sum(decoded.stored_limits) - window[0])
    return Radiograph(
        pixels=pixels,
        sha256=hashlib.sha256(data).hexdigest(),
        name=file,
        spacing=decoded.spacing if spacing_mm is None else user_spacing(spacing_mm, file),
        polarity=polarity,
        side=_chosen("side", side, decoded.side, notes),
        view=decoded.view,
        joint=_chosen("joint", joint, decoded.joint, notes),
        display_window=window,
        low_bits=decoded.low_bits,
        notes=tuple(notes),
        joint_source=JointSource.USER if joint else JointSource.HEADER if decoded.joint else None,
    )


def file_sha256(path: Path | str) -> str:
    """SHA-256 of the bytes of a file, lower-case hexadecimal.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _bytes(path: Path, file: str) -> bytes:
    """The file's bytes, bounded."""
    try:
        if path.is_dir():
            problem = (
                "is a folder" if os.access(path, os.R_OK | os.X_OK) else "is a folder that may not be listed"
            )
            raise InputError(file, "file", problem, "Allow reading it, or name the films in it one by one")
        if not path.is_file():
            raise InputError(file, "file", "does not exist or is no regular file", "Check the path")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            problem = f"{size // 1_000_000} MB is larger than a radiograph can be"
            raise InputError(file, "file", problem, f"The limit is {MAX_FILE_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        mend = "Check that the path is right and that you may read it"
        raise InputError(file, "file", f"cannot be opened ({error.strerror})", mend) from None


def _decode(data: bytes, file: str, kind: Kind) -> Decoded:
    if kind not in READABLE:
        mends = {
            Kind.EMPTY: "Copy the film again",
            Kind.HEADERLESS_DICOM: "Write it as a DICOM Part 10 file, for example with dcmconv",
            Kind.ZIP: "Unpack it first",
            Kind.GZIP: "Unpack it first",
        }
        mend = mends.get(kind, "Give a DICOM, PNG, TIFF or JPEG film")
        problem = "is empty" if kind is Kind.EMPTY else f"is not a format that is read ({kind})"
        raise InputError(file, "file", problem, mend)
    from rickets_rx.io.dicom import read_dicom
    from rickets_rx.io.raster import read_raster

    # The readers name tag and field themselves; this is the net below them.
    with decoding(file, f"{kind} file", "The file is damaged; export it again", "cannot be read"):
        return read_dicom(data, file) if kind is Kind.DICOM else read_raster(data, file, kind)


def _note_extension(path: Path, kind: Kind, notes: list[str]) -> None:
    suffix = path.suffix.lower()
    if suffix in FILM_SUFFIXES and suffix not in SUFFIXES[kind]:
        notes.append(f"the name ends in {suffix} but the content is {kind}")


def _check_content(pixels: FloatImage, file: str) -> None:
    # One pass each: a value that is not finite is, or spoils, the smallest or the largest.
    low, high = float(pixels.min()), float(pixels.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(file, "pixels", "holds values that are not finite numbers", "Export the film again")
    if low == high:
        raise InputError(file, "pixels", "every pixel is equal: there is no picture", "Give the film itself")


def _with_polarity(decoded: Decoded, invert: bool | None, notes: list[str]) -> tuple[FloatImage, Polarity]:
    """Pixels with denser higher, and what decided it: the user, else the header, else the picture."""
    already = decoded.polarity.inverted if decoded.polarity else False
    if invert is not None:
        polarity = Polarity(dense_bright=not invert, inverted=invert, source=PolaritySource.USER)
    elif decoded.polarity is not None:
        polarity = decoded.polarity
    else:
        vote = bone_is_bright(decoded.pixels)
        if not vote.sure:
            notes.append("polarity unclear from the picture: bright bone assumed")
        bright = vote.evidence > 0 or not vote.sure
        polarity = Polarity(dense_bright=bright, inverted=not bright, source=PolaritySource.PICTURE)
    if polarity.inverted == already:
        return decoded.pixels, polarity
    return np.asarray(math.fsum(decoded.stored_limits) - decoded.pixels, dtype=np.float32), polarity


def _chosen(what: str, given: _Word | None, header: _Word | None, notes: list[str]) -> _Word | None:
    if given is not None and header is not None and given is not header:
        notes.append(f"{what}={given} from the user, the header says {header}")
    return header if given is None else given
