"""What a film is asked, how it may be worked on, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rickets_rx.batch.identity import IdentityRule
from rickets_rx.errors import InputError
from rickets_rx.io.results import FilmRequest, FilmRows
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import DEFAULT_METHOD, SCORERS, FilmScore

Scorer = Callable[[Radiograph], FilmScore]


@dataclass(frozen=True)
class Limits:
    """What one film may take before its worker is stopped. Both defaults are ours.

    Parameters
    ----------
    seconds : float
        Wall clock of one film, > 0. A film takes a quarter to two seconds; two minutes mean that it hangs.
    memory_mb : int
        Data memory of one worker process, MB of 10^6 bytes. A film of 98 megapixels took 1400.
        Kept by the operating system where it can (Linux); elsewhere it is not enforced.
    """

    seconds: float = 120.0
    memory_mb: int = 4000


@dataclass(frozen=True)
class Work:
    """How films are worked on, the same for all films of a run.

    Parameters
    ----------
    out : Path
        Folder of the results.
    overlays : bool
        Also draw what was found.
    scorer : callable
        Gives the score of one radiograph; a function of a module, so that worker processes can find it. The
        default is named by its method, as run.json tells it: asking for that method computes nothing again.
    identity : IdentityRule
        How a DICOM patient is called.
    limits : Limits
    """

    out: Path
    overlays: bool = False
    scorer: Scorer = SCORERS[DEFAULT_METHOD]
    identity: IdentityRule = field(default_factory=IdentityRule)
    limits: Limits = field(default_factory=Limits)

    def may_draw(self, warning: str | None) -> bool:
        """Whether an overlay may be written: letters burned into a film may name the patient."""
        return warning is None or self.identity.keep


@dataclass(frozen=True)
class FilmTask:
    """One film for one worker.

    Parameters
    ----------
    position : int
        From 0, in input order.
    request : FilmRequest
    work : Work
    sha256 : str, optional
        Of the file's bytes; None where they could not be read.
    """

    position: int
    request: FilmRequest
    work: Work
    sha256: str | None = None


@dataclass(frozen=True)
class Failure:
    """Why a film has no score: an error, not a refusal.

    Parameters
    ----------
    stage : str
        ``manifest``, ``read``, ``score``, ``write`` or ``worker``.
    field, problem, mend : str
        As in `InputError`; the file is added when it is told, because one content can have several names.
    error_type : str
        ``InputError``, ``WorkerDied``, ``TimeLimit``, ``MemoryError`` or the type of an unforeseen error.
    again : bool
        True where the same bytes may fare better in another run (a killed worker, a full disk).
    disk_full : bool
        True where nothing more can be written.
    """

    stage: str
    field: str
    problem: str
    mend: str
    error_type: str
    again: bool = False
    disk_full: bool = False

    def reason(self, file: str) -> str:
        """One line for a person."""
        return " ".join(str(InputError(file, self.field, self.problem, self.mend)).split())


@dataclass(frozen=True)
class FilmOutcome:
    """What became of one film.

    Parameters
    ----------
    request : FilmRequest
    rows : FilmRows
        Also where the film could not be scored: then its row in images.csv.
    sha256 : str, optional
        Of the file's bytes; None where they could not be read.
    failure : Failure, optional
    seconds : float
        Wall clock.
    patient : str, optional
        Name of the patient from a DICOM header, by the identity rule.
    header_day : int, optional
        Day of exposure, shifted by a secret number of days per patient; only differences mean anything.
    warning : str, optional
        What a person must know of this film before showing it around.
    """

    request: FilmRequest
    rows: FilmRows
    sha256: str | None = None
    failure: Failure | None = None
    seconds: float = 0.0
    patient: str | None = None
    header_day: int | None = None
    warning: str | None = None
