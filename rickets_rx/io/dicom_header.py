"""Safe access to a DICOM header, and what it hints about side, view and joint.

Header text is foreign: only words known here ever leave this module, so that a name typed into the wrong
field can reach no note, error or output.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rickets_rx.errors import InputError
from rickets_rx.io.boundary import decoding
from rickets_rx.io.spacing import Pair, SpacingTags
from rickets_rx.vocabulary import Joint, Side, View

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MEND_HEADER = "Export the film again, or correct this attribute"


def tag_name(keyword: str) -> str:
    """``Rows (0028,0010)`` for the keyword ``Rows``."""
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(keyword)
    return keyword if tag is None else f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"


class Header:
    """Attributes of one data set as plain Python values.

    Parameters
    ----------
    dataset : pydicom.Dataset
    file : str
        How errors name the film.

    Attributes
    ----------
    notes : list of str
        Optional attributes that could not be read, and other remarks; filled as attributes are asked for.
    """

    def __init__(self, dataset: "Dataset", file: str) -> None:
        self.dataset, self.file = dataset, file
        self.notes: list[str] = []

    def error(self, keyword: str, problem: str, mend: str = _MEND_HEADER) -> InputError:
        """An InputError that names the attribute with its tag."""
        return InputError(self.file, tag_name(keyword), problem, mend)

    def text(self, keyword: str) -> str:
        """Upper-case text without blanks at the ends, the first of several values, empty where absent.

        Also empty, and noted, where a damaged file holds nested data sets there: printing those can take
        gigabytes.
        """
        from pydicom import Dataset

        value = self._optional(keyword)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            value = value[0] if len(value) else ""
        if isinstance(value, Dataset):
            self.notes.append(f"{tag_name(keyword)} ignored: not a text")
            return ""
        return "" if value is None or isinstance(value, bytes) else str(value).strip().upper()

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """All values of a numeric attribute, empty where absent or not numeric (then noted)."""
        value = self._optional(keyword)
        if value is None or value == "":
            return ()
        values = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]
        try:
            numbers = tuple(float(v) for v in values)
        except (TypeError, ValueError):
            numbers = (math.nan,)
        if all(math.isfinite(n) for n in numbers):
            return numbers
        self.notes.append(f"{tag_name(keyword)} ignored: not a number")
        return ()

    def number(self, keyword: str) -> float | None:
        """The first value of a numeric attribute, None where absent."""
        return next(iter(self.numbers(keyword)), None)

    def pair(self, keyword: str) -> Pair | None:
        """An attribute of two values (rows, columns), None where absent."""
        values = self.numbers(keyword)
        return (values[0], values[1]) if len(values) == 2 else None

    def required(self, keyword: str) -> int:
        """A whole number without which the pixels cannot be read.

        Raises
        ------
        InputError
        """
        with decoding(self.file, tag_name(keyword), _MEND_HEADER, "cannot be read"):
            value = self.dataset.get(keyword)
        if value is None or value == "":
            raise self.error(keyword, "is missing")
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(keyword, "is not one whole number")
        return value

    def has(self, keyword: str) -> bool:
        """Whether the attribute is there with a value."""
        value = self._optional(keyword)
        return value is not None and value != "" and (not hasattr(value, "__len__") or len(value) > 0)

    def item(self, keyword: str) -> "Header | None":
        """The first item of a sequence; None where absent or where a damaged file holds something else."""
        from pydicom import Dataset

        value = self._optional(keyword)
        first = value[0] if isinstance(value, Sequence) and len(value) else None
        return Header(first, self.file) if isinstance(first, Dataset) else None

    def _optional(self, keyword: str) -> Any:
        try:
            with decoding(self.file, tag_name(keyword), _MEND_HEADER):
                return self.dataset.get(keyword)
        except InputError:
            self.notes.append(f"{tag_name(keyword)} ignored: cannot be read")
            return None


def spacing_tags(header: Header) -> SpacingTags:
    """What the header says about spacing, for `io.spacing.decide_spacing`."""
    return SpacingTags(
        pixel=header.pair("PixelSpacing"),
        imager=header.pair("ImagerPixelSpacing"),
        scanned=header.pair("NominalScannedPixelSpacing"),
        calibration=header.has("PixelSpacingCalibrationType")
        or header.has("PixelSpacingCalibrationDescription"),
        ermf=header.number("EstimatedRadiographicMagnificationFactor"),
        sid=header.number("DistanceSourceToDetector"),
        sod=header.number("DistanceSourceToPatient"),
    )


_SIDES = {"L": Side.LEFT, "R": Side.RIGHT, "LEFT": Side.LEFT, "RIGHT": Side.RIGHT}


def side_hint(header: Header) -> Side | None:
    """Side from ImageLaterality (0020,0062), Laterality (0020,0060); None where absent or in conflict."""
    found = {_SIDES.get(header.text(keyword)) for keyword in ("ImageLaterality", "Laterality")} - {None}
    if len(found) > 1:
        header.notes.append("ImageLaterality (0020,0062) and Laterality (0020,0060) disagree: no side taken")
        return None
    return next(iter(found), None)


# ViewPosition (0018,5101), defined terms of CR and DX (PS3.3 C.8.1.2, C.8.11.5) and common words.
_VIEWS: dict[str, View] = (
    dict.fromkeys(("AP", "PA", "A/P", "P/A", "FRONTAL", "DP", "PD"), View.FRONTAL)
    | dict.fromkeys(("LL", "RL", "LAT", "LATERAL", "L LAT", "R LAT", "LM", "ML"), View.LATERAL)
    | dict.fromkeys(("RLO", "LLO", "RAO", "LAO", "RPO", "LPO", "OBL", "OBLIQUE", "LO", "RO"), View.OBLIQUE)
)

# ViewCodeSequence (0054,0220), CID 4010: SNOMED CT codes and their older SNOMED-RT forms.
_VIEW_CODES: dict[str, View] = (
    dict.fromkeys(("399348003", "R-10206", "272479007", "R-10214"), View.FRONTAL)
    | dict.fromkeys(
        ("399067008", "R-102CD", "399198007", "R-10232", "399173006", "R-10236", "399260004", "R-10224"),
        View.LATERAL,
    )
    | dict.fromkeys(
        (
            *("399182000", "R-102C1", "399312000", "R-10208", "399059000", "R-10216", "399099002", "R-10230"),
            *("399368009", "R-10226", "399135007", "R-10220", "399356000", "R-40985", "399006002", "R-10212"),
            *("399038007", "R-10210", "399184004", "R-10238", "399236003", "R-10234", "399160007", "R-10204"),
        ),
        View.OBLIQUE,
    )
)


def view_hint(header: Header) -> View | None:
    """Projection from ViewCodeSequence, else ViewPosition; None where neither is a known term."""
    code = header.item("ViewCodeSequence")
    coded = _VIEW_CODES.get(code.text("CodeValue")) if code else None
    return coded or _VIEWS.get(header.text("ViewPosition"))


# BodyPartExamined (0018,0015), PS3.16 annex L and common words; joint None: seen, but not one of ours.
_BODY_PARTS: dict[str, Joint | None] = {
    **dict.fromkeys(("WRIST", "HAND", "HANDS", "WRISTS", "CARPUS", "HAND WRIST", "WRIST HAND"), Joint.WRIST),
    **dict.fromkeys(("ELBOW", "ELBOWS"), Joint.ELBOW),
    **dict.fromkeys(
        (
            *(
                "FOREARM",
                "ARM",
                "UPPERARM",
                "HUMERUS",
                "RADIUS",
                "ULNA",
                "RADIUSULNA",
                "SHOULDER",
                "CLAVICLE",
            ),
            *("FINGER", "THUMB", "ANKLE", "FOOT", "TOE", "KNEE", "LEG", "FEMUR", "THIGH", "TIBIA", "FIBULA"),
            *("TIBIAFIBULA", "CALCANEUS", "HIP", "PELVIS", "SPINE", "CSPINE", "TSPINE", "LSPINE", "CHEST"),
            *("RIB", "SKULL", "HEAD", "JAW", "ABDOMEN", "BREAST", "WHOLEBODY", "SCAPULA", "PATELLA", "NECK"),
        ),
        None,
    ),
}

# AnatomicRegionSequence (0008,2218), SNOMED CT with the older SNOMED-RT forms.
_REGION_CODES: dict[str, Joint] = (
    dict.fromkeys(("74670003", "T-15460", "8205005", "T-D8600", "85562004", "T-D8700"), Joint.WRIST)
) | dict.fromkeys(("16953009", "T-15430"), Joint.ELBOW)

#: Words that say nothing about the joint.
_VAGUE = {"", "EXTREMITY", "UP EXM", "UPPER EXTREMITY", "UPPEREXTREMITY", "OTHER", "UNKNOWN"}


def joint_hint(header: Header) -> Joint | None:
    """Joint where the header is unambiguous; anything else it says becomes a note ``body_part=<word>``.

    The field is often wrong or empty in practice, so it is a hint. Downstream may use the note
    ``body_part=ankle`` as evidence for ``wrong_body_part``, never alone. Words outside the lists above are
    noted as ``body_part=unrecognised``, because free text may hold anything.
    """
    region = header.item("AnatomicRegionSequence")
    coded = _REGION_CODES.get(region.text("CodeValue")) if region else None
    word = header.text("BodyPartExamined").replace("_", " ")
    word = "" if word in _VAGUE else word
    if word and _BODY_PARTS.get(word) is None:
        header.notes.append(f"body_part={word.lower() if word in _BODY_PARTS else 'unrecognised'}")
    worded = _BODY_PARTS.get(word)
    if coded and worded and coded is not worded:
        header.notes.append(
            "BodyPartExamined (0018,0015) and AnatomicRegionSequence disagree: no joint taken"
        )
        return None
    return coded or worded
