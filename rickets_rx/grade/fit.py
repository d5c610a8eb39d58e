"""Makes the grader's two tables from phantoms: ``python -m rickets_rx.grade.fit --children 600 --seed 1``.

Phantoms are the only films whose severity is known. Places come from the truth, shaken as the search for places
errs; margins and features come from the pipeline itself. One part of the children fixes the ramps, another the
conformal half-widths, a third is only reported on. All of it is recovery of construction: it says nothing of
rickets in children.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rickets_rx.features.registry import Features
from rickets_rx.grade import interval
from rickets_rx.grade.classical import Evidence
from rickets_rx.grade.evidence import TABLE, Ramp, ramps
from rickets_rx.grade.thacher import grade_of
from rickets_rx.vocabulary import Activity, Bone, Joint, Status

# Corners of the search for places err by about this share of the width (ours; docs/segmentation.md).
PLACE_ERROR = 0.03
# A ramp runs between these points on the way from the median of healthy bones (0) to that of the worst (1): half
# of the way says nothing yet, which keeps noise on healthy films silent (ours).
NONE_AT, FULL_AT = 0.5, 0.95
# Severity from which a phantom counts among the worst (ours).
WORST = 0.85
BAND_EDGES = (0.0, 0.125, 0.5, 0.8)


@dataclass(frozen=True)
class Example:
    """One phantom bone: its features through the found margin, and its truth."""

    child: int
    bone: Bone
    features: Features
    severity: float
    grade: float
    activity: Activity
    variant: str


def examples(seeds: Iterable[int], joint: Joint = Joint.WRIST, **ranges: object) -> Iterator[Example]:
    """Phantom bones measured as the pipeline measures; bones it refuses are left out.

    Parameters
    ----------
    seeds : iterable of int
        One child each; same seed, same example.
    **ranges
        Handed to `rickets_rx.phantom.sample`.
    """
    from rickets_rx.features import measure_all
    from rickets_rx.phantom import sample
    from rickets_rx.segment.candidate import BoneCandidate
    from rickets_rx.segment.metaphysis import Metaphysis
    from rickets_rx.segment.trace import trace

    for seed in seeds:
        film = sample(joint, seed, **ranges)
        if film.refuse is not None:
            continue
        radiograph = film.radiograph()
        rng = np.random.default_rng((seed, 29))
        for truth in (bone for place in film.joints for bone in place.bones if bone.status is Status.SCORED):
            shake = rng.normal(0, PLACE_ERROR * truth.width, (2, 2))
            corners = np.array([truth.corner1, truth.corner2]) + shake
            one, other = ((float(x), float(y)) for x, y in corners)
            found = trace(radiograph, BoneCandidate(truth.bone, one, other, truth.distal, 1.0))
            if isinstance(found, Metaphysis):
                features = measure_all(radiograph, found)
                yield Example(
                    seed, truth.bone, features, truth.severity, truth.grade, truth.activity, truth.variant
                )


def fit_ramps(healthy: Sequence[Example], worst: Sequence[Example], table: Path = TABLE) -> list[Ramp]:
    """Anchors of each ramp from the medians of its feature in healthy and in the worst bones.

    The sign, weight and words of ``table`` are kept: they are a reading of Thacher's words, not a fit.
    """
    fitted = []
    for ramp in ramps(table):
        sound, sick = (float(np.median(_values(part, ramp.feature))) for part in (healthy, worst))
        if sound == sick:
            raise ValueError(f"{ramp.feature} does not tell healthy phantoms from the worst ones")
        none_at, full_at = (sound + share * (sick - sound) for share in (NONE_AT, FULL_AT))
        fitted.append(
            Ramp(ramp.feature, ramp.sign, round(none_at, 3), round(full_at, 3), ramp.weight, ramp.words)
        )
    return fitted


def _values(found: Sequence[Example], name: str) -> list[float]:
    values = [example.features[name].value for example in found]
    return [value for value in values if value is not None]


def conformal(pairs: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Half-widths by band of predicted severity from (predicted, true) pairs.

    The half-width is the ceil((n + 1) x 0.9)-th smallest absolute error (split conformal, Vovk et al. 2005).

    Raises
    ------
    ValueError
        When a band holds too few pairs for that rank to exist (fewer than 9).
    """
    errors: dict[float, list[float]] = {edge: [] for edge in BAND_EDGES}
    for predicted, true in pairs:
        errors[max(edge for edge in BAND_EDGES if predicted >= edge)].append(abs(predicted - true))
    widths = []
    for edge, found in errors.items():
        rank = int(np.ceil((len(found) + 1) * interval.LEVEL))
        if rank > len(found):
            raise ValueError(f"band from {edge}: {len(found)} examples are too few to calibrate on")
        widths.append((edge, round(sorted(found)[rank - 1], 3)))
    return widths


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def write_ramps(path: Path, found: Iterable[Ramp]) -> None:
    """The table that `rickets_rx.grade.evidence` reads."""
    from rickets_rx.io.atomic import atomic_write

    header = ("feature", "sign", "none_at", "full_at", "weight", "words")
    rows = ((r.feature, r.sign.value, r.none_at, r.full_at, r.weight, r.words) for r in found)
    with atomic_write(path) as handle:
        handle.write(_csv(header, rows))
    ramps.cache_clear()


def write_bands(path: Path, found: Iterable[tuple[float, float]]) -> None:
    """The table that `rickets_rx.grade.interval` reads."""
    from rickets_rx.io.atomic import atomic_write

    with atomic_write(path) as handle:
        handle.write(_csv(("severity_from", "half_width"), found))
    interval.bands.cache_clear()


def pairs_of(found: Iterable[Example]) -> list[tuple[float, float]]:
    """(predicted, true) severity of every example that has a shape."""
    predicted = ((Evidence.of(example.features).severity(), example.severity) for example in found)
    return [(value, true) for value, true in predicted if value is not None]


def agreement(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Recovery of construction: quadratic kappa over the five grades, share within half a grade, coverage."""
    from rickets_rx.agreement.kappa import weighted_kappa

    predicted = [grade_of(p) for p, _ in pairs]
    true = [grade_of(t) for _, t in pairs]
    within = np.abs(np.subtract(predicted, true)) <= 0.5
    covered = [abs(p - t) <= interval.half_width(p) for p, t in pairs]
    return {
        "bones": len(pairs),
        "quadratic_kappa": round(weighted_kappa(predicted, true), 3),
        "within_half_grade": round(float(np.mean(within)), 3),
        "interval_coverage": round(float(np.mean(covered)), 3),
    }


def fit(
    children: int, seed: int, *, ramps_to: Path = TABLE, bands_to: Path = interval.TABLE
) -> dict[str, object]:
    """Measure phantoms, write both tables, and report on children that neither table saw.

    Parameters
    ----------
    children : int
        Half of them fix the ramps, a quarter the intervals, a quarter is held out.
    seed : int
        First child's seed.

    Returns
    -------
    dict
        ``bones`` per part and the agreement on the held-out part.
    """
    half, quarter = children // 2, children // 4
    found = list(examples(range(seed, seed + children)))
    train = [e for e in found if e.child < seed + half]
    healthy = [e for e in train if e.severity == 0 and not e.variant]
    worst = [e for e in train if e.severity >= WORST and e.activity is Activity.ACTIVE]
    write_ramps(ramps_to, fit_ramps(healthy, worst))
    write_bands(
        bands_to, conformal(pairs_of(e for e in found if seed + half <= e.child < seed + half + quarter))
    )
    held_out = [e for e in found if e.child >= seed + half + quarter]
    return {
        "healthy_bones": len(healthy),
        "worst_bones": len(worst),
        "held_out": agreement(pairs_of(held_out)),
    }


def main() -> None:
    """Command line of this study."""
    import argparse
    import json
    import sys

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--children", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    json.dump(fit(chosen.children, chosen.seed), sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
