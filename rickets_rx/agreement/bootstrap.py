"""Intervals by resampling whole patients or families, all their films together.

Percentile and BCa intervals: Efron and Tibshirani 1993, chapters 13 and 14, their shares expanded for few
clusters (Hesterberg 2015). Resampling of clusters: Davison and Hinkley 1997, section 3.8. Under 10 clusters
no interval is given (ours): resampling so few says little.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic

MIN_CLUSTERS = 10
MIN_DRAWS = 2000
# A draw can be undefined, e.g. when it holds one grade only. Above this share the interval is not told.
MAX_UNDEFINED = 0.05
_CELLS_PER_CHUNK = 4_000_000


class Interval(StrEnum):
    """How an interval was made."""

    PERCENTILE = "cluster_bootstrap_percentile"
    BCA = "cluster_bootstrap_bca"
    EXACT = "clopper_pearson_on_clusters"
    F = "anova_f"
    NONE = "none"


class NoInterval(StrEnum):
    """Why an estimate or its interval is missing."""

    NO_DATA = "no_data"
    UNDEFINED = "no_variation"
    FEW_CLUSTERS = "fewer_than_10_clusters"
    UNKNOWN_CLUSTERS = "patients_unknown"
    UNDEFINED_DRAWS = "undefined_in_many_draws"


@dataclass(frozen=True)
class Estimate:
    """A value with its interval and what it rests on.

    Parameters
    ----------
    value, low, high : float or None
        None with ``reason``; never 0 for missing.
    units : int
        Bones, pairs or patients that entered.
    clusters : int or None
        Patients or families; None where they are unknown.
    interval : Interval
    level : float
        Two-sided confidence, 0-1.
    undefined_draws : int
        Draws dropped because the statistic was undefined in them.
    reason : NoInterval or None
    """

    value: float | None
    low: float | None
    high: float | None
    units: int
    clusters: int | None
    interval: Interval
    level: float
    undefined_draws: int = 0
    reason: NoInterval | None = None


@dataclass
class Resampler:
    """Draws of clusters, the same for every statistic that uses the same clusters.

    Parameters
    ----------
    clusters : sequence of hashable, or None
        Patient or family of each unit; None where unknown: then estimates come without intervals.
    draws : int
    seed : int
    level : float
    interval : Interval
        ``BCA`` (default) or ``PERCENTILE``.
    expanded : bool
        Shares of the draws as in `expanded_tail`; False leaves the interval of the books.

    Examples
    --------
    >>> from rickets_rx.agreement.statistic import mean
    >>> values = np.arange(40.0)
    >>> found = Resampler([i // 2 for i in range(40)], seed=1).estimate(mean(values))
    >>> found.value, found.clusters
    (19.5, 20)
    """

    clusters: Sequence[Hashable] | None
    draws: int = MIN_DRAWS
    seed: int = 0
    level: float = 0.95
    interval: Interval = Interval.BCA
    expanded: bool = True
    _codes: np.ndarray | None = field(init=False, default=None, repr=False)
    _counts: dict[int, np.ndarray] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.draws < 1 or not 0 < self.level < 1:
            raise ValueError("a bootstrap needs at least one draw and a level between 0 and 1")
        if self.interval not in (Interval.BCA, Interval.PERCENTILE):
            raise ValueError(f"{self.interval} is not a bootstrap interval")
        if self.clusters is not None:
            order: dict[Hashable, int] = {}
            self._codes = np.array([order.setdefault(name, len(order)) for name in self.clusters], dtype=int)

    def estimate(self, statistic: Statistic) -> Estimate:
        """Value and interval of one statistic.

        Raises
        ------
        ValueError
            When the statistic has another number of units than the clusters name.
        """
        units = int(statistic.used.sum())
        if self._codes is not None and self._codes.size != statistic.used.size:
            raise ValueError(f"{self._codes.size} cluster names for {statistic.used.size} units")
        value = statistic.value() if units else float("nan")
        # Only clusters with data are drawn from, so that a small subgroup is not diluted by empty draws.
        known = None if self._codes is None else np.unique(self._codes[statistic.used])
        clusters = None if known is None else int(known.size)
        bare = Estimate(
            None if np.isnan(value) else value, None, None, units, clusters, Interval.NONE, self.level
        )
        if np.isnan(value):
            return _because(bare, NoInterval.UNDEFINED if units else NoInterval.NO_DATA)
        if known is None:
            return _because(bare, NoInterval.UNKNOWN_CLUSTERS)
        if known.size < MIN_CLUSTERS:
            return _because(bare, NoInterval.FEW_CLUSTERS)
        return self._with_interval(statistic, bare, value, known)

    def _with_interval(
        self, statistic: Statistic, bare: Estimate, value: float, known: np.ndarray
    ) -> Estimate:
        drawn = self._draw(statistic, known)
        defined = drawn[np.isfinite(drawn)]
        undefined = drawn.size - defined.size
        if undefined > MAX_UNDEFINED * drawn.size:
            return _because(bare, NoInterval.UNDEFINED_DRAWS, undefined)
        if np.ptp(defined) < 1e-12:
            return _boundary(statistic, bare, value, known.size)
        tail = expanded_tail(self.level, known.size) if self.expanded else (1 - self.level) / 2
        shares = np.array([tail, 1 - tail])
        used = self.interval
        if used is Interval.BCA:
            corrected = bca_shares(value, defined, self._leave_one_out(statistic, known), shares)
            used, shares = (Interval.PERCENTILE, shares) if corrected is None else (used, corrected)
        low, high = np.quantile(defined, shares)
        return Estimate(
            value, float(low), float(high), bare.units, bare.clusters, used, self.level, undefined
        )

    def _draw(self, statistic: Statistic, known: np.ndarray) -> FloatArray:
        counts = self._cluster_counts(known.size)
        return self._over(statistic, known, counts.astype(float))

    def _leave_one_out(self, statistic: Statistic, known: np.ndarray) -> FloatArray:
        return self._over(statistic, known, 1.0 - np.eye(known.size))

    def _over(self, statistic: Statistic, known: np.ndarray, counts: FloatArray) -> FloatArray:
        """The statistic for rows of cluster counts, in chunks that bound the memory."""
        assert self._codes is not None
        place = np.full(int(self._codes.max()) + 1, known.size)
        place[known] = np.arange(known.size)
        column = place[self._codes]
        # Units of other clusters point to an extra column that is never drawn.
        padded = np.column_stack([counts, np.zeros(len(counts))])
        step = max(1, _CELLS_PER_CHUNK // statistic.used.size)
        parts = [statistic.of_weights(padded[i : i + step][:, column]) for i in range(0, len(counts), step)]
        return np.concatenate(parts)

    def _cluster_counts(self, clusters: int) -> np.ndarray:
        """How often each cluster is drawn; the seed alone decides, not the order of calls."""
        if clusters not in self._counts:
            generator = np.random.default_rng([self.seed, clusters])
            share = np.full(clusters, 1 / clusters)
            self._counts[clusters] = generator.multinomial(clusters, share, size=self.draws)
        return self._counts[clusters]


def expanded_tail(level: float, clusters: int) -> float:
    """Share of the draws left out at each end, so that few clusters do not make the interval too narrow.

    Draws of n clusters spread by sqrt((n - 1) / n) too little, and their spread is itself not known, so that
    Student's t takes the place of the normal. The normal share of sqrt(n / (n - 1)) t(n - 1) (Hesterberg
    2015, Am Stat 69:371-386, "expanded percentile"), with which the interval of a mean is Student's.

    Parameters
    ----------
    level : float
        Two-sided confidence, 0-1.
    clusters : int
        At least 2.

    Examples
    --------
    95 % of 10 clusters: t(9) = 2.262, times sqrt(10 / 9) = 2.385; of 1 000 hardly more than 0.025.

    >>> round(expanded_tail(0.95, 10), 4), round(expanded_tail(0.95, 1000), 4)
    (0.0086, 0.0248)
    """
    from scipy.special import ndtr, stdtrit

    reach = np.sqrt(clusters / (clusters - 1)) * stdtrit(clusters - 1, (1 + level) / 2)
    return float(ndtr(-reach))


def bca_shares(
    value: float, drawn: FloatArray, left_out: FloatArray, shares: FloatArray
) -> FloatArray | None:
    """Shares of the draws at which a BCa interval ends (Efron and Tibshirani 1993, eq. 14.9-14.15).

    Parameters
    ----------
    value : float
        The estimate.
    drawn : float array of shape (draws,)
    left_out : float array of shape (clusters,)
        The statistic without each cluster in turn.
    shares : float array
        Nominal shares, e.g. 0.025 and 0.975.

    Returns
    -------
    float array or None
        None where the correction is undefined: all draws on one side of the value, or an undefined jackknife.

    Examples
    --------
    Half of the draws below the value and no skewness in the jackknife: nothing is corrected.

    >>> drawn, left_out = np.arange(1, 101.0), np.array([1.0, 2, 3])
    >>> bca_shares(50.5, drawn, left_out, np.array([0.025, 0.975])).round(6).tolist()
    [0.025, 0.975]
    """
    from scipy.special import ndtr, ndtri

    # Draws equal to the value count half: grades make ties common.
    below = (np.sum(drawn < value - 1e-12) + 0.5 * np.sum(np.abs(drawn - value) <= 1e-12)) / drawn.size
    if not 0 < below < 1 or not np.all(np.isfinite(left_out)):
        return None
    gap = left_out.mean() - left_out
    spread = np.sum(gap**2)
    acceleration = 0.0 if spread < 1e-20 else np.sum(gap**3) / (6 * spread**1.5)
    bias, normal = ndtri(below), ndtri(shares)
    stretched = 1 - acceleration * (bias + normal)
    if np.any(stretched <= 0):
        return None
    return np.asarray(ndtr(bias + (bias + normal) / stretched), dtype=float)


def _because(bare: Estimate, reason: NoInterval, undefined: int = 0) -> Estimate:
    return Estimate(
        bare.value, None, None, bare.units, bare.clusters, Interval.NONE, bare.level, undefined, reason
    )


def _boundary(statistic: Statistic, bare: Estimate, value: float, clusters: int) -> Estimate:
    """Where every draw is equal: an exact bound for a share of 0 or 1, otherwise no interval.

    Clopper and Pearson with each cluster as one trial (conservative; ours): low = 0.025 ** (1 / clusters).
    """
    if not statistic.is_proportion or value not in (0.0, 1.0):
        return _because(bare, NoInterval.UNDEFINED)
    bound = ((1 - bare.level) / 2) ** (1 / clusters)
    low, high = (bound, 1.0) if value == 1.0 else (0.0, 1.0 - bound)
    return Estimate(value, low, high, bare.units, bare.clusters, Interval.EXACT, bare.level)
