"""Axes: where a day or a multiple of a limit is drawn, and the ticks a person reads them by."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Maps ``low..high`` of the data to ``start..end`` in pixels, linearly or by logarithm.

    Parameters
    ----------
    low, high : float
        Both positive where ``log``; ``low < high``.
    start, end : float
        ``end < start`` draws upwards, as a y axis of SVG needs.
    log : bool
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(f"an axis needs low < high, positive where logarithmic: {self.low}, {self.high}")

    def at(self, value: float) -> float:
        """Pixel of a value; values beyond the axis lie beyond it too."""
        share = self._plain(value) - self._plain(self.low)
        return self.start + share / (self._plain(self.high) - self._plain(self.low)) * (self.end - self.start)

    def inside(self, value: float) -> float:
        """Pixel of a value, held at the ends of the axis."""
        return self.at(min(max(value, self.low), self.high))

    def _plain(self, value: float) -> float:
        return math.log(value) if self.log else value


def day_ticks(low: float, high: float, most: int) -> list[int]:
    """At most ``most`` round days between ``low`` and ``high``."""
    for step in (7, 14, 28, 30, 60, 90, 180, 365, 730, 1825, 3650):
        ticks = list(range(math.ceil(low / step) * step, math.floor(high) + 1, step))
        if len(ticks) <= most:
            return ticks
    return [math.ceil(low), math.floor(high)]


# 1 is the limit itself, so it is always among them.
_MULTIPLES = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def multiple_range(values: list[float]) -> tuple[float, float]:
    """Ends of a log axis that holds every value and the limit 1 with some air, both positive."""
    low, high = min([*values, 1.0]), max([*values, 1.0])
    # At least a factor 1.6, so that a flat series is not blown up into noise (ours).
    air = max(1.12, (high / low) ** 0.08, math.sqrt(max(1.6 / (high / low), 1.0)))
    return low / air, high * air


def multiple_ticks(low: float, high: float) -> list[float]:
    """Round multiples on a log axis; finer ones where the axis is short."""
    ticks = [m for m in _MULTIPLES if low <= m <= high]
    if len(ticks) < 3:
        ticks = [m for m in (0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 3) if low <= m <= high]
    return ticks
