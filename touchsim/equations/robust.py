"""Errors and chi2 that do not take answers as normal: MLR.

    errors    E^-1 B E^-1 / N,  E observed information, B mean product of scores         Huber (1967), White (1982)
    chi2 / c, c = [ tr(B_1 E_1^-1) - tr(B E^-1) ] / df                                   Yuan & Bentler (2000),
                                                               in the form of Asparouhov & Muthen (2005)

E_1 and B_1 are those of the saturated model, whose trace is a measure of kurtosis: with d_i^2 the squared Mahalanobis
distance of an answer (over n), tr(B_1 E_1^-1) = (mean d^4 - p) / 2, and p more where means are modelled.  Independence
has its own c, from the kurtosis of each column (of the block of observed variables that only drive).  Called by
`fitting`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.likelihood import Likelihood

__all__ = ["robust_covariance", "scalings"]

Array = NDArray[np.float64]


def robust_covariance(likelihood: Likelihood, free: Array) -> Array:
    """Sandwich covariance of the free values, shape (k, k); all nan where the observed information is singular."""
    try:
        inverse = np.linalg.inv(likelihood.observed(free))
    except np.linalg.LinAlgError:
        return np.full((len(free), len(free)), np.nan)
    return np.asarray(inverse @ likelihood.first_order(free) @ inverse / likelihood.sample.n)


def scalings(likelihood: Likelihood, free: Array) -> tuple[float, float]:
    """Scaling c of chi2, and that of independence; nan without degrees of freedom, or where it is not positive."""
    layout, groups = likelihood.layout, likelihood.sample.groups
    p, df = len(likelihood.sample.columns), layout.n_moments - layout.n_free
    place = [likelihood.sample.columns.index(name) for name in layout.covariates]
    alone = np.array([name not in layout.covariates for name in likelihood.sample.columns])
    saturated = columns = 0.0
    for group in groups:
        if group.rows is None:
            raise TypeError("kurtosis needs the answers themselves")
        apart = group.rows - group.mean
        saturated += _kurtosis(apart, group.covariance)
        columns += float(((apart**4).mean(axis=0) / np.diag(group.covariance) ** 2 - 1)[alone].sum()) / 2
        columns += _kurtosis(apart[:, place], group.covariance[np.ix_(place, place)]) if place else 0.0
    within = float(np.trace(np.linalg.solve(likelihood.observed(free), likelihood.first_order(free)))) if df else 0.0
    means = len(groups) * p if layout.means else 0
    df_0 = len(groups) * (p * (p - 1) - len(place) * (len(place) - 1)) // 2
    nothing = float("nan")
    found = (saturated + means - within) / df if df else nothing, (saturated - columns) / df_0 if df_0 else nothing
    return found[0] if found[0] > 0 else nothing, found[1] if found[1] > 0 else nothing


def _kurtosis(apart: Array, covariance: Array) -> float:
    """Trace tr(B_1 E_1^-1) of a block of columns, centred, shape (n, q)."""
    distance = ((apart @ np.linalg.inv(covariance)) * apart).sum(axis=1)
    return float(((distance**2).mean() - len(covariance)) / 2)
