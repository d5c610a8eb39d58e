"""Days that can be read in more than one way, for visits and films."""

from typing import Any

from rickets_rx.healing.flags import flag

Row = dict[str, Any]


def day_flags(labs: list[Row], films: list[Row]) -> list[Row]:
    """Flags of one patient's rows of labs.csv and radiographs.csv (as read, with ``anchor``)."""
    visits = {row["visit"]: row for row in labs}
    found = [_ambiguous(row, "labs.csv", row["visit"], "") for row in visits.values()]
    found += [_ambiguous(row, "radiographs.csv", "", row["film_id"]) for row in films]
    return [one for one in found if one is not None]


def _ambiguous(row: Row, table: str, visit: str, film: str) -> Row | None:
    """A day of several readings, or a free one; a day that only follows its anchor is left alone."""
    readings = row["anchor"].count("|") + 1 if row["anchor"] else 0
    uncertain = row["day_low"] < row["day_high"]
    if readings == 1 or not uncertain:
        return None
    what = f"visit {visit}" if visit else f"film {film}"
    how = f"can be read in {readings} ways" if readings else "is not known exactly"
    words = f"The day of {what} {how}: {row['day_low']} to {row['day_high']}, taken as {row['day']}."
    code = "ambiguous_day" if visit else "ambiguous_film_day"
    return flag(row["patient_id"], code, words, table=table, visit=visit, day=row["day"], item=film)
