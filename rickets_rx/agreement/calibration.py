"""Do the machine's intervals hold what readers said, and does its severity mean what it says."""

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic, additive, mean, proportion, ratio

_ROUNDING = 1e-9


def coverage_statistic(low: FloatArray, high: FloatArray, reference: FloatArray) -> Statistic:
    """Share of reference grades inside the machine's interval, ends included; NaN is missing.

    Examples
    --------
    >>> low, high = np.array([0, 0.5, 1.0]), np.array([0.5, 1.5, 2.0])
    >>> round(coverage_statistic(low, high, np.array([0.5, 2.0, 1.5])).value(), 3)
    0.667
    """
    used = np.isfinite(low) & np.isfinite(high) & np.isfinite(reference)
    inside = (reference >= low - _ROUNDING) & (reference <= high + _ROUNDING)
    return proportion(inside & used, used)


def width_statistic(low: FloatArray, high: FloatArray) -> Statistic:
    """Mean width of the machine's intervals: coverage without it means little.

    Examples
    --------
    >>> width_statistic(np.array([0, 0.5]), np.array([1, 1.0])).value()
    0.75
    """
    return mean(np.asarray(high, dtype=float) - np.asarray(low, dtype=float))


def _line(severity: FloatArray, reference: FloatArray, wanted: str) -> Statistic:
    used = np.isfinite(severity) & np.isfinite(reference)
    x, y = np.where(used, severity, 0.0), np.where(used, reference, 0.0)
    sums = np.column_stack([np.ones(x.size), x, y, x * x, x * y])

    def value(total: FloatArray) -> FloatArray:
        count, sx, sy, sxx, sxy = total.T
        slope = ratio(count * sxy - sx * sy, count * sxx - sx**2)
        return slope if wanted == "slope" else ratio(sy - slope * sx, count)

    return additive(sums, used, value)


def calibration_slope_statistic(severity: FloatArray, reference: FloatArray) -> Statistic:
    """Least-squares slope of the reference severity (grade / 2, 0-1) on the machine's; 1 is calibrated.

    Examples
    --------
    Every reference is half of what the machine said.

    >>> said, true = np.array([0, 0.4, 0.8]), np.array([0, 0.2, 0.4])
    >>> round(calibration_slope_statistic(said, true).value(), 6)
    0.5
    """
    return _line(severity, reference, "slope")


def calibration_intercept_statistic(severity: FloatArray, reference: FloatArray) -> Statistic:
    """Intercept of the same line; 0 is calibrated.

    Examples
    --------
    >>> said, true = np.array([0, 0.4, 0.8]), np.array([0.1, 0.5, 0.9])
    >>> round(calibration_intercept_statistic(said, true).value(), 6)
    0.1
    """
    return _line(severity, reference, "intercept")


def reference_by_grade(
    machine: FloatArray, reference: FloatArray
) -> list[tuple[float, int, float | None, float | None]]:
    """For each machine grade: units, mean and standard deviation of the reference (None where unknown).

    Examples
    --------
    >>> reference_by_grade(np.array([0, 0, 1.0]), np.array([0, 0.5, 1.0]))
    [(0.0, 2, 0.25, 0.3535533905932738), (1.0, 1, 1.0, None)]
    """
    used = np.isfinite(machine) & np.isfinite(reference)
    rows: list[tuple[float, int, float | None, float | None]] = []
    for grade in np.unique(machine[used]):
        found = reference[used & (machine == grade)]
        spread = float(found.std(ddof=1)) if found.size > 1 else None
        rows.append((float(grade), int(found.size), float(found.mean()), spread))
    return rows
