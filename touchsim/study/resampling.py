"""Bootstrap draws as correlation matrices, without ever copying a row.

A bootstrap draw of n cases out of n is a vector of counts (Efron 1979).  Everything that importance needs of a draw is
its correlation matrix, and that follows from counted sums of products,

    sum_i count_i * z_i z_i'      with z the scores, centred first for the sake of precision.

Rows are taken in slabs, so that memory does not grow with the survey: how many cases of a draw fall into each slab is
multinomial, and inside a slab cases are drawn evenly.  Called by `importance` and `blocks`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["correlation_draws", "moment_draws", "product_in_pieces"]

Array = NDArray[np.float64]
ROWS_AT_ONCE = 16_384
DRAWS_AT_ONCE = 32
LARGEST_PIECE = 250_000


def correlation_draws(scores: Array, draws: int, *, seed: int = 1) -> Array:
    """Draw correlation matrices of resampled cases; the first one is that of the survey itself.

    Parameters
    ----------
    scores : array, shape (rows, k)
        Complete cases.
    draws : int
        Number of bootstrap draws.
    seed : int
        Same seed, same draws.

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
    covariance, _ = moment_draws(scores, draws, seed=seed)
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    scale = np.where(variance > 1e-12, 1 / np.sqrt(np.maximum(variance, 1e-12)), 0.0)
    matrices = covariance * scale[:, :, None] * scale[:, None, :]
    diagonal = np.arange(scores.shape[1])
    matrices[:, diagonal, diagonal] = 1.0
    return np.asarray(matrices, dtype=np.float64)


def moment_draws(scores: Array, draws: int, *, seed: int = 1, beside: Array | None = None) -> tuple[Array, Array]:
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
    starts = np.arange(0, n, ROWS_AT_ONCE)
    sizes = np.minimum(starts + ROWS_AT_ONCE, n) - starts
    rng = np.random.default_rng([seed, n, k])
    cases = rng.multinomial(n, sizes / n, size=draws)
    totals = np.zeros((draws + 1, k + len(left) + m))
    for slab, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        rows = z[start : start + size]
        extra = [] if beside is None else [beside[start : start + size]]
        products = np.concatenate([rows, rows[:, left] * rows[:, right], *extra], axis=1)
        totals[0] += products.sum(axis=0)
        for first in range(0, draws, DRAWS_AT_ONCE):
            last = min(first + DRAWS_AT_ONCE, draws)
            counts = np.empty((last - first, size))
            for draw in range(first, last):
                counts[draw - first] = np.bincount(rng.integers(0, size, cases[draw, slab]), minlength=size)
            totals[first + 1 : last + 1] += product_in_pieces(counts, products)
    sums, moments = totals[:, :k], totals[:, k : k + len(left)]
    second = np.empty((draws + 1, k, k))
    second[:, left, right] = second[:, right, left] = moments / n
    covariances = second - (sums / n)[:, :, None] * (sums / n)[:, None, :]
    return np.asarray(covariances, dtype=np.float64), totals[:, k + len(left) :]


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
