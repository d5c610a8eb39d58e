"""All films of one joint read over every delay between therapy and bone, and over every scenario of days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.course import Course
from rickets_rx.healing.exposure import exposure, recent_exposure
from rickets_rx.healing.film_errors import FilmErrors, film_errors
from rickets_rx.healing.quiet import quiet_films, with_quiet
from rickets_rx.healing.rates import Posterior, Readings, Seen, believe, drawn, see
from rickets_rx.healing.result import Figure
from rickets_rx.healing.series import figure_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Row = dict[str, Any]
LAGS = (0, 14, 28, 56)  # days: 0, 2, 4 and 8 weeks
LAG_WEIGHTS = (0.3, 0.4, 0.3, 0.0)
"""How likely each delay is before films are seen: a new zone shows 2 to 4 weeks after treatment that works
(domain knowledge); the weights are ours. At 8 weeks any healing in a last phase could be the work of the
phase before: that delay is shown and warns, and weighs nothing."""
STILL_SD, MOVING_SD, RISING_SD = 0.03, 0.5, 0.15
"""A phase hardly moves the bone, or moves it, each as likely: spread of its rate about 0, severity per 30
days. Complete disease takes months to go (all of it within six in nutritional rickets: Chatterjee and others,
Br J Radiol 2014), hence the second; worsening under therapy is slow: rises have the third (all ours)."""
AHEAD = 0.8
"""Probability of healing fastest from which a phase is ahead: on courses other than those of the trial it
left wrong and null courses named well below their bounds (ours, docs/healing.md)."""
LEAST_LEAD = 0.1
"""Severity per 30 days by which a phase must heal faster than every other, and at all (ours)."""
LEAST_SPENT = 0.25
"""30-day units of a phase, delay included, that films must reach to show anything of it (ours)."""
TOLD = 0.25  # standard error of a rate, severity per 30 days, up to which films tell it (ours)
FEW_ROWS = 24  # up to so many bones two may be far off at once, beyond it one (ours)
MOST_PHASES = 5  # up to which every pattern of phases that move the bone is weighed (ours)
MOST_SCENARIOS = 100  # scenarios of days that enter a probability (ours)
DRAWS = 4000  # draws behind a probability
FLAT = 1e3  # standard deviation of a prior that says nothing
VAGUE = 1.0
"""Spread of the rates that phases may have at all, severity per 30 days (ours): without a bound, one day of a
neighbouring phase between two films would leave a rate open."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What all films of a patient say of its phases.

    Parameters
    ----------
    chances : dict of phase to float
        Probability that it healed fastest, by `LEAST_LEAD` or more, over delays and days.
    told : dict of phase to bool
        Whether the films alone tell its rate, without delay, no phase moving a bone beyond reason.
    ahead : dict of delay in days to phase or None
        Which phase would be ahead were the delay known.
    delays : dict of delay in days to float
        Weight of each delay once the films are seen.
    rates : dict of delay in days to dict of phase to Figure
        Severity per 30 days by the films alone (where they need it, with `VAGUE`); None where they do not
        tell it.
    """

    chances: dict[str, float]
    told: dict[str, bool]
    ahead: dict[int, str | None]
    delays: dict[int, float]
    rates: dict[int, dict[str, Figure]]

    @property
    def best(self) -> str:
        """The phase with the greatest chance."""
        return max(self.chances, key=lambda name: self.chances[name])


@dataclass(frozen=True, eq=False)
class Films:
    """Film rows of one joint as the regression takes them.

    Parameters
    ----------
    rows : list of film rows, one per bone
    film, bone : ndarray of shape (rows,), int
    days : ndarray of shape (films, scenarios)
    """

    rows: list[Row]
    film: IntArray
    bone: IntArray
    days: FloatArray

    @classmethod
    def of(cls, course: Course, rows: list[Row]) -> "Films":
        names = list(dict.fromkeys(row["film_id"] for row in rows))
        bones = list(dict.fromkeys((row["bone"], row["side"]) for row in rows))
        return cls(
            rows,
            np.array([names.index(row["film_id"]) for row in rows]),
            np.array([bones.index((row["bone"], row["side"])) for row in rows]),
            np.stack([course.days.of(f"film:{name}") for name in names]).astype(float),
        )

    def readings(self, covariance: FloatArray) -> Readings:
        """Severities with the covariance of their errors."""
        severity = np.array([float(row["severity"]) for row in self.rows])
        return Readings(severity, covariance, self.film, self.bone)

    @property
    def covariance(self) -> FloatArray:
        """Of the errors, each row far off by its chance; shape (rows, rows)."""
        return self._errors.covariance(self.rows, self.film, self.bone)

    def suppositions(self) -> tuple[FloatArray, FloatArray]:
        """Covariances for every choice of rows far off, shape (k, rows, rows), and log chances."""
        share = np.array([self._errors.chance_far_off(row) for row in self.rows])
        able = np.flatnonzero(share > 0)
        most = 2 if len(self.rows) <= FEW_ROWS else 1
        choices = [rows for count in range(most + 1) for rows in combinations(able.tolist(), count)]
        odds = np.log(np.maximum(share, 1e-300)) - np.log1p(-share)
        chances = np.log1p(-share).sum() + np.array([odds[list(rows)].sum() for rows in choices])
        found = [self._errors.covariance(self.rows, self.film, self.bone, strays=rows) for rows in choices]
        return np.stack(found), np.asarray(chances)

    @property
    def _errors(self) -> FilmErrors:
        return film_errors(str(self.rows[0]["joint"]))


def read_phases(course: Course, rows: list[Row], phases: list[str], rng: np.random.Generator) -> Reading:
    """Read the films of one joint.

    Parameters
    ----------
    course : Course
    rows : list of film rows
        One row per bone; a severity each.
    phases : list of str
        In order.
    """
    films = Films.of(course, rows)
    exposures = {lag: exposure(course, films.days, phases, lag) for lag in LAGS}
    alone = {lag: see(films.readings(films.covariance), spent) for lag, spent in exposures.items()}
    fewer = _fewer(np.stack([exposures[lag] for lag in LAGS]))
    quiet = films.days[quiet_films(rows, films.film)]
    recent = [recent_exposure(course, quiet, phases, lag) for lag in LAGS]
    windows = np.stack(recent)[..., : fewer.shape[-1]]
    weighed = {lag: _weigh(films, *each) for lag, *each in zip(LAGS, fewer, windows, strict=True)}
    shown = {lag: spent.max(axis=0).T >= LEAST_SPENT for lag, spent in zip(LAGS, fewer, strict=True)}
    answers = {lag: _fastest(weighed[lag], shown[lag], rng) for lag in LAGS}
    first = {lag: chances for lag, (chances, _) in answers.items()}
    delays = _delays([weighed[lag].log_weight + np.log(answers[lag][1]) for lag in LAGS])
    chances = np.sum([delays[lag] * first[lag] for lag in LAGS], axis=0)
    return Reading(
        chances=dict(zip(phases, map(float, chances), strict=True)),
        told=dict(zip(phases, map(bool, believe(alone[0], VAGUE).errors[0] <= TOLD), strict=True)),
        ahead={lag: _ahead(phases, first[lag]) for lag in LAGS},
        delays=delays,
        rates={lag: _figures(phases, alone[lag], rng, len(films.days)) for lag in LAGS},
    )


def _fewer(exposures: FloatArray) -> FloatArray:
    """Exposures (..., scenarios) of one scenario where all are alike, else of the first so many."""
    alike = (exposures == exposures[..., :1]).all()
    return exposures[..., : 1 if alike else MOST_SCENARIOS]


@dataclass(frozen=True, eq=False)
class _Weighed:
    """Rates at one delay under every supposition: which phases move the bone, which rows are far off.

    Parameters
    ----------
    mean : ndarray of shape (suppositions, scenarios, phases)
    precision : ndarray of shape (suppositions, scenarios, phases, phases)
    log_weight : ndarray of shape (suppositions, scenarios)
    """

    mean: FloatArray
    precision: FloatArray
    log_weight: FloatArray


def _weigh(films: Films, spent: FloatArray, quiet: FloatArray) -> _Weighed:
    covariances, chances = films.suppositions()
    views = with_quiet(see(films.readings(covariances), spent), quiet)
    found = [(believe(seen, prior), chance) for seen, chance in views for prior in _priors(spent.shape[1])]
    return _Weighed(
        np.concatenate([one.mean for one, _ in found]),
        np.concatenate([one.precision for one, _ in found]),
        np.concatenate([one.log_evidence + chances[:, None] + chance for one, chance in found]),
    )


def _priors(phases: int) -> Iterator[FloatArray]:
    """Spread of every phase's rate, for every pattern of phases that move the bone; equally likely each."""
    if phases > MOST_PHASES:
        yield np.full(phases, MOVING_SD)
        return
    for moves in product((False, True), repeat=phases):
        yield np.where(moves, MOVING_SD, STILL_SD)


def _delays(log_weights: Sequence[FloatArray]) -> dict[int, float]:
    """Weight of each delay once the films are seen, mean over scenarios."""
    with np.errstate(divide="ignore"):
        prior = np.log(LAG_WEIGHTS)[:, None]
    top = max(float(log.max()) for log in log_weights)
    logs = np.stack([np.log(np.exp(log - top).sum(axis=0) + 1e-300) for log in log_weights]) + prior
    weights = np.exp(logs - logs.max(axis=0))
    mean = (weights / weights.sum(axis=0)).mean(axis=1)
    return {lag: float(weight) for lag, weight in zip(LAGS, mean, strict=True)}


def _fastest(weighed: _Weighed, shown: BoolArray, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Probability of each phase that it heals fastest by far enough, and how likely rises as slow are at all.

    Drawn without regard to the sign of rates; draws with fast rises then count for less (importance weights).

    Parameters
    ----------
    shown : ndarray of shape (scenarios, phases)
        Which phases the films reach: in the others no healing can have been seen.
    """
    weights = np.exp(weighed.log_weight - weighed.log_weight.max(axis=0))
    weights = (weights / weights.sum(axis=0)).ravel()
    phases = weighed.mean.shape[-1]
    picked = _pick(weights / weights.sum(), rng)
    mean, precision = weighed.mean.reshape(-1, phases), weighed.precision.reshape(-1, phases, phases)
    rates = drawn(mean[picked], precision[picked], rng)
    rates = np.where(shown[picked % len(shown)], rates, 0.0)
    rises = (np.maximum(rates, 0.0) ** 2).sum(axis=1)
    counts = np.exp(-0.5 * rises * (1 / RISING_SD**2 - 1 / MOVING_SD**2))
    first, second = np.sort(np.column_stack([rates, np.zeros(len(rates))]), axis=1)[:, :2].T
    fastest = (rates == first[:, None]) & (second - first >= LEAST_LEAD)[:, None]
    return np.asarray(counts @ fastest / counts.sum()), float(counts.mean())


def _pick(weights: FloatArray, rng: np.random.Generator) -> IntArray:
    """Systematic sampling: `DRAWS` indices, each as often as its weight says to within one."""
    at = (np.arange(DRAWS) + rng.random()) / DRAWS
    return np.asarray(np.minimum(np.searchsorted(np.cumsum(weights), at), len(weights) - 1))


def _ahead(phases: list[str], chances: FloatArray) -> str | None:
    best = int(chances.argmax())
    return phases[best] if chances[best] >= AHEAD else None


def _figures(phases: list[str], seen: Seen, rng: np.random.Generator, films: int) -> dict[str, Figure]:
    """Rates by the films alone, with the intervals that films and days give them."""
    alone, bounded = believe(seen, FLAT), believe(seen, VAGUE)
    rates = np.where(alone.errors[0] <= TOLD, _spread(alone, rng), _spread(bounded, rng))
    missing = Figure(None, n=films, reason="no_separating_film")
    told = bounded.errors[0] <= TOLD
    return {name: figure_of(rates[:, j], films) if told[j] else missing for j, name in enumerate(phases)}


def _spread(posterior: Posterior, rng: np.random.Generator) -> FloatArray:
    """The best rates of the central scenario, then a draw for every other, shape (scenarios, phases)."""
    rates = drawn(posterior.mean, posterior.precision, rng)
    rates[0] = posterior.mean[0]
    return rates
