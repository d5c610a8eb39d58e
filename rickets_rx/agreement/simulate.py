"""Simulated readers with chosen bias and noise, and what agreement they must show.

Each bone has a latent severity on the scale of grades, normal over bones, with a part that the bones of one
child share. A reader sees it with her bias and her noise and says the nearest half grade within 0-2. The
expected confusion matrix of any two readers follows by integration, and from it every statistic: a known
answer that the report must recover. The model is ours and says nothing about human readers.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from rickets_rx.agreement.kappa import THACHER_BONE_LABELS, Weighting, agreement_weights, kappa_of_tables
from rickets_rx.agreement.machine_scores import MachineScores, machine_scores
from rickets_rx.agreement.statistic import FloatArray
from rickets_rx.io.readings import Reading
from rickets_rx.vocabulary import Activity, Bone, Scale, Side, Status

_CUTS = np.array([0.25, 0.75, 1.25, 1.75])
_GRID = 4001
# Half width of the simulated machine's interval in its own noise: 90 % of a normal.
_Z90 = 1.6448536269514722


@dataclass(frozen=True)
class SimulatedReader:
    """A reader (or the machine).

    Parameters
    ----------
    name : str
    bias, noise : float
        Grades; standard deviation of each reading.
    refuses : float
        Chance of calling a bone not gradable, 0-1.
    """

    name: str
    bias: float = 0.0
    noise: float = 0.25
    refuses: float = 0.0


@dataclass(frozen=True)
class StudyModel:
    """A study to simulate.

    Parameters
    ----------
    patients, films : int
        Children, and films of each; every film shows one wrist with two bones.
    readers : tuple of SimulatedReader
    machine : SimulatedReader or None
    mean, between, within : float
        Latent grade: mean, and standard deviations between children and between bones of one child.
    again : float
        Share of films that every reader reads a second time.
    """

    patients: int
    readers: tuple[SimulatedReader, ...]
    films: int = 1
    machine: SimulatedReader | None = None
    mean: float = 0.8
    between: float = 0.55
    within: float = 0.35
    again: float = 0.0


@dataclass(frozen=True, eq=False)
class SimulatedStudy:
    """What files would hold, the latent grade of every bone, and the child of every film."""

    readings: tuple[Reading, ...]
    scores: MachineScores
    latent: dict[tuple[str, int, str], float]
    patients: dict[str, str]


def half_grade(latent: FloatArray) -> FloatArray:
    """The nearest half grade within 0-2; cuts at 0.25, 0.75, 1.25, 1.75."""
    return np.searchsorted(_CUTS, latent, side="right") / 2.0


def simulate_study(model: StudyModel, *, seed: int) -> SimulatedStudy:
    """Draw one study.

    Returns
    -------
    SimulatedStudy
        The same model and seed give the same readings.
    """
    rng = np.random.default_rng(seed)
    shape = (model.patients, model.films, 2)
    latent = model.mean + model.between * rng.normal(size=(model.patients, 1, 1))
    latent = latent + model.within * rng.normal(size=shape)
    repeat = rng.random((model.patients, model.films)) < model.again
    readings: list[Reading] = []
    for reader in model.readers:
        readings += _read(reader, latent, 1, np.ones_like(repeat), rng)
        readings += _read(reader, latent, 2, repeat, rng)
    rows = [] if model.machine is None else list(_score(model.machine, latent, rng))
    known = {(_film(p, f), 1, _BONES[b]): float(latent[p, f, b]) for p, f, b in np.ndindex(*shape)}
    films = {_film(p, f): _patient(p) for p, f in np.ndindex(*shape[:2])}
    return SimulatedStudy(tuple(readings), machine_scores(rows), known, films)


_BONES = (str(Bone.RADIUS), str(Bone.ULNA))


def _film(patient: int, film: int) -> str:
    return hashlib.sha256(f"simulated film {patient} {film}".encode()).hexdigest()


def _patient(patient: int) -> str:
    return f"p{patient:03d}"


def _read(
    reader: SimulatedReader, latent: FloatArray, occasion: int, read: np.ndarray, rng: np.random.Generator
) -> Iterator[Reading]:
    said = half_grade(latent + reader.bias + reader.noise * rng.normal(size=latent.shape))
    refused = rng.random(latent.shape) < reader.refuses
    for p, f, b in np.ndindex(*latent.shape):
        if not read[p, f]:
            continue
        one = Reading(
            _film(p, f), reader.name, occasion=occasion, side=Side.LEFT, bone=_BONES[b], gradable=True,
            blinded=True, machine_seen=False,
        )  # fmt: skip
        if refused[p, f, b]:
            yield replace(one, gradable=False, reason="poor_exposure")
        else:
            yield replace(one, grade=float(said[p, f, b]))


def _score(
    machine: SimulatedReader, latent: FloatArray, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    seen = np.clip(latent + machine.bias + machine.noise * rng.normal(size=latent.shape), 0.0, 2.0)
    refused = rng.random(latent.shape) < machine.refuses
    for p, f, b in np.ndindex(*latent.shape):
        row: dict[str, Any] = {
            "image_sha256": _film(p, f), "patient_id": _patient(p), "day": 100 * f, "instance": 1,
            "side": Side.LEFT, "bone": _BONES[b], "scale": Scale.THACHER_WRIST, "spacing_source": "none",
        }  # fmt: skip
        if refused[p, f, b]:
            yield row | {"status": Status.REFUSED, "reason": "poor_exposure", "grade": None}
            continue
        x, half = float(seen[p, f, b]), _Z90 * machine.noise
        low, high = np.floor(2 * max(x - half, 0.0)) / 2, np.ceil(2 * min(x + half, 2.0)) / 2
        yield row | {
            "status": Status.SCORED, "grade": float(half_grade(np.array(x))), "grade_low": float(low),
            "grade_high": float(high), "severity": x / 2, "activity": Activity.INDETERMINATE,
        }  # fmt: skip


def simulate_changes(
    study: SimulatedStudy, readers: Sequence[SimulatedReader], *, seed: int, order_known: bool = True
) -> tuple[Reading, ...]:
    """Readings of change between consecutive films of each child of a study.

    The true change is twice the mean fall of the two bones' latent grades, so that a fall of one grade is
    +2; a reader adds her bias and noise and says the nearest whole number within -3..3.

    Parameters
    ----------
    study : SimulatedStudy
        With at least two films of each child.
    readers : sequence of SimulatedReader
        ``bias`` and ``noise`` in points of change.
    """
    rng = np.random.default_rng(seed)
    found = []
    for earlier, later in _pairs(study):
        fall = 2 * float(np.mean([study.latent[earlier, 1, b] - study.latent[later, 1, b] for b in _BONES]))
        for reader in readers:
            said = int(np.clip(np.rint(fall + reader.bias + reader.noise * rng.normal()), -3, 3))
            one = Reading(later, reader.name, pair_sha256=earlier, region="wrist", rgic=said, gradable=True)
            found.append(replace(one, order_known=order_known, blinded=True, machine_seen=False))
    return tuple(found)


def _pairs(study: SimulatedStudy) -> Iterator[tuple[str, str]]:
    """(earlier, later) films of one child that follow each other."""
    films = list(study.patients.items())
    for (earlier, one), (later, other) in pairwise(films):
        if one == other:
            yield earlier, later


def _label_shares(reader: SimulatedReader, latent: FloatArray) -> FloatArray:
    """Chance of each label at each latent grade, shape (points, 5)."""
    from scipy.special import ndtr

    edges = (_CUTS[None, :] - latent[:, None] - reader.bias) / max(reader.noise, 1e-9)
    below = np.column_stack([np.zeros(latent.size), ndtr(edges), np.ones(latent.size)])
    return np.diff(below, axis=1)


def expected_table(model: StudyModel, first: SimulatedReader, second: SimulatedReader) -> FloatArray:
    """Chance of each pair of labels of two readers on one bone, by integration over the latent grade.

    Returns
    -------
    float array of shape (5, 5)
        Sums to 1; refusals are independent of the grade and leave it alone.
    """
    spread = float(np.hypot(model.between, model.within))
    z = np.linspace(-8, 8, _GRID)
    density = np.exp(-(z**2) / 2)
    density /= density.sum()
    latent = model.mean + spread * z
    return np.einsum("n,ni,nj->ij", density, _label_shares(first, latent), _label_shares(second, latent))


def expected_values(model: StudyModel) -> dict[str, float]:
    """Population values of the chief statistics of all readers together, and of the machine with them.

    ICC(2,1) over fixed readers tends to mean covariance / (mean variance + variance of the readers' means).
    """
    pairs = [expected_table(model, a, b) for a, b in combinations(model.readers, 2)]
    found = {f"mean_pairwise_kappa_{w}": _kappa(pairs, w) for w in (Weighting.QUADRATIC, Weighting.LINEAR)}
    found["icc_2_1"] = _expected_icc(model, pairs)
    found["ac2_quadratic"] = _expected_ac2(model, pairs)
    if model.machine is not None:
        tables = [expected_table(model, model.machine, reader) for reader in model.readers]
        found["mean_kappa_machine_reader"] = _kappa(tables, Weighting.QUADRATIC)
    return found


def _kappa(tables: Sequence[FloatArray], weighting: Weighting) -> float:
    weights = agreement_weights(len(THACHER_BONE_LABELS), weighting)
    return float(np.mean([float(kappa_of_tables(table, weights)) for table in tables]))


def _expected_icc(model: StudyModel, pairs: Sequence[FloatArray]) -> float:
    labels = np.array(THACHER_BONE_LABELS)
    margins = [expected_table(model, reader, reader).sum(axis=1) for reader in model.readers]
    means = np.array([margin @ labels for margin in margins])
    variances = [margin @ labels**2 - mean**2 for margin, mean in zip(margins, means, strict=True)]
    shared = [
        labels @ table @ labels - means[i] * means[j]
        for table, (i, j) in zip(pairs, combinations(range(len(means)), 2), strict=True)
    ]
    return float(np.mean(shared) / (np.mean(variances) + means.var(ddof=1)))


def _expected_ac2(model: StudyModel, pairs: Sequence[FloatArray]) -> float:
    weights = agreement_weights(len(THACHER_BONE_LABELS))
    observed = float(np.mean([(table * weights).sum() for table in pairs]))
    share = np.mean([expected_table(model, r, r).sum(axis=1) for r in model.readers], axis=0)
    chance = float(weights.sum() / 20 * (share @ (1 - share)))
    return (observed - chance) / (1 - chance)
