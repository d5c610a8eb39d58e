"""timeline.csv: every observation of every patient on one axis of days."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rickets_rx.healing.course import Phase, phase_on
from rickets_rx.healing.labs import plain_rows
from rickets_rx.healing.result import TIMELINE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

Row = dict[str, Any]
KINDS = ("lab", "film", "therapy_start", "therapy_end", "event", "finding", "growth")
UNITS = {"height_cm": "cm", "weight_kg": "kg", "head_cm": "cm"}


def timeline_table(
    case: "CaseFolder", labs: "pd.DataFrame", films: list[Row], phases: Mapping[str, list[Phase]]
) -> "pd.DataFrame":
    """`TIMELINE_COLUMNS`, ordered by patient (as in patients.csv), day and kind."""
    import pandas as pd

    rows = [
        *(_lab(row) for row in plain_rows(labs)),
        *(_film(row) for row in films),
        *(row for course in plain_rows(case.therapy) for row in _therapy(course)),
        *(_event(row) for row in plain_rows(case.events)),
        *(_finding(row) for row in plain_rows(case.findings)),
        *(_growth(row) for row in plain_rows(case.growth)),
    ]
    for row in rows:
        row["phase"] = row.get("phase") or phase_on(phases.get(row["patient_id"], []), row["day"])
    order = {patient: i for i, patient in enumerate(case.patients["patient_id"])}
    rows.sort(key=lambda row: (order[row["patient_id"]], row["day"], KINDS.index(row["kind"])))
    whole = {"day": "Int64", "day_low": "Int64", "day_high": "Int64", "synthetic": "Int64"}
    return pd.DataFrame(rows, columns=list(TIMELINE_COLUMNS)).astype(whole)


def _same(row: Row, *names: str) -> Row:
    return {name: row.get(name) for name in ("patient_id", "day", "day_low", "day_high", *names)}


def _lab(row: Row) -> Row:
    shared = _same(
        row, "visit", "phase", "phase_started", "context", "value", "unit", "value_si", "unit_si",
        "range_low", "range_high", "printed_flag", "age_range_low", "age_range_high", "age_flag", "multiple",
        "source",
    )  # fmt: skip
    flags = [
        word for word, on in (("near_infusion", row["near_infusion"]), ("not_used", not row["used"])) if on
    ]
    return shared | {"kind": "lab", "item": row["analyte"], "flags": ";".join(flags)}


def _film(row: Row) -> Row:
    return _same(row, "side", "synthetic", "flags") | {
        "kind": "film",
        "visit": row["film_id"],
        "item": row["bone"] or row["joint"],
        "value": row.get("grade"),
        "value_low": row.get("grade_low"),
        "value_high": row.get("grade_high"),
        "unit": row.get("scale") or "",
        "source": "synthetic film, not the patient's" if row["synthetic"] else "film",
        "text": "; ".join(word for word in (row["activity"], row["reason"]) if word),
    }


def _therapy(course: Row) -> list[Row]:
    """A start and an end, where they are known."""
    found = []
    for end in ("start", "end"):
        if course[f"{end}_day"] is not None:
            found.append(
                {
                    "patient_id": course["patient_id"],
                    "day": course[f"{end}_day"],
                    "day_low": course[f"{end}_low"],
                    "day_high": course[f"{end}_high"],
                    "kind": f"therapy_{end}",
                    "phase": course["phase"],
                    "item": course["drug"],
                    "value": course["dose"],
                    "unit": dose_unit(course),
                    "text": course["as_printed"],
                }
            )
    return found


def dose_unit(course: Row) -> str:
    """``mg/kg/day`` from unit and per."""
    return course["unit"] + {"day": "/day", "kg.day": "/kg/day", "": ""}[course["per"]]


def _event(row: Row) -> Row:
    return _same(row, "text", "source") | {"kind": "event", "item": row["event"]}


def _finding(row: Row) -> Row:
    shared = _same(row, "text", "source")
    return shared | {"kind": "finding", "item": row["joint"], "value": row["direction"], "unit": "direction"}


def _growth(row: Row) -> Row:
    bounds = {"day_low": row["day"], "day_high": row["day"], "unit": UNITS[row["measure"]]}
    return _same(row, "value", "source") | bounds | {"kind": "growth", "item": row["measure"]}
