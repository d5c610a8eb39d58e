"""Painted films: a drawn bone with known greys changes where rickets changes it, and nowhere else."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from rickets_rx.phantom.painting import Painter, half_left, paint
from rickets_rx.phantom.painting_layers import cut_out, repainted, with_grain
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import Bone

SOFT, BONE, LINE = 100.0, 200.0, 240.0


@pytest.fixture
def drawn():
    """A bone 100 px wide, its flat margin at y = 150 with a white line 4 px deep, the shaft downwards."""
    rng = np.random.default_rng(0)
    pixels = np.full((400, 400), SOFT, np.float32)
    pixels[150:, 150:250] = BONE
    pixels[150:154, 150:250] = LINE
    grain = rng.normal(0, 2, pixels.shape).astype(np.float32)
    frame = BoneFrame((150.0, 150.0), (249.0, 150.0), (0.0, -1.0))
    margin = np.stack([np.linspace(150, 249, 50), np.full(50, 150.0)], axis=1)
    side = np.array([[150.0, 150.0], [150.0, 300.0]])
    metaphysis = Metaphysis(Bone.RADIUS, frame, margin, margin, np.ones(50, bool), 1.0, side, [*side, 99, 0])
    return Radiograph(pixels + grain, "0" * 64, "drawn"), metaphysis


def test_severity_zero_leaves_the_film_as_it_was(drawn):
    radiograph, metaphysis = drawn
    painted = paint(radiograph, metaphysis, 0.0, 1)
    assert painted.grade == 0
    assert np.abs(painted.radiograph.pixels - radiograph.pixels).mean() < 0.5


@pytest.mark.parametrize("painter", list(Painter))
def test_severe_disease_takes_the_white_line_and_the_end_with_it(drawn, painter):
    radiograph, metaphysis = drawn
    painted = paint(radiograph, metaphysis, 1.0, 2, painter=painter)
    end = painted.radiograph.pixels[151:155, 190:210]
    assert end.mean() < 130
    assert painted.radiograph.pixels[:, 180:220].max() < 225
    assert painted.grade == 2.0
    # Deep in the shaft nothing has changed.
    deep = painted.radiograph.pixels[260:, 170:230] - radiograph.pixels[260:, 170:230]
    assert np.abs(deep).mean() < 1.0


@pytest.mark.parametrize("painter", list(Painter))
def test_no_skirt_of_the_old_margin_is_left_in_the_room(drawn, painter):
    radiograph, metaphysis = drawn
    # A soft film: half a bone's grey at the margin, and still a seventh of it 2 px beyond.
    soft = replace(radiograph, pixels=cv2.GaussianBlur(radiograph.pixels, (0, 0), 2))
    painted = paint(soft, metaphysis, 1.0, 2, painter=painter).radiograph.pixels
    room = painted[150:156, 170:230].mean(axis=1)
    assert room.max() < SOFT + 0.1 * (BONE - SOFT)


def test_the_painted_margin_is_where_the_painted_bone_ends(drawn):
    radiograph, metaphysis = drawn
    painted = paint(radiograph, metaphysis, 0.9, 2, painter=Painter.DENSITY)
    x, y = painted.margin.T
    assert x[0] == pytest.approx(painted.corner1[0], abs=1) and x[-1] == pytest.approx(
        painted.corner2[0], abs=1
    )
    columns = np.arange(170, 231)
    grey = cv2.GaussianBlur(painted.radiograph.pixels, (0, 0), 1)[:, columns]
    # Going distally, the first row of each column that is not half of the bone any more.
    bone = grey[:220] >= (SOFT + BONE) / 2
    ends = np.array([220 - np.argmin(column[::-1]) for column in bone.T])
    assert ends.mean() > 155
    assert np.median(np.abs(np.interp(columns, x, y) - ends)) < 4
    untouched = paint(radiograph, metaphysis, 0.0, 2).margin
    assert untouched[:, 1] == pytest.approx(150.0, abs=1.5)


def test_half_of_the_density_is_left_where_layers_and_lucency_say_so():
    ends = np.array([[-0.10], [-0.20], [-0.30]])
    # Of three layers two are left from -0.2 on; softly ended they cross half at the middle one.
    assert half_left(ends, 0.0, np.array([0.02])) == pytest.approx(-0.2, abs=0.005)
    assert half_left(ends, 0.0, None) == pytest.approx(-0.2, abs=0.005)
    # One end, 0.4 of the density lost at the margin as exp(-(depth / 0.13)^1.5): 0.2 behind it
    # 1 - 0.4 x 0.148 = 0.941 of the bone, half of it left where 0.531 of the fall of 0.1 is to go.
    found = half_left(np.array([[-0.2]]), 0.4, np.array([0.1]))
    assert found == pytest.approx(-0.2 - 0.0031, abs=0.003)


def test_more_severity_takes_more_density(drawn):
    radiograph, metaphysis = drawn
    left = [
        paint(radiograph, metaphysis, s, 3).radiograph.pixels[150:175, 160:240].mean()
        for s in (0.0, 0.4, 0.7, 1.0)
    ]
    assert left == sorted(left, reverse=True)
    assert left[0] - left[3] > 30


@pytest.mark.parametrize("painter", list(Painter))
def test_the_grain_of_the_film_stays(drawn, painter):
    radiograph, metaphysis = drawn
    painted = paint(radiograph, metaphysis, 1.0, 4, painter=painter).radiograph.pixels
    fine = painted[110:145, 170:230] - np.roll(painted[110:145, 170:230], 1, axis=1)
    before = radiograph.pixels[110:145, 170:230] - np.roll(radiograph.pixels[110:145, 170:230], 1, axis=1)
    assert fine.std() == pytest.approx(before.std(), rel=0.15)


def test_splaying_moves_the_corners_apart(drawn):
    radiograph, metaphysis = drawn
    painted = paint(radiograph, metaphysis, 1.0, 5)
    width = painted.corner2[0] - painted.corner1[0]
    assert width == pytest.approx(99 * (1 + painted.disease.splay), abs=0.1)
    assert painted.disease.splay > 0.05


def test_severity_out_of_range_is_refused(drawn):
    radiograph, metaphysis = drawn
    with pytest.raises(ValueError, match="0-1"):
        paint(radiograph, metaphysis, 1.5, 1)


@pytest.mark.parametrize("painter", list(Painter))
def test_a_wider_plate_moves_what_lies_beyond_it(drawn, painter):
    # A dense bar from 0.10 to 0.18 widths beyond the margin stands for an epiphysis. It moves by the widening
    # (mm of a 17 mm bone), less what the room up to 0.9 widths presses together (at most a quarter).
    radiograph, metaphysis = drawn
    pixels = radiograph.pixels.copy()
    pixels[132:141, 150:250] = LINE
    radiograph = replace(radiograph, pixels=pixels)
    painted = paint(radiograph, metaphysis, 0.6, 6, painter=painter)
    column = painted.radiograph.pixels[60:146, 190:210].mean(axis=1)
    bar = 60 + float(np.average(np.arange(len(column)), weights=np.maximum(column - 150, 0)))
    moved = (136 - bar) / 99
    widening = painted.disease.gap_extra / 17
    assert 0.7 * widening < moved < 1.02 * widening
    assert widening > 0.1


@pytest.fixture
def older(drawn):
    """The drawn bone as an older child's: a plate of 6 px under an epiphysis of 24 px with a bright rim, the
    plate overlaid by a third of a bone's grey."""
    radiograph, metaphysis = drawn
    pixels = radiograph.pixels.copy()
    pixels[144:150, 150:250] += 33
    pixels[120:144, 152:248] += BONE - SOFT
    pixels[142:144, 152:248] += LINE - BONE
    return replace(radiograph, pixels=pixels), metaphysis


@pytest.mark.parametrize("painter", list(Painter))
def test_nothing_of_the_old_plate_or_epiphysis_is_left_in_an_older_child(older, painter):
    radiograph, metaphysis = older
    painted = paint(radiograph, metaphysis, 1.0, 2, painter=painter)
    # The epiphysis moved by the widening, so that its near edge leaves 8-14 px of plate.
    assert painted.disease.gap_extra / 17 > 0.18
    rows = painted.radiograph.pixels[136:152, 170:230].mean(axis=1)
    assert np.abs(rows - rows.mean()).max() < 0.06 * (BONE - SOFT)
    assert rows.mean() == pytest.approx(SOFT, abs=0.12 * (BONE - SOFT))


def test_flesh_under_the_bone_is_what_lies_beside_and_beyond_it(older):
    radiograph, metaphysis = older
    # Flesh that falls off evenly to one side, by 0.2 grey levels a pixel.
    fall = 0.2 * (200 - np.arange(400))[None, :]
    patch = cut_out((radiograph.pixels + fall).astype(np.float32), metaphysis)
    inside = (np.abs(patch.v) < 1) & (patch.u > -0.3) & (patch.u < 0.3)
    columns = np.broadcast_to(np.arange(patch.window[1].start, patch.window[1].stop), patch.v.shape)
    truth = SOFT + 0.2 * (200 - columns)
    assert np.abs(patch.bare - truth)[inside].max() < 12


def test_the_rim_is_the_darkest_line_of_a_narrow_plate(older):
    radiograph, metaphysis = older
    rim = cut_out(radiograph.pixels, metaphysis).rim[60:181]
    # Plate from 0 to 6 px beyond the margin at y = 150, half a pixel above the first row of bone.
    assert rim.min() > 1.5 / 99 and rim.max() < 6 / 99


def test_new_grain_is_as_strong_and_as_coarse_as_the_films(drawn):
    radiograph, metaphysis = drawn
    coarse = cv2.GaussianBlur(radiograph.pixels - 100, (0, 0), 0.7)
    patch = cut_out(coarse.astype(np.float32), metaphysis)
    layers = repainted(patch, np.full_like(patch.low, 5000))
    assert layers.new.min() == 1
    fresh = with_grain(layers, patch, np.random.default_rng(0)) - 5000
    own = (patch.pixels - patch.low)[20:80]
    assert fresh.std() == pytest.approx(own.std(), rel=0.15)

    def neighbours(grain):
        return float(np.mean(grain[:, 1:] * grain[:, :-1]) / np.mean(grain**2))

    assert neighbours(fresh) == pytest.approx(neighbours(own), abs=0.12)
