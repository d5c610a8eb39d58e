"""Limits of agreement and the smallest change that is more than reading error.

Bland and Altman 1986 (limits, coefficient of repeatability) and 1999 (intervals of the limits).
"""

from dataclasses import dataclass

import numpy as np

from rickets_rx.agreement.statistic import FloatArray, Statistic, additive, ratio

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Limits:
    """Bias and 95 % limits of agreement with t-based intervals, which take the units as independent.

    Parameters
    ----------
    bias, sd : float
        Mean and standard deviation of first minus second.
    lower, upper : float
        bias -+ 1.96 sd.
    bias_interval, lower_interval, upper_interval : tuple of float
    units : int
    """

    bias: float
    sd: float
    lower: float
    upper: float
    bias_interval: tuple[float, float]
    lower_interval: tuple[float, float]
    upper_interval: tuple[float, float]
    units: int


def _apart(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(first, dtype=float) - np.asarray(second, dtype=float)


def limits_of_agreement(first: FloatArray, second: FloatArray, *, level: float = 0.95) -> Limits:
    """Bias, limits and their intervals.

    The standard error of a limit is sd sqrt(1 / n + 1.96^2 / (2 (n - 1))), about sd sqrt(3 / n).

    Parameters
    ----------
    first, second : float arrays of shape (units,)
        NaN is missing; such units stay out.

    Raises
    ------
    ValueError
        For fewer than three units.

    Examples
    --------
    >>> found = limits_of_agreement(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 2, 4]))
    >>> round(found.bias, 3), round(found.upper, 3)
    (0.5, 1.632)
    """
    from scipy.special import stdtrit

    apart = _apart(first, second)
    apart = apart[np.isfinite(apart)]
    units = apart.size
    if units < 3:
        raise ValueError("limits of agreement need at least three units")
    bias, sd = float(apart.mean()), float(apart.std(ddof=1))
    t = float(stdtrit(units - 1, (1 + level) / 2))
    of_bias = t * sd / np.sqrt(units)
    of_limit = t * sd * np.sqrt(1 / units + Z95**2 / (2 * (units - 1)))
    lower, upper = bias - Z95 * sd, bias + Z95 * sd
    around = [(v - h, v + h) for v, h in ((bias, of_bias), (lower, of_limit), (upper, of_limit))]
    pairs = [(float(a), float(b)) for a, b in around]
    return Limits(bias, sd, lower, upper, pairs[0], pairs[1], pairs[2], units)


def limit_statistic(first: FloatArray, second: FloatArray, side: int) -> Statistic:
    """One limit of agreement in the form that is resampled.

    Parameters
    ----------
    side : int
        -1 the lower, 1 the upper limit.

    Examples
    --------
    >>> first, second = np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 2, 4])
    >>> round(limit_statistic(first, second, 1).value(), 3)  # 0.5 + 1.96 x 0.57735
    1.632
    """
    apart = _apart(first, second)
    used = np.isfinite(apart)
    clean = np.where(used, apart, 0.0)
    sums = np.column_stack([np.ones(apart.size), clean, clean**2])

    def value(total: FloatArray) -> FloatArray:
        count = total[:, 0]
        bias = ratio(total[:, 1], count)
        variance = ratio(total[:, 2] - count * bias**2, count - 1)
        return bias + side * Z95 * np.sqrt(np.maximum(variance, 0.0))

    return additive(sums, used, value)


def smallest_real_change_statistic(first: FloatArray, second: FloatArray) -> Statistic:
    """Smallest real change from two readings of the same units by one reader.

    1.96 sqrt(2) s_w with s_w^2 = mean of squared differences / 2, so 1.96 times the root mean squared
    difference: the coefficient of repeatability of Bland and Altman 1986. A drift between the readings counts
    as error.

    Examples
    --------
    Differences 0, 0.5, 0.5, 0: root mean square 0.35355, times 1.96.

    >>> a, b = np.array([0, 0.5, 1, 2.0]), np.array([0, 1, 0.5, 2.0])
    >>> round(smallest_real_change_statistic(a, b).value(), 3)
    0.693
    """
    apart = _apart(first, second)
    used = np.isfinite(apart)
    sums = np.column_stack([np.ones(apart.size), np.where(used, apart, 0.0) ** 2])
    return additive(sums, used, lambda total: Z95 * np.sqrt(ratio(total[:, 1], total[:, 0])))
