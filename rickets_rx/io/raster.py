"""Read one radiograph from PNG, TIFF or JPEG. Sizes are bounded from the header; dpi tags are ignored."""

import io
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.errors import InputError
from rickets_rx.io.boundary import decoding
from rickets_rx.io.decoded import Decoded
from rickets_rx.io.limits import check_frame
from rickets_rx.io.magic import Kind
from rickets_rx.radiograph import FloatImage

if TYPE_CHECKING:
    from PIL.Image import Image

Raw = npt.NDArray[Any]

_MEND = "The file is damaged or cut short; export it again"
_MEND_EXPORT = "Export the film as 8 or 16 bit grey PNG or TIFF, or give the DICOM file"

#: ITU-R BT.601 luma, in OpenCV's order blue, green, red.
_LUMA_BGR = np.array([0.114, 0.587, 0.299], dtype=np.float32)

#: TIFF tags (TIFF 6.0) and the EXIF orientation tag, which has the same number.
_BITS_PER_SAMPLE, _SAMPLES_PER_PIXEL, _ORIENTATION = 258, 277, 274

#: Undoes each orientation (TIFF 6.0, EXIF 2.3): values of `PIL.Image.Transpose`.
_TURN_BACK = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}

#: Modes of Pillow with one bit per pixel.
_BILEVEL = "1"


def read_raster(data: bytes, file: str, kind: Kind) -> Decoded:
    """Decode one film held in memory.

    Colour becomes grey (BT.601), transparency is laid over the grey next to it, and a stored orientation is
    not applied: geometry is in pixels of the original file. Polarity is left to the picture.

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        How errors name it.
    kind : Kind
        PNG, JPEG or TIFF, from `magic.sniff`.

    Raises
    ------
    InputError
    """
    notes = _check_header(data, file, kind)
    raw = _pixels(data, file, kind)
    grey = _grey(raw, notes)
    if raw.dtype.kind == "f" and not np.isfinite(grey).all():
        raise InputError(file, "pixels", "holds values that are not finite numbers", _MEND_EXPORT)
    low_bits = raw.dtype == np.uint8
    top = float(np.iinfo(raw.dtype).max) if np.issubdtype(raw.dtype, np.integer) else float(grey.max())
    bottom = 0.0 if np.issubdtype(raw.dtype, np.unsignedinteger) else float(grey.min())
    return Decoded(grey, (bottom, top), low_bits=bool(low_bits), notes=tuple(notes))


def _check_header(data: bytes, file: str, kind: Kind) -> list[str]:
    """Refuse what can be refused before decoding; returns notes."""
    from PIL import Image

    with decoding(file, f"{kind} header", _MEND, "cannot be read"):
        try:
            # Pillow tells colossal pictures by an error class outside the usual ones.
            opened = Image.open(io.BytesIO(data), formats=[str(kind)])
        except Image.DecompressionBombError:
            raise InputError(
                file, f"{kind} size", "is larger than a radiograph can be", "Check the file"
            ) from None
        columns, rows = opened.size
        frames = int(getattr(opened, "n_frames", 1))
        bits, samples = _depth(opened, data, kind)
        notes = _remarks(opened)
        mode = opened.mode
    check_frame(file, f"{kind} size", rows=rows, columns=columns, samples=samples, bits=max(bits, 8))
    if frames > 1:
        raise InputError(
            file, f"{kind} pages", f"{frames} pages in one file", "Save each film as its own file"
        )
    if mode == _BILEVEL or bits == 1:
        raise InputError(file, f"{kind} bit depth", "only black and white, no greys", _MEND_EXPORT)
    return notes


def _depth(opened: "Image", data: bytes, kind: Kind) -> tuple[int, int]:
    """Bits per sample and samples per pixel as the file states them."""
    samples = len(opened.getbands())
    if kind is Kind.PNG:
        return data[24], samples
    if kind is Kind.TIFF:
        tags: Any = getattr(opened, "tag_v2", {})
        stated = tags.get(_BITS_PER_SAMPLE, (1,))
        return int(max(stated)) if isinstance(stated, tuple) else int(stated), int(
            tags.get(_SAMPLES_PER_PIXEL, 1)
        )
    return 8, samples


def _remarks(opened: "Image") -> list[str]:
    notes = []
    if "dpi" in opened.info:
        notes.append("dpi tag ignored: it says nothing about the size of the bone")
    if _orientation(opened) != 1:
        notes.append("orientation tag not applied: coordinates are those of the stored pixels")
    if opened.format == "JPEG":
        notes.append("lossy compression: JPEG")
    return notes


def _orientation(opened: "Image") -> int:
    """The orientation tag; 1 is upright. Not by ``getexif``, which decodes a whole PNG to look for it."""
    from PIL.Image import Exif

    tags: Any = getattr(opened, "tag_v2", None)
    if tags is None:
        tags = Exif()
        tags.load(opened.info.get("exif", b""))
    return int(tags.get(_ORIENTATION, 1))


def _pixels(data: bytes, file: str, kind: Kind) -> Raw:
    """Decode strictly: Pillow refuses a file cut short, OpenCV fills in grey but keeps 16-bit colour."""
    from PIL import Image

    with decoding(file, f"{kind} pixels", _MEND):
        if kind is Kind.PNG:
            Image.open(io.BytesIO(data), formats=["PNG"]).verify()
        opened = Image.open(io.BytesIO(data), formats=[str(kind)])
        turned = _orientation(opened) if kind is Kind.TIFF else 1
        opened.load()
        if turned in _TURN_BACK:
            # Both libraries turn a TIFF by themselves.
            return _by_pillow(opened.transpose(Image.Transpose(_TURN_BACK[turned])))
        if _plain_grey(opened, data, kind):
            return np.asarray(opened)
        raw = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if raw is None:
            raw = _by_pillow(opened)
    if raw.shape[:2] != (opened.height, opened.width):
        raise InputError(file, f"{kind} pixels", "two decoders disagree about the size", _MEND)
    return np.asarray(raw)


def _plain_grey(opened: "Image", data: bytes, kind: Kind) -> bool:
    """Whether Pillow has a PNG's stored values already; then nothing is decoded a second time."""
    if kind is not Kind.PNG or "transparency" in opened.info:
        return False
    return (opened.mode, data[24]) in (("L", 8), ("I;16", 16))


def _by_pillow(opened: "Image") -> Raw:
    """What OpenCV does not read (some TIFF compressions), in OpenCV's order of channels."""
    if opened.mode in ("P", "CMYK", "YCbCr", "LAB"):
        opened = opened.convert("RGB")
    raw = np.asarray(opened)
    if raw.ndim == 3 and raw.shape[2] == 2:
        return np.concatenate([np.repeat(raw[..., :1], 3, axis=2), raw[..., 1:]], axis=2)
    return raw[..., [2, 1, 0, 3][: raw.shape[2]]] if raw.ndim == 3 else raw


def _grey(raw: Raw, notes: list[str]) -> FloatImage:
    """Grey of shape (rows, columns), float32."""
    if raw.ndim == 2:
        return raw.astype(np.float32)
    colour = raw[..., :3]
    if np.array_equal(colour[..., 0], colour[..., 1]) and np.array_equal(colour[..., 0], colour[..., 2]):
        grey = colour[..., 0].astype(np.float32)
    else:
        notes.append("colour turned to grey")
        grey = colour.astype(np.float32) @ _LUMA_BGR
    if raw.shape[2] == 4:
        grey = _over_background(grey, raw[..., 3], notes)
    return np.asarray(grey, dtype=np.float32)


def _over_background(grey: FloatImage, alpha: Raw, notes: list[str]) -> FloatImage:
    """Lay a transparent film over the median grey of the opaque pixels that touch transparency.

    What a picture stores under full transparency is undefined, and black or white would be air or metal
    depending on polarity; the neighbouring grey invents no edge (ours).
    """
    share = alpha.astype(np.float32) / np.float32(np.iinfo(alpha.dtype).max)
    if (share == 1).all():
        return grey
    notes.append("transparent pixels filled with the neighbouring grey")
    opaque = (share == 1).astype(np.uint8)
    rim = (opaque == 1) & (cv2.erode(opaque, np.ones((5, 5), np.uint8)) == 0)
    seen = grey[rim] if rim.any() else grey[share > 0]
    background = np.float32(np.median(seen)) if seen.size else np.float32(0)
    return np.asarray(share * grey + (1 - share) * background, dtype=np.float32)
