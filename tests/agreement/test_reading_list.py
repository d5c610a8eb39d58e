"""Reading lists: complete, in each reader's own order, repeatable, with repeats after the washout."""

import csv
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rickets_rx.agreement.reading_list import (
    READING_LIST_COLUMNS,
    Order,
    pair_list,
    reading_list,
    reading_list_files,
    write_reading_list,
)
from rickets_rx.cli import app
from rickets_rx.errors import InputError, UsageError

FILMS = {f"{i:064x}": f"p{i // 3}" for i in range(30)}
READERS = ["anna", "ben", "carla"]


def order(tasks, reader, occasion=1):
    return [t.image_sha256 for t in tasks if (t.reader, t.occasion) == (reader, occasion)]


def test_everybody_reads_everything_once_and_the_same_fifth_again():
    tasks = reading_list(FILMS, READERS, repeats=0.2, seed=3)
    for reader in READERS:
        assert Counter(order(tasks, reader)) == Counter(list(FILMS))
    again = {frozenset(order(tasks, reader, 2)) for reader in READERS}
    assert [len(one) for one in again] == [6]
    assert {t.not_before_days for t in tasks if t.occasion == 2} == {14}
    assert [t.position for t in tasks if (t.reader, t.occasion) == ("ben", 1)] == list(range(1, 31))


def test_orders_differ_between_readers_and_the_seed_repeats_them():
    tasks = reading_list(FILMS, READERS, seed=3)
    assert order(tasks, "anna") != order(tasks, "ben") != sorted(FILMS)
    assert tasks == reading_list(dict(reversed(FILMS.items())), READERS, seed=3)
    assert tasks != reading_list(FILMS, READERS, seed=4)


@given(st.integers(0, 200))
def test_films_of_one_child_do_not_follow_each_other(seed):
    # Ten children of three films: at most the very end can be forced.
    shown = [FILMS[film] for film in order(reading_list(FILMS, ["anna"], seed=seed), "anna")]
    follow = [i for i, (a, b) in enumerate(pairwise(shown)) if a == b]
    assert all(i >= 26 for i in follow)


def test_pairs_earlier_left_when_known_and_mixed_when_hidden():
    pairs = [(f"{i:064x}", f"{i + 100:064x}") for i in range(60)]
    known = pair_list(pairs, ["anna"], order_known=True, repeats=0)
    assert all(t.left == t.pair_sha256 and t.order_known for t in known)
    hidden = pair_list(pairs, ["anna"], order_known=False, repeats=0)
    earlier_left = sum(t.left == t.pair_sha256 for t in hidden)
    assert 15 <= earlier_left <= 45  # 60 coins: outside has a chance of 1 in 10 000
    assert {(t.pair_sha256, t.image_sha256) for t in hidden} == set(pairs)


def test_written_list(tmp_path):
    write_reading_list(reading_list(FILMS, ["anna"], seed=1), tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == READING_LIST_COLUMNS
    assert (rows[0]["position"], rows[0]["order_known"], rows[0]["not_before_days"]) == ("1", "", "0")


def test_list_from_the_images_of_a_run(tmp_path):
    images = tmp_path / "images.csv"
    rows = [f"{i:064x},p{i},scored," for i in range(4)] + [f"{9:064x},p9,refused,unreadable"]
    images.write_text("image_sha256,patient_id,status,reason\n" + "\n".join(rows) + "\n")
    path = reading_list_files(images, tmp_path / "out", readers=["anna"], repeats=0.5, seed=1)
    with path.open(newline="") as handle:
        found = list(csv.DictReader(handle))
    assert Counter(row["occasion"] for row in found) == {"1": 4, "2": 2}
    assert f"{9:064x}" not in {row["image_sha256"] for row in found}
    with pytest.raises(UsageError, match=r"images\.csv: a reading list needs films and readers"):
        reading_list_files(images, tmp_path, readers=[])
    (tmp_path / "other.csv").write_text("film\nx\n")
    with pytest.raises(InputError, match="column image_sha256: is missing"):
        reading_list_files(tmp_path / "other.csv", tmp_path, readers=["anna"])


@pytest.mark.parametrize(("readers", "repeats"), [([], 0.2), (["anna", "anna"], 0.2), (["anna"], 1.5)])
def test_wrong_requests_are_errors(readers, repeats):
    with pytest.raises(ValueError, match=r"needs films|named twice|within 0-1"):
        reading_list(FILMS, readers, repeats=repeats)


def test_pairs_from_the_images_of_a_run(tmp_path):
    # Child a: days 0, 30, 90 of one wrist and one elbow; b: two films of one day; c: a film without a day.
    images = tmp_path / "images.csv"
    wrists = [("a1", 30), ("a0", 0), ("a2", 90), ("b0", 5), ("b1", 5), ("c0", ""), ("c1", 8)]
    rows = [f"{name[0]}{name[1]:0>63},{name[0]},{day},wrist,left,scored," for name, day in wrists]
    rows.append(f"a{9:0>63},a,95,elbow,left,scored,")
    head = "image_sha256,patient_id,day,joint,side,status,reason\n"
    images.write_text(head + "\n".join(rows) + "\n")
    path = reading_list_files(images, tmp_path, readers=["anna"], repeats=0, changes=Order.HIDDEN)
    with path.open(newline="") as handle:
        found = list(csv.DictReader(handle))
    pairs = {(row["pair_sha256"][-1], row["image_sha256"][-1], row["order_known"]) for row in found}
    assert pairs == {("0", "1", "0"), ("1", "2", "0")}
    known = reading_list_files(images, tmp_path, readers=["anna"], repeats=0, changes=Order.KNOWN)
    with known.open(newline="") as handle:
        assert all(row["left"] == row["pair_sha256"] for row in csv.DictReader(handle))


def test_films_without_child_or_day_make_no_pairs_and_the_mend_is_said(tmp_path):
    images = tmp_path / "images.csv"
    images.write_text(
        f"image_sha256,patient_id,day,joint,side\n{1:064x},,,wrist,left\n{2:064x},,,wrist,left\n"
    )
    with pytest.raises(UsageError, match="give patient_id and day in a manifest"):
        reading_list_files(images, tmp_path, readers=["anna"], changes=Order.HIDDEN)


def test_command_lists_pairs_and_names_a_wrong_order(tmp_path):
    images = tmp_path / "images.csv"
    images.write_text(
        f"image_sha256,patient_id,day,joint,side\n{1:064x},a,0,wrist,left\n{2:064x},a,9,wrist,left\n"
    )
    command = ["reading-list", str(images), "--out", str(tmp_path), "--reader", "anna", "--changes"]
    assert CliRunner().invoke(app, [*command, "hidden"]).exit_code == 0
    assert f"{2:064x},{1:064x}" in (tmp_path / "reading_list.csv").read_text()
    assert isinstance(CliRunner().invoke(app, [*command, "both"]).exception, UsageError)
