"""Which way a bone goes, once earlier films of the same bone are known (contract: `healing` needs one).

Radiographically healed = zone continuous, no fraying, no lucency; residual cupping or flare does not
block it.
"""

from collections.abc import Iterable
from typing import Any

from rickets_rx.features.registry import Features, FeatureValue, feature_units
from rickets_rx.grade.signs import SEEN, Evidence
from rickets_rx.vocabulary import Activity, Flag, Status

Row = dict[str, Any]
# A fall of severity under this is within the repeatability of one film and says nothing (ours).
LEAST_FALL = 0.125


def with_course(rows: Iterable[Row]) -> list[Row]:
    """Rows of scores.csv with `activity` settled from earlier films of the same patient, side and bone.

    Rows without patient, day or side are returned as they are: nothing earlier is known of them, and an
    unknown side cannot be compared. Order is kept; rows are copied where they change.
    """
    rows = list(rows)
    films: dict[tuple[Any, ...], list[int]] = {}
    for i, row in enumerate(rows):
        if row.get("status") == Status.SCORED and _comparable(row):
            films.setdefault((row["patient_id"], row["side"], row["bone"]), []).append(i)
    for same_bone in films.values():
        for i in same_bone:
            earlier = [rows[j] for j in same_bone if rows[j]["day"] < rows[i]["day"]]
            active = [row for row in earlier if row["activity"] == Activity.ACTIVE]
            if active:
                rows[i] = rows[i] | {"activity": activity_after(active, rows[i])}
    return rows


def _comparable(row: Row) -> bool:
    return all(row.get(name) not in (None, "") for name in ("patient_id", "day", "side"))


def activity_after(active: list[Row], row: Row) -> Activity:
    """Activity of a bone that was active on at least one earlier film.

    Parameters
    ----------
    active : list of rows of earlier active films of this bone, at least one
    row : the film at hand
    """
    evidence = Evidence.of(_features(row))
    if evidence.activity_absent:
        if row["grade"] == 0:
            return Activity.NONE
        # A dense zone under a change of shape, however shallow, is bone being laid down; once the zone is no
        # denser than others only the shape is left.
        return Activity.HEALING if _dense_zone(row) else Activity.RESIDUAL
    fell = max(earlier["severity"] for earlier in active) - row["severity"] >= LEAST_FALL
    zone_back = evidence.lucency.value is not None and evidence.lucency.value < SEEN
    if fell and (zone_back or _dense_zone(row)):
        return Activity.HEALING
    return Activity(row["activity"])


def _dense_zone(row: Row) -> bool:
    """Either flag: on a single film ``possible_healing`` asks for a deep cup; after an active film the
    earlier film stands in for it (ours).
    """
    return bool({Flag.DENSE_ZONE, Flag.POSSIBLE_HEALING} & set(str(row["flags"]).split(";")))


def _features(row: Row) -> Features:
    values = {name: row.get(name) for name in feature_units()}
    return {
        name: FeatureValue(None, "missing") if value is None else FeatureValue(float(value))
        for name, value in values.items()
    }
