"""Letters as bent from lead: the middle lines of their strokes (ours, after markers on films)."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Line = npt.NDArray[np.float64]
Arc = tuple[float, float, float, float, float, float]
"""Middle x and y, half axes, and from where to where it runs (degrees, clockwise from the right)."""

STRAIGHT: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "A": (((0, 1), (0.33, 0), (0.66, 1)), ((0.12, 0.66), (0.54, 0.66))),
    "E": (((0.54, 0), (0, 0), (0, 1), (0.54, 1)), ((0, 0.48), (0.46, 0.48))),
    "F": (((0.54, 0), (0, 0), (0, 1)), ((0, 0.48), (0.46, 0.48))),
    "H": (((0, 0), (0, 1)), ((0.6, 0), (0.6, 1)), ((0, 0.48), (0.6, 0.48))),
    "I": (((0, 0), (0, 1)),),
    "K": (((0, 0), (0, 1)), ((0.58, 0), (0, 0.56)), ((0.2, 0.4), (0.6, 1))),
    "L": (((0, 0), (0, 1), (0.56, 1)),),
    "M": (((0, 1), (0, 0), (0.38, 0.7), (0.76, 0), (0.76, 1)),),
    "N": (((0, 1), (0, 0), (0.6, 1), (0.6, 0)),),
    "T": (((0, 0), (0.62, 0)), ((0.31, 0), (0.31, 1))),
    "V": (((0, 0), (0.32, 1), (0.64, 0)),),
    "W": (((0, 0), (0.2, 1), (0.43, 0.25), (0.66, 1), (0.86, 0)),),
    "B": (
        ((0, 0.47), (0, 0), (0.3, 0)),
        ((0.3, 0.47), (0, 0.47), (0, 1), (0.32, 1)),
        ((0.3, 0.47), (0.32, 0.47)),
    ),
    "D": (((0.24, 0), (0, 0), (0, 1), (0.24, 1)),),
    "G": (((0.62, 0.8), (0.62, 0.55), (0.4, 0.55)),),
    "J": (((0.42, 0), (0.42, 0.75)),),
    "P": (((0, 1), (0, 0), (0.32, 0)), ((0, 0.52), (0.32, 0.52))),
    "R": (((0, 1), (0, 0), (0.32, 0)), ((0, 0.5), (0.32, 0.5)), ((0.3, 0.5), (0.58, 1))),
}
CURVED: dict[str, tuple[Arc, ...]] = {
    "B": ((0.3, 0.235, 0.25, 0.235, -90, 90), (0.32, 0.735, 0.27, 0.265, -90, 90)),
    "C": ((0.33, 0.5, 0.33, 0.5, -45, -315),),
    "D": ((0.24, 0.5, 0.38, 0.5, -90, 90),),
    "G": ((0.33, 0.5, 0.33, 0.5, -45, -323),),
    "J": ((0.21, 0.75, 0.21, 0.25, 0, 170),),
    "P": ((0.32, 0.26, 0.27, 0.26, -90, 90),),
    "R": ((0.32, 0.25, 0.26, 0.25, -90, 90),),
    "S": ((0.29, 0.26, 0.27, 0.26, -30, -270), (0.29, 0.75, 0.28, 0.25, -90, 150)),
}


@lru_cache(maxsize=32)
def strokes(letter: str) -> tuple[Line, ...]:
    """The strokes of a capital letter, its height 1, y down, x from 0.

    Parameters
    ----------
    letter : str
        One of ABCDEFGHIJKLMNPRSTVW.

    Raises
    ------
    KeyError
        For any other.
    """
    if letter not in STRAIGHT and letter not in CURVED:
        raise KeyError(letter)
    lines = [np.array(points, float) for points in STRAIGHT.get(letter, ())]
    for x, y, a, b, start, stop in CURVED.get(letter, ()):
        angle = np.radians(np.linspace(start, stop, 25))
        lines.append(np.stack([x + a * np.cos(angle), y + b * np.sin(angle)], axis=1))
    return tuple(lines)
