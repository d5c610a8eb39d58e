"""Read one projection radiograph from a DICOM file: every guard first, then pixels, then hints."""

import math
from typing import TYPE_CHECKING

from rickets_rx.io.boundary import decoding
from rickets_rx.io.decoded import Decoded
from rickets_rx.io.dicom_file import parse
from rickets_rx.io.dicom_guard import check_header
from rickets_rx.io.dicom_header import Header, joint_hint, side_hint, spacing_tags, tag_name, view_hint
from rickets_rx.io.dicom_pixels import grey_and_range, padding_mask, stored_values
from rickets_rx.io.spacing import decide_spacing
from rickets_rx.radiograph import BURNED_IN, FloatImage, Polarity, PolaritySource

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def read_dicom(data: bytes, file: str) -> Decoded:
    """Decode one DICOM radiograph.

    Order: size and kind from the header, pixels, modality LUT, then polarity. The VOI window or VOI LUT only
    becomes ``display_window``. Inverted pixels are reflected within the range that the stored bits span after
    the modality LUT (``low + high - value``), so that values stay finite and denser is higher.

    Parameters
    ----------
    data : bytes
        The whole file.
    file : str
        How errors name it.

    Raises
    ------
    InputError
        Naming the attribute with its tag.
    """
    dataset = parse(data, file)
    header = Header(dataset, file)
    check_header(header)
    spacing, spacing_notes = decide_spacing(spacing_tags(header), file)
    stored = stored_values(header)
    padding = padding_mask(header, stored)
    values, (low, high) = _modality_lut(header, *grey_and_range(header, stored))
    polarity, known = _polarity(header)
    window = _display_window(header)
    if polarity.inverted:
        values = (low + high) - values
        window = window and (low + high - window[1], low + high - window[0])
    _fill_padding(values, padding)
    side, view, joint = side_hint(header), view_hint(header), joint_hint(header)
    _note_remarks(header)
    return Decoded(
        pixels=values,
        spacing=spacing,
        polarity=polarity if known else None,
        side=side,
        view=view,
        joint=joint,
        display_window=window,
        low_bits=header.required("BitsStored") <= 8,
        notes=tuple(dict.fromkeys((*spacing_notes, *header.notes))),
        stored_limits=(low, high),
    )


def _modality_lut(
    header: Header, values: FloatImage, limits: tuple[float, float]
) -> tuple[FloatImage, tuple[float, float]]:
    """Apply rescale or LUT (PS3.3 C.11.1) and return the values with the range the stored bits can span."""
    import numpy as np

    low, high = limits
    if header.has("ModalityLUTSequence"):
        from pydicom.pixels.processing import apply_modality_lut

        field = tag_name("ModalityLUTSequence")
        with decoding(header.file, field, "Remove the damaged table or export the film again"):
            looked_up = apply_modality_lut(values.astype(np.int32), header.dataset).astype(np.float32)
            ends = apply_modality_lut(np.arange(int(low), int(high) + 1, dtype=np.int32), header.dataset)
        return looked_up, (float(ends.min()), float(ends.max()))
    slope, intercept = header.number("RescaleSlope"), header.number("RescaleIntercept")
    if slope is None and intercept is None:
        return values, limits
    slope, intercept = 1.0 if slope is None else slope, intercept or 0.0
    if slope == 0:
        raise header.error("RescaleSlope", "is 0: every pixel would be equal", "Correct the header")
    ends_of_range = sorted((low * slope + intercept, high * slope + intercept))
    if not all(abs(end) < 1e9 for end in ends_of_range):
        raise header.error("RescaleSlope", "gives values beyond any film", "Correct the header")
    scaled = values * np.float32(slope) + np.float32(intercept)
    return scaled, (ends_of_range[0], ends_of_range[1])


def _polarity(header: Header) -> tuple[Polarity, bool]:
    """Polarity as the header states it, and whether it states it at all.

    MONOCHROME1 shows the lowest value white (PS3.3 C.7.6.3.1.2). PresentationLUTShape INVERSE says the same
    once more in DX (C.8.11.3.1.2 couples the two), so both together are one inversion.
    """
    photometric, shape = header.text("PhotometricInterpretation"), header.text("PresentationLUTShape")
    if not photometric.startswith("MONOCHROME"):
        return Polarity(), False
    inverted = photometric == "MONOCHROME1" or shape == "INVERSE"
    if (photometric, shape) in (("MONOCHROME1", "IDENTITY"), ("MONOCHROME2", "INVERSE")):
        header.notes.append("PhotometricInterpretation and PresentationLUTShape disagree: taken as inverted")
    sign = header.number("PixelIntensityRelationshipSign")
    if sign in (1, -1) and (sign == 1) != inverted:
        header.notes.append(
            "PixelIntensityRelationshipSign (0028,1041) disagrees with the polarity of the display"
        )
    return Polarity(dense_bright=not inverted, inverted=inverted, source=PolaritySource.DICOM), True


def _display_window(header: Header) -> tuple[float, float] | None:
    """First VOI window, or range of the first VOI LUT, in units after the modality LUT (PS3.3 C.11.2)."""
    center, width = header.number("WindowCenter"), header.number("WindowWidth")
    if center is not None and width is not None:
        if header.text("VOILUTFunction") in ("", "LINEAR"):
            center, width = center - 0.5, width - 1
        if width > 0 and math.isfinite(center) and abs(center) + width < 1e9:
            return center - width / 2, center + width / 2
        header.notes.append("WindowWidth (0028,1051) ignored: no usable window")
    table = header.item("VOILUTSequence")
    return _table_window(table) if table else None


def _table_window(table: Header) -> tuple[float, float] | None:
    """Inputs between which a VOI LUT rises from 1 % to 99 % of its outputs (ours)."""
    import numpy as np

    descriptor, outputs = table.numbers("LUTDescriptor"), np.asarray(table.numbers("LUTData"), np.float64)
    if len(descriptor) != 3 or outputs.size < 2 or outputs.min() == outputs.max():
        return None
    first = descriptor[1] if descriptor[1] < 32768 else descriptor[1] - 65536
    share = (outputs - outputs.min()) / (outputs.max() - outputs.min())
    inside = np.flatnonzero((share > 0.01) & (share < 0.99))
    if inside.size < 2:
        return None
    return float(first + inside[0]), float(first + inside[-1])


def _fill_padding(values: FloatImage, padding: "npt.NDArray[np.bool_] | None") -> None:
    """Give padding the lowest value of the real pixels: it is no density at all."""
    if padding is not None and padding.any() and not padding.all():
        values[padding] = values[~padding].min()


def _note_remarks(header: Header) -> None:
    if header.text("BurnedInAnnotation") == "YES":
        header.notes.append(f"{BURNED_IN} (0028,0301)")
    if header.text("LossyImageCompression") in ("01", "1"):
        header.notes.append("lossy compression declared (0028,2110)")
    if header.text("PresentationIntentType") == "FOR PROCESSING":
        header.notes.append("for processing (0008,0068): raw detector values")
