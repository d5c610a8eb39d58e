"""The regression behind the rates, against values worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.healing.rates import Posterior, Readings, believe, drawn, see


def _readings(severity: list[float], variance: float, bone: list[int] | None = None) -> Readings:
    n = len(severity)
    bones = np.array(bone or [0] * n)
    films = np.array([i % (n // len(set(bones.tolist()))) for i in range(n)])
    return Readings(np.array(severity), variance * np.eye(n), films, bones)


def posterior(readings: Readings, exposure: np.ndarray, prior_sd: float = 0.25) -> Posterior:
    return believe(see(readings, exposure), prior_sd)


def _spent(*months: list[float]) -> np.ndarray:
    """Months spent in each phase before each film, as exposures of one scenario."""
    return np.array(months)[:, :, None]


def test_two_films_and_one_phase_by_hand() -> None:
    # 0.8 to 0.4 in two months, variance 0.01 each: rate -0.2 with variance (0.01 + 0.01) / 2^2 = 0.005.
    # Prior variance 0.0625: precision 200 + 16 = 216; mean -0.2 x 200 / 216 = -0.185185.
    found = posterior(_readings([0.8, 0.4], 0.01), _spent([0], [2]))
    assert found.mean[0, 0] == pytest.approx(-0.2 * 200 / 216)
    assert found.errors[0, 0] == pytest.approx(np.sqrt(1 / 216))
    alone = posterior(_readings([0.8, 0.4], 0.01), _spent([0], [2]), prior_sd=1e3)
    assert alone.mean[0, 0] == pytest.approx(-0.2)
    assert alone.errors[0, 0] == pytest.approx(np.sqrt(0.005))


def test_evidence_is_the_density_of_the_change() -> None:
    # The change of the bone is all that is left once its level is gone: normal about 0 with variance
    # 0.02 + 4 x 0.0625 = 0.27 with a phase of two months, 0.02 + 0.0625 = 0.0825 with one of a month.
    readings = _readings([0.8, 0.4], 0.01)
    long = posterior(readings, _spent([0], [2])).log_evidence[0]
    short = posterior(readings, _spent([0], [1])).log_evidence[0]
    by_hand = [-0.16 / (2 * v) - 0.5 * np.log(v) for v in (0.27, 0.0825)]
    assert long - short == pytest.approx(by_hand[0] - by_hand[1])


def test_phases_that_no_film_parts_are_not_told() -> None:
    # Three films; the second and third phase lie between the same two films: only their sum is known.
    found = posterior(
        _readings([0.9, 0.3, 0.3], 0.0025), _spent([0, 0, 0], [2, 0, 0], [2, 2, 2]), prior_sd=1e3
    )
    assert found.mean[0, 0] == pytest.approx(-0.3)
    assert found.errors[0, 0] == pytest.approx(np.sqrt(0.005) / 2, rel=1e-4)
    assert found.errors[0, 1:] == pytest.approx([1000 / np.sqrt(2)] * 2, rel=1e-3)


def test_errors_that_films_share_cancel() -> None:
    shared = 0.01 * np.array([[1.0, 0.75], [0.75, 1.0]])
    films, bones = np.array([0, 1]), np.array([0, 0])
    found = posterior(Readings(np.array([0.8, 0.4]), shared, films, bones), _spent([0], [2]), prior_sd=1e3)
    # Variance of the change 0.01 + 0.01 - 2 x 0.0075 = 0.005.
    assert found.errors[0, 0] == pytest.approx(np.sqrt(0.005) / 2)


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.floats(-1, 1), st.integers(0, 2**32 - 1))
def test_a_bones_own_level_says_nothing_and_order_does_not_matter(
    severity: list[float], level: float, seed: int
) -> None:
    spent = _spent([0, 0], [1.5, 0], [1.5, 2])
    readings = _readings(severity, 0.01, [0, 0, 0, 1, 1, 1])
    found = posterior(readings, spent).mean
    raised = Readings(
        readings.severity + level * (readings.bone == 1), readings.covariance, readings.film, readings.bone
    )
    assert posterior(raised, spent).mean == pytest.approx(found, abs=1e-9)
    order = np.random.default_rng(seed).permutation(6)
    turned = Readings(
        readings.severity[order], readings.covariance, readings.film[order], readings.bone[order]
    )
    assert posterior(turned, spent).mean == pytest.approx(found, abs=1e-9)


def test_draws_have_the_mean_and_spread_of_the_posterior() -> None:
    found = posterior(_readings([0.9, 0.3, 0.2], 0.0025), _spent([0, 0], [2, 0], [2, 2]))
    many = np.zeros(40000, dtype=int)
    rates = drawn(found.mean[many], found.precision[many], np.random.default_rng(0))
    assert rates.mean(axis=0) == pytest.approx(found.mean[0], abs=1e-3)
    assert np.cov(rates.T) == pytest.approx(np.linalg.inv(found.precision[0]), abs=5e-5)


def test_a_rate_that_films_leave_open_can_still_be_drawn() -> None:
    # Two phases between the same two films, and a prior that says nothing: one direction is all but free.
    found = posterior(_readings([0.9, 0.3], 1e-4), _spent([0, 0], [2, 2.0001]), prior_sd=1e3)
    many = np.zeros(500, dtype=int)
    rates = drawn(found.mean[many], found.precision[many], np.random.default_rng(0))
    assert np.isfinite(rates).all()
    # Their sum is known: -0.6 over the two of them.
    assert (rates @ np.array([2, 2.0001])).mean() == pytest.approx(-0.6, abs=0.005)


def test_several_suppositions_at_once_are_each_as_if_alone() -> None:
    spent = _spent([0, 0], [2, 0.5], [2, 2])
    plain = _readings([0.9, 0.3, 0.2], 0.0025)
    stack = np.stack([plain.covariance, plain.covariance + np.diag([0, 0.1, 0])])
    prior = np.array([0.25, 0.03])
    both = believe(see(Readings(plain.severity, stack, plain.film, plain.bone), spent), prior)
    for k, covariance in enumerate(stack):
        one = believe(see(Readings(plain.severity, covariance, plain.film, plain.bone), spent), prior)
        assert both.mean[k] == pytest.approx(one.mean)
        assert both.log_evidence[k] == pytest.approx(one.log_evidence)


def test_evidence_of_a_covariance_is_the_density_of_what_is_left_of_the_readings() -> None:
    # Change of one bone, no phase moving it: normal about 0 with the variance of the two errors.
    spent, readings = _spent([0], [2]), _readings([0.8, 0.6], 0.01)
    wide = Readings(readings.severity, np.diag([0.01, 0.09]), readings.film, readings.bone)
    first, second = (believe(see(one, spent), 1e-9).log_evidence[0] for one in (wide, readings))
    by_hand = [-0.04 / (2 * v) - 0.5 * np.log(v) for v in (0.1, 0.02)]
    assert first - second == pytest.approx(by_hand[0] - by_hand[1])
