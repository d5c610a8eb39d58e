"""Corrections on phantoms: what the margin's network sees between the reader's corners."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_bone import DrawnBone

from rickets_rx import phantom
from rickets_rx.radiograph import Radiograph
from rickets_rx.review import correct
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.masks import near_edge
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace_learned import Sight, look
from rickets_rx.vocabulary import Bone, Status


def end(seed: int, bone: Bone) -> tuple[Radiograph, phantom.PhantomBone, BoneFrame]:
    """A bone end of a severe phantom, which the network is sure of."""
    film = phantom.sample("wrist", seed, severity=(0.9, 1.0), size_px=(400, 500))
    true = next(b for j in film.joints for b in j.bones if b.bone is bone and b.status is Status.SCORED)
    frame = BoneFrame(true.corner1, true.corner2, true.distal)
    assert look(film.radiograph().pixels, frame).sure
    return film.radiograph(), true, frame


def added(film: Radiograph, true: phantom.PhantomBone, frame: BoneFrame) -> Metaphysis:
    shaft = tuple(frame.to_pixels(0.0, -0.8).ravel())
    return correct.add_bone(film, true.bone, true.corner1, true.corner2, shaft=shaft)


def unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the network is never sure."""
    monkeypatch.setattr(correct, "look", lambda *given: replace(look(*given), certain=np.zeros(2)))


def error(frame: BoneFrame, found: np.ndarray, true: np.ndarray) -> float:
    """Median distance of two margins over the central 85 % of the true width, MW."""
    heights = []
    for margin in (found, true):
        vu = frame.from_pixels(margin)
        order = np.argsort(vu[:, 0], kind="stable")
        heights.append(np.interp(np.linspace(-0.85, 0.85, 69), vu[order, 0], vu[order, 1]))
    return float(np.median(np.abs(heights[0] - heights[1])))


@pytest.mark.parametrize(
    ("seed", "bone"), [(474_000_000, Bone.ULNA), (474_000_002, Bone.RADIUS), (474_000_003, Bone.ULNA)]
)
def test_an_added_bone_has_the_margin_that_the_network_sees(seed, bone, monkeypatch):
    """On frayed ends the outline alone takes a wrong way (0.05-0.18 MW off)."""
    film, true, frame = end(seed, bone)
    seen = added(film, true, frame)
    unsure(monkeypatch)
    outlined = added(film, true, frame)
    assert error(frame, seen.margin, true.margin) < 0.035
    assert error(frame, seen.margin, true.margin) < 0.6 * error(frame, outlined.margin, true.margin)
    assert seen.margin[[0, -1]] == pytest.approx(np.array([true.corner1, true.corner2]), abs=1e-6)


def test_between_moved_corners_lies_the_margin_that_the_network_sees(monkeypatch):
    """The traced outline is the truth, 0.03 MW too far distal; corners are put back where they belong."""
    film, true, frame = end(474_000_001, Bone.ULNA)
    off = frame.width * np.array([0.03 * frame.axis, 0.03 * frame.axis])
    one, other = (tuple(map(float, c)) for c in np.array([true.corner1, true.corner2]) + off)
    before = replace(
        added(film, true, frame), frame=BoneFrame(one, other, true.distal), margin=true.margin + off[0]
    )
    seen = correct.move_corners(film, before, true.corner1, true.corner2)
    unsure(monkeypatch)
    outlined = correct.move_corners(film, before, true.corner1, true.corner2)
    assert error(frame, seen.margin, true.margin) < 0.01
    assert error(frame, seen.margin, true.margin) < 0.6 * error(frame, outlined.margin, true.margin)
    assert seen.margin[[0, -1]] == pytest.approx(np.array([true.corner1, true.corner2]), abs=1e-6)


@pytest.mark.parametrize("seed", [474_000_000, 474_000_001])
def test_an_added_bone_has_the_near_face_that_the_network_sees(seed, monkeypatch):
    film, true, frame = end(seed, Bone.RADIUS)
    face = frame.from_pixels(added(film, true, frame).near_face)
    away = face[:, 1] - near_edge(frame.from_pixels(true.epiphysis), face[:, 0])
    assert np.nanmedian(np.abs(away)) < 0.015
    unsure(monkeypatch)
    assert added(film, true, frame).near_face is None


def test_an_island_before_the_face_that_is_seen_is_none(monkeypatch):
    """An island 0.08 MW from the margin, and a network sure of an edge at 0.3 MW: 0.22 further out."""
    drawn = DrawnBone(epiphysis=(0.08, 0.15, 0.8))
    frame, film, v = drawn.frame, drawn.film(), np.linspace(-1.4, 1.4, 48)
    corners, shaft = np.array([frame.corner1, frame.corner2]), tuple(frame.to_pixels(0.0, -0.8).ravel())
    seen = [np.full(48, height) for height in (0.0, 0.015, 0.3, 0.02)]
    said = Sight(frame, v, *seen, corners, np.ones(2))

    def made(bone: Bone, certain: float) -> Metaphysis:
        monkeypatch.setattr(correct, "look", lambda *_: replace(said, certain=np.full(2, certain)))
        return correct.add_bone(film, bone, frame.corner1, frame.corner2, shaft=shaft)

    assert made(Bone.RADIUS, 0.0).epiphysis is not None
    radius = made(Bone.RADIUS, 1.0)
    assert radius.epiphysis is None and radius.epiphysis_reason == "epiphysis_not_found"
    assert frame.from_pixels(radius.near_face)[:, 1] == pytest.approx(0.3)
    # Over the medial half of the humerus lies the ulna: no edge there is believed.
    assert made(Bone.HUMERUS, 1.0).near_face is None
