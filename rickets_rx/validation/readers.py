"""Simulated readers of chosen bias and noise: does a report find again what was put in."""

from itertools import combinations
from typing import Any

import numpy as np

from rickets_rx.agreement.bland_altman import Z95
from rickets_rx.agreement.kappa import THACHER_BONE_LABELS
from rickets_rx.agreement.simulate import (
    SimulatedReader,
    StudyModel,
    expected_table,
    expected_values,
    simulate_study,
)
from rickets_rx.agreement.validate import validate
from rickets_rx.validation.numbers import row_of
from rickets_rx.validation.parts import Row

READERS = (
    SimulatedReader("anna", 0.0, 0.25, 0.03),
    SimulatedReader("ben", 0.2, 0.35, 0.03),
    SimulatedReader("carla", -0.1, 0.3, 0.03),
)
MODEL = StudyModel(80, READERS, films=2, machine=SimulatedReader("machine", 0.05, 0.3, 0.05), again=0.3)


def reader_rows(*, seed: int, draws: int) -> list[Row]:
    """What was put in (``truth``) and what the report of one simulated study found."""
    study = simulate_study(MODEL, seed=seed)
    result = validate(study.readings, study.scores, seed=seed, draws=draws)
    rows = []
    for (section, statistic, first, second), truth in _truths().items():
        place = {"scale": "thacher_wrist", "measure": "bone", "stratum": "unaided"}
        (n,) = result.find(section=section, statistic=statistic, first=first, second=second, **place)
        group = f"{first} – {second}" if second else first
        rows.append(row_of(statistic, group, n.estimate) | {"truth": round(truth, 6)})
    return rows


def _truths() -> dict[tuple[str, str, str, str], float]:
    """Known answers by integration over the latent grade."""
    labels = np.array(THACHER_BONE_LABELS)
    apart = labels[:, None] - labels[None, :]
    known = expected_values(MODEL)
    found: dict[tuple[str, str, str, str], float] = {}
    for name in ("mean_pairwise_kappa_quadratic", "mean_pairwise_kappa_linear", "icc_2_1", "ac2_quadratic"):
        found["readers", name, "all readers", ""] = known[name]
    machine = ("machine", "mean_kappa_machine_reader", "machine", "all readers")
    found[machine] = known["mean_kappa_machine_reader"]
    for a, b in combinations(READERS, 2):
        table = expected_table(MODEL, a, b)
        found["readers", "bias", a.name, b.name] = float((table * apart).sum())
        near = float(table[np.abs(apart) <= 0.5].sum())
        found["readers", "share_within_near", a.name, b.name] = near
    for reader in READERS:
        table = expected_table(MODEL, reader, reader)
        spread = Z95 * float((table * apart**2).sum()) ** 0.5
        found["intra_reader", "smallest_real_change", reader.name, f"{reader.name} again"] = spread
        found["failures", "share_refused", reader.name, ""] = reader.refuses
    return found


def model_words() -> dict[str, Any]:
    """The simulated study, for the page."""
    return {
        "children": MODEL.patients,
        "films": MODEL.films,
        "readers": [[r.name, r.bias, r.noise, r.refuses] for r in (*READERS, MODEL.machine) if r],
    }
