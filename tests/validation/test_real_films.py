"""Real films where they lie: which film is in which set, what is true of it, what a painting does to it."""

import csv
import json
import shutil

import cv2
import numpy as np
import pytest

from rickets_rx.errors import InputError
from rickets_rx.phantom import wrist
from rickets_rx.validation import own
from rickets_rx.validation.real_films import DRAWS, marked_task, painted_task, real_parts, true_bones
from rickets_rx.vocabulary import Bone

FOLDERS = {"one": "wrist", "two": "wrist", "learned": "wrist_cc_by", "hand": "hand", "ankle": "other"}


@pytest.fixture(scope="module")
def phantom():
    return wrist(490_100_003, age=3.0, size_px=520)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, phantom):
    """A normal phantom in the place of each real film: ``one`` is normal, of ``two`` the ulna is cupped."""
    home = tmp_path_factory.mktemp("real")
    low, high = np.percentile(phantom.pixels, (0.1, 99.9))
    picture = (np.clip((phantom.pixels - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    for film, below in FOLDERS.items():
        (home / below).mkdir(exist_ok=True)
        cv2.imwrite(str(home / below / f"{film}.png"), picture)
    radius, ulna = phantom.joints[0].bones
    places = {"ru": radius.corner1, "rr": radius.corner2, "uu": ulna.corner1, "ur": ulna.corner2}
    upright = np.mean([radius.corner1, radius.corner2], axis=0) - (0, radius.width / 4)
    marks = {name: list(map(float, point)) for name, point in places.items()} | {"rm": upright.tolist()}
    normal = {"margin_radius": "normal", "margin_ulna": "normal"}
    said = dict.fromkeys(("one", "two", "learned"), marks | normal)
    said["two"] = marks | {"margin_radius": "normal", "margin_ulna": ["cupped", "cupped"]}
    (home / "landmarks.json").write_text(json.dumps({"_about": {}} | said))
    with (home / "manifest.csv").open("w", newline="") as handle:
        table = csv.writer(handle)
        table.writerow(["file", "bone_age_months"])
        table.writerows([[f"{below}/{film}.png", 36] for film, below in FOLDERS.items()])
    return home


def test_each_film_is_in_its_set_and_none_that_was_learned_from_is_painted(folder):
    parts = {part.name: part for part in real_parts(folder, {})}
    films = {name: {task[0] for task in part.tasks} for name, part in parts.items()}
    assert films == {
        "real_films": {"one", "two", "learned"}, "painted": {"one"}, "unmarked": {"hand"},
        "real_to_be_refused": {"ankle"},
    }  # fmt: skip
    assert len(parts["painted"].tasks) == 2 * DRAWS


def test_other_films_are_another_key(folder, tmp_path):
    before = real_parts(folder, {})[0].key
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert real_parts(copy, {})[0].key == before
    (copy / "hand" / "hand.png").write_bytes(b"another")
    assert real_parts(copy, {})[0].key != before


def test_the_readers_word_goes_with_the_bone(folder):
    bones = {bone.bone: bone for bone in true_bones(str(folder), "two")}
    assert {bone: one.facts["said"] for bone, one in bones.items()} == {
        Bone.RADIUS: "normal", Bone.ULNA: "cupped",
    }  # fmt: skip
    assert {(one.grade, one.severity, one.facts["age_years"]) for one in bones.values()} == {(0.0, None, 3.0)}


def test_a_marked_film_is_held_against_its_marks_and_tells_whether_it_was_learned_from(folder):
    found = {film: marked_task(str(folder), [film]) for film in ("one", "learned")}
    assert [found[film]["trained_on"] for film in found] == [False, True]
    assert all(bone["corner_error"] < 0.1 for bone in found["one"]["bones"])
    assert (found["one"]["scored"], found["one"]["surplus"]) == (2, 0)


def test_a_painting_is_the_same_each_time_and_knows_its_severity(folder):
    task = ["one", "density", 1]
    found = painted_task(str(folder), task)
    assert found == painted_task(str(folder), task)
    assert [bone["bone"] for bone in found["bones"]] == ["radius", "ulna"]
    assert all(0 <= bone["true_severity"] <= 1 and bone["painter"] == "density" for bone in found["bones"])
    assert found["child"] == "one", "paintings of one film are one cluster"


def test_a_wrong_path_is_told_before_any_film_is_begun(tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(own, "run_part", lambda *args, **kwargs: begun.append(args))
    with pytest.raises(InputError, match="no table of coverage"):
        own.own_validation(own.Asked(tmp_path, coverage=(tmp_path / "nothere.csv",)))
    assert begun == []
