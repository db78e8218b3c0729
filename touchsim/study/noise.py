"""What is left of a latent answer when its drivers are taken away: logistic or normal noise.

    y* = x'b + e,    answer k where cut_k < y* <= cut_(k+1)

    logistic   variance pi^2/3   odds, McCullagh (1980)
    normal     variance 1        probit, McKelvey & Zavoina (1975)

A cumulative regression needs of it the probability between two bounds, the density at a bound and its slope.  Called by
`ordered`, `cumulative` and `importance`; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["LOGISTIC", "NORMAL", "Noise", "noise_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """A distribution around 0.

    Attributes
    ----------
    variance : float
    below : callable
        Bounds to the probability below them.
    bound : callable
        The other way round.
    between : callable
        Lower and upper bounds to the probability between them.
    density, bend : callable
        Bounds to the density there, and to its slope; 0 at infinity.

    Examples
    --------
    >>> NORMAL.below(np.array([1.96])).round(3).tolist(), round(LOGISTIC.variance, 4)
    ([0.975], 3.2899)
    """

    variance: float
    below: Callable[[Array], Array]
    bound: Callable[[Array], Array]
    between: Callable[[Array, Array], Array]
    density: Callable[[Array], Array]
    bend: Callable[[Array], Array]


def noise_of(estimator: str) -> Noise:
    """Noise behind an estimator of answers in levels."""
    return NORMAL if estimator.endswith("probit") else LOGISTIC


def _logistic_between(lower: Array, upper: Array) -> Array:
    return np.asarray(special.expit(upper) - special.expit(lower), dtype=np.float64)


def _logistic_density(bound: Array) -> Array:
    share = special.expit(bound)
    return np.asarray(share * (1 - share), dtype=np.float64)


def _logistic_bend(bound: Array) -> Array:
    share = special.expit(bound)
    return np.asarray(share * (1 - share) * (1 - 2 * share), dtype=np.float64)


def _normal_between(lower: Array, upper: Array) -> Array:
    """Take the difference in the lower tail, where small probabilities keep their digits."""
    high = lower > 0
    return np.asarray(special.ndtr(np.where(high, -lower, upper)) - special.ndtr(np.where(high, -upper, lower)),
                      dtype=np.float64)  # fmt: skip


def _normal_density(bound: Array) -> Array:
    return np.asarray(np.exp(-(bound**2) / 2) / np.sqrt(2 * np.pi), dtype=np.float64)


def _normal_bend(bound: Array) -> Array:
    return -np.where(np.isfinite(bound), bound, 0.0) * _normal_density(bound)


LOGISTIC = Noise(np.pi**2 / 3, special.expit, special.logit, _logistic_between, _logistic_density, _logistic_bend)
NORMAL = Noise(1.0, special.ndtr, special.ndtri, _normal_between, _normal_density, _normal_bend)
