"""Correlations behind answers on few points: what would be seen if people answered on a fine scale.

An item with L answers is a standard normal variable cut at L - 1 thresholds, and two items are cut from two variables
that correlate r.  In two steps (Olsson 1979):

    thresholds     t_k = P^-1(share of answers up to k)                         each item alone
    correlation    r that makes the table of two items likeliest, thresholds given

The estimates are sums over people, about: psi_t = (1(y <= k) - share) / density(t_k) for a threshold, and for r with
the derivatives s of the logarithm of a cell's chance, all summed over people,

    psi_r = (s_r - A psi_t) / sum s_r^2,    A = sum s_r s_t                                   Muthen (1984)

The covariance of all correlations is the sum of products of these psi.  It needs no normal answers, only normal
variables behind them: sums of s^2 and s s stand for second derivatives.  With these themselves (`observed`) it holds
without, too, for what the correlations then estimate (White 1982).  Where the variables are normal, the two sums of a
pair differ by the sum of d = (second derivative of a cell's chance by r) / chance, which is then 0 but for sampling;
with the psi its scatter over people is known, that of the sum over pairs too (a test of the information matrix in one
direction, White 1982; Newey 1985).  A two-by-two table with an empty cell gets half a
person there, margins kept (Savalei 2011).
All pairs are done at once.  Called by `ordinal`; codes in, arrays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from touchsim.equations.bivariate import FAR, joint_chance, joint_density

__all__ = ["BOUND", "Polychorics", "polychorics_of"]

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
BOUND = 0.999
"""Two items that correlate as much order people alike: there is no estimate."""

ROUNDS, STILL, LEAST_CHANCE, AT_ONCE = 100, 1e-13, 1e-14, 2000
TWO = 2


@dataclass(frozen=True)
class Polychorics:
    """Thresholds and correlations of p items from n people.

    Attributes
    ----------
    counts : tuple of array
        People at each answer of each item.
    thresholds : tuple of array
        Of each item, one fewer than its answers, and `threshold_errors` of the same shapes.
    correlations : array, shape (p, p)
    gamma : array, shape (q, q)
        n times the covariance of the q = p (p - 1) / 2 correlations, in the order of ``np.tril_indices(p, -1)``.
    observed : array, shape (q, q)
        The same without the assumption that the variables behind are normal.
    strain : float
        By how many standard errors the information of all pairs together falls short of what normal variables give:
        above 2.33 in 1 % of samples at most where they are normal, near 0 or below in the others.
    patched : tuple of pairs
        Places of two-answer items whose table has an empty cell.
    """

    n: int
    counts: tuple[Array, ...]
    thresholds: tuple[Array, ...]
    threshold_errors: tuple[Array, ...]
    correlations: Array
    gamma: Array
    observed: Array
    strain: float
    patched: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Grid:
    """Thresholds of all items in one array, shape (p, most + 1), from -9 to 9; where an item has fewer, 9 again."""

    edges: Array
    codes: Whole
    first: Whole
    second: Whole
    tables: Array

    def chances(self, r: Array) -> Array:
        """Chance of every cell of every pair, shape (q, most, most)."""
        a, b = self.edges[self.first], self.edges[self.second]
        inner = joint_chance(a[:, 1:-1, None], b[:, None, 1:-1], r[:, None, None])
        whole = np.zeros((len(r), a.shape[1], b.shape[1]))
        whole[:, 1:-1, 1:-1] = inner
        whole[:, -1, :], whole[:, :, -1] = ndtr(b), ndtr(a)
        whole[:, 0, :] = whole[:, :, 0] = 0
        return np.maximum(_cells(whole), LEAST_CHANCE)

    def slopes(self, r: Array) -> tuple[Array, Array]:
        """First and second derivative of these chances by r."""
        a, b = self.edges[self.first][:, :, None], self.edges[self.second][:, None, :]
        r = r[:, None, None]
        dense, left = joint_density(a, b, r), 1 - r**2
        bend = r / left + (a * b * (1 + r**2) - r * (a**2 + b**2)) / left**2
        return _cells(dense), _cells(dense * bend)

    def turned(self) -> _Grid:
        """The same pairs with their items changed round."""
        return _Grid(self.edges, self.codes, self.second, self.first, self.tables.swapaxes(1, 2))

    def pulls(self, r: Array) -> tuple[Array, Array]:
        """How much of a column each threshold of the first item moves, and its slope by r; (q, most - 1, most) both."""
        a, b, r = self.edges[self.first][:, 1:-1, None], self.edges[self.second][:, None, :], r[:, None, None]
        below = ndtr((b - r * a) / np.sqrt(1 - r**2)) * np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)
        tilt = joint_density(a, b, r) * (r * b - a) / (1 - r**2)
        return np.diff(below, axis=2), np.diff(tilt, axis=2)


def polychorics_of(codes: Whole) -> Polychorics:
    """Thresholds, correlations and the covariance of the latter.

    Parameters
    ----------
    codes : array of int, shape (n, p)
        Answers as 0 .. L-1, each of them given by somebody, two or more for each item.

    Returns
    -------
    Polychorics
        A correlation of .999 either way has no finite estimate; its errors mean nothing.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> fine = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=4000)
    >>> found = polychorics_of(np.digitize(fine, [-0.5, 1.0]))
    >>> found.thresholds[0].round(1).tolist(), found.correlations[0, 1].round(2)
    ([-0.5, 1.0], np.float64(0.6))
    """
    n, p = codes.shape
    counts = tuple(np.bincount(column).astype(np.float64) for column in codes.T)
    shares = tuple(np.cumsum(one)[:-1] / n for one in counts)
    thresholds = tuple(ndtri(share) for share in shares)
    most = max(len(one) for one in counts)
    edges = np.full((p, most + 1), FAR)
    edges[:, 0] = -FAR
    for item, cuts in enumerate(thresholds):
        edges[item, 1 : len(cuts) + 1] = cuts
    first, second = np.tril_indices(p, -1)
    ones = np.zeros((n, p * most))
    ones[np.arange(n)[:, None], np.arange(p) * most + codes] = 1
    tables = (ones.T @ ones).reshape(p, most, p, most).swapaxes(1, 2)[first, second]
    grid = _Grid(edges, codes, first, second, tables)
    empty = np.zeros(len(first), dtype=np.bool_)
    if most >= TWO:
        few = np.array([len(one) for one in counts])
        empty = (few[first] == TWO) & (few[second] == TWO) & ((tables[:, :TWO, :TWO] == 0).sum(axis=(1, 2)) == 1)
    r = _likeliest(_Grid(edges, codes, first, second, _patched(tables, empty)))
    correlations = np.eye(p)
    correlations[first, second] = correlations[second, first] = r
    dense = tuple(np.exp(-(cuts**2) / 2) / np.sqrt(2 * np.pi) for cuts in thresholds)
    errors = tuple(np.sqrt(share * (1 - share) / (n - 1)) / one for share, one in zip(shares, dense, strict=True))
    patched = tuple((int(second[at]), int(first[at])) for at in np.flatnonzero(empty))
    gamma, freer = (_gamma(grid, r, observed=observed) for observed in (False, True))
    strain = _strain(grid, r)
    return Polychorics(n, counts, thresholds, errors, correlations, gamma, freer, strain, patched)


def _cells(corners: Array) -> Array:
    """What lies between neighbouring corners."""
    return np.asarray(np.diff(np.diff(corners, axis=1), axis=2))


def _patched(tables: Array, empty: NDArray[np.bool_]) -> Array:
    """Half a person in the only empty cell of two-by-two tables, and margins as they were."""
    found = tables.copy()
    for at in np.flatnonzero(empty):
        small = found[at, :TWO, :TWO]
        row, column = np.argwhere(small == 0)[0]
        small += np.where(np.add.outer([0, 1], [0, 1]) % TWO == (row + column) % TWO, 0.5, -0.5)
    return found


def _likeliest(grid: _Grid) -> Array:
    """Correlation of every pair: Newton's steps, kept between the ends where the slope is known to turn."""
    tables, n = grid.tables, grid.tables.sum(axis=(1, 2))
    level = np.arange(tables.shape[1], dtype=np.float64)
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    a = level - (rows @ level / n)[:, None]
    b = level - (columns @ level / n)[:, None]
    spread = np.sqrt((rows * a**2).sum(axis=1) * (columns * b**2).sum(axis=1))
    r = np.clip(np.einsum("qij,qi,qj->q", tables, a, b) / spread, -0.9, 0.9)
    low, high = np.full(len(r), -BOUND), np.full(len(r), BOUND)
    for _ in range(ROUNDS):
        chance = grid.chances(r)
        one, two = grid.slopes(r)
        slope = (tables * one / chance).sum(axis=(1, 2))
        bend = (tables * (two / chance - (one / chance) ** 2)).sum(axis=(1, 2))
        expected = n * (one**2 / chance).sum(axis=(1, 2))
        low, high = np.where(slope > 0, r, low), np.where(slope < 0, r, high)
        move = slope / np.where(bend < 0, -bend, np.maximum(expected, 1e-300))
        ahead = r + move
        ahead = np.where((ahead > low) & (ahead < high), ahead, (low + high) / 2)
        ahead = np.asarray(np.where(np.abs(move) < STILL, r, ahead), dtype=np.float64)
        if np.abs(ahead - r).max(initial=0) < STILL:
            break
        r = ahead
    return np.asarray(r)


def _gamma(grid: _Grid, r: Array, *, observed: bool) -> Array:
    """N times the covariance of the correlations; by second derivatives, or by the products that equal them on average.

    The two agree where the variables behind the answers are normal (White 1982).
    """
    chance = grid.chances(r)
    one, two = grid.slopes(r)
    score = one / chance
    information = (grid.tables * (score**2 - (two / chance if observed else 0))).sum(axis=(1, 2))
    own = _drawn(grid, r, score, chance, observed=observed)
    other = _drawn(grid.turned(), r, score.swapaxes(1, 2), chance.swapaxes(1, 2), observed=observed)
    psi = (score - own[:, :, None] - other[:, None, :]) / information[:, None, None]
    total, pairs = np.zeros((len(r), len(r))), np.arange(len(r))
    for rows in _slices(len(grid.codes)):
        answers = grid.codes[rows]
        mine = psi[pairs, answers[:, grid.first], answers[:, grid.second]]
        total += mine.T @ mine
    return np.asarray(len(grid.codes) * total)


def _strain(grid: _Grid, r: Array) -> float:
    """Sum over people and pairs of d, each pair by its information, in its own standard errors."""
    chance = grid.chances(r)
    one, two = grid.slopes(r)
    score, bend = one / chance, two / chance
    information = (grid.tables * score**2).sum(axis=(1, 2))[:, None, None]
    shared = (grid.tables * bend * score).sum(axis=(1, 2))[:, None, None]
    by_thresholds = [_drawn(grid, r, what, chance, observed=False)[:, :, None]
                     + _drawn(grid.turned(), r, what.swapaxes(1, 2), chance.swapaxes(1, 2), observed=False)[:, None, :]
                     for what in (score, bend)]  # fmt: skip
    psi = (score - by_thresholds[0]) / information
    each = (bend - shared * psi - by_thresholds[1]) / information
    own = np.concatenate([each[np.arange(len(r)), grid.codes[rows][:, grid.first], grid.codes[rows][:, grid.second]]
                          .sum(axis=1) for rows in _slices(len(grid.codes))])  # fmt: skip
    spread = float(np.sqrt((own**2).sum()))
    return float(own.sum()) / spread if spread > 0 else 0.0


def _drawn(grid: _Grid, r: Array, score: Array, chance: Array, *, observed: bool) -> Array:
    """A psi_t of the first item of each pair, for each of its answers, shape (q, most)."""
    mass, tilt = grid.pulls(r)
    cross = -(mass * np.diff(grid.tables * score / chance, axis=1)).sum(axis=2)
    if observed:
        cross += (tilt * np.diff(grid.tables / chance, axis=1)).sum(axis=2)
    cut = grid.edges[:, 1:-1]
    dense = np.where(cut < FAR, np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi), np.inf)
    below = np.arange(cut.shape[1] + 1)[:, None] <= np.arange(cut.shape[1])
    psi = (below - ndtr(cut)[:, None, :]) / dense[:, None, :] / len(grid.codes)  # (p, most, thresholds)
    return np.asarray(np.einsum("qk,qak->qa", cross, psi[grid.first]))


def _slices(n: int) -> Iterator[slice]:
    yield from (slice(start, start + AT_ONCE) for start in range(0, n, AT_ONCE))
