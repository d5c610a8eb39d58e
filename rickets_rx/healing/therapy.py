"""Therapy as a reader sees it: the dose in words, and per kg or in total only with a weight close in time."""

from typing import TYPE_CHECKING, Any

from rickets_rx.healing.labs import plain_rows
from rickets_rx.healing.timeline import dose_unit

if TYPE_CHECKING:
    import pandas as pd

    from rickets_rx.io.case_folder import CaseFolder

Row = dict[str, Any]
WEIGHT_WITHIN_DAYS = 60  # contract: a dose per kg is converted only with a weight so close


def therapy_table(case: "CaseFolder") -> "pd.DataFrame":
    """therapy.csv and ``label``, ``converted_dose``, ``converted_unit``, ``conversion_reason``."""
    import pandas as pd

    weights: dict[str, list[Row]] = {}
    for row in plain_rows(case.growth):
        if row["measure"] == "weight_kg":
            weights.setdefault(row["patient_id"], []).append(row)
    rows = [
        row | {"label": label(row)} | converted(row, weights.get(row["patient_id"], []))
        for row in plain_rows(case.therapy)
    ]
    more = ["label", "converted_dose", "converted_unit", "conversion_reason"]
    return pd.DataFrame(rows, columns=[*case.therapy.columns, *more]).astype(dict(case.therapy.dtypes))


def label(row: Row) -> str:
    """Drug, route if it is not by mouth, and dose."""
    route = "" if row["route"] in ("", "oral") else f" {row['route']}"
    dose = "" if row["dose"] is None else f" {row['dose']:g} {dose_unit(row)}"
    return f"{row['drug']}{route}{dose}"


def converted(row: Row, weights: list[Row]) -> Row:
    """A total dose per kg, or the other way round; None with a reason where no weight is near enough.

    Parameters
    ----------
    row : dict
        A row of therapy.csv.
    weights : list of dict
        The patient's rows of growth.csv in kg.
    """
    missing = {"converted_dose": None, "converted_unit": ""}
    if row["dose"] is None or row["per"] == "" or row["start_day"] is None:
        return missing | {"conversion_reason": "dose_or_start_not_known"}
    near = [w for w in weights if abs(w["day"] - row["start_day"]) <= WEIGHT_WITHIN_DAYS]
    if not near:
        return missing | {"conversion_reason": f"no_weight_within_{WEIGHT_WITHIN_DAYS}_days"}
    weight = min(near, key=lambda w: abs(w["day"] - row["start_day"]))["value"]
    if row["per"] == "day":
        dose, unit = row["dose"] / weight, f"{row['unit']}/kg/day"
    else:
        dose, unit = row["dose"] * weight, f"{row['unit']}/day"
    return {"converted_dose": dose, "converted_unit": unit, "conversion_reason": ""}
