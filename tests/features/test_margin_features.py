"""Cupping and fraying of drawn margins against values worked out by hand."""

import math

import numpy as np
import pytest
from drawn_bone import DrawnBone, arc, flat
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.features import cupping, fraying, unevenness
from rickets_rx.features.common import even_margin
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Bone


def test_cup_of_a_tenth_is_a_tenth_deep():
    # A parabola loses curvature x variance / 2 to smoothing: 0.8 x 0.0281^2 / 2 = 0.0003.
    bone = DrawnBone(margin=arc(-0.1)).metaphysis()
    assert cupping.measure(None, bone)["cupping"].value == pytest.approx(0.0997, abs=2e-4)


def test_convex_margin_is_negative_by_its_height_at_eighty_percent():
    # 0.1 x (1 - 0.8^2) = 0.036, less the same 0.0003.
    bone = DrawnBone(margin=arc(0.1)).metaphysis()
    assert cupping.measure(None, bone)["cupping"].value == pytest.approx(-0.0357, abs=2e-4)


@given(angle=st.floats(-180, 180), width=st.floats(30, 900), depth=st.floats(-0.3, 0.3))
@settings(max_examples=40, deadline=None)
def test_cupping_does_not_depend_on_where_how_large_and_how_turned_a_bone_is(angle, width, depth):
    bone = DrawnBone(margin=arc(-depth)).metaphysis()
    turn = np.deg2rad(angle)
    across, distal = np.array([np.cos(turn), np.sin(turn)]), np.array([np.sin(turn), -np.cos(turn)])
    frame = BoneFrame(tuple(50 - across * width / 2), tuple(50 + across * width / 2), tuple(distal))
    vu = bone.frame.from_pixels(bone.margin)
    moved = type(bone)(**{**vars(bone), "frame": frame, "margin": frame.to_pixels(vu[:, 0], vu[:, 1])})
    assert cupping.measure(None, moved)["cupping"].value == pytest.approx(
        cupping.measure(None, bone)["cupping"].value, abs=1e-9
    )


def test_fraying_of_a_straight_margin_is_nothing():
    assert fraying.fraying_rms(even_margin(DrawnBone(margin=flat).metaphysis())) == pytest.approx(
        0, abs=1e-12
    )


def test_fraying_of_a_comb_is_its_rms_within_the_band():
    # Amplitude 0.01, wave 0.08: RMS 0.01 / sqrt 2. The Gaussians halve waves of 0.02 and 0.15, so they pass
    # 0.5^((0.02 / 0.08)^2) = 0.9576 and 0.5^((0.15 / 0.08)^2) = 0.0874 of it; 0.8702 lies between.
    bone = DrawnBone(margin=lambda x: 0.01 * np.sin(2 * math.pi * x / 0.08)).metaphysis()
    assert fraying.fraying_rms(even_margin(bone)) == pytest.approx(0.01 / math.sqrt(2) * 0.8702, rel=0.03)


def test_unevenness_counts_middle_waves_and_leaves_fine_ones_and_shape_out():
    # A Gaussian that halves L0 leaves 0.5 ** ((L0 / L) ** 2) of a wave of L: waves of 8 % keep
    # 0.5 ** 0.391 - 0.5 ** 3.516 = 0.675, waves of 2 % keep 0.5 ** 6.25 = 0.013, waves of 80 % 0.5 ** 0.0039
    # - 0.5 ** 0.0352 = 0.021.
    for wave, kept in ((0.08, 0.675), (0.8, 0.021)):
        bone = DrawnBone(margin=lambda x, w=wave: 0.02 * np.sin(2 * math.pi * x / w)).metaphysis()
        expected = 0.02 / math.sqrt(2) * kept
        assert unevenness.unevenness_rms(even_margin(bone)) == pytest.approx(expected, rel=0.15)
    fine = DrawnBone(margin=lambda x: 0.02 * np.sin(2 * math.pi * x / 0.02)).metaphysis()
    assert unevenness.unevenness_rms(even_margin(fine)) < 0.05 * 0.02


def test_a_slow_wave_is_shape_and_not_fraying():
    # A wave of the whole width passes 0.9847 of the coarse Gaussian: 1.5 % of it is left.
    slow = DrawnBone(margin=lambda x: 0.05 * np.sin(2 * math.pi * x)).metaphysis()
    assert fraying.fraying_rms(even_margin(slow)) < 0.001


def test_extent_is_the_share_of_the_width_that_is_frayed():
    # Teeth on the corner1 side only: half of the central width, give or take the window at its middle.
    half = DrawnBone(
        margin=lambda x: np.where(x < 0, 0.03 * np.sin(2 * math.pi * x / 0.06), 0.0)
    ).metaphysis()
    assert fraying.frayed_share(even_margin(half)) == pytest.approx(0.5, abs=0.08)


def test_extent_counts_stretches_without_an_edge():
    bone = DrawnBone(margin=arc(0.05)).metaphysis()
    v = bone.frame.from_pixels(bone.margin)[:, 0]
    bridged = type(bone)(**{**vars(bone), "clean": ~(np.abs(v) < 0.425)})
    # 0.425 of the half width out of the 0.85 looked at.
    assert fraying.frayed_share(even_margin(bridged)) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("sigma", [4.0, 6.0, 10.0])
def test_blur_of_a_gaussian_edge_is_2_563_sigma(sigma):
    drawn = DrawnBone(margin=arc(0.03), blur=sigma)
    found = fraying.measure(drawn.film(), drawn.metaphysis())["edge_blur"].value
    assert found == pytest.approx(2.563 * sigma / 200, rel=0.04)


def test_a_small_bone_has_no_fraying_but_a_blur():
    drawn = DrawnBone(width=60.0)
    found = fraying.measure(drawn.film(), drawn.metaphysis())
    assert found["fraying"].reason == found["fraying_extent"].reason == "too_few_pixels"
    assert found["edge_blur"].value is not None


def test_an_ulna_of_the_same_film_needs_fewer_pixels():
    drawn = DrawnBone(width=70.0)
    assert fraying.measure(drawn.film(), drawn.metaphysis(Bone.ULNA))["fraying"].value is not None
    assert fraying.measure(drawn.film(), drawn.metaphysis(Bone.RADIUS))["fraying"].value is None


def test_extent_leaves_out_what_the_epiphysis_hides():
    # No edge on corner2's half, where the epiphysis lies over it: nothing that is seen is frayed.
    drawn = DrawnBone(margin=flat, epiphysis=(-0.05, 0.3, 0.9))
    bone = drawn.metaphysis()
    v = bone.frame.from_pixels(bone.margin)[:, 0]
    half = type(bone)(**{**vars(bone), "clean": v < 0})
    assert fraying.measure(drawn.film(), half)["fraying_extent"].value == 0.0
    none = type(bone)(**{**vars(bone), "clean": np.zeros(len(v), bool)})
    assert fraying.measure(drawn.film(), none)["fraying_extent"].reason == "overlapped"
