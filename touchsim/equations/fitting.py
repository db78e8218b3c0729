"""Fit a system of equations by maximum likelihood: CFA, SEM, in one group or several.

    Equations + Sample --lay_out--> Layout --highest--> values --indices, standardised, doubts--> Fitted

The equations and conventions are those of the field, so that the figures equal those of its programs: covariances over
n, expected information for the errors of ML, observed information and scores for those of MLR (see `robust`).
Deterministic: no random number is drawn.  Called by `study.latent` and `invariance`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.doubts import doubts_of, undetermined
from touchsim.equations.fitted import COLUMNS, Fitted, explained, parameter_table, same_columns
from touchsim.equations.indices import fit_indices
from touchsim.equations.likelihood import Likelihood
from touchsim.equations.parameters import lay_out
from touchsim.equations.robust import robust_covariance, scalings
from touchsim.equations.rounding import rounding_covariance
from touchsim.equations.sample import Sample
from touchsim.equations.search import first_values, highest
from touchsim.equations.specification import Equations
from touchsim.errors import BadInput, Finding

__all__ = ["COLUMNS", "Fitted", "fit_equations"]

Array = NDArray[np.float64]


def fit_equations(
    sample: Sample,
    equations: Equations,
    *,
    robust: bool = False,
    means: bool | None = None,
    equal_groups: Sequence[str] = (),
    near: Array | None = None,
    near_fixed: Mapping[str, Array] | None = None,
) -> Fitted:
    """Fit a system of equations.

    Parameters
    ----------
    sample : Sample
        From `sample_of` or `sample_from_moments`, with the columns ``equations.observed`` in that order.
    equations : Equations
    robust : bool
        Errors and chi2 that do not take answers as normal (MLR); needs the answers themselves.
    means : bool, optional
        Intercepts are part of the model; by default where there are several groups.
    equal_groups : sequence of str
        Kinds of parameters that are equal in all groups; see `parameters`.
    near : array, shape (draws, p, p), optional
        Covariances (over n - 1) that would be printed as those of the sample; what they say differently is error, too.
    near_fixed : mapping, optional
        Name of a fixed parameter to its value beside each of these, shape (draws,).

    Returns
    -------
    Fitted

    Raises
    ------
    BadInput
        Columns that do not agree, a model with more parameters than moments, moments where robust errors need rows.

    Examples
    --------
    >>> from touchsim.equations.sample import sample_from_moments
    >>> import pandas as pd
    >>> frame = pd.DataFrame([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]], columns=["a", "b", "c"])
    >>> fit = fit_equations(sample_from_moments(frame, 200), Equations({"f": ["a", "b", "c"]}))
    >>> fit.loadings["std"].round(3).tolist(), fit.indices["df"]
    ([0.816, 0.612, 0.49], 0.0)
    """
    same_columns(sample, equations)
    if robust and not sample.has_rows:
        raise BadInput(Finding("robust", "needs the answers themselves, moments have none", hint="leave it out"))
    several = len(sample.groups) > 1
    layout = lay_out(equations, len(sample.groups), means=several if means is None else means,
                     equal_groups=equal_groups)  # fmt: skip
    likelihood = Likelihood(layout, sample)
    found = highest(likelihood, first_values(layout, sample.groups))
    free, k = found.free, layout.n_free
    nothing = np.full((k, k), np.nan)
    loose = undetermined(likelihood, free)
    if loose:
        covariance = nothing
    elif robust:
        covariance = robust_covariance(likelihood, free)
    else:
        covariance = np.linalg.inv(likelihood.expected(free)) / sample.n
        if near is not None:
            covariance = covariance + rounding_covariance(likelihood, free, near, near_fixed)
    scaling = scalings(likelihood, free) if robust else None
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(covariance))
    return Fitted(
        equations, sample, layout, free, covariance, parameter_table(likelihood, free, covariance),
        fit_indices(likelihood, free, scaling), explained(likelihood, free), "mlr" if robust else "ml", found.converged,
        doubts_of(likelihood, found, errors, loose, k),
    )  # fmt: skip
