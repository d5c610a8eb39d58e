"""Do the intervals hold the truth as often as they say: simulated studies whose answer is known."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rickets_rx.agreement.bootstrap import Interval, Resampler
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts
from rickets_rx.agreement.gwet import ac2_statistic
from rickets_rx.agreement.icc import Icc, Missing, icc, icc_statistic
from rickets_rx.agreement.kappa import Weighting, kappa_statistic, pairwise_kappa_statistic
from rickets_rx.agreement.simulate import StudyModel, expected_values, simulate_study
from rickets_rx.agreement.statistic import Statistic, mean_of
from rickets_rx.agreement.views import View, bone_views

StatisticOf = Callable[[View], Statistic]


@dataclass(frozen=True)
class Coverage:
    """How often an interval held the known value.

    Parameters
    ----------
    statistic : str
    interval : Interval
    truth : float
        Population value, by integration.
    mean : float
        Mean of the estimates.
    share : float
        Of repeats whose interval held the truth, 0-1.
    width : float
        Mean width.
    repeats : int
        Repeats that gave an interval.
    """

    statistic: str
    interval: Interval
    truth: float
    mean: float
    share: float
    width: float
    repeats: int


def _mean_machine_kappa(view: View) -> Statistic:
    return mean_of([kappa_statistic(view.machine.grade, column) for column in view.ratings.T])


STATISTICS: dict[str, StatisticOf] = {
    "mean_pairwise_kappa_quadratic": lambda view: pairwise_kappa_statistic(view.ratings),
    "mean_pairwise_kappa_linear": lambda v: pairwise_kappa_statistic(v.ratings, weighting=Weighting.LINEAR),
    "icc_2_1": lambda view: icc_statistic(view.ratings, Icc.AGREEMENT),
    "ac2_quadratic": lambda view: ac2_statistic(view.ratings),
    "mean_kappa_machine_reader": _mean_machine_kappa,
}


def interval_coverage(
    model: StudyModel, *, repeats: int, draws: int, seed: int, level: float = 0.95
) -> list[Coverage]:
    """Coverage of percentile and BCa intervals of the chief statistics.

    Parameters
    ----------
    model : StudyModel
    repeats, draws : int
        Simulated studies, and bootstrap draws in each.
    seed : int

    Returns
    -------
    list of Coverage
        For each statistic of `STATISTICS` and both intervals, and the F interval of ICC(2,1), which takes
        bones as independent.
    """
    truth = expected_values(model)
    methods = (Interval.PERCENTILE, Interval.BCA)
    found: dict[tuple[str, Interval], list[tuple[float, float, float]]] = {}
    for repeat in range(repeats):
        view = simulated_view(model, seed=seed + repeat)
        for method in methods:
            resampler = Resampler(view.clusters, draws, seed + repeat, level, method)
            for name, of_view in STATISTICS.items():
                if name in truth:
                    one = resampler.estimate(of_view(view))
                    if one.value is not None and one.low is not None and one.high is not None:
                        found.setdefault((name, method), []).append((one.value, one.low, one.high))
        ratio = icc(view.ratings, level=level, missing=Missing.COMPLETE)
        found.setdefault(("icc_2_1", Interval.F), []).append((ratio.value, ratio.low, ratio.high))
    return [_summary(name, method, truth[name], np.array(rows)) for (name, method), rows in found.items()]


def _summary(name: str, method: Interval, truth: float, rows: np.ndarray) -> Coverage:
    value, low, high = rows.T
    held = np.mean((low <= truth) & (truth <= high))
    return Coverage(
        name, method, truth, float(value.mean()), float(held), float((high - low).mean()), len(rows)
    )


def simulated_view(model: StudyModel, *, seed: int) -> View:
    """The view of bones of one simulated study, through the same code as a real one."""
    study = simulate_study(model, seed=seed)
    facts = {image: FilmFacts(patient) for image, patient in study.patients.items()}
    return bone_views(study.readings, study.scores, facts, StudyDesign())[0]
