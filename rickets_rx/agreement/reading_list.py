"""Reading lists: who reads which film when, in an order of her own, with repeats after a washout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np

from rickets_rx.errors import InputError, UsageError
from rickets_rx.io.csv_text import csv_plain, read_table
from rickets_rx.io.results import write_table
from rickets_rx.vocabulary import RefusalReason

READING_LIST_COLUMNS = (
    "reader occasion position image_sha256 pair_sha256 left order_known not_before_days".split()
)
WASHOUT_DAYS = 14


class Order(StrEnum):
    """Whether a reader of change is told which film of a pair is the earlier one."""

    KNOWN = "known"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Task:
    """One film, or one pair, for one reader to read.

    Parameters
    ----------
    reader : str
    occasion : int
        1 first reading, 2 repeat.
    position : int
        Place in the reader's list of that occasion, from 1.
    image_sha256 : str
        Film, the later one of a pair.
    pair_sha256 : str
        The earlier film of a pair, else empty.
    left : str
        Film to show on the left of a pair, else empty.
    order_known : bool or None
        Whether the reader is told which film is earlier; None without a pair.
    not_before_days : int
        Days to wait after the reader's first list.
    """

    reader: str
    occasion: int
    position: int
    image_sha256: str
    pair_sha256: str = ""
    left: str = ""
    order_known: bool | None = None
    not_before_days: int = 0


def reading_list(
    films: Mapping[str, str],
    readers: Sequence[str],
    *,
    repeats: float = 0.2,
    seed: int = 0,
    washout_days: int = WASHOUT_DAYS,
) -> list[Task]:
    """Randomised lists of single films.

    Every reader gets every film once in an order of her own, and the same share of films again. Films of one
    child do not follow each other where that can be avoided.

    Parameters
    ----------
    films : mapping of image_sha256 to patient
        The patient may be empty.
    readers : sequence of str
    repeats : float
        Share of films read twice by everybody, 0-1; rounded up.
    seed : int
    washout_days : int
        14 by default: two weeks between readings (a common least; ours).

    Returns
    -------
    list of Task
        By reader and occasion; the same input gives the same list, whatever the order of the films.

    Raises
    ------
    ValueError
        Without films or readers, for a reader named twice or a share outside 0-1.
    """
    _check(list(films), readers, repeats)
    rng = np.random.default_rng(seed)
    ordered = sorted(films)
    again = _chosen(rng, ordered, repeats)
    tasks: list[Task] = []
    for reader in readers:
        for occasion, given, wait in ((1, ordered, 0), (2, again, washout_days)):
            order = _apart([given[i] for i in rng.permutation(len(given))], films)
            tasks += [
                Task(reader, occasion, position, film, not_before_days=wait)
                for position, film in enumerate(order, start=1)
            ]
    return tasks


def pair_list(
    pairs: Sequence[tuple[str, str]],
    readers: Sequence[str],
    *,
    order_known: bool,
    repeats: float = 0.2,
    seed: int = 0,
    washout_days: int = WASHOUT_DAYS,
) -> list[Task]:
    """Randomised lists of (earlier, later) pairs for readings of change.

    With the order known the earlier film is on the left; with the order hidden a coin decides for each reader
    and pair.
    """
    keys = [f"{later} {earlier}" for earlier, later in pairs]
    _check(keys, readers, repeats)
    rng = np.random.default_rng(seed)
    ordered = sorted(keys)
    again = _chosen(rng, ordered, repeats)
    tasks: list[Task] = []
    for reader in readers:
        for occasion, given, wait in ((1, ordered, 0), (2, again, washout_days)):
            for position, place in enumerate(rng.permutation(len(given)), start=1):
                later, earlier = given[place].split()
                left = earlier if order_known or rng.random() < 0.5 else later
                tasks.append(Task(reader, occasion, position, later, earlier, left, order_known, wait))
    return tasks


def _check(keys: Sequence[str], readers: Sequence[str], repeats: float) -> None:
    if not keys or not readers:
        raise ValueError("a reading list needs films and readers")
    if len(set(readers)) < len(readers) or len(set(keys)) < len(keys):
        raise ValueError("a reader, film or pair is named twice")
    if not 0 <= repeats <= 1:
        raise ValueError(f"a share of repeats lies within 0-1, not {repeats}")


def _chosen(rng: np.random.Generator, ordered: Sequence[str], share: float) -> list[str]:
    """The films that are read again."""
    number = int(np.ceil(share * len(ordered) - 1e-9))
    return [ordered[i] for i in sorted(rng.choice(len(ordered), number, replace=False))]


def _apart(order: list[str], patients: Mapping[str, str]) -> list[str]:
    """Move films so that no child's films follow each other, where a later film can be drawn forward."""
    left, found = list(order), [order[0]] if order else []
    left = left[1:]
    while left:
        last = patients[found[-1]]
        free = [i for i, film in enumerate(left) if not last or patients[film] != last]
        found.append(left.pop(free[0] if free else 0))
    return found


def reading_list_files(
    films: Path,
    out: Path,
    *,
    readers: Sequence[str],
    repeats: float = 0.2,
    seed: int = 0,
    changes: Order | None = None,
) -> Path:
    """Make ``reading_list.csv`` from a table of films: images.csv of `score`, or any with ``image_sha256``.

    Films that could not be read are left out; ``patient_id`` keeps a child's films apart where it is there.

    Parameters
    ----------
    changes : Order, optional
        A list of pairs for readings of change instead: consecutive films of one child, joint and side.

    Raises
    ------
    InputError
        For a table without films.
    UsageError
        For readers or repeats that make no list.
    """
    table = read_table(films)
    if "image_sha256" not in table.columns:
        mend = "Give images.csv as `rickets-rx score` wrote it"
        raise InputError(films.name, "column image_sha256", "is missing", mend)
    rows = [cells for _, cells in table.rows if cells.get("reason") != RefusalReason.UNREADABLE]
    try:
        if changes is None:
            found = {r["image_sha256"]: csv_plain(r.get("patient_id", "")) for r in rows if r["image_sha256"]}
            tasks = reading_list(found, readers, repeats=repeats, seed=seed)
        else:
            known, pairs = changes is Order.KNOWN, consecutive_films(rows)
            if not pairs:
                raise ValueError(
                    "no two films are of one child, joint and side on different days; "
                    "give patient_id and day in a manifest"
                )
            tasks = pair_list(pairs, readers, order_known=known, repeats=repeats, seed=seed)
    except ValueError as error:
        raise UsageError(f"{films.name}: {error}") from None
    path = out / "reading_list.csv"
    write_reading_list(tasks, path)
    return path


def consecutive_films(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """(earlier, later) films that follow each other, of one child, joint and side, on different days.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of images.csv; those without a patient or a day make no pair.
    """
    series: dict[tuple[str, str, str], set[tuple[float, str]]] = {}
    for row in rows:
        patient, day = csv_plain(row.get("patient_id", "")), row.get("day", "")
        if patient and day and row.get("image_sha256"):
            place = patient, row.get("joint", ""), row.get("side", "")
            series.setdefault(place, set()).add((float(day), row["image_sha256"]))
    found = [
        (earlier, later)
        for films in series.values()
        for (first, earlier), (second, later) in pairwise(sorted(films))
        if first < second
    ]
    # Two wrists on one film give the same pair twice.
    return list(dict.fromkeys(found))


def write_reading_list(tasks: Sequence[Task], path: Path) -> None:
    """Write a list that the review opens: `READING_LIST_COLUMNS`."""
    known = {True: 1, False: 0, None: None}
    rows = [
        {name: getattr(task, name) or None for name in READING_LIST_COLUMNS}
        | {"order_known": known[task.order_known], "not_before_days": task.not_before_days}
        for task in tasks
    ]
    write_table(path, READING_LIST_COLUMNS, rows)
