"""Markers, metal, splints and film edges: where they may lie, what they do to the grey and to the answer."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.phantom.artefacts import spoil
from rickets_rx.phantom.layout import draw_frame
from rickets_rx.phantom.lead_letters import strokes
from rickets_rx.phantom.markers import _letter, draw_marker
from rickets_rx.phantom.metal import ON_BONE
from rickets_rx.phantom.place import Placement, Pose
from rickets_rx.phantom.population import Template, like
from rickets_rx.phantom.scene import covered
from rickets_rx.vocabulary import Bone, RefusalReason

LAYOUT = phantom.Layout(behind=1.6, beyond=2.4)


@pytest.mark.parametrize("text", ["L", "R", "LAB", "RKJM"])
@pytest.mark.parametrize("seed", range(4))
def test_a_marker_lies_off_the_tissue_and_is_nearly_white(text, seed):
    film = np.full((500, 500), 0.05, np.float32)
    occupied = np.zeros(film.shape, bool)
    occupied[:, 350:] = True
    draw_marker(film, text, occupied, 0.4, np.random.default_rng(seed))
    assert (film[occupied] == np.float32(0.05)).all()
    assert film.max() > 0.55
    # The main letter of 8-16 mm at 0.4 mm a pixel is 20-40 pixels high, and three initials follow.
    rows, columns = np.nonzero(film > 0.5)
    assert 18 <= np.hypot(np.ptp(rows), np.ptp(columns)) <= 200


def test_letters_are_as_high_as_one_and_begin_at_the_left():
    for letter in "ABCDEFGHIJKLMNPRSTVW":
        points = np.concatenate(strokes(letter))
        assert np.ptp(points[:, 1]) == pytest.approx(1.0, abs=0.03)
        assert points[:, 0].min() == pytest.approx(0.0, abs=0.03)
        assert points[:, 0].max() <= 0.9
    with pytest.raises(KeyError):
        strokes("7")


def test_letters_end_flat_and_flush_and_their_feet_are_thinner():
    canvas = np.zeros((160, 160), np.uint8)
    _letter(canvas, "L", (30.0, 20.0), 100.0, 0.2, SimpleNamespace(normal=lambda *_: 0.0))
    rows = np.flatnonzero((canvas > 127).any(axis=1))
    assert (rows.min(), rows.max()) == pytest.approx((20, 119), abs=1)
    # The stroke of 20 pixels is as wide at its top as in its middle, and its foot is a tenth thinner.
    widths = (canvas[[22, 60]] > 127).sum(axis=1)
    assert widths == pytest.approx([20, 20], abs=1)
    assert (canvas[:, 65] > 127).sum() == pytest.approx(18, abs=1.5)


def test_without_room_or_text_the_film_stays_as_it_is():
    film = np.full((200, 200), 0.3, np.float32)
    before = film.copy()
    draw_marker(film, "", np.zeros(film.shape, bool), 0.2, np.random.default_rng(0))
    draw_marker(film, "LAB", np.ones(film.shape, bool), 0.2, np.random.default_rng(0))
    assert (film == before).all()


@pytest.mark.parametrize("kind", ["plate", "wire"])
def test_metal_on_a_bone_is_refused_and_the_brightest_of_the_film(kind):
    bare = phantom.wrist(5, age=6.0, layout=LAYOUT, size_px=400)
    film = phantom.wrist(5, age=6.0, layout=LAYOUT, size_px=400, artefacts=phantom.Artefacts(metal=kind))
    assert film.refuse is RefusalReason.CAST_OR_METAL
    assert bare.refuse is None
    assert (film.pixels - bare.pixels).max() > 0.15


def strange_edges(metal: str) -> list[float]:
    """How large a step metal leaves at each graded end, over the end's own contrast, once the film is brought
    to the grey scale of the same film without it."""
    layout = phantom.Layout(behind=2.2, beyond=None)
    bare, film = (
        phantom.wrist(6, age=7.0, layout=layout, size_px=500, artefacts=phantom.Artefacts(metal=worn))
        for worn in ("", metal)
    )
    assert (film.refuse is None) == (metal not in ON_BONE)
    found = []
    for bone in film.joints[0].bones:
        ends = np.array([bone.corner1, bone.corner2])
        (x, y), half = ends.mean(axis=0), round(float(np.hypot(*(ends[1] - ends[0]))) / 2)
        window = np.s_[int(y) - half : int(y) + half, int(x) - half : int(x) + half]
        # Means of 25 pixels, so that grain does not count.
        before, after = (cv2.blur(one.pixels, (5, 5))[window].ravel() for one in (bare, film))
        scaled = np.polyval(np.polyfit(before, after, 1), before)
        found.append(float(np.ptp(after - scaled) / np.ptp(scaled)))
    return found


@pytest.mark.parametrize("kind", ["ring", "bracelet", "snaps"])
def test_jewellery_leaves_the_graded_ends_readable(kind):
    # The brightest steel may move the grey scale, but leaves no step that could be taken for a margin, which
    # is where half of the contrast is passed.
    assert max(strange_edges(kind)) < 0.5


def test_a_wire_leaves_a_higher_edge_than_the_bone_has():
    assert max(strange_edges("wire")) > 1


@pytest.mark.parametrize(
    ("away", "thick", "hidden"),
    [
        (0.0, 6.0, True),
        (5.0, 6.0, True),  # a quarter of the width
        (7.0, 6.0, False),  # more than 0.3 widths
        (0.0, 0.2, False),  # a film of plastic hides nothing
    ],
)
def test_a_bone_is_hidden_by_what_lies_at_its_margin(away, thick, hidden):
    across = np.linspace(-10.0, 10.0, 21)
    bone = SimpleNamespace(
        end=SimpleNamespace(width=20.0), survey=SimpleNamespace(margin=np.stack([across, 0 * across], 1)),
        placement=Placement((0.0, 0.0), 0.0),
    )  # fmt: skip
    foreign = np.zeros((101, 101), np.float32)
    foreign[50 - round(away), 50] = thick  # distal of the margin, which lies on row 50 in columns 40-60
    assert covered(bone, Pose(1.0, 0.0, False, (50.0, 50.0)), foreign) is hidden


def test_a_wire_through_a_bone_is_its_reason():
    bare = phantom.wrist(5, age=6.0, layout=LAYOUT, size_px=400)
    steel = phantom.Artefacts(metal="wire")
    wired = phantom.wrist(5, age=6.0, layout=LAYOUT, size_px=400, artefacts=steel)
    assert all(bone.reason is None for bone in bare.joints[0].bones)
    # Every wire crosses the physis of the bone that it is drawn through.
    assert RefusalReason.CAST_OR_METAL in [bone.reason for bone in wired.joints[0].bones]


def test_an_unknown_metal_names_itself():
    with pytest.raises(ValueError, match="cobalt"):
        phantom.wrist(1, size_px=200, artefacts=phantom.Artefacts(metal="cobalt"))


@pytest.mark.parametrize("kind", ["splint", "metal"])
def test_negatives_with_foreign_matter_are_refused(kind):
    film = phantom.negative(kind, 2, size_px=300)
    assert film.refuse is RefusalReason.CAST_OR_METAL
    assert film.joints


def test_a_splint_whitens_the_forearm():
    pair = [
        phantom.wrist(9, age=5.0, layout=LAYOUT, size_px=300, artefacts=phantom.Artefacts(splint_mm=mm))
        for mm in (0.0, 6.0)
    ]
    # Path lengths add: what the plaster covers is thicker, so the beam behind it is weaker everywhere there.
    assert pair[1].refuse is RefusalReason.CAST_OR_METAL
    assert np.mean(np.abs(pair[1].pixels - pair[0].pixels) > 0.02) > 0.2


@pytest.mark.parametrize("seed", range(6))
def test_edges_of_the_film_reach_no_further_than_stated(seed):
    film = np.full((300, 400), 0.5, np.float32)
    out = spoil(film, phantom.Artefacts(rim=0.04), np.random.default_rng(seed))
    assert 0 <= out.min() <= out.max() <= 1
    # 0.04 of 300 pixels, a lean of a few pixels and a glow that has died away at a fifth of the film.
    assert np.abs(out[60:-60, 80:-80] - 0.5).max() < 0.02


@pytest.mark.parametrize("hand", [True, False])
def test_a_phantom_for_a_place_in_a_population_keeps_its_size_and_has_256_greys(hand):
    film = like(Template(age=6.0, size_px=320, hand=hand), 3)
    assert max(film.pixels.shape) == 320
    levels = film.pixels * 255
    assert np.abs(levels - np.round(levels)).max() < 1e-3
    assert all(bone.grade == 0 for bone in film.joints[0].bones)
    fingers = film.joints[0].bones[0].distal[1]
    assert fingers < -0.7


def test_a_template_with_a_finding_gets_one():
    film = like(Template(age=6.0, size_px=300, hand=False, normal=False), 3)
    radius = next(bone for bone in film.joints[0].bones if bone.bone is Bone.RADIUS)
    assert radius.variant in ("torus", "lytic")


def test_a_dark_frame_hides_the_penumbra_and_leaves_no_bright_outline():
    # A film that gets white as its beam fails, across an edge of the field of 10 pixels.
    field = np.broadcast_to(np.clip((np.arange(60) - 20) / 10, 0.002, 1).astype(np.float32), (8, 60))
    film = np.where(field < 0.9, 1.0, 0.3).astype(np.float32)
    out = draw_frame(film, field, "dark", np.random.default_rng(1))
    assert (
        out.max() == pytest.approx(0.3) and (out[:, :28] == 0).all() and (out[:, 31:] == film[:, 31:]).all()
    )
