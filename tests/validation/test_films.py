"""Films with truth through the pipeline: the right bone is held against the right truth."""

import numpy as np
import pytest

from rickets_rx.phantom import wrist
from rickets_rx.validation.films import NOT_FOUND, TrueBone, scored_film
from rickets_rx.validation.phantom_films import FIRST_SEED, negative_task, phantom_task, whole_scale
from rickets_rx.vocabulary import Bone, Joint


@pytest.fixture(scope="module")
def phantom():
    return wrist(490_100_003, age=3.0, size_px=520)


def truth_of(film, shift=(0.0, 0.0)):
    found = []
    for true in film.joints[0].bones:
        first, second = (tuple(map(float, np.add(corner, shift))) for corner in (true.corner1, true.corner2))
        facts = {"instance": 1}
        found.append(TrueBone(true.bone, Joint.WRIST, (first, second), true.severity, true.grade, facts))
    return found


def test_each_true_bone_gets_the_answer_at_its_place(phantom):
    truth = truth_of(phantom)
    found = scored_film(phantom.radiograph(), truth)
    assert [row["bone"] for row in found["bones"]] == ["radius", "ulna"]
    assert {row["status"] for row in found["bones"]} == {"scored"}
    for row, true in zip(found["bones"], phantom.joints[0].bones, strict=True):
        assert row["corner_error"] < 0.1
        assert row["width_px"] == pytest.approx(true.width, abs=0.1)
    assert (found["scored"], found["surplus"]) == (2, 0)


def test_an_answer_elsewhere_is_none_and_a_surplus(phantom):
    radius = phantom.joints[0].bones[0]
    away = truth_of(phantom, shift=(0.0, 2 * radius.width))
    found = scored_film(phantom.radiograph(), away)
    assert [row.get("reason") for row in found["bones"]] == [NOT_FOUND, NOT_FOUND]
    assert found["surplus"] == 2


def test_a_shift_is_measured_in_widths(phantom):
    truths = truth_of(phantom), truth_of(phantom, (40.0, 0.0))
    before, after = (scored_film(phantom.radiograph(), truth)["bones"][0] for truth in truths)
    width = phantom.joints[0].bones[0].width
    assert after["corner_error"] == pytest.approx(40 / width, abs=2 * before["corner_error"])


def test_a_refused_film_refuses_all_its_bones(phantom):
    noise = np.random.default_rng(0).normal(size=phantom.pixels.shape)
    radiograph = phantom.radiograph()
    from dataclasses import replace

    found = scored_film(replace(radiograph, pixels=noise.astype(np.float32)), truth_of(phantom))
    assert found["refused"] is not None
    assert {row["reason"] for row in found["bones"]} == {found["refused"]}


def test_tasks_repeat_themselves_and_name_their_children():
    task = ["wrists", FIRST_SEED["wrists"] + 3]
    first = phantom_task(task)
    assert first == phantom_task(task)
    assert first["child"] == first["film"] == f"wrists {task[1]}"
    # Odd seeds come without a spacing, even ones with theirs.
    for number, wanted in ((3, "none"), (4, "user")):
        found = phantom_task(["wrists", FIRST_SEED["wrists"] + number])
        assert {bone["spacing_source"] for bone in found["bones"]} == {wanted}


def test_the_whole_scale_is_covered_and_bones_differ():
    drawn = [whole_scale(seed) for seed in range(300)]
    losses = np.array([[d[bone].zone_loss for bone in (Bone.RADIUS, Bone.ULNA)] for d in drawn])
    assert losses.min() < 0.05
    assert losses.max() > 0.9
    assert abs(np.corrcoef(losses.T)[0, 1]) < 0.2  # 300 pairs of independent draws: 0.06 is one deviation


def test_a_film_to_be_refused_has_a_reason_to_be_held_against():
    found = negative_task(["shaft", 490_200_000])
    assert found["wanted"] == "wrong_body_part"
