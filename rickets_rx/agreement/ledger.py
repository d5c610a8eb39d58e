"""Every number of a report as one row: what it compares, its value, its interval, and why one is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rickets_rx.agreement.bootstrap import MIN_CLUSTERS, Estimate, Interval, NoInterval, Resampler
from rickets_rx.agreement.kappa import confusion
from rickets_rx.agreement.statistic import BoolArray, FloatArray, Statistic
from rickets_rx.agreement.views import View

COLUMNS = (
    "section scale measure stratum subgroup first second statistic value low high level interval units "
    "clusters undefined_draws reason"
).split()
_DIGITS = 6


@dataclass(frozen=True)
class Number:
    """One number of the report; ``first`` and ``second`` name readers, ``machine`` or ``reference``."""

    section: str
    scale: str
    measure: str
    stratum: str
    subgroup: str
    first: str
    second: str
    statistic: str
    estimate: Estimate

    def as_row(self) -> dict[str, Any]:
        """A row of `COLUMNS`; None is missing."""
        found = self.estimate
        what = ("section", "scale", "measure", "stratum", "subgroup", "first", "second", "statistic")
        return {name: str(getattr(self, name)) for name in what} | {
            "value": rounded(found.value),
            "low": rounded(found.low),
            "high": rounded(found.high),
            "level": found.level,
            "interval": str(found.interval),
            "units": found.units,
            "clusters": found.clusters,
            "undefined_draws": found.undefined_draws,
            "reason": None if found.reason is None else str(found.reason),
        }


@dataclass(frozen=True)
class ConfusionMatrix:
    """Counts of label pairs, rows by ``first``."""

    section: str
    scale: str
    measure: str
    stratum: str
    first: str
    second: str
    labels: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}


def _plain(value: Any) -> Any:
    return (
        [_plain(one) for one in value]
        if isinstance(value, tuple)
        else str(value)
        if _is_word(value)
        else value
    )


def _is_word(value: Any) -> bool:
    return isinstance(value, str)


def rounded(value: float | None) -> float | None:
    """Six decimals, so that the last bits of arithmetic reach no file; None stays None."""
    return None if value is None else round(float(value), _DIGITS) + 0.0


class Ledger:
    """Collects the numbers of one section over one view."""

    def __init__(self, section: str, view: View, resampler: Resampler, subgroup: str = "") -> None:
        self.view, self.resampler = view, resampler
        self.numbers: list[Number] = []
        self.matrices: list[ConfusionMatrix] = []
        self._section, self._subgroup = section, subgroup

    def add(self, name: str, statistic: Statistic, first: str = "", second: str = "") -> Estimate:
        """Estimate a statistic of the view's units and keep it."""
        found = self.resampler.estimate(statistic)
        self._keep(name, found, first, second)
        return found

    def add_interval(
        self,
        name: str,
        value: float,
        bounds: tuple[float, float],
        used: BoolArray,
        names: Sequence[str] = ("", ""),
    ) -> None:
        """Keep a value whose interval comes from a variance ratio, which takes units as independent.

        It is told under the same conditions as the resampled ones: from 10 known clusters on.
        """
        units, level, names_of = int(used.sum()), self.resampler.level, self.view.clusters
        clusters, why = None, NoInterval.UNKNOWN_CLUSTERS
        if names_of is not None:
            clusters = len({name for name, inside in zip(names_of, used, strict=True) if inside})
            why = NoInterval.FEW_CLUSTERS
        if clusters is None or clusters < MIN_CLUSTERS:
            found = Estimate(value, None, None, units, clusters, Interval.NONE, level, reason=why)
        else:
            found = Estimate(value, bounds[0], bounds[1], units, clusters, Interval.F, level)
        self._keep(name, found, names[0], names[1])

    def add_matrix(self, first: FloatArray, second: FloatArray, names: tuple[str, str]) -> None:
        """Keep the confusion matrix of two columns over the labels of the view."""
        counts = confusion(first, second, self.view.labels)
        rows = tuple(tuple(int(cell) for cell in row) for row in counts)
        view = self.view
        place = (self._section, view.scale, str(view.measure), view.stratum)
        self.matrices.append(ConfusionMatrix(*place, *names, view.labels, rows))

    def _keep(self, name: str, found: Estimate, first: str, second: str) -> None:
        view = self.view
        place = (self._section, view.scale, str(view.measure), view.stratum, self._subgroup)
        self.numbers.append(Number(*place, first, second, name, found))


def resampler_of(view: View, *, seed: int, draws: int) -> Resampler:
    """The resampler of a view's units, by family or patient."""
    return Resampler(view.clusters, draws=draws, seed=seed)


def any_known(*columns: FloatArray) -> bool:
    """Whether any unit has a value in all columns."""
    return bool(np.any(np.all(np.isfinite(np.column_stack(columns)), axis=1)))
