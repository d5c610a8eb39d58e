"""The session as a plain object: what is shown, what is said, what stands after undo and reopening."""

from datetime import timedelta

import pytest
from review.drawn_folder import hashes, place

from rickets_rx.errors import UsageError
from rickets_rx.review.queue import Filter
from rickets_rx.review.words import ReadStatus
from rickets_rx.vocabulary import Bone, Joint, RefusalReason


def test_queue_follows_images_csv(sit, source):
    session = sit()
    assert [session.source.film(i.image_sha256).file for i in session.items] == [
        "a/first.png", "a/second.png", "b/third.png",
    ]  # fmt: skip
    assert session.facts().patient_id == "p1" and session.facts().day == 0


def test_order_depends_on_seed_and_reader_only(sit):
    def order(reader, seed):
        return [item.image_sha256 for item in sit(reader, seed=seed).items]

    assert order("anna", 7) == order("anna", 7)
    seen = {tuple(order(reader, seed)) for reader in ("anna", "ben") for seed in range(12)}
    assert len(seen) == 6, "24 draws of 3 films should meet all 6 orders"


def test_reading_becomes_accepted_corrected_or_not_gradable(sit, source):
    session = sit()
    radius, ulna = place(source, "a/first.png"), place(source, "a/first.png", Bone.ULNA)
    assert session.status(radius) is ReadStatus.UNREAD
    machine = session.machine_row(radius)["grade"]
    session.accept(radius)
    assert session.status(radius) is ReadStatus.ACCEPTED and session.reading(radius).grade == machine
    session.grade(radius, 2.0)
    assert session.status(radius) is ReadStatus.CORRECTED
    session.not_gradable(ulna, RefusalReason.OBLIQUE)
    assert session.status(ulna) is ReadStatus.NOT_GRADABLE and session.reading(ulna).reason == "oblique"
    assert session.item_status(session.item) is ReadStatus.CORRECTED


def test_wrong_words_are_refused(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    with pytest.raises(UsageError, match=r"0\.7 is no grade"):
        session.grade(radius, 0.7)
    with pytest.raises(UsageError, match="bad film is no reason"):
        session.not_gradable(radius, "bad film")
    with pytest.raises(UsageError, match="reason in words"):
        session.override(radius, 1.0, " ")
    with pytest.raises(UsageError, match="needs a reader"):
        sit("  ")
    assert session.reading(radius) is None


def test_accepting_a_refused_bone_keeps_the_machine_s_reason(sit, source):
    session, ulna = sit(), place(source, "b/third.png", Bone.ULNA)
    session.accept(ulna)
    assert session.reading(ulna).grade is None and session.reading(ulna).reason == "overlapped"


def test_undo_and_redo_walk_the_steps(sit, source):
    session, radius = sit(), place(source, "a/first.png")
    session.grade(radius, 1.0)
    session.grade(radius, 1.5)
    session.undo()
    assert session.reading(radius).grade == 1.0
    session.undo()
    assert session.reading(radius) is None and session.undo() is None
    session.redo()
    session.redo()
    assert session.reading(radius).grade == 1.5 and session.redo() is None
    session.undo()
    session.grade(radius, 0.5)
    assert session.redo() is None, "a new step drops what was taken back"


def test_undo_reaches_no_earlier_sitting(sit, source):
    radius = place(source, "a/first.png")
    sit().grade(radius, 1.0)
    again = sit()
    assert again.reading(radius).grade == 1.0 and again.undo() is None


def test_blinded_reader_sees_the_machine_only_after_the_last_bone(sit, source):
    session = sit(blinded=True)
    radius, ulna = place(source, "a/first.png"), place(source, "a/first.png", Bone.ULNA)
    facts = session.facts()
    assert facts.title == "Film 1 of 3" and facts.file is facts.patient_id is facts.day is None
    with pytest.raises(UsageError, match="hidden"):
        session.accept(radius)
    with pytest.raises(UsageError, match="hidden"):
        session.override(radius, 1.0, "looks so")
    session.grade(radius, 1.0)
    assert session.machine_row(radius) is None, "the radius' grade would tell of the ulna"
    session.grade(ulna, 0.5)
    assert session.machine_row(radius)["grade"] is not None
    assert session.machine_row(place(source, "a/second.png")) is None
    assert sit(blinded=True).machine_visible(radius.image_sha256), "seen is seen, also tomorrow"


def test_opinion_formed_before_the_machine_was_seen_stands(sit, source):
    session = sit(blinded=True)
    radius, ulna = place(source, "a/first.png"), place(source, "a/first.png", Bone.ULNA)
    session.grade(radius, 1.0)
    session.grade(radius, 1.5)
    session.grade(ulna, 0.5)
    session.grade(radius, 0.0)
    assert session.reading(radius).grade == 1.5 and not session.reading(radius).machine_seen
    session.override(radius, 0.0, "agree with the machine on second look")
    assert session.film().row(radius)["grade"] == 0.0


def test_blinded_reader_may_not_filter_by_the_machine(sit):
    session = sit(blinded=True)
    assert len(session.listed(Filter.UNREAD)) == 3
    for wanted in (Filter.REFUSED, Filter.WIDE, Filter.DISAGREEMENT):
        with pytest.raises(UsageError, match="blinded"):
            session.listed(wanted)


def test_filters(sit, source):
    session = sit()
    assert session.listed(Filter.REFUSED) == [2]
    rows = [film.scores for film in source.films.values()]
    wide = [
        i for i, film in enumerate(rows)
        if any(r["grade"] is not None and r["grade_high"] - r["grade_low"] >= 1.5 for r in film)
    ]  # fmt: skip
    assert session.listed(Filter.WIDE) == wide
    for bone in (Bone.RADIUS, Bone.ULNA):
        session.grade(place(source, "a/first.png", bone), 0.0)
    assert session.listed(Filter.UNREAD) == [1, 2]
    assert session.listed(Filter.DISAGREEMENT) == []
    sit("ben").grade(place(source, "a/first.png"), 1.0)
    assert sit().listed(Filter.DISAGREEMENT) == [0]


def test_next_unread_skips_what_is_read(sit, source):
    session = sit()
    for bone in (Bone.RADIUS, Bone.ULNA):
        session.grade(place(source, "a/second.png", bone), 0.0)
    assert session.step(+1, Filter.UNREAD) and session.index == 2
    assert not session.step(+1, Filter.UNREAD) and session.index == 2
    assert session.step(-1) and session.index == 1


def test_repeat_waits_for_the_washout(sit, source, clock):
    session, first = sit(), place(source, "a/first.png")
    session.grade(first, 1.0)
    again = sit(occasion=2)
    assert [item.image_sha256 for item in again.items] == [first.image_sha256]
    with pytest.raises(UsageError, match="not before 2026-05-15"):
        again.grade(first, 1.5)
    clock.now += timedelta(days=14)
    again.grade(first, 1.5)
    assert again.reading(first).grade == 1.5 and session.reading(first).grade == 1.0


def test_repeat_without_a_first_reading_is_refused(sit):
    with pytest.raises(UsageError, match="nothing to repeat"):
        sit("ben", occasion=2)


def test_adjudicator_gets_only_the_films_on_which_two_readers_differ(sit, source):
    anna, ben = sit("anna"), sit("ben")
    for session, grade in ((anna, 1.0), (ben, 1.0)):
        session.grade(place(source, "a/first.png"), grade)
    anna.grade(place(source, "a/second.png"), 1.0)
    ben.grade(place(source, "a/second.png"), 1.5)
    anna.grade(place(source, "b/third.png"), 0.0)
    ben.not_gradable(place(source, "b/third.png"), "oblique")
    carla = sit("carla", blinded=True, between=("anna", "ben"))
    files = [source.film(item.image_sha256).file for item in carla.items]
    assert files == ["a/second.png", "b/third.png"]
    with pytest.raises(UsageError, match="differ on no film"):
        sit("carla", between=("anna", "anna"))


def test_refused_film_can_be_read_all_the_same(sit, source):
    session = sit()
    session.go(2)
    assert [at.bone for at in session.places()] == [Bone.RADIUS, Bone.ULNA]
    session.grade(place(source, "b/third.png", Bone.ULNA), 1.5)
    assert session.reading(place(source, "b/third.png", Bone.ULNA)).grade == 1.5


def test_unknown_film_names_the_mend(sit):
    with pytest.raises(UsageError, match="score it first"):
        sit().source.film("f" * 64)


def test_asked_joint_offers_its_bones(sit, source):
    session = sit()
    film = source.film(hashes(source)["a/first.png"])
    object.__setattr__(film, "scores", ())
    object.__setattr__(film, "images", ({**film.images[0], "joint": None},))
    object.__setattr__(film, "content", lambda: {"image_sha256": film.image_sha256, "instances": []})
    session.ask_joint(Joint.ELBOW)
    assert [at.bone for at in session.places()] == [Bone.HUMERUS, Bone.RADIUS_PROXIMAL]
