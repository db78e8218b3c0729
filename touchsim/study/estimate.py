"""What an equation comes to: coefficients of the drivers of one outcome in one group, and how sure they are.

Made by `squares`, `cumulative`, `median`, `mixed` and `latent`, each in its own way; read by `fit`.  The errors of
standardised coefficients are sums of what each row does to them (delta method without an assumption of normality):
`square_shift` is what a row does to the variances, `spread_of` makes an error of such influences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "no_estimate", "spread_of", "square_shift"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """Coefficients of the drivers of one outcome in one group; arrays of shape (p,) in the order of the drivers.

    `covariance` is that of `coefficients`, `df` the degrees of freedom of the intervals (infinite for those of a normal
    distribution), and `doubts` tell what went wrong, in the language spoken when they are called; where no finite
    estimate exists, every number is nan.  `pulls`, shape (n, p), is how far each row moves the coefficients of a logit,
    a probit (inverse information times score) or a median; null for the others.  `icc` is the share of what the drivers
    leave unexplained that lies between clusters, of a mixed model only.
    """

    coefficients: Array
    std_error: Array
    statistic: Array
    p_value: Array
    low: Array
    high: Array
    std_beta: Array
    std_low: Array
    std_high: Array
    covariance: Array
    df: float
    r2: float
    adj_r2: float
    cov_type: str
    doubts: tuple[Callable[[], str], ...] = ()
    pulls: Array | None = None
    icc: float = float("nan")


def square_shift(columns: Array) -> Array:
    """Influence of each row on ln variance of each column."""
    variance = columns.var(axis=0, ddof=1)
    return np.asarray((columns - columns.mean(axis=0)) ** 2 / variance - 1, dtype=np.float64)


def spread_of(influence: Array) -> Array:
    """Standard error of an estimate from the influence of each row on it."""
    n = len(influence)
    return np.asarray(np.sqrt(((influence - influence.mean(axis=0)) ** 2).sum(axis=0)) / n, dtype=np.float64)


def no_estimate(p: int, *doubts: Callable[[], str]) -> Estimate:
    """Say that no finite estimate of `p` coefficients exists, and why."""
    none, nothing = np.full(p, np.nan), float("nan")
    return Estimate(none, none, none, none, none, none, none, none, none, np.full((p, p), np.nan), float("inf"),
                    nothing, nothing, "nonrobust", doubts)  # fmt: skip
