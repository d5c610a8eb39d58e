"""Zone, lucency and texture of drawn bones against values worked out by hand."""

import math

import numpy as np
import pytest
from drawn_bone import DrawnBone, arc
from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.features import texture, zone
from rickets_rx.features.common import References
from rickets_rx.radiograph import Radiograph


def dense_zone(depth):
    """Bone 1000 over flesh, 1400 in the last 0.08 MW."""
    return np.where(depth < 0.08, 1400.0, 1000.0)


def lucent_end(depth):
    """Bone 1000 over flesh, 500 in the last 0.1 MW."""
    return np.where(depth < 0.1, 500.0, 1000.0)


ZONED = DrawnBone(margin=arc(0.05), density=dense_zone, width=120.0)
ZONED_FILM = ZONED.film()


def test_zone_contrast_is_the_excess_over_cortex_less_flesh():
    drawn = DrawnBone(margin=arc(0.05), density=dense_zone)
    found = zone.measure(drawn.film(), drawn.metaphysis())
    assert found["zone_contrast"].value == pytest.approx(0.4, abs=0.02)
    assert found["zone_continuity"].value == 1.0


def test_a_ridge_is_counted_only_where_it_stands():
    depth = np.arange(0.0, 0.605, 0.01)
    density = np.full((len(depth), 81), 1000.0)
    density[2:7, :41] = 1100.0  # 0.05 MW thick over half of the margin, a tenth of cortex over flesh
    height = zone.ridge_height(density, depth, References(cortex=1500.0, soft=500.0))
    assert height[0] == pytest.approx(0.1)
    assert height[80] == pytest.approx(0.0, abs=1e-3)
    # A Gaussian along the margin passes half of it at the ridge's end.
    assert np.mean(height > 0.05) == pytest.approx(0.5, abs=0.02)


def test_a_line_no_denser_than_the_metaphysis_is_a_ridge_before_a_lucent_strip():
    depth = np.arange(0.0, 0.605, 0.01)
    density = np.full((len(depth), 81), 1000.0)
    density[8:15] = 880.0
    scale = References(cortex=1500.0, soft=500.0)
    assert zone.ridge_height(density, depth, scale) == pytest.approx(0.12)
    # An end that fades out has no ridge, however its density falls beyond its densest place.
    fading = np.repeat(np.clip(500 + 5000 * depth, 500, 1000)[:, None], 81, axis=1)
    assert zone.ridge_height(fading, depth, scale) == pytest.approx(0.0, abs=1e-9)


def test_even_bone_has_no_zone_and_is_not_lucent():
    drawn = DrawnBone(margin=arc(0.05))
    found = zone.measure(drawn.film(), drawn.metaphysis())
    assert found["zone_contrast"].value == pytest.approx(0.0, abs=0.01)
    assert found["zone_continuity"].value == 0.0
    # Eleven samples from 0 to 0.1 MW, of which the one on the 50 % line itself is half.
    assert found["lucency"].value == pytest.approx(10.5 / 11, abs=0.01)


def test_lucency_is_half_where_the_strip_is_half_as_dense():
    drawn = DrawnBone(margin=arc(0.05), density=lucent_end)
    # (250 at the margin + 9 x 500 + 750 at its end) / 11 over 1000.
    assert zone.measure(drawn.film(), drawn.metaphysis())["lucency"].value == pytest.approx(0.5, abs=0.01)


@given(gain=st.floats(0.01, 50), offset=st.floats(-2000, 2000))
@settings(max_examples=15, deadline=None)
def test_density_features_do_not_depend_on_gain_and_offset(gain, offset):
    film, bone = ZONED_FILM, ZONED.metaphysis()
    other = Radiograph(film.pixels * np.float32(gain) + np.float32(offset), film.sha256, film.name)
    before, after = zone.measure(film, bone), zone.measure(other, bone)
    for name in before:
        assert after[name].value == pytest.approx(before[name].value, rel=1e-2, abs=1e-2), name


def test_lucency_needs_the_shaft_on_the_film():
    drawn = DrawnBone(shape=(260, 300))  # the film ends 0.4 MW behind the chord
    found = zone.measure(drawn.film(), drawn.metaphysis(shaft=0.39))
    assert found["lucency"].reason == "shaft_off_film"


def test_a_film_without_contrast_measures_nothing():
    drawn = DrawnBone()
    grey = Radiograph(np.full((440, 300), 7.0, np.float32), "0" * 64, "grey.png")
    assert {value.reason for value in zone.measure(grey, drawn.metaphysis()).values()} == {"no_contrast"}


@pytest.mark.parametrize("wave", [0.08, 0.1, 0.16])
def test_texture_of_one_grating_is_the_ratio_of_the_bands_gains(wave):
    # A Gaussian of sigma s passes exp(-2 (pi s / L)^2) of a wave of length L.
    step, count = 0.005, 320
    x = (np.arange(count) + 0.5) * step
    patch = np.tile(np.cos(2 * math.pi * x / wave), (40, 1))
    passed = [math.exp(-2 * (math.pi * s / wave) ** 2) for s in (0.01, 0.025, 0.06)]
    expected = ((passed[1] - passed[2]) / (passed[0] - passed[1])) ** 2
    assert texture.band_ratio(patch, step) == pytest.approx(expected, rel=0.02)


def test_texture_of_a_flat_patch_is_none():
    assert texture.band_ratio(np.full((50, 50), 3.0), 0.005) is None


def test_texture_is_missing_on_a_small_bone_with_its_reason():
    drawn = DrawnBone(width=60.0)
    assert texture.measure(drawn.film(), drawn.metaphysis())["texture"].reason == "too_few_pixels"
