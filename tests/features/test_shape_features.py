"""Splaying, gap and collar of drawn bones, and the registry as a whole."""

import pytest
from drawn_bone import DrawnBone, arc

from rickets_rx.features import collar, feature_units, gap, measure_all, splaying

CONTRACT = (
    "cupping fraying fraying_extent edge_blur zone_contrast zone_continuity lucency "
    "splaying_50 splaying_75 splaying_100 gap texture collar"
).split()
OURS = ["unevenness"]


def test_splaying_of_a_bone_that_narrows_by_six_tenths_per_width():
    # Each side comes in by 0.3 per MW: widths 0.7, 0.55 and 0.4.
    found = splaying.measure(None, DrawnBone(flare=0.3).metaphysis())
    assert found["splaying_50"].value == pytest.approx(1 / 0.7, rel=1e-6)
    assert found["splaying_75"].value == pytest.approx(1 / 0.55, rel=1e-6)
    assert found["splaying_100"].value == pytest.approx(1 / 0.4, rel=1e-6)


def test_splaying_stops_where_the_film_stops():
    found = splaying.measure(None, DrawnBone(flare=0.3).metaphysis(shaft=0.8))
    assert found["splaying_75"].value == pytest.approx(1 / 0.55, rel=1e-6)
    assert found["splaying_100"].reason == "shaft_off_film"


@pytest.mark.parametrize("height", [-0.1, 0.0, 0.1])
def test_gap_is_the_distance_along_the_axis_whatever_the_margin(height):
    bone = DrawnBone(margin=arc(height), epiphysis=(0.06, 0.25, 0.8)).metaphysis()
    assert gap.measure(None, bone)["gap"].value == pytest.approx(0.06, abs=5e-4)


def test_overlap_is_no_gap_and_no_closure():
    bone = DrawnBone(epiphysis=(-0.05, 0.25, 0.8)).metaphysis()
    assert gap.measure(None, bone)["gap"].value == 0.0


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
