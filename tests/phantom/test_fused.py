"""A closed growth plate: bone runs through where the plate was, and the outline bears no step."""

import numpy as np
import pytest

from rickets_rx.phantom.anatomy import draw_child
from rickets_rx.phantom.fused import fused
from rickets_rx.phantom.hand_anatomy import Posture, wrist_limb
from rickets_rx.phantom.limb import GradedBone
from rickets_rx.phantom.place import Sheet
from rickets_rx.vocabulary import Side


def bones(seed: int, age: float) -> tuple[GradedBone, ...]:
    rng = np.random.default_rng(seed)
    child = draw_child(rng, age)
    return wrist_limb(rng, child, {}, side=Side.LEFT, posture=Posture(), pitch=0.2, forearm=3.0).graded


def mineral(bone: GradedBone) -> tuple[np.ndarray, np.ndarray]:
    """Mineral along the axis of a bone with its epiphysis: s (mm), and the mean of the middle fifth, whose
    columns follow the course of the margin (a plate may lie aslant)."""
    crest = float(bone.survey.margin[:, 1].max())
    s = np.arange(-0.4 * bone.end.width, crest + 0.06 * bone.end.width, 0.1)
    total = np.zeros_like(s)
    sheets: list[Sheet] = [bone.end.maps(0.1, texture=False)]
    sheets += [bone.epiphysis.mineral] if bone.epiphysis else []
    for sheet in sheets:
        x = sheet.x0 + sheet.pitch * np.arange(sheet.values.shape[1])
        rows = sheet.s0 + sheet.pitch * np.arange(len(sheet.values))
        middle = np.flatnonzero(np.abs(x) < 0.1 * bone.end.width)
        higher = np.interp(x, *bone.survey.margin.T) - np.interp(0.0, *bone.survey.margin.T)
        total += np.mean([np.interp(s + higher[i], rows, sheet.values[:, i], right=0.0) for i in middle], 0)
    return s, total


@pytest.mark.parametrize("seed", range(4))
def test_bone_runs_through_a_fused_plate_and_not_through_an_open_one(seed):
    rng = np.random.default_rng(seed)
    for bone in bones(seed, 17.0):
        _, through = mineral(fused(bone, rng))
        assert through.min() > 0.7 * np.median(through)
    for bone in bones(seed, 8.0):
        s, across = mineral(bone)
        # No bone at all in the plate, a millimetre or two wide at the end of the shaft.
        assert across[s > -0.1 * bone.end.width].min() < 0.3 * np.median(across)


def test_the_outline_of_a_fused_bone_bears_no_step():
    for bone in bones(5, 17.0):
        end = fused(bone, np.random.default_rng(0)).end
        s = np.arange(-0.5 * end.width, 0.2 * end.width, 0.1)
        for edge in end.edges(s):
            # 45 degrees at most: an open plate leaves a gap, and an epiphysis that stands over it.
            assert np.abs(np.diff(edge)).max() < 0.1


def test_the_joint_surface_of_a_fused_bone_is_that_of_its_epiphysis():
    """The open epiphysis' distal face, at most 0.08 of its height lower, and bone up to there."""
    for bone in bones(8, 17.0):
        x, _, distal = bone.epiphysis.plate.faces()
        end = fused(bone, np.random.default_rng(1)).end
        drop = distal - end._top(x)
        assert drop.min() == pytest.approx(drop.max(), abs=1e-9)
        assert 0 <= drop[0] <= 0.08 * bone.epiphysis.plate.height
        sheet = end.maps(0.1, texture=False)
        columns = sheet.x0 + sheet.pitch * np.arange(sheet.values.shape[1])
        for at in np.flatnonzero(np.abs(columns - bone.epiphysis.plate.centre) < 0.3 * end.width):
            last = sheet.s0 + sheet.pitch * np.flatnonzero(sheet.values[:, at] > 0.3).max()
            assert last == pytest.approx(float(end._top(columns[at : at + 1])[0]), abs=0.35)


def test_the_corners_of_a_fused_bone_are_those_of_the_plate_that_was():
    for bone in bones(6, 17.0):
        whole = fused(bone, np.random.default_rng(0))
        assert whole.end.width == bone.end.width
        assert whole.epiphysis is None
        np.testing.assert_array_equal(whole.survey.margin, bone.survey.margin)


def test_a_bone_without_an_epiphysis_cannot_fuse():
    infant = bones(7, 0.3)[1]
    assert infant.epiphysis is None
    with pytest.raises(ValueError, match="ulna has no epiphysis"):
        fused(infant, np.random.default_rng(0))
