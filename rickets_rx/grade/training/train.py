"""Draw, fit and export the grading network: what ``rickets-rx train grade`` does."""

from pathlib import Path

CHILDREN, STEPS = 1500, 2400
"""Phantom children drawn, and batches of 48."""


def train(
    out: Path, *, seed: int = 0, share: float = 1.0, real: Path | None = None,
    tables: tuple[Path, ...] = (), painted: tuple[Path, ...] = (),
) -> str:  # fmt: skip
    """Train the grading network and write ``grade.onnx`` and its hash.

    Parameters
    ----------
    out : Path
    seed : int
        The same seed and share give the same weights on the same machine and library versions.
    share : float
        Part of the `CHILDREN` drawn and of the `STEPS` taken.
    real : Path, optional
        Folder of real films with ``landmarks.json``; those whose licence allows it are painted and learned
        from.
    tables, painted : tuple of Path
        Tables of examples with patches, in place of new phantoms and of ``real``.

    Returns
    -------
    str
        SHA-256 of the ONNX file.
    """
    from rickets_rx.grade.training.draw import joined, kept_patches, painted_patches, phantom_patches
    from rickets_rx.grade.training.export import export
    from rickets_rx.grade.training.fit import fit

    out.mkdir(parents=True, exist_ok=True)
    parts = [
        kept_patches(tables, real=False)
        if tables
        else phantom_patches(max(12, round(share * CHILDREN)), seed)
    ]
    if painted:
        parts.append(kept_patches(painted, real=True))
    elif real is not None:
        parts.append(painted_patches(real, seed))
    return export(fit(joined(parts), seed=seed, steps=max(2, round(share * STEPS))), out / "grade.onnx")
