"""Answers in levels regressed on drivers: logit and probit, ordered or of two values, raw and standardised.

    P(y > k) = F(x'b - cut_k)          F logistic (McCullagh 1980) or normal (McKelvey & Zavoina 1975)

Errors come from the observed information, intervals are those of a normal distribution.  A standardised coefficient
says by how many SD the latent answer goes up with one SD of the driver,

    b_j sd(x_j) / sqrt(var(x'b) + v)   v = pi^2/3 logistic, 1 normal; McKelvey & Zavoina (1975)

and r2 is McFadden's (1974).  Logit and probit differ by a factor of about 1.6 in b and hardly in anything standardised.
Called by `estimators`; arrays in, arrays out.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from touchsim.languages import marked, tell, told
from touchsim.study.estimate import Estimate, no_estimate, spread_of, square_shift
from touchsim.study.noise import noise_of
from touchsim.study.ordered import likelihood_parts, newton_maximum, parallel_slopes, uncorrelated
from touchsim.study.separation import why_no_maximum

__all__ = ["cumulative_estimate"]

Array = NDArray[np.float64]
WIDEST_SLOPE = 50.0
PARALLEL_DOUBT = 0.01


def cumulative_estimate(estimator: str, outcome: Array, drivers: Array, names: tuple[str, ...]) -> Estimate:
    """Fit one equation; see `estimators.estimate`.

    Parameters
    ----------
    estimator : {"ordered_logit", "logit", "ordered_probit", "probit"}
    outcome : array, shape (n,)
    drivers : array, shape (n, p)
    names : tuple of str

    Returns
    -------
    Estimate

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(2000, 1))
    >>> y = (x[:, 0] + rng.normal(size=2000) > 0).astype(float)
    >>> fit = cumulative_estimate("probit", y, x, ("price",))
    >>> bool(fit.low[0] < 1 < fit.high[0]), bool(abs(fit.std_beta[0] - 0.5**0.5) < 0.05)
    (True, True)
    """
    noise = noise_of(estimator)
    n, p = drivers.shape
    levels = np.unique(outcome, return_inverse=True)[1].astype(np.int64)
    spread = drivers.std(axis=0, ddof=1)
    z = (drivers - drivers.mean(axis=0)) / spread
    axes, turn = uncorrelated(z)
    steps, cuts, converged = newton_maximum(levels, axes, noise=noise)
    value, scores, information = likelihood_parts(levels, axes, steps, cuts, noise)
    if not converged or np.abs(steps).max() > WIDEST_SLOPE or np.linalg.eigvalsh(information)[0] < WIDEST_SLOPE**-2:
        return no_estimate(p, why_no_maximum(levels, z, names))
    slopes, inverse = turn @ steps, np.linalg.inv(information)
    covariance = turn @ inverse[:p, :p] @ turn.T
    errors = np.sqrt(np.diag(covariance))
    share = np.bincount(levels) / n
    empty = float(n * (share * np.log(share)).sum())
    line = z @ slopes
    height = np.sqrt(line.var(ddof=1) + noise.variance)
    std = slopes / height
    pulls = scores @ inverse[:, :p] @ turn.T
    influence = n * pulls
    pull = z.T @ z / (n - 1) @ slopes  # half the slope of var(line) in the coefficients
    shift = 2 * influence @ pull + (line - line.mean()) ** 2 - line.var(ddof=1)
    error = spread_of(influence / height + std / 2 * square_shift(z) - np.outer(shift, std) / (2 * height**2))
    reach, statistic = stats.norm.ppf(0.975), slopes / errors
    doubts = []
    chance = parallel_slopes(levels, z, noise) if levels.max() > 1 else float("nan")
    if chance < PARALLEL_DOUBT:
        words = told("slopes at low and high answers differ (Brant test, p = {p}), so proportional odds are in doubt "
                     "and one slope per driver is an average of them")  # fmt: skip
        if estimator == "ordered_probit":
            words = told("slopes at low and high answers differ (Wald test, p = {p}), so parallel slopes are in "
                         "doubt and one slope per driver is an average of them")  # fmt: skip
        doubts.append(partial(tell, words, p=partial(marked, f"{chance:.2g}")))
    return Estimate(slopes / spread, errors / spread, statistic, 2 * stats.norm.sf(np.abs(statistic)),
                    (slopes - reach * errors) / spread, (slopes + reach * errors) / spread, std, std - reach * error,
                    std + reach * error, covariance / np.outer(spread, spread), float("inf"), 1 - value / empty,
                    1 - (value - p) / empty, "nonrobust", tuple(doubts), pulls / spread)  # fmt: skip
