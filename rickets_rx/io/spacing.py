"""Millimetres per pixel of a projection radiograph, and what they mean.

The decision is that of Cornerstone3D (``getPixelSpacingInformation``), extended by SID/SOD where the
magnification factor itself is absent (DICOM PS3.3 C.8.11.7: the factor is the ratio of source-detector to
source-patient distance) and by NominalScannedPixelSpacing of digitised film, which like ImagerPixelSpacing
lies in the plane of the detector.
"""

import math
from dataclasses import dataclass

from rickets_rx.errors import InputError
from rickets_rx.radiograph import Spacing
from rickets_rx.vocabulary import SpacingSource

#: Vertical and horizontal spacing, mm: the order in which DICOM stores them.
Pair = tuple[float, float]

#: Plausible spacing of a radiograph, mm (ours): below, the unit is wrong; above, the value is a placeholder
#: such as 1.0, or no bone margin could be read.
PLAUSIBLE_MM = (0.02, 0.9)

#: Largest difference of the two spacings that still counts as square (ours).
SQUARE_TOLERANCE = 0.01

#: Plausible magnification (ours): a limb lies on the detector or, magnified, half way.
PLAUSIBLE_ERMF = (1.0, 3.0)

_EQUAL = 1e-4


@dataclass(frozen=True)
class SpacingTags:
    """The DICOM attributes the decision rests on; None where absent or empty.

    Parameters
    ----------
    pixel : (row spacing, column spacing), optional
        PixelSpacing (0028,0030), mm.
    imager : (row spacing, column spacing), optional
        ImagerPixelSpacing (0018,1164), mm.
    scanned : (row spacing, column spacing), optional
        NominalScannedPixelSpacing (0018,2010), mm.
    calibration : bool
        PixelSpacingCalibrationType (0028,0A02) or Description (0028,0A04) has a value.
    ermf : float, optional
        EstimatedRadiographicMagnificationFactor (0018,1114).
    sid, sod : float, optional
        DistanceSourceToDetector (0018,1110) and DistanceSourceToPatient (0018,1111), mm.
    """

    pixel: Pair | None = None
    imager: Pair | None = None
    scanned: Pair | None = None
    calibration: bool = False
    ermf: float | None = None
    sid: float | None = None
    sod: float | None = None


TAG_NAMES = {
    "pixel": "PixelSpacing (0028,0030)",
    "imager": "ImagerPixelSpacing (0018,1164)",
    "scanned": "NominalScannedPixelSpacing (0018,2010)",
}


def decide_spacing(tags: SpacingTags, file: str) -> tuple[Spacing, tuple[str, ...]]:
    """The spacing to use with its source, and notes for a person.

    | PixelSpacing | ImagerPixelSpacing (or scanned) | result |
    | --- | --- | --- |
    | absent | absent | ``none`` |
    | present | absent | PixelSpacing, ``unknown`` |
    | absent | present | divided by the magnification where known: ``ermf``; else ``projection`` |
    | equal | equal | PixelSpacing, ``projection`` |
    | differ, calibration attribute present | | PixelSpacing, ``calibrated`` |
    | differ, none present | | PixelSpacing, ``unknown`` |

    Parameters
    ----------
    tags : SpacingTags
    file : str
        How the error names the film.

    Returns
    -------
    (Spacing, notes)
        A spacing that is not positive or lies outside `PLAUSIBLE_MM` counts as absent and is noted.

    Raises
    ------
    InputError
        When a usable spacing differs by more than 1 % between rows and columns: ratios would be wrong too.
    """
    notes: list[str] = []
    usable = {name: _usable(getattr(tags, name), name, notes) for name in TAG_NAMES}
    for name, pair in usable.items():
        if pair is not None:
            check_square(pair, TAG_NAMES[name], file)
    pixel, detector = usable["pixel"], usable["imager"] or usable["scanned"]
    if pixel is None and detector is None:
        return Spacing(), tuple(notes)
    if pixel is None:
        assert detector is not None
        return _at_detector(detector, tags, notes), tuple(notes)
    return Spacing(math.fsum(pixel) / 2, _meaning(pixel, detector, tags.calibration)), tuple(notes)


def check_square(pair: Pair, field: str, file: str) -> None:
    """Refuse pixels whose height and width differ by more than 1 %.

    Raises
    ------
    InputError
    """
    vertical, horizontal = pair
    if abs(vertical - horizontal) > SQUARE_TOLERANCE * max(pair):
        raise InputError(
            file,
            field,
            f"pixels are not square ({vertical:g} x {horizontal:g}, rows x columns)",
            "Resample the film to square pixels first: on oblong ones lengths and ratios are all wrong",
        )


def user_spacing(spacing_mm: float, file: str) -> Spacing:
    """A spacing that the user gave, mm per pixel.

    Raises
    ------
    InputError
        When it is not a number within `PLAUSIBLE_MM`.
    """
    low, high = PLAUSIBLE_MM
    if not low <= spacing_mm <= high:
        raise InputError(
            file,
            "spacing_mm",
            f"{spacing_mm:g} is no plausible pixel spacing",
            f"Give millimetres per pixel between {low} and {high}, or leave it empty",
        )
    return Spacing(float(spacing_mm), SpacingSource.USER)


def _usable(pair: Pair | None, name: str, notes: list[str]) -> Pair | None:
    if pair is None:
        return None
    low, high = PLAUSIBLE_MM
    if not all(math.isfinite(v) and v > 0 for v in pair):
        notes.append(f"{TAG_NAMES[name]} ignored: not positive")
        return None
    if not all(low <= v <= high for v in pair):
        notes.append(f"{TAG_NAMES[name]} ignored: outside {low}-{high} mm")
        return None
    return pair


def _at_detector(detector: Pair, tags: SpacingTags, notes: list[str]) -> Spacing:
    mm = math.fsum(detector) / 2
    factor = tags.ermf
    if factor is None and tags.sid and tags.sod:
        factor = tags.sid / tags.sod
    if factor is None:
        return Spacing(mm, SpacingSource.PROJECTION)
    if not PLAUSIBLE_ERMF[0] <= factor <= PLAUSIBLE_ERMF[1]:
        notes.append("magnification factor (0018,1114) or (0018,1110)/(0018,1111) ignored: not plausible")
        return Spacing(mm, SpacingSource.PROJECTION)
    return Spacing(mm / factor, SpacingSource.ERMF)


def _meaning(pixel: Pair, detector: Pair | None, calibration: bool) -> SpacingSource:
    if detector is None:
        return SpacingSource.UNKNOWN
    if all(math.isclose(a, b, rel_tol=_EQUAL) for a, b in zip(pixel, detector, strict=True)):
        return SpacingSource.PROJECTION
    return SpacingSource.CALIBRATED if calibration else SpacingSource.UNKNOWN
