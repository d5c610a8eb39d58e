"""Splaying, gap and collar of drawn bones, and the registry as a whole."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_bone import DrawnBone, arc
from scipy.special import ndtr

from rickets_rx.features import collar, feature_units, gap, measure_all, splaying
from rickets_rx.features.common import even_margin
from rickets_rx.radiograph import Radiograph

CONTRACT = (
    "cupping fraying fraying_extent edge_blur zone_contrast zone_continuity lucency "
    "splaying_50 splaying_75 splaying_100 gap texture collar"
).split()
OURS = ["unevenness"]


def test_splaying_of_a_bone_that_narrows_by_six_tenths_per_width():
    # Each side comes in by 0.3 per MW: widths 0.7, 0.55 and 0.4.
    bone = DrawnBone(flare=0.3).metaphysis()
    for level, width in ((0.5, 0.7), (0.75, 0.55), (1.0, 0.4)):
        left, right = (splaying.side_at(s, bone.frame, level) for s in (bone.shaft_left, bone.shaft_right))
        assert right - left == pytest.approx(width, rel=1e-6)
    # A slab has no square-root foot: a quarter of its blurred step lies 0.67 pixels (0.0034 MW) outside.
    found = splaying.measure(DrawnBone(flare=0.3).film(), bone)
    for name, width in (("splaying_50", 0.7), ("splaying_75", 0.55), ("splaying_100", 0.4)):
        assert found[name].value == pytest.approx(1 / (width + 2 * 0.0034), rel=0.006)


@pytest.mark.parametrize("thickness", [0.04, 0.08])
def test_the_surface_of_a_tube_is_found_where_a_ray_first_meets_it(thickness):
    # A shaft of radius 0.4 MW: the ray at distance x from its axis crosses 2 sqrt(R^2 - x^2) of it, less the
    # marrow; half of the greatest length is reached about a quarter of the cortex inside.
    x = (np.arange(300) - 150.0) / 200
    outer, inner = 0.4, 0.4 - thickness
    length = np.sqrt(np.maximum(outer**2 - x**2, 0)) - np.sqrt(np.maximum(inner**2 - x**2, 0))
    drawn = DrawnBone()
    film = Radiograph(np.tile((1000 + 5000 * length).astype(np.float32), (440, 1)), "0" * 64, "tube.png")
    half = outer - thickness / 4
    u = np.linspace(0, -1.1, 111)
    side = drawn.frame.to_pixels(np.full(111, 2 * half), u)
    traced = splaying.side_at(side, drawn.frame, 0.75)
    surface = splaying.surface_at(film.pixels, side, drawn.frame, 0.75, 1.0)
    assert traced == pytest.approx(outer - thickness / 4, abs=1e-6)
    assert surface == pytest.approx(outer - thickness / 16, abs=0.002)


def test_splaying_stops_where_the_film_stops():
    drawn = DrawnBone(flare=0.3)
    found = splaying.measure(drawn.film(), drawn.metaphysis(shaft=0.8))
    assert found["splaying_75"].value == pytest.approx(1 / (0.55 + 2 * 0.0034), rel=0.006)
    assert found["splaying_100"].reason == "shaft_off_film"


@pytest.mark.parametrize("height", [-0.1, 0.0, 0.1])
def test_gap_is_the_distance_along_the_axis_whatever_the_margin(height):
    drawn = DrawnBone(margin=arc(height), epiphysis=(0.06, 0.25, 0.8))
    bone = drawn.metaphysis()
    distance = gap.to_outline(bone.frame.from_pixels(bone.epiphysis), even_margin(bone))
    assert np.nanmedian(distance) == pytest.approx(0.06, abs=5e-4)
    assert gap.measure(drawn.film(), bone)["gap"].value == pytest.approx(0.06, abs=2e-3)


def test_gap_is_measured_to_the_near_face_where_the_network_saw_it():
    """A face 0.12 widths beyond a flat margin; the epiphysis on the film begins at 0.06."""
    drawn = DrawnBone(margin=arc(0.0), epiphysis=(0.06, 0.25, 0.8))
    seen = drawn.frame.to_pixels(np.linspace(-0.6, 0.6, 13), 0.12)
    bone = replace(drawn.metaphysis(), near_face=seen)
    assert gap.measure(drawn.film(), bone)["gap"].value == pytest.approx(0.12, abs=1e-4)
    # It is told also where no outline was found; an edge behind the margin overlaps it.
    bare = replace(bone, epiphysis=None, epiphysis_reason="epiphysis_not_found")
    assert gap.measure(drawn.film(), bare)["gap"].value == pytest.approx(0.12, abs=1e-4)
    over = replace(bone, near_face=drawn.frame.to_pixels(np.linspace(-0.6, 0.6, 13), -0.02))
    assert gap.measure(drawn.film(), over)["gap"].value == 0.0


@pytest.mark.parametrize("blur", [0.002, 0.005, 0.008])
def test_what_is_missing_between_two_bones_is_their_gap_however_blurred(blur):
    # Edges at 0 and 0.02: density D Phi(-x / blur) + D Phi((x - 0.02) / blur) over flesh, whose
    # shortfall has the integral 0.02 D.
    depth = np.arange(-gap.NEXT[1], 0.1, gap.FINE)
    bone = 500 * ndtr(-depth / blur) + 500 * ndtr((depth - 0.02) / blur)
    columns = np.tile((1000 + bone).astype(np.float32), (20, 1))
    assert gap.missing_bone(columns, depth, np.full(20, 0.03), 1000.0) == pytest.approx(0.02, abs=1.5e-3)


def test_nothing_is_missing_where_the_film_does_not_show_it():
    depth = np.arange(-gap.NEXT[1], 0.1, gap.FINE)
    off = np.full((20, len(depth)), np.nan, np.float32)
    assert gap.missing_bone(off, depth, np.full(20, 0.03), 1000.0) is None
    # Nor where both sides are no denser than flesh.
    assert gap.missing_bone(np.full_like(off, 900.0), depth, np.full(20, 0.03), 1000.0) is None


def test_a_narrow_gap_is_half_distance_and_half_what_is_missing():
    # The face was seen at 0.045 instead of 0.03: the mean of that and of 0.03.
    drawn = DrawnBone(epiphysis=(0.03, 0.25, 0.8), blur=1.5)
    seen = replace(drawn.metaphysis(), near_face=drawn.frame.to_pixels(np.linspace(-0.6, 0.6, 13), 0.045))
    assert gap.measure(drawn.film(), seen)["gap"].value == pytest.approx(0.0375, abs=2e-3)


@pytest.mark.parametrize("physis", [0.05, 0.2])
def test_gap_is_measured_to_the_face_where_the_outline_takes_in_part_of_the_physis(physis):
    drawn = DrawnBone(epiphysis=(physis, 0.25, 0.8))
    bone = drawn.metaphysis()
    near = physis * 0.4
    wrong = replace(
        bone, epiphysis=drawn.frame.to_pixels([-0.8, 0.8, 0.8, -0.8], [near, near, *[physis + 0.25] * 2])
    )
    assert gap.measure(drawn.film(), wrong)["gap"].value == pytest.approx(physis, abs=2e-3)


def test_overlap_is_no_gap_and_no_closure():
    drawn = DrawnBone(epiphysis=(-0.05, 0.25, 0.8))
    bone = drawn.metaphysis()
    distance = gap.to_outline(bone.frame.from_pixels(bone.epiphysis), even_margin(bone))
    assert np.nanmedian(np.maximum(distance, 0)) == 0.0
    assert gap.measure(drawn.film(), bone)["gap"].value == pytest.approx(0.0, abs=2e-3)


def test_a_nucleus_bounds_no_physis():
    bone = DrawnBone(epiphysis=(0.1, 0.2, 0.45)).metaphysis()
    assert gap.measure(None, bone)["gap"].reason == "epiphysis_too_small"


def test_gap_repeats_why_there_is_no_epiphysis():
    assert gap.measure(None, DrawnBone().metaphysis())["gap"].reason == "epiphysis_not_ossified"


@pytest.mark.parametrize("length", [0.0, 0.08, 0.15])
def test_collar_is_the_straight_piece_before_the_flare(length):
    bone = DrawnBone(flare=0.4, collar=length).metaphysis()
    assert collar.measure(None, bone)["collar"].value == pytest.approx(length, abs=0.02)


def test_collar_needs_some_shaft():
    assert collar.measure(None, DrawnBone().metaphysis(shaft=0.2))["collar"].reason == "shaft_off_film"


def test_every_feature_of_the_contract_is_registered_in_its_order():
    assert list(feature_units()) == CONTRACT + OURS


def test_measuring_all_gives_every_feature_a_value_or_a_reason():
    drawn = DrawnBone(margin=arc(0.05), flare=0.2, epiphysis=(0.08, 0.25, 0.9))
    found = measure_all(drawn.film(), drawn.metaphysis())
    assert list(found) == CONTRACT + OURS
    assert all((value.value is None) != (value.reason is None) for value in found.values())
