"""Draw, fit and export the grading network: what ``rickets-rx train grade`` does."""

from pathlib import Path


def train(
    out: Path, *, seed: int = 0, children: int = 2500, steps: int = 1500, real: Path | None = None,
    tables: tuple[Path, ...] = (), painted: tuple[Path, ...] = (),
) -> str:  # fmt: skip
    """Train the grading network and write ``grade.onnx`` and its hash.

    Parameters
    ----------
    out : Path
    seed : int
        The same seed, children and steps give the same weights on the same machine and library versions.
    children : int
        Phantom children to draw.
    steps : int
        Batches of 48.
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
    parts = [kept_patches(tables, real=False) if tables else phantom_patches(children, seed)]
    if painted:
        parts.append(kept_patches(painted, real=True))
    elif real is not None:
        parts.append(painted_patches(real, seed))
    return export(fit(joined(parts), seed=seed, steps=steps), out / "grade.onnx")
