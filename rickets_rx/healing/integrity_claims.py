"""What is said of values and films, held against the values and against each other.

events.csv may carry claims, ``<kind>:<analyte>``: ``called_normal``, ``called_near_normal``, ``called_low``,
``called_high``, ``called_at_upper_limit`` and ``called_fall``. A claim is held against the table values of
the visit that has its day and bounds, else of all visits within its bounds.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from rickets_rx.healing.analytes import find_analyte
from rickets_rx.healing.flags import flag, number

Row = dict[str, Any]
NEAR = 0.1  # "near normal" is within a tenth of the limit (ours)
AT_LIMIT = 0.95  # "at the upper limit" is at least this share of it and not above (ours)


def claim_flags(events: list[Row], findings: list[Row], labs: list[Row]) -> list[Row]:
    """All flags of one patient's events and findings."""
    values = [row for row in labs if row["source"] == "table" or row["used"]]
    found = []
    for event in events:
        kind, _, name = event["event"].partition(":")
        if kind in CLAIMS:
            found += _claim(event, kind, name, values)
        elif kind == "hypocalcaemia":
            found += _unseen_fall(event, values)
    return found + _findings_that_conflict(findings)


def _claim(event: Row, kind: str, name: str, values: list[Row]) -> list[Row]:
    analyte = find_analyte(name)
    mine = [row for row in values if analyte is not None and row["analyte"] == analyte.name]
    mine = sorted(_in_window(event, mine, kind), key=lambda row: row["day"])
    at = {"table": "events.csv", "day": event["day"], "item": name}
    words = kind.removeprefix("called_").replace("_", " ")
    if not mine:
        return [
            flag(
                event["patient_id"],
                "claim_without_value",
                f"{event['source']} calls {name} {words}; no value of it is in the tables for that time.",
                **at,
            )
        ]
    if CLAIMS[kind](mine):
        return []
    shown = ", ".join(number(row["value"]) for row in mine)
    limits = f"{number(mine[0]['range_low'])}-{number(mine[0]['range_high'])} {mine[0]['unit']}"
    said = f"{event['source']} says {name}: {words} ({event['text']!r})"
    said = f"{said}; the values are {shown} (range {limits})."
    return [flag(event["patient_id"], f"{kind}_against_own_values", said, visit=mine[-1]["visit"], **at)]


def _in_window(event: Row, rows: list[Row], kind: str) -> list[Row]:
    """Values of the claim's own day if its bounds are those of that visit, else all within its bounds."""
    same = [row for row in rows if all(row[key] == event[key] for key in ("day", "day_low", "day_high"))]
    if same and kind != "called_fall":
        return same
    return [row for row in rows if event["day_low"] <= row["day"] <= event["day_high"]]


def _any_normal(rows: list[Row]) -> bool:
    return any(row["printed_flag"] == "normal" for row in rows)


def _near_normal(rows: list[Row]) -> bool:
    """Any value within a tenth of a limit, or inside."""
    for row in rows:
        low, high = row["range_low"], row["range_high"]
        if (low is None or row["value"] >= low * (1 - NEAR)) and (
            high is None or row["value"] <= high * (1 + NEAR)
        ):
            return True
    return False


def _at_upper_limit(rows: list[Row]) -> bool:
    return any(row["range_high"] and AT_LIMIT <= row["value"] / row["range_high"] <= 1 for row in rows)


def _fell(rows: list[Row]) -> bool:
    return len(rows) >= 2 and rows[-1]["value"] < rows[0]["value"]


CLAIMS: dict[str, Callable[[list[Row]], bool]] = {
    "called_normal": _any_normal,
    "called_near_normal": _near_normal,
    "called_low": lambda rows: any(row["printed_flag"] == "low" for row in rows),
    "called_high": lambda rows: any(row["printed_flag"] == "high" for row in rows),
    "called_at_upper_limit": _at_upper_limit,
    "called_fall": _fell,
}


def _unseen_fall(event: Row, values: list[Row]) -> list[Row]:
    """A passing hypocalcaemia during which Ca never falls from one value to the next."""
    rows = sorted((row for row in values if row["analyte"] == "Ca"), key=lambda row: row["day"])
    rows = [row for row in rows if event["day_low"] <= row["day"] <= event["day_high"]]
    falls = any(after["value"] < before["value"] for before, after in pairwise(rows))
    if falls or len(rows) < 2:
        return []
    shown = ", ".join(number(row["value"]) for row in rows)
    words = (
        f"{event['source']} tells of hypocalcaemia ({event['text']!r}); Ca in that time only rises: {shown}."
    )
    at = {"table": "events.csv", "day": event["day"], "item": "Ca"}
    return [flag(event["patient_id"], "event_not_seen_in_values", words, **at)]


def _findings_that_conflict(findings: list[Row]) -> list[Row]:
    """Two findings of one day that point to different directions."""
    found = []
    for i, row in enumerate(findings):
        for other in findings[:i]:
            same_day = all(row[key] == other[key] for key in ("day", "day_low", "day_high"))
            same_joint = "" in (row["joint"], other["joint"]) or row["joint"] == other["joint"]
            if same_day and same_joint and row["direction"] != other["direction"]:
                words = (
                    f"{other['source']} says {other['text']!r}, {row['source']} says {row['text']!r}, "
                    f"both of day {row['day']}."
                )
                at = {"table": "findings.csv", "day": row["day"], "item": row["joint"] or other["joint"]}
                found.append(flag(row["patient_id"], "findings_conflict", words, **at))
    return found
