"""Where the likelihood is highest: sensible first values, then damped scoring, then Newton to the last digit.

First values come from the covariances of each construct's items with its marker, in the manner of instruments
(Haegglund 1982): loadings from ratios of covariances, the construct's variance from the marker, residuals from what is
left.  The search is Fisher scoring with Levenberg-Marquardt damping, in units of the information, so that the units of
the items do not matter; it cannot leave the region where Sigma is positive definite and works where the information is
singular, too.  Near the top, Newton's step with the observed information takes over, its directions of wrong curvature
turned round, until a step gains nothing that a number of 64 bits can hold, or comes no nearer for five steps.
Called by `fitting` and `ordinal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.parameters import SHARED, Layout, Parameter
from touchsim.equations.ram import Cells
from touchsim.equations.sample import GroupSample, Sample

__all__ = ["Found", "Surface", "first_values", "highest"]

Array = NDArray[np.float64]
STEPS, NEAR, PATIENCE = 500, 1e-2, 5
ENOUGH, LAST_DIGITS = 1e-20, 1e-10
"""A step that gains less of chi2 moves no value by 1e-10, or 1e-5, of its standard error."""

STUCK, LEAST_DAMPING, FLAT, ROUNDING = 1e12, 1e-9, 1e-12, 1e-14
LEAST_SHARE, MOST_SHARE = 0.05, 0.95


class Surface(Protocol):
    """A model beside a sample: what can be searched (`likelihood`, `distance`)."""

    @property
    def layout(self) -> Layout:
        """All parameters."""

    @property
    def sample(self) -> Sample:
        """What the data say."""

    @property
    def cells(self) -> Sequence[Cells]:
        """Cells of each group."""

    @property
    def goal(self) -> str:
        """What is searched, in a word."""

    def names(self) -> list[str]:
        """Names of the values that are searched."""

    def misfit(self, free: Array) -> float:
        """F at a point."""

    def gradient(self, free: Array) -> Array:
        """Slope of F."""

    def expected(self, free: Array) -> Array:
        """Half the second derivative of F, as far as the model holds."""

    def observed(self, free: Array) -> Array:
        """Half the second derivative of F."""


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


def highest(likelihood: Surface, start: Array) -> Found:
    """Search the maximum from a point.

    Parameters
    ----------
    likelihood : Likelihood or Distance
    start : array, shape (k,)
        Where every Sigma is positive definite.

    Returns
    -------
    Found
        Not converged after 500 steps, or where no damping helps.
    """
    free, value, damping, gain, left = start, likelihood.misfit(start), 1e-2, float("inf"), float("inf")
    if not len(free):
        return Found(free, 0, 0.0, True)
    least, since = float("inf"), 0
    for step in range(1, STEPS + 1):
        slope, expected = likelihood.gradient(free) / 2, likelihood.expected(free)
        unit = 1 / np.sqrt(np.maximum(np.diag(expected), 1e-300))
        if gain < NEAR:
            values, axes = np.linalg.eigh(likelihood.observed(free) * np.outer(unit, unit))
            values = np.abs(values)
        else:
            values, axes = np.linalg.eigh(expected * np.outer(unit, unit))
        values, pull = np.maximum(values, FLAT), axes.T @ (slope * unit)
        left = float((pull**2 / values).sum())  # what a whole step would gain
        least, since = (left, 0) if left < least else (least, since + 1)
        close = left * likelihood.sample.n < LAST_DIGITS
        if left * likelihood.sample.n < ENOUGH or (close and since >= PATIENCE):  # rounding lets it come no nearer
            return Found(free, step, left, True)
        ahead = float("inf")
        while damping < STUCK:
            move = -unit * (axes @ (pull / (values + damping)))
            ahead = likelihood.misfit(free + move)
            if ahead <= value + ROUNDING * max(abs(value), 1.0):
                break
            damping = max(damping, LEAST_DAMPING) * 10
        gain = float(-slope @ move)
        if damping >= STUCK:
            return Found(free, step, left, close)
        free, value = free + move, min(ahead, value)
        damping = damping / 10 if damping > LEAST_DAMPING else 0.0
    return Found(free, STEPS, left, left * likelihood.sample.n < LAST_DIGITS)


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
