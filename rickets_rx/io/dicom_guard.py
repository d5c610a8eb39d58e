"""What is refused from a DICOM header alone, before any pixel is decoded."""

from rickets_rx.io.dicom_header import Header, tag_name
from rickets_rx.io.limits import check_frame
from rickets_rx.io.spacing import SQUARE_TOLERANCE

#: Modalities that hold projection radiographs (PS3.3 C.7.3.1.1.1): computed and digital radiography,
#: digitised film, and what secondary captures are labelled with.
_RADIOGRAPHY = {"CR", "DX", "RG", "OT", "SC", "DR", ""}

#: Others that may be named in an error; any other word is not repeated.
_OTHER_MODALITIES = {
    *("CT", "MR", "US", "NM", "PT", "XA", "RF", "MG", "IO", "PX", "ES", "GM", "SM", "XC", "OP", "OCT", "BMD"),
    *(
        "SR",
        "PR",
        "KO",
        "SEG",
        "DOC",
        "ECG",
        "RTIMAGE",
        "RTDOSE",
        "RTSTRUCT",
        "RTPLAN",
        "REG",
        "AU",
        "HD",
        "BI",
    ),
}

_SUPPORTED_BITS = (8, 16)

_SAMPLES = (1, 3)

_AGAIN = "Export the film again"


def check_header(header: Header) -> None:
    """Refuse what is no single-frame radiograph or too large, naming the attribute.

    Raises
    ------
    InputError
    """
    _check_modality(header)
    _check_frames(header)
    _check_bits(header)
    _check_size(header)


def _check_modality(header: Header) -> None:
    modality = header.text("Modality")
    if modality not in _RADIOGRAPHY:
        word = modality if modality in _OTHER_MODALITIES else "this modality"
        raise header.error(
            "Modality", f"{word} is no projection radiograph", "Give a CR, DX or digitised film"
        )
    if not modality:
        header.notes.append("Modality (0008,0060) is missing")


def _check_frames(header: Header) -> None:
    for keyword in ("FloatPixelData", "DoubleFloatPixelData"):
        if keyword in header.dataset:
            raise header.error(keyword, "float pixels are no stored radiograph", "Export as CR or DX")
    if "PixelData" not in header.dataset:
        raise header.error("PixelData", "is missing", "This object holds no picture; export the film itself")
    frames = header.number("NumberOfFrames")
    if frames is not None and frames != 1:
        raise header.error("NumberOfFrames", f"{frames:g} frames in one file", "Export each film alone")


def _check_bits(header: Header) -> None:
    bits, stored, high = (header.required(k) for k in ("BitsAllocated", "BitsStored", "HighBit"))
    if bits not in _SUPPORTED_BITS:
        raise header.error("BitsAllocated", f"{bits} bits per value", "Export with 8 or 16 bits allocated")
    if not 1 < stored <= bits:
        raise header.error("BitsStored", f"{stored} of {bits} bits", _AGAIN)
    if not stored - 1 <= high < bits:
        raise header.error("HighBit", f"{high} with {stored} bits stored", _AGAIN)
    if header.required("PixelRepresentation") not in (0, 1):
        raise header.error("PixelRepresentation", "is neither 0 nor 1", _AGAIN)


def _check_size(header: Header) -> None:
    samples, bits = header.required("SamplesPerPixel"), header.required("BitsAllocated")
    if samples not in _SAMPLES:
        raise header.error("SamplesPerPixel", f"{samples} values per pixel", "Export the film in grey")
    if not header.has("PhotometricInterpretation"):
        raise header.error("PhotometricInterpretation", "is missing", _AGAIN)
    field = f"{tag_name('Rows')} x {tag_name('Columns')}"
    rows, columns = header.required("Rows"), header.required("Columns")
    check_frame(header.file, field, rows=rows, columns=columns, samples=samples, bits=bits)
    aspect = header.pair("PixelAspectRatio")
    if aspect and min(aspect) > 0 and abs(aspect[0] / aspect[1] - 1) > SQUARE_TOLERANCE:
        raise header.error("PixelAspectRatio", "pixels are not square", "Resample to square pixels first")
