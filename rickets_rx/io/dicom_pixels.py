"""Stored values of a DICOM frame: decoder, guards on the compressed stream, unused bits, colour, padding."""

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.io.boundary import decoding
from rickets_rx.io.codestream import SIZ, SOF0, SOF1, SOF3, SOF55, StreamHeader, read_stream_header
from rickets_rx.io.dicom_header import Header, tag_name
from rickets_rx.io.jpeg12 import decode_jpeg12
from rickets_rx.radiograph import FloatImage

if TYPE_CHECKING:
    from pydicom.uid import UID

Stored = npt.NDArray[Any]

#: ITU-R BT.601 luma.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

#: Frame markers and bits of one value that each syntax allows (PS3.5 8.2, 10; T.81 table B.2). GDCM ends the
#: process on others.
_FRAME_OF_SYNTAX: dict[str, tuple[set[int], Collection[int]]] = {
    "1.2.840.10008.1.2.4.50": ({SOF0, SOF1}, {8}),
    "1.2.840.10008.1.2.4.51": ({SOF0, SOF1}, {8, 12}),
    "1.2.840.10008.1.2.4.57": ({SOF3}, range(2, 17)),
    "1.2.840.10008.1.2.4.70": ({SOF3}, range(2, 17)),
    "1.2.840.10008.1.2.4.80": ({SOF55}, range(2, 17)),
    "1.2.840.10008.1.2.4.81": ({SOF55}, range(2, 17)),
}
_ANY_FRAME: tuple[set[int], Collection[int]] = ({SIZ}, range(2, 17))

#: pydicom masks unused bits as if HighBit were always BitsStored - 1; `_without_unused_bits` does it right.
#: Nothing here writes into what a decoder gives, so that no copy is needed.
_AS_STORED: dict[str, Any] = {"correct_unused_bits": False, "view_only": True}

_MEND_PIXELS = "The pixel data are damaged or cut short; export the film again"


def stored_values(header: Header) -> Stored:
    """Decode the frame to integers with the unused bits taken off.

    Returns
    -------
    ndarray of shape (rows, columns) or (rows, columns, 3)
        Colour as RGB, except PALETTE COLOR, which stays an index.

    Raises
    ------
    InputError
        No decoder, or damaged pixel data.
    """
    from pydicom.pixels import get_decoder
    from pydicom.uid import JPEGExtended12Bit, RLELossless

    syntax = header.dataset.file_meta.TransferSyntaxUID
    _check_decoder(header, syntax)
    stream, found = _compressed_stream(header, syntax) if syntax.is_encapsulated else (b"", None)
    if not syntax.is_encapsulated:
        _check_length(header)
    with decoding(header.file, tag_name("PixelData"), _MEND_PIXELS):
        _quiet_gdcm()
        if syntax == JPEGExtended12Bit and found and (found.precision, found.components) == (12, 1):
            pixels = decode_jpeg12(stream, found.rows, found.columns)
        else:
            pixels, _ = get_decoder(syntax).as_array(header.dataset, index=0, **_AS_STORED)
    expected = (header.required("Rows"), header.required("Columns"))
    if pixels.shape[:2] != expected:
        raise header.error(
            "PixelData", f"decodes to {pixels.shape[:2]}, the header says {expected}", _MEND_PIXELS
        )
    if pixels.ndim == 3:
        return pixels
    shift = not syntax.is_encapsulated or syntax == RLELossless
    return _without_unused_bits(header, pixels, shift=shift)


def _quiet_gdcm() -> None:
    """GDCM writes warnings to the terminal, which may quote the header."""
    try:
        import gdcm
    except ImportError:
        return
    for off in (gdcm.Trace.DebugOff, gdcm.Trace.WarningOff, gdcm.Trace.ErrorOff):
        off()


def _check_decoder(header: Header, syntax: "UID") -> None:
    from pydicom.pixels import get_decoder

    # A UID is an identifier: only the names of the standard are repeated.
    name = syntax.name if syntax.name != str(syntax) else "a private or unknown transfer syntax"
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise header.error(
            "TransferSyntaxUID", f"{name} is not supported", "Export without compression"
        ) from None
    if not decoder.is_available:
        raise header.error(
            "TransferSyntaxUID",
            f"no decoder is installed for {name}",
            "Install rickets-rx[dicom], or export the film without compression",
        )


def _compressed_stream(header: Header, syntax: "UID") -> tuple[bytes, StreamHeader | None]:
    """The frame's compressed bytes with their own header, refused where it contradicts the film's."""
    from pydicom.encaps import get_frame
    from pydicom.uid import RLELossless

    with decoding(header.file, tag_name("PixelData"), _MEND_PIXELS, "is damaged at its start"):
        stream = get_frame(header.dataset.PixelData, 0, number_of_frames=1)
        if syntax == RLELossless:
            return stream, None
        found = read_stream_header(stream)
    rows, columns, samples, bits = (
        header.required(k) for k in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
    )
    if (found.rows, found.columns, found.components) != (rows, columns, samples):
        problem = f"the compressed stream holds {found.rows} x {found.columns} x {found.components} values, "
        raise header.error(
            "PixelData", problem + f"the header says {rows} x {columns} x {samples}", _MEND_PIXELS
        )
    markers, precisions = _FRAME_OF_SYNTAX.get(str(syntax), _ANY_FRAME)
    if found.marker not in markers or found.precision not in precisions or found.precision > bits:
        problem = f"the compressed stream ({found.precision} bits) is not of the kind that the file says"
        raise header.error("PixelData", problem, _MEND_PIXELS)
    return stream, found


def _check_length(header: Header) -> None:
    """Refuse uncompressed pixel data that are cut short, with both lengths."""
    if "422" in header.text("PhotometricInterpretation"):
        return
    counts = [header.required(k) for k in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")]
    with decoding(header.file, tag_name("PixelData"), _MEND_PIXELS):
        needed, found = math.prod(counts) // 8, len(header.dataset.PixelData or b"")
    if found < needed:
        raise header.error(
            "PixelData", f"is cut short: {found} of {needed} bytes", "Copy or export the film again"
        )


def _without_unused_bits(header: Header, pixels: Stored, *, shift: bool) -> Stored:
    """Mask what lies outside the stored bits (old overlay planes) and restore the sign.

    ``shift`` is for streams that keep HighBit's position; JPEG-family decoders align to bit 0 themselves.
    """
    bits, stored = pixels.dtype.itemsize * 8, header.required("BitsStored")
    if stored >= bits:
        return pixels
    down = header.required("HighBit") + 1 - stored if shift else 0
    up = bits - stored - down
    if up < 0:
        return pixels
    if down == 0 and pixels.dtype.kind == "u" and not int(pixels.max()) >> stored:
        return pixels  # nothing to take off: one pass that reads instead of two that write
    # Shifting to the top and back down drops unused bits above and below and extends the sign where signed.
    return np.right_shift(np.left_shift(pixels, up), bits - stored)


def grey_and_range(header: Header, pixels: Stored) -> tuple[FloatImage, tuple[float, float]]:
    """Stored values as float32 grey, and what the stored bits can span.

    Colour becomes grey by BT.601 luma, a palette goes through its tables first. The range is widened to the
    data where a header understates it.
    """
    stored, signed = header.required("BitsStored"), header.required("PixelRepresentation") == 1
    if header.text("PhotometricInterpretation") == "PALETTE COLOR":
        from pydicom.pixels.processing import apply_color_lut

        with decoding(header.file, tag_name("RedPaletteColorLookupTableData"), _MEND_PIXELS):
            pixels = apply_color_lut(pixels, header.dataset)[..., :3]
        stored, signed = pixels.dtype.itemsize * 8, False
    low, high = (-(2 ** (stored - 1)), 2 ** (stored - 1) - 1) if signed else (0, 2**stored - 1)
    limits = float(min(low, pixels.min())), float(max(high, pixels.max()))
    if pixels.ndim == 2:
        return pixels.astype(np.float32), limits
    header.notes.append("colour turned to grey")
    return np.asarray(pixels.astype(np.float32) @ _LUMA, dtype=np.float32), limits


def padding_mask(header: Header, pixels: Stored) -> npt.NDArray[np.bool_] | None:
    """Where pixels hold the padding value or range (PS3.3 C.7.5.1.1.2), None where none is declared."""
    value = header.number("PixelPaddingValue")
    if value is None or pixels.ndim != 2:
        return None
    limit = header.number("PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))
    return np.asarray((pixels >= low) & (pixels <= high))
