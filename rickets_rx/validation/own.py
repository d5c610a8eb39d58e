"""The project's own validation: one command, parts that are kept, one JSON from which every page is made.

Phantoms that nothing was made with, painted real films, real normals, films that must be refused, simulated
courses and simulated readers. No figure says how the program agrees with people: no films could say it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rickets_rx import __version__
from rickets_rx.validation import numbers as n
from rickets_rx.validation.courses import courses_of, coverage_rows
from rickets_rx.validation.parts import Done, Part, Progress, Row, run_part
from rickets_rx.validation.readers import model_words, reader_rows

#: Of the bootstrap, and of the simulated readers; the seeds of films stand with their parts.
SEED = 20261122
DRAWS = 2000
#: Said first on every page, because no number below can mend it.
CANNOT = (
    "How the program agrees with people: no graded films of children with rickets are public.",
    "Anything about real elbows: no child's AP elbow film is public; elbow grades are exploratory.",
    "Anything about real rickets, its healing, other bone diseases of children, or children under one year "
    "with rickets: severe disease is known here from phantoms and from paintings on normal films only.",
    "How it does on films from a detector, a maker or a hospital that these films do not hold.",
)


@dataclass(frozen=True)
class Asked:
    """What a run of the validation uses.

    Parameters
    ----------
    out : Path
        Parts and results; a second run goes on there.
    films : Path or None
        Real films with landmarks; without them their sets are missing, and the pages say so.
    wrists : int
        Phantom wrists of the training stream; the other sets follow from it.
    trials : tuple of Path
        Results of `rickets_rx.healing.trial`.
    coverage : tuple of Path
        Tables of ``benchmarks/agreement_coverage.py``.
    workers : int
    minutes : float
        No film is begun after so long.
    """

    out: Path
    films: Path | None = None
    wrists: int = 400
    trials: tuple[Path, ...] = ()
    coverage: tuple[Path, ...] = ()
    workers: int = 1
    minutes: float = float("inf")
    draws: int = DRAWS


def own_validation(asked: Asked, progress: Progress = lambda name, done, asked: None) -> dict[str, Any]:
    """Do what is not done, and return the content of ``validation.json``.

    Returns
    -------
    dict
        Plain JSON values; the same software, films and options give the same bytes.
    """
    from rickets_rx.batch.keys import provenance

    # First of all, so that a wrong path is told before hours of films.
    courses, coverage = courses_of(asked.trials), coverage_rows(asked.coverage)
    key = provenance()
    stop_at = time.monotonic() + 60 * asked.minutes
    found: dict[str, Done] = {}
    for part in _parts(asked, key):
        found[part.name] = run_part(
            part, asked.out / "parts", workers=asked.workers, stop_at=stop_at, progress=progress
        )
    return {
        "cannot": list(CANNOT),
        "provenance": _told(key, asked),
        "sets": _sets(found, asked.draws),
        "courses": courses,
        "readers": {"model": model_words(), "numbers": reader_rows(seed=SEED, draws=asked.draws)},
        "coverage": coverage,
    }


def _parts(asked: Asked, key: Mapping[str, Any]) -> list[Part]:
    from rickets_rx.validation.phantom_films import phantom_parts
    from rickets_rx.validation.real_films import real_parts

    real = [] if asked.films is None else real_parts(asked.films, key)
    return [*real, *phantom_parts(asked.wrists, key)]


def _told(key: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    from rickets_rx.validation.phantom_films import FIRST_SEED

    return {
        "software": "rickets_rx", "version": __version__, "source": key["source"], "models": key["models"],
        "libraries": key["libraries"], "seed": SEED, "draws": asked.draws, "phantom_seeds": FIRST_SEED,
        "wrists": asked.wrists, "real_films": asked.films is not None,
    }  # fmt: skip


def _sets(found: Mapping[str, Done], draws: int) -> dict[str, Any]:
    makers: dict[str, Callable[[Done, int], dict[str, Any]]] = {
        "wrists": _phantoms("Phantom wrists as the training stream draws them: about half with rickets"),
        "wrists_whole_scale": _phantoms("Phantom wrists, each bone with a severity uniform over the scale"),
        "elbows": _phantoms("Phantom elbows as the training stream draws them"),
        "painted": _painted,
        "real_films": _normals,
        "unmarked": _unmarked,
        "to_be_refused": _refused,
        "real_to_be_refused": _real_refused,
    }
    sets = {}
    for name, make in makers.items():
        done = found.get(name)
        if done is not None and done.results:
            sets[name] = make(done, draws)
    return sets


def _recovered(films: Sequence[Row], what: str, asked: int, draws: int) -> dict[str, Any]:
    result = n.recovery(films, what, seed=SEED, draws=draws)
    bones = n.columns(films)
    rows = [
        *n.severity_numbers(bones, seed=SEED, draws=draws),
        *n.place_numbers(bones, seed=SEED, draws=draws),
        *n.grade_numbers(result),
    ]
    surplus = sum(film["surplus"] for film in films)
    return n.as_set(what, films, asked, rows, matrix=n.matrix(result), surplus=surplus, points=_points(films))


def _points(films: Sequence[Row]) -> list[list[float]]:
    """(true, said) severity of every graded bone, for the figures."""
    bones = [bone for film in films for bone in film["bones"] if bone["status"] == "scored"]
    return [[bone["true_severity"], bone["severity"]] for bone in bones]


def _phantoms(what: str) -> Callable[[Done, int], dict[str, Any]]:
    return lambda done, draws: _recovered(done.results, what, done.asked, draws)


def _painted(done: Done, draws: int) -> dict[str, Any]:
    what = "Rickets painted on both bones of real normal wrists, by two painters"
    films = [film for film in done.results if film["bones"]]
    untraced = len(done.results) - len(films)
    return _recovered(films, what, done.asked - untraced, draws) | {"untraced": untraced}


def _normals(done: Done, draws: int) -> dict[str, Any]:
    what = "Real wrists: bones whose margin a reader called normal, truth 0 by that word"
    films = n.without_trained(done.results)
    rows = n.normal_numbers(films, seed=SEED, draws=draws)
    rows += n.place_numbers(n.columns(films), seed=SEED, draws=draws)
    others = [
        [film["film"], b["bone"], b["said"], b.get("grade"), b.get("grade_low"), b.get("grade_high")]
        for film in done.results
        for b in film["bones"]
        if b["said"] != "normal"
    ]
    surplus = sum(film["surplus"] for film in films)
    trained = len(done.results) - len(films)
    return n.as_set(
        what, films, done.asked - trained, rows, others=others, surplus=surplus, trained_on=trained
    )


def _unmarked(done: Done, draws: int) -> dict[str, Any]:
    what = "Real hands whose places nobody marked, normal or unknown"
    films = done.results
    children = [film["child"] for film in films]
    hits = {
        "film_refused": np.array([film["scored"] == 0 for film in films]),
        "both_bones_graded": np.array([film["scored"] == 2 for film in films]),
        "more_than_two_bones": np.array([film["scored"] > 2 for film in films]),
        "any_grade_at_least_1.5": np.array([any(g >= 1.5 for g in film["grades"]) for film in films]),
    }
    rows = [n.share_row(name, "", hit, children, seed=SEED, draws=draws) for name, hit in hits.items()]
    return n.as_set(what, films, done.asked, rows)


def _refused(done: Done, draws: int) -> dict[str, Any]:
    what = "Phantom films that must be refused, by kind"
    rows = n.refusal_numbers(done.results, seed=SEED, draws=draws)
    return n.as_set(what, done.results, done.asked, rows)


def _real_refused(done: Done, draws: int) -> dict[str, Any]:
    what = "Real films that must be refused: lateral views, a cast, ankles"
    listed = [[film["film"], film["refused"], film["scored"]] for film in done.results]
    return n.as_set(what, done.results, done.asked, [], listed=listed)
