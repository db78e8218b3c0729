"""Answers in levels regressed on drivers: logit and probit, ordered or of two values, raw and standardised.

    P(y > k) = F(x'b - cut_k)          F logistic (McCullagh 1980) or normal (McKelvey & Zavoina 1975)

Errors come from the observed information, intervals are those of a normal distribution.  A standardised coefficient
says by how many SD the latent answer goes up with one SD of the driver,

    b_j sd(x_j) / sqrt(var(x'b) + v)   v = pi^2/3 logistic, 1 normal; McKelvey & Zavoina (1975)

All figures of a row rest on the observed information V, as R's glm and polr report it: a standardised coefficient is
the ratio b_j / D_j with D_j = sqrt(var(x'b) + v) / sd(x_j), and its interval is that of Fieller (1954), the values t
that the data do not refute,

    (b_j - t D_j)^2 <= z^2 (V_jj - 2 t cov(b_j, D_j) + t^2 var(D_j)),       z = 1.96

where D_j varies with b (V, delta method) and with the sampled x (its own scatter), which are independent where the
model holds.  With t = 0 this is the test of b_j itself, so that the interval holds 0 exactly where p > .05.  Errors
that do not trust the model are those by clusters (see `clusters`).  r2 is McFadden's (1974).  Logit and probit differ
by a factor of about 1.6 in b and hardly in anything standardised.

Called by `estimators`; arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from touchsim.study.estimate import Estimate, no_estimate, spread_of, square_shift
from touchsim.study.noise import noise_of
from touchsim.study.ordered import likelihood_parts, newton_maximum, uncorrelated
from touchsim.study.separation import why_no_maximum

__all__ = ["cumulative_estimate"]

Array = NDArray[np.float64]
WIDEST_SLOPE = 50.0


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
    slope = z.T @ z / (n - 1) @ slopes / height  # of the height in the coefficients
    sampled = (line - line.mean()) ** 2 - line.var(ddof=1)
    own = spread_of(sampled[:, None] / (2 * height) - height / 2 * square_shift(z))
    reach, statistic = stats.norm.ppf(0.975), slopes / errors
    std_low, std_high = _ratio_interval(slopes, height, errors**2, covariance @ slope,
                                        slope @ covariance @ slope + own**2, float(reach))  # fmt: skip
    return Estimate(slopes / spread, errors / spread, statistic, 2 * stats.norm.sf(np.abs(statistic)),
                    (slopes - reach * errors) / spread, (slopes + reach * errors) / spread, std, std_low,
                    std_high, covariance / np.outer(spread, spread), float("inf"), 1 - value / empty,
                    1 - (value - p) / empty, "nonrobust", pulls=pulls / spread)  # fmt: skip


def _ratio_interval(
    above: Array, below: float, var_above: Array, shared: Array, var_below: Array, reach: float
) -> tuple[Array, Array]:
    """Interval of above / below by Fieller (1954); where `below` is not told from 0, it is taken as known."""
    lead = below**2 - reach**2 * var_below
    middle, rest = above * below - reach**2 * shared, above**2 - reach**2 * var_above
    known = lead <= 0
    root = np.sqrt(np.maximum(middle**2 - lead * rest, 0.0))
    lead = np.where(known, 1.0, lead)
    wide = reach * np.sqrt(var_above)
    return (np.where(known, (above - wide) / below, (middle - root) / lead),
            np.where(known, (above + wide) / below, (middle + root) / lead))  # fmt: skip
