"""Shares of explained variance, computed on correlation matrices, thousands of them at once.

How much of R2 belongs to each of p drivers that hang together?  Three answers, all sums to R2:

    lmg_j     = mean over all p! orders of what driver j adds to R2 when it enters
              = sum over S without j of |S|! (p-|S|-1)!/p! * (R2(S + j) - R2(S))
    johnson_j = sum_k lambda_jk^2 * beta_k^2,  lambda = square root of the correlation matrix of the drivers,
                beta = regression on the orthogonal drivers nearest to the real ones
    pratt_j   = beta_j * r_j, standardised coefficient times correlation

lmg: Lindeman, Merenda & Gold (1980), the Shapley value of R2 (Groemping 2007); johnson: Johnson (2000); pratt: Pratt
(1987), negative where coefficient and correlation have different signs, and then no share of anything.

The players of the lmg game are single drivers, or whole blocks that enter together, each as one player (grouped
Shapley, the game between the coalitions of Owen 1977; a driver of no block plays alone).  The R2 of all 2^p subsets
follow from one walk over the players: sweep a player out of the matrix (it is in the subset) or strike its rows (it is
not), and go on with both; a slab of bootstrap draws walks together.  Beyond `EXACT_UP_TO` players the mean is taken
over randomly drawn orders, each with its reverse, and its Monte Carlo error is reported; bootstrap draws share a part
of these orders, and what that part misses on the survey itself is added back.  What it misses beyond moved ends of
intervals by up to .007 and probabilities of an order by up to .05, in a survey of 15 drivers computed both ways.
Called by `importance` and `dominance`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from touchsim.study.resampling import product_in_pieces

__all__ = ["EXACT_UP_TO", "draws_at_once", "johnson_shares", "lmg_shares", "pratt_shares", "subset_r2"]

Array = NDArray[np.float64]
EXACT_UP_TO = 15
ORDERS = 2_000
ORDERS_OF_DRAWS = 100
SMALLEST_PIVOT = 1e-10
CELLS_AT_ONCE = 500_000


def subset_r2(correlations: Array, players: Sequence[Sequence[int]] | None = None) -> Array:
    """R2 of the outcome on every subset of the players.

    Parameters
    ----------
    correlations : array, shape (draws, p + 1, p + 1)
        Correlation matrices; the outcome is the last row.
    players : sequence of k lists of columns, optional
        Drivers that enter together; together every driver once.  By default each driver plays alone.

    Returns
    -------
    array, shape (2**k, draws)
        Row s holds the subset of those players whose bit is set in s; player 0 is the highest bit.

    Examples
    --------
    >>> r = np.array([[[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]]])
    >>> subset_r2(r)[:, 0].round(2).tolist(), subset_r2(r, [[0, 1]])[:, 0].round(2).tolist()
    ([0.0, 0.09, 0.36, 0.45], [0.0, 0.45])
    """
    draws, size, _ = correlations.shape
    sizes = [1] * (size - 1) if players is None else [len(player) for player in players]
    if players is not None:
        rows = np.array([column for player in players for column in player] + [size - 1])
        correlations = correlations[:, rows[:, None], rows]
    left, right = np.triu_indices(size)
    nodes = np.ascontiguousarray(correlations[:, left, right].T)[None]  # (nodes, upper triangle row by row, draws)
    width = size - 1
    for members in sizes:
        rest = (width - members + 1) * (width - members + 2) // 2
        grown = np.empty((len(nodes), 2, rest, draws))
        grown[:, 0] = nodes[:, nodes.shape[1] - rest :]
        swept = nodes
        for step in range(width, width - members + 1, -1):
            swept = _swept(swept, step, np.empty((len(nodes), step * (step + 1) // 2, draws)))
        _swept(swept, width - members + 1, grown[:, 1])
        nodes = grown.reshape(-1, rest, draws)
        width -= members
    return np.asarray(1.0 - nodes.reshape(-1, draws), dtype=np.float64)


def _swept(nodes: Array, width: int, out: Array) -> Array:
    """Take the first variable out of what the `width` others have left, written into `out`."""
    pivot, row, rest = nodes[:, 0], nodes[:, 1 : width + 1], nodes[:, width + 1 :]
    scale = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > SMALLEST_PIVOT)
    scaled = row * scale[:, None]
    start = 0
    for i in range(width):
        part = out[:, start : start + width - i]
        np.multiply(scaled[:, i, None], row[:, i:], out=part)
        start += width - i
    return np.subtract(rest, out, out=out)


def draws_at_once(players: int) -> int:
    """How many draws walk together, so that the R2 of all their subsets stay in the cache."""
    return max(1, CELLS_AT_ONCE >> players)


def lmg_shares(
    correlations: Array, *, seed: int = 1, players: Sequence[Sequence[int]] | None = None
) -> tuple[Array, float]:
    """Share of each player in R2, averaged over all orders of entry (Lindeman, Merenda & Gold 1980).

    Parameters
    ----------
    correlations : array, shape (draws, p + 1, p + 1)
        Correlation matrices; the outcome is the last row.
    seed : int
        Of the sampled orders; without effect up to `EXACT_UP_TO` players.
    players : sequence of k lists of columns, optional
        Drivers that enter together; by default each driver plays alone.

    Returns
    -------
    shares : array, shape (draws, k)
        In units of R2: each row sums to the R2 of all drivers.
    error : float
        Largest Monte Carlo standard error of a share of the first matrix; 0.0 where the value is exact.

    Examples
    --------
    >>> r = np.array([[[1, 0.5, 0.6], [0.5, 1, 0.6], [0.6, 0.6, 1]]])
    >>> shares, error = lmg_shares(r)
    >>> shares.round(3).tolist(), error
    ([[0.24, 0.24]], 0.0)
    """
    draws, size, _ = correlations.shape
    sides = [[column] for column in range(size - 1)] if players is None else players
    if len(sides) > EXACT_UP_TO:
        return _sampled(correlations, seed, sides)
    weights = _subset_weights(len(sides))
    step = draws_at_once(len(sides))
    shares = [product_in_pieces(weights, subset_r2(correlations[i : i + step], players)).T
              for i in range(0, draws, step)]  # fmt: skip
    return np.concatenate(shares), 0.0


def johnson_shares(correlations: Array) -> Array:
    """Relative weights of Johnson (2000), Multivariate Behavioral Research 35: 1-19.

    Parameters
    ----------
    correlations : array, shape (draws, p + 1, p + 1)
        Correlation matrices; the outcome is the last row.

    Returns
    -------
    array, shape (draws, p)
        In units of R2: each row sums to the R2 of all drivers.

    Examples
    --------
    >>> r = np.array([[[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]]])
    >>> johnson_shares(r).round(2).tolist()
    [[0.36, 0.09]]
    """
    values, vectors = np.linalg.eigh(correlations[:, :-1, :-1])
    root = np.sqrt(np.maximum(values, 0))
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=values > SMALLEST_PIVOT)
    turned = np.swapaxes(vectors, 1, 2)
    half = (vectors * root[:, None]) @ turned
    beta = (vectors * inverse[:, None]) @ turned @ correlations[:, :-1, -1:]
    return np.asarray((half**2 @ beta**2)[..., 0], dtype=np.float64)


def pratt_shares(correlations: Array) -> Array:
    """Measure of Pratt (1987): standardised coefficient times correlation; it may be negative.

    Parameters
    ----------
    correlations : array, shape (draws, p + 1, p + 1)
        Correlation matrices; the outcome is the last row.

    Returns
    -------
    array, shape (draws, p)
        In units of R2: each row sums to the R2 of all drivers.

    Examples
    --------
    >>> r = np.array([[[1, 0.5, 0.6], [0.5, 1, 0.2], [0.6, 0.2, 1]]])
    >>> pratt_shares(r).round(2).tolist()
    [[0.4, -0.03]]
    """
    values, vectors = np.linalg.eigh(correlations[:, :-1, :-1])
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=values > SMALLEST_PIVOT)
    with_outcome = correlations[:, :-1, -1:]
    beta = (vectors * inverse[:, None]) @ np.swapaxes(vectors, 1, 2) @ with_outcome
    return np.asarray((beta * with_outcome)[..., 0], dtype=np.float64)


def _subset_weights(p: int) -> Array:
    """Matrix (p, 2**p) that turns subset R2 into Shapley values."""
    subsets = np.arange(2**p)
    member = (subsets[None, :] >> np.arange(p - 1, -1, -1)[:, None]) & 1
    size = member.sum(axis=0)
    enters = np.array([0.0] + [math.factorial(s - 1) * math.factorial(p - s) for s in range(1, p + 1)])
    stays = np.array([math.factorial(s) * math.factorial(p - s - 1) for s in range(p)] + [0.0])
    return np.asarray(np.where(member == 1, enters[size], -stays[size]) / math.factorial(p), dtype=np.float64)


def _sampled(correlations: Array, seed: int, players: Sequence[Sequence[int]]) -> tuple[Array, float]:
    """Mean over random orders and their reverses: many for the first matrix, fewer for the draws.

    The draws share their orders, and what these few orders miss on the first matrix is added back to every draw.
    """
    k = len(players)
    rng = np.random.default_rng([seed, k])
    orders = np.stack([rng.permutation(k) for _ in range(ORDERS)])
    pairs = np.stack([_entered(correlations[:1], order, players)[0] for order in orders])
    point = pairs.mean(axis=0)
    shares = np.zeros((len(correlations), k))
    for order in orders[:ORDERS_OF_DRAWS]:
        shares += _entered(correlations, order, players) / ORDERS_OF_DRAWS
    error = pairs.std(axis=0, ddof=1).max() / np.sqrt(ORDERS)
    return shares + (point - shares[0]), float(error)


def _entered(correlations: Array, order: NDArray[np.int64], players: Sequence[Sequence[int]]) -> Array:
    """What each player adds to R2 when players enter in one order and in its reverse, averaged; (draws, k).

    The last row of the Cholesky factor holds the roots of what each driver adds.
    """
    p = correlations.shape[1] - 1
    added = np.zeros((len(correlations), len(players)))
    ridge = np.eye(p + 1) * SMALLEST_PIVOT
    for way in (order, order[::-1]):
        rows = np.array([*(column for player in way for column in players[player]), p])
        parts = np.linalg.cholesky(correlations[:, rows[:, None], rows] + ridge)[:, -1, :-1] ** 2 / 2
        starts = np.cumsum([0, *(len(players[player]) for player in way)])[:-1]
        added[:, way] += np.add.reduceat(parts, starts, axis=1)
    return added
