"""AC2 against the Python port irrCAC and Gwet's printed example."""

import numpy as np
import pytest

from rickets_rx.agreement.gwet import ac2_statistic, gwet_ac2
from rickets_rx.agreement.kappa import Weighting

GAP = np.nan
# Gwet's example of four raters, twelve units, five categories and missing readings (irrCAC raw_4raters).
FOUR_RATERS = np.array(
    [
        [1, 1, GAP, 1],
        [2, 2, 3, 2],
        [3, 3, 3, 3],
        [3, 3, 3, 3],
        [2, 2, 2, 2],
        [1, 2, 3, 4],
        [4, 4, 4, 4],
        [1, 1, 2, 1],
        [2, 2, 2, 2],
        [GAP, 5, 5, 5],
        [GAP, GAP, 1, 1],
        [GAP, GAP, 3, GAP],
    ]
)


def test_gwet_as_printed():
    found = gwet_ac2(FOUR_RATERS, labels=(1, 2, 3, 4, 5), weighting=Weighting.IDENTITY)
    assert round(found.value, 5) == 0.77544
    assert round(found.standard_error, 5) == 0.14295


@pytest.mark.parametrize("weighting", list(Weighting))
@pytest.mark.parametrize("name", ["raw_4raters", "readings"])
def test_same_as_irrcac(name, weighting, ratings, irrcac_values):
    table, labels = (
        (FOUR_RATERS, (1, 2, 3, 4, 5)) if name == "raw_4raters" else (ratings, (0, 0.5, 1, 1.5, 2))
    )
    found = gwet_ac2(table, labels=labels, weighting=weighting)
    asked = (found.value, found.standard_error, found.observed, found.expected)
    for part, value in zip(("value", "se", "pa", "pe"), asked, strict=True):
        assert value == pytest.approx(irrcac_values[f"{name}.{weighting}.{part}"], abs=1e-6)


@pytest.mark.parametrize("weighting", list(Weighting))
def test_resampled_form_gives_the_same_value(weighting, ratings):
    direct = gwet_ac2(ratings, weighting=weighting).value
    assert ac2_statistic(ratings, weighting=weighting).value() == pytest.approx(direct, abs=1e-12)


def test_stays_high_where_kappa_collapses():
    # 18 bones both call 0; one disagreement of half a grade each way. Kappa is below 0; by hand AC1:
    # p_a = 18/20, pi = 19/20 and 1/20, p_e = (5/20)(2 x 19/400) = 0.02375, AC1 = 0.87625 / 0.97625.
    table = np.array([[0, 0]] * 18 + [[0, 0.5], [0.5, 0]])
    found = gwet_ac2(table, weighting=Weighting.IDENTITY)
    assert found.value == pytest.approx(0.87625 / 0.97625)


def test_no_pair_is_an_error():
    with pytest.raises(ValueError, match="no unit was graded by two readers"):
        gwet_ac2(np.array([[0, np.nan], [np.nan, 1]]))
