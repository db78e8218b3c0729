"""Where the likelihood is highest: sensible first values, then damped scoring, then Newton to the last digit.

First values come from the covariances of each construct's items with its marker, in the manner of instruments
(Haegglund 1982): loadings from ratios of covariances, the construct's variance from the marker, residuals from what is
left.  The search is Fisher scoring with Levenberg-Marquardt damping, (I + l diag I) step = -gradient / 2, which cannot
leave the region where Sigma is positive definite and works where the information is singular, too.  Near the top,
Newton's step with the observed information takes over, until a step gains nothing that a number of 64 bits can hold.
Called by `fitting`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from touchsim.equations.likelihood import Likelihood
from touchsim.equations.parameters import SHARED, Layout, Parameter
from touchsim.equations.sample import GroupSample

__all__ = ["Found", "first_values", "highest"]

Array = NDArray[np.float64]
STEPS, NEAR, ENOUGH, STUCK = 500, 1e-3, 1e-12, 1e12
LEAST_SHARE, MOST_SHARE = 0.05, 0.95


@dataclass(frozen=True)
class Found:
    """Where a search ended: `free`, shape (k,), after `steps`; `decrement` is what another step would gain, about."""

    free: Array
    steps: int
    decrement: float
    converged: bool


def first_values(layout: Layout, groups: tuple[GroupSample, ...]) -> Array:
    """Values from which a search starts, shape (k,); the mean over cells that share a value."""
    total, count = np.zeros(layout.n_free), np.zeros(layout.n_free)
    guesses = [_guesses(layout, number, group) for number, group in enumerate(groups)]
    for place, parameter in zip(layout.place, layout.parameters, strict=True):
        if place >= 0:
            total[place] += guesses[parameter.group][parameter.matrix, parameter.row, parameter.column]
            count[place] += 1
    return np.asarray(total / np.maximum(count, 1))


def highest(likelihood: Likelihood, start: Array) -> Found:
    """Search the maximum from a point.

    Parameters
    ----------
    likelihood : Likelihood
    start : array, shape (k,)
        Where every Sigma is positive definite.

    Returns
    -------
    Found
        Not converged after 500 steps, or where no damping helps.
    """
    free, value, damping = start, likelihood.misfit(start), 1e-2
    gain = float("inf")
    for step in range(1, STEPS + 1):
        if len(free) == 0:
            return Found(free, 0, 0.0, True)
        slope = likelihood.gradient(free) / 2
        matrix = likelihood.expected(free)
        if gain < NEAR:
            sharp = likelihood.observed(free)
            if np.linalg.eigvalsh(sharp)[0] > 0:
                matrix = sharp
        scale = np.maximum(np.diag(matrix), 1e-12 * max(float(np.diag(matrix).max()), 1e-300))
        moved = False
        while damping < STUCK:
            move = -_solved(matrix + np.diag(damping * scale), slope)
            ahead = likelihood.misfit(free + move)
            gain = float(-slope @ move)
            if ahead <= value + 1e-14 * max(abs(value), 1.0):
                moved = True
                break
            damping = max(damping, 1e-9) * 10
        if not moved:
            return Found(free, step, gain, gain < ENOUGH)
        free, value = free + move, min(ahead, value)
        damping = damping / 10 if damping > 1e-9 else 0.0  # noqa: PLR2004
        if gain * likelihood.sample.n < ENOUGH**2 or (gain < NEAR * ENOUGH and damping == 0 and _still(free, move)):
            return Found(free, step, gain, True)
    return Found(free, STEPS, gain, False)


def _solved(matrix: Array, slope: Array) -> Array:
    """Step through a matrix that may be singular."""
    try:
        return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), slope))
    except linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, slope, rcond=None)[0])


def _still(free: Array, move: Array) -> bool:
    return bool((np.abs(move) <= 1e-13 * np.maximum(np.abs(free), 1.0)).all())  # noqa: PLR2004


def _guesses(layout: Layout, number: int, group: GroupSample) -> dict[tuple[int, int, int], float]:
    """First value of every cell of a group: 0, but for what the moments suggest."""
    p, c = len(layout.observed), group.covariance
    mine = [one for one in layout.parameters if one.group == number]
    found = {(one.matrix, one.row, one.column): 0.0 for one in mine}
    loadings: dict[int, list[Parameter]] = {}
    for one in mine:
        if one.matrix == SHARED and one.row == one.column:
            found[SHARED, one.row, one.row] = float(c[one.row, one.row]) if one.row < p else 1.0
        elif one.kind == "intercepts":
            found[one.matrix, one.row, 0] = float(group.mean[one.row])
        elif one.kind == "loadings":
            loadings.setdefault(one.column, []).append(one)
    for construct, members in loadings.items():
        items = [one.row for one in members]
        if max(items) >= p:  # items that are constructs themselves: a factor of the second order
            found.update({(one.matrix, one.row, construct): 1.0 for one in members})
            continue
        slopes, variance = _one_factor(c[np.ix_(items, items)])
        fixed = next((one for one in mine if one.matrix == SHARED and one.row == one.column == construct), None)
        unit = np.sqrt(variance) if fixed is not None and fixed.value is not None else 1.0
        for one, slope in zip(members, slopes, strict=True):
            found[one.matrix, one.row, construct] = float(slope * unit)
        found[SHARED, construct, construct] = float(variance / unit**2)
        for slope, item in zip(slopes, items, strict=True):
            left = c[item, item] - slope**2 * variance
            floor, roof = LEAST_SHARE * c[item, item], found[SHARED, item, item]
            found[SHARED, item, item] = float(np.clip(left, floor, max(floor, roof)))
    return found


def _one_factor(c: Array) -> tuple[Array, float]:
    """Loadings relative to the first item, and the variance of the construct in its unit."""
    k = len(c)
    slopes = np.ones(k)
    for j in range(1, k):
        others = [other for other in range(1, k) if other != j]
        below = float(c[0, others].sum())
        if others and abs(below) > 1e-6 * c[0, 0]:
            slopes[j] = np.clip(float(c[j, others].sum()) / below, -5, 5)
        elif k == 2:  # noqa: PLR2004
            slopes[j] = np.sign(c[0, 1]) * np.sqrt(c[1, 1] / c[0, 0]) if c[0, 1] else 1.0
    useful = slopes[1:][np.abs(slopes[1:]) > 0.1]  # noqa: PLR2004
    near = c[0, 1:][np.abs(slopes[1:]) > 0.1]  # noqa: PLR2004
    variance = float(np.mean(near / useful)) if len(useful) else c[0, 0] / 2
    return slopes, float(np.clip(variance, LEAST_SHARE * c[0, 0], MOST_SHARE * c[0, 0]))
