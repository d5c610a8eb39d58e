"""What a cohort costs: tables, JSON and the page of the cohort, and a patient's page on demand.

    python benchmarks/healing.py --patients 500

A cohort of 500 patients holds 10 000 laboratory rows and 3 000 scored films, as one wrist of two bones each.
Half, and all of it, are timed in one run by the processor time of this process, so that the ratio tells
whether cost is linear in patients.
"""

import csv
import resource
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from batch_films import machine

from rickets_rx.healing.heal import heal, write_healing
from rickets_rx.healing.result import HealingResult
from rickets_rx.io.case_folder import read_case_folder
from rickets_rx.report.html import cohort_html, patient_html

#: Goals of the project: seconds and MB for 500 patients, seconds for a page, cost of twice as many.
GOAL_SECONDS, GOAL_MB, GOAL_PAGE, GOAL_RATIO = 60.0, 1000.0, 0.5, 2.2
VISIT_DAYS = (0, 40, 80, 120, 160)
FILM_DAYS = (0, 30, 60, 90, 120, 160)
VALUES = {"Ca": (7.5, "mg/dL", 8.8, 10.8), "P": (2.6, "mg/dL", 4.0, 6.5), "ALP": (1600, "U/L", 120, 450),
          "PTH": (600, "pg/mL", 10, 70)}  # fmt: skip
Row = dict[str, Any]


def make_case(folder: Path, patients: int, seed: int) -> Path:
    """Write a case folder whose patients heal at their own rate, and scores.csv beside it."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[Row]] = {n: [] for n in ("patients", "labs", "therapy", "radiographs", "scores")}
    for i in range(patients):
        who = {"patient_id": f"p{i}"}
        rows["patients"].append(
            who | {"family_id": f"f{i // 2}", "sex": "female", "age_days_at_day0": 700 + i}
        )
        for drug, start, end in (("calcitriol", 0, 90), ("calcium", 60, 160)):
            course = {"phase": drug, "drug": drug, "start_day": start, "end_day": end}
            rows["therapy"].append(who | course | {"dose": 1, "unit": "g", "per": "day"})
        left = float(rng.uniform(0.1, 0.6))
        rows["labs"] += [who | row for row in _labs(rng, left)]
        for day in FILM_DAYS:
            film = {"film_id": f"f{day}", "file": f"p{i}_{day}.png", "day": day, "joint": "wrist"}
            rows["radiographs"].append(who | film | {"side": "left", "synthetic": 0})
            rows["scores"] += [who | film | row for row in _bones(rng, 0.9 - (0.9 - left) * day / 160)]
    for name, table in rows.items():
        _write(folder / f"{name}.csv", table)
    return folder


def _labs(rng: np.random.Generator, left: float) -> list[Row]:
    found = []
    for visit, day in enumerate(VISIT_DAYS, start=1):
        gone = (1 - left) * day / 160
        for analyte, (start, unit, low, high) in VALUES.items():
            value = (start + ((low + high) / 2 - start) * gone) * float(np.exp(rng.normal(0, 0.05)))
            row = {"visit": visit, "day": day, "day_low": day, "day_high": day + 3, "analyte": analyte}
            found.append(row | {"value": round(value, 2), "unit": unit, "range_low": low, "range_high": high})
    return found


def _bones(rng: np.random.Generator, level: float) -> list[Row]:
    found = []
    for bone in ("radius", "ulna"):
        severity = float(np.clip(level + rng.normal(0, 0.05), 0, 1))
        low, high = max(severity - 0.15, 0), min(severity + 0.15, 1)
        row: Row = {"bone": bone, "instance": 1, "side": "left", "status": "scored", "scale": "thacher_wrist"}
        row |= {"severity": severity, "severity_low": low, "severity_high": high, "activity": "active"}
        for part, value in (("", severity), ("_low", low), ("_high", high)):
            row[f"grade{part}"] = round(value * 4) / 2
        found.append(row)
    return found


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def cohort(folder: Path, out: Path) -> tuple[HealingResult, dict[str, float]]:
    """The whole of a cohort, and the processor seconds of each step."""
    import pandas as pd

    seconds, began = {}, time.process_time()

    def step(name: str) -> None:
        nonlocal began
        seconds[name], began = time.process_time() - began, time.process_time()

    scores = folder / "scores.csv"
    table = pd.read_csv(scores, dtype={"patient_id": str})
    scores.rename(folder.with_suffix(".scores"))
    case = read_case_folder(folder)
    step("read")
    result = heal(case, table)
    step("heal")
    write_healing(result, out)
    step("tables and JSON")
    (out / "report.html").write_text(cohort_html(result), encoding="utf-8")
    step("page of the cohort")
    return result, seconds


def main(patients: Annotated[int, typer.Option(min=20)] = 500, seed: int = 0) -> None:
    """Print seconds, memory, pages and the ratio."""
    typer.echo(machine())
    totals = []
    with tempfile.TemporaryDirectory() as root:
        for count in (20, patients // 2, patients):  # the first one warms up
            folder, out = Path(root) / f"case{count}", Path(root) / f"out{count}"
            folder.mkdir()
            began = time.monotonic()
            result, seconds = cohort(make_case(folder, count, seed), out)
            totals.append(sum(seconds.values()))
            steps = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
            typer.echo(
                f"{count} patients: {totals[-1]:.1f} s of processor, "
                f"{time.monotonic() - began:.1f} s on the wall ({steps})"
            )
        pages = []
        for patient in list(result.patients["patient_id"])[:20]:
            began = time.process_time()
            patient_html(result, patient, [])
            pages.append(time.process_time() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    typer.echo(
        f"a patient's page: median {np.median(pages):.2f} s, longest {max(pages):.2f} s (goal {GOAL_PAGE})"
    )
    typer.echo(f"peak memory {memory:.0f} MB (goal {GOAL_MB:.0f}); goal {GOAL_SECONDS:.0f} s")
    typer.echo(f"twice as many patients cost x {totals[2] / totals[1]:.2f} (goal {GOAL_RATIO})")


if __name__ == "__main__":
    typer.run(main)
