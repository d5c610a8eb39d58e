"""Integrity of one patient's laboratory values: contradictions, slips, jumps, repeats, unequal ranges."""

from itertools import pairwise
from typing import Any

from rickets_rx.healing.analytes import ANALYTES, slip_factor
from rickets_rx.healing.flags import flag, number

Row = dict[str, Any]
TABLE = "labs.csv"

# (factor, days): a value may change by more than the factor only over at least so many days, unless an
# infusion ran (ours, wide: calcium and phosphate in blood are buffered, ALP has a half-life of days).
JUMPS: dict[str, tuple[float, int]] = {
    "Ca": (2.0, 7), "Ca_ionised": (2.0, 7), "P": (4.0, 2), "ALP": (5.0, 7), "PTH": (30.0, 2),
    "25OHD": (10.0, 7),
}  # fmt: skip
REPEATED_AT_LEAST = 3  # analytes that must all agree before two visits count as one row repeated (ours)


def lab_flags(rows: list[Row]) -> list[Row]:
    """All flags of one patient's rows (`LABS_COLUMNS`), in day order."""
    rows = sorted(rows, key=lambda row: row["day"])
    return [
        *_text_against_table(rows),
        *_twice(rows),
        *_implausible(rows),
        *_loinc(rows),
        *_repeated_visits(rows),
        *_jumps(rows),
        *_ranges(rows),
        *_visit_order(rows),
    ]


def _at(row: Row) -> dict[str, Any]:
    return {"table": TABLE, "visit": row["visit"], "day": row["day"], "item": row["analyte"]}


def _text_against_table(rows: list[Row]) -> list[Row]:
    tabled = {(r["visit"], r["analyte"]): r["value"] for r in rows if r["source"] == "table"}
    found = []
    for row in rows:
        printed = tabled.get((row["visit"], row["analyte"]))
        if row["source"] == "text" and printed is not None and printed != row["value"]:
            words = (
                f"The text gives {row['analyte']} {number(row['value'])} {row['unit']}, the table "
                f"{number(printed)}. The table's value is used."
            )
            found.append(flag(row["patient_id"], "text_contradicts_table", words, **_at(row)))
    return found


def _twice(rows: list[Row]) -> list[Row]:
    """Two rows of one visit, analyte and source: repeated if equal, contradicting if not."""
    seen: dict[tuple[str, str, str], Row] = {}
    found = []
    for row in rows:
        first = seen.setdefault((row["visit"], row["analyte"], row["source"]), row)
        if first is row:
            continue
        code = "repeated_row" if first["value"] == row["value"] else "contradicting_rows"
        words = (
            f"{row['analyte']} of visit {row['visit']} stands twice: {number(first['value'])} and "
            f"{number(row['value'])} {row['unit']}."
        )
        found.append(flag(row["patient_id"], code, words, **_at(row)))
    return found


def _implausible(rows: list[Row]) -> list[Row]:
    found = []
    for row in rows:
        analyte = ANALYTES.get(row["analyte"])
        factor = 1.0 if analyte is None else slip_factor(row["value"], analyte.plausible)
        if analyte is None or factor == 1.0:
            continue
        said = f"{analyte.name} {number(row['value_as_given'])} {row['unit_as_given']}"
        if factor is None:
            found.append(flag(row["patient_id"], "impossible_value", f"{said} is not possible.", **_at(row)))
            continue
        words = (
            f"{said} is not possible; a slip of a factor 1000 would explain it. The value is used as given."
        )
        found.append(flag(row["patient_id"], "unit_slip", words, **_at(row)))
    return found


def _loinc(rows: list[Row]) -> list[Row]:
    """A LOINC code that is known, but not for this analyte."""
    found = []
    for row in rows:
        analyte = ANALYTES.get(row["analyte"])
        if not row["loinc"] or analyte is None:
            continue
        own = (*analyte.loinc_mass, *analyte.loinc_molar)
        if own and row["loinc"] not in own:
            words = f"LOINC {row['loinc']} is not a code of {analyte.name} that is known here."
            found.append(flag(row["patient_id"], "loinc_mismatch", words, **_at(row)))
    return found


def _visits(rows: list[Row]) -> dict[str, dict[str, Row]]:
    """Table rows by visit and analyte, visits in day order."""
    visits: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["source"] == "table":
            visits.setdefault(row["visit"], {}).setdefault(row["analyte"], row)
    return visits


def _repeated_visits(rows: list[Row]) -> list[Row]:
    visits = list(_visits(rows).items())
    seen: dict[tuple[tuple[str, float], ...], str] = {}
    found = []
    for visit, values in visits:
        key = tuple(sorted((name, row["value"]) for name, row in values.items()))
        if len(key) < REPEATED_AT_LEAST:
            continue
        first = seen.setdefault(key, visit)
        if first != visit:
            row = next(iter(values.values()))
            words = f"All {len(key)} values of visit {visit} are those of visit {first}."
            at = _at(row) | {"item": ", ".join(values)}
            found.append(flag(row["patient_id"], "repeated_row", words, **at))
    return found


def _jumps(rows: list[Row]) -> list[Row]:
    found = []
    for analyte, (factor, least) in JUMPS.items():
        mine = [r for r in rows if r["analyte"] == analyte and r["used"] and not r["near_infusion"]]
        for before, after in pairwise(mine):
            low, high = sorted((before["value"], after["value"]))
            days = after["day"] - before["day"]
            if days < least and low > 0 and high / low > factor:
                words = (
                    f"{analyte} goes from {number(before['value'])} to {number(after['value'])} "
                    f"{after['unit']} in {days} days without an infusion."
                )
                found.append(flag(after["patient_id"], "impossible_jump", words, **_at(after)))
    return found


def _ranges(rows: list[Row]) -> list[Row]:
    """Per analyte: values judged differently by both ranges, and ranges of another maker's platform."""
    found = []
    for analyte in dict.fromkeys(row["analyte"] for row in rows):
        mine = [r for r in rows if r["analyte"] == analyte and r["used"]]
        both = [r for r in mine if r["printed_flag"] and r["age_flag"]]
        split = [r for r in both if r["printed_flag"] != r["age_flag"]]
        if split:
            visits = ", ".join(dict.fromkeys(row["visit"] for row in split))
            words = (
                f"{len(split)} of {len(both)} {analyte} values are judged differently by the printed range "
                f"({_range(split[0], '')}) and by age ({_range(split[0], 'age_')}): visits {visits}."
            )
            at = {"table": TABLE, "item": analyte, "visit": split[0]["visit"], "day": split[0]["day"]}
            found.append(flag(split[0]["patient_id"], "ranges_disagree", words, **at))
        other = [r for r in mine if r["platform_match"] == 0]
        if other:
            row = other[0]
            words = (
                f"{analyte} was measured on {row['platform']}; the age range is of another platform "
                f"({row['age_range_source']})."
            )
            found.append(flag(row["patient_id"], "platform_mismatch", words, **_at(row)))
    return found


def _range(row: Row, prefix: str) -> str:
    return f"{number(row[f'{prefix}range_low'])}-{number(row[f'{prefix}range_high'])} {row['unit']}"


def _visit_order(rows: list[Row]) -> list[Row]:
    """Numbered visits whose numbers do not follow their days."""
    days = {row["visit"]: row for row in rows if row["visit"].isdigit()}
    ordered = sorted(days.values(), key=lambda row: int(row["visit"]))
    return [
        flag(
            after["patient_id"],
            "visits_out_of_order",
            f"Visit {after['visit']} (day {after['day']}) comes before visit {before['visit']} "
            f"(day {before['day']}).",
            **(_at(after) | {"item": ""}),
        )
        for before, after in pairwise(ordered)
        if after["day"] < before["day"]
    ]
