"""Least squares: an outcome regressed on its drivers, with errors that hold whatever the variance of the answers.

    y = a + x'b + e        HC3 covariance (MacKinnon & White 1985), t intervals on n - p - 1

A standardised coefficient is b_j sd(x_j) / sd(y).  Its interval does not take the SDs as known: each row's influence on
coefficient *and* SDs is summed, with HC3 leverage (delta method without an assumption of normality; Browne 1984, Jones
& Waller 2015, Yuan & Chan 2011).  Called by `estimators`; arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats

from touchsim.study.estimate import Estimate, spread_of, square_shift

__all__ = ["squares_estimate"]

Array = NDArray[np.float64]


def squares_estimate(outcome: Array, drivers: Array) -> Estimate:
    """Fit one equation; see `estimators.estimate`."""
    n, p = drivers.shape
    design = sm.add_constant(drivers, has_constant="add")
    result = sm.OLS(outcome, design).fit(cov_type="HC3", use_t=True)
    interval = result.conf_int()[1:]
    inverse = np.asarray(result.normalized_cov_params)
    leverage = np.minimum(np.einsum("ij,jk,ik->i", design, inverse, design), 1 - 1e-9)
    influence = n * (design * (result.resid / (1 - leverage))[:, None]) @ inverse[:, 1:]
    slopes, spread, height = result.params[1:], drivers.std(axis=0, ddof=1), outcome.std(ddof=1)
    std = slopes * spread / height
    x, y = square_shift(drivers), square_shift(outcome[:, None])
    error = spread_of(influence * spread / height + std / 2 * (x - y))
    reach = stats.t.ppf(0.975, n - p - 1) * error
    return Estimate(slopes, result.bse[1:], result.tvalues[1:], result.pvalues[1:], interval[:, 0], interval[:, 1],
                    std, std - reach, std + reach, np.asarray(result.cov_params())[1:, 1:], float(n - p - 1),
                    float(result.rsquared), float(result.rsquared_adj), "HC3")  # fmt: skip
