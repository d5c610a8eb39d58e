"""flags.csv: what a reader should know before believing a case folder, raised from its tables alone.

Codes
-----
labs: ``text_contradicts_table``, ``repeated_row``, ``contradicting_rows``, ``unit_slip``,
``impossible_value``, ``impossible_jump``, ``ranges_disagree``, ``platform_mismatch``,
``loinc_mismatch``, ``visits_out_of_order``, ``one_range_for_all_ages``;
family: ``sibling_duplicate``, ``shared_values_at_other_interval``;
therapy: ``dose_unit_slip``, ``implausible_dose``, ``drug_name_differs``, ``doses_contradict``,
``started_together``; claims: ``called_*_against_own_values``, ``claim_without_value``,
``event_not_seen_in_values``, ``findings_conflict``; days: ``ambiguous_day``, ``ambiguous_film_day``.
"""

from typing import TYPE_CHECKING, Any

from rickets_rx.healing.flags import flag, number
from rickets_rx.healing.integrity_claims import claim_flags
from rickets_rx.healing.integrity_days import day_flags
from rickets_rx.healing.integrity_doses import dose_flags
from rickets_rx.healing.integrity_family import family_flags
from rickets_rx.healing.integrity_labs import lab_flags
from rickets_rx.healing.labs import plain_rows
from rickets_rx.healing.result import FLAGS_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

Row = dict[str, Any]


def integrity_flags(case: "CaseFolder", labs: "pd.DataFrame") -> "pd.DataFrame":
    """Every flag of a case folder in `FLAGS_COLUMNS`, patients in their order.

    Parameters
    ----------
    case : CaseFolder
    labs : DataFrame
        `LABS_COLUMNS`, from `judge_labs`.
    """
    import pandas as pd

    tables = {
        name: _by_patient(getattr(case, name))
        for name in ("labs", "radiographs", "therapy", "events", "findings")
    }
    judged = _by_patient(labs)
    people = plain_rows(case.patients)
    found: list[Row] = []
    for person in people:
        patient = person["patient_id"]
        mine = {name: rows.get(patient, []) for name, rows in tables.items()}
        found += lab_flags(judged.get(patient, []))
        found += dose_flags(mine["therapy"])
        found += claim_flags(mine["events"], mine["findings"], judged.get(patient, []))
        found += day_flags(mine["labs"], mine["radiographs"])
    found += _within_families(people, judged)
    found += _one_range_for_all_ages(people, judged)
    order = {person["patient_id"]: i for i, person in enumerate(people)}
    found.sort(key=lambda row: order[row["patient_id"]])
    return pd.DataFrame(found, columns=list(FLAGS_COLUMNS)).astype({"day": "Int64"})


def _by_patient(table: "pd.DataFrame") -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in plain_rows(table):
        groups.setdefault(row["patient_id"], []).append(row)
    return groups


def _within_families(people: list[Row], judged: dict[str, list[Row]]) -> list[Row]:
    """Family by family, so that the cost stays linear in patients."""
    families: dict[str, list[str]] = {}
    for person in people:
        if person["family_id"]:
            families.setdefault(person["family_id"], []).append(person["patient_id"])
    found: list[Row] = []
    for family, members in families.items():
        if len(members) > 1:
            found += family_flags({m: judged.get(m, []) for m in members}, dict.fromkeys(members, family))
    return found


def _one_range_for_all_ages(people: list[Row], judged: dict[str, list[Row]]) -> list[Row]:
    """One printed range used for children to whom the age table gives different ranges."""
    printed: dict[tuple[Any, ...], dict[tuple[float, float], Row]] = {}
    for person in people:
        for row in judged.get(person["patient_id"], []):
            if row["printed_flag"] and row["age_flag"]:
                key = (row["analyte"], row["range_low"], row["range_high"])
                printed.setdefault(key, {}).setdefault((row["age_range_low"], row["age_range_high"]), row)
    found = []
    for (analyte, low, high), ages in printed.items():
        if len(ages) < 2:
            continue
        by_age = "; ".join(f"{number(a)}-{number(b)}" for a, b in ages)
        for row in {row["patient_id"]: row for row in ages.values()}.values():
            words = (
                f"The printed {analyte} range {number(low)}-{number(high)} {row['unit']} is used at ages "
                f"that have different ranges ({by_age})."
            )
            at = {"table": "labs.csv", "item": analyte, "visit": row["visit"], "day": row["day"]}
            found.append(flag(row["patient_id"], "one_range_for_all_ages", words, **at))
    return found
