"""Uncertain days as scenarios: one draw moves a whole chain of rows, and their order never reverses.

A *node* is one visit or one film. It falls on its own day (certain), anywhere between its bounds (uncertain,
uniform: ours), or a whole number of days after an anchor; where several readings are possible each is equally
likely (ours). Draws whose visits, or whose films, would come in another order than their central days are
impossible and are drawn again, so that all scenarios that keep the order stay equally likely.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rickets_rx.errors import InputError

IntArray = npt.NDArray[np.int64]
BATCHES = 200  # of rejected draws before the sequential draw takes over (ours)


@dataclass(frozen=True)
class Node:
    """One dated thing of a patient.

    Parameters
    ----------
    key : str
        ``visit:<visit>`` or ``film:<film_id>``.
    day, low, high : int
        Central day and bounds.
    alternatives : tuple of (key, offset)
        Readings of an anchored day, the central one first; empty for a day of its own.
    """

    key: str
    day: int
    low: int
    high: int
    alternatives: tuple[tuple[str, int], ...] = ()

    @property
    def kind(self) -> str:
        """``visit`` or ``film``: order is kept among nodes of one kind."""
        return self.key.split(":", 1)[0]

    @property
    def certain(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, eq=False)
class Days:
    """Scenario days of one patient.

    Parameters
    ----------
    nodes : dict of str to Node
    drawn : dict of str to ndarray of shape (draws,), int64
        Draw 0 is the central scenario.
    """

    nodes: Mapping[str, Node]
    drawn: Mapping[str, IntArray]
    draws: int

    def of(self, key: str) -> IntArray:
        """Days of a node, shape (draws,)."""
        return self.drawn[key]

    def like(self, day: int, low: int, high: int) -> IntArray:
        """Days of something that is no node but shares the uncertainty of one, shape (draws,).

        A day whose centre and bounds are those of an uncertain visit, all shifted by one constant, moves with
        that visit (an infusion course that ends five days after an uncertain visit, say). Otherwise it is
        drawn from `spread`.
        """
        if low == high:
            return np.full(self.draws, day, dtype=np.int64)
        for key, node in self.nodes.items():
            shifts = {day - node.day, low - node.low, high - node.high}
            if not node.certain and len(shifts) == 1:
                return self.drawn[key] + shifts.pop()
        return spread(day, low, high, self.draws)


def spread(day: int, low: int, high: int, draws: int) -> IntArray:
    """The bounds evenly covered in a fixed scrambled order (golden ratio), draw 0 on the central day."""
    share = (np.arange(draws) * 0.6180339887498949) % 1.0
    days = low + np.floor(share * (high - low + 1)).astype(np.int64)
    days[:1] = day
    return days


def draw_days(nodes: Iterable[Node], *, draws: int, rng: np.random.Generator, patient: str = "") -> Days:
    """Draw scenarios of one patient's nodes.

    Parameters
    ----------
    nodes : iterable of Node
    draws : int
        At least 1; the first draw is always the central days.
    rng : Generator
    patient : str
        For messages.

    Returns
    -------
    Days

    Raises
    ------
    InputError
        When anchors run in a circle, or no scenario keeps the order within the bounds.
    """
    ordered = _by_anchor(list(nodes), patient)
    chains = [
        sorted((n for n in ordered if n.kind == kind), key=lambda n: n.day) for kind in ("visit", "film")
    ]
    columns = {node.key: np.full(draws, node.day, dtype=np.int64) for node in ordered}
    if draws > 1 and any(not node.certain for node in ordered):
        accepted = _accepted(ordered, chains, draws - 1, rng)
        missing = draws - 1 - len(accepted[ordered[0].key])
        if missing:
            late = _sequential(ordered, chains, missing, rng)
            accepted = {key: np.concatenate([days, late[key]]) for key, days in accepted.items()}
            accepted = _filled(accepted, ordered, chains, draws - 1, patient)
        columns = {key: np.concatenate([columns[key][:1], days]) for key, days in accepted.items()}
    return Days({node.key: node for node in ordered}, columns, draws)


def _by_anchor(nodes: list[Node], patient: str) -> list[Node]:
    """Every node after all its anchors; otherwise by day."""
    todo = sorted(nodes, key=lambda n: (n.day, n.key))
    done: dict[str, Node] = {}
    while todo:
        ready = next((n for n in todo if all(key in done for key, _ in n.alternatives)), None)
        if ready is None:
            keys = ", ".join(node.key for node in todo)
            raise InputError(
                "case folder", f"anchors of {patient}", f"{keys} hang on each other or on nothing",
                "Anchor every row to an earlier one.",
            )  # fmt: skip
        todo.remove(ready)
        done[ready.key] = ready
    return list(done.values())


def _propose(ordered: list[Node], size: int, rng: np.random.Generator) -> dict[str, IntArray]:
    """Unconditional draws of every node, each anchored one moving with its anchor."""
    days: dict[str, IntArray] = {}
    for node in ordered:
        if not node.alternatives:
            days[node.key] = rng.integers(node.low, node.high + 1, size=size)
            continue
        readings = np.stack([days[key] + offset for key, offset in node.alternatives])
        pick = rng.integers(len(readings), size=size)
        days[node.key] = readings[pick, np.arange(size)]
    return days


def _possible(
    days: Mapping[str, IntArray], ordered: list[Node], chains: list[list[Node]]
) -> npt.NDArray[np.bool_]:
    """Which draws stay within all bounds and keep the order; equal central days stay unordered."""
    good = np.ones(len(days[ordered[0].key]), dtype=bool)
    for node in ordered:
        good &= (days[node.key] >= node.low) & (days[node.key] <= node.high)
    for chain in chains:
        for before, after in pairwise(chain):
            gap = days[after.key] - days[before.key]
            good &= gap > 0 if after.day > before.day else gap >= 0
    return good


def _accepted(
    ordered: list[Node], chains: list[list[Node]], wanted: int, rng: np.random.Generator
) -> dict[str, IntArray]:
    """Up to ``wanted`` possible draws by rejection."""
    kept: list[dict[str, IntArray]] = []
    found = 0
    for _ in range(BATCHES):
        days = _propose(ordered, max(wanted, 64), rng)
        good = _possible(days, ordered, chains)
        kept.append({key: value[good] for key, value in days.items()})
        found += int(good.sum())
        if found >= wanted:
            break
    return {n.key: np.concatenate([part[n.key] for part in kept])[:wanted] for n in ordered}


def _sequential(
    ordered: list[Node], chains: list[list[Node]], wanted: int, rng: np.random.Generator
) -> dict[str, IntArray]:
    """Up to ``wanted`` draws one by one, each node after its neighbour: for long chains of wide bounds.

    Not all scenarios are equally likely here; the bounds and the order still hold.
    """
    ceiling, before = _ceilings(chains), _predecessors(chains)
    rows: list[dict[str, int]] = []
    for _ in range(BATCHES * wanted):
        row = _one_by_one(ordered, ceiling, before, rng)
        if row and _possible({k: np.array([v]) for k, v in row.items()}, ordered, chains).all():
            rows.append(row)
            if len(rows) == wanted:
                break
    return {n.key: np.array([r[n.key] for r in rows], dtype=np.int64) for n in ordered}


def _filled(
    accepted: dict[str, IntArray], ordered: list[Node], chains: list[list[Node]], wanted: int, patient: str
) -> dict[str, IntArray]:
    """The draws, brought to ``wanted``: the days are so tied that hardly another scenario exists.

    Repeats what was found; where nothing was, the central days, if they are a scenario themselves.

    Raises
    ------
    InputError
        When there is no scenario at all.
    """
    found = len(accepted[ordered[0].key])
    if found:
        return {key: np.resize(days, wanted) for key, days in accepted.items()}
    centre = {node.key: np.array([node.day], dtype=np.int64) for node in ordered}
    tied = all(
        any(centre[key][0] + offset == node.day for key, offset in node.alternatives)
        for node in ordered
        if node.alternatives
    )
    if not (tied and _possible(centre, ordered, chains).all()):
        raise InputError(
            "case folder", f"days of {patient}",
            "no reading of the uncertain days keeps visits in their order",
            "Widen day_low and day_high, or correct anchors and offsets.",
        )  # fmt: skip
    return {key: np.repeat(day, wanted) for key, day in centre.items()}


def _ceilings(chains: list[list[Node]]) -> dict[str, int]:
    """Latest day of each node that leaves room for all that follow in its chain."""
    ceiling: dict[str, int] = {}
    for chain in chains:
        room = 10**9
        later = None
        for node in reversed(chain):
            room = min(node.high, room - (1 if later is not None and later.day > node.day else 0))
            ceiling[node.key], later = room, node
    return ceiling


def _predecessors(chains: list[list[Node]]) -> dict[str, tuple[str, int]]:
    """Key of the node before, and the least gap to it (0 where the central days are equal)."""
    pairs = [(a, b) for chain in chains for a, b in pairwise(chain)]
    return {b.key: (a.key, 1 if b.day > a.day else 0) for a, b in pairs}


def _one_by_one(
    ordered: list[Node],
    ceiling: Mapping[str, int],
    before: Mapping[str, tuple[str, int]],
    rng: np.random.Generator,
) -> dict[str, int] | None:
    row: dict[str, int] = {}
    for node in ordered:
        floor = node.low
        if node.key in before and before[node.key][0] in row:
            floor = max(floor, row[before[node.key][0]] + before[node.key][1])
        if node.alternatives:
            readings = [row[key] + offset for key, offset in node.alternatives]
            readings = [day for day in readings if floor <= day <= ceiling[node.key]]
            if not readings:
                return None
            row[node.key] = int(rng.choice(readings))
        elif floor > ceiling[node.key]:
            return None
        else:
            row[node.key] = int(rng.integers(floor, ceiling[node.key] + 1))
    return row
