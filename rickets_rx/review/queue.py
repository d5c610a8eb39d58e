"""What a reader is shown next: films or pairs, in input order, shuffled, or by a reading list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import numpy as np

from rickets_rx.agreement.reading_list import READING_LIST_COLUMNS, WASHOUT_DAYS, Task
from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.csv_text import read_table
from rickets_rx.review.source import Source
from rickets_rx.review.state import State


class Filter(StrEnum):
    """Which films of the queue are listed. All but the first two tell what the machine or others said."""

    ALL = "all"
    UNREAD = "unread"
    REFUSED = "refused"
    WIDE = "wide interval"
    DISAGREEMENT = "disagreement"


#: What a blinded reader may filter by.
BLIND_FILTERS = (Filter.ALL, Filter.UNREAD)
#: Width of the machine's interval, grades, from which it counts as wide; and how far two readings differ
#: before it is a disagreement (both ours: two steps of the scale).
WIDE_FROM = 1.5
DIFFERS_FROM = 1.0
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """One film, or one pair of films, to read.

    Parameters
    ----------
    image_sha256 : str
        The later film of a pair.
    occasion : int
        1 first reading, 2 repeat.
    pair_sha256 : str
        The earlier film of a pair, else empty.
    left : str
        Film to show on the left of a pair.
    order_known : bool
        Whether the reader is told which film is the earlier one.
    not_before : datetime or None
        A repeat waits until then.
    """

    image_sha256: str
    occasion: int = 1
    pair_sha256: str = ""
    left: str = ""
    order_known: bool = True
    not_before: datetime | None = None

    @property
    def is_pair(self) -> bool:
        return bool(self.pair_sha256)

    def due(self, now: datetime) -> bool:
        """Whether it may be read yet."""
        return self.not_before is None or now >= self.not_before


@dataclass(frozen=True)
class Plan:
    """How the queue of a sitting is made.

    Parameters
    ----------
    seed : int or None
        Shuffles films, differently for each reader; None keeps the order of images.csv. A reading list has
        its own order.
    occasion : int
        2 for a repeat: films that this reader read before, each once the washout is over.
    tasks : sequence of Task
        A reading list; empty means every film.
    washout_days : int
        14 by default, as in `rickets_rx.agreement.reading_list`.
    between : tuple of str
        Two readers or more: only films on which their grades differ, for an adjudicator.
    """

    seed: int | None = None
    occasion: int = 1
    tasks: Sequence[Task] = ()
    washout_days: int = WASHOUT_DAYS
    between: tuple[str, ...] = ()


def make_queue(source: Source, state: State, reader: str, plan: Plan) -> list[Item]:
    """The items of one sitting, in the order in which they are shown.

    Raises
    ------
    UsageError
        When nothing is left to read, with the reason.
    """
    if plan.tasks:
        return _from_list(source, state, reader, plan)
    films = list(source.films)
    if plan.between:
        films = [film for film in films if readers_differ(source, state, film, plan.between)]
        if not films:
            raise UsageError(f"{' and '.join(plan.between)} differ on no film: nothing to adjudicate")
    if plan.occasion > 1:
        films = [film for film in films if last_read(state, reader, plan.occasion - 1, {film}) is not None]
        if not films:
            raise UsageError(f"{reader} has read no film yet: nothing to repeat")
    if plan.seed is not None:
        films = [films[i] for i in _order(len(films), plan, reader)]
    items = []
    for film in films:
        before = last_read(state, reader, plan.occasion - 1, {film}) if plan.occasion > 1 else None
        wait = None if before is None else before + timedelta(days=plan.washout_days)
        items.append(Item(film, plan.occasion, not_before=wait))
    return items


def _order(count: int, plan: Plan, reader: str) -> Iterable[int]:
    """A permutation that depends on seed, reader and occasion only."""
    words = [plan.seed or 0, plan.occasion, *reader.encode()]
    return [int(i) for i in np.random.default_rng(words).permutation(count)]


def _from_list(source: Source, state: State, reader: str, plan: Plan) -> list[Item]:
    mine = [task for task in plan.tasks if task.reader == reader and task.occasion == plan.occasion]
    if not mine:
        names = ", ".join(dict.fromkeys(task.reader for task in plan.tasks))
        raise UsageError(
            f"the reading list has nothing for {reader}, occasion {plan.occasion}; it is for {names}"
        )
    first = {task.image_sha256 for task in plan.tasks if task.reader == reader and task.occasion == 1}
    items = []
    for task in sorted(mine, key=lambda one: one.position):
        for film in filter(None, (task.image_sha256, task.pair_sha256)):
            source.film(film)
        wait = None
        if task.not_before_days:
            before = last_read(state, reader, 1, first)
            # Without a first reading there is nothing to wait for but that reading itself.
            wait = _NEVER if before is None else before + timedelta(days=task.not_before_days)
        known = task.order_known is not False
        left = task.left or task.pair_sha256
        items.append(Item(task.image_sha256, task.occasion, task.pair_sha256, left, known, wait))
    return items


def last_read(state: State, reader: str, occasion: int, films: Iterable[str]) -> datetime | None:
    """When a reader last gave a reading of any of these films on an occasion."""
    wanted = set(films)
    keys = ((reader, occasion, place) for film in wanted for place in state.read_on.get(film, {}))
    times = [state.readings[key][-1].at for key in keys if key in state.readings]
    times += [
        reading.at
        for (who, when, later, _, _), reading in state.changes.items()
        if who == reader and when == occasion and later in wanted
    ]
    return max((datetime.fromisoformat(at) for at in times), default=None)


def readers_differ(
    source: Source, state: State, film: str, readers: Sequence[str], *, least: float = 0.5
) -> bool:
    """Whether readers gave grades ``least`` or more apart to any bone, or one of them refused it.

    The default takes every difference, as an adjudicator should see them (ours).
    """
    for place in state.read_on.get(film, {}):
        given = [state.standing(reader, 1, place) for reader in readers]
        known = [reading for reading in given if reading is not None]
        grades = [reading.grade for reading in known if reading.grade is not None]
        if 0 < len(grades) < len(known) or (grades and max(grades) - min(grades) >= least):
            return True
    return False


def read_reading_list(path: Path | str) -> list[Task]:
    """Read a list that `rickets_rx.agreement.reading_list.write_reading_list` wrote.

    Raises
    ------
    InputError
        Naming row, column and mend.
    """
    path = Path(path)
    table = read_table(path)
    missing = [name for name in READING_LIST_COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            path.name, f"column {missing[0]}", "is missing", "Make the list with `rickets-rx reading-list`"
        )
    return [_task(path.name, line, cells) for line, cells in table.rows]


def _task(file: str, line: int, cells: dict[str, str]) -> Task:
    numbers = {}
    for name in ("occasion", "position", "not_before_days"):
        text = cells[name] or "0"
        if not text.isdecimal():
            raise InputError(
                file, f"row {line}, column {name}", f"{text!r} is no count", "Make the list anew"
            )
        numbers[name] = int(text)
    if not cells["reader"] or not cells["image_sha256"]:
        raise InputError(file, f"row {line}", "has no reader or no film", "Make the list anew")
    return Task(
        cells["reader"],
        numbers["occasion"],
        numbers["position"],
        cells["image_sha256"],
        cells["pair_sha256"],
        cells["left"],
        {"1": True, "0": False}.get(cells["order_known"]),
        numbers["not_before_days"],
    )
