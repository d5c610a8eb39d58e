"""Errors a user can mend, and the refusal of a film or a bone, which is an answer and not an error."""

from dataclasses import dataclass

from rickets_rx.vocabulary import RefusalReason


class RicketsError(Exception):
    """Base of every error this package raises on purpose."""


class UsageError(RicketsError):
    """The command was asked for something it cannot do (exit code 2)."""


class InputError(RicketsError):
    """One input cannot be used: names the file, the tag, field or row, and the mend.

    Parameters
    ----------
    file : str
        The file as the user named it.
    field : str
        DICOM tag, column, row or "file" that is at fault.
    problem : str
        What is wrong, in a few words.
    mend : str
        What the user can do about it.
    """

    def __init__(self, file: str, field: str, problem: str, mend: str) -> None:
        self.file, self.field, self.problem, self.mend = file, field, problem, mend
        super().__init__(file, field, problem, mend)

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.problem}. {self.mend}"


@dataclass(frozen=True)
class Refusal:
    """Why a film or a bone is not scored. Falsy, so that ``if metaphysis:`` reads as it should.

    Parameters
    ----------
    reason : RefusalReason
    detail : str
        One sentence for a person; no identifiers.
    """

    reason: RefusalReason
    detail: str = ""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)
