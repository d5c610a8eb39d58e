"""Films whose bones a frame hides from the networks are searched within their field."""

import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.errors import Refusal
from rickets_rx.segment import locate
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.locate_field import Grid, field_of
from rickets_rx.segment.locate_refuse import bone_refusal
from rickets_rx.segment.locate_verify import Reading
from rickets_rx.segment.proposals import Pose
from rickets_rx.vocabulary import Bone, Joint, RefusalReason


def framed(level: float) -> np.ndarray:
    """A slope with a bright band across, 300 x 260, in a frame of 40 px at the sides, 50 above and below."""
    film = np.full((400, 340), level, np.float32)
    y, x = np.mgrid[:300, :260]
    film[50:350, 40:300] = 0.4 + 0.2 * x / 260 + 0.2 * (abs(y - 150 + 0.3 * x) < 40)
    return film


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_the_field_of_a_framed_film(level: float) -> None:
    field = field_of(framed(level))
    assert field is not None
    # The penumbra is cut off as well: up to 8 pixels of 300, here 11 of the film.
    assert 40 <= field.left <= 51 and 50 <= field.top <= 61
    rows, columns = field.film.shape
    assert 289 <= field.left + columns <= 300 and 339 <= field.top + rows <= 350
    assert np.array_equal(
        field.film, framed(level)[field.top : field.top + rows, field.left : field.left + columns]
    )


def test_a_film_without_a_frame_has_no_field_of_its_own() -> None:
    y, x = np.mgrid[:300, :260]
    assert field_of((np.sin(x / 40) + np.cos(y / 55)).astype(np.float32)) is None


@pytest.mark.parametrize("shape", [(900, 20), (1, 300), (40, 40)])
def test_a_film_too_small_for_a_frame_has_no_field_of_its_own(shape: tuple[int, int]) -> None:
    edge = np.full(shape, 0.9, np.float32)
    edge[:, shape[1] // 10 :] = 0.1
    assert field_of(edge) is None


def test_places_in_a_field_on_the_original_film() -> None:
    # Halved by area, the centre of the first pixel lies between the first two of the original: at 0.5.
    grid = Grid((200, 200), 0.5, (20.0, 30.0))
    assert grid.local(np.array([[0.0, 0.0], [10.0, 20.0]])) == pytest.approx(
        np.array([[0.5, 0.5], [20.5, 40.5]])
    )


def test_a_bone_is_cut_off_where_its_field_ends() -> None:
    points = np.array([(40, 50), (80, 50), (60, 46), (5, 50), (29, 50), (17, 48)], float)
    pose = Pose(Joint.WRIST, (60.0, 50.0), (0.0, -1.0), 40.0, True)
    seen = Reading(pose, points, np.ones(6, np.float32), np.eye(10, dtype=np.float32)[0])
    cut = bone_refusal(seen, 0, points, (55, 100))
    assert cut is not None and cut.reason is RefusalReason.CUT_OFF
    assert bone_refusal(seen, 0, points, (100, 100)) is None


@pytest.mark.parametrize("longest", [1400, 600])
def test_an_elbow_seen_only_within_the_frame_is_found_there(
    longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = phantom.sample("elbow", 480_000_060, size_px=(450, 1000), severity=(0.4, 1.0))
    search, searched = locate._found, []

    def blind_to_the_whole_film(picture: np.ndarray, given: Joint | None, *, binding: bool) -> object:
        searched.append(picture.shape)
        if len(searched) == 1:
            return [], Refusal(RefusalReason.AMBIGUOUS, "hidden by its frame")
        return search(picture, given, binding=binding)

    monkeypatch.setattr(locate, "_found", blind_to_the_whole_film)
    monkeypatch.setattr(locate, "LONGEST", longest)
    (joint,) = locate.locate(film.radiograph()).joints
    # Within the frame lie 601 of 788 rows and 555 of 816 columns.
    assert len(searched) == 2 and np.less(searched[1], np.multiply(searched[0], 0.85)).all()
    assert joint.joint is Joint.ELBOW
    assert [bone.bone for bone in joint.bones] == [Bone.HUMERUS, Bone.RADIUS_PROXIMAL]
    for bone, truth in zip(joint.bones, film.joints[0].bones[:2], strict=True):
        assert isinstance(bone, BoneCandidate) and bone.bone is truth.bone
        errors = np.hypot(*np.subtract([bone.corner1, bone.corner2], [truth.corner1, truth.corner2]).T)
        assert errors.max() < 0.1 * truth.width
