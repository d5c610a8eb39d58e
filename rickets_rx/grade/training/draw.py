"""What the grading network learns from: phantoms over the whole scale, and painted films that may train."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rickets_rx.grade.examples import Array, examples, read_examples, read_patches
from rickets_rx.grade.spreads import Spread
from rickets_rx.phantom.disease import MIMICS
from rickets_rx.vocabulary import Joint

FIRST_SEED = 300_000
"""Children of training begin here: far from those of fits and studies."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Patches with their severity.

    Parameters
    ----------
    patches : ndarray of shape (n, 112, 112), float16
    severity : ndarray of shape (n,), 0-1
    real : ndarray of shape (n,), bool
        Painted on a real film.
    """

    patches: Array
    severity: npt.NDArray[np.float64]
    real: npt.NDArray[np.bool_]


def collect(pairs: Iterator[tuple[Array, float]], *, real: bool) -> Drawn:
    """Stack (patch, severity) pairs."""
    found = list(pairs)
    severity = np.array([severity for _, severity in found], float)
    return Drawn(np.array([patch for patch, _ in found], np.float16), severity, np.full(len(found), real))


def joined(parts: list[Drawn]) -> Drawn:
    """Several draws as one."""
    return Drawn(
        np.concatenate([part.patches for part in parts]),
        np.concatenate([part.severity for part in parts]),
        np.concatenate([part.real for part in parts]),
    )


def phantom_patches(children: int, seed: int) -> Drawn:
    """Wrists: two thirds over the whole scale, a quarter as in nature, some variants; and elbows, a fifth
    more, over the whole scale.
    """
    first = FIRST_SEED + 10 * seed * children
    parts = [
        (Joint.WRIST, Spread.WHOLE, 2 * children // 3),
        (Joint.WRIST, Spread.NATURE, children // 4),
        (Joint.WRIST, Spread.VARIANTS, children // 12),
        (Joint.ELBOW, Spread.WHOLE, children // 5),
    ]
    drawn, start = [], first
    for joint, spread, count in parts:
        drawn.append(examples(range(start, start + count), joint, spread))
        start += count
    kept = ((e, patch) for e, patch in chain.from_iterable(drawn) if e.variant not in MIMICS)
    return collect(((patch, e.severity) for e, patch in kept if patch is not None), real=False)


def kept_patches(tables: tuple[Path, ...], *, real: bool) -> Drawn:
    """Patches of tables that `examples.write_examples` wrote; ``real`` where they are painted films."""
    pairs = []
    for table in tables:
        rows = zip(read_examples(table), read_patches(table), strict=True)
        pairs += [(p, e.severity) for e, p in rows if not e.refused and e.variant not in MIMICS]
    return collect(iter(pairs), real=real)


def painted_patches(folder: Path, seed: int) -> Drawn:
    """Painted films whose licence lets weights learn from them (`film_examples.painted_lessons`)."""
    from rickets_rx.grade.film_examples import painted_lessons

    pairs = painted_lessons(folder, seed)
    return collect(((patch, e.severity) for e, patch in pairs if patch is not None), real=True)
