"""Gaps filled in several times over, each time as they might have been: multiple imputation by chained equations.

    for each item with gaps, in turn, several rounds (van Buuren & Groothuis-Oudshoorn 2011):
        regress it on all other items among those who answered it; draw coefficients b* around b
        predict those who answered by b, those who did not by b*
        each of the latter takes the answer of one of the five nearest of the former, at random
                                                                          (predictive mean matching, Little 1988)

so only answers that somebody gave are filled in, and how unsure a prediction is goes into the differences between the
imputations, which `pooling` turns into wider intervals (Rubin 1987).  Items are imputed, not scores: one open item of
three does not take the others with it.  Groups that are large enough are imputed each on its own, so that their slopes
may differ; else together, with levels of their own.  Draws are addressed: seed, imputation, round and item say which.
Called by `drivers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.study.columns import Answers
from touchsim.study.model import StudyModel
from touchsim.study.scales import scale_scores

__all__ = ["completed", "filled", "nearest_of"]

Array = NDArray[np.float64]
ROUNDS = 5
DONORS = 5
RIDGE = 1e-5
ROWS_PER_ITEM = 5


def completed(answers: Answers, model: StudyModel) -> Iterator[Answers]:
    """Answers without gaps, once for each imputation that the model asks for.

    Parameters
    ----------
    answers : Answers
        With gaps in `items`.
    model : StudyModel
        Its section `missing` says how many imputations, and the seed.
    """
    values = answers.items.to_numpy(float)
    levels = np.zeros(len(values), dtype=np.int64)
    if answers.group is not None:
        levels = pd.factorize(answers.group, use_na_sentinel=False)[0].astype(np.int64)
    apart = np.bincount(levels).min() >= ROWS_PER_ITEM * values.shape[1]
    dummies = np.eye(levels.max() + 1)[levels][:, 1:]
    scales = {name: model.items_of(name) for name in model.names}
    for one in range(model.missing.imputations):
        whole = np.empty_like(values)
        for level in range(levels.max() + 1) if apart else ():
            rows = levels == level
            whole[rows] = filled(values[rows], [model.missing.seed, one, level])
        if not apart:
            whole = filled(values, [model.missing.seed, one], beside=dummies)
        items = pd.DataFrame(whole, columns=answers.items.columns)
        yield replace(answers, items=items, scores=scale_scores(items, scales))


def filled(values: Array, address: list[int], *, beside: Array | None = None) -> Array:
    """Fill the gaps of a table once.

    Parameters
    ----------
    values : array, shape (n, k)
        nan where there is no answer; every column has answers.
    address : list of int
        Seed and whatever tells this imputation from others.
    beside : array, shape (n, m), optional
        Complete columns that predict as well.

    Returns
    -------
    array, shape (n, k)
        Every gap holds a value that somebody gave in that column.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> a = rng.normal(size=200)
    >>> table = np.column_stack([a, a + 0.1 * rng.normal(size=200)])
    >>> gaps = table.copy()
    >>> gaps[:50, 1] = np.nan
    >>> whole = filled(gaps, [1])
    >>> bool(np.corrcoef(whole[:50].T)[0, 1] > 0.9), bool(np.isin(whole[:50, 1], table[50:, 1]).all())
    (True, True)
    """
    gaps = np.isnan(values)
    whole = values.copy()
    for j in np.flatnonzero(gaps.any(axis=0)):
        rng = np.random.default_rng([*address, 0, int(j)])
        whole[gaps[:, j], j] = rng.choice(values[~gaps[:, j], j], size=int(gaps[:, j].sum()))
    middle, spread = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    z = np.column_stack([(whole - middle) / spread, *([] if beside is None else [beside]), np.ones(len(values))])
    products = z.T @ z
    order = [int(j) for j in np.argsort(gaps.sum(axis=0), kind="stable") if gaps[:, j].any()]
    for step in range(1, ROUNDS + 1):
        for item in order:
            open_ones = np.flatnonzero(gaps[:, item])
            donors = _donors(z, products, open_ones, item, np.random.default_rng([*address, step, item]))
            whole[open_ones, item] = whole[donors, item]
            z[open_ones, item] = z[donors, item]
            products[:, item] = products[item] = z.T @ z[:, item]
    return whole


def _donors(z: Array, products: Array, open_ones: NDArray[np.int64], j: int, rng: np.random.Generator) -> Array:
    """Rows whose answer to item j stands in for the open ones."""
    others = np.delete(np.arange(z.shape[1]), j)
    known = np.ones(len(z), dtype=bool)
    known[open_ones] = False
    without = z[open_ones]
    among = products - without.T @ without
    left, right = among[np.ix_(others, others)], among[others, j]
    left = left + RIDGE * np.diag(np.maximum(np.diag(left), 1e-12))
    slopes = np.linalg.solve(left, right)
    free = max(int(known.sum()) - len(others), 1)
    rest = max(float(among[j, j] - right @ slopes), 0.0)
    sigma = np.sqrt(rest / rng.chisquare(free))
    drawn = slopes + sigma * np.linalg.solve(np.linalg.cholesky(left).T, rng.normal(size=len(others)))
    givers = np.flatnonzero(known)
    offered = (z @ np.insert(slopes, j, 0.0))[givers]
    offered += 1e-9 * rng.uniform(size=len(offered))  # equal predictions in no order
    wanted = without @ np.insert(drawn, j, 0.0)
    order = np.argsort(offered)
    many = min(DONORS, len(givers))
    return np.asarray(givers[order[nearest_of(offered[order], wanted, rng.integers(0, many, size=len(wanted)))]])


def nearest_of(offered: Array, wanted: Array, rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the places of the nearest of sorted values (rank 0), the second nearest (1) and so on, walking outwards.

    Parameters
    ----------
    offered : array, shape (m,)
        Increasing.
    wanted : array, shape (n,)
    rank : array of int, shape (n,)
        0 .. m-1.

    Examples
    --------
    >>> nearest_of(np.array([0.0, 1.0, 2.0, 5.0]), np.array([1.4, 1.4, 9.0]), np.array([0, 2, 3])).tolist()
    [1, 0, 0]
    """
    padded = np.concatenate([[-np.inf], offered, [np.inf]])
    above = np.searchsorted(offered, wanted) + 1
    below, found = above - 1, np.empty(len(wanted), dtype=np.int64)
    for step in range(int(rank.max(initial=0)) + 1):
        lower = wanted - padded[below] <= padded[above] - wanted
        here = rank == step
        found[here] = np.where(lower, below, above)[here] - 1
        below, above = below - lower, above + ~lower
    return found
