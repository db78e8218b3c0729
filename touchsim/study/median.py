"""The median of an outcome regressed on its drivers: half of the answers lie above the line, half below.

    minimise  sum_i |y_i - a - x_i'b|                                             Koenker & Bassett (1978)
    V = D^-1 (X'X / 4) D^-1,   D = sum_i K((y_i - a - x_i'b) / h) / h  x_i x_i'    Powell (1991)

with the kernel K of Epanechnikov and the bandwidth h of Hall & Sheather (1988), as in statsmodels; wider kernels with
the same h, such as the normal one, smooth the peak at the median away and give errors too large.  These errors hold
where the spread of the answers depends on the drivers, as it does below a ceiling.  Intervals are t intervals on
n - p - 1.  The line comes from the linear programme in its dual form, so it is an exact one, where reweighted least
squares comes near it.  Where rows lie on few points, other lines may be as near: all those that go through the rows
strictly between the sides (neither 1/2 nor -1/2) and leave the others on theirs, by complementary slackness.  If the
rows between do not fix every coefficient, the ends of each among these lines are found, and a doubt tells them.  r2 is
R1 of Koenker & Machado (1999): by how much the drivers shorten the sum of distances from the median.

Standardised coefficients are b_j sd(x_j) / sd(y), as for least squares.  A median moves in the steps of the answers:
where they take few values a doubt says so.  Called by `estimators`; arrays in, arrays out.
"""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, stats

from touchsim.languages import tell, told
from touchsim.study.caution import named, two
from touchsim.study.estimate import Estimate, no_estimate, spread_of, square_shift

__all__ = ["median_estimate", "median_line", "median_ranges"]

Array = NDArray[np.float64]
FEWEST_VALUES = 10
NORMAL_IQR = 1.34
BETWEEN, FLAT, SAME = 1e-7, 1e-9, 1e-6
"""How far inside its bounds a side is between them (the linear programme keeps to them as closely), what counts as no
slope, and up to where two coefficients are the same."""


def median_line(outcome: Array, design: Array) -> tuple[Array, Array] | None:
    """Find a line with the least sum of distances; there may be others, see `median_ranges`.

    Parameters
    ----------
    outcome : array, shape (n,)
    design : array, shape (n, k)
        With a column of ones.

    Returns
    -------
    pair of arrays, or None
        Coefficients (k,), and on which side of the line each row is (n,): 1/2 above, -1/2 below, between them on it, so
        that ``design.T @ side`` is 0.  None where the search fails.

    Examples
    --------
    >>> line, side = median_line(np.array([1.0, 2, 9]), np.ones((3, 1)))
    >>> line.tolist(), side.tolist()
    ([2.0], [-0.5, 0.0, 0.5])
    """
    found = optimize.linprog(-outcome, A_eq=design.T, b_eq=design.sum(axis=0) / 2, bounds=(0, 1), method="highs")
    if found.status != 0:
        return None
    return -np.asarray(found.eqlin.marginals, dtype=np.float64), np.asarray(found.x, dtype=np.float64) - 0.5


def median_ranges(outcome: Array, design: Array, line: Array, side: Array) -> Array:
    """Find the least and the largest value of each coefficient among all lines with the least sum of distances.

    Parameters
    ----------
    outcome : array, shape (n,)
    design : array, shape (n, k)
        Of full rank.
    line, side : arrays
        From `median_line`.

    Returns
    -------
    array, shape (k, 2)
        Twice the same value where there is one line only.

    Examples
    --------
    >>> outcome, design = np.array([1.0, 2, 4, 9]), np.ones((4, 1))
    >>> median_ranges(outcome, design, *median_line(outcome, design)).tolist()
    [[2.0, 4.0]]
    """
    ends = np.column_stack([line, line])
    between = np.abs(side) < 0.5 - BETWEEN
    free = linalg.null_space(design[between], rcond=FLAT) if between.any() else np.eye(len(line))
    if not free.shape[1]:
        return ends
    ways = np.sign(side[~between])[:, None] * (design[~between] @ free)
    walls = np.unique(np.column_stack([ways, np.abs(outcome - design @ line)[~between]]).round(12), axis=0)
    if free.shape[1] == 1:
        way, room = walls.T
        ahead, back = (float(np.min(room[way * sign > FLAT] / np.abs(way[way * sign > FLAT]))) for sign in (1, -1))
        return np.asarray(ends + np.sort(free * [-back, ahead], axis=1), dtype=np.float64)
    for j, end in product(range(len(line)), (0, 1)):
        found = optimize.linprog((1 - 2 * end) * free[j], A_ub=walls[:, :-1], b_ub=walls[:, -1], bounds=(None, None),
                                 method="highs")  # fmt: skip
        ends[j, end] += float(free[j] @ found.x) if found.status == 0 else 0.0
    return ends


def median_estimate(outcome: Array, drivers: Array, names: tuple[str, ...]) -> Estimate:
    """Fit one equation; see `estimators.estimate`."""
    n, p = drivers.shape
    spread, height, middle = drivers.std(axis=0, ddof=1), outcome.std(ddof=1), float(np.median(outcome))
    design = np.column_stack([np.ones(n), (drivers - drivers.mean(axis=0)) / spread])
    line = median_line((outcome - middle) / height, design)
    if line is None:
        return no_estimate(p, partial(tell, "no coefficients: the search for the median did not converge"))
    std, side = line[0][1:], line[1]
    ends = median_ranges((outcome - middle) / height, design, *line)[1:]
    rest = (outcome - middle) / height - design @ line[0]
    width = _bandwidth(rest)
    near = 0.75 * np.maximum(1 - (rest / width) ** 2, 0) / width
    inverse = np.linalg.inv(design.T @ (design * near[:, None]))
    covariance = (inverse @ (design.T @ design / 4) @ inverse)[1:, 1:]
    pulls = (design * side[:, None] @ inverse)[:, 1:]
    errors, df = np.sqrt(np.diag(covariance)), float(n - p - 1)
    reach, statistic = float(stats.t.ppf(0.975, df)), std / errors
    shift = square_shift(drivers) - square_shift(outcome[:, None])
    std_reach = reach * spread_of(n * pulls + std / 2 * shift)
    words = told("many lines fit the median equally well: any coefficient of {driver} from {low} to {high} SD per SD "
                 "does as well as the one that is given, whatever its interval says")  # fmt: skip
    doubts = [partial(tell, words, driver=named(driver), low=two(low), high=two(high))
              for driver, (low, high) in zip(names, ends, strict=True) if high - low > SAME]  # fmt: skip
    values = len(np.unique(outcome))
    if values <= FEWEST_VALUES:
        doubts.append(partial(tell, "its answers take {n} values, so its median moves in steps, and a coefficient may "
                              "jump from one to the next: ordered_logit does not need distances either",
                              n=values))  # fmt: skip
    scale = height / spread
    return Estimate(
        std * scale, errors * scale, statistic, 2 * stats.t.sf(np.abs(statistic), df), (std - reach * errors) * scale,
        (std + reach * errors) * scale, std, std - std_reach, std + std_reach, covariance * np.outer(scale, scale), df,
        1 - float(np.abs(rest).sum() / np.abs((outcome - middle) / height).sum()), float("nan"), "Powell kernel",
        tuple(doubts), pulls * scale)  # fmt: skip


def _bandwidth(rest: Array) -> float:
    """Half the width of the window around the line, in units of the answers (Hall & Sheather 1988)."""
    n = len(rest)
    step = float(n ** (-1 / 3) * stats.norm.ppf(0.975) ** (2 / 3) * (1.5 * stats.norm.pdf(0) ** 2) ** (1 / 3))
    while step >= 0.5:  # noqa: PLR2004 - a share of the answers on either side of the median
        step /= 2
    quarters = float(np.subtract(*np.percentile(rest, [75, 25]))) / NORMAL_IQR
    wide = float(rest.std(ddof=1))
    return 2 * float(stats.norm.ppf(0.5 + step)) * (min(wide, quarters) if quarters > 0 else wide)
