"""The command `rickets-rx`. Heavy parts are imported by the command that needs them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rickets_rx import RESEARCH_USE_ONLY, __version__

if TYPE_CHECKING:
    from rickets_rx.vocabulary import Joint

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
    method: Annotated[
        str | None, typer.Option(help="Who grades: classical, cnn or fused; the default is the best known.")
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
    from rickets_rx.errors import UsageError
    from rickets_rx.score import SCORERS
    from rickets_rx.vocabulary import Method

    if method not in (None, *Method):
        raise UsageError(f"--method {method}: give {', '.join(Method)}")
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
            scorer=None if method is None else SCORERS[Method(method)],
        )
    for line in ending(result):
        typer.echo(line)
    typer.echo(RESEARCH_USE_ONLY)
    if result.counts["films_failed"] or result.counts["cancelled"]:
        raise typer.Exit(1)


@app.command()
def heal(
    case_dir: Annotated[
        Path,
        typer.Argument(
            metavar="CASE", help="A case folder (labs, therapy, radiographs), or a FHIR R4 Bundle."
        ),
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
    from rickets_rx.batch.progress import progress, stop_on_terminate
    from rickets_rx.follow_up import follow_up

    stop_on_terminate()
    done = follow_up(case_dir, out, scores=scores, draws=draws, seed=seed, workers=workers, watch=progress)
    for failure in done.failures:
        typer.echo(f"not scored: {failure['reason']}", err=True)
    typer.echo(f"Report: {done.report}\n{RESEARCH_USE_ONLY}")
    if done.failures:
        raise typer.Exit(1)


@app.command()
def demo(
    out: OutDir = Path("rickets_rx_demo"),
    workers: Annotated[int, typer.Option(min=1, help="Processes for scoring films.")] = 1,
) -> None:
    """Run `heal` on the two sisters of the case report (synthetic films) and print a short table."""
    from rickets_rx.batch.progress import progress, stop_on_terminate
    from rickets_rx.follow_up import follow_up, short_table
    from rickets_rx.resources import resource

    stop_on_terminate()
    done = follow_up(resource("sample_images") / "hvdrr_siblings", out, workers=workers, watch=progress)
    for line in short_table(out):
        typer.echo(line)
    typer.echo(f"\nReport: {done.report.resolve()}\n{RESEARCH_USE_ONLY}")


@app.command()
def phantom(
    out: OutDir,
    joint: Annotated[str, typer.Option(help="wrist or elbow.")] = "wrist",
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="Films.")] = 10,
    seed: Seed = 0,
    ages: Annotated[tuple[float, float] | None, typer.Option(help="Years, from and to.")] = None,
    severity: Annotated[
        tuple[float, float] | None, typer.Option(help="Severity of the disease, from and to, 0-1.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="One named state for every bone.")] = None,
    dicom: Annotated[bool, typer.Option(help="Also write each film as DICOM.")] = False,
    courses: Annotated[
        bool,
        typer.Option(help="N children over time instead: a case folder for `heal`, with the true answers."),
    ] = False,
) -> None:
    """Make synthetic radiographs with known truth: PNG films, truth.csv, masks and regions."""
    from rickets_rx.errors import UsageError
    from rickets_rx.phantom import write_phantoms
    from rickets_rx.vocabulary import Joint

    if joint not in tuple(Joint):
        raise UsageError(f"--joint {joint}: give {' or '.join(Joint)}")
    if courses:
        _phantom_courses(out, Joint(joint), n, seed, given=(ages, severity, preset, dicom))
        return
    try:
        truth = write_phantoms(
            Joint(joint), n, seed, out, ages=ages, severity=severity, preset=preset, dicom=dicom
        )
    except ValueError as error:
        raise UsageError(f"phantom: {error}") from None
    typer.echo(f"{n} synthetic films. Truth: {truth}\n{RESEARCH_USE_ONLY}")


def _phantom_courses(
    out: Path, joint: "Joint", n: int, seed: int, *, given: tuple[object | None, ...]
) -> None:
    """Courses as a case folder; what only fits single films is refused."""
    from rickets_rx.errors import UsageError
    from rickets_rx.phantom import draw_course, write_courses

    if any(given):
        raise UsageError("phantom --courses: leave out --ages, --severity, --preset and --dicom")
    folder = write_courses((draw_course(seed + i, joint=joint) for i in range(n)), out)
    typer.echo(f"{n} synthetic courses. Run: rickets-rx heal {folder} --out DIR\n{RESEARCH_USE_ONLY}")


@app.command()
def validate(
    readings: Annotated[
        list[Path],
        typer.Argument(metavar="READINGS...", help="readings.csv files, or a folder of films and readings."),
    ],
    out: OutDir,
    scores: Annotated[
        Path | None, typer.Option(help="A scores.csv, to hold the machine against readers.")
    ] = None,
    design: Annotated[Path | None, typer.Option(help="A design.toml: families, devices, cut-offs.")] = None,
    draws: Annotated[int, typer.Option(min=2000, help="Bootstrap draws.")] = 2000,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes for scoring a folder's films.")] = 1,
) -> None:
    """Agreement of readers with each other, with themselves, with the machine and over time."""
    from rickets_rx.errors import UsageError

    if any(path.is_dir() for path in readings):
        from rickets_rx.batch.progress import progress, stop_on_terminate
        from rickets_rx.validation.folder import films_of, validate_folder

        if len(readings) > 1 or scores is not None or design is not None:
            raise UsageError("a folder of films and readings stands alone: its scores and design lie in it")
        stop_on_terminate()
        with progress(len(films_of(readings[0]))) as advance:
            report = validate_folder(
                readings[0], out, workers=workers, seed=seed, draws=draws, on_film=advance
            )
    else:
        from rickets_rx.agreement.validate import validate_files

        report = validate_files(readings, out, scores=scores, design=design, seed=seed, draws=draws)
    typer.echo(f"Report: {report}\n{RESEARCH_USE_ONLY}")


@app.command("validate-own")
def validate_own(
    out: OutDir,
    films: Annotated[
        Path | None, typer.Option(help="Real films with landmarks.json and manifest.csv.")
    ] = None,
    trial: Annotated[
        list[Path] | None, typer.Option(help="What a trial of simulated courses wrote; once for each.")
    ] = None,
    coverage: Annotated[
        list[Path] | None, typer.Option(help="Tables of benchmarks/agreement_coverage.py.")
    ] = None,
    wrists: Annotated[int, typer.Option(min=20, help="Phantom wrists; other sets follow from it.")] = 400,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the numbers do not depend on it.")] = 1,
    minutes: Annotated[float, typer.Option(help="Begin no film after so long; run again to go on.")] = 1e6,
    publish: Annotated[
        Path | None, typer.Option(help="The project's own folder: write docs and the model card there.")
    ] = None,
) -> None:
    """The project's own validation: phantoms, painted and real films, simulated courses and readers."""
    from rickets_rx.validation.own import Asked
    from rickets_rx.validation.run import run_own

    asked = Asked(out, films, wrists, tuple(trial or ()), tuple(coverage or ()), workers, minutes)
    for line in run_own(asked, publish):
        typer.echo(line)
    typer.echo(RESEARCH_USE_ONLY)


@app.command("reading-list")
def reading_list(
    films: Annotated[
        Path, typer.Argument(metavar="IMAGES", help="images.csv of `score`, or a table of films.")
    ],
    out: OutDir,
    reader: Annotated[list[str], typer.Option(help="A reader; give the option once for each.")],
    repeats: Annotated[float, typer.Option(min=0, max=1, help="Share of films read twice.")] = 0.2,
    changes: Annotated[
        str | None, typer.Option(help="Pairs of films of a child instead; their order known or hidden.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Draw each reader's own order of films, or of pairs of films, with repeats, for a reader study."""
    from rickets_rx.agreement.reading_list import Order, reading_list_files
    from rickets_rx.errors import UsageError

    if changes is not None and changes not in tuple(Order):
        raise UsageError(f"--changes {changes}: give {' or '.join(Order)}")
    order = None if changes is None else Order(changes)
    made = reading_list_files(films, out, readers=reader, repeats=repeats, seed=seed, changes=order)
    typer.echo(f"Reading list: {made}\n{RESEARCH_USE_ONLY}")


@app.command("plan")
def plan_study(
    kappa: Annotated[float | None, typer.Option(help="Weighted kappa that is hoped for, 0-1.")] = None,
    icc: Annotated[float | None, typer.Option(help="ICC(2,1) that is hoped for, 0-1.")] = None,
    width: Annotated[float, typer.Option(help="Full width of the 95 % interval.")] = 0.2,
    readers: Annotated[int, typer.Option(min=2, help="Readers of every bone.")] = 3,
    bones: Annotated[int, typer.Option(min=1, help="Bones of each child.")] = 2,
    correlation: Annotated[
        float, typer.Option(help="Of what the bones of one child add to the statistic, 0-1.")
    ] = 0.5,
    shares: Annotated[
        str, typer.Option(help="Expected shares of the grades 0, 0.5, 1, 1.5 and 2, for kappa.")
    ] = "0.35,0.2,0.2,0.15,0.1",
    linear: Annotated[bool, typer.Option(help="Linear weights instead of quadratic ones.")] = False,
    simulate: Annotated[int, typer.Option(min=0, help="Check by so many simulated studies.")] = 0,
    seed: Seed = 0,
) -> None:
    """How many children a reader study needs for a kappa or an ICC of wanted precision."""
    from rickets_rx.agreement.kappa import Weighting
    from rickets_rx.agreement.planner_check import Question, plan_lines
    from rickets_rx.errors import UsageError

    if (kappa is None) == (icc is None):
        raise UsageError("give either --kappa or --icc")
    weights = Weighting.LINEAR if linear else Weighting.QUADRATIC
    try:
        told = None if kappa is None else tuple(float(part) for part in shares.split(","))
        expected = icc if icc is not None else kappa
        asked = Question(expected or 0.0, width, readers, bones, correlation, told, weights)
        lines = plan_lines(asked, repeats=simulate, seed=seed)
    except ValueError as error:
        raise UsageError(f"plan: {error}") from None
    for line in lines:
        typer.echo(line)


@app.command()
def review(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="What score or heal wrote, or a case folder.")
    ],
    reader: Annotated[str, typer.Option(help="Who reads: a name or pseudonym.")],
    blinded: Annotated[
        bool, typer.Option(help="Hide child and dates, and the machine's grades until all bones are read.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="Shuffle the films, for each reader in her own way.")
    ] = None,
    occasion: Annotated[int, typer.Option(min=1, help="2 for a repeat; each film waits 14 days.")] = 1,
    reading_list: Annotated[Path | None, typer.Option("--list", help="A reading list (CSV).")] = None,
    between: Annotated[
        list[str] | None,
        typer.Option(help="Readers to adjudicate between, twice or more: their differences."),
    ] = None,
    films: Annotated[list[Path] | None, typer.Option(help="Folders that hold the films.")] = None,
    case: Annotated[Path | None, typer.Option(help="A case folder, for the timeline.")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Folder of the record; FOLDER/review if not given.")
    ] = None,
) -> None:
    """Correct, read and compare films in napari (needs the extra `napari`); nothing said is ever lost."""
    from rickets_rx.errors import UsageError
    from rickets_rx.review.open import open_review
    from rickets_rx.review.queue import Plan, read_reading_list
    from rickets_rx.review.session import Sitting

    try:
        from rickets_rx._napari.launch import run
    except ImportError as error:
        raise UsageError(f"the review needs {error.name}: install rickets-rx[napari]") from None
    tasks = () if reading_list is None else read_reading_list(reading_list)
    plan = Plan(seed=seed, occasion=occasion, tasks=tasks, between=tuple(between or ()))
    sitting = Sitting(reader, blinded, plan)
    run(open_review(folder, sitting, films=films or (), record=record, case_dir=case, say=typer.echo))


@app.command()
def train(
    network: Annotated[
        str,
        typer.Argument(
            help="film, wrist or elbow (the search for places), all of these, margin, guard or grade."
        ),
    ],
    out: OutDir,
    seed: Seed = 0,
    share: Annotated[float, typer.Option(min=0, max=1, help="Part of the films and steps.")] = 1.0,
    real: Annotated[
        Path | None, typer.Option(help="Folder of wrists that may be learned from, landmarks beside it.")
    ] = None,
    half: Annotated[bool, typer.Option(help="Compute in bfloat16.")] = False,
) -> None:
    """Train networks from nothing, seeded, and write them as ONNX with hashes (needs the extra `train`)."""
    from rickets_rx.train import train_networks

    for digest in train_networks(network, out, seed=seed, share=share, real=real, half=half):
        typer.echo(digest)


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
