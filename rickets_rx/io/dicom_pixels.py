"""Stored values of a DICOM frame: decoder, guards on the compressed stream, unused bits, colour, padding."""

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.io.boundary import decoding
from rickets_rx.io.dicom_header import Header, tag_name
from rickets_rx.io.jpeg12 import decode_jpeg12
from rickets_rx.radiograph import FloatImage

if TYPE_CHECKING:
    from pydicom.uid import UID

Stored = npt.NDArray[Any]

#: ITU-R BT.601 luma.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

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
    stream = _compressed_stream(header) if syntax.is_encapsulated else b""
    with decoding(header.file, tag_name("PixelData"), _MEND_PIXELS):
        _quiet_gdcm()
        if syntax == JPEGExtended12Bit and header.required("BitsStored") > 8:
            pixels = decode_jpeg12(stream, header.required("Rows"), header.required("Columns"))
        else:
            pixels, _ = get_decoder(syntax).as_array(header.dataset, index=0)
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


def _compressed_stream(header: Header) -> bytes:
    """The frame's compressed bytes, refused where their own header contradicts the film's: it may lie big."""
    from pydicom.encaps import get_frame

    with decoding(header.file, tag_name("PixelData"), _MEND_PIXELS):
        stream = get_frame(header.dataset.PixelData, 0, number_of_frames=1)
        size = stream_size(stream)
    expected = (header.required("Rows"), header.required("Columns"))
    if size is not None and size != expected:
        problem = f"the compressed stream holds {size[0]} x {size[1]} pixels, the header says "
        raise header.error("PixelData", problem + f"{expected[0]} x {expected[1]}", _MEND_PIXELS)
    return stream


def stream_size(stream: bytes) -> tuple[int, int] | None:
    """Rows and columns that a JPEG, JPEG-LS or JPEG 2000 stream states in its own header, None for others.

    JPEG and JPEG-LS: the SOFn / SOF55 marker segment (ITU-T T.81 B.2.2, T.87 C.2.2). JPEG 2000: SIZ
    (ITU-T T.800 A.5.1).
    """
    if stream[:4] == b"\xff\x4f\xff\x51":
        x1, y1, x0, y0 = struct.unpack(">4I", stream[8:24])
        return y1 - y0, x1 - x0
    if stream[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            rows, columns = struct.unpack(">HH", stream[at + 5 : at + 9])
            return rows, columns
        at += 2 + struct.unpack(">H", stream[at + 2 : at + 4])[0]
    return None


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
    # Shifting to the top and back down drops unused bits above and below and extends the sign where signed.
    return np.right_shift(np.left_shift(pixels, up), bits - stored)


def stored_range(header: Header, pixels: Stored) -> tuple[float, float]:
    """What the stored bits can span, widened to the data where a header understates it."""
    stored, signed = header.required("BitsStored"), header.number("PixelRepresentation") == 1
    if header.text("PhotometricInterpretation") == "PALETTE COLOR":
        stored, signed = 16, False
    low, high = (-(2 ** (stored - 1)), 2 ** (stored - 1) - 1) if signed else (0, 2**stored - 1)
    if pixels.ndim == 3 or header.text("PhotometricInterpretation") == "PALETTE COLOR":
        return float(low), float(high)
    return float(min(low, pixels.min())), float(max(high, pixels.max()))


def grey_values(header: Header, pixels: Stored) -> FloatImage:
    """Stored values as float32 grey: colour by BT.601 luma, a palette through its tables first."""
    if header.text("PhotometricInterpretation") == "PALETTE COLOR":
        from pydicom.pixels.processing import apply_color_lut

        with decoding(header.file, tag_name("RedPaletteColorLookupTableData"), _MEND_PIXELS):
            pixels = apply_color_lut(pixels, header.dataset)[..., :3]
    if pixels.ndim == 2:
        return pixels.astype(np.float32)
    header.notes.append("colour turned to grey")
    return np.asarray(pixels.astype(np.float32) @ _LUMA, dtype=np.float32)


def padding_mask(header: Header, pixels: Stored) -> npt.NDArray[np.bool_] | None:
    """Where pixels hold the padding value or range (PS3.3 C.7.5.1.1.2), None where none is declared."""
    value = header.number("PixelPaddingValue")
    if value is None or pixels.ndim != 2:
        return None
    limit = header.number("PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))
    return np.asarray((pixels >= low) & (pixels <= high))
