"""The command `rickets-rx`. Heavy parts are imported by the command that needs them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from rickets_rx import RESEARCH_USE_ONLY, __version__

app = typer.Typer(
    name="rickets-rx",
    help=f"Grades rickets on radiographs of children and follows healing. {RESEARCH_USE_ONLY}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

OutDir = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results; created where missing.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random; the same seed gives the same numbers.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rickets-rx {__version__}\n{RESEARCH_USE_ONLY}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Version and intended use.")
    ] = False,
) -> None:
    """Options before the command."""


@app.command()
def score(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT...", help="Films, folders, or a manifest CSV.")
    ],
    out: OutDir,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the numbers do not depend on it.")] = 1,
    spacing_mm: Annotated[
        float | None, typer.Option(min=0.001, help="mm per pixel of raster films without one in a manifest.")
    ] = None,
    overlays: Annotated[bool, typer.Option(help="Also draw what was found on every film.")] = False,
) -> None:
    """Find, measure and grade metaphyses; writes scores.csv, images.csv, regions/ and run.json."""
    from rickets_rx.batch import requests_of, score_films

    requests = requests_of(inputs, spacing_mm=spacing_mm)
    with _progress(len(requests)) as advance:
        result = score_films(requests, out, workers=workers, overlays=overlays, on_film=advance)
    scored = sum(row["status"] == "scored" for row in result.scores)
    typer.echo(f"{len(result.outcomes)} films, {scored} bones scored. Results in {out}")
    for failure in result.failures:
        typer.echo(f"not read: {failure['reason']}", err=True)
    typer.echo(RESEARCH_USE_ONLY)
    if result.cancelled:
        typer.echo("Stopped on request; the rows written are whole.", err=True)
    if result.failures or result.cancelled:
        raise typer.Exit(1)


class _progress:
    """A progress line on stderr with rate and time left; silent where stderr is not a terminal."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("scoring"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[file]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("films", total=total, file="")

    def __enter__(self) -> Any:
        self._bar.start()
        return lambda outcome: self._bar.update(self._task, advance=1, file=outcome.request.file)

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()


@app.command()
def heal(
    case_dir: Annotated[
        Path, typer.Argument(metavar="CASE_DIR", help="A case folder: labs, therapy, radiographs.")
    ],
    out: OutDir,
    scores: Annotated[
        Path | None, typer.Option(help="A scores.csv to use instead of scoring the films anew.")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Scenarios drawn for uncertain days.")] = 1000,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes for scoring films.")] = 1,
) -> None:
    """Line grades, labs and therapy phases up; writes the healing tables and report.html."""
    from rickets_rx.follow_up import follow_up

    report = follow_up(case_dir, out, scores=scores, draws=draws, seed=seed, workers=workers)
    typer.echo(f"Report: {report}\n{RESEARCH_USE_ONLY}")


@app.command()
def demo(
    out: OutDir = Path("rickets_rx_demo"),
    workers: Annotated[int, typer.Option(min=1, help="Processes for scoring films.")] = 1,
) -> None:
    """Run `heal` on the two sisters of the case report (synthetic films) and print a short table."""
    from rickets_rx.follow_up import demo_table, follow_up
    from rickets_rx.resources import resource

    report = follow_up(resource("sample_images") / "hvdrr_siblings", out, workers=workers)
    for line in demo_table(out):
        typer.echo(line)
    typer.echo(f"\nReport: {report.resolve()}\n{RESEARCH_USE_ONLY}")


def main() -> None:
    """Entry point: errors a user can mend are said in one line, without a traceback (exit code 2)."""
    from rickets_rx.errors import RicketsError

    try:
        app()
    except RicketsError as error:
        typer.echo(f"rickets-rx: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
