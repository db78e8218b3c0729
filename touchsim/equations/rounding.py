"""What the rounding of published moments adds to the errors of a system of equations.

At the maximum the slope g of F in the free values is zero; under a matrix S' that would have been printed as the same
table it is not, since g is linear in the sample covariances; so it is where a fixed value hangs on printed figures,
such as an error variance on a reliability.  One Newton step with the observed information H of F,

    free' = free - H^-1 g(free; S')        covariance of free' over such tables = what rounding adds

is the first term of how the maximum itself moves (the implicit function theorem).  As errors of independent sources, it
is added to that of sampling.  Called by `fitting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.likelihood import Likelihood
from touchsim.equations.sample import Sample

__all__ = ["rounding_covariance"]

Array = NDArray[np.float64]


def rounding_covariance(
    likelihood: Likelihood, free: Array, near: Array, fixed: Mapping[str, Array] | None = None
) -> Array:
    """Covariance of the maximum over tables that would be printed alike, shape (k, k).

    Parameters
    ----------
    likelihood : Likelihood
        Of one group, without means.
    free : array, shape (k,)
        The maximum.
    near : array, shape (draws, p, p)
        Such covariances, over n - 1 as papers print them; at least two.
    fixed : mapping, optional
        Name of a fixed parameter to its value beside each of them, shape (draws,): what hangs on the printed figures.
    """
    (group,) = likelihood.sample.groups
    share = (group.n - 1) / group.n

    def slope(draw: int) -> Array:
        other = Sample(likelihood.sample.columns, (replace(group, covariance=near[draw] * share, rows=None),))
        beside = {name: float(values[draw]) for name, values in (fixed or {}).items()}
        layout = likelihood.layout if not beside else replace(likelihood.layout, parameters=tuple(
            replace(one, value=beside.get(one.name, one.value)) for one in likelihood.layout.parameters))  # fmt: skip
        return Likelihood(layout, other).gradient(free)

    steps = np.linalg.solve(2 * likelihood.observed(free), np.array([slope(draw) for draw in range(len(near))]).T)
    return np.atleast_2d(np.asarray(np.cov(steps), dtype=np.float64))
