"""Truths of a margin against waves worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from rickets_rx.phantom.measure import PITCH, Survey, fraying, irregularity

WIDTH = 20.0


def wavy(wave):
    """A straight margin 20 mm wide with waves of ``wave`` widths, 0.4 mm (0.02 widths) high."""
    x = np.arange(-WIDTH / 2, WIDTH / 2 + PITCH / 2, PITCH)
    return np.stack([x, 0.4 * np.cos(2 * np.pi * x / (wave * WIDTH))], axis=1)


@pytest.mark.parametrize("wave", [0.04, 0.08, 0.16])
def test_fraying_is_the_rms_of_waves_of_2_to_15_percent(wave):
    # A Gaussian that halves waves of L0 leaves 0.5 ** ((L0 / L) ** 2) of a wave of L. RMS: 0.02 / sqrt(2);
    # 0.8 widths hold 20, 10 and 5 of them.
    kept = 0.5 ** ((0.02 / wave) ** 2) - 0.5 ** ((0.15 / wave) ** 2)
    assert fraying(wavy(wave), WIDTH) == pytest.approx(kept * 0.02 / np.sqrt(2), rel=0.03)


def test_a_wave_of_0_4_widths_is_irregular_and_not_frayed():
    # Of it 0.5 ** (0.05 ** 2) - 0.5 ** (0.375 ** 2) = 0.0911 is in the band, half is left of its course.
    found = Survey(SimpleNamespace(width=WIDTH), None, None, wavy(0.4), None)
    assert fraying(found.margin, WIDTH) == pytest.approx(0.0911 * 0.02 / np.sqrt(2), rel=0.05)
    assert irregularity(found) == pytest.approx(0.5 * 0.02 / np.sqrt(2), rel=0.05)
