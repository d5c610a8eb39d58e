"""Coverage of 95 % intervals in simulated reader studies with known answers.

    python benchmarks/agreement_coverage.py --repeats 500 --draws 2000 --out coverage.csv
    python benchmarks/agreement_coverage.py --printed --repeats 500 --draws 2000 --out printed.csv
    python benchmarks/agreement_coverage.py --shares --repeats 300 --draws 1000 --out shares.csv

Sixty children, one wrist film each (two bones), three readers of chosen bias and noise and a machine; then
the same with 120 children and with mostly normal wrists. With ``--printed`` every number that a report
prints, for sixty children with two films each, two readers who refuse and repeat, and readings of change.
With ``--shares`` shares alone, of four bones of each child. Takes some minutes on one core.
"""

import argparse
import csv
import sys
import time
from dataclasses import astuple, fields, replace
from itertools import product
from pathlib import Path

import numpy as np

from rickets_rx.agreement.bootstrap import Resampler
from rickets_rx.agreement.coverage import Coverage, PrintedCoverage, interval_coverage, report_coverage
from rickets_rx.agreement.simulate import SimulatedReader, StudyModel
from rickets_rx.agreement.statistic import proportion

READERS = (
    SimulatedReader("anna", 0.0, 0.25),
    SimulatedReader("ben", 0.2, 0.35),
    SimulatedReader("carla", -0.1, 0.3),
)
MACHINE = SimulatedReader("machine", 0.05, 0.3)
MODELS = {
    "60 children": StudyModel(60, READERS, machine=MACHINE),
    "120 children": StudyModel(120, READERS, machine=MACHINE),
    "60 children, mostly normal": StudyModel(
        60, READERS, machine=MACHINE, mean=0.2, between=0.4, within=0.25
    ),
}

REFUSING = (SimulatedReader("anna", 0.0, 0.25, 0.05), SimulatedReader("ben", 0.2, 0.35, 0.05))
PRINTED = StudyModel(60, REFUSING, films=2, machine=SimulatedReader("machine", 0.05, 0.3, 0.08), again=0.5)
#: Of --shares: bones of each child, and true shares.
BONES = 4
SHARES = (0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.97)
CHANGES = (SimulatedReader("anna", 0.0, 0.5), SimulatedReader("ben", 0.3, 0.7))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--printed", action="store_true")
    parser.add_argument("--shares", action="store_true")
    parser.add_argument("--children", type=int, default=60, help="of each study with --printed")
    parser.add_argument("--repeats", type=int, default=500)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--out", type=Path, default=Path("coverage.csv"))
    asked = parser.parse_args()
    if asked.printed:
        printed(asked)
        return
    if asked.shares:
        shares(asked)
        return
    with asked.out.open("w", encoding="utf-8", newline="") as handle:
        table = csv.writer(handle, lineterminator="\n")
        table.writerow(["study", *(field.name for field in fields(Coverage))])
        for name, model in MODELS.items():
            began = time.perf_counter()
            found = interval_coverage(model, repeats=asked.repeats, draws=asked.draws, seed=asked.seed)
            table.writerows([name, *map(_cell, astuple(one))] for one in found)
            sys.stderr.write(f"{name}: {time.perf_counter() - began:.0f} s\n")


def printed(asked: argparse.Namespace) -> None:
    """Every number of a report, worst first."""
    began = time.perf_counter()
    model = replace(PRINTED, patients=asked.children)
    found = report_coverage(model, CHANGES, repeats=asked.repeats, draws=asked.draws, seed=asked.seed)
    with asked.out.open("w", encoding="utf-8", newline="") as handle:
        table = csv.writer(handle, lineterminator="\n")
        table.writerow(field.name for field in fields(PrintedCoverage))
        table.writerows([*map(_cell, astuple(one))] for one in sorted(found, key=lambda one: one.share))
    sys.stderr.write(f"{len(found)} numbers: {time.perf_counter() - began:.0f} s\n")


def shares(asked: argparse.Namespace) -> None:
    """A share of all bones, for few and more children, bones of a child independent and not."""
    with asked.out.open("w", encoding="utf-8", newline="") as handle:
        table = csv.writer(handle, lineterminator="\n")
        table.writerow(("children", "correlation", "truth", "share", "repeats"))
        for children, correlation, truth in product((20, 60), (0.0, 0.3), SHARES):
            held = [_holds(asked, children, correlation, truth, i) for i in range(asked.repeats)]
            table.writerow((children, correlation, truth, round(float(np.mean(held)), 4), asked.repeats))


def _holds(asked: argparse.Namespace, children: int, correlation: float, truth: float, repeat: int) -> bool:
    """Whether the interval of one study holds the true share.

    A bone is as its child with probability sqrt(correlation), else as it likes, which correlates any two by
    the correlation.
    """
    rng = np.random.default_rng((asked.seed, children, round(10 * correlation), round(100 * truth), repeat))
    child, own = rng.random((children, 1)) < truth, rng.random((children, BONES)) < truth
    hits = np.where(rng.random((children, BONES)) < correlation**0.5, child, own).ravel()
    clusters = np.repeat(np.arange(children), BONES).tolist()
    found = Resampler(clusters, draws=asked.draws, seed=repeat).estimate(
        proportion(hits, np.ones(hits.size, dtype=bool))
    )
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def _cell(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
