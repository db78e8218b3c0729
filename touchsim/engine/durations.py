"""Laws of duration, each the inverse of its distribution function at one uniform number.

Inversion makes a law *smooth in its parameters*: a mean that is one per cent longer makes each customer's duration
one per cent longer, so that two scenarios can be compared customer by customer.  (The exponential and the Weibull use
u where the inverse has 1 - u, which is as uniform.)  A law stands in four columns of the world's table (kind, a, b, c;
see `world.layout`):

    fixed        a                          a days
    exponential  mean a                     -a ln(u)
    lognormal    log-mean a, log-sd b       exp(a + b z(u))
    weibull      scale a, shape b           a (-ln(u))^(1/b)
    gamma        scale a, table at row b    a q(z(u)), q by cubic Hermite interpolation of ln q in z (Fritsch & Carlson
                                            1980 name the form); relative error below 1e-9 for shapes from 0.1 up
    triangular   low a, mode b, high c
    empirical    table at row a, n values b the k-th value where k = floor(n u)

Called by `rules`; the parameters are prepared from means and coefficients of variation by `world.blueprint`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.randomness import normal

__all__ = ["EMPIRICAL", "EXPONENTIAL", "FIXED", "GAMMA", "LOGNORMAL", "TRIANGULAR", "WEIBULL", "cell", "quantile"]

FIXED, EXPONENTIAL, LOGNORMAL, WEIBULL, GAMMA, TRIANGULAR, EMPIRICAL = range(7)

GAMMA_FROM, GAMMA_STEP, GAMMA_POINTS = -8.5, 1 / 32, 545
"""Grid of standard normal quantiles on which `world.blueprint` tabulates ln q of a gamma law, and its slope."""


@rule
def cell(world: np.ndarray, row: int, index: int) -> float:
    """Read entry `index` of a table (of quantiles, say) that starts at `row` and goes on over the rows below."""
    width = world.shape[1]
    return float(world[row + index // width, index % width])


@compiled
def _gamma(world: np.ndarray, row: int, u: float) -> float:
    place = (normal(u) - GAMMA_FROM) / GAMMA_STEP
    left = min(max(int(place), 0), GAMMA_POINTS - 2)
    t = place - left
    y0, m0 = cell(world, row, 2 * left), cell(world, row, 2 * left + 1) * GAMMA_STEP
    y1, m1 = cell(world, row, 2 * left + 2), cell(world, row, 2 * left + 3) * GAMMA_STEP
    rise = y1 - y0
    return float(np.exp(y0 + t * (m0 + t * (3.0 * rise - 2.0 * m0 - m1 + t * (m0 + m1 - 2.0 * rise)))))


@rule
def quantile(world: np.ndarray, row: int, column: int, u: float) -> float:
    """Return the duration that a law gives at one uniform number.

    Parameters
    ----------
    world : ndarray of float64, shape (rows, columns)
        The world's table.
    row, column : int
        Where the four columns of the law begin.
    u : float
        Uniform number, strictly between 0 and 1.

    Returns
    -------
    float
        Duration in days, at least 0.

    Examples
    --------
    >>> import numpy as np
    >>> round(quantile(np.array([[EXPONENTIAL, 2.0, 0.0, 0.0]]), 0, 0, 0.5), 6)
    1.386294
    """
    kind, a, b = int(world[row, column]), world[row, column + 1], world[row, column + 2]
    if kind == FIXED:
        return float(a)
    if kind == EXPONENTIAL:
        return float(-a * np.log(u))
    if kind == LOGNORMAL:
        return float(np.exp(a + b * normal(u)))
    if kind == WEIBULL:
        return float(a * (-np.log(u)) ** (1.0 / b))
    if kind == GAMMA:
        return float(a * _gamma(world, int(b), u))
    if kind == TRIANGULAR:
        c = world[row, column + 3]
        if u * (c - a) < b - a:
            return float(a + np.sqrt(u * (c - a) * (b - a)))
        return float(c - np.sqrt((1.0 - u) * (c - a) * (c - b)))
    return cell(world, int(a), int(b * u))
