"""A and B of the knee, entered by hand: the machine does not read knees."""

from rickets_rx.errors import UsageError
from rickets_rx.io.readings import KNEE_BONES
from rickets_rx.review.events import Kind
from rickets_rx.review.session import Session
from rickets_rx.review.state import KneeReading
from rickets_rx.review.words import KNEE_A_WORDS, KNEE_B_WORDS
from rickets_rx.vocabulary import Side


def knee_grade(a: int, b: float | None) -> float:
    """Grade of one knee bone: A x B, 0 where A is 0 (Thacher 2000, domain brief 1.2).

    Parameters
    ----------
    a : int
        0 normal, 1 to 3 rising lucency.
    b : float or None
        0.5 for one condyle or plateau, 1 for both; None where A is 0.

    Raises
    ------
    UsageError
        For numbers that the table does not have.
    """
    if a not in KNEE_A_WORDS:
        raise UsageError(f"A of a knee bone is 0, 1, 2 or 3, not {a}")
    if a == 0:
        return 0.0
    if b not in KNEE_B_WORDS:
        raise UsageError("B of a knee bone is 0.5 (one condyle or plateau) or 1 (both)")
    return a * float(b)


def read_knee(
    session: Session, image_sha256: str, bone: str, side: Side | None, a: int, b: float | None
) -> float:
    """Record A and B of one knee bone; returns their product.

    Raises
    ------
    UsageError
        For another bone, or numbers that the table does not have.
    """
    if bone not in KNEE_BONES:
        raise UsageError(f"{bone} is no knee bone: one of {', '.join(KNEE_BONES)}")
    session.source.film(image_sha256)
    session.check_due()
    grade = knee_grade(a, b)
    after = session.circumstances() | {
        "a": a,
        "b": b if a else None,
        "grade": grade,
        "side": "" if side is None else str(side),
    }
    session.write_film(Kind.KNEE, image_sha256, after=after, bone=bone)
    return grade


def knee_reading(session: Session, image_sha256: str, bone: str, side: Side | None) -> KneeReading | None:
    """What this reader said of a knee bone on this occasion."""
    key = (session.reader, session.occasion, image_sha256, "" if side is None else str(side), bone)
    return session.state.knees.get(key)
