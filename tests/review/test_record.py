"""The record: what a crash, a second reader or a meddler can do to it, and what replay makes of it."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review.drawn_folder import place

from rickets_rx.errors import UsageError
from rickets_rx.review.events import Event, Kind, parse
from rickets_rx.review.record import Record, read_records, reader_file
from rickets_rx.review.session import Session, Sitting
from rickets_rx.review.state import replay
from rickets_rx.vocabulary import Bone


def event(number: int, chain: str = "", **said: object) -> Event:
    return Event(f"s-{number}", "2026-05-01T09:30:00+00:00", "anna", Kind.SHOWN, chain=chain, **said)


def write(folder, count: int, reader: str = "anna") -> list[str]:
    record, chain, lines = Record(folder, reader), "", []
    for number in range(1, count + 1):
        made = event(number, chain, after={"occasion": number})
        chain = record.append(made)
        lines.append(made.line())
    record.close()
    return lines


def test_one_line_each_and_nothing_is_ever_rewritten(tmp_path):
    lines = write(tmp_path, 3)
    path = reader_file(tmp_path, "anna")
    before = path.read_bytes()
    assert before.decode() == "".join(line + "\n" for line in lines)
    record = Record(tmp_path, "anna")
    record.append(event(9))
    assert path.read_bytes()[: len(before)] == before


def test_each_event_is_on_the_disk_before_it_counts(tmp_path, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (real(handle), synced.append(os.fstat(handle).st_size)))
    write(tmp_path, 2)
    sizes = [len(line) + 1 for line in reader_file(tmp_path, "anna").read_text().splitlines()]
    assert synced == [sizes[0], sum(sizes)]


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_anywhere_costs_the_last_line_only(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cut")
    lines = write(folder, 4)
    path = reader_file(folder, "anna")
    whole = path.read_bytes()
    start = sum(len(line) + 1 for line in lines[:3])
    path.write_bytes(whole[: data.draw(st.integers(start, len(whole) - 2))])
    cut = len(path.read_bytes()) > start
    found = read_records(folder)
    assert [e.number for e in found.events] == [1, 2, 3]
    assert len(found.notes) == cut and all("cut off" in note for note in found.notes)
    # Who goes on writes on a line of her own, and the half line stays where it is.
    record = Record(folder, "anna")
    record.append(event(4, chain="", after={"occasion": 4}))
    record.close()
    assert [e.number for e in read_records(folder).events] == [1, 2, 3, 4]


def test_cut_off_line_is_named(tmp_path):
    write(tmp_path, 2)
    path = reader_file(tmp_path, "anna")
    path.write_bytes(path.read_bytes()[:-20])
    (note,) = read_records(tmp_path).notes
    assert f"{path.name}, line 2: was cut off" in note and "this line is lost" in note


def test_changed_and_missing_lines_are_noticed(tmp_path):
    lines = write(tmp_path, 4)
    path = reader_file(tmp_path, "anna")
    changed = lines[1].replace('"occasion":2', '"occasion":7')
    path.write_text("\n".join([lines[0], changed, *lines[2:]]) + "\n")
    assert "line 3: the line before it was changed" in read_records(tmp_path).notes[0]
    path.write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    assert "events 2 to 2 of its session are missing" in read_records(tmp_path).notes[0]
    path.write_text("\n".join([lines[0], lines[0]]) + "\n")
    found = read_records(tmp_path)
    assert len(found.events) == 1 and "stands there twice" in found.notes[0]


def test_a_full_disk_is_said_and_the_step_does_not_count(sit, source, monkeypatch):
    session, radius = sit(), place(source, "a/first.png")

    def full(handle, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(UsageError, match="No space left"):
            session.grade(radius, 1.0)
    assert session.reading(radius) is None
    session.grade(radius, 1.5)
    assert session.reading(radius).grade == 1.5
    assert read_records(session.folder).notes == ()


def test_readers_write_to_files_of_their_own(sit, source):
    sit("anna").grade(place(source, "a/first.png"), 1.0)
    sit("../ben/é").grade(place(source, "a/first.png"), 0.5)
    found = replay(read_records(sit("carla").folder).events)
    assert found.readers() == ["anna", "../ben/é"] or set(found.readers()) == {"anna", "../ben/é"}
    files = sorted(path.name for path in sit("carla").folder.iterdir())
    assert len(files) == 3 and all("/" not in name and name.endswith(".jsonl") for name in files)
    assert reader_file(sit("x").folder, "a b") != reader_file(sit("x").folder, "a_b")


def test_event_tells_who_when_what_before_after_why_and_with_which_software(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    session.grade(radius, 1.0)
    session.override(radius, 2.0, "cupped on my monitor")
    lines = reader_file(session.folder, "anna").read_text().splitlines()
    first, graded, over = (json.loads(line) for line in lines)
    assert first["kind"] == "session" and len(first["models"]) >= 1 and first["version"]
    assert graded["after"]["grade"] == 1.0 and graded["after"]["machine_seen"] is True
    assert over["reader"] == "anna" and over["at"].startswith("2026-05-01T09:30")
    assert over["image_sha256"] == radius.image_sha256 and over["bone"] == "radius"
    assert over["after"] == {"grade": 2.0} and over["before"].keys() == {"grade"}
    assert over["reason"] == "cupped on my monitor" and len(over["software"]) == 64


@pytest.mark.parametrize(
    "line",
    ["", "null", "[]", '{"id":"s-1"}', '{"id":"x","at":"t","reader":"a","kind":"shown"}', "{",
     '{"kind":"no"}',
     '{"id":"s-0","at":"t","reader":"a","kind":"shown"}',
     '{"id":"s-1","at":"t","reader":"a","kind":"shown","after":[]}'],
)  # fmt: skip
def test_what_is_no_event_is_a_value_error(line):
    with pytest.raises(ValueError, match=r"."):
        parse(line)


@given(st.lists(st.sampled_from(["grade", "undo", "redo"]), max_size=25), st.data())
@settings(max_examples=40, deadline=None)
def test_undo_and_redo_are_those_of_a_list(steps, data):
    """Against a plain model: a list of grades and a list of what was taken back."""
    from rickets_rx.review.state import undo_stacks

    events, kept, back = [], [], []
    for number, step in enumerate(steps, start=1):
        stacks = undo_stacks(events, "s")
        if step == "grade":
            grade = data.draw(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0]))
            after = {"grade": grade, "occasion": 1, "blinded": False, "machine_seen": False}
            events.append(Event(f"s-{number}", "t", "a", Kind.GRADE, "f", 1, "radius", after=after))
            kept.append(grade)
            back = []
        elif step == "undo" and kept:
            events.append(Event(f"s-{number}", "t", "a", Kind.UNDO, after={"event": stacks[0][-1].id}))
            back.append(kept.pop())
        elif step == "redo" and back:
            events.append(Event(f"s-{number}", "t", "a", Kind.REDO, after={"event": stacks[1][-1].id}))
            kept.append(back.pop())
    from rickets_rx.review.source import Place

    given_now = replay(events).readings.get(("a", 1, Place("f", 1, Bone.RADIUS)), [])
    assert [reading.grade for reading in given_now] == kept


def test_killed_reader_loses_nothing_that_was_said(scored, tmp_path):
    """A process that grades without end is killed; every grade it reported is there afterwards."""
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from rickets_rx.review.session import Session, Sitting
        from rickets_rx.review.source import read_source
        session = Session(read_source(Path(sys.argv[1])), Path(sys.argv[2]), Sitting("anna"))
        place = session.places()[0]
        for number in range(1, 100000):
            session.grade(place, (number % 5) / 2)
            sys.stdout.write(f"{number}\\n")
            sys.stdout.flush()
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(scored), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    told = 0
    while told < 25:
        told = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    told = max([told, *(int(line) for line in child.stdout.read().split() if line)])
    child.wait()
    found = read_records(tmp_path)
    graded = [e for e in found.events if e.kind is Kind.GRADE]
    assert len(graded) in (told, told + 1)
    assert [e.after["grade"] for e in graded] == [(n % 5) / 2 for n in range(1, len(graded) + 1)]


def test_core_imports_no_qt():
    code = (
        "import sys, rickets_rx.cli, rickets_rx.review.session, rickets_rx.review.mend;"
        "import rickets_rx.review.open, rickets_rx.review.exports, rickets_rx.review.course;"
        "heavy = {'qtpy', 'PyQt6', 'PySide6', 'napari', 'torch'};"
        "sys.exit(any(name.split('.')[0] in heavy for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_window_at_a_time_holds_a_readers_record(source, tmp_path):
    """A second one of the same reader is refused in words, another reader is not; closing lets go."""
    first = Session(source, tmp_path, Sitting("anna"))
    with pytest.raises(UsageError, match="anna has this record open in another window"):
        Session(source, tmp_path, Sitting("anna"))
    Session(source, tmp_path, Sitting("ben")).close()
    first.close()
    Session(source, tmp_path, Sitting("anna")).close()


@pytest.mark.parametrize("taken", ["deleted", "moved", "replaced"])
def test_a_record_that_was_taken_away_is_said_and_the_step_does_not_count(sit, source, taken):
    """An open file goes on taking lines when it is deleted: they would be gone with the window."""
    session, radius = sit(), place(source, "a/first.png")
    path = reader_file(session.folder, "anna")
    if taken == "deleted":
        path.unlink()
    else:
        path.rename(path.with_suffix(".old"))
    if taken == "replaced":
        path.write_text("")
    with pytest.raises(UsageError, match="moved or deleted"):
        session.grade(radius, 1.0)
    assert session.reading(radius) is None
    if taken == "moved":
        path.with_suffix(".old").rename(path)
        session.grade(radius, 1.0)
        assert replay(read_records(session.folder).events).standing("anna", 1, radius).grade == 1.0


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "grade"},
        {
            "kind": "grade",
            "bone": "femur",
            "after": {"grade": 1, "occasion": 1, "blinded": 0, "machine_seen": 0},
        },
        {"kind": "undo", "after": {"event": ["x"]}},
        {"kind": "shown", "at": "2026-05-01T09:30:00", "after": {"occasion": 1}},
        {"kind": "shown", "at": "yesterday", "after": {"occasion": 1}},
        {"kind": "correct", "bone": "radius", "after": {"rows": [{}], "joint": {}, "action": "side"}},
        {"kind": "correct", "bone": "radius", "after": {"rows": 3}},
    ],
)
def test_a_line_that_cannot_be_replayed_costs_that_line_only(sit, source, bad):
    """Such a line, whatever wrote it, must not keep a reader from all her others."""
    session, radius = sit(), place(source, "a/first.png")
    session.grade(radius, 1.5)
    path = reader_file(session.folder, "anna")
    line = {"id": "zz-1", "at": "2026-05-01T09:30:00+00:00", "reader": "anna"} | bad
    with path.open("a") as handle:
        handle.write(json.dumps(line) + "\n")
    again = sit()
    assert again.reading(radius).grade == 1.5
    (note,) = again.notes
    assert "line 3" in note and "this line is lost" in note
