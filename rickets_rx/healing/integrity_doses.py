"""Integrity of therapy.csv: what is printed against what was read, impossible doses, common starts."""

import re
from dataclasses import dataclass
from typing import Any

from rickets_rx.healing.analytes import normal_unit, slip_factor
from rickets_rx.healing.flags import flag, number
from rickets_rx.healing.labs import INTRAVENOUS

Row = dict[str, Any]
TABLE = "therapy.csv"
TO_MG = {"g": 1000.0, "mg": 1.0, "ug": 0.001, "ng": 1e-6}

# Daily doses that are believed, mg a day or mg/kg a day as `per` says (ours, deliberately wide).
PLAUSIBLE_MG: dict[tuple[str, str], tuple[float, float]] = {
    ("calcium", "day"): (50, 15_000), ("calcium", "kg.day"): (1, 400),
    ("phosphate", "day"): (50, 10_000), ("phosphate", "kg.day"): (1, 300),
    ("calcitriol", "day"): (0.00005, 0.1), ("calcitriol", "kg.day"): (0.000005, 0.01),
    ("cinacalcet", "day"): (1, 360), ("cinacalcet", "kg.day"): (0.05, 7),
}  # fmt: skip
NAMES: dict[str, tuple[str, ...]] = {
    "calcium": ("ca", "calcium"), "phosphate": ("p", "phosphate", "phosphorus"),
    "calcitriol": ("calcitriol",), "cinacalcet": ("cinacalcet",),
    "colecalciferol": ("colecalciferol", "cholecalciferol", "vitamin"),
}  # fmt: skip
DOSE = re.compile(
    r"(?P<dose>\d+(?:\.\d+)?)\s*(?P<unit>mg|g|µg|μg|mcg|ug|IU)\b(?P<per>(?:\s*/\s*(?:kg|mg|day|d)\b)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PrintedDose:
    """A dose as printed: number, unit, and the words after the slash (``kg``, ``day``, or a stray ``mg``)."""

    dose: float
    unit: str
    per: tuple[str, ...]
    text: str


def printed_doses(text: str) -> list[PrintedDose]:
    """Every dose in a printed treatment, in order."""
    found = []
    for match in DOSE.finditer(text):
        per = tuple(part.strip().lower() for part in match["per"].split("/") if part.strip())
        found.append(PrintedDose(float(match["dose"]), normal_unit(match["unit"]), per, match[0].strip()))
    return found


def dose_flags(rows: list[Row]) -> list[Row]:
    """All flags of one patient's therapy rows."""
    found = [one for row in rows for one in (*_printed(row), *_implausible(row), *_name(row))]
    return [*found, *_contradicting(rows), *_starting_together(rows)]


def _at(row: Row) -> dict[str, Any]:
    return {"table": TABLE, "day": row["start_day"], "item": row["drug"]}


def _words(row: Row) -> str:
    per = {"day": "/day", "kg.day": "/kg/day", "": ""}[row["per"]]
    return f"{number(row['dose'])} {row['unit']}{per}"


def _printed(row: Row) -> list[Row]:
    """The dose columns against the printed words: the printed dose with the same number, if any."""
    if row["dose"] is None:
        return []
    said = [dose for dose in printed_doses(row["as_printed"]) if dose.dose == row["dose"]]
    unit = normal_unit(row["unit"])
    per = {"day": {"day"}, "kg.day": {"kg", "day"}, "": set()}[row["per"]]
    if not said or any(d.unit == unit and _same_per(d, per) for d in said):
        return []
    dose = said[0]
    why = "the printed unit is malformed"
    if dose.unit in TO_MG and unit in TO_MG and dose.unit != unit:
        why = f"a factor of {number(max(TO_MG[dose.unit] / TO_MG[unit], TO_MG[unit] / TO_MG[dose.unit]))}"
    elif ("kg" in dose.per) != ("kg" in per):
        why = "per kg of body weight or not"
    words = f"Printed {dose.text!r}, read as {_words(row)} ({why})."
    return [flag(row["patient_id"], "dose_unit_slip", words, **_at(row))]


def _same_per(dose: PrintedDose, per: set[str]) -> bool:
    printed = {"day" if part == "d" else part for part in dose.per}
    # A dose printed without "/day" says nothing against the daily reading.
    return printed == per or (not printed and "kg" not in per) or printed | {"day"} == per


def _implausible(row: Row) -> list[Row]:
    bounds = PLAUSIBLE_MG.get((row["drug"].lower(), row["per"]))
    unit = normal_unit(row["unit"])
    if row["dose"] is None or bounds is None or unit not in TO_MG or row["dose"] == 0:
        return []
    factor = slip_factor(row["dose"] * TO_MG[unit], bounds)
    if factor == 1.0:
        return []
    why = "a slip of a factor 1000 would explain it" if factor else "no factor of 1000 explains it"
    words = f"{row['drug']} {_words(row)} is not a possible dose; {why}."
    return [flag(row["patient_id"], "implausible_dose", words, **_at(row))]


def _name(row: Row) -> list[Row]:
    """A printed line that names no usual name of the drug (lines that name no drug at all are left alone)."""
    names = NAMES.get(row["drug"].lower())
    printed = {word.lower() for word in re.findall(r"[A-Za-z]+\d*", row["as_printed"])}
    named = any(name in printed for name in (names or ()))
    if not names or named or not printed_doses(row["as_printed"]):
        return []
    words = f"Printed {row['as_printed']!r}, read as {row['drug']}."
    return [flag(row["patient_id"], "drug_name_differs", words, **_at(row))]


def _contradicting(rows: list[Row]) -> list[Row]:
    """Two doses of one drug and route at the same time."""
    found = []
    dated = [row for row in rows if row["start_day"] is not None and row["dose"] is not None]
    for i, row in enumerate(dated):
        for other in dated[:i]:
            same = all(row[key] == other[key] for key in ("drug", "route", "per", "unit"))
            if same and row["dose"] != other["dose"] and _overlap(row, other):
                words = (
                    f"{row['drug']}: {_words(other)} ({other['as_printed']!r}) and {_words(row)} "
                    f"({row['as_printed']!r}) are given for the same days."
                )
                found.append(flag(row["patient_id"], "doses_contradict", words, **_at(row)))
    return found


def _overlap(one: Row, other: Row) -> bool:
    ends = [row["end_day"] if row["end_day"] is not None else 10**9 for row in (one, other)]
    return bool(max(one["start_day"], other["start_day"]) < min(ends))


def _starting_together(rows: list[Row]) -> list[Row]:
    """An infusion course and a drug given for the first time on one day: effects cannot be told apart."""
    first: dict[str, int] = {}
    for row in rows:
        if row["start_day"] is not None:
            first[row["drug"]] = min(row["start_day"], first.get(row["drug"], row["start_day"]))
    found = []
    for row in rows:
        if row["route"].lower() not in INTRAVENOUS or row["start_day"] is None:
            continue
        new = [drug for drug, day in first.items() if day == row["start_day"] and drug != row["drug"]]
        if new:
            words = (
                f"An infusion of {row['drug']} and {', '.join(sorted(new))} (new) start on one day: "
                f"their effects cannot be told apart."
            )
            found.append(flag(row["patient_id"], "started_together", words, **_at(row)))
    return found
