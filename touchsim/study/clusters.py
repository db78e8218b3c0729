"""Rows that hang together: errors that do not take them as independent.

Customers of one replication meet the same queues and the same weather, people of one shop the same staff.  Where a
model names such clusters, errors come from leaving out one whole cluster at a time (jackknife),

    V = (G - 1) / G  *  sum_g (b_-g - b)(b_-g - b)'          G clusters, b_-g without cluster g

which for least squares is the cluster version of HC3, called CR3 (Bell & McCaffrey 2002), and errs on the safe side
where clusters are few (MacKinnon, Nielsen & Webb 2023).  Standardised coefficients are left out and put back in the
same way, with their SDs.  For least squares all this follows from sums of products by cluster, without a refit; a logit
or probit is fitted again, for at most `MOST_REFITS` clusters (a level that only one cluster has is left out with it: an
empty level moves no slope).  Where there are more, or where a refit has no maximum, what the rows of a cluster pull is
taken away instead, one Newton step, which is the sandwich (Liang & Zeger 1986),

    V = G / (G - 1)  *  sum_g u_g u_g'                       u_g the sum of the pulls of cluster g; called CR1

and so with a median, which has no smooth refit (Parente & Santos Silva 2016).  A mixed model has its clusters inside.
Intervals are t intervals on G - 1 degrees of freedom: three clusters say little about how clusters differ, however many
rows they have.  With one cluster nothing can be left out, and errors stay as they were; where one cluster alone tells a
coefficient, both ways would say nothing of its error, and they stay as well, with a doubt.  Called by `drivers` and
`groups`; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from touchsim.languages import tell, told
from touchsim.study.estimate import Estimate, square_shift

__all__ = ["FEW_CLUSTERS", "MOST_REFITS", "clustered", "levels_clustered", "ols_without_each", "pulls_without_each",
           "scatter_of_clusters"]  # fmt: skip

Array = NDArray[np.float64]
FEW_CLUSTERS = 10
MOST_REFITS = 200
SINGULAR = 1e-12


def clustered(whole: Estimate, without: tuple[Array, Array], name: str, kind: str = "CR3") -> Estimate:
    """Give an estimate the errors of its clusters.

    Parameters
    ----------
    whole : Estimate
        Of all rows.
    without : pair of arrays, shape (G, p) each
        Coefficients and standardised coefficients without each cluster; nan where there is no estimate.
    name : str
        Of the column of clusters, for `cov_type`.
    kind : str
        Of the errors, for `cov_type`.

    Returns
    -------
    Estimate
        Same coefficients; errors, intervals, tests and covariance of the jackknife.  Unchanged where there is one
        cluster, or where one of them is needed for an estimate to exist: then a doubt says so.

    Examples
    --------
    >>> from touchsim.study.estimators import estimate
    >>> x, noise, shops = np.random.default_rng(1).normal(size=(3, 200))
    >>> shop = np.repeat(np.arange(10), 20)
    >>> y = x + noise + shops[shop]
    >>> found = clustered(estimate("ols", y, x[:, None], ("price",)), ols_without_each(shop, y, x[:, None]), "shop")
    >>> found.cov_type, found.df
    ('CR3 by shop', 9.0)
    """
    raw, standard = without
    if len(raw) < 2 or np.isnan(whole.coefficients).any():  # noqa: PLR2004
        return whole
    if not np.isfinite(raw).all():
        doubt = partial(tell, "errors are not clustered by {clusters}: without one of the clusters there is no "
                        "estimate", clusters=name)  # fmt: skip
        return replace(whole, doubts=(*whole.doubts, doubt))
    covariance = scatter_of_clusters(raw - whole.coefficients, kind)
    errors, df = np.sqrt(np.diag(covariance)), float(len(raw) - 1)
    reach = float(stats.t.ppf(0.975, df))
    std_reach = reach * np.sqrt(np.diag(scatter_of_clusters(standard - whole.std_beta, kind)))
    b, statistic = whole.coefficients, whole.coefficients / errors
    return replace(
        whole, std_error=errors, statistic=statistic, p_value=2 * stats.t.sf(np.abs(statistic), df),
        low=b - reach * errors, high=b + reach * errors, std_low=whole.std_beta - std_reach,
        std_high=whole.std_beta + std_reach, covariance=covariance, df=df, cov_type=f"{kind} by {name}",
    )  # fmt: skip


def ols_without_each(clusters: NDArray[np.int64], outcome: Array, drivers: Array) -> tuple[Array, Array]:
    """Coefficients of least squares, raw and standardised, without each cluster; shape (G, p) both.

    Parameters
    ----------
    clusters : array of int, shape (n,)
        0 .. G-1.
    outcome : array, shape (n,)
    drivers : array, shape (n, p)
    """
    p, many = drivers.shape[1], int(clusters.max()) + 1
    columns = np.column_stack([drivers, outcome])
    spread = columns.std(axis=0)
    z = np.column_stack([np.ones(len(outcome)), (columns - columns.mean(axis=0)) / spread])
    order = np.argsort(clusters, kind="stable")
    starts = np.searchsorted(clusters[order], np.arange(many))
    each = np.array([rows.T @ rows for rows in np.split(z[order], starts[1:])])
    rest = each.sum(axis=0) - each
    mean = rest[:, 0, 1:] / rest[:, :1, 0]
    moments = rest[:, 1:, 1:] / rest[:, :1, :1] - mean[:, :, None] * mean[:, None, :]
    standard = np.full((many, p), np.nan)
    sd = np.sqrt(np.maximum(np.diagonal(moments, axis1=1, axis2=2), 0))
    for g in np.flatnonzero((sd**2).min(axis=1) > SINGULAR):
        r = moments[g] / np.outer(sd[g], sd[g])
        if np.linalg.eigvalsh(r[:p, :p])[0] > SINGULAR:
            standard[g] = np.linalg.solve(r[:p, :p], r[:p, p])
    height = np.where(sd > 0, sd, np.nan)
    return standard * height[:, p:] / height[:, :p] * spread[p] / spread[:p], standard


def pulls_without_each(
    clusters: NDArray[np.int64], whole: Estimate, outcome: Array, drivers: Array
) -> tuple[Array, Array]:
    """Coefficients without each cluster to first order: what the rows of the cluster pull is taken away."""
    if whole.pulls is None:
        raise ValueError("needs an estimate that knows how its rows pull")
    scale = drivers.std(axis=0, ddof=1) / outcome.std(ddof=1)
    shift = square_shift(drivers) - square_shift(outcome[:, None])
    pulled = [whole.pulls, whole.pulls * scale + whole.std_beta / 2 * shift / len(outcome)]
    raw, standard = (np.array([np.bincount(clusters, column) for column in pull.T]).T for pull in pulled)
    return whole.coefficients - raw, whole.std_beta - standard


def levels_clustered(
    whole: Estimate, clusters: NDArray[np.int64], outcome: Array, drivers: Array, noise: float, name: str,
    fit: Callable[[NDArray[np.bool_]], Estimate],
) -> Estimate:  # fmt: skip
    """Give a logit or probit the errors of its clusters, by refits or by the pulls of their rows.

    Parameters
    ----------
    whole : Estimate
        Of all rows.
    clusters : array of int, shape (n,)
        0 .. G-1.
    outcome : array, shape (n,)
    drivers : array, shape (n, p)
    noise : float
        Variance of the latent noise.
    name : str
        Of the column of clusters, for `cov_type`.
    fit : callable
        Fits the rows of a mask again.
    """
    rest, _ = ols_without_each(clusters, outcome, drivers)
    if whole.pulls is None or not np.isfinite(rest).all():  # nothing to do, or one cluster alone tells a coefficient
        return clustered(whole, (rest, rest), name)
    few = len(rest) <= MOST_REFITS
    if few:
        left = [fit(clusters != one) for one in range(len(rest))]
        raw, standard = (np.array([getattr(one, part) for one in left]) for part in ("coefficients", "std_beta"))
        if np.isfinite(raw).all():
            return clustered(whole, (raw, standard), name)
    found = clustered(whole, _levels_without_each(clusters, whole, drivers, noise), name, "CR1")
    words = told("without one of the clusters there is no estimate, so errors by {clusters} are those of the sandwich "
                 "(CR1), not of the jackknife: too small where clusters are few")  # fmt: skip
    doubt = partial(tell, words, clusters=name)
    return replace(found, doubts=(*found.doubts, doubt)) if few else found


def scatter_of_clusters(gap: Array, kind: str = "CR3") -> Array:
    """Covariance from what each cluster moves, shape (G, k): leaving it out for CR3, one Newton step for CR1."""
    many = len(gap)
    factor = many / (many - 1) if kind == "CR1" else (many - 1) / many
    return np.asarray(factor * gap.T @ gap, dtype=np.float64)


def _levels_without_each(
    clusters: NDArray[np.int64], whole: Estimate, drivers: Array, noise: float
) -> tuple[Array, Array]:
    """Coefficients of a logit or probit without each cluster to first order, raw and standardised; shape (G, p) both.

    ln of b_j sd(x_j) / H, H the root of var(x'b) + noise, moves with b and with what a row does to the variances of x.
    """
    pulls = np.zeros_like(drivers) if whole.pulls is None else whole.pulls
    n, b = len(drivers), whole.coefficients
    centred = drivers - drivers.mean(axis=0)
    line = centred @ b
    height = line.var(ddof=1) + noise
    of_height = (2 * pulls @ (centred.T @ line) / (n - 1) + (line**2 - line.var(ddof=1)) / n) / (2 * height)
    scale = drivers.std(axis=0, ddof=1) / np.sqrt(height)
    moved = pulls * scale + whole.std_beta * (square_shift(drivers) / (2 * n) - of_height[:, None])
    raw, standard = (np.array([np.bincount(clusters, column) for column in pull.T]).T for pull in (pulls, moved))
    return b - raw, whole.std_beta - standard
