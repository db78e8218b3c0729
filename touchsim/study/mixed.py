"""Random intercepts: clusters differ in level, drivers work the same in all of them.

    y_gi = a + u_g + x_gi'b + e_gi,    var(u) = t2,  var(e) = s2           Laird & Ware (1982)

by restricted maximum likelihood (Patterson & Thompson 1971).  With one random intercept the likelihood is a function of
the ratio r = t2 / s2 alone, because the inverse of a cluster's covariance is

    (I - r / (1 + n_g r) 11') / s2

so sums of products by cluster are all it takes, and the maximum is the root of a slope, found to the last digits where
a general search stops early.  Errors are those of the model, s2 (X'V^-1 X)^-1, intervals those of a normal
distribution.  icc is t2 / (t2 + s2); r2 is the marginal one of Nakagawa & Schielzeth (2013), var(x'b) / (var(x'b) + t2
+ s2).  Standardised coefficients are b_j sd(x_j) / sd(y) with the SDs taken as known.  A variance of clusters at zero
is said: then the figures are those of least squares.  Called by `estimators`; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from touchsim.languages import tell
from touchsim.study.estimate import Estimate

__all__ = ["mixed_estimate"]

Array = NDArray[np.float64]
FEW_CLUSTERS = 10
RATIOS = np.concatenate([[0.0], np.logspace(-8, 6, 57)])


def mixed_estimate(outcome: Array, drivers: Array, clusters: NDArray[np.int64]) -> Estimate:
    """Fit one equation; see `estimators.estimate`.

    Parameters
    ----------
    outcome : array, shape (n,)
    drivers : array, shape (n, p)
    clusters : array of int, shape (n,)
        0 .. G-1, each of them present.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> shop = np.repeat(np.arange(50), 20)
    >>> x = rng.normal(size=1000)
    >>> y = 0.5 * x + rng.normal(size=50)[shop] + rng.normal(size=1000)
    >>> fit = mixed_estimate(y, x[:, None], shop)
    >>> bool(fit.low[0] < 0.5 < fit.high[0]), bool(0.35 < fit.icc < 0.65)
    (True, True)
    """
    n, p = drivers.shape
    spread, height = drivers.std(axis=0, ddof=1), outcome.std(ddof=1)
    columns = np.column_stack([np.ones(n), (drivers - drivers.mean(axis=0)) / spread,
                               (outcome - outcome.mean()) / height])  # fmt: skip
    sizes = np.bincount(clusters).astype(float)
    sums = np.array([np.bincount(clusters, column) for column in columns.T]).T
    likelihood = _Profile(columns.T @ columns, sums, sizes)
    ratio = likelihood.best()
    slopes, inverse, s2 = likelihood.at(ratio)
    std, errors = slopes[1:], np.sqrt(s2 * np.diag(inverse)[1:])
    reach, statistic, scale = float(stats.norm.ppf(0.975)), std / errors, height / spread
    line = float((columns[:, 1:-1] @ std).var(ddof=1))
    low, high = std - reach * errors, std + reach * errors
    doubts: list[Callable[[], str]] = []
    if ratio == 0:
        doubts.append(partial(tell, "the variance between clusters is at zero: they differ no more than by chance, and "
                              "the figures are those of least squares"))  # fmt: skip
    if len(sizes) < FEW_CLUSTERS:
        doubts.append(partial(tell, "the random intercept rests on {n} clusters: its variance is hardly known, and "
                              "errors of drivers that differ between clusters only are too small",
                              n=len(sizes)))  # fmt: skip
    return Estimate(
        std * scale, errors * scale, statistic, 2 * stats.norm.sf(np.abs(statistic)), low * scale, high * scale, std,
        low, high, s2 * inverse[1:, 1:] * np.outer(scale, scale), float("inf"), line / (line + s2 * (1 + ratio)),
        float("nan"), "REML", tuple(doubts), icc=ratio / (1 + ratio))  # fmt: skip


class _Profile:
    """Restricted likelihood as a function of the ratio of variances, from sums by cluster."""

    def __init__(self, products: Array, sums: Array, sizes: Array) -> None:
        """Products (k + 1, k + 1) and sums by cluster (G, k + 1) of the columns [1, x, y]; sizes (G,)."""
        self.products, self.sums, self.sizes = products, sums, sizes

    def at(self, ratio: float) -> tuple[Array, Array, float]:
        """Coefficients, inverse of X'V^-1 X in units of s2, and s2."""
        shrunk = self.products - (self.sums.T * (ratio / (1 + self.sizes * ratio))) @ self.sums
        inverse = np.linalg.inv(shrunk[:-1, :-1])
        slopes = inverse @ shrunk[:-1, -1]
        rest = float(shrunk[-1, -1] - shrunk[:-1, -1] @ slopes)
        return slopes, np.asarray(inverse, dtype=np.float64), rest / float(self.sizes.sum() - len(slopes))

    def height(self, ratio: float) -> float:
        """-2 log likelihood, up to a constant."""
        slopes, inverse, s2 = self.at(ratio)
        free = self.sizes.sum() - len(slopes)
        return float(free * np.log(s2) + np.log1p(self.sizes * ratio).sum() - np.linalg.slogdet(inverse)[1])

    def slope(self, ratio: float) -> float:
        """Of `height` in the ratio."""
        slopes, inverse, s2 = self.at(ratio)
        weight = 1 / (1 + self.sizes * ratio) ** 2
        off = self.sums[:, -1] - self.sums[:, :-1] @ slopes
        x = self.sums[:, :-1]
        inner = float(((x @ inverse) * x).sum(axis=1) @ weight)
        return float(-(weight @ off**2) / s2 + (self.sizes / (1 + self.sizes * ratio)).sum() - inner)

    def best(self) -> float:
        """Ratio at the maximum: 0, or where the slope is."""
        place = int(np.argmin([self.height(ratio) for ratio in RATIOS]))
        low, high = RATIOS[max(place - 1, 0)], RATIOS[min(place + 1, len(RATIOS) - 1)]
        if self.slope(low) >= 0:
            return float(low) if place <= 1 else float(RATIOS[place])
        if self.slope(high) <= 0:
            return float(high)
        return float(optimize.brentq(self.slope, low, high, xtol=1e-15, rtol=1e-14))
