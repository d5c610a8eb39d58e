"""Ossification centres of the hand: when they appear, and how large they are since."""

import numpy as np

from rickets_rx.phantom.anatomy import ONSET, Child

LATER = ((1.0, 0.92, 0.95, 1.0, 1.1), (1.15, 0.9, 0.85, 0.88, 1.1), (0.0, 1.25, 1.15, 1.15, 1.5),
         (0.85, 1.35, 1.2, 1.2, 1.5))  # fmt: skip
"""When a centre appears over the age of its group (a name of ``ONSET``), by kind and ray: proximal before
middle and distal ones, the little finger last, the thumb's tip early (order of Greulich and Pyle; factors
ours)."""


def onset(ray: int, kind: int, child: Child | None = None) -> float:
    """Skeletal age at which the centre of a bone appears, years; the mean child's without ``child``.

    Parameters
    ----------
    ray : int
        1 the thumb to 5 the little finger.
    kind : int
        0 metacarpal, 1 proximal, 2 middle, 3 distal phalanx.
    """
    name = "thumb" if ray == 1 and kind < 3 else "metacarpal" if kind == 0 else "phalanx"
    own = child.factors.get("onset_" + name, 1.0) if child else 1.0
    return ONSET[name] * own * LATER[kind][ray - 1]


def years_since(child: Child, ray: int, kind: int) -> float:
    """Years of skeletal age since the centre appeared; below 0 before."""
    return child.skeletal_age - onset(ray, kind, child)


def size_since(years: float) -> float:
    """Size of a centre over that of the ripe one, by the years since it appeared; 0.25 at once, 1 at last
    (ours, from the films of the atlas)."""
    return 0.25 + 0.75 * float(1 - np.exp(-max(years, 0.0) / 1.9))


def against(own_since: float, film_since: float) -> float:
    """By how much a film's centre is to be drawn larger or smaller for a child in which it has been there for
    ``own_since`` years; a film that shows it at all has had it for a third of a year."""
    return float(np.clip(size_since(own_since) / size_since(max(film_since, 0.35)), 0.3, 1.12))
