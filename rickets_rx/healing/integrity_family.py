"""Values that two patients of one family share: shown, and not counted as independent evidence."""

from itertools import combinations, pairwise
from typing import Any

from rickets_rx.healing.flags import flag, number

Row = dict[str, Any]
Visits = list[dict[str, Row]]
SHARED_RUN = 3  # consecutive equal values of one analyte that chance does not explain (ours)


def family_flags(labs: dict[str, list[Row]], families: dict[str, str]) -> list[Row]:
    """Flags for every pair of patients of one family, given for both.

    A run is `SHARED_RUN` or more consecutive visits of one patient whose values of one analyte equal those of
    consecutive visits of the other. Visits so paired are compared in all analytes.

    Parameters
    ----------
    labs : dict of patient to rows of `LABS_COLUMNS`
    families : dict of patient to family
    """
    found = []
    for one, other in combinations(labs, 2):
        if not families.get(one) or families.get(one) != families.get(other):
            continue
        first, second = _visits(labs[one]), _visits(labs[other])
        paired = shared_visits(first, second)
        if paired:
            found += _flags(one, other, first, second, paired)
    return found


def _visits(rows: list[Row]) -> Visits:
    """Table values by analyte of every visit, in day order."""
    visits: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: row["day"]):
        if row["source"] == "table":
            visits.setdefault(row["visit"], {}).setdefault(row["analyte"], row)
    return list(visits.values())


def shared_visits(first: Visits, second: Visits) -> dict[tuple[int, int], list[str]]:
    """(index, index) of paired visits to the analytes they share; empty without a run."""
    pairs: set[tuple[int, int]] = set()
    for analyte in sorted({name for visit in first for name in visit}):
        pairs |= _runs(first, second, analyte)
    return {pair: _equal(first[pair[0]], second[pair[1]]) for pair in sorted(pairs)}


def _runs(first: Visits, second: Visits, analyte: str) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for shift in range(-len(second) + 1, len(first)):
        run: list[tuple[int, int]] = []
        for j in range(len(second) + 1):
            i = j + shift
            inside = j < len(second) and 0 <= i < len(first)
            if inside and analyte in _equal(first[i], second[j]):
                run.append((i, j))
                continue
            if len(run) >= SHARED_RUN:
                found |= set(run)
            run = []
    return found


def _equal(one: dict[str, Row], other: dict[str, Row]) -> list[str]:
    return [name for name, row in one.items() if name in other and other[name]["value"] == row["value"]]


def _flags(
    one: str, other: str, first: Visits, second: Visits, paired: dict[tuple[int, int], list[str]]
) -> list[Row]:
    found = []
    for (i, j), names in paired.items():
        for mine, theirs, here, there in (
            (one, other, first[i], second[j]),
            (other, one, second[j], first[i]),
        ):
            row, twin = next(iter(here.values())), next(iter(there.values()))
            values = ", ".join(f"{name} {number(here[name]['value'])}" for name in names)
            whole = " (all of them)" if len(names) == len(here) else ""
            words = (
                f"Visit {row['visit']} (day {row['day']}) shares {values}{whole} with visit {twin['visit']} "
                f"(day {twin['day']}) of {theirs}: not independent evidence."
            )
            at = {"table": "labs.csv", "visit": row["visit"], "day": row["day"], "item": ", ".join(names)}
            found.append(flag(mine, "sibling_duplicate", words, other=theirs, **at))
    return found + _intervals(one, other, first, second, paired)


def _intervals(
    one: str, other: str, first: Visits, second: Visits, paired: dict[tuple[int, int], list[str]]
) -> list[Row]:
    """Shared values that lie at different distances in time in the two patients."""
    found = []
    for (i, j), (k, m) in pairwise(paired):
        mine = _day(first[k]) - _day(first[i])
        theirs = _day(second[m]) - _day(second[j])
        if (k - i, m - j) != (1, 1) or mine == theirs:
            continue
        row = next(iter(first[k].values()))
        words = (
            f"These shared values were drawn {mine} days after the visit before; those of {other} "
            f"{theirs} days after it."
        )
        at = {"table": "labs.csv", "visit": row["visit"], "day": row["day"]}
        found.append(flag(one, "shared_values_at_other_interval", words, other=other, **at))
    return found


def _day(visit: dict[str, Row]) -> int:
    return int(next(iter(visit.values()))["day"])
