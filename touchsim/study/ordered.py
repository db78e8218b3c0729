"""Cumulative logit or probit by Newton steps: where an ordered regression has its maximum.

    P(y > k) = F(x'b - cut_k),    k = 1 .. K-1        F logistic (McCullagh 1980) or normal (McKelvey & Zavoina 1975)

One slope per driver for all cuts: proportional odds, parallel slopes (which `parallel` tests).  `newton_maximum` finds
the maximum from analytic derivatives (concave in b and cuts: Pratt 1981), where `statsmodels` starts its own, slower
search.  Called by `cumulative` and `parallel`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from touchsim.study.noise import LOGISTIC, Noise

__all__ = ["likelihood_parts", "newton_maximum", "uncorrelated"]

Array = NDArray[np.float64]
FLAT = 1e-9
HIGHEST_LINE = 1e3


def newton_maximum(
    levels: NDArray[np.int64], drivers: Array, *, steps: int = 100, noise: Noise = LOGISTIC
) -> tuple[Array, Array, bool]:
    """Slopes and cuts at the maximum of the likelihood.

    Parameters
    ----------
    levels : array of int, shape (n,)
        0 .. K-1, each of them present.
    drivers : array, shape (n, p)
        In any units; of full rank, however close to collinear.
    noise : Noise

    Returns
    -------
    slopes : array, shape (p,)
    cuts : array, shape (K - 1,)
        Increasing.
    converged : bool
        False also where the likelihood rises for ever (separation), however small the last step was.

    Examples
    --------
    >>> x = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])[:, None]
    >>> slopes, cuts, converged = newton_maximum(np.array([0, 0, 0, 1, 0, 1, 1, 1]), x)
    >>> slopes.round(4).tolist(), cuts.round(4).tolist(), converged
    ([2.1972], [1.0986], True)
    """
    axes, turn = uncorrelated(drivers)
    n, p = axes.shape
    top = int(levels.max())
    above = 1 - np.cumsum(np.bincount(levels) / n)[:-1]
    slopes, cuts = np.zeros(p), -noise.bound(above)
    last, converged = -np.inf, False
    for _ in range(steps):
        value, scores, information = likelihood_parts(levels, axes, slopes, cuts, noise)
        gradient = scores.sum(axis=0)
        try:
            move = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        length = 1.0
        while length > 1e-6:
            new_slopes, new_cuts = slopes + length * move[:p], cuts + length * move[p:]
            ordered = top == 1 or bool((np.diff(new_cuts) > 0).all())
            if ordered and _likelihood(levels, axes, new_slopes, new_cuts, noise) >= value - 1e-12 * abs(value):
                break
            length /= 2
        slopes, cuts = new_slopes, new_cuts
        converged = float(gradient @ move) < 1e-16 * max(1.0, abs(value)) or np.abs(move).max() < 1e-9
        if converged or np.abs(slopes).max() > HIGHEST_LINE or value == last:
            converged = converged or float(gradient @ move) < 1e-8
            break
        last = value
    # at a true maximum each direction has information of the order of p (1 - p) in every row, and next to none where
    # the maximum lies at infinity (Albert & Anderson 1984)
    flat = bool(np.linalg.eigvalsh(likelihood_parts(levels, axes, slopes, cuts, noise)[2])[0] < FLAT * n)
    found = turn @ slopes
    return found, cuts + drivers.mean(axis=0) @ found, bool(converged and not flat)


def uncorrelated(drivers: Array) -> tuple[Array, Array]:
    """Turn drivers into uncorrelated ones of mean 0 and variance 1, so that a search sees no ridge.

    Parameters
    ----------
    drivers : array, shape (n, p)

    Returns
    -------
    axes : array, shape (n, p)
    turn : array, shape (p, p)
        ``(drivers - mean) @ turn = axes``: slopes b of the axes are slopes ``turn @ b`` of the drivers.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(50, 1)) + 1e-5 * np.random.default_rng(2).normal(size=(50, 2))
    >>> axes, turn = uncorrelated(x)
    >>> np.abs(np.cov(axes, rowvar=False, ddof=0) - np.eye(2)).max() < 1e-9
    np.True_
    """
    centred = drivers - drivers.mean(axis=0)
    axes, triangle = np.linalg.qr(centred)
    steep = np.abs(np.diag(triangle))
    if steep.min() <= np.finfo(float).eps * steep.max():  # exactly collinear: the caller's business
        spread = np.where(centred.std(axis=0) > 0, centred.std(axis=0), 1.0)
        return centred / spread, np.diag(1 / spread)
    root = np.sqrt(len(drivers))
    return axes * root, np.linalg.inv(triangle) * root


def _bounds(levels: NDArray[np.int64], drivers: Array, slopes: Array, cuts: Array) -> tuple[Array, Array]:
    padded = np.concatenate([[-np.inf], cuts, [np.inf]])
    line = drivers @ slopes
    return padded[levels] - line, padded[levels + 1] - line


def _likelihood(levels: NDArray[np.int64], drivers: Array, slopes: Array, cuts: Array, noise: Noise) -> float:
    share = noise.between(*_bounds(levels, drivers, slopes, cuts))
    return float(np.log(np.maximum(share, 1e-300)).sum())


def likelihood_parts(
    levels: NDArray[np.int64], drivers: Array, slopes: Array, cuts: Array, noise: Noise = LOGISTIC
) -> tuple[float, Array, Array]:
    """Log-likelihood, its gradient by row, and its negative second derivatives, in (slopes, cuts).

    Returns
    -------
    value : float
    scores : array, shape (n, p + K - 1)
    information : array, shape (p + K - 1, p + K - 1)
    """
    lower, upper = _bounds(levels, drivers, slopes, cuts)
    share = np.maximum(noise.between(lower, upper), 1e-300)
    d_low, d_up, b_low, b_up = noise.density(lower), noise.density(upper), noise.bend(lower), noise.bend(upper)
    n, p, k = len(levels), drivers.shape[1], len(cuts)
    up, low = np.zeros((n, p + k)), np.zeros((n, p + k))  # derivatives of the two bounds of each row
    up[:, :p] = low[:, :p] = -drivers
    inside = levels < k
    up[np.flatnonzero(inside), p + levels[inside]] = 1
    inside = levels > 0
    low[np.flatnonzero(inside), p + levels[inside] - 1] = 1
    scores = (d_up / share)[:, None] * up - (d_low / share)[:, None] * low
    information = scores.T @ scores - (up.T * (b_up / share)) @ up + (low.T * (b_low / share)) @ low
    return float(np.log(share).sum()), scores, information
