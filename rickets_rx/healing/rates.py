"""Rates of severity per phase of therapy from all films of one joint: a regression with a stated error model.

Severity of a bone on a film = the bone's own level + sum over phases of rate x time spent in it + error. All
bones share the rates. The errors are those of `film_errors`: in part the same on successive films of a bone
and on two bones of a film, so that they cancel in a change. Everything is linear and normal, so posterior and
evidence are exact (Bishop, Pattern Recognition and Machine Learning, 2006, sections 3.3 and 3.5).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Readings:
    """Severities of the bones of one joint on dated films.

    Parameters
    ----------
    severity : ndarray of shape (n,)
        0-1, one per bone and film.
    covariance : ndarray of shape (..., n, n)
        Of their errors; several where several suppositions about them are weighed at once.
    film, bone : ndarray of shape (n,), int
        Which film and which bone a reading belongs to.
    """

    severity: FloatArray
    covariance: FloatArray
    film: IntArray
    bone: IntArray


@dataclass(frozen=True, eq=False)
class Seen:
    """What the readings say of the rates before any prior, for every scenario of days.

    Parameters
    ----------
    precision : ndarray of shape (..., scenarios, phases, phases)
    right : ndarray of shape (..., scenarios, phases)
        Precision times the best rates.
    misfit : ndarray of shape (...)
        Squared length of the readings, each bone's level removed, in units of their errors.
    log_spread : ndarray of shape (...)
        Log determinant of the covariance of the readings, each bone's level removed.
    """

    precision: FloatArray
    right: FloatArray
    misfit: FloatArray
    log_spread: FloatArray


@dataclass(frozen=True, eq=False)
class Posterior:
    """What readings and prior say of the rates, for every scenario of days.

    Parameters
    ----------
    mean : ndarray of shape (..., scenarios, phases)
        Severity per 30 days; below 0 it heals.
    precision : ndarray of shape (..., scenarios, phases, phases)
        Inverse of their covariance.
    log_evidence : ndarray of shape (..., scenarios)
        Log density of the readings, up to a constant that is the same for every prior, delay and covariance.
    """

    mean: FloatArray
    precision: FloatArray
    log_evidence: FloatArray

    @property
    def errors(self) -> FloatArray:
        """Standard error of each rate, shape (..., scenarios, phases)."""
        covariance = np.linalg.inv(self.precision)
        return np.asarray(np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1)))


def drawn(mean: FloatArray, precision: FloatArray, rng: np.random.Generator) -> FloatArray:
    """One draw from each of many normals given by means (m, p) and precisions (m, p, p)."""
    # By the precision, which stays positive where films leave a rate open; its inverse may not, in doubles.
    root = np.linalg.inv(np.linalg.cholesky(precision))
    return np.asarray(mean + np.einsum("mqp,mq->mp", root, rng.standard_normal(mean.shape)))


def see(readings: Readings, exposure: FloatArray) -> Seen:
    """Sums of the regression.

    Parameters
    ----------
    readings : Readings
    exposure : ndarray of shape (films, phases, scenarios)
        30-day units spent in each phase from the first film to each film.
    """
    inverse, log_spread = _without_levels(readings)
    design = np.moveaxis(exposure[readings.film], 2, 0)
    weighted = np.swapaxes(design, 1, 2) @ inverse[..., None, :, :]
    y = readings.severity
    return Seen(weighted @ design, weighted @ y, np.asarray((inverse @ y) @ y), log_spread)


def believe(seen: Seen, prior_sd: FloatArray | float) -> Posterior:
    """Rates given the films and a normal prior about 0, of one spread for all phases or one for each."""
    phases = seen.right.shape[-1]
    prior = np.broadcast_to(np.asarray(prior_sd, dtype=float), phases)
    needed = seen.precision + np.diag(1 / prior**2)
    mean = np.linalg.solve(needed, seen.right[..., None])[..., 0]
    _, log_needed = np.linalg.slogdet(needed)
    gained = (mean * seen.right).sum(axis=-1) - seen.misfit[..., None]
    log_spread = seen.log_spread[..., None] + 2 * float(np.log(prior).sum()) + log_needed
    return Posterior(np.asarray(mean), np.asarray(needed), np.asarray(0.5 * (gained - log_spread)))


def _without_levels(readings: Readings) -> tuple[FloatArray, FloatArray]:
    """Inverse covariance with each bone's own level projected out (a flat prior on it), and log spread."""
    inverse = np.linalg.inv(readings.covariance)
    bones = (readings.bone[:, None] == np.unique(readings.bone)).astype(float)
    carried = inverse @ bones
    within = bones.T @ carried
    log_spread = np.linalg.slogdet(readings.covariance)[1] + np.linalg.slogdet(within)[1]
    across = carried @ np.linalg.solve(within, np.swapaxes(carried, -1, -2))
    return np.asarray(inverse - across), np.asarray(log_spread)
