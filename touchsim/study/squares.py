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
    spread, height = drivers.std(axis=0, ddof=1), outcome.std(ddof=1)
    design = np.column_stack([np.ones(n), (drivers - drivers.mean(axis=0)) / spread])  # 1e9 beside 1e-9 costs no digit
    result = sm.OLS((outcome - outcome.mean()) / height, design).fit(cov_type="HC3", use_t=True)
    inverse = np.asarray(result.normalized_cov_params)
    leverage = np.minimum(np.einsum("ij,jk,ik->i", design, inverse, design), 1 - 1e-9)
    influence = n * (design * (result.resid / (1 - leverage))[:, None]) @ inverse[:, 1:]
    std, scale, interval = result.params[1:], height / spread, result.conf_int()[1:]
    error = spread_of(influence + std / 2 * (square_shift(drivers) - square_shift(outcome[:, None])))
    reach = stats.t.ppf(0.975, n - p - 1) * error
    covariance = np.asarray(result.cov_params())[1:, 1:] * np.outer(scale, scale)
    return Estimate(std * scale, result.bse[1:] * scale, result.tvalues[1:], result.pvalues[1:],
                    interval[:, 0] * scale, interval[:, 1] * scale, std, std - reach, std + reach, covariance,
                    float(n - p - 1), float(result.rsquared), float(result.rsquared_adj), "HC3")  # fmt: skip
