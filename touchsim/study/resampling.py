"""Bootstrap draws as correlation matrices, without ever copying a row.

A bootstrap draw of n cases out of n is a vector of counts (Efron 1979).  Everything that importance needs of a draw is
its correlation matrix, and that follows from counted sums of products,

    sum_i count_i * z_i z_i'      with z the scores, centred first for the sake of precision.

Rows are taken in slabs, so that memory does not grow with the survey: how many cases of a draw fall into each slab is
multinomial, and inside a slab cases are drawn evenly.  Where rows hang together, a draw is of G whole clusters out of G
(Cameron & Miller 2015), from the sums of each cluster.  Draws scatter by sqrt((G - 1) / G) too little, and G clusters
have the tails of t: intervals therefore reach from the percentile of -r to that of r of a normal distribution, r =
sqrt(G / (G - 1)) times the quantile of t on G - 1 degrees of freedom (the expanded percentiles of Hesterberg 2015).
Called by `correlations`, `corrected` and `paths`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["correlation_draws", "moment_draws", "percentile_interval", "product_in_pieces", "reach_of"]

Array = NDArray[np.float64]
Products = Callable[[slice | NDArray[np.intp]], Array]
ROWS_AT_ONCE = 16_384
DRAWS_AT_ONCE = 32
LARGEST_PIECE = 250_000
LEVEL = 0.95


def correlation_draws(
    scores: Array, draws: int, *, seed: int = 1, clusters: NDArray[np.int64] | None = None
) -> Array:
    """Draw correlation matrices of resampled cases; the first one is that of the survey itself.

    Parameters
    ----------
    scores : array, shape (rows, k)
        Complete cases.
    draws : int
        Number of bootstrap draws.
    seed : int
        Same seed, same draws.
    clusters : array of int, shape (rows,), optional
        0 .. G-1, each of them present: draw whole clusters.

    Returns
    -------
    array, shape (draws + 1, k, k)
        A column that happens to be constant in a draw correlates 0 with everything there.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(200, 2))
    >>> matrices = correlation_draws(x, 500)
    >>> matrices.shape, bool(np.isclose(matrices[0, 0, 1], np.corrcoef(x.T)[0, 1]))
    ((501, 2, 2), True)
    """
    covariance, _ = moment_draws(scores, draws, seed=seed, clusters=clusters)
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    scale = np.where(variance > 1e-12, 1 / np.sqrt(np.maximum(variance, 1e-12)), 0.0)
    matrices = covariance * scale[:, :, None] * scale[:, None, :]
    diagonal = np.arange(scores.shape[1])
    matrices[:, diagonal, diagonal] = 1.0
    return np.asarray(matrices, dtype=np.float64)


def moment_draws(
    scores: Array, draws: int, *, seed: int = 1, beside: Array | None = None,
    clusters: NDArray[np.int64] | None = None,
) -> tuple[Array, Array]:  # fmt: skip
    """Draw covariance matrices of resampled cases, and sums of what stands beside their scores.

    Parameters
    ----------
    scores : array, shape (rows, k)
        Complete cases.
    draws : int
        Number of bootstrap draws.
    seed : int
        Same seed, same draws.
    beside : array, shape (rows, m), optional
        Anything of which the sum over the drawn cases is wanted, such as the pull of each case on an estimate.
    clusters : array of int, shape (rows,), optional
        0 .. G-1, each of them present: draw whole clusters; sums are brought to as many rows as the survey has.

    Returns
    -------
    covariances : array, shape (draws + 1, k, k)
        Of the scores in units of their SD in the survey; the first one is that of the survey itself.
    sums : array, shape (draws + 1, m)

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(200, 2))
    >>> covariances, sums = moment_draws(x, 500, beside=np.ones((200, 1)))
    >>> covariances[0].diagonal().round(12).tolist(), sums[:3, 0].tolist()
    ([1.0, 1.0], [200.0, 200.0, 200.0])
    """
    n, k = scores.shape
    m = 0 if beside is None else beside.shape[1]
    spread = scores.std(axis=0)
    z = (scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1)
    left, right = np.triu_indices(k)

    def products(rows: slice | NDArray[np.intp]) -> Array:
        extra = [] if beside is None else [beside[rows]]
        return np.concatenate([z[rows], z[rows][:, left] * z[rows][:, right], *extra], axis=1)

    drawn = _of_cases if clusters is None else partial(_of_clusters, clusters)
    totals = drawn(n, k, k + len(left) + m, products, draws, seed)
    sums, moments = totals[:, :k], totals[:, k : k + len(left)]
    second = np.empty((draws + 1, k, k))
    second[:, left, right] = second[:, right, left] = moments / n
    covariances = second - (sums / n)[:, :, None] * (sums / n)[:, None, :]
    return np.asarray(covariances, dtype=np.float64), totals[:, k + len(left) :]


def reach_of(clusters: int) -> float:
    """Half-width of a 95 % interval from draws of whole clusters, in SDs of the draws; 0 clusters: draws of cases.

    Examples
    --------
    >>> round(reach_of(0), 2), round(reach_of(1000), 2), round(reach_of(10), 2)
    (1.96, 1.96, 2.38)
    """
    if not clusters:
        return float(stats.norm.ppf((1 + LEVEL) / 2))
    return float(np.sqrt(clusters / (clusters - 1)) * stats.t.ppf((1 + LEVEL) / 2, clusters - 1))


def percentile_interval(draws: Array, clusters: int = 0) -> tuple[float, float]:
    """Ends of the 95 % percentile interval of draws of cases, or of whole clusters; shape (draws,).

    Examples
    --------
    >>> draws = np.arange(1001.0)
    >>> percentile_interval(draws), np.round(percentile_interval(draws, 10)).tolist()
    ((25.0, 975.0), [9.0, 991.0])
    """
    if not clusters:
        low, high = np.percentile(draws, [2.5, 97.5])
    else:
        reach = reach_of(clusters)
        low, high = np.quantile(draws, stats.norm.cdf([-reach, reach]))
    return float(low), float(high)


def _of_cases(n: int, k: int, width: int, products: Products, draws: int, seed: int) -> Array:
    """Sums of products over all rows, then over those of each draw of cases; shape (draws + 1, width)."""
    starts = np.arange(0, n, ROWS_AT_ONCE)
    sizes = np.minimum(starts + ROWS_AT_ONCE, n) - starts
    rng = np.random.default_rng([seed, n, k])
    cases = rng.multinomial(n, sizes / n, size=draws)
    totals = np.zeros((draws + 1, width))
    for slab, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        rows = products(slice(start, start + size))
        totals[0] += rows.sum(axis=0)
        for first in range(0, draws, DRAWS_AT_ONCE):
            last = min(first + DRAWS_AT_ONCE, draws)
            counts = np.empty((last - first, size))
            for draw in range(first, last):
                counts[draw - first] = np.bincount(rng.integers(0, size, cases[draw, slab]), minlength=size)
            totals[first + 1 : last + 1] += product_in_pieces(counts, rows)
    return totals


def _of_clusters(
    clusters: NDArray[np.int64], n: int, k: int, width: int, products: Products, draws: int, seed: int
) -> Array:
    """Sums of products over all rows, then over those of each draw of clusters, brought to n rows."""
    many, order = int(clusters.max()) + 1, np.argsort(clusters, kind="stable")
    each = np.zeros((many, width))
    for start in range(0, n, ROWS_AT_ONCE):
        rows = order[start : start + ROWS_AT_ONCE]
        first = np.flatnonzero(np.diff(clusters[rows], prepend=-1))
        each[clusters[rows[first]]] += np.add.reduceat(products(rows), first, axis=0)
    sizes = np.bincount(clusters).astype(np.float64)
    rng = np.random.default_rng([seed, many, k])
    totals = np.zeros((draws + 1, width))
    totals[0] = each.sum(axis=0)
    for start in range(0, draws, DRAWS_AT_ONCE):
        stop = min(start + DRAWS_AT_ONCE, draws)
        counts = np.array([np.bincount(rng.integers(0, many, many), minlength=many) for _ in range(start, stop)])
        part = product_in_pieces(counts.astype(np.float64), each)
        totals[start + 1 : stop + 1] = part * (n / (counts @ sizes))[:, None]
    return totals


def product_in_pieces(a: Array, b: Array) -> Array:
    """Matrix product, summed over pieces so small that BLAS keeps each on one thread.

    Threads of BLAS wait for each other by spinning: where other work holds a core, one large product took 100 times as
    long.  OpenBLAS stays on one thread below 262,144 multiplications.

    Examples
    --------
    >>> a, b = np.arange(6.0).reshape(2, 3), np.ones((3, 2))
    >>> product_in_pieces(a, b).tolist()
    [[3.0, 3.0], [12.0, 12.0]]
    """
    m, k = a.shape
    n = b.shape[1]
    size = min(k, max(1, LARGEST_PIECE // (m * n)))
    whole = k // size
    pieces = np.moveaxis(a[:, : whole * size].reshape(m, whole, size), 1, 0)
    total = (pieces @ b[: whole * size].reshape(whole, size, n)).sum(axis=0)
    return np.asarray(total + a[:, whole * size :] @ b[whole * size :], dtype=np.float64)
