"""A hand that was taken for its mirror image is read the other way round."""

import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.segment import locate
from rickets_rx.segment.locate_guard import guarded
from rickets_rx.segment.locate_verify import Reading
from rickets_rx.segment.proposals import pose_from_points
from rickets_rx.vocabulary import Bone, Joint, RefusalReason


def mistaken(seed: int) -> tuple[np.ndarray, np.ndarray, Reading]:
    """A normal wrist, its radius' corners, and a sure reading of the ulna's end as a radius, with half of the
    radius as an ulna: what a hand looks like to one who takes it for its mirror image."""
    film = phantom.sample("wrist", seed, severity=(0.0, 0.0), size_px=(500, 600))
    bones = {bone.bone: bone for bone in film.joints[0].bones}
    radius = np.array([bones[Bone.RADIUS].corner1, bones[Bone.RADIUS].corner2])
    ulna = np.array([bones[Bone.ULNA].corner2, bones[Bone.ULNA].corner1])
    far, near = sorted(radius, key=lambda corner: -float(np.hypot(*(corner - ulna.mean(0)))))
    half = np.array([(near + far) / 2, near])
    pose = pose_from_points(Joint.WRIST, np.vstack([ulna, ulna.mean(0) + bones[Bone.ULNA].distal]), 0.9)
    points = np.vstack([ulna, ulna.mean(0), half, half.mean(0)])
    return film.radiograph().pixels, radius, Reading(pose, points, np.full(6, 0.95, np.float32), np.ones(1))


@pytest.mark.parametrize("seed", [476_000_002, 476_000_003, 476_000_008])
def test_an_ulna_taken_for_a_radius_is_set_right(seed: int) -> None:
    film, radius, reading = mistaken(seed)
    assert guarded(film, reading)[1] is not None
    righted, seen = locate._right_way_round(film, reading)
    assert righted.pose.turned is not reading.pose.turned
    width = np.hypot(*(radius[1] - radius[0]))
    assert np.hypot(*(righted.points[:2] - radius).T).max() < 0.05 * width
    assert seen == [None, None]


def test_nothing_is_read_again_where_both_bones_are_bone_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    film, _, reading = mistaken(476_000_003)
    righted, _ = locate._right_way_round(film, reading)

    def asked(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(locate, "propose", asked)
    assert locate._right_way_round(film, righted)[0] is righted


def test_a_reading_stands_where_the_mirrored_one_is_no_better(monkeypatch: pytest.MonkeyPatch) -> None:
    film, _, reading = mistaken(476_000_003)
    said = guarded(film, reading)
    assert said[1] is not None and said[1].reason is RefusalReason.AMBIGUOUS
    monkeypatch.setattr(locate, "guarded", lambda *_: said)
    assert locate._right_way_round(film, reading) == (reading, said)
