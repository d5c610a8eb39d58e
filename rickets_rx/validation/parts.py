"""Parts of a long study: tasks done once, kept line by line, so that a stopped run goes on where it was."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Task = list[Any]
#: Told after every task of a part: its name, tasks done, tasks in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Part:
    """A list of tasks and the function that does one.

    Parameters
    ----------
    name : str
    tasks : sequence of list
        Plain JSON values; a task is known by them.
    run : callable
        Of a module, so that other processes can call it; task to plain JSON values.
    key : mapping
        What the results rest on; results under another key are done anew.
    """

    name: str
    tasks: Sequence[Task]
    run: Callable[[Task], Row]
    key: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """Results of a part in the order of its tasks, and how many tasks there are."""

    results: tuple[Row, ...]
    asked: int


def run_part(
    part: Part,
    folder: Path,
    *,
    workers: int = 1,
    stop_at: float = float("inf"),
    progress: Progress = lambda name, done, asked: None,
) -> Done:
    """Do what is not done yet.

    Parameters
    ----------
    folder : Path
        ``<name>.jsonl`` in it holds the key and, line by line, each task with its result. A last line that a
        kill left half written is dropped.
    workers : int
        Processes; the results do not depend on it.
    stop_at : float
        Of `time.monotonic`: no task is begun after it.

    Returns
    -------
    Done
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{part.name}.jsonl"
    kept = _kept(path, part.key)
    left = [task for task in part.tasks if _text(task) not in kept]
    with path.open("w", encoding="utf-8") as handle:
        lines = [{"key": dict(part.key)}, *({"task": json.loads(t), "result": r} for t, r in kept.items())]
        handle.write("".join(f"{_text(line)}\n" for line in lines))
        handle.flush()
        for task, result in _results(part, left, workers, stop_at):
            kept[_text(task)] = result
            handle.write(f"{_text({'task': task, 'result': result})}\n")
            handle.flush()
            progress(part.name, len(kept), len(part.tasks))
    found = [kept[_text(task)] for task in part.tasks if _text(task) in kept]
    return Done(tuple(found), len(part.tasks))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _kept(path: Path, key: Mapping[str, Any]) -> dict[str, Row]:
    """Results of an earlier run under the same key."""
    if not path.is_file():
        return {}
    lines = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break
    if not lines or lines[0].get("key") != json.loads(_text(dict(key))):
        return {}
    return {_text(line["task"]): line["result"] for line in lines[1:]}


def _results(part: Part, tasks: Sequence[Task], workers: int, stop_at: float) -> Iterator[tuple[Task, Row]]:
    if workers == 1:
        for task in tasks:
            if time.monotonic() > stop_at:
                return
            yield task, part.run(task)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for start in range(0, len(tasks), workers):
            if time.monotonic() > stop_at:
                return
            few = tasks[start : start + workers]
            yield from zip(few, pool.map(part.run, few), strict=True)
