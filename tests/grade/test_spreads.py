"""How the phantoms of studies are drawn."""

import numpy as np
import pytest

from rickets_rx.grade.spreads import Spread, drawn
from rickets_rx.phantom.draws import VARIANTS
from rickets_rx.vocabulary import Bone, Joint


def test_a_seed_draws_the_same_child_again() -> None:
    for spread in Spread:
        assert drawn(spread, Joint.WRIST, 5) == drawn(spread, Joint.WRIST, 5)


def test_over_the_whole_scale_bones_know_nothing_of_each_other() -> None:
    # The share of lost zone follows the knob; over 400 children a correlation has a standard error of 0.05.
    pairs = [drawn(Spread.WHOLE, Joint.WRIST, seed)[0]["disease"] for seed in range(400)]
    loss = np.array([[d[bone].zone_loss for bone in (Bone.RADIUS, Bone.ULNA)] for d in pairs])
    assert abs(np.corrcoef(loss.T)[0, 1]) < 0.15
    # Zone loss is full from 0.45 of the knob on: of an even draw 55 %.
    assert np.mean(loss == 1) == pytest.approx(0.55, abs=0.08)


def test_variants_carry_no_disease() -> None:
    for seed in range(40):
        for disease in drawn(Spread.VARIANTS, Joint.WRIST, seed)[0]["disease"].values():
            assert disease.variant in VARIANTS
            assert disease.zone_loss == 0


@pytest.mark.parametrize(("spread", "ratio"), [(Spread.WHOLE, 1.0), (Spread.TURNED, 2.0)])
def test_the_turned_lie_twice_as_askew(spread: Spread, ratio: float) -> None:
    turns = [drawn(spread, Joint.WRIST, seed)[1]["turn"] for seed in range(500)]
    assert np.std(turns) == pytest.approx(10 * ratio, rel=0.1)


def test_the_noisy_have_a_tenth_of_the_photons() -> None:
    # Same seed, same draw of the exposure: the logarithms differ by ln 10.
    plain, noisy = (drawn(spread, Joint.WRIST, 3)[1] for spread in (Spread.WHOLE, Spread.NOISY))
    exposure = drawn(Spread.NOISY, Joint.WRIST, 3)[0]["exposure"]
    assert np.exp(plain["exposure"]) == pytest.approx(10 * exposure.photons)
    assert noisy["exposure"] == pytest.approx(np.log(exposure.photons))
