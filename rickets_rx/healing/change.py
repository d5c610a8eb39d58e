"""`change_index`: how a bone changed between two films, -3 (much worse) to 3 (near healed).

The mapping is ours, fixed here before it was tested; it borrows the seven steps of the Radiographic Global
Impression of Change, which remains a human reading (`rgic`) and another column.

1. Grade. The fall of the grade gives the first value: 0 -> 0, half a grade -> 1, one grade -> 2, one and a
   half or more -> 3; a rise gives the same with a minus.
2. Signs. Zone, fraying and gap each vote +1 (healing), -1 or 0 (table `VOTES`). Two or more votes that
   outnumber the others move the value by one step in their direction.
3. Activity. A bone that was active and now heals or is residual is at least +1 if the grade did not rise; one
   that was not active and now is, at most -1 if the grade did not fall.
4. +3 means near or complete healing: it needs a grade of 0.5 or less at the end, else +2 stands.
   -3 likewise needs a grade of 1.5 or more, else -2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rickets_rx.vocabulary import Activity

# Feature -> (sign of healing, least difference that is a vote). Sizes are ours.
VOTES: dict[str, tuple[int, float]] = {
    "zone_continuity": (1, 0.2),
    "fraying": (-1, 0.01),
    "gap": (-1, 0.05),
}
TURNED = (Activity.HEALING, Activity.RESIDUAL, Activity.NONE)


@dataclass(frozen=True)
class Change:
    """An index from -3 to 3, or None and the reason."""

    value: int | None
    reason: str = ""


def change_index(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Change:
    """Change between two rows of scores.csv of one bone.

    Parameters
    ----------
    before, after : mapping
        Rows with ``grade``, ``activity``, ``side``, ``bone`` and the features of `VOTES` (None: missing).

    Returns
    -------
    Change
        None with ``no_earlier_film``, ``not_graded``, ``side_not_known`` or ``another_bone_or_side``.
    """
    if before is None:
        return Change(None, "no_earlier_film")
    if not before.get("side") or not after.get("side"):
        return Change(None, "side_not_known")
    if (before["side"], before["bone"]) != (after["side"], after["bone"]):
        return Change(None, "another_bone_or_side")
    if before.get("grade") is None or after.get("grade") is None:
        return Change(None, "not_graded")
    fall = float(before["grade"]) - float(after["grade"])
    index = _by_grade(fall) + _by_signs(before, after)
    index = _by_activity(index, fall, str(before.get("activity")), str(after.get("activity")))
    return Change(_within(index, float(after["grade"])))


def _by_grade(fall: float) -> int:
    steps = min(3, round(abs(fall) * 2))
    return steps if fall > 0 else -steps


def _by_signs(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    votes = [_vote(before.get(name), after.get(name), *rule) for name, rule in VOTES.items()]
    better, worse = votes.count(1), votes.count(-1)
    if max(better, worse) < 2:
        return 0
    return 1 if better > worse else -1


def _vote(before: Any, after: Any, sign: int, least: float) -> int:
    if before is None or after is None:
        return 0
    gain = sign * (float(after) - float(before))
    return int(gain >= least) - int(gain <= -least)


def _by_activity(index: int, fall: float, before: str, after: str) -> int:
    if before == Activity.ACTIVE and after in TURNED and fall >= 0:
        return max(index, 1)
    if before != Activity.ACTIVE and after == Activity.ACTIVE and fall <= 0:
        return min(index, -1)
    return index


def _within(index: int, grade_after: float) -> int:
    highest = 3 if grade_after <= 0.5 else 2
    lowest = -3 if grade_after >= 1.5 else -2
    return max(lowest, min(highest, index))
