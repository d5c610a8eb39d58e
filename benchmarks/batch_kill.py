"""Kills a batch at random moments and compares what it leaves with an undisturbed run.

    python benchmarks/batch_kill.py --films 300 --kills 20

The whole process group gets SIGKILL, so nothing can tidy up. Then the same command is run to its end: every
film must have its rows once, and scores.csv must have the bytes of the undisturbed run.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from batch_films import machine, make_films


def command(films: Path, out: Path, workers: int) -> list[str]:
    start = [sys.executable, "-m", "rickets_rx.cli", "score", str(films)]
    return [*start, "--out", str(out), "--workers", str(workers)]


def run_to_end(films: Path, out: Path, workers: int) -> float:
    """Seconds of a run that nobody disturbs."""
    began = time.monotonic()
    subprocess.run(command(films, out, workers), check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def run_and_kill(films: Path, out: Path, workers: int, after: float) -> bool:
    """Start a run and kill its process group; False where it had ended by itself before."""
    process = subprocess.Popen(
        command(films, out, workers), stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def done(out: Path) -> int:
    """Films in the store of a run that was killed."""
    store = out / "results.sqlite"
    if not store.is_file():
        return 0
    with closing(sqlite3.connect(store)) as connection:
        tables = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'films'").fetchone()
        return int(connection.execute("SELECT COUNT(*) FROM films").fetchone()[0]) if tables[0] else 0


def main(
    films: Annotated[int, typer.Option(min=10)] = 300,
    kills: Annotated[int, typer.Option(min=1)] = 20,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    seed: int = 0,
    folder: Annotated[
        Path | None, typer.Option(help="Kept for another look; default: a temporary one.")
    ] = None,
) -> None:
    """Run the kill test and say what it found; exit code 1 where a byte differs."""
    root = folder or Path(tempfile.mkdtemp(prefix="rickets_rx_kill_"))
    source = make_films(root / "films", films, seed=seed, size_px=400)
    typer.echo(f"{machine()}; {films} films, {workers} workers, {kills} kills, seed {seed}")
    whole = run_to_end(source, root / "undisturbed", workers)
    typer.echo(f"undisturbed: {whole:.0f} s")
    rng = random.Random(seed)
    killed = 0
    for i in range(kills):
        # From the first moments of start-up to well past a twentieth of the work.
        after = rng.uniform(0.2, 2 + 2 * whole / kills)
        hit = run_and_kill(source, root / "killed", workers, after)
        killed += hit
        typer.echo(
            f"{i + 1}: {'killed' if hit else 'ended'} after {after:.1f} s, {done(root / 'killed')} stored"
        )
    run_to_end(source, root / "killed", workers)
    one, two = ((root / name / "scores.csv").read_bytes() for name in ("undisturbed", "killed"))
    parts = list((root / "killed").rglob("*.part"))
    typer.echo(
        f"{killed} kills, {done(root / 'killed')} films stored, scores.csv of {len(one)} bytes "
        f"{'equal' if one == two else 'DIFFERENT'}, {len(parts)} half-written files left"
    )
    if one != two or parts or done(root / "killed") != films:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
