"""Pairs in one frame, readings of change in one direction, and the arithmetic of knees."""

import numpy as np
import pytest
from drawn_bone import DrawnBone
from hypothesis import given
from hypothesis import strategies as st
from review.drawn_folder import hashes

from rickets_rx.agreement.reading_list import pair_list, reading_list, write_reading_list
from rickets_rx.errors import InputError, UsageError
from rickets_rx.review.knee import knee_grade, knee_reading, read_knee
from rickets_rx.review.pairs import align, change_read, earlier_films, pair_item, read_change
from rickets_rx.review.queue import read_reading_list
from rickets_rx.review.words import ReadStatus
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Side


def edge_row(picture) -> float:
    """Row of the steepest fall of density going up the middle column."""
    return float(np.nanargmax(np.diff(picture[:, picture.shape[1] // 2])))


def bone_width(picture) -> int:
    row = picture[int(picture.shape[0] * 0.6)]
    return int((row > 1500).sum())


def test_both_films_come_out_at_equal_width_and_height():
    """The second film is half the scale and upside down; after alignment both show the same bone."""
    large, small = DrawnBone(width=200.0), DrawnBone(width=100.0)
    film = small.film()
    turned = type(film)(np.ascontiguousarray(film.pixels[::-1, ::-1]), "1" * 64, "turned")
    rows, columns = film.shape
    frame = BoneFrame(
        (columns - 1 - small.frame.corner1[0], rows - 1 - small.frame.corner1[1]),
        (columns - 1 - small.frame.corner2[0], rows - 1 - small.frame.corner2[1]),
        (0.0, 1.0),
    )
    pair = align((large.film(), large.frame), (turned, frame), width=440)
    assert not pair.opposite and pair.left.shape == pair.right.shape
    # 2.2 MW over 440 columns: MW is 200 columns in both, the margin (u = 0) at 1.2 MW = 240 rows.
    for picture in (pair.left, pair.right):
        assert bone_width(picture) == pytest.approx(200, abs=4)
        assert edge_row(picture) == pytest.approx(240, abs=3)


def test_pictures_are_turned_but_never_mirrored():
    """A bright spot on the corner2 side of one film and the corner1 side of its mirror stays where it was."""
    bone = DrawnBone(width=200.0)
    film = bone.film()
    pixels = film.pixels.copy()
    pixels[195:200, 225:230] = 9000.0
    marked = type(film)(pixels, "0" * 64, "marked")
    swapped = BoneFrame(bone.frame.corner2, bone.frame.corner1, (0.0, -1.0))
    pair = align((marked, bone.frame), (marked, swapped), width=440)
    assert pair.opposite
    assert np.nanargmax(pair.left) == np.nanargmax(pair.right)
    assert np.nanargmax(pair.left) % 440 > 220, "right of the middle, as on the film"


def test_reading_of_change_is_stored_later_against_earlier(sit, source):
    films = hashes(source)
    later, earlier = films["a/second.png"], films["a/first.png"]
    session = sit()
    read_change(session, pair_item(session, later, earlier), 2, "wrist")
    assert change_read(session, pair_item(session, later, earlier), "wrist") == 2
    hidden = pair_item(session, later, earlier, order_known=False)
    assert hidden.left == min(later, earlier)
    read_change(session, hidden, 2, "global")
    wanted = -2 if hidden.left == later else 2
    assert change_read(session, hidden, "global") == wanted
    assert change_read(session, hidden, "elbow") is None
    session.undo()
    assert change_read(session, hidden, "global") is None


@pytest.mark.parametrize(("value", "region", "said"), [(4, "wrist", "-3 to 3"), (1, "", "no region")])
def test_wrong_readings_of_change_are_refused(sit, source, value, region, said):
    films, session = hashes(source), sit()
    with pytest.raises(UsageError, match=said):
        read_change(session, pair_item(session, films["a/second.png"], films["a/first.png"]), value, region)
    with pytest.raises(UsageError, match="itself"):
        pair_item(session, films["a/first.png"], films["a/first.png"])


def test_earlier_films_are_of_the_same_child(source):
    films = hashes(source)
    assert [film.file for film in earlier_films(source, films["a/second.png"])] == ["a/first.png"]
    assert earlier_films(source, films["a/first.png"]) == []
    assert earlier_films(source, films["b/third.png"]) == []


def test_reading_list_of_films_gives_each_reader_her_own_queue(sit, source, tmp_path):
    films = {film.image_sha256: film.patient_id for film in source.films.values()}
    tasks = reading_list(films, ["anna", "ben"], repeats=0.4, seed=3)
    write_reading_list(tasks, tmp_path / "list.csv")
    assert read_reading_list(tmp_path / "list.csv") == tasks
    read = read_reading_list(tmp_path / "list.csv")
    for reader in ("anna", "ben"):
        wanted = [t.image_sha256 for t in tasks if t.reader == reader and t.occasion == 1]
        assert [item.image_sha256 for item in sit(reader, tasks=read).items] == wanted
    again = sit("anna", tasks=read, occasion=2)
    assert len(again.items) == 2
    with pytest.raises(UsageError, match="finish the first reading first"):
        again.grade(again.places()[0], 1.0)
    with pytest.raises(UsageError, match="nothing for carla"):
        sit("carla", tasks=read)


def test_reading_list_of_pairs_keeps_left_and_right(sit, source, tmp_path):
    films = hashes(source)
    tasks = pair_list(
        [(films["a/first.png"], films["a/second.png"])], ["anna"], order_known=False, repeats=0, seed=1
    )
    write_reading_list(tasks, tmp_path / "pairs.csv")
    session = sit("anna", tasks=read_reading_list(tmp_path / "pairs.csv"), blinded=True)
    item = session.item
    assert item.is_pair and not item.order_known and item.left == tasks[0].left
    assert session.item_status(item) is ReadStatus.UNREAD
    read_change(session, item, 0, "wrist")
    assert session.item_status(item) is ReadStatus.READ


def test_faulty_reading_list_names_row_and_column(tmp_path):
    head = "reader,occasion,position,image_sha256,pair_sha256,left,order_known,not_before_days\n"
    (tmp_path / "a.csv").write_text(head + "anna,1,x,ff,,,,\n")
    with pytest.raises(InputError, match="row 2, column position"):
        read_reading_list(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("reader,occasion\nanna,1\n")
    with pytest.raises(InputError, match="column position: is missing"):
        read_reading_list(tmp_path / "b.csv")


@given(st.sampled_from([0, 1, 2, 3]), st.sampled_from([0.5, 1.0]))
def test_knee_bone_never_gives_a_grade_that_the_table_lacks(a, b):
    assert knee_grade(a, b) in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


@pytest.mark.parametrize(
    ("a", "b", "grade"), [(0, None, 0), (1, 0.5, 0.5), (3, 0.5, 1.5), (2, 1.0, 2), (3, 1.0, 3)]
)
def test_knee_grade_is_a_times_b(sit, source, a, b, grade):
    session, film = sit(), hashes(source)["a/first.png"]
    assert read_knee(session, film, "tibia", Side.RIGHT, a, b) == grade
    said = knee_reading(session, film, "tibia", Side.RIGHT)
    assert (said.a, said.b, said.grade) == (a, b, grade)
    assert knee_reading(session, film, "tibia", Side.LEFT) is None


@pytest.mark.parametrize(
    ("bone", "a", "b"), [("radius", 1, 1.0), ("femur", 4, 1.0), ("femur", 1, None), ("femur", 1, 0.7)]
)
def test_wrong_knee_numbers_are_refused(sit, source, bone, a, b):
    with pytest.raises(UsageError, match="knee bone"):
        read_knee(sit(), hashes(source)["a/first.png"], bone, None, a, b)
