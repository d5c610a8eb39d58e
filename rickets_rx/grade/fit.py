"""Makes the grader's two tables: ``python -m rickets_rx.grade.fit --ramps A.csv B.csv --wrist C.csv``.

The input comes from `rickets_rx.grade.examples` and, for the ramps, from the painted films whose licence lets
them be learned from (`rickets_rx.grade.film_examples licensed`). Phantoms and painted films are the only ones
whose severity is known. Intervals come from children that ramps and network never saw. All of it is recovery
of construction: it says nothing of rickets in children.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rickets_rx.grade import interval
from rickets_rx.grade.calibrate import Prediction, calibrate, predictions, write_bands
from rickets_rx.grade.evidence import HINT, TABLE, Ramp, Sign, ramps
from rickets_rx.grade.examples import Example, read_examples
from rickets_rx.grade.signs import ZONE_LOST
from rickets_rx.grade.thacher import grade_of
from rickets_rx.phantom.disease import MIMICS
from rickets_rx.vocabulary import Activity, Joint, Method

FloatArray = npt.NDArray[np.float64]

# A ramp is placed on the way from the median of healthy bones (0) to that of the worst (1). It begins within
# the first limits, its foot is as long as the second, the rest as the third, and its weight lies within
# exp(+-1.5) (ours): steps and lop-sided weights follow phantoms closer and are less to be trusted on films.
BEGIN, FOOT, LENGTH, LOG_WEIGHT = (-0.2, 0.7), (0.08, 0.7), (0.25, 1.2), (-1.5, 1.5)
FIRST_GUESS = (0.2, 0.3, 0.4, 0.0)
# Pull towards the first guess; keeps ramps that the phantoms hardly fix where they are (ours).
PULL = 0.1
# Severity from which a phantom counts among the worst (ours).
WORST = 0.85
# A healthy bone called more than this counts this many times: a healthy child comes first (ours).
SILENT_TO, FALSE_ALARM = 0.05, 3.0
# A concave normal ulna is told apart by its neighbour, not by a ramp (`guard_ulna`).
NOT_FITTED = (*MIMICS, "concave_ulna")
# Bones weigh in the fit by their stage's number to this power: 0 all alike, 0.5 every stage alike (ours).
BALANCE = 0.25
STAGES = (1e-6, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True, eq=False)
class Problem:
    """Measured bones as arrays.

    Parameters
    ----------
    values : ndarray of shape (bones, ramps)
        Feature of each ramp, NaN where missing.
    severity : ndarray of shape (bones,)
    signs : ndarray of shape (ramps,)
        Sign of each ramp.
    healthy, worst : ndarray of shape (ramps,)
        Median of the feature of each ramp in either group.
    """

    values: FloatArray
    severity: FloatArray
    signs: npt.NDArray[np.str_]
    healthy: FloatArray
    worst: FloatArray

    @classmethod
    def of(cls, found: Sequence[Example], table: Path = TABLE) -> "Problem":
        """Raises ValueError naming a feature that does not tell healthy bones from the worst ones."""
        rows = ramps(table)
        values = feature_values(found, rows)
        severity = np.array([example.severity for example in found])
        sound = np.array([e.severity == 0 and not e.variant and e.activity is Activity.NONE for e in found])
        sick = np.array([e.severity >= WORST and e.activity is Activity.ACTIVE for e in found])
        healthy, worst = np.nanmedian(values[sound], axis=0), np.nanmedian(values[sick], axis=0)
        for ramp, a, b in zip(rows, healthy, worst, strict=True):
            if not a != b or np.isnan(b - a):
                raise ValueError(f"{ramp.feature} does not tell healthy phantoms from the worst ones")
        signs = np.array([ramp.sign.value for ramp in rows])
        return cls(values, severity, signs, healthy, worst)

    def unpacked(self, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Anchors ``none_at``, ``hint_at``, ``full_at`` and weights of 4 x ramps parameters, in bounds."""
        begin, foot, length, weight = np.split(z, 4)
        way = self.worst - self.healthy
        begin, foot, length = np.clip(begin, *BEGIN), np.clip(foot, *FOOT), np.clip(length, *LENGTH)
        return (
            self.healthy + begin * way,
            self.healthy + (begin + foot) * way,
            self.healthy + (begin + foot + length) * way,
            np.exp(np.clip(weight, *LOG_WEIGHT)),
        )

    def residuals(self, z: FloatArray) -> FloatArray:
        """Errors of severity, every stage of disease counting by the root of its number, and the pull."""
        error = severities(self.values, self.signs, *self.unpacked(z)) - self.severity
        error = np.where((self.severity == 0) & (error > SILENT_TO), FALSE_ALARM * error, error)
        stage = np.digitize(self.severity, STAGES)
        weight = np.bincount(stage, minlength=len(STAGES) + 1)[stage] ** -BALANCE
        pull = PULL * (z - first_guess(len(self.signs))) / np.sqrt(len(z))
        return np.concatenate([weight * error / np.sqrt(np.sum(weight**2)), pull])


def feature_values(found: Sequence[Example], rows: Sequence[Ramp]) -> FloatArray:
    """Feature of each ramp in each bone, shape (bones, ramps), NaN where missing."""
    values = [[example.features[ramp.feature].value for ramp in rows] for example in found]
    return np.array(values, dtype=np.float64)


def first_guess(count: int) -> FloatArray:
    """Parameters before fitting, shape (4 x count,)."""
    return np.repeat(np.asarray(FIRST_GUESS), count)


def severities(
    values: FloatArray,
    signs: npt.NDArray[np.str_],
    none_at: FloatArray,
    hint_at: FloatArray,
    full_at: FloatArray,
    weight: FloatArray,
) -> FloatArray:
    """`Evidence.severity` for many bones at once, shape (bones,); the same rule, held to it by a test."""
    foot = np.clip((values - none_at) / (hint_at - none_at), 0, 1)
    each = HINT * foot + (1 - HINT) * np.clip((values - hint_at) / (full_at - hint_at), 0, 1)
    said: dict[str, FloatArray] = {}
    for sign in Sign:
        mine = signs == sign.value
        counted = np.isfinite(each[:, mine]) * weight[mine]
        total = counted.sum(axis=1)
        mean = np.nansum(np.nan_to_num(each[:, mine]) * counted, axis=1) / np.where(total > 0, total, 1)
        said[sign] = np.where(total > 0, mean, np.nan)
    lucency = said[Sign.LUCENCY]
    gate = np.where(np.isnan(lucency), 1.0, np.minimum(1.0, lucency / ZONE_LOST))
    lucency, cupping = np.nan_to_num(lucency), np.nan_to_num(said[Sign.CUPPING])
    irregular = np.minimum(np.nan_to_num(said[Sign.IRREGULARITY]), gate)
    frayed = np.minimum(np.nan_to_num(said[Sign.FRAYING]), gate)
    high = np.maximum(frayed, cupping)
    rungs = (np.maximum(np.maximum(lucency, irregular), high), np.maximum(irregular, high), high)
    return np.asarray(0.25 * (sum(rungs) + np.minimum(frayed, cupping)))


def fit_ramps(found: Sequence[Example], table: Path = TABLE) -> list[Ramp]:
    """Ramps that recover the severity of phantoms best, by bounded least squares (scipy, trust region).

    Features, signs and words of ``table`` are kept: they are a reading of Thacher's words, not a fit.
    """
    from scipy.optimize import least_squares

    problem = Problem.of([e for e in found if not e.refused and e.variant not in NOT_FITTED], table)
    start = first_guess(len(problem.signs))
    edges = (BEGIN, FOOT, LENGTH, LOG_WEIGHT)
    low, high = (np.repeat([edge[side] for edge in edges], len(problem.signs)) for side in (0, 1))
    best = least_squares(
        problem.residuals, start, bounds=(low, high), diff_step=np.full(len(start), 0.03), max_nfev=60
    )
    anchors = zip(ramps(table), *problem.unpacked(best.x), strict=True)
    return [
        replace(
            ramp, none_at=_digits(none), hint_at=_digits(hint), full_at=_digits(full), weight=_digits(weight)
        )
        for ramp, none, hint, full, weight in anchors
    ]


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


def write_ramps(path: Path, found: Iterable[Ramp]) -> None:
    """The table that `rickets_rx.grade.evidence` reads."""
    from rickets_rx.grade.calibrate import csv_bytes
    from rickets_rx.io.atomic import atomic_write

    header = tuple(field.name for field in fields(Ramp))
    rows = (tuple(getattr(ramp, name) for name in header) for ramp in found)
    with atomic_write(path) as handle:
        handle.write(csv_bytes(header, rows))
    ramps.cache_clear()


def agreement(found: Sequence[Prediction]) -> dict[str, float]:
    """Recovery of construction: quadratic kappa over five grades, share within half a grade, cover, error."""
    from rickets_rx.agreement.kappa import weighted_kappa

    predicted, true = ([grade_of(getattr(p, name)) for p in found] for name in ("severity", "truth"))
    within = np.abs(np.subtract(predicted, true)) <= 0.5
    covered = [p.low <= p.truth <= p.high for p in found]
    errors = [p.severity - p.truth for p in found]
    return {
        "bones": len(found),
        "quadratic_kappa": round(weighted_kappa(predicted, true), 3),
        "within_half_grade": round(float(np.mean(within)), 3),
        "interval_coverage": round(float(np.mean(covered)), 3),
        "rms_error": round(float(np.sqrt(np.mean(np.square(errors)))), 3),
        "mean_width": round(float(np.mean([p.high - p.low for p in found])), 3),
    }


def calibrated(
    found: Sequence[Example], joint: Joint, methods: Sequence[Method], table: Path = TABLE
) -> dict[interval.Kind, list[interval.Band]]:
    """Bands of one joint for several methods."""
    bands: dict[interval.Kind, list[interval.Band]] = {}
    for method in methods:
        bands |= calibrate(found, joint, method, table)
    return bands


def main() -> None:
    """Command line: ramps from some tables of examples, intervals from others."""
    import argparse
    import json
    import sys

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ramps", type=Path, nargs="*", default=[], help="tables that fix the ramps")
    parser.add_argument("--wrist", type=Path, nargs="+", help="tables that calibrate the wrist")
    parser.add_argument("--elbow", type=Path, nargs="+", help="tables that calibrate the elbow")
    parser.add_argument("--methods", type=Method, nargs="+", default=list(Method))
    chosen = parser.parse_args()
    if chosen.ramps:
        write_ramps(TABLE, fit_ramps([e for path in chosen.ramps for e in read_examples(path)]))
    bands: dict[interval.Kind, list[interval.Band]] = {}
    used: dict[Joint, list[Example]] = {}
    for joint, paths in ((Joint.WRIST, chosen.wrist), (Joint.ELBOW, chosen.elbow)):
        used[joint] = [e for path in paths or () for e in _read(path, chosen.methods)]
        if used[joint]:
            bands |= calibrated(used[joint], joint, chosen.methods)
    write_bands(interval.TABLE, bands)
    said = {
        f"{joint} {method}": agreement(predictions(found, method))
        for joint, found in used.items()
        for method in chosen.methods
        if found
    }
    json.dump({"on the examples that calibrate": said}, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _read(path: Path, methods: Sequence[Method]) -> list[Example]:
    """Examples, with the network's answers where a method needs them."""
    from rickets_rx.grade.examples import read_patches, with_shares

    found = read_examples(path)
    return found if set(methods) == {Method.CLASSICAL} else with_shares(found, read_patches(path))


if __name__ == "__main__":
    main()
