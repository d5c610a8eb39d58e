"""The command `rickets-rx`. Heavy parts are imported by the command that needs them."""

from pathlib import Path
from typing import Annotated

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
    cluster: Annotated[
        str | None, typer.Option(help="Dask: 'local', or the address of a scheduler, tcp://HOST:PORT.")
    ] = None,
    spacing_mm: Annotated[
        float | None, typer.Option(min=0.001, help="mm per pixel of films without one in a manifest.")
    ] = None,
    overlays: Annotated[bool, typer.Option(help="Also draw what was found on every film.")] = False,
    strict: Annotated[bool, typer.Option(help="Stop at the first film that cannot be scored.")] = False,
    keep_identifiers: Annotated[
        bool, typer.Option(help="Keep DICOM patient IDs; by default they become keyed hashes.")
    ] = False,
    seconds_per_film: Annotated[
        float, typer.Option(min=1, help="A film that takes longer is given up.")
    ] = 120,
    memory_mb: Annotated[int, typer.Option(min=500, help="Memory that one worker may take.")] = 4000,
) -> None:
    """Find, measure and grade metaphyses; writes scores.csv, images.csv, regions/ and run.json.

    What is done already in the folder of the results is kept, so that a stopped run goes on where it was.
    """
    from rickets_rx.batch import Limits, requests_of, score_films
    from rickets_rx.batch.progress import ending, progress, stop_on_terminate

    stop_on_terminate()
    requests = requests_of(inputs, spacing_mm=spacing_mm)
    with progress(len(requests)) as advance:
        result = score_films(
            requests,
            out,
            workers=workers,
            cluster=cluster,
            overlays=overlays,
            limits=Limits(seconds_per_film, memory_mb),
            strict=strict,
            keep_identifiers=keep_identifiers,
            on_film=advance,
        )
    for line in ending(result):
        typer.echo(line)
    typer.echo(RESEARCH_USE_ONLY)
    if result.counts["films_failed"] or result.counts["cancelled"]:
        raise typer.Exit(1)


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
    from rickets_rx.follow_up import follow_up, short_table
    from rickets_rx.resources import resource

    report = follow_up(resource("sample_images") / "hvdrr_siblings", out, workers=workers)
    for line in short_table(out):
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
