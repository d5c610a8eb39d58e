"""Parts of a study: done once, kept line by line, done anew under another key."""

import time

from rickets_rx.validation.parts import Part, run_part

CALLS = []


def double(task):
    CALLS.append(task[0])
    return {"value": 2 * task[0]}


def part(count, key="one"):
    return Part("numbers", [[i] for i in range(count)], double, {"key": key})


def values(done):
    return [result["value"] for result in done.results]


def test_what_is_done_is_kept(tmp_path):
    CALLS.clear()
    assert values(run_part(part(3), tmp_path)) == [0, 2, 4]
    assert values(run_part(part(5), tmp_path)) == [0, 2, 4, 6, 8]
    assert CALLS == [0, 1, 2, 3, 4]


def test_another_key_starts_anew(tmp_path):
    run_part(part(2), tmp_path)
    CALLS.clear()
    assert values(run_part(part(2, "two"), tmp_path)) == [0, 2]
    assert CALLS == [0, 1]


def test_a_half_written_line_is_done_again(tmp_path):
    run_part(part(3), tmp_path)
    path = tmp_path / "numbers.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    CALLS.clear()
    assert values(run_part(part(3), tmp_path)) == [0, 2, 4]
    assert CALLS == [2]


def test_no_task_is_begun_after_the_time_is_up(tmp_path):
    done = run_part(part(4), tmp_path, stop_at=time.monotonic() - 1)
    assert (done.results, done.asked) == ((), 4)
    assert values(run_part(part(4), tmp_path)) == [0, 2, 4, 6]


def test_results_stand_in_the_order_of_the_tasks_whatever_was_done_first(tmp_path):
    run_part(Part("numbers", [[3], [1]], double, {"key": "one"}), tmp_path)
    assert values(run_part(part(4), tmp_path)) == [0, 2, 4, 6]


def test_progress_is_told_after_every_task(tmp_path):
    told = []
    run_part(part(2), tmp_path, progress=lambda name, done, asked: told.append((name, done, asked)))
    assert told == [("numbers", 1, 2), ("numbers", 2, 2)]


def test_processes_give_the_same_bytes(tmp_path):
    from rickets_rx.validation.phantom_films import negative_task

    films = Part("films", [["shaft", 5], ["fingers", 6]], negative_task, {})
    one = run_part(films, tmp_path / "one")
    two = run_part(films, tmp_path / "two", workers=2)
    assert one == two
    assert (tmp_path / "one/films.jsonl").read_bytes() == (tmp_path / "two/films.jsonl").read_bytes()
