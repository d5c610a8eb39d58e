"""Sample sizes against Bonett's formula as tabulated, and against simulation."""

import numpy as np
import pytest

from rickets_rx.agreement.icc import icc
from rickets_rx.agreement.kappa import Weighting, agreement_weights, kappa_of_tables, weighted_kappa
from rickets_rx.agreement.planner import icc_units, kappa_units, kappa_width, latent_table, plan

SHARES = (0.35, 0.2, 0.2, 0.15, 0.1)


@pytest.mark.parametrize(
    ("expected", "raters", "width", "units"),
    [(0.85, 2, 0.2, 31), (0.85, 2, 0.1, 120), (0.85, 3, 0.2, 23), (0.85, 3, 0.1, 86), (0.70, 2, 0.2, 101),
     (0.70, 2, 0.1, 401)],
)  # fmt: skip
def test_bonett_as_tabulated(expected, raters, width, units):
    assert icc_units(expected, raters=raters, width=width, corrected=False) == units


def test_correction_for_two_raters():
    assert icc_units(0.85, raters=2, width=0.2) == 35  # 30.58 + 4.25
    assert icc_units(0.85, raters=3, width=0.2) == 23
    assert icc_units(0.5, raters=2, width=0.2) == icc_units(0.5, raters=2, width=0.2, corrected=False)


def test_planned_icc_has_the_wanted_width_in_simulation():
    # Independent units, two raters without bias, ICC 0.8: normal truth of variance 0.8 and noise of 0.2.
    rng, width = np.random.default_rng(11), 0.2
    units = icc_units(0.8, raters=2, width=width)
    widths = []
    for _ in range(400):
        truth = rng.normal(scale=np.sqrt(0.8), size=(units, 1))
        found = icc(truth + rng.normal(scale=np.sqrt(0.2), size=(units, 2)))
        widths.append(found.high - found.low)
    assert np.mean(widths) == pytest.approx(width, rel=0.07)


@pytest.mark.parametrize("weighting", [Weighting.LINEAR, Weighting.QUADRATIC])
@pytest.mark.parametrize("kappa", [0.3, 0.6, 0.85])
def test_latent_table_has_the_margins_and_kappa_asked_for(kappa, weighting):
    table = latent_table(kappa, SHARES, weighting=weighting)
    assert table.sum(axis=0) == pytest.approx(SHARES, abs=1e-3)
    assert table == pytest.approx(table.T, abs=1e-12)
    weights = agreement_weights(5, weighting)
    assert float(kappa_of_tables(table, weights)) == pytest.approx(kappa, abs=1e-6)


def test_planned_kappa_has_the_wanted_width_in_simulation():
    # Studies of the planned size drawn from the table: 2 x 1.96 times their spread is the width asked for.
    rng, width = np.random.default_rng(5), 0.2
    table = latent_table(0.6, SHARES)
    units = kappa_units(table, width=width)
    cells = rng.choice(25, size=(1500, units), p=table.ravel() / table.sum())
    found = [weighted_kappa(row // 5 / 2, row % 5 / 2) for row in cells]
    assert 2 * 1.96 * np.std(found) == pytest.approx(width, rel=0.07)
    assert kappa_width(table, units) <= width < kappa_width(table, units - 2)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_planned_children_with_two_bones_each_in_simulation(correlation):
    # The second bone of a child repeats the first with chance `correlation`, else it is drawn anew: what the
    # two add to kappa is then correlated by just that much.
    rng, width = np.random.default_rng(7), 0.2
    table = latent_table(0.6, SHARES)
    children = plan(kappa_units(table, width=width), per_child=2, correlation=correlation).children
    share = table.ravel() / table.sum()
    first, second = rng.choice(25, (2, 1500, children), p=share)
    second = np.where(rng.random(second.shape) < correlation, first, second)
    cells = np.concatenate([first, second], axis=1)
    found = [weighted_kappa(row // 5 / 2, row % 5 / 2) for row in cells]
    assert 2 * 1.96 * np.std(found) == pytest.approx(width, rel=0.07)


def test_small_studies_are_lifted_to_the_rule_of_thumb():
    assert kappa_units(latent_table(0.9, SHARES), width=0.9) == 50


def test_clustering_by_hand():
    # 101 bones, two of each child, correlation 0.3: 101 x 1.3 / 2 = 65.65 children.
    assert plan(101, per_child=2, correlation=0.3).children == 66
    assert plan(101, per_child=1, correlation=0.3).children == 101


@pytest.mark.parametrize("wrong", [{"expected": 1.0}, {"raters": 1}, {"width": 0.0}])
def test_impossible_questions_are_errors(wrong):
    with pytest.raises(ValueError, match="needs 0 <= expected < 1"):
        icc_units(**({"expected": 0.8, "raters": 2, "width": 0.2} | wrong))
