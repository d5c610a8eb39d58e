"""One integrity flag, as a row of flags.csv."""

from typing import Any

Row = dict[str, Any]


def flag(
    patient_id: str,
    code: str,
    message: str,
    *,
    table: str,
    visit: str = "",
    day: int | None = None,
    item: str = "",
    other: str = "",
) -> Row:
    """A row of `FLAGS_COLUMNS`.

    Parameters
    ----------
    patient_id : str
    code : str
        One word per kind of finding.
    message : str
        Plain words for a reader.
    table : str
        File of the case folder that shows it.
    visit, day, item, other
        Visit, central day, analyte or drug or film, and the other patient concerned.
    """
    return {
        "patient_id": patient_id,
        "code": code,
        "table": table,
        "visit": visit,
        "day": day,
        "item": item,
        "other_patient_id": other,
        "message": message,
    }


def number(value: float | None) -> str:
    """A value as a reader would write it: no trailing zeros, ``?`` where it is not known."""
    if value is None:
        return "?"
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
