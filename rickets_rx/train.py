"""What ``rickets-rx train`` does: which word trains which networks. Needs the extra ``train``."""

from collections.abc import Iterator
from pathlib import Path

from rickets_rx.errors import UsageError
from rickets_rx.segment.training.seeds import HIGHEST, SEARCH, check_seed

ALWAYS_HALF = ("guard", "grade")
"""Those that compute in bfloat16 anyway."""


def train_networks(
    word: str,
    out: Path,
    *,
    seed: int = 0,
    share: float = 1.0,
    real: Path | None = None,
    half: bool = False,
) -> Iterator[str]:
    """Train the networks that a word names from nothing and write them as ONNX, with hashes, into ``out``.

    Parameters
    ----------
    word : str
        film, wrist, elbow or all of these (the search for places); margin, guard or grade (severity, and
        fractures and lesions).
    out : Path
    seed : int
        0 to `HIGHEST` of the word.
    share : float
        Part of the films and steps, 0-1, for trials.
    real : Path, optional
        Folder of real films that may be learned from (``grade``: the folder above it).
    half : bool
        Compute in bfloat16.

    Yields
    ------
    str
        SHA-256 of what each training wrote.

    Raises
    ------
    UsageError
        For any other word, a seed out of range, a ``half`` that is nobody's choice, or where the extra is not
        installed.
    """
    if word not in HIGHEST:
        raise UsageError(f"no network {word!r}; there are {', '.join(HIGHEST)}")
    check_seed(word, seed)
    if half and word in ALWAYS_HALF:
        raise UsageError(f"train {word}: leave out --half; it computes in bfloat16 anyway")
    try:
        yield from _trained(word, out, seed, share, real, half=half)
    except ImportError as error:
        raise UsageError(f"training needs {error.name}: install rickets-rx[train]") from None


def _trained(
    word: str, out: Path, seed: int, share: float, real: Path | None, *, half: bool
) -> Iterator[str]:
    if word == "grade":
        from rickets_rx.grade.training.train import train as train_grade

        yield train_grade(out, seed=seed, share=share, real=real)
    elif word == "guard":
        from rickets_rx.segment.training.guard import train as train_guard

        yield train_guard(out, seed=seed, share=share, real=real)
    elif word == "margin":
        from rickets_rx.segment.training.margin import train as train_margin

        yield train_margin(out, seed=seed, share=share, real=real, half=half)
    else:
        from rickets_rx.segment.training.__main__ import train as train_search

        for name in SEARCH[word]:
            yield train_search(name, out, seed=seed, share=share, real=real, half=half)
