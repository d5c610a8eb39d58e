"""Draw, fit and export the grader's networks: what ``rickets-rx train grade`` does."""

from pathlib import Path

STEPS, SHAFT_STEPS = 4000, 1200
"""Batches of 48 for severity, and for fractures and lesions."""
COPIES = 160
"""Painted copies of every real bone that may be learned from."""


def train(out: Path, *, seed: int = 0, share: float = 1.0, real: Path | None = None) -> str:
    """Train the grader's networks and write ``grade.onnx``, ``shaft.onnx`` and their hashes.

    Phantoms are drawn into ``out/drawn`` in pieces; those that stand there already are not drawn again, so a
    run that was stopped goes on.

    Parameters
    ----------
    out : Path
    seed : int
        0-3979. The same seed and share give the same weights on the same machine and library versions.
    share : float
        Part of the children drawn and of the steps taken.
    real : Path, optional
        Folder of real films with ``landmarks.json``; those whose licence allows it are painted and learned
        from.

    Returns
    -------
    str
        SHA-256 of ``grade.onnx`` and of ``shaft.onnx``.

    Raises
    ------
    UsageError
        For a seed out of range.
    """
    from rickets_rx.grade.training.draw import collect, draw_pieces, painted_ends, read_pieces
    from rickets_rx.grade.training.export import export_grade, export_shaft
    from rickets_rx.grade.training.fit import fit_grade, fit_shaft
    from rickets_rx.segment.training.seeds import check_seed
    from rickets_rx.segment.training.stacks import joined

    check_seed("grade", seed)
    drawn = read_pieces(draw_pieces(out / "drawn", seed, share))
    if real is not None:
        copies = max(2, round(share * COPIES))
        drawn = joined([drawn, collect(painted_ends(real, seed, copies), real=True)])
    shaft = export_shaft(fit_shaft(drawn, seed=seed, steps=_part(share, SHAFT_STEPS)), out / "shaft.onnx")
    # Another stream of chance than that of the shafts.
    grade = export_grade(fit_grade(drawn, seed=seed + 1, steps=_part(share, STEPS)), out / "grade.onnx")
    return f"{grade} {shaft}"


def _part(share: float, steps: int) -> int:
    """Steps of a shortened run; fewer than four leave no room for the rate to rise and fall."""
    return max(4, round(share * steps))
