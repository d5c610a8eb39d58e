"""Contract words as a person reads them: bones, reasons, flags, grades with their intervals."""

import math
from collections.abc import Mapping
from typing import Any

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
    Flag.CORRECTED: "corrected by a reader",
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
    >>> number(1.50), number(-0.0912), number(2278.0), number(472248.0)
    ('1.5', '−0.0912', '2278', '472\u202f248')
    """
    if abs(value) >= 10_000:
        return f"{value:,.0f}".replace(",", "\u202f").replace("-", "−")
    whole = abs(value) >= 10 ** (digits - 1)
    text = f"{value:.0f}" if whole else f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if float(text) == 0 else text.replace("-", "−")


def interval(low: float, high: float) -> str:
    """``low–high``, or ``low to high`` where a minus sign would mislead; one number where both are equal."""
    if low == high:
        return number(low)
    return f"{number(low)}{' to ' if low < 0 or high < 0 else '–'}{number(high)}"


def estimate(value: float, low: float | None, high: float | None) -> tuple[str, str]:
    """A value and its interval, all with the decimals that give the largest of them three digits.

    Examples
    --------
    >>> estimate(-0.1402, -0.2741, -0.0001), estimate(0.766, 0.766, 0.766)
    (('−0.140', '−0.274 to 0.000'), ('0.766', ''))
    """
    ends = [end for end in (low, high) if end is not None]
    largest = max(abs(number) for number in (value, *ends))
    digits = min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest else 0
    shown = [_fixed(number, digits) for number in (value, *ends)]
    # An interval without width says no more than the value.
    if len(ends) < 2 or low == high == value:
        return shown[0], ""
    return shown[0], f"{shown[1]}{' to ' if min(ends) < 0 else '–'}{shown[2]}"


def _fixed(value: float, digits: int) -> str:
    if abs(value) >= 10_000:
        return number(value)
    text = f"{round(value, digits) + 0.0:.{digits}f}"
    return text.replace("-", "−")


def grade_words(grade: BoneGrade) -> str:
    """Grade with its interval, as ``1.5 (1–2)``."""
    return f"{number(grade.grade)} ({interval(grade.grade_low, grade.grade_high)})"


def phase_words(phase: str) -> str:
    """``3_cinacalcet`` as ``3 cinacalcet``: the user's own name, underscores as spaces."""
    words = phase.replace("_", " ")
    return words.replace(" iv", " i.v.") if words.endswith(" iv") or " iv " in words else words


_ROUTES = {"oral": "", "iv": "i.v.", "sc": "s.c.", "im": "i.m."}
_PER = {"day": "/day", "kg.day": "/kg/day"}


def drug_words(row: Mapping[str, Any]) -> str:
    """Drug with its route where that is not by mouth."""
    route = _cell(row.get("route"))
    return f"{_cell(row.get('drug'))} {_ROUTES.get(route, route)}".strip()


def dose_words(row: Mapping[str, Any]) -> str:
    """Dose as the table gives it, ``0.25 mg/kg/day``; ``dose not given`` without a number."""
    dose = row.get("dose")
    if dose is None or dose == "" or dose != dose:
        return "dose not given"
    per = _cell(row.get("per"))
    return f"{number(float(dose))} {_cell(row.get('unit'))}{_PER.get(per, f'/{per}' if per else '')}"


_GROWTH = {"height_cm": ("height", "cm"), "weight_kg": ("weight", "kg"), "head_cm": ("head", "cm")}


def growth_words(row: Mapping[str, Any]) -> str:
    """``height 83 cm``."""
    name, unit = _GROWTH.get(_cell(row.get("measure")), (_cell(row.get("measure")), ""))
    value = row.get("value")
    return f"{name} {number(float(value), 4)} {unit}".rstrip() if value is not None else name


DIRECTION_WORDS: dict[int, str] = {
    1: "healing described",
    0: "no change or none described",
    -1: "rickets described",
}
"""What a report says of a film (contract, findings.csv); no comparison with an earlier film is implied."""


def direction_of(row: Mapping[str, Any]) -> int | None:
    """Direction of a finding, -1, 0 or 1; None where the table gives none."""
    cell = _cell(row.get("direction"))
    return None if cell == "" else max(-1, min(1, int(float(cell))))


def finding_words(row: Mapping[str, Any]) -> str:
    """``rickets described: “cupping”``; the quotation alone where no direction is given."""
    said = f"“{words}”" if (words := _cell(row.get("text"))) else ""
    direction = direction_of(row)
    return ": ".join(filter(None, ("" if direction is None else DIRECTION_WORDS[direction], said)))


def age_words(days: float) -> str:
    """Age in months up to two years, then in years with one decimal (a month is 30.44 days)."""
    return f"{days / 30.4375:.0f} mo" if days < 730.5 else f"{days / 365.25:.1f} y"


def _cell(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def bone_words(bone: str) -> str:
    """A bone's name for a reader; an unknown one as it stands."""
    return BONE_WORDS[Bone(bone)] if bone in list(Bone) else bone


def reason_words(reason: str) -> str:
    """A refusal reason in words; an unknown one as it stands."""
    return REASON_WORDS[RefusalReason(reason)] if reason in list(RefusalReason) else reason.replace("_", " ")
