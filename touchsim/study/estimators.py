"""One equation: an outcome regressed on its drivers by the estimator that the model names, raw and standardised.

    ols                          least squares, HC3 errors                          `squares`
    ordered_logit, logit         cumulative odds; logit for two values              `cumulative`
    ordered_probit, probit       the same with normal noise                         `cumulative`
    quantile                     the median, kernel errors                          `median`
    mixed                        random intercepts by cluster, REML                 `mixed`

`estimate` is the verb; `statsmodels_results` fits the same equation by statsmodels, for its summary and diagnostics.
What may be wrong with the drivers alone (`variance_inflation`, `dependent_columns`) is here, too.  Called by `drivers`;
arrays in, arrays out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from statsmodels.miscmodels.ordinal_model import OrderedModel

from touchsim.study.cumulative import cumulative_estimate
from touchsim.study.estimate import Estimate, no_estimate
from touchsim.study.median import median_estimate
from touchsim.study.mixed import mixed_estimate
from touchsim.study.noise import noise_of
from touchsim.study.ordered import newton_maximum
from touchsim.study.squares import squares_estimate

__all__ = ["Estimate", "dependent_columns", "estimate", "no_estimate", "statsmodels_results", "variance_inflation"]

Array = NDArray[np.float64]


def estimate(
    estimator: str, outcome: Array, drivers: Array, names: tuple[str, ...], clusters: NDArray[np.int64] | None = None
) -> Estimate:
    """Fit one equation.

    Parameters
    ----------
    estimator : {"ols", "ordered_logit", "logit", "ordered_probit", "probit", "quantile", "mixed"}
    outcome : array, shape (n,)
        Any numbers; a few levels for an ordered estimator, two for logit and probit.
    drivers : array, shape (n, p)
        Of full rank, none constant.
    names : tuple of str
        Of the drivers, for doubts.
    clusters : array of int, shape (n,), optional
        0 .. G-1; needed by mixed, not used by the others.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(500, 1))
    >>> fit = estimate("ols", 2 * x[:, 0] + np.random.default_rng(2).normal(size=500), x, ("price",))
    >>> bool(fit.low[0] < 2 < fit.high[0]), fit.cov_type
    (True, 'HC3')
    """
    if estimator == "ols":
        return squares_estimate(outcome, drivers)
    if estimator == "quantile":
        return median_estimate(outcome, drivers, names)
    if estimator == "mixed" and clusters is not None:
        return mixed_estimate(outcome, drivers, clusters)
    return cumulative_estimate(estimator, outcome, drivers, names)


def statsmodels_results(
    estimator: str, outcome: pd.Series[float], drivers: pd.DataFrame, clusters: pd.Series[str] | None = None
) -> Any:
    """Return the statsmodels results object of the same equation, for its summary and diagnostics."""
    design = sm.add_constant(drivers, has_constant="add")
    if estimator == "ols":
        return sm.OLS(outcome, design).fit(cov_type="HC3", use_t=True)
    if estimator == "quantile":
        return sm.QuantReg(outcome, design).fit(q=0.5)
    if estimator == "mixed":
        return sm.MixedLM(outcome, design, groups=clusters).fit(reml=True)
    if estimator in ("logit", "probit"):
        upper = (outcome == outcome.max()).astype(float)
        kind = sm.Logit if estimator == "logit" else sm.Probit
        return kind(upper, design).fit(disp=0, maxiter=100)
    noise = noise_of(estimator)
    levels = np.unique(outcome.to_numpy(), return_inverse=True)[1]
    middle, spread = drivers.mean().to_numpy(), drivers.std(ddof=0).to_numpy()
    slopes, cuts, _ = newton_maximum(levels, (drivers.to_numpy() - middle) / spread, noise=noise)
    cuts = cuts + middle @ (slopes / spread)
    start = np.concatenate([slopes / spread, cuts[:1], np.log(np.diff(cuts))])
    model = OrderedModel(pd.Series(levels, index=outcome.index, name=outcome.name), drivers,
                         distr=estimator.removeprefix("ordered_"))  # fmt: skip
    return model.fit(start_params=start, method="bfgs", disp=0, maxiter=200)


def variance_inflation(drivers: Array) -> Array:
    """Variance inflation factor of each driver: the diagonal of the inverse correlation matrix (Marquardt 1970).

    Examples
    --------
    >>> variance_inflation(np.array([[1.0, 1], [2, 3], [3, 2], [4, 4]])).round(4).tolist()
    [2.7778, 2.7778]
    """
    if drivers.shape[1] == 1:
        return np.ones(1)
    return np.asarray(np.diag(np.linalg.inv(np.corrcoef(drivers, rowvar=False))), dtype=np.float64)


def dependent_columns(drivers: Array) -> list[list[int]]:
    """Columns that are exact linear combinations of columns before them, each with those columns.

    Examples
    --------
    >>> a, b = np.array([1.0, 2, 4, 3]), np.array([2.0, 1, 1, 5])
    >>> dependent_columns(np.column_stack([a, b, a + b + 1]))
    [[0, 1, 2]]
    """
    z = drivers - drivers.mean(axis=0)
    z = z / np.maximum(np.linalg.norm(z, axis=0), 1e-300)
    free: list[int] = []
    found = []
    for j in range(z.shape[1]):
        weights = np.linalg.lstsq(z[:, free], z[:, j], rcond=None)[0] if free else np.zeros(0)
        rest = z[:, j] - z[:, free] @ weights
        if np.linalg.norm(rest) < 1e-7:
            found.append([*(free[i] for i in np.flatnonzero(np.abs(weights) > 1e-6)), j])
        else:
            free.append(j)
    return found
