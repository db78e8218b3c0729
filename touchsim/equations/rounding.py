"""What the rounding of published moments adds to the errors of a system of equations.

At the maximum the slope g of F in the free values is zero; under a matrix S' that would have been printed as the same
table it is not, since g is linear in the sample covariances.  One Newton step with the observed information H of F,

    free' = free - H^-1 g(free; S')        covariance of free' over such tables = what rounding adds

is the first term of how the maximum itself moves (the implicit function theorem).  As errors of independent sources, it
is added to that of sampling.  Called by `fitting`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.likelihood import Likelihood
from touchsim.equations.sample import Sample

__all__ = ["rounding_covariance"]

Array = NDArray[np.float64]


def rounding_covariance(likelihood: Likelihood, free: Array, near: Array) -> Array:
    """Covariance of the maximum over tables that would be printed alike, shape (k, k).

    Parameters
    ----------
    likelihood : Likelihood
        Of one group, without means.
    free : array, shape (k,)
        The maximum.
    near : array, shape (draws, p, p)
        Such covariances, over n - 1 as papers print them; at least two.
    """
    (group,) = likelihood.sample.groups
    share = (group.n - 1) / group.n

    def slope(matrix: Array) -> Array:
        other = Sample(likelihood.sample.columns, (replace(group, covariance=matrix * share, rows=None),))
        return Likelihood(likelihood.layout, other).gradient(free)

    steps = np.linalg.solve(2 * likelihood.observed(free), np.array([slope(matrix) for matrix in near]).T)
    return np.atleast_2d(np.asarray(np.cov(steps), dtype=np.float64))
