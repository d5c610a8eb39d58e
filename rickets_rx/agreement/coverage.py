"""Do the intervals hold the truth as often as they say: simulated studies whose answer is known.

`interval_coverage` looks at the chief statistics, whose truth is found by integration; `report_coverage` at
every number that a report of such a study prints, with the value in a study of very many children as truth.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rickets_rx.agreement.bootstrap import Interval, Resampler
from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.facts import FilmFacts
from rickets_rx.agreement.gwet import ac2_statistic
from rickets_rx.agreement.icc import Icc, Missing, icc, icc_statistic
from rickets_rx.agreement.kappa import Weighting, kappa_statistic, pairwise_kappa_statistic
from rickets_rx.agreement.ledger import Number
from rickets_rx.agreement.machine_scores import MachineScores
from rickets_rx.agreement.simulate import (
    SimulatedReader,
    StudyModel,
    expected_values,
    simulate_changes,
    simulate_study,
)
from rickets_rx.agreement.statistic import Statistic, mean_of
from rickets_rx.agreement.validate import validate
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


@dataclass(frozen=True)
class PrintedCoverage:
    """How often the printed interval of one number of a report held its value in a very large study.

    Parameters
    ----------
    section, measure, stratum, first, second, statistic : str
        As in `Number`.
    interval : str
        The method most repeats used; fallbacks, such as an exact bound, are in it too.
    truth, share, width : float
        See `Coverage`.
    repeats : int
        Repeats that gave an interval.
    """

    section: str
    measure: str
    stratum: str
    first: str
    second: str
    statistic: str
    interval: str
    truth: float
    share: float
    width: float
    repeats: int


#: One cut-off for bones and one for sums, and no subgroups: enough to meet every statistic once.
PRINTED = StudyDesign(subgroups=(), bone_cut_offs=(1.0,), total_cut_offs=(2.0,))


def report_coverage(
    model: StudyModel,
    changes: Sequence[SimulatedReader],
    *,
    repeats: int,
    draws: int,
    seed: int,
    children: int = 20_000,
) -> list[PrintedCoverage]:
    """Coverage of every interval that the report of a study prints.

    Parameters
    ----------
    model : StudyModel
        With a machine, repeats and at least two films a child.
    changes : sequence of SimulatedReader
        Readers of change, in points.
    children : int
        Of the study whose values are taken for the truth; its own error is sqrt(patients / children) of the
        error of one study.
    """
    large = replace(model, patients=children)
    truth = {_key(n): n.estimate.value for n in _printed(large, changes, seed=seed - 1, draws=1)}
    found: dict[tuple[str, ...], list[Number]] = {}
    for repeat in range(repeats):
        for number in _printed(model, changes, seed=seed + repeat, draws=draws):
            if number.estimate.low is not None:
                found.setdefault(_key(number), []).append(number)
    return [
        _printed_summary(key, value, found[key])
        for key, value in truth.items()
        if key in found and value is not None
    ]


def _printed(model: StudyModel, changes: Sequence[SimulatedReader], *, seed: int, draws: int) -> list[Number]:
    """All numbers of one simulated study; with one draw children are unknown, so that nothing is drawn."""
    study = simulate_study(model, seed=seed)
    readings = [*study.readings, *simulate_changes(study, changes, seed=seed)]
    scores = study.scores
    if draws == 1:
        scores = MachineScores({key: row | {"patient_id": None} for key, row in scores.bones.items()})
    return list(validate(readings, scores, PRINTED, seed=seed, draws=draws).numbers)


def _key(number: Number) -> tuple[str, ...]:
    names = "section", "measure", "stratum", "first", "second", "statistic", "scale"
    return tuple(str(getattr(number, name)) for name in names)


def _printed_summary(key: tuple[str, ...], truth: float, numbers: Sequence[Number]) -> PrintedCoverage:
    ends = np.array([(n.estimate.low, n.estimate.high) for n in numbers], dtype=float)
    # A bound that is the truth itself, such as 0 for a share of 0, holds it.
    held = np.mean((ends[:, 0] - 1e-9 <= truth) & (truth <= ends[:, 1] + 1e-9))
    used = Counter(str(n.estimate.interval) for n in numbers).most_common(1)[0][0]
    width = float((ends[:, 1] - ends[:, 0]).mean())
    section, measure, stratum, first, second, statistic, _ = key
    place = section, measure, stratum, first, second, statistic
    return PrintedCoverage(*place, used, truth, float(held), width, len(numbers))
