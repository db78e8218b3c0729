"""Cumulative logit by Newton steps: where an ordered regression has its maximum, and whether slopes are parallel.

    P(y > k) = 1 / (1 + exp(cut_k - x'b)),    k = 1 .. K-1          McCullagh (1980)

One slope per driver for all cuts: the proportional-odds assumption.  `newton_maximum` finds the maximum from analytic
derivatives (concave in b and cuts: Pratt 1981), where `statsmodels` starts its own, slower search; `parallel_slopes`
tests the assumption by comparing the slopes of two binary logits, a low and a high cut, with their joint covariance
(Brant 1990).  Called by `estimators`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

__all__ = ["likelihood_parts", "newton_maximum", "parallel_slopes"]

Array = NDArray[np.float64]


def newton_maximum(levels: NDArray[np.int64], drivers: Array, *, steps: int = 100) -> tuple[Array, Array, bool]:
    """Slopes and cuts at the maximum of the likelihood.

    Parameters
    ----------
    levels : array of int, shape (n,)
        0 .. K-1, each of them present.
    drivers : array, shape (n, p)
        In any units; standardise them for good steps.

    Returns
    -------
    slopes : array, shape (p,)
    cuts : array, shape (K - 1,)
        Increasing.
    converged : bool

    Examples
    --------
    >>> x = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])[:, None]
    >>> slopes, cuts, converged = newton_maximum(np.array([0, 0, 0, 1, 0, 1, 1, 1]), x)
    >>> slopes.round(4).tolist(), cuts.round(4).tolist(), converged
    ([2.1972], [1.0986], True)
    """
    n, p = drivers.shape
    top = int(levels.max())
    above = 1 - np.cumsum(np.bincount(levels) / n)[:-1]
    slopes, cuts = np.zeros(p), -special.logit(above)
    last = -np.inf
    for _ in range(steps):
        value, scores, information = likelihood_parts(levels, drivers, slopes, cuts)
        gradient = scores.sum(axis=0)
        try:
            move = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return slopes, cuts, False
        length = 1.0
        while length > 1e-6:
            new_slopes, new_cuts = slopes + length * move[:p], cuts + length * move[p:]
            ordered = top == 1 or bool((np.diff(new_cuts) > 0).all())
            if ordered and _likelihood(levels, drivers, new_slopes, new_cuts) >= value - 1e-12 * abs(value):
                break
            length /= 2
        slopes, cuts = new_slopes, new_cuts
        if float(gradient @ move) < 1e-16 * max(1.0, abs(value)) or np.abs(move).max() < 1e-9:
            return slopes, cuts, True
        if np.abs(slopes).max() > 1e3 or value == last:
            break
        last = value
    return slopes, cuts, bool(float(gradient @ move) < 1e-8)


def parallel_slopes(levels: NDArray[np.int64], drivers: Array) -> float:
    """Probability of slopes this different at a low and a high cut if they were parallel (Brant 1990, two cuts).

    Parameters
    ----------
    levels : array of int, shape (n,)
    drivers : array, shape (n, p)

    Returns
    -------
    float
        p value of a Wald test with p degrees of freedom; nan with fewer than three levels, or where a logit of one of
        the cuts has no maximum.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(2000, 1))
    >>> y = np.digitize(x[:, 0] + rng.logistic(size=2000), [-1, 1])
    >>> parallel_slopes(y, x) > 0.01
    True
    """
    p = drivers.shape[1]
    share_above = 1 - np.cumsum(np.bincount(levels) / len(levels))[:-1]
    low, high = int(np.argmin(np.abs(share_above - 0.75))), int(np.argmin(np.abs(share_above - 0.25)))
    if low == high:
        return float("nan")
    design = np.column_stack([np.ones(len(levels)), drivers])
    fits = []
    for cut in (low, high):
        slopes, cuts, converged = newton_maximum((levels > cut).astype(np.int64), drivers)
        if not converged:
            return float("nan")
        fits.append((np.concatenate([-cuts, slopes]), special.expit(drivers @ slopes - cuts[0])))
    (a, p_low), (b, p_high) = fits
    inverse = [np.linalg.pinv(design.T * (share * (1 - share)) @ design) for share in (p_low, p_high)]
    cross = inverse[0] @ (design.T * (p_high - p_low * p_high) @ design) @ inverse[1]
    covariance = (inverse[0] + inverse[1] - cross - cross.T)[1:, 1:]
    gap = (a - b)[1:]
    return float(stats.chi2.sf(gap @ np.linalg.pinv(covariance) @ gap, p))


def _bounds(levels: NDArray[np.int64], drivers: Array, slopes: Array, cuts: Array) -> tuple[Array, Array]:
    padded = np.concatenate([[-np.inf], cuts, [np.inf]])
    line = drivers @ slopes
    return padded[levels] - line, padded[levels + 1] - line


def _likelihood(levels: NDArray[np.int64], drivers: Array, slopes: Array, cuts: Array) -> float:
    lower, upper = _bounds(levels, drivers, slopes, cuts)
    share = special.expit(upper) - special.expit(lower)
    return float(np.log(np.maximum(share, 1e-300)).sum())


def likelihood_parts(
    levels: NDArray[np.int64], drivers: Array, slopes: Array, cuts: Array
) -> tuple[float, Array, Array]:
    """Log-likelihood, its gradient by row, and its negative second derivatives, in (slopes, cuts).

    Returns
    -------
    value : float
    scores : array, shape (n, p + K - 1)
    information : array, shape (p + K - 1, p + K - 1)
    """
    lower, upper = _bounds(levels, drivers, slopes, cuts)
    f_low, f_up = special.expit(lower), special.expit(upper)
    share = np.maximum(f_up - f_low, 1e-300)
    d_low, d_up = f_low * (1 - f_low), f_up * (1 - f_up)
    b_low, b_up = d_low * (1 - 2 * f_low), d_up * (1 - 2 * f_up)
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
