"""What drivers add to every subset of the others, and how often one adds more than another.

    exact      the R2 of all 2^p subsets (see `shapley`), up to 15 drivers
    sampled    beyond: walks along random orders, each in all p rotations, so that every driver is last as often as
               first; at each step what is left of the matrix says what each remaining driver would add to the subset so
               far.  All draws share the walks, so that they are judged on the same subsets.

Called by `dominance`.  Arrays in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from touchsim.study.resampling import product_in_pieces
from touchsim.study.shapley import EXACT_UP_TO, SMALLEST_PIVOT, draws_at_once, lmg_shares, subset_r2

__all__ = ["Additions", "additions_of"]

Array = NDArray[np.float64]
SAME = 1e-12
LEAST_WALKS = 75


@dataclass(frozen=True)
class Additions:
    """What each driver adds to R2, for every draw.

    Attributes
    ----------
    by_size : array, shape (draws, p, p)
        Mean of what driver i adds to subsets of k others, at [:, i, k].
    general : array, shape (draws, p)
        Mean over sizes.
    more : array, shape (draws, p, p)
        At [:, i, j]: share of the subsets of the others to which i adds more than j.
    never_less : array of bool, shape (draws, p, p)
        Whether i adds nowhere less than j, and somewhere more.
    subsets : int
        How many subsets a pair was judged on, at least.
    error : float
        Largest Monte Carlo standard error of `by_size` of the first draw; 0.0 where all subsets were seen.
    """

    by_size: Array
    general: Array
    more: Array
    never_less: NDArray[np.bool_]
    subsets: int
    error: float


def additions_of(correlations: Array, *, seed: int = 1) -> Additions:
    """Let every driver enter every subset of the others.

    Parameters
    ----------
    correlations : array, shape (draws, p + 1, p + 1)
        Correlation matrices; the outcome is the last row.
    seed : int
        Of the sampled walks; without effect up to 15 drivers.

    Returns
    -------
    Additions

    Examples
    --------
    >>> r = np.array([[[1, 0.5, 0.6], [0.5, 1, 0.2], [0.6, 0.2, 1]]])
    >>> found = additions_of(r)
    >>> found.by_size.round(3).tolist(), bool(found.never_less[0, 0, 1])
    ([[[0.36, 0.333], [0.04, 0.013]]], True)
    """
    p = correlations.shape[1] - 1
    return _exact(correlations) if p <= EXACT_UP_TO else _sampled(correlations, seed)


def _exact(correlations: Array) -> Additions:
    draws, size, _ = correlations.shape
    p = size - 1
    by_size, more = np.zeros((draws, p, p)), np.zeros((draws, p, p))
    never_less = np.zeros((draws, p, p), dtype=bool)
    subsets = np.arange(2**p)
    member = (subsets[:, None] >> np.arange(p - 1, -1, -1)) & 1
    rows_of = [np.flatnonzero(member.sum(axis=1) == k) for k in range(p + 1)]
    step = draws_at_once(p)
    for start in range(0, draws, step):
        here = slice(start, min(start + step, draws))
        table = subset_r2(correlations[here])
        inside = np.stack([product_in_pieces(member[rows].T.astype(float), table[rows]) for rows in rows_of])
        whole = np.stack([table[rows].sum(axis=0) for rows in rows_of])
        for k in range(p):
            without = whole[k] - inside[k]  # (p, draws): sums over the subsets of k drivers that lack i
            by_size[here, :, k] = ((inside[k + 1] - without) / comb(p - 1, k)).T
        turned = np.ascontiguousarray(table.T)
        for i in range(p):
            for j in range(i + 1, p):
                cube = turned.reshape(len(turned), 2**i, 2, 2 ** (j - i - 1), 2, 2 ** (p - j - 1))
                gap = (cube[:, :, 1, :, 0] - cube[:, :, 0, :, 1]).reshape(len(turned), -1)
                above = np.array([np.count_nonzero(row) for row in gap > SAME])
                below = np.array([np.count_nonzero(row) for row in gap < -SAME])
                more[here, i, j], more[here, j, i] = above / gap.shape[1], below / gap.shape[1]
                never_less[here, i, j], never_less[here, j, i] = (below == 0) & (above > 0), (above == 0) & (below > 0)
    return Additions(by_size, by_size.mean(axis=2), more, never_less, 2 ** max(p - 2, 0), 0.0)


def _sampled(correlations: Array, seed: int) -> Additions:
    draws, size, _ = correlations.shape
    p = size - 1
    rng = np.random.default_rng([seed, p, LEAST_WALKS])
    bases = [rng.permutation(p) for _ in range(max(3, -(-LEAST_WALKS // p)))]
    walks = [np.roll(base, turn) for base in bases for turn in range(p)]
    sums, seen = np.zeros((p, draws, p)), np.zeros((p, p))
    above, pairs = np.zeros((p - 1, draws, p, p), dtype=np.uint16), np.zeros((p - 1, p, p))
    first = np.full((len(walks), p, p), np.nan)
    for number, walk in enumerate(walks):
        rows = np.append(walk, p)
        left = correlations[:, rows[:, None], rows]
        for k in range(p):
            rest = walk[k:]
            own = np.diagonal(left, axis1=1, axis2=2)[:, :-1]
            adds = np.where(own > SMALLEST_PIVOT, left[:, :-1, -1] ** 2 / np.maximum(own, SMALLEST_PIVOT), 0.0)
            sums[k][:, rest] += adds
            seen[k, rest] += 1
            first[number, k, rest] = adds[0]
            if k < p - 1:
                above[k][:, rest[:, None], rest] += adds[:, :, None] - adds[:, None, :] > SAME
                pairs[k][rest[:, None], rest] += 1
                scale = np.where(own[:, 0] > SMALLEST_PIVOT, 1 / np.maximum(own[:, 0], SMALLEST_PIVOT), 0.0)
                column = left[:, 1:, 0]
                left = left[:, 1:, 1:] - column[:, :, None] * (column * scale[:, None])[:, None, :]
    by_size = np.moveaxis(sums / seen[:, None, :], 0, 2)
    weight = np.array([comb(p - 2, k) for k in range(p - 1)]) / 2.0 ** (p - 2)
    weights = weight[:, None, None] * (pairs > 0)
    more = np.einsum("kdij,kij->dij", above, weights / np.maximum(pairs, 1), optimize=True)
    more /= np.maximum(weights.sum(axis=0), SAME)
    wins = above.sum(axis=0, dtype=np.int64)
    never_less = (np.swapaxes(wins, 1, 2) == 0) & (wins > 0)
    count = np.isfinite(first).sum(axis=0)[:-1]  # the last step is the only subset of its size
    spread = np.nanstd(first, axis=0)[:-1] / np.sqrt(count)
    judged = pairs.sum(axis=0)[~np.eye(p, dtype=bool)].min()
    general, _ = lmg_shares(correlations, seed=seed)
    return Additions(by_size, general, more, never_less, int(judged), float(spread.max()))
