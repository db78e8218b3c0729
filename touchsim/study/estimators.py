"""One equation: an outcome regressed on its drivers by OLS, ordered logit or logit, raw and standardised.

    ols            y = a + x'b + e             HC3 covariance (MacKinnon & White 1985), t intervals on n - p - 1
    ordered_logit  P(y > k) = L(x'b - cut_k)   observed information, z intervals (McCullagh 1980)
    logit          the same with one cut       observed information, z intervals

Standardised coefficients say by how many SD the outcome goes up with one SD of the driver:

    ols      b_j sd(x_j) / sd(y)
    logits   b_j sd(x_j) / sqrt(var(x'b) + pi^2/3)       latent outcome, McKelvey & Zavoina (1975)

Their intervals do not take the SDs as known.  For ols each row's influence on coefficient *and* SDs is summed, with HC3
leverage (delta method without an assumption of normality; Browne 1984, Jones & Waller 2015, Yuan & Chan 2011).  For
the logits all figures of a row rest on the observed information V, as R's glm and polr report it: a standardised
coefficient is the ratio b_j / D_j with D_j = sqrt(var(x'b) + pi^2/3) / sd(x_j), and its interval is that of Fieller
(1954), the values t that the data do not refute,

    (b_j - t D_j)^2 <= z^2 (V_jj - 2 t cov(b_j, D_j) + t^2 var(D_j)),       z = 1.96

where D_j varies with b (V, delta method) and with the sampled x (its own scatter), which are independent where the
model holds.  With t = 0 this is the test of b_j itself, so that the interval holds 0 exactly where p > .05.  Errors
that do not trust the model are those by clusters (see `clusters`).

r2 is McFadden's (1974) for the two logits.  Called by `drivers`; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import optimize, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from touchsim.languages import marked, tell
from touchsim.study.ordered import likelihood_parts, newton_maximum, parallel_slopes, uncorrelated

__all__ = ["Estimate", "dependent_columns", "estimate", "no_estimate", "statsmodels_results", "variance_inflation"]

Array = NDArray[np.float64]
WIDEST_SLOPE = 50.0
PARALLEL_DOUBT = 0.01
SEPARATED = 1e-4
LEAST_GUILT = 0.05


@dataclass(frozen=True)
class Estimate:
    """Coefficients of the drivers of one outcome in one group; arrays of shape (p,) in the order of the drivers.

    `covariance` is that of `coefficients`, `df` the degrees of freedom of the intervals (infinite for logits), and
    `doubts` tell what went wrong, in the language spoken when they are called; where no finite estimate exists, every
    number is nan.  `pulls`, shape (n, p), is how far each row moves the coefficients of a logit (inverse information
    times score; null for ols).
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


def estimate(estimator: str, outcome: Array, drivers: Array, names: tuple[str, ...]) -> Estimate:
    """Fit one equation.

    Parameters
    ----------
    estimator : {"ols", "ordered_logit", "logit"}
    outcome : array, shape (n,)
        Any numbers for ols; a few levels for ordered_logit; two for logit.
    drivers : array, shape (n, p)
        Of full rank, none constant.
    names : tuple of str
        Of the drivers, for doubts.

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
    return _ols(outcome, drivers) if estimator == "ols" else _logit(outcome, drivers, names)


def statsmodels_results(estimator: str, outcome: pd.Series[float], drivers: pd.DataFrame) -> Any:
    """Return the statsmodels results object of the same equation, for its summary and diagnostics."""
    if estimator == "ols":
        return sm.OLS(outcome, sm.add_constant(drivers, has_constant="add")).fit(cov_type="HC3", use_t=True)
    if estimator == "logit":
        upper = (outcome == outcome.max()).astype(float)
        return sm.Logit(upper, sm.add_constant(drivers, has_constant="add")).fit(disp=0, maxiter=100)
    levels = np.unique(outcome.to_numpy(), return_inverse=True)[1]
    middle, spread = drivers.mean().to_numpy(), drivers.std(ddof=0).to_numpy()
    slopes, cuts, _ = newton_maximum(levels, (drivers.to_numpy() - middle) / spread)
    cuts = cuts + middle @ (slopes / spread)
    start = np.concatenate([slopes / spread, cuts[:1], np.log(np.diff(cuts))])
    model = OrderedModel(pd.Series(levels, index=outcome.index, name=outcome.name), drivers, distr="logit")
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


def _ols(outcome: Array, drivers: Array) -> Estimate:
    n, p = drivers.shape
    design = sm.add_constant(drivers, has_constant="add")
    result = sm.OLS(outcome, design).fit(cov_type="HC3", use_t=True)
    interval = result.conf_int()[1:]
    inverse = np.asarray(result.normalized_cov_params)
    leverage = np.minimum(np.einsum("ij,jk,ik->i", design, inverse, design), 1 - 1e-9)
    influence = n * (design * (result.resid / (1 - leverage))[:, None]) @ inverse[:, 1:]
    slopes, spread, height = result.params[1:], drivers.std(axis=0, ddof=1), outcome.std(ddof=1)
    std = slopes * spread / height
    x, y = _square_shift(drivers), _square_shift(outcome[:, None])
    error = _spread_of(influence * spread / height + std / 2 * (x - y))
    reach = stats.t.ppf(0.975, n - p - 1) * error
    return Estimate(slopes, result.bse[1:], result.tvalues[1:], result.pvalues[1:], interval[:, 0], interval[:, 1],
                    std, std - reach, std + reach, np.asarray(result.cov_params())[1:, 1:], float(n - p - 1),
                    float(result.rsquared), float(result.rsquared_adj), "HC3")  # fmt: skip


def _logit(outcome: Array, drivers: Array, names: tuple[str, ...]) -> Estimate:
    n, p = drivers.shape
    levels = np.unique(outcome, return_inverse=True)[1].astype(np.int64)
    spread = drivers.std(axis=0, ddof=1)
    z = (drivers - drivers.mean(axis=0)) / spread
    axes, turn = uncorrelated(z)
    steps, cuts, converged = newton_maximum(levels, axes)
    value, scores, information = likelihood_parts(levels, axes, steps, cuts)
    if not converged or np.abs(steps).max() > WIDEST_SLOPE or np.linalg.eigvalsh(information)[0] < WIDEST_SLOPE**-2:
        return no_estimate(p, _why_none(levels, z, names))
    slopes, inverse = turn @ steps, np.linalg.inv(information)
    covariance = turn @ inverse[:p, :p] @ turn.T
    errors = np.sqrt(np.diag(covariance))
    share = np.bincount(levels) / n
    empty = float(n * (share * np.log(share)).sum())
    line = z @ slopes
    height = np.sqrt(line.var(ddof=1) + np.pi**2 / 3)
    std = slopes / height
    pulls = scores @ inverse[:, :p] @ turn.T
    slope = z.T @ z / (n - 1) @ slopes / height  # of the height in the coefficients
    sampled = (line - line.mean()) ** 2 - line.var(ddof=1)
    own = _spread_of(sampled[:, None] / (2 * height) - height / 2 * _square_shift(z))
    reach, statistic = stats.norm.ppf(0.975), slopes / errors
    std_low, std_high = _ratio_interval(slopes, height, errors**2, covariance @ slope,
                                        slope @ covariance @ slope + own**2, float(reach))  # fmt: skip
    doubts = []
    chance = parallel_slopes(levels, z) if levels.max() > 1 else float("nan")
    if chance < PARALLEL_DOUBT:
        doubts.append(partial(tell, "slopes at low and high answers differ (Brant test, p = {p}), so proportional odds "
                              "are in doubt and one slope per driver is an average of them",
                              p=partial(marked, f"{chance:.2g}")))  # fmt: skip
    return Estimate(slopes / spread, errors / spread, statistic, 2 * stats.norm.sf(np.abs(statistic)),
                    (slopes - reach * errors) / spread, (slopes + reach * errors) / spread, std, std_low,
                    std_high, covariance / np.outer(spread, spread), float("inf"), 1 - value / empty,
                    1 - (value - p) / empty, "nonrobust", tuple(doubts), pulls / spread)  # fmt: skip


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


def _square_shift(columns: Array) -> Array:
    """Influence of each row on ln variance of each column."""
    variance = columns.var(axis=0, ddof=1)
    return np.asarray((columns - columns.mean(axis=0)) ** 2 / variance - 1, dtype=np.float64)


def _spread_of(influence: Array) -> Array:
    """Standard error of an estimate from the influence of each row on it."""
    n = len(influence)
    return np.asarray(np.sqrt(((influence - influence.mean(axis=0)) ** 2).sum(axis=0)) / n, dtype=np.float64)


def no_estimate(p: int, *doubts: Callable[[], str]) -> Estimate:
    """Say that no finite estimate of `p` coefficients exists, and why."""
    none, nothing = np.full(p, np.nan), float("nan")
    return Estimate(none, none, none, none, none, none, none, none, none, np.full((p, p), np.nan), float("inf"),
                    nothing, nothing, "nonrobust", doubts)  # fmt: skip


def _why_none(levels: NDArray[np.int64], z: Array, names: tuple[str, ...]) -> Callable[[], str]:
    """Say whether drivers separate two levels (Albert & Anderson 1984; linear programme of Konis 2007)."""
    guilty = []
    for j, name in enumerate(names):
        ends = [(z[levels == level, j].min(), z[levels == level, j].max()) for level in range(int(levels.max()) + 1)]
        pairs = list(zip(ends, ends[1:], strict=False))
        if all(a[1] <= b[0] for a, b in pairs) or all(a[0] >= b[1] for a, b in pairs):
            guilty.append(name)
    if not guilty:
        weights = np.abs(_separating_slopes(levels, z))
        strong = np.flatnonzero(weights > LEAST_GUILT * weights.max())
        if 0 < len(strong) < len(names) and not _separating_slopes(levels, z[:, strong]).any():
            strong = np.flatnonzero(weights > 0)
        guilty = [names[j] for j in strong]
    if len(guilty) == 1:
        return partial(tell, "no finite coefficients: {name} separates some of its values without error; leave it out, "
                       "or ask more people", name=guilty[0])  # fmt: skip
    if guilty:
        return partial(tell, "no finite coefficients: {names} separate some of its values without error; leave them "
                       "out, or ask more people", names=partial(_all_of, guilty))  # fmt: skip
    return partial(tell, "no finite coefficients: the search for the maximum did not converge; look for values with "
                   "few answers")  # fmt: skip


def _all_of(names: list[str]) -> str:
    return reduce(lambda first, last: tell("{first} and {last}", first=first, last=last), names)


def _separating_slopes(levels: NDArray[np.int64], z: Array) -> Array:
    """Slopes of a line that puts no row on the wrong side of its cuts and some rows off them; zeros if there is none.

    Each row of level k asks for cut_(k-1) <= x'b <= cut_k; with slopes of zero all cuts are zero, too.
    """
    p = z.shape[1]
    cuts = np.eye(int(levels.max()))
    below, above = levels > 0, levels < levels.max()
    rows = np.unique(np.concatenate([np.column_stack([z[below], -cuts[levels[below] - 1]]),
                                     np.column_stack([-z[above], cuts[levels[above]]])]), axis=0)  # fmt: skip
    found = optimize.linprog(-rows.mean(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    if found.status != 0 or float((rows @ found.x).max()) < SEPARATED:
        return np.zeros(p)
    return np.asarray(found.x[:p], dtype=np.float64)
