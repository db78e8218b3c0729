"""How well a model fits, and how steeply and how sharply that changes with its parameters.

For groups g of n_g answers with means xbar and covariances C (over n), d = xbar - mu, W = Sigma^-1, T = C + d d':

    F = sum_g n_g/N [ log|Sigma| + tr(W T) - log|C| - p ]                   chi2 = N F          Joereskog (1969)
    gradient      tr(M dSigma) - 2 d'W dmu,  M = W - W T W
    expected      I_kl = 1/2 tr(W dSigma_k W dSigma_l) + dmu_k' W dmu_l     (of one answer)
    observed      half the second derivative of F, in closed form
    scores        -1/2 tr(W dSigma) + 1/2 y' dSigma y + y' dmu,  y = W (x - mu), of each answer

Without a mean structure d = 0: means fit by themselves.  Called by `search`, `robust` and `fitting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from touchsim.equations.parameters import ARROWS, LEVELS, SHARED, Layout
from touchsim.equations.ram import Cells, Implied, cells_of, implied
from touchsim.equations.sample import GroupSample, Sample

__all__ = ["Likelihood"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Part:
    """One group at one point: the implied moments and what they leave over."""

    at: Implied
    share: float
    w: Array
    t: Array
    gap: Array
    value: float

    @cached_property
    def m(self) -> Array:
        return np.asarray(self.w - self.w @ self.t @ self.w)

    def gradient(self) -> Array:
        u, v, dmu = self.at.bends
        return np.asarray(2 * (u * (self.m @ v)).sum(axis=0) - 2 * (self.w @ self.gap) @ dmu)

    def expected(self) -> Array:
        u, v, dmu = self.at.bends
        wu, wv = self.w @ u, self.w @ v
        return np.asarray((v.T @ wu) * (u.T @ wv) + (v.T @ wv) * (u.T @ wu) + dmu.T @ self.w @ dmu)

    def observed(self) -> Array:
        """Half the second derivative of F in every pair of free cells."""
        u, v, dmu = self.at.bends
        w, pull = self.w, self.w @ self.gap
        twt = w @ self.t @ w

        def traced(left: Array, right: Array) -> Array:  # tr(left dSigma_k right dSigma_l)
            same = (u.T @ left @ u) * (v.T @ right @ v) + (v.T @ left @ v) * (u.T @ right @ u)
            return np.asarray(same + (u.T @ left @ v) * (v.T @ right @ u) + (v.T @ left @ u) * (u.T @ right @ v))

        across = (u.T @ pull)[:, None] * (v.T @ w @ dmu) + (v.T @ pull)[:, None] * (u.T @ w @ dmu)
        half = -traced(w, w) / 2 + (traced(w, twt) + traced(twt, w)) / 2
        return np.asarray(half + dmu.T @ w @ dmu + across + across.T + self._curves(pull))

    def _curves(self, pull: Array) -> Array:
        """What the second derivatives of Sigma and mu add: 1/2 tr(M d2Sigma) - d'W d2mu."""
        at, cells = self.at, self.at.cells
        free = cells.free
        kind, i, j = cells.matrix[free], cells.row[free], cells.column[free]
        p = at.g.T @ self.m @ at.g
        r = at.v[:, : cells.n_observed] @ self.m @ at.g
        g, b, means = at.g.T @ pull, at.b, at.all_means
        arrow, shared, level = (kind == one for one in (ARROWS, SHARED, LEVELS))
        found = np.zeros((len(kind), len(kind)))
        both = (r[j[None, :], i[:, None]] * b[j[:, None], i[None, :]]
                + r[j[:, None], i[None, :]] * b[j[None, :], i[:, None]]
                + p[i[None, :], i[:, None]] * at.v[j[:, None], j[None, :]])  # fmt: skip
        both = both - (g[i][:, None] * b[j[:, None], i[None, :]] * means[j][None, :]
                       + g[i][None, :] * b[j[None, :], i[:, None]] * means[j][:, None])  # fmt: skip
        found += np.where(arrow[:, None] & arrow[None, :], both, 0)
        mixed = (b[j[:, None], i[None, :]] * p[j[None, :], i[:, None]]
                 + b[j[:, None], j[None, :]] * p[i[None, :], i[:, None]])  # fmt: skip
        mixed = np.where((i == j)[None, :], mixed / 2, mixed)
        mixed = np.where(arrow[:, None] & shared[None, :], mixed, 0)
        lifted = np.where(arrow[:, None] & level[None, :], -g[i][:, None] * b[j[:, None], i[None, :]], 0)
        return np.asarray(found + mixed + mixed.T + lifted + lifted.T)


@dataclass(frozen=True)
class Likelihood:
    """A model beside a sample: everything is a function of the vector of free values, shape (k,).

    Examples
    --------
    >>> from touchsim.equations.parameters import lay_out
    >>> from touchsim.equations.sample import sample_from_moments
    >>> from touchsim.equations.specification import Equations
    >>> import pandas as pd
    >>> table = pd.DataFrame([[1.0, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]], columns=["a", "b", "c"])
    >>> fit = Likelihood(lay_out(Equations({"f": ["a", "b", "c"]})), sample_from_moments(table, 99, over="n"))
    >>> abs(round(fit.misfit(np.array([1, 1, 0.5, 0.5, 0.5, 0.5])), 9))
    0.0
    """

    layout: Layout
    sample: Sample

    @cached_property
    def cells(self) -> list[Cells]:
        """Cells of each group."""
        return cells_of(self.layout)

    @property
    def goal(self) -> str:
        """What is searched: the likelihood is highest where F is lowest."""
        return "maximum"

    def names(self) -> list[str]:
        """Names of the free values."""
        return self.layout.names()

    def parts(self, free: Array) -> list[_Part] | None:
        """Every group at a point; None where a Sigma is not positive definite."""
        found = []
        for cells, group in zip(self.cells, self.sample.groups, strict=True):
            part = self._part(cells, group, free)
            if part is None:
                return None
            found.append(part)
        return found

    def misfit(self, free: Array) -> float:
        """F at a point; infinite where a Sigma is not positive definite."""
        parts = self.parts(free)
        return float("inf") if parts is None else sum(part.share * part.value for part in parts)

    def gradient(self, free: Array) -> Array:
        """Slope of F, shape (k,)."""
        total = np.zeros(len(free))
        for cells, part in zip(self.cells, self.parts(free) or [], strict=True):
            np.add.at(total, cells.place[cells.free], part.share * part.gradient())
        return total

    def expected(self, free: Array) -> Array:
        """Expected information of one answer, shape (k, k)."""
        return self._gathered([part.share * part.expected() for part in self.parts(free) or []])

    def observed(self, free: Array) -> Array:
        """Observed information of one answer, shape (k, k)."""
        return self._gathered([part.share * part.observed() for part in self.parts(free) or []])

    def first_order(self, free: Array) -> Array:
        """Mean product of the scores of one answer, shape (k, k); needs rows."""
        products = []
        for group, part in zip(self.sample.groups, self.parts(free) or [], strict=True):
            if group.rows is None:
                raise TypeError("scores need the answers themselves")
            u, v, dmu = part.at.bends
            y = (group.rows - (part.at.mu if self.layout.means else group.mean)) @ part.w
            scores = (y @ u) * (y @ v) - (u * (part.w @ v)).sum(axis=0) + y @ dmu
            products.append(part.share * scores.T @ scores / group.n)
        return self._gathered(products)

    def log_likelihood(self, free: Array) -> float:
        """Logarithm of the likelihood of all answers, normal."""
        p = len(self.sample.columns)
        total = 0.0
        for group, part in zip(self.sample.groups, self.parts(free) or [], strict=True):
            constant = p * np.log(2 * np.pi) + np.linalg.slogdet(group.covariance)[1] + p
            total -= group.n / 2 * (constant + part.value)
        return float(total)

    def _part(self, cells: Cells, group: GroupSample, free: Array) -> _Part | None:
        at = implied(cells, free)
        try:
            root = linalg.cholesky(at.sigma, lower=True, check_finite=False)
        except (linalg.LinAlgError, ValueError):
            return None
        w = linalg.cho_solve((root, True), np.eye(len(root)), check_finite=False)
        gap = group.mean - at.mu if self.layout.means else np.zeros(len(root))
        t = group.covariance + np.outer(gap, gap)
        log_ratio = 2 * np.log(np.diag(root)).sum() - np.linalg.slogdet(group.covariance)[1]
        value = float(log_ratio + (w * t).sum() - len(root))
        return _Part(at, group.n / self.sample.n, w, t, gap, value) if np.isfinite(value) else None

    def _gathered(self, blocks: list[Array]) -> Array:
        total = np.zeros((self.layout.n_free, self.layout.n_free))
        for cells, block in zip(self.cells, blocks, strict=True):
            place = cells.place[cells.free]
            np.add.at(total, (place[:, None], place[None, :]), block)
        return total
