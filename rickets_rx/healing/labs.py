"""Laboratory values judged: one unit per analyte, both ranges with their flags, infusions set aside."""

from typing import TYPE_CHECKING, Any

from rickets_rx.healing.analytes import ANALYTES, Analyte, find_analyte, unit_factor
from rickets_rx.healing.reference import age_range, flag_of, platforms_match
from rickets_rx.healing.result import LABS_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

AFTER_INFUSION_DAYS = 7  # a value drawn within so many days after an infusion is set aside (ours)
INTRAVENOUS = ("iv", "i.v.", "intravenous")
COMPUTED = "computed"
"""Source of a value that this package made from others."""

Row = dict[str, Any]


def judge_labs(case: "CaseFolder") -> "pd.DataFrame":
    """Every laboratory row of a case folder in `LABS_COLUMNS`, ordered by patient, day, visit and analyte.

    A value in an analyte that is not known keeps its unit and printed flag and gets nothing else. Calcium
    corrected for the albumin of the same visit is added as an analyte of its own (`corrected_calcium`).
    """
    import pandas as pd

    people = {row["patient_id"]: row for row in plain_rows(case.patients)}
    courses = infusions(case.therapy)
    rows = [
        _judge(row, people[row["patient_id"]], courses.get(row["patient_id"], []))
        for row in plain_rows(case.labs)
    ]
    _mark_used(rows)
    rows += corrected_calcium(rows)
    table = pd.DataFrame(rows, columns=list(LABS_COLUMNS))
    order = table.assign(rank=pd.factorize(table["patient_id"])[0])
    return table.loc[order.sort_values(["rank", "day"], kind="stable").index].reset_index(drop=True)


def plain_rows(table: "pd.DataFrame") -> list[Row]:
    """Rows as dictionaries of plain values, a missing number as None."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def infusions(therapy: "pd.DataFrame") -> dict[str, list[tuple[int, int]]]:
    """(start, end) in central days of every intravenous course whose both ends are known, by patient."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row in plain_rows(therapy):
        known = row["start_day"] is not None and row["end_day"] is not None
        if row["route"].lower() in INTRAVENOUS and known:
            found.setdefault(row["patient_id"], []).append((row["start_day"], row["end_day"]))
    return found


def near_infusion(day: int, context: str, courses: list[tuple[int, int]]) -> bool:
    """Drawn during an infusion or within 7 days after it; the day a course starts counts as before it."""
    during = any(start < day <= end + AFTER_INFUSION_DAYS for start, end in courses)
    return context == "infusion_on" or during


def _judge(row: Row, person: Row, courses: list[tuple[int, int]]) -> Row:
    analyte = find_analyte(row["analyte"], row["loinc"])
    judged = {name: row.get(name) for name in LABS_COLUMNS}
    judged |= {
        "value_as_given": row["value"],
        "unit_as_given": row["unit"],
        "phase_started": row["phase_started_at_visit"],
        "printed_flag": flag_of(row["value"], row["range_low"], row["range_high"]),
        "near_infusion": int(near_infusion(row["day"], row["context"], courses)),
        "used": 1,
    }
    if analyte is None:
        return judged
    judged |= _in_own_unit(row, analyte) | _by_age(row, analyte, person)
    return judged | _multiple(judged, analyte)


def _in_own_unit(row: Row, analyte: Analyte) -> Row:
    factor = unit_factor(row["unit"], analyte)
    value = row["value"] * factor
    return {
        "analyte": analyte.name,
        "value": value,
        "unit": analyte.unit,
        "value_si": value * analyte.si_factor,
        "unit_si": analyte.unit_si,
        "range_low": None if row["range_low"] is None else row["range_low"] * factor,
        "range_high": None if row["range_high"] is None else row["range_high"] * factor,
    }


def _by_age(row: Row, analyte: Analyte, person: Row) -> Row:
    born = person["age_days_at_day0"]
    age = None if born is None else born + row["day"]
    found = age_range(analyte.name, age, sex=person["sex"], platform=row["platform"])
    if found is None:
        return {"age_flag": "", "age_range_source": ""}
    match = platforms_match(found.platform, row["platform"])
    return {
        "age_range_low": found.low,
        "age_range_high": found.high,
        "age_flag": flag_of(row["value"] * unit_factor(row["unit"], analyte), found.low, found.high),
        "age_range_source": found.label(),
        "platform_match": None if match is None else int(match),
    }


def _multiple(judged: Row, analyte: Analyte) -> Row:
    """Value over the limit that disease crosses: the lower one for Ca, P and vitamin D, else the upper."""
    side = "low" if analyte.lower_limit_matters else "high"
    limit = judged[f"range_{side}"] or judged.get(f"age_range_{side}")
    of = {"low": "lower limit", "high": "upper limit"}[side]
    return {"multiple": judged["value"] / limit, "multiple_of": of} if limit else {"multiple_of": ""}


def corrected_calcium(rows: list[Row]) -> list[Row]:
    """Calcium corrected for albumin, Ca + 0.8 x (4.0 g/dL - albumin) mg/dL, where a visit holds both.

    Source: Payne and others, Br Med J 1973;4:643, made in adults and not tested in rickets. The measured
    value stays; the range is that of calcium, since the corrected value is what calcium would be at 4.0 g/dL.
    Nothing is computed where the laboratory gives its own corrected value.

    Parameters
    ----------
    rows : list of dict
        Judged rows, `used` marked.

    Returns
    -------
    list of dict
        Further rows, ``source`` `COMPUTED`.
    """
    visits: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        if row["used"]:
            visits.setdefault((row["patient_id"], row["visit"]), {}).setdefault(row["analyte"], row)
    found = [(v["Ca"], v["albumin"]) for v in visits.values() if {"Ca", "albumin"} <= set(v)]
    given = {key for key, values in visits.items() if "Ca_corrected" in values}
    return [_corrected(ca, alb) for ca, alb in found if (ca["patient_id"], ca["visit"]) not in given]


def _corrected(calcium: Row, albumin: Row) -> Row:
    value = calcium["value"] + 0.8 * (4.0 - albumin["value"])
    limits = calcium["range_low"], calcium["range_high"]
    aged = calcium.get("age_range_low"), calcium.get("age_range_high")
    row = calcium | {
        "analyte": "Ca_corrected",
        "loinc": "",
        "value": value,
        "value_si": value * ANALYTES["Ca_corrected"].si_factor,
        "value_as_given": None,
        "unit_as_given": "",
        "printed_flag": flag_of(value, *limits),
        "age_flag": flag_of(value, *aged),
        "source": COMPUTED,
    }
    return row | _multiple(row, ANALYTES["Ca_corrected"])


def _mark_used(rows: list[Row]) -> None:
    """A text value beside a table value of the same visit and analyte is shown and not used."""
    tabled = {(r["patient_id"], r["visit"], r["analyte"]) for r in rows if r["source"] == "table"}
    for row in rows:
        if row["source"] == "text" and (row["patient_id"], row["visit"], row["analyte"]) in tabled:
            row["used"] = 0
