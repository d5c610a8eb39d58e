"""Beam, noise and detector against published coefficients and the statistics of counting."""

import numpy as np
import pytest

from rickets_rx.phantom import make_beam
from rickets_rx.phantom.exposure import Exposure, blur, detect, log_signal


def maps(
    bone_mm: float, tissue_mm: float, shape: tuple[int, int] = (256, 256)
) -> tuple[np.ndarray, np.ndarray]:
    return np.full(shape, bone_mm, np.float32), np.full(shape, tissue_mm, np.float32)


@pytest.mark.parametrize(
    ("material", "density", "kev", "mass_coefficient"),
    [
        # NIST XCOM tables for ICRU-44 media, cm2/g, total attenuation with coherent scattering.
        (make_beam.CORTICAL_BONE, 1.92, 20.0, 4.001),
        (make_beam.CORTICAL_BONE, 1.92, 30.0, 1.331),
        (make_beam.CORTICAL_BONE, 1.92, 50.0, 0.4242),
        (make_beam.SOFT_TISSUE, 1.06, 20.0, 0.8230),
        (make_beam.SOFT_TISSUE, 1.06, 30.0, 0.3790),
        (make_beam.SOFT_TISSUE, 1.06, 50.0, 0.2264),
    ],
)
def test_coefficients_are_those_of_nist(material, density, kev, mass_coefficient):
    found = make_beam.linear_attenuation(material, density, [kev])[0] * 10 / density
    assert found == pytest.approx(mass_coefficient, rel=0.03)


def test_step_wedge_follows_beer_lambert_over_the_spectrum():
    kev, fluence = make_beam.spectrum()
    weight = fluence * make_beam.detector_weight(kev)
    bone = make_beam.linear_attenuation(make_beam.CORTICAL_BONE, 1.92, kev)
    tissue = make_beam.linear_attenuation(make_beam.SOFT_TISSUE, 1.06, kev)
    for step_mm, behind_mm in [(0, 30), (0.5, 30), (2.5, 20), (7.3, 41), (15, 66)]:
        by_hand = np.sum(weight * np.exp(-bone * step_mm - tissue * behind_mm)) / weight.sum()
        wedge = log_signal(*maps(step_mm, behind_mm, (2, 2)))
        assert np.exp(wedge[0, 0]) == pytest.approx(by_hand, rel=0.01)


def test_beam_hardens_behind_bone():
    first = log_signal(*maps(1, 0, (1, 1)))[0, 0]
    eleventh = log_signal(*maps(11, 0, (1, 1)))[0, 0] - log_signal(*maps(10, 0, (1, 1)))[0, 0]
    assert abs(eleventh) < 0.8 * abs(first)


def plain(photons: float) -> Exposure:
    return Exposure(photons=photons, scatter=0, focal_blur=0, detector_blur=0, electronic=0, heel=0)


@pytest.mark.parametrize("photons", [2e4, 8e4])
def test_noise_variance_is_that_of_counting(photons):
    bone, tissue = maps(2.0, 30.0)
    spacing = 0.15
    rng = np.random.default_rng(4)
    signal = detect(bone, tissue, np.ones_like(bone), plain(photons), spacing, rng)
    mean = np.exp(log_signal(bone, tissue)[0, 0])
    # Poisson: variance over mean is one over the quanta that make up an open-beam pixel.
    assert signal.mean() == pytest.approx(mean, rel=0.01)
    assert signal.var() == pytest.approx(mean / (photons * spacing**2), rel=0.03)


def test_scatter_adds_its_share_behind_thick_tissue():
    bone, tissue = maps(0.0, 120.0)
    rng = np.random.default_rng(1)
    without = detect(bone, tissue, np.ones_like(bone), plain(1e9), 0.3, rng).mean()
    exposure = Exposure(photons=1e9, scatter=0.5, focal_blur=0, detector_blur=0, electronic=0, heel=0)
    assert detect(bone, tissue, np.ones_like(bone), exposure, 0.3, rng).mean() == pytest.approx(
        without * (1 + 0.5 * (1 - np.exp(-3))), rel=0.01
    )


@pytest.mark.parametrize("sigma", [1.5, 20.0])
def test_blur_keeps_the_mean_and_spreads_an_edge_as_far_as_it_says(sigma):
    edge = np.zeros((40, 400), np.float32)
    edge[:, 200:] = 1
    out = blur(edge, sigma)
    assert out.mean() == pytest.approx(0.5, abs=0.01)
    row = out[20]
    # A blurred edge falls from 84 to 16 % over two standard deviations.
    across = np.interp([0.1587, 0.8413], row, np.arange(400))
    assert across[1] - across[0] == pytest.approx(2 * sigma, rel=0.06)
