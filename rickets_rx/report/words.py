"""Contract words as a person reads them: bones, reasons, flags, grades with their intervals."""

from rickets_rx.grade.result import BoneGrade
from rickets_rx.vocabulary import Activity, Bone, Flag, RefusalReason

SYNTHETIC = "synthetic film, not the patient's"

BONE_WORDS: dict[Bone, str] = {
    Bone.RADIUS: "Radius",
    Bone.ULNA: "Ulna",
    Bone.HUMERUS: "Humerus",
    Bone.RADIUS_PROXIMAL: "Proximal radius",
    Bone.ULNA_PROXIMAL: "Proximal ulna",
}
REASON_WORDS: dict[RefusalReason, str] = {
    RefusalReason.NOT_A_RADIOGRAPH: "not a radiograph",
    RefusalReason.WRONG_BODY_PART: "another body part",
    RefusalReason.LATERAL_VIEW: "lateral view",
    RefusalReason.OBLIQUE: "oblique view",
    RefusalReason.CAST_OR_METAL: "cast or metal",
    RefusalReason.CLOSED_PHYSIS: "growth plate closed",
    RefusalReason.CUT_OFF: "cut off by the edge of the film",
    RefusalReason.TOO_FEW_PIXELS: "too few pixels",
    RefusalReason.POOR_EXPOSURE: "poor exposure",
    RefusalReason.OVERLAPPED: "overlapped by another bone",
    RefusalReason.FRACTURE_OR_LESION: "fracture or lesion",
    RefusalReason.AMBIGUOUS: "ambiguous",
    RefusalReason.UNREADABLE: "file could not be read",
}
FLAG_WORDS: dict[Flag, str] = {
    Flag.POSSIBLE_NORMAL_VARIANT: "possibly a normal variant",
    Flag.POSSIBLE_HEALING: "possibly healing",
    Flag.MARGIN_DISSOLVED: "margin dissolved",
    Flag.DENSE_ZONE: "dense zone",
    Flag.LOW_RESOLUTION: "low resolution",
    Flag.OBLIQUE: "oblique",
    Flag.NO_EPIPHYSIS: "no epiphysis",
    Flag.LOW_CONFIDENCE: "low confidence",
}
ACTIVITY_WORDS: dict[Activity, str] = {
    Activity.NONE: "no activity",
    Activity.ACTIVE: "active",
    Activity.HEALING: "healing",
    Activity.RESIDUAL: "residual",
    Activity.INDETERMINATE: "activity unclear",
}


def number(value: float, digits: int = 3) -> str:
    """A number with at most ``digits`` significant digits, no exponent, a true minus sign.

    Examples
    --------
    >>> number(1.50), number(-0.0912), number(2278.0)
    ('1.5', '−0.0912', '2278')
    """
    whole = abs(value) >= 10 ** (digits - 1)
    text = f"{value:.0f}" if whole else f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.6f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def interval(low: float, high: float) -> str:
    """``low–high``; a single number where both are the same."""
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def grade_words(grade: BoneGrade) -> str:
    """Grade with its interval, as ``1.5 (1–2)``."""
    return f"{number(grade.grade)} ({interval(grade.grade_low, grade.grade_high)})"
